// SPDX-License-Identifier: Apache-2.0
//
// Conversion to integers: a quantisation for every tensor, then weights and requantisation for every node.
#include "compiler/quant/quant_internal.h"

#include <math.h>
#include <string.h>

typedef struct {
  arena *mem, *scratch;
  const quant_options *opt;
  const network *model;
  network *net;
  const int *group;
  const quant_stats *stats;
} job;

quant_options quant_defaults(void) {
  return (quant_options){.scheme = QUANT_S8,
                         .calibration = QUANT_MSE,
                         .percentile = 99.99,
                         .act_bits = 8,
                         .weight_bits = 8,
                         .images = 1000};
}

static int act_bits(const quant_options *opt, const net_node *n) {
  for (size_t i = 0; i < opt->layer_count; i++)
    if (!strcmp(opt->layers[i].layer, n->name) && opt->layers[i].act_bits)
      return opt->layers[i].act_bits;
  return opt->act_bits;
}

static int weight_bits(const quant_options *opt, const net_node *n) {
  for (size_t i = 0; i < opt->layer_count; i++)
    if (!strcmp(opt->layers[i].layer, n->name) && opt->layers[i].weight_bits)
      return opt->layers[i].weight_bits;
  return opt->weight_bits;
}

static bool check_bits(const quant_options *opt, int act, int weight, const char *where, diag *d) {
  int most = opt->scheme == QUANT_U8 ? 15 : 16;
  if (act < 2 || act > 16)
    return diag_error(d, "%s: %d bit%s for activations; expected 2 to 16", where, act, plural((size_t)act));
  if (weight < 2 || weight > most)
    return diag_error(d, "%s: %d bit%s for weights; expected 2 to %d%s", where, weight, plural((size_t)weight), most,
                      most == 15 ? " in scheme u8" : "");
  return true;
}

static bool check_options(const network *net, const dataset *data, const quant_options *opt, diag *d) {
  if (net->quantised)
    return diag_error(d, "%s is quantised already", net->name);
  if (!check_bits(opt, opt->act_bits, opt->weight_bits, "quantisation", d) || (data && !infer_check_data(net, data, d)))
    return false;
  for (size_t i = 0; i < opt->layer_count; i++) {
    const quant_layer_bits *l = &opt->layers[i];
    int node = net_find(net, l->layer);
    if (node < 0)
      return diag_error(d, "quantisation: %s has no layer `%s`", net->name, l->layer);
    if (!check_bits(opt, act_bits(opt, &net->nodes[node]), weight_bits(opt, &net->nodes[node]), l->layer, d))
      return false;
  }
  if (!quant_is_stated(net) && (!data || opt->images < 1 || data->count < 1))
    return diag_error(d, "no images to calibrate on; expected at least 1");
  if (opt->calibration == QUANT_PERCENTILE && !(opt->percentile > 50 && opt->percentile <= 100))
    return diag_error(d, "percentile %g; expected more than 50, at most 100", opt->percentile);
  return true;
}

// ---- tensors -------------------------------------------------------------------------------------------------------
// Codes `k` apart for neighbouring pixels, of which `below` are below the real 0: the largest k with which every pixel
// and 0 have codes of their own; 0: there is none.
static int pixel_step(net_quant q, double below) {
  int32_t room = net_quant_hi(q) - net_quant_lo(q);
  for (int k = room / 255; k > 0; k--) {
    bool whole = fabs(k * below - round(k * below)) < 1e-3;
    if (whole && (!q.is_signed || (k * below <= -net_quant_lo(q) && k * (255 - below) <= net_quant_hi(q))))
      return k;
  }
  return 0;
}

// Pixels map to codes exactly where the codes suffice: pixel p to p or a multiple of p, or, where pixels stand for
// values on both sides of 0, to a multiple of p - z (signed), or of p with zero point z (unsigned).
static net_quant input_quant(const job *j, int bits) {
  net_quant q = {.bits = bits, .is_signed = j->opt->scheme == QUANT_S8};
  int32_t most = net_quant_hi(q);
  double lo, hi;
  net_input_range(j->net, &lo, &hi);
  if (lo >= 0) {
    q.scale = hi / (most < 255 ? most : most / 255 * 255);
    return q;
  }
  double step = (hi - lo) / 255;
  int k = hi > 0 && !j->net->input_channels ? pixel_step(q, -lo / step) : 0;
  hi = fmax(hi, 0);
  if (k)
    q.scale = step / k;
  else
    q.scale = q.is_signed ? fmax(hi, -lo) / most : (hi - lo) / most;
  q.zero = q.is_signed ? 0 : (int32_t)round(-lo / q.scale);
  return q;
}

