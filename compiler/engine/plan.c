// SPDX-License-Identifier: Apache-2.0
//
// Cutting a layer into slices and choosing each slice's plan.
#include "compiler/engine/cost.h"
#include "compiler/engine/plan.h"

#include <string.h>

// Filters [first, first + count) of a group, with equal keys together; how many keys there are.
typedef struct {
  int *filter, *begin; // slice i: filter[begin[i]] ... filter[begin[i + 1] - 1]
  int slices;
} partition;

// The multipliers a filter uses, as a set.
static uint64_t filter_key(const infer_model *m, int node, int filter) {
  const assignment *a = infer_assignment(m, node);
  if (!a)
    return 0;
  const net_node *n = &m->net->nodes[node];
  int64_t count = net_reduction(m->net, n);
  return assignment_used(a, filter * count, count);
}

static partition part(arena *mem, const infer_model *m, int node, int first, int count, bool by_multiplier) {
  partition p = {.filter = arena_new_array(mem, int, (size_t)count),
                 .begin = arena_new_array(mem, int, (size_t)count + 1)};
  bool *taken = arena_new_array(mem, bool, (size_t)count);
  uint64_t *key = arena_new_array(mem, uint64_t, (size_t)count); // all equal without by_multiplier
  for (int i = 0; by_multiplier && i < count; i++)
    key[i] = filter_key(m, node, first + i);
  int at = 0;
  for (int i = 0; i < count; i++) {
    if (taken[i])
      continue;
    p.begin[p.slices++] = at;
    for (int j = i; j < count; j++)
      if (!taken[j] && key[i] == key[j]) {
        p.filter[at++] = first + j;
        taken[j] = true;
      }
  }
  p.begin[p.slices] = at;
  return p;
}

static const char *names(arena *mem, const infer_model *m, int node, const plan_slice *s) {
  if (!infer_assignment(m, node))
    return "exact";
  uint64_t all = 0;
  for (int i = 0; i < s->filters; i++)
    all |= filter_key(m, node, s->filter[i]);
  const char *text = NULL;
  for (int i = 0; i < CONFIG_MAX_MULS; i++)
    if (all >> i & 1)
      text = text ? arena_printf(mem, "%s+%s", text, m->muls[i]->name) : m->muls[i]->name;
  return text;
}

// Kernels read whole rows of filters.
static size_t whole_rows(int filters) { return ((size_t)filters + ROW_LANES_MAX) / ROW_LANES_MAX * ROW_LANES_MAX; }

static void set_starts(arena *mem, const plan_context *c, plan_slice *s) {
  const net_node *n = &c->model->net->nodes[c->node];
  int64_t *start = arena_new_array(mem, int64_t, (size_t)s->filters);
  uint16_t *mult = arena_new_array(mem, uint16_t, whole_rows(s->filters));
  for (int f = 0; f < s->filters; f++) {
    start[f] = infer_folded_bias(c->model->net, n, s->filter[f]);
    mult[f] = n->mult ? n->mult[s->filter[f]] : 1;
  }
  s->start = start;
  s->mult = mult;
}

// After the kind has added its constants to start.
static void finish(arena *mem, plan_slice *s) {
  int32_t *low = arena_new_array(mem, int32_t, whole_rows(s->filters));
  for (int f = 0; f < s->filters; f++)
    low[f] = (int32_t)(uint32_t)(uint64_t)s->start[f];
  s->start32 = low;
}

bool plan_direct(arena *mem, const plan_context *c, plan_slice *s, bool pack) {
  (void)mem, (void)pack;
  s->layout = plan_layout_make(c->model->net, &c->model->net->nodes[c->node]);
  s->cost = COST_DIRECT * s->filters * s->layout.kh * plan_layout_run(&s->layout);
  return true;
}

bool plan_ordered(arena *mem, const plan_context *c, plan_slice *s, bool pack) {
  const infer_accumulation *a = infer_accumulated(c->model, c->node);
  if (!a)
    return false;
  plan_direct(mem, c, s, pack);
  s->lanes = a->lanes;
  return true;
}

static plan_kind cheapest(arena *scratch, const plan_context *c, const plan_slice *blank, plan_kind only,
                          double *cost) {
  plan_kind best = PLAN_DIRECT;
  *cost = -1;
  if (infer_accumulated(c->model, c->node)) { // no other keeps the order
    *cost = 0;
    return PLAN_ORDERED;
  }
  for (int kind = 0; kind < PLAN_KINDS; kind++) {
    plan_slice s = *blank;
    s.kind = (plan_kind)kind;
    if (best == plan_kinds[kind].above && s.kind != only)
      continue;
    if (!plan_kinds[kind].plan(scratch, c, &s, false))
      continue;
    if (s.kind == only)
      s.cost = 0;
    if (*cost < 0 || s.cost < *cost) {
      best = s.kind;
      *cost = s.cost;
    }
  }
  return best;
}

