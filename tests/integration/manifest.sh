#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What the files say of themselves: manifest, heads, synthesis, TDATA bit by bit.
. "$(dirname "$0")/lib.sh"

# ---- what is built, as the manifest lists it: every stream is a net of the top, with both ends but at the edge
streams() {
  python3 - "$1" <<'P'
import json, re, sys
m = json.load(open(sys.argv[1] + "/manifest.json"))
top = open(sys.argv[1] + "/" + m["top"] + ".v").read()
names = [i["instance"] for i in m["instances"]]
assert len({s["stream"] for s in m["streams"]}) == len(m["streams"]) and len(set(names)) == len(names)
listed = {s["valid"] for s in m["streams"]}
declared = set(re.findall(r"\bwire (\w+_valid)\b", top))
assert declared <= listed, declared - listed
for i in m["instances"]:
    assert i["instance"].count("/") or re.search(r"\b%s\b[^;]*\b%s \(" % (i["module"], i["instance"]), top), i
for s in m["streams"]:
    assert all(re.search(r"\b%s\b" % re.escape(s[k].split("[")[0]), top) for k in ("valid", "ready", "data")), s
    assert {s[k].rsplit(".", 1)[0] for k in ("from", "to") if k in s} <= set(names), s
assert sum("from" not in s for s in m["streams"]) == sum("to" not in s for s in m["streams"]) == 1
assert sum(i.get("count", 1) for i in m["instances"] if "multiplier" in i) == m["multipliers"]
assert m["memories"] and all(x.get("file", "rom/x.hex").startswith("rom/") and x["instance"] in names for x in m["memories"])
P
}
check "dataflow: the manifest's instances, streams and memories" streams $plain
check "dataflow, named: the manifest's instances, streams and memories" streams $eyes
# ---- layers that are called like modules, nets and branches beside them
hard() { # folder, layer names...
  folder=$1
  shift
  mkdir "$folder" && python3 "$root/tests/integration/model.py" "$folder" "$@" &&
    "$axgen" net import "$folder/model.onnx" --pictures "$folder/images.idx" -o "$folder/net" &&
    sed "s/^assignment:.*/assignment: {default: E}/; s/^  folding:/  name: eyes/; /: {pe/d" net/config.yaml >"$folder/config.yaml" &&
    "$axgen" rtl "$folder/config.yaml"
}
check "layers called like modules and nets" hard hard layer_fc1 fc1_valid mul_b b_data x
check "layers called like modules and nets: the manifest's streams" streams hard/out/rtl
while read -r names; do
  "$random_net" 2184 branch $names
  check "layers called like branches ($names)" simulate branch/config.yaml --icarus --images 2 --stalls 2
  "$axgen" rtl branch/config.yaml >rtl.log 2>&1
  check "layers called like branches ($names): the manifest's streams" streams branch/out/rtl
  rm -rf branch
done <<'N'
image conv1 x conv1_to_x add4 out
image conv1 conv2 add4_1_kept add4 out
N
check "fgpu: the manifest's multipliers" json $brain/manifest.json "[(i['multiplier'], i.get('count', 1)) for i in j['instances'] if 'multiplier' in i] == [('roup8s_p1_c5', 7), ('roup8s_p2_c6', 1)] and j['instances'][0]['parameters']['CVS'] == 1"
# ---- the synthesis finds cores, memories and multipliers behind the prefix
synthesis() {
  "$axgen" synth net/eyes.yaml --images 1 --json >synth.json &&
    json synth.json "j['multiplier_modules'] == 2 and j['multipliers'] > 4 and j['ram_bits'] > 0 and j['rom_bits'] > 0 and min(j['area_um2'][k] for k in ('multipliers', 'adders', 'requantise', 'registers')) > 100"
}
check "dataflow, named: synthesis accounts by kind" synthesis

heads() { # folder, files without a head of their own making
  for f in "$1"/*.v; do
    case $f in */*mul_[a-z]*[0-9]*.v) has SPDX "$f" && continue ;; esac
    head -n 7 "$f" | tr '\n' ' ' | grep -q 'SPDX-License-Identifier.*Made by axgen.*config .*sha256.*network .*sha256.*weights .*sha256' ||
      { echo "$f" && return 1; }
  done
}
check "dataflow: heads" heads $plain
check "fgpu: heads" heads $tile

# ---- m_axis_tdata: whole bytes, the sign above each value; two values a beat
check "TDATA: whole bytes" json $plain/manifest.json "(lambda a: a['bytes_per_value'] == -(-a['bits_per_value'] // 8) and a['tdata_bytes'] == a['values_per_beat'] * a['bytes_per_value'])(j['m_axis'])"
signs() {
  python3 - $plain <<'P'
import json, sys
a = json.load(open(sys.argv[1] + "/manifest.json"))["m_axis"]
bits, size, lanes = a["bits_per_value"], 8 * a["bytes_per_value"], a["values_per_beat"]
negative = 0
for line in open(sys.argv[1] + "/tb/expected.hex"):
    for i in range(lanes):
        value = int(line, 16) >> i * size & (1 << size) - 1
        above = value >> bits - 1
        assert bits < size and above in (0, (1 << size - bits + 1) - 1), (line, bits)
        negative += above != 0
assert negative
P
}
check "TDATA: the sign in every bit above" signs

finish
