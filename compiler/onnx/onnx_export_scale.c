// SPDX-License-Identifier: Apache-2.0
//
// ONNX export: scales. Requantisation by m / 2^shift becomes a quotient of scales; single precision is enough for it,
// since m has 16 bits: whoever rounds the quotient times 2^shift gets m again.
#include "compiler/onnx/onnx_export.h"

#include <math.h>

enum { M_MAX = 65535, SHIFT_MAX = 47 }; // docs/numerics.md
#define NEARLY_HALF 0.499 // what lies between two multipliers could become either

static bool usable(const onnx_export *e, const net_node *n, double scale) {
  return (scale > 1e-30 && scale < 1e30) ||
         diag_error(e->d, "%s: layer `%s`: a scale of %g does not fit ONNX's single precision", e->net->name, n->name,
                    scale);
}

bool onnx_export_weight_scales(const onnx_export *e, int i, double *out) {
  const net_node *n = &e->net->nodes[i];
  double in = e->scale[n->inputs[0]];
  for (int f = 0; f < n->shape.c; f++) {
    if (net_is_raw(e->net, n))
      out[f] = onnx_single(n->weight_scale ? n->weight_scale[0] : 1);
    else
      out[f] = onnx_single(ldexp(n->mult[f], -n->shift) * e->scale[i] / in);
    if (!usable(e, n, out[f]) || !usable(e, n, out[f] * in))
      return false;
  }
  return true;
}

// How far m can be shifted up.
static int room(const net_node *n) {
  int most = 1, k = 0;
  for (int i = 0; i < net_multipliers(n); i++)
    most = n->mult[i] > most ? n->mult[i] : most;
  while (most << (k + 1) <= M_MAX && n->shift + k < SHIFT_MAX)
    k++;
  return k;
}

// Is `factor`, rounded as an import does, multiplier i? Not where it is nearly between two.
static bool gives(const net_node *n, int i, double factor) {
  int k = room(n);
  double v = ldexp(factor, n->shift + k);
  return fabs(v - ((int64_t)n->mult[i] << k)) < NEARLY_HALF;
}

// The mean over the taps inside the image has a multiplier for each number of taps, which one scale must give. Of those
// that repeat the next one's at the beginning no window has that few.
static bool varying_scale(const onnx_export *e, int i, double *out) {
  const net_node *n = &e->net->nodes[i];
  int count = net_multipliers(n), first = 0, k = room(n);
  double in = e->scale[n->inputs[0]], y = e->scale[i], lo = 0, hi = INFINITY;
  while (first + 1 < count && n->mult[first] == n->mult[first + 1])
    first++;
  for (int t = first; t < count; t++) {
    double m = (double)((int64_t)n->mult[t] << k), unit = ldexp(y * (t + 1), -n->shift - k);
    lo = fmax(lo, (m - NEARLY_HALF) * unit);
    hi = fmin(hi, (m + NEARLY_HALF) * unit);
  }
  double scale = in > lo && in < hi ? in : onnx_single((lo + hi) / 2);
  if (!(scale > lo && scale < hi))
    return diag_error(e->d,
                      "%s: layer `%s`: its multipliers for windows at the borders are no means, which ONNX cannot say",
                      e->net->name, n->name);
  for (int c = 0; c < n->shape.c; c++)
    out[c] = scale;
  return usable(e, n, scale);
}

bool onnx_export_read_scales(const onnx_export *e, int i, double *out) {
  const net_node *n = &e->net->nodes[i];
  bool add = net_arithmetic_of(n) == NET_RESCALES, same = true;
  int count = add ? n->input_count : n->shape.c, taps = add ? 1 : n->kh * n->kw;
  if (net_mean_varies(n))
    return varying_scale(e, i, out);
  for (int k = 0; k < count; k++) {
    double in = e->scale[n->inputs[add ? k : 0]];
    bool own = net_is_raw(e->net, n) || gives(n, k, in / (e->scale[i] * taps));
    out[k] = own ? in : onnx_single(ldexp(n->mult[k], -n->shift) * e->scale[i] * taps);
    same = same && own;
    if (!usable(e, n, out[k]))
      return false;
  }
  for (int k = 0; !add && !same && k < count; k++) // not some channels' own and some not
    out[k] = onnx_single(ldexp(n->mult[k], -n->shift) * e->scale[i] * taps);
  return true;
}

// ---- pixels ---------------------------------------------------------------------------------------------------------
static double pixel_code(const network *net, int c, int p) {
  const net_node *in = &net->nodes[0];
  return round(net_pixel_value(net_input_pixels(net, c), p) / in->quant.scale) + in->quant.zero;
}

bool onnx_export_input_clamps(const onnx_export *e) {
  const net_node *in = &e->net->nodes[0];
  net_quant q = onnx_export_stated(e, in->quant);
  for (int c = 0; c < in->shape.c; c++)
    for (int p = 0; p < 256; p++) {
      double code = fmin(fmax(pixel_code(e->net, c, p), net_quant_lo(q)), net_quant_hi(q));
      if (code < in->lo || code > in->hi)
        return true;
    }
  return false;
}

// How many codes ONNX's arithmetic gives otherwise (halves to even), or an import of it (halves away from 0).
static int others(const onnx_export *e, const double *factor, const double *offset) {
  net_quant q = e->net->nodes[0].quant;
  int count = 0;
  for (int c = 0; c < e->net->nodes[0].shape.c; c++)
    for (int p = 0; p < 256; p++) {
      double want = fmin(fmax(pixel_code(e->net, c, p), net_quant_lo(q)), net_quant_hi(q));
      float real = (float)p * (float)factor[c] + (float)offset[c];
      double run = (double)nearbyintf(real / (float)e->scale[0]) + q.zero;
      double read = round((p * factor[c] + offset[c]) / e->scale[0]) + q.zero;
      count += fmin(fmax(run, net_quant_lo(q)), net_quant_hi(q)) != want ||
               fmin(fmax(read, net_quant_lo(q)), net_quant_hi(q)) != want;
    }
  return count;
}

void onnx_export_pixels(const onnx_export *e, double *factor, double *offset) {
  static const double shifts[] = {0, 1.0 / 1024, -1.0 / 1024}; // in codes: what lies just between two
  int channels = e->net->nodes[0].shape.c, wrong = 1;
  for (size_t k = 0; wrong && k <= BASE_COUNT(shifts); k++) { // at last as it is
    for (int c = 0; c < channels; c++) {
      net_pixels p = net_input_pixels(e->net, c);
      factor[c] = onnx_single(p.scale / 255);
      offset[c] = onnx_single(p.offset + shifts[k % BASE_COUNT(shifts)] * e->scale[0]);
    }
    wrong = others(e, factor, offset);
  }
  if (wrong)
    diag_warn(e->d, "%s: the codes of %d pixel value%s differ by one in the ONNX model, which rounds halves to even",
              e->net->name, wrong, plural((size_t)wrong));
}
