// SPDX-License-Identifier: Apache-2.0
//
// ONNX import: Slice, Split and Gather of channels. There is no layer that leaves channels out; instead the layers
// before are made again with fewer channels, back to a convolution or dense layer, which gets fewer filters. Of the
// image itself channels are chosen by a 1x1 convolution, which the layers after it take in where they can
// (onnx_pass.c).
#include "compiler/onnx/onnx_internal.h"

#include <string.h>

static bool select_layer(const onnx_node *n, int layer, const int *list, int count, int *out);

static bool append(const onnx_node *n, onnx_layer l, int count, int *out) {
  onnx_import *im = n->im;
  if (im->layer_count >= ONNX_MAX_LAYERS)
    return onnx_node_error(n, "more than %d layers", ONNX_MAX_LAYERS);
  if ((int64_t)count * l.node.shape.h * l.node.shape.w > ONNX_MAX_ACTIVATION)
    return onnx_node_error(n, "too many channels");
  l.node.shape.c = count;
  arena_grow(im->mem, im->layers, im->layer_count, im->layer_cap);
  im->layers[im->layer_count] = l;
  *out = (int)im->layer_count++;
  return true;
}

static double *chosen(const onnx_node *n, const double *v, const int *list, int count) {
  double *some = arena_new_array(n->im->mem, double, (size_t)count);
  for (int i = 0; v && i < count; i++)
    some[i] = v[list[i]];
  return v ? some : NULL;
}

// Filters `list` of a convolution or dense layer.
static bool choose_filters(const onnx_node *n, onnx_layer *l, const int *list, int count) {
  if ((n->im->constants += count * l->reduction) > ONNX_MAX_CONSTANTS)
    return onnx_node_error(n, "more than %d constant elements", ONNX_MAX_CONSTANTS);
  float *weight = arena_new_array(n->im->mem, float, (size_t)(count * l->reduction));
  for (int i = 0; i < count; i++)
    memcpy(weight + i * l->reduction, l->weight + list[i] * l->reduction, (size_t)l->reduction * sizeof *weight);
  l->weight = weight;
  l->bias = chosen(n, l->bias, list, count);
  l->node.weight_scale = chosen(n, l->node.weight_scale, list, count);
  l->node.bias = NULL;
  return true;
}

// Of a grouped convolution whole groups, or any filters where each group has one input channel.
static bool choose_groups(const onnx_node *n, onnx_layer *l, const int *list, int count) {
  int groups = l->node.groups, in = n->im->layers[l->node.inputs[0]].node.shape.c;
  int channels = in / groups, filters = l->node.shape.c / groups, each = channels == 1 ? 1 : filters;
  bool whole = count % each == 0;
  for (int i = 0; whole && i < count; i++)
    whole = each == 1 || (list[i] % filters == i % filters && list[i] / filters == list[i - i % filters] / filters);
  if (!whole)
    return onnx_node_error(n, "of channels of a grouped convolution; only of whole groups");
  int chosen_groups = count / each, *inputs = arena_new_array(n->im->mem, int, (size_t)(chosen_groups * channels));
  for (int g = 0; g < chosen_groups; g++)
    for (int c = 0; c < channels; c++)
      inputs[g * channels + c] = list[g * each] / filters * channels + c;
  l->node.groups = chosen_groups;
  return choose_filters(n, l, list, count) &&
         select_layer(n, l->node.inputs[0], inputs, chosen_groups * channels, &l->node.inputs[0]);
}

