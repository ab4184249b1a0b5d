#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""calibrate.py: the figures of predicted costs (`axgen cost`), from synthesised designs. `make calibrate` calls this.

Half of the designs are fitted, half are not (designs.py); those of --unseen are of other kinds (unseen.py). Each one's result is kept in the folder; what was stopped goes on
where it was. Written is compiler/target/common/cost_figures.h, and after a build with it the table of predictions against
measurements of the designs that were not fitted (`axgen cost DESIGN...`).
"""
import argparse
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "reproduce")]

import fit  # noqa: E402
from designs import all_designs  # noqa: E402
from unseen import unseen_designs  # noqa: E402
from steps import AXGEN, ROOT, Flow, Missing, write  # noqa: E402

HEADER = os.path.join(ROOT, "compiler/target/common/cost_figures.h")
FLOOR = 100  # um2, fJ: what is smaller does not count more, however much it is off
# Modules whose LUTs are those of a kind; the others' are control.
LUT_KINDS = {"axgen_mvu_back": "adders", "axgen_requant": "requantise", "axgen_add": "requantise", "axgen_pool": "pooling",
             "axgen_pool_window": "pooling", "axgen_pool_op": "pooling"}


def measure(flow, name, config, luts):
    """What is measured of a design; kept."""
    folder = os.path.join(flow.out, name)
    text = json.dumps(dict(config, output=folder), indent=1) + "\n"
    result = {"synth": flow.run(name, "synth", text)}
    try:
        result["energy"] = flow.run(name + "-energy", "synth", text, "--energy", "--images", "2", folder=name)
    except Missing:
        pass
    if config["target"]["kind"] == "fgpu":
        result["run"] = flow.run(name + "-run", "fgpu run", text, "--images", "1", folder=name)
    elif luts:
        try:
            result["luts"] = flow.run(name + "-xcup", "synth", text, "--family", "xcup", folder=name)
        except Missing:
            pass
    return result


def counted(flow, name):
    """What axgen counts in a design (`axgen cost`)."""
    done = subprocess.run([AXGEN, "cost", os.path.join(flow.out, name + ".yaml"), "--json"], stdout=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(f"calibrate: axgen cost of {name} ended with exit status {done.returncode}")
    return json.loads(done.stdout)


# ---- area, LUTs -----------------------------------------------------------------------------------------------------------
def relative(value):
    return 1 / (value + FLOOR) ** 2


def area_rows(designs):
    for count, measured in designs:
        for part, is_part in zip(count["layers"], measured["synth"]["layers"], strict=True):
            for kind, blocks in part["blocks"].items():
                if kind != "multipliers":
                    yield {block: size for block, (size, _) in blocks.items()}, is_part["area_um2"].get(kind, 0)


def lut_rows(designs):
    for count, measured in designs:
        if "luts" not in measured:
            continue
        kinds = {}
        for part in count["layers"]:
            for kind, blocks in part["blocks"].items():
                to = kinds.setdefault(kind if kind != "registers" else "control", {})
                for block, (size, _) in blocks.items():
                    if kind != "registers":
                        to[block] = to.get(block, 0) + size
        found = dict.fromkeys(kinds, 0)
        for module in measured["luts"]["modules"]:
            if not module["module"].startswith("mul_"):
                found[LUT_KINDS.get(module["module"], "control")] += module["luts"]
        for kind, sizes in kinds.items():
            yield sizes, found.get(kind, 0)


def multiplier_area(designs):
    """What multipliers have in designs, against the catalogue's figures that `axgen cost` took, times its ratio."""
    pairs = [(c["catalogue_area_um2"], m["synth"]["area_um2"]["multipliers"]) for c, m in designs]
    return sum(y / x for x, y in pairs) / len(pairs)


# ---- delay ----------------------------------------------------------------------------------------------------------------
PATHS = {"requantiser": (0.6, 0.04), "adders": (0.8, 0.05), "control": (0.5, 0.15), "tile": (3.0, 0.0)}  # where the descent begins


def delay_error(paths, points):
    guess = lambda bits: max(base + bit * bits[path] for path, (base, bit) in paths.items() if bits.get(path))
    return sum(abs(guess(bits) / delay - 1) for bits, delay in points) / len(points)


def delays(designs):
    """{path: (base, per bit)}, whose longest comes nearest to the measured delays: descent along one figure after the other."""
    points = []
    for count, measured in designs:
        bits = {}
        for part in count["layers"]:
            for path, n in part["paths"].items():
                bits[path] = max(n, bits.get(path, 0))
        points.append((bits, measured["synth"]["timing"]["delay_ns"]))
    paths, step = dict(PATHS), 0.25
    while step > 1e-3:
        before = delay_error(paths, points)
        for path in paths:
            for which in range(2):
                for factor in (1 + step, 1 - step):
                    tried = list(paths[path])
                    tried[which] *= factor
                    other = {**paths, path: tuple(tried)}
                    if delay_error(other, points) < delay_error(paths, points):
                        paths = other
        step = step if delay_error(paths, points) < before - 1e-6 else step / 2
    return paths


