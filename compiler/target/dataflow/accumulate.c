// SPDX-License-Identifier: Apache-2.0
//
// The order in which a folded layer adds up, for those whose adders are approximate: lane by lane as the schedule
// brings the window's elements.
#include "compiler/target/dataflow/stage.h"

static void layer_of(arena *mem, const config *cfg, const dataflow_stage *s, infer_accumulation *out) {
  const net_node *n = &cfg->net->nodes[s->node];
  int64_t reduction = net_reduction(cfg->net, n);
  int channels = dataflow_group_channels(s), filters = n->shape.c / n->groups;
  int32_t *tap = arena_new_array(mem, int32_t, (size_t)(n->groups * reduction));
  for (int slot = 0; slot < s->out.c; slot++) { // all filters of a group see the same
    int32_t *to = tap + stage_channel(s->order, slot) / filters * reduction;
    for (int i = 0; i < (int)reduction; i++) {
      int c, ky, kx;
      dataflow_window_element(s, i / s->simd, i % s->simd, &c, &ky, &kx);
      to[i] = (dataflow_window_channel(s, slot, c) % channels * s->kh + ky) * s->kw + kx;
    }
  }
  *out = (infer_accumulation){
      .adder = s->adder, .in_tree = s->in_tree, .in_sum = s->in_sum, .bits = s->acc_bits, .lanes = s->simd, .tap = tap};
}

bool dataflow_approximates(const config *cfg) {
  for (size_t i = 0; i < cfg->net->count; i++)
    if (net_multiplies(&cfg->net->nodes[i]) && dataflow_folding(cfg, (int)i)->adder)
      return true;
  return false;
}

bool dataflow_accumulations(arena *mem, const config *cfg, const infer_model *model, const infer_accumulation **out,
                            diag *d) {
  dataflow_design *design;
  if (!dataflow_plan(mem, cfg, model, &design, d))
    return false;
  infer_accumulation *all = arena_new_array(mem, infer_accumulation, cfg->net->count);
  for (size_t i = 0; i < design->count; i++)
    if (design->stages[i].adder)
      layer_of(mem, cfg, &design->stages[i], &all[design->stages[i].node]);
  *out = all;
  return true;
}
