// SPDX-License-Identifier: Apache-2.0
//
// Pooling: with stride = window and no padding on the stream itself, with a row of partial results; any other over the
// words of a window generator.
#include "compiler/target/dataflow/stage.h"

// Windows of a row whose sums or maxima wait for more: those of one row of pixels end where they begin.
static int open_windows(const dataflow_stage *s) { return s->kh == 1 ? 1 : s->out.w; }

bool stage_pool_plan(const stage_planner *p, dataflow_stage *s, diag *d) {
  (void)d;
  const config *cfg = p->cfg;
  int lanes = p->lanes ? p->lanes : s->in.c;
  const net_node *n = &cfg->net->nodes[s->node];
  bool plain = s->kh == s->sh && s->kw == s->sw && !(s->pt | s->pb | s->pl | s->pr);
  s->kind = plain ? DATAFLOW_POOL : DATAFLOW_POOL_WINDOW;
  s->is_max = n->op == NET_MAXPOOL;
  s->in_lanes = s->out_lanes = s->wch = lanes;
  net_quant q = net_input_quant(cfg->net, n);
  s->pad_code = s->is_max ? net_quant_lo(q) : q.zero;
  s->acc_bits = s->in_bits;
  if (!s->is_max) { // sums over one window, from zero points that add up to nothing
    int64_t taps = (int64_t)s->kh * s->kw, lo = taps * (net_quant_lo(q) - q.zero),
            hi = taps * (net_quant_hi(q) - q.zero);
    s->sum_offset = -taps * q.zero;
    s->acc_bits = bits_signed(lo, hi);
  }
  int groups = s->in.c / lanes;
  s->input_beats = (int64_t)s->in.h * s->in.w * groups;
  if (plain) {
    s->cycles = s->input_beats;
    s->line_buffer_bits = (int64_t)open_windows(s) * s->in.c * s->acc_bits;
    requant_plan(p->mem, cfg, s);
    return true;
  }
  s->block = (dataflow_block){.g = lanes, .tw = 1, .th = 1};
  window_plan(s);
  window_finish(s);
  s->cycles = (int64_t)s->out.h * s->out.w * s->kh * s->kw * groups;
  requant_plan(p->mem, cfg, s);
  return true;
}

void stage_pool_describe(const stage_inside *x) {
  const dataflow_stage *s = x->s;
  bool windowed = s->kind == DATAFLOW_POOL_WINDOW;
  if (windowed)
    window_describe(x, 1, s->in.c / s->wch);
  int i = stage_core(x, windowed ? CORE_POOL_WINDOW : CORE_POOL, "pool");
  graph_set_constant(x->g, i, "CODE_W", "CODE_W", s->in_bits);
  graph_set(x->g, i, "CODE_SIGNED", "%d", s->in_signed);
  if (windowed) {
    graph_set_constant(x->g, i, "WCH", "WCH", s->wch);
  } else {
    const stage_constant c[] = {{"C", s->in.c}, {"WCH", s->wch}, {"H", s->in.h},
                                {"W", s->in.w}, {"KH", s->kh},   {"KW", s->kw}};
    for (size_t k = 0; k < BASE_COUNT(c); k++)
      graph_set(x->g, i, c[k].name, "%lld", (long long)c[k].value);
    graph_add_memory(x->g, (graph_memory){.instance = i,
                                          .name = "row",
                                          .role = SYNTH_RAM,
                                          .width = (int64_t)s->wch * s->acc_bits,
                                          .depth = (int64_t)open_windows(s) * (s->in.c / s->wch),
                                          .count = 1});
  }
  graph_set(x->g, i, "OP", "\"%s\"", s->is_max ? "MAX" : "SUM");
  graph_set_constant(x->g, i, "ACC_W", "ACC_W", s->acc_bits);
  if (!s->is_max)
    graph_set(x->g, i, "OFFSET", "48'h%llx", (unsigned long long)s->sum_offset & 0xffffffffffff);
  if (s->has_requant)
    requant_describe(x);
}

