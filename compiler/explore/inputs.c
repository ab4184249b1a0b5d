// SPDX-License-Identifier: Apache-2.0
//
// What comes to a layer's multipliers, tap by tap, and what follows from it for errors.
#include "compiler/explore/evaluator_parts.h"

#include <stdlib.h>
#include <string.h>

// ---- counting ----

// The rows (or columns) of an image that the same kernel rows meet form a class: each is counted once, and a tap's
// counts are the sums of its classes'.
typedef struct {
  int count; // classes
  int *of; // [size] class of a row
  bool *meets; // [count][kernel]
  int *outside; // [kernel] how many of a kernel row's places lie beyond the edge
} classes;

static classes classify(arena *mem, int size, int kernel, int stride, int pad, int out) {
  classes c = {.of = arena_new_array(mem, int, (size_t)size),
               .meets = arena_new_array(mem, bool, (size_t)size *(size_t)kernel),
               .outside = arena_new_array(mem, int, (size_t)kernel)};
  bool *met = arena_new_array(mem, bool, (size_t)size *(size_t)kernel);
  for (int k = 0; k < kernel; k++)
    for (int o = 0; o < out; o++) {
      int at = o * stride - pad + k;
      if (at < 0 || at >= size)
        c.outside[k]++;
      else
        met[at * kernel + k] = true;
    }
  for (int i = 0; i < size; i++) {
    int k = 0;
    while (k < c.count && memcmp(c.meets + k * kernel, met + i * kernel, (size_t)kernel) != 0)
      k++;
    if (k == c.count)
      memcpy(c.meets + c.count++ * kernel, met + i * kernel, (size_t)kernel);
    c.of[i] = k;
  }
  return c;
}

typedef struct {
  int node, channels; // the layer; its input's
  net_shape in;
  classes rows, columns;
  int32_t skipped; // the least code's offset code
  size_t codes, cells; // [channel][row class][column class][codes]
  uint32_t *count;
} counter;

static void count_batch(void *context, const worker *w, size_t first, int images) {
  (void)first;
  counter *c = context;
  const network *net = w->e->model->net;
  int from = net->nodes[c->node].inputs[0];
  const void *tensor = worker_tensor(w, from);
  tensor_type type = engine_type(net, from);
  uint32_t *own = calloc(c->cells * c->codes, sizeof *own);
  assert(own);
  int64_t at = 0;
  for (int i = 0; i < images; i++)
    for (int y = 0; y < c->in.h; y++)
      for (int x = 0; x < c->in.w; x++) {
        size_t cell = (size_t)(c->rows.of[y] * c->columns.count + c->columns.of[x]);
        size_t step = (size_t)(c->rows.count * c->columns.count);
        for (int k = 0; k < c->channels; k++, at++, cell += step)
          own[cell * c->codes + (size_t)(tensor_code(tensor, type, at, 0) - c->skipped)]++;
      }
#pragma omp critical(evaluator_inputs)
  for (size_t i = 0; i < c->cells * c->codes; i++)
    c->count[i] += own[i];
  free(own);
}

// From counts by class to counts by tap.
static uint32_t *by_tap(arena *mem, const counter *c, const net_node *n, size_t images, size_t zero) {
  size_t kernel = (size_t)n->kh * (size_t)n->kw;
  uint32_t *out = arena_new_array(mem, uint32_t, (size_t)c->channels * kernel * c->codes);
  for (int k = 0; k < c->channels; k++)
    for (int ky = 0; ky < n->kh; ky++)
      for (int kx = 0; kx < n->kw; kx++) {
        uint32_t *to = out + (((size_t)k * (size_t)n->kh + (size_t)ky) * (size_t)n->kw + (size_t)kx) * c->codes;
        for (int r = 0; r < c->rows.count; r++)
          for (int l = 0; l < c->columns.count; l++) {
            if (!c->rows.meets[r * n->kh + ky] || !c->columns.meets[l * n->kw + kx])
              continue;
            const uint32_t *cell = c->count + (size_t)((k * c->rows.count + r) * c->columns.count + l) * c->codes;
            for (size_t i = 0; i < c->codes; i++)
              to[i] += cell[i];
          }
        int inside = (n->shape.h - c->rows.outside[ky]) * (n->shape.w - c->columns.outside[kx]);
        if (n->shape.h * n->shape.w > inside)
          to[zero] += (uint32_t)(images * (size_t)(n->shape.h * n->shape.w - inside));
      }
  return out;
}

