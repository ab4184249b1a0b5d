#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the small models of this folder: NAME.onnx, and NAME.bin with images and the outputs that PyTorch gives them.

Run with Debian's python3-torch and python3-onnx; the files are committed, so tests need neither. NAME.bin holds five
int32 (images, channels, height, width, outputs of an image), the pixels (uint8), the outputs (float32).
quantised/ holds models that are quantised already, with the outputs of an evaluation that rounds where they say.
errors/NAME.onnx are models that must be refused; NAME.expected beside them holds the messages.
"""
import os
import struct
import sys

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import TensorProto, helper, numpy_helper
from torch import nn

HERE = os.path.dirname(os.path.abspath(__file__))
IMAGES = 3


def seeded(name):
    seed = sum(ord(c) * 31**i for i, c in enumerate(name)) % 2**31
    torch.manual_seed(seed)
    return np.random.RandomState(seed)


def save_case(name, pixels, outputs):
    n, c, h, w = pixels.shape
    flat = outputs.detach().numpy().astype("<f4").reshape(n, -1)
    with open(os.path.join(HERE, name + ".bin"), "wb") as f:
        f.write(struct.pack("<5i", n, c, h, w, flat.shape[1]) + pixels.tobytes() + flat.tobytes())


def images(rng, shape):
    return rng.randint(0, 256, (IMAGES, *shape)).astype(np.uint8)


# ---- models that PyTorch exports -----------------------------------------------------------------------------------
EXPORTED = []


def exported(shape, opset=13, **options):
    def wrap(make):
        EXPORTED.append((make.__name__, make, shape, opset, options))
        return make

    return wrap


class Fn(nn.Module):
    """A module from layers and a function of them."""

    def __init__(self, forward, **layers):
        super().__init__()
        for key, layer in layers.items():
            setattr(self, key, layer)
        self.run = forward

    def forward(self, x):
        return self.run(self, x)


def end(softmax, logits):
    """In the model, but not in what is expected of it: the import drops it."""
    return softmax(logits, 1) if torch.onnx.is_in_onnx_export() else logits


def lively(model):
    """Normalisations as after training."""
    for m in model.modules():
        if isinstance(m, (nn.BatchNorm2d, nn.BatchNorm1d)):
            nn.init.normal_(m.running_mean, 0, 0.3)
            nn.init.uniform_(m.running_var, 0.3, 2)
            nn.init.normal_(m.weight, 0, 1)
            nn.init.normal_(m.bias, 0, 0.5)
    return model.eval()


PRESERVE = dict(training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False)


@exported((3, 9, 9), **PRESERVE)
def conv_bn_relu6():
    return nn.Sequential(nn.Conv2d(3, 6, 3, 2, 1, bias=False), nn.BatchNorm2d(6), nn.ReLU6(), nn.MaxPool2d(2, 1),
                         nn.Flatten(), nn.Linear(96, 5), nn.BatchNorm1d(5))


@exported((3, 9, 9), opset=9, **PRESERVE)
def conv_bn_relu6_opset9():
    return conv_bn_relu6()


@exported((3, 8, 8))
def conv_bn_fused():
    return nn.Sequential(nn.Conv2d(3, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4), nn.ReLU(),
                         nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 3))


@exported((2, 9, 8), opset=11)
def asymmetric():
    return nn.Sequential(nn.Conv2d(2, 4, (1, 5), (2, 1), (0, 2)), nn.ReLU(), nn.Conv2d(4, 4, (3, 2), (1, 2), (2, 0)),
                         nn.AvgPool2d((3, 1), (2, 1)), nn.Flatten(), nn.Linear(48, 3))


@exported((4, 7, 7))
def groups():
    return nn.Sequential(nn.Conv2d(4, 8, 3, padding=1, groups=2), nn.ReLU(), nn.Conv2d(8, 8, 5, 2, 2, groups=8),
                         nn.Hardtanh(-0.5, 0.75), nn.Conv2d(8, 16, 3, groups=8), nn.AdaptiveAvgPool2d(1), nn.Flatten())


def forward_resnet8(m, x):
    x = F.relu(m.stem(x))
    y = F.relu(m.b(F.relu(m.a(x))) + x)
    short = F.pad(F.avg_pool2d(y, 2), (0, 0, 0, 0, 2, 2))
    z = F.relu(m.d(F.relu(m.c(y))) + short)
    return m.fc(torch.flatten(F.adaptive_avg_pool2d(z, 1), 1))


@exported((3, 8, 8), opset=12)
def residual():
    return Fn(forward_resnet8, stem=nn.Conv2d(3, 4, 3, padding=1), a=nn.Conv2d(4, 4, 3, padding=1),
              b=nn.Conv2d(4, 4, 3, padding=1), c=nn.Conv2d(4, 8, 3, 2, 1), d=nn.Conv2d(8, 8, 3, padding=1),
              fc=nn.Linear(8, 4))


def forward_preact(m, x):
    x = m.stem(x)
    x = x + m.a(F.relu(m.n1(x)))
    x = x + m.b(F.relu(m.n2(x)))
    return m.fc(F.relu(x).mean([2, 3]))


@exported((3, 6, 6), **PRESERVE)
def preactivation():
    return Fn(forward_preact, stem=nn.Conv2d(3, 4, 3, padding=1), n1=nn.BatchNorm2d(4), n2=nn.BatchNorm2d(4),
              a=nn.Conv2d(4, 4, 3, padding=1), b=nn.Conv2d(4, 4, 3, padding=1), fc=nn.Linear(4, 3))


def forward_inception(m, x):
    y = torch.cat([m.a(x), m.b(x), F.max_pool2d(x, 3, 1, 1)], 1)
    y = torch.cat([F.relu(y), F.avg_pool2d(x, 3, 1, 1)], 1)
    return end(F.log_softmax, m.fc(F.dropout(y, 0.5, m.training).view(y.size(0), -1)))


@exported((2, 5, 5), opset=10, dynamic_axes={"input": {0: "batch"}})
def inception():
    return Fn(forward_inception, a=nn.Conv2d(2, 3, 1), b=nn.Conv2d(2, 2, 3, padding=1), fc=nn.Linear(225, 4))


def forward_view(m, x):
    x = F.max_pool2d(F.relu(m.conv(x)), 2)
    x = x.view(x.shape[0], x.shape[1] * x.shape[2] * x.shape[3])
    x = x.unsqueeze(1).squeeze(1)
    return end(F.softmax, m.fc(x.reshape(-1, 36)))


@exported((1, 8, 8), opset=9, dynamic_axes={"input": {0: "batch"}})
def view_opset9():
    return Fn(forward_view, conv=nn.Conv2d(1, 4, 3), fc=nn.Linear(36, 6))


@exported((1, 8, 8), opset=14, dynamic_axes={"input": {0: "batch"}})
def view_opset14():
    return view_opset9()


@exported((1, 8, 8), opset=17)
def view_opset17():
    return view_opset9()


@exported((1, 8, 8), opset=13, do_constant_folding=False)
def view_unfolded():
    return view_opset9()


@exported((3, 7, 7))
def normalise_unpadded():
    mean, std = torch.tensor([0.49, 0.48, 0.45]), torch.tensor([0.25, 0.24, 0.26])
    return Fn(lambda m, x: m.conv((x - mean.view(1, 3, 1, 1)) / std.view(1, 3, 1, 1)).flatten(1),
              conv=nn.Conv2d(3, 4, 3))


@exported((3, 7, 7))
def normalise_padded():
    mean, std = torch.tensor([0.49, 0.48, 0.45]), torch.tensor([0.25, 0.24, 0.26])
    return Fn(lambda m, x: m.conv((x - mean[None, :, None, None]) / std[None, :, None, None]).flatten(1),
              conv=nn.Conv2d(3, 4, 3, padding=1))


@exported((2, 6, 6), opset=16)
def scale_padded():
    return Fn(lambda m, x: 1 - 2 * m.conv(x * 2 / 0.5), conv=nn.Conv2d(2, 3, 3, padding=1))


@exported((2, 6, 6), opset=11)
def pads():
    return Fn(lambda m, x: m.b(F.max_pool2d(F.pad(F.relu(m.a(F.pad(x, (1, 2, 0, 3)))), (1, 1, 1, 1)), 3, 2)).flatten(1),
              a=nn.Conv2d(2, 3, 3), b=nn.Conv2d(3, 2, 3))


@exported((2, 4, 4))
def matmul_bias():
    w, b = torch.randn(32, 5), torch.randn(5)
    v = torch.randn(4, 5)
    return Fn(lambda m, x: torch.matmul(F.relu(torch.matmul(x.flatten(1), w) + b), v.t()) - 0.25)


@exported((1, 6, 6))
def raw_pixels():
    return Fn(lambda m, x: m.conv(x / 255).flatten(1), conv=nn.Conv2d(1, 3, 3))


@exported((2, 6, 6), **PRESERVE)
def clamps():
    return Fn(lambda m, x: torch.clamp(F.relu(F.max_pool2d(torch.clamp(m.a(x), max=0.8), 2)), 0.1, 0.5).flatten(1),
              a=nn.Conv2d(2, 4, 3, padding=1))


@exported((3, 6, 6), **PRESERVE)
def forked_relu():
    return Fn(lambda m, x: (lambda y: m.b(F.relu(y)) + m.c(y))(m.a(x)).flatten(1), a=nn.Conv2d(3, 4, 3),
              b=nn.Conv2d(4, 2, 3, padding=1), c=nn.Conv2d(4, 2, 1))


@exported((2, 17, 16))
def ceil_mode():
    return nn.Sequential(nn.Conv2d(2, 3, 3), nn.ReLU(), nn.MaxPool2d(3, 2, 1, ceil_mode=True), nn.MaxPool2d(2, 3, ceil_mode=True),
                         nn.Conv2d(3, 3, 1), nn.MaxPool2d((2, 1), 2, ceil_mode=True), nn.Flatten(), nn.Linear(12, 4))


@exported((3, 9, 8), opset=11)
def strided_slice():
    return Fn(lambda m, x: (lambda y: m.b(y) + F.pad(y[:, :, ::2, ::2], (0, 0, 0, 0, 2, 2)))(F.relu(m.a(x))).mean((2, 3)),
              a=nn.Conv2d(3, 4, 3, padding=1), b=nn.Conv2d(4, 8, 3, 2, 1))


def export_all():
    for name, make, shape, opset, options in EXPORTED:
        rng = seeded(name)
        name = options.pop("folder", "") + name
        model = lively(make())
        pixels = images(rng, shape)
        x = torch.tensor(pixels).double()
        x = x if name == "raw_pixels" else x / 255
        path = os.path.join(HERE, name + ".onnx")
        torch.onnx.export(model, x[:1].float(), path, opset_version=opset, input_names=["input"],
                          output_names=["output"], **options)
        strip(path)
        if name == "matmul_bias" or "/" in name:  # constants that are not parameters; rounding, in single precision only
            save_case(name, pixels, model(x.float()))
        else:
            save_case(name, pixels, model.double()(x))


def strip(path):
    model = onnx.load(path)
    for node in model.graph.node:
        node.ClearField("doc_string")
    onnx.save(model, path)


# ---- models made by hand -----------------------------------------------------------------------------------------------
def tensor(name, values, kind=None):
    values = np.asarray(values)
    return numpy_helper.from_array(values.astype(kind) if kind else values, name)


def build(name, shape, nodes, initializers, opset=13, elem=TensorProto.FLOAT, outputs=("output",), ir_version=7):
    graph = helper.make_graph([helper.make_node(*n[:3], **n[3]) if isinstance(n, tuple) else n for n in nodes], name,
                              [helper.make_tensor_value_info("input", elem, shape)] +
                              [helper.make_tensor_value_info(i.name, i.data_type, i.dims)
                               for i in initializers if ir_version < 4],
                              [helper.make_tensor_value_info(o, TensorProto.FLOAT, None) for o in outputs],
                              initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
    model.ir_version = ir_version
    onnx.save(model, os.path.join(HERE, name + ".onnx"))


def by_hand(name, shape, make):
    """`make(rng)` gives nodes, initializers, the same function in PyTorch, and options of build."""
    rng = seeded(name)
    nodes, inits, function, options = make(rng)
    chw = options.pop("chw", shape)
    pixels = images(rng, chw)
    scale = options.pop("scale", 255)
    batch = options.pop("batch", 1)
    build(name, [batch, *shape], nodes, inits, **options)
    save_case(name, pixels, function(torch.tensor(pixels).double() / scale))


def t(a):
    return torch.tensor(np.asarray(a)).double()


def normal(rng, *shape):
    return rng.normal(0, 0.5, shape).astype(np.float32)


def auto_pad(mode, opset):
    def make(rng):
        w, b, v = normal(rng, 4, 2, 3, 2), normal(rng, 4), normal(rng, 3, 4, 3, 3)
        nodes = [("Conv", ["input", "w", "b"], ["c"], dict(auto_pad=mode, strides=[2, 1], name="first.Conv")),
                 ("MaxPool", ["c"], ["p"], dict(auto_pad=mode, kernel_shape=[2, 2])),
                 ("Conv", ["p", "v"], ["output"], dict(auto_pad=mode, strides=[1, 2]))]

        def same(x, k, s, value=0.0):
            sides = []
            for size, kk, ss in ((x.shape[3], k[1], s[1]), (x.shape[2], k[0], s[0])):
                total = max((-(-size // ss) - 1) * ss + kk - size, 0)
                small, large = total // 2, total - total // 2
                sides += [small, large] if mode == "SAME_UPPER" else [large, small]
            return F.pad(x, sides, value=value) if mode != "VALID" else x

        def run(x):
            y = F.conv2d(same(x, (3, 2), (2, 1)), t(w), t(b), stride=(2, 1))
            y = F.max_pool2d(same(y, (2, 2), (1, 1), -1e9), 2, 1)
            return F.conv2d(same(y, (3, 3), (1, 2)), t(v), stride=(1, 2))

        return nodes, [tensor("w", w), tensor("b", b), tensor("v", v)], run, dict(opset=opset)

    return make


def channels_last(rng):
    w, v, k = normal(rng, 4, 3, 3, 3), normal(rng, 16 * 4, 5), normal(rng, 5)
    mean = np.array([0.1, 0.2, 0.3], np.float32)
    nodes = [("Sub", ["input", "mean"], ["n"], dict(name="norm/sub")),
             ("Transpose", ["n"], ["x"], dict(perm=[0, 3, 1, 2])),
             ("Conv", ["x", "w"], ["c"], dict(name="model/conv2d/Conv2D")),
             ("Transpose", ["c"], ["l"], dict(perm=[0, 2, 3, 1])),
             ("Add", ["l", "bias"], ["lb"], {}),
             ("Relu", ["lb"], ["r"], {}),
             ("Reshape", ["r", "shape"], ["f"], {}),
             ("MatMul", ["f", "v"], ["m"], dict(name="model/dense/MatMul")),
             ("Add", ["m", "k"], ["output"], {})]
    bias = normal(rng, 4)
    inits = [tensor("w", w), tensor("v", v), tensor("k", k), tensor("mean", mean), tensor("bias", bias),
             tensor("shape", [-1, 64], np.int64)]

    def run(x):
        y = F.relu(F.conv2d(x - t(mean).view(1, 3, 1, 1), t(w), t(bias)))
        return y.permute(0, 2, 3, 1).reshape(len(x), -1) @ t(v) + t(k)

    return nodes, inits, run, dict(chw=(3, 6, 6), opset=11)


def channels_last_grey(rng):
    """With one channel the order is the same; a mean over space, kept in place."""
    w, k = normal(rng, 3, 1, 3, 3), normal(rng, 3)
    nodes = [("Transpose", ["input"], ["x"], dict(perm=[0, 3, 1, 2])), ("Conv", ["x", "w"], ["c"], {}),
             ("Transpose", ["c"], ["l"], dict(perm=[0, 2, 3, 1])), ("Mul", ["l", "k"], ["s"], {}),
             ("Concat", ["s", "l"], ["d"], dict(axis=3)), ("ReduceMean", ["d"], ["m"], dict(axes=[1, 2], keepdims=1)),
             ("Squeeze", ["m"], ["output"], dict(axes=[1, 2]))]

    def run(x):
        y = F.conv2d(x, t(w))
        return torch.cat([y * t(k).view(1, 3, 1, 1), y], 1).mean((2, 3))

    return nodes, [tensor("w", w), tensor("k", k)], run, dict(chw=(1, 6, 6), opset=12)


def shape_arithmetic(rng):
    """A reshape whose target comes from every operator that constant folding knows."""
    w, v = normal(rng, 4, 2, 3, 3), normal(rng, 3, 144)
    const = lambda name, values: ("Constant", [], [name], dict(value=tensor("", values, np.int64)))
    nodes = [("Conv", ["input", "w"], ["c"], dict(pads=[1, 1, 1, 1])),
             ("Shape", ["c"], ["s"], {}),  # 2, 4, 6, 6
             const("i1", [1]), const("i0", 0), const("two", [2]), const("big", [2**62]), const("i4", [4]),
             ("Gather", ["s", "i0"], ["batch"], dict(axis=0)),  # 2
             const("ax0", [0]),
             ("Unsqueeze", ["batch", "ax0"], ["batch1"], {}),  # [2]
             ("Slice", ["s", "i1", "big"], ["tail"], {}),  # [4, 6, 6]
             ("Slice", ["tail", "i1", "two"], ["height"], {}),  # [6]
             ("Mul", ["height", "height"], ["area"], {}),  # [36]
             ("Cast", ["area"], ["areaf"], dict(to=TensorProto.FLOAT)),
             ("ConstantOfShape", ["i1"], ["half"], dict(value=helper.make_tensor("", TensorProto.FLOAT, [1], [0.5]))),
             ("Add", ["areaf", "half"], ["more"], {}),  # [36.5]
             ("Floor", ["more"], ["less"], {}), ("Neg", ["less"], ["neg"], {}), ("Neg", ["neg"], ["pos"], {}),
             ("Cast", ["pos"], ["areai"], dict(to=TensorProto.INT64)),
             ("Mul", ["areai", "i4"], ["k8"], {}),  # [144]
             ("Add", ["k8", "k8"], ["k16"], {}), ("Sub", ["k16", "k8"], ["k8b"], {}),
             ("Mul", ["k8b", "two"], ["k16b"], {}), ("Div", ["k16b", "two"], ["k8c"], {}),
             ("Concat", ["batch1", "k8c"], ["target"], dict(axis=0)),
             ("Reshape", ["target", "m1"], ["target2"], {}),
             ("Squeeze", ["target2", "ax1"], ["target3"], {}),
             ("Reshape", ["c", "target3"], ["f"], {}),
             ("Transpose", ["v"], ["vt"], {}),
             ("Reshape", ["vt", "vshape"], ["vr"], {}),
             ("Identity", ["vr"], ["vi"], {}),
             ("Gemm", ["f", "vi"], ["output"], dict(alpha=0.5, name="fc"))]
    inits = [tensor("w", w), tensor("v", v), tensor("m1", [-1, 1], np.int64), tensor("ax1", [1], np.int64),
             tensor("vshape", [0, -1], np.int64)]
    return nodes, inits, lambda x: 0.5 * F.conv2d(x, t(w), padding=1).reshape(len(x), -1) @ t(v).t(), dict(batch=2)


def number_formats(rng):
    """Weights as float16 and float64, as typed fields instead of raw bytes; uint8 input; a fixed batch of 4."""
    w, b = normal(rng, 3, 2, 3, 3).astype(np.float16), normal(rng, 3).astype(np.float64)
    v, k = normal(rng, 3, 3, 1, 1), normal(rng, 3).astype(np.float16)
    inits = [helper.make_tensor("w", TensorProto.FLOAT16, w.shape, w.flatten()),
             helper.make_tensor("b", TensorProto.DOUBLE, b.shape, b),
             helper.make_tensor("v", TensorProto.FLOAT, v.shape, v.flatten()), tensor("k", k)]
    nodes = [("Cast", ["input"], ["x"], dict(to=TensorProto.FLOAT)), ("Div", ["x", "d"], ["y"], {}),
             ("Conv", ["y", "w", "b"], ["c"], {}),
             ("AveragePool", ["c"], ["p"], dict(kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1)),
             ("Conv", ["p", "v", "k"], ["o"], {}), ("Identity", ["o"], ["output"], {})]
    inits.append(tensor("d", np.float32(255)))

    def run(x):
        return F.conv2d(F.avg_pool2d(F.conv2d(x, t(w), t(b)), 2), t(v), t(k))

    return nodes, inits, run, dict(elem=TensorProto.UINT8, batch=4, opset=10)


def pools(rng):
    w = normal(rng, 4, 2, 1, 1)
    nodes = [("Conv", ["input", "w"], ["c"], {}), ("Clip", ["c"], ["k"], dict(min=-0.2, max=0.3)),
             ("AveragePool", ["k"], ["a"], dict(kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[2, 2],
                                                count_include_pad=1)),
             ("GlobalMaxPool", ["a"], ["m"], {}), ("GlobalAveragePool", ["a"], ["g"], {}),
             ("ReduceMean", ["a"], ["r"], dict(axes=[-1, 2], keepdims=0)), ("Flatten", ["m"], ["mf"], {}),
             ("Squeeze", ["g"], ["gf"], dict(axes=[2, 3])), ("Concat", ["mf", "gf"], ["mg"], dict(axis=1)),
             ("Concat", ["mg", "r"], ["output"], dict(axis=-1))]

    def run(x):
        y = F.avg_pool2d(F.conv2d(x, t(w)).clamp(-0.2, 0.3), 3, 2, 1)
        return torch.cat([y.amax((2, 3)), y.mean((2, 3)), y.mean((2, 3))], 1)

    return nodes, [tensor("w", w)], run, dict(opset=9)


def means(rng):
    """Means over the pixels inside the image: with pads, with the last window cut off, as Keras has it."""
    w = normal(rng, 4, 2, 3, 3)
    nodes = [("AveragePool", ["input"], ["a"], dict(kernel_shape=[3, 3], pads=[1, 1, 1, 1])),
             ("Conv", ["a", "w"], ["c"], {}), ("Relu", ["c"], ["r"], {}),
             ("AveragePool", ["r"], ["m"], dict(kernel_shape=[2, 3], strides=[2, 2], ceil_mode=1)),
             ("AveragePool", ["m"], ["s"], dict(kernel_shape=[3, 3], strides=[2, 2], auto_pad="SAME_UPPER")),
             ("Flatten", ["s"], ["output"], {})]

    def run(x):
        y = F.relu(F.conv2d(F.avg_pool2d(x, 3, 1, 1, count_include_pad=False), t(w)))
        y = F.avg_pool2d(y, (2, 3), 2, ceil_mode=True)
        return F.avg_pool2d(y, 3, 2, 1, count_include_pad=False)

    return nodes, [tensor("w", w)], run, {}


def names(rng):
    """Old exporters' names: numbered nodes, weights that tell the layer."""
    w = normal(rng, 2, 2, 1, 1)
    nodes = [("Conv", ["input", "features.0.weight"], ["1"], dict(name="Conv_0")),
             ("Relu", ["1"], ["2"], dict(name="Relu_1")),
             ("Conv", ["2", "onnx::Conv_17"], ["3"], dict(name="Conv_2")),
             ("MaxPool", ["3"], ["4"], dict(kernel_shape=[2, 2], name="/layer1/0/pool/MaxPool")),
             ("Conv", ["4", "w"], ["5"], dict(name="/layer1/0/conv1/Conv")),
             ("Conv", ["5", "w"], ["6"], dict(name="/layer1/0/conv1/Conv_1")),
             ("Add", ["4", "6"], ["7"], dict(name="/layer1/0/Add")),
             ("Conv", ["7", "w"], ["8"], dict(name="/0/Conv")),
             ("Conv", ["8", "w"], ["9"], dict(name="conv1")),
             ("Concat", ["9", "8"], ["output"], dict(axis=1))]
    inits = [tensor(n, w) for n in ("features.0.weight", "onnx::Conv_17", "w")]

    def run(x):
        c = lambda v: F.conv2d(v, t(w))
        four = F.max_pool2d(c(F.relu(c(x))), 2, 1)
        eight = c(four + c(c(four)))
        return torch.cat([c(eight), eight], 1)

    return nodes, inits, run, {}


