// SPDX-License-Identifier: Apache-2.0
//
// Ranges that hold for every input: of codes, products and accumulators.
#include "compiler/infer/infer.h"

static infer_codes narrowed(infer_codes c, const net_node *n) {
  return (infer_codes){(int32_t)clamp64(c.lo, n->lo, n->hi), (int32_t)clamp64(c.hi, n->lo, n->hi)};
}

static infer_codes united(infer_codes a, infer_codes b) {
  return (infer_codes){a.lo < b.lo ? a.lo : b.lo, a.hi > b.hi ? a.hi : b.hi};
}

infer_codes infer_code_range(const network *net, int node) {
  const net_node *n = &net->nodes[node];
  switch (n->op) {
  case NET_MAXPOOL:
    return narrowed(infer_code_range(net, n->inputs[0]), n);
  case NET_PAD:
    return narrowed(united(infer_code_range(net, n->inputs[0]), (infer_codes){n->quant.zero, n->quant.zero}), n);
  case NET_CONCAT: {
    infer_codes all = infer_code_range(net, n->inputs[0]);
    for (int i = 1; i < n->input_count; i++)
      all = united(all, infer_code_range(net, n->inputs[i]));
    return narrowed(all, n);
  }
  default:
    return (infer_codes){n->lo, n->hi};
  }
}

int64_t infer_folded_bias(const network *net, const net_node *n, int f) {
  int64_t reduction = net_reduction(net, n), za = net_input_quant(net, n).zero, sum_w = 0;
  for (int64_t i = 0; i < reduction; i++)
    sum_w += n->weight[f * reduction + i];
  return n->bias[f] - za * sum_w + reduction * za * n->weight_zero;
}

// Smallest and largest f(a, w) and f(a, w) - z_w * a over the activations a.
typedef struct {
  int64_t prod_lo, prod_hi, tap_lo, tap_hi;
} extremes;

static void include(extremes *e, int64_t product, int64_t tap) {
  e->prod_lo = product < e->prod_lo ? product : e->prod_lo;
  e->prod_hi = product > e->prod_hi ? product : e->prod_hi;
  e->tap_lo = tap < e->tap_lo ? tap : e->tap_lo;
  e->tap_hi = tap > e->tap_hi ? tap : e->tap_hi;
}

enum { BLOCK = 4096 }; // products that are asked for together

// m NULL: exact. With `coarse` an approximate product is only bounded by its width.
static extremes find_extremes(const mul *m, infer_codes a, int32_t w, int64_t zw, bool coarse) {
  extremes e = {INT64_MAX, INT64_MIN, INT64_MAX, INT64_MIN};
  if (!m || m->exact) { // linear in a: the ends are enough
    include(&e, (int64_t)a.lo * w, a.lo * (w - zw));
    include(&e, (int64_t)a.hi * w, a.hi * (w - zw));
  } else if (coarse) {
    int p = m->sig.p_bits;
    int64_t lo = m->sig.p_signed ? -((int64_t)1 << (p - 1)) : 0;
    int64_t hi = ((int64_t)1 << (m->sig.p_signed ? p - 1 : p)) - 1;
    for (int i = 0; i < 2; i++) {
      int64_t correction = -zw * (i ? a.hi : a.lo);
      include(&e, lo, lo + correction);
      include(&e, hi, hi + correction);
    }
  } else
    for (int32_t first = a.lo; first <= a.hi; first += BLOCK) {
      uint32_t codes[BLOCK], weights[BLOCK];
      int64_t products[BLOCK];
      int count = a.hi - first < BLOCK ? a.hi - first + 1 : BLOCK;
      for (int i = 0; i < count; i++)
        codes[i] = (uint32_t)(first + i), weights[i] = (uint32_t)w;
      mul_products(m, codes, weights, (size_t)count, products);
      for (int i = 0; i < count; i++)
        include(&e, products[i], products[i] - zw * (first + i));
    }
  return e;
}

// The extremes of every weight code that was met so far, for one multiplier.
typedef struct {
  extremes *of;
  bool *known;
} memo;

// More products than this are not tried for one multiplier (some seconds).
static const int64_t MOST_PRODUCTS = (int64_t)1 << 28;

