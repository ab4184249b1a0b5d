#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes folders as axgen's verbs leave them, for pages that are hard to draw.

    folders.py hostile DIR    names that are long, markup, in other letters; figures that are 0, huge or missing
    folders.py large DIR      32 designs of 60 layers; an exploration of 300 points with maps of 512 x 512
"""
import json
import os
import random
import struct
import sys

LONG = "a_layer_with_a_name_longer_than_any_column_of_a_phone_could_ever_show_on_one_line"
NAMES = [LONG, "<script>alert(1)</script>", "</style><img src=x onerror=alert(1)>", "größe 日本語 \"quoted\" & 'co'", "x" * 300]
KINDS = ["multipliers", "adders", "requantise", "pooling", "control", "registers", "line buffers", "weights", "FIFOs", "stream ports"]
MULS = ["exact8s", "evo8s_mae4", "roup8s_p1_c7", "trunc8s_k8", "evo8s_mae101_energy", "mul8s_1KV8", "a/file/of/mine.bin", "roup8s_p0_r7.5.3.1"]


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as f:
        f.write(text if isinstance(text, str) else json.dumps(text))


def cells(rng, count, often):
    """Numbers below 8 at random, `often` more frequent."""
    return rng.randbytes(count).translate(bytes(v % 8 if v < 64 else often for v in range(256)))


def npy(path, rows, cols, values):
    head = ("{'descr': '|u1', 'fortran_order': False, 'shape': (%s), }" % (f"{rows}, {cols}" if cols else f"{rows},"))
    head += " " * (-(len(head) + 11) % 64) + "\n"
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(b"\x93NUMPY\x01\0" + struct.pack("<H", len(head)) + head.encode() + bytes(values))


def energy(layers, rng, scale):
    """What `axgen synth --energy` says of the whole design; and its kinds."""
    rows = []
    for name in layers:
        kinds = {k: rng.choice([0, 0.3, 12.5]) * scale for k in [*KINDS, "clock tree", "leakage"]}
        rows.append({"layer": name, "nj_per_image": sum(kinds.values()), "kinds": kinds, "memories_nj_per_image": 5 * scale, "memory_leakage_nj_per_image": scale})
    kinds = {k: sum(r["kinds"][k] for r in rows) for k in rows[0]["kinds"]}
    logic, memories = sum(kinds.values()), 6 * scale * len(rows)
    return {"images": 3, "cycles_per_image": 3920, "nj_per_image": logic, "kinds": kinds, "memories_nj_per_image": 5 * scale * len(rows),
            "memory_leakage_nj_per_image": scale * len(rows), "external_nj_per_image": 3, "with_memories_nj_per_image": logic + memories + 3,
            "glitches": {"cycles_sampled": 1000, "nj_per_image_without": 0.8 * logic, "ci95_nj_per_image": 0.01 * logic},
            "coverage": {"nets": 1000, "nets_measured": 987, "nets_toggled": 800}, "layers": rows}, kinds


def design(folder, layers, rng, scale=1.0):
    area = []
    for name in layers:
        kinds = {k: rng.choice([0, 3, 120.5, 9000]) * scale for k in KINDS}
        area.append({"layer": name, "area_um2": {"total": sum(kinds.values()), **kinds}})
    total = {k: sum(a["area_um2"][k] for a in area) for k in KINDS}
    whole, nj = energy(layers, rng, scale)
    flash, beside = 10 * scale, layers + ["(beside)"]
    write(folder + "/synth.json", {
        "memories": {"method": "estimates, " + NAMES[1], "nj_per_image": 0.1 * len(beside), "external_nj_per_image": 3,
                     "area_um2": {"total": (60 * scale + flash) * len(beside), "sram": 60 * scale * len(beside), "flash": flash * len(beside)},
                     "layers": [{"layer": n, "area_um2": {"total": 60 * scale + flash, "sram": 60 * scale, "flash": flash}, "nj_per_image": 0.1} for n in beside]},
        "area_um2": {"total": sum(total.values()), **total}, "multipliers": 131, "layers": area,
        "timing": {"clock_ns": 4, "delay_ns": 2.08, "from_layer": layers[0], "to_layer": layers[-1]},
        "energy_proxy": {"multiplications_per_image": 416520, "toggled_nj_per_image": 93.7 * scale, "simple_nj_per_image": 167.1 * scale,
                         "layers": [{"layer": n, "toggled_nj_per_image": rng.random() * scale} for n in layers]},
        "energy": whole,
        "multiplier_types": [{"multiplier": m, "area_um2": 284.9, "delay_ns": 1.1, "uniform_zero_delay_fj": 401.1} for m in MULS]})
    write(folder + "/cost.json", {
        "area_um2": {"total": 1.01 * sum(total.values()), **{k: 1.01 * v for k, v in total.items()}},
        "nj_per_image": {"total": 0.97 * sum(nj.values()), **{k: 0.97 * v for k, v in nj.items()}}, "cycles_per_image": 4000, "clock_ns": 4, "delay_ns": 2.1,
        "memories": {"area_um2": {"total": 500 * scale, "sram": 500 * scale}, "leakage_uw": 100, "nj_per_image": 7}})
    write(folder + "/eval.json", {"top1": 0.9156, "images": 10000})
    write(folder + "/sim.json", {"target": "dataflow", "images": 200, "bit_exact": True, "cycles_per_image": 3920 / scale, "fifos": [
        {"from": layers[0], "to": layers[-1], "depth": 64, "most": 64}, {"from": layers[-1], "to": layers[0], "depth": 1024, "most": 3}]})
    write(folder + "/rtl/manifest.json", {"target": "dataflow", "slowest": layers[0], "layers": [
        {"layer": n, "kind": "mvu", "pe": 4, "simd": 3, "hold": 1, "cycles_per_image": 1000 + i, "multipliers":
         [{"name": MULS[0], "count": 6}, {"name": MULS[i % 7 + 1], "count": 6}],
         "positions": [[rng.randrange(2) for _ in range(3)] for _ in range(4)]} for i, n in enumerate(layers)]})
    write(folder + "/energy.json", {"multipliers": [{"name": m, "moving": {"area_um2": 290.7, "nj_per_image": 105.7, "ci95_nj": 2.4},
                                                     "held": {"nj_per_image": 82.1, "ci95_nj": 1.8}} for m in MULS]})


def front(folder, count, layers, rng, tried):
    points = []
    for i in range(count):
        saving, loss = 0.3 + 0.4 * i / count, 0.0001 * i * 30 / count * 10
        points.append({"saving": saving, "validation": {"images": 5000, "top1": 0.9 - loss, "loss": loss}, "meets": loss < 0.01,
                       "test": None if i + 1 == count else {"images": 10000, "top1": 0.89 - loss, "loss": loss + 0.001,
                                                            "interval": [loss - 0.003, loss + 0.005]}})
        lines, muls = [], dict(zip("EABCDFGH", MULS))
        for k, (name, rows, cols) in enumerate(layers):
            if not rows:
                lines.append(f"  {json.dumps(name)}: {list(muls)[i % 8]}")
                continue
            npy(f"{folder}/points/{i + 1:02}/l{k}.npy", rows, cols, cells(rng, rows * (cols or 1), i * 8 // count))
            form = "kernels" if cols else "filters"
            lines.append(f"  {json.dumps(name)}: {{{form}: {{file: l{k}.npy, multipliers: [{', '.join(muls)}]}}}}")
        write(f"{folder}/points/{i + 1:02}/config.yaml", "multipliers:\n" + "".join(
            f"  {k}: {{file: {v}}}\n" if "/" in v else f"  {k}: {v}\n" for k, v in muls.items()) + "assignment:\n" + "\n".join(lines) + "\n")
    write(folder + "/explore.json", {"network": layers[0][0], "level": "kernel", "method": "model", "objective": "energy", "max_loss": 0.01,
                                     "evaluations": tried, "hypervolume": 0.7, "exact": {"images": 5000, "top1": 0.9}, "points": points})
    write(folder + "/history.csv", "evaluation,energy,images,correct,drop,cross_entropy\n" + "".join(
        f"{i + 1},{rng.uniform(0.3, 1):.6f},5000,4400,{rng.uniform(0, 0.2):.6f},nan\n" for i in range(tried)))


def tables(folder, layers, rng):
    write(folder + "/sensitivity.json", {"network": LONG, "images": 1000, "exact": {"top1": 0.9}, "sensitivities": [
        {"scope": scope, "corrected": c, "layer": n, "multiplier": "K", "name": m, "loss": rng.choice([None, -0.001, 0, 0.5, 0.01])}
        for scope in ("layer", "onward") for c in (False, True) for n in layers for m in MULS + NAMES]})
    write(folder + "/score.json", {"network": LONG, "images": 1000, "top1": 0.9, "kendall": 1, "spearman": 1, "blocks": [
        {"key": "K", "multiplier": m, "score": rng.choice([None, 0, 1e-7, 3.2e-5]), "top1": 0.8, "layers": [
            {"layer": n, "score": 1e-6, "filters": [10 ** rng.uniform(-9, -3) for _ in range(40)]} for n in layers]} for m in MULS + NAMES]})


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in ("hostile", "large"):
        sys.exit(__doc__)
    out, rng = sys.argv[2], random.Random(3)
    if sys.argv[1] == "hostile":
        design(out + "/one", NAMES, rng)
        design(out + "/" + LONG, NAMES, rng, 1e9)
        front(out + "/front", 5, [(NAMES[1], 0, 0), (NAMES[0], 70, 0), (NAMES[3], 16, 6), (NAMES[2], 200, 100), (NAMES[4], 1, 1)], rng, 30)
        tables(out + "/tables", NAMES, rng)
        return
    for i in range(28):
        design(f"{out}/design{i}", [f"conv{k}" for k in range(60)], rng, 1 + i / 10)
    front(out + "/front", 300, [("conv1", 512, 512), ("conv2", 512, 512), ("conv3", 100, 100), ("fc", 512, 0)], rng, 9000)


main()