# ---- energy ---------------------------------------------------------------------------------------------------------------
IDLE = ("flip_flops", "pes", "memory_units")  # what takes energy in every cycle
SAME_ENERGY = {"dot4_pes": "pes"}  # blocks that have another's figures


def with_energy(designs):
    return [(c, m) for c, m in designs if "energy" in m]


def energy_of(measured):
    return measured["energy"]["energy"]


def energy_rows(designs):
    """Of each kind of a design: how often its blocks work and, as `BLOCK idle`, their cycles; fJ. All as parts of what the
    design takes, so that its total is near."""
    for count, measured in designs:
        energy = energy_of(measured)
        part = 1 / energy["nj_per_image"]
        for kind in ("adders", "requantise", "pooling", "PEs", "control", "registers"):
            if kind not in energy["kinds"]:
                continue
            uses = {}
            for layer in count["layers"]:
                for block, (size, work) in layer["blocks"].get(kind, {}).items():
                    block = SAME_ENERGY.get(block, block)
                    uses[block] = uses.get(block, 0) + work
                    if block in IDLE:
                        uses[block + " idle"] = uses.get(block + " idle", 0) + size * energy["cycles_per_image"]
            yield {block: n * part for block, n in uses.items()}, 1e6 * energy["kinds"][kind] * part


def mean(values):
    values = list(values)
    return sum(values) / len(values)


def clock_tree(designs):
    return mean(1e6 * energy_of(m)["kinds"]["clock tree"] / c["flip_flops"] / energy_of(m)["cycles_per_image"] for c, m in designs)


def leakage(designs):
    return mean(1e6 * energy_of(m)["kinds"]["leakage"] / c["area_um2"]["total"] / energy_of(m)["ns_per_image"] for c, m in designs)


def multiplier_energy(designs):
    return mean(energy_of(m)["kinds"]["multipliers"] / c["catalogue_nj_per_image"] for c, m in designs)


# ---- what is written --------------------------------------------------------------------------------------------------------
def target_of(measured):
    return "fgpu" if measured["synth"]["layers"][0]["layer"] == "PEs" else "dataflow"


def off(designs, figures):
    """{target: [(area predicted, measured)], [(energy predicted, measured)]}"""
    out = {}
    for count, measured in designs:
        of_area, of_energy = out.setdefault(target_of(measured), ([], []))
        guess = lambda rows, of: sum(of.get(block, 0) * size for sizes, _ in rows for block, size in sizes.items())
        logic = guess(area_rows([(count, measured)]), figures["area"])
        of_area.append((logic + figures["multiplier"][0] * count["catalogue_area_um2"], measured["synth"]["area_um2"]["total"]))
        if "energy" not in measured:
            continue
        energy = energy_of(measured)
        ratio = count["cycles_per_image"] / energy["cycles_per_image"]  # idle cycles are those that are predicted
        rows = [({b: n * (ratio if b.endswith(" idle") else 1) for b, n in uses.items()}, value)
                for uses, value in energy_rows([(count, measured)])]
        logic = 1e-6 * energy["nj_per_image"] * guess(rows, figures["energy"])
        cycles = count["cycles_per_image"]
        logic += 1e-6 * (figures["clock"] * count["flip_flops"] * cycles +
                         figures["leakage"] * count["area_um2"]["total"] * cycles * count["clock_ns"])
        of_energy.append((logic + figures["multiplier"][1] * count["catalogue_nj_per_image"], energy["nj_per_image"]))
    return out


def figures_of(fitted, blocks):
    measured = with_energy(fitted)
    names = [block for block in blocks if block not in SAME_ENERGY] + [block + " idle" for block in IDLE]
    return {"area": fit.nonnegative(list(area_rows(fitted)), blocks, relative),
            "luts": fit.nonnegative(list(lut_rows(fitted)), LUT_BLOCKS, relative),
            "energy": fit.nonnegative(list(energy_rows(measured)), names, lambda _: 1),
            "clock": clock_tree(measured), "leakage": leakage(measured),
            "multiplier": (multiplier_area(fitted), multiplier_energy(measured))}


