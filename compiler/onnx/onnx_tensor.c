// SPDX-License-Identifier: Apache-2.0
//
// ONNX import: constant tensors.
#include "compiler/onnx/onnx_internal.h"

#include <math.h>
#include <string.h>

#define TYPE(name) ONNX__TENSOR_PROTO__DATA_TYPE__##name

bool onnx_is_integer(int type) {
  return type != TYPE(FLOAT) && type != TYPE(DOUBLE) && type != TYPE(FLOAT16) && type != TYPE(BFLOAT16);
}

const char *onnx_dims(arena *mem, const onnx_tensor *t) {
  str text = {0};
  for (int i = 0; i < t->rank; i++)
    str_printf(&text, "%s%lld", i ? ", " : "", (long long)t->dim[i]);
  const char *result = arena_printf(mem, "[%s]", text.data ? text.data : "");
  str_free(&text);
  return result;
}

bool onnx_tensor_new(onnx_import *im, int type, int rank, const int64_t *dim, onnx_tensor *out) {
  if (rank > ONNX_MAX_RANK)
    return onnx_error(im, "a constant with %d dimensions; at most %d are supported", rank, ONNX_MAX_RANK);
  *out = (onnx_tensor){.type = type, .rank = rank, .count = 1};
  for (int i = 0; i < rank; i++) {
    out->dim[i] = dim[i];
    // An empty list is all that an empty tensor is good for.
    if (dim[i] < (rank > 1) || dim[i] > ONNX_MAX_CONSTANTS || out->count * dim[i] > ONNX_MAX_CONSTANTS)
      return onnx_error(im, "a constant with a dimension of %lld: empty, or too many elements", (long long)dim[i]);
    out->count *= dim[i];
  }
  if ((im->constants += out->count) > ONNX_MAX_CONSTANTS)
    return onnx_error(im, "more than %d constant elements", ONNX_MAX_CONSTANTS);
  out->v = arena_new_array(im->mem, double, (size_t)out->count);
  return true;
}

int64_t onnx_tensor_int(const onnx_tensor *t, int64_t i) {
  double v = t->v[i], limit = 9007199254740992.0;
  return v != v ? 0 : v > limit ? (int64_t)limit : v < -limit ? -(int64_t)limit : (int64_t)v;
}

static double half_to_double(uint16_t h) {
  int exponent = h >> 10 & 31, fraction = h & 1023;
  double v = exponent == 0    ? ldexp(fraction, -24)
             : exponent == 31 ? (fraction ? NAN : INFINITY)
                              : ldexp(1024 + fraction, exponent - 25);
  return h >> 15 ? -v : v;
}

static double load(int type, const uint8_t *p) {
#define LOAD(ctype)                                                                                                    \
  {                                                                                                                    \
    ctype v;                                                                                                           \
    memcpy(&v, p, sizeof v);                                                                                           \
    return (double)v;                                                                                                  \
  }
  switch (type) {
  case TYPE(FLOAT):
    LOAD(float)
  case TYPE(DOUBLE):
    LOAD(double)
  case TYPE(INT8):
    LOAD(int8_t)
  case TYPE(UINT8):
    LOAD(uint8_t)
  case TYPE(BOOL):
    LOAD(uint8_t)
  case TYPE(INT16):
    LOAD(int16_t)
  case TYPE(UINT16):
    LOAD(uint16_t)
  case TYPE(INT32):
    LOAD(int32_t)
  case TYPE(UINT32):
    LOAD(uint32_t)
  case TYPE(INT64):
    LOAD(int64_t)
  case TYPE(UINT64):
    LOAD(uint64_t)
  default: {
    uint16_t h;
    memcpy(&h, p, sizeof h);
    if (type == TYPE(FLOAT16))
      return half_to_double(h);
    float f;
    memcpy(&f, &(uint32_t){(uint32_t)h << 16}, sizeof f); // BFLOAT16
    return f;
  }
  }
#undef LOAD
}

