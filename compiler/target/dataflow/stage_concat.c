// SPDX-License-Identifier: Apache-2.0
//
// Concatenation of channels: of each pixel all channels of the first stream, then all of the second ..., or, where
// beats that carry channels of one input only would be too narrow for the pace, whole pixels side by side.
#include "compiler/target/dataflow/stage.h"

// A beat carries channels of one input only. As many lanes as all inputs together keep the pace that each has alone.
static int common_lanes(const stage_planner *p, const dataflow_stage *s) {
  int channels = 0, want = 0;
  for (int k = 0; k < s->input_count; k++) {
    channels = (int)gcd64(channels, s->inputs[k].shape.c);
    want += p->input_lanes[k] ? p->input_lanes[k] : s->inputs[k].shape.c;
  }
  return stage_lanes(channels, want);
}

bool stage_concat_plan(const stage_planner *p, dataflow_stage *s, diag *d) {
  (void)d;
  const net_node *n = &p->cfg->net->nodes[s->node];
  s->kind = DATAFLOW_CONCAT;
  s->in_lanes = s->out_lanes = common_lanes(p, s);
  s->whole = net_shape_size(s->out) / s->out_lanes > p->pace;
  for (int k = 0; s->whole && k < s->input_count; k++)
    s->inputs[k].lanes = s->inputs[k].shape.c;
  if (s->whole)
    s->out_lanes = s->out.c;
  stage_passes(s, n);
  s->input_beats = s->cycles = net_shape_size(s->out) / s->out_lanes;
  return true;
}

void stage_concat_describe(const stage_inside *x) {
  const dataflow_stage *s = x->s;
  int i = stage_core(x, s->whole ? CORE_JOIN : CORE_CONCAT, "concat");
  str beats = {0};
  for (int k = s->input_count; k-- > 0;)
    str_printf(&beats, "%s16'd%d", beats.len ? ", " : "{", s->inputs[k].shape.c / s->in_lanes);
  const stage_constant c[] = {{"LANES", s->out_lanes}, {"CODE_W", s->in_bits}, {"SIGNED", s->in_signed},
                              {"N", s->input_count},   {"LO", s->lo},          {"HI", s->hi}};
  for (size_t k = 0; k < BASE_COUNT(c); k++)
    graph_set(x->g, i, c[k].name, "%lld", (long long)c[k].value);
  if (!s->whole)
    graph_set(x->g, i, "BEATS", "%s}", beats.data);
  str_free(&beats);
}

void stage_concat_emit(const stage_writer *w) {
  static const char *const PARTS[] = {"valid", "ready", "data"};
  int inputs = w->s->input_count;
  verilog_bindings b = stage_clocked(w);
  for (size_t part = 0; part < BASE_COUNT(PARTS); part++) { // {sN_valid, ..., s0_valid}
    str all = {0};
    for (int k = inputs; k-- > 0;)
      str_printf(&all, "%s%s_%s", all.len ? ", " : "{", stage_port(w->mem, w->s, k), PARTS[part]);
    verilog_bind(&b, arena_printf(w->mem, "s_%s", PARTS[part]), "%s}", all.data);
    str_free(&all);
  }
  verilog_row(&b);
  stage_bind(&b, "m", "m");
  stage_emit_instance(w, "concat", &b);
}

schedule_tap stage_concat_model(const stage_model *m) {
  static const schedule_firing ALL = {.takes = SCHEDULE_ALL, .gives = true};
  const dataflow_stage *s = m->s;
  if (s->whole)
    return schedule_process(m->schedule, m->from, s->input_count, &ALL, 1, s->cycles, SCHEDULE_REGISTER);
  int64_t n = 0, count = s->out.c / s->out_lanes;
  schedule_firing *list = arena_new_array(m->mem, schedule_firing, (size_t)count);
  for (int k = 0; k < s->input_count; k++)
    for (int i = 0; i < s->inputs[k].shape.c / s->in_lanes; i++)
      list[n++] = (schedule_firing){.takes = (int16_t)k, .gives = true};
  assert(n == count);
  return schedule_process(m->schedule, m->from, s->input_count, list, count, s->cycles, SCHEDULE_REGISTER);
}

void stage_concat_cost(const dataflow_stage *s, cost_logic *out) {
  double bits = (double)s->out_lanes * s->in_bits, beats = (double)s->cycles;
  cost_register(out, SYNTH_CONTROL, bits + 1, beats);
  if (s->whole)
    return;
  cost_add(out, SYNTH_CONTROL, COST_SELECT, (s->input_count - 1) * bits, beats);
  cost_counter(out, SYNTH_CONTROL, 1 << 16, beats); // beats of an input
  cost_register(out, SYNTH_CONTROL, s->input_count, beats);
}
