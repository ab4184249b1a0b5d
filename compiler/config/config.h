// SPDX-License-Identifier: Apache-2.0
//
// config: config.yaml, read strictly: which network, data set, multipliers, assignment and hardware.
#ifndef AXGEN_CONFIG_H
#define AXGEN_CONFIG_H

#include "compiler/data/data.h"
#include "compiler/net/assignment.h"
#include "genlib/genlib.h"

typedef struct {
  int pe, simd;
  src_pos pe_pos, simd_pos; // for errors found later; line 0 when defaulted
} folding;

typedef enum { TARGET_NONE, TARGET_DATAFLOW, TARGET_FGPU } target_kind;

// The fgpu target's hardware (compiler/target/fgpu says what the numbers mean); 0: its default.
enum { TARGET_CVS = 8, TARGET_PES = 8 };
typedef struct {
  int cvs, slots, cache_lines, local_bytes;
  bool dot4;
  bool has_lids; // else they are chosen from the assignment,
  bool area_cycles; // for the least product of cycles and the multipliers' area instead of the fewest cycles
  uint8_t lids[TARGET_CVS][TARGET_PES]; // multiplier of each PE of each CV, index into config.muls
} target_fgpu;

enum { CONFIG_MAX_MULS = ASSIGNMENT_MULS };

typedef struct {
  const char *file;
  const char *text_hash; // SHA-256 of the config file; of that and theirs where the assignment names files
  network *net;
  bool has_dataset;
  dataset_files data;
  src_pos data_pos;
  const char *mul_keys[CONFIG_MAX_MULS]; // E, L ...
  const mul *muls[CONFIG_MAX_MULS];
  size_t mul_count;
  assignment *assign; // one per node
  target_kind target;
  double clock_ns;
  folding *fold; // one per node (pe = simd = 1 where not given); meaningful for nodes that multiply
  target_fgpu fgpu; // of TARGET_FGPU
  const char *liberty; // resolved path; NULL: the project's own library
  const char *output; // resolved folder
} config;
// Reads config.yaml and all it names except the data set's images. Unknown keys, wrong types, ranges, unassigned
// filters, unknown names: file:line:column, the line, a caret and what was expected. All errors found are reported.
bool config_read(arena *mem, const char *path, config **out, diag *d);

#endif
