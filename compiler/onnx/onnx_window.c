// SPDX-License-Identifier: Apache-2.0
//
// ONNX import: convolutions, dense layers and pools.
#include "compiler/onnx/onnx_internal.h"

#include <math.h>
#include <string.h>

// ---- windows -------------------------------------------------------------------------------------------------------
// One direction: input size, kernel, stride and pads (begin, end) to the output size; 0 when nothing fits.
static int64_t out_size(const onnx_node *n, int64_t in, int64_t k, int64_t stride, int64_t *begin, int64_t *end) {
  bool upper = onnx_attr_is(n, "auto_pad", "SAME_UPPER", false);
  if (upper || onnx_attr_is(n, "auto_pad", "SAME_LOWER", false)) {
    int64_t total = (div_ceil(in, stride) - 1) * stride + k - in;
    total = total > 0 ? total : 0;
    *begin = upper ? total / 2 : total - total / 2;
    *end = total - *begin;
  } else if (onnx_attr_is(n, "auto_pad", "VALID", false)) {
    *begin = *end = 0;
  }
  int64_t span = in + *begin + *end - k;
  return span < 0 ? 0 : span / stride + 1;
}

// ceil_mode: one more window where the stride does not divide what is left, unless it lay wholly in the padding after
// the image. That is padding at the end, which never counts in a mean: with pads that do there is no saying it.
static bool round_up(const onnx_node *n, bool counts, int64_t in, int64_t k, int64_t stride, int64_t begin,
                     int64_t *end, int64_t *size) {
  int64_t rest = (in + begin + *end - k) % stride, start = *size * stride;
  if (!rest || start >= in + begin)
    return true;
  if (counts)
    return onnx_node_error(n, "ceil_mode with pads that count is not supported where it makes a difference");
  *end = start + k - in - begin;
  ++*size;
  return true;
}

// An attribute with a number for each direction in space, in out[0] (height) and out[1] (width) for each of `times`.
// Of signals [N, C, L] it has one; the other direction gets `otherwise`.
static bool of_space(const onnx_node *n, const onnx_value *x, const char *name, int times, int64_t otherwise,
                     int64_t *out) {
  if (x->t.rank == 4)
    return onnx_attr_ints(n, name, 2 * times, otherwise, out);
  int64_t given[2];
  bool upright = onnx_upright(onnx_shape(n, x));
  if (!onnx_attr_ints(n, name, times, otherwise, given))
    return false;
  for (int i = 0; i < times; i++) {
    out[2 * i + !upright] = given[i];
    out[2 * i + upright] = otherwise;
  }
  return true;
}

// Reads strides, pads, auto_pad, dilations and ceil_mode into `node`, whose kh and kw are set, and its shape.
static bool window(const onnx_node *n, const onnx_value *x, net_node *node) {
  int64_t strides[2], dilations[2], pads[4];
  net_shape in = onnx_shape(n, x);
  if (!of_space(n, x, "strides", 1, 1, strides) || !of_space(n, x, "dilations", 1, 1, dilations) ||
      !of_space(n, x, "pads", 2, 0, pads)) // top, left, bottom, right
    return false;
  if (dilations[0] != 1 || dilations[1] != 1)
    return onnx_node_error(n, "a dilation of %lld x %lld; only 1 is supported", (long long)dilations[0],
                           (long long)dilations[1]);
  for (int i = 0; i < 4; i++)
    if (pads[i] < 0 || pads[i] > ONNX_MAX_WINDOW || strides[i & 1] < 1 || strides[i & 1] > ONNX_MAX_WINDOW)
      return onnx_node_error(n, "pads must be 0..%d and strides 1..%d", ONNX_MAX_WINDOW, ONNX_MAX_WINDOW);
  int64_t h = out_size(n, in.h, node->kh, strides[0], &pads[0], &pads[2]);
  int64_t w = out_size(n, in.w, node->kw, strides[1], &pads[1], &pads[3]);
  if (h < 1 || w < 1)
    return onnx_node_error(n, "the window of %d x %d is larger than its padded input of %lld x %lld", node->kh,
                           node->kw, (long long)(in.h + pads[0] + pads[2]), (long long)(in.w + pads[1] + pads[3]));
  bool counts =
      node->op == NET_AVGPOOL && onnx_attr_int(n, "count_include_pad", 0) && (pads[0] || pads[1] || pads[2] || pads[3]);
  if (onnx_attr_int(n, "ceil_mode", 0) && (!round_up(n, counts, in.h, node->kh, strides[0], pads[0], &pads[2], &h) ||
                                           !round_up(n, counts, in.w, node->kw, strides[1], pads[1], &pads[3], &w)))
    return false;
  node->sh = (int)strides[0], node->sw = (int)strides[1];
  node->pt = (int)pads[0], node->pl = (int)pads[1], node->pb = (int)pads[2], node->pr = (int)pads[3];
  node->shape.h = (int)h, node->shape.w = (int)w;
  node->count_pad = counts || (node->op == NET_AVGPOOL && !pads[0] && !pads[1] && !pads[2] && !pads[3]);
  return true;
}

