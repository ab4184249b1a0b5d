// SPDX-License-Identifier: Apache-2.0
//
// Plans the dataflow accelerator: one stage a node, in the network's order, each taking the streams of stages before it
// or the image.
#include "compiler/target/dataflow/fifos.h"
#include "compiler/target/dataflow/fold.h"
#include "compiler/target/dataflow/orders.h"
#include "compiler/target/dataflow/stage.h"
#include "genlib/scope.h"

#include <string.h>

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
  for (int w = dataflow_word_channels(s); w <= s->in.c; w += dataflow_word_channels(s)) {
    if (s->in.c % w)
      continue;
    s->wch = w;
    int64_t beats = (int64_t)s->in.w * (s->in.c / w);
    if (beats * s->in.h * 10 <= bottleneck * 9 && held_up(f, (double)beats) <= (double)bottleneck)
      break;
  }
  window_finish(s);
}

// What comes before an input of a stage: of several feeders the slowest is the one that holds up.
static feeder feeder_of(const dataflow_stage *s, const feeder *behind, const feeder *image) {
  feeder f = *image;
  for (int i = 0; i < s->input_count; i++) {
    const feeder *x = s->inputs[i].source == DATAFLOW_IMAGE ? image : &behind[s->inputs[i].source];
    if (x->row_cycles > f.row_cycles)
      f = *x;
  }
  return f;
}

// The image comes as wide as the widest of those that take it; one that took its width from there is narrower for none.
static void plan_image(dataflow_design *design) {
  dataflow_image *image = &design->image;
  net_quant q = design->cfg->net->nodes[0].quant;
  *image = (dataflow_image){design->cfg->net->nodes[0].shape, 1, q.bits, q.is_signed};
  for (size_t i = 0; i < design->count; i++)
    for (int k = 0; k < design->stages[i].input_count; k++)
      if (design->stages[i].inputs[k].source == DATAFLOW_IMAGE &&
          dataflow_input_lanes(&design->stages[i], k) > image->lanes)
        image->lanes = dataflow_input_lanes(&design->stages[i], k);
}

static void plan_totals(arena *mem, dataflow_design *design) {
  feeder image = {0, design->cfg->net->nodes[0].shape.h, 1}; // it waits for nobody's rows
  feeder *behind = arena_new_array(mem, feeder, design->count);
  for (size_t i = 0; i < design->count; i++) {
    dataflow_stage *s = &design->stages[i];
    feeder before = feeder_of(s, behind, &image);
    if (s->kind == DATAFLOW_MVU) {
      choose_word(s, &before, design->formula_cycles);
      s->in_lanes = s->wch;
      design->multipliers += (int64_t)s->pe * s->simd;
      before = (feeder){(double)s->cycles / s->out.h, s->out.h, 1};
    } else if (s->kind == DATAFLOW_POOL || s->kind == DATAFLOW_POOL_WINDOW) {
      before.pooled *= s->sh;
    }
    behind[i] = before;
    int64_t busy = s->cycles > s->input_beats ? s->cycles : s->input_beats;
    if (busy > design->predicted_cycles) {
      design->predicted_cycles = busy;
      design->slowest = s->name;
    }
  }
  plan_image(design);
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

// The streams that node n takes, as their stages send them.
static void plan_inputs(arena *mem, const dataflow_design *design, const orders_node *orders, const net_node *n,
                        dataflow_stage *s) {
  const network *net = design->cfg->net;
  s->input_count = n->input_count;
  s->inputs = arena_new_array(mem, dataflow_input, (size_t)n->input_count);
  for (int k = 0; k < n->input_count; k++) {
    const net_node *from = &net->nodes[n->inputs[k]];
    int source = n->inputs[k] - 1; // the image is node 0
    s->inputs[k] = (dataflow_input){.source = source,
                                    .shape = from->shape,
                                    .bits = from->quant.bits,
                                    .is_signed = from->quant.is_signed,
                                    .order = orders->in[k]};
  }
  s->in = s->inputs[0].shape;
  s->in_bits = s->inputs[0].bits;
  s->in_signed = s->inputs[0].is_signed;
  s->in_order = orders->in[0];
  s->order = orders->out;
}

static bool plan_stage(arena *mem, const infer_model *model, dataflow_design *design, const orders_node *orders,
                       int node, scope *ids, diag *d) {
  const config *cfg = design->cfg;
  const net_node *n = &cfg->net->nodes[node];
  dataflow_stage *s = &design->stages[design->count++];
  *s = stage_from_node(n, dataflow_folding(cfg, node));
  s->id = scope_name(ids, "%s", n->name);
  s->node = node;
  plan_inputs(mem, design, orders, n, s);
  int *lanes = arena_new_array(mem, int, (size_t)s->input_count);
  for (int k = 0; k < s->input_count; k++)
    lanes[k] = s->inputs[k].source == DATAFLOW_IMAGE ? 0 : design->stages[s->inputs[k].source].out_lanes;
  const stage_planner p = {mem, cfg, model, lanes[0], lanes, design->formula_cycles};
  bool ok = STAGE_OPERATORS[n->op].plan(&p, s, d);
  if ((s->load &= s->rom_bits > 0))
    s->loaded_bits = s->rom_bits, s->rom_bits = 0;
  for (size_t i = 0; s->load && i + 1 < design->count; i++)
    design->stages[i].load_on = design->stages[i].load;
  return ok;
}

// The folding formula's cycles of the slowest layer.
static int64_t slowest_formula(const config *cfg) {
  int64_t slowest = 0;
  for (size_t i = 1; i < cfg->net->count; i++) {
    const net_node *n = &cfg->net->nodes[i];
    const folding *f = dataflow_folding(cfg, (int)i);
    int64_t pixels = (int64_t)n->shape.h * n->shape.w;
    if (net_multiplies(n) && pixels * (n->shape.c / f->pe) * (net_reduction(cfg->net, n) / f->simd) > slowest)
      slowest = pixels * (n->shape.c / f->pe) * (net_reduction(cfg->net, n) / f->simd);
  }
  return slowest;
}

bool dataflow_plan(arena *mem, const config *cfg, const infer_model *model, dataflow_design **out, diag *d) {
  const network *net = cfg->net;
  if (cfg->target != &DATAFLOW_READER)
    return diag_error(d, "%s: no `target: {kind: dataflow, ...}`, which building hardware needs", cfg->file);
  orders_node *orders;
  if (!orders_plan(mem, cfg, &orders, d))
    return false;
  dataflow_design *design = arena_new_object(mem, dataflow_design);
  design->cfg = cfg;
  design->model = model;
  design->formula_cycles = slowest_formula(cfg);
  design->stages = arena_new_array(mem, dataflow_stage, net->count);
  design->muls = scope_multipliers(mem, scope_new(mem), cfg->muls, cfg->mul_count);
  scope *ids = scope_new(mem);
  bool ok = true;
  for (size_t i = 1; i < net->count; i++)
    ok &= plan_stage(mem, model, design, &orders[i], (int)i, ids, d);
  if (!ok)
    return false;
  plan_totals(mem, design);
  const dataflow_options *o = cfg->target_options;
  if (o->chosen && design->predicted_cycles > o->choice.cycles)
    diag_warn(d, "%s: the folding was chosen for %lld cycles an image, but %s needs %lld", cfg->file,
              (long long)o->choice.cycles, design->slowest, (long long)design->predicted_cycles);
  *out = design;
  return fifos_plan(design, d);
}
