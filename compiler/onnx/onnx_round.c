// SPDX-License-Identifier: Apache-2.0
//
// ONNX import: codes that are not rounded to the nearest. A network rounds to the nearest, halves up
// (docs/numerics.md): half a code less before it rounds down, and goes into the bias of the layer that makes the codes.
// Where only the sign counts, the bias is the integer that gives it exactly.
#include "compiler/onnx/onnx_internal.h"

#include <math.h>

static bool no_such_rounding(onnx_import *im, const onnx_layer *as, const onnx_layer *l) {
  return onnx_error(
      im,
      "%s (node %s): %s needs a convolution, dense layer or average pool before it that nothing else reads, "
      "not %s",
      as->op_type, as->label, as->sign ? "a sign" : "rounding up or down", l->op_type);
}

// Sums have no bias: an average pool becomes a depthwise convolution, whose weights are all 1 / taps.
static void sums_to_products(onnx_import *im, onnx_layer *l) {
  net_node *n = &l->node;
  size_t channels = (size_t)n->shape.c;
  l->reduction = (int64_t)n->kh * n->kw;
  l->weight = arena_new_array(im->mem, float, channels *(size_t)l->reduction);
  l->bias = arena_new_array(im->mem, double, channels);
  double *scale = arena_new_array(im->mem, double, channels);
  for (size_t c = 0; c < channels; c++) {
    scale[c] = (n->gain ? n->gain[c] : 1) / (double)l->reduction;
    for (int64_t i = 0; i < l->reduction; i++)
      l->weight[(int64_t)c * l->reduction + i] = (float)scale[c];
  }
  n->op = NET_CONV;
  n->groups = n->shape.c;
  n->gain = NULL;
  n->count_pad = false;
  n->weight_scale = scale;
  n->weight_bits = 2;
  n->weight_signed = true;
  n->weight_zero = 0;
  diag_warn(im->d, "%s: %s (node %s) becomes a depthwise convolution: an average pool cannot round up or down",
            im->path, l->op_type, l->label);
}

// The codes that layer i has: its own, or those that it passes on.
static net_quant codes_of(const onnx_import *im, int i) {
  const onnx_layer *l = &im->layers[i];
  while (!l->node.quant.bits && l->role == LAYER_NODE && net_passes(&l->node))
    l = &im->layers[l->node.inputs[0]];
  return l->node.quant;
}

// Single precision's rounding aside.
static double floor_of(double v) { return floor(v + 1e-7 * fmax(1, fabs(v))); }
static double ceil_of(double v) { return -floor_of(-v); }

// What is added to filter f's sum, in units of its products: where a code is a power of two of them the sum is then
// rounded exactly as asked for. half: -0.5 down, 0.5 up, of a code.
static double whole_bias(const onnx_layer *l, int f, double unit, double code, double half) {
  double b = l->bias[f] / unit, step = code / unit / 2;
  return half < 0 ? floor_of(b) - floor(step * (1 + 1e-6)) : ceil_of(b) + ceil(step * (1 - 1e-6)) - 1;
}

static void shift_outputs(onnx_import *im, onnx_layer *l, const onnx_layer *as, double shift) {
  net_node *n = &l->node;
  net_quant in = codes_of(im, n->inputs[0]);
  bool stated = n->weight_scale && in.bits && as->half != 0;
  int32_t *bias = stated ? arena_new_array(im->mem, int32_t, (size_t)n->shape.c) : NULL;
  for (int f = 0; f < n->shape.c; f++) {
    double unit = stated ? in.scale * n->weight_scale[f] : 1;
    if (stated)
      bias[f] =
          (int32_t)clamp64((int64_t)fmin(fmax(whole_bias(l, f, unit, as->node.quant.scale, as->half), -1e18), 1e18),
                           -INT32_MAX, INT32_MAX);
    l->bias[f] += shift;
  }
  l->node.bias = bias;
  l->node.clamp_lo += shift;
  l->node.clamp_hi += shift;
}