// A run of channels of one of a concatenation's inputs after the other.
static bool select_concat(const onnx_node *n, int layer, const int *list, int count, int *out) {
  onnx_layer l = n->im->layers[layer];
  assert(count > 0);
  int parts = 0, part[NET_MAX_INPUTS];
  for (int i = 0, end; i < count; i = end) {
    int k = 0, first = 0, c;
    while (list[i] >= first + (c = n->im->layers[l.node.inputs[k]].node.shape.c))
      first += c, k++;
    int *own = arena_new_array(n->im->mem, int, (size_t)(count - i));
    for (end = i; end < count && list[end] >= first && list[end] < first + c; end++)
      own[end - i] = list[end] - first;
    if (parts == NET_MAX_INPUTS)
      return onnx_node_error(n, "of channels from more than %d places", NET_MAX_INPUTS);
    if (!select_layer(n, l.node.inputs[k], own, end - i, &part[parts++]))
      return false;
  }
  *out = part[0];
  memcpy(l.node.inputs, part, sizeof part);
  l.node.input_count = parts;
  return parts == 1 || append(n, l, count, out);
}

static bool select_image(const onnx_node *n, int layer, const int *list, int count, int *out) {
  onnx_layer l = onnx_layer_new(n, LAYER_NODE, NET_CONV);
  net_shape in = n->im->layers[layer].node.shape;
  if ((n->im->constants += (int64_t)count * in.c) > ONNX_MAX_CONSTANTS)
    return onnx_node_error(n, "more than %d constant elements", ONNX_MAX_CONSTANTS);
  l.node.inputs[0] = layer;
  l.node.input_count = 1;
  l.node.shape = in;
  l.reduction = in.c;
  l.weight = arena_new_array(n->im->mem, float, (size_t)count *(size_t)in.c);
  l.bias = arena_new_array(n->im->mem, double, (size_t)count);
  for (int i = 0; i < count; i++)
    l.weight[(int64_t)i * in.c + list[i]] = 1;
  l.selects = arena_memdup(n->im->mem, list, (size_t)count * sizeof *list);
  return append(n, l, count, out);
}

// How the channels `list` of layer number `layer` are taken: by a layer that makes no others.
static bool select_filters(const onnx_node *n, int layer, const int *list, int count, int *out) {
  onnx_layer l = n->im->layers[layer];
  bool ok = l.node.groups == 1 ? choose_filters(n, &l, list, count) : choose_groups(n, &l, list, count);
  l.selects = NULL;
  return ok && append(n, l, count, out);
}

static bool select_inputs(const onnx_node *n, int layer, const int *list, int count, int *out) {
  onnx_layer l = n->im->layers[layer];
  for (int k = 0; k < l.node.input_count; k++)
    if (!select_layer(n, l.node.inputs[k], list, count, &l.node.inputs[k]))
      return false;
  l.scale = chosen(n, l.scale, list, count);
  l.shift = chosen(n, l.shift, list, count);
  return append(n, l, count, out);
}

static bool select_pad(const onnx_node *n, int layer, const int *list, int count, int *out) {
  const net_node *pad = &n->im->layers[layer].node;
  return (pad->pad_c0 || pad->pad_c1 ? select_image : select_inputs)(n, layer, list, count, out);
}

// clang-format off
#define ROWS(X)                                                                                                        \
  X(NET_INPUT, select_image) X(NET_CONV, select_filters) X(NET_DENSE, select_filters) X(NET_MAXPOOL, select_inputs)    \
  X(NET_AVGPOOL, select_inputs) X(NET_ADD, select_inputs) X(NET_CONCAT, select_concat) X(NET_PAD, select_pad)
// clang-format on
static const struct {
  bool (*select)(const onnx_node *n, int layer, const int *list, int count, int *out);
} operators[NET_OPS] = {ROWS(BASE_ROW)};
_Static_assert(BASE_ROWS(ROWS) == NET_OPS, "a row for each operator");

// A layer with channels `list` of layer `layer`.
static bool select_layer(const onnx_node *n, int layer, const int *list, int count, int *out) {
  const onnx_layer *l = &n->im->layers[layer];
  bool all = count == l->node.shape.c;
  for (int i = 0; all && i < count; i++)
    all = list[i] == i;
  *out = layer;
  if (all)
    return true;
  if (l->role != LAYER_NODE) // the others work on each channel
    return select_inputs(n, layer, list, count, out);
  return operators[l->node.op].select(n, layer, list, count, out);
}