static bool group_feeds_multiplier(const job *j, int group) {
  for (size_t i = 0; i < j->net->count; i++)
    if (net_multiplies(&j->net->nodes[i]) && j->group[j->net->nodes[i].inputs[0]] == group)
      return true;
  return false;
}

// What the model itself states for the group: of several the widest.
static net_quant stated_quant(const network *net, const int *group_of, int group) {
  net_quant widest = {0};
  for (size_t i = 0; i < net->count; i++) {
    net_quant q = net->nodes[i].quant;
    if (group_of[i] == group && q.bits && ldexp(q.scale, q.bits) > ldexp(widest.scale, widest.bits))
      widest = q;
  }
  return widest;
}

// As the last node: can its sums be the output?
static bool may_be_raw(const net_node *n) { return net_accumulates(n) && !net_mean_varies(n); }

bool quant_is_stated(const network *net) {
  arena *mem = arena_new();
  int *group = quant_groups(mem, net);
  bool stated = true;
  for (size_t i = 0; i < net->count; i++) {
    bool raw = i + 1 == net->count && may_be_raw(&net->nodes[i]);
    stated = stated && (raw || stated_quant(net, group, group[i]).bits);
  }
  arena_free(mem);
  return stated;
}

static net_quant group_quant(const job *j, int group) {
  net_quant stated = stated_quant(j->model, j->group, group);
  if (stated.bits)
    return stated;
  int bits = 0, makers = 0;
  for (size_t i = 0; i < j->net->count; i++) {
    const net_node *n = &j->net->nodes[i];
    if (j->group[i] != group || net_passes(n))
      continue;
    int own = act_bits(j->opt, n);
    bits = own > bits ? own : bits;
    makers++;
  }
  if (group == 0 && makers == 1)
    return input_quant(j, bits);
  if (!j->stats)
    return (net_quant){0}; // the last node, which may do without
  const quant_stats *s = &j->stats[group];
  bool negative = s->lo < 0;
  net_quant q = {.bits = bits};
  q.is_signed =
      j->opt->scheme == QUANT_S8 || (j->opt->scheme == QUANT_U8S8 && negative && !group_feeds_multiplier(j, group));
  // Signed codes of values that are never negative use their upper half only: as wide a step as one bit less.
  quant_range r = quant_choose_range(s, j->opt, q.is_signed, bits);
  if (q.is_signed) {
    q.scale = r.hi / net_quant_hi(q);
  } else {
    q.scale = (r.hi - r.lo) / net_quant_hi(q);
    q.zero = (int32_t)round(-r.lo / q.scale);
  }
  return q;
}

static int32_t code_within(net_quant q, double real) {
  return (int32_t)fmin(fmax(round(real / q.scale) + q.zero, net_quant_lo(q)), net_quant_hi(q));
}

// The clamp of the real output, in codes; of the input what pixels can be.
static void set_clamp(const network *net, net_node *n) {
  double lo = n->clamp_lo, hi = n->clamp_hi;
  if (net_arithmetic_of(n) == NET_CODES)
    net_input_range(net, &lo, &hi);
  lo = fmin(fmax(lo, n->clamp_lo), n->clamp_hi);
  hi = fmax(fmin(hi, n->clamp_hi), n->clamp_lo);
  n->lo = code_within(n->quant, lo);
  n->hi = code_within(n->quant, hi);
}

// ---- nodes ---------------------------------------------------------------------------------------------------------
// factors: [net_multipliers]
static void set_multipliers(const job *j, net_node *n, const double *factors) {
  int count = net_multipliers(n);
  uint16_t *m = arena_new_array(j->mem, uint16_t, (size_t)count);
  n->shift = quant_multipliers(factors, count, false, m);
  n->mult = m;
  if (!j->stats && !net_is_raw(j->net, n))
    quant_note_exactness(j->opt, n, factors, count, 0);
}

static void requantise_sum(const job *j, net_node *n, double factor) {
  int count = net_multipliers(n);
  double *factors = arena_new_array(j->scratch, double, (size_t)count);
  for (int i = 0; i < count; i++) {
    factors[i] = net_arithmetic_of(n) == NET_RESCALES ? j->net->nodes[n->inputs[i]].quant.scale * factor : factor;
    factors[i] *= n->gain ? n->gain[i] : 1;
  }
  set_multipliers(j, n, factors);
}

// The fewest taps of a window that lie inside the image, along one direction.
static int fewest_taps(int in, int out, int kernel, int stride, int before) {
  int fewest = kernel;
  for (int i = 0; i < out; i++) {
    int from = i * stride - before, to = from + kernel < in ? from + kernel : in, taps = to - (from > 0 ? from : 0);
    fewest = taps < fewest ? taps : fewest;
  }
  return fewest;
}

