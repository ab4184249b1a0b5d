// SPDX-License-Identifier: Apache-2.0
//
// The distinct (multiplier, weight) pairs of a slice and their products.
#include "compiler/infer/plan.h"

static const size_t TABLE_MOST = (size_t)1 << 24; // products kept

static const mul *multiplier(const infer_model *m, int node, int64_t kernel) {
  const mul *f = m->assign ? m->muls[m->assign[node].kernel[kernel]] : NULL;
  return f && f->exact ? NULL : f;
}

plan_columns plan_columns_find(arena *mem, const infer_model *m, int node, const int *filter, int filters) {
  const net_node *n = &m->net->nodes[node];
  net_quant in = net_input_quant(m->net, n);
  infer_codes range = infer_code_range(m->net, n->inputs[0]);
  if (n->pt || n->pb || n->pl || n->pr) {
    range.lo = in.zero < range.lo ? in.zero : range.lo;
    range.hi = in.zero > range.hi ? in.zero : range.hi;
  }
  int64_t taps = net_reduction(m->net, n), kernel_taps = (int64_t)n->kh * n->kw;
  size_t codes = (size_t)1 << n->weight_bits, most = (size_t)filters * (size_t)taps;
  int32_t first = n->weight_signed ? -(int32_t)(codes / 2) : 0;
  plan_columns p = {.lo = range.lo, .rows = (size_t)(range.hi - range.lo) + 1, .zero = n->weight_zero, .exact = true};
  p.origin = in.zero >= range.lo && in.zero <= range.hi ? (size_t)(in.zero - range.lo) : 0;
  p.of = arena_new_array(mem, int32_t, most);
  arena *scratch = arena_new();
  // Slot 0: the exact products; slot 1 + i: multiplier i.
  int32_t **known = arena_new_array(scratch, int32_t *, CONFIG_MAX_MULS + 1);
  size_t cap = 0;
  for (int f = 0; f < filters; f++)
    for (int64_t k = 0; k < taps; k++) {
      int64_t at = filter[f] * taps + k;
      const mul *f_mul = multiplier(m, node, at / kernel_taps);
      int slot = f_mul ? 1 + m->assign[node].kernel[at / kernel_taps] : 0;
      if (!known[slot])
        known[slot] = arena_new_array(scratch, int32_t, codes);
      int32_t *id = &known[slot][n->weight[at] - first];
      if (!*id) {
        size_t same = cap;
        arena_grow(scratch, p.mul, p.count, cap);
        arena_grow(scratch, p.weight, p.count, same);
        p.mul[p.count] = f_mul;
        p.weight[p.count] = n->weight[at];
        p.exact &= !f_mul;
        *id = (int32_t)++p.count;
      }
      p.of[f * taps + k] = *id - 1;
    }
  p.mul = arena_memdup(mem, p.mul, p.count * sizeof *p.mul);
  p.weight = arena_memdup(mem, p.weight, p.count * sizeof *p.weight);
  if (p.count * p.rows <= TABLE_MOST) {
    p.table = arena_new_array(mem, int64_t, p.count * p.rows);
    for (size_t c = 0; c < p.count; c++)
      for (size_t r = 0; r < p.rows; r++) {
        int32_t a = p.lo + (int32_t)r, w = p.weight[c];
        int64_t product = p.mul[c] ? mul_apply(p.mul[c], a, w) : (int64_t)a * w;
        p.table[c * p.rows + r] = product - (int64_t)p.zero * a;
      }
  }
  arena_free(scratch);
  return p;
}
