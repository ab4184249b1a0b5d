#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Tools that are not what they seem: exit status 3, soon, and nothing is left.
. "$(dirname "$0")/lib.sh"
small_network
cd "$work/net" || exit 1
printf 'module m(input [1:0] a, input [1:0] b, output [3:0] p); assign p = a * b; endmodule\n' >m.v
mkdir "$work/bin"
empty='for f in mapped.json mapped.v top.json simulation.vvp prove.log log.txt output.hex products.txt adders.txt; do : >$f; done'
garbage='head -c 100000 /dev/urandom; for f in mapped.json mapped.v simulation.vvp prove.log log.txt; do echo "}{ error?" >$f; done'
# The tool, then the verb that runs it.
while read -r tool verb; do
  for how in true "$empty" "$garbage" 'exit 1' 'kill -SEGV $$' 'sleep 1000 & sleep 1000 & echo "done"'; do
    printf '#!/bin/sh\n%s\n' "$how" >"$work/bin/$tool"
    chmod +x "$work/bin/$tool"
    set -- $verb
    PATH=$work/bin:$PATH timeout -k 5 60 "$axgen" "$@" >"$work/out" 2>"$work/err" </dev/null
    got=$?
    what="$tool that is \`$(echo "$how" | cut -c1-20)\`: $verb"
    if [ $got = 3 ] && [ -s "$work/err" ] && clean_within 3; then ok "$what"; else fail "$what: exit $got"; fi
  done
  rm "$work/bin/$tool"
done <<END
yosys synth config.yaml
yosys synth config.yaml --family xcup
yosys mul import m.v -o out-m
yosys mul measure exact4s
sta mul measure exact4s
verilator sim config.yaml
verilator sim fgpu.yaml
iverilog sim config.yaml --icarus
vvp sim config.yaml --icarus
vvp sim fgpu.yaml --icarus
vvp mul import m.v -o out-m
dot net show net.yaml --svg graph.svg
END
# JSON of the wrong kind, or with names that would be commands in the next script and text in a test bench.
port='{"direction": "input", "bits": [2, 3]}'
while read -r json; do
  printf '#!/bin/sh\ncat >ports.json <<X\n%s\nX\n' "$json" >"$work/bin/yosys"
  chmod +x "$work/bin/yosys"
  PATH=$work/bin:$PATH timeout -k 5 60 "$axgen" mul import m.v -o out-m >"$work/out" 2>"$work/err" </dev/null
  got=$?
  if [ $got = 3 ] && clean_within 3; then ok "yosys writes $json"; else fail "yosys writes $json: exit $got"; fi
done <<END
[]
7
{"modules": [{"attributes": {"top": 1}}]}
{"modules": {"m": {"attributes": {"top": 1}, "ports": [$port, $port]}}}
{"modules": {"m": {"attributes": {"top": 1}, "ports": {"a": 1, "b": []}}}}
{"modules": {"m; exec -- touch pwned": {"attributes": {"top": 1}, "ports": {"a": $port, "b": $port}}}}
{"modules": {"m": {"attributes": {"top": 1}, "ports": {"a b": $port, "b": $port, "c": {"direction": "output", "bits": [4]}}}}}
END
finish
