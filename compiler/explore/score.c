// SPDX-License-Identifier: Apache-2.0
//
// First each image's gradients, of which what the layers' multiplications see is kept; then filter by filter all its
// weights, with all multipliers together.
#include "compiler/explore/score.h"
#include "compiler/explore/score_sum.h"
#include "compiler/net/fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// ---- what is kept of an image ----

// What one layer's multiplications see.
typedef struct {
  const uint16_t *code; // [C][rows][columns] of the padded input, less the least code
  const uint32_t *start; // [F + 1] where each filter begins in the two below
  const uint32_t *base; // of output pixels whose gradient is not 0: their first tap in a plane of `code`
  const float *slope; // their absolute gradients
} trace;

typedef struct {
  const network *net;
  const mul *const *muls;
  int mul_count;
  int approximate[ASSIGNMENT_MULS], approximate_count; // that are not exact
  const dataset *data;
  const size_t *images;
  size_t count;
  scores *out;
  score_layer *layer; // out->layer
  trace **traces; // [images][layers]
  arena **trace_mem; // [images]
  score_sum_fn *sum;
} job;

static net_shape padded_shape(const network *net, const net_node *n) {
  net_shape in = net_input_shape(net, n);
  return (net_shape){in.c, in.h + n->pt + n->pb, in.w + n->pl + n->pr};
}

static const uint16_t *padded_codes(arena *mem, const network *net, const net_node *n, const int32_t *value) {
  net_shape in = net_input_shape(net, n), s = padded_shape(net, n);
  net_quant q = net_input_quant(net, n);
  int32_t least = net_quant_lo(q);
  uint16_t *out = arena_alloc(mem, (size_t)net_shape_size(s) * sizeof *out), *to = out;
  for (int c = 0; c < s.c; c++)
    for (int y = 0; y < s.h; y++)
      for (int x = 0; x < s.w; x++) {
        int iy = y - n->pt, ix = x - n->pl;
        bool inside = iy >= 0 && iy < in.h && ix >= 0 && ix < in.w;
        *to++ = (uint16_t)((inside ? value[((int64_t)c * in.h + iy) * in.w + ix] : q.zero) - least);
      }
  return out;
}

static trace trace_of(arena *mem, const network *net, const net_node *n, const int32_t *input, const double *of) {
  int64_t pixels = (int64_t)n->shape.h * n->shape.w, total = 0;
  int columns = padded_shape(net, n).w;
  for (int64_t i = 0; i < n->shape.c * pixels; i++)
    total += of[i] != 0;
  uint32_t *start = arena_new_array(mem, uint32_t, (size_t)n->shape.c + 1);
  uint32_t *base = arena_new_array(mem, uint32_t, (size_t)total + 1), at = 0;
  float *slope = arena_new_array(mem, float, (size_t)total + 1);
  for (int f = 0; f < n->shape.c; f++) {
    for (int64_t p = 0; p < pixels; p++, of++) {
      if (*of == 0)
        continue;
      base[at] = (uint32_t)(p / n->shape.w * n->sh * columns + p % n->shape.w * n->sw);
      slope[at++] = (float)fabs(*of);
    }
    start[f + 1] = at;
  }
  return (trace){padded_codes(mem, net, n, input), start, base, slope};
}

static size_t trace_bytes(const network *net) {
  size_t bytes = 0;
  for (size_t i = 0; i < net->count; i++)
    if (net_multiplies(&net->nodes[i]))
      bytes += (size_t)net_shape_size(padded_shape(net, &net->nodes[i])) * sizeof(uint16_t) +
               (size_t)net_shape_size(net->nodes[i].shape) * (sizeof(uint32_t) + sizeof(float));
  return bytes;
}

