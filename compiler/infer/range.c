// SPDX-License-Identifier: Apache-2.0
//
// Ranges that hold for every input: of codes, products and accumulators.
#include "compiler/infer/operators.h"

static infer_codes narrowed(infer_codes c, const net_node *n) {
  return (infer_codes){(int32_t)clamp64(c.lo, n->lo, n->hi), (int32_t)clamp64(c.hi, n->lo, n->hi)};
}

static infer_codes united(infer_codes a, infer_codes b) {
  return (infer_codes){a.lo < b.lo ? a.lo : b.lo, a.hi > b.hi ? a.hi : b.hi};
}

infer_codes range_clamp(const network *net, const net_node *n) { return (void)net, (infer_codes){n->lo, n->hi}; }

infer_codes range_inputs(const network *net, const net_node *n) {
  infer_codes all = infer_code_range(net, n->inputs[0]);
  for (int i = 1; i < n->input_count; i++)
    all = united(all, infer_code_range(net, n->inputs[i]));
  return narrowed(all, n);
}

infer_codes range_padded(const network *net, const net_node *n) {
  return narrowed(united(infer_code_range(net, n->inputs[0]), (infer_codes){n->quant.zero, n->quant.zero}), n);
}

infer_codes infer_code_range(const network *net, int node) {
  const net_node *n = &net->nodes[node];
  return infer_operators[n->op].codes(net, n);
}

static int64_t sum_of(const int16_t *w, int64_t n) {
  enum { FITS = 1 << 15 }; // so many in 32 bits
  int64_t sum = 0;
  for (int64_t first = 0; first < n; first += FITS) {
    int32_t part = 0;
    int count = n - first < FITS ? (int)(n - first) : FITS;
#pragma omp simd reduction(+ : part)
    for (int i = 0; i < count; i++)
      part += w[first + i];
    sum += part;
  }
  return sum;
}

