// SPDX-License-Identifier: Apache-2.0
//
// Co-simulation. The generated Verilog runs in Verilator or Icarus on real images, and every value that leaves any
// layer is compared with the reference interpreter.
#ifndef AXGEN_DATAFLOW_COSIM_H
#define AXGEN_DATAFLOW_COSIM_H

#include "compiler/target/dataflow/plan.h"
#include "sim/sim.h"

typedef struct {
  size_t first, images;
  uint32_t stalls; // seed of random gaps on both streams; 0: none. The rate is then measured by a second, free run
  bool icarus;
  // Simulators are slow on gates. Unless `gates` is set, the multipliers inside the accelerator are tables or functions
  // there, after their netlists were compared with those (sim/sim.h). all_pairs: none of them on samples only.
  bool gates, all_pairs;
  const char *waves; // target.h
  bool keep; // leave the simulation folder behind
  const char *recorder, *pins; // target.h
  bool steady; // likewise
} dataflow_sim_options;

// A FIFO: between which layers, how many beats it holds, how many were in it at most.
typedef struct {
  const char *from, *to;
  int64_t depth, most;
} dataflow_sim_fifo;

typedef struct {
  const char *simulator; // its version line
  size_t images, correct, values_compared;
  size_t outputs; // values of the last layer
  const int32_t *logits; // [images][outputs]: what the hardware gave
  sim_proofs proofs; // nothing with `gates`
  int64_t first_output_latency; // cycles from the first accepted input beat to the first image's last output beat
  double cycles_per_image; // steady state (mean distance of the images' last beats); 0 with one image
  int64_t total_cycles;
  // Cycles [from, to), after reset, in which the pipeline did the work of images_inside images: filled all the time, or
  // without `steady` from the first beat to the last one.
  int64_t from, to;
  size_t images_inside;
  int64_t first_input, last_input, first_end,
      last_end; // cycles of first and last beats: in; of the first and last image
  const dataflow_sim_fifo *fifos;
  size_t fifo_count;
  double build_seconds, run_seconds;
  char *folder; // when kept
} dataflow_sim_result;

// False with exit code 4 and image, layer and element named when anything differs; 3 when a tool fails.
bool dataflow_sim(arena *mem, const dataflow_design *design, const dataset *data, const dataflow_sim_options *opt,
                  dataflow_sim_result *out, diag *d);

#endif
