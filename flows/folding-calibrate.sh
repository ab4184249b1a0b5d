#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Where the constants of the folding's estimates come from (compiler/target/dataflow/fold_cost.c): LeNet-5 in several foldings with
# several multipliers, synthesised for the project's 45 nm library and for UltraScale+; prints the constants that fit best and how far
# the estimates are off.   flows/folding-calibrate.sh [FOLDER]     what FOLDER (default: build/folding-calibrate) holds is not done again.
set -eu
cd "$(dirname "$0")/.."
axgen=${AXGEN:-$PWD/axgen}
folder=${1:-build/folding-calibrate}
mkdir -p "$folder"
one() { # one NAME MULTIPLIERS FOLDING: conv1 conv2 fc1 fc2 fc3
  set -- "$1" $2 $3
  name=$1
  [ -s "$folder/$name/synth.json" ] && [ -s "$folder/$name/synth-xcup.json" ] || rm -rf "${folder:?}/$name"
  cat >"$folder/$name.yaml" <<YAML
network: $PWD/models/lenet5-fashion/net.yaml
dataset:
  format: idx
  images: /usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz
  count: 1
multipliers: {A: $2, B: $3, C: $4, D: $5, E: $6}
assignment: {conv1: A, conv2: B, fc1: C, fc2: D, fc3: E}
target:
  kind: dataflow
  folding: {conv1: $(fold "$7"), conv2: $(fold "$8"), fc1: $(fold "$9"), fc2: $(fold "${10}"), fc3: $(fold "${11}")}
output: $(realpath "$folder")/$name
YAML
  "$axgen" rtl "$folder/$name.yaml" >"$folder/$name.log"
  [ -s "$folder/$name/synth.json" ] || "$axgen" synth "$folder/$name.yaml" -q >"$folder/$name.log"
  [ -s "$folder/$name/synth-xcup.json" ] || "$axgen" synth "$folder/$name.yaml" --family xcup -q >>"$folder/$name.log"
}
fold() { echo "{pe: ${1%x*}, simd: ${1#*x}}"; }
one a "exact8s exact8s_booth roup8s_p0_c4 exact8s_ks roup8s_p1_c7" "1x1 1x1 1x1 1x1 1x1"
one b "roup8s_p0_c4 exact8s exact8s_booth roup8s_p1_c7 exact8s" "6x5 8x10 4x4 4x1 1x1"
one c "exact8s_booth roup8s_p1_c7 exact8s roup8s_p0_c4 exact8s_ks" "3x25 16x5 8x16 12x2 2x4"
one d "exact8s_ks roup8s_p0_c4 roup8s_p1_c7 exact8s exact8s_booth" "2x5 4x25 20x5 6x10 5x2"
one e "roup8s_p1_c7 exact8s_ks exact8s exact8s_booth roup8s_p0_c4" "6x1 2x50 2x80 7x6 10x1"
python3 - "$folder" "$axgen" <<'P'
import csv, json, subprocess, sys
folder, axgen = sys.argv[1:]
SIZES = ["adder_bits", "accumulator_bits", "requantiser_bits", "selector_bits", "register_bits", "layers"]
read = lambda path: json.load(open(path))

def fit(rows, sizes):
    """Constants c >= 0 with sum c[k] * row[k] near row["is"], relative errors squared; Gauss-Jordan on the normal equations."""
    sizes, c = list(sizes), {}
    while sizes:
        m = [[sum(r[a] * r[b] / max(r["is"], 1) ** 2 for r in rows) for b in sizes] +
             [sum(r[a] * r["is"] / max(r["is"], 1) ** 2 for r in rows)] for a in sizes]
        for i in range(len(sizes)):
            p = max(range(i, len(sizes)), key=lambda k: abs(m[k][i]))
            m[i], m[p] = m[p], m[i]
            if not m[i][i]:
                continue
            m[i] = [x / m[i][i] for x in m[i]]
            for k in range(len(sizes)):
                if k != i:
                    m[k] = [x - m[k][i] * y for x, y in zip(m[k], m[i])]
        c = {s: m[i][-1] for i, s in enumerate(sizes)}
        if min(c.values()) >= 0:
            break
        sizes.remove(min(c, key=c.get))
    return c

