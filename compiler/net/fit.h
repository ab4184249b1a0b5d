// SPDX-License-Identifier: Apache-2.0
//
// Whether a multiplier takes a layer's codes.
#ifndef AXGEN_FIT_H
#define AXGEN_FIT_H

#include "compiler/net/net.h"
#include "genlib/genlib.h"

// Whether m's operands have the width and sign of n's activations (a) and weights (b). n multiplies.
bool net_fits(const network *net, const net_node *n, const mul *m);
// The same, with an error at `pos` where they have not. key: what the user calls m; NULL: its name.
bool net_check_fit(const network *net, const net_node *n, const mul *m, const char *key, src_pos pos, diag *d);

#endif
