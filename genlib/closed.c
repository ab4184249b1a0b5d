// SPDX-License-Identifier: Apache-2.0
//
// The definition of the generated multipliers as plain arithmetic, and what follows from it exactly at any width: the
// range of the products and the worst error.
#include "genlib/generate.h"

int spec_digits(int bits, bool is_signed) { return is_signed ? (bits + 1) / 2 : bits / 2 + 1; }
int spec_rounding_max(int bits, bool is_signed) { return bits + !is_signed; }

// R_k: x rounded to a multiple of 2^k, halves up.
static int64_t rounded(int32_t x, int k) {
  if (k == 0)
    return x;
  return (int64_t)((x >> k) + (x >> (k - 1) & 1)) * ((int64_t)1 << k);
}

static int64_t booth_apply(const mul_spec *s, int32_t a, int32_t b) {
  int32_t x = s->encode_a ? b : a, e = s->encode_a ? a : b;
  int64_t sum = 0;
  for (int j = s->perforation; j < s->digits; j++) {
    int low = j ? e >> (2 * j - 1) & 1 : 0, mid = e >> 2 * j & 1, high = e >> (2 * j + 1) & 1;
    sum += (low + mid - 2 * high) * ((int64_t)1 << 2 * j) * rounded(x, s->r[j]);
  }
  return sum;
}

// What bit j of b is multiplied by: a without its omitted bits, at bit j's weight.
static int64_t array_row(const mul_spec *s, int32_t a, int j) {
  if (j < s->t)
    return 0;
  int low = s->h > s->t ? s->h : s->t;
  low = s->v - j > low ? s->v - j : low;
  if (low >= s->sig.a_bits)
    return 0;
  int64_t row = (int64_t)(a >> low) * ((int64_t)1 << low) * ((int64_t)1 << j);
  return s->sig.b_signed && j == s->sig.b_bits - 1 ? -row : row;
}

static int64_t array_apply(const mul_spec *s, int32_t a, int32_t b) {
  int64_t sum = s->compensation;
  for (int j = 0; j < s->sig.b_bits; j++)
    if (b >> j & 1)
      sum += array_row(s, a, j);
  return sum;
}

int64_t spec_apply(const mul_spec *s, int32_t a, int32_t b) {
  return s->family == FAMILY_ARRAY ? array_apply(s, a, b) : booth_apply(s, a, b);
}

typedef struct {
  int64_t min, max, worst;
} figures;

static void widen(figures *f, int64_t lo, int64_t hi, int64_t error_lo, int64_t error_hi) {
  f->min = lo < f->min ? lo : f->min;
  f->max = hi > f->max ? hi : f->max;
  int64_t worst = -error_lo > error_hi ? -error_lo : error_hi;
  f->worst = worst > f->worst ? worst : f->worst;
}

// For a given a each bit of b adds its row or not, whatever the others do.
static void array_figures(const mul_spec *s, int32_t a, figures *f) {
  int64_t lo = s->compensation, hi = lo, error_lo = lo, error_hi = lo;
  for (int j = 0; j < s->sig.b_bits; j++) {
    int64_t row = array_row(s, a, j), exact = (int64_t)a * ((int64_t)1 << j);
    int64_t error = row - (s->sig.b_signed && j == s->sig.b_bits - 1 ? -exact : exact);
    *(row < 0 ? &lo : &hi) += row;
    *(error < 0 ? &error_lo : &error_hi) += error;
  }
  widen(f, lo, hi, error_lo, error_hi);
}

// The least and the greatest sum_j d_j(e) c[j] over all e: digit by digit, remembering only the bit that the next
// digit shares.
static void booth_extremes(const mul_spec *s, const int64_t *c, int64_t *lo, int64_t *hi) {
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

static void booth_figures(const mul_spec *s, int32_t x, figures *f) {
  int64_t product[DIGITS_MAX], error[DIGITS_MAX], lo, hi, error_lo, error_hi;
  for (int j = 0; j < s->digits; j++) {
    int64_t r = j < s->perforation ? 0 : rounded(x, s->r[j]);
    product[j] = r * ((int64_t)1 << 2 * j);
    error[j] = (r - x) * ((int64_t)1 << 2 * j);
  }
  booth_extremes(s, product, &lo, &hi);
  booth_extremes(s, error, &error_lo, &error_hi);
  widen(f, lo, hi, error_lo, error_hi);
}

void spec_figures(mul_spec *s, int64_t *min, int64_t *max, int64_t *wce) {
  figures f = {.min = INT64_MAX, .max = INT64_MIN};
  bool over_b = s->family == FAMILY_BOOTH && s->encode_a;
  int32_t from = over_b ? mul_b_min(s->sig) : mul_a_min(s->sig), to = over_b ? mul_b_max(s->sig) : mul_a_max(s->sig);
  for (int32_t x = from; x <= to; x++)
    if (s->family == FAMILY_ARRAY)
      array_figures(s, x, &f);
    else
      booth_figures(s, x, &f);
  *min = f.min;
  *max = f.max;
  *wce = f.worst;
  // As wide as the exact product's, wider where the approximation exceeds it.
  s->sig.p_signed = s->sig.a_signed || s->sig.b_signed || f.min < 0;
  int need = s->sig.p_signed ? bits_signed(f.min, f.max) : bits_unsigned((uint64_t)f.max);
  s->sig.p_bits = need > s->sig.a_bits + s->sig.b_bits ? need : s->sig.a_bits + s->sig.b_bits;
}

static const char *booth_formula(arena *mem, const mul_spec *s) {
  const char *e = s->encode_a ? "a" : "b", *x = s->encode_a ? "b" : "a";
  bool exact = !s->perforation;
  for (int j = s->perforation; j < s->digits; j++)
    exact = exact && !s->r[j];
  if (exact)
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

const char *spec_formula(arena *mem, const mul_spec *s) {
  if (s->family == FAMILY_BOOTH)
    return booth_formula(mem, s);
  const char *add = s->compensation ? arena_printf(mem, " %+lld", (long long)s->compensation) : "";
  if (!s->h && !s->t && s->v <= 0)
    return arena_printf(mem, "exact product a * b%s", add);
  return arena_printf(mem, "product a * b%s without the partial products a[i] b[j] with i < %d, j < %d or i + j < %d",
                      add, s->h > s->t ? s->h : s->t, s->t, s->v);
}
