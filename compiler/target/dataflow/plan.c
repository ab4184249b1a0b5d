// SPDX-License-Identifier: Apache-2.0
//
// Plans the dataflow accelerator: one stage a node, in the network's order.
#include "compiler/target/dataflow/plan.h"
#include "genlib/scope.h"

#include <string.h>

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

void dataflow_window_element(const dataflow_stage *s, int sf, int lane, int *c, int *ky, int *kx) {
  const dataflow_block *b = &s->block;
  int groups = s->in.c / b->g, kx_blocks = s->kw / b->tw;
  int cg = sf % groups, kxb = sf / groups % kx_blocks, kyb = sf / groups / kx_blocks;
  *c = cg * b->g + lane % b->g;
  *kx = kxb * b->tw + lane / b->g % b->tw;
  *ky = kyb * b->th + lane / b->g / b->tw;
}

// What this target cannot build, with the reason.
static bool refuse(const config *cfg, const net_node *n, diag *d, const char *why) {
  diag_at(d, n->pos, "layer %s: the dataflow target cannot build it: %s", n->name, why);
  diag_note(d, "asked for by %s", cfg->file);
  return false;
}

static bool builds(const config *cfg, const net_node *n, diag *d) { return (void)cfg, (void)n, (void)d, true; }

static bool builds_conv(const config *cfg, const net_node *n, diag *d) {
  if (n->groups != 1)
    return refuse(cfg, n, d, "grouped and depthwise convolutions are not supported");
  if (n->weight_zero != 0)
    return refuse(cfg, n, d, "weights with a zero point are not supported (use scheme s8 or u8s8)");
  return true;
}

static bool builds_pool(const config *cfg, const net_node *n, diag *d) {
  return !net_mean_varies(n) || refuse(cfg, n, d, "average pooling whose pads do not count is not supported");
}

static bool builds_not(const config *cfg, const net_node *n, diag *d) {
  return refuse(cfg, n, d, "expected conv, dense, maxpool or avgpool");
}

// Which operators there is a stage for.
// clang-format off
#define ROWS(X)                                                                                                        \
  X(NET_INPUT, builds) X(NET_CONV, builds_conv) X(NET_DENSE, builds_conv) X(NET_MAXPOOL, builds_pool)                  \
  X(NET_AVGPOOL, builds_pool) X(NET_ADD, builds_not) X(NET_CONCAT, builds_not) X(NET_PAD, builds_not)
// clang-format on
static const struct {
  bool (*check)(const config *cfg, const net_node *n, diag *d);
} operators[NET_OPS] = {ROWS(BASE_ROW)};
_Static_assert(BASE_ROWS(ROWS) == NET_OPS, "a row for each operator");

static bool supported(const config *cfg, int i, diag *d) {
  const net_node *n = &cfg->net->nodes[i];
  if (n->op != NET_INPUT && n->inputs[0] != i - 1)
    return refuse(cfg, n, d, "it does not take the layer before it as its input, and branches are not supported");
  if (n->quant.bits && n->quant.zero != 0)
    return refuse(cfg, n, d, "activations with a zero point are not supported (scheme s8 has none)");
  return operators[n->op].check(cfg, n, d);
}

