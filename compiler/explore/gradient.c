// SPDX-License-Identifier: Apache-2.0
#include "compiler/explore/gradient_parts.h"

#include <math.h>
#include <string.h>

// ---- operators that do not multiply ----

static const int32_t *input_of(const gradient *g, int node, int which, const gradient_image *image) {
  return image->value[g->net->nodes[node].inputs[which]];
}
static double *input_gradient(const gradient *g, int node, int which, const gradient_image *image) {
  return image->of[g->net->nodes[node].inputs[which]];
}

// Codes that go through a node as they are but for its clamp.
static int32_t pass(const net_node *n, int32_t code, uint8_t *passes) {
  *passes = code >= n->lo && code <= n->hi;
  return (int32_t)clamp64(code, n->lo, n->hi);
}

static void input_forward(const gradient *g, int node, gradient_image *image) {
  infer_input_codes(g->net, image->work->pixels, image->value[node]);
}
static void input_backward(const gradient *g, int node, gradient_image *image) { (void)g, (void)node, (void)image; }

// The taps of one output pixel that lie inside the image: rows [y0, y1), columns [x0, x1).
typedef struct {
  int y0, y1, x0, x1;
} inside;
static inside inside_of(const net_node *n, net_shape in, int y, int x) {
  int top = y * n->sh - n->pt, left = x * n->sw - n->pl;
  return (inside){top > 0 ? top : 0, top + n->kh < in.h ? top + n->kh : in.h, left > 0 ? left : 0,
                  left + n->kw < in.w ? left + n->kw : in.w};
}
static int taps_of(inside t) { return (t.y1 - t.y0) * (t.x1 - t.x0); }

static int64_t first_maximum(const int32_t *plane, int width, inside t) {
  int64_t best = (int64_t)t.y0 * width + t.x0;
  for (int y = t.y0; y < t.y1; y++)
    for (int x = t.x0; x < t.x1; x++)
      if (plane[(int64_t)y * width + x] > plane[best])
        best = (int64_t)y * width + x;
  return best;
}

static void maxpool_forward(const gradient *g, int node, gradient_image *image) {
  const net_node *n = &g->net->nodes[node];
  net_shape in = net_input_shape(g->net, n), o = n->shape;
  const int32_t *plane = input_of(g, node, 0, image);
  int64_t i = 0;
  for (int c = 0; c < o.c; c++, plane += (int64_t)in.h * in.w)
    for (int y = 0; y < o.h; y++)
      for (int x = 0; x < o.w; x++, i++)
        image->value[node][i] =
            pass(n, plane[first_maximum(plane, in.w, inside_of(n, in, y, x))], &image->work->passes[node][i]);
}
static void maxpool_backward(const gradient *g, int node, gradient_image *image) {
  const net_node *n = &g->net->nodes[node];
  net_shape in = net_input_shape(g->net, n), o = n->shape;
  const int32_t *plane = input_of(g, node, 0, image);
  double *to = input_gradient(g, node, 0, image);
  int64_t i = 0, size = (int64_t)in.h * in.w;
  for (int c = 0; c < o.c; c++, plane += size, to += size)
    for (int y = 0; y < o.h; y++)
      for (int x = 0; x < o.w; x++, i++)
        if (image->work->passes[node][i])
          to[first_maximum(plane, in.w, inside_of(n, in, y, x))] += image->of[node][i];
}

static void avgpool_forward(const gradient *g, int node, gradient_image *image) {
  const net_node *n = &g->net->nodes[node];
  net_shape in = net_input_shape(g->net, n), o = n->shape;
  const int32_t *plane = input_of(g, node, 0, image);
  int32_t zero = net_input_quant(g->net, n).zero;
  int64_t i = 0;
  for (int c = 0; c < o.c; c++, plane += (int64_t)in.h * in.w)
    for (int p = 0; p < o.h * o.w; p++, i++) {
      inside t = inside_of(n, in, p / o.w, p % o.w);
      int64_t sum = 0;
      for (int y = t.y0; y < t.y1; y++)
        for (int x = t.x0; x < t.x1; x++)
          sum += plane[(int64_t)y * in.w + x] - zero;
      int which = net_mean_varies(n) ? taps_of(t) - 1 : c;
      image->work->passes[node][i] = 1;
      image->value[node][i] =
          net_is_raw(g->net, n) ? (int32_t)sum : gradient_store(n, sum * n->mult[which], &image->work->passes[node][i]);
    }
}
static void avgpool_backward(const gradient *g, int node, gradient_image *image) {
  const net_node *n = &g->net->nodes[node];
  net_shape in = net_input_shape(g->net, n), o = n->shape;
  double *to = input_gradient(g, node, 0, image);
  int64_t i = 0;
  for (int c = 0; c < o.c; c++, to += (int64_t)in.h * in.w)
    for (int p = 0; p < o.h * o.w; p++, i++) {
      inside t = inside_of(n, in, p / o.w, p % o.w);
      double slope = net_is_raw(g->net, n) ? 1 : gradient_slope(n, net_mean_varies(n) ? taps_of(t) - 1 : c);
      double each = image->work->passes[node][i] ? image->of[node][i] * slope : 0;
      for (int y = t.y0; y < t.y1; y++)
        for (int x = t.x0; x < t.x1; x++)
          to[(int64_t)y * in.w + x] += each;
    }
}

