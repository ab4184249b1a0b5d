// SPDX-License-Identifier: Apache-2.0
#include "compiler/cli/pins.h"

bool pins_prepare(session *s, pins_run *p, const char *dir, const synth_result *logic, target_sim_options *opt,
                  diag *d) {
  str recorder = {0};
  *p = (pins_run){.dir = dir, .logic = logic};
  if (!gates_new(s->mem, logic->netlist, dir, &p->netlist, d))
    return false;
  gates_recorder(logic->netlist, &recorder);
  opt->recorder = arena_strdup(s->mem, recorder.data);
  opt->pins = path_join(s->mem, dir, GATES_PINS);
  str_free(&recorder);
  return true;
}

bool pins_replay(session *s, pins_run *p, const target_sim_options *opt, const gates_window *window,
                 gates_energy *energy, diag *d) {
  double start = clock_seconds();
  bool ok = gates_replay(s->mem, p->netlist, opt->pins, window, &p->replayed, energy, d);
  p->run_seconds = clock_seconds() - start;
  return ok;
}

void pins_text(const pins_run *p, str *out) {
  gates_size n = gates_size_of(p->netlist);
  str_printf(out,
             "mapped netlist          equal to the Verilog on all %d pins in each of %llu cycles\n"
             "                        %zu cells of %s, %zu of them flip-flops; %zu memories; ran %.1f s\n",
             n.pins, (unsigned long long)p->replayed.cycles, n.cells, p->logic->lib->name, n.flip_flops, n.memories,
             p->run_seconds);
}

cJSON *pins_json(const pins_run *p) {
  gates_size n = gates_size_of(p->netlist);
  cJSON *o = cJSON_CreateObject();
  cJSON_AddStringToObject(o, "library", p->logic->lib->name);
  cJSON_AddNumberToObject(o, "cells", (double)n.cells);
  cJSON_AddNumberToObject(o, "flip_flops", (double)n.flip_flops);
  cJSON_AddNumberToObject(o, "memories", (double)n.memories);
  cJSON_AddNumberToObject(o, "pins", n.pins);
  cJSON_AddNumberToObject(o, "cycles", (double)p->replayed.cycles);
  cJSON_AddNumberToObject(o, "output_bits_compared", (double)p->replayed.bits);
  return o;
}
