// SPDX-License-Identifier: Apache-2.0
#include "compiler/target/fgpu/energy.h"
#include "compiler/target/dataflow/energy.h"
#include "compiler/cli/session.h"
#include "compiler/target/dataflow/emit.h"
#include "compiler/tool/tool.h"
#include "synth/synth.h"

#include <string.h>

// What is to be synthesised, for either target.
typedef struct {
  hw_design *design; // dataflow
  fgpu_program *program; // fgpu
} machine;

static bool emit(session *s, const char *dir, machine *m, diag *d) {
  fileset files = {0};
  bool ok = s->cfg->target == TARGET_FGPU
                ? fgpu_target_plan(s, &m->program, d) && fgpu_emit(s->mem, m->program, NULL, &files, d)
                : hw_dataflow(s->mem, s->cfg, &s->model, &m->design, d) && emit_dataflow(s->mem, m->design, &files, d);
  return ok && fileset_write(&files, dir, d);
}

static bool multipliers(session *s, const machine *m, const liberty *lib, synth_mul **muls, diag *d) {
  if (m->design)
    return synth_multipliers(s->mem, m->design, lib, muls, d);
  bool used[CONFIG_MAX_MULS] = {false};
  for (int cv = 0; cv < m->program->hw.cvs; cv++)
    for (int pe = 0; pe < FGPU_PES; pe++)
      used[m->program->lid_mul[cv][pe]] = true;
  return synth_multipliers_used(s->mem, s->cfg->muls, s->cfg->mul_count, used, lib, muls, d);
}

static bool energy(session *s, const machine *m, const synth_mul *muls, proxy_result *out, diag *d) {
  if (m->program)
    return proxy_energy_tile(s->mem, m->program, muls, &s->data, s->first, s->images, out, d);
  return proxy_energy(s->mem, m->design, muls, &s->data, s->first, s->images, out) || diag_tool(d, "interrupted");
}

static bool synthesise(session *s, const cli_options *o, const char *dir, diag *d) {
  const liberty *lib;
  machine m = {0};
  synth_mul *muls;
  synth_result area;
  proxy_result proxy;
  if (!synth_library(s->mem, s->cfg->liberty, &lib, d) || !emit(s, dir, &m, d) || !multipliers(s, &m, lib, &muls, d) ||
      !synth_design(s->mem, dir, lib, s->cfg->clock_ns, &area, d) || !energy(s, &m, muls, &proxy, d))
    return false;

  cJSON *json = synth_json(&area);
  cJSON *list = cJSON_AddArrayToObject(json, "multiplier_types");
  synth_mul *used = arena_new_array(s->mem, synth_mul, s->cfg->mul_count);
  size_t count = 0;
  for (size_t i = 0; i < s->cfg->mul_count; i++)
    if (muls[i].net) {
      used[count++] = muls[i];
      cJSON_AddItemToArray(list, synth_mul_json(&muls[i]));
    }
  cJSON_AddItemToObject(json, "energy_proxy", proxy_json(&proxy));
  str text = {0};
  synth_text(&area, &text);
  str_add(&text, "\n");
  synth_mul_text(used, count, &text);
  str_add(&text, "\n");
  proxy_text(&proxy, &text);
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

// LUTs and the like instead of areas.
static bool fpga(session *s, const cli_options *o, const char *dir, diag *d) {
  machine m = {0};
  synth_fpga r;
  if (!emit(s, dir, &m, d) || !synth_fpga_design(s->mem, dir, o->family, &r, d))
    return false;
  str text = {0};
  synth_fpga_text(&r, &text);
  bool ok = session_result(s, o, arena_printf(s->mem, "synth-%s.json", o->family), synth_fpga_json(&r), &text, d);
  str_free(&text);
  return ok;
}

bool verb_synth(const cli_options *o, diag *d) {
  session s;
  if (o->family && strcmp(o->family, "xcup") != 0) {
    diag_error(d, "--family %s: expected xcup", o->family);
    d->exit_code = EXIT_USAGE;
    return false;
  }
  if (!session_open(&s, o, !o->family, 4, d))
    return false;
  char *dir;
  bool ok = tool_temp_dir(s.mem, &dir, d);
  if (ok) {
    ok = o->family ? fpga(&s, o, dir, d) : synthesise(&s, o, dir, d);
    tool_temp_remove(dir);
  }
  session_close(&s);
  return ok;
}
