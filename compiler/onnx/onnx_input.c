// SPDX-License-Identifier: Apache-2.0
//
// ONNX import: the image, and what its pixels are. Arithmetic with constants right after the input says it (x / 255, x
// / 127.5 - 1, (x - mean) / std); it becomes part of what a pixel stands for, so that it costs nothing and padding
// stays 0.
#include "compiler/onnx/onnx_internal.h"

#include <math.h>
#include <string.h>

// ---- its shape ------------------------------------------------------------------------------------------------------
static bool read_dim(onnx_import *im, const Onnx__TensorShapeProto__Dimension *d, bool batch, int64_t *out) {
  bool known = d->value_case == ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE && d->dim_value > 0;
  *out = known ? d->dim_value : 1;
  if (!known && !batch)
    return onnx_error(im, "the input's channels, height and width must be fixed; export the model with a fixed size");
  if (*out > (batch ? ONNX_MAX_BATCH : ONNX_MAX_ACTIVATION))
    return onnx_error(im, "the input has a dimension of %lld", (long long)*out);
  return true;
}

// Signals are images of one row; lists of numbers images of one pixel.
static net_shape image_shape(int rank, const int64_t *dim, bool last) {
  int c = (int)dim[last ? rank - 1 : 1], at = last ? 1 : 2;
  return (net_shape){c, rank == 4 ? (int)dim[at] : 1, rank >= 3 ? (int)dim[at + rank - 3] : 1};
}

// Does `p` take one of `count` values?
static bool takes(const Onnx__NodeProto *p, const char *const *names, int count) {
  for (size_t k = 0; k < p->n_input; k++)
    for (int i = 0; i < count; i++)
      if (!strcmp(p->input[k], names[i]))
        return true;
  return false;
}

static bool moves_channels_first(const Onnx__NodeProto *p, int rank) {
  for (size_t k = 0; k < p->n_attribute; k++) {
    const Onnx__AttributeProto *a = p->attribute[k];
    if (!a->name || strcmp(a->name, "perm") != 0 || a->n_ints != (size_t)rank)
      continue;
    bool first = true;
    for (int i = 0; i < rank; i++)
      first = first && a->ints[i] == (i == 0 ? 0 : i == 1 ? rank - 1 : i - 1);
    return first;
  }
  return false;
}

// Are channels the last dimension? A Transpose says so, behind nothing but pads and arithmetic on single elements; any
// other operator says that they are not, unless the sizes do.
static bool channels_last(const onnx_import *im, const char *input, int rank, const int64_t *dim) {
  static const char *const single[] = {
      "Add", "BatchNormalization", "Cast", "Clip", "DequantizeLinear", "Div", "Identity", "Max", "Min", "Mul", "Neg",
      "Pad", "QuantizeLinear",     "Sub"};
  const char *same[16] = {input}; // the input and what single elements of it become
  int count = 1;
  for (size_t i = 0; i < im->graph->n_node; i++) {
    const Onnx__NodeProto *p = im->graph->node[i];
    if (rank < 3 || !p->op_type || !takes(p, same, count))
      continue;
    if (!strcmp(p->op_type, "Transpose") && moves_channels_first(p, rank))
      return true;
    for (size_t k = 0; k < BASE_COUNT(single); k++)
      if (!strcmp(p->op_type, single[k]) && p->n_output == 1 && count < (int)BASE_COUNT(same))
        same[count++] = p->output[0];
  }
  return rank == 4 && dim[3] <= 4 && dim[1] > 4;
}

