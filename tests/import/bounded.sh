#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What would keep a tool busy for minutes.
. "$(dirname "$0")/lib.sh"

repeat() { awk -v n="$1" -v s="$2" 'BEGIN { for (i = 0; i < n; i++) printf "%s", s }'; }
soon() { # name, status, seconds, file, options, pattern
  rm -rf "$work/no"
  # shellcheck disable=SC2086
  timeout "$3" "$axgen" mul import "$4" -o "$work/no" $5 >"$work/out" 2>&1
  got=$?
  if [ $got = "$2" ] && [ ! -e "$work/no" ]; then has "within $3 s: $1" "$6"; else fail "$1: exit $got"; fi
}
head='module m(input [3:0] a, input [3:0] b, output reg [7:0] p);'
{ echo "$head always @* p ="; repeat 20000 '('; echo 'a * b'; repeat 20000 ')'; echo '; endmodule'; } >"$work/deep.v"
soon "20,000 brackets" 1 10 "$work/deep.v" "" 'deep.v:2: brackets and blocks nested more than 1000 deep'
{ echo "$head always @*"; repeat 50000 'begin '; echo 'p = a * b;'; repeat 50000 'end '; echo 'endmodule'; } >"$work/begin.v"
soon "50,000 blocks" 1 10 "$work/begin.v" "" 'begin.v:2: brackets and blocks nested more than 1000 deep'
{ echo "$head always @*"; repeat 900 'begin '; echo 'p = a * b;'; repeat 900 'end '; echo 'endmodule'; } >"$work/begin.v"
taken "900 blocks" "$work/begin.v" "" "WCE 0"
{ echo 'module m(input [3:0] a'; repeat 100000 ', b'; echo ', output [7:0] p); endmodule'; } >"$work/ports.v"
soon "100,000 ports" 1 10 "$work/ports.v" "" 'ports.v:1: module `m` has more than 4096 ports'
for name in first second third; do
  echo "module $name(input [3:0] a, input [3:0] b, output [7:0] p); genvar i;"
  echo 'generate for (i = 0; i < 100000000; i = i + 1) begin : g wire x; end endgenerate assign p = a * b; endmodule'
done >"$work/loop.v"
soon "three generate loops of 10^8 steps" 3 12 "$work/loop.v" "--time-limit 2" 'did not finish within 2 s together; --time-limit'
soon "no time at all" 1 10 "$work/loop.v" "--time-limit 0" 'expected at least 1 second'
# A module that cannot be the multiplier, as it has other ports than three, costs no run of a tool.
{ head -n 2 "$work/loop.v" | sed 's/input .3:0. a, //'; printf '%s\n' "$head always @* p = a * b; endmodule"; } >"$work/two.v"
taken "of two tops the one with three ports" "$work/two.v" "--time-limit 20" "module m" "WCE 0"

finish
