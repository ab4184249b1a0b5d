// SPDX-License-Identifier: Apache-2.0
//
// ONNX import: models that are quantised already. QuantizeLinear and DequantizeLinear of activations leave a layer that
// states codes; those of constants are computed, and the constant remembers the codes it came from. QLinearConv,
// QLinearMatMul and their like are taken apart into DequantizeLinear, Conv or MatMul, QuantizeLinear.
#include "compiler/onnx/onnx_internal.h"

#include <math.h>
#include <string.h>

#define TYPE(name) ONNX__TENSOR_PROTO__DATA_TYPE__##name

// Bits and sign of codes of an ONNX type; bits 0: not a type of codes.
static net_quant quant_of_type(int type) {
  bool is_signed = type == TYPE(INT8) || type == TYPE(INT16) || type == TYPE(INT32);
  int bits = type == TYPE(INT8) || type == TYPE(UINT8)     ? 8
             : type == TYPE(INT16) || type == TYPE(UINT16) ? 16
             : type == TYPE(INT32)                         ? 32
                                                           : 0;
  return (net_quant){.bits = bits, .is_signed = is_signed};
}

// The codes that scale and zero point (inputs `scale` and `scale` + 1 of `n`) describe. `axis` is where a list of
// scales applies; several scales are allowed where `out` wants them.
static bool read_codes(const onnx_node *n, int scale, int otherwise, onnx_codes *out) {
  if (onnx_attr_int(n, "block_size", 0))
    return onnx_node_error(n, "in blocks is not supported");
  const onnx_tensor *s = onnx_const_in(n, scale), *z = NULL;
  if (!s || (onnx_given(n, scale + 1) && !(z = onnx_const_in(n, scale + 1))))
    return false;
  out->quant = quant_of_type(z ? z->type : otherwise);
  if (out->quant.bits == 0)
    return onnx_node_error(n, "codes must be integers of 8, 16 or 32 bits");
  if (s->count < 1 || (z && z->count != 1 && z->count != s->count))
    return onnx_node_error(n, "scale %s and zero point %s do not fit", onnx_dims(n->im->mem, s),
                           z ? onnx_dims(n->im->mem, z) : "[]");
  for (int64_t i = 0; i < s->count; i++)
    if (!(s->v[i] > 0) || !isfinite(s->v[i]))
      return onnx_node_error(n, "a scale of %g; expected a positive number", s->v[i]);
  for (int64_t i = 1; z && i < z->count; i++)
    if (z->v[i] != z->v[0])
      return onnx_node_error(n, "zero points that differ between channels are not supported");
  out->count = s->count;
  out->scale = s->v;
  out->quant.scale = s->v[0];
  out->quant.zero = z && z->count ? (int32_t)onnx_tensor_int(z, 0) : 0;
  return true;
}

static bool one_scale(const onnx_node *n, const onnx_codes *codes) {
  if (codes->count != 1 || codes->quant.bits > 16)
    return onnx_node_error(n, "activations need one scale, and codes of 8 or 16 bits");
  return true;
}

static bool same_quant(net_quant a, net_quant b) {
  return a.bits == b.bits && a.is_signed == b.is_signed && a.zero == b.zero && fabs(a.scale / b.scale - 1) < 1e-6;
}

// What QuantizeLinear gives without a zero point.
static int default_type(const onnx_node *n) {
  int64_t type = onnx_attr_int(n, "output_dtype", 0);
  return type > 0 && type < 1 << 16 ? (int)type : TYPE(UINT8);
}