static double weigh(arena *mem, const plan_context *base, const partition *p, plan_slice *slices, plan_kind only) {
  double total = 0;
  for (int i = 0; i < p->slices; i++) {
    arena *scratch = arena_new();
    plan_slice *s = &slices[i];
    s->filters = p->begin[i + 1] - p->begin[i];
    s->filter = p->filter + p->begin[i];
    plan_columns columns = plan_columns_find(scratch, base, s->filter, s->filters);
    plan_context c = *base;
    c.columns = &columns;
    double cost;
    s->kind = cheapest(scratch, &c, s, only, &cost);
    total += cost;
    arena_free(scratch);
  }
  (void)mem;
  return total;
}

static void pack(arena *mem, const plan_context *base, plan_slice *s) {
  arena *scratch = arena_new();
  plan_columns columns = plan_columns_find(scratch, base, s->filter, s->filters);
  plan_context c = *base;
  c.columns = &columns;
  set_starts(mem, &c, s);
  bool ok = plan_kinds[s->kind].plan(mem, &c, s, true);
  assert(ok);
  (void)ok;
  finish(mem, s);
  s->multipliers = names(mem, base->model, base->node, s);
  arena_free(scratch);
}

// All channels of a depthwise layer at once: by terms, or where its multipliers have too many, by look-ups.
static bool whole_depthwise(arena *mem, const plan_context *c, plan_kind only, bool wide, plan_slice *s) {
  const net_node *n = &c->model->net->nodes[c->node];
  net_shape in = net_input_shape(c->model->net, n);
  if (infer_accumulated(c->model, c->node) || n->groups == 1 || n->groups != n->shape.c || n->groups != in.c ||
      plan_layout_depthwise(c->model->net, n).window > 1) // which would put its taps side by side
    return false;
  int *filter = arena_new_array(mem, int, (size_t)n->shape.c);
  for (int f = 0; f < n->shape.c; f++)
    filter[f] = f;
  arena *scratch = arena_new();
  plan_columns columns = plan_columns_find(scratch, c, filter, n->shape.c);
  plan_context own = *c;
  own.columns = &columns;
  bool ok = false;
  for (plan_kind kind = 0; kind < PLAN_KINDS && !ok; kind++)
    if (plan_kinds[kind].whole && (only == kind || only == PLAN_KINDS)) {
      *s = (plan_slice){
          .kind = kind, .depthwise = true, .groups = 1, .filters = n->shape.c, .filter = filter, .wide = wide};
      plan_slice trial = *s;
      ok = plan_kinds[kind].plan(scratch, &own, &trial, false);
    }
  arena_free(scratch);
  if (ok)
    pack(mem, c, s);
  return ok;
}

plan_node plan_make(arena *mem, const infer_model *m, int node, bool wide, const kernels *k, plan_store *store,
                    int images, plan_kind only) {
  const net_node *n = &m->net->nodes[node];
  int filters = n->shape.c / n->groups;
  plan_context c = {.model = m,
                    .node = node,
                    .kernels = k,
                    .store = store,
                    .images = images,
                    .narrow_in = net_input_quant(m->net, n).bits <= 8};
  plan_node out = {.slice = arena_new_array(mem, plan_slice, (size_t)n->shape.c)};
  if (whole_depthwise(mem, &c, only, wide, &out.slice[0])) {
    out.slices = 1;
    return out;
  }
  for (int g = 0; g < n->groups; g++) {
    partition best = {0};
    plan_slice *chosen = NULL;
    double best_cost = 0;
    for (int by = 0; by < 2; by++) {
      partition p = part(mem, m, node, g * filters, filters, by);
      if (by && (p.slices == 1 || p.slices > 16))
        break;
      plan_slice *slices = arena_new_array(mem, plan_slice, (size_t)p.slices);
      for (int i = 0; i < p.slices; i++)
        slices[i] = (plan_slice){.group = g, .groups = n->groups, .wide = wide};
      double cost = weigh(mem, &c, &p, slices, only);
      if (!chosen || cost < best_cost) {
        best = p;
        chosen = slices;
        best_cost = cost;
      }
    }
    for (int i = 0; i < best.slices; i++) {
      pack(mem, &c, &chosen[i]);
      out.slice[out.slices++] = chosen[i];
    }
  }
  return out;
}

void plan_add_bias(plan_node *p, const int64_t *more) {
  for (plan_slice *s = p->slice; s < p->slice + p->slices; s++)
    for (int f = 0; f < s->filters; f++) {
      s->start[f] += more[s->filter[f]];
      s->start32[f] = (int32_t)(uint32_t)(uint64_t)s->start[f];
    }
}

void plan_set_mult(plan_node *p, const uint16_t *mult) {
  for (plan_slice *s = p->slice; s < p->slice + p->slices; s++)
    for (int f = 0; f < s->filters; f++)
      s->mult[f] = mult ? mult[s->filter[f]] : 1;
}
