// SPDX-License-Identifier: Apache-2.0
//
// ONNX import: the passes that turn layers into a network. An affine layer goes into the convolution before it, else
// into those after it, else it becomes a 1x1 depthwise convolution. A clamp goes into the node before it, else it
// becomes an average pool over one pixel, which is nothing but a clamp.
#include "compiler/onnx/onnx_internal.h"

#include <math.h>
#include <string.h>

// ---- the passes ---------------------------------------------------------------------------------------------------
static bool remove_dead(onnx_import *im) {
  bool *live = arena_new_array(im->mem, bool, im->layer_count);
  live[im->output] = true;
  for (size_t i = im->layer_count; i-- > 0;) {
    onnx_layer *l = &im->layers[i];
    if (!live[i])
      l->role = LAYER_DEAD;
    for (int j = 0; live[i] && j < l->node.input_count; j++)
      live[l->node.inputs[j]] = true;
  }
  return live[0] ? true : onnx_error(im, "the output of the graph does not depend on its input");
}

// Can node `n` take these pads as its own? An average pool's pads then count.
static bool takes_pads(const onnx_layer *l, const net_node *pad) {
  if (onnx_is(l, NET_CONV))
    return true;
  return onnx_is(l, NET_AVGPOOL) && !net_has_pads(&l->node) && pad->pt < l->node.kh && pad->pb < l->node.kh &&
         pad->pl < l->node.kw && pad->pr < l->node.kw;
}

// Zero padding before convolutions and average pools becomes their own padding.
static bool merge_pads(onnx_import *im) {
  for (size_t i = 1; i < im->layer_count; i++) {
    net_node *pad = &im->layers[i].node;
    if (!onnx_is(&im->layers[i], NET_PAD) || pad->pad_c0 || pad->pad_c1)
      continue;
    bool all = im->output != (int)i;
    for (size_t k = i + 1; k < im->layer_count; k++)
      if (onnx_reads(&im->layers[k], (int)i))
        all = all && takes_pads(&im->layers[k], pad);
    for (size_t k = i + 1; all && k < im->layer_count; k++) {
      net_node *n = &im->layers[k].node;
      if (!onnx_reads(&im->layers[k], (int)i))
        continue;
      n->pt += pad->pt, n->pb += pad->pb, n->pl += pad->pl, n->pr += pad->pr;
      n->count_pad = n->op == NET_AVGPOOL;
    }
    if (all)
      onnx_replace(im, (int)i, pad->inputs[0]);
  }
  return true;
}

// Codes of weights from lo to hi, less their zero point: signed, in the model's bits or as many more as it takes.
static int signed_bits(const net_node *n, double lo, double hi) {
  int bits = n->weight_signed && !n->weight_zero ? n->weight_bits : 2;
  while (bits <= 16 && (hi > ldexp(1, bits - 1) - 0.5 || lo < -ldexp(1, bits - 1) - 0.5))
    bits++;
  return bits;
}

// Each filter's weights times `by[filter]`: the codes that the model states stay as they are with another scale, or
// change their sign: then they have no zero point, and may need more bits. Beyond 16 they are no longer stated.
static void rescale_codes(onnx_import *im, onnx_layer *l, const double *by) {
  net_node *n = &l->node;
  if (!n->weight_scale)
    return;
  double *scale = arena_new_array(im->mem, double, (size_t)n->shape.c), lo = 0, hi = 0;
  bool negative = false;
  for (int64_t o = 0; o < n->shape.c; o++) {
    double sign = by[o] < 0 ? -1 : 1;
    negative = negative || by[o] < 0;
    scale[o] = n->weight_scale[o] * (by[o] ? fabs(by[o]) : 1);
    for (int64_t i = o * l->reduction; i < (o + 1) * l->reduction; i++) {
      double code = sign * l->weight[i] / n->weight_scale[o];
      lo = fmin(lo, code);
      hi = fmax(hi, code);
    }
  }
  n->weight_scale = scale;
  if (!negative)
    return;
  n->weight_bits = signed_bits(n, lo, hi);
  n->weight_signed = true;
  n->weight_zero = 0;
  if (n->weight_bits > 16)
    n->weight_scale = NULL;
}

