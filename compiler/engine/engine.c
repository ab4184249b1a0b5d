// SPDX-License-Identifier: Apache-2.0
#include "compiler/engine/engine_parts.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BATCH = 64 };
static const size_t TENSOR_BYTES = (size_t)64 << 20; // of one thread's tensors, aimed at

tensor_type engine_type(const network *net, int node) {
  int bits = net->nodes[node].quant.bits;
  return bits == 0 ? RAW32 : bits <= 8 ? CODES8 : CODES16;
}

// A node's buffer is used again once its last reader is done.
static void assign_slots(engine *e, arena *mem) {
  const network *net = e->model->net;
  int *last = arena_new_array(mem, int, net->count), *owner = arena_new_array(mem, int, net->count);
  e->slot = arena_new_array(mem, int, net->count);
  e->slot_bytes = arena_new_array(mem, size_t, net->count);
  for (int i = 0; i < (int)net->count; i++) {
    last[i] = (int)net->count;
    for (int k = 0; k < net->nodes[i].input_count; k++)
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
  e->batch = most < 1 ? 1 : most > BATCH ? BATCH : (int)most;
  e->working = image * (size_t)e->batch;
}

// Whether 32 bits hold a node's sums times their multipliers, without the lowest 16 bits (requantise_args.narrow).
static bool requantises_narrow(const infer_model *m, int node) {
  const net_node *n = &m->net->nodes[node];
  if (!n->mult || n->op == NET_ADD || n->shift <= 16 || n->shift > 31)
    return false;
  int64_t most = 0, zero = n->quant.zero - engine_lowest(n);
  for (int f = 0; f < net_multipliers(n); f++)
    most = n->mult[f] > most ? n->mult[f] : most;
  infer_range r = infer_node_range(m, node);
  if (r.acc_lo < INT32_MIN || r.acc_hi > INT32_MAX)
    return false;
  int64_t added = (((int64_t)1 << (n->shift - 1)) + zero * ((int64_t)1 << n->shift)) >> 16;
  return ((r.acc_hi * most) >> 16) + added < INT32_MAX - 1 && (r.acc_lo < 0 ? (r.acc_lo * most) >> 16 : 0) > INT32_MIN;
}

engine *engine_new_with(arena *mem, const infer_model *m, const kernels *k, plan_kind only, diag *d) {
  if (!m->net->quantised) {
    diag_error(d, "the network has no integers yet: quantise it first");
    return NULL;
  }
  if (!infer_check(m, d))
    return NULL;
  const network *net = m->net;
  engine *e = arena_new_object(mem, engine);
  e->model = m;
  e->kernels = k;
  assign_slots(e, mem);
  e->plans = arena_new_array(mem, plan_node, net->count);
  e->narrow = arena_new_array(mem, bool, net->count);
  size_t scratch = 0;
  for (int i = 0; i < (int)net->count; i++) {
    e->narrow[i] = requantises_narrow(m, i);
    if (!net_multiplies(&net->nodes[i]))
      continue;
    e->plans[i] = plan_make(mem, m, i, k, e->batch, only);
    for (int s = 0; s < e->plans[i].slices; s++) {
      size_t bytes = slice_working(e, &e->plans[i].slice[s]);
      e->packed += e->plans[i].slice[s].bytes;
      scratch = bytes > scratch ? bytes : scratch;
    }
  }
  e->working += scratch;
  const net_node *in = &net->nodes[0];
  network one = *net; // a picture of the 256 pixel values
  net_node image = *in;
  image.shape = (net_shape){1, 1, 256};
  one.nodes = &image;
  one.count = 1;
  uint8_t pixels[256];
  int32_t codes[256];
  for (int i = 0; i < 256; i++)
    pixels[i] = (uint8_t)i;
  infer_input_codes(&one, pixels, codes);
  for (int i = 0; i < 256; i++)
    e->input[i] = (uint16_t)(codes[i] - engine_lowest(in));
  return e;
}

engine *engine_new(arena *mem, const infer_model *m, diag *d) {
  return engine_new_with(mem, m, kernels_choose(), PLAN_KINDS, d);
}

size_t engine_memory(const engine *e) { return e->packed + e->working * (size_t)omp_get_max_threads(); }

// Large and short-lived, so not from an arena, which would clear it.
static void *large(size_t bytes) {
  void *p = aligned_alloc(64, (bytes + PANEL_SLACK + 63) / 64 * 64);
  if (!p) {
    fputs("axgen: out of memory\n", stderr);
    exit(EXIT_TOOL);
  }
  return p;
}

void *worker_buffer(worker *w, int which, size_t bytes) {
  if (bytes > w->size[which]) {
    free(w->buffer[which]);
    w->buffer[which] = large(bytes);
    w->size[which] = bytes;
  }
  return w->buffer[which];
}

static worker worker_new(const engine *e, arena *mem) {
  worker w = {.e = e, .slot = arena_new_array(mem, void *, (size_t)e->slots)};
  for (int s = 0; s < e->slots; s++)
    w.slot[s] = large(e->slot_bytes[s] * (size_t)e->batch);
  return w;
}

static void worker_free(worker *w) {
  for (int i = 0; i < BUFFERS; i++)
    free(w->buffer[i]);
  for (int s = 0; s < w->e->slots; s++)
    free(w->slot[s]);
}

// Where each channel has codes of its own for its pixels.
static void load_by_channel(worker *w, const uint8_t *pixels, int images) {
  const network *net = w->e->model->net;
  net_shape s = net->nodes[0].shape;
  int64_t plane = (int64_t)s.h * s.w, image = plane * s.c;
  bool narrow = engine_type(net, 0) == CODES8;
  void *out = worker_tensor(w, 0);
  for (int c = 0; c < s.c; c++) {
    int32_t code[256], lowest = engine_lowest(&net->nodes[0]);
    infer_pixel_codes(net, c, code);
    for (int i = 0; i < images; i++)
      for (int64_t p = 0; p < plane; p++) {
        int64_t to = i * image + p * s.c + c;
        int32_t v = code[pixels[i * image + c * plane + p]] - lowest;
        if (narrow)
          ((uint8_t *)out)[to] = (uint8_t)v;
        else
          ((uint16_t *)out)[to] = (uint16_t)v;
      }
  }
}

static void load_images(worker *w, const uint8_t *pixels, int images) {
  const engine *e = w->e;
  if (e->model->net->input_channels) {
    load_by_channel(w, pixels, images);
    return;
  }
  net_shape shape = e->model->net->nodes[0].shape;
  size_t plane = (size_t)shape.h * (size_t)shape.w, image = plane * (size_t)shape.c, n = image * (size_t)images;
  const uint8_t *ordered = pixels;
  if (shape.c > 1 && plane > 1) { // pixels come in planes
    uint8_t *to = worker_buffer(w, BUFFER_MAPPED, n);
    for (int i = 0; i < images; i++)
      e->kernels->interleave8(to + (size_t)i * image, pixels + (size_t)i * image, plane, shape.c, plane);
    ordered = to;
  }
  void *out = worker_tensor(w, 0);
  if (engine_type(e->model->net, 0) == CODES8) {
    uint8_t map[256];
    for (int i = 0; i < 256; i++)
      map[i] = (uint8_t)e->input[i];
    e->kernels->map8(out, ordered, n, map);
  } else
    e->kernels->map16(out, ordered, n, e->input);
}

double engine_cpu_seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void run_batch(worker *w, const uint8_t *pixels, int images, int32_t *logits) {
  const engine *e = w->e;
  const network *net = e->model->net;
  for (int i = 0; i < (int)net->count; i++) {
    double started = e->seconds ? engine_cpu_seconds() : 0;
    if (i == 0)
      load_images(w, pixels, images);
    else if (net_multiplies(&net->nodes[i]))
      run_multiplying(w, i, images);
    else
      run_simple(w, i, images);
    if (e->seconds)
      e->seconds[i] += engine_cpu_seconds() - started;
  }
  int last = (int)net->count - 1;
  net_shape shape = net->nodes[last].shape;
  int64_t plane = (int64_t)shape.h * shape.w, at = 0;
  for (int i = 0; i < images; i++)
    for (int64_t p = 0; p < plane; p++)
      for (int c = 0; c < shape.c; c++, at++)
        logits[(i * shape.c + c) * plane + p] =
            tensor_code(worker_tensor(w, last), engine_type(net, last), at, engine_lowest(&net->nodes[last]));
}

// Images a thread takes at once: whole batches, fewer when there are not enough for all threads.
static size_t share(const engine *e, size_t count) {
  size_t threads = (size_t)omp_get_max_threads(), each = (count + threads - 1) / threads;
  return each < (size_t)e->batch ? each : (size_t)e->batch;
}

bool engine_run(const engine *e, const uint8_t *pixels, size_t count, int32_t *logits) {
  const network *net = e->model->net;
  size_t image = (size_t)net_shape_size(net->nodes[0].shape), outputs = (size_t)net_shape_size(net_output(net)->shape);
  if (!count)
    return !interrupted();
  size_t each = share(e, count), batches = (count + each - 1) / each;
#pragma omp parallel if (batches > 1 && !e->seconds)
  {
    arena *mem = arena_new();
    worker w = worker_new(e, mem);
#pragma omp for schedule(dynamic, 1)
    for (size_t b = 0; b < batches; b++) {
      size_t first = b * each, n = count - first < each ? count - first : each;
      if (!interrupted())
        run_batch(&w, pixels + first * image, (int)n, logits + first * outputs);
    }
    worker_free(&w);
    arena_free(mem);
  }
  return !interrupted();
}

bool engine_evaluate(const engine *e, const dataset *data, size_t first, size_t count, infer_accuracy *out) {
  assert(first <= data->count && count <= data->count - first && data->labels);
  const network *net = e->model->net;
  size_t image = (size_t)net_shape_size(data->shape), correct = 0;
  int outputs = (int)net_shape_size(net_output(net)->shape);
  double started = clock_seconds();
  progress bar = progress_begin("evaluating", count);
  size_t each = count ? share(e, count) : 1, batches = (count + each - 1) / each;
#pragma omp parallel reduction(+ : correct) if (!e->seconds)
  {
    arena *mem = arena_new();
    worker w = worker_new(e, mem);
    int32_t *logits = arena_new_array(mem, int32_t, each * (size_t)outputs);
#pragma omp for schedule(dynamic, 1)
    for (size_t b = 0; b < batches; b++) {
      size_t begin = first + b * each, left = first + count - begin, n = left < each ? left : each;
      if (interrupted())
        continue;
      run_batch(&w, data->pixels + begin * image, (int)n, logits);
      for (size_t i = 0; i < n; i++)
        correct += infer_argmax(logits + i * (size_t)outputs, outputs) == data->labels[begin + i];
#pragma omp critical(engine_progress)
      progress_step(&bar, n);
    }
    worker_free(&w);
    arena_free(mem);
  }
  progress_end(&bar);
  *out = (infer_accuracy){count, correct, clock_seconds() - started};
  return !interrupted();
}
