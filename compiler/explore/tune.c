// SPDX-License-Identifier: Apache-2.0
#include "compiler/explore/tune.h"
#include "compiler/explore/evaluator.h"
#include "compiler/net/fit.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

// ---- the activations that multipliers of some widths see ----

// share[2^a_bits] by code pattern; all 0 where no layer takes them.
static bool count_activations(evaluator *e, const network *net, const mul *m, size_t images, double *share, diag *d) {
  mul_sig s = m->sig;
  double all = 0;
  for (int i = 0; i < (int)net->count; i++) {
    const net_node *n = &net->nodes[i];
    if (!net_multiplies(n) || !net_fits(net, n, m))
      continue;
    arena *own = arena_new();
    layer_inputs in;
    bool ok = evaluator_inputs(e, own, i, 0, images, &in, d);
    double filters = (double)n->shape.c / n->groups;
    for (int64_t t = 0; ok && t < in.taps; t++)
      for (size_t c = 0; c < in.codes; c++) {
        double products = filters * in.count[(size_t)t * in.codes + c];
        share[(uint32_t)(in.lo + (int32_t)c) & ((1u << s.a_bits) - 1)] += products;
        all += products;
      }
    arena_free(own);
    if (!ok)
      return false;
  }
  for (uint32_t a = 0; all > 0 && a < 1u << s.a_bits; a++)
    share[a] /= all;
  return true;
}

// ---- one multiplier ----

// How far f(a, to) is from a w: the variance of the error, or its mean square.
static double error_of(const mul *m, const double *share, int32_t w, int32_t to, bool varies) {
  mul_sig s = m->sig;
  uint32_t codes = 1u << s.a_bits, column = (uint32_t)to & ((1u << s.b_bits) - 1);
  double mean = 0, square = 0;
  for (uint32_t a = 0; a < codes; a++) {
    if (share[a] == 0)
      continue;
    double e = (double)m->table[a << s.b_bits | column] - (double)(mul_value(a, s.a_bits, s.a_signed) * w);
    mean += share[a] * e;
    square += share[a] * e * e;
  }
  return varies ? fmax(square - mean * mean, 0) : square;
}

// Candidates go outwards from w, so that of equal ones the nearest stays.
static int32_t best_weight(const mul *m, const double *share, int32_t w, int32_t lo, int32_t hi, bool varies) {
  double least = error_of(m, share, w, w, varies);
  int32_t best = w;
  for (int32_t far = 1; far <= hi - lo && least > 0; far++)
    for (int side = -1; side <= 1; side += 2) {
      int32_t to = w + side * far;
      double error = to >= lo && to <= hi ? error_of(m, share, w, to, varies) : INFINITY;
      // By more than rounding: the choice is the same on every machine.
      if (error < least * (1 - 1e-9))
        least = error, best = to;
    }
  return best;
}

static tuned_mul tune_one(arena *mem, const mul *m, const double *share, bool varies) {
  mul_sig s = m->sig;
  uint32_t weights = 1u << s.b_bits;
  int32_t lo = s.b_signed ? -(int32_t)(weights / 2) : 0, hi = lo + (int32_t)weights - 1;
  int16_t *to = arena_new_array(mem, int16_t, weights);
  int32_t *table = arena_new_array(mem, int32_t, (size_t)weights << s.a_bits);
#pragma omp parallel for schedule(dynamic, 8)
  for (int32_t w = lo; w <= hi; w++)
    to[(uint32_t)w & (weights - 1)] = (int16_t)best_weight(m, share, w, lo, hi, varies);
  bool changed = false;
  for (uint32_t w = 0; w < weights; w++) {
    uint32_t column = (uint32_t)to[w] & (weights - 1);
    changed |= column != w;
    for (uint32_t a = 0; a < 1u << s.a_bits; a++)
      table[a << s.b_bits | w] = m->table[a << s.b_bits | column];
  }
  return changed ? (tuned_mul){mul_from_table(mem, m->name, s, table), to} : (tuned_mul){m, NULL};
}

static bool same_operands(mul_sig a, mul_sig b) {
  return a.a_bits == b.a_bits && a.b_bits == b.b_bits && a.a_signed == b.a_signed && a.b_signed == b.b_signed;
}

bool tune_muls(arena *mem, const network *net, const mul *const *muls, int mul_count, const dataset *data,
               size_t images, matching_kind match, tuned_mul *out, diag *d) {
  evaluator *e = evaluator_new(net, muls, mul_count, data, NULL, d);
  if (!e)
    return false;
  arena *own = arena_new();
  const mul *last = NULL; // whose widths `share` is for
  double *share = NULL;
  bool ok = true;
  images = images < data->count ? images : data->count;
  for (int k = 0; ok && k < mul_count; k++) {
    const mul *m = muls[k];
    out[k] = (tuned_mul){m, NULL};
    if (m->exact || !m->table || m->sig.b_bits > 15)
      continue;
    if (!last || !same_operands(last->sig, m->sig)) {
      share = arena_new_array(own, double, (size_t)1 << m->sig.a_bits);
      ok = count_activations(e, net, m, images, share, d);
      last = m;
    }
    if (ok)
      out[k] = tune_one(mem, m, share, match != MATCH_NOTHING);
  }
  arena_free(own);
  evaluator_free(e);
  return ok;
}

// ---- a layer ----

bool tune_layer(arena *mem, const network *net, const net_node *n, const assignment *a, const tuned_mul *tuned,
                const int32_t *bias, const int16_t **weight, const int32_t **new_bias, diag *d) {
  int64_t reduction = net_reduction(net, n), zero = net_input_quant(net, n).zero;
  uint32_t mask = (1u << n->weight_bits) - 1;
  int16_t *w = arena_new_array(mem, int16_t, (size_t)(reduction * n->shape.c));
  int32_t *b = arena_new_array(mem, int32_t, (size_t)n->shape.c);
  for (int f = 0; f < n->shape.c; f++) {
    int64_t more = 0;
    for (int64_t i = f * reduction; i < (f + 1) * reduction; i++) {
      const int16_t *to = tuned[assignment_mul(a, i)].to;
      w[i] = to ? to[(uint32_t)n->weight[i] & mask] : n->weight[i];
      more += w[i] - n->weight[i];
    }
    int64_t sum = (bias ? bias[f] : n->bias[f]) + zero * more;
    if (sum < INT32_MIN || sum > INT32_MAX)
      return diag_error(d, "layer `%s`: tuned weights move the bias of filter %d to %lld, beyond 32 bits", n->name, f,
                        (long long)sum);
    b[f] = (int32_t)sum;
  }
  *weight = w;
  *new_bias = b;
  return true;
}