static void scale_outputs(onnx_import *im, onnx_layer *l, const double *scale, const double *shift) {
  net_node *n = &l->node;
  int64_t f = n->shape.c;
  if (l->role == LAYER_AFFINE) {
    for (int64_t c = 0; c < f; c++) {
      l->scale[c] *= scale[c];
      l->shift[c] = l->shift[c] * scale[c] + shift[c];
    }
    return;
  }
  l->selects = NULL;
  rescale_codes(im, l, scale);
  n->bias = NULL;
  for (int64_t o = 0; o < f; o++) {
    for (int64_t i = 0; i < l->reduction; i++)
      l->weight[o * l->reduction + i] = (float)(l->weight[o * l->reduction + i] * scale[o]);
    l->bias[o] = l->bias[o] * scale[o] + shift[o];
  }
}

static void scale_inputs(onnx_import *im, onnx_layer *l, const double *scale, const double *shift) {
  int64_t taps = (int64_t)l->node.kh * l->node.kw, channels = l->reduction / taps;
  int64_t filters_per_group = l->node.shape.c / l->node.groups;
  double *by = arena_new_array(im->mem, double, (size_t)l->node.shape.c);
  bool same = true; // all channels of a filter
  for (int64_t o = 0; o < l->node.shape.c; o++) {
    by[o] = scale[o / filters_per_group * channels];
    for (int64_t i = 0; i < channels; i++) {
      same = same && scale[o / filters_per_group * channels + i] == by[o];
      if (shift[o / filters_per_group * channels + i] != 0)
        l->node.bias = NULL;
    }
  }
  if (same)
    rescale_codes(im, l, by);
  else
    l->node.weight_scale = NULL; // no longer the codes that the model had
  l->selects = NULL;
  for (int64_t o = 0; o < l->node.shape.c; o++)
    for (int64_t i = 0; i < l->reduction; i++) {
      int64_t c = o / filters_per_group * channels + i / taps;
      float *w = &l->weight[o * l->reduction + i];
      l->bias[o] += *w * shift[c];
      *w = (float)(*w * scale[c]);
    }
}

// The output's sums of -1 and +1, less the shift that codes 0 and 1 leave, may be halves of a unit: the same weights in
// half the unit.
static void split_units(onnx_layer *l) {
  net_node *n = &l->node;
  bool odd = false;
  for (int64_t f = 0; n->weight_scale && f < n->shape.c; f++) {
    double sum = 0;
    for (int64_t i = 0; i < l->reduction; i++)
      sum += round(l->weight[f * l->reduction + i] / n->weight_scale[f]);
    odd = odd || fmod(sum, 2) != 0;
  }
  if (!odd || n->weight_bits > 15 || n->weight_zero)
    return;
  double *half = (double *)n->weight_scale; // its own copy
  for (int f = 0; f < n->shape.c; f++)
    half[f] /= 2;
  n->weight_bits++;
}

// Can layer `l`, an addition or average pool, multiply what it reads like affine layer `by`?
static bool takes_gain(const onnx_layer *l, const onnx_layer *by) {
  bool same = true, positive = true;
  for (int c = 0; c < by->node.shape.c; c++) {
    same = same && by->scale[c] == by->scale[0];
    positive = positive && by->scale[c] > 0 && by->shift[c] == 0;
  }
  return positive &&
         ((onnx_is(l, NET_ADD) && same) || (onnx_is(l, NET_AVGPOOL) && (same || !net_mean_varies(&l->node))));
}

// The inputs of `l` that are layer i; -1: all.
static void multiply_gain(onnx_import *im, onnx_layer *l, int i, const double *scale) {
  net_node *n = &l->node;
  bool add = n->op == NET_ADD;
  int count = net_gains(n);
  double *gain = arena_new_array(im->mem, double, (size_t)count);
  for (int k = 0; k < count; k++)
    gain[k] = (n->gain ? n->gain[k] : 1) * (!add ? scale[k] : i < 0 || n->inputs[k] == i ? scale[0] : 1);
  n->gain = gain;
}

