// SPDX-License-Identifier: Apache-2.0
//
// ONNX import: QONNX's Quant (Brevitas, QKeras): rounding to codes and back in one node, of any number of bits. Inputs:
// x, scale, zero point, number of bits.
#include "compiler/onnx/onnx_internal.h"

#include <math.h>
#include <string.h>
#include <strings.h>

typedef struct {
  onnx_codes codes;
  double lo, hi; // the smallest and largest code
} quant_node;

// Does `t` say something of each element of `x`, as ONNX spreads tensors?
static bool spreads(const onnx_node *n, const char *what, const onnx_tensor *t, const onnx_tensor *x) {
  for (int d = 0; d < t->rank; d++) {
    int at = d + x->rank - t->rank;
    if (t->dim[d] != 1 && (at < 0 || t->dim[d] != x->dim[at] || t->dim[d] == 0))
      return onnx_node_error(n, "%s %s: expected one number, or what spreads over %s", what, onnx_dims(n->im->mem, t),
                             onnx_dims(n->im->mem, x));
  }
  return true;
}

static bool read_bits(const onnx_node *n, const onnx_tensor *x, net_quant *q) {
  const onnx_tensor *b = onnx_const_in(n, 3);
  if (!b || !spreads(n, "bits", b, x))
    return false;
  bool same = b->count > 0;
  for (int64_t i = 1; i < b->count; i++)
    same = same && b->v[i] == b->v[0];
  if (!same || b->v[0] != floor(b->v[0]) || b->v[0] < 1 || b->v[0] > 32)
    return onnx_node_error(n, "expected one number of bits from 1 to 32");
  q->bits = (int)b->v[0];
  q->is_signed = onnx_attr_int(n, "signed", 1) != 0;
  return true;
}

static bool read_zero(const onnx_node *n, const onnx_tensor *x, const quant_node *k, int32_t *zero) {
  const onnx_tensor *z = onnx_const_in(n, 2);
  if (!z || !spreads(n, "zero point", z, x))
    return false;
  for (int64_t i = 0; i < z->count; i++)
    if (z->v[i] != z->v[0] || z->v[i] != floor(z->v[i]))
      return onnx_node_error(n, "expected one zero point, a whole number");
  double v = z->v[0];
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
  if (!read_bits(n, x, q))
    return false;
  bool narrow = onnx_attr_int(n, "narrow", 0) != 0;
  k->lo = q->is_signed ? -ldexp(1, q->bits - 1) + narrow : 0;
  k->hi = q->is_signed ? ldexp(1, q->bits - 1) - 1 : ldexp(1, q->bits) - 1 - narrow;
  q->bits = q->bits < 2 ? 2 : q->bits; // of which those of one bit use two
  return read_zero(n, x, k, &q->zero) && read_scale(n, x, &k->codes);
}

// ---- rounding -------------------------------------------------------------------------------------------------------
static double to_nearest_even(double v) { return nearbyint(v); }
static double away_from_zero(double v) { return v < 0 ? floor(v) : ceil(v); }
static double half_to_zero(double v) { return copysign(ceil(fabs(v) - 0.5), v); }

// Of activations, whose rounding is to the nearest: half a code that is added first, for numbers that are not below 0
// and for all others.
typedef struct {
  const char *name;
  double (*round)(double);
  double half, half_below;
} rounding_mode;

static const rounding_mode *rounding(const onnx_node *n, const char *otherwise) {
  static const rounding_mode modes[] = {{"ROUND", to_nearest_even, 0, 0},
                                        {"HALF_EVEN", to_nearest_even, 0, 0},
                                        {"CEIL", ceil, 0.5, 0.5},
                                        {"FLOOR", floor, -0.5, -0.5},
                                        {"ROUND_TO_ZERO", trunc, -0.5, 0.5},
                                        {"DOWN", trunc, -0.5, 0.5},
                                        {"UP", away_from_zero, 0.5, -0.5},
                                        {"HALF_UP", round, 0, 0},
                                        {"HALF_DOWN", half_to_zero, 0, 0}};
  const Onnx__AttributeProto *a = onnx_attr_of(n, "rounding_mode", ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRING);
  const char *name = !a ? otherwise : a->s.len ? arena_strndup(n->im->mem, (const char *)a->s.data, a->s.len) : "";
  for (size_t i = 0; i < BASE_COUNT(modes); i++)
    if (!strcasecmp(name, modes[i].name))
      return &modes[i];
  onnx_node_error(n,
                  "rounding_mode %s: expected ROUND, CEIL, FLOOR, UP, DOWN, ROUND_TO_ZERO, HALF_UP, HALF_DOWN or "
                  "HALF_EVEN",
                  onnx_printable(n->im->mem, name));
  return NULL;
}

