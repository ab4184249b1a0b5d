// SPDX-License-Identifier: Apache-2.0
//
// ONNX import: QONNX's Quant (Brevitas, QKeras): rounding to codes and back in one node, of any number of bits. Inputs:
// x, scale, zero point, number of bits.
#include "compiler/onnx/onnx_internal.h"

#include <math.h>
#include <string.h>

typedef struct {
  onnx_codes codes;
  double lo, hi; // the smallest and largest code
} quant_node;

static bool read_bits(const onnx_node *n, net_quant *q) {
  const onnx_tensor *b = onnx_const_in(n, 3);
  if (!b)
    return false;
  bool same = b->count > 0;
  for (int64_t i = 1; i < b->count; i++)
    same = same && b->v[i] == b->v[0];
  if (!same || b->v[0] != floor(b->v[0]) || b->v[0] < 2 || b->v[0] > 32)
    return onnx_node_error(n, "expected one number of bits from 2 to 32%s",
                           same && b->v[0] == 1 ? " (codes of 1 bit cannot be built)" : "");
  q->bits = (int)b->v[0];
  q->is_signed = onnx_attr_int(n, "signed", 1) != 0;
  return true;
}

static bool read_zero(const onnx_node *n, const quant_node *k, int32_t *zero) {
  const onnx_tensor *z = onnx_const_in(n, 2);
  if (!z)
    return false;
  for (int64_t i = 0; i < z->count; i++)
    if (z->v[i] != z->v[0] || z->v[i] != floor(z->v[i]))
      return onnx_node_error(n, "expected one zero point, a whole number");
  double v = z->count ? z->v[0] : 0;
  if (v < k->lo || v > k->hi)
    return onnx_node_error(n, "a zero point of %g; expected %g to %g", v, k->lo, k->hi);
  *zero = (int32_t)v;
  return true;
}

// One scale, or one for each place along one dimension of `x`.
static bool read_scale(const onnx_node *n, const onnx_tensor *x, onnx_codes *codes) {
  const onnx_tensor *s = onnx_const_in(n, 1);
  if (!s)
    return false;
  codes->count = s->count;
  codes->scale = s->v;
  for (int d = 0; d < s->rank; d++) {
    int at = d + x->rank - s->rank;
    if (s->dim[d] == 1)
      continue;
    if (at < 0 || s->dim[d] != x->dim[at] || s->count != s->dim[d])
      return onnx_node_error(n, "scale %s: expected one number, or one for each place along one dimension of %s",
                             onnx_dims(n->im->mem, s), onnx_dims(n->im->mem, x));
    codes->axis = at;
  }
  if (s->count < 1)
    return onnx_node_error(n, "without a scale");
  for (int64_t i = 0; i < s->count; i++)
    if (!(s->v[i] > 0) || !isfinite(s->v[i]))
      return onnx_node_error(n, "a scale of %g; expected a positive number", s->v[i]);
  codes->quant.scale = s->v[0];
  return true;
}

static bool read_quant(const onnx_node *n, const onnx_tensor *x, quant_node *k) {
  *k = (quant_node){0};
  net_quant *q = &k->codes.quant;
  if (!read_bits(n, q))
    return false;
  bool narrow = onnx_attr_int(n, "narrow", 0) != 0;
  k->lo = q->is_signed ? -ldexp(1, q->bits - 1) + narrow : 0;
  k->hi = q->is_signed ? ldexp(1, q->bits - 1) - 1 : ldexp(1, q->bits) - 1 - narrow;
  return read_zero(n, k, &q->zero) && read_scale(n, x, &k->codes);
}

static double to_nearest_even(double v) { return nearbyint(v); }

static double (*rounding(const onnx_node *n))(double) {
  static const struct {
    const char *name;
    double (*round)(double);
  } modes[] = {{"ROUND", to_nearest_even}, {"HALF_EVEN", to_nearest_even}, {"CEIL", ceil},
               {"FLOOR", floor},           {"ROUND_TO_ZERO", trunc},       {"DOWN", trunc},
               {"HALF_UP", round}};
  for (size_t i = 0; i < BASE_COUNT(modes); i++)
    if (onnx_attr_is(n, "rounding_mode", modes[i].name, i == 0))
      return modes[i].round;
  return NULL;
}

bool onnx_fold_quant(onnx_node *n) {
  const onnx_tensor *x = onnx_const_in(n, 0);
  quant_node k;
  onnx_tensor out;
  double (*round_code)(double) = rounding(n);
  if (!x || !read_quant(n, x, &k))
    return false;
  if (!round_code)
    return onnx_node_error(n, "its rounding_mode is not supported");
  if (!onnx_tensor_new(n->im, x->type, x->rank, x->dim, &out))
    return false;
  int64_t inner = 1;
  for (int d = k.codes.axis + 1; d < x->rank; d++)
    inner *= x->dim[d];
  int32_t zero = k.codes.quant.zero;
  for (int64_t i = 0; i < x->count; i++) {
    double scale = k.codes.scale[i / inner % k.codes.count];
    out.v[i] = (fmin(fmax(round_code(x->v[i] / scale + zero), k.lo), k.hi) - zero) * scale;
  }
  out.codes = arena_memdup(n->im->mem, &k.codes, sizeof k.codes);
  return onnx_out_const(n, out);
}

// A layer that states codes, as QuantizeLinear and DequantizeLinear leave it; before it a clamp where not all codes are
// used.
bool onnx_quant(onnx_node *n) {
  const onnx_value *x = onnx_activation(n, 0);
  quant_node k;
  if (!x || !read_quant(n, &x->t, &k))
    return false;
  net_quant q = k.codes.quant;
  if (k.codes.count != 1 || q.bits > 16)
    return onnx_node_error(n, "activations need one scale, and codes of at most 16 bits");
  if (rounding(n) != to_nearest_even && rounding(n) != round)
    return onnx_node_error(n, "activations are rounded to the nearest code only");
  onnx_value *in = n->in[0];
  if (onnx_attr_int(n, "narrow", 0)) {
    onnx_value lo = {.name = "lo", .constant = true, .t = {.count = 1, .v = (double[]){q.scale * (k.lo - q.zero)}}};
    onnx_value hi = {.name = "hi", .constant = true, .t = {.count = 1, .v = (double[]){q.scale * (k.hi - q.zero)}}};
    if (!onnx_run_hidden(n, "Clip", onnx_clamp, (onnx_value *[]){in, &lo, &hi}, 3, &in))
      return false;
  }
  onnx_layer l = onnx_layer_on(n, LAYER_QUANT, NET_AVGPOOL, in);
  l.node.quant = q;
  return onnx_out_layer(n, &l, in->t.rank, in->t.dim, in->hwc);
}
