// SPDX-License-Identifier: Apache-2.0
//
// A matrix-vector unit: conv and dense. Window generator, PE x SIMD multipliers, accumulators, requantiser.
#include "compiler/target/dataflow/feed.h"
#include "compiler/target/dataflow/load.h"

// Bits that any words of these widths need: K products, what zero points take away, and a bias as large as that. What
// is loaded later may be more than this network's own. At most what a requantiser takes with factors of 16 bits.
int stage_mvu_loadable_bits(int64_t terms, int prod_bits, bool prod_signed, int in_bits, int32_t weight_zero) {
  enum { MOST = 47 };
  double zero = weight_zero < 0 ? -(double)weight_zero : (double)weight_zero;
  double most = (double)terms * ((double)(INT64_C(1) << (prod_bits - prod_signed)) + zero * (double)(1 << in_bits));
  int bits = 2;
  while (bits < MOST && (double)(INT64_C(1) << (bits - 2)) < most)
    bits++;
  return bits;
}

// An approximate adder, which has to have as many bits as it leaves out or cuts, and more.
static bool plan_adder(const config *cfg, const folding *fold, dataflow_stage *s, diag *d) {
  s->adder = fold->adder;
  if (!s->adder)
    return true;
  s->in_tree = fold->adder_in != DATAFLOW_IN_SUM;
  s->in_sum = fold->adder_in != DATAFLOW_IN_TREE;
  int least = adder_least_bits(s->adder);
  return s->acc_bits >= least ||
         diag_error(d, "%s: layer %s: adder %s is made for at least %d bits; its accumulators have %d", cfg->file,
                    s->name, s->adder->name, least, s->acc_bits);
}

bool stage_mvu_plan(const stage_planner *p, dataflow_stage *s, diag *d) {
  arena *mem = p->mem;
  const config *cfg = p->cfg;
  const net_node *n = &cfg->net->nodes[s->node];
  const folding *fold = dataflow_folding(cfg, s->node);
  int reduction = (int)net_reduction(cfg->net, n);
  s->kind = DATAFLOW_MVU;
  s->pe = fold->pe;
  s->simd = fold->simd;
  s->hold = fold->hold > 1 ? fold->hold : 1;
  s->carry_save = fold->accumulate == DATAFLOW_CARRY_SAVE;
  assert(s->out.c % s->pe == 0 && reduction % s->simd == 0); // config_read checked them
  s->nf = s->out.c / s->pe;
  s->sf = reduction / s->simd;
  s->side = dataflow_side(cfg->net, n, s->pe, s->simd);
  s->rounds = n->groups / s->side;
  s->block = dataflow_block_of(s->simd, dataflow_group_channels(s), s->kh, s->kw);
  positions_plan(mem, cfg, s);
  s->weight_bits = n->weight_bits;
  s->weight_signed = n->weight_signed;
  s->weight_zero = n->weight_zero;
  s->pad_code = net_input_quant(cfg->net, n).zero;
  for (int i = 0; i < s->pe * s->simd; i++) {
    const mul_sig *sig = &cfg->muls[s->muls[i]]->sig;
    s->prod_signed |= sig->p_signed;
    if (sig->p_bits > s->prod_bits)
      s->prod_bits = sig->p_bits;
  }
  for (int i = 0; i < s->pe * s->simd; i++) { // an unsigned product among signed ones needs one more bit
    const mul_sig *sig = &cfg->muls[s->muls[i]]->sig;
    if (s->prod_signed && !sig->p_signed && sig->p_bits >= s->prod_bits)
      s->prod_bits = sig->p_bits + 1;
  }
  infer_range range = infer_node_range(p->model, s->node);
  s->acc_bits = bits_signed(range.acc_lo, range.acc_hi);
  int loadable =
      stage_mvu_loadable_bits((int64_t)s->sf * s->simd, s->prod_bits, s->prod_signed, s->in_bits, s->weight_zero);
  if (s->load && s->acc_bits < loadable)
    s->acc_bits = loadable;
  int64_t *bias = arena_new_array(mem, int64_t, (size_t)s->out.c);
  for (int f = 0; f < s->out.c; f++)
    bias[f] = infer_folded_bias(cfg->net, n, f);
  s->bias = bias;
  s->out_lanes = s->pe;
  s->cycles = (int64_t)s->out.h * s->out.w * s->nf * s->sf;
  s->rom_bits = (int64_t)s->nf * s->pe * s->acc_bits;
  if (s->stream)
    s->stream_passes = s->out.h * div_ceil(s->out.w, s->hold);
  else
    s->rom_bits += (int64_t)s->nf * s->sf * s->pe * s->simd * s->weight_bits;
  if (s->hold > 1) // axgen_mvu_back's partial sums, axgen_transpose's ring
    s->hold_bits = (int64_t)s->hold * (s->nf > 1 ? 1 + 2 * s->nf : 2) * s->pe * s->acc_bits;
  window_plan(s);
  requant_plan(mem, cfg, s);
  return plan_adder(cfg, fold, s, d);
}

