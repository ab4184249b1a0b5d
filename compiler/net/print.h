// SPDX-License-Identifier: Apache-2.0
//
// print: what the table and the graph of a network say about a node, as text.
#ifndef AXGEN_NET_PRINT_H
#define AXGEN_NET_PRINT_H

#include "compiler/net/net.h"

enum { NET_TEXT = 40 };
void net_put_count(char out[NET_TEXT], int64_t v); // 12238848 as 12,238,848
// These expect `out` to be an empty text, and leave it so where there is nothing to say.
void net_put_window(const net_node *n, char out[NET_TEXT]); // 3x3 /2 pad 1
void net_put_activation(const net_node *n, char out[NET_TEXT]); // relu, relu6, [lo, hi]
// `w s8, out s8+3 *0.0312`: weights signed 8 bits; real = 0.0312 * (code - 3).
void net_put_integers(const network *net, const net_node *n, char out[NET_TEXT]);

#endif