// Filters that share a PE share its multiplier, so the filters are sorted into PEs by the multiplier they were given.
// With nf filters a PE this works when every multiplier has a multiple of nf filters.
static bool place_filters(arena *mem, const config *cfg, dataflow_stage *s, diag *d) {
  const net_node *n = &cfg->net->nodes[s->node];
  const assignment *as = &cfg->assign[s->node];
  int filters = s->out.c;
  int64_t reduction = net_reduction(cfg->net, n);
  if (as->level > ASSIGN_FILTER)
    return refuse(cfg, n, d,
                  arena_printf(mem,
                               "its filters mix multipliers (%s-level assignment); expected one multiplier a filter",
                               as->level == ASSIGN_WEIGHT ? "weight" : "kernel"));
  int *order = arena_new_array(mem, int, (size_t)filters);
  uint8_t *muls = arena_new_array(mem, uint8_t, (size_t)s->pe * (size_t)s->simd);
  int pe = 0;
  bool sorted = true;
  for (size_t m = 0; m < cfg->mul_count; m++) {
    int count = 0;
    for (int f = 0; f < filters; f++)
      count += assignment_mul(as, f * reduction) == (int)m;
    if (count % s->nf != 0)
      return refuse(cfg, n, d,
                    arena_printf(mem,
                                 "%d filter%s multiplier %s, and with pe %d each PE computes %d filters; expected a "
                                 "multiple of %d filters for each multiplier, or another pe",
                                 count, count == 1 ? " uses" : "s use", cfg->mul_keys[m], s->pe, s->nf, s->nf));
    int pes = count / s->nf;
    for (int f = 0, j = 0; f < filters; f++)
      if (assignment_mul(as, f * reduction) == (int)m) {
        int at = j / pes * s->pe + pe + j % pes;
        order[at] = f;
        sorted &= at == f;
        j++;
      }
    memset(muls + (size_t)pe * (size_t)s->simd, (int)m, (size_t)pes * (size_t)s->simd);
    pe += pes;
  }
  assert(pe == s->pe);
  s->order = sorted ? NULL : order;
  s->muls = muls;
  return true;
}

static void plan_window(dataflow_stage *s) {
  // Two windows' rows and one step: the writer fills the next image's first window while the last one is read, so that
  // no cycle is lost between images. With one output row, a whole image is written beside the rows in use.
  // Rows of padding own slots: those between two images count where they are no part of the windows' own.
  int pads = s->pt + s->pb;
  int rows = s->out.h == 1 ? s->in.h + pads + s->kh : 2 * s->kh + s->sh + (pads >= s->kh ? pads : 0);
  s->rows = (int)div_ceil(rows, s->block.th) * s->block.th;
}

int dataflow_bank_columns(const dataflow_stage *s) { return (int)div_ceil(s->in.w, s->block.tw); }

static void finish_window(dataflow_stage *s) {
  s->input_beats = (int64_t)s->in.h * s->in.w * (s->in.c / s->wch);
  int columns = dataflow_bank_columns(s) * s->block.tw;
  s->line_buffer_bits = (int64_t)s->rows * columns * s->in.c * s->in_bits;
}

// What comes before a window generator: a layer that makes one of `rows` rows in `row_cycles`, and poolings that
// together let `pooled` of its rows become one. A pooled row comes all at once, while the last of its rows is made.
typedef struct {
  double row_cycles;
  int rows, pooled;
} feeder;

// Cycles an image when a row of `beats` holds up the layer before: it stops until the row is taken in.
static double held_up(const feeder *f, double beats) {
  double last_row = beats > f->row_cycles ? beats : f->row_cycles;
  return ((f->pooled - 1) * f->row_cycles + last_row) * f->rows / f->pooled;
}

// The narrowest line-buffer word with which the input stream stays below the accelerator's bottleneck, with a tenth to
// spare, and does not hold up the layer before so long that that one becomes the bottleneck.
static void choose_word(dataflow_stage *s, const feeder *f, int64_t bottleneck) {
  for (int w = s->block.g; w <= s->in.c; w += s->block.g) {
    if (s->in.c % w)
      continue;
    s->wch = w;
    int64_t beats = (int64_t)s->in.w * (s->in.c / w);
    if (beats * s->in.h * 10 <= bottleneck * 9 && held_up(f, (double)beats) <= (double)bottleneck)
      break;
  }
  finish_window(s);
}

