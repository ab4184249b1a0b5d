// SPDX-License-Identifier: Apache-2.0
#include "compiler/explore/vectors.h"

// Four sums of 16 lanes, then pairwise: an order that every instruction set can keep. Products have statements of their
// own, so that none is fused with its addition.
typedef float lanes __attribute__((vector_size(4 * VECTOR_LANES), may_alias));

static inline float total(const lanes *v) {
  float s[VECTOR_LANES];
  for (int i = 0; i < VECTOR_LANES; i++)
    s[i] = (*v)[i];
  for (int step = VECTOR_LANES / 2; step; step /= 2)
    for (int i = 0; i < step; i++)
      s[i] += s[i + step];
  return s[0];
}

#define BODIES(name, ...)                                                                                              \
  __VA_ARGS__ static float name##_dot(const float *x, const float *y, int n) {                                         \
    const lanes *a = (const lanes *)(const void *)x, *b = (const lanes *)(const void *)y;                              \
    lanes sum[4] = {{0}};                                                                                              \
    int i = 0;                                                                                                         \
    for (; i + 4 <= n / VECTOR_LANES; i += 4)                                                                          \
      for (int k = 0; k < 4; k++) {                                                                                    \
        lanes product = a[i + k] * b[i + k];                                                                           \
        sum[k] += product;                                                                                             \
      }                                                                                                                \
    for (; i < n / VECTOR_LANES; i++) {                                                                                \
      lanes product = a[i] * b[i];                                                                                     \
      sum[0] += product;                                                                                               \
    }                                                                                                                  \
    lanes all = (sum[0] + sum[1]) + (sum[2] + sum[3]);                                                                 \
    return total(&all);                                                                                                \
  }                                                                                                                    \
  __VA_ARGS__ static void name##_add(float *x, const float *y, float factor, int n) {                                  \
    lanes *a = (lanes *)(void *)x;                                                                                     \
    const lanes *b = (const lanes *)(const void *)y;                                                                   \
    for (int i = 0; i < n / VECTOR_LANES; i++) {                                                                       \
      lanes product = b[i] * factor;                                                                                   \
      a[i] += product;                                                                                                 \
    }                                                                                                                  \
  }

BODIES(plain, )
#if defined(__x86_64__)
BODIES(avx2, __attribute__((target("avx2"))))
BODIES(avx512, __attribute__((target("avx512f"))))
#define PICK(what)                                                                                                     \
  (__builtin_cpu_supports("avx512f") ? avx512_##what : __builtin_cpu_supports("avx2") ? avx2_##what : plain_##what)
#else
#define PICK(what) plain_##what
#endif

int vector_sets(vector_set out[VECTOR_SETS]) {
  int count = 0;
  out[count++] = (vector_set){"scalar", plain_dot, plain_add};
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2"))
    out[count++] = (vector_set){"avx2", avx2_dot, avx2_add};
  if (__builtin_cpu_supports("avx512f"))
    out[count++] = (vector_set){"avx512", avx512_dot, avx512_add};
#endif
  return count;
}

float vector_dot(const float *x, const float *y, int n) { return PICK(dot)(x, y, n); }

void vector_add(float *x, const float *y, float factor, int n) { PICK(add)(x, y, factor, n); }

void vector_center(float *x, int n) {
  double sum = 0;
  for (int i = 0; i < n; i++)
    sum += x[i];
  for (int i = 0; i < n; i++)
    x[i] -= (float)(sum / n);
}
