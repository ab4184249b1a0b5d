// SPDX-License-Identifier: Apache-2.0
//
// Operand streams: uniform, typical of CNN layers, or from a file. Seeded: the same on every machine.
#include "genlib/measure/measure.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

// ---- realistic -----------------------------------------------------------------------------------------------------
// Activations after ReLU: 45 % zeros, else the magnitude of a normal variate whose standard deviation is 1/4 of the
// largest code. Weights: Laplacian, its scale 1/8 of the largest magnitude (standard deviation 0.177 of it). Both are
// clipped to the range of symmetric quantisation; an unsigned weight has its zero point in the middle.
#define ZERO_ACTIVATIONS 0.45
#define ACTIVATION_SIGMA 0.25
#define WEIGHT_SCALE 0.125

static double normal(rng *r) { // polar method
  double x, y, s;
  do {
    x = 2 * rng_unit(r) - 1, y = 2 * rng_unit(r) - 1;
    s = x * x + y * y;
  } while (s >= 1 || s == 0);
  return x * sqrt(-2 * log(s) / s);
}

static uint16_t activation(rng *r, int bits, bool is_signed) {
  double top = (1 << (bits - is_signed)) - 1, x = rng_unit(r);
  x = x < ZERO_ACTIVATIONS ? 0 : fabs(normal(r)) * ACTIVATION_SIGMA * top;
  return (uint16_t)(fmin(x, top) + 0.5);
}

static uint16_t weight(rng *r, int bits, bool is_signed) {
  double top = (1 << (bits - 1)) - 1, u = rng_unit(r) - 0.5, x = -log(1 - 2 * fabs(u)) * WEIGHT_SCALE * top;
  int code = (int)(fmin(x, top) + 0.5);
  code = (u < 0 ? -code : code) + (is_signed ? 0 : 1 << (bits - 1));
  return (uint16_t)(code & ((1 << bits) - 1));
}

// ---- files ---------------------------------------------------------------------------------------------------------
typedef struct {
  const char *path, *text, *at;
  int line;
  diag *d;
} reader;

static bool wrong(const reader *r, const char *line, const char *what, long lo, long hi) {
  return diag_at(r->d, (src_pos){r->path, r->line, (int)(r->at - line) + 1, r->text},
                 "%s was expected, a number %ld..%ld", what, lo, hi);
}

static bool number(reader *r, const char *line, const char *what, long lo, long hi, uint16_t *code) {
  char *end;
  r->at += strspn(r->at, " \t,;");
  errno = 0;
  long v = strtol(r->at, &end, 10);
  if (end == r->at || errno || v < lo || v > hi || strchr("\n\r\t ,;#", *end) == NULL)
    return wrong(r, line, what, lo, hi);
  *code = (uint16_t)(v & 0xffff);
  r->at = end;
  return true;
}

// A pair `a b` of values a line; `#` starts a comment.
static bool read_pairs(arena *mem, mul_sig sig, const char *path, size_t most, measure_stream *out, diag *d) {
  bytes file;
  if (!file_read(mem, path, 256 << 20, &file, d))
    return false;
  uint16_t *a = NULL, *b = NULL;
  size_t cap_a = 0, cap_b = 0;
  reader r = {path, (const char *)file.data, (const char *)file.data, 0, d};
  while (*r.at && (!most || out->count < most)) {
    const char *line = r.at;
    r.line++;
    r.at += strspn(r.at, " \t\r");
    if (*r.at && *r.at != '\n' && *r.at != '#') {
      arena_grow(mem, a, out->count, cap_a);
      arena_grow(mem, b, out->count, cap_b);
      if (!number(&r, line, "operand a", mul_a_min(sig), mul_a_max(sig), &a[out->count]) ||
          !number(&r, line, "operand b", mul_b_min(sig), mul_b_max(sig), &b[out->count]))
        return false;
      a[out->count] &= (uint16_t)((1u << sig.a_bits) - 1), b[out->count] &= (uint16_t)((1u << sig.b_bits) - 1);
      out->count++;
      r.at += strspn(r.at, " \t\r");
      if (*r.at && *r.at != '\n' && *r.at != '#')
        return diag_at(d, (src_pos){path, r.line, (int)(r.at - line) + 1, r.text}, "the end of the line was expected");
    }
    r.at += strcspn(r.at, "\n");
    r.at += *r.at == '\n';
  }
  assert((a && b) || !out->count);
  out->a = a, out->b = b;
  return out->count >= 2 || diag_error(d, "%s: two pairs of operands at least were expected", path);
}

bool measure_operands(arena *mem, mul_sig sig, const char *operands, int hold, size_t operations, measure_stream *out,
                      diag *d) {
  bool uniform = strcmp(operands, "uniform") == 0, realistic = strcmp(operands, "realistic") == 0;
  *out = (measure_stream){.operands = operands, .hold = hold};
  if (hold < 1)
    return diag_error(d, "b can be held for one operation at least, not %d", hold);
  size_t most = operations ? operations + 1 : 0; // the first pair only sets the state
  if (!uniform && !realistic) {
    if (!file_read(mem, operands, 256 << 20, &(bytes){0}, d)) {
      diag_note(d, "operands are `uniform`, `realistic` or a text file with a pair `a b` on each line");
      return false;
    }
    if (!read_pairs(mem, sig, operands, most, out, d))
      return false;
  } else {
    out->count = most ? most : MEASURE_OPERATIONS + 1;
    uint16_t *a = arena_new_array(mem, uint16_t, out->count), *b = arena_new_array(mem, uint16_t, out->count);
    rng ra = rng_seed(11), rb = rng_seed(12);
    for (size_t i = 0; i < out->count; i++) {
      a[i] = uniform ? (uint16_t)rng_below(&ra, 1u << sig.a_bits) : activation(&ra, sig.a_bits, sig.a_signed);
      b[i] = uniform ? (uint16_t)rng_below(&rb, 1u << sig.b_bits) : weight(&rb, sig.b_bits, sig.b_signed);
    }
    out->a = a, out->b = b;
  }
  uint16_t *held = arena_new_array(mem, uint16_t, out->count);
  for (size_t i = 0; i < out->count; i++)
    held[i] = uniform || realistic ? out->b[i / (size_t)hold] : out->b[i - i % (size_t)hold];
  out->b = held;
  return true;
}
