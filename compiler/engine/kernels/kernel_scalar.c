// SPDX-License-Identifier: Apache-2.0
//
// The kernels in plain C: what the others are compared with, and what a machine without AVX2 runs.
#include "compiler/engine/kernels/kernel.h"

#include <string.h>

static bool supported(void) { return true; }

static uint32_t started(const dot_args *a, const int32_t *sum) { return a->shift < 0 ? 0 : (uint32_t)*sum << a->shift; }

static void dot8(const dot_args *a) {
  const int8_t(*w)[TILE][4] = a->weights;
  for (int t = 0; t < a->tiles; t++, w += a->runs * a->run_units)
    for (int p = 0; p < a->pixels; p++)
      for (int f = 0; f < TILE; f++) {
        int32_t *at = a->sums + (size_t)p * a->stride + (size_t)(t * TILE + f);
        uint32_t sum = started(a, at);
        for (int r = 0; r < a->runs; r++)
          for (int i = 0; i < 4 * a->run_units; i++)
            sum += (uint32_t)(a->in[(size_t)p * a->pixel_bytes + a->run[r] + (size_t)i] *
                              w[r * a->run_units + i / 4][f][i % 4]);
        *at = (int32_t)sum;
      }
}

static void dot16(const dot_args *a) {
  const int16_t(*w)[TILE][2] = a->weights;
  for (int t = 0; t < a->tiles; t++, w += a->runs * a->run_units)
    for (int p = 0; p < a->pixels; p++)
      for (int f = 0; f < TILE; f++) {
        int32_t *at = a->sums + (size_t)p * a->stride + (size_t)(t * TILE + f);
        uint32_t sum = started(a, at);
        for (int r = 0; r < a->runs; r++) {
          const int16_t *in = (const int16_t *)(const void *)(a->in + (size_t)p * a->pixel_bytes + a->run[r]);
          for (int i = 0; i < 2 * a->run_units; i++)
            sum += (uint32_t)(in[i] * w[r * a->run_units + i / 2][f][i % 2]);
        }
        *at = (int32_t)sum;
      }
}

static void depthwise(const depthwise_args *a) {
  size_t whole = (size_t)(a->channels + TILE - 1) / TILE * TILE;
  for (int p = 0; p < a->pixels; p++)
    for (size_t c = 0; c < (size_t)a->channels; c++) {
      int32_t *at = a->sums + (size_t)p * whole + c;
      uint32_t sum = a->shift < 0 ? 0 : (uint32_t)*at << a->shift;
      for (int t = 0; t < a->taps; t++)
        sum += (uint32_t)(a->in[(size_t)p * a->step + a->tap[t] + c] *
                          a->weights[((size_t)(t / 2) * whole + c) * 2 + (size_t)(t % 2)]);
      *at = (int32_t)sum;
    }
}

static void depthwise16(const depthwise16_args *a) {
  size_t whole = (size_t)(a->channels + TILE - 1) / TILE * TILE;
  for (int p = 0; p < a->pixels; p++)
    for (size_t c = 0; c < (size_t)a->channels; c++) {
      int64_t sum = 0;
      for (int t = 0; t < a->taps; t++)
        sum += a->in[(size_t)p * a->step + a->tap[t] + c] *
               a->weights[((size_t)(t / 2) * whole + c) * 2 + (size_t)(t % 2)];
      a->sums[(size_t)p * whole + c] = sum;
    }
}

enum { LANES = 16 };

static void rows(const rows_args *a) {
  const uint16_t *row = a->row;
  for (size_t i = 0; i < a->pixels; i++)
    for (int j = 0; j < a->rows; j++, row++)
      for (int l = 0; l < LANES; l++)
        a->acc[a->pixel[i] * LANES + (size_t)l] += ((const uint16_t *)(const void *)(a->table + *row * 8))[l];
}

static void widen(const widen_args *a) {
  for (size_t i = 0; i < a->pixels * LANES; i++) {
    a->wide[i] = (int32_t)((a->first ? 0 : (uint32_t)a->wide[i]) + a->acc[i]);
    a->acc[i] = a->next ? a->next[i % LANES] : 0;
  }
}

static void expand(const uint16_t *const *columns, int tables, int count, uint16_t *out) {
  for (int r = 0; r < count; r++)
    for (int l = 0; l < tables * LANES; l++)
      *out++ = columns[l][r];
}

static void row_tally(const row_source *s, uint32_t *tally) {
  for (size_t i = 0; i < s->pixels; i++) {
    int n = 0;
    for (int c = 0; c < ROW_CHANNELS; c++)
      n += (s->channels >> c & 1) && s->classes[i * s->pixel_bytes + (size_t)c];
    tally[n]++;
  }
}