void stage_pool_emit(const stage_writer *w) {
  const dataflow_stage *s = w->s;
  if (s->has_requant) {
    verilog_wires((const char *const[]){"acc_valid", "acc_ready", NULL}, w->out);
    verilog_wire("acc_data", (int64_t)s->out_lanes * s->acc_bits, w->out);
  }
  verilog_bindings b = stage_clocked(w);
  if (s->kind == DATAFLOW_POOL_WINDOW) {
    window_emit(w);
    verilog_bind(&b, "s_valid", "w_valid");
    verilog_bind(&b, "s_ready", "w_ready");
    verilog_bind(&b, "s_data", "w_data");
    verilog_bind(&b, "s_first", "w_first");
    verilog_bind(&b, "s_last", "w_last");
  } else {
    stage_bind(&b, "s", "s");
  }
  stage_bind(&b, "m", s->has_requant ? "acc" : "m");
  stage_emit_instance(w, "pool", &b);
  if (!s->has_requant)
    return;
  str_add(w->out, "\n");
  requant_emit(w, "acc");
}

void stage_pool_roms(const stage_roms *r) { requant_roms(r); }

// Beats pass the register beside the partial results; the last of each window gives a result.
static schedule_tap plain_model(const stage_model *m) {
  const dataflow_stage *s = m->s;
  int64_t n = 0, groups = s->in.c / s->wch;
  schedule_firing *list = arena_new_array(m->mem, schedule_firing, (size_t)s->input_beats);
  for (int y = 0; y < s->in.h; y++)
    for (int x = 0; x < s->in.w; x++)
      for (int64_t g = 0; g < groups; g++)
        list[n++].gives =
            y % s->kh == s->kh - 1 && x % s->kw == s->kw - 1 && y / s->kh < s->out.h && x / s->kw < s->out.w;
  schedule_tap open = schedule_through(m->schedule, m->from[0], SCHEDULE_REGISTER, n);
  return schedule_process(m->schedule, &open, 1, list, n, n, requant_model(s));
}

schedule_tap stage_pool_model(const stage_model *m) {
  if (m->s->kind == DATAFLOW_POOL)
    return plain_model(m);
  const dataflow_stage *s = m->s;
  return window_model(m, (int64_t)s->kh * s->kw, s->out.c / s->out_lanes, 1, requant_model(s));
}

// Sums or maxima of one beat.
static void step_cost(const dataflow_stage *s, double beats, cost_logic *out) {
  double bits = (double)s->wch * s->acc_bits;
  cost_add(out, SYNTH_POOLING, s->is_max ? COST_LARGER : COST_SUM, bits, beats);
  cost_register(out, SYNTH_POOLING, bits, beats); // the result
}

static void plain_cost(const dataflow_stage *s, cost_logic *out) {
  double beats = (double)s->input_beats, bits = (double)s->wch * s->acc_bits;
  int64_t groups = s->in.c / s->wch;
  const int64_t counters[] = {
      groups, s->in.w, s->in.h, s->kw, s->kh, open_windows(s) * groups, open_windows(s) * groups};
  cost_register(out, SYNTH_POOLING, (double)s->wch * s->in_bits + 4, beats);
  cost_register(out, SYNTH_POOLING, bits, beats); // the partial result that is read
  if (groups == 1) { // ... or the one before
    cost_register(out, SYNTH_POOLING, bits, beats);
    cost_add(out, SYNTH_POOLING, COST_SELECT, bits, beats);
  }
  for (size_t i = 0; i < BASE_COUNT(counters); i++)
    cost_counter(out, SYNTH_POOLING, counters[i], beats);
  step_cost(s, beats, out);
}

void stage_pool_cost(const dataflow_stage *s, cost_logic *out) {
  if (s->kind == DATAFLOW_POOL_WINDOW) {
    window_cost(s, 1, s->in.c / s->wch, out);
    step_cost(s, (double)s->cycles, out);
  } else
    plain_cost(s, out);
  requant_cost(s, out);
}