// A mean over the taps inside the image: a multiplier for each number of them; those that no window has repeat the
// first that one may have, so as not to take precision from the others.
static void requantise_mean(const job *j, net_node *n, double factor) {
  net_shape in = net_input_shape(j->net, n);
  int fewest = fewest_taps(in.h, n->shape.h, n->kh, n->sh, n->pt) * fewest_taps(in.w, n->shape.w, n->kw, n->sw, n->pl);
  int count = net_multipliers(n);
  double *factors = arena_new_array(j->scratch, double, (size_t)count);
  for (int i = 0; i < count; i++)
    factors[i] = factor / (i + 1 < fewest ? fewest : i + 1);
  set_multipliers(j, n, factors);
}

static void convert_node(const job *j, net_node *n) {
  double out = n->quant.scale;
  if (net_multiplies(n)) {
    const double *mean = j->opt->no_bias_correction || !j->stats ? NULL : j->stats[n->inputs[0]].mean;
    quant_weights(j->mem, j->net, n, j->opt, weight_bits(j->opt, n), !j->stats, mean);
  } else if (net_mean_varies(n)) {
    requantise_mean(j, n, net_input_quant(j->net, n).scale / out * (n->gain ? n->gain[0] : 1));
  } else if (net_accumulates(n) && !net_is_raw(j->net, n)) {
    requantise_sum(j, n, net_input_quant(j->net, n).scale / (out * n->kh * n->kw));
  } else if (net_arithmetic_of(n) == NET_RESCALES) {
    requantise_sum(j, n, 1 / out);
  }
}

static bool one_scale(const net_node *n) {
  for (int f = 1; n->weight_scale && f < n->shape.c; f++)
    if (n->weight_scale[f] != n->weight_scale[0])
      return false;
  return true;
}

// The last node's accumulators are the output when they fit 32 bits, with a bit to spare for approximate products.
static bool convert_last(const job *j, diag *d) {
  net_node *n = &j->net->nodes[j->net->count - 1];
  net_quant q = n->quant;
  bool sums = may_be_raw(n), clamped = isfinite(n->clamp_lo) || isfinite(n->clamp_hi);
  if (!one_scale(n) && q.bits == 0)
    n->weight_scale = NULL; // of a model that has one scale a class, but no codes for the logits
  if (sums && !clamped && one_scale(n)) {
    net_node before = *n;
    n->quant = (net_quant){0};
    n->lo = n->hi = 0;
    const quant_exactness counted = j->opt->exactness ? *j->opt->exactness : (quant_exactness){0};
    convert_node(j, n);
    infer_range r = infer_node_range(&(infer_model){.net = j->net}, (int)j->net->count - 1);
    int spare = before.weight_scale && q.bits == 0 ? 1 : 2; // all of them where the model leaves no choice
    if (r.acc_lo >= INT32_MIN / spare && r.acc_hi <= INT32_MAX / spare)
      return true;
    *n = before;
    if (j->opt->exactness)
      *j->opt->exactness = counted;
  }
  if (q.bits == 0)
    return diag_error(d, "%s: layer `%s` needs images to calibrate on", j->net->name, n->name);
  n->quant = q;
  set_clamp(j->net, n);
  convert_node(j, n);
  return true;
}

bool quantize(arena *mem, const network *net, const dataset *calibration, const quant_options *opt, network **out,
              diag *d) {
  if (!check_options(net, calibration, opt, d))
    return false;
  network *q = arena_memdup(mem, net, sizeof *net);
  q->mem = mem;
  q->nodes = arena_memdup(mem, net->nodes, net->count * sizeof *net->nodes);
  q->cap = q->count;
  q->quantised = true;
  job j = {.mem = mem, .scratch = arena_new(), .opt = opt, .model = net, .net = q};
  j.group = quant_groups(j.scratch, net);
  if (calibration)
    j.stats = quant_observe(j.scratch, net, calibration, opt, j.group, d);
  bool ok = !calibration || j.stats;
  for (size_t i = 0; ok && i < q->count; i++) {
    net_node *n = &q->nodes[i];
    n->quant = j.group[i] == (int)i ? group_quant(&j, (int)i) : q->nodes[j.group[i]].quant;
    if (n->quant.bits)
      set_clamp(q, n);
  }
  for (size_t i = 0; ok && i + 1 < q->count; i++)
    convert_node(&j, &q->nodes[i]);
  ok = ok && convert_last(&j, d);
  for (size_t i = 0; ok && i < q->count; i++) // only integers are left
    q->nodes[i].weight_f = q->nodes[i].bias_f = NULL, q->nodes[i].gain = NULL;
  arena_free(j.scratch);
  *out = q;
  return ok && net_verify(q, d);
}
