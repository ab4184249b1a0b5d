// SPDX-License-Identifier: Apache-2.0
#include "compiler/explore/matching.h"
#include "compiler/engine/engine_parts.h"
#include "compiler/explore/moments.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// Sums over all images and pixels of a filter's accumulators, and of their products with the exact network's.
typedef struct {
  double *sum, *product; // [F]
} moments;

// Large memory that is used again and again.
typedef struct {
  void *data;
  size_t bytes;
  bool used;
} large;

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
  moments *of_exact; // [nodes] of these
  large *large; // [large_count]
  size_t large_count, large_room;
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

// The smallest that is free and suffices, or a new one.
static void *take_large(matching *m, size_t bytes) {
  large *best = NULL;
  for (size_t i = 0; i < m->large_count; i++) {
    large *l = &m->large[i];
    if (!l->used && l->bytes >= bytes && (!best || l->bytes < best->bytes))
      best = l;
  }
  if (!best) {
    arena_grow(m->mem, m->large, m->large_count, m->large_room);
    best = &m->large[m->large_count++];
    *best = (large){.data = big(bytes), .bytes = bytes};
  }
  best->used = true;
  return best->data;
}

static void give_back(const matching *m, const void *data) { // NULL is fine
  for (size_t i = 0; i < m->large_count; i++)
    if (m->large[i].data == data)
      m->large[i].used = false;
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

// What is found of a layer's accumulators while they are at hand: [images][F], added up later.
typedef struct {
  const int32_t *sums, *exact; // [image][h][w][F]
  size_t pixels, filters;
  moments each;
} found_moments;

static void find_moments(void *context, const worker *w, size_t first, int images) {
  (void)w;
  const found_moments *f = context;
  size_t image = f->pixels * f->filters;
  for (size_t i = first; i < first + (size_t)images; i++)
    moments_add(f->sums + i * image, f->exact + i * image, f->pixels, f->filters, f->each.sum + i * f->filters,
                f->each.product + i * f->filters);
}

static moments moments_new(arena *mem, size_t count) {
  return (moments){arena_new_array(mem, double, count), arena_new_array(mem, double, count)};
}

// Image after image: the same for any number of threads.
static moments add_up(arena *mem, const found_moments *f, size_t images) {
  moments all = moments_new(mem, f->filters);
  for (size_t i = 0; i < images; i++)
    for (size_t k = 0; k < f->filters; k++) {
      all.sum[k] += f->each.sum[i * f->filters + k];
      all.product[k] += f->each.product[i * f->filters + k];
    }
  return all;
}

// The layer on its own, and the range of its sums. False with a message: 32 bits do not hold them.
static bool check_alone(const matching *m, const infer_model *model, int node, alone *a, infer_range *range, diag *d) {
  make_alone(a, model, node);
  *range = infer_ranges_node(m->ranges, model, node);
  return infer_check_range(&a->net, 1, *range, d);
}

// of: in `mem`, the moments of the accumulators.
static bool run_alone(const matching *m, const infer_model *model, int node, const void *codes, int32_t *sums,
                      infer_range *range, arena *mem, moments *of, diag *d) {
  alone a;
  arena *own = arena_new();
  bool ok = check_alone(m, model, node, &a, range, d);
  engine *e = ok ? engine_new_empty(own, &a.model, kernels_choose(), d) : NULL;
  if (e) {
    const net_node *n = &m->net->nodes[node];
    engine_layer *l = engine_layer_new(e, 1, engine_layer_wide(*range), PLAN_KINDS, m->store);
    engine_set_layer(e, l);
    engine_images in = {.codes = codes, .count = m->images, .raw = sums};
    found_moments f = {sums, m->sums[node], (size_t)n->shape.h * (size_t)n->shape.w, (size_t)n->shape.c,
                       moments_new(own, m->images * (size_t)n->shape.c)};
    ok = engine_batches(e, NULL, &in, 1, find_moments, &f) || diag_tool(d, "interrupted");
    *of = add_up(mem, &f, m->images);
    engine_layer_free(l);
  }
  arena_free(own);
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
static bool run_simple(matching *m, int node, void **codes, void *out, diag *d) {
  engine_images in = {.count = m->images, .known = (const void *const *)codes};
  taken_codes to = {node, out, tensor_bytes(m->net, node, 1)};
  bool ok = engine_batches(m->engine, m->pool, &in, node, take_codes, &to) || diag_tool(d, "interrupted");
  codes[node] = to.codes; // not before: it would be known
  return ok;
}

// ---- requantisation ----

// What is to be added to the sums, which have the network's own biases in them; their range then. False: 32 bits may
// not hold that.
static bool take_start(const net_node *n, const int32_t *bias, infer_range *r, int32_t *start) {
  bool fit = true;
  int64_t least = 0, most = 0;
  for (int f = 0; f < n->shape.c; f++) {
    int64_t more = (int64_t)bias[f] - n->bias[f];
    start[f] = (int32_t)more;
    fit &= start[f] == more;
    least = more < least ? more : least;
    most = more > most ? more : most;
  }
  r->acc_lo += least;
  r->acc_hi += most;
  return fit && r->acc_lo >= INT32_MIN && r->acc_hi <= INT32_MAX;
}

// An image's sums, so many pixels at a time that they stay in the level 1 cache while all tiles of filters are done.
static void requantise_image(const kernels *k, requantise_args a, int pixels, uint8_t *out) {
  enum { SUMS_BYTES = 16 << 10, LEAST = 8 };
  int at_once = SUMS_BYTES / (a.filters * (int)sizeof *a.sums) / LEAST * LEAST;
  at_once = at_once < LEAST ? LEAST : at_once;
  for (int done = 0; done < pixels; done += at_once) {
    a.pixels = pixels - done < at_once ? pixels - done : at_once;
    k->requantise(&a, out);
    a.sums += (size_t)at_once * a.stride;
    out += (size_t)at_once * a.out_stride;
  }
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
  if (take_start(n, bias, &r, start) && type == CODES8) {
    int32_t lowest = engine_lowest(n);
    requantise_args a = {.stride = filters,
                         .start = start,
                         .mult = whole,
                         .filters = (int)filters,
                         .shift = n->shift,
                         .zero = n->quant.zero - lowest,
                         .lo = n->lo - lowest,
                         .hi = n->hi - lowest,
                         .narrow = engine_requantises_narrow(n, mult, r),
                         .out_stride = filters};
#pragma omp parallel for schedule(static)
    for (size_t i = 0; i < m->images; i++) {
      requantise_args image = a;
      image.sums = sums + i * pixels * filters;
      requantise_image(m->engine->kernels, image, (int)pixels, (uint8_t *)out + i * pixels * filters);
    }
  } else
    requantise_any(n, bias, mult, sums, m->images * pixels, type, out);
  arena_free(mem);
}

// ---- from approximate to exact ----

// y's place on x's scale: gain * (x + shift).
typedef struct {
  double gain, shift;
} line;

// x is regressed on y, not y on x: x = y / gain + noise. So the gain makes good what of the signal is missing; the
// smaller one that would make the error least takes more of the signal away the more noise there is.
static line fit(double x, double xy, double y, double yy, double count, bool gain) {
  double mx = x / count, my = y / count, var = yy / count - my * my, cov = xy / count - mx * my;
  line l = {gain && var > 0 ? (cov > 0 ? var / cov : MATCHING_GAIN) : 1, 0};
  l.gain = fmin(fmax(l.gain, 1.0 / MATCHING_GAIN), MATCHING_GAIN);
  l.shift = my / l.gain - mx;
  return l;
}

static void correct(const matching *m, int node, const moments *of, bool gain, int32_t *bias, uint16_t *mult) {
  const net_node *n = &m->net->nodes[node];
  const moments *exact = &m->of_exact[node];
  double count = (double)m->images * n->shape.h * n->shape.w;
  for (int f = 0; f < n->shape.c; f++) {
    line l = fit(of->sum[f], of->product[f], exact->sum[f], exact->product[f], count, gain && mult);
    if (mult) {
      double wanted = fmin(fmax(rint(n->mult[f] * l.gain), 1), UINT16_MAX);
      mult[f] = (uint16_t)wanted;
      l.gain = wanted / n->mult[f]; // what it became
      l.shift = exact->sum[f] / count / l.gain - of->sum[f] / count;
    }
    bias[f] = (int32_t)fmin(fmax(rint(n->bias[f] + l.shift), INT32_MIN / 2.0), INT32_MAX / 2.0);
  }
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
static bool step(matching *m, int node, matching_kind kind, void **codes, arena *mem, correction *out, diag *d) {
  const net_node *n = &m->net->nodes[node];
  bool raw = net_is_raw(m->net, n);
  if (!net_multiplies(n))
    return run_simple(m, node, codes, take_large(m, tensor_bytes(m->net, node, m->images)), d);
  int32_t *sums = take_large(m, sums_of(m->net, node, m->images) * sizeof *sums);
  infer_range range;
  moments of;
  bool ok = run_alone(m, &m->model, node, codes[n->inputs[0]], sums, &range, mem, &of, d);
  if (ok) {
    out->bias[node] = arena_new_array(mem, int32_t, (size_t)n->shape.c);
    out->mult[node] = raw ? NULL : arena_new_array(mem, uint16_t, (size_t)n->shape.c);
    correct(m, node, &of, kind == MATCH_GAIN, out->bias[node], out->mult[node]);
  }
  if (ok && node + 1 < (int)m->net->count) {
    codes[node] = take_large(m, tensor_bytes(m->net, node, m->images));
    requantise(m, node, range, out->bias[node], raw ? n->mult : out->mult[node], sums, codes[node]);
  }
  give_back(m, sums);
  return ok;
}

static bool walk(matching *m, matching_kind kind, arena *mem, correction *out, diag *d) {
  int nodes = (int)m->net->count;
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
        give_back(m, codes[k]);
        codes[k] = NULL;
      }
  }
  for (int i = 0; i < nodes; i++) {
    give_back(m, codes[i]);
    if (out->bias[i])
      out->bias[i] = arena_memdup(mem, out->bias[i], (size_t)m->net->nodes[i].shape.c * sizeof(int32_t));
    if (out->mult[i])
      out->mult[i] = arena_memdup(mem, out->mult[i], (size_t)m->net->nodes[i].shape.c * sizeof(uint16_t));
  }
  arena_free(own);
  return ok;
}

bool matching_run(matching *m, const assignment *assign, matching_kind kind, arena *mem, correction *out, diag *d) {
  int nodes = (int)m->net->count;
  *out = (correction){arena_new_array(mem, int32_t *, (size_t)nodes), arena_new_array(mem, uint16_t *, (size_t)nodes)};
  m->model.assign = assign;
  bool ok = true;
  alone a;
  infer_range r;
  if (kind != MATCH_NOTHING)
    ok = walk(m, kind, mem, out, d);
  for (int i = 0; kind == MATCH_NOTHING && ok && i < nodes; i++)
    ok = !net_multiplies(&m->net->nodes[i]) || check_alone(m, &m->model, i, &a, &r, d);
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
      if (!run_simple(m, i, m->exact, big(tensor_bytes(m->net, i, m->images)), d))
        return false;
      continue;
    }
    if (i + 1 < (int)m->net->count)
      m->exact[i] = big(tensor_bytes(m->net, i, m->images));
    m->sums[i] = big(sums_of(m->net, i, m->images) * sizeof(int32_t));
    infer_range range;
    if (!run_alone(m, &m->model, i, m->exact[n->inputs[0]], m->sums[i], &range, m->mem, &m->of_exact[i], d))
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
                  .sums = arena_new_array(mem, int32_t *, net->count),
                  .of_exact = arena_new_array(mem, moments, net->count)};
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
  for (size_t i = 0; i < m->large_count; i++)
    free(m->large[i].data);
  engine_pool_free(m->pool);
  plan_store_free(m->store);
  arena_free(m->mem);
}

size_t matching_images(const matching *m) { return m->images; }

const void *matching_codes(const matching *m, int node) { return m->exact[node]; }