// Into the convolution, dense or affine layer before it, when nothing else reads that; a scale also into the addition
// or average pool.
static bool fold_affine_back(onnx_import *im) {
  for (size_t i = 1; i < im->layer_count; i++) {
    onnx_layer *l = &im->layers[i], *before = &im->layers[l->node.inputs[0]];
    if (l->role != LAYER_AFFINE || onnx_uses(im, l->node.inputs[0]) != 1)
      continue;
    if (onnx_has_weights(before) || before->role == LAYER_AFFINE)
      scale_outputs(im, before, l->scale, l->shift);
    else if (takes_gain(before, l))
      multiply_gain(im, before, -1, l->scale);
    else
      continue;
    onnx_replace(im, (int)i, l->node.inputs[0]);
  }
  return true;
}

// Into all the convolutions and dense layers after it; a shift only where they do not pad, because padding is 0. A
// scale also into additions and average pools.
static bool fold_affine_forward(onnx_import *im) {
  for (size_t i = 1; i < im->layer_count; i++) {
    onnx_layer *l = &im->layers[i];
    if (l->role != LAYER_AFFINE)
      continue;
    bool shifts = false, all = im->output != (int)i;
    for (int c = 0; c < l->node.shape.c; c++)
      shifts = shifts || l->shift[c] != 0;
    for (size_t k = i + 1; k < im->layer_count; k++)
      if (onnx_reads(&im->layers[k], (int)i))
        all = all && ((onnx_has_weights(&im->layers[k]) && !(shifts && net_has_pads(&im->layers[k].node))) ||
                      takes_gain(&im->layers[k], l));
    for (size_t k = i + 1; all && k < im->layer_count; k++)
      if (onnx_reads(&im->layers[k], (int)i)) {
        if (onnx_has_weights(&im->layers[k])) {
          if (l->sign && (int)k == im->output)
            split_units(&im->layers[k]);
          scale_inputs(im, &im->layers[k], l->scale, l->shift);
        } else
          multiply_gain(im, &im->layers[k], (int)i, l->scale);
      }
    if (all)
      onnx_replace(im, (int)i, l->node.inputs[0]);
  }
  return true;
}

// Arithmetic that is the same for all elements, and keeps their order, comes after a max pool instead of before it.
static bool sink_affine(onnx_import *im) {
  for (size_t i = 1; i < im->layer_count; i++) {
    onnx_layer *l = &im->layers[i], *pool = NULL;
    bool keeps = l->role == LAYER_AFFINE && onnx_uses(im, (int)i) == 1;
    for (int c = 0; keeps && c < l->node.shape.c; c++)
      keeps = l->scale[c] == l->scale[0] && l->shift[c] == l->shift[0] && l->scale[0] > 0;
    for (size_t k = i + 1; keeps && !pool && k < im->layer_count; k++)
      if (onnx_reads(&im->layers[k], (int)i) && onnx_is(&im->layers[k], NET_MAXPOOL))
        pool = &im->layers[k];
    if (!pool)
      continue;
    onnx_layer affine = *l;
    *l = *pool;
    l->node.inputs[0] = affine.node.inputs[0];
    *pool = affine;
    pool->node.inputs[0] = (int)i;
    pool->node.shape = l->node.shape;
  }
  return true;
}

// A choice of channels goes into the convolutions and dense layers after it: their weights for the others are 0.
static void spread_weights(onnx_import *im, onnx_layer *l, const onnx_layer *choice) {
  int64_t taps = (int64_t)l->node.kh * l->node.kw, wide = choice->reduction * taps;
  float *weight = arena_new_array(im->mem, float, (size_t)(l->node.shape.c * wide));
  for (int64_t f = 0; f < l->node.shape.c; f++)
    for (int64_t i = 0; i < l->reduction; i++)
      weight[f * wide + choice->selects[i / taps] * taps + i % taps] += l->weight[f * l->reduction + i];
  l->weight = weight;
  l->reduction = wide;
  l->selects = NULL;
}

