// SPDX-License-Identifier: Apache-2.0
#include "compiler/cli/pins.h"
#include "compiler/target/common/measured.h"
#include "compiler/target/common/simulator.h"
#include "compiler/tool/tool.h"
#include "synth/synth.h"

#include <string.h>

static bool multipliers(session *s, const char *goal, const liberty *lib, diag *d) {
  bool used[CONFIG_MAX_MULS] = {false};
  s->target->multipliers(s->plan, used);
  return session_recipes(s, goal, lib, d) &&
         synth_multipliers_used(s->mem, s->cfg->muls, s->cfg->mul_count, used, lib, s->muls, d);
}

// The whole design in operation: its mapped netlist, run from the pins of the simulated Verilog.
typedef struct {
  bool made;
  double images; // in the cycles that were measured
  gates_energy energy;
} operation;

enum { SAMPLED_CYCLES = 1000 };

static bool operate(session *s, const cli_options *o, const char *dir, const synth_result *logic,
                    const target_images *images, operation *out, diag *d) {
  target_sim_options opt = {.icarus = o->icarus, .steady = true};
  target_sim r = {0};
  pins_run p;
  pins_kept kept = {.dir = dir, .logic = logic, .samples = SAMPLED_CYCLES};
  size_t inside;
  if (!simulator_find(s->mem, o->icarus, &kept.simulator, d) ||
      !pins_fetch(s, &kept, &out->energy, &inside, &out->made, d))
    return false;
  out->images = (double)inside;
  if (out->made)
    return true;
  if (!pins_prepare(s, &p, dir, logic, &opt, d))
    return false;
  bool ok = s->target->simulate(s->mem, s->plan, images, &opt, &r, d);
  gates_window window = {r.from, r.to, s->cfg->clock_ns, SAMPLED_CYCLES};
  ok = ok && pins_replay(s, &p, &opt, &window, &out->energy, d);
  out->images = (double)r.images_inside;
  out->made = ok;
  target_sim_free(&r);
  return ok && pins_keep(s, &kept, &out->energy, r.images_inside, d);
}

// What the memories cost, which are not in the netlist.
static bool memories(session *s, const synth_result *logic, const target_images *images, const operation *seen,
                     memories_cost *out, diag *d) {
  memories_accesses accesses;
  const memory_model *model = s->cfg->memories ? s->cfg->memories : config_memories(s->mem, NULL, d);
  if (s->cfg->liberty && !s->cfg->memories)
    diag_warn(d,
              "%s: memories are estimated for 45 nm, whatever the library: `technology: {memories: FILE}` gives "
              "other figures",
              s->cfg->file);
  if (!model || !s->target->accesses(s->mem, s->plan, images, &accesses, d))
    return false;
  if (seen->made)
    measured_accesses(s->mem, logic->netlist, &seen->energy, seen->images, &accesses);
  memories_estimate(s->mem, model, logic, &accesses, out);
  return true;
}

static bool synthesise(session *s, const cli_options *o, const char *dir, diag *d) {
  const liberty *lib;
  synth_result area;
  proxy_result proxy;
  memories_cost kept;
  operation seen = {0};
  measured_energy whole;
  target_images images = session_images(s);
  if (!synth_library(s->mem, s->cfg->liberty, &lib, d) || !session_emit(s, dir, d) ||
      !multipliers(s, o->goal, lib, d) ||
      !synth_design(s->mem, dir, session_structure(s), lib, s->cfg->clock_ns, &area, d) ||
      !s->target->energy(s->mem, s->plan, s->muls, &images, &proxy, d) ||
      (o->whole && !operate(s, o, dir, &area, &images, &seen, d)) || !memories(s, &area, &images, &seen, &kept, d))
    return false;

  cJSON *json = synth_json(&area);
  cJSON *list = cJSON_AddArrayToObject(json, "multiplier_types");
  synth_mul *used = arena_new_array(s->mem, synth_mul, s->cfg->mul_count);
  size_t count = 0;
  for (size_t i = 0; i < s->cfg->mul_count; i++)
    if (s->muls[i].net) {
      used[count++] = s->muls[i];
      cJSON_AddItemToArray(list, synth_mul_json(&s->muls[i]));
    }
  cJSON_AddItemToObject(json, "energy_proxy", proxy_json(&proxy));
  cJSON_AddItemToObject(json, "memories", memories_json(&kept, area.total.total));
  str text = {0};
  if (seen.made) {
    measured_sum(s->mem, &area, &seen.energy, &kept, seen.images, &whole);
    cJSON_AddItemToObject(json, "energy", measured_json(&whole));
  }
  synth_text(&area, &text);
  str_add(&text, "\n");
  memories_text(&kept, area.total.total, area.structure->unit, &text);
  str_add(&text, "\n");
  synth_mul_text(used, count, &text);
  str_add(&text, "\n");
  proxy_text(&proxy, &text);
  if (seen.made) {
    str_add(&text, "\n");
    measured_text(&whole, &text);
  }
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

// LUTs and the like instead of areas. Options before the config's keys, which count where it is placed.
static synth_fpga_options fpga_options(const session *s, const cli_options *o) {
  bool place = o->place || o->device || o->package;
  return (synth_fpga_options){
      .family = o->family,
      .dsp = o->dsp || s->cfg->fpga_dsp,
      .place = place,
      .device = o->device ? o->device : s->cfg->fpga_device,
      .package = o->package  ? o->package
                 : o->device ? NULL
                             : s->cfg->fpga_package,
      .clock_ns = s->cfg->clock_ns,
      .muls = s->cfg->muls,
      .mul_count = s->cfg->mul_count,
  };
}

static bool fpga(session *s, const cli_options *o, const char *dir, diag *d) {
  synth_fpga r;
  synth_fpga_options options = fpga_options(s, o);
  bool used[CONFIG_MAX_MULS] = {false};
  options.used = used;
  if (!synth_fpga_check(&options, d) || !session_emit(s, dir, d))
    return false;
  s->target->multipliers(s->plan, used);
  if (!synth_fpga_design(s->mem, dir, session_structure(s), &options, &r, d))
    return false;
  str text = {0};
  synth_fpga_text(&r, &text);
  bool ok = session_result(s, o, arena_printf(s->mem, "synth-%s.json", o->family), synth_fpga_json(&r), &text, d);
  str_free(&text);
  return ok;
}

// Before the config is read: mistakes of the command line alone.
static bool fpga_usage(const cli_options *o, diag *d) {
  const char *alone = o->dsp       ? "--dsp"
                      : o->place   ? "--place"
                      : o->device  ? "--device"
                      : o->package ? "--package"
                                   : NULL;
  if (!o->family)
    return !alone || diag_error(d, "%s belongs to --family, which is missing", alone);
  bool place = o->place || o->device || o->package;
  const char *device = o->device, *package = o->device ? o->package : NULL; // the config may name the device
  return synth_fpga_check(
      &(synth_fpga_options){.family = o->family, .place = place, .device = device, .package = package}, d);
}

bool verb_synth(const cli_options *o, diag *d) {
  session s;
  if (!fpga_usage(o, d)) {
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
