// SPDX-License-Identifier: Apache-2.0
//
// onnx: ONNX models become networks.
#ifndef AXGEN_ONNX_H
#define AXGEN_ONNX_H

#include "compiler/net/net.h"

// Reads a float model into a network without quantisation: constant folding, BatchNormalization folded, Relu/Clip
// fused into their producer, Flatten/Reshape before a dense layer absorbed. Errors name the operator and node, or the
// byte offset; all unsupported operators are listed at once. What the codes of a quantised model (QuantizeLinear and
// so on) are is stated in the nodes' quant, and in weight_scale, weight_bits, weight_signed and weight_zero where
// weight_scale is set; `quantize` keeps to that.
bool onnx_read(arena *mem, const char *path, network **out, diag *d);

// The same, told what the pixels are for the model's input (which the model's own arithmetic may change again):
// `pixels` [channels], one for all where `channels` is 1, not told where it is 0. Then the model must show it: by an
// integer type, by what it does to its input first, else pixel / 255.
typedef struct {
  int channels;
  const net_pixels *pixels;
} onnx_input;
bool onnx_read_as(arena *mem, const char *path, const onnx_input *input, network **out, diag *d);

#endif
