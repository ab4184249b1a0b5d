// SPDX-License-Identifier: Apache-2.0
//
// ONNX import: what the pixels are. Arithmetic with constants right after the input says it (x / 255, x / 127.5 - 1,
// (x - mean) / std); it becomes part of what a pixel stands for, so that it costs nothing and padding stays 0.
#include "compiler/onnx/onnx_internal.h"

#include <math.h>

// The one layer that reads layer i; -1: none or several.
static int only_reader(const onnx_import *im, int i) {
  if (onnx_uses(im, i) != 1 || im->output == i)
    return -1;
  for (size_t k = (size_t)i + 1; k < im->layer_count; k++)
    for (int j = 0; im->layers[k].role != LAYER_DEAD && j < im->layers[k].node.input_count; j++)
      if (im->layers[k].node.inputs[j] == i)
        return (int)k;
  return -1;
}

// The affine layers one after the other after the input, as one: [C] scale and offset; the last of them (0: none).
static int find_head(const onnx_import *im, net_pixels *head) {
  int channels = im->layers[0].node.shape.c, last = 0;
  for (int c = 0; c < channels; c++)
    head[c] = (net_pixels){1, 0};
  for (int i = only_reader(im, 0); i > 0 && im->layers[i].role == LAYER_AFFINE; i = only_reader(im, i)) {
    const onnx_layer *l = &im->layers[i];
    for (int c = 0; c < channels; c++) {
      if (l->scale[c] == 0)
        return last;
      head[c].scale *= l->scale[c];
      head[c].offset = head[c].offset * l->scale[c] + l->shift[c];
    }
    last = i;
  }
  return last;
}

// From the head to the range of the input that makes sense of it. Nobody divides 0..1 by 16 or more, or takes more than
// 2 off it; and what adds 1 so that -1 becomes 0 takes -1..1.
static net_pixels guess_from_head(const net_pixels *head, int channels) {
  bool divides = true, far = true, from_minus_one = true;
  for (int c = 0; c < channels; c++) {
    double zero = -head[c].offset / head[c].scale;
    divides = divides && fabs(head[c].scale) < 1.0 / 16;
    far = far && zero > 2;
    from_minus_one = from_minus_one && fabs(zero + 1) < 1e-3;
  }
  return divides || far ? (net_pixels){255, 0} : from_minus_one ? (net_pixels){2, -1} : (net_pixels){1, 0};
}

// From the codes that a quantised model gives its input. Codes of 8 bits that reach over a usual range are the pixels
// themselves.
static net_pixels guess_from_codes(onnx_import *im, const onnx_layer *l) {
  static const struct {
    double lo, hi;
    net_pixels pixels;
  } usual[] = {{0, 1, {1, 0}}, {0, 255, {255, 0}}, {-1, 1, {2, -1}}};
  net_quant q = l->node.quant;
  double lo = q.scale * (net_quant_lo(q) - q.zero), hi = q.scale * (net_quant_hi(q) - q.zero), width = hi - lo;
  bool symmetric = q.is_signed && q.zero == 0; // says nothing of values below 0
  for (size_t i = 0; i < BASE_COUNT(usual) && !symmetric; i++) {
    net_pixels p = usual[i].pixels;
    if (fabs(lo - usual[i].lo) > 0.02 * p.scale || fabs(hi - usual[i].hi) > 0.02 * p.scale)
      continue;
    bool same = q.bits != 8 || (fabs(width / p.scale - 1) < 1e-6 && fabs(lo - p.offset) < 1e-6 * p.scale);
    return same ? p : (net_pixels){width, lo};
  }
  if (lo < 0 && !symmetric)
    diag_warn(im->d,
              "%s: %s (node %s): codes from %g to %g, but not which pixels they are; taken as pixel / 255 (net import: "
              "--mean and --std, or --input-range)",
              im->path, l->op_type, l->label, lo, hi);
  return hi > 32 ? (net_pixels){255, 0} : (net_pixels){1, 0};
}

// Constants come in single precision: numbers that are whole or halves but for that are meant to be.
static double plain(double v, double unit) {
  double near = round(2 * v) / 2;
  return fabs(v - near) < 2e-7 * fabs(unit) ? near : v;
}

void onnx_fold_input(onnx_import *im) {
  int channels = im->layers[0].node.shape.c;
  net_pixels *head = arena_new_array(im->mem, net_pixels, (size_t)channels);
  int last = find_head(im, head), next = only_reader(im, last);
  net_pixels guess = {1, 0};
  if (last)
    guess = guess_from_head(head, channels);
  else if (next > 0 && im->layers[next].role == LAYER_QUANT)
    guess = guess_from_codes(im, &im->layers[next]);
  for (int c = 0; c < channels; c++) {
    net_pixels *p = &im->pixels[c];
    if (!im->pixels_known)
      *p = guess;
    double scale = p->scale * head[c].scale, offset = p->offset * head[c].scale + head[c].offset;
    *p = (net_pixels){plain(scale, scale), plain(offset, scale)};
  }
  for (int i = only_reader(im, 0); last && i > 0 && i <= last && im->layers[i].role == LAYER_AFFINE;
       i = only_reader(im, 0))
    onnx_replace(im, i, 0);
}