static void add_forward(const gradient *g, int node, gradient_image *image) {
  const net_node *n = &g->net->nodes[node];
  for (int64_t i = 0; i < net_shape_size(n->shape); i++) {
    int64_t sum = 0;
    for (int k = 0; k < n->input_count; k++)
      sum += (int64_t)(input_of(g, node, k, image)[i] - g->net->nodes[n->inputs[k]].quant.zero) * n->mult[k];
    image->value[node][i] = gradient_store(n, sum, &image->work->passes[node][i]);
  }
}
static void add_backward(const gradient *g, int node, gradient_image *image) {
  const net_node *n = &g->net->nodes[node];
  for (int k = 0; k < n->input_count; k++) {
    double *to = input_gradient(g, node, k, image), slope = gradient_slope(n, k);
    for (int64_t i = 0; i < net_shape_size(n->shape); i++)
      to[i] += image->work->passes[node][i] ? image->of[node][i] * slope : 0;
  }
}

static void concat_forward(const gradient *g, int node, gradient_image *image) {
  const net_node *n = &g->net->nodes[node];
  int64_t to = 0;
  for (int k = 0; k < n->input_count; k++)
    for (int64_t i = 0; i < net_shape_size(g->net->nodes[n->inputs[k]].shape); i++, to++)
      image->value[node][to] = pass(n, input_of(g, node, k, image)[i], &image->work->passes[node][to]);
}
static void concat_backward(const gradient *g, int node, gradient_image *image) {
  const net_node *n = &g->net->nodes[node];
  int64_t from = 0;
  for (int k = 0; k < n->input_count; k++)
    for (int64_t i = 0; i < net_shape_size(g->net->nodes[n->inputs[k]].shape); i++, from++)
      if (image->work->passes[node][from])
        input_gradient(g, node, k, image)[i] += image->of[node][from];
}

// Where element (c, y, x) of a padded tensor comes from; -1: from the padding.
static int64_t unpadded(const net_node *n, net_shape in, int c, int y, int x) {
  c -= n->pad_c0, y -= n->pt, x -= n->pl;
  bool is_inside = c >= 0 && c < in.c && y >= 0 && y < in.h && x >= 0 && x < in.w;
  return is_inside ? ((int64_t)c * in.h + y) * in.w + x : -1;
}

static void pad_forward(const gradient *g, int node, gradient_image *image) {
  const net_node *n = &g->net->nodes[node];
  net_shape in = net_input_shape(g->net, n), o = n->shape;
  int64_t i = 0;
  for (int c = 0; c < o.c; c++)
    for (int y = 0; y < o.h; y++)
      for (int x = 0; x < o.w; x++, i++) {
        int64_t from = unpadded(n, in, c, y, x);
        image->value[node][i] =
            pass(n, from < 0 ? n->quant.zero : input_of(g, node, 0, image)[from], &image->work->passes[node][i]);
      }
}
static void pad_backward(const gradient *g, int node, gradient_image *image) {
  const net_node *n = &g->net->nodes[node];
  net_shape in = net_input_shape(g->net, n), o = n->shape;
  int64_t i = 0;
  for (int c = 0; c < o.c; c++)
    for (int y = 0; y < o.h; y++)
      for (int x = 0; x < o.w; x++, i++) {
        int64_t from = unpadded(n, in, c, y, x);
        if (from >= 0 && image->work->passes[node][i])
          input_gradient(g, node, 0, image)[from] += image->of[node][i];
      }
}

// ---- all operators ----

