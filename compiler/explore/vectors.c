// SPDX-License-Identifier: Apache-2.0
#include "compiler/explore/vectors.h"
#include "compiler/base/base.h"

#include <string.h>

// Four sums of 16 lanes, then pairwise: an order that every instruction set can keep. Products have statements of their
// own, so that none is fused with its addition.
typedef float lanes __attribute__((vector_size(4 * VECTOR_LANES), may_alias));
typedef float eight __attribute__((vector_size(32), may_alias));
typedef float four __attribute__((vector_size(16)));
typedef double wide __attribute__((vector_size(64)));
enum { MOST_AT_ONCE = 4 };

// The bodies of one instruction set; so many dots at once have all their sums in registers.
#define BODIES(name, at_once, ...)                                                                                     \
  __VA_ARGS__ static inline float name##_total(const lanes *v) {                                                       \
    eight half[2];                                                                                                     \
    memcpy(half, v, sizeof half);                                                                                      \
    eight sum = half[0] + half[1];                                                                                     \
    four quarter[2];                                                                                                   \
    memcpy(quarter, &sum, sizeof quarter);                                                                             \
    four last = quarter[0] + quarter[1];                                                                               \
    return (last[0] + last[2]) + (last[1] + last[3]);                                                                  \
  }                                                                                                                    \
  __VA_ARGS__ static inline __attribute__((always_inline)) void name##_some_dots(                                      \
      const float *x, const float *y, size_t stride, const int count, int n, float *out) {                             \
    const lanes *a = (const lanes *)(const void *)x;                                                                   \
    lanes sum[MOST_AT_ONCE][4] = {{{0}}};                                                                              \
    int i = 0;                                                                                                         \
    for (; i + 4 <= n / VECTOR_LANES; i += 4)                                                                          \
      UNROLLED for (int k = 0; k < 4; k++) {                                                                           \
        UNROLLED for (int at = 0; at < count; at++) {                                                                  \
          const lanes *b = (const lanes *)(const void *)(y + (size_t)at * stride);                                     \
          lanes product = a[i + k] * b[i + k];                                                                         \
          sum[at][k] += product;                                                                                       \
        }                                                                                                              \
      }                                                                                                                \
    for (; i < n / VECTOR_LANES; i++)                                                                                  \
      UNROLLED for (int at = 0; at < count; at++) {                                                                    \
        const lanes *b = (const lanes *)(const void *)(y + (size_t)at * stride);                                       \
        lanes product = a[i] * b[i];                                                                                   \
        sum[at][0] += product;                                                                                         \
      }                                                                                                                \
    UNROLLED for (int at = 0; at < count; at++) {                                                                      \
      lanes all = (sum[at][0] + sum[at][1]) + (sum[at][2] + sum[at][3]);                                               \
      out[at] = name##_total(&all);                                                                                    \
    }                                                                                                                  \
  }                                                                                                                    \
  __VA_ARGS__ static void name##_dots(const float *x, const float *y, size_t stride, int count, int n, float *out) {   \
    int at = 0;                                                                                                        \
    for (; at + (at_once) <= count; at += (at_once))                                                                   \
      name##_some_dots(x, y + (size_t)at * stride, stride, (at_once), n, out + at);                                    \
    for (; at < count; at++)                                                                                           \
      name##_some_dots(x, y + (size_t)at * stride, stride, 1, n, out + at);                                            \
  }                                                                                                                    \
  __VA_ARGS__ static void name##_add(float *x, const float *y, float factor, int n) {                                  \
    lanes *a = (lanes *)(void *)x;                                                                                     \
    const lanes *b = (const lanes *)(const void *)y;                                                                   \
    for (int i = 0; i < n / VECTOR_LANES; i++) {                                                                       \
      lanes product = b[i] * factor;                                                                                   \
      a[i] += product;                                                                                                 \
    }                                                                                                                  \
  }                                                                                                                    \
  __VA_ARGS__ static void name##_center(float *x, int n) {                                                             \
    lanes *a = (lanes *)(void *)x;                                                                                     \
    const eight *b = (const eight *)(const void *)x;                                                                   \
    wide sum[2] = {{0}};                                                                                               \
    for (int i = 0; i < n / VECTOR_LANES; i++)                                                                         \
      UNROLLED for (int k = 0; k < 2; k++) sum[k] += __builtin_convertvector(b[2 * i + k], wide);                      \
    wide all = sum[0] + sum[1];                                                                                        \
    float mean = (float)((((all[0] + all[4]) + (all[2] + all[6])) + ((all[1] + all[5]) + (all[3] + all[7]))) / n);     \
    for (int i = 0; i < n / VECTOR_LANES; i++)                                                                         \
      a[i] -= mean;                                                                                                    \
  }

BODIES(plain, 1, )
#if defined(__x86_64__)
BODIES(avx2, 1, __attribute__((target("avx2"))))
BODIES(avx512, MOST_AT_ONCE, __attribute__((target("avx512f"))))
#define PICK(what)                                                                                                     \
  (__builtin_cpu_supports("avx512f") ? avx512_##what : __builtin_cpu_supports("avx2") ? avx2_##what : plain_##what)
#else
#define PICK(what) plain_##what
#endif

int vector_sets(vector_set out[VECTOR_SETS]) {
  int count = 0;
  out[count++] = (vector_set){"scalar", plain_dots, plain_add, plain_center};
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2"))
    out[count++] = (vector_set){"avx2", avx2_dots, avx2_add, avx2_center};
  if (__builtin_cpu_supports("avx512f"))
    out[count++] = (vector_set){"avx512", avx512_dots, avx512_add, avx512_center};
#endif
  return count;
}

void vector_dots(const float *x, const float *y, size_t stride, int count, int n, float *out) {
  PICK(dots)(x, y, stride, count, n, out);
}

float vector_dot(const float *x, const float *y, int n) {
  float out;
  vector_dots(x, y, 0, 1, n, &out);
  return out;
}

void vector_add(float *x, const float *y, float factor, int n) { PICK(add)(x, y, factor, n); }

void vector_center(float *x, int n) { PICK(center)(x, n); }