static bool absorb_choices(onnx_import *im) {
  for (size_t i = 1; i < im->layer_count; i++) {
    onnx_layer *choice = &im->layers[i];
    if (!onnx_is(choice, NET_CONV) || !choice->selects || isfinite(choice->node.clamp_lo) ||
        isfinite(choice->node.clamp_hi))
      continue;
    bool all = im->output != (int)i;
    int64_t weights = 0;
    for (size_t k = i + 1; k < im->layer_count; k++)
      if (onnx_reads(&im->layers[k], (int)i)) {
        const onnx_layer *l = &im->layers[k];
        all = all && onnx_has_weights(l) && l->node.groups == 1;
        weights += l->node.shape.c * choice->reduction * l->node.kh * l->node.kw;
      }
    if (!all || (im->constants += weights) > ONNX_MAX_CONSTANTS)
      continue;
    for (size_t k = i + 1; k < im->layer_count; k++)
      if (onnx_reads(&im->layers[k], (int)i))
        spread_weights(im, &im->layers[k], choice);
    onnx_replace(im, (int)i, choice->node.inputs[0]);
  }
  return true;
}

static bool lower_affine(onnx_import *im) {
  for (size_t i = 1; i < im->layer_count; i++) {
    onnx_layer *l = &im->layers[i];
    if (l->role != LAYER_AFFINE)
      continue;
    if (l->sign)
      return onnx_error(im,
                        "%s (node %s): -1 and +1 can only go into convolutions and dense layers that do not pad: their "
                        "codes 0 and 1 have none for 0",
                        l->op_type, l->label);
    size_t c = (size_t)l->node.shape.c;
    l->role = LAYER_NODE;
    l->node.groups = l->node.shape.c;
    l->reduction = 1;
    l->weight = arena_new_array(im->mem, float, c);
    for (size_t k = 0; k < c; k++)
      l->weight[k] = (float)l->scale[k];
    l->bias = l->shift;
    diag_warn(im->d,
              "%s: %s (node %s) cannot be folded into a convolution beside it; it becomes a 1x1 depthwise "
              "convolution of its own",
              im->path, l->op_type, l->label);
  }
  return true;
}

// ---- clamps --------------------------------------------------------------------------------------------------------
static void clamp_both(net_node *n, double lo, double hi) {
  n->clamp_lo = fmin(fmax(n->clamp_lo, lo), hi);
  n->clamp_hi = fmin(fmax(n->clamp_hi, lo), hi);
}

// Can the values of layer i be clamped where they are made? Also through nodes that only choose or move values. The
// clamp is then applied when `apply` is set.
static bool absorb(onnx_import *im, int i, double lo, double hi, bool apply) {
  onnx_layer *l = &im->layers[i];
  if (onnx_uses(im, i) != 1)
    return false;
  if (l->role == LAYER_NODE && net_requantises(&l->node)) {
    if (apply)
      clamp_both(&l->node, lo, hi);
    return true;
  }
  bool moves = l->role == LAYER_NODE && net_passes(&l->node) && (l->node.op != NET_PAD || (lo <= 0 && hi >= 0));
  for (int j = 0; moves && j < l->node.input_count; j++)
    moves = absorb(im, l->node.inputs[j], lo, hi, apply);
  return moves;
}

static bool fuse_clamps(onnx_import *im) {
  for (size_t i = 1; i < im->layer_count; i++) {
    onnx_layer *l = &im->layers[i];
    if (l->role != LAYER_CLAMP)
      continue;
    double lo = l->node.clamp_lo, hi = l->node.clamp_hi;
    if ((isinf(lo) && isinf(hi)) || absorb(im, l->node.inputs[0], lo, hi, false)) {
      if (!(isinf(lo) && isinf(hi)))
        absorb(im, l->node.inputs[0], lo, hi, true);
      onnx_replace(im, (int)i, l->node.inputs[0]);
    } else {
      l->role = LAYER_NODE;
      l->node.count_pad = true;
    }
  }
  return true;
}

// The codes that the model states become those of the layer before. A layer whose values are coded anew in another way
// gets an average pool over one pixel, which is nothing but a requantisation.
static bool fuse_codes(onnx_import *im) {
  for (size_t i = 1; i < im->layer_count; i++) {
    onnx_layer *l = &im->layers[i];
    if (l->role != LAYER_QUANT)
      continue;
    net_quant q = l->node.quant, *before = &im->layers[l->node.inputs[0]].node.quant;
    bool same = before->bits == q.bits && before->is_signed == q.is_signed && before->zero == q.zero &&
                before->scale == q.scale;
    bool nearest = l->half == 0 && !l->sign;
    const onnx_layer as = *l;
    if ((before->bits == 0 && (nearest || onnx_uses(im, l->node.inputs[0]) == 1)) || (same && nearest)) {
      *before = q;
      onnx_replace(im, (int)i, l->node.inputs[0]);
      if (!nearest && !onnx_round_as(im, as.node.inputs[0], &as))
        return false;
    } else {
      l->role = LAYER_NODE;
      l->node.count_pad = true;
      if (!nearest && !onnx_round_as(im, (int)i, &as))
        return false;
    }
  }
  return true;
}

