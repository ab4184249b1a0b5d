// SPDX-License-Identifier: Apache-2.0
//
// The table of cores: every module that accelerators are made of, with what emission and synthesis need to know of it.
// Nothing else in C knows a core by its name.
#ifndef AXGEN_TARGET_CORES_H
#define AXGEN_TARGET_CORES_H

#include "genlib/adders/adder.h"
#include "synth/synth.h"

// clang-format off
#define CORE_ROWS(X) \
  /* id             module                  folder      kind         keep   role: see synth_core */ \
  /* written by the targets */                                                          \
  X(MULTIPLIER,     MUL_MODULE "*",         NULL,       MULTIPLIERS, true,  GATES)      \
  X(IMPORTED,       ADDER_MODULE "*",       NULL,       ADDERS,      false, LOGIC)      \
  X(IMPORTED_ADDER, "axgen_imported_adder", NULL,       ADDERS,      false, LOGIC)      \
  X(LAYER,          "layer_*",              NULL,       CONTROL,     true,  LOGIC)      \
  /* for any target */                                                                  \
  X(ADDER_TREE,     "axgen_adder_tree",     "common",   ADDERS,      false, LOGIC)      \
  X(APPROX_ADDER,   "axgen_approx_adder",   "common",   ADDERS,      false, LOGIC)      \
  X(APPROX_TREE,    "axgen_approx_tree",    "common",   ADDERS,      false, LOGIC)      \
  X(CLAMP,          "axgen_clamp",          "common",   CONTROL,     false, LOGIC)      \
  X(COMPRESSOR,     "axgen_compressor",     "common",   ADDERS,      false, LOGIC)      \
  X(COUNT,          "axgen_count",          "common",   CONTROL,     false, LOGIC)      \
  X(COUNT_LAST,     "axgen_count_last",     "common",   CONTROL,     false, LOGIC)      \
  X(COUNT_VALUE,    "axgen_count_value",    "common",   CONTROL,     false, LOGIC)      \
  X(EXTEND,         "axgen_extend",         "common",   CONTROL,     false, LOGIC)      \
  X(FULL_ADDER,     MUL_FULL_ADDER,         "common",   MULTIPLIERS, false, FULL_ADDER) \
  X(FIFO,           "axgen_fifo",           "common",   CONTROL,     true,  LOGIC)      \
  X(FORK,           "axgen_fork",           "common",   CONTROL,     true,  LOGIC)      \
  X(GEARBOX,        "axgen_gearbox",        "common",   CONTROL,     true,  LOGIC)      \
  X(HALF_ADDER,     MUL_HALF_ADDER,         "common",   MULTIPLIERS, false, HALF_ADDER) \
  X(LAST,           "axgen_last",           "common",   CONTROL,     false, LOGIC)      \
  X(LOAD,           "axgen_load",           "common",   CONTROL,     true,  LOGIC)      \
  X(PERMUTE,        "axgen_permute",        "common",   CONTROL,     true,  LOGIC)      \
  X(RAM,            "axgen_ram",            "common",   CONTROL,     false, RAM)        \
  X(RAM_SP,         "axgen_ram_sp",         "common",   CONTROL,     false, LOGIC)      \
  X(ROM,            "axgen_rom",            "common",   CONTROL,     false, ROM)        \
  X(ROTATE,         "axgen_rotate",         "common",   CONTROL,     false, LOGIC)      \
  X(ROUND,          "axgen_round",          "common",   CONTROL,     false, LOGIC)      \
  X(SLICE,          "axgen_slice",          "common",   CONTROL,     true,  LOGIC)      \
  X(SPAN,           "axgen_span",           "common",   CONTROL,     false, LOGIC)      \
  X(STORE,          "axgen_store",          "common",   CONTROL,     false, LOGIC)      \
  X(TAP,            "axgen_tap",            "common",   CONTROL,     false, LOGIC)      \
  /* dataflow */                                                                        \
  X(ADD,            "axgen_add",            "dataflow", REQUANTISE,  true,  LOGIC)      \
  X(CONCAT,         "axgen_concat",         "dataflow", CONTROL,     true,  LOGIC)      \
  X(JOIN,           "axgen_join",           "dataflow", CONTROL,     true,  LOGIC)      \
  X(LOAD_PORT,      "axgen_load_port",      "dataflow", CONTROL,     true,  LOGIC)      \
  X(MVU_BACK,       "axgen_mvu_back",       "dataflow", ADDERS,      true,  LOGIC)      \
  X(MVU_FRONT,      "axgen_mvu_front",      "dataflow", CONTROL,     true,  LOGIC)      \
  X(PAD,            "axgen_pad",            "dataflow", CONTROL,     true,  LOGIC)      \
  X(POOL,           "axgen_pool",           "dataflow", POOLING,     true,  LOGIC)      \
  X(POOL_OP,        "axgen_pool_op",        "dataflow", POOLING,     true,  LOGIC)      \
  X(POOL_WINDOW,    "axgen_pool_window",    "dataflow", POOLING,     true,  LOGIC)      \
  X(REQUANT,        "axgen_requant",        "dataflow", REQUANTISE,  true,  LOGIC)      \
  X(ROW_RING,       "axgen_row_ring",       "dataflow", CONTROL,     false, LOGIC)      \
  X(TRANSPOSE,      "axgen_transpose",      "dataflow", CONTROL,     true,  LOGIC)      \
  X(WEIGHT_PORT,    "axgen_weight_port",    "dataflow", CONTROL,     true,  LOGIC)      \
  X(WINDOW,         "axgen_window",         "dataflow", CONTROL,     true,  LOGIC)      \
  /* fgpu */                                                                            \
  X(FGPU,           "axgen_fgpu",           "fgpu",     CONTROL,     false, LOGIC)      \
  X(FGPU_ARBITER,   "axgen_fgpu_arbiter",   "fgpu",     CONTROL,     true,  LOGIC)      \
  X(FGPU_AXI,       "axgen_fgpu_axi",       "fgpu",     CONTROL,     false, LOGIC)      \
  X(FGPU_AXI_HOST,  "axgen_fgpu_axi_host",  "fgpu",     CONTROL,     false, LOGIC)      \
  X(FGPU_AXI_PORT,  "axgen_fgpu_axi_port",  "fgpu",     CONTROL,     false, LOGIC)      \
  X(FGPU_CV,        "axgen_fgpu_cv",        "fgpu",     CONTROL,     true,  LOGIC)      \
  X(FGPU_DISPATCH,  "axgen_fgpu_dispatch",  "fgpu",     CONTROL,     true,  LOGIC)      \
  X(FGPU_ISSUE,     "axgen_fgpu_issue",     "fgpu",     CONTROL,     true,  LOGIC)      \
  X(FGPU_MEM,       "axgen_fgpu_mem",       "fgpu",     CONTROL,     true,  LOGIC)      \
  X(FGPU_PE,        "axgen_fgpu_pe",        "fgpu",     PES,         true,  LOGIC)
// clang-format on
typedef enum {
#define X(id, ...) CORE_##id,
  CORE_ROWS(X)
#undef X
      CORE_IDS
} core_id;
extern const synth_core CORES[CORE_IDS];

// Copies of the cores that the Verilog of `own` names and of those that they name in turn, as cores/NAME.v, in the
// order of the table; `include lines are replaced by the file they name.
bool cores_add(arena *mem, const fileset *own, fileset *out, diag *d);

// axgen.f: the Verilog files of `files` so far, in their order, under a comment, as rename_modules(name) will call
// them.
void cores_file_list(arena *mem, const char *name, const char *comment, fileset *files);

#endif
