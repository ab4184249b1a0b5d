// SPDX-License-Identifier: Apache-2.0
//
// ONNX export, shared by the onnx_export*.c files only: an integer network becomes a model whose real numbers are codes
// times scales. All scales are single precision, as ONNX has them.
#ifndef AXGEN_ONNX_EXPORT_H
#define AXGEN_ONNX_EXPORT_H

#include "compiler/onnx/onnx.h"
#include "compiler/onnx/onnx_build.h"

typedef struct {
  onnx_build b;
  arena *mem;
  const network *net;
  diag *d;
  bool qonnx;
  double *scale; // [net->count] of each node's codes
  const char **value; // [net->count] the tensor that holds them: codes, or real numbers that stand for them (qonnx)
  bool *read; // [net->count] a DequantizeLinear with that scale is there
  bool *flat; // [net->count] the tensor is [N, F], not [N, C, H, W]
} onnx_export;

static inline double onnx_single(double v) { return (double)(float)v; }
// With the bits that the model states codes with: ONNX has types of 8 and 16 bits, QONNX codes of any number of bits.
static inline net_quant onnx_export_stated(const onnx_export *e, net_quant q) {
  q.bits = e->qonnx ? q.bits : q.bits <= 8 ? 8 : 16;
  return q;
}

// ---- onnx_export_scale.c: scales that give back the network's multipliers ------------------------------------------
// Of node `i`'s weights: [F], with scale_in * scale_w / scale_out = m / 2^shift; of accumulators that are the output,
// the network's own.
bool onnx_export_weight_scales(const onnx_export *e, int i, double *out);
// With which scale `i`, an addition or average pool, reads its input: out[input] of an addition, out[channel] of a pool
// (all equal where one does for all). The input's own where requantisation then has the network's multipliers.
bool onnx_export_read_scales(const onnx_export *e, int i, double *out);
// What pixels become: code = pixel * factor[c] + offset[c], by ONNX's arithmetic the network's codes; a warning where
// some cannot be had.
void onnx_export_pixels(const onnx_export *e, double *factor, double *offset);
// Does the input's clamp cut codes off that the model can state?
bool onnx_export_input_clamps(const onnx_export *e);

#endif