// ---- of constants --------------------------------------------------------------------------------------------------
// Several scales belong to the positions along `axis`; `inner` elements share one.
static bool scale_axis(const onnx_node *n, const onnx_tensor *t, int64_t axis, onnx_codes *codes, int64_t *inner) {
  *inner = 1;
  codes->axis = 0;
  if (codes->count == 1)
    return true;
  if (!onnx_axis(n, t->rank == 1 ? 0 : axis, t->rank, &codes->axis))
    return false;
  if (codes->count != t->dim[codes->axis])
    return onnx_node_error(n, "%lld scale%s for dimension %d of %s", (long long)codes->count,
                           plural((size_t)codes->count), codes->axis, onnx_dims(n->im->mem, t));
  for (int d = codes->axis + 1; d < t->rank; d++)
    *inner *= t->dim[d];
  return true;
}

// Input `i` from codes to real numbers; its scale is input i + 1.
static bool dequantize_constant(const onnx_node *n, int i, int64_t axis, onnx_tensor *out) {
  const onnx_tensor *t = onnx_const_in(n, i);
  onnx_codes *codes = arena_new_object(n->im->mem, onnx_codes);
  int64_t inner;
  if (!t || !read_codes(n, i + 1, t->type, codes) || !scale_axis(n, t, axis, codes, &inner) ||
      !onnx_tensor_new(n->im, TYPE(FLOAT), t->rank, t->dim, out))
    return false;
  for (int64_t k = 0; k < t->count; k++)
    out->v[k] = (t->v[k] - codes->quant.zero) * codes->scale[k / inner % codes->count];
  out->codes = codes;
  return true;
}

bool onnx_fold_dequantize(onnx_node *n) {
  onnx_tensor out;
  return dequantize_constant(n, 0, onnx_attr_int(n, "axis", 1), &out) && onnx_out_const(n, out);
}

bool onnx_fold_quantize(onnx_node *n) {
  const onnx_tensor *t = onnx_const_in(n, 0);
  onnx_codes codes;
  onnx_tensor out;
  int64_t inner;
  if (!t || !read_codes(n, 1, default_type(n), &codes) ||
      !scale_axis(n, t, onnx_attr_int(n, "axis", 1), &codes, &inner))
    return false;
  int type = onnx_given(n, 2) ? n->in[2]->t.type : default_type(n);
  if (codes.quant.bits > 16)
    return onnx_node_error(n, "to codes of more than 16 bits");
  if (!onnx_tensor_new(n->im, type, t->rank, t->dim, &out))
    return false;
  for (int64_t i = 0; i < t->count; i++) {
    double v = nearbyint(t->v[i] / codes.scale[i / inner % codes.count]) + codes.quant.zero; // halves to even
    out.v[i] = fmin(fmax(v, net_quant_lo(codes.quant)), net_quant_hi(codes.quant));
  }
  return onnx_out_const(n, out);
}

// ---- of activations ------------------------------------------------------------------------------------------------
// After a Softmax, which is dropped, the codes of its output are too.
static bool quantize_dropped(onnx_node *n) {
  onnx_codes codes;
  onnx_value v = *n->in[0];
  if (!read_codes(n, 1, default_type(n), &codes))
    return false;
  v.codes = true;
  v.quant = codes.quant;
  return onnx_out_view(n, &v, v.t.rank, v.t.dim);
}

bool onnx_quantize(onnx_node *n) {
  if (onnx_given(n, 0) && n->in[0]->dropped && !n->in[0]->codes)
    return quantize_dropped(n);
  const onnx_value *v = onnx_activation(n, 0);
  onnx_codes codes;
  if (!v || !read_codes(n, 1, default_type(n), &codes) || !one_scale(n, &codes))
    return false;
  net_quant q = codes.quant;
  if (q.zero < net_quant_lo(q) || q.zero > net_quant_hi(q))
    return onnx_node_error(n, "a zero point of %d", q.zero);
  onnx_layer l = onnx_layer_on(n, LAYER_QUANT, NET_AVGPOOL, v);
  l.node.quant = q;
  if (!onnx_out_layer(n, &l, v->t.rank, v->t.dim, v->hwc))
    return false;
  onnx_value *out = onnx_value_named(n->im, n->p->output[0]);
  out->codes = true;
  out->quant = q;
  return true;
}

