// SPDX-License-Identifier: Apache-2.0
//
// The parts of `axgen mul` that measure.
#ifndef AXGEN_CLI_MEASURE_H
#define AXGEN_CLI_MEASURE_H

#include "compiler/cli/cli.h"
#include "genlib/genlib.h"

#include <cjson/cJSON.h>

bool verb_measure_list(arena *mem, const cli_options *o, diag *d);
bool verb_measure_catalogue(arena *mem, const cli_options *o, diag *d);
bool verb_measure_one(arena *mem, const cli_options *o, diag *d);
// How often each pair of operands occurs: in a file of pairs, or in the realistic stream; uniform where NULL.
bool verb_measure_weights(arena *mem, const mul *m, const char *operands, mul_weights *out, diag *d);
bool verb_measure_evolve(arena *mem, const cli_options *o, diag *d);
// Imports a circuit (Verilog) or a product table, o->args[1], into a folder (docs/import.md).
bool verb_mul_import(arena *mem, const cli_options *o, diag *d);
// The same for an adder.
bool verb_adder_import(arena *mem, const cli_options *o, diag *d);
bool verb_plain_name(const char *name, diag *d); // --name, NULL or what may name files
// The circuit that is best by o->goal among those that the name leaves open; says on stderr what was tried,
// and in *report, which the caller frees.
const mul *verb_measure_best(arena *mem, const cli_options *o, cJSON **report, diag *d);

#endif
