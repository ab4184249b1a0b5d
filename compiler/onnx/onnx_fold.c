// SPDX-License-Identifier: Apache-2.0
//
// ONNX import: operators whose inputs are all constant are computed here, which removes the subgraphs that only
// compute shapes.
#include "compiler/onnx/onnx_internal.h"

#include <math.h>
#include <string.h>

#define TYPE(name) ONNX__TENSOR_PROTO__DATA_TYPE__##name

// ---- element by element --------------------------------------------------------------------------------------------
static double apply(const char *op, double x, double y) {
  switch (op[0]) {
  case 'A': // Add
    return x + y;
  case 'S': // Sub, Sum
    return op[2] == 'b' ? x - y : x + y;
  case 'D': // Div
    return x / y;
  default: // Mul, Max, Min
    return op[1] == 'u' ? x * y : op[1] == 'a' ? fmax(x, y) : fmin(x, y);
  }
}

static bool fold_two(const onnx_node *n, const onnx_tensor *a, const onnx_tensor *b, onnx_tensor *result) {
  int rank = a->rank > b->rank ? a->rank : b->rank;
  int64_t dim[ONNX_MAX_RANK], step_a[ONNX_MAX_RANK], step_b[ONNX_MAX_RANK], sa = 1, sb = 1;
  for (int i = rank - 1; i >= 0; i--) { // broadcasting: dimensions aligned at the right
    int ia = i - (rank - a->rank), ib = i - (rank - b->rank);
    int64_t da = ia < 0 ? 1 : a->dim[ia], db = ib < 0 ? 1 : b->dim[ib];
    if (da != db && da != 1 && db != 1)
      return onnx_node_error(n, "shapes %s and %s do not fit", onnx_dims(n->im->mem, a), onnx_dims(n->im->mem, b));
    dim[i] = da == 1 ? db : da;
    step_a[i] = da == 1 ? 0 : sa;
    step_b[i] = db == 1 ? 0 : sb;
    sa *= da;
    sb *= db;
  }
  onnx_tensor out;
  if (!onnx_tensor_new(n->im, a->type, rank, dim, &out))
    return false;
  bool integer = onnx_is_integer(a->type);
  for (int64_t i = 0; i < out.count; i++) {
    int64_t rest = i, pa = 0, pb = 0;
    for (int d = rank - 1; d >= 0; rest /= dim[d--]) {
      pa += rest % dim[d] * step_a[d];
      pb += rest % dim[d] * step_b[d];
    }
    if (n->op[0] == 'D' && integer && b->v[pb] == 0)
      return onnx_node_error(n, "division by zero");
    double v = apply(n->op, a->v[pa], b->v[pb]);
    out.v[i] = integer ? trunc(v) : v;
  }
  *result = out;
  return true;
}

// Add, Sub, Mul, Div; Sum, Max and Min of any number of tensors.
bool onnx_fold_elements(onnx_node *n) {
  const onnx_tensor *first = onnx_const_in(n, 0);
  bool any = !strcmp(n->op, "Sum") || !strcmp(n->op, "Max") || !strcmp(n->op, "Min");
  if (!first)
    return false;
  if (!any && n->in_count != 2)
    return onnx_node_error(n, "expected two inputs");
  onnx_tensor out = *first;
  out.codes = NULL;
  for (int i = 1; i < n->in_count; i++) {
    const onnx_tensor *t = onnx_const_in(n, i);
    onnx_tensor before = out;
    if (!t || !fold_two(n, &before, t, &out))
      return false;
  }
  return onnx_out_const(n, out);
}

bool onnx_fold_unary(onnx_node *n) {
  const onnx_tensor *a = onnx_const_in(n, 0);
  onnx_tensor out;
  if (!a || !onnx_tensor_new(n->im, a->type, a->rank, a->dim, &out))
    return false;
  for (int64_t i = 0; i < a->count; i++)
    switch (n->op[0]) {
    case 'N':
      out.v[i] = -a->v[i];
      break; // Neg
    case 'F':
      out.v[i] = floor(a->v[i]);
      break; // Floor
    case 'C':
      out.v[i] = ceil(a->v[i]);
      break; // Ceil
    default:
      out.v[i] = sqrt(a->v[i]);
      break; // Sqrt
    }
  return onnx_out_const(n, out);
}

