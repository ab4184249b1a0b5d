// SPDX-License-Identifier: Apache-2.0
//
// NumPy's .npy files of integers, plain or gzip.
#ifndef AXGEN_NPY_H
#define AXGEN_NPY_H

#include "compiler/base/base.h"

enum { NPY_MAX_RANK = 4 };

typedef struct {
  const char *path;
  const uint8_t *data;
  size_t data_at; // byte offset of the values
  char kind; // 'u' or 'i'
  int width; // bytes a value
  int rank;
  size_t dims[NPY_MAX_RANK], count;
} npy;

bool npy_open(arena *mem, const char *path, npy *out, diag *d);
// The values as bytes; NULL after an error: one that is not 0 to `most`.
const uint8_t *npy_bytes(arena *mem, const npy *n, int most, diag *d);
const char *npy_list(arena *mem, const size_t *values, int count); // "[6, 4, 3, 3]", for messages

#endif
