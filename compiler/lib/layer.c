// SPDX-License-Identifier: Apache-2.0
//
// A network's layers as others compute them: all that docs/numerics.md needs, and the same network with other weights.
#include "compiler/base/json.h"
#include "compiler/lib/lib.h"

#include <math.h>
#include <string.h>

static void add_numbers(cJSON *o, const char *key, const int *v, int count) {
  cJSON_AddItemToObject(o, key, cJSON_CreateIntArray(v, count));
}

static void add_window(cJSON *o, const net_node *n) {
  add_numbers(o, "kernel", (int[]){n->kh, n->kw}, 2);
  add_numbers(o, "stride", (int[]){n->sh, n->sw}, 2);
  add_numbers(o, "pads", (int[]){n->pt, n->pb, n->pl, n->pr}, 4);
  add_numbers(o, "channels", (int[]){n->pad_c0, n->pad_c1}, 2);
  cJSON_AddNumberToObject(o, "groups", n->groups);
  cJSON_AddBoolToObject(o, "count_pads", n->count_pad);
}

// Of the activation function; null: no limit.
static void add_limits(cJSON *o, const net_node *n) {
  cJSON *limits = cJSON_AddArrayToObject(o, "activation");
  const double both[] = {n->clamp_lo, n->clamp_hi};
  for (int i = 0; i < 2; i++)
    cJSON_AddItemToArray(limits, isfinite(both[i]) ? cJSON_CreateNumber(both[i]) : cJSON_CreateNull());
}

static void add_weights(cJSON *o, const network *net, const net_node *n) {
  cJSON *w = cJSON_AddObjectToObject(o, "weights");
  add_numbers(w, "shape", (int[]){n->shape.c, net_input_shape(net, n).c / n->groups, n->kh, n->kw}, 4);
  cJSON_AddNumberToObject(w, "bits", n->weight_bits);
  cJSON_AddBoolToObject(w, "signed", n->weight_signed);
  cJSON_AddNumberToObject(w, "zero", n->weight_zero);
  if (n->weight_scale)
    cJSON_AddItemToObject(w, "scale", cJSON_CreateDoubleArray(n->weight_scale, n->shape.c));
  cJSON_AddItemToObject(w, "bias", cJSON_CreateIntArray(n->bias, n->shape.c));
}

static void add_codes(cJSON *o, const net_node *n) {
  if (net_requantises(n)) {
    cJSON *m = cJSON_AddArrayToObject(o, "multiplier");
    for (int i = 0; i < net_multipliers(n); i++)
      cJSON_AddItemToArray(m, cJSON_CreateNumber(n->mult[i]));
    cJSON_AddNumberToObject(o, "shift", n->shift);
  }
  add_numbers(o, "clamp", (int[]){n->lo, n->hi}, 2);
  cJSON *q = cJSON_AddObjectToObject(o, "codes");
  cJSON_AddNumberToObject(q, "bits", n->quant.bits);
  cJSON_AddBoolToObject(q, "signed", n->quant.is_signed);
  cJSON_AddNumberToObject(q, "zero", n->quant.zero);
  cJSON_AddNumberToObject(q, "scale", n->quant.scale);
}

static void add_pixels(cJSON *o, const network *net) {
  cJSON *scale = cJSON_AddArrayToObject(o, "input_scale"), *offset = cJSON_AddArrayToObject(o, "input_offset");
  for (int c = 0; c < net->nodes[0].shape.c; c++) {
    net_pixels p = net_input_pixels(net, c);
    cJSON_AddItemToArray(scale, cJSON_CreateNumber(p.scale));
    cJSON_AddItemToArray(offset, cJSON_CreateNumber(p.offset));
  }
}

static bool is_layer(const network *net, size_t layer, diag *d) {
  return layer < net->count ||
         diag_error(d, "layer %zu of network %s: expected 0 to %zu", layer, net->name, net->count - 1);
}

char *axgen_net_describe(const axgen_net *net, size_t layer, axgen_error **error) {
  diag d = {0};
  const network *all = net->net;
  if (!is_layer(all, layer, &d)) {
    lib_end(false, &d, NULL, error);
    return NULL;
  }
  const net_node *n = &all->nodes[layer];
  cJSON *o = cJSON_CreateObject();
  cJSON_AddStringToObject(o, "name", n->name);
  cJSON_AddStringToObject(o, "op", net_op_name(n->op));
  add_numbers(o, "inputs", n->inputs, n->input_count);
  add_numbers(o, "shape", (int[]){n->shape.c, n->shape.h, n->shape.w}, 3);
  add_window(o, n);
  add_limits(o, n);
  if (!layer)
    add_pixels(o, all);
  if (all->quantised && net_multiplies(n))
    add_weights(o, all, n);
  if (all->quantised && !net_is_raw(all, n))
    add_codes(o, n);
  arena *mem = arena_new();
  char *text = strdup(json_text(mem, o));
  assert(text);
  arena_free(mem);
  lib_end(true, &d, NULL, error);
  return text;
}

const int16_t *axgen_net_weights(const axgen_net *net, size_t layer) {
  const network *all = net->net;
  return layer < all->count && all->quantised ? all->nodes[layer].weight : NULL;
}

static bool replace(network *net, size_t i, const int16_t *weights, const int32_t *bias, diag *d) {
  net_node *n = &net->nodes[i];
  if (!net_multiplies(n))
    return diag_error(d, "layer %s: a %s, which has no weights", n->name, net_op_name(n->op));
  if (weights)
    n->weight = arena_memdup(net->mem, weights, (size_t)n->shape.c * (size_t)net_reduction(net, n) * sizeof *weights);
  if (bias)
    n->bias = arena_memdup(net->mem, bias, (size_t)n->shape.c * sizeof *bias);
  return true;
}

axgen_net *axgen_net_with(const axgen_net *net, const int16_t *const *weights, const int32_t *const *bias,
                          axgen_error **error) {
  arena *mem = arena_new();
  diag d = {0};
  network *to = arena_memdup(mem, net->net, sizeof *to);
  to->mem = mem;
  to->nodes = arena_memdup(mem, to->nodes, to->count * sizeof *to->nodes);
  to->cap = to->count;
  bool ok = to->quantised || diag_error(&d, "network %s is not quantised: it has no codes", to->name);
  for (size_t i = 0; ok && i < to->count; i++)
    if ((weights && weights[i]) || (bias && bias[i]))
      ok = replace(to, i, weights ? weights[i] : NULL, bias ? bias[i] : NULL, &d);
  ok = ok && net_verify(to, &d);
  axgen_net *out = NULL;
  if (ok) {
    out = arena_new_object(mem, axgen_net);
    *out = (axgen_net){1, mem, to, (axgen_net *)(uintptr_t)net, NULL};
    lib_own(&out->from->owners);
  } else
    arena_free(mem);
  lib_end(ok, &d, NULL, error);
  return out;
}