bool onnx_fold_cast(onnx_node *n) {
  const onnx_tensor *a = onnx_const_in(n, 0);
  int type = (int)onnx_attr_int(n, "to", 0);
  onnx_tensor out;
  if (!a || !onnx_tensor_new(n->im, type, a->rank, a->dim, &out))
    return false;
  for (int64_t i = 0; i < a->count; i++)
    out.v[i] = onnx_is_integer(type) && type != TYPE(BOOL) ? trunc(a->v[i])
               : type == TYPE(BOOL)                        ? a->v[i] != 0
                                                           : a->v[i];
  return onnx_out_const(n, out);
}

// ---- making constants ----------------------------------------------------------------------------------------------
bool onnx_fold_constant(onnx_node *n) {
  onnx_import *im = n->im;
  const Onnx__AttributeProto *a;
  onnx_tensor out;
  if ((a = onnx_attr(n, "value")) && a->t)
    return onnx_tensor_read(im, a->t, &out) && onnx_out_const(n, out);
  bool floats = (a = onnx_attr(n, "value_float")) || (a = onnx_attr(n, "value_floats"));
  if (!a && !(a = onnx_attr(n, "value_int")) && !(a = onnx_attr(n, "value_ints")))
    return onnx_node_error(n, "expected a value that is a dense tensor or numbers");
  bool list = strchr(a->name, 's') != NULL;
  int64_t count = !list ? 1 : (int64_t)(floats ? a->n_floats : a->n_ints);
  if (!onnx_tensor_new(im, floats ? TYPE(FLOAT) : TYPE(INT64), list, &count, &out))
    return false;
  for (int64_t i = 0; i < count; i++)
    out.v[i] = list ? (floats ? (double)a->floats[i] : (double)a->ints[i]) : floats ? (double)a->f : (double)a->i;
  return onnx_out_const(n, out);
}

bool onnx_fold_constant_of_shape(onnx_node *n) {
  const onnx_tensor *shape = onnx_const_in(n, 0);
  const Onnx__AttributeProto *a = onnx_attr(n, "value");
  onnx_tensor value = {.type = TYPE(FLOAT), .count = 1, .v = (double[]){0}}, out;
  if (!shape || (a && a->t && !onnx_tensor_read(n->im, a->t, &value)))
    return false;
  if (shape->count > ONNX_MAX_RANK || value.count != 1)
    return onnx_node_error(n, "expected a shape of at most %d dimensions and one value", ONNX_MAX_RANK);
  int64_t dim[ONNX_MAX_RANK];
  for (int64_t i = 0; i < shape->count; i++)
    dim[i] = onnx_tensor_int(shape, i);
  if (!onnx_tensor_new(n->im, value.type, (int)shape->count, dim, &out))
    return false;
  for (int64_t i = 0; i < out.count; i++)
    out.v[i] = value.v[0];
  return onnx_out_const(n, out);
}

// Shape, of a constant or of an activation.
bool onnx_fold_shape(onnx_node *n) {
  const onnx_tensor *t = &n->in[0]->t;
  int64_t start = onnx_attr_int(n, "start", 0), end = onnx_attr_int(n, "end", t->rank);
  start = clamp64(start < 0 && start >= -t->rank ? start + t->rank : start, 0, t->rank);
  end = clamp64(end < 0 && end >= -t->rank ? end + t->rank : end, start, t->rank);
  int64_t count = end - start;
  onnx_tensor out;
  if (!onnx_tensor_new(n->im, TYPE(INT64), 1, &count, &out))
    return false;
  for (int64_t i = 0; i < count; i++)
    out.v[i] = (double)t->dim[start + i];
  return onnx_out_const(n, out);
}

bool onnx_shape_of(onnx_node *n) { return onnx_given(n, 0) ? onnx_fold_shape(n) : onnx_activation(n, 0) != NULL; }

