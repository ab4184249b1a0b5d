// SPDX-License-Identifier: Apache-2.0
//
// What the files of import share.
#ifndef AXGEN_IMPORT_INTERNAL_H
#define AXGEN_IMPORT_INTERNAL_H

#include "synth/import.h"

typedef struct {
  const char *name;
  int bits;
} import_port;

typedef struct {
  arena *mem;
  const char *path;
  const char *dir; // the temporary folder
  const char *module;
  bool system_verilog;
  import_port a, b, p;
  const char **cells; // types that the file instantiates and does not define
  size_t cell_count, cell_cap;
  diag *d;
} import_job;

// `path: module M: ...`. Always false.
bool import_refuse(import_job *j, const char *fmt, ...) BASE_PRINTF(2, 3);

// Appends a module named `type` with the function that a cell of that name has; false: the name is not known.
// `adders`: half and full adders become instances of IMPORT_HA and IMPORT_FA, else equations.
#define IMPORT_HA "axgen_import_ha"
#define IMPORT_FA "axgen_import_fa"
bool import_cell(const char *type, bool adders, str *out);
extern const char import_adders[]; // the black boxes
extern const char import_adder_models[]; // their functions
extern const char import_map[]; // Yosys's $fa in terms of them

// First look: finds the module, its ports and the unknown cells in Yosys's JSON.
bool import_ports(import_job *j, const char *json_path, const import_options *o);
// The flat module of simple gates as a netlist; refuses state, loops, undefined and undriven nets.
const netlist *import_netlist(import_job *j, const char *json_path);

// The figures of a header comment, compared.
void import_figures(arena *mem, const char *text, const mul *m, import_report *r);

#endif
