# SPDX-License-Identifier: Apache-2.0
"""An evaluator of ONNX models with QuantizeLinear and DequantizeLinear, and of QONNX's nodes, in NumPy and double precision.

Written from the operators' definitions (onnx.ai, the qonnx project's custom operators); it shares nothing with axgen.
    onnx_run.py MODEL IMAGES.npy LOGITS.npy [--float]     uint8 images; --float: pixel / 255
"""
import sys

import numpy as np

from onnx_wire import read_model


def pad(x, pads, value=0.0):
    return np.pad(x, [(0, 0), (0, 0), (pads[0], pads[2]), (pads[1], pads[3])], constant_values=value)


def windows(x, a, value=0.0):
    """[N, C, H', W', kh, kw] of the padded image."""
    kernel, strides, pads = a["kernel_shape"], a.get("strides", [1, 1]), a.get("pads", [0, 0, 0, 0])
    view = np.lib.stride_tricks.sliding_window_view(pad(x, pads, value), kernel, (2, 3))
    return view[:, :, ::strides[0], ::strides[1]]


def conv(a, x, w, b=None):
    groups = a.get("group", 1)
    v = windows(x, dict(a, kernel_shape=list(w.shape[2:])))
    n, c, h, width = v.shape[:4]
    parts = np.split(v, groups, 1), np.split(w, groups, 0)
    out = [np.tensordot(p, q, ([1, 4, 5], [1, 2, 3])).transpose(0, 3, 1, 2) for p, q in zip(*parts)]
    return np.concatenate(out, 1) + (0 if b is None else b.reshape(1, -1, 1, 1))


def average(a, x):
    count = windows(np.ones_like(x), a).sum((4, 5))
    if a.get("count_include_pad", 0):
        count = float(np.prod(a["kernel_shape"]))
    return windows(x, a).sum((4, 5)) / count


def along(v, x, axis):
    return v.reshape([-1 if d == axis % x.ndim else 1 for d in range(x.ndim)]) if v.ndim == 1 and v.size > 1 else v


def quantize(a, x, scale, zero=np.uint8(0)):
    axis = a.get("axis", 1)
    codes = np.rint(x / along(scale.astype(np.float64), x, axis)) + along(zero.astype(np.float64), x, axis)
    return np.clip(codes, np.iinfo(zero.dtype).min, np.iinfo(zero.dtype).max).astype(zero.dtype)


def dequantize(a, x, scale, zero=np.zeros(1)):
    axis = a.get("axis", 1)
    return (x.astype(np.float64) - along(zero.astype(np.float64), x, axis)) * along(scale.astype(np.float64), x, axis)


ROUNDING = {"ROUND": np.rint, "HALF_EVEN": np.rint, "ROUND_TO_ZERO": np.trunc, "DOWN": np.trunc, "CEIL": np.ceil, "FLOOR": np.floor,
            "UP": lambda v: np.sign(v) * np.ceil(np.abs(v)), "HALF_UP": lambda v: np.sign(v) * np.floor(np.abs(v) + 0.5),
            "HALF_DOWN": lambda v: np.sign(v) * np.ceil(np.abs(v) - 0.5)}


def quant(a, x, scale, zero, bits):
    signed, narrow, bits = a.get("signed", 1), a.get("narrow", 0), bits.astype(np.float64)
    least = -2.0**(bits - 1) + narrow if signed else 0 * bits
    most = 2.0**(bits - 1) - 1 if signed else 2.0**bits - 1 - narrow
    codes = ROUNDING[a.get("rounding_mode", "ROUND").upper()](np.clip(x / scale + zero, least, most))
    return (codes - zero) * scale


def bipolar(a, x, scale):
    return np.where(x >= 0, scale, -scale)


def trunc(a, x, scale, zero, bits_in, bits_out):
    """qonnx's first definition: the lowest bits of the codes go."""
    shift = 2.0**(bits_in.astype(np.float64) - bits_out.astype(np.float64))
    codes = np.rint(x / scale + zero)
    return (ROUNDING[a.get("rounding_mode", "FLOOR").upper()](codes / shift) - zero) * scale


def gemm(a, x, w, b=0.0):
    return a.get("alpha", 1.0) * x @ (w.T if a.get("transB", 0) else w) + a.get("beta", 1.0) * b


def batch_norm(a, x, scale, bias, mean, var):
    v = [p.astype(np.float64).reshape([1, -1] + [1] * (x.ndim - 2)) for p in (scale, bias, mean, var)]
    return (x - v[2]) / np.sqrt(v[3] + a.get("epsilon", 1e-5)) * v[0] + v[1]


OPERATORS = {
    "Add": lambda a, x, y: x + y,
    "AveragePool": average,
    "BatchNormalization": batch_norm,
    "BipolarQuant": bipolar,
    "Cast": lambda a, x: x.astype(np.float64),
    "Clip": lambda a, x, lo=-np.inf, hi=np.inf: np.clip(x, lo, hi),
    "Concat": lambda a, *x: np.concatenate(x, a["axis"]),
    "Conv": conv,
    "DequantizeLinear": dequantize,
    "Div": lambda a, x, y: x / y,
    "Flatten": lambda a, x: x.reshape(x.shape[0], -1),
    "Gemm": gemm,
    "GlobalAveragePool": lambda a, x: x.mean((2, 3), keepdims=True),
    "Identity": lambda a, x: x,
    "MatMul": lambda a, x, y: x @ y,
    "MaxPool": lambda a, x: windows(x, a, -np.inf).max((4, 5)),
    "Mul": lambda a, x, y: x * y,
    "Pad": lambda a, x, p: np.pad(x, list(zip(p[:4], p[4:]))),
    "IntQuant": quant,
    "Quant": quant,
    "QuantizeLinear": quantize,
    "Relu": lambda a, x: np.maximum(x, 0),
    "Reshape": lambda a, x, s: x.reshape([x.shape[i] if d == 0 else d for i, d in enumerate(s)]),
    "Sub": lambda a, x, y: x - y,
    "Trunc": trunc,
}


def run(path, x):
    nodes, constants, source, result = read_model(path)
    values = {k: v.astype(np.float64) if v.dtype == np.float32 else v for k, v in constants.items()}
    values[source] = x
    for op, inputs, outputs, attributes, _ in nodes:
        args = [values[v] if v else {0: None, 1: -np.inf, 2: np.inf}[i] for i, v in enumerate(inputs)]
        values[outputs[0]] = OPERATORS[op](attributes, *args)
    return values[result]


if __name__ == "__main__":
    images = np.load(sys.argv[2])
    images = images if images.ndim == 4 else images[:, None]
    if "--list" in sys.argv:
        images = images.reshape(len(images), -1)
    x = images.astype(np.float64) / 255 if "--float" in sys.argv else images
    np.save(sys.argv[3], run(sys.argv[1], x).reshape(len(images), -1))
