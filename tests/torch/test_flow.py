# SPDX-License-Identifier: Apache-2.0
"""flows/finetune.py from its beginning to its end, on a few images of noise; it goes on where it was."""
import json
import os
import subprocess
import sys

import numpy as np


def test_finetune(root, tmp_path):
    folder = tmp_path / "data" / "cifar-10-batches-bin"
    folder.mkdir(parents=True)
    rng = np.random.default_rng(5)
    for name in [f"data_batch_{i}.bin" for i in range(1, 6)] + ["test_batch.bin"]:
        records = rng.integers(0, 256, (80, 3073)).astype(np.uint8)
        records[:, 0] %= 10
        records.tofile(folder / name)

    def run(epochs):
        command = [sys.executable, os.path.join(root, "flows", "finetune.py"), "--data", str(tmp_path / "data"), "--output",
                   str(tmp_path / "out"), "--saving", "0.1", "--max-loss", "0.2", "--level", "layer", "--evaluations", "6",
                   "--batch", "32", "--epochs", str(epochs)]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout, json.loads((tmp_path / "out" / "result.json").read_text())

    text, result = run(1)
    assert "epoch 1 of 1" in text and result["saving"] >= 0.1 and len(result["assignment"]) == 8
    assert all(0 <= result[which] <= 1 for which in ("exact", "found", "fine_tuned"))
    text, again = run(2)
    assert "epoch 1 of" not in text and "epoch 2 of 2" in text
    assert [again[which] for which in ("saving", "exact", "found")] == [result[which] for which in ("saving", "exact", "found")]
    assert run(2)[1] == again
