# SPDX-License-Identifier: Apache-2.0
"""ONNX files without any ONNX package: protobuf's wire format, the few fields that these tests need, NumPy."""
import struct

import numpy as np

DTYPES = {1: "<f4", 2: "u1", 3: "i1", 4: "<u2", 5: "<i2", 6: "<i4", 7: "<i8", 11: "<f8"}


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value - (1 << 64) * (value >> 63), at


def fields(data):
    """{number: [values]} of a message: integers, or bytes of all else."""
    out, at = {}, 0
    while at < len(data):
        key, at = varint(data, at)
        kind = key & 7
        if kind == 0:
            value, at = varint(data, at)
        elif kind == 2:
            size, at = varint(data, at)
            value, at = data[at:at + size], at + size
        else:
            size = 4 if kind == 5 else 8
            value, at = data[at:at + size], at + size
        out.setdefault(key >> 3, []).append(value)
    return out


def integers(values):
    """Repeated integers, packed or not."""
    out = []
    for v in values:
        at = 0
        if isinstance(v, int):
            out.append(v)
        while not isinstance(v, int) and at < len(v):
            one, at = varint(v, at)
            out.append(one)
    return out


def read_tensor(data):
    f = fields(data)
    dims, dtype = integers(f.get(1, [])), DTYPES[f[2][0]]
    return f[8][0].decode(), np.frombuffer(f[9][0], dtype).reshape(dims)


def read_attribute(data):
    f = fields(data)
    kind = f[20][0]
    value = {1: lambda: struct.unpack("<f", f[2][0])[0], 2: lambda: f.get(3, [0])[0], 3: lambda: f[4][0].decode(),
             7: lambda: integers(f.get(8, []))}[kind]()
    return f[1][0].decode(), value


def read_model(path):
    """nodes [(op, inputs, outputs, attributes, name)], constants {name: array}, input name, output name."""
    with open(path, "rb") as f:
        graph = fields(fields(f.read())[7][0])
    nodes = []
    for raw in graph[1]:
        n = fields(raw)
        nodes.append((n[4][0].decode(), [v.decode() for v in n.get(1, [])], [v.decode() for v in n[2]],
                      dict(read_attribute(a) for a in n.get(5, [])), n.get(3, [b""])[0].decode()))
    constants = dict(read_tensor(t) for t in graph.get(5, []))
    name = lambda info: fields(info)[1][0].decode()  # noqa: E731
    return nodes, constants, name(graph[11][0]), name(graph[12][0])


# ---- writing -------------------------------------------------------------------------------------------------------
def put_varint(value):
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def put(number, value):
    if isinstance(value, int):
        return put_varint(number << 3) + put_varint(value)
    if isinstance(value, float):
        return put_varint(number << 3 | 5) + struct.pack("<f", value)
    value = value.encode() if isinstance(value, str) else value
    return put_varint(number << 3 | 2) + put_varint(len(value)) + value


def tensor(name, array):
    array = np.asarray(array)
    kind = next(k for k, v in DTYPES.items() if np.dtype(v) == array.dtype)
    dims = b"".join(put(1, int(d)) for d in array.shape)
    return dims + put(2, kind) + put(8, name) + put(9, array.tobytes())


def attribute(name, value):
    """value None: the integer 0 as writers of proto3 have it, by its type alone."""
    if isinstance(value, (list, tuple)):
        body = b"".join(put(8, int(v)) for v in value) + put(20, 7)
    elif isinstance(value, str):
        body = put(4, value) + put(20, 3)
    elif isinstance(value, float):
        body = put(2, value) + put(20, 1)
    else:
        body = (b"" if value is None else put(3, int(value))) + put(20, 2)
    return put(1, name) + body


def node(op, inputs, outputs, domain="", name="", **attributes):
    return (b"".join(put(1, v) for v in inputs) + b"".join(put(2, v) for v in outputs) + put(3, name or outputs[0]) +
            put(4, op) + b"".join(put(5, attribute(k, v)) for k, v in attributes.items()) + put(7, domain))


def info(name, shape, kind=1):
    dims = b"".join(put(1, put(1, int(d))) for d in shape)
    return put(1, name) + put(2, put(1, put(1, kind) + put(2, dims)))


def write_model(path, nodes, constants, shape, outputs, kind=1, domain="qonnx.custom_op.general"):
    """nodes: node(...); input "input" of `shape`, output "output" of shape `outputs`."""
    graph = b"".join(put(1, n) for n in nodes) + put(2, "made")
    graph += b"".join(put(5, tensor(k, v)) for k, v in constants.items())
    graph += put(11, info("input", shape, kind)) + put(12, info("output", outputs))
    sets = put(8, put(1, "") + put(2, 13)) + put(8, put(1, domain) + put(2, 1))
    with open(path, "wb") as f:
        f.write(put(1, 7) + put(7, graph) + sets)
