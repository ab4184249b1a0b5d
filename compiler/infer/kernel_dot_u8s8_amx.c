// SPDX-License-Identifier: Apache-2.0
//
// Unsigned by signed bytes with AMX tiles: 16 filters by 64 factors times 64 factors by 16 pixels an instruction.
#include "compiler/infer/kernel_x86.h"

typedef struct {
  uint8_t palette, start_row, reserved[14];
  uint16_t row_bytes[16];
  uint8_t rows[16];
} tile_config;

static const tile_config full = {
    .palette = 1, .row_bytes = {64, 64, 64, 64, 64, 64, 64, 64}, .rows = {16, 16, 16, 16, 16, 16, 16, 16}};

TARGET_AMX static void shift_all(const dot_args *a) {
  for (int i = 0; i < a->block * PANEL; i += 16) {
    __m512i v = _mm512_loadu_si512(a->acc + i);
    _mm512_storeu_si512(a->acc + i, _mm512_slli_epi32(v, (unsigned)a->shift));
  }
}

// Tiles 0..3: sums of 16 filters by 16 pixels; 4, 5: filters; 6, 7: pixels.
enum { ROW = PANEL * UNIT_BYTES, TILE = 16 * 64 };

TARGET_AMX static void run_16(const dot_args *a) {
  const uint8_t *panel = a->panel, *weights = a->weights;
  _tile_zero(0);
  _tile_zero(1);
  if (a->shift >= 0) {
    _tile_loadd(0, a->acc, ROW);
    _tile_loadd(1, a->acc + 16, ROW);
  }
  for (int u = 0; u < a->units; u += 16, panel += 16 * ROW, weights += TILE) {
    _tile_loadd(4, weights, 64);
    _tile_loadd(6, panel, ROW);
    _tile_loadd(7, panel + 64, ROW);
    _tile_dpbsud(0, 4, 6);
    _tile_dpbsud(1, 4, 7);
  }
  _tile_stored(0, a->acc, ROW);
  _tile_stored(1, a->acc + 16, ROW);
}

TARGET_AMX static void run_32(const dot_args *a) {
  const uint8_t *panel = a->panel, *weights = a->weights;
  int32_t *lower = a->acc + 16 * PANEL;
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  if (a->shift >= 0) {
    _tile_loadd(0, a->acc, ROW);
    _tile_loadd(1, a->acc + 16, ROW);
    _tile_loadd(2, lower, ROW);
    _tile_loadd(3, lower + 16, ROW);
  }
  for (int u = 0; u < a->units; u += 16, panel += 16 * ROW, weights += 2 * TILE) {
    _tile_loadd(4, weights, 64);
    _tile_loadd(6, panel, ROW);
    _tile_dpbsud(0, 4, 6);
    _tile_loadd(7, panel + 64, ROW);
    _tile_dpbsud(1, 4, 7);
    _tile_loadd(5, weights + TILE, 64);
    _tile_dpbsud(2, 5, 6);
    _tile_dpbsud(3, 5, 7);
  }
  _tile_stored(0, a->acc, ROW);
  _tile_stored(1, a->acc + 16, ROW);
  _tile_stored(2, lower, ROW);
  _tile_stored(3, lower + 16, ROW);
}

TARGET_AMX void dot_u8s8_amx(const dot_args *a) {
  if (a->shift > 0)
    shift_all(a);
  _tile_loadconfig(&full);
  if (a->block == 16)
    run_16(a);
  else
    run_32(a);
  _tile_release();
}
