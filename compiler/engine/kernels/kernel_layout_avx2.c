// SPDX-License-Identifier: Apache-2.0
//
// Between planes (a channel's pixels side by side) and pixels (a pixel's channels side by side): transpositions in
// blocks of eight pixels.
#include "compiler/engine/kernels/kernel_x86.h"

#include <string.h>

TARGET_AVX2 static inline __m128i load(const void *p) { return _mm_loadu_si128((const __m128i *)p); }
TARGET_AVX2 static inline __m128i load_8(const void *p) { return _mm_loadl_epi64((const __m128i *)p); }
TARGET_AVX2 static inline void store(void *p, __m128i v) { _mm_storeu_si128((__m128i *)p, v); }

// Up to 16 channels of up to eight pixels; 16 bytes are written for each.
TARGET_AVX2 static inline void pixels_u8(uint8_t *dst, size_t pixel_bytes, const uint8_t *src, size_t plane,
                                         int channels, int pixels) {
  __m128i a[16], b[16];
  UNROLLED for (int c = 0; c < 16; c++) a[c] = c < channels ? load_8(src + (size_t)c * plane) : _mm_setzero_si128();
  UNROLLED for (int i = 0; i < 8; i++) b[i] = _mm_unpacklo_epi8(a[i], a[i + 8]);
  UNROLLED for (int i = 0; i < 4; i++) {
    a[i] = _mm_unpacklo_epi8(b[i], b[i + 4]);
    a[i + 4] = _mm_unpackhi_epi8(b[i], b[i + 4]);
  }
  UNROLLED for (int h = 0; h < 2; h++) {
    UNROLLED for (int i = 0; i < 2; i++) {
      b[4 * h + i] = _mm_unpacklo_epi8(a[4 * h + i], a[4 * h + i + 2]);
      b[4 * h + i + 2] = _mm_unpackhi_epi8(a[4 * h + i], a[4 * h + i + 2]);
    }
  }
  UNROLLED for (int i = 0; i < 4; i++) {
    a[2 * i] = _mm_unpacklo_epi8(b[2 * i], b[2 * i + 1]);
    a[2 * i + 1] = _mm_unpackhi_epi8(b[2 * i], b[2 * i + 1]);
  }
  if (pixels >= 8) {
    UNROLLED for (int p = 0; p < 8; p++) store(dst + (size_t)p * pixel_bytes, a[p]);
  } else
    for (int p = 0; p < pixels; p++)
      store(dst + (size_t)p * pixel_bytes, a[p]);
}

// What is written beyond a pixel's channels belongs to the next pixels: it is written before them. So the last channels
// come first.
TARGET_AVX2 void kernel_interleave_u8_avx2(uint8_t *dst, const uint8_t *src, size_t plane, int channels,
                                           size_t pixels) {
  int rest = channels % 16, whole = channels - rest;
  for (size_t p = 0; p < pixels; p += 8) {
    int n = pixels - p < 8 ? (int)(pixels - p) : 8;
    uint8_t *to = dst + p * (size_t)channels;
    if (rest)
      pixels_u8(to + whole, (size_t)channels, src + (size_t)whole * plane + p, plane, rest, n);
    for (int c = 0; c < whole; c += 16)
      pixels_u8(to + c, (size_t)channels, src + (size_t)c * plane + p, plane, 16, n);
  }
}

// Sixteen channels of eight pixels.
TARGET_AVX2 static inline void planes_8x16(uint8_t *dst, size_t plane, const uint8_t *src, size_t stride) {
  __m128i a[8], b[8];
  UNROLLED for (int i = 0; i < 4; i++) {
    __m128i x = load(src + (size_t)i * stride), y = load(src + (size_t)(i + 4) * stride);
    b[i] = _mm_unpacklo_epi8(x, y);
    b[i + 4] = _mm_unpackhi_epi8(x, y);
  }
  UNROLLED for (int h = 0; h < 2; h++) {
    UNROLLED for (int i = 0; i < 2; i++) {
      a[4 * h + i] = _mm_unpacklo_epi8(b[4 * h + i], b[4 * h + i + 2]);
      a[4 * h + i + 2] = _mm_unpackhi_epi8(b[4 * h + i], b[4 * h + i + 2]);
    }
  }
  UNROLLED for (int i = 0; i < 4; i++) {
    __m128i v[2] = {_mm_unpacklo_epi8(a[2 * i], a[2 * i + 1]), _mm_unpackhi_epi8(a[2 * i], a[2 * i + 1])};
    UNROLLED for (int j = 0; j < 2; j++) {
      uint8_t *to = dst + (size_t)(4 * i + 2 * j) * plane;
      _mm_storel_epi64((__m128i *)(void *)to, v[j]);
      _mm_storel_epi64((__m128i *)(void *)(to + plane), _mm_unpackhi_epi64(v[j], v[j]));
    }
  }
}

TARGET_AVX2 void kernel_planes_u8_avx2(uint8_t *dst, size_t plane, const uint8_t *src, size_t stride, size_t pixels) {
  for (size_t p = 0; p < pixels; p += 8)
    planes_8x16(dst + p, plane, src + p * stride, stride);
}
