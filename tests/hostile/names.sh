#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Names that are programs in some language or other, in every place that takes a name, through the verbs that make hardware. Nothing
# of them may run, and what is written must be what the language's own parser takes.
. "$(dirname "$0")/lib.sh"
canaries

# ---- a table and a netlist, through the verbs that write Verilog
config "./pragma $N.bin"
harmless "eval" 0 eval "$D/c$N.yaml" -q
harmless "eval --json" 0 eval "$D/c$N.yaml" -q --json
parses "eval's JSON" "json.load(open('out'))"
harmless "rtl" 0 rtl "$D/c$N.yaml"
parses "manifest.json" "json.load(open(sys.argv[1] + '/rtl/manifest.json'))" "$O"
harmless "mul gen of a table" 0 mul gen "$D/pragma $N.bin" -o table
if iverilog -g2005 -t null table/*.v >out 2>err; then ok "Icarus takes it"; else fail "Icarus and a table"; fi
config "./synopsys translate_off $N.net" "technology: {liberty: $(quoted "l$N.lib")}"
cp "$root/synth/liberty/axgen45.lib" "$D/l$N.lib"
harmless "rtl of a netlist" 0 rtl "$D/c$N.yaml"
mkdir bin # whose iverilog says its version in red
printf '#!/bin/sh\n[ "$1" = -V ] && printf "\\033[31mIcarus\\n" || exec %s "$@"\n' "$(command -v iverilog)" >bin/iverilog
chmod +x bin/iverilog
PATH=$PWD/bin:$PATH
harmless "sim of a netlist" 0 sim "$D/c$N.yaml" --icarus --images 1 -q
said "the simulator's version, escaped" 'x1b[31mIcarus'
harmless "sim --json" 0 sim "$D/c$N.yaml" --icarus --images 1 -q --json
PATH=${PATH#*:}
parses "sim's JSON" "json.load(open('out'))"
if (cd "$O/rtl" && iverilog -g2005 -t null -c axgen.f) >out 2>err; then ok "Icarus takes all of it"; else fail "Icarus"; fi
if (cd "$O/rtl" && verilator --lint-only -Wno-fatal --top-module axgen_top -f axgen.f) >out 2>err && ! grep -qi "error" err
then ok "Verilator takes all of it"; else fail "Verilator"; fi
harmless "synth" 0 synth "$D/c$N.yaml" --images 1 -q
parses "synth's JSON" "json.load(open(sys.argv[1] + '/synth.json'))" "$O"

# ---- report
mkdir '<script>touch canary<img src=x onerror=y>"'"'"'&amp;'
cp "$O/synth.json" '<script>touch canary<img src=x onerror=y>"'"'"'&amp;/'
python3 - "$O/synth.json" '<script>touch canary<img src=x onerror=y>"'"'"'&amp;/synth.json' <<'PY' || exit 1
import json, sys
o = json.load(open(sys.argv[1]))
more = 5 * len(o['layers'])
o['area_um2']['<img src=x onerror=alert(1)>"\''] = more
o['area_um2']['total'] += more
for l in o['layers']:
    l['layer'] = '<script>alert(1)</script>'
    l['area_um2']['</title></rect><script>'] = 5
    l['area_um2']['total'] += 5
json.dump(o, open(sys.argv[2], 'w'))
PY
harmless "report" 0 report "$O" '<script>touch canary<img src=x onerror=y>"'"'"'&amp;' -o page
parses "report.svg and report.html" "
import xml.etree.ElementTree as e, html.parser
e.parse('page/report.svg')
class P(html.parser.HTMLParser):
    def handle_starttag(self, tag, attrs):
        assert tag in 'html head meta title style body nav h1 h2 h3 div a b figure figcaption svg path rect circle text line table caption thead tbody tr th td p span ul li'.split(), tag
        assert all(not k.startswith('on') for k, v in attrs), attrs
        assert dict(attrs).get('href', '#').startswith('#') and 'src' not in dict(attrs), attrs # no pictures here
P().feed(open('page/report.html').read())"
harmless "report --json" 0 report "$O" '<script>touch canary<img src=x onerror=y>"'"'"'&amp;' --json
parses "report's JSON" "json.load(open('out'))"

# ---- make
if make -C "$root" -s -o axgen rtl CONFIG="x'\"; touch $work/canary; \`touch $work/canary\`.yaml" >out 2>err; then fail "make rtl: exit 0"
elif [ -e canary ]; then fail "make rtl: something was executed"
else ok "make rtl CONFIG=..."; fi

finish