static void row_list(const row_source *s, uint32_t first, row_cursor *to) {
  for (size_t i = 0; i < s->pixels; i++) {
    uint16_t row[ROW_CHANNELS] = {0};
    int n = 0;
    for (int c = 0; c < ROW_CHANNELS; c++) {
      int class = s->channels >> c & 1 ? s->classes[i * s->pixel_bytes + (size_t)c] : 0;
      if (class)
        row[n++] = (uint16_t)((class << s->class_shift) + (c << s->channel_shift));
    }
    *to->pixel[n]++ = first + (uint32_t)i;
    memcpy(to->row[n], row, (size_t)n * sizeof *row);
    to->row[n] += n;
  }
}

void kernel_lookup_u16_scalar(const uint8_t *index, const size_t *at, const uint8_t *const *columns, int count,
                              int32_t *sums) {
  for (int k = 0; k < count; k++)
    for (int p = 0; p < LOOKUP_PANEL; p++) {
      const uint8_t *c = columns[k] + index[at[k] + (size_t)p];
      sums[p] = (int32_t)((uint32_t)sums[p] + (c[0] | (uint32_t)c[256] << 8));
    }
}

static void requantise(const requantise_args *a, uint8_t *out) {
  for (int p = 0; p < a->pixels; p++)
    for (int f = 0; f < a->filters; f++) {
      uint32_t sum = (uint32_t)a->sums[(size_t)p * a->stride + (size_t)f] + (uint32_t)a->start[f];
      sum += a->common ? (uint32_t)a->common[(size_t)p * a->common_stride] : 0;
      int64_t y = (((int64_t)(int32_t)sum * a->mult[f] + ((int64_t)1 << (a->shift - 1))) >> a->shift) + a->zero;
      out[(size_t)p * a->out_stride + (size_t)f] = (uint8_t)(y < a->lo ? a->lo : y > a->hi ? a->hi : y);
    }
}

void kernel_map_u8_scalar(uint8_t *dst, const uint8_t *src, size_t n, const uint8_t *table) {
  for (size_t i = 0; i < n; i++)
    dst[i] = table[src[i]];
}

void kernel_map_u16_scalar(uint16_t *dst, const uint8_t *src, size_t n, const uint16_t *table) {
  for (size_t i = 0; i < n; i++)
    dst[i] = table[src[i]];
}

static void interleave8(uint8_t *dst, const uint8_t *src, size_t plane, int channels, size_t pixels) {
  for (size_t p = 0; p < pixels; p++)
    for (int c = 0; c < channels; c++)
      *dst++ = src[(size_t)c * plane + p];
}

static void planes8(uint8_t *dst, size_t plane, const uint8_t *src, size_t stride, size_t pixels) {
  for (size_t c = 0; c < TILE; c++)
    for (size_t p = 0; p < pixels; p++)
      dst[c * plane + p] = src[p * stride + c];
}

void kernel_spread_u8_scalar(uint8_t *dst, size_t dst_stride, const uint8_t *src, size_t src_stride,
                             const uint64_t *set, int channels, int pixels) {
  for (int p = 0; p < pixels; p++) {
    const uint8_t *from = src + (size_t)p * src_stride;
    for (int c = 0; c < channels; c++)
      if (set[c / 64] >> c % 64 & 1)
        dst[(size_t)p * dst_stride + (size_t)c] = *from++;
  }
}

// What the window's pixel at (row, column) has in channel c, for output p.
static uint8_t seen(const window_args *a, int p, int row, int column, int c) {
  return a->in[(size_t)p * a->step + (size_t)row * a->row_bytes + (size_t)(column * a->channels + c)];
}

static void max8(const window_args *a, uint8_t lo, uint8_t hi, uint8_t *out) {
  for (int p = 0; p < a->pixels; p++)
    for (int c = 0; c < a->channels; c++) {
      uint8_t most = lo;
      for (int y = 0; y < a->rows; y++)
        for (int x = 0; x < a->columns; x++)
          most = seen(a, p, y, x, c) > most ? seen(a, p, y, x, c) : most;
      *out++ = most > hi ? hi : most;
    }
}

static void sum8(const window_args *a, int32_t *sums, size_t stride) {
  for (int p = 0; p < a->pixels; p++)
    for (int c = 0; c < a->channels; c++) {
      int32_t sum = 0;
      for (int y = 0; y < a->rows; y++)
        for (int x = 0; x < a->columns; x++)
          sum += seen(a, p, y, x, c);
      sums[(size_t)p * stride + (size_t)c] = sum;
    }
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
    .dot8 = {dot8, 1 << 20, false, 0.7},
    .dot16 = {dot16, 1 << 20, false, 0.5},
    .terms_most = 6,
    .depthwise = depthwise,
    .depthwise_rate = 0.7,
    .depthwise16 = depthwise16,
    .rows = {{rows, widen, expand, LANES, 0.06}},
    .row_tally = row_tally,
    .row_list = row_list,
    .lookup = kernel_lookup_u16_scalar,
    .lookup_rate = 0.7,
    .requantise = requantise,
    .map8 = kernel_map_u8_scalar,
    .map16 = kernel_map_u16_scalar,
    .interleave8 = interleave8,
    .planes8 = planes8,
    .spread8 = kernel_spread_u8_scalar,
    .max8 = max8,
    .sum8 = sum8,
    .add8 = add8,
};
