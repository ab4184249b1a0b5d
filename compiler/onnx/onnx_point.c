// SPDX-License-Identifier: Apache-2.0
//
// ONNX import: what works on single elements or channels. Multiplications and additions of constants become affine
// layers, ReLU and Clip become clamp layers; the passes fold both into their neighbours.
#include "compiler/onnx/onnx_internal.h"

#include <math.h>
#include <string.h>

// One number per channel from a constant that broadcasts to activation `v`; false when it is not one per channel.
static bool per_channel(const onnx_node *n, const onnx_value *v, const onnx_tensor *t, double *out) {
  int skip = v->t.rank - t->rank;
  net_shape s = onnx_shape(n, v);
  for (int d = 0; d < t->rank; d++)
    if (skip < 0 || (t->dim[d] != 1 && t->dim[d] != v->t.dim[skip + d]))
      return onnx_node_error(n, "constant %s does not broadcast to %s", onnx_dims(n->im->mem, t),
                             onnx_dims(n->im->mem, &v->t));
  int64_t hw = (int64_t)s.h * s.w, size = net_shape_size(s);
  for (int64_t i = 0; i < size * n->im->batch; i++) {
    int64_t rest = i, from = 0, stride = 1;
    for (int d = v->t.rank - 1; d >= skip; d--) {
      if (t->dim[d - skip] != 1)
        from += rest % v->t.dim[d] * stride;
      stride *= t->dim[d - skip];
      rest /= v->t.dim[d];
    }
    int64_t in_image = i % size, c = v->hwc ? in_image % s.c : in_image / hw;
    bool first = i < size && (v->hwc ? in_image < s.c : in_image % hw == 0);
    if (!first && out[c] != t->v[from])
      return onnx_node_error(n, "constant %s has different values inside one channel", onnx_dims(n->im->mem, t));
    out[c] = t->v[from];
  }
  return true;
}

static onnx_layer affine(const onnx_node *n, const onnx_value *v) {
  onnx_layer l = onnx_layer_on(n, LAYER_AFFINE, NET_CONV, v);
  l.scale = arena_new_array(n->im->mem, double, (size_t)l.node.shape.c);
  l.shift = arena_new_array(n->im->mem, double, (size_t)l.node.shape.c);
  for (int c = 0; c < l.node.shape.c; c++)
    l.scale[c] = 1;
  return l;
}

static bool out_same(const onnx_node *n, const onnx_layer *l, const onnx_value *v) {
  return onnx_out_layer(n, l, v->t.rank, v->t.dim, v->hwc);
}

bool onnx_batch_norm(onnx_node *n) {
  const onnx_value *v = onnx_activation(n, 0);
  if (!v)
    return false;
  if (onnx_attr_int(n, "training_mode", 0))
    return onnx_node_error(n, "is in training mode; export the model for inference");
  if (!onnx_attr_int(n, "spatial", 1)) // up to opset 8
    return onnx_node_error(n, "with statistics of single pixels is not supported");
  const onnx_tensor *t[5];
  onnx_layer l = affine(n, v);
  for (int i = 1; i < 5; i++)
    if (!(t[i] = onnx_const_in(n, i)))
      return false;
    else if (t[i]->count != l.node.shape.c || v->t.rank < 2 || v->t.dim[1] != l.node.shape.c || v->hwc)
      return onnx_node_error(n, "input %d is %s; expected one number for each of %d channels of %s", i,
                             onnx_dims(n->im->mem, t[i]), l.node.shape.c, onnx_dims(n->im->mem, &v->t));
  double epsilon = onnx_attr_float(n, "epsilon", 1e-5);
  for (int c = 0; c < l.node.shape.c; c++) {
    double variance = t[4]->v[c] + epsilon;
    if (!(variance > 0))
      return onnx_node_error(n, "the variance of channel %d is not positive", c);
    l.scale[c] = t[1]->v[c] / sqrt(variance);
    l.shift[c] = t[2]->v[c] - t[3]->v[c] * l.scale[c];
  }
  return out_same(n, &l, v);
}

