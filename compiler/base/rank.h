// SPDX-License-Identifier: Apache-2.0
//
// rank: how well one series of numbers orders things as another does.
#ifndef AXGEN_RANK_H
#define AXGEN_RANK_H

#include <stddef.h>

// Of pairs that are both finite. -1: the reverse order, 0: none in common, 1: the same. NAN where either is constant or
// there are fewer than two pairs.
double rank_kendall(const double *x, const double *y, size_t count); // tau-b: ties are allowed for
double rank_spearman(const double *x, const double *y, size_t count); // ties share their mean rank
double rank_pearson(const double *x, const double *y, size_t count); // linear correlation

#endif
