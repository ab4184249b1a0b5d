// SPDX-License-Identifier: Apache-2.0
//
// legal: the nearest assignment that a folding can hold: few weights get another multiplier.
#ifndef AXGEN_DATAFLOW_LEGAL_H
#define AXGEN_DATAFLOW_LEGAL_H

#include "compiler/target/dataflow/classes.h"

// Moves what n's assignment wants into (pe, simd): filters are grouped onto PEs and channels onto lanes, and each
// position takes the multiplier that most of its weights want (of equals the one that errs least). The groups are found
// by turns, filters and channels, from two beginnings; with one multiplier a filter that is the least possible. What
// fits stays as it is. Deterministic. Returns how many weights get another multiplier.
int64_t legal_layer(arena *mem, const network *net, const net_node *n, const mul *const *muls, const assignment *a,
                    int pe, int simd, assignment *out);

// What target.h's `nearest` says, for the folding of a node.
int64_t dataflow_nearest(arena *mem, const config *cfg, int node, const assignment *a, assignment *out);

// Members to groups of `each`, so that the sum of gain[member][group] is greatest.
void legal_balance(const int64_t *gain, int members, int groups, int *group_of);

#endif