def header(fitted, tests, blocks):
    figures = figures_of(fitted, blocks)
    area, luts, energy, ratios = figures["area"], figures["luts"], figures["energy"], figures["multiplier"]
    energy.update({f"{block}{idle}": energy.get(f"{of}{idle}", 0) for block, of in SAME_ENERGY.items() for idle in ("", " idle")})
    paths = delays(fitted)
    rows = ",\n".join(f"    [COST_{NAMES[b]}] = {{{area[b]:.4g}, {luts.get(b, 0):.4g}, {energy[b]:.4g}, {energy.get(b + ' idle', 0):.4g}}}" for b in blocks)
    path_rows = ",\n".join(f"    [COST_PATH_{path.upper()}] = {{{base:.3f}, {bit:.4f}}}" for path, (base, bit) in paths.items())
    error_rows = ",\n".join(
        f'    {{"{target}", {len(pairs[0])}, ' + ", ".join("{%.1f, %.1f}" % tuple(100 * e for e in fit.errors(p)) for p in pairs) + "}"
        for target, pairs in sorted(off(tests, figures).items()))
    synth = fitted[0][1]["synth"]
    return f"""// SPDX-License-Identifier: Apache-2.0
//
// Made by `make calibrate` (flows/calibrate) from {len(fitted)} synthesised designs; not to be edited.
// {synth['library']}; {synth['yosys']}; {synth['opensta']}
#ifndef AXGEN_TARGET_COST_FIGURES_H
#define AXGEN_TARGET_COST_FIGURES_H

#include "compiler/target/common/cost.h"

// Of one block: um2 in axgen45, LUTs of UltraScale+, fJ whenever it works, fJ a cycle in any case.
static const struct {{
  double area, luts, energy, idle;
}} COST_FIGURES[COST_BLOCK_COUNT] = {{
{rows},
}};

// Of a multiplier in a design, against the catalogue's.
static const double COST_MULTIPLIER_AREA = {ratios[0]:.4f}, COST_MULTIPLIER_ENERGY = {ratios[1]:.4f};

// fJ a flip-flop a cycle, of the clock's tree; fJ a um2 and ns, of leakage.
static const double COST_CLOCK = {figures["clock"]:.4g}, COST_LEAKAGE = {figures["leakage"]:.4g};

// ns of a path: what it has in any case, and for each bit.
static const struct {{
  double base, bit;
}} COST_DELAYS[COST_PATH_COUNT] = {{
{path_rows},
}};
static const double COST_MULTIPLIER_DELAY = 0.3; // what is before and behind one

// How far predictions of other designs than those were off, in percent: mean and worst.
static const struct {{
  const char *target;
  int designs;
  double area[2], energy[2];
}} COST_ERRORS[] = {{
{error_rows},
}};

#endif
"""


# Those that take LUTs: an enable is a flip-flop's own.
LUT_BLOCKS = ["selected", "tree", "summed", "product", "constant", "larger", "counted"]
# Blocks as `axgen cost` names them: as C does.
NAMES = {"flip_flops": "FLIP_FLOP", "held": "HELD", "selected": "SELECT", "tree": "TREE", "summed": "SUM", "product": "PRODUCT",
         "constant": "CONSTANT", "larger": "LARGER", "counted": "COUNT", "pes": "PE", "dot4_pes": "DOT4",
         "memory_units": "UNIT", "issues": "ISSUE", "slots": "SLOT", "dispatchers": "DISPATCH", "ports": "PORT", "changed": "CHANGE"}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", default=os.path.join(ROOT, "build", "calibrate"))
    parser.add_argument("--fit", action="store_true", help="write the figures; else measure only")
    parser.add_argument("--there", action="store_true", help="take the designs that are there, and measure nothing")
    parser.add_argument("--table", action="store_true", help="print the table of the designs that were not fitted")
    parser.add_argument("--svg", help="... and draw it to this file")
    parser.add_argument("--unseen", action="store_true", help="measure designs of other kinds and print their table; fit nothing")
    args = parser.parse_args()
    flow = Flow(os.path.abspath(args.out), None, 0, args.there)
    designs = [(name, False, config) for name, config in unseen_designs(flow.out)] if args.unseen else all_designs(flow.out)
    if args.unseen:
        for name, _, config in designs:
            measure(flow, name, config, False)
    if args.table or args.unseen:
        tests = [os.path.join(flow.out, name + ".yaml") for name, fitted, _ in designs if not fitted]
        sys.exit(subprocess.run([AXGEN, "cost", *tests, *(["--svg", args.svg] if args.svg else [])]).returncode)
    fitted, tests = [], []
    for name, is_fitted, config in designs:
        try:
            result = measure(flow, name, config, is_fitted)
        except Missing:
            continue
        if args.fit:
            (fitted if is_fitted else tests).append((counted(flow, name), result))
    if args.fit:
        write(HEADER, header(fitted, tests, list(NAMES)))
        subprocess.run(["clang-format", "-i", HEADER], check=False)


if __name__ == "__main__":
    main()
