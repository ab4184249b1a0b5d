// SPDX-License-Identifier: Apache-2.0
//
// fgpu: the temporal target, an SIMT tile of compute vectors (CVs) of 8 PEs, each PE with its own multiplier. A network
// and an assignment become a program image; the image runs in the simulator here or in the Verilog of
// rtl_templates/fgpu. docs/fgpu.md describes the machine and the mapping, docs/fgpu-isa.md the instructions.
#ifndef AXGEN_FGPU_H
#define AXGEN_FGPU_H

#include "compiler/config/config.h"
#include "compiler/infer/infer.h"
#include "compiler/target/common/origin.h"
#include "compiler/target/common/target.h"
#include "compiler/target/fgpu/asm.h"

enum {
  FGPU_PES = 8, // of a CV
  FGPU_UNITS = 4, // multipliers of a PE with dot4
  FGPU_PHASES = 8, // of a wavefront
  FGPU_LANES = 64,
  FGPU_MAX_CVS = 8,
  FGPU_MAX_SLOTS = 16,
  FGPU_LINE = 32, // bytes of a cache line and of a word of the global memory port
  FGPU_BURST = 4, // lines that a cache miss reads
  FGPU_DESCRIPTOR = 16, // words of a launch descriptor: docs/fgpu-isa.md
  FGPU_D_PC = 0,
  FGPU_D_GROUPS0 = 1,
  FGPU_D_GROUPS1 = 2,
  FGPU_D_QUEUE_OF = 3,
  FGPU_D_QUEUES = 4,
  FGPU_D_PARAMS = 12,
  FGPU_NO_QUEUE = 15,
  FGPU_LATENCY = 8, // cycles of the global memory in fgpu_run and in the testbench, unless told otherwise
};

// The hardware: what the Verilog is built for.
typedef struct {
  int cvs; // 1..8
  int slots; // wavefronts that a CV holds: 2, 4, 8, 16
  int cache_lines; // of a CV, of FGPU_LINE bytes: a power of two, 8..4096
  bool dot4; // four multipliers a PE, all alike, for the instruction dot4
  int local_bytes; // scratchpad of a CV, divided among the slots: a power of two, 64 * slots .. 65536
  const mul *mul[FGPU_MAX_CVS][FGPU_PES]; // of each PE
} fgpu_hw;

typedef uint32_t fgpu_descriptor[FGPU_DESCRIPTOR];

// ---- the simulator ------------------------------------------------------------------------------------------------
typedef struct {
  int64_t cycles; // approximate
  int64_t issued[FGPU_MAX_CVS]; // instructions of wavefronts; a CV can issue one in 8 cycles
  int64_t macs[FGPU_MAX_CVS]; // multiplications: one for each lane that did a macc, four for a dot4
  int64_t held; // of all macs, those whose multiplier had the same weight before: the operand stood still
  int64_t lanes_off; // lanes of macc and dot4 instructions that were not active
  int64_t reads, writes; // lines of FGPU_LINE bytes on the global memory port
  int64_t hits; // cache lines read without the port
  int64_t beats; // phases of accesses, eight addresses each
  int64_t local_reads, local_writes; // lines of the scratchpad
  int64_t results; // register words that were written
  int64_t masks; // words of active bits that were written
  // With `changes`, of all lanes from each phase of an instruction to the next: partial products of the PEs' exact
  // multiplication that change, which takes the operands of every instruction; bits of the third operand.
  int64_t partials, thirds;
} fgpu_stats;

// Who is told of what happens, in the order of the simulator's time; each may be NULL.
typedef struct {
  // The bytes that a PE's multipliers take; unit: 0, with dot4 0..3.
  void (*macc)(void *user, size_t launch, int cv, int pe, int unit, uint8_t a, uint8_t b);
  // A line that a wavefront's instruction at pc touches: the address of the first lane that wants it.
  void (*line)(void *user, const uint32_t group[2], uint32_t pc, uint32_t address, bool writes);
  void *user;
} fgpu_watch;

typedef struct {
  const fgpu_hw *hw;
  const fgpu_code *code;
  const fgpu_descriptor *launches;
  size_t launch_count;
  uint8_t *memory; // a multiple of FGPU_LINE bytes
  size_t memory_bytes;
  int latency; // of the global memory, in cycles
  FILE *trace; // NULL, or every instruction and every register write, as the RTL's testbench writes them
  const fgpu_watch *watch; // may be NULL
  bool changes; // count what changes in PEs
} fgpu_sim;

