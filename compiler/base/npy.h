// SPDX-License-Identifier: Apache-2.0
//
// NumPy's .npy files of integers, plain or gzip.
#ifndef AXGEN_NPY_H
#define AXGEN_NPY_H

#include "compiler/base/base.h"

enum { NPY_MAX_RANK = 4 };
static const size_t NPY_MAX_FILE = (size_t)1 << 30; // unpacked

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
// The values; NULL after an error: one that is not lo to hi.
const int32_t *npy_ints(arena *mem, const npy *n, int32_t lo, int32_t hi, diag *d);
// The values as bytes; NULL after an error: one that is not 0 to `most`.
const uint8_t *npy_bytes(arena *mem, const npy *n, int most, diag *d);
const char *npy_list(arena *mem, const size_t *values, int count); // "[6, 4, 3, 3]", for messages
// What stands before the values of an array in C order: dtype as NumPy writes it ("<i4"), shape without parentheses
// ("256, 256").
void npy_header(const char *dtype, const char *shape, str *out);

#endif
