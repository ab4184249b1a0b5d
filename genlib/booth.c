// SPDX-License-Identifier: Apache-2.0
//
// Radix-4 Booth multipliers and ROUP: digit j of the encoded operand e selects -2, -1, 0, 1 or 2 times the other
// operand x, rounded at bit r = r[j]. With X = floor(x / 2^r), rho = bit r-1 of x and neg the digit's sign, the row is
//
//     +-1:  (X ^ neg) + (rho ^ neg)              +-2:  ((2X + rho) ^ neg) + (rho ^ neg)        times 4^j 2^r,
//
// so rounding needs no adder: rho is what the doubling shifts in, and it decides whether the row's correction bit is
// set. With y[t] = X[t] ^ neg and y[-1] = rho ^ neg both are y[-1]. Bit 0 of the row and the correction bit are added
// here: their sum is one & (X[0] ^ rho), their carry pp[0] & correction, one place up.
#include "genlib/diagram.h"
#include "genlib/name.h"

// ---- the definition ------------------------------------------------------------------------------------------------
// R_k: x rounded to a multiple of 2^k, halves up.
static int64_t rounded(int32_t x, int k) {
  if (k == 0)
    return x;
  return (int64_t)((x >> k) + (x >> (k - 1) & 1)) * ((int64_t)1 << k);
}

static int64_t apply(const mul_spec *s, int32_t a, int32_t b) {
  int32_t x = s->encode_a ? b : a, e = s->encode_a ? a : b;
  int64_t sum = 0;
  for (int j = s->perforation; j < s->digits; j++) {
    int low = j ? e >> (2 * j - 1) & 1 : 0, mid = e >> 2 * j & 1, high = e >> (2 * j + 1) & 1;
    sum += (low + mid - 2 * high) * ((int64_t)1 << 2 * j) * rounded(x, s->r[j]);
  }
  return sum;
}

static bool exact(const mul_spec *s) {
  bool all = !s->perforation;
  for (int j = 0; j < s->digits; j++)
    all = all && !s->r[j];
  return all;
}

// The least and the greatest sum_j d_j(e) c[j] over all e: digit by digit, remembering only the bit that the next
// digit shares.
static void extremes(const mul_spec *s, const int64_t *c, int64_t *lo, int64_t *hi) {
  int bits = s->encode_a ? s->sig.a_bits : s->sig.b_bits;
  bool is_signed = s->encode_a ? s->sig.a_signed : s->sig.b_signed;
  const int64_t none = INT64_MAX;
  int64_t least[2] = {0, none}, most[2] = {0, none}; // by the bit below; none: unreachable
  for (int j = 0; j < s->digits; j++) {
    int64_t next_least[2] = {none, none}, next_most[2] = {none, none};
    for (int way = 0; way < 8; way++) {
      int low = way & 1, mid = way >> 1 & 1, high = way >> 2;
      if ((2 * j >= bits && mid) || (2 * j + 1 >= bits && high != (is_signed ? mid : 0)) || least[low] == none)
        continue;
      int64_t add = (low + mid - 2 * high) * c[j];
      if (next_least[high] == none || least[low] + add < next_least[high])
        next_least[high] = least[low] + add;
      if (next_most[high] == none || most[low] + add > next_most[high])
        next_most[high] = most[low] + add;
    }
    for (int k = 0; k < 2; k++)
      least[k] = next_least[k], most[k] = next_most[k];
  }
  int k = least[0] == none;
  *lo = least[k];
  *hi = most[k];
  if (!k && least[1] != none) {
    *lo = least[1] < *lo ? least[1] : *lo;
    *hi = most[1] > *hi ? most[1] : *hi;
  }
}

static void figures_of(const mul_spec *s, int32_t x, spec_figures *f) {
  int64_t product[DIGITS_MAX], error[DIGITS_MAX], lo, hi, error_lo, error_hi;
  for (int j = 0; j < s->digits; j++) {
    int64_t r = j < s->perforation ? 0 : rounded(x, s->r[j]);
    product[j] = r * ((int64_t)1 << 2 * j);
    error[j] = (r - x) * ((int64_t)1 << 2 * j);
  }
  extremes(s, product, &lo, &hi);
  extremes(s, error, &error_lo, &error_hi);
  spec_widen(f, lo, hi, error_lo, error_hi);
}

