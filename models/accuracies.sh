#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# accuracies.sh: writes the table of docs/quantisation.md and the list in models/README.md from the expected.json files.
set -eu
cd "$(dirname "$0")/.."
get() { sed -n "s/^  \"$2\": \"\{0,1\}\([^\",]*\).*/\1/p" "$1"; }
table=$(for f in models/*/expected.json; do
  printf '|'
  for key in network float integer u8 u8s8 bits16 bits4; do printf ' %s |' "$(get "$f" $key)"; done
  echo
done)
put() { # file, first line of the table's head; the rows after the rule line are replaced
  awk -v head="$2" -v table="$table" '
    skip && /^\|/ { next }
    { skip = 0; print }
    $0 == head { getline; print; print table; skip = 1 }' "$1" >"$1.new"
  mv "$1.new" "$1"
}
put docs/quantisation.md '| network | float | `s8` | `u8` | `u8s8` | bits16 | bits4 |'
put models/README.md '| network | float | `s8` | `u8` | `u8s8` | bits16 | bits4 |'