// The output has as many dimensions as the input.
static bool out_image(const onnx_node *n, const onnx_layer *l, const onnx_value *x) {
  net_shape s = l->node.shape;
  if (x->t.rank == 3)
    return onnx_out_layer(n, l, 3, (int64_t[]){n->im->batch, s.c, (int64_t)s.h * s.w}, false);
  return onnx_out_layer(n, l, 4, (int64_t[]){n->im->batch, s.c, s.h, s.w}, false);
}

// ---- weights -------------------------------------------------------------------------------------------------------
// Codes of a bias that came from integers are kept.
static void set_bias(const onnx_node *n, onnx_layer *l, const onnx_tensor *b, double factor) {
  int f = l->node.shape.c;
  const onnx_codes *codes = b && factor == 1 ? b->codes : NULL;
  int32_t *code = codes ? arena_new_array(n->im->mem, int32_t, (size_t)f) : NULL;
  l->bias = arena_new_array(n->im->mem, double, (size_t)f);
  for (int i = 0; b && i < f; i++) {
    l->bias[i] = factor * b->v[b->count == 1 ? 0 : i];
    if (codes)
      code[i] = (int32_t)fmin(fmax(round(l->bias[i] / codes->scale[i % codes->count]), INT32_MIN), INT32_MAX);
  }
  l->node.bias = code;
}

static bool fit_15_bits(const onnx_tensor *w, int axis) {
  const onnx_codes *codes = w->codes;
  int64_t inner = 1;
  for (int d = axis + 1; d < w->rank; d++)
    inner *= w->dim[d];
  for (int64_t i = 0; i < w->count; i++)
    if (w->v[i] / codes->scale[i / inner % codes->count] + codes->quant.zero > (1 << 15) - 0.5)
      return false;
  return codes->quant.zero < 1 << 15;
}

// Weights that came from integers say so; the filters are dimension `axis` of `w`.
static void state_codes(const onnx_node *n, onnx_layer *l, const onnx_tensor *w, int axis) {
  const onnx_codes *codes = w->codes;
  if (!codes || codes->quant.bits > 16 || (codes->count != 1 && codes->axis != axis))
    return;
  bool wide = !codes->quant.is_signed && codes->quant.bits == 16; // unsigned weights have at most 15 bits
  if (wide && !fit_15_bits(w, axis))
    return;
  double *scale = arena_new_array(n->im->mem, double, (size_t)l->node.shape.c);
  for (int f = 0; f < l->node.shape.c; f++)
    scale[f] = codes->scale[f % codes->count];
  l->node.weight_scale = scale;
  l->node.weight_bits = wide ? 15 : codes->quant.bits;
  l->node.weight_signed = codes->quant.is_signed;
  l->node.weight_zero = codes->quant.zero;
}

