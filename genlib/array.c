// SPDX-License-Identifier: Apache-2.0
//
// Array multipliers: one AND a partial product; those of negative weight (exactly one of the two bits is a sign bit)
// enter inverted, with a constant (Baugh and Wooley). A broken array leaves out some of them, as if they were 0.
#include "genlib/diagram.h"

// ---- the definition ------------------------------------------------------------------------------------------------
// What bit j of b is multiplied by: a without its omitted bits, at bit j's weight.
static int64_t row_of(const mul_spec *s, int32_t a, int j) {
  if (j < s->t)
    return 0;
  int low = s->h > s->t ? s->h : s->t;
  low = s->v - j > low ? s->v - j : low;
  if (low >= s->sig.a_bits)
    return 0;
  int64_t row = (int64_t)(a >> low) * ((int64_t)1 << low) * ((int64_t)1 << j);
  return s->sig.b_signed && j == s->sig.b_bits - 1 ? -row : row;
}

static int64_t apply(const mul_spec *s, int32_t a, int32_t b) {
  int64_t sum = s->compensation;
  for (int j = 0; j < s->sig.b_bits; j++)
    if (b >> j & 1)
      sum += row_of(s, a, j);
  return sum;
}

static bool exact(const mul_spec *s) { return !s->h && !s->t && s->v <= 0; }

// For a given a each bit of b adds its row or not, whatever the others do.
static void figures_of(const mul_spec *s, int32_t a, spec_figures *f) {
  int64_t lo = s->compensation, hi = lo, error_lo = lo, error_hi = lo;
  for (int j = 0; j < s->sig.b_bits; j++) {
    int64_t row = row_of(s, a, j), exact = (int64_t)a * ((int64_t)1 << j);
    int64_t error = row - (s->sig.b_signed && j == s->sig.b_bits - 1 ? -exact : exact);
    *(row < 0 ? &lo : &hi) += row;
    *(error < 0 ? &error_lo : &error_hi) += error;
  }
  spec_widen(f, lo, hi, error_lo, error_hi);
}

static void figures(const mul_spec *s, spec_figures *f) {
  for (int32_t a = mul_a_min(s->sig); a <= mul_a_max(s->sig); a++)
    figures_of(s, a, f);
}

static const char *formula(arena *mem, const mul_spec *s) {
  const char *add = s->compensation ? arena_printf(mem, " %+lld", (long long)s->compensation) : "";
  if (exact(s))
    return arena_printf(mem, "exact product a * b%s", add);
  return arena_printf(mem, "product a * b%s without the partial products a[i] b[j] with i < %d, j < %d or i + j < %d",
                      add, s->h > s->t ? s->h : s->t, s->t, s->v);
}

// ---- the circuit ---------------------------------------------------------------------------------------------------
static const netlist *generate(arena *mem, const mul_spec *s) {
  netlist *n = nl_new(mem, s->sig.a_bits, s->sig.b_bits, s->sig.p_bits);
  dots d = {.net = n, .width = s->sig.p_bits};
  int first_i = s->h > s->t ? s->h : s->t;
  nl_mark(n, "partial products a[i] & b[j]");
  for (int j = s->t; j < s->sig.b_bits; j++)
    for (int i = first_i; i < s->sig.a_bits; i++) {
      if (i + j < s->v)
        continue;
      bool a_sign = s->sig.a_signed && i == s->sig.a_bits - 1, b_sign = s->sig.b_signed && j == s->sig.b_bits - 1;
      if (a_sign != b_sign)
        dots_subtract_inverted(&d, i + j, nl_nand(n, nl_a(n, i), nl_b(n, j)));
      else
        dots_add(&d, i + j, nl_and(n, nl_a(n, i), nl_b(n, j)));
    }
  dots_constant(&d, s->compensation);
  dots_sum(&d, s->tree, s->adder);
  return nl_finish(n);
}

// ---- as picture and as Verilog -------------------------------------------------------------------------------------
static void draw(const mul_spec *s, diagram *g) {
  int first_i = s->h > s->t ? s->h : s->t;
  for (int j = 0; j < s->sig.b_bits; j++) {
    for (int i = 0; i < s->sig.a_bits; i++) {
      bool minus = (s->sig.a_signed && i == s->sig.a_bits - 1) != (s->sig.b_signed && j == s->sig.b_bits - 1);
      bool kept = i >= first_i && j >= s->t && i + j >= s->v;
      g->dot[j][i + j] = !kept ? DOT_OMITTED : minus ? DOT_NEGATIVE : DOT_PRODUCT;
      if (kept && minus)
        g->constant -= 1ull << (i + j);
    }
    snprintf(g->label[j], sizeof g->label[j], "b[%d]", j);
  }
  g->rows = s->sig.b_bits;
  g->constant += (uint64_t)s->compensation;
}

// A sum of rows: a without its omitted low bits where bit j of b is set.
static void write(const mul_spec *s, int width, str *out) {
  str_printf(out, "  assign p = %d'd%llu", width,
             (unsigned long long)s->compensation & (((unsigned long long)1 << width) - 1));
  for (int j = s->t; j < s->sig.b_bits; j++) {
    int low = s->h > s->t ? s->h : s->t;
    low = s->v - j > low ? s->v - j : low;
    if (low < s->sig.a_bits)
      str_printf(out, "\n    %c ({%d{b[%d]}} & ((x >> %d) << %d))",
                 s->sig.b_signed && j == s->sig.b_bits - 1 ? '-' : '+', width, j, low, low + j);
  }
  str_add(out, ";\n");
}

const mul_form array_form = {.name = "array",
                             .apply = apply,
                             .exact = exact,
                             .figures = figures,
                             .formula = formula,
                             .generate = generate,
                             .draw = draw,
                             .write = write};