def opset7(rng):
    """Initializers are inputs too; attributes that later sets dropped."""
    w, v, k = normal(rng, 4, 2, 3, 3), normal(rng, 3, 4), normal(rng, 3)
    gain, mean, variance = normal(rng, 4), normal(rng, 4), np.abs(normal(rng, 4)) + np.float32(0.1)
    nodes = [("Conv", ["input", "w"], ["c"], dict(pads=[1, 1, 1, 1])),
             ("BatchNormalization", ["c", "gain", "mean", "mean", "variance"], ["b"], dict(spatial=1)),
             ("Clip", ["b"], ["r"], dict(min=0.0, max=6.0)), ("GlobalAveragePool", ["r"], ["g"], {}),
             ("Dropout", ["g"], ["d"], dict(ratio=0.5)), ("Flatten", ["d"], ["f"], {}),
             ("Gemm", ["f", "v", "k"], ["output"], dict(transB=1))]
    inits = [tensor("w", w), tensor("v", v), tensor("k", k), tensor("gain", gain), tensor("mean", mean),
             tensor("variance", variance)]

    def run(x):
        y = F.batch_norm(F.conv2d(x, t(w), padding=1), t(mean), t(variance), t(gain), t(mean))
        return y.clamp(0, 6).mean((2, 3)) @ t(v).t() + t(k)

    return nodes, inits, run, dict(opset=7, ir_version=3)


