// SPDX-License-Identifier: Apache-2.0
//
// One layer of a network by itself, whose weights change: what training computes with.
#include "compiler/lib/lib.h"
#include "compiler/lib/tensor.h"
#include "compiler/net/fit.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

// A network of the layer alone: an input for each of its inputs, then itself.
struct axgen_operator {
  arena *mem;
  axgen_net *net;
  axgen_mul **muls;
  size_t mul_count;
  network one;
  net_node *node; // one's last
  int16_t *weight; // [F][C/groups][kh][kw] and
  int32_t *bias; // [F], the node's
  arena *assign_mem; // of what the multipliers are
  assignment *assign; // [nodes]
  infer_model model;
  infer_ranges *ranges;
  infer_range range;
  plan_store *store;
  engine *e;
  engine_pool *pool;
  engine_layer *plan; // NULL: to be made
  void **codes; // [inputs] buffers for offset codes
  size_t *bytes;
};

static const size_t STORE_BYTES = (size_t)64 << 20;
static int last_of(const axgen_operator *o) { return (int)o->one.count - 1; }

// What the layer reads, as an input with the codes that can come.
static net_node input_node(arena *mem, const network *net, int from, int number) {
  const net_node *n = &net->nodes[from];
  infer_codes c = infer_code_range(net, from);
  return (net_node){.name = arena_printf(mem, "input%d", number),
                    .op = NET_INPUT,
                    .pos = n->pos,
                    .shape = n->shape,
                    .quant = n->quant,
                    .lo = c.lo,
                    .hi = c.hi};
}

static void isolate(axgen_operator *o, const network *net, int layer) {
  const net_node *n = &net->nodes[layer];
  net_node *nodes = arena_new_array(o->mem, net_node, (size_t)n->input_count + 1);
  for (int i = 0; i < n->input_count; i++)
    nodes[i] = input_node(o->mem, net, n->inputs[i], i);
  o->node = &nodes[n->input_count];
  *o->node = *n;
  for (int i = 0; i < n->input_count; i++)
    o->node->inputs[i] = i;
  o->one = (network){.mem = o->mem,
                     .name = net->name,
                     .file = net->file,
                     .nodes = nodes,
                     .count = (size_t)n->input_count + 1,
                     .cap = (size_t)n->input_count + 1,
                     .quantised = true,
                     .input_scale_255 = 1};
  if (!net_multiplies(n))
    return;
  size_t weights = (size_t)n->shape.c * (size_t)net_reduction(net, n);
  o->node->weight = o->weight = arena_memdup(o->mem, n->weight, weights * sizeof *n->weight);
  o->node->bias = o->bias = arena_memdup(o->mem, n->bias, (size_t)n->shape.c * sizeof *n->bias);
}

static void drop_plan(axgen_operator *o) {
  engine_layer_free(o->plan);
  o->plan = NULL;
}

// After a change of weights, biases or multipliers. Accumulators that do not fit are an error.
static bool accept(axgen_operator *o, diag *d) {
  infer_range r = infer_ranges_node(o->ranges, &o->model, last_of(o));
  if (!infer_check_range(&o->one, last_of(o), r, d))
    return false;
  if (engine_layer_wide(r) != engine_layer_wide(o->range))
    drop_plan(o);
  o->range = r;
  engine_set_range(o->e, last_of(o), r);
  return true;
}

static bool start(axgen_operator *o, const axgen_mul *const *muls, size_t count, diag *d) {
  const mul **all = arena_new_array(o->mem, const mul *, count);
  o->muls = arena_new_array(o->mem, axgen_mul *, count);
  for (size_t i = 0; i < count; i++) {
    o->muls[i] = (axgen_mul *)(uintptr_t)muls[i];
    all[i] = muls[i]->m;
  }
  o->assign = arena_new_array(o->mem, assignment, o->one.count);
  o->model = (infer_model){.net = &o->one, .muls = all, .assign = o->assign};
  o->ranges = infer_ranges_new(o->mem, &o->one);
  o->codes = arena_new_array(o->mem, void *, o->one.count);
  o->bytes = arena_new_array(o->mem, size_t, o->one.count);
  o->e = engine_new_empty(o->mem, &o->model, kernels_choose(), d);
  if (!o->e || !accept(o, d))
    return false;
  o->pool = engine_pool_new();
  o->store = plan_store_new();
  lib_own(&o->net->owners);
  for (size_t i = 0; i < count; i++)
    lib_own(&o->muls[i]->owners);
  o->mul_count = count;
  return true;
}