static void trace_image(job *j, const gradient *g, size_t i, gradient_image *image) {
  size_t pixels = (size_t)net_shape_size(j->data->shape);
  gradient_run(g, j->data->pixels + j->images[i] * pixels, j->data->labels[j->images[i]], image);
  for (int l = 0; l < j->out->layers; l++) {
    const net_node *n = &j->net->nodes[j->layer[l].node];
    j->traces[i][l] = trace_of(j->trace_mem[i], j->net, n, image->value[n->inputs[0]], image->of[j->layer[l].node]);
  }
}

static bool trace_images(job *j, const gradient *g) {
  double started = clock_seconds();
  arena *mem = arena_new();
  double *loss = arena_new_array(mem, double, j->count);
  progress bar = progress_begin("gradients", j->count);
#pragma omp parallel
  {
    arena *own = arena_new();
    gradient_image *image = gradient_image_new(own, g);
#pragma omp for schedule(dynamic, 1)
    for (size_t i = 0; i < j->count; i++) {
      if (interrupted())
        continue;
      trace_image(j, g, i, image);
      loss[i] = image->loss;
#pragma omp critical(score_progress)
      progress_step(&bar, 1);
    }
    arena_free(own);
  }
  progress_end(&bar);
  for (size_t i = 0; i < j->count; i++)
    j->out->loss += loss[i] / (double)j->count;
  arena_free(mem);
  j->out->seconds_gradients = clock_seconds() - started;
  return !interrupted();
}

// ---- errors of products ----

// |f(a, w) - a * w| of every activation code for one weight code, SCORE_LANES multipliers side by side. Where operands
// are too wide for that, each product is asked for.
enum { TABLE_BITS = 20 };
typedef float lanes[SCORE_LANES];

static void add_errors(const job *j, const net_node *n, int32_t w, lanes *out) {
  net_quant q = net_input_quant(j->net, n);
  size_t codes = (size_t)1 << q.bits;
  arena *mem = arena_new();
  uint32_t *a = arena_new_array(mem, uint32_t, codes), *b = arena_new_array(mem, uint32_t, codes);
  int64_t *product = arena_new_array(mem, int64_t, codes);
  for (size_t i = 0; i < codes; i++)
    a[i] = (uint32_t)(net_quant_lo(q) + (int32_t)i), b[i] = (uint32_t)w;
  for (int k = 0; k < j->approximate_count; k++) {
    if (!net_fits(j->net, n, j->muls[j->approximate[k]]))
      continue;
    mul_products(j->muls[j->approximate[k]], a, b, codes, product);
    for (size_t i = 0; i < codes; i++)
      out[(size_t)(k / SCORE_LANES) * codes + i][k % SCORE_LANES] =
          (float)llabs(product[i] - (int64_t)(int32_t)a[i] * w);
  }
  arena_free(mem);
}

// [weight codes] of a layer, by w less its least code; NULL where no weight has it, or for wide operands.
static lanes **errors_of_layer(arena *mem, const job *j, const net_node *n) {
  net_quant q = net_input_quant(j->net, n), qw = {.bits = n->weight_bits, .is_signed = n->weight_signed};
  int32_t least = net_quant_lo(qw);
  size_t groups = (size_t)div_ceil(j->approximate_count, SCORE_LANES), weights = (size_t)1 << n->weight_bits;
  lanes **out = arena_new_array(mem, lanes *, weights);
  if (q.bits + n->weight_bits > TABLE_BITS || !groups)
    return out;
  for (int64_t i = 0; i < n->shape.c * net_reduction(j->net, n); i++)
    if (!out[n->weight[i] - least])
      out[n->weight[i] - least] = arena_new_array(mem, lanes, groups << q.bits);
#pragma omp parallel for schedule(dynamic, 1)
  for (size_t w = 0; w < weights; w++)
    if (out[w])
      add_errors(j, n, least + (int32_t)w, out[w]);
  return out;
}

// ---- scores ----

// What a thread needs for a weight.
typedef struct {
  double *sum; // [approximate, rounded up to SCORE_LANES]
  uint32_t *a, *b; // [longest] operands, where each product is asked for
  float *slope;
  int64_t *product;
  uint64_t *histogram, *zeros;
} weigher;