static bool plan_mvu(arena *mem, const config *cfg, const infer_model *model, dataflow_stage *s, diag *d) {
  const net_node *n = &cfg->net->nodes[s->node];
  const folding *fold = (const folding *)cfg->target_options + s->node;
  int reduction = (int)net_reduction(cfg->net, n);
  s->kind = DATAFLOW_MVU;
  s->pe = fold->pe;
  s->simd = fold->simd;
  assert(s->out.c % s->pe == 0 && reduction % s->simd == 0); // config_read checked them
  s->nf = s->out.c / s->pe;
  s->sf = reduction / s->simd;
  s->block = dataflow_block_of(s->simd, s->in.c, s->kh, s->kw);
  if (!place_filters(mem, cfg, s, d))
    return false;
  s->weight_bits = n->weight_bits;
  s->weight_signed = n->weight_signed;
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
  infer_range range = infer_node_range(model, s->node);
  s->acc_bits = bits_signed(range.acc_lo, range.acc_hi);
  int64_t *bias = arena_new_array(mem, int64_t, (size_t)s->out.c);
  for (int f = 0; f < s->out.c; f++)
    bias[f] = infer_folded_bias(cfg->net, n, f);
  s->bias = bias;
  s->out_lanes = s->pe;
  s->cycles = (int64_t)s->out.h * s->out.w * s->nf * s->sf;
  s->rom_bits = (int64_t)s->nf * s->sf * s->pe * s->simd * s->weight_bits + (int64_t)s->nf * s->pe * s->acc_bits;
  plan_window(s);
  return true;
}

static void plan_pool(const config *cfg, dataflow_stage *s, int lanes) {
  const net_node *n = &cfg->net->nodes[s->node];
  bool plain = s->kh == s->sh && s->kw == s->sw && !(s->pt | s->pb | s->pl | s->pr);
  s->kind = plain ? DATAFLOW_POOL : DATAFLOW_POOL_WINDOW;
  s->is_max = n->op == NET_MAXPOOL;
  s->in_lanes = s->out_lanes = s->wch = lanes;
  s->pad_code = s->is_max ? net_quant_lo(net_input_quant(cfg->net, n)) : 0;
  // Codes, or their sums over one window.
  int64_t taps = s->is_max ? 1 : (int64_t)s->kh * s->kw;
  net_quant q = net_input_quant(cfg->net, n);
  s->acc_bits = q.is_signed ? bits_signed(net_quant_lo(q) * taps, net_quant_hi(q) * taps)
                            : bits_unsigned((uint64_t)(net_quant_hi(q) * taps)) + (s->is_max ? 0 : 1);
  int groups = s->in.c / lanes;
  s->input_beats = (int64_t)s->in.h * s->in.w * groups;
  if (plain) {
    s->cycles = s->input_beats;
    s->line_buffer_bits = (int64_t)s->out.w * s->in.c * s->acc_bits;
    return;
  }
  s->block = (dataflow_block){.g = lanes, .tw = 1, .th = 1};
  plan_window(s);
  finish_window(s);
  s->cycles = (int64_t)s->out.h * s->out.w * s->kh * s->kw * groups;
}

// PE results come together, at most once in SF cycles: fewer requantisers than PEs do, one after the other, with a
// tenth of the cycles to spare.
static int requant_lanes(const dataflow_stage *s) {
  int lanes = 1;
  while (s->pe % lanes || (lanes < s->pe && s->pe / lanes * 10 > s->sf * 9))
    lanes++;
  return lanes;
}

