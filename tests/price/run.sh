#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `axgen explore --price design`: points are priced as whole accelerators, as `axgen cost` prices them; both prices are told.
# Uses $BUILD/axgen. Ends with `N passed, N failed`.
. "$(dirname "$0")/../lib.sh"
fashion=/usr/share/datasets/fashion-mnist
cd "$work" || exit 1
images() { echo "{format: idx, images: $fashion/train-images-idx3-ubyte.gz, labels: $fashion/train-labels-idx1-ubyte.gz, first: $1, count: $2}"; }
config() { # target, more
  cat <<YAML
network: $root/models/lenet5-fashion/net.yaml
dataset: $(images 55000 200)
multipliers: {E: exact8s, R: roup8s_p1_c9, T: trunc8s_k6}
explore: {calibration: $(images 0 60)}
$1
YAML
}
config 'target: {kind: dataflow, folding: {conv1: {pe: 6, simd: 5}, conv2: {pe: 2, simd: 10}, fc1: {pe: 4, simd: 4}, fc3: {pe: 2, simd: 2}}}' >stream.yaml
config 'target: {kind: fgpu, cvs: 1}' >tile.yaml
config '' >none.yaml
explore() { "$axgen" explore "$@" --level layer --max-loss 0.05 --max-evaluations 8 -q >"$work/out" 2>"$work/err"; }

check "by the multipliers" explore stream.yaml -o alone
check "by the accelerator's energy" explore stream.yaml --price design -o energy
check "with one thread" explore stream.yaml --price design -j 1 -o single
check "the same bytes" sh -c 'cmp energy/front.csv single/front.csv && cmp energy/history.csv single/history.csv'
check "by its area" explore stream.yaml --price design --objective area -o area
check "by both" explore stream.yaml --price design --objective area,energy -o both
check "the multipliers by both" explore stream.yaml --objective energy,area -o pair
check "a tile by its multipliers" explore tile.yaml -o tile
check "by its energy" explore tile.yaml --price design -o whole

# What `axgen cost` says of a point, and of the same design with exact multipliers, is what its price is made of.
check "prices are those of axgen cost" python3 - "$axgen" <<'PY'
import json, re, subprocess, sys
axgen = sys.argv[1]
read = lambda folder: json.load(open(folder + "/explore.json"))
def cost(config):
    c = json.loads(subprocess.run([axgen, "cost", config, "--json"], check=True, stdout=subprocess.PIPE).stdout)
    return {"energy": c["nj_per_image"]["total"], "area": c["area_um2"]["total"], "delay": c["delay_ns"],
            "all energy": c["with_memories_nj_per_image"], "all area": c["memories"]["area_with_logic_um2"]}
near = lambda a, b: abs(a - b) <= 1e-6 * abs(b) + 1e-9
open("exact.yaml", "w").write(open("stream.yaml").read() + "assignment: {default: E}\n")
exact = cost("exact.yaml")
for folder, objective, price in (("alone", "energy", "multipliers"), ("energy", "energy", "design"), ("area", "area", "design"),
                                 ("both", "area,energy", "design"), ("pair", "energy,area", "multipliers")):
    e = read(folder)
    two = objective.split(",")
    objective, second = two[0], two[-1]
    assert (e["objective"], e["price"]) == (",".join(two), price) and e["points"], folder
    for p in e["points"]:
        # Corrected integers may take a bit more or less than those that the price was of.
        is_, said = cost(p["config"]), p["design"]
        for key, of in (("nj_per_image", "energy"), ("area_um2", "area"), ("delay_ns", "delay")):
            assert abs(said[key] / is_[of] - 1) < 0.02, (folder, key, said[key], is_[of])
            assert near(e["exact"]["design"][key], exact[of]), (key, e["exact"], exact)
            assert near(said["saving"][of], 1 - said[key] / exact[of])
            if key == "delay_ns":
                continue
            # Memories are in the totals, and no assignment changes them.
            whole, was = said["with_memories"], e["exact"]["design"]["with_memories"]
            assert abs(whole[key] / is_["all " + of] - 1) < 0.02 and whole[key] > said[key]
            assert near(was[key], exact["all " + of]) and near(whole["saving"][of], 1 - whole[key] / was[key])
            assert abs(whole["saving"][of] - said["saving"][of] * said[key] / whole[key]) < 0.02
        assert near(p["saving"], said["saving"][objective] if price == "design" else p["multipliers_saving"]), p
        assert 0 < p["multipliers_saving"] < 1
    for p in e["points"] if len(two) > 1 else []:
        assert p["savings"][objective] == p["saving"] and near(p["savings"][second], 1 - p[second])
        assert price != "design" or all(near(p["savings"][f], p["design"]["saving"][f]) for f in two), p
