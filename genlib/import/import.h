// SPDX-License-Identifier: Apache-2.0
//
// import: multipliers, and adders of two unsigned numbers, from elsewhere, as Verilog (docs/import.md). Yosys reads it,
// the circuit becomes a netlist of genlib, and that and its Verilog are proven equal to the original on all pairs of
// operands.
#ifndef AXGEN_IMPORT_H
#define AXGEN_IMPORT_H

#include "compiler/base/base.h"
#include "genlib/genlib.h"
#include "synth/synth.h"

#include <cjson/cJSON.h>

typedef enum { IMPORT_DETECT, IMPORT_SIGNED, IMPORT_UNSIGNED, IMPORT_US, IMPORT_SU, IMPORT_READINGS } import_reading;
extern const char *const import_reading_name[IMPORT_READINGS]; // "signed"

enum { IMPORT_TIME_LIMIT = 120 };

typedef struct {
  const char *name; // NULL: the module's
  const char *module; // NULL: the one that no other instantiates
  const char *const *more; // files beside `path`, read behind it
  size_t more_count;
  const char *const *folders; // for `include, beside the files' own
  size_t folder_count;
  const char *const *params; // NAME=VALUE of the module's parameters
  size_t param_count;
  const char *a_port; // NULL: the first input of the port list is a (the activation), the second b
  import_reading reading; // DETECT: what the module's name says (mul8s_..), else what is nearest to a * b
  double time_limit; // seconds that Yosys and Icarus may take together; 0: IMPORT_TIME_LIMIT
  bool adder; // an adder is expected, not a multiplier
  bool measure; // also area and delay in the default library, where the file publishes its own
} import_options;

// One figure of the file's header. `measured` is ours, of the function as read; comparable: in the same unit.
typedef struct {
  const char *key, *unit; // as in the header: "MAE%"
  double published, measured, last_place; // the value of the last published digit
  bool from_rounded; // a percentage that agrees with the absolute figure as it is printed
  bool comparable, differs; // differs: by more than one unit in the last published place
} import_figure;

typedef struct {
  const char *path, *module, *a_port, *b_port, *p_port;
  import_reading reading;
  enum { IMPORT_BY_VALUES, IMPORT_BY_NAME, IMPORT_BY_OPTION } reading_from;
  bool function; // a C function, else a module
  bool by_types; // `reading` is what the function's types say
  double distance[IMPORT_READINGS]; // mean |f - a * b| under each reading ...
  double relative[IMPORT_READINGS]; // ... over mean |a * b|
  bool clear; // the reading taken is nearer than any other by a factor of two
  // Shares of the pairs, 0..1; -1: not defined for this signature
  double commutes; // f(a, b) == f(b, a)
  double odd_a, odd_b; // f(-a, b) == -f(a, b), f(a, -b) == -f(a, b)
  uint64_t looked_at; // pairs that distances and shares are of: all, or seeded ones above 16 bits together
  mul_errors errors; // over all pairs
  import_figure *figures;
  size_t figure_count;
  const char *const *cells; // library cells that were supplied, e.g. PDKGENHAX1
  size_t cell_count;
  const char *const *adders; // modules of the file that are half or full adders
  size_t adder_count;
  // On all pairs the original, as Yosys reads it, our netlist and our Verilog are equal. Up to 16 bits together Icarus
  // evaluated the first and the last; above (`simulated`) our simulator did, from Yosys's plain reading of both.
  uint64_t pairs;
  bool simulated;
  // Of them also evaluated by Icarus from the file itself (simulated: and from our Verilog); `impure`: from Yosys's
  // flattening instead, as the file has a `$` that a simulator might take for a system task ...
  uint64_t direct_pairs;
  bool impure;
  uint64_t random_pairs; // ... of which this many were drawn at random (0: they were spread evenly)
  bool measured;
  double area, delay; // um2, ns, of our circuit in the default library
} import_report;

// The report is filled as far as the import came. A circuit that is no combinational multiplier of two operands is
// refused with the reason.
bool import_verilog(arena *mem, const char *path, const import_options *options, const mul **out, import_report *report,
                    diag *d);
// The same for a C function, which is read and not run (docs/import.md). `module` is the function's name, a_port one of
// its parameters; more, folders and params mean nothing.
bool import_c(arena *mem, const char *path, const import_options *options, const mul **out, import_report *report,
              diag *d);
// What mul_make and mul_read_netlist take by path, adder_read where m adds.
void import_print(const mul *m, const import_report *r, str *out);
void import_text(const mul *m, const import_report *r, str *out);
cJSON *import_json(const mul *m, const import_report *r);

#endif
