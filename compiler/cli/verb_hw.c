// SPDX-License-Identifier: Apache-2.0
//
// rtl, sim; those of the fgpu target are in verb_fgpu.c
#include "compiler/cli/session.h"
#include "compiler/target/dataflow/cosim.h"
#include "compiler/target/dataflow/emit.h"

static void stage_table(const hw_design *design, str *out) {
  str_printf(out, "%-14s %-14s %5s %5s %12s %14s\n", "layer", "output", "PE", "SIMD", "multipliers", "cycles/image");
  for (size_t i = 0; i < design->count; i++) {
    const hw_stage *s = &design->stages[i];
    char shape[40];
    snprintf(shape, sizeof shape, "%dx%dx%d", s->out.c, s->out.h, s->out.w);
    if (s->kind == HW_MVU)
      str_printf(out, "%-14s %-14s %5d %5d %12d %14lld\n", s->name, shape, s->pe, s->simd, s->pe * s->simd,
                 (long long)s->cycles);
    else
      str_printf(out, "%-14s %-14s %5s %5s %12s %14lld\n", s->name, shape, "-", "-", "-", (long long)s->cycles);
  }
}

bool verb_rtl(const cli_options *o, diag *d) {
  session s;
  if (!session_open(&s, o, false, 0, d))
    return false;
  if (s.cfg->target == TARGET_FGPU) {
    bool done = fgpu_target_rtl(&s, o, d);
    session_close(&s);
    return done;
  }
  hw_design *design;
  fileset files = {0};
  bool ok = s.dir || diag_error(d, "%s: no `output:`, and no --output was given", s.cfg->file);
  ok = ok && hw_dataflow(s.mem, s.cfg, &s.model, &design, d) && emit_dataflow(s.mem, design, &files, d);
  if (ok) {
    char *dir = path_join(s.mem, s.dir, "rtl");
    ok = fileset_write(&files, dir, d);
    if (ok && o->json)
      fwrite(files.files[files.count - 1].data, 1, files.files[files.count - 1].size, stdout); // the manifest
    else if (ok) {
      str text = {0};
      stage_table(design, &text);
      printf("%s\n%zu files in %s; %lld multipliers; the slowest stage is %s: %lld cycles an image\n", text.data,
             files.count, dir, (long long)design->multipliers, design->slowest, (long long)design->predicted_cycles);
      str_free(&text);
    }
  }
  session_close(&s);
  return ok;
}

static cJSON *sim_json(const session *s, const hw_design *design, const sim_options *opt, const sim_result *r) {
  cJSON *json = cJSON_CreateObject();
  cJSON_AddStringToObject(json, "network", s->cfg->net->name);
  cJSON_AddStringToObject(json, "simulator", r->simulator);
  cJSON_AddBoolToObject(json, "bit_exact", true);
  cJSON_AddNumberToObject(json, "images", (double)r->images);
  cJSON_AddNumberToObject(json, "values_compared", (double)r->values_compared);
  if (s->data.labels) {
    cJSON_AddNumberToObject(json, "correct", (double)r->correct);
    cJSON_AddNumberToObject(json, "top1", (double)r->correct / (double)r->images);
  }
  cJSON_AddNumberToObject(json, "stalls", opt->stalls);
  cJSON_AddNumberToObject(json, "multipliers_proven", r->multipliers_proven);
  cJSON_AddNumberToObject(json, "first_output_latency", (double)r->first_output_latency);
  if (r->cycles_per_image > 0)
    cJSON_AddNumberToObject(json, "cycles_per_image", r->cycles_per_image);
  cJSON_AddNumberToObject(json, "formula_cycles_per_image", (double)design->formula_cycles);
  cJSON_AddNumberToObject(json, "predicted_cycles_per_image", (double)design->predicted_cycles);
  cJSON_AddNumberToObject(json, "total_cycles", (double)r->total_cycles);
  session_add_logits(json, r->logits, r->images, r->outputs);
  return json;
}

static void sim_text(const session *s, const hw_design *design, const sim_options *opt, const sim_result *r, str *out) {
  str_printf(out, "bit-exact: %zu images, %zu values of all layers equal to the reference (%s%s)\n", r->images,
             r->values_compared, r->simulator, opt->stalls ? ", random stalls on both streams" : "");
  if (r->multipliers_proven)
    str_printf(out, "%d multiplier netlist(s) shown equal to their tables on all pairs, tables used inside\n",
               r->multipliers_proven);
  if (s->data.labels)
    str_printf(out, "top-1 of the hardware   %.2f %% (%zu of %zu)\n", 100.0 * (double)r->correct / (double)r->images,
               r->correct, r->images);
  str_printf(out, "first output after      %lld cycles\n", (long long)r->first_output_latency);
  if (r->cycles_per_image > 0)
    str_printf(out, "cycles per image        %.1f (folding formula: %lld; difference %+.2f %%)\n", r->cycles_per_image,
               (long long)design->formula_cycles, 100 * (r->cycles_per_image / (double)design->formula_cycles - 1));
  else
    str_printf(out, "cycles per image        not measured (needs two images; folding formula: %lld)\n",
               (long long)design->formula_cycles);
  str_printf(out, "built in %.1f s, ran %.1f s\n", r->build_seconds, r->run_seconds);
  if (r->folder)
    str_printf(out, "kept in %s\n", r->folder);
}

bool verb_sim(const cli_options *o, diag *d) {
  session s;
  if (!session_open(&s, o, true, 1, d))
    return false;
  if (s.cfg->target == TARGET_FGPU) {
    bool done = fgpu_target_sim(&s, o, d);
    session_close(&s);
    return done;
  }
  if (o->axi) {
    session_close(&s);
    return diag_error(d, "--axi is for the fgpu target; the dataflow target's ports are AXI4-Stream in any case");
  }
  hw_design *design;
  sim_options opt = {s.first, s.images, (uint32_t)o->stalls, o->icarus, o->gates, o->keep};
  sim_result r;
  bool ok = hw_dataflow(s.mem, s.cfg, &s.model, &design, d);
  if (ok && !sim_dataflow(s.mem, design, &s.data, &opt, &r, d)) {
    ok = false;
    if (r.folder)
      diag_note(d, "the simulation is kept in %s", r.folder);
  }
  if (ok) {
    str text = {0};
    sim_text(&s, design, &opt, &r, &text);
    ok = session_result(&s, o, o->icarus ? "sim-icarus.json" : "sim.json", sim_json(&s, design, &opt, &r), &text, d);
    str_free(&text);
  }
  session_close(&s);
  return ok;
}
