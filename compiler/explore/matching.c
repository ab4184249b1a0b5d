// SPDX-License-Identifier: Apache-2.0
#include "compiler/explore/matching.h"
#include "compiler/engine/engine_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct matching {
  arena *mem;
  const network *net;
  infer_model model; // under the assignment of the run
  infer_ranges *ranges;
  engine *engine; // runs what does not multiply
  engine_pool *pool;
  plan_store *store;
  size_t images;
  void **exact; // [nodes] the exact network's codes
  int32_t **sums; // [nodes] its accumulators, [image][h][w][F]; NULL where the node does not multiply
};

static const size_t STORE_BYTES = (size_t)64 << 20;

static void *big(size_t bytes) {
  void *p = malloc(bytes + PANEL_SLACK); // as kernels read
  if (!p) {
    fputs("axgen: out of memory\n", stderr);
    exit(EXIT_TOOL);
  }
  return p;
}

static size_t tensor_bytes(const network *net, int node, size_t images) {
  return (size_t)net_shape_size(net->nodes[node].shape) * (size_t)engine_type(net, node) * images;
}
static size_t sums_of(const network *net, int node, size_t images) {
  return (size_t)net_shape_size(net->nodes[node].shape) * images;
}

// ---- one layer on its own: its input's codes in, its accumulators out ----

// The layer as a network of two nodes whose last one's accumulators are the output.
typedef struct {
  network net;
  net_node nodes[2];
  assignment assign[2];
  infer_model model;
} alone;

static void make_alone(alone *a, const infer_model *m, int node) {
  const net_node *n = &m->net->nodes[node], *in = &m->net->nodes[n->inputs[0]];
  infer_codes range = infer_code_range(m->net, n->inputs[0]);
  *a = (alone){.net = *m->net, .nodes = {*in, *n}};
  a->nodes[0].op = NET_INPUT;
  a->nodes[0].input_count = 0;
  a->nodes[0].lo = range.lo, a->nodes[0].hi = range.hi;
  a->nodes[1].inputs[0] = 0;
  a->nodes[1].quant.bits = 0;
  a->net.nodes = a->nodes;
  a->net.count = 2;
  a->net.input_channels = NULL;
  if (m->assign)
    a->assign[1] = m->assign[node];
  a->model = (infer_model){.net = &a->net, .muls = m->muls, .assign = a->assign};
}

typedef struct {
  int32_t *sums;
  size_t image; // accumulators of one
} taken_sums;

static void take_sums(void *context, const worker *w, size_t first, int images) {
  const taken_sums *t = context;
  memcpy(t->sums + first * t->image, worker_tensor(w, 1), (size_t)images * t->image * sizeof *t->sums);
}

static bool run_alone(const matching *m, const infer_model *model, int node, const void *codes, int32_t *sums,
                      infer_range *range, diag *d) {
  alone a;
  make_alone(&a, model, node);
  arena *mem = arena_new();
  const infer_range r = *range = infer_ranges_node(m->ranges, model, node);
  bool ok = infer_check_range(&a.net, 1, r, d); // 32 bits: the output's
  engine *e = ok ? engine_new_empty(mem, &a.model, kernels_choose(), d) : NULL;
  if (e) {
    engine_layer *l = engine_layer_new(e, 1, engine_layer_wide(r), PLAN_KINDS, m->store);
    engine_set_layer(e, l);
    engine_images in = {.codes = codes, .count = m->images};
    taken_sums to = {sums, sums_of(m->net, node, 1)};
    ok = engine_batches(e, NULL, &in, 1, take_sums, &to) || diag_tool(d, "interrupted");
    engine_layer_free(l);
  }
  arena_free(mem);
  return ok && e;
}

// ---- what does not multiply ----

typedef struct {
  int node;
  uint8_t *codes;
  size_t image; // bytes
} taken_codes;

static void take_codes(void *context, const worker *w, size_t first, int images) {
  const taken_codes *t = context;
  memcpy(t->codes + first * t->image, worker_tensor(w, t->node), (size_t)images * t->image);
}

// From the codes of the nodes before it to codes[node].
static bool run_simple(const matching *m, int node, void **codes, diag *d) {
  engine_images in = {.count = m->images, .known = (const void *const *)codes};
  taken_codes to = {node, big(tensor_bytes(m->net, node, m->images)), tensor_bytes(m->net, node, 1)};
  bool ok = engine_batches(m->engine, m->pool, &in, node, take_codes, &to) || diag_tool(d, "interrupted");
  codes[node] = to.codes; // not before: it would be known
  return ok;
}

