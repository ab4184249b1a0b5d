// SPDX-License-Identifier: Apache-2.0
//
// ONNX import: who reads which layer.
#include "compiler/onnx/onnx_internal.h"

int onnx_reads(const onnx_layer *l, int i) {
  int n = 0;
  for (int j = 0; l->role != LAYER_DEAD && j < l->node.input_count; j++)
    n += l->node.inputs[j] == i;
  return n;
}

int onnx_uses(const onnx_import *im, int i) {
  int n = i == im->output;
  for (size_t k = (size_t)i + 1; k < im->layer_count; k++)
    n += onnx_reads(&im->layers[k], i);
  return n;
}

void onnx_replace(onnx_import *im, int from, int to) {
  im->layers[from].role = LAYER_DEAD;
  if (im->output == from)
    im->output = to;
  for (size_t k = (size_t)from + 1; k < im->layer_count; k++)
    for (int j = 0; j < im->layers[k].node.input_count; j++)
      if (im->layers[k].node.inputs[j] == from)
        im->layers[k].node.inputs[j] = to;
}