bool onnx_conv(onnx_node *n) {
  const onnx_value *x = onnx_image(n, 0);
  const onnx_tensor *w = x ? onnx_const_in(n, 1) : NULL, *b = NULL;
  if (!w || (onnx_given(n, 2) && !(b = onnx_const_in(n, 2))))
    return false;
  onnx_layer l = onnx_layer_on(n, LAYER_NODE, NET_CONV, x);
  net_shape in = l.node.shape;
  int64_t groups = onnx_attr_int(n, "group", 1);
  if (w->rank != x->t.rank || groups < 1 || groups > in.c || in.c % groups || w->dim[0] % groups ||
      w->dim[1] != in.c / groups || (b && b->count != w->dim[0]))
    return onnx_node_error(n, "weight %s%s does not fit %d input channel%s in %lld group%s", onnx_dims(n->im->mem, w),
                           b ? " or its bias" : "", in.c, plural((size_t)in.c), (long long)groups,
                           plural((size_t)groups));
  int64_t kernel[2] = {w->dim[2], w->dim[3]}, said[2];
  if (w->rank == 3)
    kernel[onnx_upright(in)] = 1, kernel[!onnx_upright(in)] = w->dim[2];
  if (!of_space(n, x, "kernel_shape", 1, 1, said))
    return false;
  if (onnx_attr(n, "kernel_shape") && memcmp(kernel, said, sizeof said) != 0)
    return onnx_node_error(n, "kernel_shape contradicts the weight %s", onnx_dims(n->im->mem, w));
  l.node.groups = (int)groups;
  l.node.kh = (int)kernel[0], l.node.kw = (int)kernel[1];
  l.node.shape.c = (int)w->dim[0];
  if (!window(n, x, &l.node))
    return false;
  l.weight = arena_new_array(n->im->mem, float, (size_t)w->count);
  l.reduction = w->count / l.node.shape.c;
  for (int64_t i = 0; i < w->count; i++)
    l.weight[i] = (float)w->v[i];
  l.weight_name = n->in[1]->name;
  state_codes(n, &l, w, 0);
  set_bias(n, &l, b, 1);
  return out_image(n, &l, x);
}

// y = factor * x * w + bias; w is [K][F], or [F][K] when transposed. The K inputs of a flattened image come in the
// order C, H, W, or H, W, C from a network with channels last; the dense layer's weights are [F][C][H][W].
static bool dense(onnx_node *n, const onnx_value *x, const onnx_tensor *w, bool transposed, double factor,
                  const onnx_tensor *b, double bias_factor) {
  onnx_layer l = onnx_layer_on(n, LAYER_NODE, NET_DENSE, x);
  net_shape in = l.node.shape;
  // Over the channels of each pixel, where they are the last dimension: a 1x1 convolution.
  bool pixels = x->hwc && in.h * in.w > 1 && w->rank == 2 && w->dim[transposed] == in.c && x->t.rank > 0 &&
                x->t.dim[x->t.rank - 1] == in.c;
  int64_t k = pixels ? in.c : net_shape_size(in), f = w->rank == 2 ? w->dim[!transposed] : 0;
  if (w->rank != 2 || w->dim[transposed] != k || x->t.rank < 1 || x->t.dim[x->t.rank - 1] != k)
    return onnx_node_error(n, "input %s and weight %s do not fit", onnx_dims(n->im->mem, &x->t),
                           onnx_dims(n->im->mem, w));
  if (b && b->count != 1 && (b->count != f || b->dim[b->rank - 1] != f))
    return onnx_node_error(n, "a bias of %s for %lld output%s", onnx_dims(n->im->mem, b), (long long)f,
                           plural((size_t)f));
  if (pixels)
    l.node.op = NET_CONV;
  l.node.kh = pixels ? 1 : in.h, l.node.kw = pixels ? 1 : in.w;
  l.node.shape = pixels ? (net_shape){(int)f, in.h, in.w} : (net_shape){(int)f, 1, 1};
  l.weight = arena_new_array(n->im->mem, float, (size_t)w->count);
  l.reduction = w->count / l.node.shape.c;
  for (int64_t o = 0; o < f; o++)
    for (int64_t i = 0; i < k; i++) {
      int64_t hw = (int64_t)in.h * in.w, from = x->hwc && !pixels ? i % hw * in.c + i / hw : i;
      l.weight[o * k + i] = (float)(factor * w->v[transposed ? o * k + from : from * f + o]);
    }
  l.weight_name = n->in[1]->name;
  if (factor == 1)
    state_codes(n, &l, w, !transposed);
  set_bias(n, &l, b, bias_factor);
  int64_t dim[ONNX_MAX_RANK];
  memcpy(dim, x->t.dim, sizeof dim);
  dim[x->t.rank - 1] = f;
  return onnx_out_layer(n, &l, x->t.rank, dim, pixels);
}

bool onnx_gemm(onnx_node *n) {
  const onnx_value *x = onnx_activation(n, 0);
  const onnx_tensor *w = x ? onnx_const_in(n, 1) : NULL, *b = NULL;
  if (!w || (onnx_given(n, 2) && !(b = onnx_const_in(n, 2))))
    return false;
  if (onnx_attr_int(n, "transA", 0) || x->t.rank != 2)
    return onnx_node_error(n, "expected an input [N, K], not transposed");
  return dense(n, x, w, onnx_attr_int(n, "transB", 0) != 0, onnx_attr_float(n, "alpha", 1), b,
               onnx_attr_float(n, "beta", 1));
}