// The one input that is not an initializer: images [N, C, H, W], signals [N, C, L] or lists of numbers [N, F]; channels
// may be last.
bool onnx_read_input(onnx_import *im) {
  const Onnx__ValueInfoProto *input = NULL;
  for (size_t i = 0; i < im->graph->n_input; i++) {
    const char *name = im->graph->input[i]->name;
    if (name && onnx_value_named(im, name)->defined)
      continue;
    if (input || !name)
      return onnx_error(im, "more than one input, or one without a name; a network has one image as its input");
    input = im->graph->input[i];
  }
  const Onnx__TypeProto__Tensor *type =
      input && input->type && input->type->value_case == ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE ? input->type->tensor_type
                                                                                             : NULL;
  int rank = type && type->shape ? (int)type->shape->n_dim : 0;
  if (rank < 2 || rank > 4)
    return onnx_error(im, "expected one input that is a tensor [N, C, H, W], [N, C, L] or [N, F]");
  int64_t dim[4] = {1, 1, 1, 1};
  for (int i = 0; i < rank; i++)
    if (!read_dim(im, type->shape->dim[i], i == 0, &dim[i]))
      return false;
  im->batch = dim[0];
  bool hwc = channels_last(im, input->name, rank, dim);
  onnx_node n = {.im = im, .op = "Input", .label = onnx_printable(im->mem, input->name)};
  n.p = &(Onnx__NodeProto){.n_output = 1, .output = (char *[]){input->name}};
  onnx_layer l = onnx_layer_new(&n, LAYER_NODE, NET_INPUT);
  l.node.shape = image_shape(rank, dim, hwc);
  if (!onnx_out_layer(&n, &l, rank, dim, hwc))
    return false;
  onnx_value_named(im, input->name)->t.type = type->elem_type;
  im->integers = type->elem_type && onnx_is_integer(type->elem_type);
  im->by_type = (net_pixels){255, type->elem_type == ONNX__TENSOR_PROTO__DATA_TYPE__INT8 ? -128 : 0}; // pixel - 128
  return true;
}

void onnx_shape_input(const onnx_node *n, const onnx_value *v, bool last) {
  onnx_import *im = n->im;
  net_shape *s = &im->layers[0].node.shape;
  if (v->layer != 0 || im->layer_count != 1 || v->t.rank < 3 || v->t.dim[0] != im->batch ||
      (v->hwc && s->c != v->t.dim[v->t.rank - 1]))
    return;
  *s = image_shape(v->t.rank, v->t.dim, last || v->hwc);
}

const onnx_value *onnx_image(const onnx_node *n, int i) {
  const onnx_value *v = onnx_activation(n, i);
  if (!v)
    return NULL;
  if (!v->hwc)
    onnx_shape_input(n, v, false);
  net_shape s = onnx_shape(n, v);
  const int64_t *dim = v->t.dim;
  bool image = v->t.rank == 4 && dim[2] == s.h && dim[3] == s.w;
  bool signal = v->t.rank == 3 && dim[2] == (int64_t)s.h * s.w && (s.h == 1 || s.w == 1);
  if ((image || signal) && dim[0] == n->im->batch && dim[1] == s.c && (!v->hwc || (s.h == 1 && s.w == 1)))
    return v;
  onnx_node_error(n,
                  "input %s is %s%s, which is not the [N, C, H, W] = [%lld, %d, %d, %d] that the layers before it make",
                  onnx_printable(n->im->mem, v->name), onnx_dims(n->im->mem, &v->t), v->hwc ? " (channels last)" : "",
                  (long long)n->im->batch, s.c, s.h, s.w);
  return NULL;
}

// ---- its pixels -----------------------------------------------------------------------------------------------------
// The one layer that reads layer i; -1: none or several.
static int only_reader(const onnx_import *im, int i) {
  if (onnx_uses(im, i) != 1 || im->output == i)
    return -1;
  for (size_t k = (size_t)i + 1; k < im->layer_count; k++)
    for (int j = 0; im->layers[k].role != LAYER_DEAD && j < im->layers[k].node.input_count; j++)
      if (im->layers[k].node.inputs[j] == i)
        return (int)k;
  return -1;
}

// Does layer l keep what pixels are, but for their channels' order and number and for arithmetic?
static bool keeps_pixels(const onnx_layer *l) {
  const net_node *n = &l->node;
  bool one = n->input_count == 1 && !n->pad_c0 && !n->pad_c1;
  return l->role == LAYER_AFFINE || l->role == LAYER_CLAMP ||
         (l->role == LAYER_NODE && one && (l->selects || n->op == NET_PAD || n->op == NET_MAXPOOL));
}