static bool check(const axgen_net *net, int layer, const axgen_mul *const *muls, size_t count, diag *d) {
  for (size_t i = 0; i < count; i++)
    if (!lib_given(muls, "the multipliers", d) || !lib_given(muls[i], "each multiplier", d))
      return false;
  if (!net->net->quantised)
    return diag_error(d, "network %s is not quantised: an operator computes integers", net->net->name);
  if (layer < 1 || (size_t)layer >= net->net->count)
    return diag_error(d, "layer %d of network %s: expected 1 to %zu", layer, net->net->name, net->net->count - 1);
  return count <= ASSIGNMENT_MULS || diag_error(d, "%zu multipliers: expected at most %d", count, ASSIGNMENT_MULS);
}

axgen_operator *axgen_operator_new(const axgen_net *net, int layer, const axgen_mul *const *muls, size_t mul_count,
                                   axgen_error **error) {
  progress_watcher w, *before = lib_watch(&w, NULL);
  diag d = {0};
  axgen_operator *o = NULL;
  if (check(net, layer, muls, mul_count, &d)) {
    arena *mem = arena_new();
    o = arena_new_object(mem, axgen_operator);
    *o = (axgen_operator){.mem = mem, .net = (axgen_net *)(uintptr_t)net};
    isolate(o, net->net, layer);
    if (!start(o, muls, mul_count, &d)) {
      arena_free(mem);
      o = NULL;
    }
  }
  lib_unwatch(before);
  lib_end(o != NULL, &d, &w, error);
  return o;
}

void axgen_operator_free(axgen_operator *o) {
  if (!o)
    return;
  engine_layer_free(o->plan);
  engine_pool_free(o->pool);
  plan_store_free(o->store);
  for (size_t i = 0; i < o->one.count; i++)
    free(o->codes[i]);
  axgen_net_free(o->net);
  for (size_t i = 0; i < o->mul_count; i++)
    axgen_mul_free(o->muls[i]);
  arena_free(o->assign_mem);
  arena_free(o->mem);
}

static bool set(axgen_operator *o, axgen_level level, const uint8_t *mul, size_t units, arena *mem, diag *d) {
  assignment a = {0}, before = o->assign[last_of(o)];
  if (mul) {
    if (!lib_check_units(&o->one, o->node, level, mul, units, o->mul_count, d))
      return false;
    a = assignment_make(mem, &o->one, o->node, (assignment_level)level, mul);
    for (size_t i = 0; i < o->mul_count; i++)
      if (assignment_used(&a, 0, a.count * a.each) >> i & 1 &&
          !net_check_fit(&o->one, o->node, o->muls[i]->m, NULL, o->node->pos, d))
        return false;
  }
  o->assign[last_of(o)] = a;
  bool ok = accept(o, d);
  if (ok)
    drop_plan(o);
  else
    o->assign[last_of(o)] = before;
  return ok;
}

bool axgen_operator_set(axgen_operator *o, axgen_level level, const uint8_t *mul, size_t units, axgen_error **error) {
  progress_watcher w, *before = lib_watch(&w, NULL);
  diag d = {0};
  arena *mem = arena_new(), *other = mem;
  bool ok = (net_multiplies(o->node) ||
             diag_error(&d, "layer %s: a %s, in which nothing multiplies", o->node->name, net_op_name(o->node->op))) &&
            set(o, level, mul, units, mem, &d);
  if (ok) {
    other = o->assign_mem;
    o->assign_mem = mem;
  }
  arena_free(other);
  lib_unwatch(before);
  return lib_end(ok, &d, &w, error);
}

static bool check_weights(const net_node *n, const int16_t *weight, size_t count, diag *d) {
  const net_quant q = {.bits = n->weight_bits, .is_signed = n->weight_signed};
  for (size_t i = 0; i < count; i++)
    if (weight[i] < net_quant_lo(q) || weight[i] > net_quant_hi(q))
      return diag_error(d, "layer %s: weight %d at %zu: expected %d to %d", n->name, weight[i], i, net_quant_lo(q),
                        net_quant_hi(q));
  return true;
}