static void figures(const mul_spec *s, spec_figures *f) {
  int32_t from = s->encode_a ? mul_b_min(s->sig) : mul_a_min(s->sig);
  int32_t to = s->encode_a ? mul_b_max(s->sig) : mul_a_max(s->sig);
  for (int32_t x = from; x <= to; x++)
    figures_of(s, x, f);
}

static const char *formula(arena *mem, const mul_spec *s) {
  const char *e = s->encode_a ? "a" : "b", *x = s->encode_a ? "b" : "a";
  if (exact(s))
    return arena_printf(mem, "exact product a * b; radix-4 Booth digits of %s", e);
  str r = {0};
  for (int j = s->perforation; j < s->digits; j++)
    str_printf(&r, "%s%d", j > s->perforation ? ", " : "", s->r[j]);
  const char *text = arena_printf(mem,
                                  "sum over j = %d..%d of 4^j * d_j * R_j(%s): d_j is radix-4 Booth digit j of %s, "
                                  "R_j rounds to a multiple of 2^r_j (halves up), r_%d.. = %s",
                                  s->perforation, s->digits - 1, x, e, s->perforation, r.data);
  str_free(&r);
  return text;
}

// ---- the circuit ---------------------------------------------------------------------------------------------------
typedef struct {
  netlist *n;
  bool is_signed;
  int bits, base; // net of bit 0
} operand;

// Any bit of the operand, extended without end.
static int32_t bit_of(const operand *o, int i) {
  if (i < 0)
    return NET_ZERO;
  if (i >= o->bits)
    return o->is_signed ? o->base + o->bits - 1 : NET_ZERO;
  return o->base + i;
}

typedef struct {
  int32_t neg, one, two, any; // any: one | two
} digit;

static digit encode(netlist *n, const operand *e, int j) {
  int32_t high = bit_of(e, 2 * j + 1), mid = bit_of(e, 2 * j), low = bit_of(e, 2 * j - 1);
  digit d = {.neg = high, .one = nl_xor(n, mid, low)};
  d.two = nl_nor(n, d.one, nl_xnor(n, high, mid));
  d.any = nl_or(n, d.one, d.two);
  return d;
}

// Row j at weight 4^j 2^r; `width` bits of X are taken, the last one its sign.
static void add_row(dots *d, const operand *x, digit g, int weight, int r, int width, selector_kind selector) {
  netlist *n = d->net;
  bool xor_first = selector == SELECT_XOR_FIRST;
  int32_t rho = bit_of(x, r - 1);
  int32_t correction = xor_first ? nl_xor(n, rho, g.neg) : nl_xor(n, g.neg, nl_and(n, rho, g.any));
  int32_t below = xor_first ? correction : rho;
  for (int t = 0; t <= width; t++) {
    int32_t here = t < width ? bit_of(x, r + t) : bit_of(x, r + width - 1);
    if (xor_first)
      here = nl_xor(n, here, g.neg);
    int32_t pp = t == width ? nl_and(n, g.any, here) : nl_or(n, nl_and(n, g.one, here), nl_and(n, g.two, below));
    if (!xor_first)
      pp = nl_xor(n, pp, g.neg);
    below = here;
    if (t == 0) {
      dots_add(d, weight, nl_and(n, g.one, nl_xor(n, bit_of(x, r), rho)));
      dots_add(d, weight + 1, nl_and(n, pp, correction));
    } else if (t == width) {
      dots_subtract(d, weight + t, pp);
    } else {
      dots_add(d, weight + t, pp);
    }
  }
}

