// SPDX-License-Identifier: Apache-2.0
//
// product: the inner loop of matrix products in double precision. Every element is summed in the order of k, one
// rounding a multiplication and one an addition, so the result is the same on every instruction set.
#ifndef AXGEN_PRODUCT_H
#define AXGEN_PRODUCT_H

#include <stddef.h>

// A left matrix is cut into panels of PRODUCT_ROWS rows, [k][PRODUCT_ROWS]; a right one into panels of PRODUCT_COLUMNS
// columns, [k][PRODUCT_COLUMNS]; what is missing at their ends is 0.
enum { PRODUCT_ROWS = 4, PRODUCT_COLUMNS = 8 };

// out[r][c] = sum over k of a[k][r] * b[k][c].
typedef void product_fn(size_t count, const double *a, const double *b, double out[PRODUCT_ROWS][PRODUCT_COLUMNS]);
product_fn *product_choose(void); // this machine's best

#endif
