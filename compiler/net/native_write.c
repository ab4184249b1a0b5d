// SPDX-License-Identifier: Apache-2.0
//
// The native format's writer: net.yaml beside weights.safetensors (docs/data.md).
#include "compiler/base/escape.h"
#include "compiler/net/operators.h"
#include "compiler/net/safetensors.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  arena *mem;
  const network *net;
  str yaml;
  st_tensor *tensors;
  size_t count, cap;
} writer;

// The shortest decimal that reads back as the same number.
static void put_real(str *s, double v) {
  if (isinf(v)) {
    str_add(s, v < 0 ? "-.inf" : ".inf");
    return;
  }
  char text[40];
  for (int digits = 6; digits <= 17; digits++) {
    snprintf(text, sizeof text, "%.*g", digits, v);
    if (strtod(text, NULL) == v)
      break;
  }
  str_add(s, text);
}

static st_tensor *new_tensor(writer *w, const net_node *n, const char *part, st_type type, const void *data) {
  arena_grow(w->mem, w->tensors, w->count, w->cap);
  st_tensor *t = &w->tensors[w->count++];
  *t = (st_tensor){.name = arena_printf(w->mem, "%s.%s", n->name, part), .type = type, .data = data, .count = 1};
  return t;
}

static void put_vector(writer *w, const net_node *n, const char *part, st_type type, const void *data, int count) {
  if (!data)
    return;
  st_tensor *t = new_tensor(w, n, part, type, data);
  t->rank = 1;
  t->dim[0] = t->count = count;
}

// Weight codes as the narrowest type that holds them.
static void put_weights(writer *w, const net_node *n) {
  st_type type = w->net->quantised ? ST_I16 : ST_F32;
  const void *data = w->net->quantised ? (const void *)n->weight : n->weight_f;
  int64_t count = n->shape.c * net_reduction(w->net, n);
  if (w->net->quantised && n->weight_bits <= 8) {
    uint8_t *narrow = arena_new_array(w->mem, uint8_t, (size_t)count);
    for (int64_t i = 0; i < count; i++)
      narrow[i] = (uint8_t)n->weight[i];
    type = n->weight_signed ? ST_I8 : ST_U8;
    data = narrow;
  }
  st_tensor *t = new_tensor(w, n, "weight", type, data);
  const int64_t dims[] = {n->shape.c, net_input_shape(w->net, n).c / n->groups, n->kh, n->kw};
  t->rank = 4;
  memcpy(t->dim, dims, sizeof dims);
  t->count = count;
}

static void put_activation(str *y, const net_node *n) {
  if (isinf(n->clamp_lo) && isinf(n->clamp_hi))
    return;
  str_add(y, "  activation: ");
  if (n->clamp_lo == 0 && isinf(n->clamp_hi))
    str_add(y, "relu\n");
  else if (n->clamp_lo == 0 && n->clamp_hi == 6)
    str_add(y, "relu6\n");
  else {
    str_add(y, "[");
    put_real(y, n->clamp_lo);
    str_add(y, ", ");
    put_real(y, n->clamp_hi);
    str_add(y, "]\n");
  }
}

static void put_integers(writer *w, const net_node *n) {
  str *y = &w->yaml;
  if (net_multiplies(n)) {
    str_printf(y, "  weights: {bits: %d, signed: %s, zero: %d}\n", n->weight_bits, n->weight_signed ? "true" : "false",
               n->weight_zero);
    put_weights(w, n);
    put_vector(w, n, "bias", ST_I32, n->bias, n->shape.c);
    put_vector(w, n, "weight_scale", ST_F64, n->weight_scale, n->shape.c);
  }
  if (net_is_raw(w->net, n))
    return;
  if (net_requantises(n)) {
    str_printf(y, "  shift: %d\n", n->shift);
    put_vector(w, n, "multiplier", ST_U16, n->mult, net_multipliers(n));
  }
  str_printf(y, "  clamp: [%d, %d]\n", n->lo, n->hi);
  str_printf(y, "  codes: {bits: %d, signed: %s, zero: %d, scale: ", n->quant.bits,
             n->quant.is_signed ? "true" : "false", n->quant.zero);
  put_real(y, n->quant.scale);
  str_add(y, "}\n");
}

static void put_node(writer *w, const net_node *n) {
  str *y = &w->yaml;
  str_printf(y, "- name: %s\n  op: %s\n", escaped(w->mem, escape_yaml, n->name), net_op_name(n->op));
  if (n->input_count) {
    str_add(y, "  inputs: [");
    for (int i = 0; i < n->input_count; i++)
      str_printf(y, "%s%s", i ? ", " : "", escaped(w->mem, escape_yaml, w->net->nodes[n->inputs[i]].name));
    str_add(y, "]\n");
  }
  str_printf(y, "  shape: [%d, %d, %d]\n", n->shape.c, n->shape.h, n->shape.w);
  net_write_attributes(n, y);
  put_activation(y, n);
  if (w->net->quantised)
    put_integers(w, n);
  else if (net_multiplies(n)) {
    put_weights(w, n);
    put_vector(w, n, "bias", ST_F32, n->bias_f, n->shape.c);
  } else
    put_vector(w, n, "gain", ST_F64, n->gain, net_gains(n));
}

// What a pixel is: one scale and offset, or a list of them.
static void put_pixels(str *s, const network *net) {
  int channels = net->input_channels ? net->nodes[0].shape.c : 1;
  bool offset = false;
  for (int c = 0; c < channels; c++)
    offset = offset || net_input_pixels(net, c).offset != 0;
  for (int which = 0; which <= offset; which++) {
    str_add(s, which ? "input_offset: " : "input_scale: ");
    for (int c = 0; c < channels; c++) {
      net_pixels p = net_input_pixels(net, c);
      str_add(s, !net->input_channels ? "" : c ? ", " : "[");
      put_real(s, which ? p.offset : p.scale);
    }
    str_add(s, net->input_channels ? "]\n" : "\n");
  }
}

bool net_files(arena *mem, const network *net, const char *prefix, fileset *out, diag *d) {
  if (!net_verify(net, d))
    return false;
  writer w = {.mem = mem, .net = net};
  for (size_t i = 0; i < net->count; i++)
    put_node(&w, &net->nodes[i]);
  bytes weights = safetensors_write(mem, w.tensors, w.count);
  str head = {0};
  str_add(&head, "# A network for axgen. Shapes are [channels, height, width]; pads are top, bottom, left, right.\n");
  str_printf(&head, "format: 1\nname: %s\nquantised: %s\n", escaped(mem, escape_yaml, net->name),
             net->quantised ? "true" : "false");
  put_pixels(&head, net);
  str_printf(&head, "weights: {file: weights.safetensors, sha256: %s}\nlayers:\n",
             hash_hex(mem, weights.data, weights.size));
  str_add_n(&head, w.yaml.data, w.yaml.len);
  str_free(&w.yaml);
  fileset_add_str(mem, out, arena_printf(mem, "%snet.yaml", prefix), &head);
  fileset_add(mem, out, arena_printf(mem, "%sweights.safetensors", prefix), weights.data, weights.size);
  return true;
}

bool net_write(const network *net, const char *dir, diag *d) {
  arena *mem = arena_new();
  fileset files = {0};
  bool ok = net_files(mem, net, "", &files, d) && fileset_write(&files, dir, d);
  arena_free(mem);
  return ok;
}
