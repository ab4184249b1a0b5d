// SPDX-License-Identifier: Apache-2.0
#include "compiler/explore/evaluator_parts.h"
#include "compiler/net/fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// ---- making and ending ----

static bool fits(const evaluator *e, const net_node *n, const assignment *a, diag *d) {
  uint64_t used = a->level ? assignment_used(a, 0, a->count * a->each) : 0;
  for (int i = 0; i < e->mul_count; i++)
    if (used >> i & 1 && !net_check_fit(e->given, n, e->muls[i], NULL, n->pos, d))
      return false;
  return true;
}

static void take_assignment(evaluator *e, int node, const assignment *a) {
  arena *mem = arena_new();
  e->assign[node] = *a;
  e->assign[node].mul = arena_memdup(mem, a->mul, (size_t)a->count);
  arena_free(e->assign_mem[node]);
  e->assign_mem[node] = mem;
}

static void take_scale(evaluator *e) {
  double *scale = arena_new_array(e->mem, double, (size_t)net_shape_size(net_output(e->given)->shape));
  if (evaluator_scale(e->given, scale, &e->zero))
    e->scale = scale;
}

static bool start(evaluator *e, diag *d) {
  const assignment *assign = e->options.assign;
  e->model.accumulate = e->options.accumulate;
  const kernels *k = e->options.isa ? kernels_named(e->options.isa) : kernels_choose();
  if (!k)
    return diag_error(d, "this machine has no instruction set `%s`", e->options.isa);
  e->engine = engine_new_empty(e->mem, &e->model, k, d);
  if (!e->engine || !infer_check_data(e->given, e->data, d))
    return false;
  for (size_t i = 0; assign && i < e->net.count; i++) {
    if (!net_multiplies(&e->net.nodes[i]) || !assign[i].level)
      continue;
    assert(assignment_verify(e->given, &e->given->nodes[i], &assign[i], e->mul_count));
    take_assignment(e, (int)i, &assign[i]);
    if (!fits(e, &e->net.nodes[i], &assign[i], d))
      return false;
  }
  if (!infer_check_ranges(e->ranges, &e->model, e->range, d))
    return false;
  for (int i = 0; i < (int)e->net.count; i++)
    engine_set_range(e->engine, i, e->range[i]);
  return true;
}

static evaluator *blank(const network *net, const mul *const *muls, int mul_count, const dataset *data) {
  assert(mul_count >= 0 && mul_count <= ASSIGNMENT_MULS);
  arena *mem = arena_new();
  evaluator *e = arena_new_object(mem, evaluator);
  *e = (evaluator){.mem = mem, .given = net, .net = *net, .muls = muls, .mul_count = mul_count, .data = data};
  e->labels = data->classes <= net_shape_size(net_output(net)->shape) ? data->labels : NULL;
  e->net.nodes = arena_memdup(mem, net->nodes, net->count * sizeof *net->nodes);
  e->assign = arena_new_array(mem, assignment, net->count);
  e->assign_mem = arena_new_array(mem, arena *, net->count);
  e->bias = arena_new_array(mem, int32_t *, net->count);
  e->mult = arena_new_array(mem, uint16_t *, net->count);
  e->range = arena_new_array(mem, infer_range, net->count);
  e->kept = arena_new_array(mem, kept_plan *, net->count);
  e->current = arena_new_array(mem, kept_plan *, net->count);
  e->ranges = infer_ranges_new(mem, net);
  e->model = (infer_model){.net = &e->net, .muls = muls, .assign = e->assign};
  e->pool = engine_pool_new();
  e->store = plan_store_new();
  return e;
}

evaluator *evaluator_new(const network *net, const mul *const *muls, int mul_count, const dataset *data,
                         const evaluator_options *options, diag *d) {
  evaluator *e = blank(net, muls, mul_count, data);
  e->options = options ? *options : (evaluator_options){0};
  e->plan_bytes = e->options.plan_bytes ? e->options.plan_bytes : EVALUATOR_PLAN_BYTES;
  if (!start(e, d)) {
    evaluator_free(e);
    return NULL;
  }
  take_scale(e);
  e->options.assign = NULL; // may be gone later
  e->shared = malloc(sizeof *e->shared);
  assert(e->shared);
  *e->shared = (shared_codes){1, engine_codes(e->engine, data->pixels, data->count)};
  return e;
}

evaluator *evaluator_fork(const evaluator *from) {
  evaluator *e = blank(from->given, from->muls, from->mul_count, from->data);
  e->options = from->options;
  e->plan_bytes = from->plan_bytes;
  diag none = {0};
  e->options.assign = from->assign;
  for (int i = 0; i < (int)e->net.count; i++) {
    net_node *n = &e->net.nodes[i];
    if (from->bias[i])
      n->bias = e->bias[i] = arena_memdup(e->mem, from->bias[i], (size_t)n->shape.c * sizeof(int32_t));
    if (from->mult[i])
      n->mult = e->mult[i] = arena_memdup(e->mem, from->mult[i], (size_t)n->shape.c * sizeof(uint16_t));
  }
  bool ok = start(e, &none);
  assert(ok); // it was
  (void)ok;
  take_scale(e);
  e->options.assign = NULL;
  e->shared = from->shared;
  __atomic_add_fetch(&e->shared->owners, 1, __ATOMIC_RELAXED);
  return e;
}

