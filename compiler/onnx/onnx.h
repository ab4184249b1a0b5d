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

// An integer network as a model of float32 numbers: pixels, uint8 [N, C, H, W] (or [N, C * H * W], where few columns
// and many channels would be taken for channels last), to logits, float32 [N, outputs]. Its multipliers are exact.
// Reading it again gives a network with the same integers. False (reported) where ONNX cannot say what the network
// does.
typedef enum {
  ONNX_QDQ, // QuantizeLinear and DequantizeLinear; codes of 2 to 7 bits as 8, of 9 to 15 as 16, clamped
  ONNX_QONNX // QONNX's Quant: codes of any number of bits
} onnx_codes_as;
typedef struct {
  bytes file; // in `mem`
  int opset; // of ONNX's own operators
  int widened; // layers whose codes or weights are stated with more bits than they have
} onnx_written;
bool onnx_write(arena *mem, const network *net, onnx_codes_as as, onnx_written *out, diag *d);
// The same to a file, whose name must end in .onnx; with a warning where codes are widened.
bool onnx_write_file(arena *mem, const network *net, onnx_codes_as as, const char *path, onnx_written *out, diag *d);

#endif
