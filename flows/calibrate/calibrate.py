#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""calibrate.py: the figures of predicted costs (`axgen cost`), from synthesised designs. `make calibrate` calls this.

Half of the designs are fitted, half are not (designs.py). Each one's result is kept in the folder; what was stopped goes on
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
def delays(designs):
    """{path: (base, per bit)} by least squares over the designs whose slowest path is such a one."""
    points = {}
    for count, measured in designs:
        timing = measured["synth"]["timing"]
        end = timing["to"]
        path = ("requantiser" if "/requant/" in end else "adders" if "/back/" in end else "control")
        path = "tile" if measured["synth"]["layers"][0]["layer"] == "PEs" else path
        bits = max(part["paths"].get(path, 0) for part in count["layers"])
        points.setdefault(path, []).append((bits, timing["delay_ns"]))
    out = {}
    for path, list_of in points.items():
        mean_x = sum(x for x, _ in list_of) / len(list_of)
        mean_y = sum(y for _, y in list_of) / len(list_of)
        spread = sum((x - mean_x) ** 2 for x, _ in list_of)
        slope = max(0, sum((x - mean_x) * (y - mean_y) for x, y in list_of) / spread) if spread else 0
        out[path] = (mean_y - slope * mean_x, slope)
    return out


# ---- energy ---------------------------------------------------------------------------------------------------------------
def measured_energy(synth):
    return synth["energy_proxy"]["toggled_nj_per_image"]


def multiplier_energy(designs):
    pairs = [(c["catalogue_nj_per_image"], measured_energy(m["synth"])) for c, m in designs]
    return sum(y / x for x, y in pairs) / len(pairs)


# ---- what is written --------------------------------------------------------------------------------------------------------
def target_of(measured):
    return "fgpu" if measured["synth"]["layers"][0]["layer"] == "PEs" else "dataflow"


def off(designs, area, ratios):
    """{target: [(area predicted, measured)], [(energy predicted, measured)]}"""
    out = {}
    for count, measured in designs:
        of_area, of_energy = out.setdefault(target_of(measured), ([], []))
        logic = sum(area[block] * size for sizes, _ in area_rows([(count, measured)]) for block, size in sizes.items())
        of_area.append((logic + ratios[0] * count["catalogue_area_um2"], measured["synth"]["area_um2"]["total"]))
        of_energy.append((ratios[1] * count["catalogue_nj_per_image"], measured_energy(measured["synth"])))
    return out


def header(fitted, tests, blocks):
    area = fit.nonnegative(list(area_rows(fitted)), blocks, relative)
    luts = fit.nonnegative(list(lut_rows(fitted)), LUT_BLOCKS, relative)
    paths = delays(fitted)
    ratios = multiplier_area(fitted), multiplier_energy(fitted)
    rows = ",\n".join(f"    [COST_{NAMES[b]}] = {{{area[b]:.4g}, {luts.get(b, 0):.4g}, 0, 0}}" for b in blocks)
    path_rows = ",\n".join(f"    [COST_PATH_{path.upper()}] = {{{base:.3f}, {bit:.4f}}}" for path, (base, bit) in paths.items())
    error_rows = ",\n".join(
        f'    {{"{target}", {len(pairs[0])}, ' + ", ".join("{%.1f, %.1f}" % tuple(100 * e for e in fit.errors(p)) for p in pairs) + "}"
        for target, pairs in sorted(off(tests, area, ratios).items()))
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
         "memory_units": "UNIT", "issues": "ISSUE", "slots": "SLOT", "dispatchers": "DISPATCH", "ports": "PORT"}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", default=os.path.join(ROOT, "build", "calibrate"))
    parser.add_argument("--fit", action="store_true", help="write the figures; else measure only")
    parser.add_argument("--there", action="store_true", help="take the designs that are there, and measure nothing")
    parser.add_argument("--table", action="store_true", help="print the table of the designs that were not fitted")
    parser.add_argument("--svg", help="... and draw it to this file")
    args = parser.parse_args()
    flow = Flow(os.path.abspath(args.out), None, 0, args.there)
    designs = all_designs(flow.out)
    if args.table:
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
