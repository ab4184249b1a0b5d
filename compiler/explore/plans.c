// SPDX-License-Identifier: Apache-2.0
//
// The evaluator's plans: kept by layer, assignment and width of the sums, whatever the biases; the least recently used
// go first.
#include "compiler/explore/evaluator_parts.h"

#include <stdlib.h>

static const size_t STORE_BYTES = (size_t)64 << 20;

static kept_plan *find(const evaluator *e, int node) {
  bool wide = engine_layer_wide(e->range[node]);
  for (kept_plan *k = e->kept[node]; k; k = k->next)
    if (k->wide == wide && assignment_equal(&k->assign, &e->assign[node]))
      return k;
  return NULL;
}

static kept_plan *make(const evaluator *e, int node) {
  bool wide = engine_layer_wide(e->range[node]);
  engine_layer *l = engine_layer_new(e->engine, node, wide, PLAN_KINDS, e->options.thorough ? NULL : e->store);
  kept_plan *k = arena_new_object(l->mem, kept_plan);
  *k = (kept_plan){.layer = l, .assign = e->assign[node], .wide = wide};
  k->assign.mul = arena_memdup(l->mem, k->assign.mul, (size_t)k->assign.count);
  k->bytes = arena_bytes(l->mem);
  return k;
}

static void drop(evaluator *e, kept_plan *k) {
  kept_plan **at = &e->kept[k->layer->node];
  while (*at != k)
    at = &(*at)->next;
  *at = k->next;
  e->statistics.kept--;
  e->statistics.bytes -= k->bytes;
  e->statistics.dropped++;
  engine_layer_free(k->layer); // and k with it
}

// Not of those in use.
static kept_plan *oldest(const evaluator *e) {
  kept_plan *found = NULL;
  for (size_t i = 0; i < e->net.count; i++)
    for (kept_plan *k = e->kept[i]; k; k = k->next)
      if (k != e->current[i] && (!found || k->used < found->used))
        found = k;
  return found;
}

void evaluator_plan(evaluator *e) {
  int nodes = (int)e->net.count;
  arena *mem = arena_new();
  kept_plan **made = arena_new_array(mem, kept_plan *, (size_t)nodes);
  bool *want = arena_new_array(mem, bool, (size_t)nodes);
  for (int i = 0; i < nodes; i++) {
    if (!net_multiplies(&e->net.nodes[i]) || e->current[i])
      continue;
    e->current[i] = find(e, i);
    e->statistics.found += e->current[i] != NULL;
    if (e->current[i])
      engine_set_layer(e->engine, e->current[i]->layer);
    want[i] = !e->current[i];
  }
#pragma omp parallel for schedule(dynamic, 1)
  for (int i = 0; i < nodes; i++)
    if (want[i])
      made[i] = make(e, i);
  e->now++;
  for (int i = 0; i < nodes; i++) {
    if (want[i]) {
      made[i]->next = e->kept[i];
      e->current[i] = e->kept[i] = made[i];
      e->statistics.made++;
      e->statistics.kept++;
      e->statistics.bytes += made[i]->bytes;
      engine_set_layer(e->engine, made[i]->layer);
    }
    if (e->current[i])
      e->current[i]->used = e->now;
  }
  for (kept_plan *k; e->statistics.bytes > e->plan_bytes && (k = oldest(e));)
    drop(e, k);
  plan_store_trim(e->store, STORE_BYTES);
  arena_free(mem);
}

void evaluator_forget(evaluator *e) {
  for (size_t i = 0; i < e->net.count; i++)
    while (e->kept[i])
      drop(e, e->kept[i]);
}

evaluator_plans evaluator_statistics(const evaluator *e) { return e->statistics; }

void evaluator_explain(evaluator *e, FILE *out) {
  evaluator_plan(e);
  engine_explain(e->engine, out);
}
