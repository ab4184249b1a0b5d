// SPDX-License-Identifier: Apache-2.0
//
// ONNX import: operators that leave the elements of an activation as they are and only change how they are seen.
#include "compiler/onnx/onnx_internal.h"

#include <string.h>

// ---- new dimensions ------------------------------------------------------------------------------------------------
static bool reshape_dims(const onnx_node *n, const onnx_tensor *t, int *rank, int64_t *dim) {
  const onnx_tensor *shape = onnx_const_in(n, 1);
  if (!shape)
    return false;
  if (shape->count > ONNX_MAX_RANK)
    return onnx_node_error(n, "to %lld dimensions; at most %d are supported", (long long)shape->count, ONNX_MAX_RANK);
  bool allow_zero = onnx_attr_int(n, "allowzero", 0) != 0;
  int64_t known = 1;
  int open = -1;
  *rank = (int)shape->count;
  for (int i = 0; i < *rank; i++) {
    dim[i] = onnx_tensor_int(shape, i);
    if (dim[i] == 0 && !allow_zero && i < t->rank)
      dim[i] = t->dim[i];
    if (dim[i] == -1 && open < 0)
      open = i;
    else if (dim[i] < 0 || dim[i] > ONNX_MAX_CONSTANTS || (known *= dim[i]) > ONNX_MAX_CONSTANTS)
      return onnx_node_error(n, "a new dimension of %lld", (long long)dim[i]);
  }
  if (open >= 0)
    dim[open] = known ? t->count / known : 0;
  if (known * (open >= 0 ? dim[open] : 1) != t->count)
    return onnx_node_error(n, "%s cannot become %lld element%s", onnx_dims(n->im->mem, t),
                           (long long)(known * (open >= 0 ? dim[open] : 1)),
                           plural((size_t)(known * (open >= 0 ? dim[open] : 1))));
  return true;
}

static bool flatten_dims(const onnx_node *n, const onnx_tensor *t, int *rank, int64_t *dim) {
  int64_t axis = onnx_attr_int(n, "axis", 1);
  if (axis < -t->rank || axis > t->rank)
    return onnx_node_error(n, "axis %lld of a tensor with %d dimensions", (long long)axis, t->rank);
  axis = axis < 0 ? axis + t->rank : axis;
  *rank = 2;
  dim[0] = dim[1] = 1;
  for (int i = 0; i < t->rank; i++)
    dim[i >= axis] *= t->dim[i];
  return true;
}

static bool squeeze_dims(const onnx_node *n, const onnx_tensor *t, int *rank, int64_t *dim) {
  int64_t axes[ONNX_MAX_RANK];
  int count;
  unsigned gone = 0;
  if (!onnx_int_list(n, "axes", 1, axes, ONNX_MAX_RANK, &count))
    return false;
  for (int i = 0; i < count; i++) {
    int axis;
    if (!onnx_axis(n, axes[i], t->rank, &axis))
      return false;
    if (t->dim[axis] != 1)
      return onnx_node_error(n, "dimension %d of %s is not 1", axis, onnx_dims(n->im->mem, t));
    gone |= 1u << axis;
  }
  *rank = 0;
  for (int i = 0; i < t->rank; i++)
    if (count < 0 ? t->dim[i] != 1 : !(gone & 1u << i))
      dim[(*rank)++] = t->dim[i];
  return true;
}

static bool unsqueeze_dims(const onnx_node *n, const onnx_tensor *t, int *rank, int64_t *dim) {
  int64_t axes[ONNX_MAX_RANK];
  int count;
  unsigned added = 0;
  if (!onnx_int_list(n, "axes", 1, axes, ONNX_MAX_RANK, &count))
    return false;
  if (count < 0 || t->rank + count > ONNX_MAX_RANK)
    return onnx_node_error(n, "expected axes, and at most %d dimensions", ONNX_MAX_RANK);
  *rank = t->rank + count;
  for (int i = 0; i < count; i++) {
    int axis;
    if (!onnx_axis(n, axes[i], *rank, &axis))
      return false;
    if (added & 1u << axis)
      return onnx_node_error(n, "axis %d twice", axis);
    added |= 1u << axis;
  }
  for (int i = 0, from = 0; i < *rank; i++)
    dim[i] = added & 1u << i ? 1 : t->dim[from++];
  return true;
}

bool onnx_view_dims(const onnx_node *n, const onnx_tensor *t, int *rank, int64_t *dim) {
  static const struct {
    const char *op;
    bool (*dims)(const onnx_node *n, const onnx_tensor *t, int *rank, int64_t *dim);
  } views[] = {
      {"Reshape", reshape_dims}, {"Flatten", flatten_dims}, {"Squeeze", squeeze_dims}, {"Unsqueeze", unsqueeze_dims}};
  for (size_t i = 0; i < BASE_COUNT(views); i++)
    if (!strcmp(n->op, views[i].op))
      return views[i].dims(n, t, rank, dim);
  *rank = t->rank; // Identity, Dropout, Cast
  memcpy(dim, t->dim, (size_t)t->rank * sizeof *dim);
  return true;
}

