# SPDX-License-Identifier: Apache-2.0
# An 8 x 8 array multiplier of PDKGEN cells: awk -v signed=0|1 -v omit=COLUMNS -v name=MODULE [-v header=FILE]. Signed: after Baugh and
# Wooley. Partial products in the lowest `omit` columns are left out.
function cell(type, pins) { printf "  %s U%d (%s);\n", type, ++cells, pins }
function net() { return "N[" nets++ "]" }
function put(column, bit) { bits[column, count[column]++] = bit }
BEGIN {
  if (header)
    while ((getline line < header) > 0)
      print line
  printf "module %s(A, B, O);\n  input [7:0] A;\n  input [7:0] B;\n  output [15:0] O;\n  wire [2031:0] N;\n", name
  for (i = 0; i < 8; i++)
    for (j = 0; j < 8; j++) {
      odd = signed && (i == 7) != (j == 7)
      if (i + j < omit) {
        if (odd)
          put(i + j, "1'b1")
        continue
      }
      y = net()
      if (odd) # NAND2X1 and AND2X1 as they look in published files
        cell("NPDKGEPDKGENNAND2X1", ".A(A[" i "]), .B(B[" j "]), .Y(" y ")")
      else if (j % 2)
        cell("PDKGEPDKGENNAND2X1", ".A(A[" i "]), .B(B[" j "]), .Y(" y ")")
      else {
        n = net()
        cell("PDKGENNAND2X1", ".A(A[" i "]), .B(B[" j "]), .Y(" n ")")
        cell("PDKGENINVX1", ".A(" n "), .Y(" y ")")
      }
      put(i + j, y)
    }
  if (signed) {
    put(8, "1'b1")
    put(15, "1'b1")
  }
  for (c = 0; c < 16; c++) {
    for (k = 0; count[c] - k > 1; ) {
      s = net()
      co = net()
      if (count[c] - k > 2) {
        cell("PDKGENFAX1", ".A(" bits[c, k] "), .B(" bits[c, k + 1] "), .C(" bits[c, k + 2] "), .YS(" s "), .YC(" co ")")
        k += 3
      } else {
        cell("PDKGENHAX1", ".YS(" s "), .YC(" co "), .A(" bits[c, k] "), .B(" bits[c, k + 1] ")")
        k += 2
      }
      put(c, s)
      put(c + 1, co)
    }
    printf("  assign O[%d] = %s;\n", c, (count[c] > k) ? bits[c, k] : "1'b0")
  }
  print "endmodule"
}
