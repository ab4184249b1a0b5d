#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""bench_torch.py TABLE_LIBRARY [--rounds N] [--batch N] [--multiplier NAME]: what a training step of ResNet-20 takes with axgen.torch,
beside plain PyTorch in floating point, and beside the same step whose products come from a scalar loop over a table, as AdaPT has
it. All in turn, round by round; medians, and their ratios. The table loop's logits must be axgen's."""
import argparse
import ctypes
import os
import statistics
import sys
import time

import numpy as np

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "python"))

import torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402
from torch import nn  # noqa: E402

import axgen  # noqa: E402
import axgen.torch  # noqa: E402
from axgen.torch.layers import Weighted  # noqa: E402


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1, self.norm1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs)
        self.conv2, self.norm2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False), nn.BatchNorm2d(outputs)
        self.stride, self.extra = stride, (outputs - inputs) // 2

    def forward(self, x):
        y = self.norm2(self.conv2(F.relu(self.norm1(self.conv1(x)))))
        if self.extra:
            x = F.pad(F.avg_pool2d(x, 2), (0, 0, 0, 0, self.extra, self.extra))
        return F.relu(y + x)


def resnet20():
    layers, inputs = [nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU()], 16
    for stage, outputs in enumerate((16, 32, 64)):
        for block in range(3):
            layers.append(Block(inputs, outputs, 2 if stage and not block else 1))
            inputs = outputs
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))


class Shape(ctypes.Structure):
    _fields_ = [(name, ctypes.c_int) for name in "channels height width filters kh kw sh sw pad_top pad_left out_height out_width groups".split()]


def by_table(library, multiplier, module):
    """Makes a module's layers compute their products by the scalar loop; what follows the sums is the same."""
    table = np.ascontiguousarray(multiplier.table, np.int32)

    def integers(layer, inputs):
        codes = inputs[0].detach().contiguous().to(torch.int8)
        about, (n, channels, height, width) = layer.about, codes.shape
        filters, out_h, out_w = about["shape"]
        shape = Shape(channels, height, width, filters, *about["kernel"], *about["stride"], about["pads"][0], about["pads"][2],
                      out_h, out_w, about["groups"])
        weights = layer.weight_codes(layer.weight).numpy().astype(np.int8)
        bias = layer.bias_codes(layer.bias).numpy().astype(np.int32)
        sums = torch.empty((n, filters, out_h, out_w), dtype=torch.int32)
        library.bench_table_conv(ctypes.byref(shape), ctypes.c_void_p(codes.data_ptr()), ctypes.c_void_p(weights.ctypes.data),
                                 ctypes.c_void_p(bias.ctypes.data), ctypes.c_void_p(table.ctypes.data), n,
                                 ctypes.c_void_p(sums.data_ptr()))
        if layer.raw:
            return sums
        factor = torch.tensor(about["multiplier"]).reshape(-1, 1, 1)
        return ((sums * factor + (1 << (about["shift"] - 1))) >> about["shift"]).clamp(*about["clamp"]).float()

    for layer in module.layers.values():
        if isinstance(layer, Weighted):
            layer.integers = integers.__get__(layer)
            layer.quantised = quantised.__get__(layer)


def quantised(layer, weight, bias):
    return layer._rounded(weight)


def step(module, optimiser, x, y):
    wall, processor = time.perf_counter(), time.process_time()
    optimiser.zero_grad()
    F.cross_entropy(module(x), y).backward()
    optimiser.step()
    return time.perf_counter() - wall, time.process_time() - processor


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("library")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--multiplier", default="roup8s_p1_c7")
    args = parser.parse_args()
    torch.manual_seed(1)
    rng = np.random.default_rng(1)
    images = rng.integers(0, 256, (args.batch, 3, 32, 32)).astype(np.uint8)
    x, y = torch.from_numpy(images).float() / 255, torch.from_numpy(rng.integers(0, 10, args.batch))
    plain, folded = resnet20(), resnet20()
    for model in (plain, folded):
        model(x)  # statistics
    approximate = axgen.torch.convert(plain, args.multiplier, images)
    tables = axgen.torch.convert(plain, args.multiplier, images)
    by_table(ctypes.CDLL(args.library), axgen.Multiplier(args.multiplier), tables)
    assert np.array_equal(tables.logits(images[:16]), approximate.logits(images[:16])), "the table loop computes something else"
    for m in folded.modules():  # as after folding: without normalisation
        for name, child in m.named_children():
            if isinstance(child, nn.BatchNorm2d):
                setattr(m, name, nn.Identity())
    runs = {"PyTorch, float": plain.train(), "PyTorch, float, no normalisation": folded.train(), "axgen.torch": approximate,
            "the same by a scalar table loop": tables}
    times = {name: [] for name in runs}
    optimisers = {name: torch.optim.SGD(module.parameters(), lr=1e-4) for name, module in runs.items()}
    for round_number in range(args.rounds + 1):  # the first is not counted
        for name, module in runs.items():
            took = step(module, optimisers[name], x, y)
            if round_number:
                times[name].append(took)
    medians = {name: [statistics.median(each) for each in zip(*all_)] for name, all_ in times.items()}
    print(f"a training step of ResNet-20, {args.batch} images, {args.multiplier}, {torch.get_num_threads()} threads, {args.rounds} rounds")
    print(f"{'':36}{'s':>8}{'processor s':>13}{'to axgen.torch':>16}")
    for name, (wall, processor) in medians.items():
        print(f"{name:36}{wall:8.3f}{processor:13.3f}{wall / medians['axgen.torch'][0]:16.2f}")
    mine = medians["axgen.torch"]
    for at, what in enumerate(("time", "processor time")):
        print(f"{what}: axgen.torch {mine[at] / medians['PyTorch, float'][at]:.2f} times PyTorch's float step, the table loop "
              f"{medians['the same by a scalar table loop'][at] / mine[at]:.1f} times axgen.torch's")


if __name__ == "__main__":
    main()
