// SPDX-License-Identifier: Apache-2.0
//
// Padding of an image's rows, columns and channels with the zero code. Where beats that carry channels of the image or
// added ones, not both, would be too narrow for the pace, they are whole pixels.
#include "compiler/target/dataflow/stage.h"

static int common_lanes(const stage_planner *p, const dataflow_stage *s, const net_node *n) {
  int channels = (int)gcd64(gcd64(s->in.c, n->pad_c0), n->pad_c1);
  int64_t growth = net_shape_size(s->out) * p->lanes;
  return stage_lanes(channels, p->lanes ? div_ceil(growth, net_shape_size(s->in)) : channels);
}

bool stage_pad_plan(const stage_planner *p, dataflow_stage *s, diag *d) {
  (void)d;
  const net_node *n = &p->cfg->net->nodes[s->node];
  s->kind = DATAFLOW_PAD;
  s->in_lanes = s->out_lanes = common_lanes(p, s, n);
  s->whole = net_shape_size(s->out) / s->out_lanes > p->pace;
  if (s->whole)
    s->in_lanes = s->in.c, s->out_lanes = s->out.c;
  s->pad_c0 = n->pad_c0;
  s->pad_c1 = n->pad_c1;
  s->pad_code = n->quant.zero;
  stage_passes(s, n);
  s->input_beats = net_shape_size(s->in) / s->in_lanes;
  s->cycles = net_shape_size(s->out) / s->out_lanes;
  return true;
}

void stage_pad_describe(const stage_inside *x) {
  const dataflow_stage *s = x->s;
  const stage_constant c[] = {
      {"LANES", s->in_lanes}, {"CODE_W", s->in_bits}, {"SIGNED", s->in_signed}, {"C", s->in.c},        {"H", s->in.h},
      {"W", s->in.w},         {"C0", s->pad_c0},      {"C1", s->pad_c1},        {"PT", s->pt},         {"PB", s->pb},
      {"PL", s->pl},          {"PR", s->pr},          {"WHOLE", s->whole},      {"CODE", s->pad_code}, {"LO", s->lo},
      {"HI", s->hi}};
  int i = stage_core(x, CORE_PAD, "pad");
  for (size_t k = 0; k < BASE_COUNT(c); k++)
    graph_set(x->g, i, c[k].name, "%lld", (long long)c[k].value);
}

void stage_pad_emit(const stage_writer *w) {
  verilog_bindings b = stage_clocked(w);
  stage_bind(&b, "s", "s");
  stage_bind(&b, "m", "m");
  stage_emit_instance(w, "pad", &b);
}

schedule_tap stage_pad_model(const stage_model *m) {
  const dataflow_stage *s = m->s;
  int64_t n = 0;
  bool begun = false;
  schedule_firing *list = arena_new_array(m->mem, schedule_firing, (size_t)s->cycles);
  for (int y = 0; y < s->out.h; y++)
    for (int x = 0; x < s->out.w; x++)
      for (int c = 0; c < s->out.c; c += s->out_lanes) {
        bool own = y >= s->pt && y < s->pt + s->in.h && x >= s->pl && x < s->pl + s->in.w &&
                   (s->whole || (c >= s->pad_c0 && c < s->pad_c0 + s->in.c));
        begun |= own;
        list[n++] = (schedule_firing){.takes = own || !begun ? 0 : SCHEDULE_NOTHING, .leaves = !own, .gives = true};
      }
  assert(n == s->cycles);
  return schedule_process(m->schedule, m->from, 1, list, n, n, SCHEDULE_REGISTER);
}

void stage_pad_cost(const dataflow_stage *s, cost_logic *out) {
  double beats = (double)s->cycles;
  cost_register(out, SYNTH_CONTROL, (double)s->out_lanes * s->in_bits + 2, beats);
  cost_add(out, SYNTH_CONTROL, COST_SELECT, (double)s->in_lanes * s->in_bits / 2, beats); // an AND
  if (!s->whole)
    cost_counter(out, SYNTH_CONTROL, s->out.c / s->out_lanes, beats);
  cost_counter(out, SYNTH_CONTROL, s->out.w, beats);
  cost_counter(out, SYNTH_CONTROL, s->out.h, beats);
}