static bool add_two(onnx_node *n) {
  const onnx_value *a = onnx_activation(n, 0), *b = a ? onnx_activation(n, 1) : NULL;
  if (!b)
    return false;
  net_shape sa = onnx_shape(n, a), sb = onnx_shape(n, b);
  if (strcmp(n->op, "Add") != 0)
    return onnx_node_error(n, "of two activations is not supported");
  if (a->t.rank != b->t.rank || memcmp(a->t.dim, b->t.dim, (size_t)a->t.rank * sizeof *a->t.dim) != 0 || sa.c != sb.c ||
      sa.h != sb.h || sa.w != sb.w || a->hwc != b->hwc)
    return onnx_node_error(n, "of activations %s and %s: only of equal shapes", onnx_dims(n->im->mem, &a->t),
                           onnx_dims(n->im->mem, &b->t));
  onnx_layer l = onnx_layer_on(n, LAYER_NODE, NET_ADD, a);
  l.node.inputs[1] = b->layer;
  l.node.input_count = 2;
  return out_same(n, &l, a);
}

static bool subtract_two(onnx_node *n) {
  onnx_value *pair[] = {n->in[0], NULL};
  if (!onnx_run_hidden(n, "Neg", onnx_negate, &n->in[1], 1, &pair[1]))
    return false;
  onnx_node sum = *n;
  sum.op = "Add";
  sum.in = pair;
  return add_two(&sum);
}

// Add, Sub, Mul, Div of an activation and a constant; Add and Sub of two activations.
bool onnx_arithmetic(onnx_node *n) {
  if (!onnx_given(n, 0) || !onnx_given(n, 1))
    return onnx_node_error(n, "expected two inputs");
  bool flipped = n->in[0]->constant;
  if (!flipped && !n->in[1]->constant)
    return strcmp(n->op, "Sub") ? add_two(n) : subtract_two(n);
  const onnx_value *v = onnx_activation(n, flipped);
  if (!v)
    return false;
  onnx_layer l = affine(n, v);
  double *k = arena_new_array(n->im->mem, double, (size_t)l.node.shape.c);
  if (!per_channel(n, v, &n->in[!flipped]->t, k))
    return false;
  for (int c = 0; c < l.node.shape.c; c++)
    switch (n->op[0]) {
    case 'A':
      l.shift[c] = k[c];
      break;
    case 'S':
      l.scale[c] = flipped ? -1 : 1;
      l.shift[c] = flipped ? k[c] : -k[c];
      break;
    case 'M':
      l.scale[c] = k[c];
      break;
    default:
      if (flipped || k[c] == 0)
        return onnx_node_error(n, flipped ? "of a constant by an activation" : "by zero");
      l.scale[c] = 1 / k[c];
    }
  return out_same(n, &l, v);
}

// -x.
bool onnx_negate(onnx_node *n) {
  const onnx_value *v = onnx_activation(n, 0);
  if (!v)
    return false;
  onnx_layer l = affine(n, v);
  for (int c = 0; c < l.node.shape.c; c++)
    l.scale[c] = -1;
  return out_same(n, &l, v);
}

// Sum of any number of tensors: one addition after the other.
bool onnx_sum(onnx_node *n) {
  if (n->in_count == 1)
    return onnx_identity(n);
  for (int i = 0; i < n->in_count; i++)
    if (!onnx_given(n, i))
      return onnx_node_error(n, "input %d is missing", i);
  onnx_value *sum = n->in[0];
  for (int i = 1; i + 1 < n->in_count; i++) {
    onnx_value *pair[] = {sum, n->in[i]};
    bool constant = sum->constant && n->in[i]->constant;
    if (!onnx_run_hidden(n, "Add", constant ? onnx_fold_elements : onnx_arithmetic, pair, 2, &sum))
      return false;
  }
  onnx_node last = *n;
  last.op = "Add";
  last.in = (onnx_value *[]){sum, n->in[n->in_count - 1]};
  last.in_count = 2;
  return onnx_arithmetic(&last);
}

