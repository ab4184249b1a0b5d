// SPDX-License-Identifier: Apache-2.0
#include "compiler/lib/tensor.h"

#include "compiler/lib/lib.h"

enum { CHUNK = 1024 }; // values that are converted at once

// What the values of a node are: codes lo..hi, and for floating point the code that is 0.
typedef struct {
  int32_t lo, hi, zero;
} code_range;

// n values from number `at` on; false where one is no code.
typedef bool read_values(const void *data, size_t at, size_t n, code_range r, int32_t *out);
typedef void write_values(void *data, size_t at, size_t n, code_range r, const int32_t *in);

#define INTEGERS(name, type)                                                                                           \
  static bool read_##name(const void *data, size_t at, size_t n, code_range r, int32_t *out) {                         \
    const type *from = (const type *)data + at;                                                                        \
    int bad = 0;                                                                                                       \
    _Pragma("omp simd reduction(| : bad)") for (size_t i = 0; i < n; i++) {                                            \
      out[i] = 1 * from[i];                                                                                            \
      bad |= (out[i] < r.lo) | (out[i] > r.hi);                                                                        \
    }                                                                                                                  \
    return !bad;                                                                                                       \
  }                                                                                                                    \
  static void write_##name(void *data, size_t at, size_t n, code_range r, const int32_t *in) {                         \
    (void)r;                                                                                                           \
    type *to = (type *)data + at;                                                                                      \
    _Pragma("omp simd") for (size_t i = 0; i < n; i++) to[i] = (type)in[i];                                            \
  }

INTEGERS(u8, uint8_t)
INTEGERS(i8, int8_t)
INTEGERS(i16, int16_t)
INTEGERS(i32, int32_t)

static bool read_f32(const void *data, size_t at, size_t n, code_range r, int32_t *out) {
  const float *from = (const float *)data + at, lo = (float)(r.lo - r.zero), hi = (float)(r.hi - r.zero);
  int bad = 0;
#pragma omp simd reduction(| : bad)
  for (size_t i = 0; i < n; i++) {
    float within = from[i] > hi ? hi : from[i] >= lo ? from[i] : lo; // what is no number is lo
    int32_t code = (int32_t)within;
    bad |= (float)code != from[i];
    out[i] = code + r.zero;
  }
  return !bad;
}

static void write_f32(void *data, size_t at, size_t n, code_range r, const int32_t *in) {
  float *to = (float *)data + at;
#pragma omp simd
  for (size_t i = 0; i < n; i++)
    to[i] = (float)(in[i] - r.zero);
}

typedef struct {
  read_values *read;
  write_values *write;
} type_row;
static const type_row types[] = {
    [AXGEN_U8] = {read_u8, write_u8},    [AXGEN_I8] = {read_i8, write_i8},    [AXGEN_I16] = {read_i16, write_i16},
    [AXGEN_I32] = {read_i32, write_i32}, [AXGEN_F32] = {read_f32, write_f32},
};

bool lib_tensor_check(const axgen_tensor *t, const char *what, diag *d) {
  if (!t || !t->data)
    return lib_given(NULL, what, d);
  return (unsigned)t->type < BASE_COUNT(types) ||
         diag_error(d, "%s: type %d: expected 0 to %d", what, (int)t->type, (int)BASE_COUNT(types) - 1);
}

// n codes to or from places `step` apart.
static void spread(void *out, tensor_type type, size_t at, size_t step, int32_t lowest, const int32_t *codes,
                   size_t n) {
  if (type == CODES8 && step == 1) {
    uint8_t *to = (uint8_t *)out + at;
#pragma omp simd
    for (size_t i = 0; i < n; i++)
      to[i] = (uint8_t)(codes[i] - lowest);
  } else
    for (size_t i = 0; i < n; i++)
      tensor_set(out, type, (int64_t)(at + i * step), lowest, codes[i]);
}

static void collect(const void *in, tensor_type type, size_t at, size_t step, int32_t lowest, int32_t *codes,
                    size_t n) {
  if (type == CODES8 && step == 1) {
    const uint8_t *from = (const uint8_t *)in + at;
#pragma omp simd
    for (size_t i = 0; i < n; i++)
      codes[i] = from[i] + lowest;
  } else
    for (size_t i = 0; i < n; i++)
      codes[i] = tensor_code(in, type, (int64_t)(at + i * step), lowest);
}

// A run of values that lie side by side for the caller, and `step` apart in the engine's image, from `place` on.
typedef struct {
  size_t runs, each, step;
} run_shape;
static run_shape runs_of(const axgen_tensor *t, net_shape s) {
  size_t plane = (size_t)s.h * (size_t)s.w, channels = (size_t)s.c;
  return t->channels_last ? (run_shape){1, plane * channels, 1} : (run_shape){channels, plane, channels};
}

static bool load_image(const axgen_tensor *t, const net_node *n, tensor_type type, size_t image, void *out) {
  run_shape s = runs_of(t, n->shape);
  const code_range r = {n->lo, n->hi, n->quant.zero};
  size_t base = image * (size_t)net_shape_size(n->shape);
  int32_t codes[CHUNK];
  bool ok = true;
  for (size_t run = 0; run < s.runs; run++)
    for (size_t i = 0, m; i < s.each; i += m) {
      m = s.each - i < CHUNK ? s.each - i : CHUNK;
      ok &= types[t->type].read(t->data, base + run * s.each + i, m, r, codes);
      spread(out, type, base + run + i * s.step, s.step, engine_lowest(n), codes, m);
    }
  return ok;
}

bool lib_tensor_load(const axgen_tensor *t, const net_node *node, tensor_type type, size_t count, void *out) {
  int bad = 0;
#pragma omp parallel for reduction(| : bad) if (count > 1)
  for (size_t i = 0; i < count; i++)
    bad |= !load_image(t, node, type, i, out);
  return !bad;
}

void lib_tensor_store(const axgen_tensor *t, const net_node *n, tensor_type type, const void *from, size_t first,
                      size_t count) {
  run_shape s = runs_of(t, n->shape);
  const code_range r = {.zero = type == RAW32 ? 0 : n->quant.zero};
  size_t image = (size_t)net_shape_size(n->shape);
  int32_t codes[CHUNK];
  for (size_t at = 0; at < count; at++)
    for (size_t run = 0; run < s.runs; run++)
      for (size_t i = 0, m; i < s.each; i += m) {
        m = s.each - i < CHUNK ? s.each - i : CHUNK;
        collect(from, type, at * image + run + i * s.step, s.step, engine_lowest(n), codes, m);
        types[t->type].write(t->data, (first + at) * image + run * s.each + i, m, r, codes);
      }
}