// ---- requantisation ----

// What is to be added to the sums, which have the network's own biases in them. False: 32 bits may not hold that.
static bool take_start(const net_node *n, const int32_t *bias, infer_range r, int32_t *start) {
  bool fit = true;
  for (int f = 0; f < n->shape.c; f++) {
    int64_t more = (int64_t)bias[f] - n->bias[f];
    start[f] = (int32_t)more;
    fit &= start[f] == more && r.acc_lo + more >= INT32_MIN && r.acc_hi + more <= INT32_MAX;
  }
  return fit;
}

// Sums of some pixels, whatever they are.
static void requantise_any(const net_node *n, const int32_t *bias, const uint16_t *mult, const int32_t *sums,
                           size_t pixels, tensor_type type, void *out) {
  int filters = n->shape.c;
  int32_t lowest = engine_lowest(n);
#pragma omp parallel for schedule(static)
  for (size_t p = 0; p < pixels; p++)
    for (int f = 0; f < filters; f++) {
      int64_t at = (int64_t)p * filters + f;
      int64_t sum = (int64_t)sums[at] + bias[f] - n->bias[f];
      tensor_set(out, type, at, lowest, net_requantise(n, sum * mult[f]));
    }
}

// r: of the sums, with the network's own biases.
static void requantise(const matching *m, int node, infer_range r, const int32_t *bias, const uint16_t *mult,
                       const int32_t *sums, void *out) {
  const net_node *n = &m->net->nodes[node];
  size_t pixels = (size_t)n->shape.h * (size_t)n->shape.w, filters = (size_t)n->shape.c;
  size_t row = (filters + TILE - 1) / TILE * TILE;
  tensor_type type = engine_type(m->net, node);
  arena *mem = arena_new();
  int32_t *start = arena_new_array(mem, int32_t, row);
  uint16_t *whole = arena_new_array(mem, uint16_t, row);
  memcpy(whole, mult, filters * sizeof *mult);
  if (take_start(n, bias, r, start) && type == CODES8) {
    int32_t lowest = engine_lowest(n);
#pragma omp parallel for schedule(static)
    for (size_t i = 0; i < m->images; i++) {
      requantise_args a = {.sums = sums + i * pixels * filters,
                           .stride = filters,
                           .start = start,
                           .mult = whole,
                           .pixels = (int)pixels,
                           .filters = (int)filters,
                           .shift = n->shift,
                           .zero = n->quant.zero - lowest,
                           .lo = n->lo - lowest,
                           .hi = n->hi - lowest,
                           .out_stride = filters};
      m->engine->kernels->requantise(&a, (uint8_t *)out + i * pixels * filters);
    }
  } else
    requantise_any(n, bias, mult, sums, m->images * pixels, type, out);
  arena_free(mem);
}

// ---- from approximate to exact ----

// Sums over all images and pixels of a filter's exact (y) and approximate (x) accumulators.
typedef struct {
  double x, y, yy, xy;
} moments;

// Image by image, then in their order: the same for any number of threads.
static moments *moments_of(arena *mem, const net_node *n, size_t images, const int32_t *exact, const int32_t *sums) {
  size_t filters = (size_t)n->shape.c, pixels = (size_t)n->shape.h * (size_t)n->shape.w;
  moments *each = arena_new_array(mem, moments, images * filters), *all = arena_new_array(mem, moments, filters);
#pragma omp parallel for schedule(static)
  for (size_t i = 0; i < images; i++)
    for (size_t p = 0; p < pixels; p++)
      for (size_t f = 0; f < filters; f++) {
        size_t at = (i * pixels + p) * filters + f;
        double x = sums[at], y = exact[at];
        moments *to = &each[i * filters + f];
        to->x += x;
        to->y += y;
        to->yy += y * y;
        to->xy += x * y;
      }
  for (size_t i = 0; i < images; i++)
    for (size_t f = 0; f < filters; f++) {
      all[f].x += each[i * filters + f].x;
      all[f].y += each[i * filters + f].y;
      all[f].yy += each[i * filters + f].yy;
      all[f].xy += each[i * filters + f].xy;
    }
  return all;
}

// y's place on x's scale: gain * (x + shift).
typedef struct {
  double gain, shift;
} line;

