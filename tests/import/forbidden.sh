#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What a source must not do.
. "$(dirname "$0")/lib.sh"

body='(input [3:0] a, b, output [7:0] p); assign p = a * b;'
evil() { # name, lines, pattern ...: refused, and no file appears
  printf '%s\n' "$2" >"$work/evil.v"
  evil_name=$1
  shift 2
  (cd "$work" && timeout 60 "$axgen" mul import evil.v -o no >out 2>&1)
  evil_rc=$?
  if [ -e "$work/pwned" ] || [ -e "$work/no" ]; then fail "$evil_name: something was written"; rm -rf "$work/pwned" "$work/no"
  elif [ $evil_rc != 1 ]; then fail "$evil_name: exit status $evil_rc: $(cat "$work/out")"
  else has "refused: $evil_name" "$@"; fi
}
here=$PWD
evil "a system task" "module m$body initial \$fopen(\"$work/pwned\", \"w\"); endmodule" "evil.v:1: .\$fopen."
evil "a task from a macro's parts" "\`define F \$fo\`\`pen
module m$body initial \`F(\"$work/pwned\", \"w\"); endmodule" "evil.v:2: .\$fopen."
evil "an escaped task" "module m$body initial \\\$fopen (\"$work/pwned\", \"w\"); endmodule" "does not take it\|refused\|\$fopen"
evil "a task for Icarus only" "module m$body
\`ifndef YOSYS
initial \$fopen(\"$work/pwned\", \"w\");
\`endif
initial \$system(\"touch $work/pwned\"); endmodule" "evil.v:5: .\$system."
evil "a memory from a file" "module m$body reg [7:0] r [0:3]; initial \$readmemh(\"/etc/passwd\", r); endmodule" "\$readmemh"
evil "a file from elsewhere" "\`include \"/etc/passwd\"
module m$body endmodule" "evil.v:1:1: error: .*lies outside"
evil "a device" "\`include \"/dev/zero\"" "no file\|outside"
evil "C code" "import \"DPI-C\" function int system(input string s);
module m$body endmodule" "evil.v:1: a function in C"
evil "a task behind a number" "module m$body reg [7:0] r [0:3]; initial #1\$readmemh(\"/etc/passwd\", r); endmodule" "evil.v:1: a blank was expected"
evil "C code in what is a string to some" "$(printf 'module m%s\nwire \\x\f" ; import "DPI-C" function integer abort(); localparam Q = abort(); wire \\y\f" ;\nendmodule' "$body")" "evil.v:2: "
evil "C code in pieces" "$(printf 'module m%s\nim\rport "DPI-C" function integer abort(); localparam Q = abort();\nendmodule' "$body")" "syntax error"
evil "a command in a name" "module \\m;!touch\${IFS}pwned $body endmodule" "characters other than"
evil "a macro of itself" "\`define A \`A \`A
module m$body \`A endmodule" "nested more than"
bomb='`define M0 wire'
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26; do bomb="$bomb
\`define M$i \`M$((i - 1)) \`M$((i - 1))"; done
evil "macros that double" "$bomb
module m$body \`M26 endmodule" "expanded more than\|grow"
evil "a condition without end" "\`ifdef A
module m$body endmodule" "ends inside of"
evil "a comment without end" "module m$body /* endmodule" "evil.v:1:.*comment does not end"
# Tools end at 4 GiB: whichever gives up, axgen says so and writes nothing.
echo "module m$body reg [63:0] r [0:1073741823]; wire [63:0] q = r[a]; endmodule" | v memory.v
"$axgen" mul import "$work/memory.v" -o "$work/no" >"$work/out" 2>&1
rc=$?
if { [ $rc = 1 ] || [ $rc = 3 ]; } && [ ! -e "$work/no" ]; then ok "a memory of all there is"; else fail "a memory of all there is: $rc, $(cat "$work/out")"; fi
printf 'module m%s\n// synopsys translate_off\ninitial $fopen("%s/pwned", "w");\n// synopsys translate_on\n`ifdef SIM\ninitial $fopen("%s/pwned", "w");\n`endif\nendmodule\n' "$body" "$work" "$work" >"$work/hidden.v"
taken "tasks that synthesis does not see" "$work/hidden.v" "" "module m" "WCE 0" "file itself in Icarus"
if [ -e "$work/pwned" ]; then fail "they ran"; else ok "and they do not run"; fi
echo "module m(input [3:0] a, b, output [7:0] p); wire [7:0] \\\$t = a * b; assign p = \\\$t ; endmodule" | sed 's/\\\\/\\/g' | v dollar.v
taken "a dollar in a name" "$work/dollar.v" "" "WCE 0" "all 256 pairs: Yosys" "the file itself was not simulated"

finish
