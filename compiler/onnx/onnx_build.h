// SPDX-License-Identifier: Apache-2.0
//
// A new ONNX model, put together node by node and packed. Used by the export only; reading is onnx_internal.h.
#ifndef AXGEN_ONNX_BUILD_H
#define AXGEN_ONNX_BUILD_H

#include "compiler/base/base.h"
#include "onnx/onnx.pb-c.h"

#define ONNX_TYPE(name) ONNX__TENSOR_PROTO__DATA_TYPE__##name

enum { ONNX_BUILD_INPUTS = 64, ONNX_BUILD_ATTRIBUTES = 8 };

// All in `mem`: names are copied, tensors' data is.
typedef struct {
  arena *mem;
  Onnx__NodeProto **nodes;
  size_t node_count, node_cap;
  Onnx__TensorProto **tensors;
  size_t tensor_count, tensor_cap;
} onnx_build;

// A node of operator `op` (of domain `domain`, NULL: ONNX's own) that makes `output`; its inputs are the names up to
// NULL. The node is kept; attributes are added to it.
Onnx__NodeProto *onnx_build_node(onnx_build *b, const char *domain, const char *op, const char *name,
                                 const char *const *inputs, const char *output);
void onnx_build_int(onnx_build *b, Onnx__NodeProto *n, const char *name, int64_t value);
void onnx_build_ints(onnx_build *b, Onnx__NodeProto *n, const char *name, const int *values, int count);
void onnx_build_string(onnx_build *b, Onnx__NodeProto *n, const char *name, const char *value);

// An initializer of ONNX type `type` with rank `rank` (0: a single number); the values are converted to that type,
// which must hold them. Its name comes back.
const char *onnx_build_tensor(onnx_build *b, const char *name, int type, const double *values, int rank,
                              const int64_t *dims);
const char *onnx_build_number(onnx_build *b, const char *name, int type, double value);

// The model: one input and one output, whose first dimension is "N", any number of images. `domain`: a second set of
// operators that it uses, version 1; NULL: none.
typedef struct {
  const char *name, *input, *output;
  int input_type, output_type;
  int input_rank, output_rank; // without the first
  int64_t input_dims[3], output_dims[3];
  int64_t opset, ir_version;
  const char *domain;
} onnx_build_model;
bytes onnx_build_pack(onnx_build *b, const onnx_build_model *m);

#endif
