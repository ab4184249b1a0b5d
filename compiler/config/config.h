// SPDX-License-Identifier: Apache-2.0
//
// config: config.yaml, read strictly: which network, data set, multipliers, assignment and hardware.
#ifndef AXGEN_CONFIG_H
#define AXGEN_CONFIG_H

#include "compiler/data/data.h"
#include "compiler/net/assignment.h"
#include "genlib/genlib.h"
#include "synth/memory.h"

enum { CONFIG_MAX_MULS = ASSIGNMENT_MULS, CONFIG_LONGEST_NAME = 32 };

// In which order a layer's filters come to the target's multipliers, and the channels of its input: slot i is
// filters[i], channels[i]. NULL: not given.
typedef struct {
  const int *filters, *channels;
} config_order;

typedef struct {
  const char *file;
  const char *text_hash; // SHA-256 of the config file; of that and theirs where the assignment names files
  network *net;
  bool has_dataset;
  dataset_files data;
  const char *mul_keys[CONFIG_MAX_MULS]; // E, L ...
  const mul *muls[CONFIG_MAX_MULS];
  size_t mul_count;
  assignment *assign; // one per node
  config_order *orders; // [nodes] as `positions` gives them; NULL: no node's are given
  const int64_t *moved; // [nodes] weights that have another multiplier than the file says (--legalize); NULL: none
  const struct target_reader *target; // what is to be built; NULL: no `target`
  const void *target_options; // what the target's reader made of its keys
  const char *name; // the accelerator's: its top, and what its other modules begin with; NULL: axgen_top, nothing
  bool has_assignment; // without one (only beside `explore`) every product is exact
  // For `axgen explore`.
  bool has_explore;
  dataset_files calibration, test; // without images: not given
  int *frozen; // [nodes] the multiplier that a layer keeps; -1: free. NULL without `explore`
  double cost[CONFIG_MAX_MULS]; // of a multiplication, as given; 0: not given
  bool published; // `cost: published`: figures that EvoApproxLib publishes
  const struct yaml *tree; // the file, for those who write another one like it
  double clock_ns;
  const char *liberty; // resolved path; NULL: the project's own library
  const char *synth_goal; // area, energy or delay: for which multipliers are mapped; NULL: energy
  bool fpga_dsp; // exact multipliers become DSP blocks
  const char *fpga_device, *fpga_package; // on which it is placed; NULL: not said
  const memory_model *memories; // what memories cost; NULL: as the project's own file says
  const char *output; // resolved folder
} config;

struct yaml; // compiler/net/yaml.h

// What reads the keys of one target.
typedef struct target_reader {
  const char *name; // for `kind`
  const char *const *keys; // all that it has, `kind`, `name` and `clock_ns` too; NULL at the end
  // The options, in `mem`, from the map y, whose keys are known; parts of c may be missing after errors (reader.h).
  // What is wrong is reported through d, all of it.
  const void *(*read)(arena *mem, const config *c, const struct yaml *y, diag *d);
  // Which of the [size[0]][size[1]] multipliers of a node each of its weights comes to, filters and channels in the
  // network's order; of options that were read. NULL: multipliers have no fixed places.
  const int32_t *(*places)(arena *mem, const config *c, int node, int size[2]);
  // Keys of other targets that it cannot have, each with the reason: key, reason, ..., NULL. NULL: nothing is to be
  // said.
  const char *const *refused;
} target_reader;

// Reads config.yaml and all it names except the data set's images. Unknown keys, wrong types, ranges, unassigned
// filters, unknown names: file:line:column, the line, a caret and what was expected. All errors found are reported.
// targets: those that `target` may name, NULL at the end.
bool config_read(arena *mem, const char *path, const target_reader *const *targets, config **out, diag *d);

// What memories cost, as a file says, NULL: the project's own. NULL after an error.
const memory_model *config_memories(arena *mem, const char *path, diag *d);

#endif
