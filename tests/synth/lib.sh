# SPDX-License-Identifier: Apache-2.0
# What the scripts of this folder share. Uses $BUILD/tests/synth/*.
. "$(dirname "$0")/../lib.sh"
mkdir "$work/tmp"
TMPDIR=$work/tmp
export TMPDIR
tools=$BUILD/tests/synth
OSU018=/usr/share/qflow/tech/osu018/osu018_stdcells.lib
ends() { # what, status wanted, text wanted, command...
  what=$1 want=$2 text=$3
  shift 3
  "$@" >"$work/out" 2>"$work/err"
  got=$?
  if [ $got = "$want" ] && grep -q -- "$text" "$work/err" "$work/out"; then
    ok "$what"
  else
    fail "$what: exit $got, wanted $want and \`$text\`"
  fi
}
at_most() { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a != "" && a + 0 > 0 && a + 0 <= b) }'; }
last() { tail -n 1 "$work/out" >"$work/last" && json "$work/last" "$1"; } # condition on the JSON of the last line
