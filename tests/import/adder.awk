# SPDX-License-Identifier: Apache-2.0
# An adder in the style of published ones: a ripple adder of gates, of which the `ored` low bits are only ORed, and bit `cut` passes no
# carry on that it does not make. -v name= bits= ored= cut= header=FILE (lines of comment)
BEGIN {
  while (header && (getline line < header) > 0) print "// " line
  printf "module %s (\n    A,\n    B,\n    O\n);\n\ninput [%d:0] A;\ninput [%d:0] B;\noutput [%d:0] O;\n\n", name, bits - 1, bits - 1, bits
  net = 2 * bits; count = 0
  for (i = 0; i < bits; i++) {
    if (i < ored) {
      sum[i] = gate("|", "A[" i "]", "B[" i "]")
      if (i == ored - 1) carry = gate("&", "A[" i "]", "B[" i "]")
      continue
    }
    half = gate("^", "A[" i "]", "B[" i "]")
    made = gate("&", "A[" i "]", "B[" i "]")
    if (i == 0) { sum[i] = half; carry = made; continue }
    sum[i] = gate("^", half, carry)
    if (i == cut) { carry = made; continue }
    passed = gate("&", half, carry)
    carry = gate("|", made, passed)
  }
  sum[bits] = carry
  for (i = 0; i < count; i++) printf "wire %s;\n", wire[i]
  printf "\n"
  for (i = 0; i < count; i++) print "assign " wire[i] " = " text[i] ";"
  printf "\n"
  for (i = 0; i <= bits; i++) print "assign O[" i "] = " sum[i] ";"
  print "endmodule"
}
function gate(op, x, y) { wire[count] = "sig_" net++; text[count] = x " " op " " y; return wire[count++] }
