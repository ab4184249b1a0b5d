#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes errors/quant_*.onnx of this folder: QONNX nodes that must be refused (NAME.expected: why). Needs NumPy only; the files are
committed. AXGEN_BLESS=1 build/tests/unit/quant/test_onnx writes the messages anew, from the repository's root."""
import os
import sys

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "import"))
from onnx_wire import node, write_model  # noqa: E402

DOMAIN = "qonnx.custom_op.general"
F = np.float32
W = np.random.RandomState(3).normal(0, 1, (4, 2, 3, 3)).astype(F)


def case(name, op="Quant", of="x", inputs=("s", "z", "b"), after=(), pads=0, domain=DOMAIN, attributes=None, **constants):
    """`op` on the activation x before a convolution, or on its weights w, with other constants than these."""
    values = dict(w=W, s=F(0.1), z=F(0), b=F(4), o=F(0.2), n=F(2))
    values.update({k: np.asarray(v, F) for k, v in constants.items()})
    conv = dict(kernel_shape=[3, 3], pads=[pads] * 4)
    if of == "w":
        nodes = [node(op, ["w", *inputs], ["q"], domain, "strange", **(attributes or {})), node("Conv", ["input", "q"], ["output"], **conv)]
    else:
        nodes = [node("Conv", ["input", "w"], ["c"], kernel_shape=[3, 3]),
                 node(op, ["c", *inputs], ["q"], domain, "strange", **(attributes or {})), *after,
                 node("Conv", ["q", "v"], ["output"], kernel_shape=[1, 1], pads=[pads] * 4)]
        values["v"] = np.ones((3, 4, 1, 1), F)
    write_model(f"{HERE}/errors/{name}.onnx", nodes, values, [1, 2, 6, 6], [1, 3 if of == "x" else 4, 4, 4])


if __name__ == "__main__":
    for what, value in (("zero", 0), ("negative", -0.5), ("nan", np.nan), ("infinite", np.inf)):
        case(f"quant_scale_{what}", s=value)
        case(f"quant_weight_scale_{what}", of="w", s=value)
        case(f"quant_bipolar_{what}", "BipolarQuant", inputs=("s",), s=value)
    for what, value in (("0", 0), ("33", 33), ("half", 4.5), ("nan", np.nan), ("two", [[[4]], [[5]], [[4]], [[4]]]), ("negative", -3)):
        case(f"quant_bits_{what}", b=value)
    case("quant_bits", of="w", b=33)
    case("quant_bits_17", b=17)
    case("quant_rounding", attributes=dict(rounding_mode="STOCHASTIC"))
    case("quant_rounding_signed", attributes=dict(rounding_mode="ROUND_TO_ZERO"))
    case("quant_signed_float", attributes=dict(signed=0.0))
    case("quant_narrow_list", of="w", attributes=dict(narrow=[1]))
    case("quant_rounding_number", attributes=dict(rounding_mode=3))
    case("quant_zero_half", z=0.5)
    case("quant_zero_nan", z=np.nan)
    case("quant_zero_beyond", z=100)
    case("quant_zeros", of="w", z=np.arange(4).reshape(4, 1, 1, 1))
    case("quant_zero_empty", z=np.ones((0,)))
    case("quant_zero_shape", of="w", z=np.zeros((3, 1, 1, 1)))
    case("quant_bits_shape", of="w", b=np.full((5,), 4))
    case("quant_no_bits", inputs=("s", "z"))
    case("quant_no_scale", inputs=("", "z", "b"))
    case("quant_scales", s=[0.1, 0.2, 0.3, 0.4])
    case("quant_channels", s=np.full((1, 4, 1, 1), [[[[0.1]], [[0.2]], [[0.3]], [[0.4]]]], F))
    case("quant_shape", of="w", s=np.ones((3, 1, 1, 1)))
    case("quant_empty", s=np.ones((0,)))
    case("quant_variable", inputs=("c", "z", "b"))
    case("quant_bipolar_padded", "BipolarQuant", inputs=("s",), pads=1)
    case("quant_bipolar_channels", "BipolarQuant", inputs=("s",), s=np.ones((1, 4, 1, 1)) * [[[[1]], [[2]], [[3]], [[4]]]])
    case("quant_trunc_few", "Trunc", inputs=("s", "z", "b"))
    case("quant_trunc_bits", "Trunc", inputs=("s", "z", "n", "b"))
    case("quant_trunc_zero", "Trunc", inputs=("s", "z", "b", "n"), z=1)
    case("quant_trunc_scale", "Trunc", inputs=("s", "z", "b", "o", "n"), o=0.01)
    case("quant_float", "FloatQuant", inputs=("s", "z", "b", "o", "n"))
