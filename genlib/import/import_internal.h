// SPDX-License-Identifier: Apache-2.0
//
// What the files of import share.
#ifndef AXGEN_IMPORT_INTERNAL_H
#define AXGEN_IMPORT_INTERNAL_H

#include "genlib/import/import.h"

typedef struct {
  const char *name;
  int bits;
} import_port;

// A module of the file that might be an adder: all ports one bit wide, two or three inputs, two outputs.
typedef struct {
  const char *name;
  const char *port[5]; // in the order of the port list
  bool output[5];
  int ports, inputs;
  enum { IMPORT_NO_ADDER, IMPORT_IS_HA, IMPORT_IS_FA } is;
  int sum; // which of its outputs is the sum
} import_adder;

typedef struct {
  arena *mem;
  const char *path;
  const char *dir; // the temporary folder
  const char *module;
  bool system_verilog;
  import_port a, b, p;
  const char **cells; // types that the file instantiates and does not define
  size_t cell_count, cell_cap;
  import_adder *adders;
  size_t adder_count, adder_cap;
  diag *d;
} import_job;

// `path: module M: ...`. Always false.
bool import_refuse(import_job *j, const char *fmt, ...) BASE_PRINTF(2, 3);

// ---- import.c: tools, in the temporary folder --------------------------------------------------------------------
bool import_yosys(import_job *j, str *script); // emptied
void import_add_read(const import_job *j, str *script); // reads in.v
// Icarus on these Verilog files (NULL at the end); the test bench, tb.v, has the module axgen_import_tb.
bool import_icarus(import_job *j, str *bench, const char *const *files);

// ---- import_cells.c ----------------------------------------------------------------------------------------------
// Appends a module named `type` with the function that a cell of that name has; false: the name is not known.
// `adders`: half and full adders become instances of IMPORT_HA and IMPORT_FA, else equations.
#define IMPORT_HA "axgen_import_ha"
#define IMPORT_FA "axgen_import_fa"
bool import_cell(const char *type, bool adders, str *out);
extern const char import_adders[]; // the black boxes
extern const char import_map[]; // Yosys's $fa in terms of them

// ---- import_adders.c ---------------------------------------------------------------------------------------------
// Finds out, in Icarus, which of j->adders are half and full adders.
bool import_find_adders(import_job *j);
// For each of them: a command for Yosys that takes the file's module out, and a module of IMPORT_HA or IMPORT_FA.
void import_replace_adders(const import_job *j, str *script, str *cells);

// ---- import_ports.c ----------------------------------------------------------------------------------------------
cJSON *import_read_json(import_job *j, const char *path);
const cJSON *import_get(const cJSON *o, const char *key); // NULL: not there
const char *import_text_of(const cJSON *o, const char *key); // "": no such string
// First look: finds the module, its ports, the unknown cells and what might be adders in Yosys's JSON.
bool import_ports(import_job *j, const char *json_path, const import_options *o);

// ---- import_netlist.c --------------------------------------------------------------------------------------------
// The flat module of simple gates as a netlist; refuses state, loops, undefined and undriven nets. Strict: undefined
// constants (x, z) that the product depends on are refused, else they are 0. Plain: strict, and gate by gate as in the
// JSON, nothing folded.
typedef enum { IMPORT_LAX, IMPORT_STRICT, IMPORT_PLAIN } import_care;
const netlist *import_netlist(import_job *j, const char *json_path, import_care care);

// ---- import_prove.c ----------------------------------------------------------------------------------------------
enum { IMPORT_ICARUS_BITS = 16 }; // up to here Icarus evaluates all pairs
// Compares netlist and Verilog of m with the original (docs/import.md) and fills r's proof.
bool import_prove(import_job *j, const mul *m, import_report *r);

// ---- import_reading.c --------------------------------------------------------------------------------------------
static inline bool import_a_signed(int reading) { return reading == IMPORT_SIGNED || reading == IMPORT_SU; }
static inline bool import_b_signed(int reading) { return reading == IMPORT_SIGNED || reading == IMPORT_US; }
// Decides r->reading, or refuses.
bool import_choose_reading(import_job *j, const import_options *o, const netlist *n, import_report *r);
void import_symmetry(const mul *m, import_report *r);

// ---- import_report.c ---------------------------------------------------------------------------------------------
// The figures of a header comment, compared.
void import_figures(arena *mem, const char *text, const mul *m, import_report *r);

#endif
