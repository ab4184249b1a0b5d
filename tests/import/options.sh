#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Options.
. "$(dirname "$0")/lib.sh"

v two_tops.v <<'END'
module first(input [2:0] x, y, output [5:0] p); assign p = x * y; endmodule
module second(input [2:0] x, y, output [5:0] p); assign p = $signed(x) * $signed(y); endmodule
END
taken "--module, --name" "$work/two_tops.v" "--module second --name mine" "^mine  .*module second" "signed, found from the values" "o/mine.net"
refused "a module that is not there" "$work/two_tops.v" "--module third" "no module .third.; there are: .first. (.*two_tops.v:1), .second. (.*two_tops.v:2)"
refused "two modules that could be it" "$work/two_tops.v" "" "several modules" ".first. (.*two_tops.v:1), .second. (.*two_tops.v:2); say which (--module)"
refused "a module's name that is none" "$work/two_tops.v" "--module a;b" "expected letters, digits"
refused "a name that is a path" "$work/two_tops.v" "--module second --name ../x" "expected letters, digits"
refused "a wrong port" "tests/import/gates.v" "--a z" "no input port .z.; its inputs are .x. and .y."
refused "a wrong --signed" "tests/import/gates.v" "--signed maybe" "expected yes, no, us or su"
refused "the wrong --signed" "tests/import/trunc.v" "--signed us" "a unsigned and b signed it is farther from a \* b than unsigned"
refused "--index of Verilog" "tests/import/gates.v" "--index signed" "Verilog does not take --index"
refused "--b-major of Verilog" "tests/import/gates.v" "--b-major" "Verilog does not take --b-major"
array
taken "a table to try options on" "$work/s.v" "" "MAE 1.2500"
table=$work/o/mul8s_mine.bin
taken "--index" "$table" "--index signed --name other" "^other " "two's complement codes (as asked for)" "MAE 1.2500"
taken "--b-major" "$table" "--b-major" "rows are b" "MAE 1.2500"
refused "a wrong --index" "$table" "--index codes" "expected signed, unsigned, offset, us or su"
refused "a wrong --product-offset" "$table" "--product-offset 1e3" "expected a number from -65536 to 65536"
refused "--product-offset of Verilog" "tests/import/gates.v" "--product-offset 1" "Verilog does not take --product-offset"
refused "--a of a table" "$table" "--a A" "a table does not take --a"
refused "--signed of a table" "$table" "--signed yes" "a table does not take --signed"
refused "--module of a table" "$table" "--module m" "a table does not take --module"

finish
