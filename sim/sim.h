// SPDX-License-Identifier: Apache-2.0
//
// sim: driving Verilator and Icarus. Knows no networks and no targets.
#ifndef AXGEN_SIM_H
#define AXGEN_SIM_H

#include "genlib/genlib.h"

// ---- multipliers as tables ----------------------------------------------------------------------------------------
// Adds prove.v and the tables to `out`: models that replace the modules of `list`, each of which has a table; their
// netlists as gates_*; and axgen_prove, which runs all pairs of operands through both.
void sim_add_provers(arena *mem, const mul *const *list, size_t count, fileset *out);
// After the run: every netlist was found equal to its table on all pairs of operands. dir: where the simulator ran.
bool sim_check_proofs(arena *mem, const mul *const *list, size_t count, const char *dir, diag *d);

// ---- running ------------------------------------------------------------------------------------------------------
// One step of a simulation in `dir`; what it prints goes to dir/log_name. An hour, and in a run a minute more for each
// image: a tool that hangs ends with an error that says so. Hardware that hangs is found long before, by the testbench.
bool sim_tool(arena *mem, const char *dir, const char *const *argv, const char *log_name, size_t images, diag *d);

#endif