// x is regressed on y, not y on x: x = y / gain + noise. So the gain makes good what of the signal is missing; the
// smaller one that would make the error least takes more of the signal away the more noise there is.
static line fit(moments m, double count, bool gain) {
  double mx = m.x / count, my = m.y / count, var = m.yy / count - my * my, cov = m.xy / count - mx * my;
  line l = {gain && var > 0 ? (cov > 0 ? var / cov : MATCHING_GAIN) : 1, 0};
  l.gain = fmin(fmax(l.gain, 1.0 / MATCHING_GAIN), MATCHING_GAIN);
  l.shift = my / l.gain - mx;
  return l;
}

static void correct(const matching *m, int node, const int32_t *sums, bool gain, int32_t *bias, uint16_t *mult) {
  const net_node *n = &m->net->nodes[node];
  arena *mem = arena_new();
  const moments *of = moments_of(mem, n, m->images, m->sums[node], sums);
  double count = (double)m->images * n->shape.h * n->shape.w;
  for (int f = 0; f < n->shape.c; f++) {
    line l = fit(of[f], count, gain && mult);
    if (mult) {
      double wanted = fmin(fmax(rint(n->mult[f] * l.gain), 1), UINT16_MAX);
      mult[f] = (uint16_t)wanted;
      l.gain = wanted / n->mult[f]; // what it became
      l.shift = of[f].y / count / l.gain - of[f].x / count;
    }
    bias[f] = (int32_t)fmin(fmax(rint(n->bias[f] + l.shift), INT32_MIN / 2.0), INT32_MAX / 2.0);
  }
  arena_free(mem);
}

// ---- the walk ----

static bool approximate(const matching *m, int node) {
  const assignment *a = infer_assignment(&m->model, node);
  uint64_t used = a ? assignment_used(a, 0, a->count * a->each) : 0;
  for (int i = 0; i < ASSIGNMENT_MULS; i++)
    if (used >> i & 1 && !m->model.muls[i]->exact)
      return true;
  return false;
}

static int last_reader(const network *net, int node) {
  int last = node;
  for (int i = node + 1; i < (int)net->count; i++)
    for (int k = 0; k < net->nodes[i].input_count; k++)
      last = net->nodes[i].inputs[k] == node ? i : last;
  return last;
}

// One node behind what was run before: codes[] in, its own codes out (none of the last node).
static bool step(const matching *m, int node, matching_kind kind, void **codes, arena *mem, correction *out, diag *d) {
  const net_node *n = &m->net->nodes[node];
  bool raw = net_is_raw(m->net, n);
  if (!net_multiplies(n))
    return run_simple(m, node, codes, d);
  int32_t *sums = big(sums_of(m->net, node, m->images) * sizeof *sums);
  infer_range range;
  bool ok = run_alone(m, &m->model, node, codes[n->inputs[0]], sums, &range, d);
  const int32_t *bias = n->bias;
  const uint16_t *mult = n->mult;
  if (ok && kind != MATCH_NOTHING) {
    out->bias[node] = arena_new_array(mem, int32_t, (size_t)n->shape.c);
    out->mult[node] = raw ? NULL : arena_new_array(mem, uint16_t, (size_t)n->shape.c);
    correct(m, node, sums, kind == MATCH_GAIN, out->bias[node], out->mult[node]);
    bias = out->bias[node], mult = out->mult[node];
  }
  if (ok && node + 1 < (int)m->net->count) {
    codes[node] = big(tensor_bytes(m->net, node, m->images));
    requantise(m, node, range, bias, mult, sums, codes[node]);
  }
  free(sums);
  return ok;
}