static void describe_back(const stage_inside *x) {
  const dataflow_stage *s = x->s;
  const stage_constant back[] = {{"PE", s->pe}, {"SIMD", s->simd}, {"PROD_W", s->prod_bits}, {"CODE_W", s->in_bits}};
  int i = stage_core(x, CORE_MVU_BACK, "back");
  stage_set_constants(x->g, i, back, BASE_COUNT(back));
  graph_set(x->g, i, "PROD_SIGNED", "%d", s->prod_signed);
  graph_set(x->g, i, "CODE_SIGNED", "%d", s->in_signed);
  graph_set(x->g, i, "WEIGHT_ZERO", "%d", s->weight_zero);
  if (s->side > 1)
    graph_set_constant(x->g, i, "GROUPS", "GROUPS", s->side);
  graph_set_constant(x->g, i, "ACC_W", "ACC_W", s->acc_bits);
  graph_set_constant(x->g, i, "NF", "NF", s->nf);
  graph_set_constant(x->g, i, "HOLD", "HOLD", s->hold);
  if (s->carry_save)
    graph_set(x->g, i, "CARRY_SAVE", "1");
  if (s->adder) {
    graph_set(x->g, i, "ADDER", "%d", adder_core(s->adder));
    const netlist *net = s->adder->net;
    graph_set(x->g, i, "ADDER_A", "%d", net ? dataflow_adder_number(x->design, s->adder) : s->adder->value[0]);
    graph_set(x->g, i, "ADDER_B", "%d", net ? net->a_bits : s->adder->value[1]);
    graph_set(x->g, i, "ADDER_SUM", "%d", s->in_sum);
    graph_set(x->g, i, "ADDER_TREE", "%d", s->in_tree);
  }
  stage_set_rom(x, i, "BIAS_FILE", "bias", (int64_t)s->pe * s->acc_bits, s->nf);
  if (s->hold > 1)
    graph_add_memory(x->g, (graph_memory){.instance = i,
                                          .name = "partial sums",
                                          .role = SYNTH_RAM,
                                          .width = (int64_t)s->pe * s->acc_bits,
                                          .depth = s->hold,
                                          .count = 1});
}

static void describe_transpose(const stage_inside *x) {
  const dataflow_stage *s = x->s;
  int i = stage_core(x, CORE_TRANSPOSE, "transpose");
  graph_set(x->g, i, "WIDTH", "PE*ACC_W");
  graph_set_constant(x->g, i, "NF", "NF", s->nf);
  graph_set_constant(x->g, i, "HOLD", "HOLD", s->hold);
  graph_add_memory(x->g, (graph_memory){.instance = i,
                                        .name = "results of held pixels",
                                        .role = SYNTH_RAM,
                                        .width = (int64_t)s->pe * s->acc_bits,
                                        .depth = (int64_t)s->hold * (s->nf > 1 ? 2 * s->nf : 1),
                                        .count = 1});
}

