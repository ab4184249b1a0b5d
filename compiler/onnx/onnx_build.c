// SPDX-License-Identifier: Apache-2.0
//
// ONNX export: protobuf-c's structures, filled.
#include "compiler/onnx/onnx_build.h"

#include <string.h>

#define TYPE(name) ONNX_TYPE(name)

// A new object with protobuf-c's initial values.
#define NEW(b, type, init) ((type *)arena_memdup((b)->mem, &(type)init, sizeof(type)))

static char *copy(const onnx_build *b, const char *text) { return arena_strdup(b->mem, text); }

Onnx__NodeProto *onnx_build_node(onnx_build *b, const char *domain, const char *op, const char *name,
                                 const char *const *inputs, const char *output) {
  Onnx__NodeProto *n = NEW(b, Onnx__NodeProto, ONNX__NODE_PROTO__INIT);
  while (inputs[n->n_input])
    n->n_input++;
  assert(n->n_input <= ONNX_BUILD_INPUTS);
  n->input = arena_new_array(b->mem, char *, n->n_input + 1);
  for (size_t i = 0; i < n->n_input; i++)
    n->input[i] = copy(b, inputs[i]);
  n->output = arena_new_array(b->mem, char *, 1);
  n->output[n->n_output++] = copy(b, output);
  n->name = copy(b, name);
  n->op_type = copy(b, op);
  n->domain = copy(b, domain ? domain : "");
  n->attribute = arena_new_array(b->mem, Onnx__AttributeProto *, ONNX_BUILD_ATTRIBUTES);
  arena_grow(b->mem, b->nodes, b->node_count, b->node_cap);
  return b->nodes[b->node_count++] = n;
}

static Onnx__AttributeProto *attribute(onnx_build *b, Onnx__NodeProto *n, const char *name,
                                       Onnx__AttributeProto__AttributeType type) {
  assert(n->n_attribute < ONNX_BUILD_ATTRIBUTES);
  Onnx__AttributeProto *a = NEW(b, Onnx__AttributeProto, ONNX__ATTRIBUTE_PROTO__INIT);
  a->name = copy(b, name);
  a->has_type = true;
  a->type = type;
  return n->attribute[n->n_attribute++] = a;
}

void onnx_build_int(onnx_build *b, Onnx__NodeProto *n, const char *name, int64_t value) {
  Onnx__AttributeProto *a = attribute(b, n, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT);
  a->has_i = true;
  a->i = value;
}

void onnx_build_ints(onnx_build *b, Onnx__NodeProto *n, const char *name, const int *values, int count) {
  Onnx__AttributeProto *a = attribute(b, n, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS);
  a->ints = arena_new_array(b->mem, int64_t, (size_t)count);
  a->n_ints = (size_t)count;
  for (int i = 0; i < count; i++)
    a->ints[i] = values[i];
}

void onnx_build_string(onnx_build *b, Onnx__NodeProto *n, const char *name, const char *value) {
  Onnx__AttributeProto *a = attribute(b, n, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRING);
  a->has_s = true;
  a->s = (ProtobufCBinaryData){strlen(value), (uint8_t *)copy(b, value)};
}

// ---- tensors: raw data is little-endian -----------------------------------------------------------------------------
static int width_of(int type) {
  return type == TYPE(INT8) || type == TYPE(UINT8)     ? 1
         : type == TYPE(INT16) || type == TYPE(UINT16) ? 2
         : type == TYPE(INT64)                         ? 8
                                                       : 4;
}

static void put_value(int type, int width, double value, uint8_t *out) {
  uint64_t bits = 0;
  if (type == TYPE(FLOAT)) {
    float f = (float)value;
    uint32_t word;
    memcpy(&word, &f, sizeof word);
    bits = word;
  } else {
    bits = (uint64_t)(int64_t)value;
  }
  for (int i = 0; i < width; i++)
    out[i] = (uint8_t)(bits >> 8 * i);
}

