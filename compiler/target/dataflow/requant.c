// SPDX-License-Identifier: Apache-2.0
//
// The requantiser behind accumulators, or behind the codes of a pooling that clamps.
#include "compiler/target/dataflow/load.h"

#include <math.h>

// PE results come together, at most once in SF cycles: fewer requantisers than PEs do, one after the other, with a
// tenth of the cycles to spare.
int requant_lanes(int pe, int sf) {
  int lanes = 1;
  while (pe % lanes || (lanes < pe && pe / lanes * 10 > sf * 9))
    lanes++;
  return lanes;
}

int requant_loadable_bits(int factor_bits, int acc_bits) {
  return acc_bits + REQUANT_FACTOR_BITS < 64 ? REQUANT_FACTOR_BITS : factor_bits;
}

void requant_plan(arena *mem, const config *cfg, dataflow_stage *s) {
  const net_node *n = &cfg->net->nodes[s->node];
  uint16_t *mult = NULL;
  if (n->op == NET_MAXPOOL) {
    // Codes pass, but a clamp of its own (a ReLU behind the pool) needs a requantiser: (2 y + 1) >> 1 = y, zero point
    // and all.
    infer_codes in = infer_code_range(cfg->net, n->inputs[0]);
    s->has_requant = n->lo > in.lo || n->hi < in.hi;
    s->shift = 1;
    mult = arena_new_array(mem, uint16_t, (size_t)s->out.c);
    for (int f = 0; f < s->out.c; f++)
      mult[f] = 2;
  } else {
    s->has_requant = !net_is_raw(cfg->net, n);
    s->shift = n->shift;
  }
  s->mult = mult ? mult : n->mult;
  s->out_bits = s->acc_bits;
  s->out_signed = n->op != NET_MAXPOOL || n->quant.is_signed;
  if (!s->has_requant)
    return;
  if (s->kind == DATAFLOW_MVU)
    s->out_lanes = requant_lanes(s->pe, s->sf);
  uint16_t most = 1;
  int factors = mult ? s->out.c : net_multipliers(n);
  for (int f = 0; f < factors; f++) {
    most = s->mult[f] > most ? s->mult[f] : most;
    s->mult_set += (double)__builtin_popcount(s->mult[f]) / factors;
  }
  s->mult_bits = bits_unsigned(most);
  if (s->load)
    s->mult_bits = requant_loadable_bits(s->mult_bits, s->acc_bits);
  s->lo = n->lo;
  s->hi = n->hi;
  s->zero = n->op == NET_MAXPOOL ? 0 : n->quant.zero;
  s->out_bits = n->quant.bits;
  s->out_signed = n->quant.is_signed;
  s->by_pixel = net_mean_varies(n);
  s->rom_bits += (int64_t)(s->by_pixel ? s->out.h * s->out.w : s->out.c) * s->mult_bits;
}

void requant_describe(const stage_inside *x) {
  const dataflow_stage *s = x->s;
  int i = stage_core(x, CORE_REQUANT, "requant");
  graph_set(x->g, i, "PE", "%d", s->out_lanes);
  graph_set_constant(x->g, i, "ACC_W", "ACC_W", s->acc_bits);
  graph_set(x->g, i, "ACC_SIGNED", "%d", !s->is_max || s->in_signed);
  graph_set(x->g, i, "M_W", "%d", s->mult_bits);
  graph_set(x->g, i, "SHIFT", "%d", s->shift);
  graph_set(x->g, i, "OUT_W", "%d", s->out_bits);
  graph_set(x->g, i, "OUT_SIGNED", "%d", s->out_signed);
  graph_set(x->g, i, "LO", "%d", s->lo);
  graph_set(x->g, i, "HI", "%d", s->hi);
  graph_set(x->g, i, "ZERO", "%d", s->zero);
  int beats = s->out.c / s->out_lanes; // of a pixel
  int words = s->by_pixel ? s->out.h * s->out.w : beats;
  graph_set(x->g, i, "NF", "%d", words);
  if (s->by_pixel) {
    graph_set(x->g, i, "REPEAT", "%d", beats);
    graph_set(x->g, i, "SHARED", "1");
  }
  stage_set_rom(x, i, "MULT_FILE", "mult", (int64_t)(s->by_pixel ? 1 : s->out_lanes) * s->mult_bits, words);
}

void requant_emit(const stage_writer *w, const char *from) {
  str_printf(w->out, "    // y = clamp(((acc * m + 2^(SHIFT-1)) >> SHIFT) + ZERO, LO, HI), m of the %s from a %s\n",
             w->s->by_pixel ? "pixel" : "channel", w->s->load ? "RAM" : "ROM");
  verilog_bindings b = stage_clocked(w);
  verilog_bind(&b, "s_valid", "%s_valid", from);
  verilog_bind(&b, "s_ready", "%s_ready", from);
  verilog_bind(&b, "s_acc", "%s_data", from);
  stage_bind(&b, "m", "m");
  load_emit_words(w, "mult", &b);
  stage_emit_instance(w, "requant", &b);
}

// Rows, or columns, of a window that lie inside the image: of `k` from padded coordinate `from` on.
static int inside(int from, int k, int pad, int size) {
  int first = from > pad ? from : pad, end = from + k < pad + size ? from + k : pad + size;
  return end > first ? end - first : 0;
}