static size_t longest_list(const job *j, int l) {
  size_t most = 0;
  for (int f = 0; f < j->net->nodes[j->layer[l].node].shape.c; f++) {
    size_t n = 0;
    for (size_t i = 0; i < j->count; i++)
      n += j->traces[i][l].start[f + 1] - j->traces[i][l].start[f];
    most = n > most ? n : most;
  }
  return most;
}

// Sums over images and output pixels of slope * |error|, in w->sum: from a table,
static void weigh_by_table(const job *j, int l, int f, size_t offset, const lanes *errors, size_t codes, weigher *w) {
  for (int k = 0; k < j->approximate_count; k += SCORE_LANES)
    for (size_t i = 0; i < j->count; i++) {
      const trace *t = &j->traces[i][l];
      uint32_t first = t->start[f];
      j->sum(t->start[f + 1] - first, t->base + first, t->slope + first, t->code + offset,
             errors + (size_t)(k / SCORE_LANES) * codes, w->sum + k);
    }
}
// or product by product.
static void weigh_by_products(const job *j, int l, int f, size_t offset, int32_t weight, weigher *w) {
  const net_node *n = &j->net->nodes[j->layer[l].node];
  int32_t least = net_quant_lo(net_input_quant(j->net, n));
  size_t count = 0;
  for (size_t i = 0; i < j->count; i++) {
    const trace *t = &j->traces[i][l];
    for (uint32_t p = t->start[f]; p < t->start[f + 1]; p++, count++) {
      w->a[count] = (uint32_t)(t->code[offset + t->base[p]] + least);
      w->b[count] = (uint32_t)weight;
      w->slope[count] = t->slope[p];
    }
  }
  for (int k = 0; k < j->approximate_count; k++) {
    if (!net_fits(j->net, n, j->muls[j->approximate[k]]))
      continue;
    mul_products(j->muls[j->approximate[k]], w->a, w->b, count, w->product);
    for (size_t i = 0; i < count; i++)
      w->sum[k] += w->slope[i] * (double)llabs(w->product[i] - (int64_t)(int32_t)w->a[i] * weight);
  }
}

static void note(const net_node *n, int m, double score, weigher *w) {
  uint64_t places = (uint64_t)n->shape.h * (uint64_t)n->shape.w;
  if (!(score > 0)) {
    w->zeros[m] += places;
    return;
  }
  double bin = (log10(score) - SCORE_LEAST) * SCORE_BIN_DECADE;
  w->histogram[(size_t)m * SCORE_BINS + (size_t)clamp64((int64_t)floor(bin), 0, SCORE_BINS - 1)] += places;
}

// All weights of one filter.
static void weigh_filter(const job *j, int l, int f, lanes *const *errors, weigher *w) {
  const score_layer *layer = &j->layer[l];
  const net_node *n = &j->net->nodes[layer->node];
  net_shape s = padded_shape(j->net, n);
  net_quant q = net_input_quant(j->net, n), qw = {.bits = n->weight_bits, .is_signed = n->weight_signed};
  int64_t reduction = net_reduction(j->net, n);
  int channels = s.c / n->groups, c0 = f / (n->shape.c / n->groups) * channels, taps = n->kh * n->kw,
      muls = j->mul_count;
  double *filter = layer->filter + (int64_t)f * muls;
  double places = (double)j->count * n->shape.h * n->shape.w;
  for (int64_t i = 0; i < reduction; i++) {
    int tap = (int)(i % taps);
    size_t offset =
        ((size_t)(c0 + i / taps) * (size_t)s.h + (size_t)(tap / n->kw)) * (size_t)s.w + (size_t)(tap % n->kw);
    int16_t weight = n->weight[f * reduction + i];
    memset(w->sum, 0, (size_t)div_ceil(j->approximate_count, SCORE_LANES) * SCORE_LANES * sizeof *w->sum);
    const lanes *table = errors[weight - net_quant_lo(qw)];
    if (table)
      weigh_by_table(j, l, f, offset, table, (size_t)1 << q.bits, w);
    else
      weigh_by_products(j, l, f, offset, weight, w);
    for (int k = 0; k < j->approximate_count; k++) {
      int m = j->approximate[k];
      double score = net_fits(j->net, n, j->muls[m]) ? w->sum[k] / places : NAN;
      layer->unit[(f * reduction + i) / layer->each * muls + m] += score / (double)layer->each;
      filter[m] += score / (double)reduction;
      if (!isnan(score))
        note(n, m, score, w);
    }
  }
}

