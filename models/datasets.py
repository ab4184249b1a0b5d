# SPDX-License-Identifier: Apache-2.0
"""Data sets as (training, validation, test); each part is (images: uint8 NxCxHxW, labels: int64 N)."""
import gzip
from pathlib import Path

import numpy as np
import torch

FASHION_DEBIAN = Path("/usr/share/datasets/fashion-mnist")


def read(path):
    """The bytes of a file, or of its gzipped form."""
    zipped = path.with_name(path.name + ".gz")
    if path.exists() or not zipped.exists():
        return path.read_bytes()
    return gzip.decompress(zipped.read_bytes())


def idx(folder, prefix):
    def load(kind, header):
        return np.frombuffer(read(folder / f"{prefix}-{kind}-ubyte"), np.uint8, offset=header)
    return load("images-idx3", 16).reshape(-1, 1, 28, 28), load("labels-idx1", 8)


def records(*paths):
    """CIFAR-10's binary layout: a label, then three planes of 32x32."""
    data = np.concatenate([np.frombuffer(path.read_bytes(), np.uint8) for path in paths]).reshape(-1, 3073)
    return data[:, 1:].reshape(-1, 3, 32, 32), data[:, 0]


def load(name, root):
    """The validation part is the last 5000 training images, 2000 for GTSRB; they are never trained on."""
    root = Path(root)
    validation = 5000
    if name in ("mnist", "fashion-mnist"):
        folder = root / name
        if name == "fashion-mnist" and not folder.exists():
            folder = FASHION_DEBIAN
        train, test = idx(folder, "train"), idx(folder, "t10k")
    elif name == "cifar10":
        folder = root / "cifar-10-batches-bin"
        train = records(*(folder / f"data_batch_{i}.bin" for i in range(1, 6)))
        test = records(folder / "test_batch.bin")
    elif name == "gtsrb":
        train, test = (records(root / "gtsrb" / f"{part}.bin") for part in ("train", "test"))
        validation = 2000
    else:
        raise ValueError(f"unknown data set {name}")
    images, labels = train
    parts = (images[:-validation], labels[:-validation]), (images[-validation:], labels[-validation:]), test
    return [(torch.from_numpy(x.copy()), torch.from_numpy(y.astype(np.int64))) for x, y in parts]