// An average over the taps inside the image: one factor for each pixel, by how many those are.
static void pixel_rom(const stage_roms *r) {
  const dataflow_stage *s = r->s;
  str text = {0};
  for (int y = 0; y < s->out.h; y++)
    for (int x = 0; x < s->out.w; x++) {
      int taps = inside(y * s->sh, s->kh, s->pt, s->in.h) * inside(x * s->sw, s->kw, s->pl, s->in.w);
      int64_t factor = s->mult[taps - 1];
      dataflow_emit_hex_word(&factor, 1, s->mult_bits, &text);
    }
  stage_add_rom(r, "mult", &text);
}

void requant_roms(const stage_roms *r) {
  const dataflow_stage *s = r->s;
  if (!s->has_requant)
    return;
  if (s->by_pixel) {
    pixel_rom(r);
    return;
  }
  int64_t *values = arena_new_array(r->mem, int64_t, (size_t)s->out.c);
  for (int f = 0; f < s->out.c; f++)
    values[f] = s->mult[f];
  stage_channel_rom(r, "mult", values, s->out_lanes, s->mult_bits);
}

schedule_room requant_model(const dataflow_stage *s) {
  if (!s->has_requant)
    return SCHEDULE_REGISTER;
  int share = s->kind == DATAFLOW_MVU ? s->pe / s->out_lanes : 1;
  if (share == 1)
    return (schedule_room){.capacity = 3, .latency = 3};
  // Two beats of accumulators, the second in the converter that hands them on, then two beats of codes.
  return (schedule_room){.capacity = 2 * share + 2, .push = share, .pop = 1, .latency = 4};
}

// ---- blocks ---------------------------------------------------------------------------------------------------------
// What a requantiser's multiplication takes is for its partial products that change. So that is counted: a sum walks
// from word to word, and a new one begins for the next output. Operands as multipliers are measured under
// (genlib/measure/measure_operands.c): of activations 45 % are 0, the others' size is a quarter of the largest code in
// the root of the mean square, weights' 0.177 of theirs.
static const double ACTIVE = 0.55, ACTIVATION_SIZE = 0.25, WEIGHT_SIZE = 0.177;

// Bits of a sum that change with a word, of which the root of the mean square is `size` where it is not 0. Those below
// do so every other time, and one by a carry.
static double step(double size, int bits) { return fmin(log2(fmax(size, 2)), bits - 1) / 2 + 0.5; }

// ... of products. What stands above the sum changes with its sign, the more rarely the longer it has grown.
static double walk(const dataflow_stage *s) {
  double moves = 1 - pow(1 - ACTIVE, s->simd), steps = s->sf - 1;
  double one = ACTIVATION_SIZE * WEIGHT_SIZE * sqrt(ACTIVE) * exp2(s->in_bits - s->in_signed + s->weight_bits - 1);
  double low = step(one * sqrt(s->simd / moves), s->acc_bits);
  double turns = steps > 0 ? 2 * (sqrt(s->sf) - 1) / (M_PI * steps) : 0;
  double above = s->acc_bits + 1 - 2 * low - log2(s->sf) / 4;
  return moves * (low + turns * fmax(above, 0));
}

// Partial products of all requantisers that change in an image.
static double changes(const dataflow_stage *s) {
  double outputs = (double)dataflow_output_beats(s) * s->out_lanes;
  double common = s->mult_set * s->mult_set / s->mult_bits; // bits that are set in two factors
  double same = s->acc_bits * s->mult_set / 2, other = same + s->acc_bits * (s->mult_set - common) / 2;
  double next = s->out.c > s->out_lanes && !s->by_pixel ? other : same; // another sum, mostly with a factor of its own
  if (s->kind == DATAFLOW_POOL_WINDOW && !s->is_max) { // its sums are seen while they grow
    double words = ((double)s->kh * s->kw - 1) * ACTIVE;
    return outputs *
           (same + words * step(ACTIVATION_SIZE * exp2(s->in_bits - s->in_signed), s->acc_bits) * s->mult_set);
  }
  if (s->kind != DATAFLOW_MVU)
    return outputs * same;
  if (s->hold > 1)
    return outputs * next;
  double share = (double)s->pe / s->out_lanes; // a converter hands on its sums, then follows the sum that grows
  return outputs * (next + fmax(s->sf / share - 1, 0) * walk(s) * s->mult_set);
}

// Of it, what stands still where the products below do. Measured: LeNet-5 with products that end in zeros.
static const double SUM_FOLLOWS = 0.25;
// The sign of a sum with more bits than the factor is repeated in each row: bits more of it.
static const double SIGN_ROWS = 1.7;

void requant_cost(const dataflow_stage *s, cost_logic *out) {
  if (!s->has_requant)
    return;
  int product = s->acc_bits + s->mult_bits, kept = product - s->shift + 1; // what is not shifted out
  double lanes = s->out_lanes, beats = (double)dataflow_output_beats(s);
  double size = (s->acc_bits + (s->acc_bits > s->mult_bits ? SIGN_ROWS : 0)) * s->mult_bits;
  kept = kept > 2 ? kept : 2;
  out->follows = s->kind == DATAFLOW_MVU ? SUM_FOLLOWS : 0;
  cost_add(out, SYNTH_REQUANTISE, COST_PRODUCT, lanes * size, changes(s) / (lanes * size));
  out->follows = 0;
  cost_register(out, SYNTH_REQUANTISE, lanes * (kept + s->out_bits), beats);
  cost_register(out, SYNTH_REQUANTISE, (s->by_pixel ? 1 : lanes) * s->mult_bits, beats); // read from their memory
  cost_counter(out, SYNTH_REQUANTISE, s->by_pixel ? s->out.h * s->out.w : s->out.c / s->out_lanes, beats);
  cost_add(out, SYNTH_REGISTERS, COST_FLIP_FLOP, 3, beats);
  cost_longest(out, COST_PATH_REQUANTISER, product);
}
