// SPDX-License-Identifier: Apache-2.0
//
// The fgpu target as the verbs see it.
#include "compiler/target/fgpu/target.h"
#include "compiler/target/fgpu/emit_internal.h"
#include "compiler/target/fgpu/energy.h"
#include "compiler/tool/tool.h"

static bool plan(arena *mem, const config *cfg, const infer_model *model, void **out, diag *d) {
  fgpu_build *b = arena_new_object(mem, fgpu_build);
  b->cfg = cfg;
  *out = b;
  return fgpu_plan(mem, model, cfg->mul_count, cfg->target_options, &b->program, d);
}

static bool emit(arena *mem, const void *plan, const target_test *test, fileset *out, diag *d) {
  const fgpu_build *b = plan;
  origin made_from;
  return origin_of(mem, b->cfg, &made_from, d) && fgpu_emit(mem, b->program, &made_from, test, out, d);
}

static void print(const void *plan, str *out, str *summary) {
  const fgpu_build *b = plan;
  (void)summary;
  fgpu_print(b->program, b->cfg->mul_keys, NULL, out);
}

static graph *describe(arena *mem, const void *plan) {
  const fgpu_tile tile = fgpu_tile_of(((const fgpu_build *)plan)->program, NULL);
  return fgpu_graph(mem, &tile);
}

static void multipliers(const void *plan, bool *used) {
  const fgpu_program *p = ((const fgpu_build *)plan)->program;
  for (int cv = 0; cv < p->hw.cvs; cv++)
    for (int pe = 0; pe < FGPU_PES; pe++)
      used[p->pe_mul[cv][pe]] = true;
}

// ---- simulation ---------------------------------------------------------------------------------------------------
static void figures_text(const fgpu_build *b, const fgpu_cosim *c, const fgpu_counts *model,
                         const target_sim_options *o, target_sim *out) {
  const fgpu_program *p = b->program;
  if (o->axi)
    str_add(&out->notes, "  behind the AXI ports; reads and writes are counted on the AXI bus\n");
  str_add(&out->notes, "  all layers of the first image, launch by launch; the outputs of all images in one go\n");
  str *f = &out->figures;
  str_printf(f, "cycles per image        %lld%s (simulator in C: %lld)\n", (long long)c->cycles,
             o->stalls ? " with the stalls" : "", (long long)model->sum.cycles);
  str_printf(f, "memory port             %lld line%s of %d bytes read, %lld written\n", (long long)c->reads,
             plural((size_t)c->reads), FGPU_LINE, (long long)c->writes);
  for (int cv = 0; cv < p->hw.cvs; cv++) {
    str_printf(f, "cv%d ", cv);
    for (int pe = 0; pe < FGPU_PES; pe++)
      str_printf(f, "%s%s", pe ? "," : "[", b->cfg->mul_keys[p->pe_mul[cv][pe]]);
    str_printf(f, "]   issues in %.1f %% of its slots, multipliers busy %.1f %%\n",
               100 * fgpu_issue_share(&model->sum, cv, c->cycles),
               100 * fgpu_busy_share(p, &model->sum, cv, c->cycles));
  }
  str_printf(f, "\n%-24s %-16s %10s %12s\n", "launch", "kernel", "wavefronts", "cycles");
  for (size_t i = 0; i < p->launch_count; i++)
    str_printf(f, "%-24s %-16s %10u %12lld\n", p->launches[i].name, p->launches[i].kernel, p->launches[i].groups,
               (long long)c->launch_cycles[i]);
}

static cJSON *figures_json(const fgpu_build *b, const fgpu_cosim *c, const fgpu_counts *model, bool axi) {
  const fgpu_program *p = b->program;
  cJSON *json = cJSON_CreateObject();
  cJSON_AddBoolToObject(json, "axi", axi);
  cJSON_AddNumberToObject(json, "compute_vectors", p->hw.cvs);
  cJSON_AddNumberToObject(json, "cycles_per_image", (double)c->cycles);
  cJSON_AddNumberToObject(json, "predicted_cycles_per_image", (double)model->sum.cycles);
  cJSON_AddNumberToObject(json, "lines_read", (double)c->reads);
  cJSON_AddNumberToObject(json, "lines_written", (double)c->writes);
  fgpu_add_cvs(b, &model->sum, c->cycles, json);
  cJSON *list = cJSON_AddArrayToObject(json, "launches");
  for (size_t i = 0; i < p->launch_count; i++) {
    cJSON *o = cJSON_CreateObject();
    cJSON_AddStringToObject(o, "name", p->launches[i].name);
    cJSON_AddStringToObject(o, "kernel", p->launches[i].kernel);
    cJSON_AddNumberToObject(o, "wavefronts", p->launches[i].groups);
    cJSON_AddNumberToObject(o, "cycles", (double)c->launch_cycles[i]);
    cJSON_AddItemToArray(list, o);
  }
  return json;
}

