// SPDX-License-Identifier: Apache-2.0
//
// Which operands are signed, and the symmetries of the function. Over all pairs of operands, or above 16 bits together
// over seeded ones.
#include "genlib/import/import_internal.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const import_reading_name[IMPORT_READINGS] = {"detected", "signed", "unsigned", "a unsigned and b signed",
                                                          "a signed and b unsigned"};

enum { SEEDED_PAIRS = 1 << 20 };

// The pairs that are looked at, as codes.
typedef struct {
  uint32_t *a, *b;
  size_t count;
} operands;

static operands choose_operands(arena *mem, int a_bits, int b_bits) {
  bool all = a_bits + b_bits <= 16;
  operands o = {.count = all ? (size_t)1 << (a_bits + b_bits) : SEEDED_PAIRS};
  o.a = arena_new_array(mem, uint32_t, o.count);
  o.b = arena_new_array(mem, uint32_t, o.count);
  rng r = rng_seed(2);
  for (size_t i = 0; i < o.count; i++) {
    uint64_t code = all ? i : rng_next(&r) >> (64 - a_bits - b_bits);
    o.a[i] = (uint32_t)(code >> b_bits);
    o.b[i] = (uint32_t)code & ((1u << b_bits) - 1);
  }
  return o;
}

import_reading import_read_name(const char *name, int bits[2]) {
  for (const char *p = name; *p; p++) {
    if (!isdigit((unsigned char)*p) || (p > name && isdigit((unsigned char)p[-1])))
      continue;
    const char *end = mul_read_bits(p, 16, &bits[0], &bits[1]);
    size_t n = end ? strspn(end, "su") : 0;
    if (n < 1 || n > 2 || (end[n] && end[n] != '_'))
      continue;
    bool a_signed = end[0] == 's', b_signed = end[n - 1] == 's';
    return a_signed ? b_signed ? IMPORT_SIGNED : IMPORT_SU : b_signed ? IMPORT_US : IMPORT_UNSIGNED;
  }
  return IMPORT_DETECT;
}

// The module's name counts where it says the module's own widths.
static import_reading read_name(const import_job *j) {
  int bits[2];
  import_reading says = import_read_name(j->module, bits);
  return says && bits[0] == j->a.bits && bits[1] == j->b.bits ? says : IMPORT_DETECT;
}

static void distances(arena *mem, const netlist *n, import_report *r) {
  mul_sig sig = {.a_bits = n->a_bits, .b_bits = n->b_bits};
  const mul *codes = mul_from_netlist(mem, "codes", sig, n);
  operands o = choose_operands(mem, n->a_bits, n->b_bits);
  int64_t *p = arena_new_array(mem, int64_t, o.count);
  mul_products(codes, o.a, o.b, o.count, p);
  for (int k = IMPORT_SIGNED; k < IMPORT_READINGS; k++) {
    double far = 0, size = 0;
    for (size_t i = 0; i < o.count; i++) {
      int64_t exact =
          (int64_t)mul_value(o.a[i], n->a_bits, import_a_signed(k)) * mul_value(o.b[i], n->b_bits, import_b_signed(k));
      int64_t f = p[i] & (((int64_t)1 << n->out_bits) - 1);
      if (k != IMPORT_UNSIGNED && f >> (n->out_bits - 1) & 1)
        f -= (int64_t)1 << n->out_bits;
      far += (double)llabs(f - exact);
      size += (double)llabs(exact);
    }
    r->distance[k] = far / (double)o.count;
    r->relative[k] = far / size;
  }
  r->looked_at = o.count;
}

// ---- adders ------------------------------------------------------------------------------------------------------
// Mean distance of f from a + b or a - b, modulo the output's range, over the mean size of that in the same range.
static double from_sum(const operands *o, const int64_t *p, const netlist *n, bool is_signed, int sign) {
  int64_t range = (int64_t)1 << n->out_bits;
  double far = 0, size = 0;
  for (size_t i = 0; i < o->count; i++) {
    int64_t sum = mul_value(o->a[i], n->a_bits, is_signed) + (int64_t)sign * mul_value(o->b[i], n->b_bits, is_signed);
    int64_t off = (p[i] - sum) & (range - 1);
    far += (double)(off < range - off ? off : range - off);
    size += (double)llabs(sum);
  }
  return far / size;
}

// Whether it adds or subtracts rather than multiplies: NULL, or what it does.
static const char *adds(arena *mem, const netlist *n) {
  mul_sig sig = {.a_bits = n->a_bits, .b_bits = n->b_bits};
  operands o = choose_operands(mem, n->a_bits, n->b_bits);
  int64_t *p = arena_new_array(mem, int64_t, o.count);
  mul_products(mul_from_netlist(mem, "codes", sig, n), o.a, o.b, o.count, p);
  for (int k = 0; k < 4; k++)
    if (from_sum(&o, p, n, k & 1, k & 2 ? -1 : 1) < 0.25)
      return k & 2 ? "subtracts (a - b)" : "adds (a + b)";
  return NULL;
}

