// SPDX-License-Identifier: Apache-2.0
#include "compiler/explore/moments.h"
#include "compiler/base/base.h"

#include <string.h>

enum { LANES = 8, PIXELS = 64 /* that are done for all filters: they stay in the level 1 cache */ };
typedef int32_t ints __attribute__((vector_size(4 * LANES)));
typedef double doubles __attribute__((vector_size(8 * LANES)));

// Some filters, a vector of them at a time. Products have statements of their own, so that none is fused with its
// addition.
#define MOMENTS(name, ...)                                                                                             \
  __VA_ARGS__ static void name##_block(const int32_t *x, const int32_t *y, size_t pixels, size_t filters, double *sum, \
                                       double *product) {                                                              \
    size_t f = 0;                                                                                                      \
    for (; f + LANES <= filters; f += LANES) {                                                                         \
      doubles sums, products;                                                                                          \
      memcpy(&sums, sum + f, sizeof sums);                                                                             \
      memcpy(&products, product + f, sizeof products);                                                                 \
      for (size_t p = 0; p < pixels; p++) {                                                                            \
        ints a, b;                                                                                                     \
        memcpy(&a, x + p * filters + f, sizeof a);                                                                     \
        memcpy(&b, y + p * filters + f, sizeof b);                                                                     \
        doubles one = __builtin_convertvector(a, doubles), other = __builtin_convertvector(b, doubles);                \
        sums += one;                                                                                                   \
        one *= other;                                                                                                  \
        products += one;                                                                                               \
      }                                                                                                                \
      memcpy(sum + f, &sums, sizeof sums);                                                                             \
      memcpy(product + f, &products, sizeof products);                                                                 \
    }                                                                                                                  \
    for (; f < filters; f++)                                                                                           \
      for (size_t p = 0; p < pixels; p++) {                                                                            \
        double one = x[p * filters + f], two = y[p * filters + f] * one;                                               \
        sum[f] += one;                                                                                                 \
        product[f] += two;                                                                                             \
      }                                                                                                                \
  }                                                                                                                    \
  static void name(const int32_t *x, const int32_t *y, size_t pixels, size_t filters, double *sum, double *product) {  \
    for (size_t p = 0; p < pixels; p += PIXELS)                                                                        \
      name##_block(x + p * filters, y + p * filters, pixels - p < PIXELS ? pixels - p : PIXELS, filters, sum,          \
                   product);                                                                                           \
  }

MOMENTS(moments_plain, )
#if defined(__x86_64__)
MOMENTS(moments_avx2, __attribute__((target("avx2"))))
MOMENTS(moments_avx512, __attribute__((target("avx512f"))))
#endif

int moments_sets(moments_fn *out[MOMENTS_SETS]) {
  int count = 0;
  out[count++] = moments_plain;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2"))
    out[count++] = moments_avx2;
  if (__builtin_cpu_supports("avx512f"))
    out[count++] = moments_avx512;
#endif
  return count;
}

void moments_add(const int32_t *x, const int32_t *y, size_t pixels, size_t filters, double *sum, double *product) {
  moments_fn *sets[MOMENTS_SETS];
  int count = moments_sets(sets);
  sets[count - 1](x, y, pixels, filters, sum, product);
}