// What layer l makes of pixels, from `of` what its input makes of them: one a channel. NULL: it makes nothing of a
// channel.
static const net_pixels *made_of_pixels(const onnx_import *im, const onnx_layer *l, const net_pixels *of) {
  int channels = l->node.shape.c;
  net_pixels *made = arena_new_array(im->mem, net_pixels, (size_t)channels);
  for (int c = 0; c < channels; c++) {
    made[c] = of[l->selects ? l->selects[c] : c];
    if (l->role != LAYER_AFFINE)
      continue;
    if (l->scale[c] == 0)
      return NULL;
    made[c] = (net_pixels){made[c].scale * l->scale[c], made[c].offset * l->scale[c] + l->shift[c]};
  }
  return made;
}

// The range of the input that makes sense of arithmetic; false: none more than another. Nobody divides 0..1 by 16 or
// more, or takes more than 2 off it; and what adds 1 so that -1 becomes 0 takes -1..1.
static bool guess_from_arithmetic(const net_pixels *made, int channels, net_pixels *guess) {
  bool divides = true, far = true, from_minus_one = true;
  for (int c = 0; c < channels; c++) {
    double zero = -made[c].offset / made[c].scale;
    divides = divides && fabs(made[c].scale) < 1.0 / 16;
    far = far && zero > 2;
    from_minus_one = from_minus_one && fabs(zero + 1) < 1e-3;
  }
  if (divides || far)
    *guess = (net_pixels){255, 0};
  else if (from_minus_one)
    *guess = (net_pixels){2, -1};
  return divides || far || from_minus_one;
}

// The first step of the arithmetic on pixels that tells decides: (x + 1) / 2 takes -1..1 whatever is done with the
// result. It is followed through all that leaves pixels what they are, also where they go several ways.
static net_pixels guess_from_head(const onnx_import *im) {
  net_pixels guess = {1, 0}, *same = arena_new_array(im->mem, net_pixels, (size_t)im->layers[0].node.shape.c);
  const net_pixels **made = arena_new_array(im->mem, const net_pixels *, im->layer_count);
  for (int c = 0; c < im->layers[0].node.shape.c; c++)
    same[c] = guess;
  made[0] = same;
  for (size_t i = 1; i < im->layer_count; i++) {
    const onnx_layer *l = &im->layers[i];
    const net_pixels *of = l->role != LAYER_DEAD && keeps_pixels(l) ? made[l->node.inputs[0]] : NULL;
    made[i] = of ? made_of_pixels(im, l, of) : NULL;
    if (made[i] && l->role == LAYER_AFFINE && guess_from_arithmetic(made[i], l->node.shape.c, &guess))
      break;
  }
  return guess;
}

// From the codes that a quantised model gives its input. Codes of 8 bits that reach over a usual range are the pixels
// themselves.
static net_pixels guess_from_codes(onnx_import *im, const onnx_layer *l) {
  static const struct {
    double lo, hi;
    net_pixels pixels;
  } usual[] = {{0, 1, {1, 0}}, {0, 255, {255, 0}}, {-1, 1, {2, -1}}};
  net_quant q = l->node.quant;
  double lo = q.scale * (net_quant_lo(q) - q.zero), hi = q.scale * (net_quant_hi(q) - q.zero), width = hi - lo;
  bool symmetric = q.is_signed && q.zero == 0; // says nothing of values below 0
  for (size_t i = 0; i < BASE_COUNT(usual) && !symmetric; i++) {
    net_pixels p = usual[i].pixels;
    if (fabs(lo - usual[i].lo) > 0.02 * p.scale || fabs(hi - usual[i].hi) > 0.02 * p.scale)
      continue;
    bool same = q.bits != 8 || (fabs(width / p.scale - 1) < 1e-6 && fabs(lo - p.offset) < 1e-6 * p.scale);
    return same ? p : (net_pixels){width, lo};
  }
  if (lo < 0 && !symmetric)
    diag_warn(im->d,
              "%s: %s (node %s): codes from %g to %g, but not which pixels they are; taken as pixel / 255 (net import: "
              "--mean and --std, or --input-range)",
              im->path, l->op_type, l->label, lo, hi);
  return hi > 32 ? (net_pixels){255, 0} : (net_pixels){1, 0};
}

// Constants come in single precision: numbers that are whole or halves but for that are meant to be.
static double plain(double v, double unit) {
  double near = round(2 * v) / 2;
  return fabs(v - near) < 2e-7 * fabs(unit) ? near : v;
}