// Behind a ReLU no value is below 0, and all have one sign.
static void fix_outputs(onnx_layer *l, double value) {
  for (int64_t i = 0; i < l->node.shape.c * l->reduction; i++)
    l->weight[i] = 0;
  for (int f = 0; f < l->node.shape.c; f++)
    l->bias[f] = value;
}

// Codes 0 and 1 for sums below 0 and others. Sums are integers, of which only the sign counts: with weights whose unit
// is that of the codes, sum + floor(bias) + 1 is at least 1 where sum + bias is at least 0.
static void take_sign(onnx_import *im, onnx_layer *l, const onnx_layer *as) {
  double unit = as->node.quant.scale;
  net_node *n = &l->node;
  net_quant in = codes_of(im, n->inputs[0]);
  bool stated = n->weight_scale && in.bits;
  if (n->clamp_lo >= 0 || n->clamp_hi < 0)
    fix_outputs(l, n->clamp_lo >= 0 ? unit : -unit);
  if (!stated) {
    shift_outputs(im, l, as, unit / 2); // to the nearest of 0 and 1, halves up
  } else {
    double *scale = arena_new_array(im->mem, double, (size_t)n->shape.c), each = unit / in.scale;
    int32_t *bias = arena_new_array(im->mem, int32_t, (size_t)n->shape.c);
    for (int f = 0; f < n->shape.c; f++) {
      double b = l->bias[f] / (in.scale * n->weight_scale[f]);
      b = fmin(fmax(floor_of(b) + 1, -1e9), 1e9);
      for (int64_t i = f * l->reduction; i < (f + 1) * l->reduction; i++)
        l->weight[i] = (float)(round(l->weight[i] / n->weight_scale[f]) * each);
      bias[f] = (int32_t)b;
      l->bias[f] = b * unit;
      scale[f] = each;
    }
    n->weight_scale = scale;
    n->bias = bias;
  }
  n->clamp_lo = 0;
  n->clamp_hi = unit;
}

// Pixels, whose codes are rounded to the nearest, halves up as none is below 0.
static bool round_pixels(onnx_import *im, const onnx_layer *as, double shift) {
  double unit = as->node.quant.scale;
  for (int c = 0; c < im->layers[0].node.shape.c; c++) {
    net_pixels *p = &im->pixels[c];
    p->offset += as->sign ? unit / 2 : shift;
    double lo = p->offset, hi = p->offset + p->scale;
    if (as->sign && fmax(lo, hi) >= 1.5 * unit)
      return onnx_error(im, "%s (node %s): pixels stand for numbers up to %g, of which codes are not only 0 and 1",
                        as->op_type, as->label, fmax(lo, hi) - unit / 2);
  }
  return true;
}

bool onnx_round_as(onnx_import *im, int i, const onnx_layer *as) {
  onnx_layer *l = &im->layers[i];
  // A code itself stays, also where single precision has it a little off.
  double nearly = fmin(ldexp(1, as->node.quant.bits - 22), 0x1p-13);
  double unit = as->node.quant.scale, shift = as->half * unit * (1 - 2 * nearly);
  if (onnx_is(l, NET_INPUT))
    return round_pixels(im, as, shift);
  if (onnx_is(l, NET_MAXPOOL) && onnx_uses(im, l->node.inputs[0]) == 1) { // the greatest is rounded like each
    if (isfinite(l->node.clamp_lo) || isfinite(l->node.clamp_hi))
      return no_such_rounding(im, as, l);
    im->layers[l->node.inputs[0]].node.quant = as->node.quant;
    return onnx_round_as(im, l->node.inputs[0], as);
  }
  if (onnx_is(l, NET_AVGPOOL) && !net_mean_varies(&l->node))
    sums_to_products(im, l);
  if (!onnx_has_weights(l))
    return no_such_rounding(im, as, l);
  if (as->sign)
    take_sign(im, l, as);
  else
    shift_outputs(im, l, as, shift);
  return true;
}