# The multipliers are a part of the accelerator: less of it is saved.
assert all(p["design"]["saving"]["energy"] < p["multipliers_saving"] for p in read("alone")["points"])
# Two kinds of multipliers in a compute vector cost a tile cycles: what its multipliers save is not saved.
assert any(p["saving"] > 0.1 and p["design"]["saving"]["energy"] < 0 for p in read("tile")["points"]), read("tile")["points"]
assert all(p["saving"] > 0 for p in read("whole")["points"])
PY
explore stream.yaml -o alone
if grep -q '^point  *energy  *design ' out && grep -q 'design: of the whole accelerator' out; then ok "both prices are printed"; else fail "both prices are printed"; fi

# The published figures: rows of HAWX's Table II with one block, to their last digit; searched by them.
check "HAWX's Table II by the published figures" python3 - "$axgen" <<'PY'
import json, subprocess, sys
for target in ("{kind: dataflow, max_multipliers: 60}", "{kind: fgpu, cvs: 1}"):
    for block, power, area in (("1KV6", 1, 1), ("1KV8", 0.993, 0.974), ("1KV9", 0.965, 0.939), ("1L2N", 0.296, 0.390)):
        text = open("none.yaml").read().split("multipliers:")[0]
        open("row.yaml", "w").write(text + f"multipliers: {{A: mul8s_{block}}}\nassignment: {{default: A}}\ntarget: {target}\n")
        p = json.loads(subprocess.run([sys.argv[1], "cost", "row.yaml", "--json"], check=True, stdout=subprocess.PIPE).stdout)["published"]
        assert abs(p["power"] - power) <= 0.00051 and abs(p["area"] - area) <= 0.00051 and p["relative_to"] == "mul8s_1KV6", (block, p)
PY
sed 's/^multipliers.*/multipliers: {E: mul8s_1KV6, R: mul8s_1KVP, T: mul8s_1L2N}/; s/^explore: {/&cost: published, /' none.yaml >published.yaml
check "a search by them" explore published.yaml -o published
check "costs are mixtures of them" python3 - <<'PY'
import csv
rows = [float(r["energy"]) for r in csv.DictReader(open("published/history.csv"))]
assert rows and all(0.126 / 0.425 - 1e-6 <= r <= 1 for r in rows) and min(rows) < 0.95, rows
PY

# What is behind multipliers works as often as their products' bits change: not at all below where products end in zeros.
check "adders stand still with products' bits" python3 - "$axgen" <<'PY'
import json, subprocess, sys
def layer(mul):
    text = open("stream.yaml").read().split("multipliers:")[0]
    target = [l for l in open("stream.yaml").read().splitlines() if l.startswith("target:")][0]
    open("one.yaml", "w").write(text + f"multipliers: {{M: {mul}}}\nassignment: {{default: M}}\n{target}\n")
    c = json.loads(subprocess.run([sys.argv[1], "cost", "one.yaml", "--json"], check=True, stdout=subprocess.PIPE).stdout)
    return next(l for l in c["layers"] if l["layer"] == "conv2")
exact, trunc, roup = layer("exact8s"), layer("trunc8s_k6"), layer("roup8s_p1_c9")
assert exact["product_activity"] == 1 and layer("exact8s_booth")["product_activity"] == 1
assert abs(trunc["product_activity"] - 10 / 16) < 0.05 and 0.15 < roup["product_activity"] < 0.35, (trunc["product_activity"], roup["product_activity"])
for kind, most in (("adders", 0.5), ("requantise", 0.95), ("registers", 0.97)):
    energy = [l["nj_per_image"][kind] for l in (exact, trunc, roup)]
    assert energy[0] > energy[1] > energy[2] and energy[2] < most * energy[0], (kind, energy)
for kind in ("control", "clock tree"):
    assert exact["nj_per_image"][kind] == roup["nj_per_image"][kind], kind
PY

# A requantiser takes what its sums' changes give: few bits, where a word adds one product to a sum. Weights that never
# change keep their registers and multipliers still.
check "sums and weights that stand still" python3 - "$axgen" <<'PY'
import json, subprocess, sys
def layers(folding):
    text = open("stream.yaml").read().split("target:")[0]
    open("one.yaml", "w").write(text + f"assignment: {{default: E}}\ntarget: {{kind: dataflow, folding: {{{folding}}}}}\n")
    c = json.loads(subprocess.run([sys.argv[1], "cost", "one.yaml", "--json"], check=True, stdout=subprocess.PIPE).stdout)
    return {l["layer"]: l for l in c["layers"]}
