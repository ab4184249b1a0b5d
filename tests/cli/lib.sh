# SPDX-License-Identifier: Apache-2.0
# What the scripts of this folder share; they source it. Uses $BUILD/axgen.
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

# what, exit status wanted, text wanted (on stderr when the status is not 0, else on stdout), arguments...
case_() {
  what=$1 want=$2 text=$3
  shift 3
  "$axgen" "$@" >"$work/out" 2>"$work/err"
  got=$?
  [ "$want" = 0 ] && where=$work/out || where=$work/err
  if [ $got = "$want" ] && grep -q -e "$text" "$where"; then ok "$what"; else fail "$what: exit $got, wanted $want with \`$text\`"; fi
}
# A flow's configuration (default: the demo's) with a change made by a sed script.
changed() { # name, sed script, target
  flow=flows/lenet5-${3:-dataflow}.yaml
  sed "s#\.\./models#$PWD/models#; s#^output:.*#output: $work/never#" "$flow" >"$work/$1.plain"
  sed "$2" "$work/$1.plain" >"$work/$1.yaml"
  cmp -s "$work/$1.plain" "$work/$1.yaml" && fail "$1: the sed script changed nothing"
  echo "$work/$1.yaml"
}
finish() {
  echo "$passed passed, $failed failed"
  [ "$failed" = 0 ]
}
