// SPDX-License-Identifier: Apache-2.0
//
// The dataflow target as the verbs see it.
#include "compiler/target/dataflow/target.h"
#include "compiler/target/dataflow/cosim.h"
#include "compiler/target/dataflow/emit.h"
#include "compiler/target/dataflow/accesses.h"
#include "compiler/target/dataflow/cost.h"
#include "compiler/target/dataflow/energy.h"
#include "compiler/target/dataflow/legal.h"
#include "compiler/target/dataflow/feed.h"
#include "compiler/target/dataflow/load.h"
#include "compiler/target/dataflow/fold.h"

#include <math.h>

static bool plan(arena *mem, const config *cfg, const infer_model *model, void **out, diag *d) {
  dataflow_design *design;
  bool ok = dataflow_plan(mem, cfg, model, &design, d);
  *out = ok ? design : NULL;
  return ok;
}

static bool emit(arena *mem, const void *plan, const target_test *test, fileset *out, diag *d) {
  return dataflow_emit(mem, plan, test, out, d);
}

// Whether layers that multiply have their weights in different places, and are summed in different ways.
static void find_varying(const dataflow_design *design, bool *weights, bool *accumulate) {
  const folding *first = NULL;
  *weights = *accumulate = false;
  for (size_t i = 0; i < design->count; i++) {
    const folding *f = dataflow_folding(design->cfg, design->stages[i].node);
    if (design->stages[i].kind != DATAFLOW_MVU)
      continue;
    first = first ? first : f;
    *weights |= f->weights != first->weights;
    *accumulate |= f->accumulate != first->accumulate;
  }
}

// What a wish was made of, as text for a configuration.
static void print_choice(const dataflow_design *design, str *out) {
  const dataflow_options *o = design->cfg ? design->cfg->target_options : NULL;
  if (!o || !o->chosen)
    return;
  bool weights_vary, accumulate_varies;
  find_varying(design, &weights_vary, &accumulate_varies);
  str_printf(
      out,
      "\nchosen: %.10g images a second at %g ns (%lld cycles an image); about %.0f um2 without memories, %.0f LUTs\n"
      "  folding:\n",
      floor(1e9 / (design->cfg->clock_ns * (double)design->predicted_cycles)), design->cfg->clock_ns,
      (long long)design->predicted_cycles, o->choice.cost.of[FOLD_AREA], o->choice.cost.of[FOLD_LUTS]);
  for (size_t i = 0; i < design->count; i++) {
    const dataflow_stage *s = &design->stages[i];
    if (s->kind != DATAFLOW_MVU)
      continue;
    str_printf(out, "    %s: {pe: %d, simd: %d", s->name, s->pe, s->simd);
    if (s->hold > 1)
      str_printf(out, ", hold: %d", s->hold);
    if (weights_vary)
      str_printf(out, ", weights: %s", dataflow_weights_word[dataflow_folding(design->cfg, s->node)->weights]);
    if (accumulate_varies)
      str_printf(out, ", accumulate: %s", dataflow_accumulate_word[dataflow_folding(design->cfg, s->node)->accumulate]);
    str_add(out, "}\n");
  }
}

// The FIFOs of branches: between which layers, how many beats of how many bits.
static void print_fifos(const dataflow_design *design, str *out) {
  const char *head = "FIFO from";
  for (size_t i = 0; i < design->count; i++)
    for (int k = 0; k < design->stages[i].input_count; k++) {
      const dataflow_input *in = &design->stages[i].inputs[k];
      int width = dataflow_source_lanes(design, in->source) * in->bits;
      if (head && in->fifo)
        str_printf(out, "\n%-14s %-14s %11s %12s %14s\n", head, "to", "beats", "bits a beat", "bits");
      head = in->fifo ? NULL : head;
      if (in->fifo)
        str_printf(out, "%-14s %-14s %11lld %12d %14lld\n", dataflow_source_name(design, in->source),
                   design->stages[i].name, (long long)in->fifo, width, (long long)in->fifo * width);
    }
}