bool evaluator_inputs(evaluator *e, arena *mem, int node, size_t first, size_t count, layer_inputs *out, diag *d) {
  const net_node *n = &e->net.nodes[node];
  net_quant q = net_input_quant(&e->net, n);
  assert(net_multiplies(n) && first <= e->data->count && count <= e->data->count - first);
  net_shape in = net_input_shape(&e->net, n);
  infer_codes range = infer_code_range(&e->net, n->inputs[0]);
  if (net_has_pads(n)) {
    range.lo = q.zero < range.lo ? q.zero : range.lo;
    range.hi = q.zero > range.hi ? q.zero : range.hi;
  }
  arena *own = arena_new();
  counter c = {.node = node,
               .channels = in.c,
               .in = in,
               .rows = classify(own, in.h, n->kh, n->sh, n->pt, n->shape.h),
               .columns = classify(own, in.w, n->kw, n->sw, n->pl, n->shape.w),
               .skipped = range.lo - net_quant_lo(q),
               .codes = (size_t)(range.hi - range.lo) + 1};
  c.cells = (size_t)(c.channels * c.rows.count * c.columns.count);
  int64_t taps = (int64_t)in.c * n->kh * n->kw;
  uint64_t products = (uint64_t)count * (uint64_t)(n->shape.h * n->shape.w);
  bool ok = true;
  if (q.bits > 12 || (size_t)taps * c.codes * 4 > LAYER_INPUTS_BYTES || c.cells * c.codes * 4 > LAYER_INPUTS_BYTES ||
      products > UINT32_MAX)
    ok = diag_at(d, n->pos, "layer `%s`: its inputs cannot be counted: %d-bit codes, %lld taps, %llu products of each",
                 n->name, q.bits, (long long)taps, (unsigned long long)products);
  if (ok) {
    c.count = arena_new_array(own, uint32_t, c.cells * c.codes);
    evaluator_plan(e);
    engine_images images = {.codes = e->shared->codes, .first = first, .count = count};
    ok = engine_batches(e->engine, e->pool, &images, n->inputs[0], count_batch, &c) || diag_tool(d, "interrupted");
  }
  if (ok)
    *out = (layer_inputs){.net = e->given,
                          .node = node,
                          .taps = taps,
                          .lo = range.lo,
                          .codes = c.codes,
                          .products = products,
                          .count = by_tap(mem, &c, n, count, (size_t)(q.zero - range.lo))};
  arena_free(own);
  return ok;
}

// ---- what follows from the counts ----

// A multiplier's errors with
// the weight codes of a layer that were asked for.
typedef struct {
  const layer_inputs *in;
  const mul *m;
  int32_t first; // the least weight code
  double **of; // [weight codes][codes]; NULL: not yet
} error_table;

static error_table errors_new(arena *mem, const layer_inputs *in, const mul *m) {
  const net_node *n = &in->net->nodes[in->node];
  int codes = 1 << n->weight_bits;
  return (error_table){in, m, n->weight_signed ? -(codes / 2) : 0, arena_new_array(mem, double *, (size_t)codes)};
}

static const double *errors_of(arena *mem, error_table *t, int32_t w) {
  double **of = &t->of[w - t->first];
  if (*of)
    return *of;
  size_t codes = t->in->codes;
  *of = arena_new_array(mem, double, codes);
  arena *scratch = arena_new();
  uint32_t *a = arena_new_array(scratch, uint32_t, codes), *b = arena_new_array(scratch, uint32_t, codes);
  int64_t *product = arena_new_array(scratch, int64_t, codes);
  for (size_t i = 0; i < codes; i++)
    a[i] = (uint32_t)t->in->lo + (uint32_t)i, b[i] = (uint32_t)w;
  mul_products(t->m, a, b, codes, product);
  for (size_t i = 0; i < codes; i++)
    (*of)[i] = (double)(product[i] - ((int64_t)t->in->lo + (int64_t)i) * w);
  arena_free(scratch);
  return *of;
}