def opset18(rng):
    """Axes of means and pads as inputs."""
    w, v = normal(rng, 4, 2, 3, 3), normal(rng, 3, 5)
    nodes = [("Pad", ["input", "sides", "", "hw"], ["p"], {}), ("Conv", ["p", "stem.conv.weight"], ["c"], dict(name="node_conv2d")),
             ("Relu", ["c"], ["r"], dict(name="node_relu")),
             ("Pad", ["r", "one", "", "channel"], ["q"], {}),
             ("ReduceMean", ["q", "space"], ["m"], dict(keepdims=1, noop_with_empty_axes=0)),
             ("Reshape", ["m", "flat"], ["f"], dict(allowzero=1)), ("Gemm", ["f", "v"], ["output"], dict(transB=1, name="node_linear"))]
    inits = [tensor("stem.conv.weight", w), tensor("v", v), tensor("sides", [0, 1, 2, 1], np.int64), tensor("hw", [2, -1], np.int64),
             tensor("one", [0, 1], np.int64), tensor("channel", [1], np.int64), tensor("space", [-1, 2], np.int64),
             tensor("flat", [1, 5], np.int64)]

    def run(x):
        y = F.relu(F.conv2d(F.pad(x, (1, 1, 0, 2)), t(w)))
        return F.pad(y, (0, 0, 0, 0, 0, 1)).mean((2, 3)) @ t(v).t()

    return nodes, inits, run, dict(opset=18, ir_version=10)


def external_data(rng):
    """Tensors in a file beside the model, as torch.onnx.export leaves them from PyTorch 2.9 on."""
    w, b = normal(rng, 3, 2, 3, 3), normal(rng, 3)
    inits = []
    with open(os.path.join(HERE, "external_data.onnx.data"), "wb") as f:
        for name, values in (("b", b), ("w", w)):
            place = tensor(name, values)
            place.data_location = TensorProto.EXTERNAL
            for key, value in (("location", "external_data.onnx.data"), ("offset", f.tell()),
                               ("length", len(place.raw_data))):
                place.external_data.add(key=key, value=str(value))
            f.write(place.raw_data + bytes(48))
            place.ClearField("raw_data")
            inits.append(place)
    nodes = [("Conv", ["input", "w", "b"], ["output"], {})]
    return nodes, inits, lambda x: F.conv2d(x, t(w), t(b)), dict(opset=20, ir_version=10)


def limits(rng):
    """ReLU6 and Clip as current exporters write them: Max and Min, constants on either side, several of them."""
    w, v = normal(rng, 4, 2, 3, 3), normal(rng, 3, 4, 1, 1)
    nodes = [("Conv", ["input", "w"], ["a"], {}), ("Max", ["a", "zero"], ["b"], {}), ("Min", ["six", "b", "small"], ["c"], {}),
             ("Conv", ["c", "v"], ["d"], {}), ("Neg", ["one"], ["minus"], {}), ("Max", ["minus", "zero", "minus"], ["z"], {}),
             ("Min", ["d", "row"], ["e"], {}), ("Max", ["minus", "e"], ["output"], {})]
    inits = [tensor("w", w), tensor("v", v), tensor("zero", np.float32(0)), tensor("six", np.float32(6)),
             tensor("small", np.full((1, 4, 1, 1), 0.9, np.float32)), tensor("one", np.float32(0.3)),
             tensor("row", np.full((3, 1, 1), 0.2, np.float32))]
    return nodes, inits, lambda x: F.conv2d(F.conv2d(x, t(w)).clamp(0, 0.9), t(v)).clamp(-0.3, 0.2), dict(opset=18)


