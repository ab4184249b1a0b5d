// SPDX-License-Identifier: Apache-2.0
//
// The engine's inner loops: one struct of function pointers per instruction set, all with the same results bit for
// bit. The scalar ones are the definition. A set names the scalar function, or
// a lower set's, where it has no better way, and leaves out a dot product that it has no exact instruction for.
//
// Codes are kept as *offset codes*, code - net_quant_lo: unsigned and in the same order, so that a maximum is a
// maximum and a table is indexed by them, whatever the scheme. One byte up to 8 bits, two above.
//
// Tensors are channel by channel within a pixel, pixel by pixel within a row: one row of a convolution's kernel reads a
// *run* of neighbouring bytes. Dot products take them in *units* of four bytes (four 8-bit factors or two of 16
// bits) and filters in *tiles* of 16; sums are [pixel][filter].
#ifndef AXGEN_KERNEL_H
#define AXGEN_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  PANEL = 32, // pixels; dot product kernels may compute whole panels
  TILE = 16, // filters
  LOOKUP_PANEL = 64,
  COLUMN_BYTES = 512,
  ROW_PIXELS = 8192, // that an expanded table is used for, if there are so many
  PANEL_SLACK = 64, // bytes that kernels may write or read past a buffer's end
  UNIT_BYTES = 4,
  ROW_CHANNELS = 16, // channels whose rows a pixel adds at once, at most
  ROW_LANES_MAX = 32, // filters in a row, at most
};

// sums[p][f] = (sums[p][f] << shift) + sum over the runs' units u and the factors in a unit of in[p][u] *
// weights[u][f]; modulo 2^32. shift < 0: starts from 0. Pixels are computed in whole
// panels: those after the last one, up to a multiple of PANEL, are read and overwritten.
typedef struct {
  const uint8_t *in; // the first pixel
  size_t pixel_bytes; // from one pixel to the next
  int pixels;
  const size_t *run; // [runs] where they begin, in bytes from the pixel
  int runs, run_units;
  const void *weights; // [tiles][runs][run_units][TILE] units
  int tiles, shift;
  int32_t *sums; // [pixels][stride]
  size_t stride;
} dot_args;

// One kind of dot product.
typedef struct {
  void (*run)(const dot_args *);
  int run_units; // of a run, at most
  bool whole_runs; // shorter ones take as long
  double rate; // multiplications a cycle, roughly: what plans are weighed by
} dot_kernel;

// A channel's own kernel: sums[p][c] = (sums[p][c] << shift) + sum over the taps t of in[p * step + tap[t] + c] *
// weights[t / 2][c][t % 2]; modulo 2^32. shift < 0: starts from 0. Channels are filled up to whole tiles.
typedef struct {
  const uint8_t *in; // where the first pixel's window begins
  size_t step; // bytes from one window to the next
  int pixels, channels;
  const size_t *tap; // [taps] in bytes from the window's begin; an even number
  int taps, shift;
  const int16_t *weights; // [taps / 2][channels in whole tiles][2]
  int32_t *sums; // [pixels][channels in whole tiles]
} depthwise_args;

// The same of 16-bit codes, in 64 bits, from 0: `step` and `tap` count codes; weights are more than -32768.
typedef struct {
  const int16_t *in;
  size_t step;
  int pixels, channels;
  const size_t *tap;
  int taps;
  const int16_t *weights;
  int64_t *sums;
} depthwise16_args;

// The classes of `pixels` pixels in up to ROW_CHANNELS channels. Class 0 adds nothing: it is left out of the lists.
typedef struct {
  const uint8_t *classes; // of the first pixel
  size_t pixel_bytes, pixels;
  uint32_t channels; // which of them are meant, as bits
  int class_shift,
      channel_shift; // the row of a channel's class begins at (class << ..) + (channel << ..) eights of bytes
} row_source;

// Where lists are written: one for each number of rows.
typedef struct {
  uint32_t *pixel[ROW_CHANNELS + 1];
  uint16_t *row[ROW_CHANNELS + 1]; // that many for each pixel; up to 32 bytes are written beyond the end
} row_cursor;

// For `pixels` pixels: acc[pixel][lane] += sum over its `rows` rows; modulo 2^16.
typedef struct {
  const uint32_t *pixel;
  const uint16_t *row; // [pixels][rows] begins of rows, in eights of bytes
  size_t pixels;
  int rows;
  const uint8_t *table;
  uint16_t *acc; // [pixel][lanes]
} rows_args;

// wide[p][lane] (+)= acc[p][lane], unsigned; then acc[p][lane] = next[lane].
typedef struct {
  uint16_t *acc;
  int32_t *wide;
  size_t pixels;
  bool first; // nothing is in wide yet
  const uint16_t *next; // or NULL
} widen_args;

typedef struct {
  void (*add)(const rows_args *);
  void (*widen)(const widen_args *);
  // Tables of several channels, interleaved: out[row][table][lane] = columns[table][lane][row].
  void (*expand)(const uint16_t *const *columns, int tables, int rows, uint16_t *out);
  int lanes; // filters in a row
  double rate; // rows a cycle, roughly
} row_kernel;