// Runs launches [first, first + count) one after the other and adds to `stats` (may be NULL). What a program does wrong
// (an undefined instruction, an address outside the memory, no end) is reported with launch, group and pc.
bool fgpu_sim_run(const fgpu_sim *sim, size_t first, size_t count, fgpu_stats *stats, diag *d);

// ---- the compiler -------------------------------------------------------------------------------------------------
typedef struct {
  int cvs; // 0: 1
  int slots, cache_lines, local_bytes; // 0: 8, 256, 4096
  bool dot4;
  // Multiplier (index into the model's) of each PE, [cvs]; NULL: chosen from the assignment for the fewest cycles.
  const uint8_t (*lids)[FGPU_PES];
  bool area_cycles; // chosen for the least product of cycles and the multipliers' area (evolve_estimate) instead
} fgpu_options;
extern const target_reader FGPU_READER; // reads fgpu_options from a config

// Where a node's output lies in memory: C codes of one byte a pixel (cp bytes with padding), rows with a border that
// holds the zero code. The last node's accumulators are words [pixel][channel] without border.
typedef struct {
  uint32_t base; // of the border's first pixel
  int cp, row; // bytes from pixel to pixel, from row to row
  uint32_t origin; // of the image's first pixel
  uint32_t bytes; // all of it, a multiple of FGPU_LINE
  bool border, words;
} fgpu_tensor;

typedef struct {
  const char *name; // the layer's, or "border of LAYER"
  const char *kernel; // "conv", "fill" ...
  int node; // whose output it works on
  uint32_t groups; // wavefronts
  int64_t macs; // multiplications of the layer in this launch
  int64_t lanes; // lanes of its wavefronts that have work
} fgpu_launch;

typedef struct {
  const infer_model *model;
  size_t mul_count;
  fgpu_hw hw;
  uint8_t pe_mul[FGPU_MAX_CVS][FGPU_PES]; // multiplier of each PE, index into the model's
  bool lids_chosen; // by the compiler
  fgpu_code code;
  fgpu_descriptor *descriptors;
  fgpu_launch *launches;
  size_t launch_count, launch_cap, descriptor_cap;
  fgpu_tensor *tensors; // by node
  const uint8_t *constants; // weights and tables: the memory from constant_base on; the rest is 0 at the start
  uint32_t constant_base, constant_bytes, memory_bytes;
  uint32_t activation_bytes, unshared_bytes; // of all tensors, with and without sharing of memory
} fgpu_program;

// Plans the program for a model whose multipliers are muls[0 .. mul_count). Refuses, with the layer and the reason,
// what the target cannot run. The model must outlive the result.
bool fgpu_plan(arena *mem, const infer_model *model, size_t mul_count, const fgpu_options *opt, fgpu_program **out,
               diag *d);
// The schedule: LIDs, memory, launches with their wavefronts and their share of lanes with work; `stats` of each launch
// (launch_count of them) may be NULL. `keys`: what the user calls the multipliers.
void fgpu_print(const fgpu_program *p, const char *const *keys, const fgpu_stats *stats, str *out);

// The memory before an image is run: p->memory_bytes, with the image's codes [C][H][W] in it.
void fgpu_memory(const fgpu_program *p, const int32_t *codes, uint8_t *memory);
// Reads a node's output back, as int32 [C][H][W]. Buffers are shared: right after the node's last launch only.
void fgpu_values(const fgpu_program *p, int node, const uint8_t *memory, int32_t *values);

// Where an element of a node's output lies in memory, and its bytes: 4 or 1.
uint32_t fgpu_address(const fgpu_program *p, int node, int c, int y, int x);
int fgpu_value_bytes(const fgpu_program *p, int node);

// One image in the simulator. values[n]: buffers for every node's output (infer_buffers; the input's are the codes that
// are run). stats: NULL or launch_count of them; watch: NULL or who is told of every multiplication.
bool fgpu_run(const fgpu_program *p, int32_t **values, fgpu_stats *stats, const fgpu_watch *watch, diag *d);

