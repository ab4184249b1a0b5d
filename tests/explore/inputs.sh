#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Configurations: calibration images with other labels, a plan, names with all that is special somewhere.
. "$(dirname "$0")/lib.sh"

# ---- calibration images with labels of other things
printf '\0\0\10\1\0\0\352\140' >"$work/labels"
head -c 60000 /dev/zero | tr '\0' '\310' >>"$work/labels"
other=$(changed other "/calibration/s|labels: [^,]*|labels: $work/labels|")
explore "$other" --level layer --method hawx --max-evaluations 2 --json -o "$work/other"
judge "calibration images with others' labels" $?
explore "$(changed wrong "/test/s|images: [^,]*|images: $fashion/train-images-idx3-ubyte.gz|; /test/s|labels: [^,]*|labels: $work/labels|")" \
  -o "$work/never"
[ $? = 1 ] && grep -q 'labels up to 200' "$work/err" && grep -q 'explore: {test: ...}' "$work/err"
judge "labels of others: which images" $?

explore "$work/c.yaml" --level weight --plan --json -o "$work/plan" && json "$work/out" 'j["most_evaluations"] // 100 == 1' &&
  [ ! -e "$work/plan" ]
judge "--plan writes nothing" $?

# ---- names with all that is special somewhere
odd="$work/a 'b' \"c\" {d} #e: \$(f)"
mkdir "$odd"
"$axgen" mul gen roup8s_p1_c7 -o "$work/gen" >"$work/out" 2>"$work/err"
cp "$work/gen/mul_roup8s_p1_c7.hex" "$odd/t 'x' {y}, #z.hex"
python3 - "$work/c.yaml" "$odd" "t 'x' {y}, #z.hex" >"$odd/c.yaml" <<'END'
import json, re, sys
text = open(sys.argv[1]).read()
text = text.replace("B: roup8s_p1_c7", '"B b: \'": {file: %s, index: signed}' % json.dumps(sys.argv[3]))
text = text.replace("explore:", "explore:\n  cost: {E: 10, A: 9, \"B b: '\": 6, C: 5}")
print(text, end="")
END
explore "$odd/c.yaml" --level filter --max-evaluations 6 --json -o "$odd/out dir" && cp "$work/out" "$work/odd.json"
judge "odd names" $?
for config in "$odd/out dir"/points/0[12]/config.yaml; do
  [ -e "$config" ] || continue
  point=$(basename "$(dirname "$config")")
  (cd / && "$axgen" eval "$config" --json -q) >"$work/eval" 2>"$work/err" &&
    python3 "$check" point "$work/odd.json" "$point" "$work/eval" >"$work/out"
  judge "odd names: point $point" $?
done

finish