def sums(rng):
    """Sum of several, also with a constant; the negative; maxima, sums and means over space or one direction of it."""
    w, v, k = normal(rng, 4, 2, 3, 3), normal(rng, 12, 3), normal(rng, 1, 4, 1, 1)
    nodes = [("Conv", ["input", "w"], ["a"], {}), ("Relu", ["a"], ["r"], {}), ("Neg", ["a"], ["n"], {}),
             ("MaxPool", ["r"], ["m"], dict(kernel_shape=[1, 1])), ("Sum", ["r", "k", "n", "m"], ["s"], {}),
             ("Sum", ["s", "m"], ["u"], {}), ("Sum", ["u"], ["y"], {}),
             ("ReduceMax", ["y"], ["top"], dict(axes=[2, 3], keepdims=0)),
             ("ReduceSum", ["y", "space"], ["total"], dict(keepdims=0)),
             ("ReduceMean", ["y"], ["rows"], dict(axes=[3], keepdims=0)),
             ("ReduceMax", ["rows"], ["mean_top"], dict(axes=[-1], keepdims=0)),
             ("Concat", ["top", "total", "mean_top"], ["all"], dict(axis=1)), ("MatMul", ["all", "v"], ["output"], {})]

    def run(x):
        a = F.conv2d(x, t(w))
        y = 3 * F.relu(a) - a + t(k)
        return torch.cat([y.amax((2, 3)), y.sum((2, 3)), y.mean(3).amax(2)], 1) @ t(v)

    inits = [tensor("w", w), tensor("v", v), tensor("k", k), tensor("space", [-1, -2], np.int64)]
    return nodes, inits, run, {}


def answers(rng):
    """Sigmoid, then ArgMax, as a whole number: what is done with the logits is dropped."""
    w = normal(rng, 5, 2, 3, 3)
    nodes = [("Conv", ["input", "w"], ["c"], {}), ("Flatten", ["c"], ["f"], {}), ("Sigmoid", ["f"], ["s"], {}),
             ("ArgMax", ["s"], ["a"], dict(axis=-1, keepdims=0)), ("Cast", ["a"], ["i"], dict(to=TensorProto.INT32)),
             ("Identity", ["i"], ["output"], {})]
    return nodes, [tensor("w", w)], lambda x: F.conv2d(x, t(w)), {}


def seven_classes(rng):
    """Of CIFAR's size but not its number of classes."""
    w = normal(rng, 7, 3, 4, 4)
    nodes = [("AveragePool", ["input"], ["p"], dict(kernel_shape=[8, 8], strides=[8, 8])), ("Conv", ["p", "w"], ["c"], {}),
             ("Flatten", ["c"], ["output"], {})]
    return nodes, [tensor("w", w)], lambda x: F.conv2d(F.avg_pool2d(x, 8), t(w)), {}


def head(steps, consts, run, channels=1, size=(6, 6), last=False, cast=None):
    """Arithmetic on raw pixels, then a padded convolution. `steps`: (operator, inputs) with x for what came before.

    The constant `order` is a list of channels, for Gather."""

    def make(rng):
        w = normal(rng, 3, channels, 3, 3)
        nodes, x = [], "input"
        if cast:
            nodes.append(("Cast", [x], ["cast"], dict(to=TensorProto.FLOAT)))
            x = "cast"
        for i, (op, *ins) in enumerate(steps):
            attributes = {"axis": 1} if op == "Gather" else {}
            nodes.append((op, [x if k == "x" else k for k in ins], [f"h{i}"], attributes))
            x = f"h{i}"
        if last:
            nodes.append(("Transpose", [x], ["t"], dict(perm=[0, 3, 1, 2])))
            x = "t"
        nodes += [("Conv", [x, "w"], ["c"], dict(pads=[1, 1, 1, 1])), ("Relu", ["c"], ["r"], {}),
                  ("Flatten", ["r"], ["f"], {}), ("Gemm", ["f", "v"], ["output"], dict(transB=1))]
        v = normal(rng, 4, 3 * size[0] * size[1])
        inits = [tensor("w", w), tensor("v", v)]
        for k, a in consts.items():
            inits.append(tensor(k, a, np.int64) if k == "order" else tensor(k, np.asarray(a, np.float32)))
        options = dict(scale=1, chw=(channels, *size))
        if cast:
            options["elem"] = cast
        return nodes, inits, lambda p: F.relu(F.conv2d(run(p), t(w), padding=1)).flatten(1) @ t(v).t(), options

    return make


def autoencoder(rng):
    """A list of numbers as input; dense layers with BatchNormalization, as MLPerf Tiny's anomaly detection."""
    nodes, inits, weights, x = [("Div", ["input", "k"], ["x0"], {})], [tensor("k", np.float32(255))], [], "x0"
    sizes = (20, 8, 3, 8, 20)
    for i, (a, b) in enumerate(zip(sizes, sizes[1:])):
        w, gain, mean, variance = normal(rng, a, b), normal(rng, b), normal(rng, b), np.abs(normal(rng, b)) + np.float32(0.1)
        weights.append((w, gain, mean, variance))
        inits += [tensor(f"w{i}", w), tensor(f"g{i}", gain), tensor(f"m{i}", mean), tensor(f"v{i}", variance)]
        nodes += [("MatMul", [x, f"w{i}"], [f"d{i}"], {}),
                  ("BatchNormalization", [f"d{i}", f"g{i}", f"m{i}", f"m{i}", f"v{i}"], [f"b{i}"], {})]
        x = f"b{i}"
        if b != 20:
            nodes.append(("Relu", [x], [f"r{i}"], {}))
            x = f"r{i}"
    nodes.append(("Identity", [x], ["output"], {}))

    def run(x):
        x = x.flatten(1) / 255
        for i, (w, gain, mean, variance) in enumerate(weights):
            x = F.batch_norm(x @ t(w), t(mean), t(variance), t(gain), t(mean))
            x = F.relu(x) if i < 3 else x
        return x

    return nodes, inits, run, dict(chw=(20, 1, 1), scale=1)


def vector_image(last):
    """A list of numbers that the model sees as an image, with channels first or last."""

    def make(rng):
        w, v = normal(rng, 4, 2, 3, 3), normal(rng, 4, 3)
        nodes = [("Reshape", ["input", "shape"], ["i"], {})]
        if last:
            nodes.append(("Transpose", ["i"], ["t"], dict(perm=[0, 3, 1, 2])))
        nodes += [("Conv", ["t" if last else "i", "w"], ["c"], dict(pads=[1, 1, 1, 1])), ("Relu", ["c"], ["r"], {}),
                  ("ReduceMean", ["r"], ["m"], dict(axes=[2, 3], keepdims=0)), ("MatMul", ["m", "v"], ["output"], {})]
        inits = [tensor("w", w), tensor("v", v), tensor("shape", [-1, 5, 6, 2] if last else [-1, 2, 5, 6], np.int64)]
        return nodes, inits, lambda x: F.relu(F.conv2d(x, t(w), padding=1)).mean((2, 3)) @ t(v), dict(chw=(2, 5, 6))

    return make


def conv1d(last):
    """Signals [N, C, L] or [N, L, C]: Conv, pools, Pad, Concat, BatchNormalization."""

    def make(rng):
        w, v, u, k = normal(rng, 4, 2, 5), normal(rng, 4, 2, 3), normal(rng, 8, 3), normal(rng, 1, 4, 1)
        nodes = [("Transpose", ["input"], ["x"], dict(perm=[0, 2, 1]))] if last else [("Identity", ["input"], ["x"], {})]
        nodes += [("Conv", ["x", "w"], ["c"], dict(strides=[2], pads=[2, 1], kernel_shape=[5])), ("Add", ["c", "k"], ["b"], {}),
                  ("Relu", ["b"], ["r"], {}), ("MaxPool", ["r"], ["p"], dict(kernel_shape=[2], strides=[2])),
                  ("Pad", ["p", "pads"], ["q"], {}), ("Conv", ["q", "v"], ["d"], dict(group=2)),
                  ("AveragePool", ["p"], ["a"], dict(kernel_shape=[1])), ("Concat", ["d", "a"], ["e"], dict(axis=1)),
                  ("GlobalAveragePool", ["e"], ["g"], {}), ("Squeeze", ["g", "axis"], ["f"], {}), ("MatMul", ["f", "u"], ["output"], {})]
        inits = [tensor("w", w), tensor("v", v), tensor("u", u), tensor("k", k), tensor("pads", [0, 0, 1, 0, 0, 1], np.int64),
                 tensor("axis", [2], np.int64)]

        def run(x):
            p = F.max_pool1d(F.relu(F.conv1d(F.pad(x[:, :, 0], (2, 1)), t(w), stride=2) + t(k)), 2)
            e = torch.cat([F.conv1d(F.pad(p, (1, 1)), t(v), groups=2), p], 1)
            return e.mean(2) @ t(u)

        return nodes, inits, run, dict(chw=(2, 1, 17), opset=13)

    return make