// The node's weights and biases from now on, in the buffers that it has.
static bool replace(axgen_operator *o, const int16_t *weight, const int32_t *bias, diag *d) {
  net_node *n = o->node;
  size_t count = (size_t)n->shape.c * (size_t)net_reduction(&o->one, n);
  bool same = memcmp(weight, o->weight, count * sizeof *weight) == 0;
  if (same && memcmp(bias, o->bias, (size_t)n->shape.c * sizeof *bias) == 0)
    return true;
  if (!check_weights(n, weight, count, d))
    return false;
  n->weight = weight;
  n->bias = bias;
  bool ok = accept(o, d);
  n->weight = o->weight;
  n->bias = o->bias;
  if (!ok)
    return false;
  memcpy(o->weight, weight, count * sizeof *weight);
  memcpy(o->bias, bias, (size_t)n->shape.c * sizeof *bias);
  if (!same)
    drop_plan(o);
  return true;
}

bool axgen_operator_weights(axgen_operator *o, const int16_t *weights, const int32_t *bias, axgen_error **error) {
  progress_watcher w, *before = lib_watch(&w, NULL);
  diag d = {0};
  bool ok = (net_multiplies(o->node) ||
             diag_error(&d, "layer %s: a %s, which has no weights", o->node->name, net_op_name(o->node->op))) &&
            lib_given(weights, "the weights", &d) && lib_given(bias, "the biases", &d) && replace(o, weights, bias, &d);
  lib_unwatch(before);
  return lib_end(ok, &d, &w, error);
}

static void plan(axgen_operator *o) {
  if (!net_multiplies(o->node))
    return;
  if (!o->plan)
    o->plan = engine_layer_new(o->e, last_of(o), engine_layer_wide(o->range), PLAN_KINDS, o->store);
  engine_set_layer(o->e, o->plan); // biases may have changed
  plan_store_trim(o->store, STORE_BYTES);
}

static void take(void *context, const worker *w, size_t first, int images) {
  const axgen_tensor *out = context;
  int last = (int)w->e->model->net->count - 1;
  lib_tensor_store(out, &w->e->model->net->nodes[last], engine_type(w->e->model->net, last), worker_tensor(w, last),
                   first, (size_t)images);
}

static bool load(axgen_operator *o, int input, const axgen_tensor *t, size_t count, diag *d) {
  const net_node *n = &o->one.nodes[input];
  tensor_type type = engine_type(&o->one, input);
  size_t bytes = (size_t)net_shape_size(n->shape) * (size_t)type;
  if (count > PTRDIFF_MAX / bytes)
    return diag_error(d, "layer %s: %zu images are more than memory has addresses for", o->node->name, count);
  bytes *= count;
  if (bytes > o->bytes[input]) {
    free(o->codes[input]);
    o->codes[input] = engine_large(bytes);
    o->bytes[input] = bytes;
  }
  return lib_tensor_load(t, n, type, count, o->codes[input]) ||
         diag_error(d, "layer %s: input %d: expected codes %d to %d%s", o->node->name, input, n->lo, n->hi,
                    n->quant.zero && t->type == AXGEN_F32 ? " less their zero" : "");
}

bool axgen_operator_run(axgen_operator *o, const axgen_tensor *inputs, size_t count, const axgen_tensor *out,
                        axgen_error **error) {
  progress_watcher w, *before = lib_watch(&w, NULL);
  diag d = {0};
  bool ok = lib_tensor_check(out, "the output", &d);
  for (int i = 0; ok && i < o->node->input_count; i++)
    ok = lib_given(inputs, "the inputs", &d) && lib_tensor_check(&inputs[i], "an input", &d) &&
         load(o, i, &inputs[i], count, &d);
  if (ok) {
    plan(o);
    const engine_images in = {.codes = o->codes[0], .count = count, .known = (const void *const *)o->codes};
    axgen_tensor to = *out;
    ok = engine_batches(o->e, o->pool, &in, last_of(o), take, &to) || diag_tool(&d, "interrupted");
  }
  lib_unwatch(before);
  return lib_end(ok, &d, &w, error);
}
