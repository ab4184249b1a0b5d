// SPDX-License-Identifier: Apache-2.0
//
// Private to synth/.
#ifndef AXGEN_SYNTH_INTERNAL_H
#define AXGEN_SYNTH_INTERNAL_H

#include "compiler/tool/tool.h"
#include "synth/netlist.h"

// A temporary folder in which the library is cells.lib; the tools run there, so that no path needs quoting.
bool synth_begin(arena *mem, const liberty *lib, char **dir, diag *d);
bool synth_link(arena *mem, const char *dir, const char *target, const char *name, diag *d);
bool synth_write(arena *mem, const char *dir, const char *name, str *text, diag *d); // frees `text`

// A run of Yosys or OpenSTA, or what was kept of an earlier one on the same files (compiler/tool/cache.h).
typedef struct {
  const char *const *argv;
  const char *dir, *log; // log: a file in dir
  double timeout_s;
  const char *label; // of the time that is shown on a terminal while it runs, or NULL
  const liberty *lib; // in dir as cells.lib, or NULL
  const char *const *inputs, *const *outputs; // files in dir, NULL at the end; inputs: scripts too
  // Reads the outputs; false: they are no good. It may be called twice, then the first call counts for nothing.
  bool (*take)(arena *mem, void *user, diag *d);
  void *user;
  bool kept; // set: the tool did not run
} synth_job;
bool synth_run(arena *mem, synth_job *job, diag *d);
#define SYNTH_YOSYS(script) ((const char *const[]){"yosys", "-Q", "-T", "-s", script, NULL})
const char *synth_version(const char *program); // of yosys, sta, nextpnr and ABC. Lives as long as the program

// Verilog that puts the library's adders in the place of PREFIX and MUL_FULL_ADDER, MUL_HALF_ADDER, written to
// adders.v; where the library has none, the cores' own equations.
bool synth_adders(arena *mem, const char *dir, const char *prefix, const liberty *lib, diag *d);
// Whether all these cells, which a circuit was mapped to, have areas; those without inputs need none.
bool synth_areas_known(const liberty *lib, const synth_count *cells, size_t kinds, diag *d);
#define SYNTH_WORDS "_words" // after a memory's name: the black box that stands for its words
// The core that a module is, with the structure's prefix or without, or NULL.
const synth_core *synth_core_of(const synth_structure *s, const char *module);
extern const char synth_abc_area[]; // the script for ABC, as a file's text
void synth_gates_script(const char *module, str *script); // Yosys's for mul.v with adders.v, up to mapped

// The slowest path of mapped.v between the ends that `constraints` (Tcl after link_design) leave.
typedef struct {
  bool found;
  double arrival, slack;
  const char *from, *to;
} synth_path;
bool synth_sta(arena *mem, const char *dir, const liberty *lib, const char *top, const char *constraints,
               synth_path *out, diag *d);

// "$paramod$...\axgen_window": axgen_window
const char *synth_base_name(arena *mem, const char *name);

// ---- a design's files (elaborate.c) --------------------------------------------------------------------------------
typedef struct {
  const char **names; // in the tool's folder, which has a link to the design's folder as rtl/
  size_t count, cap;
} synth_names;
void synth_name(arena *mem, synth_names *to, const char *name);
const char *const *synth_name_list(arena *mem, synth_names *names); // with NULL at the end
// One read_verilog a file of axgen.f in the folder `rtl`; not `all`: without the memories and adders that are put in
// their place.
bool synth_files(arena *mem, const char *rtl, const synth_structure *s, bool all, synth_names *names, str *script,
                 diag *d);
// Yosys commands that keep the boundaries which the accounting needs; everything smaller is flattened into them.
void synth_keep(const synth_structure *s, str *script);

// ---- modules (module.c, map.c) -------------------------------------------------------------------------------------
typedef struct synth_module synth_module;

