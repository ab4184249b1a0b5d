// SPDX-License-Identifier: Apache-2.0
//
// Planning a network's layers, and running images through them, batch by batch on all threads.
#include "compiler/engine/engine_run.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 64, LARGE_BATCH = 256 };
static const double WORTH = 0.05; // of a network's time: what else large batches take longer
static const size_t TENSOR_BYTES = (size_t)64 << 20; // of one thread's tensors, aimed at

// A node's buffer is used again once its last reader is done; the input's is not, for it may be somebody's data set.
static void assign_slots(engine *e, arena *mem) {
  const network *net = e->model->net;
  int *last = arena_new_array(mem, int, net->count), *owner = arena_new_array(mem, int, net->count);
  e->slot = arena_new_array(mem, int, net->count);
  e->slot_bytes = arena_new_array(mem, size_t, net->count);
  for (int i = 0; i < (int)net->count; i++) {
    last[i] = (int)net->count;
    for (int k = 0; k < net->nodes[i].input_count; k++)
      if (net->nodes[i].inputs[k])
        last[net->nodes[i].inputs[k]] = i;
  }
  for (int i = 0; i < (int)net->count; i++) {
    int s = 0;
    while (s < e->slots && last[owner[s]] >= i)
      s++;
    e->slots += s == e->slots;
    owner[s] = i;
    e->slot[i] = s;
    size_t bytes = (size_t)net_shape_size(net->nodes[i].shape) * (size_t)engine_type(net, i);
    e->slot_bytes[s] = bytes > e->slot_bytes[s] ? bytes : e->slot_bytes[s];
  }
  size_t image = 0;
  for (int s = 0; s < e->slots; s++)
    image += e->slot_bytes[s];
  assert(image > 0); // a network has tensors
  size_t most = TENSOR_BYTES / image;
  e->batch = most < 1 ? 1 : most > LARGE_BATCH ? LARGE_BATCH : (int)most;
  e->image = image;
}

static bool in_32_bits(infer_range r) { return r.acc_lo >= INT32_MIN && r.acc_hi <= INT32_MAX; }

// Whether 32 bits hold a node's sums times their multipliers, without the lowest 16 bits (requantise_args.narrow).
bool engine_requantises_narrow(const net_node *n, const uint16_t *mult, infer_range r) {
  if (!mult || net_arithmetic_of(n) == NET_RESCALES || n->shift <= 16 || n->shift > 31)
    return false;
  int64_t most = 0, zero = n->quant.zero - engine_lowest(n);
  for (int f = 0; f < net_multipliers(n); f++)
    most = mult[f] > most ? mult[f] : most;
  if (!in_32_bits(r))
    return false;
  int64_t added = (((int64_t)1 << (n->shift - 1)) + zero * ((int64_t)1 << n->shift)) >> 16;
  return ((r.acc_hi * most) >> 16) + added < INT32_MAX - 1 && (r.acc_lo < 0 ? (r.acc_lo * most) >> 16 : 0) > INT32_MIN;
}

// From a pixel to the input's offset code, where that is the same in all channels.
static void map_pixels(const network *net, uint16_t map[256]) {
  int32_t codes[256];
  infer_pixel_codes(net, 0, codes);
  for (int i = 0; i < 256; i++)
    map[i] = (uint16_t)(codes[i] - engine_lowest(&net->nodes[0]));
}

engine *engine_new_empty(arena *mem, const infer_model *m, const kernels *k, diag *d) {
  if (!m->net->quantised) {
    diag_error(d, "the network has no integers yet: quantise it first");
    return NULL;
  }
  const network *net = m->net;
  engine *e = arena_new_object(mem, engine);
  e->model = m;
  e->kernels = k;
  assign_slots(e, mem);
  e->plans = arena_new_array(mem, plan_node, net->count);
  e->narrow = arena_new_array(mem, bool, net->count);
  e->packed = arena_new_array(mem, size_t, net->count);
  map_pixels(net, e->input);
  return e;
}

bool engine_layer_wide(infer_range r) { return !in_32_bits(r); }

void engine_set_range(engine *e, int node, infer_range r) {
  e->narrow[node] = engine_requantises_narrow(&e->model->net->nodes[node], e->model->net->nodes[node].mult, r);
}

static size_t slice_working(const plan_slice *s, int batch) {
  size_t codes = (size_t)net_shape_size(s->layout.in) * 2,
         outputs = 2 * PANEL * (((size_t)s->filters + TILE) / TILE * TILE);
  return codes + outputs + plan_kinds[s->kind].working(s, batch);
}