// Mean distances are looked at under each of these, unsigned ones first.
bool import_check_adder(import_job *j, const netlist *n, import_report *r) {
  static const struct {
    bool is_signed;
    int sign;
    const char *what;
  } ways[] = {{false, 1, NULL},
              {true, 1,
               "it adds signed numbers, so that its highest output is a sign; the carry of unsigned ones was "
               "expected there"},
              {false, -1, "it subtracts (a - b) and does not add"},
              {true, -1, "it subtracts (a - b) and does not add"}};
  if (n->a_bits != n->b_bits || n->out_bits != n->a_bits + 1)
    return import_refuse(j,
                         "operands of %d and %d bits and a sum of %d; two of n bits were expected, and a sum of n + 1, "
                         "with the carry",
                         n->a_bits, n->b_bits, n->out_bits);
  arena *mem = arena_new();
  mul_sig sig = {.a_bits = n->a_bits, .b_bits = n->b_bits};
  operands o = choose_operands(mem, n->a_bits, n->b_bits);
  int64_t *p = arena_new_array(mem, int64_t, o.count);
  mul_products(mul_from_netlist(mem, "codes", sig, n), o.a, o.b, o.count, p);
  double far[BASE_COUNT(ways)];
  size_t best = 0;
  for (size_t k = 0; k < BASE_COUNT(ways); k++) {
    far[k] = from_sum(&o, p, n, ways[k].is_signed, ways[k].sign);
    if (far[k] < far[best])
      best = k;
  }
  r->looked_at = o.count;
  arena_free(mem);
  r->reading = IMPORT_UNSIGNED;
  r->clear = true;
  r->relative[IMPORT_UNSIGNED] = far[0];
  if (best && far[best] < 0.25)
    return import_refuse(j, "%s", ways[best].what);
  return far[0] < 0.25 ||
         import_refuse(j, "it is far from a + b: mean |f - a - b| is %.3f of the mean sum; below 0.25 was expected",
                       far[0]);
}

static bool refuse_width(import_job *j) {
  return import_refuse(j, "the product of %d x %d bits takes %d bits; the output `%s` has %d", j->a.bits, j->b.bits,
                       j->a.bits + j->b.bits, j->p.name, j->p.bits);
}

bool import_choose_reading(import_job *j, const import_options *o, const netlist *n, import_report *r) {
  arena *mem = arena_new();
  distances(mem, n, r);
  int best = IMPORT_SIGNED;
  for (int k = IMPORT_SIGNED; k < IMPORT_READINGS; k++)
    if (r->relative[k] < r->relative[best])
      best = k;
  bool narrow = n->out_bits < n->a_bits + n->b_bits;
  const char *other = narrow || r->relative[best] >= 0.5 ? adds(mem, n) : NULL;
  arena_free(mem);
  if (other)
    return import_refuse(j, "it %s and does not multiply", other);
  if (narrow)
    return refuse_width(j);
  import_reading named = read_name(j);
  r->reading = o->reading ? o->reading : named ? named : (import_reading)best;
  r->reading_from = o->reading ? IMPORT_BY_OPTION : named ? IMPORT_BY_NAME : IMPORT_BY_VALUES;
  r->clear = true;
  for (int k = IMPORT_SIGNED; k < IMPORT_READINGS; k++)
    r->clear &= k == (int)r->reading || 2 * r->relative[r->reading] < r->relative[k];
  char far[200];
  snprintf(far, sizeof far, "mean |f - a b| over mean |a b| is %.3f signed, %.3f unsigned, %.3f us, %.3f su",
           r->relative[IMPORT_SIGNED], r->relative[IMPORT_UNSIGNED], r->relative[IMPORT_US], r->relative[IMPORT_SU]);
  // The crudest published circuits are no nearer to the product that their name says than to another.
  if (r->relative[r->reading] > 2 * r->relative[best])
    return import_refuse(j, "%s it is farther from a * b than %s: %s", import_reading_name[r->reading],
                         import_reading_name[best], far);
  if (r->reading_from == IMPORT_BY_VALUES && (!r->clear || r->relative[best] >= 0.5))
    return import_refuse(j, "which operands are signed cannot be told from the values (%s); say which (--signed)", far);
  if (!r->clear || r->relative[r->reading] >= 0.5)
    diag_warn(j->d, "%s: module %s: read as %s it is not much nearer to a * b than otherwise: %s", j->path, j->module,
              import_reading_name[r->reading], far);
  return true;
}

// ---- symmetry ----------------------------------------------------------------------------------------------------
static double share(const int64_t *x, const int64_t *y, int sign, size_t n, const bool *skip) {
  size_t same = 0, pairs = 0;
  for (size_t i = 0; i < n; i++) {
    pairs += !(skip && skip[i]);
    same += !(skip && skip[i]) && x[i] == sign * y[i];
  }
  return pairs ? (double)same / (double)pairs : -1;
}

// f(-a, b) == -f(a, b) and its like: which pairs have a code that has no opposite, and the opposite of the others.
static uint32_t *opposites(arena *mem, const uint32_t *code, size_t n, int bits, bool *skip) {
  uint32_t *out = arena_new_array(mem, uint32_t, n);
  for (size_t i = 0; i < n; i++) {
    skip[i] = code[i] == 1u << (bits - 1);
    out[i] = (0 - code[i]) & ((1u << bits) - 1);
  }
  return out;
}

void import_symmetry(const mul *m, import_report *r) {
  mul_sig s = m->sig;
  arena *mem = arena_new();
  operands o = choose_operands(mem, s.a_bits, s.b_bits);
  int64_t *f = arena_new_array(mem, int64_t, o.count), *g = arena_new_array(mem, int64_t, o.count);
  bool *skip = arena_new_array(mem, bool, o.count);
  mul_products(m, o.a, o.b, o.count, f);
  r->commutes = r->odd_a = r->odd_b = -1;
  if (s.a_bits == s.b_bits && s.a_signed == s.b_signed) {
    mul_products(m, o.b, o.a, o.count, g);
    r->commutes = share(g, f, 1, o.count, NULL);
  }
  if (s.a_signed) {
    mul_products(m, opposites(mem, o.a, o.count, s.a_bits, skip), o.b, o.count, g);
    r->odd_a = share(g, f, -1, o.count, skip);
  }
  if (s.b_signed) {
    mul_products(m, o.a, opposites(mem, o.b, o.count, s.b_bits, skip), o.count, g);
    r->odd_b = share(g, f, -1, o.count, skip);
  }
  arena_free(mem);
}
