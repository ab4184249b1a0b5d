// SPDX-License-Identifier: Apache-2.0
//
// config: config.yaml, read strictly: which network, data set, multipliers, assignment and hardware.
#ifndef AXGEN_CONFIG_H
#define AXGEN_CONFIG_H

#include "compiler/data/data.h"
#include "genlib/genlib.h"

// Which multiplier a conv or dense node uses for each of its weights, as indices into config.muls: by kernel, or by
// weight where a kernel mixes multipliers. Both are NULL for nodes that do not multiply.
typedef struct {
  bool uniform; // one multiplier for the whole layer
  bool by_filter; // every filter has one multiplier (true also when uniform)
  const uint8_t *kernel; // [F][C/groups]
  const uint8_t *weight; // [F][C/groups][kh][kw] as net_node's weight; NULL: by kernel
} assignment;
// The multipliers of n's weights in their order, each for `each` weights: n->weight[i] has entry i / each.
static inline const uint8_t *assignment_entries(const assignment *a, const net_node *n, int *each) {
  *each = a->weight ? 1 : n->kh * n->kw;
  return a->weight ? a->weight : a->kernel;
}
// The multiplier of n->weight[i].
static inline int assignment_mul(const assignment *a, const net_node *n, int64_t i) {
  int each;
  const uint8_t *entries = assignment_entries(a, n, &each);
  return entries[i / each];
}

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

enum { CONFIG_MAX_MULS = 64 };

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