void stage_mvu_describe(const stage_inside *x) {
  const dataflow_stage *s = x->s;
  const stage_constant front[] = {{"CODE_W", s->in_bits}, {"WEIGHT_W", s->weight_bits},
                                  {"PE", s->pe},          {"SIMD", s->simd},
                                  {"NF", s->nf},          {"SF", s->sf}};
  const stage_constant side[] = {{"GROUPS", s->side}, {"CG", dataflow_group_channels(s)}};
  window_describe(x, s->nf / s->rounds, s->rounds);
  int i = stage_core(x, CORE_MVU_FRONT, "front");
  stage_set_constants(x->g, i, front, BASE_COUNT(front));
  if (s->side > 1)
    stage_set_constants(x->g, i, side, BASE_COUNT(side));
  if (s->stream) {
    graph_set(x->g, i, "STREAM", "1");
    feed_describe_words(x);
  } else
    stage_set_rom(x, i, "WEIGHT_FILE", "weights", feed_word_bits(s), (int64_t)s->nf * s->sf);
  positions_describe(x);
  describe_back(x);
  if (s->hold > 1)
    describe_transpose(x);
  if (s->has_requant && s->out_lanes != s->pe) {
    i = stage_core(x, CORE_GEARBOX, "share");
    graph_set_constant(x->g, i, "CODE_W", "ACC_W", s->acc_bits);
    graph_set_constant(x->g, i, "IN", "PE", s->pe);
    graph_set(x->g, i, "OUT", "%d", s->out_lanes);
    graph_set(x->g, i, "PER_PIXEL", "%d", s->out.c);
  }
  if (s->has_requant)
    requant_describe(x);
}

static void front(const stage_writer *w) {
  str_add(w->out, "    // pairs each window word with its PE x SIMD weights\n");
  verilog_wires((const char *const[]){"f_valid", "f_ready", "f_first", "f_last", "f_next", NULL}, w->out);
  str_add(w->out, "    wire [PE*SIMD*WEIGHT_W-1:0] weight;\n");
  str_printf(w->out, "    wire [%sSIMD*CODE_W-1:0] act;\n", w->s->side > 1 ? "GROUPS*" : "");
  verilog_bindings b = stage_clocked(w);
  verilog_bind(&b, "s_valid", "w_valid");
  verilog_bind(&b, "s_ready", "w_ready");
  verilog_bind(&b, "s_data", "w_data");
  verilog_bind(&b, "s_first", "w_first");
  verilog_bind(&b, "s_last", "w_last");
  verilog_bind(&b, "s_next", "w_next");
  verilog_row(&b);
  verilog_bind(&b, "m_valid", "f_valid");
  verilog_bind(&b, "m_ready", "f_ready");
  verilog_bind(&b, "m_act", "act");
  verilog_bind(&b, "m_weight", "weight");
  verilog_row(&b);
  verilog_bind(&b, "m_first", "f_first");
  verilog_bind(&b, "m_last", "f_last");
  verilog_bind(&b, "m_next", "f_next");
  feed_emit_words(w, &b);
  if (w->s->stream)
    load_emit_nothing(feed_word_bits(w->s), (int64_t)w->s->nf * w->s->sf, &b);
  else
    load_emit_words(w, "weights", &b);
  stage_emit_instance(w, "front", &b);
  str_add(w->out, "\n");
}

// Accumulators, as the stream `to`; `next`: the net of m_next.
static void back(const stage_writer *w, const char *to, const char *next) {
  str_add(w->out, "    wire [(NF > 1 ? $clog2(NF) : 1)-1:0] unused_group;\n");
  verilog_bindings b = stage_clocked(w);
  verilog_bind(&b, "s_valid", "f_valid");
  verilog_bind(&b, "s_ready", "f_ready");
  verilog_bind(&b, "s_prod", "prod");
  verilog_bind(&b, "s_act", "act");
  verilog_bind(&b, "s_first", "f_first");
  verilog_bind(&b, "s_last", "f_last");
  verilog_bind(&b, "s_next", "f_next");
  verilog_row(&b);
  verilog_bind(&b, "m_valid", "%s_valid", to);
  verilog_bind(&b, "m_ready", "%s_ready", to);
  verilog_bind(&b, "m_acc", "%s_data", to);
  verilog_bind(&b, "m_group", "unused_group");
  verilog_bind(&b, "m_next", "%s", next);
  load_emit_words(w, "bias", &b);
  stage_emit_instance(w, "back", &b);
}

// The stream `held`, results of blocks of pixels group after group, becomes the stream `to`, pixel after pixel.
static void transpose(const stage_writer *w, const char *to) {
  str_printf(w->out, "\n    // the results of %d pixels at a time, from filter-major to pixel-major\n", w->s->hold);
  verilog_bindings b = stage_clocked(w);
  stage_bind(&b, "s", "held");
  verilog_bind(&b, "s_next", "held_next");
  stage_bind(&b, "m", to);
  stage_emit_instance(w, "transpose", &b);
}