// Requantisation of sums to offset codes.
typedef struct {
  const int32_t *sums; // [pixels][stride]
  size_t stride;
  const int32_t *common; // one for each pixel, `stride` apart, added to all filters; or NULL
  size_t common_stride;
  const int32_t *start; // [tiles * TILE], added to each pixel
  const uint16_t *mult; // [tiles * TILE]
  int pixels, filters, shift;
  int32_t zero, lo, hi; // all in offset codes
  // 32 bits hold (sum * mult >> 16) + (2^(shift - 1) + zero * 2^shift >> 16), for all sums with `common` and `start`;
  // and shift is more than 16.
  bool narrow;
  size_t out_stride; // bytes from one pixel's codes to the next
} requantise_args;

// Windows of `rows` x `columns` pixels for `pixels` outputs, one beside the other.
typedef struct {
  const uint8_t *in; // where the first one's window begins
  size_t row_bytes, step; // from a row of pixels to the next; from one window to the next
  int rows, columns, channels, pixels;
} window_args;

// Addition of two tensors of offset codes, their zero points and the rounding in `constant`.
typedef struct {
  int32_t ma, mb;
  int64_t constant;
  int shift;
  int32_t zero, lo, hi;
} add_args;

typedef struct kernels {
  const char *name;
  bool (*supported)(void);
  dot_kernel dot8; // unsigned 8-bit activation factors, signed 8-bit weight factors; run NULL: none
  dot_kernel dot16; // signed 16-bit both
  int terms_most; // of 8-bit factors worth looking for
  void (*depthwise)(const depthwise_args *);
  double depthwise_rate; // multiplications a cycle, roughly
  void (*depthwise16)(const depthwise16_args *);
  row_kernel rows[2]; // from wide to narrow rows; the second may be absent
  // tally[how many rows a pixel adds]++ for each pixel; and the same pixels, from number `first` on, at the lists'
  // ends.
  void (*row_tally)(const row_source *, uint32_t *tally);
  void (*row_list)(const row_source *, uint32_t first, row_cursor *);
  // sums[p] += sum over k < count of the 16-bit columns[k][index[at[k] + p]], p < LOOKUP_PANEL; modulo 2^32. A column
  // is 256 low bytes, then 256 high bytes.
  void (*lookup)(const uint8_t *index, const size_t *at, const uint8_t *const *columns, int count, int32_t *sums);
  double lookup_rate;
  // The codes of `filters` filters for each pixel, nothing beside them.
  void (*requantise)(const requantise_args *, uint8_t *out);
  // dst[i] = table[src[i]]
  void (*map8)(uint8_t *dst, const uint8_t *src, size_t n, const uint8_t *table);
  void (*map16)(uint16_t *dst, const uint8_t *src, size_t n, const uint16_t *table);
  // dst[p][c] = src[c][p], p < pixels: planes `plane` elements apart. Writes up to 32 bytes beyond the end.
  void (*interleave8)(uint8_t *dst, const uint8_t *src, size_t plane, int channels, size_t pixels);
  // dst[c][p] = src[p * stride + c] for the TILE channels c; p < pixels, and up to 15 more: planes `plane` bytes apart.
  void (*planes8)(uint8_t *dst, size_t plane, const uint8_t *src, size_t stride, size_t pixels);
  // dst[p * dst_stride + c] = src[p * src_stride + number of set bits below c], for every bit c < channels of `set` (64
  // to a word) that is set; p < pixels.
  void (*spread8)(uint8_t *dst, size_t dst_stride, const uint8_t *src, size_t src_stride, const uint64_t *set,
                  int channels, int pixels);
  // out[p][c] = the largest of the window, between lo and hi. Writes up to 64 bytes beyond the end.
  void (*max8)(const window_args *, uint8_t lo, uint8_t hi, uint8_t *out);
  // sums[p][c] = the window's sum, pixels `stride` apart, a multiple of TILE; what lies beyond the channels is
  // anything.
  void (*sum8)(const window_args *, int32_t *sums, size_t stride);
  // dst[i] = clamp(((a[i] * ma + b[i] * mb + constant) >> shift) + zero, lo, hi)
  void (*add8)(uint8_t *dst, const uint8_t *a, const uint8_t *b, size_t n, const add_args *args);
} kernels;

// Plain C that other sets use too.
void kernel_lookup_u16_scalar(const uint8_t *index, const size_t *at, const uint8_t *const *columns, int count,
                              int32_t *sums);
void kernel_map_u8_scalar(uint8_t *dst, const uint8_t *src, size_t n, const uint8_t *table);
void kernel_map_u16_scalar(uint16_t *dst, const uint8_t *src, size_t n, const uint16_t *table);
void kernel_spread_u8_scalar(uint8_t *dst, size_t dst_stride, const uint8_t *src, size_t src_stride,
                             const uint64_t *set, int channels, int pixels);

extern const kernels kernels_scalar, kernels_avx2, kernels_avx512, kernels_amx;
// The best set that this machine runs, or the one that AXGEN_ISA names (an unknown or unsupported one is ignored with a
// warning on stderr).
const kernels *kernels_choose(void);
// The same by name; NULL: unknown or not supported here.
const kernels *kernels_named(const char *name);

#endif
