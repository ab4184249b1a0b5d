// SPDX-License-Identifier: Apache-2.0
//
// Adders that the file defines itself, under any name: Icarus evaluates every small module, as Yosys wrote it, and
// those that add become adders of the netlist instead of gates.
#include "genlib/import/import_internal.h"
#include "synth/internal.h"

#include <stdlib.h>
#include <string.h>

// Truth tables by the inputs' bits: bit i is the value for the inputs i.
enum { HA_SUM = 0x6, HA_CARRY = 0x8, FA_SUM = 0x96, FA_CARRY = 0xe8 };

// Prints the two outputs' tables of each module on a line.
static void bench(const import_job *j, str *out) {
  str_add(out, "module axgen_import_tb;\n  reg [2:0] i;\n  integer k, file;\n  reg [7:0] t0, t1;\n");
  for (size_t n = 0; n < j->adder_count; n++) {
    const import_adder *a = &j->adders[n];
    // An escaped name ends at a blank.
    str_printf(out, "  wire [1:0] o%zu;\n  \\%s u%zu (", n, a->name, n);
    for (int p = 0, in = 0, at = 0; p < a->ports; p++) {
      str_printf(out, "%s.\\%s ", p ? ", " : "", a->port[p]);
      if (a->output[p])
        str_printf(out, "(o%zu[%d])", n, at++);
      else
        str_printf(out, "(i[%d])", in++);
    }
    str_add(out, ");\n");
  }
  str_add(out, "  initial begin\n    file = $fopen(\"adders.txt\", \"w\");\n");
  for (size_t n = 0; n < j->adder_count; n++)
    str_printf(out,
               "    for (k = 0; k < 8; k = k + 1) begin i = k; #1 t0[k] = o%zu[0]; t1[k] = o%zu[1]; end\n"
               "    $fdisplay(file, \"%%b %%b\", t0, t1);\n",
               n, n);
  str_add(out, "    $fclose(file);\n    $finish;\n  end\nendmodule\n");
}

static void judge(import_adder *a, const char *line) {
  char *end;
  unsigned long mask = a->inputs == 2 ? 0xf : 0xff, t[2] = {strtoul(line, &end, 2), 0};
  if (end != line + 8) // x or z in it
    return;
  t[1] = strtoul(end, &end, 2);
  if (end != line + 17)
    return;
  unsigned long sum = a->inputs == 2 ? HA_SUM : FA_SUM, carry = a->inputs == 2 ? HA_CARRY : FA_CARRY;
  for (int k = 0; k < 2; k++)
    if ((t[k] & mask) == sum && (t[!k] & mask) == carry) {
      a->is = a->inputs == 2 ? IMPORT_IS_HA : IMPORT_IS_FA;
      a->sum = k;
    }
}

bool import_find_adders(import_job *j) {
  if (!j->adder_count)
    return true;
  str text = {0};
  bytes file;
  bench(j, &text);
  if (!import_icarus(j, &text, (const char *const[]){"look.v", "plain.v", NULL}))
    return false;
  if (!file_read(j->mem, path_join(j->mem, j->dir, "adders.txt"), 1 << 20, &file, j->d))
    return diag_blame(j->d, "iverilog or vvp");
  const char *line = (const char *)file.data;
  for (size_t n = 0; n < j->adder_count && *line; n++) {
    judge(&j->adders[n], line);
    line += strcspn(line, "\n");
    line += *line != 0;
  }
  return true;
}

void import_replace_adders(const import_job *j, str *script, str *cells) {
  for (size_t n = 0; n < j->adder_count; n++) {
    const import_adder *a = &j->adders[n];
    if (!a->is)
      continue;
    static const char *const pins[2][3] = {{"a", "b", "ci"}, {"s", "co"}};
    str_printf(script, "delete %s\n", a->name);
    str_printf(cells, "module \\%s (", a->name);
    for (int p = 0; p < a->ports; p++)
      str_printf(cells, "%s%s \\%s ", p ? ", " : "", a->output[p] ? "output" : "input", a->port[p]);
    str_printf(cells, ");\n  %s u (", a->is == IMPORT_IS_FA ? IMPORT_FA : IMPORT_HA);
    for (int p = 0, in = 0, at = 0; p < a->ports; p++) {
      const char *pin = a->output[p] ? pins[1][at++ != a->sum] : pins[0][in++];
      str_printf(cells, "%s.%s(\\%s )", p ? ", " : "", pin, a->port[p]);
    }
    str_add(cells, ");\nendmodule\n");
  }
}
