# SPDX-License-Identifier: Apache-2.0
"""The designs that are synthesised: half to fit the model on, half, of other networks and foldings, to test it on."""
import os
import random

from networks import Network
from steps import FASHION, ROOT

MULTIPLIERS = ["exact8s", "exact8s_booth", "exact8s_ks", "roup8s_p0_c4", "roup8s_p1_c7", "roup8s_p0_c6", "mul8s_1KV8",
               "mul8s_1KVP", "mul8s_1L2J", "mul8s_1L2N", "trunc8s_k6"]
LENET = [("conv1", 6, 25, 1, 784), ("conv2", 16, 150, 1, 100), ("fc1", 120, 400, 1, 1), ("fc2", 84, 120, 1, 1),
         ("fc3", 10, 84, 1, 1)]
MOST_POSITIONS = 64  # multipliers of a layer


def divisors(n):
    return [d for d in range(1, n + 1) if n % d == 0]


class Draw:
    def __init__(self, seed):
        self.random = random.Random(1000 + seed)

    def pick(self, items):
        return items[int(self.random.random() * len(items))]

    def folding(self, layers, split, dense_most):
        """`split`: layers whose halves have a multiplier each, which different PEs need."""
        out = {}
        for name, filters, reduction, groups, pixels in layers:
            pes = divisors(filters if groups == filters else filters // groups)
            if name in split:
                pes = [d for d in pes if d % 2 == 0]
            most = MOST_POSITIONS if pixels > 1 else dense_most
            pe, simd = self.pick(pes), self.pick(divisors(reduction))
            while pe * simd > most:
                pe, simd = self.pick(pes), self.pick(divisors(reduction))
            out[name] = {"pe": pe, "simd": simd}
        return out

    def assignment(self, layers, most):
        """Some multipliers, one of them for each layer; in some layers two by filter."""
        chosen = [self.pick(MULTIPLIERS) for _ in range(most)]
        keys = {f"M{i}": name for i, name in enumerate(chosen)}
        out = {"default": "M0"}
        for name, filters, _, groups, _ in layers:
            first, second = self.pick(list(keys)), self.pick(list(keys))
            half = filters // 2
            if filters % 2 == 0 and groups == 1 and first != second and self.random.random() < 0.34:
                out[name] = {"filters": {f"0-{half - 1}": first, f"{half}-{filters - 1}": second}}
            else:
                out[name] = first
        return keys, out


def lenet():
    return {"network": f"{ROOT}/models/lenet5-fashion/net.yaml",
            "dataset": {"format": "idx", "images": f"{FASHION}/t10k-images-idx3-ubyte.gz",
                        "labels": f"{FASHION}/t10k-labels-idx1-ubyte.gz"}}, LENET


def generated(folder, seed):
    network, path = Network(seed), os.path.join(folder, "networks", str(seed))
    if not os.path.exists(os.path.join(path, "images.npy")):
        network.write(path)
    return {"network": f"{path}/net.yaml",
            "dataset": {"format": "npy", "images": f"{path}/images.npy"}}, network.multiplying()


def dataflow(folder, seed, weights=None, hold=False):
    draw = Draw(seed)
    head, layers = lenet() if seed < 100 else generated(folder, seed)
    keys, assignment = draw.assignment(layers, 3)
    folding = draw.folding(layers, [name for name, value in assignment.items() if isinstance(value, dict)], 16)
    for name, _, _, _, pixels in layers:
        if hold and pixels > 1:
            folding[name]["hold"] = int(pixels ** 0.5) // 2 or 1
    target = {"kind": "dataflow", "folding": folding}
    if weights:
        target["weights"] = weights
    return dict(head, multipliers=keys, assignment=assignment, target=target)


def even(folder, seed):
    """A folding that is chosen: all layers nearly equally busy, as users have it, so that registers work in most cycles."""
    draw = Draw(seed)
    head, layers = lenet() if seed < 100 else generated(folder, seed)
    keys, assignment = draw.assignment(layers, 3)
    assignment = {name: value if isinstance(value, str) else "M1" for name, value in assignment.items()}
    return dict(head, multipliers=keys, assignment=assignment, target={"kind": "dataflow", "max_multipliers": draw.pick([48, 64, 96])})


def fgpu(folder, seed):
    draw = Draw(5000 + seed)
    head, layers = lenet() if seed < 100 else generated(folder, seed)
    keys, assignment = draw.assignment(layers, draw.pick([1, 2, 3]))
    slots = draw.pick([2, 4, 8, 8, 16])
    target = {"kind": "fgpu", "cvs": draw.pick([1, 1, 2, 3, 4]), "slots": slots, "cache_lines": draw.pick([64, 128, 256, 512]),
              "local_bytes": draw.pick([1024, 2048, 4096, 8192]), "dot4": draw.random.random() < 0.25}
    return dict(head, multipliers=keys, assignment=assignment, target=target)


def all_designs(folder):
    """[(name, fitted, configuration)]"""
    out = []
    for i in range(5):
        out.append((f"dataflow-lenet-{i}", True, dataflow(folder, i)))
        out.append((f"dataflow-lenet-{10 + i}", False, dataflow(folder, 10 + i)))
    for i, (weights, hold) in enumerate((("load", False), ("stream", False), (None, True), ("load", True))):
        out.append((f"dataflow-words-{i}", True, dataflow(folder, 200 + i, weights, hold)))
        out.append((f"dataflow-words-{10 + i}", False, dataflow(folder, 210 + i, weights, hold)))
    for i in range(10):
        out.append((f"dataflow-net-{i}", True, dataflow(folder, 100 + i)))
        out.append((f"dataflow-net-{10 + i}", False, dataflow(folder, 110 + i)))
    for i in range(3):
        out.append((f"dataflow-even-{i}", True, even(folder, 400 + i)))
        out.append((f"dataflow-even-{10 + i}", False, even(folder, 410 + i) if i else even(folder, 10)))
    for i in range(2):
        out.append((f"fgpu-lenet-{i}", True, fgpu(folder, i)))
        out.append((f"fgpu-lenet-{10 + i}", False, fgpu(folder, 10 + i)))
    for i in range(7):
        out.append((f"fgpu-net-{i}", True, fgpu(folder, 300 + i)))
        out.append((f"fgpu-net-{10 + i}", False, fgpu(folder, 310 + i)))
    return out
