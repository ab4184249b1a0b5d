// SPDX-License-Identifier: Apache-2.0
//
// What the files of import share.
#ifndef AXGEN_IMPORT_INTERNAL_H
#define AXGEN_IMPORT_INTERNAL_H

#include "genlib/import/import.h"
#include "genlib/import/source.h"

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
  bool function; // a C function, else a module
  bool adder; // it is to add, else to multiply
  bool system_verilog;
  const source *source; // the files; in.v is what is wanted of them
  const char *text; // of in.v
  const char *const *params;
  size_t param_count;
  import_port a, b, p;
  const char **cells; // types that the file instantiates and does not define
  size_t cell_count, cell_cap;
  import_adder *adders;
  size_t adder_count, adder_cap;
  double time_limit; // of the tools together, seconds
  double *time_left; // of that
  diag *d;
} import_job;

// What it is to be, and what it gives.
static inline const char *import_kind(const import_job *j) { return j->adder ? "adder" : "multiplier"; }
static inline const char *import_result(const import_job *j) { return j->adder ? "sum" : "product"; }

// ---- import_tools.c: refusals; tools, in the temporary folder ----------------------------------------------------
// `path: module M: ...`. Always false.
bool import_refuse(import_job *j, const char *fmt, ...) BASE_PRINTF(2, 3);
// From here on the tools have o->time_limit, counted in *left, which must last.
void import_start_time(import_job *j, const import_options *o, double *left);
bool import_yosys(import_job *j, str *script); // emptied
void import_add_read(const import_job *j, str *script); // reads in.v
// Makes j->module the top, with its parameters; `check`: all that it instantiates must be there.
void import_add_hierarchy(const import_job *j, bool check, str *script);
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
// First look: the module's ports, the unknown cells and what might be adders in Yosys's JSON.
bool import_ports(import_job *j, const char *json_path, const import_options *o);

// ---- import_drivers.c --------------------------------------------------------------------------------------------
// Refuses a net with two drivers, in Yosys's JSON of the flat module.
bool import_check_drivers(import_job *j, const char *json_path);
// "`name[3]`" of a bit in a module's JSON, as the user calls it.
const char *import_net_name(import_job *j, const cJSON *module, int bit);
const char *import_place(import_job *j, const cJSON *cell); // "file:12", or ""

// ---- import_top.c ------------------------------------------------------------------------------------------------
// Chooses the module: the one asked for, or the only one that no other instantiates and that could be a multiplier.
// Leaves in.v of it and what it needs, and its ports in j.
bool import_choose_top(import_job *j, const import_options *o);

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

// The pairs of operands, as codes a << b bits | b, that are looked at one by one: all up to IMPORT_ICARUS_BITS, above
// corners and seeded ones, *random of them.
const uint32_t *import_pairs(import_job *j, size_t *count, uint64_t *random);
// Our Verilog of m in Icarus = m, on these pairs.
bool import_prove_own(import_job *j, const mul *m);

// ---- import_finish.c ---------------------------------------------------------------------------------------------
// What comes after the proof: figures, symmetries, the file's header.
bool import_finish(import_job *j, const char *text, const mul *m, const import_options *o, const mul **out,
                   import_report *r);

// ---- import_reading.c --------------------------------------------------------------------------------------------
static inline bool import_a_signed(int reading) { return reading == IMPORT_SIGNED || reading == IMPORT_SU; }
static inline bool import_b_signed(int reading) { return reading == IMPORT_SIGNED || reading == IMPORT_US; }
// Decides r->reading, or refuses; an adder as such.
bool import_choose_reading(import_job *j, const import_options *o, const netlist *n, import_report *r);
// Refuses what is no adder of two unsigned numbers with a carry.
bool import_check_adder(import_job *j, const netlist *n, import_report *r);
// What a name such as mul8s_1KV8 or mul8x4us_x says; DETECT: nothing.
import_reading import_read_name(const char *name, int bits[2]);
void import_symmetry(const mul *m, import_report *r);

// ---- import_report.c ---------------------------------------------------------------------------------------------
// The figures of a header comment, compared.
void import_figures(arena *mem, const char *text, const mul *m, import_report *r);

#endif