one, many = (layers("conv1: {pe: 6, simd: 25}, conv2: {pe: 1, simd: %d}" % simd) for simd in (1, 25))
word = lambda l, cycles: l["nj_per_image"]["requantise"] / cycles
assert word(one["conv2"], 240000) < 0.5 * word(many["conv2"], 9600), (one["conv2"], many["conv2"])
still, moving = one["conv1"], layers("conv1: {pe: 3, simd: 25}")["conv1"]
held = [l["multiplier_types"][0]["held"] for l in (still, moving)]
assert held == [784, 1], held
for kind in ("multipliers", "control"):
    assert still["nj_per_image"][kind] < 0.9 * moving["nj_per_image"][kind], kind
PY

# What LeNet-5 was measured to take (docs/cost.md; `axgen synth --energy`): a requantiser and a PE as their operands change.
check "near what was measured" python3 - "$axgen" "$root" <<'PY'
import json, subprocess, sys
def cost(flow):
    run = [sys.argv[1], "cost", f"{sys.argv[2]}/flows/{flow}.yaml", "-o", "there", "--json"]
    return json.loads(subprocess.run(run, check=True, stdout=subprocess.PIPE).stdout)
for flow, kinds in (("lenet5-dataflow", {"total": (582.2, 0.1), "requantise": (63.1, 0.2), "adders": (78.3, 0.2)}),
                    ("lenet5-fgpu", {"total": (14404, 0.1), "PEs": (2950, 0.3), "registers": (7166.8, 0.1)})):
    c = cost(flow)
    for kind, (measured, most) in kinds.items():
        assert abs(c["nj_per_image"][kind] / measured - 1) < most, (flow, kind, c["nj_per_image"][kind], measured)
assert abs(c["memories"]["external_bytes_per_image"] / 153696 - 1) < 0.05, c["memories"]["external_bytes_per_image"]
assert abs(c["cycles_per_image"] / 92637 - 1) < 0.05, c["cycles_per_image"]
PY

# A tile's memories: registers are read in every cycle, lines and bytes are near what the simulator counts.
check "a tile's accesses" python3 - "$axgen" <<'PY'
import json, subprocess, sys
open("one.yaml", "w").write(open("tile.yaml").read() + "assignment: {default: E}\n")
run = lambda *a: json.loads(subprocess.run([sys.argv[1], *a, "one.yaml", "--json"], check=True, stdout=subprocess.PIPE).stdout)
c, is_ = run("cost"), run("fgpu", "run", "--images", "1")
m = c["memories"]
parts = {l["layer"]: l for l in m["layers"]}
assert abs(parts["PEs"]["words_read_per_image"] / (3 * 8 * c["cycles_per_image"]) - 1) < 1e-9, parts["PEs"]
assert 0 < parts["PEs"]["words_written_per_image"] < parts["PEs"]["words_read_per_image"]
assert all(parts[p]["nj_per_image"] > 0 for p in ("memory units", "rest of the CVs", "host port"))
bytes_ = 32 * (is_["lines_read"] + is_["lines_written"])
assert abs(m["external_bytes_per_image"] / bytes_ - 1) < 0.12, (m["external_bytes_per_image"], bytes_)
ns = c["cycles_per_image"] * c["clock_ns"]
whole = c["nj_per_image"]["total"] + m["nj_per_image"] + m["leakage_uw"] * ns * 1e-6 + m["external_nj_per_image"]
assert abs(c["with_memories_nj_per_image"] / whole - 1) < 1e-9
PY

refused() { # what, exit status, message, arguments
  name=$1 status=$2 wanted=$3
  shift 3
  "$axgen" explore "$@" -o gone >out 2>err
  if [ $? = "$status" ] && grep -qF -e "$wanted" err && [ ! -e gone ]; then ok "$name"; else fail "$name: $(cat err)"; fi
}
refused "an accelerator without a target" 1 '--price design needs the accelerator that is priced' none.yaml --price design
refused "a price of something else" 2 'expected multipliers or design' stream.yaml --price chip
refused "the multipliers' delay" 2 'needs --price design' stream.yaml --objective delay
sed 's/E: exact8s, //' stream.yaml >inexact.yaml
refused "a delay that no multiplier changes" 1 'all assignments are as fast' stream.yaml --price design --objective delay
refused "nor beside energy" 1 'all assignments are as fast' tile.yaml --price design --objective energy,delay
refused "nothing exact to compare with" 1 'is exact, so there is no exact accelerator to compare with' inexact.yaml --price design
sed 's/^explore: {/&cost: published, /' none.yaml >unknown.yaml
refused "figures that nobody published" 1 'no published figures of `E` are known' unknown.yaml
sed 's/^explore: {/&cost: cheap, /' none.yaml >cheap.yaml
refused "another word" 1 'expected `published`, or what a multiplication costs' cheap.yaml
finish
