#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# axgen score on LeNet-5: tables, pictures and page are well-formed and agree with each other, are the same bytes whatever
# the number of threads, and bad input changes nothing. Ends with `N passed, N failed`.
set -u
cd "$(dirname "$0")/../.." || exit 1
BUILD=${BUILD:-build}
AXGEN_DATA=$PWD
export AXGEN_DATA
axgen=$PWD/$BUILD/axgen
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0
ok() { echo "ok   $1"; passed=$((passed + 1)); }
fail() { echo "FAIL $1"; sed 's/^/     /' "$work/out" "$work/err" 2>/dev/null | head -n 12; failed=$((failed + 1)); }
check() { what=$1 && shift && if "$@"; then ok "$what"; else fail "$what"; fi; } # what, a command that succeeds

refused() { # what, exit status, text on stderr, arguments...
  what=$1 want=$2 text=$3
  shift 3
  "$axgen" score "$@" >"$work/out" 2>"$work/err"
  got=$?
  if [ $got = "$want" ] && grep -q -e "$text" "$work/err"; then ok "$what"; else fail "$what: exit $got, wanted $want with \`$text\`"; fi
}

flow=flows/lenet5-score.yaml
"$axgen" score $flow --images 600 --representatives 12 -j1 -o "$work/one" >"$work/out" 2>"$work/err" || fail "score"
"$axgen" score $flow --images 600 --representatives 12 -j3 -o "$work/three" --json >"$work/json" 2>"$work/err" || fail "score -j3"
check "the same bytes with 1 and 3 threads" diff -r "$work/one" "$work/three"
check "--json prints what score.json holds" cmp -s "$work/json" "$work/three/score.json"
check "Table I is printed" grep -q '^L2N  *mul8s_1L2N  *[1-9].*e-0' "$work/out"
check "the gradients' time goes to stderr" grep -q '^gradients of 12 images: ' "$work/err"

python3 - "$work/one" >"$work/out" 2>&1 <<'P'
import csv, json, sys, xml.dom.minidom as dom
from html.parser import HTMLParser
folder = sys.argv[1]
j = json.load(open(folder + "/score.json"))
names = ["KV6", "KV8", "KV9", "KVP", "L2J", "L2L", "L2N", "L12"]
assert [b["key"] for b in j["blocks"]] == names, j["blocks"]
assert 1 <= len(j["representatives"]) <= 12
assert sum(r["stands_for"] for r in j["representatives"]) == j["images"] == 600
assert all(0 <= r["image"] < 600 and r["deviation"] > 0 for r in j["representatives"])

score = {b["key"]: b["score"] for b in j["blocks"]}
assert score["KV6"] == 0 and 0 < score["KV8"] < score["KV9"] < score["KVP"] < score["L2N"] < score["L12"], score
assert j["kendall"] > 0.7 and j["spearman"] > 0.8, j
assert j["assigned"] == 0
for b in j["blocks"]:  # filters average to layers, layers to the network
    total = sum(l["multiplications"] for l in b["layers"])
    assert total == 416520
    model = sum(l["score"] * l["multiplications"] / total for l in b["layers"])
    assert abs(model - b["score"]) <= 1e-12 + 1e-9 * model
    for l in b["layers"]:
        assert abs(sum(l["filters"]) / len(l["filters"]) - l["score"]) <= 1e-12 + 1e-9 * l["score"]

rows = list(csv.DictReader(open(folder + "/score/table1.csv")))
filters = sum(len(l["filters"]) for l in j["blocks"][0]["layers"])
assert len(rows) == 8 * (1 + 5 + filters)
for r in rows:
    b = j["blocks"][names.index(r["block"])]
    if r["level"] == "model":
        want = b["score"]
    else:
        l = next(l for l in b["layers"] if l["layer"] == r["layer"])
        want = l["filters"][int(r["filter"])] if r["level"] == "filter" else l["score"]
    assert abs(float(r["score"]) - want) <= 1e-8 * want

class Page(HTMLParser):
    svgs = 0
    def handle_starttag(self, tag, attrs):
        assert tag != "script" and not any(k in ("src", "href") for k, v in attrs)
        self.svgs += tag == "svg" and ("xmlns", "http://www.w3.org/2000/svg") in attrs
page = Page()
page.feed(open(folder + "/score/report.html").read())
assert page.svgs == 4, page.svgs
for f in ("fig2", "fig3", "fig4", "fig4-scatter"):
    text = open(f"{folder}/score/{f}.svg").read()
    dom.parseString(text)
    assert "nan" not in text and ("mul8s_1L2N" in text or f == "fig2")
P
check "table, JSON, pictures and page agree" [ $? = 0 ]

# ---- the config's own assignment counts; a multiplier that fits nowhere has no score
sed "s#\.\./models#$PWD/models#; s#^  default: KV6#  default: L2N#; s#L12: mul8s_1L12#L12: exact4s#" $flow >"$work/own.yaml"
"$axgen" score "$work/own.yaml" --images 200 --representatives 4 -o "$work/own" --json -q >"$work/json" 2>"$work/err"
python3 - "$work/json" >"$work/out" 2>&1 <<'P'
import json, sys
j = json.load(open(sys.argv[1]))
block = {b["key"]: b for b in j["blocks"]}
assert abs(j["assigned"] - block["L2N"]["score"]) < 1e-9 * j["assigned"]
assert block["L12"]["score"] is None and block["L12"]["layers"][0]["filters"] == []
assert block["L12"]["top1"] == j["top1"]
P
check "the config's assignment, a multiplier of other operands" [ $? = 0 ]

# ---- bad input
refused "no representatives" 1 'representatives 0: expected at least 1' $flow --images 50 --representatives 0 -o "$work/never"
refused "too many images" 1 'the data set has 10000' $flow --images 10001 -o "$work/never"
sed "s#\.\./models#$PWD/models#; /^  labels/d" $flow >"$work/unlabelled.yaml"
refused "no labels" 1 'score. needs labels' "$work/unlabelled.yaml" -o "$work/never"
refused "an option of another verb" 2 'axgen score does not take --stalls' $flow --stalls 1
check "errors leave nothing behind" [ ! -e "$work/never" ]
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
