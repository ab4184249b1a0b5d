// SPDX-License-Identifier: Apache-2.0
//
// Tensors of callers, of any type and layout, from and to the engine's: [image][row][column][channel] of offset codes.
#ifndef AXGEN_LIB_TENSOR_H
#define AXGEN_LIB_TENSOR_H

#include "compiler/engine/engine_parts.h"
#include "include/axgen.h"

// Whether its type and layout are known, or an error.
bool lib_tensor_check(const axgen_tensor *t, const char *what, diag *d);
// Images [0, count) of node's output, offset codes of `type`. False where a value is none of its codes lo..hi.
bool lib_tensor_load(const axgen_tensor *t, const net_node *node, tensor_type type, size_t count, void *out);
// Images [first, first + count) from the engine's tensor, which begins with image `first`.
void lib_tensor_store(const axgen_tensor *t, const net_node *node, tensor_type type, const void *from, size_t first,
                      size_t count);

#endif