// What pixels are for the model's input: told, shown by its type, or as its first layers make likely.
static bool model_pixels(onnx_import *im, const net_pixels *guess) {
  int channels = im->layers[0].node.shape.c;
  const onnx_input *told = &im->told;
  if (told->channels > 1 && told->channels != channels)
    return onnx_error(im, "told what pixels are for %d channels; the input has %d", told->channels, channels);
  if (told->channels && im->integers)
    return onnx_error(im, "the input's type is a whole number: it takes the pixels themselves, and need not be told "
                          "their range");
  im->pixels = arena_new_array(im->mem, net_pixels, (size_t)channels);
  for (int c = 0; c < channels; c++)
    im->pixels[c] = told->channels ? told->pixels[told->channels == 1 ? 0 : c] : im->integers ? im->by_type : *guess;
  return true;
}

// Pixels go through affine layer l, whose channel c is the image's channel `list[c]` (NULL: c). False: it makes nothing
// of a channel, or two things.
static bool fold_affine(onnx_import *im, const onnx_layer *l, const int *list) {
  int channels = l->node.shape.c;
  bool *used = arena_new_array(im->mem, bool, (size_t)im->layers[0].node.shape.c);
  for (int c = 0; c < channels; c++) {
    int of = list ? list[c] : c;
    if (l->scale[c] == 0 || used[of])
      return false;
    used[of] = true;
  }
  for (int c = 0; c < channels; c++) {
    net_pixels *p = &im->pixels[list ? list[c] : c];
    *p = (net_pixels){p->scale * l->scale[c], p->offset * l->scale[c] + l->shift[c]};
  }
  return true;
}

// Does clamp layer l let all values of pixels pass?
static bool lets_pixels_pass(const onnx_import *im, const onnx_layer *l) {
  for (int c = 0; c < l->node.shape.c; c++) {
    double a = net_pixel_value(im->pixels[c], 0), b = net_pixel_value(im->pixels[c], 255);
    double rounding = 1e-6 * fabs(b - a);
    if (fmin(a, b) < l->node.clamp_lo - rounding || fmax(a, b) > l->node.clamp_hi + rounding)
      return false;
  }
  return true;
}

// A clamp of what is coded next, which the input's codes then have.
static bool clamps_codes(onnx_import *im, int i) {
  const onnx_layer *l = &im->layers[i];
  int next = only_reader(im, i);
  if (l->role != LAYER_CLAMP || next < 0 || im->layers[next].role != LAYER_QUANT)
    return false;
  net_node *input = &im->layers[0].node;
  input->clamp_lo = l->node.clamp_lo;
  input->clamp_hi = l->node.clamp_hi;
  return true;
}

// The layers that become part of what pixels are: arithmetic and clamps that cut nothing off right after the input, and
// arithmetic behind a choice of channels.
static void fold_head(onnx_import *im) {
  for (int i; (i = only_reader(im, 0)) > 0;) {
    const onnx_layer *l = &im->layers[i];
    int next = l->role == LAYER_NODE && l->selects ? only_reader(im, i) : -1;
    if (next > 0 && im->layers[next].role == LAYER_AFFINE && fold_affine(im, &im->layers[next], l->selects))
      onnx_replace(im, next, i);
    else if ((l->role == LAYER_AFFINE && fold_affine(im, l, NULL)) ||
             (l->role == LAYER_CLAMP && lets_pixels_pass(im, l)) || clamps_codes(im, i))
      onnx_replace(im, i, 0);
    else
      return;
  }
}

bool onnx_fold_input(onnx_import *im) {
  int channels = im->layers[0].node.shape.c, first = only_reader(im, 0);
  net_pixels guess = {1, 0};
  if (!im->integers && !im->told.channels)
    guess = first > 0 && im->layers[first].role == LAYER_QUANT ? guess_from_codes(im, &im->layers[first])
                                                               : guess_from_head(im);
  if (!model_pixels(im, &guess))
    return false;
  fold_head(im);
  for (int c = 0; c < channels; c++) {
    net_pixels *p = &im->pixels[c];
    *p = (net_pixels){plain(p->scale, p->scale), plain(p->offset, p->scale)};
  }
  return true;
}
