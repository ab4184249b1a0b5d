#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Files that make messages: many, long, or with bytes that a terminal would obey.
. "$(dirname "$0")/lib.sh"
cd "$work" || exit 1

# Few lines, in little memory, soon.
bounded() { # what, file
  (ulimit -v 1000000 && exec timeout 10 "$axgen" rtl "$2") >"$work/out" 2>"$work/err"
  got=$?
  [ $got = 1 ] && [ "$(wc -c <"$work/err")" -lt 20000 ] && grep -q "$3" "$work/err" && ok "$1" ||
    fail "$1: exit $got, $(wc -c <"$work/err") bytes"
}
awk 'BEGIN { printf "{"; for (i = 0; i < 20000; i++) printf "key%d: 1, ", i; print "}" }' >one-line.yaml
bounded "20,000 unknown keys on one line" one-line.yaml 'and 199[0-9][0-9] more errors'
awk 'BEGIN { for (i = 0; i < 100000; i++) printf "key%d: 1\n", i }' >lines.yaml
bounded "100,000 unknown keys" lines.yaml 'and 999[0-9][0-9] more errors'
awk 'BEGIN { for (i = 0; i < 100000; i++) print "key: 1" }' >same.yaml
bounded "100,000 times one key" same.yaml 'more errors'
awk 'BEGIN { printf "network: ["; for (i = 0; i < 100000; i++) printf "["; print "" }' >deep.yaml
bounded "100,000 brackets" deep.yaml 'nested too deeply'
awk 'BEGIN { printf "x: \"";  for (i = 0; i < 1000000; i++) printf "long"; print "\"" }' >long.yaml
bounded "a value of 4 MB" long.yaml 'unknown key'

# what, text of a config: no byte of the message is a control character, all of it is UTF-8
safe() {
  printf "$2" >safe.yaml
  "$axgen" rtl safe.yaml >"$work/out" 2>"$work/err"
  got=$?
  [ $got = 1 ] && [ -s err ] && python3 -c 'import sys
t = open("err", "rb").read().decode()
sys.exit(any((ord(c) < 32 and c not in "\n\t") or 127 <= ord(c) < 160 or 0x202a <= ord(c) <= 0x202e for c in t))' &&
    ok "$1" || fail "$1: exit $got"
}
safe "an escape sequence in a key" '"\\e[31mred\\a": 1\n'
safe "escape bytes" 'a\033[2Jb: 1\n'
safe "bytes that are not UTF-8" 'net\377\376: 1\n'
safe "text that turns" 'n\342\200\256etwork: 1\n'
safe "a C1 control" '"\\x9b31m": 1\n'
safe "an escape sequence in a value" 'network: "\\e]0;title\\a.yaml"\n'
esc=$(printf '\033[31mx')
for verb in "eval $esc.yaml" "$esc" "mul show $esc" "mul show exact8s --$esc" "help $esc" "net show $esc.onnx"; do
  set -- $verb
  "$axgen" "$@" >"$work/out" 2>"$work/err"
  ! grep -q "$(printf '\033')" "$work/err" && [ -s "$work/err" ] && ok "an escape sequence as an argument: $1" ||
    fail "an escape sequence as an argument: $1"
done
finish
