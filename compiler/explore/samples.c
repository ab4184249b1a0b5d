// SPDX-License-Identifier: Apache-2.0
#include "compiler/explore/samples.h"

#include <math.h>
#include <string.h>

enum { AT_ONCE = 256, BYTE = 256 };
static const double QUICK = 1; // look-ups a cycle from which on columns are the quicker way

// ---- pixels ----

static int code_at(const void *tensor, int element, int64_t at) {
  return element == 1 ? ((const uint8_t *)tensor)[at] : ((const uint16_t *)tensor)[at];
}

static void take_pixels(arena *mem, samples *s, const matching *m, uint64_t seed) {
  const net_node *n = s->n;
  net_shape in = net_input_shape(s->net, n);
  net_quant q = net_input_quant(s->net, n);
  const void *tensor = matching_codes(m, n->inputs[0]);
  int element = q.bits <= 8 ? 1 : 2, zero = q.zero - net_quant_lo(q);
  size_t count = (size_t)in.c * (size_t)(n->kh * n->kw) * s->stride;
  bool narrow = q.bits <= 8;
  if (narrow)
    s->narrow = arena_new_array(mem, uint8_t, count);
  else
    s->wide = arena_new_array(mem, uint16_t, count);
  rng r = rng_seed(seed + (uint64_t)(n - s->net->nodes));
  for (int p = 0; p < s->positions; p++) {
    int64_t image = (int64_t)((size_t)p % matching_images(m));
    int y = (int)rng_below(&r, (uint32_t)n->shape.h), x = (int)rng_below(&r, (uint32_t)n->shape.w);
    size_t to = (size_t)p;
    for (int c = 0; c < in.c; c++)
      for (int ky = 0; ky < n->kh; ky++)
        for (int kx = 0; kx < n->kw; kx++, to += s->stride) {
          int iy = y * n->sh - n->pt + ky, ix = x * n->sw - n->pl + kx;
          bool inside = iy >= 0 && iy < in.h && ix >= 0 && ix < in.w;
          int64_t at = ((image * in.h + iy) * in.w + ix) * in.c + c;
          int code = inside ? code_at(tensor, element, at) : zero;
          if (narrow)
            s->narrow[to] = (uint8_t)code;
          else
            s->wide[to] = (uint16_t)code;
        }
  }
}

// ---- tables ----

// One weight's values as a column, above the least of them. False: 16 bits do not hold them.
static bool pack(const int32_t *value, size_t codes, uint8_t *column, int32_t *least) {
  int32_t most = *least = value[0];
  for (size_t a = 1; a < codes; a++) {
    *least = value[a] < *least ? value[a] : *least;
    most = value[a] > most ? value[a] : most;
  }
  for (size_t a = 0; a < codes && a < BYTE; a++) {
    uint32_t above = (uint32_t)value[a] - (uint32_t)*least;
    column[a] = (uint8_t)above;
    column[BYTE + a] = (uint8_t)(above >> 8);
  }
  return (int64_t)most - *least <= UINT16_MAX;
}

// What products of each weight that occurs are off by under a multiplier; NULL: the products themselves. Returns the
// greatest magnitude of all.
static int64_t fill_table(const samples *s, samples_table *t, const mul *m, const bool *occurs, size_t weights) {
  net_quant q = net_input_quant(s->net, s->n);
  int64_t most = 0;
  bool fits = t->column != NULL;
  for (size_t w = 0; w < weights; w++) {
    int32_t weight = s->first_weight + (int32_t)w, *value = t->value + w * s->codes;
    if (!occurs[w])
      continue;
    for (size_t a = 0; a < s->codes; a++) {
      int32_t code = net_quant_lo(q) + (int32_t)a;
      int64_t is = m ? mul_apply(m, code, weight) - (int64_t)code * weight
                     : (int64_t)(weight - s->n->weight_zero) * (code - q.zero);
      value[a] = (int32_t)is;
      most = is > most ? is : -is > most ? -is : most;
    }
    fits = fits && pack(value, s->codes, t->column + w * COLUMN_BYTES, &t->least[w]);
  }
  if (!fits)
    t->column = NULL;
  return most;
}

