// SPDX-License-Identifier: Apache-2.0
#include "compiler/explore/evaluator.h"
#include "compiler/explore/matching.h"
#include "compiler/lib/lib.h"

#include <math.h>
#include <stdlib.h>

struct axgen_evaluator {
  arena *mem;
  axgen_net *net;
  axgen_mul **muls;
  size_t mul_count;
  dataset data;
  evaluator *e;
};

static int classes_of(const uint8_t *labels, size_t count) {
  int most = -1;
  for (size_t i = 0; labels && i < count; i++)
    most = labels[i] > most ? labels[i] : most;
  return most + 1;
}

static bool check(const axgen_net *net, const axgen_mul *const *muls, size_t mul_count, const dataset *data, diag *d) {
  for (size_t i = 0; i < mul_count; i++)
    if (!lib_given(muls, "the multipliers", d) || !lib_given(muls[i], "each multiplier", d))
      return false;
  if (!net->net->quantised)
    return diag_error(d, "network %s is not quantised: an evaluator runs integers", net->net->name);
  if (mul_count > ASSIGNMENT_MULS)
    return diag_error(d, "%zu multipliers: expected at most %d", mul_count, ASSIGNMENT_MULS);
  if (!data->count || !data->pixels)
    return diag_error(d, "network %s: expected images", net->net->name);
  return !data->labels || infer_check_labels(net->net, data, d);
}

axgen_evaluator *axgen_evaluator_new(const axgen_net *net, const axgen_mul *const *muls, size_t mul_count,
                                     const uint8_t *images, const uint8_t *labels, size_t count, axgen_error **error) {
  progress_watcher w, *before = lib_watch(&w, NULL);
  arena *mem = arena_new();
  diag d = {0};
  axgen_evaluator *out = arena_new_object(mem, axgen_evaluator);
  *out = (axgen_evaluator){.mem = mem, .net = (axgen_net *)(uintptr_t)net};
  out->data = (dataset){net->net->nodes[0].shape, count, images, labels, classes_of(labels, count)};
  if (check(net, muls, mul_count, &out->data, &d)) {
    const mul **all = arena_new_array(mem, const mul *, mul_count);
    out->muls = arena_new_array(mem, axgen_mul *, mul_count);
    for (size_t i = 0; i < mul_count; i++) {
      out->muls[i] = (axgen_mul *)(uintptr_t)muls[i];
      all[i] = muls[i]->m;
    }
    out->e = evaluator_new(net->net, all, (int)mul_count, &out->data, NULL, &d);
  }
  if (out->e) {
    lib_own(&out->net->owners);
    for (size_t i = 0; i < mul_count; i++)
      lib_own(&out->muls[i]->owners);
    out->mul_count = mul_count;
  }
  lib_unwatch(before);
  if (lib_end(out->e != NULL, &d, &w, error))
    return out;
  arena_free(mem);
  return NULL;
}

void axgen_evaluator_free(axgen_evaluator *e) {
  if (!e)
    return;
  evaluator_free(e->e);
  axgen_net_free(e->net);
  for (size_t i = 0; i < e->mul_count; i++)
    axgen_mul_free(e->muls[i]);
  arena_free(e->mem);
}

bool lib_check_units(const network *net, const net_node *n, axgen_level level, const uint8_t *mul, size_t units,
                     size_t mul_count, diag *d) {
  static const char *const NAMES[] = {
      [AXGEN_LAYER] = "layer", [AXGEN_FILTER] = "filters", [AXGEN_KERNEL] = "kernels", [AXGEN_WEIGHT] = "weights"};
  if (level < AXGEN_LAYER || level > AXGEN_WEIGHT)
    return diag_error(d, "level %d: expected 1 (layer), 2 (filter), 3 (kernel) or 4 (weight)", (int)level);
  size_t expected = (size_t)assignment_units(net, n, (assignment_level)level);
  if (units != expected)
    return diag_error(d, "layer %s: %zu multipliers by %s; expected %zu", n->name, units, NAMES[level], expected);
  for (size_t i = 0; i < units; i++)
    if (mul[i] >= mul_count)
      return diag_error(d, "layer %s: multiplier %d at %zu; there are %zu", n->name, mul[i], i, mul_count);
  return true;
}

bool axgen_evaluator_set(axgen_evaluator *e, int layer, axgen_level level, const uint8_t *mul, size_t units,
                         axgen_error **error) {
  progress_watcher w, *before = lib_watch(&w, NULL);
  diag d = {0};
  const network *net = e->net->net;
  bool ok = (layer >= 0 && (size_t)layer < net->count && net_multiplies(&net->nodes[layer])) ||
            diag_error(&d, "layer %d of network %s: expected one that multiplies", layer, net->name);
  if (ok && !mul)
    ok = evaluator_set(e->e, layer, NULL, &d);
  else if (ok && lib_check_units(net, &net->nodes[layer], level, mul, units, e->mul_count, &d)) {
    arena *mem = arena_new();
    assignment a = assignment_make(mem, net, &net->nodes[layer], (assignment_level)level, mul);
    ok = evaluator_set(e->e, layer, &a, &d);
    arena_free(mem);
  } else
    ok = false;
  lib_unwatch(before);
  return lib_end(ok, &d, &w, error);
}

bool axgen_evaluator_run(axgen_evaluator *e, size_t first, size_t count, int32_t *logits, axgen_result *result,
                         const axgen_watch *watch, axgen_error **error) {
  progress_watcher w, *before = lib_watch(&w, watch);
  diag d = {0};
  evaluation got = {0};
  const evaluation_details details = {.logits = logits};
  bool ok = (first <= e->data.count && count <= e->data.count - first) ||
            diag_error(&d, "%zu images from %zu on: the evaluator has %zu", count, first, e->data.count);
  ok = ok && (evaluator_accuracy_shown(e->e, first, count, &details, &got) || diag_tool(&d, "interrupted"));
  lib_unwatch(before);
  if (ok && result)
    *result = (axgen_result){got.images, got.correct, got.loss};
  return lib_end(ok, &d, &w, error);
}

bool axgen_evaluator_scale(const axgen_evaluator *e, double *scale, int32_t *zero) {
  return evaluator_scale(e->net->net, scale, zero);
}

axgen_net *axgen_evaluator_corrected(axgen_evaluator *e, size_t count, const axgen_watch *watch, axgen_error **error) {
  progress_watcher w, *before = lib_watch(&w, watch);
  arena *mem = arena_new();
  diag d = {0};
  correction c;
  const infer_model *model = evaluator_model(e->e);
  bool ok = (count && count <= e->data.count) ||
            diag_error(&d, "%zu images to correct on: the evaluator has %zu", count, e->data.count);
  matching *m = ok ? matching_new(e->net->net, model->muls, &e->data, 0, count, &d) : NULL;
  ok = m && matching_run(m, model->assign, MATCH_GAIN, mem, &c, &d);
  matching_free(m);
  axgen_net *out = NULL;
  if (ok) {
    network *net = arena_new_object(mem, network);
    *net = matching_corrected(mem, e->net->net, &c);
    net->mem = mem;
    net->cap = net->count;
    out = arena_new_object(mem, axgen_net);
    *out = (axgen_net){1, mem, net, e->net, NULL};
    lib_own(&out->from->owners);
  } else
    arena_free(mem);
  lib_unwatch(before);
  lib_end(ok, &d, &w, error);
  return out;
}
