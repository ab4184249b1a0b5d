// SPDX-License-Identifier: Apache-2.0
//
// dump DIR NAME...: writes the Verilog of each multiplier, its vectors {a, b, p} (all pairs up to 16 bits together,
// else 8,192 seeded ones that begin with the corners), its C model, and one testbench and one C program that check them
// all. NAME@table: the multiplier as a table, without its netlist; NAME@function: the Verilog of its
// closed form in the place of its gates; NAME@wrong: its first AND is an OR.
#include "genlib/genlib.h"

#include <string.h>

static uint32_t mask(int bits) { return bits >= 32 ? ~0u : (1u << bits) - 1; }

static uint32_t corner(int bits, uint32_t k) {
  const uint32_t c[8] = {0, 1, mask(bits), mask(bits) - 1, mask(bits) >> 1, (mask(bits) >> 1) + 1, 2, mask(bits) / 3};
  return c[k & 7];
}

static uint32_t write_vectors(const mul *m, str *out) {
  int bits = m->sig.a_bits + m->sig.b_bits;
  uint32_t count = bits <= 16 ? 1u << bits : 8192;
  rng r = rng_seed(1);
  for (uint32_t v = 0; v < count; v++) {
    uint32_t a, b;
    if (bits <= 16) {
      a = v >> m->sig.b_bits;
      b = v & mask(m->sig.b_bits);
    } else if (v < 64) {
      a = corner(m->sig.a_bits, v >> 3);
      b = corner(m->sig.b_bits, v);
    } else {
      a = (uint32_t)rng_next(&r) & mask(m->sig.a_bits);
      b = (uint32_t)rng_next(&r) & mask(m->sig.b_bits);
    }
    // The table where there is one; the closed form, not the circuit, where there is none.
    int64_t p =
        mul_apply(m, mul_value(a, m->sig.a_bits, m->sig.a_signed), mul_value(b, m->sig.b_bits, m->sig.b_signed));
    uint64_t low = (uint64_t)p & mask(m->sig.p_bits), high = (uint64_t)a << m->sig.b_bits | b;
    uint64_t word = high << m->sig.p_bits | low;
    str_printf(out, "%llx\n", (unsigned long long)word);
  }
  return count;
}

static void declare(const mul *m, int k, uint32_t count, str *out) {
  int a = m->sig.a_bits, b = m->sig.b_bits, p = m->sig.p_bits;
  str_printf(out, "  reg [%d:0] mem%d [0:%u];\n  reg [%d:0] a%d;\n  reg [%d:0] b%d;\n  reg [%d:0] want%d;\n",
             a + b + p - 1, k, count - 1, a - 1, k, b - 1, k, p - 1, k);
  str_printf(out, "  wire [%d:0] p%d;\n  integer bad%d = 0;\n  %s m%d (.a(a%d), .b(b%d), .p(p%d));\n", p - 1, k, k,
             m->ident, k, k, k, k);
}

static void declare_c(const mul *m, str *prototypes, str *calls) {
  const char *type = m->sig.p_bits == 32 && !m->sig.p_signed ? "int64_t" : "int32_t";
  str_printf(prototypes,
             "%s %s(int32_t a, int32_t b);\nstatic int64_t call_%s(int32_t a, int32_t b) { return %s(a, b); }\n", type,
             m->ident, m->ident, m->ident);
  str_printf(calls, "  check(\"%s\", \"%s.hex\", call_%s, %d, %d, %d, %d, %d, %d);\n", m->name, m->ident, m->ident,
             m->sig.a_bits, m->sig.b_bits, m->sig.p_bits, m->sig.a_signed, m->sig.b_signed, m->sig.p_signed);
}