static void count_bytes(engine *e, int node) {
  e->packed[node] = 0;
  for (int i = 0; i < e->plans[node].slices; i++)
    e->packed[node] += e->plans[node].slice[i].bytes;
}

engine_layer *engine_layer_new(const engine *e, int node, bool wide, plan_kind only, plan_store *store) {
  arena *mem = arena_new();
  engine_layer *l = arena_new_object(mem, engine_layer);
  const net_node *n = &e->model->net->nodes[node];
  *l = (engine_layer){.mem = mem, .node = node, .bias = arena_new_array(mem, int64_t, (size_t)n->shape.c)};
  for (int f = 0; f < n->shape.c; f++)
    l->bias[f] = n->bias[f];
  l->plan = plan_make(mem, e->model, node, wide, e->kernels, store, e->batch, only);
  return l;
}

void engine_layer_free(engine_layer *l) {
  if (l)
    arena_free(l->mem);
}

void engine_set_layer(engine *e, engine_layer *l) {
  const net_node *n = &e->model->net->nodes[l->node];
  arena *mem = arena_new();
  int64_t *more = arena_new_array(mem, int64_t, (size_t)n->shape.c);
  bool changed = false;
  for (int f = 0; f < n->shape.c; f++) {
    more[f] = n->bias[f] - l->bias[f];
    changed |= more[f] != 0;
    l->bias[f] = n->bias[f];
  }
  if (changed)
    plan_add_bias(&l->plan, more);
  plan_set_mult(&l->plan, n->mult);
  arena_free(mem);
  e->plans[l->node] = l->plan;
  count_bytes(e, l->node);
}

engine *engine_new_with(arena *mem, const infer_model *m, const kernels *k, plan_kind only, diag *d) {
  const network *net = m->net;
  engine *e = engine_new_empty(mem, m, k, d);
  infer_range *range = arena_new_array(mem, infer_range, net->count);
  if (!e || !infer_check_ranges(infer_ranges_new(mem, net), m, range, d))
    return NULL;
  for (int i = 0; i < (int)net->count; i++) {
    engine_set_range(e, i, range[i]);
    if (!net_multiplies(&net->nodes[i]))
      continue;
    e->plans[i] = plan_make(mem, m, i, engine_layer_wide(range[i]), k, NULL, e->batch, only);
    count_bytes(e, i);
  }
  return e;
}

engine *engine_new(arena *mem, const infer_model *m, diag *d) {
  return engine_new_with(mem, m, kernels_choose(), PLAN_KINDS, d);
}

size_t engine_packed(const engine *e) {
  size_t bytes = 0;
  for (size_t i = 0; i < e->model->net->count; i++)
    bytes += e->packed[i];
  return bytes;
}

size_t engine_working(const engine *e) {
  size_t most = 0;
  int batch = engine_batch(e);
  for (size_t i = 0; i < e->model->net->count; i++)
    for (int k = 0; k < e->plans[i].slices; k++) {
      size_t working = slice_working(&e->plans[i].slice[k], batch);
      most = working > most ? working : most;
    }
  return e->image * (size_t)batch + most;
}

size_t engine_memory(const engine *e) { return engine_packed(e) + engine_working(e) * (size_t)omp_get_max_threads(); }

size_t engine_codes_bytes(const engine *e, size_t images) {
  return images * (size_t)net_shape_size(e->model->net->nodes[0].shape) * (size_t)engine_type(e->model->net, 0);
}

// Where each channel has codes of its own for its pixels.
static void make_codes_by_channel(const network *net, const uint8_t *pixels, size_t images, void *out) {
  net_shape s = net->nodes[0].shape;
  int64_t plane = (int64_t)s.h * s.w, image = plane * s.c;
  int32_t lowest = engine_lowest(&net->nodes[0]);
  for (int c = 0; c < s.c; c++) {
    int32_t code[256];
    infer_pixel_codes(net, c, code);
    for (int64_t i = 0; i < (int64_t)images; i++)
      for (int64_t p = 0; p < plane; p++)
        tensor_set(out, engine_type(net, 0), i * image + p * s.c + c, lowest, code[pixels[i * image + c * plane + p]]);
  }
}

