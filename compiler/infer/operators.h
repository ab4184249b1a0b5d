// SPDX-License-Identifier: Apache-2.0
//
// Inside infer: what running and ranges know of each operator.
#ifndef AXGEN_INFER_OPERATORS_H
#define AXGEN_INFER_OPERATORS_H

#include "compiler/infer/infer.h"

typedef struct {
  // Fills values[node] from its inputs' values: the definition of the operator. NULL: the input.
  void (*run)(const infer_model *m, int node, int32_t **values);
  infer_codes (*codes)(const network *net, const net_node *n); // infer_code_range
  infer_range (*range)(infer_ranges *known, const infer_model *m, int node); // infer_ranges_node
} infer_operator;
extern const infer_operator infer_operators[NET_OPS];

// ref.c
void ref_conv(const infer_model *m, int node, int32_t **values); // dense too
// accumulate.c: the accumulator of filter f under a window (as ref_conv gathers it), of a node with approximate adders.
// lanes: room for a word's products.
int64_t ref_accumulate(const infer_model *m, int node, int f, const int32_t *window, uint64_t *lanes);
void ref_pool(const infer_model *m, int node, int32_t **values);
void ref_add(const infer_model *m, int node, int32_t **values);
void ref_concat(const infer_model *m, int node, int32_t **values);
void ref_pad(const infer_model *m, int node, int32_t **values);
// range.c: the clamp; that of the inputs; and that with the zero code
infer_codes range_clamp(const network *net, const net_node *n);
infer_codes range_inputs(const network *net, const net_node *n);
infer_codes range_padded(const network *net, const net_node *n);
infer_range range_none(infer_ranges *known, const infer_model *m, int node);
infer_range range_conv(infer_ranges *known, const infer_model *m, int node);
infer_range range_avgpool(infer_ranges *known, const infer_model *m, int node);
infer_range range_add(infer_ranges *known, const infer_model *m, int node);

#endif
