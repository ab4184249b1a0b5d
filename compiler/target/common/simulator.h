// SPDX-License-Identifier: Apache-2.0
//
// simulator: Verilator and Icarus as every target runs them: their command
// lines, in a folder that holds all they need, so that no path of ours goes
// into a file list or a makefile.
#ifndef AXGEN_TARGET_SIMULATOR_H
#define AXGEN_TARGET_SIMULATOR_H

#include "compiler/target/common/verilog.h"
#include "sim/sim.h"

// Whether it is installed; its version line.
bool simulator_find(arena *mem, bool icarus, const char **version, diag *d);

// Waveforms of a run, for the user's file of that name: *.fst or *.vcd; NULL: none. Another ending, or a folder that is
// not there, is an error.
typedef enum { SIMULATOR_NO_WAVES, SIMULATOR_VCD, SIMULATOR_FST } simulator_waves;
bool simulator_waves_of(arena *mem, const char *file, simulator_waves *out, diag *d);
// Beyond this (or AXGEN_WAVES_MOST, where that is less) a file of waveforms does not grow: what comes later is left
// out. About, as simulators write in blocks.
enum { SIMULATOR_WAVES_MOST = 1 << 30 };

// What is built. Files are relative to the folder.
typedef struct {
  bool icarus; // instead of Verilator
  const char *top; // module
  const char *list; // a file that lists Verilog files, one a line
  const char *const *files; // more of them; NULL at the end
  const verilog_bindings *parameters; // of the top, NULL: none
  bool trace; // defines AXGEN_TRACE
  bool pins; // defines AXGEN_PINS
  simulator_waves waves; // that a run can write
  const char *main; // Verilator: the C++ file with main() ...
  const char *const *cpp; // ... options and object files beside it, NULL at the end, or NULL
  const char *level; // ... and how hard the C++ compiler tries on what runs
                     // every cycle: "-O2"
} simulator_model;
// Builds it in `dir`; what the simulator prints goes to build.log there.
bool simulator_build(arena *mem, const char *dir, const simulator_model *m, diag *d);
// Runs what was built, with these +arguments (NULL at the end); it prints to
// run.log. images, watch: as for sim_tool. waves: the user's file, written whole when the run has ended (a warning says
// when it does not reach the end), or NULL.
bool simulator_run(arena *mem, const char *dir, bool icarus, const char *const *arguments, size_t images,
                   const sim_watch *watch, const char *waves, diag *d);
// Moves what the recorder of pins (sim/gates/gates.h) wrote in a run to the file `to`; NULL: nothing.
bool simulator_pins(arena *mem, const char *dir, const char *to, diag *d);

#endif
