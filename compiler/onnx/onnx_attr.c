// SPDX-License-Identifier: Apache-2.0
//
// ONNX import: attributes of a node.
#include "compiler/onnx/onnx_internal.h"

#include <string.h>

const Onnx__AttributeProto *onnx_attr(const onnx_node *n, const char *name) {
  for (size_t i = 0; i < n->p->n_attribute; i++)
    if (n->p->attribute[i]->name && !strcmp(n->p->attribute[i]->name, name))
      return n->p->attribute[i];
  return NULL;
}

int64_t onnx_attr_int(const onnx_node *n, const char *name, int64_t otherwise) {
  const Onnx__AttributeProto *a = onnx_attr(n, name);
  return a && a->has_i ? a->i : otherwise;
}

double onnx_attr_float(const onnx_node *n, const char *name, double otherwise) {
  const Onnx__AttributeProto *a = onnx_attr(n, name);
  return a && a->has_f ? (double)a->f : otherwise;
}

bool onnx_attr_is(const onnx_node *n, const char *name, const char *text, bool otherwise) {
  const Onnx__AttributeProto *a = onnx_attr(n, name);
  if (!a || !a->has_s)
    return otherwise;
  return a->s.len == strlen(text) && !memcmp(a->s.data, text, a->s.len);
}

bool onnx_attr_ints(const onnx_node *n, const char *name, int count, int64_t otherwise, int64_t *out) {
  const Onnx__AttributeProto *a = onnx_attr(n, name);
  if (a && a->n_ints != (size_t)count)
    return onnx_node_error(n, "attribute %s has %zu number%s; expected %d", name, a->n_ints, plural(a->n_ints), count);
  for (int i = 0; i < count; i++)
    out[i] = a ? a->ints[i] : otherwise;
  return true;
}

bool onnx_int_list(const onnx_node *n, const char *name, int input, int64_t *out, int max, int *count) {
  const Onnx__AttributeProto *a = onnx_attr(n, name);
  const onnx_tensor *t = NULL;
  if (!a && onnx_given(n, input) && !(t = onnx_const_in(n, input)))
    return false;
  int64_t there = a ? (int64_t)a->n_ints : t ? t->count : -1;
  if (there > max)
    return onnx_node_error(n, "%s has %lld numbers; at most %d are expected", name, (long long)there, max);
  *count = (int)there;
  for (int i = 0; i < *count; i++)
    out[i] = a ? a->ints[i] : onnx_tensor_int(t, i);
  return true;
}

bool onnx_axis(const onnx_node *n, int64_t axis, int rank, int *out) {
  if (axis < -rank || axis >= rank)
    return onnx_node_error(n, "axis %lld of a tensor with %d dimensions", (long long)axis, rank);
  *out = (int)(axis < 0 ? axis + rank : axis);
  return true;
}