static infer_range conv_range(const infer_model *m, int node) {
  const net_node *n = &m->net->nodes[node];
  infer_codes a = infer_code_range(m->net, n->inputs[0]);
  int32_t za = net_input_quant(m->net, n).zero;
  if (net_has_pads(n))
    a = united(a, (infer_codes){za, za});
  int64_t reduction = net_reduction(m->net, n);
  int64_t codes = (int64_t)1 << n->weight_bits, work = (a.hi - a.lo + 1) * codes;
  int32_t first = n->weight_signed ? -(int32_t)(codes / 2) : 0;
  arena *mem = arena_new();
  memo memos[CONFIG_MAX_MULS + 1] = {{0}};
  infer_range r = {INT64_MAX, INT64_MIN, 0, 0};
  for (int f = 0; f < n->shape.c; f++) {
    int64_t start = infer_folded_bias(m->net, n, f), lo = start, hi = start;
    for (int64_t i = 0; i < reduction; i++) {
      int which = m->assign ? assignment_mul(&m->assign[node], f * reduction + i) : CONFIG_MAX_MULS;
      const mul *mm = m->assign ? m->muls[which] : NULL;
      memo *k = &memos[which];
      if (!k->of) {
        k->of = arena_new_array(mem, extremes, (size_t)codes);
        k->known = arena_new_array(mem, bool, (size_t)codes);
      }
      int32_t w = n->weight[f * reduction + i], slot = w - first;
      if (!k->known[slot])
        k->of[slot] = find_extremes(mm, a, w, n->weight_zero, mm && !mm->table && work > MOST_PRODUCTS);
      k->known[slot] = true;
      const extremes *e = &k->of[slot];
      lo += e->tap_lo < 0 ? e->tap_lo : 0;
      hi += e->tap_hi > 0 ? e->tap_hi : 0;
      r.prod_lo = e->prod_lo < r.prod_lo ? e->prod_lo : r.prod_lo;
      r.prod_hi = e->prod_hi > r.prod_hi ? e->prod_hi : r.prod_hi;
    }
    r.acc_lo = lo < r.acc_lo ? lo : r.acc_lo;
    r.acc_hi = hi > r.acc_hi ? hi : r.acc_hi;
  }
  arena_free(mem);
  return r;
}

static infer_range pool_range(const network *net, const net_node *n) {
  infer_codes a = infer_code_range(net, n->inputs[0]);
  int32_t zero = net_input_quant(net, n).zero;
  a = united((infer_codes){a.lo - zero, a.hi - zero}, (infer_codes){0, 0});
  int64_t taps = (int64_t)n->kh * n->kw;
  return (infer_range){taps * a.lo, taps * a.hi, a.lo, a.hi};
}

static infer_range add_range(const network *net, const net_node *n) {
  infer_range r = {0};
  for (int i = 0; i < 2; i++) {
    infer_codes c = infer_code_range(net, n->inputs[i]);
    int32_t zero = net->nodes[n->inputs[i]].quant.zero;
    int64_t lo = (int64_t)(c.lo - zero) * n->mult[i], hi = (int64_t)(c.hi - zero) * n->mult[i];
    r.acc_lo += lo < 0 ? lo : 0;
    r.acc_hi += hi > 0 ? hi : 0;
    r.prod_lo = lo < r.prod_lo ? lo : r.prod_lo;
    r.prod_hi = hi > r.prod_hi ? hi : r.prod_hi;
  }
  return r;
}

infer_range infer_node_range(const infer_model *m, int node) {
  const net_node *n = &m->net->nodes[node];
  if (net_multiplies(n))
    return conv_range(m, node);
  if (n->op == NET_AVGPOOL)
    return pool_range(m->net, n);
  return n->op == NET_ADD ? add_range(m->net, n) : (infer_range){0};
}

bool infer_check(const infer_model *m, diag *d) {
  bool ok = true;
  for (size_t i = 0; i < m->net->count; i++) {
    const net_node *n = &m->net->nodes[i];
    if (!net_multiplies(n) && n->op != NET_AVGPOOL)
      continue;
    infer_range r = infer_node_range(m, (int)i);
    bool raw = net_is_raw(m->net, n);
    int bits = bits_signed(r.acc_lo, r.acc_hi), most = raw ? 32 : 47;
    if (bits > most)
      ok = diag_at(d, n->pos, "layer `%s`: its accumulators need %d bits (%lld to %lld), at most %d fit%s", n->name,
                   bits, (long long)r.acc_lo, (long long)r.acc_hi, most,
                   raw ? "; give the last layer `codes` and it is requantised" : "");
  }
  return ok;
}