int onnx_channel_axis(const onnx_node *n, const onnx_value *x) {
  net_shape s = onnx_shape(n, x);
  int axis = x->hwc ? x->t.rank - 1 : 1;
  bool image = x->t.rank >= 2 && x->t.dim[0] == n->im->batch && x->t.dim[axis] == s.c;
  return image ? axis : -1;
}

bool onnx_select(const onnx_node *n, const onnx_value *x, const int *list, int count, onnx_value *out) {
  int layer, axis = onnx_channel_axis(n, x);
  assert(axis >= 0 && count > 0);
  if (!select_layer(n, x->layer, list, count, &layer))
    return false;
  *out = *x;
  out->layer = layer;
  out->t.count = out->t.count / out->t.dim[axis] * count;
  out->t.dim[axis] = count;
  return true;
}

// Parts of the channels, one output each; equal where the sizes are not given.
bool onnx_split(onnx_node *n) {
  const onnx_value *x = onnx_activation(n, 0);
  int64_t sizes[64], parts = (int64_t)n->p->n_output, first = 0;
  int given, axis;
  if (!x || !onnx_axis(n, onnx_attr_int(n, "axis", 0), x->t.rank, &axis) ||
      !onnx_int_list(n, "split", 1, sizes, (int)BASE_COUNT(sizes), &given))
    return false;
  int64_t channels = x->t.dim[axis];
  if (axis != onnx_channel_axis(n, x) || parts < 1 || parts > (int64_t)BASE_COUNT(sizes) ||
      (given >= 0 && given != parts))
    return onnx_node_error(n, "only of channels, into at most %zu parts", BASE_COUNT(sizes));
  int64_t each = div_ceil(channels, parts);
  for (int64_t k = 0; k < parts; first += sizes[k++]) {
    if (given < 0)
      sizes[k] = each < channels - first ? each : channels - first;
    if (sizes[k] < 1 || sizes[k] > channels - first)
      return onnx_node_error(n, "its parts do not fit %lld channel%s", (long long)channels, plural((size_t)channels));
    int *list = arena_new_array(n->im->mem, int, (size_t)sizes[k]);
    for (int64_t i = 0; i < sizes[k]; i++)
      list[i] = (int)(first + i);
    onnx_value part;
    Onnx__NodeProto p = *n->p;
    p.n_output = 1;
    p.output = n->p->output + k;
    onnx_node one = *n;
    one.p = &p;
    if (p.output[0][0] &&
        (!onnx_select(n, x, list, (int)sizes[k], &part) || !onnx_out_view(&one, &part, part.t.rank, part.t.dim)))
      return false;
  }
  return first == channels ||
         onnx_node_error(n, "its parts do not fit %lld channel%s", (long long)channels, plural((size_t)channels));
}

// Channels by their numbers.
bool onnx_gather(onnx_node *n) {
  const onnx_value *x = onnx_activation(n, 0);
  const onnx_tensor *index = x ? onnx_const_in(n, 1) : NULL;
  int axis;
  if (!index || !onnx_axis(n, onnx_attr_int(n, "axis", 0), x->t.rank, &axis))
    return false;
  int64_t channels = x->t.dim[axis];
  if (axis != onnx_channel_axis(n, x) || index->rank != 1 || index->count < 1 || index->count > ONNX_MAX_ACTIVATION)
    return onnx_node_error(n, "of activations only of channels, with a list of their numbers");
  int *list = arena_new_array(n->im->mem, int, (size_t)index->count);
  for (int64_t i = 0; i < index->count; i++) {
    int64_t at = onnx_tensor_int(index, i);
    if (at < -channels || at >= channels)
      return onnx_node_error(n, "index %lld into %lld channel%s", (long long)at, (long long)channels,
                             plural((size_t)channels));
    list[i] = (int)(at < 0 ? at + channels : at);
  }
  onnx_value some;
  return onnx_select(n, x, list, (int)index->count, &some) && onnx_out_view(n, &some, some.t.rank, some.t.dim);
}
