# SPDX-License-Identifier: Apache-2.0
"""Designs of other kinds than those that the model is fitted on and tested with: networks made by hand, quantised by
`axgen net quantize` in other schemes and widths, in foldings, tiles and on images that designs.py does not draw."""
import json
import math
import os
import random
import struct
import subprocess
import sys
import tempfile

from networks import npy, safetensors, save
from steps import AXGEN, FASHION, ROOT


class Made:
    """A float network, layer by layer; each method names the layer's input, the last one if not given."""

    def __init__(self, seed, shape):
        self.random = random.Random(seed)
        self.layers, self.tensors, self.shapes, self.last = [], {}, {}, None
        self._add({"name": "image", "op": "input", "shape": list(shape)})

    def bell(self, deviation):
        return deviation * (sum(self.random.random() for _ in range(12)) - 6)

    def _add(self, layer):
        self.layers.append(layer)
        self.shapes[layer["name"]] = layer["shape"]
        self.last = layer["name"]
        return self

    def _weights(self, name, shape):
        """As training leaves them: filters of different sizes."""
        taps = math.prod(shape[1:])
        values = []
        for _ in range(shape[0]):
            size = math.sqrt(2 / taps) * (0.5 + self.random.random())
            values += [self.bell(size) for _ in range(taps)]
        self.tensors[name + ".weight"] = ("F32", list(shape), values)
        self.tensors[name + ".bias"] = ("F32", [shape[0]], [self.bell(0.1) for _ in range(shape[0])])

    def _window(self, name, op, channels, kernel, stride, pad, source, **more):
        _, height, width = self.shapes[source]
        size = lambda n: (n + 2 * pad - kernel) // stride + 1
        return self._add(dict({"name": name, "op": op, "inputs": [source], "shape": [channels, size(height), size(width)],
                               "kernel": [kernel, kernel], "stride": [stride, stride], "pads": [pad] * 4}, **more))

    def conv(self, name, filters, kernel, stride=1, pad=None, groups=1, activation="relu", source=None):
        source = source or self.last
        self._weights(name, [filters, self.shapes[source][0] // groups, kernel, kernel])
        more = {"activation": activation} if activation else {}
        return self._window(name, "conv", filters, kernel, stride, kernel // 2 if pad is None else pad, source, groups=groups, **more)

    def pool(self, name, op, kernel, stride, pad=0, source=None):
        source = source or self.last
        more = {"count_pads": True} if op == "avgpool" else {}
        return self._window(name, op, self.shapes[source][0], kernel, stride, pad, source, **more)

    def mean(self, name="mean"):
        return self.pool(name, "avgpool", self.shapes[self.last][1], 1)

    def add(self, name, a, b, activation="relu"):
        more = {"activation": activation} if activation else {}
        return self._add(dict({"name": name, "op": "add", "inputs": [a, b], "shape": self.shapes[a]}, **more))

    def concat(self, name, *sources):
        return self._add({"name": name, "op": "concat", "inputs": list(sources),
                          "shape": [sum(self.shapes[s][0] for s in sources)] + self.shapes[sources[0]][1:]})

    def dense(self, name, filters, activation="relu"):
        source = self.last
        self._weights(name, [filters] + self.shapes[source])
        more = {"activation": activation} if activation else {}
        return self._add(dict({"name": name, "op": "dense", "inputs": [source], "shape": [filters, 1, 1]}, **more))

    def scores(self, classes=10):
        return self.dense("scores", classes, None)

    # ---- images: uint8 [N, C, H, W] -------------------------------------------------------------------------------------
    def _noise(self):
        c, h, w = self.shapes["image"]
        return [int(self.random.random() * 256) for _ in range(c * h * w)]

    def _strokes(self):
        """Two strokes a few pixels wide; the rest is black."""
        c, h, w = self.shapes["image"]
        lines = [[self.random.random() * n for n in (h, w, h, w)] for _ in range(2)]
        one = []
        for y in range(h):
            for x in range(w):
                far = min(self._distance(y, x, line) for line in lines)
                one.append(max(0, min(255, int(330 - 200 * far))) if far < 1.6 else 0)
        return one * c

    @staticmethod
    def _distance(y, x, line):
        y0, x0, y1, x1 = line
        dy, dx = y1 - y0, x1 - x0
        t = max(0, min(1, ((y - y0) * dy + (x - x0) * dx) / (dy * dy + dx * dx + 1e-9)))
        return math.hypot(y - y0 - t * dy, x - x0 - t * dx)

    def _natural(self):
        """Waves, the longer the stronger, channels much alike, and some noise, as photographs have it."""
        c, h, w = self.shapes["image"]
        waves = [(self.random.random() * 2 * math.pi, (fy, fx), 60 / math.hypot(fy, fx) * (self.random.random() + 0.3))
                 for fy in range(4) for fx in range(4) if fy or fx]
        level, out = 70 + 110 * self.random.random(), []
        for _ in range(c):
            tint = 0.8 + 0.4 * self.random.random()
            for y in range(h):
                for x in range(w):
                    light = level + sum(size * math.cos(phase + math.pi * (fy * y / h + fx * x / w)) for phase, (fy, fx), size in waves)
                    out.append(max(0, min(255, int(tint * light + self.bell(4)))))
        return out

    def images(self, kind, count=16):
        return npy([count] + self.shapes["image"], [v for _ in range(count) for v in getattr(self, "_" + kind)()])

    # ---- files ----------------------------------------------------------------------------------------------------------
    def write(self, folder, kind, quantise):
        """net.yaml and images.npy; `quantise`: options of `axgen net quantize`."""
        os.makedirs(folder + "/float", exist_ok=True)
        save(folder + "/float/weights.safetensors", safetensors(self.tensors))
        net = {"format": 1, "name": os.path.basename(folder), "quantised": False, "input_scale": 1,
               "weights": {"file": "weights.safetensors"}, "layers": self.layers}
        save(folder + "/float/net.yaml", (json.dumps(net, indent=1) + "\n").encode())
        save(folder + "/images.npy", self.images(kind))
        quiet("net", "quantize", folder + "/float/net.yaml", "--pictures", folder + "/images.npy", "--format", "npy",
              "--images", "0", *quantise, "-o", folder)


# ---- networks -----------------------------------------------------------------------------------------------------------
def large_kernels():
    return Made(1, (1, 20, 20)).conv("conv1", 8, 7, 2, 3).conv("conv2", 12, 5).mean().scores()


def pointwise():
    return Made(2, (3, 12, 12)).conv("one", 16, 1).conv("two", 12, 1).conv("three", 16, 1, 2).mean().scores()


def plain():
    return Made(3, (1, 10, 10)).conv("conv1", 8, 3).pool("pool1", "maxpool", 2, 2).conv("conv2", 12, 3).scores()


def two_channels():
    return Made(4, (2, 12, 12)).conv("conv1", 12, 3).pool("pool1", "avgpool", 2, 2).conv("conv2", 16, 3, 2).scores()


def mobile():
    return (Made(5, (3, 16, 16)).conv("conv1", 8, 3, 2, activation="relu6").conv("expand", 24, 1, activation="relu6")
            .conv("depthwise", 24, 3, groups=24, activation="relu6").conv("project", 8, 1, activation=None)
            .add("sum", "project", "conv1", None).conv("last", 16, 1, activation="relu6").mean().scores())


def grouped():
    return (Made(6, (3, 12, 12)).conv("conv1", 16, 3, 2).conv("groups", 16, 3, groups=4).conv("beside", 8, 1, source="conv1")
            .concat("both", "groups", "beside").conv("mix", 12, 1).scores())


def perceptron():
    return Made(7, (1, 16, 16)).dense("fc1", 64).dense("fc2", 48).scores()


def inception():
    made = Made(8, (3, 12, 12)).conv("stem", 8, 3)
    made.conv("point", 8, 1, source="stem").conv("reduce", 4, 1, source="stem").conv("three", 8, 3)
    made.pool("around", "maxpool", 3, 1, 1, source="stem").conv("after", 4, 1)
    return made.concat("all", "point", "three", "after").pool("pool", "maxpool", 2, 2).conv("last", 12, 3, 2).scores()


def trained():
    """The beginning of models/resnet8-cifar10, whose trained weights it has, on smaller images."""
    made = Made(9, (3, 16, 16)).conv("conv1", 16, 3).conv("block1_conv1", 16, 3).conv("block1_conv2", 16, 3, activation=None)
    made.add("block1_add", "block1_conv2", "conv1").pool("pool", "avgpool", 4, 4).scores()
    for name, tensor in floats("resnet8-cifar10").items():
        if name in made.tensors:
            made.tensors[name] = tensor
    return made


NETWORKS = {  # name: layers, images, options of `axgen net quantize`
    "large-kernels": (large_kernels, "natural", ()),
    "pointwise": (pointwise, "noise", ()),
    "plain-6": (plain, "natural", ("--act-bits", "6", "--weight-bits", "6")),
    "u8-5x4": (two_channels, "natural", ("--scheme", "u8", "--act-bits", "5", "--weight-bits", "4")),
    "mobile": (mobile, "natural", ("--scheme", "u8s8")),
    "grouped": (grouped, "noise", ()),
    "grouped-bits": (grouped, "natural", ("--layer-bits", "conv1=6,8,groups=6,4,beside=6,5")),
    "perceptron": (perceptron, "strokes", ()),
    "inception": (inception, "natural", ()),
    "wide": (plain, "strokes", ("--act-bits", "12", "--weight-bits", "10")),
    "trained": (trained, "natural", ()),
    "plain": (plain, "natural", ()),
}
LENET = ("--act-bits", "5", "--weight-bits", "5")  # models/lenet5-fashion, quantised anew


def quiet(*command):
    done = subprocess.run([AXGEN, *command, "-q"], stdout=subprocess.DEVNULL)
    if done.returncode:
        sys.exit(f"unseen: axgen {' '.join(command)} ended with exit status {done.returncode}")


def floats(model):
    """The trained float weights of a network in models/, as Made.tensors has them."""
    with tempfile.TemporaryDirectory() as folder:
        quiet("net", "import", f"{ROOT}/models/{model}/float.onnx", "--float", "-o", folder)
        with open(folder + "/weights.safetensors", "rb") as f:
            data = f.read()
    size, = struct.unpack("<Q", data[:8])
    out = {}
    for name, t in json.loads(data[8:8 + size]).items():
        begin, end = t["data_offsets"]
        out[name] = (t["dtype"], t["shape"], struct.unpack(f"<{(end - begin) // 4}f", data[8 + size + begin:8 + size + end]))
    return out


def network(folder, name):
    """The part of a configuration that names network and images; both are made where they are not there."""
    path = os.path.join(folder, "networks", name)
    if name == "lenet5-5":
        if not os.path.exists(path + "/net.yaml"):
            quiet("net", "import", f"{ROOT}/models/lenet5-fashion/float.onnx", "--pictures",
                  f"{FASHION}/train-images-idx3-ubyte.gz", "--images", "0", *LENET, "-o", path)
        return {"network": path + "/net.yaml",
                "dataset": {"format": "idx", "images": f"{FASHION}/t10k-images-idx3-ubyte.gz",
                            "labels": f"{FASHION}/t10k-labels-idx1-ubyte.gz"}}
    if not os.path.exists(path + "/net.yaml"):
        make, kind, options = NETWORKS[name]
        make().write(path, kind, options)
    return {"network": path + "/net.yaml", "dataset": {"format": "npy", "images": path + "/images.npy"}}


# ---- designs ------------------------------------------------------------------------------------------------------------
def fold(pe, simd, **more):
    return dict({"pe": pe, "simd": simd}, **more)


def stream(folding, **more):
    return dict({"kind": "dataflow", "folding": folding}, **more)


def tile(cvs, **more):
    return dict({"kind": "fgpu", "cvs": cvs}, **more)


E, THREE = {"E": "exact8s"}, {"E": "exact8s", "L": "roup8s_p0_c4", "H": "roup8s_p1_c7"}
BY_KERNEL = {"default": "E", "conv1": {"default": "E", "kernels": {"2-3,0": "L", "4-5,0": "H"}},
             "conv2": {"default": "E", "kernels": {"4-7,0-5": "L", "8-15,0-2": "H"}}}
LIDS = {"lids": {f"cv{i}": ["E"] * 4 + ["L"] * 2 + ["H"] * 2 for i in range(8)}}

# name: network, multipliers, assignment, target, technology
DESIGNS = {
    "large-kernels": ("large-kernels", E, {"default": "E"},
                      stream({"conv1": fold(4, 7), "conv2": fold(2, 10)}, clock_ns=3)),
    "pointwise": ("pointwise", {"E": "exact8s", "R": "roup8s_p1_c7", "J": "mul8s_1L2J"}, {"default": "E", "two": "R", "three": "J"},
                  stream({"one": fold(16, 3), "two": fold(12, 16), "three": fold(8, 6), "scores": fold(2, 4)}, clock_ns=2.2)),
    "serial-6": ("plain-6", {"E": "exact6s"}, {"default": "E"}, stream({})),
    "u8-5x4": ("u8-5x4", {"E": "exact5x4u", "B": "bam5x4u_v2"}, {"default": "E", "conv2": "B"},
               stream({"conv1": fold(6, 9, accumulate="carry_save"), "conv2": fold(8, 6), "scores": fold(2, 4)})),
    "mobile": ("mobile", {"E": "exact8us", "B": "exact8us_booth"}, {"default": "E", "last": "B"},
               stream({"conv1": fold(4, 9), "expand": fold(8, 4, hold=4), "depthwise": fold(6, 3, hold=2), "project": fold(4, 8),
                       "last": fold(4, 8, hold=8)}, clock_ns=5)),
    "grouped": ("grouped", {"E": "exact8s", "A": "evo8s_mae24"}, {"default": "A", "groups": "E"},
                stream({"conv1": fold(4, 9), "groups": fold(8, 12), "beside": fold(4, 4), "mix": fold(6, 8)})),
    "grouped-bits": ("grouped-bits", {"E": "exact8s", "F": "exact6x4s", "G": "exact6x5s", "H": "exact6x8s"},
                     {"default": "E", "groups": "F", "beside": "G", "mix": "H"},
                     stream({"conv1": fold(8, 3), "groups": fold(4, 9), "beside": fold(2, 8), "mix": fold(4, 12), "scores": fold(1, 3)},
                            pipeline=True)),
    "perceptron": ("perceptron", {"P": "mul8s_1KVP"}, {"default": "P"},
                   stream({"fc1": fold(8, 8), "fc2": fold(4, 8), "scores": fold(2, 4)}, weights="stream", accumulate="carry_save")),
    "inception": ("inception", {"R": "roup8s_p0_c6"}, {"default": "R"},
                  stream({"stem": fold(4, 9), "point": fold(4, 2), "reduce": fold(2, 2), "three": fold(4, 6), "after": fold(2, 4),
                          "last": fold(4, 5)}, weights="load", adder="loa_k6")),
    "wide": ("wide", {"E": "exact12x10s"}, {"default": "E"}, stream({"conv1": fold(2, 3), "conv2": fold(3, 4), "scores": fold(1, 3)})),
    "kernels-5": ("lenet5-5", {"E": "exact5s", "L": "roup5s_p0_c2", "H": "trunc5s_k3"}, BY_KERNEL,
                  stream({"conv1": fold(6, 5), "conv2": fold(4, 30), "fc1": fold(4, 4), "fc2": fold(4, 2)})),
    "trained": ("trained", {"E": "exact8s", "R": "roup8s_p1_c7"}, {"default": "E", "block1_conv2": "R"},
                {"kind": "dataflow", "max_multipliers": 72}, {"synth": "area"}),
    "tile-inception": ("inception", THREE, {"default": "E", "three": {"filters": {"0-3": "L", "4-7": "H"}}}, tile(8, **LIDS)),
    "tile-grouped": ("grouped", E, {"default": "E"}, tile(3, slots=2, cache_lines=8, local_bytes=128)),
    "tile-mobile": ("mobile", {"E": "exact8us"}, {"default": "E"}, tile(1, slots=16, dot4=True, cache_lines=1024)),
    "tile-perceptron": ("perceptron", E, {"default": "E"}, tile(2, slots=4)),
    "tile-5x4": ("u8-5x4", {"E": "exact5x4u"}, {"default": "E"}, tile(1, slots=8)),
    "tile-large-kernels": ("large-kernels", THREE, {"default": "L", "conv1": "E"}, tile(4)),
    "tile-kernels": ("plain", THREE, {"default": "L", "conv2": {"default": "E", "kernels": {"0-11,0-2": "H"}}}, tile(1)),
}


def unseen_designs(folder):
    """[(name, configuration)]"""
    out = []
    for name, (of, multipliers, assignment, target, *technology) in DESIGNS.items():
        config = dict(network(folder, of), multipliers=multipliers, assignment=assignment, target=target)
        if technology:
            config["technology"] = technology[0]
        out.append((f"unseen-{name}", config))
    return out
