// SPDX-License-Identifier: Apache-2.0
//
// Residual addition: two streams meet beat by beat, in the same order of channels, and their sum is requantised.
#include "compiler/target/dataflow/stage.h"

// The streams come to the narrower one's lanes: that one keeps up with the accelerator, so the sum does.
static int narrower(const stage_planner *p, const dataflow_stage *s) {
  int lanes = s->in.c;
  for (int k = 0; k < s->input_count; k++)
    if (p->input_lanes[k] && p->input_lanes[k] < lanes)
      lanes = p->input_lanes[k];
  return lanes;
}

bool stage_add_plan(const stage_planner *p, dataflow_stage *s, diag *d) {
  (void)d;
  const net_node *n = &p->cfg->net->nodes[s->node];
  s->kind = DATAFLOW_ADD;
  s->in_lanes = s->out_lanes = narrower(p, s);
  s->mult = n->mult;
  s->mult_bits = bits_unsigned(n->mult[0] > n->mult[1] ? n->mult[0] : n->mult[1]);
  s->shift = n->shift;
  s->lo = n->lo;
  s->hi = n->hi;
  s->out_bits = n->quant.bits;
  s->out_signed = n->quant.is_signed;
  s->input_beats = s->cycles = net_shape_size(s->in) / s->in_lanes;
  return true;
}

void stage_add_describe(const stage_inside *x) {
  const dataflow_stage *s = x->s;
  const network *net = x->design->cfg->net;
  const net_node *n = &net->nodes[s->node];
  const dataflow_input *a = &s->inputs[0], *b = &s->inputs[1];
  const stage_constant c[] = {{"LANES", s->in_lanes},
                              {"A_W", a->bits},
                              {"A_SIGNED", a->is_signed},
                              {"A_ZERO", net->nodes[n->inputs[0]].quant.zero},
                              {"B_W", b->bits},
                              {"B_SIGNED", b->is_signed},
                              {"B_ZERO", net->nodes[n->inputs[1]].quant.zero},
                              {"M_W", s->mult_bits},
                              {"MA", s->mult[0]},
                              {"MB", s->mult[1]},
                              {"SHIFT", s->shift},
                              {"OUT_W", s->out_bits},
                              {"OUT_SIGNED", s->out_signed},
                              {"OUT_ZERO", n->quant.zero},
                              {"LO", s->lo},
                              {"HI", s->hi}};
  int i = stage_core(x, CORE_ADD, "add");
  for (size_t k = 0; k < BASE_COUNT(c); k++)
    graph_set(x->g, i, c[k].name, "%lld", (long long)c[k].value);
}

void stage_add_emit(const stage_writer *w) {
  str_add(w->out,
          "    // y = clamp((((a - A_ZERO) * MA + (b - B_ZERO) * MB + 2^(SHIFT-1)) >> SHIFT) + OUT_ZERO, LO, HI)\n");
  verilog_bindings b = stage_clocked(w);
  stage_bind(&b, "a", stage_port(w->mem, w->s, 0));
  stage_bind(&b, "b", stage_port(w->mem, w->s, 1));
  stage_bind(&b, "m", "m");
  stage_emit_instance(w, "add", &b);
}

schedule_tap stage_add_model(const stage_model *m) {
  static const schedule_firing BOTH = {.takes = SCHEDULE_ALL, .gives = true};
  return schedule_process(m->schedule, m->from, m->s->input_count, &BOTH, 1, m->s->input_beats, SCHEDULE_PIPELINE);
}

void stage_add_cost(const dataflow_stage *s, cost_logic *out) {
  int a = s->inputs[0].bits, b = s->inputs[1].bits, sum = (a > b ? a : b) + s->mult_bits + 2, kept = sum - s->shift + 1;
  double lanes = s->in_lanes, beats = (double)s->cycles;
  kept = kept > 2 ? kept : 2;
  cost_add(out, SYNTH_REQUANTISE, COST_CONSTANT, lanes * (a + b) * s->mult_bits, beats);
  cost_register(out, SYNTH_REQUANTISE, lanes * (kept + s->out_bits) + 2, beats);
}
