// SPDX-License-Identifier: Apache-2.0
//
// Accumulators with approximate adders, whose result depends on the order of the additions: docs/numerics.md,
// "Approximate adders", as plain loops.
#include "compiler/infer/operators.h"

static uint64_t word(const infer_accumulation *s, uint64_t v) { return v & (((uint64_t)1 << s->bits) - 1); }

static uint64_t plus(const infer_accumulation *s, bool approximate, uint64_t a, uint64_t b) {
  if (!approximate)
    return word(s, a + b);
  return adder_one(s->adder, s->bits, a, b);
}

int64_t infer_signed(int bits, uint64_t code) {
  uint64_t sign = (uint64_t)1 << (bits - 1);
  return (int64_t)(code ^ sign) - (int64_t)sign;
}

// Neighbours of each level make the next one; the last of an odd number goes on as it is.
static uint64_t tree(const infer_accumulation *s, uint64_t *v) {
  for (int n = s->lanes; n > 1; n = n / 2 + n % 2) {
    for (int k = 0; k < n / 2; k++)
      v[k] = plus(s, s->in_tree, v[2 * k], v[2 * k + 1]);
    if (n % 2)
      v[n / 2] = v[n - 1];
  }
  return v[0];
}

int64_t ref_accumulate(const infer_model *m, int node, int f, const int32_t *window, uint64_t *lanes) {
  const net_node *n = &m->net->nodes[node];
  const infer_accumulation *s = infer_accumulated(m, node);
  const assignment *by = infer_assignment(m, node);
  int64_t reduction = net_reduction(m->net, n), first = f * reduction;
  const int32_t *tap = s->tap + f / (n->shape.c / n->groups) * reduction;
  uint64_t acc = word(s, (uint64_t)infer_folded_bias(m->net, n, f));
  for (int64_t i = 0; i < reduction; i += s->lanes) {
    int64_t sum_a = 0;
    for (int l = 0; l < s->lanes; l++) {
      int32_t t = tap[i + l], a = window[t], w = n->weight[first + t];
      const mul *f_of = by ? m->muls[assignment_mul(by, first + t)] : NULL;
      lanes[l] = word(s, (uint64_t)(f_of ? mul_apply(f_of, a, w) : (int64_t)a * w));
      sum_a += a;
    }
    acc = plus(s, s->in_sum, acc, word(s, tree(s, lanes) - (uint64_t)(n->weight_zero * sum_a)));
  }
  return infer_signed(s->bits, acc);
}