// A limit of Clip: an attribute up to opset 10, an input from then on.
static bool limit(const onnx_node *n, const char *name, int input, double *out) {
  *out = onnx_attr_float(n, name, *out);
  if (!onnx_given(n, input))
    return true;
  const onnx_tensor *t = onnx_const_in(n, input);
  if (!t || t->count != 1 || t->v[0] != t->v[0])
    return t && onnx_node_error(n, "expected one number for %s", name);
  *out = t->v[0];
  return true;
}

static bool clamp_to(const onnx_node *n, const onnx_value *v, double lo, double hi) {
  onnx_layer l = onnx_layer_on(n, LAYER_CLAMP, NET_AVGPOOL, v);
  l.node.clamp_lo = lo <= -3.4e38 ? -INFINITY : lo; // what exporters write for no limit
  l.node.clamp_hi = hi >= 3.4e38 ? INFINITY : hi;
  return out_same(n, &l, v);
}

// Relu, Clip.
bool onnx_clamp(onnx_node *n) {
  const onnx_value *v = onnx_activation(n, 0);
  if (!v)
    return false;
  double lo = -INFINITY, hi = INFINITY;
  if (!strcmp(n->op, "Relu"))
    lo = 0;
  else if (!limit(n, "min", 1, &lo) || !limit(n, "max", 2, &hi))
    return false;
  if (!(lo <= hi))
    return onnx_node_error(n, "its minimum %g is above its maximum %g", lo, hi);
  return clamp_to(n, v, lo, hi);
}

// Max and Min of an activation and constants: what exporters write for Clip and ReLU6.
bool onnx_limit(onnx_node *n) {
  bool max = !strcmp(n->op, "Max");
  double limit = max ? -INFINITY : INFINITY;
  int at = -1;
  for (int i = 0; i < n->in_count; i++) {
    if (onnx_given(n, i) && n->in[i]->constant)
      continue;
    if (at >= 0)
      return onnx_node_error(n, "of two activations is not supported");
    at = i;
  }
  const onnx_value *v = onnx_activation(n, at);
  double *k = v ? arena_new_array(n->im->mem, double, (size_t)onnx_shape(n, v).c) : NULL;
  for (int i = 0; v && i < n->in_count; i++) {
    if (i == at)
      continue;
    if (!per_channel(n, v, &n->in[i]->t, k))
      return false;
    for (int c = 0; c < onnx_shape(n, v).c; c++)
      if (k[c] != k[0] || isnan(k[c]))
        return onnx_node_error(n, "constant %s: only one number for all channels is supported",
                               onnx_dims(n->im->mem, &n->in[i]->t));
    limit = max ? fmax(limit, k[0]) : fmin(limit, k[0]);
  }
  return v && clamp_to(n, v, max ? limit : -INFINITY, max ? INFINITY : limit);
}

// The eight pads of an image, begins of N, C, H, W, then ends; from opset 18 on perhaps only those of some axes.
static bool read_pads(const onnx_node *n, const onnx_value *v, int64_t *pads) {
  int64_t given[8], axes[4];
  int count, axis_count, axis, rank = v->t.rank;
  if (!onnx_int_list(n, "pads", 1, given, 8, &count) || !onnx_int_list(n, "axes", 3, axes, 4, &axis_count))
    return false;
  if (count != 2 * (axis_count < 0 ? rank : axis_count))
    return onnx_node_error(n, "%d pad%s; expected two for each of %d dimension%s", count, plural((size_t)count),
                           axis_count < 0 ? rank : axis_count, plural((size_t)(axis_count < 0 ? rank : axis_count)));
  memset(pads, 0, 8 * sizeof *pads);
  for (int i = 0; i < count / 2; i++) {
    if (!onnx_axis(n, axis_count < 0 ? i : axes[i], rank, &axis))
      return false;
    if (v->hwc && axis > 0)
      axis = axis == rank - 1 ? 1 : axis + 1;
    if (axis == 2 && rank == 3 && !onnx_upright(onnx_shape(n, v)))
      axis = 3;
    pads[axis] = given[i];
    pads[4 + axis] = given[count / 2 + i];
  }
  return true;
}