const char *onnx_build_tensor(onnx_build *b, const char *name, int type, const double *values, int rank,
                              const int64_t *dims) {
  Onnx__TensorProto *t = NEW(b, Onnx__TensorProto, ONNX__TENSOR_PROTO__INIT);
  size_t count = 1, width = (size_t)width_of(type);
  t->dims = arena_new_array(b->mem, int64_t, (size_t)rank + 1);
  t->n_dims = (size_t)rank;
  for (int i = 0; i < rank; i++)
    count *= (size_t)(t->dims[i] = dims[i]);
  t->name = copy(b, name);
  t->has_data_type = true;
  t->data_type = type;
  t->has_raw_data = true;
  t->raw_data = (ProtobufCBinaryData){count * width, arena_alloc(b->mem, count * width)};
  for (size_t i = 0; i < count; i++)
    put_value(type, (int)width, values[i], t->raw_data.data + i * width);
  arena_grow(b->mem, b->tensors, b->tensor_count, b->tensor_cap);
  b->tensors[b->tensor_count++] = t;
  return t->name;
}

const char *onnx_build_number(onnx_build *b, const char *name, int type, double value) {
  return onnx_build_tensor(b, name, type, &value, 0, NULL);
}

// ---- the model ------------------------------------------------------------------------------------------------------
static Onnx__TensorShapeProto__Dimension *dimension(const onnx_build *b, int64_t size) {
  Onnx__TensorShapeProto__Dimension *d =
      NEW(b, Onnx__TensorShapeProto__Dimension, ONNX__TENSOR_SHAPE_PROTO__DIMENSION__INIT);
  if (size) {
    d->value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE;
    d->dim_value = size;
  } else {
    d->value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_PARAM;
    d->dim_param = copy(b, "N");
  }
  return d;
}

static Onnx__ValueInfoProto **value_info(const onnx_build *b, const char *name, int type, int rank,
                                         const int64_t *dims) {
  Onnx__ValueInfoProto *v = NEW(b, Onnx__ValueInfoProto, ONNX__VALUE_INFO_PROTO__INIT);
  v->name = copy(b, name);
  v->type = NEW(b, Onnx__TypeProto, ONNX__TYPE_PROTO__INIT);
  v->type->value_case = ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE;
  Onnx__TypeProto__Tensor *t = v->type->tensor_type = NEW(b, Onnx__TypeProto__Tensor, ONNX__TYPE_PROTO__TENSOR__INIT);
  t->has_elem_type = true;
  t->elem_type = type;
  t->shape = NEW(b, Onnx__TensorShapeProto, ONNX__TENSOR_SHAPE_PROTO__INIT);
  t->shape->n_dim = (size_t)rank + 1;
  t->shape->dim = arena_new_array(b->mem, Onnx__TensorShapeProto__Dimension *, t->shape->n_dim);
  t->shape->dim[0] = dimension(b, 0);
  for (int i = 0; i < rank; i++)
    t->shape->dim[i + 1] = dimension(b, dims[i]);
  return arena_memdup(b->mem, &v, sizeof v);
}

static Onnx__OperatorSetIdProto *opset(const onnx_build *b, const char *domain, int64_t version) {
  Onnx__OperatorSetIdProto *o = NEW(b, Onnx__OperatorSetIdProto, ONNX__OPERATOR_SET_ID_PROTO__INIT);
  o->domain = copy(b, domain);
  o->has_version = true;
  o->version = version;
  return o;
}

bytes onnx_build_pack(onnx_build *b, const onnx_build_model *m) {
  Onnx__GraphProto graph = ONNX__GRAPH_PROTO__INIT;
  graph.name = copy(b, m->name);
  graph.n_node = b->node_count;
  graph.node = b->nodes;
  graph.n_initializer = b->tensor_count;
  graph.initializer = b->tensors;
  graph.n_input = graph.n_output = 1;
  graph.input = value_info(b, m->input, m->input_type, m->input_rank, m->input_dims);
  graph.output = value_info(b, m->output, m->output_type, m->output_rank, m->output_dims);
  Onnx__ModelProto model = ONNX__MODEL_PROTO__INIT;
  model.has_ir_version = true;
  model.ir_version = m->ir_version;
  model.producer_name = copy(b, "axgen");
  model.graph = &graph;
  Onnx__OperatorSetIdProto *sets[] = {opset(b, "", m->opset), m->domain ? opset(b, m->domain, 1) : NULL};
  model.opset_import = sets;
  model.n_opset_import = m->domain ? 2 : 1;
  bytes out = {.size = onnx__model_proto__get_packed_size(&model)};
  out.data = arena_alloc(b->mem, out.size + 1);
  onnx__model_proto__pack(&model, out.data);
  return out;
}