// Of a module, an instance of another or of a memory's words.
typedef struct {
  const char *name;
  int child; // index into the module's children
  int64_t width, depth, lane; // of a memory's words; else 0
  int text; // ... and which of the module's texts names their file; -1: none
  const synth_port *pins;
  size_t pin_count;
} synth_instance;

struct synth_module {
  const char *name; // Yosys's: "$paramod$...\axgen_window"
  // Its RTLIL, by itself: names that carry no meaning are numbered, it is called SYNTH_SELF, the modules that it has
  // instances of SYNTH_CHILD and a number, and the texts that those are given SYNTH_TEXT and a number; of the children
  // only the ports follow. So two modules of one text are one circuit, whoever they are.
  const char *text;
  size_t size;
  const char *const *children; // names of modules or of memories' words
  const char *const *texts; // with their quotes
  size_t child_count, text_count;
  const char *gates; // SYNTH_GATES: the file with its Verilog, which is mapped as a multiplier on its own; else NULL
  const synth_recipe *recipe; // by which gates are mapped
  const synth_module *same; // an earlier one with the same text, which is mapped for it; NULL: none
  // Mapped, of `same` where there is one:
  const synth_count *cells; // of the library, by kind
  size_t cell_kinds;
  const synth_instance *instances;
  size_t instance_count;
  const char *verilog; // with the names as in `text`
  const mapped_cell *placed; // their nets: 0 and 1 the constants, Yosys's numbers from 2 on
  size_t gate_count;
  const synth_port *ports;
  size_t port_count;
  int32_t nets;
};
#define SYNTH_SELF "axgen_module"
// What ends a mapping script. OpenSTA's reader fails on an assignment to { }, as Yosys writes one where bits of a port
// are constant or aliases and apart, and takes the next module's cells for this one's: hence -simple-lhs.
#define SYNTH_WRITE_VERILOG "write_verilog -noattr -simple-lhs mapped.v\n"
#define SYNTH_CHILD "axgen_child_"
#define SYNTH_TEXT "axgen_text_"

typedef struct {
  synth_module *modules; // by name
  size_t count;
  const char *clash; // a module that is named as a cell of the library; NULL: there is none
} synth_elaboration;
// All modules of the design under `rtl`, elaborated, without those of the library and black boxes.
bool synth_elaborate(arena *mem, const char *dir, const char *rtl, const synth_structure *s, const liberty *lib,
                     synth_elaboration *out, diag *d);
// The modules of the design under `rtl`, which Yosys wrote as RTLIL.
bool synth_modules(arena *mem, const char *text, const char *rtl, const synth_structure *s, const liberty *lib,
                   synth_elaboration *out, diag *d);
synth_module *synth_find_module(const synth_elaboration *e, const char *name);
// Maps each distinct module, side by side in as many threads as there are; `mapped`: how many of them Yosys ran for.
bool synth_map(arena *mem, const char *dir, const synth_elaboration *e, const liberty *lib, size_t *mapped, diag *d);
// The mapped design, from `top` on.
void synth_print(arena *mem, const synth_elaboration *e, const char *top, str *out);

// ---- nets (netlist.c, flatten.c) -----------------------------------------------------------------------------------
// Adds to a module that was mapped what its JSON says of nets: those of its cells, its instances' pins, its ports.
bool synth_read_nets(arena *mem, const liberty *lib, const cJSON *json, synth_module *m, diag *d);
// After synth_account.
bool synth_flatten(arena *mem, const synth_elaboration *e, const synth_result *r, synth_netlist *out, diag *d);

// Areas by part and by kind.
bool synth_account(arena *mem, const synth_elaboration *e, const liberty *lib, synth_result *out, diag *d);
// The memory whose words a black box stands for, or NULL.
const synth_core *synth_memory_of(arena *mem, const synth_structure *s, const char *module);
// The part that a hierarchical instance name (a/b.c/d) lies in: index into s->parts.
size_t synth_part_of(const synth_structure *s, const char *instance);
// The same of a name inside the part `in`: from the outside in, up to a part that is not open.
size_t synth_part_inside(const synth_structure *s, size_t in, const char *instance);

#endif
