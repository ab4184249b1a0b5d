// SPDX-License-Identifier: Apache-2.0
//
// synth: Yosys and OpenSTA. Multipliers and whole accelerators as cells of a Liberty library: areas, delays, and the
// energy proxy. docs/synthesis.md says what is counted how.
#ifndef AXGEN_SYNTH_H
#define AXGEN_SYNTH_H

#include "genlib/cells/mapped.h"

#include <cjson/cJSON.h>

// The library of a configuration: cfg->liberty, or the project's own where it is NULL.
bool synth_library(arena *mem, const char *path, const liberty **out, diag *d);

// ---- one multiplier ------------------------------------------------------------------------------------------------
typedef struct {
  const char *cell;
  int count;
} synth_count;

typedef struct {
  const mul *mul;
  const liberty *lib;
  const mapped *net; // the mapped netlist
  const char *verilog; // the same as Verilog text
  const char *recipe; // by which it was mapped, NULL: it is another netlist
  double area, leakage; // um2, nW
  double delay; // ns, from any input to any output; inputs arrive at 0 with the library's smallest slew
  const char *from, *to; // where the longest path begins and ends
  const synth_count *cells; // by kind, most first
  size_t cell_kinds;
  uint64_t pairs_checked; // netlist against table (all pairs) or function (seeded pairs)
  bool exhaustive;
  double uniform_fj; // zero-delay energy per operation, uniform random operands
} synth_mul;
// Synthesises, checks the mapped netlist against m (exit code 4 with the first wrong pair), times it.
bool synth_multiplier(arena *mem, const mul *m, const liberty *lib, synth_mul *out, diag *d);
// How ABC maps the gates; the adders are in place before it starts. The first is what synth_multiplier takes.
typedef struct {
  const char *name, *abc;
} synth_recipe;
extern const synth_recipe synth_recipes[]; // .name NULL at the end
const synth_recipe *synth_recipe_named(const char *name); // one that is there
bool synth_multiplier_by(arena *mem, const mul *m, const liberty *lib, const synth_recipe *recipe, synth_mul *out,
                         diag *d);
// Another netlist for the same multiplier: s gets its figures, checked and timed like the first ones.
bool synth_multiplier_net(arena *mem, const mapped *net, synth_mul *s, diag *d);
// Where the same multiplier, by its name in Verilog and its circuit, is used first: two keys may name one.
size_t synth_same_multiplier(const mul *const *muls, const bool *used, size_t i);
// Those of muls[0 .. count) that are `used` and that all[] does not have yet (net NULL), each once, by the recipe that
// all[] names (NULL: the first).
bool synth_multipliers_used(arena *mem, const mul *const *muls, size_t count, const bool *used, const liberty *lib,
                            synth_mul *all, diag *d);
cJSON *synth_mul_json(const synth_mul *m);
// The table of several multipliers.
void synth_mul_text(const synth_mul *m, size_t count, str *out);

// ---- an accelerator ------------------------------------------------------------------------------------------------
// Disjoint: all sequential cells are registers; combinational cells belong to the core that holds them.
// clang-format off
#define SYNTH_KINDS(X)                                                                                                 \
  X(MULTIPLIERS, "multipliers") /* the netlists of multipliers */                                                                    \
  X(ADDERS,      "adders")      /* adder trees, accumulators */                                        \
  X(REQUANTISE,  "requantise")  /* of sums, and additions of codes */                                                         \
  X(POOLING,     "pooling")     /* maxima and sums of windows */                                                    \
  X(PES,         "PEs")         /* ALU and requantiser of a processing element */                                    \
  X(CONTROL,     "control")     /* all else: windows, weight streams, handshakes */   \
  X(REGISTERS,   "registers")
// clang-format on
typedef enum {
#define X(id, name) SYNTH_##id,
  SYNTH_KINDS(X)
#undef X
      SYNTH_KIND_COUNT
} synth_kind;
extern const char *const synth_kind_name[SYNTH_KIND_COUNT];

// A module that accelerators are made of.
typedef enum {
  SYNTH_LOGIC, // synthesised as it is
  SYNTH_GATES, // gates and adders, whose structure stays: a multiplier
  SYNTH_FULL_ADDER, // of those: the library's is put in its place
  SYNTH_HALF_ADDER, // likewise
  SYNTH_RAM, // a memory that reads synchronously: its words become a black box NAME_words, whose parameters WIDTH and
             // DEPTH give the bits; the register behind them is flip-flops
  SYNTH_ROM, // likewise
} synth_role;
typedef struct {
  const char *name; // of the module; with a `*` at its end: all that begin so
  const char *folder; // of rtl_templates, where it is NAME.v; NULL: a target writes it
  synth_kind kind; // of its combinational cells
  bool keep; // its boundary stays; what has none becomes part of the module around it
  synth_role role;
} synth_core;

// A part of a design that has a row of its own in the account.
typedef struct {
  const char *name; // NULL: what lies between the layers
  const char *const *instances; // names of its instances at any depth of the hierarchy; NULL at the end
  bool open; // what is inside and belongs to another part counts there
} synth_part;

// How a module of role SYNTH_GATES is mapped; those that are not listed: by the first recipe.
typedef struct {
  const char *module;
  const synth_recipe *recipe;
} synth_mapping;