static const netlist *generate(arena *mem, const mul_spec *s) {
  netlist *n = nl_new(mem, s->sig.a_bits, s->sig.b_bits, s->sig.p_bits);
  dots d = {.net = n, .width = s->sig.p_bits};
  operand a = {n, s->sig.a_signed, s->sig.a_bits, nl_a(n, 0)}, b = {n, s->sig.b_signed, s->sig.b_bits, nl_b(n, 0)};
  operand x = s->encode_a ? b : a, e = s->encode_a ? a : b;
  for (int j = s->perforation; j < s->digits; j++) {
    // X has a sign bit of its own when x has none.
    int width = x.bits + !x.is_signed - s->r[j];
    if (width < 1)
      continue; // rounded to nothing
    nl_mark(n, arena_printf(mem, "digit %d of %c times %c rounded at bit %d", j, s->encode_a ? 'a' : 'b',
                            s->encode_a ? 'b' : 'a', s->r[j]));
    add_row(&d, &x, encode(n, &e, j), 2 * j + s->r[j], s->r[j], width, s->selector);
  }
  dots_sum(&d, s->tree, s->adder);
  return nl_finish(n);
}

// ---- as picture and as Verilog -------------------------------------------------------------------------------------
static void draw(const mul_spec *s, diagram *g) {
  int bits = s->encode_a ? s->sig.b_bits : s->sig.a_bits;
  bool x_signed = s->encode_a ? s->sig.b_signed : s->sig.a_signed;
  for (int j = 0; j < s->digits; j++) {
    int r = s->r[j], full = bits + !x_signed, width = full - r;
    bool kept = j >= s->perforation && width >= 1;
    for (int t = 0; t <= full; t++)
      g->dot[j][2 * j + t] = DOT_OMITTED;
    for (int t = 0; kept && t <= width; t++)
      g->dot[j][2 * j + r + t] = t == 0 ? DOT_LAST : t == width ? DOT_NEGATIVE : DOT_PRODUCT;
    if (kept) {
      g->dot[s->digits + (j & 1)][2 * j + r + 1] = DOT_CORRECTION;
      g->constant -= 1ull << (2 * j + full);
    }
    if (kept)
      snprintf(g->label[j], sizeof g->label[j], "digit %d, rounded at %d", j, r);
    else
      snprintf(g->label[j], sizeof g->label[j], "digit %d, left out", j);
  }
  // Two rows, for two digits may put their corrections at the same weight.
  snprintf(g->label[s->digits], sizeof g->label[0], "corrections, even digits");
  snprintf(g->label[s->digits + 1], sizeof g->label[0], "corrections, odd digits");
  g->rows = s->digits + 2;
}

static void write(const mul_spec *s, int width, str *out) {
  const char *e = s->encode_a ? "x" : "y", *x = s->encode_a ? "y" : "x";
  str_printf(out,
             "  function [%d:0] digit(input [2:0] bits, input [%d:0] r);\n"
             "    case (bits)\n"
             "      3'd1, 3'd2: digit = r;\n"
             "      3'd3: digit = r << 1;\n"
             "      3'd4: digit = -(r << 1);\n"
             "      3'd5, 3'd6: digit = -r;\n"
             "      default: digit = %d'd0;\n"
             "    endcase\n"
             "  endfunction\n"
             "  wire [%d:0] e = {%s, 1'b0};\n" // bit -1 of the encoded operand is 0
             "  assign p = %d'd0",
             width - 1, width - 1, width, width, e, width);
  for (int j = s->perforation; j < s->digits; j++) {
    str_printf(out, "\n    + (digit(e[%d:%d], ", 2 * j + 2, 2 * j);
    if (s->r[j])
      str_printf(out, "((%s >> %d) << %d) + (%s[%d] ? %d'd1 << %d : %d'd0)", x, s->r[j], s->r[j], x, s->r[j] - 1, width,
                 s->r[j], width);
    else
      str_add(out, x);
    str_printf(out, ") << %d)", 2 * j);
  }
  str_add(out, ";\n");
}

const mul_form booth_form = {.name = "booth",
                             .apply = apply,
                             .exact = exact,
                             .figures = figures,
                             .formula = formula,
                             .generate = generate,
                             .draw = draw,
                             .write = write,
                             .circuit = name_booth_circuit,
                             .finish = name_booth_finish};
