# SPDX-License-Identifier: Apache-2.0
# What the scripts of this folder share; they source it.
. "$(dirname "$0")/../lib.sh"

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
  "$random_net" 1 "$work/net" >/dev/null || exit 1
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

# ---- names that are programs in some language or other: each would make a file `canary`
canaries() { # in $work: a random network in the folder $D, whose name is one, with images and multipliers of such names
  cd "$work" || exit 1
  # One name for all: quotes, shells, Tcl, HTML, comments of C and SQL, and the words that tools look for in comments.
  N='verilator "x'\'';$(touch canary)`touch canary`<b>&[exec touch canary]* !touch canary #\'
  D="d$N"
  mkdir "$D" || exit 1
  "$random_net" 1 "$D" >/dev/null 2>&1 || exit 1
  sed -n '/^target:/,$p' "$D/config.yaml" | grep -v '^output:' >target.yaml
  mv "$D/images.npy" "$D/i$N.npy"
  cp "$root/genlib/evolved/evo8s_mae24.net" "$D/synopsys translate_off $N.net"
  python3 - "$D/pragma $N.bin" <<'PY' || exit 1
import struct, sys
v = lambda c: c - 256 if c > 127 else c
open(sys.argv[1], 'wb').write(b''.join(struct.pack('<h', v(a) * v(b)) for a in range(256) for b in range(256)))
PY
  O="$D/o$N"
}
config() { # multiplier C, target lines...
  {
    echo "network: net.yaml"
    printf 'dataset: {format: npy, images: %s, labels: labels.npy}\n' "$(quoted "i$N.npy")"
    printf 'multipliers: {%s: exact8s, C: %s}\n' "$(quoted "k$N")" "$(quoted "$1")"
    printf 'assignment: {default: %s, out: C}\n' "$(quoted "k$N")"
    cat target.yaml
    printf 'output: %s\n' "$(quoted "o$N")"
    shift
    for line; do echo "$line"; done
  } >"$D/c$N.yaml"
}
# what, exit status wanted, arguments...: no canary, and nothing on stdout or stderr that a terminal would obey.
harmless() {
  what=$1 want=$2
  shift 2
  "$axgen" "$@" >"$work/out" 2>"$work/err" </dev/null
  got=$?
  if [ $got != "$want" ]; then fail "$what: exit $got, wanted $want"
  elif [ -n "$(find "$work" -name canary)" ]; then fail "$what: something was executed"; find "$work" -name canary -delete
  elif LC_ALL=C grep -q "$(printf '[\001-\010\013-\037\177]')" "$work/out" "$work/err"; then fail "$what: control characters"
  else ok "$what"; fi
}
said() { # what, text on stderr or stdout
  if grep -qF -e "$2" "$work/err" "$work/out"; then ok "$1"; else fail "$1: wanted \`$2\`"; fi
}
parses() { # what, python program; files in $@ from the third on
  what=$1 program=$2
  shift 2
  if python3 -c "import sys, json, csv
$program" "$@" >/dev/null 2>"$work/err"; then ok "$what"; else fail "$what"; fi
}
quoted() { # as a YAML scalar
  printf "'%s'" "$(printf %s "$1" | sed "s/'/''/g")"
}
