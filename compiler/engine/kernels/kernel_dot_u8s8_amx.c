// SPDX-License-Identifier: Apache-2.0
//
// Unsigned by signed bytes with AMX tiles: 16 pixels by 64 factors times 64 factors by 16 filters an instruction.
// Pixels are read where they lie: a tile's rows may be any distance apart.
#include "compiler/engine/kernels/kernel_x86.h"

typedef struct {
  uint8_t palette, start_row, reserved[14];
  uint16_t row_bytes[16];
  uint8_t rows[16];
} tile_config;

// Tiles 0..3: sums of 16 pixels by 16 filters; 4, 5: pixels; 6, 7: filters.
TARGET_AMX static void configure(int units) {
  tile_config c = {.palette = 1};
  for (int i = 0; i < 8; i++) {
    c.rows[i] = (uint8_t)(i < 6 ? 16 : units);
    c.row_bytes[i] = (uint16_t)(i == 4 || i == 5 ? 4 * units : 64);
  }
  _tile_loadconfig(&c);
}

TARGET_AMX static void shift_all(const dot_args *a) {
  for (int p = 0; p < a->pixels; p++)
    for (int t = 0; t < a->tiles; t++) {
      int32_t *at = a->sums + (size_t)p * a->stride + (size_t)(t * TILE);
      _mm512_storeu_si512(at, _mm512_slli_epi32(_mm512_loadu_si512(at), (unsigned)a->shift));
    }
}

// 16 or 32 pixels from `pixel` on by one or two tiles of filters.
TARGET_AMX static INLINED void block(const dot_args *a, int pixel, int tile, const bool two_pixels,
                                     const bool two_filters) {
  size_t unit = (size_t)a->run_units * 64, whole = unit * (size_t)a->runs, line = a->stride * sizeof(int32_t);
  const uint8_t *weights = (const uint8_t *)a->weights + (size_t)tile * whole,
                *in = a->in + (size_t)pixel * a->pixel_bytes;
  int32_t *sums = a->sums + (size_t)pixel * a->stride + tile * TILE, *lower = sums + 16 * a->stride;
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  if (a->shift >= 0) {
    _tile_loadd(0, sums, line);
    if (two_filters)
      _tile_loadd(1, sums + TILE, line);
    if (two_pixels)
      _tile_loadd(2, lower, line);
    if (two_pixels && two_filters)
      _tile_loadd(3, lower + TILE, line);
  }
  for (int r = 0; r < a->runs; r++, weights += unit) {
    _tile_loadd(4, in + a->run[r], a->pixel_bytes);
    _tile_loadd(6, weights, 64);
    _tile_dpbusd(0, 4, 6);
    if (two_filters) {
      _tile_loadd(7, weights + whole, 64);
      _tile_dpbusd(1, 4, 7);
    }
    if (two_pixels) {
      _tile_loadd(5, in + a->run[r] + 16 * a->pixel_bytes, a->pixel_bytes);
      _tile_dpbusd(2, 5, 6);
      if (two_filters)
        _tile_dpbusd(3, 5, 7);
    }
  }
  _tile_stored(0, sums, line);
  if (two_filters)
    _tile_stored(1, sums + TILE, line);
  if (two_pixels)
    _tile_stored(2, lower, line);
  if (two_pixels && two_filters)
    _tile_stored(3, lower + TILE, line);
}

TARGET_AMX void kernel_dot_u8s8_amx(const dot_args *a) {
  if (a->shift > 0)
    shift_all(a);
  if (!a->runs && a->shift >= 0)
    return;
  configure(a->run_units ? a->run_units : 1);
  for (int p = 0; p < a->pixels; p += 32) {
    bool two = a->pixels - p > 16;
    int t = 0;
    for (; t + 2 <= a->tiles; t += 2)
      if (two)
        block(a, p, t, true, true);
      else
        block(a, p, t, false, true);
    if (t < a->tiles) {
      if (two)
        block(a, p, t, true, false);
      else
        block(a, p, t, false, false);
    }
  }
  _tile_release();
}