void evaluator_free(evaluator *e) {
  if (!e)
    return;
  evaluator_forget(e);
  engine_pool_free(e->pool);
  plan_store_free(e->store);
  for (size_t i = 0; i < e->net.count; i++)
    arena_free(e->assign_mem[i]);
  if (e->shared && __atomic_sub_fetch(&e->shared->owners, 1, __ATOMIC_ACQ_REL) == 0) {
    free(e->shared->codes);
    free(e->shared);
  }
  arena_free(e->mem);
}

// ---- changes ----

// After a change of node's assignment or biases: its range and all that follows from it. False: not possible.
static bool accept(evaluator *e, int node, diag *d) {
  infer_range r = infer_ranges_node(e->ranges, &e->model, node);
  if (!infer_check_range(&e->net, node, r, d))
    return false;
  e->range[node] = r;
  engine_set_range(e->engine, node, r);
  e->current[node] = NULL;
  return true;
}

bool evaluator_set(evaluator *e, int node, const assignment *a, diag *d) {
  const net_node *n = &e->net.nodes[node];
  assignment exact = {0}, before = e->assign[node];
  assert(net_multiplies(n) && (!a || assignment_verify(e->given, &e->given->nodes[node], a, e->mul_count)));
  a = a ? a : &exact;
  if (assignment_equal(a, &before))
    return true;
  if (!fits(e, n, a, d))
    return false;
  e->assign[node] = *a;
  bool ok = accept(e, node, d);
  e->assign[node] = before;
  if (ok)
    take_assignment(e, node, a);
  return ok;
}

bool evaluator_set_bias(evaluator *e, int node, const int32_t *bias, diag *d) {
  net_node *n = &e->net.nodes[node];
  assert(net_multiplies(n));
  const int32_t *before = n->bias;
  n->bias = bias ? bias : e->given->nodes[node].bias;
  bool ok = accept(e, node, d);
  n->bias = before;
  if (!ok)
    return false;
  size_t bytes = (size_t)n->shape.c * sizeof *bias;
  if (!e->bias[node])
    e->bias[node] = arena_alloc(e->mem, bytes);
  memmove(e->bias[node], bias ? bias : e->given->nodes[node].bias, bytes);
  n->bias = e->bias[node];
  return true;
}

bool evaluator_set_mult(evaluator *e, int node, const uint16_t *mult, diag *d) {
  net_node *n = &e->net.nodes[node];
  assert(net_multiplies(n) && !net_is_raw(&e->net, n));
  const uint16_t *before = n->mult;
  n->mult = mult ? mult : e->given->nodes[node].mult;
  bool ok = accept(e, node, d); // whether 32 bits hold its sums' products depends on them
  n->mult = before;
  if (!ok)
    return false;
  size_t bytes = (size_t)n->shape.c * sizeof *mult;
  if (!e->mult[node])
    e->mult[node] = arena_alloc(e->mem, bytes);
  memmove(e->mult[node], mult ? mult : e->given->nodes[node].mult, bytes);
  n->mult = e->mult[node];
  return true;
}

const infer_model *evaluator_model(const evaluator *e) { return &e->model; }

// ---- accuracy and loss ----

// How many taps of an average's window lie inside the image.
static int inside(int at, int stride, int pad, int kernel, int size) {
  int first = at * stride - pad, last = first + kernel;
  return (last < size ? last : size) - (first > 0 ? first : 0);
}

bool evaluator_scale(const network *net, double *scale, int32_t *zero) {
  const net_node *n = net_output(net);
  *zero = net_is_raw(net, n) ? 0 : n->quant.zero;
  if (net_is_raw(net, n) && n->op != NET_AVGPOOL && !n->weight_scale)
    return false;
  net_shape in = net_input_shape(net, n);
  for (int c = 0, i = 0; c < n->shape.c; c++)
    for (int y = 0; y < n->shape.h; y++)
      for (int x = 0; x < n->shape.w; x++, i++)
        if (!net_is_raw(net, n))
          scale[i] = n->quant.scale;
        else if (n->op == NET_AVGPOOL)
          scale[i] = net_input_quant(net, n).scale /
                     (n->count_pad ? n->kh * n->kw
                                   : inside(y, n->sh, n->pt, n->kh, in.h) * inside(x, n->sw, n->pl, n->kw, in.w));
        else
          scale[i] = net_input_quant(net, n).scale * n->weight_scale[c];
  return true;
}

