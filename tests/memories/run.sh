#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What memories cost: how often the plan says that they are read and written is what the Verilog does; their shapes and sums in
# `axgen synth`; figures of one's own.
. "$(dirname "$0")/../lib.sh"

# ---- accesses: memories that count, in the testbench that rtl writes (its images pass twice; a few words are fetched in each reset)
counts() { # config, images in the testbench -> $work/acc: memory, words read and written, as counted and as the plan says
  rm -rf "$work/acc" && "$axgen" rtl "$1" -o "$work/acc" >"$work/out" 2>"$work/err" || return 1
  for core in ram rom; do
    test -e "$work/acc/rtl/cores/axgen_$core.v" || continue
    python3 - "$work/acc/rtl/cores/axgen_$core.v" <<'P' || return 1
import sys
text = open(sys.argv[1]).read()
write = "if (|we === 1'b1) writes = writes + 1;" if "we," in text else ""
open(sys.argv[1], "w").write(text.replace("endmodule", """
    integer reads = 0, writes = 0;
    always @(posedge clk) begin if (re === 1'b1) reads = reads + 1; %s end
    always @(posedge tb_axgen_top.shown) begin $display("%%m %%0d %%0d %%0d %%0d", WIDTH, DEPTH, reads, writes); #100 $finish; end
endmodule""" % write))
P
  done
  (cd "$work/acc/rtl" && iverilog -g2005 -o tb.vvp -s tb_axgen_top -Ptb_axgen_top.FINISH=0 -c axgen.f tb/tb_axgen_top.v &&
    vvp -n tb.vvp) >"$work/seen" 2>"$work/err" && grep -q '^PASS' "$work/seen" && python3 - "$work" "$2" <<'P'
import collections, json, re, sys
work, images = sys.argv[1], 2 * int(sys.argv[2]) # they pass twice
seen, want = collections.Counter(), collections.Counter()
for line in open(work + "/seen"):
    w = line.split()
    if len(w) == 5 and w[0].startswith("tb_axgen_top."):
        where = re.sub(r"^.*?\.dut\.", "", w[0]).split(".")[0]
        seen[where, w[1], w[2], "read"] += int(w[3]) / images
        seen[where, w[1], w[2], "written"] += int(w[4]) / images
for m in json.load(open(work + "/acc/rtl/manifest.json"))["memories"]:
    if "reads_per_image" not in m:
        sys.exit("not counted: %s" % m)
    where = re.split("[/.]", m["instance"])[0]
    want[where, str(m["width"]), str(m["depth"]), "read"] += m["reads_per_image"]
    want[where, str(m["width"]), str(m["depth"]), "written"] += m["writes_per_image"]
bad = ["%s: %g in simulation, %g by the plan" % (" ".join(k), seen[k], want[k]) for k in sorted(set(seen) | set(want))
       if abs(seen[k] - want[k]) > max(0.01 * want[k], 12 / images)]
sys.exit("\n".join(bad) if bad or not want else 0)
P
}
images() { # pixels of an image, file: four of them
  python3 -c "import random, struct, sys
random.seed(1)
c, h, w = map(int, sys.argv[1].split('x'))
open(sys.argv[2], 'wb').write(struct.pack('>BBBBIII', 0, 0, 8, 3, 4, h, w) + bytes(random.randrange(256) for _ in range(4 * c * h * w)))" "$@"
}
images 1x6x6 "$work/images"
tiny() { # target's keys
  cat <<Y
network: $root/tests/config/tiny/net.yaml
dataset: {format: idx, images: $work/images}
multipliers: {E: exact8s}
assignment: {default: E}
$2
target: {kind: dataflow, folding: {$1}}
Y
}
tiny "conv1: {pe: 2, simd: 3, hold: 4}, conv2: {pe: 3, simd: 12}" "" >"$work/held.yaml"
check "weights held" counts "$work/held.yaml" 3
tiny "conv1: {pe: 1, simd: 9}, conv2: {pe: 1, simd: 4}" "" >"$work/other.yaml"
check "another folding" counts "$work/other.yaml" 3
for seed in 2115 3071; do # a FIFO and poolings of each kind
  random "$seed"
  check "random $seed" counts "$work/r$seed/config.yaml" 3
done