// ---- moving elements -----------------------------------------------------------------------------------------------
bool onnx_fold_gather(onnx_node *n) {
  const onnx_tensor *data = onnx_const_in(n, 0), *index = onnx_const_in(n, 1);
  int axis;
  if (!data || !index || !onnx_axis(n, onnx_attr_int(n, "axis", 0), data->rank, &axis))
    return false;
  int64_t dim[2 * ONNX_MAX_RANK], outer = 1, inner = 1, size = data->dim[axis];
  int rank = 0;
  for (int i = 0; i < axis; i++)
    outer *= dim[rank++] = data->dim[i];
  for (int i = 0; i < index->rank; i++)
    dim[rank++] = index->dim[i];
  for (int i = axis + 1; i < data->rank; i++)
    inner *= dim[rank++] = data->dim[i];
  onnx_tensor out;
  if (!onnx_tensor_new(n->im, data->type, rank, dim, &out))
    return false;
  for (int64_t j = 0; j < index->count; j++) {
    int64_t at = onnx_tensor_int(index, j);
    if (at < -size || at >= size)
      return onnx_node_error(n, "index %lld into a dimension of %lld", (long long)at, (long long)size);
    at = at < 0 ? at + size : at;
    for (int64_t o = 0; o < outer; o++)
      memcpy(out.v + (o * index->count + j) * inner, data->v + (o * size + at) * inner, (size_t)inner * sizeof(double));
  }
  return onnx_out_const(n, out);
}

// Copies the elements of `t` that lie at start[d] + i * step[d], for every position i of `out`.
static void copy_strided(const onnx_tensor *t, const int64_t *start, const int64_t *step, onnx_tensor *out) {
  for (int64_t i = 0; i < out->count; i++) {
    int64_t rest = i, from = 0, stride = 1;
    for (int d = t->rank - 1; d >= 0; d--) {
      from += (start[d] + rest % out->dim[d] * step[d]) * stride;
      rest /= out->dim[d];
      stride *= t->dim[d];
    }
    out->v[i] = t->v[from];
  }
}

bool onnx_slice_dims(const onnx_node *n, const onnx_tensor *t, int64_t *first, int64_t *step, int64_t *dim) {
  int64_t starts[ONNX_MAX_RANK], ends[ONNX_MAX_RANK], axes[ONNX_MAX_RANK], steps[ONNX_MAX_RANK];
  int count, end_count, axis_count, step_count;
  if (!onnx_int_list(n, "starts", 1, starts, ONNX_MAX_RANK, &count) ||
      !onnx_int_list(n, "ends", 2, ends, ONNX_MAX_RANK, &end_count) ||
      !onnx_int_list(n, "axes", 3, axes, ONNX_MAX_RANK, &axis_count) ||
      !onnx_int_list(n, "steps", 4, steps, ONNX_MAX_RANK, &step_count))
    return false;
  if (count < 0 || count > t->rank || end_count != count || (axis_count >= 0 && axis_count != count) ||
      (step_count >= 0 && step_count != count))
    return onnx_node_error(n, "starts, ends, axes and steps do not fit each other");
  for (int d = 0; d < t->rank; d++)
    first[d] = 0, step[d] = 1, dim[d] = t->dim[d];
  for (int i = 0; i < count; i++) {
    int axis;
    if (!onnx_axis(n, axis_count >= 0 ? axes[i] : i, t->rank, &axis))
      return false;
    int64_t size = t->dim[axis], by = step_count >= 0 ? steps[i] : 1;
    if (by == 0 || by > ONNX_MAX_CONSTANTS || by < -ONNX_MAX_CONSTANTS)
      return onnx_node_error(n, "a step of %lld", (long long)by);
    int64_t low = by > 0 ? 0 : -1, high = by > 0 ? size : size - 1;
    int64_t s = clamp64(starts[i] < 0 && starts[i] >= -size ? starts[i] + size : starts[i], by > 0 ? 0 : -1, high);
    int64_t e = clamp64(ends[i] < 0 && ends[i] >= -size ? ends[i] + size : ends[i], low, by > 0 ? size : size - 1);
    first[axis] = s;
    step[axis] = by;
    dim[axis] = by > 0 ? (e > s ? (e - s + by - 1) / by : 0) : (s > e ? (s - e - by - 1) / -by : 0);
  }
  return true;
}