static size_t element_size(int type) {
  switch (type) {
  case TYPE(INT8):
  case TYPE(UINT8):
  case TYPE(BOOL):
    return 1;
  case TYPE(INT16):
  case TYPE(UINT16):
  case TYPE(FLOAT16):
  case TYPE(BFLOAT16):
    return 2;
  case TYPE(FLOAT):
  case TYPE(INT32):
  case TYPE(UINT32):
    return 4;
  case TYPE(DOUBLE):
  case TYPE(INT64):
  case TYPE(UINT64):
    return 8;
  default:
    return 0;
  }
}

// Elements in the typed fields instead of in raw_data.
static size_t typed_count(const Onnx__TensorProto *p, int type) {
  switch (type) {
  case TYPE(FLOAT):
    return p->n_float_data;
  case TYPE(DOUBLE):
    return p->n_double_data;
  case TYPE(INT64):
    return p->n_int64_data;
  case TYPE(UINT32):
  case TYPE(UINT64):
    return p->n_uint64_data;
  default:
    return p->n_int32_data;
  }
}

static double typed(const Onnx__TensorProto *p, int type, int64_t i) {
  switch (type) {
  case TYPE(FLOAT):
    return p->float_data[i];
  case TYPE(DOUBLE):
    return p->double_data[i];
  case TYPE(INT64):
    return (double)p->int64_data[i];
  case TYPE(UINT32):
  case TYPE(UINT64):
    return (double)p->uint64_data[i];
  case TYPE(FLOAT16):
  case TYPE(BFLOAT16): {
    uint16_t h = (uint16_t)p->int32_data[i];
    return load(type, (const uint8_t *)&h);
  }
  default:
    return p->int32_data[i];
  }
}

bool onnx_tensor_read(onnx_import *im, const Onnx__TensorProto *p, onnx_tensor *out) {
  const char *name = onnx_printable(im->mem, p->name);
  size_t size = element_size(p->data_type);
  if (!size)
    return onnx_error(im, "tensor %s: element type %d is not supported", name, p->data_type);
  if (p->n_dims > ONNX_MAX_RANK)
    return onnx_error(im, "tensor %s: %zu dimensions; at most %d are supported", name, p->n_dims, ONNX_MAX_RANK);
  bool external = p->has_data_location && p->data_location == ONNX__TENSOR_PROTO__DATA_LOCATION__EXTERNAL;
  bool raw = external || p->has_raw_data;
  bytes data = {p->raw_data.data, p->raw_data.len};
  if (external && !onnx_external_read(im, p, &data))
    return false;
  // What is there comes first: nothing is allocated for elements that the file does not hold.
  size_t there = raw ? data.size / size : typed_count(p, p->data_type);
  uint64_t count = 1;
  for (size_t i = 0; i < p->n_dims; i++) {
    if (p->dims[i] < 0 || p->dims[i] > ONNX_MAX_CONSTANTS || count * (uint64_t)p->dims[i] > ONNX_MAX_CONSTANTS)
      return onnx_error(im, "tensor %s: dimension %lld is out of bounds", name, (long long)p->dims[i]);
    count *= (uint64_t)p->dims[i];
  }
  if (count != there || (raw && data.size % size))
    return onnx_error(im, "tensor %s: its dimensions say %llu element%s, its data has %zu", name,
                      (unsigned long long)count, plural((size_t)count), there);
  if (!onnx_tensor_new(im, p->data_type, (int)p->n_dims, p->dims, out))
    return false;
  for (int64_t i = 0; i < out->count; i++) {
    out->v[i] = raw ? load(p->data_type, data.data + (size_t)i * size) : typed(p, p->data_type, i);
    if (!isfinite(out->v[i]) && !onnx_is_integer(p->data_type) && out->count > 1)
      return onnx_error(im, "tensor %s: element %lld is not a finite number", name, (long long)i);
  }
  return true;
}