# ---- what they cost: one RAM and one ROM by hand, sums, figures of one's own
tiny "conv1: {pe: 1, simd: 1}, conv2: {pe: 1, simd: 1}" "" >"$work/small.yaml"
AXGEN_CACHE=$work/kept
cost() { # folder, config: its synth.json is $work/FOLDER/synth.json
  "$axgen" synth "$2" --images 1 -o "$work/$1" >"$work/out" 2>"$work/err"
}
holds() { # what, folder, condition on m and j
  check "$1" python3 -c "import json, sys
j = json.load(open(sys.argv[1] + '/synth.json'))
m = j['memories']
near = lambda a, b: abs(a - b) <= 1e-6 * (1 + abs(b))
sys.exit(0 if eval('(' + sys.argv[2] + ')') else 'not so: ' + sys.argv[2])" "$work/$2" "$3"
}
check "synthesised" cost small "$work/small.yaml"
holds "layers sum to the total" small "all(near(sum(l['area_um2'][k] for l in m['layers']), m['area_um2'][k]) for k in m['area_um2']) and near(sum(l['nj_per_image'] for l in m['layers']), m['nj_per_image'])"
holds "kinds too" small "near(sum(v for k, v in m['area_um2'].items() if k != 'total'), m['area_um2']['total'])"
holds "with and without" small "near(m['area_with_logic_um2'], m['area_um2']['total'] + j['area_um2']['total'])"
check "in the table" grep -q '^logic [0-9]* + memories [0-9]* = [0-9]* um2$' "$work/out"
check "its limits are told" grep -q 'SRAM areas are optimistic.*ROMs.*without figures of 45 nm' "$work/out"
# What is predicted of memories is what the synthesis finds, words that are loaded too: memories of 32 bits side by side.
tiny "conv1: {pe: 2, simd: 9, weights: load}, conv2: {pe: 1, simd: 4, weights: load}" "" >"$work/loads.yaml"
check "loaded words" cost loads "$work/loads.yaml"
predicted() { # folder, config
  "$axgen" cost "$2" --json >"$work/predicted.json" 2>"$work/err" && python3 - "$work/predicted.json" "$work/$1/synth.json" <<'P'
import json, sys
a, b = (json.load(open(path))["memories"] for path in sys.argv[1:])
near = lambda x, y: abs(x - y) <= 1e-6 * (1 + abs(y))
bad = [(key, a[key], b[key]) for key in ("macros", "leakage_uw", "nj_per_image") if not near(a[key], b[key])]
bad += [(key, a["area_um2"][key], b["area_um2"][key]) for key in b["area_um2"] if not near(a["area_um2"][key], b["area_um2"][key])]
sys.exit(str(bad) if bad else 0)
P
}
check "predicted as synthesised" predicted small "$work/small.yaml"
check "predicted as synthesised, loaded words" predicted loads "$work/loads.yaml"
# Figures with which all that counts is how many bits: a RAM 2 um2, a ROM 1, and words: an access 1 pJ a bit.
cat >"$work/figures.yaml" <<Y
sram:
  area_um2: {scale: 2, words: 1, bits: 1}
  read_pj: {scale: 1, words: 0, bits: 1}
  write_pj: {scale: 1, words: 0, bits: 1}
  leakage_uw: {scale: 0, words: 1, bits: 1}
  words: [1, 65536]
  bits: [1, 4096]
  from_bits: 1
registers: {area_um2: 2.5, access_pj: 1}
rom: {area: 0.5, read: 1}
external: {pj_per_byte: 10}
Y
tiny "conv1: {pe: 1, simd: 1}, conv2: {pe: 1, simd: 1}" "technology: {memories: figures.yaml}" >"$work/own.yaml"
check "with figures of one's own" cost own "$work/own.yaml"
holds "their name is told" own "m['figures'].endswith('figures.yaml')"
holds "RAMs and ROMs by whole bytes of a word" own "2 * j['ram_bits'] <= m['area_um2']['sram'] + m['area_um2']['registers'] < 2.6 * j['ram_bits'] and j['rom_bits'] <= m['area_um2']['rom'] < 2 * j['rom_bits']"
# fc1: 18 weights of 8 bits and 3 biases, read once each; its line buffer: 18 words of 8 bits to read, 6 to write; no requantiser.
holds "an energy by hand" own "(lambda f: f['words_read_per_image'] == 18 + 3 + 18 and f['words_written_per_image'] == 6 and near(f['nj_per_image'], 1e-3 * (18 * 8 + 3 * 24 + 18 * 8 + 6 * 8)))(next(l for l in m['layers'] if l['layer'] == 'fc1'))"
finish
