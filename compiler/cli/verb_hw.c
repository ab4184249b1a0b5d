// SPDX-License-Identifier: Apache-2.0
//
// rtl, sim: for whatever target the configuration names
#include "compiler/cli/session.h"

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

static bool simulate(session *s, const cli_options *o, diag *d) {
  target_images images = session_images(s);
  target_sim_options opt = {.stalls = (uint32_t)o->stalls,
                            .icarus = o->icarus,
                            .axi = o->axi,
                            .gates = o->gates,
                            .all_pairs = o->all_pairs,
                            .waves = o->trace,
                            .keep = o->keep};
  target_sim r = {0};
  bool ok = session_plan(s, d);
  if (ok && !s->target->simulate(s->mem, s->plan, &images, &opt, &r, d)) {
    ok = false;
    if (r.folder)
      diag_note(d, "the simulation is kept in %s", r.folder);
  }
  if (ok) {
    str text = {0};
    target_sim_text(&images, opt.stalls, &r, &text);
    cJSON *json = target_sim_json(s->target, s->cfg->net, &images, opt.stalls, &r);
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
  bool ok = simulate(&s, o, d);
  session_close(&s);
  return ok;
}