int64_t infer_folded_bias(const network *net, const net_node *n, int f) {
  int64_t reduction = net_reduction(net, n), za = net_input_quant(net, n).zero;
  int64_t sum_w = sum_of(&n->weight[f * reduction], reduction);
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

// What a weight code of a layer comes to with one multiplier.
typedef struct {
  int64_t prod_lo, prod_hi;
  int64_t below, above; // of a tap, as far as it is below and above 0
  uint64_t met; // in which check it was met last; 0: never
} code_range;

enum { EXACT = ASSIGNMENT_MULS, MEMOS }; // by multiplier; the last for exact products

struct infer_ranges {
  arena *mem;
  code_range *(*of)[MEMOS]; // by node; [weight codes], NULL: not looked at yet
  uint64_t checks;
};

infer_ranges *infer_ranges_new(arena *mem, const network *net) {
  infer_ranges *r = arena_new_object(mem, infer_ranges);
  *r = (infer_ranges){.mem = mem, .of = arena_calloc(mem, net->count, sizeof *r->of)};
  return r;
}

// More products than this are not tried for one multiplier (some seconds).
static const int64_t MOST_PRODUCTS = (int64_t)1 << 28;

// A layer's products: what find_extremes is asked for.
typedef struct {
  const infer_model *model;
  const net_node *n;
  infer_codes a;
  int32_t first; // the least weight code
  int64_t codes; // weight codes
  uint64_t check;
} layer_products;

// A code that this check has not met yet, by a multiplier.
static void meet(const layer_products *p, int which, int32_t w, code_range *c, infer_range *r) {
  if (!c->met) {
    const mul *m = which == EXACT ? NULL : p->model->muls[which];
    bool coarse = m && !m->table && (p->a.hi - p->a.lo + 1) * p->codes > MOST_PRODUCTS;
    extremes e = find_extremes(m, p->a, w, p->n->weight_zero, coarse);
    *c = (code_range){e.prod_lo, e.prod_hi, e.tap_lo < 0 ? e.tap_lo : 0, e.tap_hi > 0 ? e.tap_hi : 0, 0};
  }
  c->met = p->check;
  r->prod_lo = c->prod_lo < r->prod_lo ? c->prod_lo : r->prod_lo;
  r->prod_hi = c->prod_hi > r->prod_hi ? c->prod_hi : r->prod_hi;
}

// The taps of n weights of one multiplier are added to a filter's least and largest sum.
static void add_taps(const layer_products *p, int which, code_range *codes, const int16_t *w, int64_t n, int64_t sum[2],
                     infer_range *r) {
  int64_t lo = sum[0], hi = sum[1];
  for (int64_t i = 0; i < n; i++) {
    code_range *c = &codes[w[i] - p->first];
    if (c->met != p->check)
      meet(p, which, w[i], c, r);
    lo += c->below;
    hi += c->above;
  }
  sum[0] = lo;
  sum[1] = hi;
}

infer_range range_conv(infer_ranges *known, const infer_model *m, int node) {
  const net_node *n = &m->net->nodes[node];
  infer_codes a = infer_code_range(m->net, n->inputs[0]);
  int32_t za = net_input_quant(m->net, n).zero;
  if (net_has_pads(n))
    a = united(a, (infer_codes){za, za});
  int64_t reduction = net_reduction(m->net, n), codes = (int64_t)1 << n->weight_bits;
  const layer_products p = {m, n, a, n->weight_signed ? -(int32_t)(codes / 2) : 0, codes, ++known->checks};
  code_range **by_mul = known->of[node];
  const assignment *by = infer_assignment(m, node);
  infer_range r = {INT64_MAX, INT64_MIN, 0, 0};
  for (int f = 0; f < n->shape.c; f++) {
    int64_t first = f * reduction, end = first + reduction, start = infer_folded_bias(m->net, n, f);
    int64_t sum[2] = {start, start};
    for (int64_t i = first, next; i < end; i = next) {
      int which = by ? assignment_mul(by, i) : EXACT;
      next = by && assignment_run(by, i) < end - i ? i + assignment_run(by, i) : end;
      if (!by_mul[which])
        by_mul[which] = arena_new_array(known->mem, code_range, (size_t)codes);
      add_taps(&p, which, by_mul[which], &n->weight[i], next - i, sum, &r);
    }
    r.acc_lo = sum[0] < r.acc_lo ? sum[0] : r.acc_lo;
    r.acc_hi = sum[1] > r.acc_hi ? sum[1] : r.acc_hi;
  }
  return r;
}

infer_range range_avgpool(infer_ranges *known, const infer_model *m, int node) {
  (void)known;
  const network *net = m->net;
  const net_node *n = &net->nodes[node];
  infer_codes a = infer_code_range(net, n->inputs[0]);
  int32_t zero = net_input_quant(net, n).zero;
  a = united((infer_codes){a.lo - zero, a.hi - zero}, (infer_codes){0, 0});
  int64_t taps = (int64_t)n->kh * n->kw;
  return (infer_range){taps * a.lo, taps * a.hi, a.lo, a.hi};
}

infer_range range_add(infer_ranges *known, const infer_model *m, int node) {
  (void)known;
  const network *net = m->net;
  const net_node *n = &net->nodes[node];
  infer_range r = {0};
  for (int i = 0; i < n->input_count; i++) {
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

infer_range range_none(infer_ranges *known, const infer_model *m, int node) {
  return (void)known, (void)m, (void)node, (infer_range){0};
}

infer_range infer_ranges_node(infer_ranges *known, const infer_model *m, int node) {
  infer_range r = infer_operators[m->net->nodes[node].op].range(known, m, node);
  const infer_accumulation *s = infer_accumulated(m, node);
  if (s)
    r.acc_hi = ((int64_t)1 << (s->bits - 1)) - 1, r.acc_lo = -r.acc_hi - 1;
  return r;
}

infer_range infer_node_range(const infer_model *m, int node) {
  arena *mem = arena_new();
  infer_range r = infer_ranges_node(infer_ranges_new(mem, m->net), m, node);
  arena_free(mem);
  return r;
}

bool infer_check_range(const network *net, int node, infer_range r, diag *d) {
  const net_node *n = &net->nodes[node];
  if (!net_accumulates(n))
    return true;
  bool raw = net_is_raw(net, n);
  int bits = bits_signed(r.acc_lo, r.acc_hi), most = raw ? 32 : 47;
  return bits <= most ||
         diag_at(d, n->pos, "layer `%s`: its accumulators need %d bits (%lld to %lld), at most %d fit%s", n->name, bits,
                 (long long)r.acc_lo, (long long)r.acc_hi, most,
                 raw ? "; give the last layer `codes` and it is requantised" : "");
}

bool infer_check_ranges(infer_ranges *known, const infer_model *m, infer_range *out, diag *d) {
  bool ok = true;
  for (int i = 0; i < (int)m->net->count; i++) {
    out[i] = infer_ranges_node(known, m, i);
    ok &= infer_check_range(m->net, i, out[i], d);
  }
  return ok;
}

bool infer_check(const infer_model *m, diag *d) {
  arena *mem = arena_new();
  bool ok = infer_check_ranges(infer_ranges_new(mem, m->net), m, arena_new_array(mem, infer_range, m->net->count), d);
  arena_free(mem);
  return ok;
}
