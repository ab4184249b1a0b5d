// SPDX-License-Identifier: Apache-2.0
#include "compiler/net/net.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

typedef struct {
  const network *net;
  const net_node *node;
  diag *d;
} checker;

// Always false, so that a check can return it.
static bool fail(const checker *c, const char *fmt, ...) BASE_PRINTF(2, 3);
static bool fail(const checker *c, const char *fmt, ...) {
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

static const net_node *input(const checker *c, int i) { return &c->net->nodes[c->node->inputs[i]]; }

#define NAME_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-."

static bool legal_name(const char *s) {
  if (!s || !isalpha((unsigned char)*s) || strlen(s) > 64)
    return false;
  for (; *s; s++)
    if (!isalnum((unsigned char)*s) && *s != '_')
      return false;
  return true;
}

static bool check_name_and_inputs(const checker *c, int index) {
  static const int wanted[NET_OPS] = {
#define X(op, name, inputs) [op] = inputs,
      NET_OP_LIST(X)
#undef X
  };
  const net_node *n = c->node;
  if (!legal_name(n->name))
    return diag_error(c->d, "layer name `%.80s`: expected 1 to 64 letters, digits and `_`, a letter first",
                      n->name ? n->name : "");
  if ((unsigned)n->op >= NET_OPS)
    return fail(c, "unknown operator");
  if ((index == 0) != (n->op == NET_INPUT))
    return fail(c, "expected the first layer, and only it, to be the input");
  if (wanted[n->op] < 0 ? n->input_count < 1 || n->input_count > NET_MAX_INPUTS : n->input_count != wanted[n->op])
    return fail(c, "%s with %d input%s, expected %s", net_op_name(n->op), n->input_count,
                plural((size_t)n->input_count),
                wanted[n->op] < 0    ? "1 to 16"
                : wanted[n->op] == 0 ? "none"
                : wanted[n->op] == 1 ? "1"
                                     : "2");
  for (int i = 0; i < n->input_count; i++)
    if (n->inputs[i] < 0 || n->inputs[i] >= index)
      return fail(c, "input %d is not an earlier layer", i + 1);
  return true;
}

static bool in_range(int v, int lo, int hi) { return v >= lo && v <= hi; }

static bool check_window(const checker *c) {
  const net_node *n = c->node;
  net_shape in = net_input_shape(c->net, n);
  if (!in_range(n->kh, 1, 4096) || !in_range(n->kw, 1, 4096) || !in_range(n->sh, 1, 4096) || !in_range(n->sw, 1, 4096))
    return fail(c, "kernel %dx%d, stride %dx%d: expected 1 to 4096", n->kh, n->kw, n->sh, n->sw);
  if (!in_range(n->pt, 0, 4096) || !in_range(n->pb, 0, 4096) || !in_range(n->pl, 0, 4096) || !in_range(n->pr, 0, 4096))
    return fail(c, "pads [%d, %d, %d, %d]: expected 0 to 4096", n->pt, n->pb, n->pl, n->pr);
  if (n->kh > in.h + n->pt + n->pb || n->kw > in.w + n->pl + n->pr)
    return fail(c, "kernel %dx%d is larger than its padded input of %dx%d", n->kh, n->kw, in.h + n->pt + n->pb,
                in.w + n->pl + n->pr);
  if (n->op == NET_DENSE &&
      (n->kh != in.h || n->kw != in.w || n->sh != 1 || n->sw != 1 || net_has_pads(n) || n->groups != 1))
    return fail(c, "dense: expected the whole %dx%d input as its window, stride 1, no pads, 1 group", in.h, in.w);
  bool pool = n->op == NET_MAXPOOL || n->op == NET_AVGPOOL;
  if (pool && (n->pt >= n->kh || n->pb >= n->kh || n->pl >= n->kw || n->pr >= n->kw))
    return fail(c, "pads [%d, %d, %d, %d] reach a whole %dx%d window: it would see no pixel", n->pt, n->pb, n->pl,
                n->pr, n->kh, n->kw);
  if (net_mean_varies(n) && n->kh * n->kw > 4096)
    return fail(c, "a %dx%d window whose pads do not count; expected at most 4096 taps", n->kh, n->kw);
  return true;
}

static bool check_shape(const checker *c) {
  const net_node *n = c->node;
  net_shape in = n->op == NET_INPUT ? n->shape : net_input_shape(c->net, n), want = in;
  switch (n->op) {
  case NET_CONV:
  case NET_DENSE:
  case NET_MAXPOOL:
  case NET_AVGPOOL:
    if (!check_window(c))
      return false;
    want.h = (in.h + n->pt + n->pb - n->kh) / n->sh + 1;
    want.w = (in.w + n->pl + n->pr - n->kw) / n->sw + 1;
    if (!net_multiplies(n))
      break;
    want.c = n->shape.c; // checked below
    if (n->groups < 1 || in.c % n->groups || n->shape.c % n->groups)
      return fail(c, "%d group%s: expected a divisor of the %d input channel%s and the %d filter%s", n->groups,
                  plural((size_t)n->groups), in.c, plural((size_t)in.c), n->shape.c, plural((size_t)n->shape.c));
    break;
  case NET_PAD:
    if (!in_range(n->pt, 0, 4096) || !in_range(n->pb, 0, 4096) || !in_range(n->pl, 0, 4096) ||
        !in_range(n->pr, 0, 4096) || !in_range(n->pad_c0, 0, 65536) || !in_range(n->pad_c1, 0, 65536))
      return fail(c, "pads: expected 0 to 4096, channels 0 to 65536");
    want = (net_shape){in.c + n->pad_c0 + n->pad_c1, in.h + n->pt + n->pb, in.w + n->pl + n->pr};
    break;
  case NET_ADD:
  case NET_CONCAT:
    for (int i = 1; i < n->input_count; i++) {
      net_shape other = input(c, i)->shape;
      if (other.h != in.h || other.w != in.w || (n->op == NET_ADD && other.c != in.c))
        return fail(c, "inputs of different shapes: `%s` [%d, %d, %d], `%s` [%d, %d, %d]", input(c, 0)->name, in.c,
                    in.h, in.w, input(c, i)->name, other.c, other.h, other.w);
      if (n->op == NET_CONCAT)
        want.c += other.c;
    }
    break;
  case NET_INPUT:
  case NET_OPS:
    break;
  }
  net_shape s = n->shape;
  if (s.c < 1 || s.h < 1 || s.w < 1 || s.c > NET_MAX_TENSOR || s.h > NET_MAX_TENSOR || s.w > NET_MAX_TENSOR ||
      (int64_t)s.h * s.w > NET_MAX_TENSOR || net_shape_size(s) > NET_MAX_TENSOR)
    return fail(c, "shape [%d, %d, %d]: expected sizes from 1, at most %d elements", s.c, s.h, s.w, NET_MAX_TENSOR);
  if (s.c != want.c || s.h != want.h || s.w != want.w)
    return fail(c, "shape [%d, %d, %d], expected [%d, %d, %d] from its input", s.c, s.h, s.w, want.c, want.h, want.w);
  return true;
}

static bool same_quant(net_quant a, net_quant b) {
  return a.bits == b.bits && a.is_signed == b.is_signed && a.zero == b.zero && a.scale == b.scale;
}

static bool check_output_codes(const checker *c) {
  const net_node *n = c->node;
  net_quant q = n->quant;
  if (!in_range(q.bits, 2, 16))
    return fail(c, "codes of %d bits, expected 2 to 16", q.bits);
  int32_t lo = net_quant_lo(q), hi = net_quant_hi(q);
  if (!(q.scale > 0) || !isfinite(q.scale))
    return fail(c, "scale %g, expected a positive number", q.scale);
  if (q.zero < lo || q.zero > hi)
    return fail(c, "zero point %d, expected %d to %d", q.zero, lo, hi);
  if (n->lo > n->hi || n->lo < lo || n->hi > hi)
    return fail(c, "clamp [%d, %d], expected a range within [%d, %d]", n->lo, n->hi, lo, hi);
  bool passes = n->op == NET_MAXPOOL || n->op == NET_CONCAT || n->op == NET_PAD;
  for (int i = 0; passes && i < n->input_count; i++)
    if (!same_quant(q, input(c, i)->quant))
      return fail(c, "%s passes codes as they are: its quantisation must be that of its input `%s`", net_op_name(n->op),
                  input(c, i)->name);
  return true;
}

static bool check_weights(const checker *c) {
  const net_node *n = c->node;
  int most = n->weight_signed ? 16 : 15;
  if (!in_range(n->weight_bits, 2, most))
    return fail(c, "%s weights of %d bits, expected 2 to %d", n->weight_signed ? "signed" : "unsigned", n->weight_bits,
                most);
  net_quant q = {.bits = n->weight_bits, .is_signed = n->weight_signed};
  int32_t lo = net_quant_lo(q), hi = net_quant_hi(q);
  if (n->weight_zero < lo || n->weight_zero > hi)
    return fail(c, "weight zero point %d, expected %d to %d", n->weight_zero, lo, hi);
  if (!n->weight || !n->bias)
    return fail(c, "without %s", n->weight ? "bias" : "weights");
  int64_t reduction = net_reduction(c->net, n);
  for (int64_t i = 0; i < n->shape.c * reduction; i++)
    if (n->weight[i] < lo || n->weight[i] > hi)
      return fail(c, "weight code %d of filter %lld, expected %d to %d", n->weight[i], (long long)(i / reduction), lo,
                  hi);
  for (int f = 0; n->weight_scale && f < n->shape.c; f++) {
    if (!(n->weight_scale[f] > 0) || !isfinite(n->weight_scale[f]))
      return fail(c, "weight scale %g of filter %d, expected a positive number", n->weight_scale[f], f);
    if (net_is_raw(c->net, n) && n->weight_scale[f] != n->weight_scale[0])
      return fail(c,
                  "the last layer's accumulators are compared with each other, so its weights need one scale: "
                  "filter %d has %g, filter 0 %g",
                  f, n->weight_scale[f], n->weight_scale[0]);
  }
  return true;
}

static bool check_integers(const checker *c) {
  const net_node *n = c->node;
  bool sums = net_multiplies(n) || n->op == NET_AVGPOOL;
  if (net_multiplies(n) && !check_weights(c))
    return false;
  if (net_mean_varies(n) && net_is_raw(c->net, n))
    return fail(c, "a last layer whose divisor varies needs `codes`");
  if (sums && net_is_raw(c->net, n))
    return true;
  if (!check_output_codes(c))
    return false;
  if (!sums && n->op != NET_ADD)
    return true;
  if (!in_range(n->shift, 1, 47))
    return fail(c, "shift %d, expected 1 to 47", n->shift);
  if (!n->mult)
    return fail(c, "without multipliers for its requantisation");
  for (int i = 0; i < net_multipliers(n); i++)
    if (n->mult[i] < 1)
      return fail(c, "requantisation multiplier %d is 0, expected 1 to 65535", i);
  return true;
}

static bool check_floats(const checker *c) {
  const net_node *n = c->node;
  if (!net_multiplies(n))
    return true;
  if (!n->weight_f)
    return fail(c, "without weights");
  int64_t reduction = net_reduction(c->net, n);
  for (int64_t i = 0; i < n->shape.c * reduction; i++)
    if (!isfinite(n->weight_f[i]))
      return fail(c, "a weight of filter %lld is not finite", (long long)(i / reduction));
  for (int f = 0; n->bias_f && f < n->shape.c; f++)
    if (!isfinite(n->bias_f[f]))
      return fail(c, "the bias of filter %d is not finite", f);
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
    checker c = {net, n, d};
    if (!check_name_and_inputs(&c, (int)i))
      return false;
    if (net_find(net, n->name) != (int)i)
      return fail(&c, "the name is taken by an earlier layer");
    if (isnan(n->clamp_lo) || isnan(n->clamp_hi) || n->clamp_lo > n->clamp_hi ||
        (!net->quantised && n->clamp_lo == n->clamp_hi))
      return fail(&c, "activation range [%g, %g] is empty", n->clamp_lo, n->clamp_hi);
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
      return fail(&(checker){net, &net->nodes[i], d}, "no later layer uses it");
  return true;
}
