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

// What is built. Files are relative to the folder.
typedef struct {
  bool icarus; // instead of Verilator
  const char *top; // module
  const char *list; // a file that lists Verilog files, one a line
  const char *const *files; // more of them; NULL at the end
  const verilog_bindings *parameters; // of the top, NULL: none
  bool trace; // defines AXGEN_TRACE
  const char *main; // Verilator: the C++ file with main() ...
  const char *const *cpp; // ... options and object files beside it, NULL at the end, or NULL
  const char *level; // ... and how hard the C++ compiler tries on what runs
                     // every cycle: "-O2"
} simulator_model;
// Builds it in `dir`; what the simulator prints goes to build.log there.
bool simulator_build(arena *mem, const char *dir, const simulator_model *m, diag *d);
// Runs what was built, with these +arguments (NULL at the end); it prints to
// run.log. images, watch: as for sim_tool.
bool simulator_run(arena *mem, const char *dir, bool icarus, const char *const *arguments, size_t images,
                   const sim_watch *watch, diag *d);

#endif
