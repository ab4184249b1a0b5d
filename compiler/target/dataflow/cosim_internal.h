// SPDX-License-Identifier: Apache-2.0
#ifndef AXGEN_DATAFLOW_COSIM_INTERNAL_H
#define AXGEN_DATAFLOW_COSIM_INTERNAL_H

#include "compiler/target/dataflow/cosim.h"
#include "compiler/target/dataflow/emit.h"

// Lines of hexadecimal digits, one stream beat each, as axgen_stream_trace writes them.
typedef struct {
  FILE *file;
  const char *path;
  char *line;
  size_t cap;
} dataflow_beat_reader;
bool dataflow_beats_open(dataflow_beat_reader *r, const char *path, diag *d);
void dataflow_beats_close(dataflow_beat_reader *r);
// Next beat as `lanes` fields of `bits` bits, the first lowest. False at the end of the file or at an undefined bit (x,
// z).
bool dataflow_beats_next(dataflow_beat_reader *r, int lanes, int bits, bool is_signed, int32_t *values);

// Compares all streams of `images` images with the reference; counts and fills out->correct, values_compared.
bool dataflow_sim_compare(arena *mem, const dataflow_design *design, const graph *g, const dataset *data,
                          const dataflow_sim_options *opt, const char *dir, dataflow_sim_result *out, diag *d);

// Takes from the simulation how full each FIFO was; the larger of two runs' marks.
bool dataflow_sim_fill(arena *mem, const dataflow_design *design, const graph *g, const char *dir,
                       dataflow_sim_result *out, diag *d);

// The testbench's log: checks it for protocol errors and completeness, and takes the cycle numbers from it.
bool dataflow_sim_read_log(arena *mem, const dataflow_design *design, const graph *g, const char *dir,
                           const dataflow_sim_options *opt, dataflow_sim_result *out, diag *d);

// The error for a simulation in which no image was finished for `limit` cycles: names the stage that stands still,
// after how many of its beats. `stuck`: the testbench's line of that name, or NULL.
bool dataflow_sim_stuck(arena *mem, const dataflow_design *design, const graph *g, const char *dir, const char *stuck,
                        size_t first_image, int64_t limit, diag *d);

#endif
