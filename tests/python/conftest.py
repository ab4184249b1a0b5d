# SPDX-License-Identifier: Apache-2.0
import gzip
import os
import sys

import numpy as np
import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "python"))
FASHION = "/usr/share/datasets/fashion-mnist/t10k-"


@pytest.fixture(scope="session")
def root():
    return ROOT


@pytest.fixture(scope="session")
def data():
    """The first 600 test images of Fashion-MNIST and their labels."""
    images = np.frombuffer(gzip.open(FASHION + "images-idx3-ubyte.gz").read(), np.uint8, offset=16).reshape(-1, 28, 28)
    labels = np.frombuffer(gzip.open(FASHION + "labels-idx1-ubyte.gz").read(), np.uint8, offset=8)
    return images[:600], labels[:600]


@pytest.fixture(scope="session")
def net():
    import axgen

    return axgen.Network.load(os.path.join(ROOT, "models/lenet5-fashion/net.yaml"))
