// SPDX-License-Identifier: Apache-2.0
//
// Private to synth/.
#ifndef AXGEN_SYNTH_INTERNAL_H
#define AXGEN_SYNTH_INTERNAL_H

#include "synth/synth.h"

// A temporary folder in which the library is cells.lib; the tools run there, so that no path needs quoting.
bool synth_begin(arena *mem, const liberty *lib, char **dir, diag *d);
bool synth_link(arena *mem, const char *dir, const char *target, const char *name, diag *d);
bool synth_write(arena *mem, const char *dir, const char *name, str *text, diag *d); // frees `text`
bool synth_yosys(arena *mem, const char *dir, str *script, double timeout_s, diag *d); // frees `script`
// Verilog that puts the library's adders in the place of PREFIX and MUL_FULL_ADDER, MUL_HALF_ADDER, written to
// adders.v; where the library has none, the cores' own equations.
bool synth_adders(arena *mem, const char *dir, const char *prefix, const liberty *lib, diag *d);
// One read_verilog a file of axgen.f in the folder `rtl`, which the tool's folder has a link to as rtl/; not `all`:
// without the memories and adders that are put in their place.
bool synth_files(arena *mem, const char *rtl, const synth_structure *s, bool all, str *script, diag *d);
// Yosys commands that keep the boundaries which the accounting needs; everything smaller is flattened into them.
void synth_keep(const synth_structure *s, str *script);
#define SYNTH_WORDS "_words" // after a memory's name: the black box that stands for its words
// The core that a module is, with the structure's prefix or without, or NULL.
const synth_core *synth_core_of(const synth_structure *s, const char *module);
extern const char synth_abc_area[]; // the script for ABC, as a file's text

// The slowest path between the ends that `constraints` (Tcl after link_design) leave.
typedef struct {
  bool found;
  double arrival, slack;
  const char *from, *to;
} synth_path;
bool synth_sta(arena *mem, const char *dir, const char *top, const char *constraints, synth_path *out, diag *d);

// "$paramod$...\axgen_window": axgen_window
const char *synth_base_name(arena *mem, const char *name);
// Areas from the JSON of a mapped hierarchical design.
bool synth_account(arena *mem, const char *json_path, const liberty *lib, synth_result *out, diag *d);
// The part that a hierarchical instance name (a/b.c/d) lies in: index into s->parts.
size_t synth_part_of(const synth_structure *s, const char *instance);

#endif