// The pixels themselves, or pixel - 128, are codes.
static bool dequantize_pixels(const onnx_node *n, net_quant codes, onnx_value *out) {
  onnx_import *im = n->im;
  net_node *input = &im->layers[0].node;
  if ((out->t.type != TYPE(UINT8) && out->t.type != TYPE(INT8)) || codes.bits != 8 ||
      codes.is_signed != (out->t.type == TYPE(INT8)))
    return onnx_node_error(n, "an image of whole numbers must be uint8 or int8, as its zero point");
  if (input->quant.bits && !same_quant(input->quant, codes))
    return onnx_node_error(n, "its scale or zero point is not that of another DequantizeLinear of the image");
  input->quant = out->quant = codes;
  im->by_type = (net_pixels){255 * codes.scale, codes.scale * (net_quant_lo(codes) - codes.zero)};
  out->t.type = TYPE(FLOAT);
  return true;
}

// Codes that are read with another scale than they were made with: the same values times a number.
static bool scaled(const onnx_node *n, net_quant codes, onnx_value *out) {
  onnx_value by = {
      .name = "scale", .constant = true, .t = {.count = 1, .v = (double[]){codes.scale / out->quant.scale}}};
  onnx_value *made;
  if (!onnx_run_hidden(n, "Mul", onnx_arithmetic, (onnx_value *[]){out, &by}, 2, &made))
    return false;
  *out = *made;
  out->quant = codes;
  return true;
}

// Input `i`, codes of an activation, as real numbers; its scale is input i + 1.
static bool dequantize_activation(const onnx_node *n, int i, onnx_value *out) {
  onnx_codes codes;
  if (!onnx_given(n, i) || n->in[i]->constant)
    return onnx_node_error(n, "expected codes of an activation");
  *out = *n->in[i];
  if (!read_codes(n, i + 1, out->quant.is_signed ? TYPE(INT8) : TYPE(UINT8), &codes) || !one_scale(n, &codes))
    return false;
  if (!out->codes && onnx_is_integer(out->t.type))
    return dequantize_pixels(n, codes.quant, out);
  if (!out->codes)
    return onnx_node_error(n, "its input %s does not come from a QuantizeLinear",
                           onnx_printable(n->im->mem, out->name));
  net_quant q = codes.quant;
  q.scale = out->quant.scale;
  if (!same_quant(q, out->quant))
    return onnx_node_error(n, "its type or zero point is not that of the QuantizeLinear before it");
  out->codes = false;
  return same_quant(codes.quant, out->quant) || scaled(n, codes.quant, out);
}

bool onnx_dequantize(onnx_node *n) {
  onnx_value v;
  return dequantize_activation(n, 0, &v) && onnx_out_view(n, &v, v.t.rank, v.t.dim);
}

// ---- operators on codes --------------------------------------------------------------------------------------------
// Runs `handler`, of operator `op`, on real inputs; then quantises with input `scale` and the one after it.
static bool run_real(onnx_node *n, const char *op, onnx_handler *handler, onnx_value **in, int in_count, int scale) {
  onnx_value *result;
  if (!onnx_run_hidden(n, op, handler, in, in_count, &result))
    return false;
  onnx_value *quant_in[] = {result, n->in[scale], n->in[scale + 1]};
  onnx_node quant = *n;
  quant.in = quant_in;
  quant.in_count = 3;
  return onnx_quantize(&quant);
}

static bool all_given(const onnx_node *n, int count) {
  for (int i = 0; i < count; i++)
    if (!onnx_given(n, i))
      return onnx_node_error(n, "input %d is missing", i);
  return true;
}