// Can no value of layer `l` be below 0?
static bool never_below_zero(const onnx_import *im, const onnx_layer *l) {
  if (l->role == LAYER_CLAMP || l->role == LAYER_QUANT) {
    net_quant q = l->node.quant;
    return l->role == LAYER_CLAMP ? l->node.clamp_lo >= 0 : net_quant_lo(q) >= q.zero;
  }
  for (int c = 0; l->role == LAYER_AFFINE && c < l->node.shape.c; c++)
    if (l->scale[c] < 0 || l->shift[c] < 0)
      return false;
  bool moves = l->role == LAYER_AFFINE ||
               (l->role == LAYER_NODE && (net_passes(&l->node) || l->node.op == NET_AVGPOOL || l->node.op == NET_ADD));
  for (int j = 0; moves && j < l->node.input_count; j++)
    moves = never_below_zero(im, &im->layers[l->node.inputs[j]]);
  return moves;
}

// How activations `x` with codes not below `lo` become codes; *half as in onnx_layer.
static bool rounding_of_layer(const onnx_node *n, const onnx_value *x, double lo, const rounding_mode *m,
                              double *half) {
  *half = m->half;
  if (m->half == m->half_below || lo >= 0 || never_below_zero(n->im, &n->im->layers[x->layer]))
    return true;
  return onnx_node_error(n, "rounding_mode %s: of numbers below 0 a network rounds as it does of others", m->name);
}

bool onnx_fold_quant(onnx_node *n) {
  const onnx_tensor *x = onnx_const_in(n, 0);
  quant_node k;
  onnx_tensor out;
  const rounding_mode *mode = rounding(n, "ROUND");
  if (!x || !mode || !read_quant(n, x, &k))
    return false;
  if (!onnx_tensor_new(n->im, x->type, x->rank, x->dim, &out))
    return false;
  int64_t inner = 1;
  for (int d = k.codes.axis + 1; d < x->rank; d++)
    inner *= x->dim[d];
  int32_t zero = k.codes.quant.zero;
  for (int64_t i = 0; i < x->count; i++) {
    double scale = k.codes.scale[i / inner % k.codes.count];
    out.v[i] = (fmin(fmax(mode->round(x->v[i] / scale + zero), k.lo), k.hi) - zero) * scale;
  }
  out.codes = arena_memdup(n->im->mem, &k.codes, sizeof k.codes);
  return onnx_out_const(n, out);
}

// A layer that states codes, as QuantizeLinear and DequantizeLinear leave it; before it a clamp where not all codes are
// used.
static bool quant_layer(const onnx_node *n, onnx_value *in, const quant_node *k, double half, bool sign) {
  net_quant q = k->codes.quant;
  if (k->lo > net_quant_lo(q) || k->hi < net_quant_hi(q)) {
    onnx_value lo = {.name = "lo", .constant = true, .t = {.count = 1, .v = (double[]){q.scale * (k->lo - q.zero)}}};
    onnx_value hi = {.name = "hi", .constant = true, .t = {.count = 1, .v = (double[]){q.scale * (k->hi - q.zero)}}};
    if (!sign && !onnx_run_hidden(n, "Clip", onnx_clamp, (onnx_value *[]){in, &lo, &hi}, 3, &in))
      return false;
  }
  onnx_layer l = onnx_layer_on(n, LAYER_QUANT, NET_AVGPOOL, in);
  l.node.quant = q;
  l.half = half;
  l.sign = sign;
  return onnx_out_layer(n, &l, in->t.rank, in->t.dim, in->hwc);
}

bool onnx_quant(onnx_node *n) {
  const onnx_value *x = onnx_activation(n, 0);
  const rounding_mode *mode = rounding(n, "ROUND");
  quant_node k;
  double half;
  if (!x || !mode || !read_quant(n, &x->t, &k))
    return false;
  if (k.codes.count != 1 || k.codes.quant.bits > 16)
    return onnx_node_error(n, "activations need one scale, and codes of at most 16 bits");
  return rounding_of_layer(n, x, k.lo - k.codes.quant.zero, mode, &half) && quant_layer(n, n->in[0], &k, half, false);
}

// ---- BipolarQuant: x, scale ----------------------------------------------------------------------------------------
bool onnx_fold_bipolar(onnx_node *n) {
  const onnx_tensor *x = onnx_const_in(n, 0);
  onnx_codes codes = {.quant = {.bits = 2, .is_signed = true}};
  onnx_tensor out;
  if (!x || !read_scale(n, x, &codes) || !onnx_tensor_new(n->im, x->type, x->rank, x->dim, &out))
    return false;
  int64_t inner = 1;
  for (int d = codes.axis + 1; d < x->rank; d++)
    inner *= x->dim[d];
  for (int64_t i = 0; i < x->count; i++)
    out.v[i] = x->v[i] >= 0 ? codes.scale[i / inner % codes.count] : -codes.scale[i / inner % codes.count];
  out.codes = arena_memdup(n->im->mem, &codes, sizeof codes);
  return onnx_out_const(n, out);
}

// `x` op `number`.
static bool with_number(const onnx_node *n, const char *op, onnx_value *x, double number, onnx_value **out) {
  onnx_value k = {.name = "number", .constant = true, .t = {.count = 1, .v = &number}};
  return onnx_run_hidden(n, op, onnx_arithmetic, (onnx_value *[]){x, &k}, 2, out);
}

