// SPDX-License-Identifier: Apache-2.0
//
// pins: the mapped netlist of a session's hardware, run from the pins of its simulated Verilog.
#ifndef AXGEN_CLI_PINS_H
#define AXGEN_CLI_PINS_H

#include "compiler/cli/session.h"
#include "sim/gates/gates.h"

typedef struct {
  const char *dir; // the design's files, and what is recorded
  const synth_result *logic;
  gates *netlist;
  gates_replayed replayed;
  double run_seconds;
} pins_run;

// Before the simulation: the design in `dir`, synthesised; adds to the simulation's options what it must record.
bool pins_prepare(session *s, pins_run *p, const char *dir, const synth_result *logic, target_sim_options *opt,
                  diag *d);
// After it. `window` and `energy`: NULL, or what to measure.
bool pins_replay(session *s, pins_run *p, const target_sim_options *opt, const gates_window *window,
                 gates_energy *energy, diag *d);
void pins_text(const pins_run *p, str *out);
cJSON *pins_json(const pins_run *p);
// What is kept of an earlier measurement of the same design, netlist and images (kept.c).
typedef struct {
  const char *dir; // the design's files
  const synth_result *logic;
  uint32_t samples;
  const char *simulator; // its version
  char *key; // set by pins_fetch
} pins_kept;
// *found: it was there, and `energy` and the images that were measured are set. False: a file could not be read or
// written.
bool pins_fetch(session *s, pins_kept *k, gates_energy *energy, size_t *images, bool *found, diag *d);
bool pins_keep(session *s, const pins_kept *k, const gates_energy *energy, size_t images, diag *d);

#endif
