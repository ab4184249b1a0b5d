// SPDX-License-Identifier: Apache-2.0
//
// rtl, sim: for whatever target the configuration names
#include "compiler/cli/session.h"
#include "compiler/tool/tool.h"
#include "sim/gates/gates.h"

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

// ---- the mapped netlist --------------------------------------------------------------------------------------------
typedef struct {
  const char *dir; // a folder of its own: the design's files, the pins
  const liberty *lib;
  gates *netlist;
  gates_replayed replayed;
  double synth_seconds, run_seconds;
} gate_level;

// Synthesises the design and says what the simulation must write down.
static bool prepare_gates(session *s, gate_level *g, target_sim_options *opt, diag *d) {
  synth_result logic;
  double start = clock_seconds();
  str recorder = {0};
  if (!synth_library(s->mem, s->cfg->liberty, &g->lib, d) || !session_emit(s, g->dir, d) ||
      !synth_design(s->mem, g->dir, session_structure(s), g->lib, s->cfg->clock_ns, &logic, d) ||
      !gates_new(s->mem, logic.netlist, g->dir, &g->netlist, d))
    return false;
  gates_recorder(logic.netlist, &recorder);
  opt->recorder = arena_strdup(s->mem, recorder.data);
  opt->pins = path_join(s->mem, g->dir, GATES_PINS);
  str_free(&recorder);
  g->synth_seconds = clock_seconds() - start;
  return true;
}

static bool replay_gates(session *s, gate_level *g, const target_sim_options *opt, diag *d) {
  double start = clock_seconds();
  bool ok = gates_replay(s->mem, g->netlist, opt->pins, &g->replayed, d);
  g->run_seconds = clock_seconds() - start;
  return ok;
}

static void print_gates(const gate_level *g, str *out) {
  gates_size n = gates_size_of(g->netlist);
  str_printf(out,
             "mapped netlist          equal to the Verilog on all %d pins in each of %llu cycles\n"
             "                        %zu cells of %s, %zu of them flip-flops; %zu memories\n"
             "                        synthesised in %.1f s, ran %.1f s\n",
             n.pins, (unsigned long long)g->replayed.cycles, n.cells, g->lib->name, n.flip_flops, n.memories,
             g->synth_seconds, g->run_seconds);
}

static cJSON *gates_to_json(const gate_level *g) {
  gates_size n = gates_size_of(g->netlist);
  cJSON *o = cJSON_CreateObject();
  cJSON_AddStringToObject(o, "library", g->lib->name);
  cJSON_AddNumberToObject(o, "cells", (double)n.cells);
  cJSON_AddNumberToObject(o, "flip_flops", (double)n.flip_flops);
  cJSON_AddNumberToObject(o, "memories", (double)n.memories);
  cJSON_AddNumberToObject(o, "pins", n.pins);
  cJSON_AddNumberToObject(o, "cycles", (double)g->replayed.cycles);
  cJSON_AddNumberToObject(o, "output_bits_compared", (double)g->replayed.bits);
  return o;
}

static bool simulate(session *s, const cli_options *o, gate_level *g, diag *d) {
  target_images images = session_images(s);
  target_sim_options opt = {.stalls = (uint32_t)o->stalls,
                            .icarus = o->icarus,
                            .axi = o->axi,
                            .mul_gates = o->mul_gates,
                            .all_pairs = o->all_pairs,
                            .waves = o->trace,
                            .keep = o->keep};
  target_sim r = {0};
  bool ok = session_plan(s, d) && (!o->gates || prepare_gates(s, g, &opt, d));
  if (ok && !s->target->simulate(s->mem, s->plan, &images, &opt, &r, d)) {
    ok = false;
    if (r.folder)
      diag_note(d, "the simulation is kept in %s", r.folder);
  }
  ok = ok && (!o->gates || replay_gates(s, g, &opt, d));
  if (ok) {
    str text = {0};
    target_sim_text(&images, opt.stalls, &r, &text);
    cJSON *json = target_sim_json(s->target, s->cfg->net, &images, opt.stalls, &r);
    if (o->gates) {
      print_gates(g, &text);
      cJSON_AddItemToObject(json, "gates", gates_to_json(g));
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
  gate_level g = {0};
  char *dir = NULL;
  if (o->gates && o->axi) {
    diag_error(d, "--gates runs the netlist of the tile without its AXI ports: leave --axi out");
    d->exit_code = EXIT_USAGE;
    session_close(&s);
    return false;
  }
  bool ok = !o->gates || tool_temp_dir(s.mem, &dir, d);
  g.dir = dir;
  ok = ok && simulate(&s, o, &g, d);
  if (dir)
    tool_temp_remove(dir);
  session_close(&s);
  return ok;
}