def keyword(rng):
    """Keyword spotting: one channel of 49 x 10 with channels last, kernels of 10 x 4 at stride 2, depthwise layers."""
    w, d, p, v = normal(rng, 4, 1, 10, 4), normal(rng, 4, 1, 3, 3), normal(rng, 4, 4, 1, 1), normal(rng, 4, 5)
    nodes = [("Reshape", ["input", "shape"], ["x"], {}),
             ("Conv", ["x", "w"], ["a"], dict(strides=[2, 2], auto_pad="SAME_UPPER")), ("Relu", ["a"], ["b"], {}),
             ("Conv", ["b", "d"], ["c"], dict(group=4, pads=[1, 1, 1, 1])), ("Relu", ["c"], ["e"], {}),
             ("Conv", ["e", "p"], ["f"], {}), ("Relu", ["f"], ["g"], {}),
             ("AveragePool", ["g"], ["h"], dict(kernel_shape=[25, 5])), ("Reshape", ["h", "flat"], ["i"], {}),
             ("MatMul", ["i", "v"], ["j"], {}), ("Softmax", ["j"], ["output"], {})]
    inits = [tensor("w", w), tensor("d", d), tensor("p", p), tensor("v", v), tensor("shape", [-1, 1, 49, 10], np.int64),
             tensor("flat", [-1, 4], np.int64)]

    def run(x):
        y = F.relu(F.conv2d(F.pad(x, (1, 1, 4, 5)), t(w), stride=2))
        y = F.relu(F.conv2d(F.relu(F.conv2d(y, t(d), padding=1, groups=4)), t(p)))
        return y.mean((2, 3)) @ t(v)

    return nodes, inits, run, dict(chw=(1, 49, 10))


def pad_channels_last(rng):
    """Pads of space and of channels where channels are last: of the image, and of a layer's output."""
    w, u = normal(rng, 4, 3, 3, 3), normal(rng, 2, 6, 3, 2)
    nodes = [("Pad", ["input", "around"], ["i"], {}), ("Transpose", ["i"], ["x"], dict(perm=[0, 3, 1, 2])),
             ("Conv", ["x", "w"], ["c"], {}), ("Relu", ["c"], ["r"], {}), ("Transpose", ["r"], ["l"], dict(perm=[0, 2, 3, 1])),
             ("Pad", ["l", "more"], ["p"], {}), ("Transpose", ["p"], ["q"], dict(perm=[0, 3, 1, 2])),
             ("Conv", ["q", "u"], ["output"], {})]
    inits = [tensor("w", w), tensor("u", u), tensor("around", [0, 0, 1, 0, 0, 2, 3, 0], np.int64),
             tensor("more", [0, 1, 0, 1, 0, 0, 1, 1], np.int64)]

    def run(x):
        y = F.relu(F.conv2d(F.pad(x, (1, 3, 0, 2)), t(w)))
        return F.conv2d(F.pad(y, (0, 1, 1, 0, 1, 1)), t(u))

    return nodes, inits, run, dict(chw=(3, 5, 6), opset=13)


def dense_channels_last(rng):
    """Keras's Dense on an image works on the channels of each pixel; also seen as a list of pixels (Gemm)."""
    w, d, b, g, k = normal(rng, 4, 3, 3, 3), normal(rng, 4, 6), normal(rng, 6), normal(rng, 5, 6), normal(rng, 5)
    nodes = [("Transpose", ["input"], ["x"], dict(perm=[0, 3, 1, 2])), ("Conv", ["x", "w"], ["c"], {}),
             ("Transpose", ["c"], ["l"], dict(perm=[0, 2, 3, 1])), ("MatMul", ["l", "d"], ["m"], {}),
             ("Add", ["m", "b"], ["mb"], {}), ("Relu", ["mb"], ["r"], {}), ("Reshape", ["r", "list"], ["f"], {}),
             ("Gemm", ["f", "g", "k"], ["h"], dict(transB=1, alpha=0.5)), ("Reshape", ["h", "image"], ["i"], {}),
             ("Transpose", ["i"], ["output"], dict(perm=[0, 3, 1, 2]))]
    inits = [tensor("w", w), tensor("d", d), tensor("b", b), tensor("g", g), tensor("k", k),
             tensor("list", [-1, 6], np.int64), tensor("image", [-1, 4, 3, 5], np.int64)]

    def run(x):
        y = F.conv2d(x, t(w)).permute(0, 2, 3, 1)
        y = F.relu(y @ t(d) + t(b))
        return (0.5 * (y @ t(g).T) + t(k)).permute(0, 3, 1, 2)

    return nodes, inits, run, dict(chw=(3, 6, 5), opset=13)


def many_channels_last(rng):
    """Channels last, of which only the Transpose tells: more of them than rows."""
    w = normal(rng, 3, 6, 3, 3)
    nodes = [("Mul", ["input", "k"], ["m"], {}), ("Transpose", ["m"], ["x"], dict(perm=[0, 3, 1, 2])),
             ("Conv", ["x", "w"], ["output"], {})]
    return nodes, [tensor("w", w), tensor("k", np.float32(0.5))], lambda x: F.conv2d(0.5 * x, t(w)), dict(chw=(6, 4, 5))


def parts(rng):
    """Slice, Split and Gather of channels: of convolutions, depthwise ones, sums, pools, concatenations and the image."""
    w, d, u, k = normal(rng, 6, 2, 3, 3), normal(rng, 6, 1, 3, 3), normal(rng, 4, 3, 3, 3), normal(rng, 1, 6, 1, 1)
    i, v = normal(rng, 2, 1, 3, 3), normal(rng, 16, 3)
    cut = lambda x, name, a, b, c=1: ("Slice", [x, a, b, "one", c] if c != 1 else [x, a, b, "one"], [name], {})
    nodes = [("Conv", ["input", "w"], ["a"], dict(pads=[1, 1, 1, 1])), ("Mul", ["a", "k"], ["am"], {}), ("Relu", ["am"], ["b"], {}),
             ("Split", ["b", "sizes"], ["b0", "b1"], dict(axis=1)),
             ("Conv", ["b1", "u"], ["c"], {}), ("Conv", ["b", "d"], ["e"], dict(group=6)), ("Add", ["e", "e"], ["s"], {}),
             ("MaxPool", ["s"], ["p"], dict(kernel_shape=[2, 2])), ("Gather", ["p", "which"], ["g"], dict(axis=1)),
             ("MaxPool", ["c"], ["cp"], dict(kernel_shape=[2, 2])), ("Concat", ["g", "cp"], ["q"], dict(axis=1)),
             cut("q", "r", "two", "end"), cut("input", "red", "zero", "one"), ("Conv", ["red", "i"], ["rc"], {}),
             cut("input", "back", "m1", "mend", "m1"), ("Conv", ["back", "w"], ["bc"], {}),
             ("GlobalAveragePool", ["r"], ["rg"], {}), ("GlobalMaxPool", ["b0"], ["bg"], {}), ("GlobalMaxPool", ["rc"], ["rcg"], {}),
             ("GlobalAveragePool", ["bc"], ["bcg"], {}),
             ("Concat", ["rg", "bg", "rcg", "bcg"], ["all"], dict(axis=1)), ("Flatten", ["all"], ["f"], {}),
             ("MatMul", ["f", "v"], ["output"], {})]
    inits = [tensor("w", w), tensor("d", d), tensor("u", u), tensor("k", k), tensor("i", i), tensor("v", v)]
    for name, a in dict(sizes=[3, 3], which=[5, 0, -3, 0], zero=[0], one=[1], two=[2], end=[7], m1=[-1], mend=[-100]).items():
        inits.append(tensor(name, a, np.int64))

    def run(x):
        b = F.relu(F.conv2d(x, t(w), padding=1) * t(k))
        p = F.max_pool2d(2 * F.conv2d(b, t(d), groups=6), 2, 1)
        q = torch.cat([p[:, [5, 0, 3, 0]], F.max_pool2d(F.conv2d(b[:, 3:], t(u)), 2, 1)], 1)[:, 2:7]
        rc, bc = F.conv2d(x[:, :1], t(i)), F.conv2d(x.flip(1), t(w))
        return torch.cat([q.mean((2, 3)), b[:, :3].amax((2, 3)), rc.amax((2, 3)), bc.mean((2, 3))], 1) @ t(v)

    return nodes, inits, run, dict(opset=13)


MEAN, STD = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])


