# SPDX-License-Identifier: Apache-2.0
"""The project's networks: chains of named layers that take pixels divided by 255 and return logits."""
from collections import OrderedDict

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_weights

from convolve import convolve


def chain(**layers):
    return nn.Sequential(OrderedDict(layers))


class Clamp6(torch.autograd.Function):
    """min(max(x, 0), 6) in place, with a gradient that knows bfloat16, which that of torch 1.13's relu6 does not."""

    @staticmethod
    def forward(ctx, x):
        ctx.mark_dirty(x)
        ctx.save_for_backward(x.clamp_(0, 6))
        return x

    @staticmethod
    def backward(ctx, gradient):
        y, = ctx.saved_tensors
        return torch.ops.aten.threshold_backward(gradient, (6 - y).mul_(y), 0)  # y (6 - y) > 0 where 0 < y < 6


class ReLU6(nn.Module):
    """In place while training; exported as a plain Clip."""

    def forward(self, x):
        return Clamp6.apply(x) if self.training else x.clamp(0, 6)


class Conv(nn.Conv2d):
    """Convolution, batch normalisation and activation as one layer; padded to keep the size at stride 1."""

    def __init__(self, inputs, outputs, kernel, stride=1, groups=1, act=nn.ReLU):
        super().__init__(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
        self.norm = nn.BatchNorm2d(outputs)
        self.act = act()
        nn.init.kaiming_normal_(self.weight, mode="fan_out" if groups == 1 else "fan_in", nonlinearity="relu")

    def forward(self, x):
        y = convolve(x, self.weight, self.stride[0], self.padding[0], self.groups) if self.training else super().forward(x)
        return self.act(self.norm(y))

    def fuse(self):
        """Fold the normalisation into weight and bias; for inference."""
        norm = self.norm
        self.weight, self.bias = fuse_conv_bn_weights(self.weight, None, norm.running_mean, norm.running_var,
                                                      norm.eps, norm.weight, norm.bias)
        self.norm = nn.Identity()


class PoolPad(nn.Module):
    """Shortcut without weights: halve the size by 2x2 average pooling, add zero channels on both sides."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.extra = (outputs - inputs) // 2

    def forward(self, x):
        return F.pad(F.avg_pool2d(x, 2), (0, 0, 0, 0, self.extra, self.extra))


class Residual(nn.Module):
    """Two 3x3 convolutions beside a shortcut, which is the identity where the shape stays the same."""

    def __init__(self, inputs, outputs, stride, project):
        super().__init__()
        self.conv1 = Conv(inputs, outputs, 3, stride)
        self.conv2 = Conv(outputs, outputs, 3, act=nn.Identity)
        if stride == 1 and inputs == outputs:
            self.shortcut = nn.Identity()
        elif project:
            self.shortcut = Conv(inputs, outputs, 1, stride, act=nn.Identity)
        else:
            self.shortcut = PoolPad(inputs, outputs)
        self.act = nn.ReLU()

    def forward(self, x):
        return self.act(self.conv2(self.conv1(x)) + self.shortcut(x))


class Inverted(nn.Module):
    """Inverted residual: expand 1x1, depthwise KxK, project 1x1; a sum where the shape stays the same."""

    def __init__(self, inputs, outputs, kernel, stride, expansion):
        super().__init__()
        inner = inputs * expansion
        self.expand = Conv(inputs, inner, 1, act=ReLU6) if expansion > 1 else nn.Identity()
        self.depthwise = Conv(inner, inner, kernel, stride, groups=inner, act=ReLU6)
        self.project = Conv(inner, outputs, 1, act=nn.Identity)
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x):
        y = self.project(self.depthwise(self.expand(x)))
        return x + y if self.residual else y


def lenet5():
    return chain(conv1=nn.Conv2d(1, 6, 5, padding=2), relu1=nn.ReLU(), pool1=nn.MaxPool2d(2),
                 conv2=nn.Conv2d(6, 16, 5), relu2=nn.ReLU(), pool2=nn.MaxPool2d(2), flatten=nn.Flatten(),
                 fc1=nn.Linear(400, 120), relu3=nn.ReLU(), fc2=nn.Linear(120, 84), relu4=nn.ReLU(),
                 fc3=nn.Linear(84, 10))


def head(channels, classes, dropout=0.0):
    return dict(pool=nn.AdaptiveAvgPool2d(1), flatten=nn.Flatten(), dropout=nn.Dropout(dropout),
                fc=nn.Linear(channels, classes))


def resnet(stem, stages, project):
    """stages: (channels, blocks) each; every stage but the first halves the size."""
    layers = dict(conv1=Conv(3, stem, 3))
    inputs, count = stem, 0
    for stage, (channels, blocks) in enumerate(stages):
        for block in range(blocks):
            count += 1
            stride = 2 if stage and not block else 1
            layers[f"block{count}"] = Residual(inputs, channels, stride, project)
            inputs = channels
    return chain(**layers, **head(inputs, 10))


def resnet8():
    """ALWANN's: 7 convolutions with 12,238,848 multiplications, shortcuts without weights."""
    return resnet(16, [(16, 1), (32, 1), (64, 1)], project=False)


def resnet20():
    return resnet(16, [(16, 3), (32, 3), (64, 3)], project=False)


def resnet18():
    return resnet(64, [(64, 2), (128, 2), (256, 2), (512, 2)], project=True)


def vgg11():
    layers, inputs, pool = {}, 3, 0
    for conv, (channels, pooled) in enumerate([(64, True), (128, True), (256, False), (256, True), (512, False),
                                               (512, True), (512, False), (512, True)], 1):
        layers[f"conv{conv}"] = Conv(inputs, channels, 3)
        inputs = channels
        if pooled:
            pool += 1
            layers[f"pool{pool}"] = nn.MaxPool2d(2)
    return chain(**layers, flatten=nn.Flatten(), dropout1=nn.Dropout(0.2), fc1=nn.Linear(512, 512), relu1=nn.ReLU(),
                 dropout2=nn.Dropout(0.2), fc2=nn.Linear(512, 512), relu2=nn.ReLU(), fc3=nn.Linear(512, 10))


def mobile(stem, stages, last, classes):
    """stages: (expansion, kernel, channels, blocks, stride of the first block) each; the stem keeps the size."""
    layers = dict(stem=Conv(3, stem, 3, act=ReLU6))
    inputs, count = stem, 0
    for expansion, kernel, channels, blocks, first in stages:
        for block in range(blocks):
            count += 1
            layers[f"block{count}"] = Inverted(inputs, channels, kernel, 1 if block else first, expansion)
            inputs = channels
    layers["last"] = Conv(inputs, last, 1, act=ReLU6)
    return chain(**layers, **head(last, classes, dropout=0.1))


def mobilenetv2():
    """Strides for 32x32: the stem and the fourth stage keep the size, so the last map is 4x4."""
    return mobile(32, [(1, 3, 16, 1, 1), (6, 3, 24, 2, 2), (6, 3, 32, 3, 2), (6, 3, 64, 4, 1), (6, 3, 96, 3, 1),
                       (6, 3, 160, 3, 2), (6, 3, 320, 1, 1)], 1280, 10)


def efficientnetlite0():
    """Strides for 32x32: the stem keeps the size, the last map is 2x2. 49 convolutions."""
    return mobile(32, [(1, 3, 16, 1, 1), (6, 3, 24, 2, 2), (6, 5, 40, 2, 2), (6, 3, 80, 3, 2), (6, 5, 112, 3, 1),
                       (6, 5, 192, 4, 2), (6, 3, 320, 1, 1)], 1280, 43)