// Input `i`, a bias whose scale is that of the products of `x` and `w`.
static bool dequantize_bias(const onnx_node *n, int i, const onnx_value *x, const onnx_tensor *w, onnx_value *out) {
  *out = (onnx_value){.name = "bias", .constant = true};
  const onnx_tensor *b = onnx_const_in(n, i);
  if (!b || !onnx_tensor_new(n->im, TYPE(FLOAT), b->rank, b->dim, &out->t))
    return false;
  for (int64_t k = 0; k < b->count; k++)
    out->t.v[k] = b->v[k] * x->quant.scale * w->codes->scale[k % w->codes->count];
  return true;
}

// Inputs: x, its scale and zero point, w, its scale and zero point; a bias at `bias` (-1: never); y's scale and zero
// point from `scale` on. The filters are dimension `axis` of w.
static bool weighted(onnx_node *n, const char *op, onnx_handler *handler, int64_t axis, int bias, int scale) {
  onnx_value x, w = *n->in[3], b;
  if (!dequantize_activation(n, 0, &x) || !dequantize_constant(n, 3, axis, &w.t))
    return false;
  bool biased = bias >= 0 && onnx_given(n, bias);
  if (biased && !dequantize_bias(n, bias, &x, &w.t, &b))
    return false;
  return run_real(n, op, handler, (onnx_value *[]){&x, &w, biased ? &b : NULL}, 3, scale);
}

bool onnx_qlinear_conv(onnx_node *n) { return all_given(n, 8) && weighted(n, "Conv", onnx_conv, 0, 8, 6); }

bool onnx_qlinear_matmul(onnx_node *n) {
  return all_given(n, 8) && weighted(n, "MatMul", onnx_matmul, n->in[3]->t.rank - 1, -1, 6);
}

// ---- those of ONNX Runtime (com.microsoft) -------------------------------------------------------------------------
bool onnx_qgemm(onnx_node *n) {
  if (!all_given(n, 6))
    return false;
  if (!onnx_given(n, 7) || !onnx_given(n, 8) || onnx_attr_float(n, "alpha", 1) != 1)
    return onnx_node_error(n, "expected codes as its output, and alpha 1");
  return weighted(n, "Gemm", onnx_gemm, !onnx_attr_int(n, "transB", 0), 6, 7);
}

// Two activations, each with its scale and zero point.
bool onnx_qlinear_add(onnx_node *n) {
  onnx_value a, b;
  return all_given(n, 8) && dequantize_activation(n, 0, &a) && dequantize_activation(n, 3, &b) &&
         run_real(n, "Add", onnx_arithmetic, (onnx_value *[]){&a, &b}, 2, 6);
}

bool onnx_qlinear_pool(onnx_node *n) {
  onnx_value x;
  if (!all_given(n, 5) || !dequantize_activation(n, 0, &x))
    return false;
  if (onnx_attr_int(n, "channels_last", 0))
    return onnx_node_error(n, "with channels last is not supported");
  bool global = !strcmp(n->op, "QLinearGlobalAveragePool");
  return run_real(n, global ? "GlobalAveragePool" : "AveragePool", global ? onnx_global_pool : onnx_pool,
                  (onnx_value *[]){&x}, 1, 3);
}

// The output's scale and zero point come first; then activations, each with its own.
bool onnx_qlinear_concat(onnx_node *n) {
  int count = (n->in_count - 2) / 3;
  if (n->in_count < 5 || n->in_count != 2 + 3 * count)
    return onnx_node_error(n, "%d inputs; expected a scale, a zero point, and three for each tensor", n->in_count);
  if (!all_given(n, n->in_count))
    return false;
  onnx_value *x = arena_new_array(n->im->mem, onnx_value, (size_t)count);
  onnx_value **in = arena_new_array(n->im->mem, onnx_value *, (size_t)count);
  for (int i = 0; i < count; i++) {
    in[i] = &x[i];
    if (!dequantize_activation(n, 2 + 3 * i, &x[i]))
      return false;
  }
  return run_real(n, "Concat", onnx_concat, in, count, 0);
}
