// SPDX-License-Identifier: Apache-2.0
//
// What the x86 kernels share.
#ifndef AXGEN_KERNEL_X86_H
#define AXGEN_KERNEL_X86_H

#include "compiler/base/base.h"
#include "compiler/engine/kernels/kernel.h"

#include <immintrin.h>
#include <string.h>

#define TARGET_AVX2 __attribute__((target("avx2,bmi,bmi2,popcnt")))
#define TARGET_AVX512 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,avx512vbmi2,avx512vnni")))
#define TARGET_AMX __attribute__((target("avx512f,avx512bw,avx512vl,amx-tile,amx-int8")))

// A function that takes vectors must not be called: its caller's registers would stay wide, which the SSE code that the
// engine consists of pays for dearly.
#define INLINED inline __attribute__((always_inline))

// A unit wherever it lies.
static inline int32_t unit_at(const uint8_t *p) {
  int32_t v;
  memcpy(&v, p, sizeof v);
  return v;
}

static inline uint64_t low_bits(size_t n) { return n >= 64 ? ~(uint64_t)0 : ((uint64_t)1 << n) - 1; }

// kernel_dot_*.c
void kernel_dot_u8s8_avx512vnni(const dot_args *a);
void kernel_dot_s16_avx512vnni(const dot_args *a);
void kernel_dot_s16_avx2(const dot_args *a);
void kernel_dot_u8s8_amx(const dot_args *a);
// kernel_depthwise_*.c
void kernel_depthwise_avx512vnni(const depthwise_args *a);
void kernel_depthwise_avx2(const depthwise_args *a);
void kernel_depthwise_s16_avx2(const depthwise16_args *);
// kernel_layout_avx2.c
void kernel_interleave_u8_avx2(uint8_t *dst, const uint8_t *src, size_t plane, int channels, size_t pixels);
void kernel_planes_u8_avx2(uint8_t *dst, size_t plane, const uint8_t *src, size_t stride, size_t pixels);
// kernel_rows_*.c, kernel_expand_*.c: rows of 32 and 16 filters
void kernel_rows_u16_avx512(const rows_args *a);
void kernel_widen_u16_avx512(const widen_args *a);
void kernel_rows_32_u16_avx2(const rows_args *a);
void kernel_widen_32_u16_avx2(const widen_args *a);
void kernel_rows_16_u16_avx2(const rows_args *a);
void kernel_widen_16_u16_avx2(const widen_args *a);
void kernel_expand_32_avx512(const uint16_t *const *columns, int tables, int rows, uint16_t *out);
void kernel_expand_32_avx2(const uint16_t *const *columns, int tables, int rows, uint16_t *out);
void kernel_expand_16_avx2(const uint16_t *const *columns, int tables, int rows, uint16_t *out);
// kernel_list_*.c
void kernel_row_tally_avx512(const row_source *s, uint32_t *tally);
void kernel_row_list_avx512(const row_source *s, uint32_t first, row_cursor *to);
void kernel_row_tally_avx2(const row_source *s, uint32_t *tally);
void kernel_row_list_avx2(const row_source *s, uint32_t first, row_cursor *to);
// kernel_lookup_*.c
void kernel_lookup_u16_avx512vbmi(const uint8_t *index, const size_t *at, const uint8_t *const *columns, int count,
                                  int32_t *sums);
// kernel_requantise_*.c
void kernel_requantise_avx512(const requantise_args *a, uint8_t *out);
void kernel_requantise_avx2(const requantise_args *a, uint8_t *out);
// kernel_codes_*.c
void kernel_map_u8_avx512vbmi(uint8_t *dst, const uint8_t *src, size_t n, const uint8_t *table);
void kernel_map_u16_avx512vbmi(uint16_t *dst, const uint8_t *src, size_t n, const uint16_t *table);
void kernel_max_u8_avx512(const window_args *a, uint8_t lo, uint8_t hi, uint8_t *out);
void kernel_sum_u8_avx512(const window_args *a, int32_t *sums, size_t stride);
void kernel_spread_u8_avx512vbmi(uint8_t *dst, size_t dst_stride, const uint8_t *src, size_t src_stride,
                                 const uint64_t *set, int channels, int pixels);
void kernel_add_u8_avx512(uint8_t *dst, const uint8_t *a, const uint8_t *b, size_t n, const add_args *args);
void kernel_max_u8_avx2(const window_args *a, uint8_t lo, uint8_t hi, uint8_t *out);
void kernel_sum_u8_avx2(const window_args *a, int32_t *sums, size_t stride);
void kernel_add_u8_avx2(uint8_t *dst, const uint8_t *a, const uint8_t *b, size_t n, const add_args *args);

#endif
