#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What is refused.
. "$(dirname "$0")/lib.sh"

head='module m(input [3:0] A, B, output [7:0] O);'
echo "module m(input clk, input [3:0] A, B, output reg [7:0] O); always @(posedge clk) O <= A * B; endmodule" | v clocked.v
refused "a clock" "$work/clocked.v" "" "3 input ports and 1 output"
echo "$head reg [7:0] q; assign O = q; always @(posedge A[0]) q <= A * B; endmodule" | v register.v
refused "a register" "$work/register.v" "" "holds a register" "register.v:1"
echo "$head reg [7:0] q; assign O = q; always @* if (A[0]) q = A * B; endmodule" | v latch.v
refused "a latch" "$work/latch.v" "" "holds a latch"
echo "$head wire x, y; assign x = ~(y & A[0]); assign y = x ^ B[0]; assign O = {A * B} ^ x; endmodule" | v loop.v
refused "a loop" "$work/loop.v" "" "combinational loop goes through"
echo "module m(input [3:0] A, B, output [6:0] O); assign O = A * B; endmodule" | v narrow.v
refused "a narrow product" "$work/narrow.v" "" "takes 8 bits; the output .O. has 7"
echo "module m(input [16:0] A, input [3:0] B, output [20:0] O); assign O = A * B; endmodule" | v wider.v
refused "a wide operand" "$work/wider.v" "" "operands of 17 and 4 bits; 2 to 16 bits each"
echo "module m(input [3:0] A, B, output [3:0] H, L); assign {H, L} = A * B; endmodule" | v two.v
refused "two outputs" "$work/two.v" "" "2 output ports"
echo "$head MYCELL u(A[0], B[0], O[0]); assign O[7:1] = 0; endmodule" | v cell.v
refused "an unknown cell" "$work/cell.v" "" "uses .MYCELL."
echo "$head assign O = A * ; endmodule" | v syntax.v
refused "no Verilog" "$work/syntax.v" "" "yosys does not take it: .*syntax error"
echo "$head wire n; assign O = {A * B} ^ n; endmodule" | v undriven.v
refused "an undriven net" "$work/undriven.v" "" "no driver\|undefined" # Yosys ties it to x
v drivers.v <<'END'
module h(input x, input y, output s, output c); assign s = x ^ y; assign c = x & y; endmodule
module two_drivers(input [1:0] a, input [1:0] b, output [3:0] p);
  wire n; assign p[0] = a[0] & b[0];
  nand (n, a[1], b[0]);

  h h0(n, 1'b1, p[1], n);
  h h1(a[1] & b[1], a[0] & b[1], p[2], p[3]);
endmodule
END
refused "a net with two drivers" "$work/drivers.v" "" "the net .n. has two drivers: .*drivers.v:6 (instance .h0., .*drivers.v:1), and .*drivers.v:4$"
echo "$head assign O = (A == 9 && B == 3) ? 8'bx : A * B; endmodule" | v undefined.v
refused "an undefined product" "$work/undefined.v" "" "undefined"
echo "$head assign O = A + B; endmodule" | v adder.v
refused "an adder" "$work/adder.v" "" "it adds (a + b) and does not multiply"
echo "module add8u_x(input [7:0] A, B, output [8:0] O); assign O = {A[7:2], 2'b0} + B; endmodule" | v adder8.v
refused "an approximate adder of 8 bits" "$work/adder8.v" "" "it adds (a + b)"
echo "module sub8s(input signed [7:0] A, B, output signed [8:0] O); assign O = A - B; endmodule" | v subtractor.v
refused "a subtractor" "$work/subtractor.v" "" "it subtracts (a - b)"
echo "module m(input [3:0] A, B, inout [7:0] O); assign O = A * B; endmodule" | v inout.v
refused "an inout port" "$work/inout.v" "" "inout"
: | v empty.v
refused "an empty file" "$work/empty.v" "" "no module with ports"
refused "a missing file" "$work/none.v" "" "none.v"

finish
