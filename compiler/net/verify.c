// SPDX-License-Identifier: Apache-2.0
#include "compiler/net/operators.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

bool net_fail(const net_check *c, const char *fmt, ...) {
  str s = {0};
  va_list ap;
  va_start(ap, fmt);
  str_vprintf(&s, fmt, ap);
  va_end(ap);
  if (c->node->pos.file)
    diag_at(c->d, c->node->pos, "layer `%s`: %s", c->node->name, s.data);
  else
    diag_error(c->d, "layer `%s`: %s", c->node->name, s.data);
  str_free(&s);
  return false;
}

#define NAME_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-."

static bool legal_name(const char *s) {
  if (!s || !isalpha((unsigned char)*s) || strlen(s) > 64)
    return false;
  for (; *s; s++)
    if (!isalnum((unsigned char)*s) && *s != '_')
      return false;
  return true;
}

static bool check_name_and_inputs(const net_check *c, int index) {
  const net_node *n = c->node;
  if (!legal_name(n->name))
    return diag_error(c->d, "layer name `%.80s`: expected 1 to 64 letters, digits and `_`, a letter first",
                      n->name ? n->name : "");
  if ((unsigned)n->op >= NET_OPS)
    return net_fail(c, "unknown operator");
  if ((index == 0) != (n->op == NET_INPUT))
    return net_fail(c, "expected the first layer, and only it, to be the input");
  const net_operator *op = &net_operators[n->op];
  if (n->input_count < op->least || n->input_count > op->most) {
    char expected[32] = "none";
    if (op->least < op->most)
      snprintf(expected, sizeof expected, "%d to %d", op->least, op->most);
    else if (op->most)
      snprintf(expected, sizeof expected, "%d", op->most);
    return net_fail(c, "%s with %d input%s, expected %s", op->name, n->input_count, plural((size_t)n->input_count),
                    expected);
  }
  for (int i = 0; i < n->input_count; i++)
    if (n->inputs[i] < 0 || n->inputs[i] >= index)
      return net_fail(c, "input %d is not an earlier layer", i + 1);
  return true;
}

static bool check_shape(const net_check *c) {
  const net_node *n = c->node;
  net_shape want = n->input_count ? net_input_shape(c->net, n) : n->shape;
  if (!net_operators[n->op].shape(c, &want))
    return false;
  net_shape s = n->shape;
  if (s.c < 1 || s.h < 1 || s.w < 1 || s.c > NET_MAX_TENSOR || s.h > NET_MAX_TENSOR || s.w > NET_MAX_TENSOR ||
      (int64_t)s.h * s.w > NET_MAX_TENSOR || net_shape_size(s) > NET_MAX_TENSOR)
    return net_fail(c, "shape [%d, %d, %d]: expected sizes from 1, at most %d elements", s.c, s.h, s.w, NET_MAX_TENSOR);
  if (s.c != want.c || s.h != want.h || s.w != want.w)
    return net_fail(c, "shape [%d, %d, %d], expected [%d, %d, %d] from its input", s.c, s.h, s.w, want.c, want.h,
                    want.w);
  return true;
}

static bool same_quant(net_quant a, net_quant b) {
  return a.bits == b.bits && a.is_signed == b.is_signed && a.zero == b.zero && a.scale == b.scale;
}

static bool check_output_codes(const net_check *c) {
  const net_node *n = c->node;
  net_quant q = n->quant;
  if (!net_in_range(q.bits, 2, 16))
    return net_fail(c, "codes of %d bit%s, expected 2 to 16", q.bits, plural((size_t)q.bits));
  int32_t lo = net_quant_lo(q), hi = net_quant_hi(q);
  if (!(q.scale > 0) || !isfinite(q.scale))
    return net_fail(c, "scale %g, expected a positive number", q.scale);
  if (q.zero < lo || q.zero > hi)
    return net_fail(c, "zero point %d, expected %d to %d", q.zero, lo, hi);
  if (n->lo > n->hi || n->lo < lo || n->hi > hi)
    return net_fail(c, "clamp [%d, %d], expected a range within [%d, %d]", n->lo, n->hi, lo, hi);
  for (int i = 0; net_passes(n) && i < n->input_count; i++)
    if (!same_quant(q, c->net->nodes[n->inputs[i]].quant))
      return net_fail(c, "%s passes codes as they are: its quantisation must be that of its input `%s`",
                      net_op_name(n->op), c->net->nodes[n->inputs[i]].name);
  return true;
}