static bool check(onnx_import *im) {
  for (size_t i = 0; i < im->layer_count; i++) {
    const onnx_layer *l = &im->layers[i];
    assert(l->role == LAYER_NODE || l->role == LAYER_DEAD);
    for (int64_t k = 0; l->role == LAYER_NODE && l->weight && k < l->reduction * l->node.shape.c; k++)
      if (!isfinite(l->weight[k]))
        return onnx_error(im, "%s (node %s): weight %lld is not a finite number", l->op_type, l->label, (long long)k);
    for (int k = 0; l->role == LAYER_NODE && l->bias && k < l->node.shape.c; k++)
      if (!isfinite((float)l->bias[k]))
        return onnx_error(im, "%s (node %s): bias %d is not a finite number", l->op_type, l->label, k);
  }
  return true;
}

bool onnx_passes(onnx_import *im) {
  static const struct {
    const char *name;
    bool (*run)(onnx_import *im);
  } passes[] = {
      {"remove dead layers", remove_dead}, {"fold input", onnx_fold_input},
      {"merge pads", merge_pads},          {"fold affine back", fold_affine_back},
      {"sink affine", sink_affine},        {"fold affine forward", fold_affine_forward},
      {"absorb choices", absorb_choices},  {"lower affine", lower_affine},
      {"fuse clamps", fuse_clamps},        {"fuse codes", fuse_codes},
      {"remove dead layers", remove_dead}, {"check", check},
  };
  for (size_t i = 0; i < BASE_COUNT(passes); i++)
    if (!passes[i].run(im))
      return false;
  return true;
}

// ---- layers to network ---------------------------------------------------------------------------------------------
bool onnx_finish(onnx_import *im, const char *name, network **out) {
  network *net = arena_new_object(im->out_mem, network);
  *net = (network){.mem = im->out_mem,
                   .name = name,
                   .file = arena_strdup(im->out_mem, im->path),
                   .input_scale_255 = im->pixels[0].scale,
                   .input_offset = im->pixels[0].offset};
  int channels = im->layers[0].node.shape.c;
  for (int c = 1; c < channels; c++)
    if (im->pixels[c].scale != im->pixels[0].scale || im->pixels[c].offset != im->pixels[0].offset)
      net->input_channels = arena_memdup(im->out_mem, im->pixels, (size_t)channels * sizeof *im->pixels);
  int *at = arena_new_array(im->mem, int, im->layer_count);
  for (size_t i = 0; i < im->layer_count; i++) {
    const onnx_layer *l = &im->layers[i];
    if (l->role == LAYER_DEAD)
      continue;
    at[i] = (int)net->count;
    arena_grow(im->out_mem, net->nodes, net->count, net->cap);
    net_node n = l->node;
    n.name = i == 0 ? "input" : onnx_layer_name(im->out_mem, l, net);
    n.pos = (src_pos){.file = net->file};
    for (int j = 0; j < n.input_count; j++)
      n.inputs[j] = at[n.inputs[j]];
    if (l->weight) {
      size_t f = (size_t)n.shape.c;
      float *bias = arena_new_array(im->out_mem, float, f);
      for (size_t k = 0; k < f; k++)
        bias[k] = (float)l->bias[k];
      n.bias_f = bias;
      if (n.weight_scale)
        n.weight_scale = arena_memdup(im->out_mem, n.weight_scale, f * sizeof(double));
      if (n.bias)
        n.bias = arena_memdup(im->out_mem, n.bias, f * sizeof *n.bias);
      n.weight_f = arena_memdup(im->out_mem, l->weight, f * (size_t)l->reduction * sizeof(float));
    }
    if (n.gain)
      n.gain = arena_memdup(im->out_mem, n.gain, (size_t)net_gains(&n) * sizeof *n.gain);
    net->nodes[net->count++] = n;
  }
  *out = net;
  return net_verify(net, im->d);
}
