// SPDX-License-Identifier: Apache-2.0
//
// A configuration's hardware, mapped, and its pins recorded in Icarus: what the programs of this folder begin with.
#include "compiler/target/list.h"
#include "compiler/tool/tool.h"
#include "sim/gates/gates.h"

typedef struct {
  arena *mem;
  config *cfg;
  infer_model model;
  dataset data;
  const target *target;
  void *plan;
  char *dir;
  synth_structure structure;
  synth_result logic;
  const char *pins;
} design;

static bool design_open(design *x, const char *path, diag *d) {
  fileset files = {0};
  const liberty *lib;
  if (!config_read(x->mem, path, TARGET_READERS, &x->cfg, d) || !dataset_read(x->mem, &x->cfg->data, &x->data, d))
    return false;
  x->model = (infer_model){.net = x->cfg->net, .muls = x->cfg->muls, .assign = x->cfg->assign};
  x->target = target_of(x->cfg, d);
  if (!x->target || !x->target->plan(x->mem, x->cfg, &x->model, &x->plan, d) || !tool_temp_dir(x->mem, &x->dir, d) ||
      !x->target->emit(x->mem, x->plan, NULL, &files, d) || !fileset_write(&files, x->dir, d))
    return false;
  graph_structure(x->target->describe(x->mem, x->plan), x->cfg->name, &x->structure);
  return synth_library(x->mem, x->cfg->liberty, &lib, d) &&
         synth_design(x->mem, x->dir, &x->structure, lib, x->cfg->clock_ns, &x->logic, d);
}

// `steady`: as target_sim_options has it; else with random stalls.
static bool design_record(design *x, size_t images, bool steady, target_sim *r, diag *d) {
  str recorder = {0};
  target_images in = {&x->data, 0, images};
  gates_recorder(x->logic.netlist, &recorder);
  x->pins = path_join(x->mem, x->dir, GATES_PINS);
  target_sim_options opt = {
      .icarus = true, .stalls = !steady, .steady = steady, .recorder = recorder.data, .pins = x->pins};
  bool ok = x->target->simulate(x->mem, x->plan, &in, &opt, r, d);
  str_free(&recorder);
  return ok;
}
