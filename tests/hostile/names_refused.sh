#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Names with control characters, and text that is not UTF-8: refused.
. "$(dirname "$0")/lib.sh"
canaries

newline='x
$system("touch canary");//.bin'
harmless "a newline in an argument" 2 mul show "$newline"
said "... says so" 'a control character'
harmless "an escape sequence for a verb" 2 "$(printf 'frob\033[2J')"
harmless "Latin-1 in an argument" 2 report "$(printf 'gr\374n')"
said "... says so" 'not UTF-8'
for key in multipliers network images output key assignment; do
  config './pragma x.bin'
  bad='"x\\n`touch canary`$system;//.bin"'
  case $key in
    multipliers) script="s#C: '[^}]*}#C: $bad}#" ;;
    network) script="s#net.yaml#$bad#" ;;
    images) script="s#images: '[^,]*,#images: $bad,#" ;;
    output) script="s#^output: .*#output: $bad#" ;;
    key) script="s#C: '#$bad: '#" ;;
    assignment) script="s#out: C#out: $bad#" ;;
  esac
  sed "$script" "$D/c$N.yaml" >bad.yaml
  cp bad.yaml "$D/bad.yaml"
  harmless "a newline in a config: $key" 1 rtl "$D/bad.yaml"
  said "... says so" 'text with a control character'
done
sed 's/^name: .*/name: "a\\e[2Jb"/' "$D/net.yaml" >"$D/escape.yaml"
harmless "an escape sequence in net.yaml" 1 net show "$D/escape.yaml"
said "... says so" 'text with a control character'
sed 's/^  cell (AND2_X1)/  cell ("AND2 \\\n(); endmodule")/' "$root/synth/liberty/axgen45.lib" >"$D/blank.lib"
config exact8s 'technology: {liberty: blank.lib}'
cmp -s "$root/synth/liberty/axgen45.lib" "$D/blank.lib" && fail "the Liberty file was not changed"
harmless "a blank in a Liberty cell's name" 1 synth "$D/c$N.yaml" --images 1 -q
said "... says so" 'printable ASCII'
mkdir 't$(touch canary)'
config exact8s
TMPDIR='t$(touch canary)' && export TMPDIR
harmless "a TMPDIR that a shell would run" 1 sim "$D/c$N.yaml" --icarus --images 1 -q
said "... says so" 'TMPDIR'
unset TMPDIR

finish
