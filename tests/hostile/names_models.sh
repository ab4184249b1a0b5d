#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Names that are programs, of multipliers on their own and of networks.
. "$(dirname "$0")/lib.sh"
canaries

# ---- multipliers on their own
harmless "mul gen" 0 mul gen "$D/synopsys translate_off $N.net" -o gen
if gcc -std=c11 -Wall -Werror -c -o c.o gen/*.c >out 2>err && iverilog -g2005 -t null gen/*.v >out 2>err
then ok "its C and its Verilog compile"; else fail "C or Verilog of mul gen"; fi
harmless "mul show" 0 mul show "$D/synopsys translate_off $N.net"
harmless "mul evolve" 0 mul evolve exact4s --mae 1 --generations 100 -q -o "e: a unsigned, b unsigned, product unsigned$N.net"
harmless "mul show of it" 0 mul show "./e: a unsigned, b unsigned, product unsigned$N.net"
said "its operands are signed all the same" 'signed'
printf 'module m8s(input [3:0] a, input [3:0] b, output [7:0] p);\n  assign p = a * b;\nendmodule\n' >"$D/m$N.v"
harmless "mul import" 0 mul import "$D/m$N.v" -o imported --signed no
harmless "mul show of what was imported" 0 mul show "./$(ls imported/*.net | head -n 1)"
harmless "mul list: CSV" 0 mul list --csv
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
harmless "net show of an ONNX model" 0 net show hostile.onnx
harmless "net import" 0 net import hostile.onnx --float --name true -o "imported $N"
harmless "net show" 0 net show "imported $N/net.yaml"
harmless "net import: a name that is none" 1 net import hostile.onnx --float --name "pragma: $N" -o never
said "... says so" 'expected 1 to 64 letters'
harmless "net show --dot" 0 net show "$D/net.yaml" --dot
harmless "net show --svg" 0 net show "$D/net.yaml" --svg "s$N.svg"
parses "the SVG of a graph" "import xml.etree.ElementTree as e; e.parse(sys.argv[1])" "s$N.svg"

finish
