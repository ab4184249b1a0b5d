# SPDX-License-Identifier: Apache-2.0
"""QONNX models with the structure of FINN's and hls4ml's examples, small and with random weights: qonnx_models.py FOLDER
writes NAME.onnx and NAME.npy (uint8 images) of each; every name is in MODELS with what can be expected of it."""
import sys
import zlib

import numpy as np

from onnx_wire import node, write_model

DOMAIN = "qonnx.custom_op.general"


class Model:
    """Nodes one after the other; x is the value that the last one made."""

    def __init__(self, name, shape):
        self.rng = np.random.RandomState(zlib.crc32(name.encode()) % 2**31)
        self.name, self.shape, self.nodes, self.constants, self.x = name, shape, [], {}, "input"
        self.flat = len(shape) == 1

    def const(self, value):
        name = f"c{len(self.constants)}"
        self.constants[name] = np.asarray(value)
        return name

    def do(self, op, *inputs, domain="", **attributes):
        out = f"v{len(self.nodes)}"
        self.nodes.append(node(op, inputs, [out], domain, f"{op}_{len(self.nodes)}", **attributes))
        return out

    def then(self, op, *inputs, **attributes):
        self.x = self.do(op, self.x, *inputs, **attributes)
        return self

    def number(self, value):
        return self.const(np.float32(value))

    def quant(self, x, scale, bits, signed=1, narrow=0, mode="ROUND", op="Quant", domain=DOMAIN):
        return self.do(op, x, self.const(np.asarray(scale, np.float32)), self.number(0), self.number(bits), domain=domain, signed=signed,
                       narrow=narrow, rounding_mode=mode)

    def act(self, scale, bits, **options):
        self.x = self.quant(self.x, scale, bits, **options)
        return self

    def bipolar(self, scale=1.0):
        self.x = self.do("BipolarQuant", self.x, self.number(scale), domain=DOMAIN)
        return self

    def weight(self, shape, bits, scale=None, mode="ROUND"):
        w = self.const(self.rng.normal(0, 1, shape).astype(np.float32))
        if bits == 1:
            return self.do("BipolarQuant", w, self.number(scale or 1.0), domain=DOMAIN)
        if scale is None:
            scale = self.rng.uniform(0.2, 0.5, [shape[0]] + [1] * (len(shape) - 1)) * 8 / 2**bits
        return self.quant(w, scale, bits, narrow=1, mode=mode)

    def conv(self, channels, filters, kernel, bits, scale=None, pads=0, stride=1, groups=1, bias=None):
        inputs = [self.weight((filters, channels // groups, kernel, kernel), bits, scale)]
        if bias:
            inputs.append(self.quant(self.const(self.rng.normal(0, 1, filters).astype(np.float32)), bias, 16))
        return self.then("Conv", *inputs, kernel_shape=[kernel] * 2, pads=[pads] * 4, strides=[stride] * 2, group=groups)

    def matmul(self, inputs, outputs, bits, scale=None, bias=None):
        if bits == 1 or scale is not None:
            w = self.weight((inputs, outputs), bits, scale)
        else:
            w = self.const(self.rng.normal(0, 1, (inputs, outputs)).astype(np.float32))
            w = self.quant(w, self.rng.uniform(0.1, 0.3, (1, outputs)), bits, narrow=1)
        self.then("MatMul", w)
        if bias:
            b = self.quant(self.const(self.rng.normal(0, 1, outputs).astype(np.float32)), bias, 16)
            self.then("Add", b)
        return self

    def norm(self, channels, spread):
        """Trained statistics: scales of either sign, means as large as the sums are."""
        r = self.rng
        values = (r.uniform(0.5, 1.5, channels) * r.choice([-1, 1], channels), r.normal(0, 0.3, channels), r.normal(0, spread, channels),
                  r.uniform(0.5, 1.5, channels) * spread**2)
        return self.then("BatchNormalization", *[self.const(v.astype(np.float32)) for v in values], epsilon=1e-5)

    def pool(self, k=2):
        return self.then("MaxPool", kernel_shape=[k, k], strides=[k, k])

    def save(self, folder, outputs):
        self.nodes.append(node("Identity", [self.x], ["output"]))
        write_model(f"{folder}/{self.name}.onnx", self.nodes, self.constants, [1, *self.shape], [1, outputs])
        size = self.shape if len(self.shape) == 3 else (*self.shape, 1, 1)
        tiles = np.kron(self.rng.uniform(0, 255, (60, size[0], -(-size[1] // 4), -(-size[2] // 4))), np.ones((4, 4)))[:, :, :size[1], :size[2]]
        noise = self.rng.uniform(0, 255, (60, *size))
        np.save(f"{folder}/{self.name}.npy", np.where(np.arange(60).reshape(-1, 1, 1, 1) % 2, tiles, noise).astype(np.uint8))


def head(m):
    """FINN's examples take pixel / 255 and make -1..1 of it."""
    return m.then("Mul", m.number(2)).then("Sub", m.number(1))


def tfc(m, w, a):
    """FINN's tiny fully connected network: three layers between the image and the classes."""
    head(m).then("Flatten")
    m.x = m.bipolar().x if a == 1 else m.act(0.5, 2, narrow=1).x
    inputs = 14 * 14
    for i in range(3):
        m.matmul(inputs, 32, w, 1.0 if w == 1 else 0.5)
        inputs = 32
        m.norm(32, 8 if a == 1 else 0.6 if inputs == 32 and i else 3)
        m.x = m.bipolar().x if a == 1 else m.act(0.317, 2, narrow=1).x
    m.matmul(32, 10, w, 0.5).then("Mul", m.number(0.37))
    return 10


def cnv(m, w, a):
    """FINN's VGG-like network, with fewer channels."""
    head(m).act(1 / 128, 8)
    channels, size = 3, 18
    for filters, pool in ((8, 0), (8, 1), (12, 0)):
        m.conv(channels, filters, 3, w, 1.0 if w == 1 else None).norm(filters, 4 if a == 1 else 2)
        m.x = m.bipolar().x if a == 1 else m.then("Relu").act(0.273, a, signed=0).x
        if pool:
            m.pool()
        channels, size = filters, (size - 2) // (2 if pool else 1)
    m.then("Flatten").matmul(channels * size * size, 16, w, 1.0 if w == 1 else 0.25).norm(16, 20 if a == 1 else 2)
    m.x = m.bipolar().x if a == 1 else m.act(0.273, a).x
    m.matmul(16, 10, w, 0.5)
    return 10


def mobilenet(m):
    """FINN's MobileNet: 4 bits, one scale a filter, depthwise and pointwise, a mean that is truncated."""
    m.act(1 / 255, 8, signed=0).conv(3, 8, 3, 8, pads=1, stride=2).norm(8, 2).then("Relu").act(0.11, 4, signed=0)
    for i, o in ((8, 12), (12, 16)):
        m.conv(i, i, 3, 4, pads=1, groups=i).norm(i, 1).then("Relu").act(0.11, 4, signed=0)
        m.conv(i, o, 1, 4).norm(o, 1).then("Relu").act(0.11, 4, signed=0)
    m.then("GlobalAveragePool").then("Mul", m.number(64))
    m.x = m.do("Trunc", m.x, m.number(0.11), m.number(0), m.number(10), m.number(4), domain=DOMAIN)
    m.then("Flatten").matmul(16, 10, 4, 0.2)
    return 10


def jets(m, mode):
    """hls4ml's jet tagging: 16 numbers, 64, 32, 32, 5 classes, fixed-point numbers of 6 bits."""
    if mode == "CEIL":
        m.act(2**-8, 8, signed=None, mode="FLOOR")  # a 0 that is left out: taken for a 1, half of the codes would go
    else:
        m.act(2**-7, 8, signed=0, mode="FLOOR")
    inputs = 16
    for outputs in (64, 32, 32):
        m.matmul(inputs, outputs, 6, 2**-3, 2**-5).then("Relu").act(2**-2, 6, signed=0, mode=mode)
        inputs = outputs
    m.matmul(inputs, 5, 6, 2**-3, 2**-5)
    return 5


def svhn(m):
    """hls4ml's convolutional network for house numbers, 7 bits, fixed point, rounded towards 0 behind ReLU."""
    m.act(2**-8, 8, signed=0)
    channels, size = 3, 16
    for filters in (6, 8):
        m.conv(channels, filters, 3, 7, 2**-5, bias=2**-8).then("Relu").act(2**-3, 7, signed=0, mode="ROUND_TO_ZERO").pool()
        channels, size = filters, (size - 2) // 2
    m.then("Flatten").matmul(channels * size * size, 12, 7, 2**-5, 2**-8).then("Relu").act(1.0, 7, signed=0, mode="HALF_UP")
    m.matmul(12, 10, 7, 2**-5)
    return 10


def modes(m):
    """Rounding up and down of numbers on both sides of 0, one bit in Quant, small letters, the older domain."""
    m.act(1 / 255, 8, signed=0, domain="onnx.brevitas")
    m.conv(2, 5, 3, 4, 0.25, pads=1).act(8 / 255, 7, mode="ceil", narrow=1)
    m.conv(5, 5, 3, 4, 0.5).act(32 / 255, 7, mode="FLOOR", op="IntQuant")
    m.pool().conv(5, 4, 1, 2, 1.0).act(1e-9, 1, signed=0, mode="CEIL")
    m.then("Flatten").matmul(100, 7, 3, 0.5)
    return 7


def signs(m):
    """Weights without a sign, or with a zero point, whose signs a product changes; a sign behind a ReLU."""
    m.act(2**-8, 8, signed=0)
    for channels, signed, zero in ((2, 0, 0), (6, 1, 1), (6, 0, 8)):
        w = m.const(m.rng.normal(0, 1, (6, channels, 3, 3)).astype(np.float32))
        w = m.do("Quant", w, m.number(0.25), m.number(zero), m.number(4), domain=DOMAIN, signed=signed, narrow=0, rounding_mode="ROUND")
        m.then("Conv", w, kernel_shape=[3, 3])
        m.then("Mul", m.const(np.where(np.arange(6) % 2, -0.25, 0.25).astype(np.float32).reshape(1, 6, 1, 1))).act(0.25, 4, mode="FLOOR")
    before = m.x
    always = m.conv(6, 4, 1, 4, 0.25).then("Relu").bipolar(0.5).conv(4, 4, 1, 4, 0.25).act(0.5, 5, mode="FLOOR").x
    m.x = before
    m.conv(6, 4, 1, 4, 0.25).act(0.5, 5, mode="FLOOR").then("Add", always).act(0.5, 6)
    m.then("Flatten").matmul(4 * 12 * 12, 5, 4, 0.25)
    return 5


def channels(m):
    """A factor for each channel of what a convolution reads, whose weights have then no scale for a filter: they are quantised anew."""
    m.act(2**-8, 8, signed=0).conv(2, 6, 3, 4, 0.25).then("Relu").act(0.25, 6, signed=0)
    m.then("Mul", m.const(np.linspace(0.5, 1.5, 6).astype(np.float32).reshape(1, 6, 1, 1))).conv(6, 4, 3, 4, 0.25, pads=1).act(0.5, 6)
    m.then("Flatten").matmul(4 * 10 * 10, 5, 4, 0.25)
    return 5


# By how many units of the last layer's sums a logit may be off: 0 where an import says that it is exact, which it is where only signs
# count and where all scales are powers of two times others. Statistics between layers leave sums that are no whole units.
MODELS = {"tfc_w1a1": ((1, 14, 14), lambda m: tfc(m, 1, 1), 0), "tfc_w2a1": ((1, 14, 14), lambda m: tfc(m, 2, 1), 0),
          "tfc_w2a2": ((1, 14, 14), lambda m: tfc(m, 2, 2), 8), "cnv_w1a1": ((3, 18, 18), lambda m: cnv(m, 1, 1), 0),
          "cnv_w1a2": ((3, 18, 18), lambda m: cnv(m, 1, 2), 4), "cnv_w2a2": ((3, 18, 18), lambda m: cnv(m, 2, 2), 3),
          "mobilenet_w4a4": ((3, 16, 16), mobilenet, 8), "jets_floor": ((16,), lambda m: jets(m, "FLOOR"), 0),
          "jets_half_up": ((16,), lambda m: jets(m, "HALF_UP"), 0), "jets_ceil": ((16,), lambda m: jets(m, "CEIL"), 0),
          "svhn": ((3, 16, 16), svhn, 0), "modes": ((2, 12, 12), modes, 0),
          "signs": ((2, 18, 18), signs, 0), "channels": ((2, 12, 12), channels, 60)}

if __name__ == "__main__":
    for name, (shape, make, _) in MODELS.items():
        model = Model(name, shape)
        model.save(sys.argv[1], make(model))
