// SPDX-License-Identifier: Apache-2.0
//
// score_sum: the inner loop of scores: one weight, one image, SCORE_LANES multipliers. Every lane is summed in the same
// order on every instruction set.
#ifndef AXGEN_SCORE_SUM_H
#define AXGEN_SCORE_SUM_H

#include <stddef.h>
#include <stdint.h>

enum { SCORE_LANES = 8 };
// out[m] += sum over i of slope[i] * error[code[base[i]]][m].
typedef void score_sum_fn(size_t count, const uint32_t *base, const float *slope, const uint16_t *code,
                          const float (*error)[SCORE_LANES], double out[SCORE_LANES]);
score_sum_fn *score_sum_choose(void); // this machine's best

#endif
