// SPDX-License-Identifier: Apache-2.0
//
// Plans the dataflow accelerator: one stage a node, in the network's order.
#include "compiler/target/dataflow/stage.h"
#include "genlib/scope.h"

#include <string.h>

static bool supported(const config *cfg, int i, diag *d) {
  const net_node *n = &cfg->net->nodes[i];
  if (n->op != NET_INPUT && n->inputs[0] != i - 1)
    return stage_refuse(cfg, n, d, "it does not take the layer before it as its input, and branches are not supported");
  if (n->quant.bits && n->quant.zero != 0)
    return stage_refuse(cfg, n, d, "activations with a zero point are not supported (scheme s8 has none)");
  return STAGE_OPERATORS[n->op].check(cfg, n, d);
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
  window_finish(s);
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
    const stage_planner p = {mem, cfg, model, lanes};
    if (!STAGE_OPERATORS[n->op].plan(&p, s, d)) {
      ok = false;
      continue;
    }
    lanes = s->out_lanes;
    order = s->order;
  }
  if (!ok)
    return false;
  plan_totals(design);
  *out = design;
  return true;
}