def make_heads():
    """What models that take pixels from 0 to 255 do to them first."""
    c3 = lambda a: np.asarray(a).reshape(1, 3, 1, 1)
    per = lambda a: t(a).view(1, 3, 1, 1)
    grey, colour = (1, 6, 6), (3, 6, 6)
    by_hand("head_128", grey, head([("Div", "x", "k"), ("Sub", "x", "one")], dict(k=128, one=1), lambda p: p / 128 - 1))
    by_hand("head_127_5", grey, head([("Mul", "x", "k"), ("Add", "m", "x")], dict(k=1 / 127.5, m=[-1]), lambda p: p / 127.5 - 1))
    by_hand("head_reversed", grey, head([("Sub", "k", "x"), ("Neg", "x"), ("Mul", "s", "x")], dict(k=[[[[128]]]], s=0.02),
                                        lambda p: (p - 128) * 0.02))
    by_hand("head_inverted", grey, head([("Div", "x", "k"), ("Sub", "one", "x")], dict(k=255, one=1), lambda p: 1 - p / 255))
    by_hand("head_mean_std", colour, head([("Div", "x", "k"), ("Sub", "x", "mean"), ("Div", "x", "std")],
                                          dict(k=255, mean=c3(MEAN), std=c3(STD)),
                                          lambda p: (p / 255 - per(MEAN)) / per(STD), 3))
    by_hand("head_mean_std_255", colour, head([("Sub", "x", "mean"), ("Mul", "x", "std")],
                                              dict(mean=255 * c3(MEAN)[0], std=1 / (255 * c3(STD)[0])),
                                              lambda p: (p / 255 - per(MEAN)) / per(STD), 3))
    by_hand("head_means", colour, head([("Sub", "x", "mean")], dict(mean=c3([103.939, 116.779, 123.68])),
                                       lambda p: p - per([103.939, 116.779, 123.68]), 3))
    by_hand("head_channels_last", (6, 7, 3), head([("Sub", "x", "mean"), ("Div", "x", "std")], dict(mean=255 * MEAN, std=255 * STD),
                                                  lambda p: (p / 255 - per(MEAN)) / per(STD), 3, (6, 7), last=True))
    by_hand("head_uint8", (6, 6, 3), head([("Div", "x", "k"), ("Sub", "x", "one")], dict(k=127.5, one=1), lambda p: p / 127.5 - 1, 3,
                                          last=True, cast=TensorProto.UINT8))
    by_hand("head_int8", grey, head([("Div", "x", "k")], dict(k=128), lambda p: (p - 128) / 128, cast=TensorProto.INT8))
    by_hand("head_minus_one", colour, head([("Add", "x", "one"), ("Div", "x", "two"), ("Sub", "x", "mean"), ("Div", "x", "std")],
                                           dict(one=1, two=2, mean=c3(MEAN), std=c3(STD)),
                                           lambda p: (p / 255 - per(MEAN)) / per(STD), 3))
    by_hand("head_swapped", colour, head([("Gather", "x", "order"), ("Sub", "x", "mean")],
                                         dict(order=[2, 1, 0], mean=c3([103.939, 116.779, 123.68])),
                                         lambda p: p[:, [2, 1, 0]] - per([103.939, 116.779, 123.68]), 3))
    by_hand("head_swapped_later", colour, head([("Mul", "x", "k"), ("Gather", "x", "order"), ("Sub", "x", "mean"), ("Div", "x", "std")],
                                               dict(k=1 / 255, order=[1, 2, 0], mean=c3(MEAN), std=c3(STD)),
                                               lambda p: (p[:, [1, 2, 0]] / 255 - per(MEAN)) / per(STD), 3))
    by_hand("head_clipped", grey, head([("Clip", "x", "lo", "hi"), ("Div", "x", "k"), ("Sub", "x", "one"), ("Max", "x", "m")],
                                       dict(lo=0, hi=255, k=127.5, one=1, m=-1), lambda p: p / 127.5 - 1))


def raw_padded(rng):
    """Pixels from 0 to 255, which are padded before the arithmetic that tells."""
    w, v = normal(rng, 3, 2, 3, 3), normal(rng, 3, 4)
    nodes = [("Pad", ["input", "pads"], ["p"], {}), ("Div", ["p", "k"], ["d"], {}), ("Sub", ["d", "one"], ["x"], {}),
             ("Conv", ["x", "w"], ["c"], {}), ("Relu", ["c"], ["r"], {}), ("GlobalAveragePool", ["r"], ["g"], {}),
             ("Flatten", ["g"], ["f"], {}), ("MatMul", ["f", "v"], ["output"], {})]
    inits = [tensor("w", w), tensor("v", v), tensor("k", np.float32(127.5)), tensor("one", np.float32(1)),
             tensor("pads", [0, 0, 1, 1, 0, 0, 1, 0], np.int64)]
    run = lambda p: F.relu(F.conv2d(F.pad(p, (1, 0, 1, 1)) / 127.5 - 1, t(w))).mean((2, 3)) @ t(v)
    return nodes, inits, run, dict(scale=1, opset=13)


def differences(rng):
    """Sub of two activations, also of one that something else reads."""
    w, u, v = normal(rng, 4, 2, 3, 3), normal(rng, 4, 4, 1, 1), normal(rng, 4, 3)
    nodes = [("Conv", ["input", "w"], ["a"], dict(pads=[1, 1, 1, 1])), ("Relu", ["a"], ["b"], {}), ("Conv", ["b", "u"], ["c"], {}),
             ("Sub", ["b", "c"], ["d"], {}), ("Relu", ["d"], ["e"], {}), ("Sub", ["b", "e"], ["s"], {}),
             ("ReduceMean", ["s"], ["f"], dict(axes=[2, 3], keepdims=0)), ("MatMul", ["f", "v"], ["output"], {})]

    def run(x):
        b = F.relu(F.conv2d(x, t(w), padding=1))
        return (b - F.relu(b - F.conv2d(b, t(u)))).mean((2, 3)) @ t(v)

    return nodes, [tensor("w", w), tensor("u", u), tensor("v", v)], run, dict(opset=13)


def make_by_hand():
    by_hand("raw_padded", (2, 6, 5), raw_padded)
    by_hand("differences", (2, 6, 5), differences)
    by_hand("same_upper", (2, 7, 6), auto_pad("SAME_UPPER", 9))
    by_hand("same_lower", (2, 7, 6), auto_pad("SAME_LOWER", 12))
    by_hand("valid", (2, 9, 8), auto_pad("VALID", 13))
    by_hand("channels_last", (6, 6, 3), channels_last)
    by_hand("channels_last_grey", (6, 6, 1), channels_last_grey)
    by_hand("shape_arithmetic", (2, 6, 6), shape_arithmetic)
    by_hand("number_formats", (2, 8, 6), number_formats)
    by_hand("pools", (2, 7, 7), pools)
    by_hand("means", (2, 11, 12), means)
    by_hand("names", (2, 4, 4), names)
    by_hand("opset7", (2, 6, 6), opset7)
    by_hand("opset18", (2, 6, 6), opset18)
    by_hand("external_data", (2, 6, 6), external_data)
    by_hand("limits", (2, 6, 6), limits)
    by_hand("sums", (2, 6, 5), sums)
    by_hand("answers", (2, 3, 3), answers)
    by_hand("seven_classes", (3, 32, 32), seven_classes)
    make_heads()
    by_hand("autoencoder", (20,), autoencoder)
    by_hand("vector_image", (60,), vector_image(False))
    by_hand("vector_image_last", (60,), vector_image(True))
    by_hand("conv1d", (2, 17), conv1d(False))
    by_hand("conv1d_last", (17, 2), conv1d(True))
    by_hand("parts", (2, 7, 7), parts)
    by_hand("keyword", (49, 10, 1), keyword)
    by_hand("many_channels_last", (4, 5, 6), many_channels_last)
    by_hand("pad_channels_last", (5, 6, 3), pad_channels_last)
    by_hand("dense_channels_last", (6, 5, 3), dense_channels_last)


# ---- models that are quantised already ---------------------------------------------------------------------------------
def fake(x, scale, zero, lo, hi):
    return torch.fake_quantize_per_tensor_affine(x, scale, zero, lo, hi)


def fake_weight(w, axis=0):
    scale = torch.tensor(np.abs(w.detach().numpy()).reshape(len(w), -1).max(1) / 127)  # a constant, not a subgraph
    return torch.fake_quantize_per_channel_affine(w, scale, torch.zeros(len(w), dtype=torch.int32), axis, -128, 127)


def forward_fake(m, x):
    """uint8 activations with zero points, int8 weights with a scale a filter; a residual addition and a concatenation."""
    x = fake(x, 1 / 255, 0, 0, 255)
    a = fake(F.relu(F.conv2d(x, fake_weight(m.a.weight), m.a.bias, padding=1)), 0.012, 0, 0, 255)
    b = fake(F.conv2d(a, fake_weight(m.b.weight), m.b.bias, padding=1), 0.02, 120, 0, 255)
    c = fake(F.relu(a + b), 0.015, 0, 0, 255)
    d = F.max_pool2d(c, 2)
    e = fake(F.conv2d(d, fake_weight(m.c.weight), m.c.bias, groups=4), 0.015, 0, 0, 255)
    f = fake(torch.cat([d, e], 1), 0.015, 0, 0, 255)
    g = fake(F.adaptive_avg_pool2d(f, 1), 0.005, 3, 0, 255)
    w = fake(m.fc.weight, 0.004, 0, -128, 127)
    y = F.linear(g.flatten(1), w, m.fc.bias)
    return fake(F.softmax(y, 1), 1 / 255, 0, 0, 255) if torch.onnx.is_in_onnx_export() else y


@exported((2, 8, 8), opset=13, folder="quantised/")
def fake_quantised():
    return Fn(forward_fake, a=nn.Conv2d(2, 4, 3, padding=1), b=nn.Conv2d(4, 4, 3, padding=1),
              c=nn.Conv2d(4, 4, 1, groups=4), fc=nn.Linear(8, 5))


def rounded(x, scale, zero, kind):
    info = np.iinfo(kind)
    return torch.clamp(torch.round(x / scale) + zero, info.min, info.max)


def qlinear(signed):
    """QLinearConv and QLinearMatMul, with max pooling and flattening of codes; the output is dequantised codes."""

    def make(rng):
        kind = np.int8 if signed else np.uint8
        zw = 0 if signed else 120
        w = rng.randint(-100, 100, (4, 2, 3, 3)) + zw
        v = rng.randint(-100, 100, (36, 5)) + zw
        b = rng.randint(-3000, 3000, 4).astype(np.int32)
        ws = np.full(4, 0.004) * [1, 2, 0.5, 1.5] if signed else np.float64(0.004)
        scalar = lambda name, x, k: tensor(name, k(x))
        zx, zy, zo = (0, 0, 0) if signed else (0, 17, 130)
        xs, ys, os_ = (1 / 127, 0.02, 0.05) if signed else (1 / 255, 0.013, 0.04)
        inits = [scalar("xs", xs, np.float32), scalar("xz", zx, kind), tensor("w", w, kind), tensor("b", b),
                 tensor("ws", ws, np.float32), tensor("wz", np.full(4, zw) if signed else zw, kind),
                 scalar("ys", ys, np.float32), scalar("yz", zy, kind), tensor("v", v, kind),
                 scalar("vs", 0.003, np.float32), scalar("vz", zw, kind), scalar("os", os_, np.float32),
                 scalar("oz", zo, kind), tensor("shape", [0, -1], np.int64)]
        nodes = [("QuantizeLinear", ["input", "xs", "xz"], ["x"], {}),
                 ("QLinearConv", ["x", "xs", "xz", "w", "ws", "wz", "ys", "yz", "b"], ["y"], dict(pads=[1, 1, 1, 1])),
                 ("MaxPool", ["y"], ["p"], dict(kernel_shape=[2, 2], strides=[2, 2])),
                 ("Reshape", ["p", "shape"], ["f"], {}),
                 ("QLinearMatMul", ["f", "ys", "yz", "v", "vs", "vz", "os", "oz"], ["o"], dict(name="fc")),
                 ("DequantizeLinear", ["o", "os", "oz"], ["output"], {})]

        def run(x):
            f32 = lambda s: t(np.float32(s))
            wr = (t(w) - zw) * t(np.broadcast_to(np.float32(ws), 4)).view(4, 1, 1, 1)
            br = t(b) * f32(xs) * t(np.broadcast_to(np.float32(ws), 4))
            q = rounded(x, f32(xs), zx, kind)
            y = rounded(F.conv2d((q - zx) * f32(xs), wr, br, padding=1), f32(ys), zy, kind)
            y = F.max_pool2d((y - zy) * f32(ys), 2).flatten(1)
            return (rounded(y @ ((t(v) - zw) * f32(0.003)), f32(os_), zo, kind) - zo) * f32(os_)

        return nodes, inits, run, {}

    return make