static void take_tables(arena *mem, samples *s, const samples_options *o) {
  const net_node *n = s->n;
  size_t weights = (size_t)1 << n->weight_bits;
  bool *occurs = arena_new_array(mem, bool, weights), columns = s->narrow && s->kernels->lookup_rate >= QUICK;
  int64_t *most = arena_new_array(mem, int64_t, (size_t)s->mul_count + 1), all = 0;
  for (int64_t i = 0; i < s->reduction * n->shape.c; i++)
    occurs[n->weight[i] - s->first_weight] = true;
  s->table = arena_new_array(mem, samples_table, (size_t)s->mul_count + 1);
  for (int k = 0; k <= s->mul_count; k++) {
    samples_table *t = &s->table[k];
    if (!(t->any = k == s->mul_count || (!o->muls[k]->exact && isfinite(o->cost[k]))))
      continue;
    t->value = arena_alloc(mem, weights * s->codes * sizeof *t->value);
    t->column = columns ? arena_alloc(mem, weights * COLUMN_BYTES) : NULL;
    t->least = columns ? arena_new_array(mem, int32_t, weights) : NULL;
  }
#pragma omp parallel for schedule(dynamic, 1)
  for (int k = 0; k <= s->mul_count; k++)
    if (s->table[k].any)
      most[k] = fill_table(s, &s->table[k], k < s->mul_count ? o->muls[k] : NULL, occurs, weights);
  for (int k = 0; k <= s->mul_count; k++)
    all = most[k] > all ? most[k] : all;
  s->terms = clamp64(INT32_MAX / (2 * all + 1), 1, INT16_MAX);
}

samples *samples_new(arena *mem, const network *net, const matching *m, const samples_options *o, diag *d) {
  const net_node *n = &net->nodes[o->node];
  int bits = net_input_quant(net, n).bits;
  if (bits > 12 || n->weight_bits > 12) {
    diag_at(d, n->pos, "layer `%s`: errors are looked up for at most 12 bits, it has %d x %d", n->name, bits,
            n->weight_bits);
    return NULL;
  }
  samples *s = arena_new_object(mem, samples);
  *s = (samples){.net = net,
                 .n = n,
                 .reduction = net_reduction(net, n),
                 .positions = o->positions,
                 .stride = (size_t)div_ceil(o->positions, LOOKUP_PANEL) * LOOKUP_PANEL,
                 .codes = (size_t)1 << bits,
                 .first_weight = n->weight_signed ? -(1 << (n->weight_bits - 1)) : 0,
                 .mul_count = o->mul_count,
                 .kernels = o->kernels ? o->kernels : kernels_choose()};
  take_pixels(mem, s, m, o->seed);
  take_tables(mem, s, o);
  return s;
}

// ---- sums ----

// Products that are looked up together.
typedef struct {
  int count;
  size_t at[AT_ONCE]; // where their codes lie
  const uint8_t *column[AT_ONCE];
  uint32_t least; // of all of them
} batch;

static void look_up(const samples *s, batch *b, uint32_t *sum) {
  if (!b->count)
    return;
  for (size_t p = 0; p < s->stride; p += LOOKUP_PANEL)
    s->kernels->lookup(s->narrow + p, b->at, b->column, b->count, (int32_t *)(sum + p));
  for (size_t p = 0; p < s->stride; p++)
    sum[p] += b->least;
  b->count = 0;
  b->least = 0;
}

static void add_values(const samples *s, size_t at, const int32_t *value, uint32_t *sum) {
  if (s->narrow)
    for (int p = 0; p < s->positions; p++)
      sum[p] += (uint32_t)value[s->narrow[at + (size_t)p]];
  else
    for (int p = 0; p < s->positions; p++)
      sum[p] += (uint32_t)value[s->wide[at + (size_t)p]];
}

void samples_sum(const samples *s, int filter, const int32_t *which, const uint8_t *mul, int count, float *out) {
  uint32_t sum[SAMPLES_MOST + LOOKUP_PANEL];
  int64_t first = filter / (s->n->shape.c / s->n->groups) * s->reduction;
  const int16_t *weight = s->n->weight + filter * s->reduction;
  batch b = {.count = 0};
  memset(out, 0, (size_t)s->positions * sizeof *out);
  for (int k = 0; k < count;) {
    int end = count - k < s->terms ? count : k + (int)s->terms;
    memset(sum, 0, s->stride * sizeof *sum);
    for (; k < end; k++) {
      const samples_table *t = &s->table[mul[k]];
      size_t w = (size_t)(weight[which[k]] - s->first_weight), at = (size_t)(first + which[k]) * s->stride;
      if (t->column) {
        b.at[b.count] = at;
        b.column[b.count] = t->column + w * COLUMN_BYTES;
        b.least += (uint32_t)t->least[w];
        if (++b.count == AT_ONCE)
          look_up(s, &b, sum);
      } else if (t->any) {
        add_values(s, at, t->value + w * s->codes, sum);
      }
    }
    look_up(s, &b, sum);
    for (int p = 0; p < s->positions; p++)
      out[p] += (float)(int32_t)sum[p];
  }
}