static void print(const void *plan, str *out, str *summary) {
  const dataflow_design *design = plan;
  str_printf(out, "%-14s %-14s %5s %5s %5s %12s %14s\n", "layer", "output", "PE", "SIMD", "hold", "multipliers",
             "cycles/image");
  for (size_t i = 0; i < design->count; i++) {
    const dataflow_stage *s = &design->stages[i];
    char shape[40];
    snprintf(shape, sizeof shape, "%dx%dx%d", s->out.c, s->out.h, s->out.w);
    if (s->kind == DATAFLOW_MVU)
      str_printf(out, "%-14s %-14s %5d %5d %5d %12d %14lld\n", s->name, shape, s->pe, s->simd, s->hold, s->pe * s->simd,
                 (long long)s->cycles);
    else
      str_printf(out, "%-14s %-14s %5s %5s %5s %12s %14lld\n", s->name, shape, "-", "-", "-", "-",
                 (long long)s->cycles);
  }
  print_fifos(design, out);
  if (dataflow_feeds(design)) {
    str_add(out, "\n");
    feed_print(design, (double)design->predicted_cycles, out);
  }
  print_choice(design, out);
  for (size_t i = 0; i < design->count; i++)
    for (int k = 0; k < design->stages[i].input_count; k++)
      if (dataflow_is_permuted(design, &design->stages[i].inputs[k]))
        str_printf(out, "%s takes the channels of %s in another order: %lld bits of registers before it\n",
                   design->stages[i].name, dataflow_source_name(design, design->stages[i].inputs[k].source),
                   (long long)dataflow_permutation_bits(design, &design->stages[i], k));
  str_printf(summary, "; %lld multiplier%s; the slowest stage is %s: %lld cycle%s an image",
             (long long)design->multipliers, plural((size_t)design->multipliers), design->slowest,
             (long long)design->predicted_cycles, plural((size_t)design->predicted_cycles));
}

static graph *describe(arena *mem, const void *plan) { return dataflow_emit_graph(mem, plan); }

static void multipliers(const void *plan, bool *used) { dataflow_multipliers(plan, used); }

static void figures_text(const dataflow_design *design, const dataflow_sim_result *r, target_sim *out) {
  sim_proofs_text(&r->proofs, &out->notes);
  str *f = &out->figures;
  str_printf(f, "first output after      %lld cycle%s\n", (long long)r->first_output_latency,
             plural((size_t)r->first_output_latency));
  if (r->cycles_per_image > 0)
    str_printf(f, "cycles per image        %.1f (folding formula: %lld; difference %+.2f %%)\n", r->cycles_per_image,
               (long long)design->formula_cycles, 100 * (r->cycles_per_image / (double)design->formula_cycles - 1));
  else
    str_printf(f, "cycles per image        not measured (needs two images; folding formula: %lld)\n",
               (long long)design->formula_cycles);
  if (dataflow_feeds(design))
    feed_print(design, r->cycles_per_image > 0 ? r->cycles_per_image : (double)design->predicted_cycles, f);
  if (r->fifo_count)
    str_printf(f, "%-14s %-14s %9s %9s\n", "FIFO from", "to", "beats", "used");
  for (size_t i = 0; i < r->fifo_count; i++)
    str_printf(f, "%-14s %-14s %9lld %9lld\n", r->fifos[i].from, r->fifos[i].to, (long long)r->fifos[i].depth,
               (long long)r->fifos[i].most);
}