// -scale below 0, else +scale: codes 0 and 1 of 2 * scale each, less scale.
bool onnx_bipolar(onnx_node *n) {
  const onnx_value *x = onnx_activation(n, 0);
  quant_node k = {.codes = {.quant = {.bits = 2}}, .hi = 1};
  if (!x || !read_scale(n, &x->t, &k.codes))
    return false;
  if (k.codes.count != 1)
    return onnx_node_error(n, "activations need one scale");
  double scale = k.codes.quant.scale;
  k.codes.quant.scale *= 2;
  onnx_node codes = *n;
  Onnx__NodeProto p = *n->p;
  p.output = (char *[]){arena_printf(n->im->mem, "\x01%d", n->im->hidden++)};
  codes.p = &p;
  onnx_value *made;
  if (!quant_layer(&codes, n->in[0], &k, 0, true))
    return false;
  made = onnx_value_named(n->im, p.output[0]);
  if (!with_number(n, "Sub", made, scale, &made))
    return false;
  n->im->layers[made->layer].sign = true;
  n->im->layers[made->layer].op_type = n->op;
  return onnx_out_view(n, made, made->t.rank, made->t.dim);
}

// ---- Trunc: codes lose their lowest bits ---------------------------------------------------------------------------
// Version 1 has the inputs x, scale, zero point, bits before and after; version 2 the scale after before the last.
enum { TRUNC_1 = 5, TRUNC_2 = 6 };

static bool one_number(const onnx_node *n, int i, const char *what, double *out) {
  const onnx_tensor *t = onnx_const_in(n, i);
  if (!t)
    return false;
  for (int64_t k = 1; k < t->count; k++)
    if (t->v[k] != t->v[0])
      return onnx_node_error(n, "expected one number for its %s", what);
  if (t->count < 1 || !isfinite(t->v[0]))
    return onnx_node_error(n, "expected a number for its %s", what);
  *out = t->v[0];
  return true;
}

static bool trunc_bits(const onnx_node *n, int i, const char *what, double *out) {
  return one_number(n, i, what, out) && ((*out >= 1 && *out <= 32 && *out == floor(*out)) ||
                                         onnx_node_error(n, "%s of %g; expected 1 to 32", what, *out));
}

// How many bits go, and the scale that the output's codes are read with.
static bool trunc_shift(const onnx_node *n, double scale, double before, double after, double *bits,
                        double *scale_out) {
  *bits = before - after;
  *scale_out = scale;
  if (n->in_count != TRUNC_2)
    return *bits >= 0 || onnx_node_error(n, "more bits after it than before it");
  if (!one_number(n, 4, "output scale", scale_out))
    return false;
  *bits = round(log2(*scale_out / scale));
  return (*scale_out > 0 && *bits >= 0 && *bits <= 32) ||
         onnx_node_error(n, "an output scale of %g; expected the scale %g times 2^0 to 2^32", *scale_out, scale);
}

bool onnx_trunc(onnx_node *n) {
  const onnx_value *x = onnx_activation(n, 0);
  const rounding_mode *mode = rounding(n, "FLOOR");
  double scale, zero, before, after, bits, scale_out, half;
  if (!x || !mode)
    return false;
  if (n->in_count != TRUNC_1 && n->in_count != TRUNC_2)
    return onnx_node_error(n, "%d inputs; expected 5, or 6 as of version 2", n->in_count);
  if (!one_number(n, 1, "scale", &scale) || !one_number(n, 2, "zero point", &zero) ||
      !trunc_bits(n, 3, "input bits", &before) || !trunc_bits(n, n->in_count - 1, "output bits", &after))
    return false;
  if (!(scale > 0) || zero != 0)
    return onnx_node_error(n, "a scale of %g and a zero point of %g; expected a positive number and 0", scale, zero);
  if (after > 16)
    return onnx_node_error(n, "codes of %g bits; expected at most 16", after);
  if (!trunc_shift(n, scale, before, after, &bits, &scale_out))
    return false;
  bool positive = never_below_zero(n->im, &n->im->layers[x->layer]);
  bool is_signed = n->in_count == TRUNC_2 ? onnx_attr_int(n, "signed", 1) != 0 : !positive;
  bool narrow = n->in_count == TRUNC_2 && onnx_attr_int(n, "narrow", 0);
  quant_node k = {.codes = {.quant = {after < 2 ? 2 : (int)after, is_signed, 0, scale * exp2(bits)}, .count = 1}};
  k.lo = is_signed ? -exp2(after - 1) + narrow : 0;
  k.hi = is_signed ? exp2(after - 1) - 1 : exp2(after) - 1 - narrow;
  onnx_value *made = NULL;
  onnx_node codes = *n;
  Onnx__NodeProto p = *n->p;
  p.output = (char *[]){arena_printf(n->im->mem, "\x01%d", n->im->hidden++)};
  codes.p = &p;
  if (!rounding_of_layer(n, x, k.lo, mode, &half) || !quant_layer(&codes, n->in[0], &k, half, false))
    return false;
  made = onnx_value_named(n->im, p.output[0]);
  double by = scale_out / k.codes.quant.scale;
  return (by == 1 || with_number(n, "Mul", made, by, &made)) && onnx_out_view(n, made, made->t.rank, made->t.dim);
}