bool onnx_matmul(onnx_node *n) {
  const onnx_value *x = onnx_activation(n, 0);
  const onnx_tensor *w = x ? onnx_const_in(n, 1) : NULL;
  return w && dense(n, x, w, false, 1, NULL, 0);
}

// ---- pools ---------------------------------------------------------------------------------------------------------
// Max pooling works on codes too.
bool onnx_pool(onnx_node *n) {
  bool max = !strcmp(n->op, "MaxPool"), codes = max && onnx_given(n, 0) && n->in[0]->codes;
  onnx_value real;
  if (codes) {
    real = *n->in[0];
    real.codes = false;
    n->in[0] = &real;
  }
  const onnx_value *x = onnx_image(n, 0);
  int64_t kernel[2];
  if (!x || !of_space(n, x, "kernel_shape", 1, 1, kernel))
    return false;
  onnx_layer l = onnx_layer_on(n, LAYER_NODE, max ? NET_MAXPOOL : NET_AVGPOOL, x);
  for (int i = 0; i < 2; i++)
    if (!onnx_attr(n, "kernel_shape") || kernel[i] < 1 || kernel[i] > ONNX_MAX_WINDOW)
      return onnx_node_error(n, "expected a kernel_shape of numbers from 1 to %d", ONNX_MAX_WINDOW);
  if (n->p->n_output > 1 && n->p->output[1][0])
    return onnx_node_error(n, "its second output (the indices) is not supported");
  l.node.kh = (int)kernel[0], l.node.kw = (int)kernel[1];
  if (!window(n, x, &l.node))
    return false;
  if (l.node.pt >= l.node.kh || l.node.pb >= l.node.kh || l.node.pl >= l.node.kw || l.node.pr >= l.node.kw)
    return onnx_node_error(n, "its pads must be smaller than its window");
  if (!out_image(n, &l, x))
    return false;
  onnx_value *out = onnx_value_named(n->im, n->p->output[0]);
  out->codes = codes;
  out->quant = x->quant;
  return true;
}

// Every k-th row and column (the shortcuts of CIFAR's ResNets): max pooling over one pixel.
static bool slice_space(onnx_node *n, const onnx_value *x, const int64_t *first, const int64_t *step,
                        const int64_t *dim) {
  bool whole = true, fits = x->t.rank == 4 && onnx_image(n, 0);
  for (int d = 0; d < x->t.rank; d++) {
    whole = whole && first[d] == 0 && step[d] == 1 && dim[d] == x->t.dim[d];
    fits = fits && !first[d] && step[d] >= 1 && step[d] <= ONNX_MAX_WINDOW &&
           dim[d] == div_ceil(x->t.dim[d], step[d]) && (d >= 2 || step[d] == 1);
  }
  if (whole)
    return onnx_out_view(n, x, x->t.rank, x->t.dim);
  if (!fits)
    return onnx_node_error(n,
                           "of an image only channels, and rows and columns 0, k, 2k, ... to the end, are supported");
  onnx_layer l = onnx_layer_on(n, LAYER_NODE, NET_MAXPOOL, x);
  l.node.sh = (int)step[2], l.node.sw = (int)step[3];
  l.node.shape.h = (int)dim[2], l.node.shape.w = (int)dim[3];
  return out_image(n, &l, x);
}

// Of channels any, then of rows and columns what can be.
bool onnx_slice(onnx_node *n) {
  const onnx_value *x = onnx_activation(n, 0);
  int64_t first[ONNX_MAX_RANK], step[ONNX_MAX_RANK], dim[ONNX_MAX_RANK];
  if (!x || !onnx_slice_dims(n, &x->t, first, step, dim))
    return false;
  int axis = onnx_channel_axis(n, x);
  onnx_value some = *x;
  if (axis >= 0 && dim[axis] > 0 && dim[axis] <= x->t.dim[axis]) {
    int *list = arena_new_array(n->im->mem, int, (size_t)dim[axis]);
    for (int64_t i = 0; i < dim[axis]; i++)
      list[i] = (int)(first[axis] + i * step[axis]);
    if (!onnx_select(n, x, list, (int)dim[axis], &some))
      return false;
    first[axis] = 0, step[axis] = 1;
  }
  onnx_node rest = *n;
  rest.in = arena_memdup(n->im->mem, n->in, (size_t)n->in_count * sizeof(onnx_value *));
  rest.in[0] = &some;
  return slice_space(&rest, &some, first, step, dim);
}