static void share(const stage_writer *w) {
  const dataflow_stage *s = w->s;
  str_printf(w->out, "    // the %d accumulators of a beat share %d requantiser%s: they come once in %d cycle%s\n",
             s->pe, s->out_lanes, plural((size_t)s->out_lanes), s->sf, plural((size_t)s->sf));
  verilog_wires((const char *const[]){"one_valid", "one_ready", NULL}, w->out);
  str_printf(w->out, "    wire [%d*ACC_W-1:0] one_data;\n", s->out_lanes);
  verilog_bindings b = stage_clocked(w);
  stage_bind(&b, "s", "acc");
  stage_bind(&b, "m", "one");
  stage_emit_instance(w, "share", &b);
}

void stage_mvu_emit(const stage_writer *w) {
  const dataflow_stage *s = w->s;
  bool shared = s->out_lanes != s->pe;
  window_emit(w);
  front(w);
  positions_emit(w);
  if (s->has_requant) {
    verilog_wires((const char *const[]){"acc_valid", "acc_ready", NULL}, w->out);
    str_add(w->out, "    wire [PE*ACC_W-1:0] acc_data;\n");
  }
  const char *to = s->has_requant ? "acc" : "m";
  if (s->hold > 1) {
    verilog_wires((const char *const[]){"held_valid", "held_ready", "held_next", NULL}, w->out);
    str_add(w->out, "    wire [PE*ACC_W-1:0] held_data;\n");
    back(w, "held", "held_next");
    transpose(w, to);
  } else {
    verilog_wires((const char *const[]){"unused_next", NULL}, w->out);
    back(w, to, "unused_next");
  }
  if (!s->has_requant)
    return;
  str_add(w->out, "\n");
  if (shared)
    share(w);
  requant_emit(w, shared ? "one" : "acc");
}

static void weights_rom(const stage_roms *r) {
  const dataflow_stage *s = r->s;
  const net_node *n = &r->design->cfg->net->nodes[s->node];
  int lanes = s->pe * s->simd;
  int64_t *word = arena_new_array(r->mem, int64_t, (size_t)lanes);
  str text = {0};
  for (int nf = 0; nf < s->nf; nf++)
    for (int sf = 0; sf < s->sf; sf++) {
      for (int i = 0; i < lanes; i++) {
        int c, ky, kx, slot = nf * s->pe + i / s->simd, f = stage_channel(s->order, slot);
        dataflow_window_element(s, sf, i % s->simd, &c, &ky, &kx);
        int channels = dataflow_group_channels(s), channel = dataflow_window_channel(s, slot, c) % channels;
        word[i] =
            n->weight[(((size_t)f * (size_t)channels + (size_t)channel) * (size_t)s->kh + (size_t)ky) * (size_t)s->kw +
                      (size_t)kx];
      }
      dataflow_emit_hex_word(word, lanes, s->weight_bits, &text);
    }
  if (s->stream)
    feed_add_file(r, &text);
  else
    stage_add_rom(r, "weights", &text);
}

void stage_mvu_roms(const stage_roms *r) {
  weights_rom(r);
  stage_channel_rom(r, "bias", r->s->bias, r->s->pe, r->s->acc_bits);
  requant_roms(r);
}

// A word read goes through the front, the products and the sums to the accumulators.
schedule_tap stage_mvu_model(const stage_model *m) {
  const dataflow_stage *s = m->s;
  int depth = s->carry_save ? 3 : 4;
  if (s->hold <= 1)
    return window_model(m, s->sf, s->nf, depth, requant_model(s));
  // axgen_transpose: a ring of pixels; the register behind it is the first of the requantiser's. Before it stand the
  // accumulators: a pixel of one group may wait there, one of several needs its room in the ring from the first of them
  // on.
  const schedule_room ring = {.capacity = s->nf > 1 ? (int64_t)s->hold * 2 * s->nf : s->hold + 1,
                              .push = s->nf,
                              .pop = 1,
                              .latency = 2,
                              .back = 1};
  schedule_tap pixels = window_model(m, (int64_t)s->nf * s->sf, 1, depth, ring);
  return schedule_through(m->schedule, pixels, requant_model(s), (int64_t)s->out.h * s->out.w * s->nf);
}