// ordered: room for all the pixels once more.
static void make_codes(const engine *e, const uint8_t *pixels, size_t images, uint8_t *ordered, void *out) {
  if (e->model->net->input_channels) {
    make_codes_by_channel(e->model->net, pixels, images, out);
    return;
  }
  net_shape shape = e->model->net->nodes[0].shape;
  size_t plane = (size_t)shape.h * (size_t)shape.w, image = plane * (size_t)shape.c, n = image * images;
  if (shape.c > 1 && plane > 1) { // pixels come in planes
    for (size_t i = 0; i < images; i++)
      e->kernels->interleave8(ordered + i * image, pixels + i * image, plane, shape.c, plane);
    pixels = ordered;
  }
  if (engine_type(e->model->net, 0) == CODES8) {
    uint8_t map[256];
    for (int i = 0; i < 256; i++)
      map[i] = (uint8_t)e->input[i];
    e->kernels->map8(out, pixels, n, map);
  } else
    e->kernels->map16(out, pixels, n, e->input);
}

void *engine_codes(const engine *e, const uint8_t *pixels, size_t images) {
  uint8_t *codes = engine_large(engine_codes_bytes(e, images));
  size_t image = (size_t)net_shape_size(e->model->net->nodes[0].shape);
  uint8_t *ordered = engine_large(image);
  for (size_t i = 0; i < images; i++)
    make_codes(e, pixels + i * image, 1, ordered, codes + engine_codes_bytes(e, i));
  free(ordered);
  return codes;
}

static void load_images(worker *w, const uint8_t *pixels, int images) {
  const engine *e = w->e;
  size_t n = (size_t)net_shape_size(e->model->net->nodes[0].shape) * (size_t)images;
  w->tensor[0] = engine_worker_buffer(w, BUFFER_INPUT, engine_codes_bytes(e, (size_t)images));
  make_codes(e, pixels, (size_t)images, engine_worker_buffer(w, BUFFER_MAPPED, n), w->tensor[0]);
}

static void run_timed(worker *w, int node, int images) {
  const engine *e = w->e;
  double started = e->seconds ? engine_cpu_seconds() : 0;
  engine_run_node(w, node, images);
  if (e->seconds)
    e->seconds[node] += engine_cpu_seconds() - started;
}

void engine_output(const worker *w, int node, int images, int32_t *out) {
  const network *net = w->e->model->net;
  net_shape shape = net->nodes[node].shape;
  int64_t plane = (int64_t)shape.h * shape.w, at = 0;
  for (int i = 0; i < images; i++)
    for (int64_t p = 0; p < plane; p++)
      for (int c = 0; c < shape.c; c++, at++)
        out[((int64_t)i * shape.c + c) * plane + p] =
            tensor_code(worker_tensor(w, node), engine_type(net, node), at, engine_lowest(&net->nodes[node]));
}

int engine_batch(const engine *e) {
  double all = 0, saved = 0; // cycles an image
  int usual = engine_fewer(BATCH, e->batch);
  for (size_t i = 0; i < e->model->net->count; i++)
    for (int k = 0; k < e->plans[i].slices; k++) {
      const plan_slice *s = &e->plans[i].slice[k];
      int most = plan_kinds[s->kind].images(s);
      all += s->cost * s->layout.out.h * s->layout.out.w;
      saved += s->expanding / engine_fewer(usual, most) - s->expanding / engine_fewer(e->batch, most);
    }
  return saved > WORTH * all ? e->batch : usual;
}

// Images a thread takes at once: as many batches for each thread, all of one size.
static size_t share(const engine *e, size_t count) {
  size_t threads = (size_t)omp_get_max_threads(), round = threads * (size_t)engine_batch(e),
         rounds = (count + round - 1) / round;
  return (count + threads * rounds - 1) / (threads * rounds);
}

static const void *known(const engine_images *in, int node) { return in->known ? in->known[node] : NULL; }

// Which nodes `node` depends on, itself among them, and not those before one that is known.
static bool *needed_for(arena *mem, const network *net, const engine_images *in, int node) {
  bool *needed = arena_new_array(mem, bool, net->count);
  needed[node] = true;
  for (int i = node; i > 0; i--)
    for (int k = 0; needed[i] && !known(in, i) && k < net->nodes[i].input_count; k++)
      needed[net->nodes[i].inputs[k]] = true;
  return needed;
}

// Where each node's output is in this batch. What is known is only read.
static void place_tensors(worker *w, const engine_images *in, int until, size_t first) {
  const engine *e = w->e;
  const network *net = e->model->net;
  for (int i = 0; i < (int)net->count; i++) {
    const uint8_t *codes = i == 0 && in->codes ? in->codes : known(in, i);
    size_t image = (size_t)net_shape_size(net->nodes[i].shape) * (size_t)engine_type(net, i);
    w->tensor[i] = codes ? (uint8_t *)(uintptr_t)codes + first * image : w->slot[e->slot[i]];
  }
  if (in->raw)
    w->tensor[until] = in->raw + (first - in->first) * (size_t)net_shape_size(net->nodes[until].shape);
}

