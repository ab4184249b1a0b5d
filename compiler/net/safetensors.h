// SPDX-License-Identifier: Apache-2.0
//
// safetensors: named arrays in one file. 8 bytes header length (little endian), a JSON header, the arrays' bytes.
#ifndef AXGEN_SAFETENSORS_H
#define AXGEN_SAFETENSORS_H

#include "compiler/base/base.h"

// clang-format off
#define ST_TYPE_LIST(X) X(I8, 1) X(U8, 1) X(I16, 2) X(U16, 2) X(I32, 4) X(F32, 4) X(F64, 8)
// clang-format on
typedef enum {
#define X(name, size) ST_##name,
  ST_TYPE_LIST(X)
#undef X
      ST_TYPES
} st_type;
const char *safetensors_type_name(st_type type);
size_t safetensors_type_size(st_type type);

enum { ST_MAX_RANK = 8 };

typedef struct {
  const char *name;
  st_type type;
  int rank;
  int64_t dim[ST_MAX_RANK];
  int64_t count; // elements
  const void *data; // little endian, maybe not aligned: read with memcpy
  size_t offset; // of the data in the file, for messages
} st_tensor;

typedef struct {
  const char *file;
  st_tensor *tensors;
  size_t count;
  const char *sha256; // of the whole file
} st_file;

// Checks everything: the arrays fill the rest of the file without gap or overlap, sizes are shape * type, names are
// unique. Errors name the file and the byte offset.
bool safetensors_read(arena *mem, const char *path, st_file *out, diag *d);
const st_tensor *safetensors_find(const st_file *file, const char *name); // NULL: none

// The bytes of a file with these tensors; wider types first (so that all are aligned), else in the given order.
bytes safetensors_write(arena *mem, const st_tensor *tensors, size_t count);

#endif
