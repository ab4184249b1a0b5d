# SPDX-License-Identifier: Apache-2.0
"""model.py DIR NAME...: writes DIR/model.onnx, a chain of convolutions and a dense layer with these names, and DIR/images.idx,
DIR/labels.idx. Encodes the few ONNX messages itself, so that it needs no package."""
import random
import struct
import sys

folder, names = sys.argv[1], sys.argv[2:]
rand = random.Random(1)
CHANNELS, SIDE, CLASSES, IMAGES = 2, 4, 4, 16


def varint(n):
    out = b""
    while n > 127:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    value = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(value)) + value


def tensor(name, dims, low, high):
    count = 1
    for d in dims:
        count *= d
    raw = struct.pack("<%df" % count, *(rand.uniform(low, high) for _ in range(count)))
    return b"".join(field(1, d) for d in dims) + field(2, 1) + field(8, name) + field(9, raw)


def node(op, name, inputs, output, attributes=b""):
    return field(1, b"".join(field(1, i) for i in inputs) + field(2, output) + field(3, name) + field(4, op) + attributes)


def value(name, dims):
    shape = b"".join(field(1, field(1, d)) for d in dims)
    return field(1, name) + field(2, field(1, field(1, 1) + field(2, shape)))


graph, at, channels, side = b"", "image", 1, SIDE
for i, name in enumerate(names[:-1]):
    weight, kernel = "w%d" % i, 3 if i % 2 == 0 and side > 3 else 1
    scale = (3 / (channels * kernel * kernel)) ** 0.5
    graph += field(5, tensor(weight, [CHANNELS, channels, kernel, kernel], -scale / 2, 2 * scale))
    kernel_shape = field(1, "kernel_shape") + field(20, 7) + field(8, kernel) * 2
    graph += node("Conv", name, [at, weight], "c%d" % i, field(5, kernel_shape))
    graph += node("Relu", name + "/Relu", ["c%d" % i], "r%d" % i)
    at, channels, side = "r%d" % i, CHANNELS, side - kernel + 1
graph += node("Flatten", "flat", [at], "flat")
graph += field(5, tensor("wd", [channels * side * side, CLASSES], -1.0, 0.3))
graph += node("MatMul", names[-1], ["flat", "wd"], "logits")
graph += field(2, "names") + field(11, value("image", [1, 1, SIDE, SIDE])) + field(12, value("logits", [1, CLASSES]))
with open(folder + "/model.onnx", "wb") as f:
    f.write(field(1, 8) + field(7, graph) + field(8, field(1, "") + field(2, 13)))
with open(folder + "/images.idx", "wb") as f:
    f.write(struct.pack(">4I", 0x803, IMAGES, SIDE, SIDE) + bytes(rand.randrange(256) for _ in range(IMAGES * SIDE * SIDE)))
with open(folder + "/labels.idx", "wb") as f:
    f.write(struct.pack(">2I", 0x801, IMAGES) + bytes(rand.randrange(CLASSES) for _ in range(IMAGES)))
