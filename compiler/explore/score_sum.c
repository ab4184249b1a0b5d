// SPDX-License-Identifier: Apache-2.0
#include "compiler/explore/score_sum.h"
#include "compiler/base/base.h"

#include <string.h>

// One loop for each width of vectors, in floats. CHAINS sums that do not wait for one another.
#define SCORE_SUM(name, width, target)                                                                                 \
  target static void name(size_t count, const uint32_t *base, const float *slope, const uint16_t *code,                \
                          const float(*error)[SCORE_LANES], double out[SCORE_LANES]) {                                 \
    typedef float vector __attribute__((vector_size((width) * sizeof(float))));                                        \
    enum { PARTS = SCORE_LANES / (width), CHAINS = 4 };                                                                \
    vector sum[CHAINS * PARTS] = {{0}};                                                                                \
    float all[CHAINS][SCORE_LANES];                                                                                    \
    size_t i = 0;                                                                                                      \
    for (; i + CHAINS <= count; i += CHAINS)                                                                           \
      UNROLLED for (int k = 0; k < CHAINS * PARTS; k++) {                                                              \
        vector of;                                                                                                     \
        memcpy(&of, error[code[base[i + k / PARTS]]] + k % PARTS * (width), sizeof of);                                \
        sum[k] += slope[i + k / PARTS] * of;                                                                           \
      }                                                                                                                \
    memcpy(all, sum, sizeof all);                                                                                      \
    for (; i < count; i++)                                                                                             \
      for (int m = 0; m < SCORE_LANES; m++)                                                                            \
        all[0][m] += slope[i] * error[code[base[i]]][m];                                                               \
    for (int m = 0; m < SCORE_LANES; m++)                                                                              \
      out[m] += (double)all[0][m] + all[1][m] + all[2][m] + all[3][m];                                                 \
  }

SCORE_SUM(sum_any, 4, )
#ifdef __x86_64__
SCORE_SUM(sum_avx2, 8, __attribute__((target("avx2"))))

score_sum_fn *score_sum_choose(void) { return __builtin_cpu_supports("avx2") ? sum_avx2 : sum_any; }
#else
score_sum_fn *score_sum_choose(void) { return sum_any; }
#endif
