// SPDX-License-Identifier: Apache-2.0
//
// Lattices of integer vectors: how the engine finds few small integer factors of a multiplier's table.
#ifndef AXGEN_PLAN_LATTICE_H
#define AXGEN_PLAN_LATTICE_H

#include "compiler/base/base.h"

typedef struct {
  int rank, most; // most: beyond this rank the search is given up
  size_t n; // length of the vectors
  int64_t **v; // [rank] the basis
  size_t *pivot; // [rank]
  double *inverse; // [most][most] of the vectors' inner products
} lattice;

// A lattice without vectors.
lattice plan_lattice_new(arena *mem, size_t n, int most);
// Makes the lattice the one that x generates together with what is there; x is used up. false: the rank would exceed
// `most`, or the numbers became too large.
bool plan_lattice_include(lattice *l, int64_t *x);
// A basis of short vectors (LLL). Everything it computes in floating point is only a hint: each step keeps the lattice.
void plan_lattice_reduce(lattice *l);
// Makes plan_lattice_coordinates ready; nothing is included afterwards.
void plan_lattice_finish(lattice *l);
// x as an integer combination of the basis; false: it is none.
bool plan_lattice_coordinates(const lattice *l, const int64_t *x, int64_t *coordinates);

#endif
