// SPDX-License-Identifier: Apache-2.0
//
// The kernels in plain C: what the others are compared with, and what a machine without AVX2 runs.
#include "compiler/infer/kernel.h"

#include <string.h>

static bool supported(void) { return true; }

static uint32_t started(const dot_args *a, int at) { return a->shift < 0 ? 0 : (uint32_t)a->acc[at] << a->shift; }

static void dot8(const dot_args *a) {
  const uint8_t(*panel)[PANEL][4] = a->panel;
  const int8_t(*weights)[4] = a->weights;
  for (int f = 0; f < a->block; f++)
    for (int p = 0; p < PANEL; p++) {
      uint32_t sum = started(a, f * PANEL + p);
      for (int u = 0; u < a->units; u++) {
        const int8_t *w = weights[u * a->block + f];
        for (int j = 0; j < 4; j++)
          sum += (uint32_t)(panel[u][p][j] * w[j]);
      }
      a->acc[f * PANEL + p] = (int32_t)sum;
    }
}

static void dot16(const dot_args *a) {
  const int16_t(*panel)[PANEL][2] = a->panel;
  const int16_t(*weights)[2] = a->weights;
  for (int f = 0; f < a->block; f++)
    for (int p = 0; p < PANEL; p++) {
      uint32_t sum = started(a, f * PANEL + p);
      for (int u = 0; u < a->units; u++) {
        const int16_t *w = weights[u * a->block + f];
        sum += (uint32_t)(panel[u][p][0] * w[0]) + (uint32_t)(panel[u][p][1] * w[1]);
      }
      a->acc[f * PANEL + p] = (int32_t)sum;
    }
}

// Copies go beyond their end: the next one overwrites that.
static void pack(const pack_args *a, uint8_t *to) {
  for (int u = 0; u < a->units; u++, to += PANEL * UNIT_BYTES)
    for (int i = 0; i < a->count; i++)
      memcpy(to + a->copy[i].to, a->planes + a->offset[u] + a->copy[i].from, 16 * UNIT_BYTES);
}

enum { LANES = 16 };

static void rows(const rows_args *a) {
  size_t pixel = 0;
  for (int i = 0; i < a->grid.images; i++)
    for (int y = 0; y < a->grid.height; y++)
      for (int x = 0; x < a->grid.width; x++, pixel++) {
        uint16_t *acc = a->acc + pixel * LANES;
        const uint8_t *table = a->table;
        for (int u = 0; u < a->units; u++, table += a->table_bytes) {
          size_t unit = (size_t)i * a->grid.image_stride + (size_t)y * a->grid.row_stride + (size_t)x;
          uint16_t offset[4];
          memcpy(offset, a->index[u] + unit * ROW_UNIT_BYTES, sizeof offset);
          for (int j = 0; j < 4; j++)
            for (int l = 0; l < LANES; l++)
              acc[l] += ((const uint16_t *)(const void *)(table + offset[j]))[j * LANES + l];
        }
        for (int l = 0; a->wide && l < LANES; l++) {
          a->wide[pixel * LANES + l] = (int32_t)((uint32_t)a->wide[pixel * LANES + l] + acc[l]);
          acc[l] = 0;
        }
      }
}

static void expand(const uint16_t *const *columns, int count, uint16_t *out) {
  for (int r = 0; r < count; r++, out += 3 * LANES)
    for (int l = 0; l < LANES; l++)
      *out++ = columns[l][r];
}

void lookup_u16_scalar(const uint8_t *index, const uint8_t *const *columns, int count, int32_t *sums) {
  for (int k = 0; k < count; k++)
    for (int p = 0; p < LOOKUP_PANEL; p++) {
      const uint8_t *c = columns[k] + index[k * LOOKUP_PANEL + p];
      sums[p] = (int32_t)((uint32_t)sums[p] + (c[0] | (uint32_t)c[256] << 8));
    }
}

static void requantise(const requantise_args *a, uint8_t *out) {
  for (int f = 0; f < a->filters; f++)
    for (int p = 0; p < PANEL; p++) {
      uint32_t acc = (uint32_t)a->acc[f * PANEL + p] + (uint32_t)a->start[f];
      acc += a->common ? (uint32_t)a->common[p] : 0;
      int64_t y = (((int64_t)(int32_t)acc * a->mult[f] + ((int64_t)1 << (a->shift - 1))) >> a->shift) + a->zero;
      out[f * PANEL + p] = (uint8_t)(y < a->lo ? a->lo : y > a->hi ? a->hi : y);
    }
}

void map_u8_scalar(uint8_t *dst, const uint8_t *src, size_t n, const uint8_t *table) {
  for (size_t i = 0; i < n; i++)
    dst[i] = table[src[i]];
}

void map_u16_scalar(uint16_t *dst, const uint8_t *src, size_t n, const uint16_t *table) {
  for (size_t i = 0; i < n; i++)
    dst[i] = table[src[i]];
}

static void weave8(uint8_t *dst, const uint8_t *const src[4], int step, size_t n) {
  for (size_t i = 0; i < n; i++)
    for (int j = 0; j < 4; j++)
      dst[4 * i + (size_t)j] = src[j][i * (size_t)step];
}

static void weave16(uint16_t *dst, const uint16_t *const src[4], int step, size_t n) {
  for (size_t i = 0; i < n; i++)
    for (int j = 0; j < 4; j++)
      dst[4 * i + (size_t)j] = src[j][i * (size_t)step];
}

static void weave16_2(uint16_t *dst, const uint16_t *const src[2], int step, size_t n) {
  for (size_t i = 0; i < n; i++)
    for (int j = 0; j < 2; j++)
      dst[2 * i + (size_t)j] = src[j][i * (size_t)step];
}

static void max8(uint8_t *dst, const uint8_t *src, int step, size_t n) {
  for (size_t i = 0; i < n; i++)
    dst[i] = src[i * (size_t)step] > dst[i] ? src[i * (size_t)step] : dst[i];
}

static void add8(uint8_t *dst, const uint8_t *a, const uint8_t *b, size_t n, const add_args *args) {
  for (size_t i = 0; i < n; i++) {
    int64_t sum = (int64_t)a[i] * args->ma + (int64_t)b[i] * args->mb + args->constant;
    int64_t y = (sum >> args->shift) + args->zero;
    dst[i] = (uint8_t)(y < args->lo ? args->lo : y > args->hi ? args->hi : y);
  }
}

const kernels kernels_scalar = {
    .name = "scalar",
    .supported = supported,
    .dot8 = {dot8, 1, 16, 1, 0.7},
    .dot16 = {dot16, 1, 16, 1, 0.5},
    .terms_most = 6,
    .pack = pack,
    .rows = {{rows, expand, LANES, 0.06}},
    .lookup = lookup_u16_scalar,
    .lookup_rate = 0.7,
    .requantise = requantise,
    .map8 = map_u8_scalar,
    .map16 = map_u16_scalar,
    .weave8 = weave8,
    .weave16 = weave16,
    .weave16_2 = weave16_2,
    .max8 = max8,
    .add8 = add8,
};