static cJSON *figures_json(arena *mem, const dataflow_design *design, const dataflow_sim_result *r) {
  cJSON *json = cJSON_CreateObject();
  cJSON_AddNumberToObject(json, "multipliers_proven", r->proofs.tables + r->proofs.functions_proven);
  cJSON_AddNumberToObject(json, "multipliers_sampled", r->proofs.functions_sampled);
  cJSON_AddNumberToObject(json, "first_output_latency", (double)r->first_output_latency);
  if (r->cycles_per_image > 0)
    cJSON_AddNumberToObject(json, "cycles_per_image", r->cycles_per_image);
  cJSON_AddNumberToObject(json, "formula_cycles_per_image", (double)design->formula_cycles);
  cJSON_AddNumberToObject(json, "predicted_cycles_per_image", (double)design->predicted_cycles);
  cJSON_AddNumberToObject(json, "total_cycles", (double)r->total_cycles);
  if (dataflow_feeds(design))
    cJSON_AddItemToObject(
        json, "weight_streams",
        feed_json(mem, design, r->cycles_per_image > 0 ? r->cycles_per_image : (double)design->predicted_cycles));
  cJSON *fifos = cJSON_AddArrayToObject(json, "fifos");
  for (size_t i = 0; i < r->fifo_count; i++) {
    cJSON *o = cJSON_CreateObject();
    cJSON_AddStringToObject(o, "from", r->fifos[i].from);
    cJSON_AddStringToObject(o, "to", r->fifos[i].to);
    cJSON_AddNumberToObject(o, "depth", (double)r->fifos[i].depth);
    cJSON_AddNumberToObject(o, "most", (double)r->fifos[i].most);
    cJSON_AddItemToArray(fifos, o);
  }
  return json;
}

static bool simulate(arena *mem, const void *plan, const target_images *in, const target_sim_options *o,
                     target_sim *out, diag *d) {
  if (o->axi)
    return diag_error(d, "--axi is for the fgpu target; the dataflow target's ports are AXI4-Stream in any case");
  dataflow_sim_options opt = {.first = in->first,
                              .images = in->count,
                              .stalls = o->stalls,
                              .icarus = o->icarus,
                              .gates = o->mul_gates,
                              .all_pairs = o->all_pairs,
                              .waves = o->waves,
                              .keep = o->keep,
                              .recorder = o->recorder,
                              .pins = o->pins,
                              .steady = o->steady};
  dataflow_sim_result r;
  bool ok = dataflow_sim(mem, plan, in->data, &opt, &r, d);
  *out = (target_sim){.simulator = r.simulator,
                      .values_compared = r.values_compared,
                      .correct = r.correct,
                      .outputs = r.outputs,
                      .logits = r.logits,
                      .build_seconds = r.build_seconds,
                      .run_seconds = r.run_seconds,
                      .folder = r.folder,
                      .from = r.from,
                      .to = r.to,
                      .images_inside = r.images_inside,
                      .scope = " of all layers",
                      .stalled = dataflow_loads(plan) || dataflow_feeds(plan) ? "all streams" : "both streams"};
  if (!ok)
    return false;
  figures_text(plan, &r, out);
  out->json = figures_json(mem, plan, &r);
  return true;
}

static bool accesses(arena *mem, const void *plan, const target_images *in, memories_accesses *out, diag *d) {
  (void)in, (void)d;
  accesses_of(mem, plan, dataflow_emit_graph(mem, plan), out);
  return true;
}

static bool cost(arena *mem, const void *plan, cost_counts *out, diag *d) {
  (void)d;
  dataflow_cost(mem, plan, dataflow_emit_graph(mem, plan), out);
  return true;
}

static bool energy(arena *mem, const void *plan, const synth_mul *muls, const target_images *in, proxy_result *out,
                   diag *d) {
  return dataflow_proxy_energy(mem, plan, muls, in->data, in->first, in->count, out) || diag_tool(d, "interrupted");
}

static bool operands(arena *mem, const void *plan, const target_images *in, operands_layer **out, size_t *layers,
                     diag *d) {
  return dataflow_operands(mem, plan, in->data, in->first, in->count, out, layers) || diag_tool(d, "interrupted");
}

const target TARGET_DATAFLOW = {.reader = &DATAFLOW_READER,
                                .plan = plan,
                                .approximates = dataflow_approximates,
                                .accumulations = dataflow_accumulations,
                                .emit = emit,
                                .print = print,
                                .describe = describe,
                                .multipliers = multipliers,
                                .places = dataflow_places,
                                .nearest = dataflow_nearest,
                                .cost = cost,
                                .simulate = simulate,
                                .energy = energy,
                                .accesses = accesses,
                                .operands = operands};