// ---- Verilog ------------------------------------------------------------------------------------------------------
// Everything that the hardware is built from, for any program (fgpu_program) or hardware alone:
//   axgen_top.v       the tile with its parameters
//   axgen_top_axi.v   the same with an AXI4-Lite slave and an AXI4 master
//   axgen_fgpu_mul.v  which PE has which multiplier
//   mul_*.v           the multipliers
//   cores/*.v         copies of the hand-written cores that are instantiated
//   axgen.f           the Verilog files; paths relative to the folder
typedef struct {
  fgpu_hw hw;
  uint32_t memory_bytes; // of global memory: sets the width of addresses
  size_t code_words, launches;
  const origin *made_from; // for the files' heads; NULL: hardware alone
} fgpu_tile;
// The Verilog under the names that the target gives its modules (rename_modules comes after); no axgen.f.
bool fgpu_emit_tile(arena *mem, const fgpu_tile *tile, fileset *out, diag *d);
int fgpu_address_bits(const fgpu_tile *tile);
static inline int fgpu_units(const fgpu_hw *hw) { return hw->dot4 ? FGPU_UNITS : 1; } // multipliers of a PE

// The tile of a program, and the program:
//   program/host.txt     what the host writes, `address data` in hexadecimal: program and descriptors
//   program/memory.hex   constants, lines of 32 bytes for $readmemh
//   program/constants.bin  the same as bytes
//   program/listing.txt  the program as assembly
//   host/                a host in C99, what it needs to know of the network, an example that uses it
//   manifest.json        what was built from what: hardware, LIDs, launches, tensors, files with their hashes
//   axgen_top.sdc, .xdc, the same of axgen_top_axi, axgen_top.core, .tcl  constraints, FuseSoC, Vivado
//   tb/                  with `test` (may be NULL): a testbench, images, what must come out
// Modules have the names that the configuration asks for.
bool fgpu_emit(arena *mem, const fgpu_program *p, const origin *made_from, const target_test *test, fileset *out,
               diag *d);

// Runs the tile in a simulator. `host`, `memory`: as in the program's files; `script` is for the testbench
// (rtl_templates/fgpu/sim/tb_fgpu.v); `trace`: keep every instruction and register write, as fgpu_sim does. The
// output's lines and the log come back as text.
typedef struct {
  bool icarus, trace;
  bool axi; // the tile behind its AXI ports; with a program and Verilator it is the C host that drives it
  int axi_bits; // of the AXI data bus: 32, 64, 128, 256; 0: 256
  int bad_read, bad_write; // number of the AXI burst that is answered with an error, from 1; 0: none
  uint32_t stalls; // seed of random gaps on the memory port, or on all AXI channels; 0: none
  int latency; // 0: FGPU_LATENCY
  int fault; // breaks a rule of the memory port on purpose, to test the checks: tb_fgpu's +fault; 0: none
  const char *name; // of the accelerator, as in config; NULL: none
  const char *waves; // target.h
  const char *dir; // working folder, which exists; NULL: a temporary one, removed at the end
  const char *recorder, *pins; // of all pins (target.h); without `axi`
} fgpu_rtl_options;
typedef struct {
  const char *output, *log;
  const char *trace; // of all CVs, one after the other
  const char *logits; // of the C host, where it ran: decimal, one a line
  const char *simulator;
  double build_seconds, run_seconds;
} fgpu_rtl_result;
bool fgpu_rtl_run(arena *mem, const fgpu_tile *tile, const str *host, const str *memory, const str *script,
                  const fgpu_rtl_options *opt, fgpu_rtl_result *out, diag *d);

// Images [0, count) on the Verilog: the first layer by layer, then all of them in one go, compared with the reference.
typedef struct {
  size_t images;
  size_t values_compared;
  int64_t *launch_cycles; // of the first image
  int64_t cycles; // of the last image in one go
  int64_t reads, writes; // lines of FGPU_LINE bytes, likewise
  int64_t end; // cycles from reset on until then
  int32_t *logits; // [images][elements of the output]
  fgpu_rtl_result rtl;
} fgpu_cosim;
bool fgpu_simulate(arena *mem, const fgpu_program *p, const uint8_t *const *pixels, size_t count,
                   const fgpu_rtl_options *opt, fgpu_cosim *out, diag *d);

#endif
