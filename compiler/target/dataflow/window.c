// SPDX-License-Identifier: Apache-2.0
//
// The window generator of a stage: which block of the window a word is, how many rows it holds.
#include "compiler/target/dataflow/stage.h"

dataflow_block dataflow_block_of(int simd, int c, int kh, int kw) {
  assert((int64_t)c * kh * kw % simd == 0);
  dataflow_block b;
  b.g = (int)gcd64(simd, c);
  int taps = simd / b.g; // divides kh * kw, because it shares no factor with the channels that are left
  b.tw = (int)gcd64(taps, kw);
  b.th = taps / b.tw;
  assert(kh % b.th == 0 && kw % b.tw == 0);
  return b;
}

int dataflow_side(const network *net, const net_node *n, int pe, int simd) {
  int filters = n->shape.c / n->groups, channels = net_input_shape(net, n).c / n->groups;
  if (filters % pe == 0)
    return 1;
  bool whole = pe % filters == 0 && n->groups % (pe / filters) == 0 && simd % channels == 0;
  return whole ? pe / filters : 0;
}

int dataflow_window_channel(const dataflow_stage *s, int slot, int c) {
  return stage_channel(s->in_order, slot / dataflow_group_filters(s) * dataflow_group_channels(s) + c);
}

void dataflow_window_element(const dataflow_stage *s, int sf, int lane, int *c, int *ky, int *kx) {
  const dataflow_block *b = &s->block;
  int blocks = dataflow_group_channels(s) / b->g, kx_blocks = s->kw / b->tw;
  int cb = sf % blocks, kxb = sf / blocks % kx_blocks, kyb = sf / blocks / kx_blocks;
  *c = cb * b->g + lane % b->g;
  *kx = kxb * b->tw + lane / b->g % b->tw;
  *ky = kyb * b->th + lane / b->g / b->tw;
}

void window_plan(dataflow_stage *s) {
  // Two windows' rows and one step: the stage_writer fills the next image's first window while the last one is read, so
  // that no cycle is lost between images. With one output row, a whole image is written beside the rows in use. Rows of
  // padding own slots: those between two images count where they are no part of the windows' own.
  int pads = s->pt + s->pb;
  int used = s->kh > s->in.h + s->pt ? s->kh : s->in.h + s->pt; // rows that come before the next image's padding
  int rows = s->out.h == 1 ? s->in.h + pads + used : 2 * s->kh + s->sh + (pads >= s->kh ? pads : 0);
  s->rows = (int)div_ceil(rows, s->block.th) * s->block.th;
}

int dataflow_bank_columns(const dataflow_stage *s) { return (int)div_ceil(s->in.w, s->block.tw); }

void window_finish(dataflow_stage *s) {
  s->input_beats = (int64_t)s->in.h * s->in.w * (s->in.c / s->wch);
  int columns = dataflow_bank_columns(s) * s->block.tw;
  s->line_buffer_bits = (int64_t)s->rows * columns * s->in.c * s->in_bits;
}

void window_describe(const stage_inside *x, int repeat, int groups) {
  const dataflow_stage *s = x->s;
  const stage_constant c[] = {{"CODE_W", s->in_bits},
                              {"C", s->in.c},
                              {"H", s->in.h},
                              {"W", s->in.w},
                              {"KH", s->kh},
                              {"KW", s->kw},
                              {"SH", s->sh},
                              {"SW", s->sw},
                              {"PT", s->pt},
                              {"PB", s->pb},
                              {"PL", s->pl},
                              {"PR", s->pr},
                              {"G", dataflow_word_channels(s)},
                              {"TH", s->block.th},
                              {"TW", s->block.tw},
                              {"WCH", s->wch},
                              {"ROWS", s->rows},
                              {"REPEAT", repeat},
                              {"HOLD", s->hold > 1 ? s->hold : 1}};
  uint32_t pad = (uint32_t)s->pad_code & (s->in_bits < 32 ? (1u << s->in_bits) - 1 : ~0u);
  int i = stage_core(x, CORE_WINDOW, "window");
  stage_set_constants(x->g, i, c, BASE_COUNT(c));
  graph_set(x->g, i, "PAD_CODE", "%u", pad);
  graph_set(x->g, i, "GROUPS", "%d", groups);
  graph_add_memory(
      x->g, (graph_memory){.instance = i,
                           .name = "line buffer",
                           .role = SYNTH_RAM,
                           .width = (int64_t)s->wch * s->in_bits,
                           .depth = (int64_t)s->rows / s->block.th * dataflow_bank_columns(s) * (s->in.c / s->wch),
                           .count = (int64_t)s->block.th * s->block.tw});
}

