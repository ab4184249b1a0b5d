// SPDX-License-Identifier: Apache-2.0
//
// sim: driving Verilator and Icarus. Knows no networks and no targets.
#ifndef AXGEN_SIM_H
#define AXGEN_SIM_H

#include "genlib/genlib.h"

// ---- multipliers as tables and functions --------------------------------------------------------------------------
// What can stand for the gates of a multiplier: its table, or the closed form of a generated one. What has neither (a
// netlist from elsewhere of more than 16 input bits) stays gates.
bool sim_has_model(const mul *m);
// How the netlists of a list were compared with what stands for them.
typedef struct {
  int tables; // with the table, on all pairs, by the simulator
  int functions_proven, functions_sampled; // with the closed form, by axgen: on all pairs, on MUL_PROOF_SAMPLES; and by
                                           // the simulator, the Verilog of both, on 2^SIM_PAIR_BITS
} sim_proofs;
enum { SIM_PAIR_BITS = 16 };
// Before the simulation: compares gates with closed forms (mul_prove) and counts. False: exit code 4 and the pair.
bool sim_prove_functions(arena *mem, const mul *const *list, size_t count, bool all_pairs, sim_proofs *out, diag *d);
void sim_proofs_text(const sim_proofs *p, str *out);
// Adds prove.v and the tables to `out`: models that replace the modules of `list`, for each of which sim_has_model
// holds; their netlists as gates_*; and axgen_prove, which runs pairs of operands through both.
void sim_add_provers(arena *mem, const mul *const *list, size_t count, fileset *out);
// After the run: every netlist was found equal to its model on all those pairs. dir: where the simulator ran.
bool sim_check_proofs(arena *mem, const mul *const *list, size_t count, const char *dir, diag *d);

// ---- running ------------------------------------------------------------------------------------------------------
// One step of a simulation in `dir`; what it prints goes to dir/log_name. An hour, and in a run a minute more for each
// image: a tool that hangs ends with an error that says so. Hardware that hangs is found long before, by the testbench.
// On a terminal its progress is shown (`watch`, or NULL), with an estimate where something can be counted.
typedef struct {
  const char *label; // "building the simulation"
  const char *objects; // a build: the folder in `dir` where C++ files become object files; else NULL
  const char
      *log; // a run: the file in `dir` in which lines `at CYCLE` come, and how many cycles it will take; else NULL
  int64_t cycles;
} sim_watch;
bool sim_tool(arena *mem, const char *dir, const char *const *argv, const char *log_name, size_t images,
              const sim_watch *watch, diag *d);

#endif
