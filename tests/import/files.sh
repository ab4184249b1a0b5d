#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Files, includes, parameters, testbenches.
. "$(dirname "$0")/lib.sh"

mkdir -p "$work/parts/inc"
echo 'module my_ha(input x, y, output s, co); assign s = x ^ y, co = x & y; endmodule' >"$work/parts/ha.v"
echo '`define WIDTH 8
`define TIMES(x, y = b) ((x) * (y))' >"$work/parts/inc/defs.vh"
v parts/top.v <<'END'
module mt(input [1:0] a, b, output [3:0] p);
  wire c;
  assign p[0] = a[0] & b[0];
  my_ha h1(a[1] & b[0], a[0] & b[1], p[1], c);
  my_ha h2(a[1] & b[1], c, p[2], p[3]);
endmodule
END
taken "two files" "$work/parts/top.v" "$work/parts/ha.v" "module mt" "HA 2" "WCE 0" "file itself in Icarus"
refused "one of two files" "$work/parts/top.v" "" "uses .my_ha."
v parts/macros.v <<'END'
`include "defs.vh" // WIDTH
module mm(input [`WIDTH-1:0] a, b, output [2*`WIDTH-1:0] p);
  assign p =
    `TIMES(a
    ); /* `undefined in a comment */
`ifdef NEVER
  initial $fopen("never", "w");
`elsif SYNTHESIS
  wire [7:0] unused = `WIDTH;
`else
  neither
`endif
endmodule
END
taken "macros, an include of -I" "$work/parts/macros.v" "-I $work/parts/inc" "module mm: a = a (8 bits)" "WCE 0" "file itself in Icarus"
refused "an include that is not found" "$work/parts/macros.v" "" "macros.v:1:1: error: .*no file defs.vh"
sed 's/p =/p = `NO +/' "$work/parts/macros.v" >"$work/parts/nomacro.v"
refused "a macro that is not there" "$work/parts/nomacro.v" "-I $work/parts/inc" "nomacro.v:3:14: error: .NO: there is no such macro"
sed 's/TIMES(a/TIMES(a +/' "$work/parts/macros.v" >"$work/parts/syntax.v"
refused "a fault in a macro's use, at its line" "$work/parts/syntax.v" "-I $work/parts/inc" "syntax.v:[45]: ERROR: syntax error"
echo 'module par(x, y, z); parameter W = 4; parameter K = 1; input [W-1:0] x, y; output [2*W-1:0] z; assign z = x * y * K; endmodule' | v par.v
taken "a parameter" "$work/par.v" "--param W=6" "a = x (6 bits)" "WCE 0" "all 4096 pairs" "file itself in Icarus"
taken "two parameters" "$work/par.v" "--param W=6 --param K=32'h1" "a = x (6 bits)" "WCE 0"
refused "a parameter that is not there" "$work/par.v" "--param Q=6" "it has no parameter .Q."
refused "a parameter's value that is none" "$work/par.v" "--param W=6;shell" "expected NAME=VALUE"
v tb.v <<'END'
module m8(input [7:0] a, input [7:0] b, output [15:0] p); assign p = a*b; endmodule
module unused_adder(input a, b, output s, c); assign {c, s} = a + b; endmodule
module tb; reg [7:0] a, b; wire [15:0] p; m8 d(a,b,p);
  initial begin a = 1; b = 2; #10 $display("%d", p); $dumpfile("x.vcd"); $finish; end
endmodule
END
taken "a testbench beside it" "$work/tb.v" "" "module m8" "WCE 0" "all 65536 pairs"
taken "... with --module" "$work/tb.v" "--module m8" "module m8" "WCE 0"
echo 'module top(input clk, input [3:0] a, b, output reg [7:0] q); wire [7:0] p; core c(a, b, p); always @(posedge clk) q <= p; endmodule
module core(input [3:0] a, b, output [7:0] p); assign p = a * b; endmodule' | v clocked_top.v
refused "a clocked module around it" "$work/clocked_top.v" "" "3 input ports" "other modules, which --module takes: .core. (.*clocked_top.v:2)"
taken "... of which --module takes the core" "$work/clocked_top.v" "--module core" "module core" "WCE 0"

finish
