// SPDX-License-Identifier: Apache-2.0
//
// Inside the simulator: a netlist as a list of operations on slots, and the kernels that run it.
#ifndef AXGEN_GENLIB_SIMULATE_H
#define AXGEN_GENLIB_SIMULATE_H

#include "genlib/genlib.h"

// A slot holds one net's words; the numbers below are slot indices (a kernel knows how many words that is).
struct nl_sim_op {
  int32_t kind;
  int32_t in[3];
  int32_t out[2];
};

extern const nl_sim_isa nl_sim_scalar;
#if defined(__x86_64__)
extern const nl_sim_isa nl_sim_avx2, nl_sim_avx512;
#endif

#endif