static const char check_c[] =
    "#include <inttypes.h>\n#include <stdint.h>\n#include <stdio.h>\n"
    "static int64_t value(uint64_t code, int bits, int is_signed) {\n"
    "  int64_t v = (int64_t)(code & (((uint64_t)1 << bits) - 1));\n"
    "  return is_signed && v >> (bits - 1) ? v - ((int64_t)1 << bits) : v;\n}\n"
    "static void check(const char *name, const char *file, int64_t (*f)(int32_t, int32_t), int a, int b, int p,\n"
    "                  int a_signed, int b_signed, int p_signed) {\n"
    "  FILE *in = fopen(file, \"r\");\n  uint64_t v;\n  long pairs = 0, wrong = 0;\n"
    "  for (; in && fscanf(in, \"%\" SCNx64, &v) == 1; pairs++)\n"
    "    wrong += f((int32_t)value(v >> (b + p), a, a_signed), (int32_t)value(v >> p, b, b_signed)) != value(v, p, "
    "p_signed);\n"
    "  printf(wrong || !pairs ? \"FAIL %s: %ld pairs, %ld wrong\\n\" : \"ok   %s: %ld pairs\\n\", name, pairs, "
    "wrong);\n}\n";

static const netlist *first_and_as_or(arena *mem, const netlist *n) {
  netlist *wrong = arena_memdup(mem, n, sizeof *n);
  wrong->gates = arena_memdup(mem, n->gates, n->count * sizeof *n->gates);
  gate *g = wrong->gates;
  while (g->kind != GATE_AND)
    g++;
  g->kind = GATE_OR;
  return wrong;
}

static const mul *make(arena *mem, const char *name, diag *d) {
  const char *at = strchr(name, '@');
  const mul *m = mul_make(mem, at ? arena_strndup(mem, name, (size_t)(at - name)) : name, d);
  if (m && at && strcmp(at, "@table") == 0)
    return mul_from_table(mem, name, m->sig, m->table);
  if (!m || !at)
    return m;
  mul *f = arena_memdup(mem, m, sizeof *m);
  if (strcmp(at, "@wrong") == 0) {
    f->net = first_and_as_or(mem, m->net);
    return f;
  }
  f->name = name;
  f->ident = arena_printf(mem, "%s_function", m->ident);
  return f;
}

int main(int argc, char **argv) {
  arena *mem = arena_new();
  diag d = {0};
  uint32_t most = 0;
  fileset files = {0};
  str prototypes = {0}, calls = {0}, head = {0}, load = {0}, drive = {0}, check = {0}, end = {0};
  for (int i = 2; i < argc; i++) {
    const mul *m = make(mem, argv[i], &d);
    if (!m)
      break;
    str verilog = {0}, vectors = {0}, c = {0};
    if (strstr(argv[i], "@function"))
      mul_verilog_function(m, &verilog);
    else
      mul_verilog(m, &verilog);
    mul_c_model(m, &c);
    declare_c(m, &prototypes, &calls);
    fileset_add_str(mem, &files, arena_printf(mem, "%s.c", m->ident), &c);
    uint32_t count = write_vectors(m, &vectors);
    most = count > most ? count : most;
    fileset_add_str(mem, &files, arena_printf(mem, "%s.v", m->ident), &verilog);
    fileset_add_str(mem, &files, arena_printf(mem, "%s.hex", m->ident), &vectors);
    declare(m, i, count, &head);
    str_printf(&load, "    $readmemh(\"%s.hex\", mem%d);\n", m->ident, i);
    str_printf(&drive, "      {a%d, b%d, want%d} = mem%d[v %% %u];\n", i, i, i, i, count);
    str_printf(&check, "      if (p%d !== want%d) bad%d = bad%d + 1;\n", i, i, i, i);
    str_printf(
        &end,
        "    if (bad%d == 0) $display(\"ok   %s: %u pairs\");\n    else $display(\"FAIL %s: %%0d wrong\", bad%d);\n", i,
        m->name, count, m->name, i);
  }
  str tb = {0};
  str_printf(&tb,
             "`timescale 1ns / 1ps\nmodule tb;\n  integer v;\n%s  initial begin\n%s    for (v = 0; v < %u; v = v + "
             "1) begin\n"
             "%s      #1;\n%s    end\n%s    $finish;\n  end\nendmodule\n",
             head.data, load.data, most, drive.data, check.data, end.data);
  fileset_add_str(mem, &files, "tb.v", &tb);
  str program = {0};
  str_printf(&program, "%s%sint main(void) {\n%s  return 0;\n}\n", check_c, prototypes.data, calls.data);
  fileset_add_str(mem, &files, "check.c", &program);
  if (d.errors || !fileset_write(&files, argv[1], &d)) {
    fputs(d.text.data, stderr);
    return d.exit_code;
  }
  return 0;
}
