# SPDX-License-Identifier: Apache-2.0
# What the scripts of this folder share; they source it from the repository's root.
set -u
BUILD=${BUILD:-build}
AXGEN_DATA=$PWD
export AXGEN_DATA
root=$PWD
axgen=$root/$BUILD/axgen
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
passed=0 failed=0 skipped=0
ok() { echo "ok   $1"; passed=$((passed + 1)); }
fail() { echo "FAIL $1"; sed 's/^/     /' "$work/out" "$work/err" 2>/dev/null | head -n 12; failed=$((failed + 1)); }
skip() { echo "SKIP $1"; skipped=$((skipped + 1)); }
finish() {
  echo "$passed passed, $failed failed, $skipped skipped"
  [ "$failed" = 0 ]
}

# Temporary folders go here, and the processes of this script are those with this in their environment.
mkdir "$work/tmp"
TMPDIR=$work/tmp HOSTILE_MARK=$work
export TMPDIR HOSTILE_MARK
temp_empty() { [ -z "$(ls -A "$work/tmp")" ]; }
# Tools of axgen that still run (supervisors and the keeper too, but not this script's shells).
tools_left() {
  for p in $(grep -lsz "^HOSTILE_MARK=$work\$" /proc/[0-9]*/environ); do
    name=$(cat "${p%environ}comm" 2>/dev/null)
    case $name in '' | sh | bash | dash | timeout | python3 | cat | grep | ls) continue ;; esac
    grep -qs '^State:.Z' "${p%environ}status" || echo "$name"
  done
}
# Nothing runs and no temporary folder is there, at the latest after $1 seconds.
clean_within() {
  tries=$(($1 * 10))
  while [ -n "$(tools_left)" ] || ! temp_empty; do
    tries=$((tries - 1))
    [ $tries -gt 0 ] || { echo "left: $(tools_left) $(ls -A "$work/tmp")" >>"$work/err"; return 1; }
    sleep 0.1
  done
}

# To run a command as somebody without rights, where that can be done.
nobody=
[ "$(id -u)" = 0 ] && setpriv --reuid 65534 --regid 65534 --clear-groups true 2>/dev/null &&
  nobody="setpriv --reuid 65534 --regid 65534 --clear-groups"

# A small network with a configuration for each target: $work/net/config.yaml, fgpu.yaml.
small_network() {
  "$root/$BUILD/tests/sim/random_net" 1 "$work/net" >/dev/null || exit 1
  sed '/^target:/,/^output:/d' "$work/net/config.yaml" >"$work/net/fgpu.yaml"
  printf 'target: {kind: fgpu, cvs: 1, lids: {cv0: [A, A, B, B, C, C, A, A]}}\noutput: out-fgpu\n' >>"$work/net/fgpu.yaml"
}

# what, exit status wanted, text wanted on stderr, command: runs at most a minute.
expect() {
  what=$1 want=$2 text=$3
  shift 3
  timeout -k 5 60 "$@" >"$work/out" 2>"$work/err" </dev/null
  got=$?
  if [ $got = "$want" ] && grep -q -e "$text" "$work/err"; then ok "$what"; else
    fail "$what: exit $got, wanted $want with \`$text\`"
  fi
}
