# SPDX-License-Identifier: Apache-2.0
# What the scripts of this folder share. Uses $BUILD/axgen (default build), Yosys and Icarus.
. "$(dirname "$0")/../lib.sh"

kind=mul # or adder
# The patterns that follow must all be in the output.
has() { # name, pattern ...
  name=$1
  shift
  for pattern; do
    if ! grep -q -e "$pattern" "$work/out"; then
      fail "$name: no \`$pattern\` in: $(cat "$work/out")"
      return
    fi
  done
  ok "$name"
}
taken() { # name, file, options, pattern ...
  name=$1 file=$2 options=$3
  shift 3
  # shellcheck disable=SC2086
  if "$axgen" "$kind" import "$file" -o "$work/o" $options >"$work/out" 2>&1; then has "$name" "$@"; else fail "$name: $(cat "$work/out")"; fi
}
refused() { # name, file, options, pattern ...
  name=$1 file=$2 options=$3
  shift 3
  rm -rf "$work/no"
  # shellcheck disable=SC2086
  if "$axgen" "$kind" import "$file" -o "$work/no" $options >"$work/out" 2>&1; then fail "$name is taken: $(cat "$work/out")"
  elif [ -e "$work/no" ]; then fail "$name: refused, but something was written"
  else has "refused: $name" "$@"; fi
}
mkdir "$work/o"
v() { cat >"$work/$1"; }
# A signed multiplier with errors, in $work/s.v with a header that is right: $work/right.txt.
array() {
  cp tests/import/right.txt "$work/right.txt"
  awk -v signed=1 -v omit=2 -v name=mul8s_mine -v header="$work/right.txt" -f tests/import/array.awk >"$work/s.v"
}
