# SPDX-License-Identifier: Apache-2.0
"""The papers' hardware claims: HAWX's normalised power and area (Table II, Fig. 5) and MAx-DNN's gains, by the published figures,
by prediction (`axgen cost`) and by synthesis (`axgen synth --energy`); multipliers alone and the whole chip side by side."""
import json
import os

from steps import ROOT, Missing

# Power in mW and area in um2 that EvoApproxLib publishes for its signed 8-bit multipliers (45 nm).
PUBLISHED = {"KV6": (0.425, 729.8), "KV8": (0.422, 711.0), "KV9": (0.410, 685.2), "KVP": (0.363, 635.0), "L2J": (0.301, 558.9),
             "L2L": (0.200, 411.6), "L2N": (0.126, 284.9), "L12": (0.052, 172.2)}
ROUNDING = 0.0005 + 1e-9  # of Table II's three digits
# HAWX's Table II: network, configuration, power, area. Layers are numbered from 1; (A,B): two blocks by filter.
TABLE2 = [
    ("LeNet-5", "1-5:KV6", 1.000, 1.000), ("LeNet-5", "1-5:KV9", 0.965, 0.939),
    ("LeNet-5", "1-2:(KV9,KVP) 3-5:KV9", 0.938, 0.921), ("LeNet-5", "1-4:KVP 5:L2J", 0.854, 0.870),
    ("LeNet-5", "1-2:(KVP,L2J) 3-5:KVP", 0.826, 0.850), ("LeNet-5", "1-5:L2N", 0.296, 0.390),
    ("VGG-11", "1-11:KV6", 1.000, 1.000), ("VGG-11", "1-3,8:KV6 4:KV8 5-7,10-11:KV9 9:L2N", 0.983, 0.913),
    ("VGG-11", "1,5,7:(KV6,KV8) 2,3,8:(KV6,KV9) 4:KV8 6:KV9 9:L2N 10,11:KV9", 0.859, 0.798),
    ("VGG-11", "1-5,7:KV6 2,3,8,10:KV8 9:KV9 4,6:L2J", 0.816, 0.808),
    ("VGG-11", "1-3:(KV6,KV8) 4,10:KV8 5,7:(KV9,KVP) 6,9:KV9 8:(KV8,KV9) 11:KV6", 0.787, 0.756),
    ("VGG-11", "6,7,9:KV8 4,5:KV9 1-3,10,11:L2J 8:L2N", 0.776, 0.801),
    ("ResNet-18", "1-21:KV6", 1.000, 1.000), ("ResNet-18", "1-21:KV9", 0.965, 0.939),
    ("ResNet-18", "1-4,6,7,10-20:(KV9,KVP) 5,8,9,21:KV9", 0.918, 0.897),
    ("ResNet-18", "3,5,7,10,12,14-18:KVP 1,2,4,6,8,9,11,13,19,21:L2J", 0.796, 0.829),
    ("ResNet-18", "1-7,10-20:(KVP,L2J) 8,9,21:KVP", 0.795, 0.820),
    ("ResNet-18", "1,2,4,6,8,9,11,13,19,21:KVP 3,5,7,10,12,14-18:L2J", 0.771, 0.811),
    ("EfficientNet", "1-47:KV6", 1.000, 1.000), ("EfficientNet", "1-47:KV8", 0.993, 0.974),
    ("EfficientNet", "1-45,47:KV8 46:(KV8,KV9)", 0.993, 0.972), ("EfficientNet", "1-47:KV9", 0.965, 0.939),
    ("EfficientNet", "1-45,47:KV9 46:(KV9,L2J)", 0.963, 0.935),
    ("EfficientNet", "1-29,34,42,44-47:KV9 30-33,35-41:KVP 43:L2J", 0.928, 0.916)]
LENET = ("lenet5-fashion", ["conv1", "conv2", "fc1", "fc2", "fc3"])
VGG = ("vgg11-cifar10", [f"conv{i}" for i in range(1, 9)] + ["fc1", "fc2", "fc3"])
RESNET8 = ["conv1", "block1_conv1", "block1_conv2", "block2_conv1", "block2_conv2", "block3_conv1", "block3_conv2"]
FOLDINGS = {"lenet5-fashion": {"conv1": (6, 5), "conv2": (8, 10), "fc1": (4, 4), "fc2": (4, 1), "fc3": (2, 1)}}
MAXDNN = ["roup8s_p0_c6", "roup8s_p1_c7", "roup8s_p1_c9"]  # low, medium, high


def relative(block):
    power, area = PUBLISHED[block]
    return power / PUBLISHED["KV6"][0], area / PUBLISHED["KV6"][1]