static onnx_layer global(const onnx_node *n, const onnx_value *x, net_op op) {
  onnx_layer l = onnx_layer_on(n, LAYER_NODE, op, x);
  l.node.kh = l.node.shape.h, l.node.kw = l.node.shape.w;
  l.node.shape.h = l.node.shape.w = 1;
  l.node.count_pad = op == NET_AVGPOOL;
  return l;
}

bool onnx_global_pool(onnx_node *n) {
  const onnx_value *x = onnx_image(n, 0);
  if (!x)
    return false;
  onnx_layer l = global(n, x, strcmp(n->op, "GlobalMaxPool") ? NET_AVGPOOL : NET_MAXPOOL);
  return out_image(n, &l, x);
}

// Which dimensions of `x`, an image [N, C, H, W] or [N, H, W, C], are its height and width. Where both are one
// dimension
// ([N, C, L]), height and width are the same number.
static bool space_of(const onnx_node *n, const onnx_value *x, int *h, int *w) {
  net_shape s = onnx_shape(n, x);
  int rank = x->t.rank;
  for (int last = 0; last < 2; last++) {
    int c = last ? rank - 1 : 1;
    *h = last ? 1 : 2;
    *w = *h + rank - 3;
    bool fits = (rank == 3 || rank == 4) && x->t.dim[0] == n->im->batch && x->t.dim[c] == s.c && (!x->hwc || last) &&
                (rank == 3 ? x->t.dim[*h] == (int64_t)s.h * s.w : x->t.dim[*h] == s.h && x->t.dim[*w] == s.w);
    if (fits)
      return true;
  }
  return onnx_node_error(n, "only over height and width of an image; the input is %s", onnx_dims(n->im->mem, &x->t));
}

static bool reduced_axes(const onnx_node *n, int rank, unsigned *mask) {
  int64_t axes[ONNX_MAX_RANK];
  int count, axis;
  *mask = 0;
  if (!onnx_int_list(n, "axes", 1, axes, ONNX_MAX_RANK, &count))
    return false;
  for (int i = 0; i < count; i++, *mask |= 1u << axis)
    if (!onnx_axis(n, axes[i], rank, &axis))
      return false;
  return true;
}

// A mean times the number of its elements.
static bool times(onnx_node *n, onnx_value *mean, int64_t count) {
  onnx_value k = {.name = "count", .constant = true, .t = {.count = 1, .v = (double[]){(double)count}}};
  onnx_node mul = *n;
  mul.op = "Mul";
  mul.in = (onnx_value *[]){mean, &k};
  mul.in_count = 2;
  return onnx_arithmetic(&mul);
}

static bool reduce_layer(onnx_node *n) {
  const onnx_value *x = onnx_activation(n, 0);
  int h, w;
  unsigned mask;
  if (!x || !space_of(n, x, &h, &w) || !reduced_axes(n, x->t.rank, &mask))
    return false;
  if (!mask || mask & ~(1u << h | 1u << w))
    return onnx_node_error(n, "only over height and width of an image");
  bool max = !strcmp(n->op, "ReduceMax");
  onnx_layer l = onnx_layer_on(n, LAYER_NODE, max ? NET_MAXPOOL : NET_AVGPOOL, x);
  net_node *p = &l.node;
  p->count_pad = !max;
  if (mask & 1u << h)
    p->kh = p->shape.h, p->shape.h = 1;
  if (mask & 1u << w)
    p->kw = p->shape.w, p->shape.w = 1;
  int64_t dim[ONNX_MAX_RANK];
  int rank = 0;
  bool keep = onnx_attr_int(n, "keepdims", 1) != 0;
  for (int i = 0; i < x->t.rank; i++)
    if (keep || !(mask & 1u << i))
      dim[rank++] = mask & 1u << i ? 1 : x->t.dim[i];
  return onnx_out_layer(n, &l, rank, dim, x->hwc);
}

// ReduceMean, ReduceMax and ReduceSum over space.
bool onnx_reduce(onnx_node *n) {
  if (strcmp(n->op, "ReduceSum") != 0)
    return reduce_layer(n);
  onnx_value *mean;
  if (!onnx_run_hidden(n, n->op, reduce_layer, n->in, n->in_count, &mean))
    return false;
  net_node *p = &n->im->layers[mean->layer].node;
  return times(n, mean, (int64_t)p->kh * p->kw);
}
