# SPDX-License-Identifier: Apache-2.0
import os
import sys

import numpy as np
import pytest
import torch
from torch import nn

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "python"))


@pytest.fixture(scope="session")
def root():
    return ROOT


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(1)


def pixels(shape, count=12, seed=3):
    return np.random.default_rng(seed).integers(0, 256, (count, *shape)).astype(np.uint8)


def settle(model):
    """Statistics for the batch normalisations, as if trained; evaluation mode."""
    for m in model.modules():
        if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d)):
            m.running_mean.normal_(0, 0.2)
            m.running_var.uniform_(0.5, 1.5)
            m.weight.data.uniform_(0.5, 1.5)
            m.bias.data.normal_(0, 0.2)
    return model.eval()