// Runs the tile in the folder that is kept, or in a temporary one.
static bool cosimulate(arena *mem, const fgpu_build *b, const target_images *in, const target_sim_options *o,
                       fgpu_cosim *c, target_sim *out, diag *d) {
  char *dir = NULL;
  if (o->keep && !tool_temp_dir(mem, &dir, d))
    return false;
  const uint8_t **pixels = arena_new_array(mem, const uint8_t *, in->count);
  for (size_t i = 0; i < in->count; i++)
    pixels[i] = in->data->pixels + (in->first + i) * (size_t)net_shape_size(in->data->shape);
  fgpu_rtl_options opt = {.icarus = o->icarus,
                          .axi = o->axi,
                          .stalls = o->stalls,
                          .name = b->cfg->name,
                          .waves = o->waves,
                          .recorder = o->recorder,
                          .pins = o->pins,
                          .dir = dir};
  bool ok = fgpu_simulate(mem, b->program, pixels, in->count, &opt, c, d);
  if (dir)
    tool_temp_keep(dir);
  out->folder = dir;
  return ok;
}

static bool simulate(arena *mem, const void *plan, const target_images *in, const target_sim_options *o,
                     target_sim *out, diag *d) {
  const fgpu_build *b = plan;
  fgpu_counts model;
  fgpu_cosim c;
  if (o->waves && o->axi && !o->icarus)
    return diag_error(d, "--trace with --axi needs --icarus: in Verilator the C host makes the clock");
  *out = (target_sim){.scope = "", .stalled = o->axi ? "all AXI channels" : "the memory port"};
  if (!fgpu_count(mem, b, in, 1, &model, d) || !cosimulate(mem, b, in, o, &c, out, d))
    return false;
  out->simulator = c.rtl.simulator;
  out->from = c.end - c.cycles;
  out->to = c.end;
  out->images_inside = 1;
  out->values_compared = c.values_compared;
  out->outputs = (size_t)net_shape_size(net_output(b->cfg->net)->shape);
  out->logits = c.logits;
  out->correct = target_correct(in, c.logits, out->outputs);
  out->build_seconds = c.rtl.build_seconds;
  out->run_seconds = c.rtl.run_seconds;
  figures_text(b, &c, &model, o, out);
  out->json = figures_json(b, &c, &model, o->axi);
  return true;
}

// Only what passes the port to the memory outside is counted.
static bool accesses(arena *mem, const void *plan, const target_images *in, memories_accesses *out, diag *d) {
  fgpu_counts counts;
  *out = (memories_accesses){0};
  if (!fgpu_count(mem, plan, in, 1, &counts, d))
    return false;
  out->external_bytes = (double)(counts.sum.reads + counts.sum.writes) * FGPU_LINE;
  return true;
}

static bool cost(arena *mem, const void *plan, cost_counts *out, diag *d) { return fgpu_cost(mem, plan, out, d); }

static bool energy(arena *mem, const void *plan, const synth_mul *muls, const target_images *in, proxy_result *out,
                   diag *d) {
  return fgpu_energy(mem, ((const fgpu_build *)plan)->program, muls, in->data, in->first, in->count, out, d);
}

const target FGPU_TARGET = {.reader = &FGPU_READER,
                            .plan = plan,
                            .emit = emit,
                            .print = print,
                            .describe = describe,
                            .multipliers = multipliers,
                            .limits = fgpu_limits,
                            .places = fgpu_places,
                            .cost = cost,
                            .simulate = simulate,
                            .energy = energy,
                            .accesses = accesses};