static weigher weigher_new(arena *mem, const job *j) {
  return (weigher){.sum = arena_new_array(mem, double, ASSIGNMENT_MULS),
                   .histogram = arena_new_array(mem, uint64_t, (size_t)j->mul_count * SCORE_BINS + 1),
                   .zeros = arena_new_array(mem, uint64_t, (size_t)j->mul_count + 1)};
}

static void add_histograms(job *j, const weigher *w) {
  for (size_t i = 0; i < (size_t)j->mul_count * SCORE_BINS; i++)
    j->out->histogram[i] += w->histogram[i];
  for (int m = 0; m < j->mul_count; m++)
    j->out->zeros[m] += w->zeros[m];
}

static void weigh_layer(job *j, int l, progress *bar) {
  const net_node *n = &j->net->nodes[j->layer[l].node];
  arena *mem = arena_new();
  lanes **errors = errors_of_layer(mem, j, n);
  bool wide = net_input_quant(j->net, n).bits + n->weight_bits > TABLE_BITS;
  size_t longest = wide ? longest_list(j, l) + 1 : 1;
#pragma omp parallel
  {
    arena *own = arena_new();
    weigher w = weigher_new(own, j);
    w.a = arena_new_array(own, uint32_t, longest), w.b = arena_new_array(own, uint32_t, longest);
    w.slope = arena_new_array(own, float, longest), w.product = arena_new_array(own, int64_t, longest);
#pragma omp for schedule(dynamic, 1)
    for (int f = 0; f < n->shape.c; f++) {
      if (interrupted())
        continue;
      weigh_filter(j, l, f, errors, &w);
#pragma omp critical(score_progress)
      progress_step(bar, (uint64_t)net_multiplications(j->net, n) / (uint64_t)n->shape.c);
    }
#pragma omp critical(score_histogram)
    add_histograms(j, &w);
    arena_free(own);
  }
  arena_free(mem);
}

// Exact multipliers have no error, and their place in the arrays is 0 already; those that do not fit are no number.
static void finish_layer(const job *j, int l) {
  const score_layer *layer = &j->layer[l];
  const net_node *n = &j->net->nodes[layer->node];
  for (int m = 0; m < j->mul_count; m++) {
    bool fitting = net_fits(j->net, n, j->muls[m]);
    for (int64_t u = 0; u < layer->units && !fitting; u++)
      layer->unit[u * j->mul_count + m] = NAN;
    for (int f = 0; f < n->shape.c; f++) {
      if (!fitting)
        layer->filter[f * j->mul_count + m] = NAN;
      layer->layer[m] += layer->filter[f * j->mul_count + m] / n->shape.c;
    }
    if (j->muls[m]->exact && fitting)
      j->out->zeros[m] += layer->multiplications;
  }
}

static void finish(const job *j) {
  double *model = j->out->model;
  uint64_t total = 0;
  for (int l = 0; l < j->out->layers; l++)
    total += j->layer[l].multiplications;
  for (int m = 0; m < j->mul_count; m++) {
    bool any = false;
    for (int l = 0; l < j->out->layers; l++) {
      double score = j->layer[l].layer[m];
      if (isnan(score))
        continue;
      any = true;
      model[m] += score * ((double)j->layer[l].multiplications / (double)total);
    }
    model[m] = any ? model[m] : NAN;
  }
}