bool onnx_fold_slice(onnx_node *n) {
  const onnx_tensor *t = onnx_const_in(n, 0);
  int64_t first[ONNX_MAX_RANK], step[ONNX_MAX_RANK], dim[ONNX_MAX_RANK];
  onnx_tensor out;
  if (!t || !onnx_slice_dims(n, t, first, step, dim) || !onnx_tensor_new(n->im, t->type, t->rank, dim, &out))
    return false;
  copy_strided(t, first, step, &out);
  return onnx_out_const(n, out);
}

bool onnx_fold_concat(onnx_node *n) {
  const onnx_tensor *first = onnx_const_in(n, 0);
  int axis;
  if (!first || !onnx_axis(n, onnx_attr_int(n, "axis", 0), first->rank, &axis))
    return false;
  int64_t dim[ONNX_MAX_RANK], outer = 1;
  memcpy(dim, first->dim, sizeof dim);
  dim[axis] = 0;
  for (int i = 0; i < n->in_count; i++) {
    const onnx_tensor *t = onnx_const_in(n, i);
    if (!t)
      return false;
    for (int d = 0; d < first->rank; d++)
      if (t->rank != first->rank || (d != axis && t->dim[d] != first->dim[d]))
        return onnx_node_error(n, "shapes %s and %s do not fit", onnx_dims(n->im->mem, first),
                               onnx_dims(n->im->mem, t));
    dim[axis] += t->dim[axis];
  }
  for (int d = 0; d < axis; d++)
    outer *= dim[d];
  onnx_tensor out;
  if (!onnx_tensor_new(n->im, first->type, first->rank, dim, &out))
    return false;
  double *to = out.v;
  for (int64_t o = 0; o < outer; o++)
    for (int i = 0; i < n->in_count; i++) {
      const onnx_tensor *t = &n->in[i]->t;
      int64_t run = t->count / outer;
      memcpy(to, t->v + o * run, (size_t)run * sizeof(double));
      to += run;
    }
  return onnx_out_const(n, out);
}

// Reshape, Flatten, Squeeze, Unsqueeze, Identity, Dropout: the same elements.
bool onnx_fold_view(onnx_node *n) {
  const onnx_tensor *t = onnx_const_in(n, 0);
  if (!t)
    return false;
  onnx_tensor out = *t;
  if (out.codes && out.codes->count > 1 && strcmp(n->op, "Identity") != 0)
    out.codes = NULL; // its axis may be gone
  return onnx_view_dims(n, t, &out.rank, out.dim) && onnx_out_const(n, out);
}

bool onnx_fold_transpose(onnx_node *n) {
  const onnx_tensor *t = onnx_const_in(n, 0);
  int64_t perm[ONNX_MAX_RANK];
  if (!t)
    return false;
  for (int d = 0; d < t->rank; d++)
    perm[d] = t->rank - 1 - d;
  if (onnx_attr(n, "perm") && !onnx_attr_ints(n, "perm", t->rank, 0, perm))
    return false;
  int64_t dim[ONNX_MAX_RANK], stride[ONNX_MAX_RANK] = {0};
  unsigned seen = 0;
  for (int d = 0; d < t->rank; d++) {
    int axis;
    if (!onnx_axis(n, perm[d], t->rank, &axis))
      return false;
    if (seen & 1u << axis)
      return onnx_node_error(n, "perm is not a permutation");
    seen |= 1u << axis;
    dim[d] = t->dim[axis];
    stride[d] = 1;
    for (int k = axis + 1; k < t->rank; k++)
      stride[d] *= t->dim[k];
  }
  onnx_tensor out;
  if (!onnx_tensor_new(n->im, t->type, t->rank, dim, &out))
    return false;
  if (t->codes && t->codes->count == 1)
    out.codes = t->codes;
  for (int64_t i = 0; i < out.count; i++) {
    int64_t rest = i, from = 0;
    for (int d = t->rank - 1; d >= 0; rest /= out.dim[d--])
      from += rest % out.dim[d] * stride[d];
    out.v[i] = t->v[from];
  }
  return onnx_out_const(n, out);
}
