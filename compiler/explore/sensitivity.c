// SPDX-License-Identifier: Apache-2.0
#include "compiler/explore/sensitivity.h"
#include "compiler/net/fit.h"

typedef struct {
  const sensitivity_options *o;
  const network *net;
  judge *judge;
  sensitivity *out;
  progress bar;
  diag *d;
} task;

static const net_node *node_of(const task *t, int layer) { return &t->net->nodes[t->out->node[layer]]; }

static void freeze(const task *t, assignment *assign, arena *mem) {
  for (size_t i = 0; t->o->frozen && i < t->net->count; i++)
    if (t->o->frozen[i] >= 0)
      assign[i] = assignment_uniform(mem, t->net, &t->net->nodes[i], (uint8_t)t->o->frozen[i]);
}

// Whether there is an answer: some layer has the multiplier, and all sums fit.
static bool possible(const task *t, const assignment *assign, bool any) {
  diag why = {0};
  infer_model m = {.net = t->net, .muls = t->o->judge.muls, .assign = assign};
  bool ok = any && infer_check(&m, &why);
  diag_free(&why);
  return ok;
}

static bool ask(task *t, const assignment *assign, sensitivity_value *v) {
  const judged *p = judge_ask(t->judge, assign, 1, t->d);
  if (!p)
    return false;
  *v = (sensitivity_value){
      .known = true, .images = p->result.images, .correct = p->result.correct, .drop = p->drop, .loss = p->result.loss};
  judge_interval(p->worse, p->better, p->result.images, &v->lo, &v->hi);
  return true;
}

static bool measure(task *t, sensitivity_scope scope, int layer, int mul, sensitivity_value *v) {
  arena *mem = arena_new();
  assignment *assign = arena_new_array(mem, assignment, t->net->count);
  bool any = false;
  freeze(t, assign, mem);
  for (int l = layer; l < (scope == SENSITIVITY_ONWARD ? t->out->layers : layer + 1); l++)
    if (net_fits(t->net, node_of(t, l), t->o->judge.muls[mul])) {
      if (!t->o->judge.muls[mul]->exact) // it is as no multiplier at all: measured once
        assign[t->out->node[l]] = assignment_uniform(mem, t->net, node_of(t, l), (uint8_t)mul);
      any = true;
    }
  bool ok = !possible(t, assign, any) || ask(t, assign, v);
  progress_step(&t->bar, 1);
  arena_free(mem);
  return ok;
}

static bool measure_way(task *t, sensitivity_way way) {
  judge_options o = t->o->judge;
  o.most = INT64_MAX;
  o.whole = true;
  if (way == SENSITIVITY_AS_IS)
    o.match = MATCH_NOTHING;
  t->judge = judge_new(&o, t->d);
  bool ok = t->judge != NULL;
  for (int k = 0; ok && k < SENSITIVITY_SCOPES; k++)
    for (int m = 0; ok && m < t->out->muls; m++)
      for (int l = 0; ok && l < t->out->layers; l++)
        ok = measure(t, (sensitivity_scope)k, l, m, &t->out->value[k][way][l * t->out->muls + m]);
  if (t->judge) {
    t->out->exact = *judge_exact(t->judge);
    t->out->evaluations += judge_evaluations(t->judge);
    t->out->remembered += judge_remembered(t->judge);
  }
  judge_free(t->judge);
  return ok && (!interrupted() || diag_tool(t->d, "interrupted"));
}

bool sensitivity_run(const sensitivity_options *o, arena *mem, sensitivity *out, diag *d) {
  const network *net = o->judge.net;
  int *node = arena_new_array(mem, int, net->count);
  *out = (sensitivity){.muls = o->judge.mul_count, .node = node};
  for (int i = 0; i < (int)net->count; i++)
    if (net_multiplies(&net->nodes[i]) && !(o->frozen && o->frozen[i] >= 0))
      node[out->layers++] = i;
  if (!out->layers)
    return diag_error(d, "%s: `freeze` leaves no layer to measure", net->name);
  int ways = o->judge.match == MATCH_NOTHING ? 1 : SENSITIVITY_WAYS;
  size_t values = (size_t)out->layers * (size_t)out->muls;
  for (int k = 0; k < SENSITIVITY_SCOPES; k++)
    for (int w = 0; w < ways; w++)
      out->value[k][w] = arena_new_array(mem, sensitivity_value, values);
  task t = {.o = o, .net = net, .out = out, .d = d};
  t.bar = progress_begin("sensitivity", values * SENSITIVITY_SCOPES * (size_t)ways);
  bool ok = true;
  for (int w = 0; ok && w < ways; w++)
    ok = measure_way(&t, (sensitivity_way)w);
  progress_end(&t.bar);
  return ok;
}