def layers_of(text):
    """{layer number: [blocks]}; a layer that is named twice has the later ones."""
    out = {}
    for part in text.split():
        numbers, blocks = part.split(":")
        for piece in numbers.split(","):
            first, _, last = piece.partition("-")
            for layer in range(int(first), int(last or first) + 1):
                out[layer] = blocks.strip("()").split(",")
    return out


# ---- Table II from the published figures alone ------------------------------------------------------------------------------
def mixes(points, target):
    """Whether some mixture of the points (power, area) is the target, to its last digit: the corners of its square are not all
    on one side of a line with all points on the other."""
    corners = [(target[0] + dx, target[1] + dy) for dx in (-ROUNDING, ROUNDING) for dy in (-ROUNDING, ROUNDING)]
    every = points + corners
    for x, y in every:
        for u, v in every:
            side = lambda p: (u - x) * (p[1] - y) - (v - y) * (p[0] - x)
            if (x, y) == (u, v):
                continue
            if max(map(side, points)) < -1e-12 and min(map(side, corners)) > 1e-12:
                return False
            if max(map(side, points)) <= 1e-12 and min(map(side, corners)) > 1e-12:
                return False
    return True


def table2(report):
    rows = []
    for network, text, power, area in TABLE2:
        blocks = sorted({b for of in layers_of(text).values() for b in of})
        points = [relative(b) for b in blocks]
        if len(blocks) == 1:
            exact = abs(points[0][0] - power) <= ROUNDING and abs(points[0][1] - area) <= ROUNDING
            report.claim(f"Table II, {network} {text}: published figures give power and area", f"{power:.3f} / {area:.3f}",
                         f"{points[0][0]:.4f} / {points[0][1]:.4f}", exact)
            continue
        possible = mixes(points, (power, area))
        rows.append([network, text, f"{power:.3f} / {area:.3f}",
                     f"{min(p[0] for p in points):.3f} to {max(p[0] for p in points):.3f} / "
                     f"{min(p[1] for p in points):.3f} to {max(p[1] for p in points):.3f}", "yes" if possible else "no"])
    possible = sum(row[-1] == "yes" for row in rows)
    report.claim("Table II: rows with several blocks can be a mixture of the blocks that they name", f"{len(rows)} rows",
                 f"{possible} of {len(rows)}", possible == len(rows))
    report.table("Rows of Table II with several blocks: power and area, each relative to 1KV6, and what shares of the named blocks can give",
                 ["network", "blocks", "power / area", "the blocks' own", "a mixture"], rows)


# ---- designs ----------------------------------------------------------------------------------------------------------------
def assigned(flow, network, names, text):
    """The assignment of a row: of two blocks each gets half of a layer's filters; a layer that is not named is exact."""
    shapes = filters_of(network)
    out = {} if len(layers_of(text)) == len(names) else {"default": "KV6"}
    for layer, blocks in layers_of(text).items():
        name = names[layer - 1]
        half = shapes[name] // 2
        out[name] = (blocks[0] if len(blocks) == 1 else
                     {"filters": {f"0-{half - 1}": blocks[0], f"{half}-{shapes[name] - 1}": blocks[1]}})
    return out


def filters_of(network):
    """{layer: filters}, as net.yaml says them."""
    out, name = {}, None
    with open(f"{ROOT}/models/{network}/net.yaml") as f:
        for line in f:
            word = line.strip().lstrip("- ")
            if word.startswith("name:"):
                name = word.split()[1]
            elif word.startswith("shape:") and name:
                out[name] = int(word.split("[")[1].split(",")[0])
    return out


def target_of(kind, network, size):
    if kind == "fgpu":
        return {"kind": "fgpu", "cvs": 1 if network.startswith("lenet") else 2}
    folding = FOLDINGS.get(network)
    if folding:
        return {"kind": "dataflow", "folding": {name: {"pe": pe, "simd": simd} for name, (pe, simd) in folding.items()}}
    return {"kind": "dataflow", "max_multipliers": 400, "weights": "stream" if network.startswith("vgg") else "rom"}


def costs(flow, size, name, network, multipliers, assignment, kind, synthesised):
    """{what: (multipliers' area, whole, multipliers' energy, whole, with memories)}, predicted and, where it is there,
    measured; `counted`: what axgen cost printed."""
    test = flow.data.parts(network, 0, 0, 4)[2]
    config = {"network": f"{ROOT}/models/{network}/net.yaml", "dataset": test, "multipliers": multipliers,
              "assignment": assignment, "target": target_of(kind, network, size)}
    text = json.dumps(config, indent=1) + "\n"
    cost = flow.run(name + "-cost", "cost", text)
    memories = cost["memories"].get("nj_per_image", 0) + cost["memories"]["external_nj_per_image"]
    out = {"predicted": (cost["area_um2"]["multipliers"], cost["area_um2"]["total"], cost["nj_per_image"]["multipliers"],
                         cost["nj_per_image"]["total"], cost["nj_per_image"]["total"] + memories)}
    out["counted"] = cost
    if not synthesised:
        return out
    try:
        found = flow.run(name + "-synth", "synth", text, "--energy", "--images", "2")
    except Missing:  # --report: what is predicted is there all the same
        return out
    energy = found["energy"]
    out["measured"] = (found["area_um2"]["multipliers"], found["area_um2"]["total"], energy["kinds"]["multipliers"],
                       energy["nj_per_image"], energy["with_memories_nj_per_image"])
    return out