// clang-format off
//  operator     forward                backward
#define ROWS(X)                                                    \
  X(NET_INPUT,   input_forward,         input_backward)            \
  X(NET_CONV,    gradient_conv_forward, gradient_conv_backward)    \
  X(NET_DENSE,   gradient_conv_forward, gradient_conv_backward)    \
  X(NET_MAXPOOL, maxpool_forward,       maxpool_backward)          \
  X(NET_AVGPOOL, avgpool_forward,       avgpool_backward)          \
  X(NET_ADD,     add_forward,           add_backward)              \
  X(NET_CONCAT,  concat_forward,        concat_backward)           \
  X(NET_PAD,     pad_forward,           pad_backward)
// clang-format on
static const struct { gradient_step *forward, *backward; } STEPS[NET_OPS] = {ROWS(BASE_ROW)};
_Static_assert(BASE_ROWS(ROWS) == NET_OPS, "a row for each operator");

gradient *gradient_new(arena *mem, const network *net, diag *d) {
  if (!net->quantised) {
    diag_error(d, "%s: the network has no integers yet (axgen net quantize)", net->file);
    return NULL;
  }
  gradient *g = arena_new_object(mem, gradient);
  *g = (gradient){.net = net, .product = product_choose()};
  g->scale = arena_new_array(mem, double, (size_t)net_shape_size(net_output(net)->shape));
  if (!evaluator_scale(net, g->scale, &g->zero)) {
    diag_at(d, net_output(net)->pos, "layer `%s`: its weights' scale is not known, so there is no loss to derive",
            net_output(net)->name);
    return NULL;
  }
  for (int i = 0; i < (int)net->count; i++)
    if (net_multiplies(&net->nodes[i]))
      gradient_conv_size(g, i);
  return g;
}

gradient_image *gradient_image_new(arena *mem, const gradient *g) {
  size_t nodes = g->net->count;
  gradient_image *image = arena_new_object(mem, gradient_image);
  *image = (gradient_image){.value = infer_buffers(mem, g->net),
                            .of = arena_new_array(mem, double *, nodes),
                            .work = arena_new_object(mem, gradient_work)};
  *image->work = (gradient_work){.passes = arena_new_array(mem, uint8_t *, nodes),
                                 .patches = arena_new_array(mem, double, g->patches + 1),
                                 .slopes = arena_new_array(mem, double, g->slopes + 1),
                                 .block = arena_new_array(mem, double, g->block + 1),
                                 .weights = arena_new_array(mem, double, g->weights + 1)};
  for (size_t i = 0; i < nodes; i++) {
    size_t size = (size_t)net_shape_size(g->net->nodes[i].shape);
    image->of[i] = arena_new_array(mem, double, size);
    image->work->passes[i] = arena_alloc(mem, size);
  }
  return image;
}

size_t gradient_image_bytes(const gradient *g) {
  size_t bytes = (g->patches + g->slopes + g->block + g->weights) * sizeof(double);
  for (size_t i = 0; i < g->net->count; i++)
    bytes += (size_t)net_shape_size(g->net->nodes[i].shape) * (sizeof(int32_t) + sizeof(double) + 1);
  return bytes;
}

// of[last] becomes the gradient of the logits; returns the loss.
static double cross_entropy(const gradient *g, const int32_t *logits, int label, double *of) {
  size_t outputs = (size_t)net_shape_size(net_output(g->net)->shape);
  double most = -INFINITY, sum = 0;
  for (size_t i = 0; i < outputs; i++)
    most = fmax(most, g->scale[i] * ((double)logits[i] - g->zero));
  for (size_t i = 0; i < outputs; i++) // at least one is 1
    sum += of[i] = exp(g->scale[i] * ((double)logits[i] - g->zero) - most);
  for (size_t i = 0; i < outputs; i++)
    of[i] = g->scale[i] * (of[i] / sum - (i == (size_t)label));
  return (sum > 0 ? log(sum) : 0) + most - g->scale[label] * ((double)logits[label] - g->zero);
}

void gradient_run(const gradient *g, const uint8_t *pixels, int label, gradient_image *image) {
  int nodes = (int)g->net->count;
  assert(label >= 0 && label < net_shape_size(net_output(g->net)->shape));
  image->work->pixels = pixels;
  for (int i = 0; i < nodes; i++) {
    STEPS[g->net->nodes[i].op].forward(g, i, image);
    memset(image->of[i], 0, (size_t)net_shape_size(g->net->nodes[i].shape) * sizeof(double));
  }
  image->loss = cross_entropy(g, image->value[nodes - 1], label, image->of[nodes - 1]);
  for (int i = nodes - 1; i >= 0; i--)
    STEPS[g->net->nodes[i].op].backward(g, i, image);
}