static bool weigh(job *j) {
  double started = clock_seconds();
  uint64_t all = 0;
  for (int l = 0; l < j->out->layers; l++)
    all += j->layer[l].multiplications;
  progress bar = progress_begin("scores", all);
  for (int l = 0; l < j->out->layers && !interrupted(); l++) {
    weigh_layer(j, l, &bar);
    finish_layer(j, l);
  }
  progress_end(&bar);
  finish(j);
  j->out->seconds_scores = clock_seconds() - started;
  return !interrupted();
}

// ---- beginning ----

static void make_layers(arena *mem, job *j) {
  const network *net = j->net;
  size_t muls = (size_t)j->mul_count;
  j->layer = arena_new_array(mem, score_layer, net->count);
  for (int i = 0; i < (int)net->count; i++) {
    const net_node *n = &net->nodes[i];
    if (!net_multiplies(n))
      continue;
    score_layer *l = &j->layer[j->out->layers++];
    int64_t units = assignment_units(net, n, j->out->level);
    *l = (score_layer){.node = i,
                       .multiplications = (uint64_t)net_multiplications(net, n),
                       .units = units,
                       .each = n->shape.c * net_reduction(net, n) / units,
                       .unit = arena_new_array(mem, double, (size_t)units *muls + 1),
                       .filter = arena_new_array(mem, double, (size_t)n->shape.c *muls + 1),
                       .layer = arena_new_array(mem, double, muls + 1)};
  }
  j->out->layer = j->layer;
  j->out->model = arena_new_array(mem, double, muls + 1);
  j->out->histogram = arena_new_array(mem, uint64_t, muls * SCORE_BINS + 1);
  j->out->zeros = arena_new_array(mem, uint64_t, muls + 1);
}

bool score_run(arena *mem, const network *net, const mul *const *muls, int mul_count, const dataset *data,
               const size_t *images, size_t count, assignment_level level, scores *out, diag *d) {
  assert(count > 0 && data->labels && mul_count <= ASSIGNMENT_MULS && level >= ASSIGN_FILTER);
  arena *own = arena_new();
  const gradient *g = gradient_new(own, net, d);
  bool ok = g != NULL;
  if (ok && count > SCORE_BYTES / (trace_bytes(net) + 1))
    ok = diag_error(d, "%s: %zu images at a time take too much memory for this network, expected at most %zu",
                    net->file, count, SCORE_BYTES / (trace_bytes(net) + 1));
  *out = (scores){.net = net, .muls = mul_count, .images = count, .level = level};
  if (ok) {
    job j = {.net = net,
             .muls = muls,
             .mul_count = mul_count,
             .data = data,
             .images = images,
             .count = count,
             .out = out,
             .sum = score_sum_choose()};
    for (int m = 0; m < mul_count; m++)
      if (!muls[m]->exact)
        j.approximate[j.approximate_count++] = m;
    make_layers(mem, &j);
    j.traces = arena_new_array(own, trace *, count);
    j.trace_mem = arena_new_array(own, arena *, count);
    for (size_t i = 0; i < count; i++) {
      j.trace_mem[i] = arena_new();
      j.traces[i] = arena_new_array(j.trace_mem[i], trace, (size_t)out->layers + 1);
    }
    ok = (trace_images(&j, g) && weigh(&j)) || diag_tool(d, "interrupted");
    for (size_t i = 0; i < count; i++)
      arena_free(j.trace_mem[i]);
  }
  arena_free(own);
  return ok;
}

double score_assignment(const scores *s, const assignment *assign) {
  double sum = 0;
  uint64_t total = 0;
  for (int l = 0; l < s->layers; l++) {
    const score_layer *layer = &s->layer[l];
    const assignment *a = &assign[layer->node];
    total += layer->multiplications;
    if (!a->level)
      continue;
    assert(a->level <= s->level);
    double units = 0;
    for (int64_t u = 0; u < layer->units; u++)
      units += layer->unit[u * s->muls + assignment_mul(a, u * layer->each)];
    sum += units / (double)layer->units * (double)layer->multiplications;
  }
  return total ? sum / (double)total : 0;
}