def by_published(cost):
    """(energy, area) of the multipliers by the published figures: multiplications times power, multipliers times area."""
    energy = area = 0
    for part in cost["layers"]:
        for of in part["multiplier_types"]:
            power, um2 = PUBLISHED[of["multiplier"].removeprefix("mul8s_1")]
            energy += of["multiplications_per_image"] * power
            area += of["count"] * um2
    return energy, area


def shares(value, base):
    return " / ".join(f"{v / b:.3f}" for v, b in zip(value, base))


def network_rows(flow, size, report, network, names, paper, kind, synthesised):
    known = {"K": "mul8s_1K", "L": "mul8s_1L"}
    base, first, rows = None, None, []
    for number, (_, text, power, area) in enumerate(row for row in TABLE2 if row[0] == paper):
        blocks = sorted({b for of in layers_of(text).values() for b in of})
        multipliers = {b: known[b[0]] + b[1:] for b in sorted({"KV6", *blocks})}
        found = costs(flow, size, f"hardware-{network.split('-')[0]}-{kind}-{number}", network, multipliers,
                      assigned(flow, network, names, text), kind, synthesised)
        published = by_published(found.pop("counted"))
        base, first = base or found, first or published
        for what, value in found.items():
            if what not in base:
                continue
            rows.append([text, f"{power:.3f} / {area:.3f}", shares(published, first), what, shares(value[2:3] + value[0:1], base[what][2:3] + base[what][0:1]),
                         shares(value[3:4] + value[1:2], base[what][3:4] + base[what][1:2]),
                         f"{value[4] / base[what][4]:.3f}"])
    report.table(f"{paper}, {kind} (Fig. 5): relative to 1KV6 everywhere",
                 ["blocks", "the paper: power / area", "published figures, our counts", "ours", "multipliers: energy / area", "whole logic: energy / area",
                  "energy with memories"], rows)
    return rows


def gains(flow, size, report, network, layers, kind, synthesised):
    """How much of what multipliers save is left at the chip."""
    if not flow.data.has(network):
        report.note(f"{network} was not done: its data is not there (models/README.md; make ... DATASETS=FOLDER).")
        return
    base, rows = None, []
    for name in ["exact8s"] + MAXDNN:
        assignment = {"default": "E", **({layer: "A" for layer in layers} if name != "exact8s" else {})}
        multipliers = {"E": "exact8s", **({"A": name} if name != "exact8s" else {})}
        found = costs(flow, size, f"hardware-gain-{network.split('-')[0]}-{kind}-{name}", network, multipliers, assignment, kind,
                      synthesised)
        del found["counted"]
        base = base or found
        for what, value in found.items():
            if what not in base:
                continue
            saved = [100 * (1 - v / b) for v, b in zip(value, base[what])]
            rows.append([name, what, f"{saved[2]:.1f} %", f"{saved[3]:.1f} %", f"{saved[4]:.1f} %", f"{saved[0]:.1f} %",
                         f"{saved[1]:.1f} %", f"{100 * base[what][2] / base[what][3]:.0f} %"])
    report.table(f"{network}, {kind}: what a multiplier saves in all layers but the last",
                 ["multiplier", "", "multipliers' energy", "logic's energy", "with memories", "multipliers' area", "logic's area",
                  "multipliers' share of the exact design's logic energy"], rows)
    for name, what, alone, logic, chip, *_ in rows:
        if name == MAXDNN[-1]:
            report.claim(f"{network}, {kind}, {name} ({what}): what the multipliers save is saved at the chip", alone,
                         f"{logic} of the logic, {chip} with memories", abs(float(alone[:-2]) - float(chip[:-2])) < 5)


def reproduce(flow, size, report):
    report.heading("The papers' hardware")
    table2(report)
    for kind in ("dataflow", "fgpu"):
        report.attempt(network_rows, flow, size, report, *LENET, "LeNet-5", kind, size["full"] or kind == "dataflow")
        report.attempt(gains, flow, size, report, LENET[0], LENET[1][:-1], kind, size["full"] or kind == "dataflow")
    for kind in ("dataflow", "fgpu"):
        if flow.data.has(VGG[0]):
            report.attempt(network_rows, flow, size, report, *VGG, "VGG-11", kind, False)
        report.attempt(gains, flow, size, report, "resnet8-cifar10", RESNET8, kind, size["full"] and kind == "dataflow")