// ---- the operators -------------------------------------------------------------------------------------------------
bool onnx_view(onnx_node *n) {
  int rank;
  int64_t dim[ONNX_MAX_RANK];
  if (!onnx_given(n, 0) || n->in[0]->constant)
    return onnx_activation(n, 0) != NULL;
  if (!onnx_view_dims(n, &n->in[0]->t, &rank, dim))
    return false;
  onnx_value seen = *n->in[0];
  seen.t.rank = rank;
  memcpy(seen.t.dim, dim, (size_t)rank * sizeof *dim);
  net_shape s = onnx_shape(n, &seen);
  if (s.h == 1 && s.w == 1 && (rank == 3 || rank == 4)) // now, since arithmetic that follows takes it as it is
    onnx_shape_input(n, &seen, false);
  return onnx_out_view(n, n->in[0], rank, dim);
}

// Identity, Dropout (which does nothing in inference), Cast.
bool onnx_identity(onnx_node *n) {
  bool answer = onnx_given(n, 0) && n->in[0]->dropped;
  if (!strcmp(n->op, "Cast") && onnx_is_integer((int)onnx_attr_int(n, "to", 0)) && !answer)
    return onnx_node_error(n, "activations can be cast to floating point only");
  if (!strcmp(n->op, "Dropout") && onnx_given(n, 2)) {
    const onnx_tensor *training = onnx_const_in(n, 2);
    if (!training || (training->count && training->v[0] != 0))
      return training && onnx_node_error(n, "is in training mode");
  }
  return onnx_view(n);
}

// ArgMax over all outputs of an image: the dimensions that are left, one number an image.
static bool argmax_dims(const onnx_node *n, onnx_value *v) {
  int axis;
  if (!onnx_axis(n, onnx_attr_int(n, "axis", 0), v->t.rank, &axis))
    return false;
  if (v->t.dim[axis] != net_shape_size(onnx_shape(n, v)) || onnx_attr_int(n, "select_last_index", 0))
    return onnx_node_error(n, "axis %d of %s; only over all outputs of an image, the first of equal ones", axis,
                           onnx_dims(n->im->mem, &v->t));
  v->t.count /= v->t.dim[axis];
  v->t.dim[axis] = 1;
  if (!onnx_attr_int(n, "keepdims", 1))
    memmove(v->t.dim + axis, v->t.dim + axis + 1, (size_t)(--v->t.rank - axis) * sizeof *v->t.dim);
  return true;
}

// Softmax, LogSoftmax and Sigmoid keep the order of the logits, and ArgMax is what is done with them: dropped at the
// end of the network, also one after the other, and also of codes.
bool onnx_answer(onnx_node *n) {
  if (!onnx_given(n, 0) || n->in[0]->constant)
    return onnx_activation(n, 0) != NULL;
  onnx_value v = *n->in[0];
  if (!strcmp(n->op, "ArgMax") && !argmax_dims(n, &v))
    return false;
  v.codes = false;
  v.dropped = n->op;
  return onnx_out_view(n, &v, v.t.rank, v.t.dim);
}

// Is `perm`, of 3 or 4 dimensions, from channels first to last, or the other way?
static bool goes_to(const int64_t *perm, int rank, bool last) {
  for (int i = 0; i < rank; i++) {
    int64_t want = i == 0 ? 0 : last ? (i == rank - 1 ? 1 : i + 1) : i == 1 ? rank - 1 : i - 1;
    if (perm[i] != want)
      return false;
  }
  return rank == 3 || rank == 4;
}

bool onnx_is_image(const onnx_node *n, const onnx_value *v, bool hwc) {
  net_shape s = onnx_shape(n, v);
  const int64_t *dim = v->t.dim + 1 + !hwc; // of space
  bool fits = v->t.rank == 4 ? dim[0] == s.h && dim[1] == s.w : v->t.rank == 3 && dim[0] == (int64_t)s.h * s.w;
  return fits && v->t.dim[0] == n->im->batch && v->t.dim[hwc ? v->t.rank - 1 : 1] == s.c;
}

// Between channels first and channels last; or where all that moves are dimensions of 1.
bool onnx_transpose(onnx_node *n) {
  const onnx_value *v = onnx_activation(n, 0);
  int64_t perm[ONNX_MAX_RANK], dim[ONNX_MAX_RANK];
  if (!v || !onnx_attr_ints(n, "perm", v->t.rank, 0, perm))
    return false;
  unsigned seen = 0;
  bool still = true;
  int64_t last = -1;
  for (int i = 0; i < v->t.rank; i++) {
    if (perm[i] < 0 || perm[i] >= v->t.rank || seen & 1u << perm[i])
      return onnx_node_error(n, "perm is not a permutation");
    seen |= 1u << perm[i];
    dim[i] = v->t.dim[perm[i]];
    if (dim[i] != 1) {
      still = still && perm[i] > last;
      last = perm[i];
    }
  }
  if (still)
    return onnx_out_view(n, v, v->t.rank, dim);
  bool to_first = goes_to(perm, v->t.rank, false), to_last = goes_to(perm, v->t.rank, true);
  if (to_first)
    onnx_shape_input(n, v, true);
  // A list of numbers that is seen as an image with channels last has its channels last.
  bool hwc = v->hwc || (v->layer == 0 && n->im->layer_count == 1 && to_first);
  if (!onnx_is_image(n, v, hwc) || !(hwc ? to_first : to_last))
    return onnx_node_error(n, "of activations %s; only between channels first and channels last",
                           onnx_dims(n->im->mem, &v->t));
  onnx_value moved = *v;
  moved.hwc = !hwc;
  return onnx_out_view(n, &moved, v->t.rank, dim);
}
