# SPDX-License-Identifier: Apache-2.0
"""Small networks for the calibration of predicted costs: trained ones' shapes in little, weights that are bell-shaped, images
of blobs. A seed always gives the same network."""
import hashlib
import json
import math
import os
import random
import struct

OUTPUTS = 10
LEAST_SIZE = 4  # pixels a side below which nothing is pooled any more


class Network:
    def __init__(self, seed):
        self.seed, self.layers, self.tensors = seed, [], {}
        self.random = random.Random(seed)
        self.channels = {}  # layer: shape
        shape = [self.pick([1, 1, 2, 3, 4]), self.number(8, 14), self.number(8, 14)]
        self._add({"name": "image", "op": "input", "shape": shape, "clamp": [0, 127]}, 0.008)
        now = "image"
        for _ in range(self.number(2, 3)):
            now = self.pick([self._plain, self._plain, self._wide, self._depthwise, self._residual, self._beside])(now)
            now = self.pick([self._pool, self._pool, self._window_pool, lambda name: name])(now)
        self._dense(now)

    # Python promises the sequence of random() alone.
    def number(self, low, high):
        return low + int(self.random.random() * (high - low + 1))

    def pick(self, items):
        return items[self.number(0, len(items) - 1)]

    def bell(self, deviation):
        return deviation * (sum(self.random.random() for _ in range(12)) - 6)

    def _add(self, layer, scale=0.02):
        layer.setdefault("codes", {"bits": 8, "signed": True, "zero": 0, "scale": scale})
        self.layers.append(layer)
        self.channels[layer["name"]] = layer["shape"]
        return layer["name"]

    def _name(self, op):
        return f"{op}{len(self.layers)}"

    def _weights(self, name, filters, taps, requantised=True):
        reduction = math.prod(taps)
        clip = lambda v: max(-127, min(127, round(v)))
        self.tensors[name + ".weight"] = ("I8", [filters] + taps,
                                          [clip(self.bell(32)) for _ in range(filters * reduction)])
        self.tensors[name + ".bias"] = ("I32", [filters], [round(self.bell(1500)) for _ in range(filters)])
        self.tensors[name + ".weight_scale"] = ("F64", [filters], [0.01] * filters)
        if not requantised:
            return None
        scale, shift = 1 / (38 * math.sqrt(reduction)), 15  # sums come back to about the size of the activations
        while scale * 2 ** shift < 20000:
            shift += 1
        self.tensors[name + ".multiplier"] = ("U16", [filters], [int(scale * 2 ** shift * (0.6 + 0.8 * self.random.random()))
                                                                 for _ in range(filters)])
        return shift

    def _conv(self, source, filters, kernel, stride=1, groups=1, relu=True):
        channels, height, width = self.channels[source]
        pad = kernel // 2
        size = lambda n: (n + 2 * pad - kernel) // stride + 1
        name = self._name("conv")
        shift = self._weights(name, filters, [channels // groups, kernel, kernel])
        return self._add({"name": name, "op": "conv", "inputs": [source], "shape": [filters, size(height), size(width)],
                          "kernel": [kernel, kernel], "stride": [stride, stride], "pads": [pad] * 4, "groups": groups,
                          "weights": {"bits": 8, "signed": True, "zero": 0}, "shift": shift,
                          "clamp": [0 if relu else -128, 127]})

    def _plain(self, source):
        return self._conv(source, self.pick([4, 6, 8, 12, 16]), self.pick([3, 3, 5]), self.pick([1, 1, 1, 2]))

    def _wide(self, source):
        return self._conv(source, self.pick([12, 16, 20, 24]), 1)

    def _depthwise(self, source):
        channels = self.channels[source][0]
        return self._conv(self._conv(source, channels, 3, 1, channels), self.pick([8, 12, 16]), 1)

    def _residual(self, source):
        channels = self.channels[source][0]
        inner = self._conv(self._conv(source, self.pick([4, 8]), 3), channels, 3, relu=False)
        name = self._name("add")
        self.tensors[name + ".multiplier"] = ("U16", [2], [self.number(16000, 30000), self.number(16000, 30000)])
        return self._add({"name": name, "op": "add", "inputs": [inner, source], "shape": self.channels[source],
                          "shift": 15, "clamp": [0, 127]})

    def _beside(self, source):
        ways = [self._conv(source, self.pick([4, 8]), kernel) for kernel in (1, 3)]
        shape = self.channels[source]
        return self._add({"name": self._name("concat"), "op": "concat", "inputs": ways,
                          "shape": [sum(self.channels[w][0] for w in ways)] + shape[1:], "clamp": [-128, 127]})

    def _pooling(self, source, op, kernel, stride, pad):
        channels, height, width = self.channels[source]
        if min(height, width) < LEAST_SIZE:
            return source
        size = lambda n: (n + 2 * pad - kernel) // stride + 1
        layer = {"name": self._name(op), "op": op, "inputs": [source], "shape": [channels, size(height), size(width)],
                 "kernel": [kernel, kernel], "stride": [stride, stride], "pads": [pad] * 4, "clamp": [-128, 127]}
        if op == "avgpool":
            layer.update(count_pads=True, shift=17)
            self.tensors[layer["name"] + ".multiplier"] = ("U16", [channels], [2 ** 17 // kernel ** 2] * channels)
        return self._add(layer)

    def _pool(self, source):
        return self._pooling(source, self.pick(["maxpool", "maxpool", "avgpool"]), 2, 2, 0)

    def _window_pool(self, source):
        return self._pooling(source, "maxpool", 3, 2, 1)

    def _dense(self, source):
        channels, height, width = self.channels[source]
        if channels * height * width > 200:
            hidden = self.pick([16, 24, 32])
            shift = self._weights("hidden", hidden, [channels, height, width])
            self._add({"name": "hidden", "op": "dense", "inputs": [source], "shape": [hidden, 1, 1],
                       "weights": {"bits": 8, "signed": True, "zero": 0}, "shift": shift, "clamp": [0, 127]})
            source, channels, height, width = "hidden", hidden, 1, 1
        self._weights("scores", OUTPUTS, [channels, height, width], False)
        self._add({"name": "scores", "op": "dense", "inputs": [source], "shape": [OUTPUTS, 1, 1],
                   "weights": {"bits": 8, "signed": True, "zero": 0}, "codes": None})

    def multiplying(self):
        """[(name, filters, reduction, groups, output pixels)]"""
        out = []
        for layer in self.layers:
            if layer["op"] in ("conv", "dense"):
                shape = self.tensors[layer["name"] + ".weight"][1]
                out.append((layer["name"], shape[0], math.prod(shape[1:]), layer.get("groups", 1),
                            layer["shape"][1] * layer["shape"][2]))
        return out

    def write(self, folder):
        os.makedirs(folder, exist_ok=True)
        weights = safetensors(self.tensors)
        layers = [{k: v for k, v in layer.items() if v is not None} for layer in self.layers]
        net = {"format": 1, "name": f"calibration-{self.seed}", "quantised": True, "input_scale": 1,
               "weights": {"file": "weights.safetensors", "sha256": hashlib.sha256(weights).hexdigest()},
               "layers": layers}
        save(os.path.join(folder, "weights.safetensors"), weights)
        save(os.path.join(folder, "net.yaml"), (json.dumps(net, indent=1) + "\n").encode())
        save(os.path.join(folder, "images.npy"), self._images(16))

    def _images(self, count):
        """Blobs on a dark ground, as uint8 [N, C, H, W]."""
        channels, height, width = self.layers[0]["shape"]
        data = bytearray()
        for _ in range(count):
            blobs = [(self.random.random() * height, self.random.random() * width, 1 + 2 * self.random.random(),
                      [self.random.random() for _ in range(channels)]) for _ in range(4)]
            for c in range(channels):
                for y in range(height):
                    for x in range(width):
                        light = sum(255 * tint[c] * math.exp(-((y - by) ** 2 + (x - bx) ** 2) / size ** 2)
                                    for by, bx, size, tint in blobs)
                        data.append(min(255, int(light) // 8 * 8 + self.number(0, 7) if light > 20 else 0))
        return npy((count, channels, height, width), data)


FORMATS = {"I8": "b", "I32": "i", "U16": "H", "F32": "f", "F64": "d"}


def npy(shape, data):
    """Bytes as NumPy's file of them."""
    head = f"{{'descr': '|u1', 'fortran_order': False, 'shape': ({', '.join(map(str, shape))}), }}"
    head += " " * (63 - (10 + len(head)) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head.encode() + bytes(data)


def safetensors(tensors):
    head, data = {}, b""
    for name, (kind, shape, values) in sorted(tensors.items(), key=lambda t: -struct.calcsize(FORMATS[t[1][0]])):
        packed = struct.pack(f"<{len(values)}{FORMATS[kind]}", *values)
        head[name] = {"dtype": kind, "shape": shape, "data_offsets": [len(data), len(data) + len(packed)]}
        data += packed
    text = json.dumps(head).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data


def save(path, data):
    with open(path + ".tmp", "wb") as f:
        f.write(data)
    os.replace(path + ".tmp", path)
