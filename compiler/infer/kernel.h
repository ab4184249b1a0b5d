// SPDX-License-Identifier: Apache-2.0
//
// The engine's inner loops: one struct of function pointers per instruction set, all with the same results bit for
// bit. The scalar ones are the definition. A set lacks what it has no better way for: kernels_choose fills such
// entries from the next lower set.
//
// Codes are kept as *offset codes*, code - net_quant_lo: unsigned and in the same order, so that a maximum is a
// maximum and a table is indexed by them, whatever the scheme. One byte up to 8 bits, two above.
//
// A convolution reads its input as *units*, 4 bytes each: four 8-bit factors of four channels, or two 16-bit ones of
// two. Expanded tables take units of 8 bytes: four row offsets. The pixels of one unit lie side by side.
#ifndef AXGEN_KERNEL_H
#define AXGEN_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  PANEL = 32, // pixels that a dot product kernel works on
  LOOKUP_PANEL = 64,
  COLUMN_BYTES = 512,
  ROW_PIXELS = 4096, // that an expanded table is used for, if there are so many
  PANEL_SLACK = 64, // bytes that packing may write or read past a buffer's end
  BLOCK_MAX = 32, // filters of a block, at most
  UNIT_BYTES = 4, // of a dot product's unit
  ROW_UNIT_BYTES = 8, // of an expanded table's
  ROW_BYTES_MAX = 64, // of a row of an expanded table
};

// acc[f][p] = (acc[f][p] << shift) + sum over units u and the factors in a unit of panel[u][p] * weights[u][f];
// modulo 2^32. shift < 0: starts from 0. `units` is a multiple of the kernel's group.
// weights: [units / group][block][group]; panel: [units][PANEL].
typedef struct {
  const void *panel, *weights;
  int32_t *acc; // [block][PANEL]
  int units, block, shift;
} dot_args;

// One kind of dot product.
typedef struct {
  void (*run)(const dot_args *);
  int group; // units whose weights of one filter lie side by side
  int block; // most filters in a block
  int block_step; // a block has a multiple of this many filters
  double rate; // multiplications a cycle, roughly: what plans are weighed by
} dot_kernel;

// Copies of up to 16 neighbouring units from each of `units` places in staged planes into a panel.
typedef struct {
  const uint8_t *planes;
  const size_t *offset; // [units] bytes
  int units;
  int count, longest; // copies; units of the longest
  struct {
    size_t from, to; // bytes
  } copy[PANEL];
} pack_args;

// Pixels in rows: `images` times `height` rows of `width` units.
typedef struct {
  size_t image_stride, row_stride; // in units
  int images, height, width;
} pixel_grid;

// acc[p][lane] += sum over the 4 * units rows that pixel p's offsets name; modulo 2^16. Then, with wide, wide[p][lane]
// += acc[p][lane] (unsigned) and acc[p][lane] = 0. table: 4 * units tables of table_bytes each. index[u]: unit u's
// first pixel.
enum { ROW_UNITS_MAX = 4 };
typedef struct {
  const uint8_t *index[ROW_UNITS_MAX];
  int units;
  pixel_grid grid;
  const uint8_t *table;
  size_t table_bytes;
  uint16_t *acc; // [pixels][lanes]
  int32_t *wide;
} rows_args;

typedef struct {
  void (*run)(const rows_args *);
  // One of four interleaved tables: out[row][0][lane] = columns[lane][row], out being [rows][4][lanes].
  void (*expand)(const uint16_t *const *columns, int rows, uint16_t *out);
  int lanes; // filters in a row
  double rate; // rows a cycle, roughly
} row_kernel;

// Requantisation of `filters` rows of PANEL accumulators to offset codes, and of raw ones.
typedef struct {
  const int32_t *acc; // [filters][PANEL]
  const int32_t *common; // [PANEL], added to each; or NULL
  const int32_t *start; // [filters], added to each pixel
  const uint16_t *mult; // [filters]
  int filters, shift;
  int32_t zero, lo, hi; // all in offset codes
} requantise_args;

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
  void (*pack)(const pack_args *, uint8_t *panel); // [units][PANEL]
  int terms_most; // of 8-bit factors worth looking for
  row_kernel rows[2]; // from wide to narrow rows; the second may be absent
  // sums[p] += sum over k < count of the 16-bit column[k][index[k][p]], p < LOOKUP_PANEL; modulo 2^32. A column is 256
  // low bytes, then 256 high bytes.
  void (*lookup)(const uint8_t *index, const uint8_t *const *columns, int count, int32_t *sums);
  double lookup_rate;
  // out[filters][PANEL]
  void (*requantise)(const requantise_args *, uint8_t *out);
  // dst[i] = table[src[i]]
  void (*map8)(uint8_t *dst, const uint8_t *src, size_t n, const uint8_t *table);
  void (*map16)(uint16_t *dst, const uint8_t *src, size_t n, const uint16_t *table);
  // dst[i] = {src[0][i * step], src[1][i * step] ...}
  void (*weave8)(uint8_t *dst, const uint8_t *const src[4], int step, size_t n);
  void (*weave16)(uint16_t *dst, const uint16_t *const src[4], int step, size_t n); // four
  void (*weave16_2)(uint16_t *dst, const uint16_t *const src[2], int step, size_t n); // two
  // dst[i] = max(dst[i], src[i * step])
  void (*max8)(uint8_t *dst, const uint8_t *src, int step, size_t n);
  // dst[i] = clamp(((a[i] * ma + b[i] * mb + constant) >> shift) + zero, lo, hi)
  void (*add8)(uint8_t *dst, const uint8_t *a, const uint8_t *b, size_t n, const add_args *args);
} kernels;

// Plain C that other sets use too.
void lookup_u16_scalar(const uint8_t *index, const uint8_t *const *columns, int count, int32_t *sums);
void map_u8_scalar(uint8_t *dst, const uint8_t *src, size_t n, const uint8_t *table);
void map_u16_scalar(uint16_t *dst, const uint8_t *src, size_t n, const uint16_t *table);

extern const kernels kernels_scalar, kernels_avx2, kernels_avx512, kernels_amx;
// The best set that this machine runs, or the one that AXGEN_ISA names (an unknown or unsupported one is ignored with a
// warning on stderr).
const kernels *kernels_choose(void);
// The same by name; NULL: unknown or not supported here.
const kernels *kernels_named(const char *name);

#endif