def qlinear_runtime(rng):
    """The operators on codes that only ONNX Runtime has, around a residual block."""
    ms = dict(domain="com.microsoft")
    w, v = rng.randint(-100, 100, (3, 2, 3, 3)), rng.randint(-100, 100, (3, 3, 1, 1))
    g, k = rng.randint(-100, 100, (5, 6)), rng.randint(-2000, 2000, 5).astype(np.int32)
    codes = dict(x=(1 / 255, 0), y=(0.021, 110), z=(0.03, 131), a=(0.035, 120), p=(0.02, 124), c=(0.037, 122),
                 m=(0.015, 118), o=(0.04, 127))
    scales = dict(w=0.004, v=0.005, g=0.01)
    inits = [tensor("w", w, np.int8), tensor("v", v, np.int8), tensor("g", g, np.int8), tensor("k", k),
             tensor("zero", np.int8(0))]
    inits += [tensor(n + "s", np.float32(s)) for n, s in scales.items()]
    inits += [tensor(n + "s", np.float32(s)) for n, (s, _) in codes.items()]
    inits += [tensor(n + "z", np.uint8(z)) for n, (_, z) in codes.items()]
    of = lambda n: [n, n + "s", n + "z"]
    weight = lambda n: [n, n + "s", "zero"]
    nodes = [("QuantizeLinear", ["input", "xs", "xz"], ["x"], {}),
             ("QLinearConv", of("x") + weight("w") + ["ys", "yz"], ["y"], dict(pads=[1, 1, 1, 1])),
             ("QLinearConv", of("y") + weight("v") + ["zs", "zz"], ["z"], {}),
             ("QLinearAdd", of("y") + of("z") + ["as", "az"], ["a"], ms),
             ("QLinearAveragePool", of("a") + ["ps", "pz"], ["p"], dict(kernel_shape=[2, 2], strides=[2, 2], **ms)),
             ("MaxPool", ["a"], ["q"], dict(kernel_shape=[2, 2], strides=[2, 2])),
             ("QLinearConcat", ["cs", "cz"] + of("p") + ["q", "as", "az"], ["c"], dict(axis=1, **ms)),
             ("QLinearGlobalAveragePool", of("c") + ["ms", "mz"], ["m"], ms), ("Flatten", ["m"], ["f"], {}),
             ("QGemm", ["f", "ms", "mz"] + weight("g") + ["k", "os", "oz"], ["o"], dict(transB=1, **ms)),
             ("DequantizeLinear", of("o"), ["output"], {})]

    def run(x):
        f32 = lambda s: t(np.float32(s))

        def coded(y, n):
            return (rounded(y, f32(codes[n][0]), codes[n][1], np.uint8) - codes[n][1]) * f32(codes[n][0])

        y = coded(F.conv2d(coded(x, "x"), t(w) * f32(scales["w"]), padding=1), "y")
        a = coded(y + coded(F.conv2d(y, t(v) * f32(scales["v"])), "z"), "a")
        c = coded(torch.cat([coded(F.avg_pool2d(a, 2), "p"), F.max_pool2d(a, 2)], 1), "c")
        m = coded(c.mean((2, 3)), "m")
        return coded(m @ (t(g) * f32(scales["g"])).t() + t(k) * f32(codes["m"][0]) * f32(scales["g"]), "o")

    return nodes, inits, run, dict(chw=(2, 8, 8))


def uint8_image(rng):
    """An image of uint8 goes into DequantizeLinear as it is; weights are quantised in the graph."""
    w, b = normal(rng, 3, 2, 3, 3), normal(rng, 3)
    nodes = [("DequantizeLinear", ["input", "xs", "xz"], ["x"], {}),
             ("QuantizeLinear", ["w", "ws", "wz"], ["wq"], dict(axis=0)),
             ("DequantizeLinear", ["wq", "ws", "wz"], ["wd"], dict(axis=0)),
             ("Conv", ["x", "wd", "b"], ["c"], {}),
             ("QuantizeLinear", ["c", "ys", "yz"], ["q"], {}),
             ("DequantizeLinear", ["q", "ys", "yz"], ["output"], {})]
    ws = (np.abs(w).reshape(3, -1).max(1) / 127).astype(np.float32)
    inits = [tensor("xs", np.float32(0.02)), tensor("xz", np.uint8(0)), tensor("w", w), tensor("b", b),
             tensor("ws", ws), tensor("wz", np.zeros(3, np.int8)), tensor("ys", np.float32(0.1)),
             tensor("yz", np.int8(-5))]

    def run(x):
        wd = torch.clamp(torch.round(t(w) / t(ws).view(3, 1, 1, 1)), -128, 127) * t(ws).view(3, 1, 1, 1)
        y = F.conv2d(x * t(np.float32(0.02)), wd, t(b))
        return (rounded(y, t(np.float32(0.1)), -5, np.int8) + 5) * t(np.float32(0.1))

    return nodes, inits, run, dict(elem=TensorProto.UINT8, scale=1)


def tflite(kind):
    """As TensorFlow Lite's converter leaves a model: codes in (the pixel, or pixel - 128) and codes out."""

    def make(rng):
        low = np.iinfo(kind).min
        w, v, b = rng.randint(-127, 128, (4, 1, 3, 3)), rng.randint(-127, 128, (64, 5)), normal(rng, 4)
        ws = np.float32([0.004, 0.006, 0.003, 0.005])
        f = np.float32
        xs, ys, os_, yz, oz = f(1 / 127.5), f(0.02), f(0.08), low, low + 120
        inits = [tensor("w", w, np.int8), tensor("ws", ws), tensor("wz", np.zeros(4, np.int8)), tensor("b", b),
                 tensor("v", v, np.int8), tensor("vs", f(0.004)), tensor("vz", np.int8(0)), tensor("xs", xs),
                 tensor("xz", kind(low + 128)), tensor("ys", ys), tensor("yz", kind(yz)), tensor("os", os_), tensor("oz", kind(oz))]
        nodes = [("DequantizeLinear", ["input", "xs", "xz"], ["x"], {}),
                 ("DequantizeLinear", ["w", "ws", "wz"], ["wd"], dict(axis=0)),
                 ("Transpose", ["x"], ["xt"], dict(perm=[0, 3, 1, 2])),
                 ("Conv", ["xt", "wd", "b"], ["c"], dict(pads=[1, 1, 1, 1], strides=[2, 2])), ("Relu", ["c"], ["r"], {}),
                 ("QuantizeLinear", ["r", "ys", "yz"], ["q"], {}), ("DequantizeLinear", ["q", "ys", "yz"], ["d"], {}),
                 ("Flatten", ["d"], ["f"], {}), ("DequantizeLinear", ["v", "vs", "vz"], ["vd"], {}),
                 ("MatMul", ["f", "vd"], ["m"], {}), ("QuantizeLinear", ["m", "os", "oz"], ["output"], {})]

        def run(p):
            x = (p - 128) * t(xs)  # codes and zero points both start at `low`
            y = F.conv2d(x, t(w) * t(ws).view(4, 1, 1, 1), t(b), 2, 1).clamp(min=0)
            y = (rounded(y, t(ys), yz, kind) - yz) * t(ys)
            return (rounded(y.flatten(1) @ (t(v) * t(f(0.004))), t(os_), oz, kind) - oz) * t(os_)

        elem = TensorProto.INT8 if kind is np.int8 else TensorProto.UINT8
        return nodes, inits, run, dict(chw=(1, 8, 8), scale=1, elem=elem)

    return make