static void plan_requant(arena *mem, const config *cfg, dataflow_stage *s) {
  const net_node *n = &cfg->net->nodes[s->node];
  uint16_t *mult = NULL;
  if (n->op == NET_MAXPOOL) {
    // Codes pass, but a clamp of its own (a ReLU behind the pool) needs a requantiser: (2 y + 1) >> 1 = y.
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
    s->out_lanes = requant_lanes(s);
  uint16_t most = 1;
  for (int f = 0; f < s->out.c; f++)
    most = s->mult[f] > most ? s->mult[f] : most;
  s->mult_bits = bits_unsigned(most);
  s->lo = n->lo;
  s->hi = n->hi;
  s->out_bits = n->quant.bits;
  s->out_signed = n->quant.is_signed;
  s->rom_bits += (int64_t)s->out.c * s->mult_bits;
}

static void plan_totals(dataflow_design *design) {
  for (size_t i = 0; i < design->count; i++)
    if (design->stages[i].kind == DATAFLOW_MVU && design->stages[i].cycles > design->formula_cycles)
      design->formula_cycles = design->stages[i].cycles;
  feeder before = {0, design->stages[0].in.h, 1}; // the image: it waits for nobody's rows
  for (size_t i = 0; i < design->count; i++) {
    dataflow_stage *s = &design->stages[i];
    if (s->kind == DATAFLOW_MVU) {
      choose_word(s, &before, design->formula_cycles);
      s->in_lanes = s->wch;
      design->multipliers += (int64_t)s->pe * s->simd;
      before = (feeder){(double)s->cycles / s->out.h, s->out.h, 1};
    } else {
      before.pooled *= s->sh;
    }
    int64_t busy = s->cycles > s->input_beats ? s->cycles : s->input_beats;
    if (busy > design->predicted_cycles) {
      design->predicted_cycles = busy;
      design->slowest = s->name;
    }
  }
}

void dataflow_multipliers(const dataflow_design *design, bool *used) {
  for (size_t i = 0; i < design->count; i++) {
    const dataflow_stage *s = &design->stages[i];
    for (int k = 0; s->kind == DATAFLOW_MVU && k < s->pe * s->simd; k++)
      used[s->muls[k]] = true;
  }
}

bool dataflow_next_run(const dataflow_stage *s, dataflow_run *run) {
  run->first = run->end;
  if (run->first == s->pe)
    return false;
  run->mul = s->muls[(size_t)run->first * (size_t)s->simd];
  for (run->end++; run->end < s->pe && s->muls[(size_t)run->end * (size_t)s->simd] == run->mul;)
    run->end++;
  return true;
}

int64_t dataflow_output_beats(const dataflow_stage *s) { return net_shape_size(s->out) / s->out_lanes; }

int64_t dataflow_cycle_limit(const dataflow_design *design) {
  // Pauses (rtl_templates/sim/tb_dataflow.v) make of one beat two cycles on average, now and then 64.
  const int64_t pauses = 4, fill = 1000, luck = 10000;
  int64_t cycles = 0;
  for (size_t i = 0; i < design->count; i++) {
    const dataflow_stage *s = &design->stages[i];
    int64_t beats = dataflow_output_beats(s) > s->input_beats ? dataflow_output_beats(s) : s->input_beats;
    cycles += (s->cycles > beats ? s->cycles : beats) + fill;
  }
  return pauses * cycles + luck;
}

bool dataflow_plan(arena *mem, const config *cfg, const infer_model *model, dataflow_design **out, diag *d) {
  const network *net = cfg->net;
  if (cfg->target != &DATAFLOW_READER)
    return diag_error(d, "%s: no `target: {kind: dataflow, ...}`, which building hardware needs", cfg->file);
  bool ok = true;
  for (size_t i = 0; i < net->count; i++)
    ok &= supported(cfg, (int)i, d);
  if (!ok)
    return false;
  dataflow_design *design = arena_new_object(mem, dataflow_design);
  design->cfg = cfg;
  design->model = model;
  design->stages = arena_new_array(mem, dataflow_stage, net->count);
  design->muls = scope_multipliers(mem, scope_new(mem), cfg->muls, cfg->mul_count);
  scope *ids = scope_new(mem);
  int lanes = 0; // of the stream so far; 0: the image, whose first stage decides
  const int *order = NULL; // of the stream's channels; NULL: the network's
  for (size_t i = 1; i < net->count; i++) {
    const net_node *n = &net->nodes[i];
    net_quant q = net_input_quant(net, n);
    dataflow_stage *s = &design->stages[design->count++];
    *s = (dataflow_stage){.name = n->name,
                          .id = scope_name(ids, "%s", n->name),
                          .node = (int)i,
                          .in = net_input_shape(net, n),
                          .out = n->shape,
                          .kh = n->kh,
                          .kw = n->kw,
                          .sh = n->sh,
                          .sw = n->sw,
                          .pt = n->pt,
                          .pb = n->pb,
                          .pl = n->pl,
                          .pr = n->pr,
                          .in_bits = q.bits,
                          .in_signed = q.is_signed,
                          .in_order = order,
                          .order = order,
                          .slice = ((const folding *)cfg->target_options)[i].slice};
    if (net_multiplies(n))
      ok &= plan_mvu(mem, cfg, model, s, d);
    else
      plan_pool(cfg, s, lanes ? lanes : s->in.c);
    if (!ok)
      continue;
    plan_requant(mem, cfg, s);
    lanes = s->out_lanes;
    order = s->order;
  }
  if (!ok)
    return false;
  plan_totals(design);
  *out = design;
  return true;
}