static bool check_weights(const net_check *c) {
  const net_node *n = c->node;
  int most = n->weight_signed ? 16 : 15;
  if (!net_in_range(n->weight_bits, 2, most))
    return net_fail(c, "%s weights of %d bit%s, expected 2 to %d", n->weight_signed ? "signed" : "unsigned",
                    n->weight_bits, plural((size_t)n->weight_bits), most);
  net_quant q = {.bits = n->weight_bits, .is_signed = n->weight_signed};
  int32_t lo = net_quant_lo(q), hi = net_quant_hi(q);
  if (n->weight_zero < lo || n->weight_zero > hi)
    return net_fail(c, "weight zero point %d, expected %d to %d", n->weight_zero, lo, hi);
  if (!n->weight || !n->bias)
    return net_fail(c, "without %s", n->weight ? "bias" : "weights");
  int64_t reduction = net_reduction(c->net, n);
  for (int64_t i = 0; i < n->shape.c * reduction; i++)
    if (n->weight[i] < lo || n->weight[i] > hi)
      return net_fail(c, "weight code %d of filter %lld, expected %d to %d", n->weight[i], (long long)(i / reduction),
                      lo, hi);
  for (int f = 0; n->weight_scale && f < n->shape.c; f++) {
    if (!(n->weight_scale[f] > 0) || !isfinite(n->weight_scale[f]))
      return net_fail(c, "weight scale %g of filter %d, expected a positive number", n->weight_scale[f], f);
    if (net_is_raw(c->net, n) && n->weight_scale[f] != n->weight_scale[0])
      return net_fail(c,
                      "the last layer's accumulators are compared with each other, so its weights need one scale: "
                      "filter %d has %g, filter 0 %g",
                      f, n->weight_scale[f], n->weight_scale[0]);
  }
  return true;
}

static bool check_integers(const net_check *c) {
  const net_node *n = c->node;
  if (net_multiplies(n) && !check_weights(c))
    return false;
  if (net_mean_varies(n) && net_is_raw(c->net, n))
    return net_fail(c, "a last layer whose divisor varies needs `codes`");
  if (net_accumulates(n) && net_is_raw(c->net, n))
    return true;
  if (!check_output_codes(c))
    return false;
  if (!net_requantises(n))
    return true;
  if (!net_in_range(n->shift, 1, 47))
    return net_fail(c, "shift %d, expected 1 to 47", n->shift);
  if (!n->mult)
    return net_fail(c, "without multipliers for its requantisation");
  for (int i = 0; i < net_multipliers(n); i++)
    if (n->mult[i] < 1)
      return net_fail(c, "requantisation multiplier %d is 0, expected 1 to 65535", i);
  return true;
}

static bool check_floats(const net_check *c) {
  const net_node *n = c->node;
  for (int i = 0; n->gain && i < net_gains(n); i++)
    if (!(n->gain[i] > 0) || !isfinite(n->gain[i]) || (net_mean_varies(n) && n->gain[i] != n->gain[0]))
      return net_fail(c, "gain %g of number %d, expected positive numbers%s", n->gain[i], i,
                      net_mean_varies(n) ? ", all equal" : "");
  if (!net_multiplies(n))
    return true;
  if (!n->weight_f)
    return net_fail(c, "without weights");
  int64_t reduction = net_reduction(c->net, n);
  for (int64_t i = 0; i < n->shape.c * reduction; i++)
    if (!isfinite(n->weight_f[i]))
      return net_fail(c, "a weight of filter %lld is not finite", (long long)(i / reduction));
  for (int f = 0; n->bias_f && f < n->shape.c; f++)
    if (!isfinite(n->bias_f[f]))
      return net_fail(c, "the bias of filter %d is not finite", f);
  return true;
}

bool net_verify(const network *net, diag *d) {
  const char *file = net->file ? net->file : "network";
  if (net->count < 2 || net->count > NET_MAX_NODES)
    return diag_error(d, "%s: %zu layer%s, expected 2 to %d", file, net->count, plural(net->count), NET_MAX_NODES);
  size_t name = net->name ? strlen(net->name) : 0;
  if (name < 1 || name > 64 || strspn(net->name, NAME_CHARACTERS) != name)
    return diag_error(d, "%s: network name `%.80s`: expected 1 to 64 letters, digits, `_`, `-` and `.`", file,
                      net->name ? net->name : "");
  for (int c = 0; c < (net->input_channels ? net->nodes[0].shape.c : 1); c++) {
    net_pixels p = net_input_pixels(net, c);
    if (!isfinite(p.scale) || p.scale == 0 || !isfinite(p.offset))
      return diag_error(d, "%s: input scale %g and offset %g, expected numbers, the scale not 0", file, p.scale,
                        p.offset);
  }
  bool used[NET_MAX_NODES] = {false};
  int64_t total = 0;
  for (size_t i = 0; i < net->count; i++) {
    const net_node *n = &net->nodes[i];
    net_check c = {net, n, d};
    if (!check_name_and_inputs(&c, (int)i))
      return false;
    if (net_find(net, n->name) != (int)i)
      return net_fail(&c, "the name is taken by an earlier layer");
    if (isnan(n->clamp_lo) || isnan(n->clamp_hi) || n->clamp_lo > n->clamp_hi ||
        (!net->quantised && n->clamp_lo == n->clamp_hi))
      return net_fail(&c, "activation range [%g, %g] is empty", n->clamp_lo, n->clamp_hi);
    if (!check_shape(&c) || !(net->quantised ? check_integers(&c) : check_floats(&c)))
      return false;
    for (int k = 0; k < n->input_count; k++)
      used[n->inputs[k]] = true;
    total += net_shape_size(n->shape);
  }
  if (total > NET_MAX_TOTAL)
    return diag_error(d, "%s: %lld activations in all, expected at most %d", file, (long long)total, NET_MAX_TOTAL);
  for (size_t i = 0; i + 1 < net->count; i++)
    if (!used[i])
      return net_fail(&(net_check){net, &net->nodes[i], d}, "no later layer uses it");
  return true;
}
