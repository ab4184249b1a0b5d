#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Pages, as people see them: `axgen report` on folders that the verbs just wrote, on names and figures that are hard to draw,
# and on large explorations; looked at in headless Chromium (browser.py), at the widths of a phone and of a desk, light and dark.
# Uses $BUILD/axgen. Ends with `N passed, N failed[, N skipped]`.
. "$(dirname "$0")/../lib.sh"
here=$root/tests/page

# ---- folders that the verbs write --------------------------------------------------------------------------------------
fashion=/usr/share/datasets/fashion-mnist
cd "$work" || exit 1
images() { echo "{format: idx, images: $fashion/$1-images-idx3-ubyte.gz, labels: $fashion/$1-labels-idx1-ubyte.gz, count: $2}"; }
cat >real.yaml <<YAML
network: $root/models/lenet5-fashion/net.yaml
dataset: $(images train 60)
multipliers: {E: exact8s, A: evo8s_mae101_energy, R: roup8s_p1_c7}
assignment: {default: E, conv2: {filters: {0-7: R, 8-15: E}}}
explore: {calibration: $(images train 20), test: $(images t10k 60), cost: {E: 10, A: 7, R: 6}}
target: {kind: dataflow, folding: {conv1: {pe: 2, simd: 5}, conv2: {pe: 4, simd: 2}}}
output: real
YAML
for verb in eval rtl score; do
  check "$verb" "$axgen" $verb real.yaml
done
check sensitivity "$axgen" sensitivity real.yaml --images 20 -q -o real
check explore "$axgen" explore real.yaml --level filter --max-evaluations 8 --max-loss 0.05 -q -o found
check "a page of what the verbs wrote" "$axgen" report real found -o page

# ---- the figures on the page --------------------------------------------------------------------------------------------
check "other folders" python3 "$here/folders.py" hostile hostile
check "their page" "$axgen" report hostile/* -o hostile-page
check "again" "$axgen" report hostile/* -o hostile-again
check "the same bytes" cmp hostile-page/report.html hostile-again/report.html
check "what the pages say" python3 "$here/content.py" page/report.html found hostile-page/report.html hostile
mkdir bare
echo '{"area_um2": {"total": 1}, "energy": {"nj_per_image": 3, "with_memories_nj_per_image": 3, "kinds": {"adders": 2, "leakage": 1}}}' >bare/synth.json
check "energy by kind without layers" "$axgen" report bare -o bare-page
check "is shown" grep -q 'adders: 2.00 nJ, 66.7 %' bare-page/report.html
check "a large exploration" python3 "$here/folders.py" large large
check "its page" timeout 60 "$axgen" report large/* -o large-page
check "is at most 4 MB and says what it leaves out" python3 - large-page/report.html <<'PY'
import sys
page = open(sys.argv[1]).read()
assert len(page.encode()) <= 4 << 20, len(page)
for said in ("Of 9000 tried, 1500 are drawn", "60 of 300 points, evenly spaced", "a cell: the most frequent of 4&times;4", "49 smaller ones"):
    assert said in page, said
PY

# ---- in a browser ---------------------------------------------------------------------------------------------------------
if command -v chromium >/dev/null; then
  check "in Chromium" python3 "$here/browser.py" check page/report.html hostile-page/report.html real/score/report.html
  # What is wrong with a page is found.
  sed 's,</body>,<div><svg width="500" height="9"></svg></div><script>1</script><img src="http://127.0.0.1:9/x.png">&,' page/report.html >bad.html
  sed 's,</body>,<p><font color="#aaaaaa">too pale to be read by anybody</font></p><p><a href="\#gone">nowhere</a></p>&,' page/report.html >pale.html
  python3 "$here/browser.py" check bad.html pale.html >"$work/log" 2>&1 # fails
  for wanted in 'bad.html: 390 light: scrolls sideways' 'bad.html: 390 light: script' 'bad.html: 1280 dark: log: .*Content Security Policy' \
    'pale.html: 390 light: contrast 2.3' 'pale.html: 1280 light: leads nowhere: #gone'; do
    if grep -q "$wanted" "$work/log"; then ok "found: $wanted"; else fail "found: $wanted"; fi
  done
else
  skip "no chromium (make deps-test)"
fi
finish
