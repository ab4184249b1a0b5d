// SPDX-License-Identifier: Apache-2.0
//
// rtl, sim: for whatever target the configuration names
#include "compiler/cli/pins.h"
#include "compiler/tool/tool.h"

static void print_hardware(FILE *out, const session *s, const fileset *files, const char *dir) {
  str text = {0}, summary = {0};
  s->target->print(s->plan, &text, &summary);
  fprintf(out, "%s\n%zu file%s in %s%s\n", text.data, files->count, plural(files->count), dir,
          summary.data ? summary.data : "");
  str_free(&text);
  str_free(&summary);
}

bool verb_rtl(const cli_options *o, diag *d) {
  session s;
  if (!session_open(&s, o, false, 0, d))
    return false;
  fileset files = {0};
  target_test test;
  bool ok = s.dir || diag_error(d, "%s: no `output:`, and no --output was given", s.cfg->file);
  ok = ok && session_plan(&s, d);
  if (ok) {
    session_test(&s, &test, d);
    ok = s.target->emit(s.mem, s.plan, &test, &files, d);
  }
  if (ok) {
    char *dir = path_join(s.mem, s.dir, "rtl");
    ok = fileset_write(&files, dir, d);
    if (ok && o->json)
      fwrite(files.files[files.count - 1].data, 1, files.files[files.count - 1].size, o->out); // the manifest
    else if (ok)
      print_hardware(o->out, &s, &files, dir);
  }
  session_close(&s);
  return ok;
}

// Synthesises the design, for what it must record.
static bool prepare_gates(session *s, const char *dir, pins_run *p, target_sim_options *opt, diag *d) {
  const liberty *lib;
  synth_result *logic = arena_new_object(s->mem, synth_result);
  return synth_library(s->mem, s->cfg->liberty, &lib, d) && session_emit(s, dir, d) &&
         session_recipes(s, NULL, lib, d) &&
         synth_design(s->mem, dir, session_structure(s), lib, s->cfg->clock_ns, logic, d) &&
         pins_prepare(s, p, dir, logic, opt, d);
}

static bool simulate(session *s, const cli_options *o, const char *gates_dir, diag *d) {
  target_images images = session_images(s);
  target_sim_options opt = {.stalls = (uint32_t)o->stalls,
                            .icarus = o->icarus,
                            .axi = o->axi,
                            .mul_gates = o->mul_gates,
                            .all_pairs = o->all_pairs,
                            .waves = o->trace,
                            .keep = o->keep};
  target_sim r = {0};
  pins_run p = {0};
  bool ok = session_plan(s, d) && (!o->gates || prepare_gates(s, gates_dir, &p, &opt, d));
  if (ok && !s->target->simulate(s->mem, s->plan, &images, &opt, &r, d)) {
    ok = false;
    if (r.folder)
      diag_note(d, "the simulation is kept in %s", r.folder);
  }
  ok = ok && (!o->gates || pins_replay(s, &p, &opt, NULL, NULL, d));
  if (ok) {
    str text = {0};
    target_sim_text(&images, opt.stalls, &r, &text);
    cJSON *json = target_sim_json(s->target, s->cfg->net, &images, opt.stalls, &r);
    if (o->gates) {
      pins_text(&p, &text);
      cJSON_AddItemToObject(json, "gates", pins_json(&p));
    }
    if (r.folder)
      cJSON_AddStringToObject(json, "kept_in", r.folder);
    ok = session_result(s, o, o->icarus ? "sim-icarus.json" : "sim.json", json, &text, d);
    str_free(&text);
  }
  target_sim_free(&r);
  return ok;
}

bool verb_sim(const cli_options *o, diag *d) {
  session s;
  if (!session_open(&s, o, true, 1, d))
    return false;
  char *dir = NULL;
  if (o->gates && o->axi) {
    diag_error(d, "--gates runs the netlist of the tile without its AXI ports: leave --axi out");
    d->exit_code = EXIT_USAGE;
    session_close(&s);
    return false;
  }
  bool ok = !o->gates || tool_temp_dir(s.mem, &dir, d);
  ok = ok && simulate(&s, o, dir, d);
  if (dir)
    tool_temp_remove(dir);
  session_close(&s);
  return ok;
}