// ---- blocks ---------------------------------------------------------------------------------------------------------
// Bits of all adders of a tree over n words, whose sums have at most so many bits; an approximate one's as many exact
// bits as it is as large as. What stands above a level's width copies its sign, and is no gates whatever the adder; the
// highest bit of a sum without signs is a carry.
static double tree_bits(int n, int width, bool is_signed, int most, const adder *a) {
  double bits = 0;
  for (; n > 1; n = n / 2 + n % 2) {
    bool carry = width < most && !is_signed;
    width += width < most;
    int64_t pairs = n / 2;
    bits += (double)pairs * (a ? a->family->size(a, width) : width - carry);
  }
  return bits;
}

double stage_mvu_held(const dataflow_stage *s) {
  return s->nf * s->sf > 1 ? s->hold : (double)s->cycles; // one word of weights for all
}

static void front_cost(const dataflow_stage *s, double words, cost_logic *out) {
  double weights = (double)s->pe * s->simd * s->weight_bits, reads = words / stage_mvu_held(s);
  cost_register(out, SYNTH_CONTROL, (double)s->side * s->simd * s->in_bits, words);
  cost_register(out, SYNTH_CONTROL, weights, reads);
  cost_register(out, SYNTH_CONTROL, 5, words);
  cost_enable(out, weights * (s->stream ? 2 : 1) + (double)s->side * s->simd * s->in_bits);
  if (s->stream) { // the port's register slice
    cost_register(out, SYNTH_CONTROL, 2 * weights, reads);
    cost_add(out, SYNTH_CONTROL, COST_SELECT, weights, reads);
  }
  cost_counter(out, SYNTH_CONTROL, (int64_t)s->nf * s->sf, reads);
}

// Low bits that an adder drops, where it stands at all.
static int dropped(const dataflow_stage *s, bool stands) {
  return stands && s->adder->family->drops ? s->adder->value[0] : 0;
}

// Sums of the products and what they are added to.
static void sums_cost(const dataflow_stage *s, double words, cost_logic *out) {
  double accumulators = (double)s->pe * s->acc_bits;
  cost_add(out, SYNTH_ADDERS, COST_SUM, accumulators, words);
  if (s->in_sum) // what starts a sum stays
    cost_add(out, SYNTH_ADDERS, COST_TREE, s->pe * (s->adder->family->size(s->adder, s->acc_bits) - s->acc_bits),
             words);
  int lost = dropped(s, s->simd > 1 ? s->in_tree : s->in_sum), products = s->prod_bits > lost ? s->prod_bits - lost : 0;
  cost_register(out, SYNTH_ADDERS, (double)s->pe * s->simd * products, words);
  cost_enable(out, (double)s->pe * s->simd * products + 3 * accumulators);
  if (s->carry_save) { // full adders until two rows are left; the constant that takes back the signs
    int rows = s->simd + 1 + (s->weight_zero != 0), rounds = 0;
    double bits = (double)(rows - 2) * (s->prod_bits + s->prod_signed);
    if (s->acc_bits > s->prod_bits)
      bits += (s->acc_bits - s->prod_bits) / 2.0;
    for (; rows > 2; rows -= rows / 3)
      rounds++;
    cost_add(out, SYNTH_ADDERS, COST_TREE, s->pe * bits, words);
    cost_longest(out, COST_PATH_ADDERS, s->acc_bits + 2.5 * rounds);
    return;
  }
  int full = s->prod_bits + cost_bits(s->simd), sum = full < s->acc_bits && !s->in_tree ? full : s->acc_bits;
  double bits = tree_bits(s->simd, s->prod_bits, s->prod_signed, sum, s->in_tree ? s->adder : NULL);
  cost_register(out, SYNTH_ADDERS, (double)s->pe * (sum - dropped(s, s->in_sum || (s->in_tree && s->simd > 1))), words);
  cost_add(out, SYNTH_ADDERS, COST_TREE, s->pe * bits, words);
  cost_longest(out, COST_PATH_ADDERS,
               (s->in_tree ? s->adder->family->chain(s->adder, sum) : sum) + 2 * cost_bits(s->simd));
}

// Of what adds products up, what stands still where these do; the rest are sums' upper bits. Measured as in requant.c.
static const double PRODUCT_FOLLOWS = 0.85;