bool matching_run(matching *m, const assignment *assign, matching_kind kind, arena *mem, correction *out, diag *d) {
  int nodes = (int)m->net->count;
  *out = (correction){arena_new_array(mem, int32_t *, (size_t)nodes), arena_new_array(mem, uint16_t *, (size_t)nodes)};
  m->model.assign = assign;
  arena *own = arena_new();
  void **codes = arena_new_array(own, void *, (size_t)nodes);
  bool changed = false, ok = true; // before the first approximate layer all is as in the exact network
  for (int i = 0; ok && i < nodes; i++) {
    changed |= net_multiplies(&m->net->nodes[i]) && approximate(m, i);
    if (!changed)
      codes[i] = m->exact[i];
    else
      ok = step(m, i, kind, codes, own, out, d);
    for (int k = 0; k < i; k++)
      if (codes[k] && codes[k] != m->exact[k] && last_reader(m->net, k) == i) {
        free(codes[k]);
        codes[k] = NULL;
      }
  }
  for (int i = 0; i < nodes; i++) {
    if (codes[i] != m->exact[i])
      free(codes[i]);
    if (out->bias[i])
      out->bias[i] = arena_memdup(mem, out->bias[i], (size_t)m->net->nodes[i].shape.c * sizeof(int32_t));
    if (out->mult[i])
      out->mult[i] = arena_memdup(mem, out->mult[i], (size_t)m->net->nodes[i].shape.c * sizeof(uint16_t));
  }
  arena_free(own);
  m->model.assign = NULL;
  plan_store_trim(m->store, STORE_BYTES);
  return ok;
}

network matching_corrected(arena *mem, const network *net, const correction *c) {
  network corrected = *net;
  corrected.nodes = arena_memdup(mem, net->nodes, net->count * sizeof *net->nodes);
  for (size_t i = 0; i < net->count; i++) {
    if (c->bias[i])
      corrected.nodes[i].bias = c->bias[i];
    if (c->mult[i])
      corrected.nodes[i].mult = c->mult[i];
  }
  return corrected;
}

// ---- the exact network ----

static bool run_exact(matching *m, const dataset *data, size_t first, diag *d) {
  const uint8_t *pixels = data->pixels + first * (size_t)net_shape_size(data->shape);
  m->exact[0] = engine_codes(m->engine, pixels, m->images);
  for (int i = 1; i < (int)m->net->count; i++) {
    const net_node *n = &m->net->nodes[i];
    if (!net_multiplies(n)) {
      if (!run_simple(m, i, m->exact, d))
        return false;
      continue;
    }
    if (i + 1 < (int)m->net->count)
      m->exact[i] = big(tensor_bytes(m->net, i, m->images));
    m->sums[i] = big(sums_of(m->net, i, m->images) * sizeof(int32_t));
    infer_range range;
    if (!run_alone(m, &m->model, i, m->exact[n->inputs[0]], m->sums[i], &range, d))
      return false;
    if (m->exact[i])
      requantise(m, i, range, n->bias, n->mult, m->sums[i], m->exact[i]);
  }
  return true;
}

static size_t bytes_of_image(const network *net) {
  size_t bytes = 0;
  for (int i = 0; i < (int)net->count; i++)
    bytes += tensor_bytes(net, i, 1) + (net_multiplies(&net->nodes[i]) ? sums_of(net, i, 1) * 4 : 0);
  return bytes;
}

matching *matching_new(const network *net, const mul *const *muls, const dataset *data, size_t first, size_t count,
                       diag *d) {
  assert(first <= data->count && count <= data->count - first && count > 0);
  if (!net->quantised || !infer_check_data(net, data, d))
    return NULL;
  arena *mem = arena_new();
  matching *m = arena_new_object(mem, matching);
  size_t image = bytes_of_image(net);
  assert(image > 0); // a network has tensors
  size_t most = MATCHING_BYTES / image;
  *m = (matching){.mem = mem,
                  .net = net,
                  .model = {.net = net, .muls = muls},
                  .ranges = infer_ranges_new(mem, net),
                  .pool = engine_pool_new(),
                  .store = plan_store_new(),
                  .images = count < most ? count
                            : most       ? most
                                         : 1,
                  .exact = arena_new_array(mem, void *, net->count),
                  .sums = arena_new_array(mem, int32_t *, net->count)};
  m->engine = engine_new_empty(mem, &m->model, kernels_choose(), d);
  bool ok = m->engine != NULL;
  for (int i = 0; ok && i < (int)net->count; i++)
    engine_set_range(m->engine, i, infer_ranges_node(m->ranges, &m->model, i));
  if (ok && run_exact(m, data, first, d))
    return m;
  matching_free(m);
  return NULL;
}

void matching_free(matching *m) {
  if (!m)
    return;
  for (size_t i = 0; i < m->net->count; i++) {
    free(m->exact[i]);
    free(m->sums[i]);
  }
  engine_pool_free(m->pool);
  plan_store_free(m->store);
  arena_free(m->mem);
}

size_t matching_images(const matching *m) { return m->images; }

const void *matching_codes(const matching *m, int node) { return m->exact[node]; }