// -ln softmax(logits)[label], without overflow.
static double cross_entropy(const double *scale, int32_t zero, const int32_t *logits, size_t outputs, int label) {
  double most = -INFINITY, sum = 0;
  for (size_t i = 0; i < outputs; i++)
    most = fmax(most, scale[i] * ((double)logits[i] - zero));
  for (size_t i = 0; i < outputs; i++) // at least one is 1
    sum += exp(scale[i] * ((double)logits[i] - zero) - most);
  return (sum > 0 ? log(sum) : 0) + most - scale[label] * ((double)logits[label] - zero);
}

typedef struct {
  const evaluator *e;
  const uint8_t *labels; // of the first image; NULL: none
  size_t outputs;
  evaluation_details to; // right and loss always
  progress *bar;
} marks;

static void mark(void *context, const worker *w, size_t first, int images) {
  const marks *m = context;
  int32_t *logits =
      m->to.logits ? m->to.logits + first * m->outputs : calloc((size_t)images * m->outputs, sizeof *logits);
  assert(logits);
  engine_output(w, (int)m->e->net.count - 1, images, logits);
  for (int i = 0; m->labels && i < images; i++) {
    const int32_t *of = logits + (size_t)i * m->outputs;
    int label = m->labels[first + (size_t)i];
    m->to.right[first + (size_t)i] = infer_argmax(of, (int)m->outputs) == label;
    m->to.loss[first + (size_t)i] = m->e->scale ? cross_entropy(m->e->scale, m->e->zero, of, m->outputs, label) : NAN;
  }
  if (!m->to.logits)
    free(logits);
  if (m->bar)
#pragma omp critical(evaluator_progress)
    progress_step(m->bar, (uint64_t)images);
}

static bool accuracy(evaluator *e, size_t first, size_t count, const evaluation_details *details, progress *bar,
                     evaluation *out) {
  assert(first <= e->data->count && count <= e->data->count - first);
  double started = clock_seconds();
  evaluator_plan(e);
  *out = (evaluation){.images = count, .planning = clock_seconds() - started};
  arena *mem = arena_new();
  marks m = {.e = e,
             .labels = e->labels ? e->labels + first : NULL,
             .outputs = (size_t)net_shape_size(net_output(e->given)->shape),
             .to = details ? *details : (evaluation_details){0},
             .bar = bar};
  m.to.right = m.to.right ? m.to.right : arena_new_array(mem, bool, count);
  m.to.loss = m.to.loss ? m.to.loss : arena_new_array(mem, double, count);
  engine_images images = {.codes = e->shared->codes, .first = first, .count = count};
  bool done = engine_batches(e->engine, e->pool, &images, (int)e->net.count - 1, mark, &m);
  double loss = 0;
  for (size_t i = 0; m.labels && i < count; i++) {
    out->correct += m.to.right[i];
    loss += m.to.loss[i];
  }
  out->loss = m.labels ? loss / (double)count : NAN;
  out->seconds = clock_seconds() - started;
  arena_free(mem);
  return done;
}

bool evaluator_accuracy(evaluator *e, size_t first, size_t count, const evaluation_details *details, evaluation *out) {
  return accuracy(e, first, count, details, NULL, out);
}

bool evaluator_accuracy_shown(evaluator *e, size_t first, size_t count, const evaluation_details *details,
                              evaluation *out) {
  progress bar = progress_begin("evaluating", count);
  bool done = accuracy(e, first, count, details, &bar, out);
  progress_end(&bar);
  return done;
}

bool evaluation_by_reference(const infer_model *m, const dataset *data, size_t first, size_t count, evaluation *out) {
  assert(first <= data->count && count <= data->count - first && data->labels);
  size_t image = (size_t)net_shape_size(data->shape), outputs = (size_t)net_shape_size(net_output(m->net)->shape);
  double started = clock_seconds();
  arena *mem = arena_new();
  double *scale = arena_new_array(mem, double, outputs), *loss = arena_new_array(mem, double, count), sum = 0;
  int32_t zero;
  bool scaled = evaluator_scale(m->net, scale, &zero);
  size_t correct = 0;
  progress bar = progress_begin("evaluating", count);
#pragma omp parallel reduction(+ : correct)
  {
    arena *own = arena_new();
    int32_t **values = infer_buffers(own, m->net);
#pragma omp for schedule(dynamic, 8)
    for (size_t i = 0; i < count; i++) {
      if (interrupted())
        continue;
      ref_run(m, data->pixels + (first + i) * image, values);
      const int32_t *logits = values[m->net->count - 1];
      correct += infer_argmax(logits, (int)outputs) == data->labels[first + i];
      loss[i] = scaled ? cross_entropy(scale, zero, logits, outputs, data->labels[first + i]) : NAN;
#pragma omp critical(evaluator_progress)
      progress_step(&bar, 1);
    }
    arena_free(own);
  }
  progress_end(&bar);
  for (size_t i = 0; i < count; i++)
    sum += loss[i];
  *out = (evaluation){count, correct, sum / (double)count, clock_seconds() - started, 0};
  arena_free(mem);
  return !interrupted();
}