static void back_cost(const dataflow_stage *s, double words, cost_logic *out) {
  double accumulators = (double)s->pe * (s->acc_bits - dropped(s, s->in_sum)),
         results = (double)dataflow_output_beats(s) * s->out_lanes / s->pe;
  out->follows = PRODUCT_FOLLOWS;
  sums_cost(s, words, out);
  cost_register(out, SYNTH_ADDERS, accumulators, words);
  out->follows = 0;
  cost_register(out, SYNTH_ADDERS, accumulators, results); // biases
  cost_register(out, SYNTH_ADDERS, 11, words);
  cost_counter(out, SYNTH_ADDERS, s->nf, 2 * results);
  if (s->weight_zero) {
    double factor = bits_unsigned((uint64_t)(s->weight_zero < 0 ? -(int64_t)s->weight_zero : s->weight_zero));
    cost_register(out, SYNTH_ADDERS, (double)s->side * (s->simd * s->in_bits + s->acc_bits), words);
    double acts = tree_bits(s->simd, s->in_bits, s->in_signed, s->acc_bits, NULL);
    // A row of the products' where all are added at once, else an adder of its own.
    double taken = s->carry_save ? (double)s->side * s->acc_bits : accumulators;
    cost_add(out, SYNTH_ADDERS, COST_TREE, s->side * acts + taken, words);
    cost_add(out, SYNTH_ADDERS, COST_CONSTANT, s->side * factor * (s->in_bits + cost_bits(s->simd)), words);
  }
  if (s->hold > 1) {
    cost_register(out, SYNTH_ADDERS, accumulators, words);
    cost_add(out, SYNTH_ADDERS, COST_SELECT, accumulators, words);
    cost_register(out, SYNTH_ADDERS, cost_bits(s->hold) + 1, words);
    cost_counter(out, SYNTH_ADDERS, s->hold, words);
  }
}

static void transpose_cost(const dataflow_stage *s, cost_logic *out) {
  double results = (double)dataflow_output_beats(s) * s->out_lanes / s->pe;
  int64_t pixels = s->hold * (s->nf > 1 ? 2 : 1);
  cost_register(out, SYNTH_CONTROL, (double)s->pe * s->acc_bits, results);
  for (int i = 0; i < 3; i++)
    cost_counter(out, SYNTH_CONTROL, pixels * s->nf, results);
  for (int i = 0; i < 2; i++) {
    cost_counter(out, SYNTH_CONTROL, pixels + 1, results);
    cost_counter(out, SYNTH_CONTROL, s->nf, results);
  }
}

// An axgen_load for each memory whose words are loaded; while images pass it rests.
static void load_cost(int64_t width, int64_t depth, cost_logic *out) {
  double words = (double)div_ceil(width, 32);
  cost_register(out, SYNTH_CONTROL, 33 + cost_bits(depth), 0);
  cost_add(out, SYNTH_REGISTERS, COST_FLIP_FLOP, words + 2, 0);
  cost_counter(out, SYNTH_CONTROL, depth, 0);
  cost_counter(out, SYNTH_CONTROL, (int64_t)words, 0);
  cost_add(out, SYNTH_CONTROL, COST_COUNT, words, 0);
}

void stage_mvu_cost(const dataflow_stage *s, cost_logic *out) {
  double words = (double)s->cycles, beats = (double)dataflow_output_beats(s);
  window_cost(s, s->nf / s->rounds, s->rounds, out);
  front_cost(s, words, out);
  back_cost(s, words, out);
  if (s->hold > 1)
    transpose_cost(s, out);
  if (s->has_requant && s->out_lanes != s->pe) {
    cost_register(out, SYNTH_CONTROL, (double)s->pe * s->acc_bits, s->hold > 1 ? beats : words);
    cost_add(out, SYNTH_CONTROL, COST_SELECT, (double)s->pe * s->acc_bits, s->hold > 1 ? beats : words);
    cost_counter(out, SYNTH_CONTROL, s->pe / s->out_lanes, beats);
  }
  requant_cost(s, out);
  if (!s->load)
    return;
  load_cost((int64_t)s->pe * s->simd * s->weight_bits, (int64_t)s->nf * s->sf, out);
  load_cost((int64_t)s->pe * s->acc_bits, s->nf, out);
  if (s->has_requant)
    load_cost((int64_t)s->out_lanes * s->mult_bits, s->out.c / s->out_lanes, out);
}
