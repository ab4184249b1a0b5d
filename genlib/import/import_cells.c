// SPDX-License-Identifier: Apache-2.0
//
// Cells that circuits from elsewhere instantiate without defining them: those of the OSU standard-cell libraries
// (functions from their Liberty file), in EvoApproxLib mostly with the prefix PDKGEN, and our own adders.
#include "genlib/import/import_internal.h"

#include <ctype.h>
#include <string.h>

static const struct {
  const char *name; // without PDKGEN and without the drive strength
  const char *inputs; // one letter each
  const char *function; // of Y; NULL: an adder with YS and YC
} cells[] = {
    {"BUF", "A", "A"},
    {"CLKBUF", "A", "A"},
    {"INV", "A", "~A"},
    {"AND2", "AB", "A & B"},
    {"OR2", "AB", "A | B"},
    {"NAND2", "AB", "~(A & B)"},
    {"NOR2", "AB", "~(A | B)"},
    {"XOR2", "AB", "A ^ B"},
    {"XNOR2", "AB", "~(A ^ B)"},
    {"NAND3", "ABC", "~(A & B & C)"},
    {"NOR3", "ABC", "~(A | B | C)"},
    {"AOI21", "ABC", "~((A & B) | C)"},
    {"OAI21", "ABC", "~((A | B) & C)"},
    {"AOI22", "ABCD", "~((A & B) | (C & D))"},
    {"OAI22", "ABCD", "~((A | B) & (C | D))"},
    {"MUX2", "ABS", "~(S ? A : B)"}, // inverting, and S takes A
    {"HA", "AB", NULL},
    {"FA", "ABC", NULL},
};

const char import_adders[] =
    "(* blackbox *) module " IMPORT_HA " (input a, input b, output s, output co);\nendmodule\n"
    "(* blackbox *) module " IMPORT_FA " (input a, input b, input ci, output s, output co);\nendmodule\n";

const char import_map[] = // Yosys's $fa, of which Y is the sum
    "(* techmap_celltype = \"$fa\" *) module axgen_map_fa (A, B, C, X, Y);\n"
    "  parameter WIDTH = 1;\n  input [WIDTH-1:0] A, B, C;\n  output [WIDTH-1:0] X, Y;\n"
    "  genvar i;\n  generate for (i = 0; i < WIDTH; i = i + 1) begin : each\n"
    "    " IMPORT_FA " u (.a(A[i]), .b(B[i]), .ci(C[i]), .s(Y[i]), .co(X[i]));\n"
    "  end endgenerate\nendmodule\n";

static void adder(bool full, bool cell, const char *const pin[5], str *out) {
  const char *a = pin[0], *b = pin[1], *c = pin[2], *s = pin[3], *co = pin[4];
  if (cell && full)
    str_printf(out, "  " IMPORT_FA " u (.a(%s), .b(%s), .ci(%s), .s(%s), .co(%s));\n", a, b, c, s, co);
  else if (cell)
    str_printf(out, "  " IMPORT_HA " u (.a(%s), .b(%s), .s(%s), .co(%s));\n", a, b, s, co);
  else if (full)
    str_printf(out, "  assign %s = %s ^ %s ^ %s;\n  assign %s = (%s & %s) | (%s & %s) | (%s & %s);\n", s, a, b, c, co,
               a, b, b, c, c, a);
  else
    str_printf(out, "  assign %s = %s ^ %s;\n  assign %s = %s & %s;\n", s, a, b, co, a, b);
}

// The cell's own name. Many of EvoApproxLib's files went through replacements that met each other's results, such as
// PDKGEPDKGENNAND2X1 (AND2X1) and XNPDKGEPDKGENNOR2X1 (XNOR2X1): taking the prefix out, again and again, undoes them.
static void plain_name(const char *type, char name[64]) {
  static const char prefix[] = "PDKGEN";
  size_t n = strlen(prefix);
  snprintf(name, 64, "%s", type);
  for (char *p; (p = strstr(name, prefix));)
    memmove(p, p + n, strlen(p + n) + 1);
}

static bool strength(const char *text) { // X1, or a number as in CLKBUF1
  text += *text == 'X';
  return isdigit((unsigned char)*text) && text[strspn(text, "0123456789")] == 0;
}

bool import_cell(const char *type, bool adders, str *out) {
  bool full = !strcmp(type, MUL_FULL_ADDER);
  if (full || !strcmp(type, MUL_HALF_ADDER)) {
    str_printf(out, "module %s (input a, input b, %soutput s, output co);\n", type, full ? "input ci, " : "");
    adder(full, adders, (const char *const[]){"a", "b", "ci", "s", "co"}, out);
    str_add(out, "endmodule\n");
    return true;
  }
  char name[64];
  size_t i = 0, n = 0;
  if (strlen(type) >= sizeof name)
    return false;
  plain_name(type, name);
  for (; i < BASE_COUNT(cells); i++) {
    n = strlen(cells[i].name);
    if (!strncmp(name, cells[i].name, n) && strength(name + n))
      break;
  }
  if (i == BASE_COUNT(cells))
    return false;
  // In the order of OSU's modules, for those who connect by position: inputs, then YC, YS or Y.
  str_printf(out, "module %s (", type);
  for (const char *p = cells[i].inputs; *p; p++)
    str_printf(out, "input %c, ", *p);
  str_add(out, cells[i].function ? "output Y);\n" : "output YC, output YS);\n");
  if (cells[i].function)
    str_printf(out, "  assign Y = %s;\n", cells[i].function);
  else
    adder(cells[i].name[0] == 'F', adders, (const char *const[]){"A", "B", "C", "YS", "YC"}, out);
  str_add(out, "endmodule\n");
  return true;
}
