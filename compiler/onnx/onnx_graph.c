// SPDX-License-Identifier: Apache-2.0
//
// ONNX import: the names of the graph, and what the operators use to read their inputs and define their output.
#include "compiler/onnx/onnx_internal.h"

#include <math.h>
#include <string.h>

// ---- names ---------------------------------------------------------------------------------------------------------
static uint32_t hash(const char *s) {
  uint32_t h = 2166136261u;
  for (; *s; s++)
    h = (h ^ (uint8_t)*s) * 16777619u;
  return h;
}

static uint32_t *slot(onnx_import *im, const char *name) {
  for (size_t i = hash(name);; i++) {
    uint32_t *s = &im->index[i & (im->index_size - 1)];
    if (!*s || !strcmp(im->values[*s - 1]->name, name))
      return s;
  }
}

onnx_value *onnx_value_named(onnx_import *im, const char *name) {
  if (im->value_count * 2 >= im->index_size) {
    im->index_size = im->index_size ? im->index_size * 2 : 256;
    im->index = arena_new_array(im->mem, uint32_t, im->index_size);
    for (size_t i = 0; i < im->value_count; i++)
      *slot(im, im->values[i]->name) = (uint32_t)i + 1;
  }
  uint32_t *s = slot(im, name);
  if (!*s) {
    arena_grow(im->mem, im->values, im->value_count, im->value_cap);
    onnx_value *v = arena_new_object(im->mem, onnx_value);
    v->name = name;
    im->values[im->value_count++] = v;
    *s = (uint32_t)im->value_count;
  }
  return im->values[*s - 1];
}

// ---- outputs -------------------------------------------------------------------------------------------------------
static onnx_value *output(const onnx_node *n) {
  if (n->p->n_output == 0 || !n->p->output[0][0]) {
    onnx_node_error(n, "has no output");
    return NULL;
  }
  onnx_value *v = onnx_value_named(n->im, n->p->output[0]);
  if (v->defined) {
    onnx_node_error(n, "its output %s is already defined by something else", onnx_printable(n->im->mem, v->name));
    return NULL;
  }
  v->defined = true;
  return v;
}

bool onnx_out_const(const onnx_node *n, onnx_tensor t) {
  onnx_value *v = output(n);
  if (!v)
    return false;
  v->constant = true;
  v->t = t;
  return true;
}

bool onnx_out_layer(const onnx_node *n, const onnx_layer *l, int rank, const int64_t *dim, bool hwc) {
  onnx_import *im = n->im;
  net_shape s = l->node.shape;
  if (s.c < 1 || s.h < 1 || s.w < 1 || s.c > ONNX_MAX_ACTIVATION || s.h > ONNX_MAX_ACTIVATION ||
      s.w > ONNX_MAX_ACTIVATION || (int64_t)s.c * s.h > ONNX_MAX_ACTIVATION || net_shape_size(s) > ONNX_MAX_ACTIVATION)
    return onnx_node_error(n, "its output of %d x %d x %d is empty or too large", s.c, s.h, s.w);
  if (im->layer_count >= ONNX_MAX_LAYERS)
    return onnx_node_error(n, "more than %d layers", ONNX_MAX_LAYERS);
  onnx_value *v = output(n);
  if (!v)
    return false;
  arena_grow(im->mem, im->layers, im->layer_count, im->layer_cap);
  im->layers[im->layer_count] = *l;
  *v = (onnx_value){.name = v->name, .defined = true, .layer = (int)im->layer_count++};
  v->hwc = hwc && s.c > 1 && (s.h > 1 || s.w > 1); // else the order is the same
  v->t = (onnx_tensor){.type = ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT, .rank = rank, .count = 1};
  for (int i = 0; i < rank; i++)
    v->t.count *= v->t.dim[i] = dim[i];
  assert(v->t.count == net_shape_size(s) * im->batch);
  return true;
}

bool onnx_run_hidden(const onnx_node *n, const char *op, onnx_handler *handler, onnx_value **in, int in_count,
                     onnx_value **out) {
  Onnx__NodeProto p = *n->p;
  p.n_output = 1;
  p.output = (char *[]){arena_printf(n->im->mem, "\x01%d", n->im->hidden++)}; // a name that no file can hold
  onnx_node other = {.im = n->im, .p = &p, .op = op, .label = n->label, .in = in, .in_count = in_count};
  if (!handler(&other))
    return false;
  *out = onnx_value_named(n->im, p.output[0]);
  return true;
}

bool onnx_out_view(const onnx_node *n, const onnx_value *from, int rank, const int64_t *dim) {
  onnx_value *v = output(n);
  if (!v)
    return false;
  const char *name = v->name;
  *v = *from;
  v->name = name;
  v->t.rank = rank;
  memmove(v->t.dim, dim, (size_t)rank * sizeof *dim);
  return true;
}

onnx_layer onnx_layer_new(const onnx_node *n, layer_role role, net_op op) {
  return (onnx_layer){.role = role,
                      .label = n->label,
                      .name = n->p->name ? n->p->name : "",
                      .op_type = n->op,
                      .node = {.op = op,
                               .pos = {.file = n->im->path},
                               .kh = 1,
                               .kw = 1,
                               .sh = 1,
                               .sw = 1,
                               .groups = 1,
                               .clamp_lo = -INFINITY,
                               .clamp_hi = INFINITY}};
}

onnx_layer onnx_layer_on(const onnx_node *n, layer_role role, net_op op, const onnx_value *input) {
  onnx_layer l = onnx_layer_new(n, role, op);
  l.node.inputs[0] = input->layer;
  l.node.input_count = 1;
  l.node.shape = onnx_shape(n, input);
  return l;
}

// ---- inputs --------------------------------------------------------------------------------------------------------
const onnx_value *onnx_activation(const onnx_node *n, int i) {
  if (!onnx_given(n, i)) {
    onnx_node_error(n, "input %d is missing", i);
    return NULL;
  }
  const onnx_value *v = n->in[i];
  const char *why = v->constant ? "must come from the image; it is a constant"
                    : v->dropped
                        ? arena_printf(n->im->mem, "comes from %s, which is supported only at the very end", v->dropped)
                    : v->codes ? "comes from a QuantizeLinear without a DequantizeLinear after it"
                               : NULL;
  if (why)
    onnx_node_error(n, "input %s %s", onnx_printable(n->im->mem, v->name), why);
  return why ? NULL : v;
}

const onnx_tensor *onnx_const_in(const onnx_node *n, int i) {
  if (onnx_given(n, i) && n->in[i]->constant)
    return &n->in[i]->t;
  if (!onnx_given(n, i))
    onnx_node_error(n, "input %d is missing", i);
  else
    onnx_node_error(n, "input %s must be a constant", onnx_printable(n->im->mem, n->in[i]->name));
  return NULL;
}