def total(parts):
    out = dict.fromkeys(SIZES, 0.0)
    for p in parts:
        for k, v in p.items():
            out[k] += v
    return out

def gates(name):
    g = json.loads(subprocess.check_output([axgen, "mul", "show", name, "--json"]))["gates_by_kind"]
    ha, fa = g.pop("HA", 0), g.pop("FA", 0)
    return {"plain": sum(v for k, v in g.items() if k not in ("NOT", "BUF")), "half": ha, "full": fa}

designs = {n: (read(f"{folder}/{n}/rtl/manifest.json")["estimate"]["layers"], read(f"{folder}/{n}/synth.json"),
               read(f"{folder}/{n}/synth-xcup.json")) for n in "abcde"}

# um2: by layer and kind
AREA_KINDS = {"adders": ["adder_bits", "accumulator_bits"], "requantise": ["requantiser_bits"],
              "control": ["selector_bits", "register_bits", "layers"], "registers": ["register_bits", "layers"]}
layers = [(e, next(l for l in s["layers"] if l["layer"] == e["layer"])["area_um2"]) for m, s, _ in designs.values() for e in m]
area = total(fit([dict(e, **{"is": a[kind]}) for e, a in layers if a[kind]], sizes) for kind, sizes in AREA_KINDS.items())

# LUTs: by accelerator and module
LUT_MODULES = {("axgen_mvu_back",): ["adder_bits", "accumulator_bits"], ("axgen_requant",): ["requantiser_bits"],
               ("axgen_mvu_front", "axgen_window", "axgen_gearbox"): ["selector_bits", "register_bits", "layers"]}
luts_of = lambda x, names: sum(m["luts"] for m in x["modules"] if m["module"] in names)
summed = lambda m: {k: sum(e[k] for e in m) for k in SIZES}
luts = total(fit([dict(summed(m), **{"is": luts_of(x, names)}) for m, _, x in designs.values()], sizes)
             for names, sizes in LUT_MODULES.items())

# multipliers: um2 from the catalogue, LUTs from these accelerators
rows = [r for r in csv.DictReader(open("genlib/catalogue/axgen45.csv")) if r["a_bits"] == r["b_bits"] == "8"]
known = [dict(gates(r["name"]), **{"is": float(r["area"])}) for r in rows]
mul_area = fit(known, ["plain", "half", "full"])
seen = {m["module"][4:]: m["luts"] / m["instances"] for _, _, x in designs.values() for m in x["modules"] if m["module"].startswith("mul_")}
mul_luts = fit([dict(gates(n), **{"is": v}) for n, v in seen.items()], ["plain", "full"])
guess = lambda c, r: sum(c.get(k, 0) * r[k] for k in c)

print("static const double AREA[FOLD_SIZES] = {" + ", ".join(f"{area[k]:.3g}" for k in SIZES) + "};")
print("static const double LUTS[FOLD_SIZES] = {" + ", ".join(f"{luts[k]:.3g}" for k in SIZES) + "};")
print("gates: um2", {k: round(v, 2) for k, v in mul_area.items()}, "LUTs", {k: round(v, 2) for k, v in mul_luts.items()})

mean = lambda v: sum(v) / len(v)
def error(what, pairs):
    e = [abs(g / i - 1) * 100 for g, i in pairs]
    print(f"| {what} | {len(e)} | {mean(e):.1f} % | {max(e):.1f} % |")
print("\n| estimate | compared | mean error | largest |\n|---|---|---|---|")
error("um2 of a layer, without its multipliers", [(guess(area, e), a["total"] - a["multipliers"]) for e, a in layers])
error("um2 of an accelerator", [(sum(guess(area, e) for e in m) + s["area_um2"]["multipliers"], s["area_um2"]["total"]) for m, s, _ in designs.values()])
error("LUTs of an accelerator", [(sum(guess(luts, e) for e in m) + sum(k["luts"] for k in x["modules"] if k["module"].startswith("mul_")), x["luts"]) for m, _, x in designs.values()])
error("um2 of a multiplier by its gates", [(guess(mul_area, r), r["is"]) for r in known])
error("LUTs of a multiplier by its gates", [(guess(mul_luts, gates(n)), v) for n, v in seen.items()])
P