void window_emit(const stage_writer *w) {
  const char *next = STAGE_KINDS[w->s->kind].multiplies ? "w_next" : "unused_next";
  verilog_wires((const char *const[]){"w_valid", "w_ready", "w_first", "w_last", next, "unused_end", NULL}, w->out);
  str_add(w->out, "    wire [TH*TW*G*CODE_W-1:0] w_data;\n");
  verilog_bindings b = stage_clocked(w);
  stage_bind(&b, "s", "s");
  stage_bind(&b, "m", "w");
  verilog_bind(&b, "m_first", "w_first");
  verilog_bind(&b, "m_last", "w_last");
  verilog_bind(&b, "m_next", "%s", next);
  verilog_bind(&b, "m_end", "unused_end");
  stage_emit_instance(w, "window", &b);
  str_add(w->out, "\n");
}

schedule_tap window_model(const stage_model *m, int64_t words, int64_t frames, int depth, schedule_room room) {
  const dataflow_stage *s = m->s;
  const schedule_window_of w = {.h = s->in.h,
                                .oh = s->out.h,
                                .ow = s->out.w,
                                .kh = s->kh,
                                .sh = s->sh,
                                .pt = s->pt,
                                .pb = s->pb,
                                .rows = s->rows,
                                .row_beats = (int64_t)s->in.w * (s->in.c / s->wch),
                                .words = words,
                                .frames = frames,
                                .hold = s->hold,
                                .groups = s->hold > 1 ? s->nf : 1,
                                .depth = depth};
  return schedule_window(m->schedule, m->from[0], &w, room);
}

// Selectors that take one of n words; that bring each of n words to any place.
static double chosen(int64_t n) { return (double)((INT64_C(1) << cost_bits(n)) - 1); }
static double rotated(int n) { return (double)n * cost_bits(n); }

// Counters of rows, columns and blocks of both sides, and the addresses made of them.
static void window_counters(const dataflow_stage *s, int repeat, int groups, cost_logic *out) {
  int word_channels = dataflow_word_channels(s), blocks = s->in.c / word_channels / groups;
  int hold = s->hold > 1 ? s->hold : 1;
  int address = cost_bits((int64_t)s->rows / s->block.th * dataflow_bank_columns(s) * (s->in.c / s->wch));
  double reads = (double)s->cycles, writes = (double)s->input_beats;
  const int64_t
      written[] = {s->in.c / s->wch, s->in.w, s->in.h},
      read[] = {blocks,   s->kw / s->block.tw,   s->kh / s->block.th, repeat, groups, hold, div_ceil(s->out.w, hold),
                s->out.h, s->wch / word_channels};
  for (size_t i = 0; i < BASE_COUNT(written); i++)
    cost_counter(out, SYNTH_CONTROL, written[i], writes);
  for (size_t i = 0; i < BASE_COUNT(read); i++)
    cost_counter(out, SYNTH_CONTROL, read[i], reads);
  bool rows = s->kh > s->block.th, columns = s->kw > s->block.tw || s->in.c > s->wch;
  int registers = 4 + rows + columns + (hold > 1);
  cost_add(out, SYNTH_REGISTERS, COST_FLIP_FLOP, (double)registers * address, reads);
  cost_add(out, SYNTH_CONTROL, COST_COUNT, ((double)registers + 3 + s->block.th * s->block.tw) * address, reads);
  cost_counter(out, SYNTH_CONTROL, 2 * ((int64_t)s->rows + s->pt + s->pb), reads); // how far the writer is ahead
  for (int i = 0; i < 2 + (hold > 1); i++) { // where padding is
    cost_counter(out, SYNTH_CONTROL, i < 2 && s->pt + s->pb ? s->in.h + s->pt + s->pb + 1 : 1, reads);
    cost_counter(out, SYNTH_CONTROL, s->pl + s->pr ? s->in.w + s->pl + s->pr + 1 : 1, reads);
  }
}

void window_cost(const dataflow_stage *s, int repeat, int groups, cost_logic *out) {
  const dataflow_block *b = &s->block;
  int lanes = dataflow_word_channels(s), taps = b->th * b->tw;
  double word = (double)s->wch * s->in_bits, lane = (double)lanes * s->in_bits, reads = (double)s->cycles;
  bool padded = s->pt || s->pb || s->pl || s->pr;
  window_counters(s, repeat, groups, out);
  cost_enable(out, taps * word);
  cost_register(out, SYNTH_CONTROL, taps * word, reads);
  cost_add(out, SYNTH_CONTROL, COST_SELECT,
           taps * lane * chosen(s->wch / lanes) + lane * (b->tw * rotated(b->th) + b->th * rotated(b->tw)) +
               (padded ? taps * lane / 2 : 0), // an AND
           reads);
  cost_register(out, SYNTH_CONTROL, 7 + b->th + b->tw + cost_bits(b->th) + cost_bits(b->tw) + cost_bits(s->wch / lanes),
                reads);
}