static void run_images(worker *w, const engine_images *in, const bool *needed, int until, size_t first, int images) {
  const engine *e = w->e;
  place_tensors(w, in, until, first);
  if (needed[0] && !w->tensor[0])
    load_images(w, in->pixels + first * (size_t)net_shape_size(e->model->net->nodes[0].shape), images);
  for (int i = 1; i < (int)e->model->net->count; i++)
    if (needed[i] && !known(in, i) && !interrupted())
      run_timed(w, i, images);
}

struct engine_pool {
  int count;
  worker **worker; // [count] NULL: not yet
};

engine_pool *engine_pool_new(void) {
  engine_pool *p = calloc(1, sizeof *p);
  if (!p)
    engine_out_of_memory();
  return p;
}

void engine_pool_free(engine_pool *p) {
  for (int i = 0; p && i < p->count; i++)
    engine_worker_free(p->worker[i]);
  if (p)
    free(p->worker);
  free(p);
}

static void grow_pool(engine_pool *p, int count) {
  if (count <= p->count)
    return;
  p->worker = realloc(p->worker, (size_t)count * sizeof(worker *));
  if (!p->worker)
    engine_out_of_memory();
  memset(p->worker + p->count, 0, (size_t)(count - p->count) * sizeof(worker *));
  p->count = count;
}

bool engine_batches(const engine *e, engine_pool *pool, const engine_images *in, int until, engine_use *use,
                    void *context) {
  if (!in->count)
    return !interrupted();
  arena *mem = arena_new();
  const bool *needed = needed_for(mem, e->model->net, in, until);
  assert(!in->raw || engine_type(e->model->net, until) == RAW32);
  engine_pool *own = pool ? pool : engine_pool_new();
  grow_pool(own, omp_get_max_threads());
  assert(own->worker);
  size_t each = share(e, in->count), batches = (in->count + each - 1) / each;
#pragma omp parallel if (batches > 1 && !e->seconds)
  {
    worker **w = &own->worker[omp_get_thread_num()];
    if (!*w)
      *w = engine_worker_new(e);
#pragma omp for schedule(dynamic, 1)
    for (size_t b = 0; b < batches; b++) {
      size_t first = b * each, n = in->count - first < each ? in->count - first : each;
      if (interrupted())
        continue;
      run_images(*w, in, needed, until, in->first + first, (int)n);
      if (!interrupted()) // else not all of it is there
        use(context, *w, first, (int)n);
    }
  }
  if (!pool)
    engine_pool_free(own);
  arena_free(mem);
  return !interrupted();
}

// ---- logits and accuracy ----

typedef struct {
  int32_t *logits;
  size_t outputs;
  progress *bar; // or NULL
} logits_out;

static void take_logits(void *context, const worker *w, size_t first, int images) {
  const logits_out *o = context;
  engine_output(w, (int)w->e->model->net->count - 1, images, o->logits + first * o->outputs);
  if (o->bar)
#pragma omp critical(engine_progress)
    progress_step(o->bar, (uint64_t)images);
}

static bool run(const engine *e, const uint8_t *pixels, size_t count, int32_t *logits, progress *bar) {
  const network *net = e->model->net;
  logits_out out = {logits, (size_t)net_shape_size(net_output(net)->shape), bar};
  engine_images in = {.pixels = pixels, .count = count};
  return engine_batches(e, NULL, &in, (int)net->count - 1, take_logits, &out);
}

bool engine_run(const engine *e, const uint8_t *pixels, size_t count, int32_t *logits) {
  return run(e, pixels, count, logits, NULL);
}

bool engine_evaluate(const engine *e, const dataset *data, size_t first, size_t count, infer_accuracy *out) {
  assert(first <= data->count && count <= data->count - first && data->labels);
  const network *net = e->model->net;
  size_t image = (size_t)net_shape_size(data->shape), outputs = (size_t)net_shape_size(net_output(net)->shape);
  double started = clock_seconds();
  arena *mem = arena_new();
  int32_t *logits = arena_new_array(mem, int32_t, count * outputs);
  progress bar = progress_begin("evaluating", count);
  bool done = run(e, data->pixels + first * image, count, logits, &bar);
  progress_end(&bar);
  *out = (infer_accuracy){.images = count};
  for (size_t i = 0; i < count; i++)
    out->correct += infer_argmax(logits + i * outputs, (int)outputs) == data->labels[first + i];
  out->seconds = clock_seconds() - started;
  arena_free(mem);
  return done;
}
