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

static const char *type_name(Onnx__AttributeProto__AttributeType type) {
  const ProtobufCEnumValue *v =
      protobuf_c_enum_descriptor_get_value(&onnx__attribute_proto__attribute_type__descriptor, (int)type);
  return v ? v->name : "?";
}

// Does it hold a value of the type that is wanted? Writers of proto3 leave out a 0, which only the type tells then;
// those of the first format gave no types.
static bool is_of(const Onnx__AttributeProto *a, Onnx__AttributeProto__AttributeType wanted) {
  bool there = (wanted == ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT && a->has_i) ||
               (wanted == ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOAT && a->has_f) ||
               (wanted == ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRING && a->has_s) ||
               (wanted == ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS && a->n_ints);
  bool other = a->has_i || a->has_f || a->has_s || a->n_ints || a->n_floats || a->n_strings || a->t;
  return (there || !other) && (!a->has_type || a->type == wanted);
}

const Onnx__AttributeProto *onnx_attr_of(const onnx_node *n, const char *name,
                                         Onnx__AttributeProto__AttributeType wanted) {
  const Onnx__AttributeProto *a = onnx_attr(n, name);
  if (!a || is_of(a, wanted))
    return a;
  onnx_node_error(n, "attribute %s is no %s, but %s", name, type_name(wanted),
                  a->has_type && a->type != wanted ? type_name(a->type) : "something else");
  return NULL;
}

int64_t onnx_attr_int(const onnx_node *n, const char *name, int64_t otherwise) {
  const Onnx__AttributeProto *a = onnx_attr_of(n, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT);
  return a ? a->i : otherwise;
}

double onnx_attr_float(const onnx_node *n, const char *name, double otherwise) {
  const Onnx__AttributeProto *a = onnx_attr_of(n, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOAT);
  return a ? (double)a->f : otherwise;
}

bool onnx_attr_is(const onnx_node *n, const char *name, const char *text, bool otherwise) {
  const Onnx__AttributeProto *a = onnx_attr_of(n, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRING);
  if (!a)
    return otherwise;
  return a->s.len == strlen(text) && !memcmp(a->s.data ? (const char *)a->s.data : "", text, a->s.len);
}

bool onnx_attr_ints(const onnx_node *n, const char *name, int count, int64_t otherwise, int64_t *out) {
  const Onnx__AttributeProto *a = onnx_attr_of(n, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS);
  if (a && a->n_ints != (size_t)count)
    return onnx_node_error(n, "attribute %s has %zu number%s; expected %d", name, a->n_ints, plural(a->n_ints), count);
  for (int i = 0; i < count; i++)
    out[i] = a ? a->ints[i] : otherwise;
  return true;
}

bool onnx_int_list(const onnx_node *n, const char *name, int input, int64_t *out, int max, int *count) {
  const Onnx__AttributeProto *a = onnx_attr_of(n, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS);
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