bool onnx_pad(onnx_node *n) {
  const onnx_value *v = onnx_activation(n, 0);
  int64_t pads[8];
  if (v && !(v->hwc && onnx_is_image(n, v, true)))
    v = onnx_image(n, 0);
  if (!v || !read_pads(n, v, pads))
    return false;
  double value = onnx_attr_float(n, "value", 0);
  if (onnx_given(n, 2)) {
    const onnx_tensor *t = onnx_const_in(n, 2);
    if (!t)
      return false;
    value = t->count ? t->v[0] : 0;
  }
  if (!onnx_attr_is(n, "mode", "constant", true) || value != 0)
    return onnx_node_error(n, "only with the constant 0");
  if (pads[0] || pads[4])
    return onnx_node_error(n, "expected no pads for the batch");
  for (int i = 0; i < 8; i++)
    if (pads[i] < 0 || pads[i] > ONNX_MAX_WINDOW)
      return onnx_node_error(n, "a pad of %lld; expected 0 to %d", (long long)pads[i], ONNX_MAX_WINDOW);
  onnx_layer l = onnx_layer_on(n, LAYER_NODE, NET_PAD, v);
  net_node *p = &l.node; // pads: begin of N, C, H, W, then their ends
  p->pad_c0 = (int)pads[1], p->pt = (int)pads[2], p->pl = (int)pads[3];
  p->pad_c1 = (int)pads[5], p->pb = (int)pads[6], p->pr = (int)pads[7];
  p->shape.c += p->pad_c0 + p->pad_c1;
  p->shape.h += p->pt + p->pb;
  p->shape.w += p->pl + p->pr;
  int64_t dim[4] = {n->im->batch};
  int space = v->hwc ? 1 : 2; // the first of its dimensions
  dim[v->hwc ? v->t.rank - 1 : 1] = p->shape.c;
  dim[space] = v->t.rank == 3 ? (int64_t)p->shape.h * p->shape.w : p->shape.h;
  if (v->t.rank == 4)
    dim[space + 1] = p->shape.w;
  return onnx_out_layer(n, &l, v->t.rank, dim, v->hwc);
}

bool onnx_concat(onnx_node *n) {
  const onnx_value *first = onnx_activation(n, 0);
  int axis;
  if (!first || !onnx_axis(n, onnx_attr_int(n, "axis", 1), first->t.rank, &axis))
    return false;
  if (n->in_count > NET_MAX_INPUTS)
    return onnx_node_error(n, "of %d inputs; at most %d are supported", n->in_count, NET_MAX_INPUTS);
  onnx_layer l = onnx_layer_on(n, LAYER_NODE, NET_CONCAT, first);
  net_shape *s = &l.node.shape;
  if (axis != (first->hwc ? first->t.rank - 1 : 1))
    return onnx_node_error(n, "only of channels");
  int64_t dim[ONNX_MAX_RANK];
  memcpy(dim, first->t.dim, sizeof dim);
  l.node.input_count = n->in_count;
  for (int i = 1; i < n->in_count; i++) {
    const onnx_value *v = onnx_activation(n, i);
    if (!v)
      return false;
    net_shape t = onnx_shape(n, v);
    bool fits = v->t.rank == first->t.rank && v->hwc == first->hwc && t.h == s->h && t.w == s->w;
    for (int d = 0; fits && d < v->t.rank; d++)
      fits = d == axis || v->t.dim[d] == dim[d];
    if (!fits || (first->hwc && first->t.rank < 3))
      return onnx_node_error(n, "of %s and %s does not join channels", onnx_dims(n->im->mem, &first->t),
                             onnx_dims(n->im->mem, &v->t));
    l.node.inputs[i] = v->layer;
    s->c += t.c;
    dim[axis] += v->t.dim[axis];
    if (s->c > ONNX_MAX_ACTIVATION)
      return onnx_node_error(n, "too many channels");
  }
  return onnx_out_layer(n, &l, first->t.rank, dim, first->hwc);
}
