// SPDX-License-Identifier: Apache-2.0
#include "compiler/explore/product.h"
#include "compiler/base/base.h"

#include <string.h>

// One loop for each width of vectors, in doubles.
#define PRODUCT(name, width, target)                                                                                   \
  target static void name(size_t count, const double *a, const double *b, double out[PRODUCT_ROWS][PRODUCT_COLUMNS]) { \
    typedef double vector __attribute__((vector_size((width) * sizeof(double))));                                      \
    enum { PARTS = PRODUCT_COLUMNS / (width) };                                                                        \
    vector sum[PRODUCT_ROWS * PARTS] = {{0}};                                                                          \
    for (size_t k = 0; k < count; k++, a += PRODUCT_ROWS, b += PRODUCT_COLUMNS) {                                      \
      UNROLLED for (int i = 0; i < PRODUCT_ROWS * PARTS; i++) {                                                        \
        vector right;                                                                                                  \
        memcpy(&right, b + i % PARTS * (width), sizeof right);                                                         \
        sum[i] += a[i / PARTS] * right;                                                                                \
      }                                                                                                                \
    }                                                                                                                  \
    memcpy(out, sum, sizeof sum);                                                                                      \
  }

PRODUCT(product_any, 2, )
#ifdef __x86_64__
PRODUCT(product_avx2, 4, __attribute__((target("avx2"))))
PRODUCT(product_avx512, 8, __attribute__((target("avx512f"))))

product_fn *product_choose(void) {
  return __builtin_cpu_supports("avx512f") ? product_avx512
         : __builtin_cpu_supports("avx2")  ? product_avx2
                                           : product_any;
}
#else
product_fn *product_choose(void) { return product_any; }
#endif
