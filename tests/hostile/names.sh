#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Names that are programs in some language or other, in every place that takes a name, through the verbs. Nothing of
# them may run (each would make a file `canary`), and what is written must be what the language's own parser takes.
# Uses $BUILD/axgen and $BUILD/tests/sim/random_net. Ends with `N passed, N failed`.
set -u
cd "$(dirname "$0")/../.." || exit 1
BUILD=${BUILD:-build}
AXGEN_DATA=$PWD
export AXGEN_DATA
root=$PWD axgen=$PWD/$BUILD/axgen random_net=$PWD/$BUILD/tests/sim/random_net
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0
ok() { echo "ok   $1"; passed=$((passed + 1)); }
fail() { echo "FAIL $1"; sed 's/^/     /' "$work/out" "$work/err" 2>/dev/null | head -n 12; failed=$((failed + 1)); }
cd "$work" || exit 1

# what, exit status wanted, arguments...: no canary, and nothing on stdout or stderr that a terminal would obey.
case_() {
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
O="$D/o$N"

# ---- a table and a netlist, through the verbs that write Verilog
config "./pragma $N.bin"
case_ "eval" 0 eval "$D/c$N.yaml" -q
case_ "eval --json" 0 eval "$D/c$N.yaml" -q --json
parses "eval's JSON" "json.load(open('out'))"
case_ "rtl" 0 rtl "$D/c$N.yaml"
parses "manifest.json" "json.load(open(sys.argv[1] + '/rtl/manifest.json'))" "$O"
case_ "mul gen of a table" 0 mul gen "$D/pragma $N.bin" -o table
if iverilog -g2005 -t null table/*.v >out 2>err; then ok "Icarus takes it"; else fail "Icarus and a table"; fi
config "./synopsys translate_off $N.net" "technology: {liberty: $(quoted "l$N.lib")}"
cp "$root/synth/liberty/axgen45.lib" "$D/l$N.lib"
case_ "rtl of a netlist" 0 rtl "$D/c$N.yaml"
mkdir bin # whose iverilog says its version in red
printf '#!/bin/sh\n[ "$1" = -V ] && printf "\\033[31mIcarus\\n" || exec %s "$@"\n' "$(command -v iverilog)" >bin/iverilog
chmod +x bin/iverilog
PATH=$PWD/bin:$PATH
case_ "sim of a netlist" 0 sim "$D/c$N.yaml" --icarus --images 1 -q
said "the simulator's version, escaped" 'x1b[31mIcarus'
case_ "sim --json" 0 sim "$D/c$N.yaml" --icarus --images 1 -q --json
PATH=${PATH#*:}
parses "sim's JSON" "json.load(open('out'))"
if (cd "$O/rtl" && iverilog -g2005 -t null -c axgen.f) >out 2>err; then ok "Icarus takes all of it"; else fail "Icarus"; fi
if (cd "$O/rtl" && verilator --lint-only -Wno-fatal --top-module axgen_top -f axgen.f) >out 2>err && ! grep -qi "error" err
then ok "Verilator takes all of it"; else fail "Verilator"; fi
case_ "synth" 0 synth "$D/c$N.yaml" --images 1 -q
parses "synth's JSON" "json.load(open(sys.argv[1] + '/synth.json'))" "$O"

# ---- multipliers on their own
case_ "mul gen" 0 mul gen "$D/synopsys translate_off $N.net" -o gen
if gcc -std=c11 -Wall -Werror -c -o c.o gen/*.c >out 2>err && iverilog -g2005 -t null gen/*.v >out 2>err
then ok "its C and its Verilog compile"; else fail "C or Verilog of mul gen"; fi
case_ "mul show" 0 mul show "$D/synopsys translate_off $N.net"
case_ "mul evolve" 0 mul evolve exact4s --mae 1 --generations 100 -q -o "e: a unsigned, b unsigned, product unsigned$N.net"
case_ "mul show of it" 0 mul show "./e: a unsigned, b unsigned, product unsigned$N.net"
said "its operands are signed all the same" 'signed'
printf 'module m8s(input [3:0] a, input [3:0] b, output [7:0] p);\n  assign p = a * b;\nendmodule\n' >"$D/m$N.v"
case_ "mul import" 0 mul import "$D/m$N.v" -o imported --signed no
case_ "mul show of what was imported" 0 mul show "./$(ls imported/*.net | head -n 1)"
case_ "mul list: CSV" 0 mul list --csv
parses "the CSV" "assert all(len(r) == 22 for r in csv.reader(open('out')))"

# ---- networks
python3 - "$root/tests/onnx/groups.onnx" hostile.onnx <<'PY' || exit 1
import re, sys
data = open(sys.argv[1], 'rb').read()
bad = b'\n";$(touch canary)\x1b[2J<b>&\xff'
# every name of a node or tensor, length kept
seen = {}
def hostile(m):
    name = m.group()
    return seen.setdefault(name, (bad * 20)[:len(name) - 2] + b'%02d' % len(seen))
data = re.sub(rb'conv[\w.]*|/[\w/.]{3,}', hostile, data)
open(sys.argv[2], 'wb').write(data)
PY
case_ "net show of an ONNX model" 0 net show hostile.onnx
case_ "net import" 0 net import hostile.onnx --float --name true -o "imported $N"
case_ "net show" 0 net show "imported $N/net.yaml"
case_ "net import: a name that is none" 1 net import hostile.onnx --float --name "pragma: $N" -o never
said "... says so" 'expected 1 to 64 letters'
case_ "net show --dot" 0 net show "$D/net.yaml" --dot
case_ "net show --svg" 0 net show "$D/net.yaml" --svg "s$N.svg"
parses "the SVG of a graph" "import xml.etree.ElementTree as e; e.parse(sys.argv[1])" "s$N.svg"

# ---- report
mkdir '<script>touch canary<img src=x onerror=y>"'"'"'&amp;'
cp "$O/synth.json" '<script>touch canary<img src=x onerror=y>"'"'"'&amp;/'
python3 - "$O/synth.json" '<script>touch canary<img src=x onerror=y>"'"'"'&amp;/synth.json' <<'PY' || exit 1
import json, sys
o = json.load(open(sys.argv[1]))
o['area_um2']['<img src=x onerror=alert(1)>"\''] = 5
for l in o['layers']:
    l['layer'] = '<script>alert(1)</script>'
    l['area_um2']['</title></rect><script>'] = 5
json.dump(o, open(sys.argv[2], 'w'))
PY
case_ "report" 0 report "$O" '<script>touch canary<img src=x onerror=y>"'"'"'&amp;' -o page
parses "report.svg and report.html" "
import xml.etree.ElementTree as e, html.parser
e.parse('page/report.svg')
class P(html.parser.HTMLParser):
    def handle_starttag(self, tag, attrs):
        assert tag in 'html head meta title style body h1 h2 svg rect text line pre table tr td p span'.split(), tag
        assert all(not k.startswith('on') for k, v in attrs), attrs
P().feed(open('page/report.html').read())"
case_ "report --json" 0 report "$O" '<script>touch canary<img src=x onerror=y>"'"'"'&amp;' --json
parses "report's JSON" "json.load(open('out'))"

# ---- refused: control characters, and text that is not UTF-8
newline='x
$system("touch canary");//.bin'
case_ "a newline in an argument" 2 mul show "$newline"
said "... says so" 'a control character'
case_ "an escape sequence for a verb" 2 "$(printf 'frob\033[2J')"
case_ "Latin-1 in an argument" 2 report "$(printf 'gr\374n')"
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
  case_ "a newline in a config: $key" 1 rtl "$D/bad.yaml"
  said "... says so" 'text with a control character'
done
sed 's/^name: .*/name: "a\\e[2Jb"/' "$D/net.yaml" >"$D/escape.yaml"
case_ "an escape sequence in net.yaml" 1 net show "$D/escape.yaml"
said "... says so" 'text with a control character'
sed 's/^  cell (AND2_X1)/  cell ("AND2 \\\n(); endmodule")/' "$root/synth/liberty/axgen45.lib" >"$D/blank.lib"
config exact8s 'technology: {liberty: blank.lib}'
cmp -s "$root/synth/liberty/axgen45.lib" "$D/blank.lib" && fail "the Liberty file was not changed"
case_ "a blank in a Liberty cell's name" 1 synth "$D/c$N.yaml" --images 1 -q
said "... says so" 'printable ASCII'
mkdir 't$(touch canary)'
config exact8s
TMPDIR='t$(touch canary)' && export TMPDIR
case_ "a TMPDIR that a shell would run" 1 sim "$D/c$N.yaml" --icarus --images 1 -q
said "... says so" 'TMPDIR'
unset TMPDIR

# ---- make
if make -C "$root" -s -o axgen rtl CONFIG="x'\"; touch $work/canary; \`touch $work/canary\`.yaml" >out 2>err; then fail "make rtl: exit 0"
elif [ -e canary ]; then fail "make rtl: something was executed"
else ok "make rtl CONFIG=..."; fi

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