def qonnx(rng):
    """Quant of Brevitas: weights of 4 and 5 bits, activations of 8, 6 and 5, narrow and not."""
    w, u, v, b = normal(rng, 4, 2, 3, 3), normal(rng, 4, 1, 3, 3), normal(rng, 3, 4), normal(rng, 4)
    ws = np.abs(w).reshape(4, -1).max(1).reshape(4, 1, 1, 1) / np.float32(7)
    scales = dict(s_x=1 / 255, s_w=ws, s_b=0.001, s_a=0.03, s_u=0.08, s_c=0.06, s_v=0.05)
    inits = [tensor("w", w), tensor("u", u), tensor("v", v), tensor("b", b)]
    inits += [tensor(k, np.float32(s)) for k, s in scales.items()] + [tensor("z", np.float32(0))]
    inits += [tensor(f"b{n}", np.float32(n)) for n in (4, 5, 6, 8, 16)]

    def quant(x, scale, bits, out, **options):
        return ("Quant", [x, scale, "z", f"b{bits}"], [out],
                dict(dict(signed=1, narrow=0, rounding_mode="ROUND", domain="qonnx.custom_op.general"), **options))

    nodes = [quant("input", "s_x", 8, "x", signed=0), quant("w", "s_w", 4, "wq", narrow=1), quant("b", "s_b", 16, "bq"),
             ("Conv", ["x", "wq", "bq"], ["c"], dict(pads=[1, 1, 1, 1])), ("Relu", ["c"], ["r"], {}),
             quant("r", "s_a", 6, "a", signed=0), quant("u", "s_u", 5, "uq"),
             ("Conv", ["a", "uq"], ["d"], dict(group=4)), quant("d", "s_c", 5, "e", narrow=1),
             ("ReduceMax", ["e"], ["f"], dict(axes=[2, 3], keepdims=0)), quant("v", "s_v", 5, "vq"),
             ("Gemm", ["f", "vq"], ["output"], dict(transB=1))]

    def fq(x, scale, low, high):
        scale = t(np.float32(scale))
        return torch.round(x / scale).clamp(low, high) * scale

    def run(x):
        x = fq(x, 1 / 255, 0, 255)
        a = fq(F.relu(F.conv2d(x, fq(t(w), ws, -7, 7), fq(t(b), 0.001, -2**15, 2**15 - 1), padding=1)), 0.03, 0, 63)
        e = fq(F.conv2d(a, fq(t(u), 0.08, -16, 15), groups=4), 0.06, -15, 15)
        return e.amax((2, 3)) @ fq(t(v), 0.05, -16, 15).t()

    return nodes, inits, run, {}


def make_quantised():
    by_hand("quantised/tflite_int8", (8, 8, 1), tflite(np.int8))
    by_hand("quantised/tflite_uint8", (8, 8, 1), tflite(np.uint8))
    by_hand("quantised/qonnx", (2, 6, 6), qonnx)
    by_hand("quantised/qlinear_uint8", (2, 6, 6), qlinear(False))
    by_hand("quantised/qlinear_int8", (2, 6, 6), qlinear(True))
    by_hand("quantised/qlinear_runtime", (2, 8, 8), qlinear_runtime)
    by_hand("quantised/uint8_image", (2, 6, 6), uint8_image)


# ---- models that must be refused -----------------------------------------------------------------------------------------
def make_errors():
    w = np.zeros((2, 2, 3, 3), np.float32)
    ws = [tensor("w", w)]
    conv = ("Conv", ["input", "w"], ["output"], dict(name="c"))
    case = lambda name, nodes, inits=ws, **options: build("errors/" + name, [1, 2, 5, 5], nodes, inits, **options)
    case("unsupported", [("Conv", ["input", "w"], ["a"], {}), ("Sigmoid", ["a"], ["b"], dict(name="/act/Sigmoid")),
                         ("Mul", ["a", "b"], ["c"], {}), ("Resize", ["c"], ["d"], dict(name="up")),
                         ("Fancy", ["d"], ["output"], dict(domain="com.example", name="z")),
                         ("Erf", ["a"], ["unused"], {})])
    case("opset6", [conv], opset=6)
    case("opset24", [conv], opset=24)
    case("dilation", [("Conv", ["input", "w"], ["output"], dict(dilations=[2, 2], name="c"))])
    case("channels", [conv], [tensor("w", np.zeros((2, 3, 3, 3), np.float32))])
    case("ceil_mode", [("AveragePool", ["input"], ["output"],
                        dict(kernel_shape=[3, 3], strides=[3, 3], pads=[0, 0, 1, 0], count_include_pad=1, ceil_mode=1))])
    case("slice", [("Slice", ["input", "s", "e", "x", "t"], ["a"], dict(name="crop")), ("Conv", ["a", "w"], ["output"], {})],
         ws + [tensor("s", [1], np.int64), tensor("e", [5], np.int64), tensor("x", [3], np.int64), tensor("t", [1], np.int64)])
    case("pad_value", [("Pad", ["input", "p", "v"], ["a"], {}), ("Conv", ["a", "w"], ["output"], {})],
         ws + [tensor("p", [0, 0, 1, 1, 0, 0, 1, 1], np.int64), tensor("v", np.float32(1))])
    case("mul_two", [("Conv", ["input", "w"], ["a"], {}), ("Mul", ["a", "a"], ["output"], dict(name="square"))])
    case("max_two", [("Conv", ["input", "w"], ["a"], {}), ("Max", ["a", "a"], ["output"], dict(name="both"))])
    case("max_channels", [("Conv", ["input", "w"], ["a"], {}), ("Max", ["a", "k"], ["output"], {})],
         ws + [tensor("k", np.arange(2, dtype=np.float32).reshape(2, 1, 1))])
    case("activations", [("Conv", ["input", "w"], ["a"], {}), ("LeakyRelu", ["a"], ["b"], dict(alpha=0.1)),
                         ("HardSwish", ["b"], ["c"], {}), ("LRN", ["c"], ["d"], dict(size=3)), ("Tanh", ["d"], ["output"], {})])
    case("split_sizes", [("Split", ["input", "s"], ["output", "b"], dict(axis=1, name="halves"))], [tensor("s", [1, 2], np.int64)])
    case("slice_groups", [("Conv", ["input", "g"], ["a"], dict(group=2)), ("Gather", ["a", "i"], ["output"], dict(axis=1, name="pick"))],
         [tensor("g", np.zeros((4, 1, 3, 3), np.float32)), tensor("i", [4], np.int64)])
    case("sigmoid_inside", [("Conv", ["input", "w"], ["a"], {}), ("Sigmoid", ["a"], ["s"], {}),
                            ("Mul", ["a", "s"], ["output"], dict(name="swish"))])
    case("argmax_channels", [("Conv", ["input", "w"], ["a"], {}), ("ArgMax", ["a"], ["output"], dict(axis=1))])
    case("reduce_channels", [("Conv", ["input", "w"], ["a"], {}), ("ReduceMax", ["a"], ["output"], dict(axes=[1]))])
    case("softmax_inside", [("Softmax", ["input"], ["a"], {}), ("Conv", ["a", "w"], ["output"], {})])
    case("missing_input", [("Conv", ["nothing", "w"], ["output"], {})])
    case("window", [("Conv", ["input", "w"], ["output"], dict(name="c"))],
         [tensor("w", np.zeros((2, 2, 7, 7), np.float32))])
    case("two_outputs", [conv], outputs=("output", "input"))
    case("not_per_channel", [("Add", ["input", "k"], ["a"], {}), ("Conv", ["a", "w"], ["output"], {})],
         ws + [tensor("k", np.arange(5, dtype=np.float32))])
    scales = [tensor("s", np.float32(0.1)), tensor("y", np.uint8(4)), tensor("z", np.uint8(3))]
    case("other_zero", [("QuantizeLinear", ["input", "s", "z"], ["q"], {}),
                        ("DequantizeLinear", ["q", "s", "y"], ["d"], {}), ("Conv", ["d", "w"], ["output"], {})],
         ws + scales)
    case("codes_unread", [("QuantizeLinear", ["input", "s", "z"], ["q"], {}),
                          ("Conv", ["q", "w"], ["output"], dict(name="c"))], ws + scales)
    build("errors/symbolic", [1, 2, "h", "w"], [conv], ws)
    build("errors/rank", [1, 2, 5, 5, 5], [conv], ws)
    external = tensor("w", w)
    external.ClearField("raw_data")
    external.data_location = TensorProto.EXTERNAL
    external.external_data.add(key="location", value="/etc/passwd")
    case("external", [conv], [external])
    for name, location, length in (("external_above", "a/../../w.data", w.nbytes),
                                   ("external_missing", "w.data", w.nbytes), ("external_short", "opset6.onnx", 1 << 40)):
        external = tensor("w", w)
        external.ClearField("raw_data")
        external.data_location = TensorProto.EXTERNAL
        external.external_data.add(key="location", value=location)
        external.external_data.add(key="length", value=str(length))
        case(name, [conv], [external])
    case("pad_axes", [("Pad", ["input", "p", "", "x"], ["a"], {}), ("Conv", ["a", "w"], ["output"], {})],
         ws + [tensor("p", [0, 0, 1, 1, 0, 0, 1, 1], np.int64), tensor("x", [2, 3], np.int64)], opset=18)
    blocks = [tensor("s", np.full((2, 2, 3, 1), 0.1, np.float32))]
    case("blocks", [("DequantizeLinear", ["q", "s"], ["d"], dict(axis=3, block_size=3)),
                    ("Conv", ["input", "d"], ["output"], {})], blocks + [tensor("q", w, np.int8)], opset=21)
    short = tensor("w", w)
    short.raw_data = short.raw_data[:-4]
    case("short_tensor", [conv], [short])
    huge = tensor("w", w)
    huge.dims[0] = 1 << 40
    case("huge_dimension", [conv], [huge])
    case("huge_fill", [("ConstantOfShape", ["s"], ["k"], {}), ("Conv", ["input", "k"], ["output"], {})],
         [tensor("s", [1 << 20, 1 << 20], np.int64)])
    with open(os.path.join(HERE, "conv_bn_fused.onnx"), "rb") as f:
        whole = f.read()
    for name, data in (("truncated", whole[: len(whole) // 2]), ("text", b"this is not a model\n"), ("empty", b"")):
        with open(os.path.join(HERE, "errors", name + ".onnx"), "wb") as f:
            f.write(data)


if __name__ == "__main__":
    for folder in ("errors", "quantised"):
        os.makedirs(os.path.join(HERE, folder), exist_ok=True)
    export_all()
    make_by_hand()
    make_quantised()
    make_errors()
    sys.exit(0)