// A design as the synthesis sees it.
typedef struct {
  const char *top; // module
  const char *prefix; // what every other module's name begins with before the core's: "" or "NAME_"
  const synth_core *cores; // all modules but the top; any other is control, without a boundary
  size_t core_count;
  unsigned kinds; // bit k: kind k is shown
  const char *unit; // what the parts are: "layer"
  const synth_part *parts; // in their order; the last is the rest
  size_t part_count;
  const synth_mapping *mappings;
  size_t mapping_count;
} synth_structure;

typedef struct {
  double area[SYNTH_KIND_COUNT]; // um2
  double total, leakage; // um2, nW
  int64_t cells, flip_flops, multipliers;
  int64_t ram_bits, rom_bits; // memories are not in the area
} synth_area;

// Memories of one shape.
typedef struct {
  synth_role role; // SYNTH_RAM, SYNTH_ROM
  int64_t width, depth, count;
} synth_memory;

typedef struct {
  const char *name; // of the part
  synth_area area;
  synth_memory *memories; // in its memories' bits
  size_t memory_count, memory_cap;
} synth_layer;

typedef struct {
  const liberty *lib;
  const synth_structure *structure;
  synth_layer *layers; // one for each part
  size_t layer_count;
  synth_area total;
  bool timed; // false: no register-to-register path
  double clock, delay, slack; // ns; delay: the shortest clock period, register to register
  const char *from, *to; // flip-flops at both ends of the slowest path
  const char *from_layer, *to_layer; // NULL: none
  int multiplier_modules; // synthesised once each
  const char *verilog; // the netlist, hierarchical; words of a memory NAME as an instance of NAME_words
  size_t verilog_size;
  const struct synth_netlist *netlist; // the same, flat (synth/netlist.h)
  const char *yosys_version, *sta_version;
  double yosys_seconds, sta_seconds;
} synth_result;
// `rtl`: a folder with the design's files, of which axgen.f is the list. Touches nothing there. The structure must
// outlive the result.
bool synth_design(arena *mem, const char *rtl, const synth_structure *structure, const liberty *lib, double clock_ns,
                  synth_result *out, diag *d);
cJSON *synth_json(const synth_result *r);
void synth_text(const synth_result *r, str *out);

// ---- FPGA -----------------------------------------------------------------------------------------------------------
typedef struct {
  const char *family; // xcup, xc7, ice40, ecp5
  bool dsp; // exact multipliers are left to Yosys as a * b, which makes DSP blocks of them; the others are gates
  bool place; // nextpnr places and routes it
  const char *device, *package; // for `place`; NULL: the smallest that it fits on, in that device's usual package
  double clock_ns; // for which it is placed
  const mul *const *muls; // multipliers of the design: those that are `used`
  const bool *used;
  size_t mul_count;
} synth_fpga_options;

typedef struct {
  int64_t luts, lutrams, flip_flops, ram, dsps, carries; // lutrams: LUTs used as memory; ram: the family's smallest
                                                         // block RAMs; carries: bits of carry chains
} synth_fpga_count;
void synth_fpga_add(synth_fpga_count *to, const synth_fpga_count *a, int64_t times);

typedef struct {
  const char *module; // all modules of that name, whatever their parameters
  int64_t instances;
  synth_fpga_count sum; // what they hold themselves, all instances together
} synth_fpga_row;
typedef struct {
  const char *name; // of a part of the structure
  synth_fpga_count sum, kinds[SYNTH_KIND_COUNT]; // flip-flops count to the kind of the core that holds them
} synth_fpga_part;
// A multiplier of the design, one of it: as it was built, and what an exact one of its widths would take.
typedef struct {
  const mul *mul;
  int64_t instances;
  synth_fpga_count built, luts, dsps; // luts: without DSPs, the smaller of gates and a * b; dsps: a * b with them
} synth_fpga_mul;

// A resource of a chip, by nextpnr's name.
typedef struct {
  const char *name;
  int64_t used, available;
} synth_fpga_use;
typedef struct {
  const char *tool, *device, *package;
  int64_t inputs, outputs; // bits of the design's ports in the shell's shift registers
  synth_fpga_use *uses;
  size_t use_count;
  bool timed; // false: no path from flip-flop to flip-flop
  double mhz, asked_mhz;
  const char *from, *to; // cells at both ends of the slowest path, or NULL
  const char *from_part, *to_part; // NULL: what lies between the parts, or the shell
} synth_fpga_placed;

typedef struct {
  const synth_fpga_options *options;
  const synth_structure *structure;
  synth_fpga_row *rows; // by module
  size_t row_count;
  synth_fpga_part *parts; // in the structure's order
  size_t part_count;
  synth_fpga_count kinds[SYNTH_KIND_COUNT], total;
  synth_fpga_mul *muls;
  size_t mul_count;
  synth_fpga_count exact_luts, exact_dsps; // the design with exact multipliers in all places
  synth_fpga_placed placed; // .tool NULL: it was not
  const char *yosys_version;
} synth_fpga;
// Whether there is such a family, and for `place` such a device and package; the error lists them.
bool synth_fpga_check(const synth_fpga_options *o, diag *d);
// By Yosys's command for the family, then by nextpnr. `rtl` as for synth_design. Options and structure must outlive
// the result.
bool synth_fpga_design(arena *mem, const char *rtl, const synth_structure *structure, const synth_fpga_options *o,
                       synth_fpga *out, diag *d);
cJSON *synth_fpga_json(const synth_fpga *r);
void synth_fpga_text(const synth_fpga *r, str *out);

#endif