// The tap of weight i of filter f within its group's filters.
static int64_t tap_of(const layer_inputs *in, const net_node *n, int f, int64_t i) {
  return f / (n->shape.c / n->groups) * net_reduction(in->net, n) + i;
}

// Sums over the codes of count * error and of count * error^2.
static void weigh(const uint32_t *count, const double *error, size_t codes, double *sum, double *squares) {
  double s[2] = {0}, q[2] = {0};
  size_t i = 0;
  for (; i + 2 <= codes; i += 2)
    for (size_t k = 0; k < 2; k++) {
      double product = count[i + k] * error[i + k];
      s[k] += product;
      q[k] += product * error[i + k];
    }
  if (i < codes) {
    s[0] += count[i] * error[i];
    q[0] += count[i] * error[i] * error[i];
  }
  *sum = s[0] + s[1];
  *squares = q[0] + q[1];
}

static void weight_error(arena *mem, error_table *t, const net_node *n, int f, int64_t i, double *mean,
                         double *variance) {
  const layer_inputs *in = t->in;
  int64_t reduction = net_reduction(in->net, n);
  double sum, squares, all = (double)in->products;
  weigh(in->count + (size_t)tap_of(in, n, f, i) * in->codes, errors_of(mem, t, n->weight[f * reduction + i]), in->codes,
        &sum, &squares);
  *mean = sum / all;
  *variance = squares / all - *mean * *mean;
  *variance = *variance > 0 ? *variance : 0; // rounding
}

void layer_weight_errors(const layer_inputs *in, const mul *m, double *mean, double *variance) {
  const net_node *n = &in->net->nodes[in->node];
  int64_t reduction = net_reduction(in->net, n);
  arena *mem = arena_new();
  error_table t = errors_new(mem, in, m);
  for (int f = 0; f < n->shape.c; f++)
    for (int64_t i = 0; i < reduction; i++) {
      double mu = 0, var = 0;
      if (m && !m->exact && in->products)
        weight_error(mem, &t, n, f, i, &mu, &var);
      if (mean)
        mean[f * reduction + i] = mu;
      if (variance)
        variance[f * reduction + i] = var;
    }
  arena_free(mem);
}

void layer_filter_errors(const layer_inputs *in, const mul *const *muls, const assignment *a, double *mean,
                         double *variance) {
  const net_node *n = &in->net->nodes[in->node];
  int64_t reduction = net_reduction(in->net, n);
  arena *mem = arena_new();
  error_table t[ASSIGNMENT_MULS] = {{0}};
  for (int f = 0; f < n->shape.c; f++) {
    double mu = 0, var = 0;
    for (int64_t i = 0; a && a->level && in->products && i < reduction; i++) {
      int which = assignment_mul(a, f * reduction + i);
      if (muls[which]->exact)
        continue;
      if (!t[which].of)
        t[which] = errors_new(mem, in, muls[which]);
      double m, v;
      weight_error(mem, &t[which], n, f, i, &m, &v);
      mu += m;
      var += v;
    }
    if (mean)
      mean[f] = mu;
    if (variance)
      variance[f] = var;
  }
  arena_free(mem);
}

void layer_filter_means(const layer_inputs *in, const mul *const *muls, const assignment *a, const int32_t *bias,
                        double *mean) {
  const net_node *n = &in->net->nodes[in->node];
  int64_t reduction = net_reduction(in->net, n);
  double za = net_input_quant(in->net, n).zero;
  arena *mem = arena_new();
  double *code = arena_new_array(mem, double, (size_t)in->taps); // mean of each tap's activation less its zero
  for (int64_t t = 0; in->products && t < in->taps; t++) {
    uint64_t sum = 0;
    for (size_t i = 0; i < in->codes; i++)
      sum += (uint64_t)in->count[(size_t)t * in->codes + i] * i;
    code[t] = (double)sum / (double)in->products + in->lo - za;
  }
  layer_filter_errors(in, muls, a, mean, NULL);
  for (int f = 0; f < n->shape.c; f++) {
    mean[f] += bias ? bias[f] : n->bias[f];
    for (int64_t i = 0; i < reduction; i++)
      mean[f] += code[tap_of(in, n, f, i)] * (n->weight[f * reduction + i] - n->weight_zero);
  }
  arena_free(mem);
}
