// SPDX-License-Identifier: Apache-2.0
#include "compiler/cli/session.h"
#include "compiler/emit/emit.h"
#include "compiler/tool/tool.h"
#include "synth/synth.h"

static bool synthesise(session *s, const cli_options *o, const char *dir, diag *d) {
  const liberty *lib;
  hw_design *design;
  fileset files = {0};
  synth_mul *muls;
  synth_result area;
  proxy_result energy;
  if (!synth_library(s->mem, s->cfg->liberty, &lib, d) || !hw_dataflow(s->mem, s->cfg, &s->model, &design, d) ||
      !emit_dataflow(s->mem, design, &files, d) || !fileset_write(&files, dir, d) ||
      !synth_multipliers(s->mem, design, lib, &muls, d) || !synth_design(s->mem, dir, lib, s->cfg->clock_ns, &area, d))
    return false;
  if (!proxy_energy(s->mem, design, muls, &s->data, s->first, s->images, &energy))
    return diag_tool(d, "interrupted");

  cJSON *json = synth_json(&area);
  cJSON *list = cJSON_AddArrayToObject(json, "multiplier_types");
  synth_mul *used = arena_new_array(s->mem, synth_mul, s->cfg->mul_count);
  size_t count = 0;
  for (size_t i = 0; i < s->cfg->mul_count; i++)
    if (muls[i].net) {
      used[count++] = muls[i];
      cJSON_AddItemToArray(list, synth_mul_json(&muls[i]));
    }
  cJSON_AddItemToObject(json, "energy_proxy", proxy_json(&energy));
  str text = {0};
  synth_text(&area, &text);
  str_add(&text, "\n");
  synth_mul_text(used, count, &text);
  str_add(&text, "\n");
  proxy_text(&energy, &text);
  bool ok = true;
  if (s->dir) {
    fileset netlist = {0};
    fileset_add(s->mem, &netlist, "netlist.v", area.verilog, area.verilog_size);
    ok = fileset_write(&netlist, s->dir, d);
  }
  ok = session_result(s, o, "synth.json", json, &text, d) && ok;
  str_free(&text);
  return ok;
}

bool verb_synth(const cli_options *o, diag *d) {
  session s;
  if (!session_open(&s, o, true, 4, d))
    return false;
  char *dir;
  bool ok = s.cfg->target != TARGET_FGPU || diag_error(d, "%s: synth is not supported for target fgpu", s.cfg->file);
  ok = ok && tool_temp_dir(s.mem, &dir, d);
  if (ok) {
    ok = synthesise(&s, o, dir, d);
    tool_temp_remove(dir);
  }
  session_close(&s);
  return ok;
}
