// SPDX-License-Identifier: Apache-2.0
//
// conv and dense, as matrix products. Forward: weights [F][reduction] times patches [reduction][pixels], exact since
// every partial sum is an integer below 2^53. Backward: the transposed weights times the gradients [F][pixels] give the
// gradients of the patches, which are added to the inputs that they came from.
#include "compiler/explore/gradient_parts.h"

#include <math.h>
#include <string.h>

enum { PATCHES = 1 << 17, BLOCK = 1 << 16 }; // doubles of a buffer: what the caches hold

// The sizes of one group's matrices.
typedef struct {
  const net_node *n;
  net_shape in;
  int channels, filters; // of a group
  int taps; // kh * kw
  int64_t reduction, pixels; // the output's
  size_t panels; // of columns for all pixels
  int32_t za;
} conv;

static conv conv_of(const gradient *g, int node) {
  const net_node *n = &g->net->nodes[node];
  net_shape in = net_input_shape(g->net, n);
  int64_t pixels = (int64_t)n->shape.h * n->shape.w;
  return (conv){.n = n,
                .in = in,
                .channels = in.c / n->groups,
                .filters = n->shape.c / n->groups,
                .taps = n->kh * n->kw,
                .reduction = net_reduction(g->net, n),
                .pixels = pixels,
                .panels = (size_t)div_ceil(pixels, PRODUCT_COLUMNS),
                .za = net_input_quant(g->net, n).zero};
}

// Panels of patches that are made together, and channels whose gradients are.
static size_t panels_at_once(const conv *c) {
  size_t fit = PATCHES / ((size_t)c->reduction * PRODUCT_COLUMNS);
  return fit < 1 ? 1 : fit < c->panels ? fit : c->panels;
}
static int channels_at_once(const conv *c) {
  size_t fit = BLOCK / ((size_t)c->taps * c->panels * PRODUCT_COLUMNS);
  return fit < 1 ? 1 : fit < (size_t)c->channels ? (int)fit : c->channels;
}

static size_t greater(size_t a, size_t b) { return a > b ? a : b; }

void gradient_conv_size(gradient *g, int node) {
  conv c = conv_of(g, node);
  size_t longest = greater((size_t)c.reduction, (size_t)c.filters);
  size_t rows = (size_t)div_ceil((int64_t)channels_at_once(&c) * c.taps, PRODUCT_ROWS) * PRODUCT_ROWS;
  g->patches = greater(g->patches, panels_at_once(&c) * (size_t)c.reduction * PRODUCT_COLUMNS);
  g->slopes = greater(g->slopes, c.panels * (size_t)c.filters * PRODUCT_COLUMNS);
  g->block = greater(g->block, rows * c.panels * PRODUCT_COLUMNS);
  g->weights = greater(g->weights, longest * PRODUCT_ROWS);
}

// Row or column of the input under tap k of output row or column o; -1: beyond the edge.
static int under(int o, int stride, int pad, int k, int size) {
  int at = o * stride - pad + k;
  return at >= 0 && at < size ? at : -1;
}

// ---- forward ----

// Patches of output pixels [first, first + panels * PRODUCT_COLUMNS): codes less their zero, 0 beyond the edge.
static void fill_patches(const conv *c, int group, const int32_t *image, size_t first, size_t panels, double *out) {
  const net_node *n = c->n;
  for (size_t panel = 0; panel < panels; panel++, out += (size_t)c->reduction * PRODUCT_COLUMNS)
    for (int column = 0; column < PRODUCT_COLUMNS; column++) {
      int64_t pixel = (int64_t)first + (int64_t)panel * PRODUCT_COLUMNS + column;
      int y = (int)(pixel / n->shape.w), x = (int)(pixel % n->shape.w);
      double *to = out + column;
      for (int k = 0; k < c->channels; k++) {
        const int32_t *plane = image + (int64_t)(group * c->channels + k) * c->in.h * c->in.w;
        for (int ky = 0; ky < n->kh; ky++) {
          int iy = pixel < c->pixels ? under(y, n->sh, n->pt, ky, c->in.h) : -1;
          for (int kx = 0; kx < n->kw; kx++, to += PRODUCT_COLUMNS) {
            int ix = under(x, n->sw, n->pl, kx, c->in.w);
            *to = iy < 0 || ix < 0 ? 0 : plane[(int64_t)iy * c->in.w + ix] - c->za;
          }
        }
      }
    }
}

// Weights of filters [first, first + PRODUCT_ROWS) of a group, less their zero.
static void fill_filters(const conv *c, int group, int first, double *out) {
  const int16_t *w = c->n->weight + (group * c->filters + first) * c->reduction;
  int32_t zero = c->n->weight_zero;
  int rows = first + PRODUCT_ROWS <= c->filters ? PRODUCT_ROWS : c->filters - first;
  for (int64_t k = 0; k < c->reduction; k++, w++)
    for (int r = 0; r < PRODUCT_ROWS; r++)
      *out++ = r < rows ? w[r * c->reduction] - zero : 0;
}

static void store_sums(const gradient *g, int node, const conv *c, int group, int filter, int64_t pixel,
                       double sums[PRODUCT_ROWS][PRODUCT_COLUMNS], gradient_image *image) {
  const net_node *n = c->n;
  for (int r = 0; r < PRODUCT_ROWS && filter + r < c->filters; r++)
    for (int i = 0; i < PRODUCT_COLUMNS && pixel + i < c->pixels; i++) {
      int f = group * c->filters + filter + r;
      int64_t acc = n->bias[f] + (int64_t)sums[r][i], at = f * c->pixels + pixel + i;
      image->work->passes[node][at] = 1;
      image->value[node][at] =
          net_is_raw(g->net, n) ? (int32_t)acc : gradient_store(n, acc * n->mult[f], &image->work->passes[node][at]);
    }
}

void gradient_conv_forward(const gradient *g, int node, gradient_image *image) {
  conv c = conv_of(g, node);
  const int32_t *in = image->value[c.n->inputs[0]];
  gradient_work *w = image->work;
  size_t at_once = panels_at_once(&c);
  double sums[PRODUCT_ROWS][PRODUCT_COLUMNS];
  for (int group = 0; group < c.n->groups; group++)
    for (size_t panel = 0; panel < c.panels; panel += at_once) {
      size_t panels = panel + at_once < c.panels ? at_once : c.panels - panel;
      fill_patches(&c, group, in, panel * PRODUCT_COLUMNS, panels, w->patches);
      for (int f = 0; f < c.filters; f += PRODUCT_ROWS) {
        fill_filters(&c, group, f, w->weights);
        for (size_t p = 0; p < panels; p++) {
          g->product((size_t)c.reduction, w->weights, w->patches + p * (size_t)c.reduction * PRODUCT_COLUMNS, sums);
          store_sums(g, node, &c, group, f, (int64_t)(panel + p) * PRODUCT_COLUMNS, sums, image);
        }
      }
    }
}

// ---- backward ----

// From the gradient of the stored codes to that of the accumulators.
static void to_accumulators(const gradient *g, int node, const conv *c, gradient_image *image) {
  if (net_is_raw(g->net, c->n))
    return;
  for (int f = 0; f < c->n->shape.c; f++) {
    double slope = gradient_slope(c->n, f);
    for (int64_t i = f * c->pixels; i < (f + 1) * c->pixels; i++)
      image->of[node][i] = image->work->passes[node][i] ? image->of[node][i] * slope : 0;
  }
}

static void fill_slopes(const conv *c, int group, const double *of, double *out) {
  for (size_t panel = 0; panel < c->panels; panel++)
    for (int f = 0; f < c->filters; f++)
      for (int i = 0; i < PRODUCT_COLUMNS; i++, out++) {
        int64_t pixel = (int64_t)panel * PRODUCT_COLUMNS + i;
        *out = pixel < c->pixels ? of[(group * c->filters + f) * c->pixels + pixel] : 0;
      }
}

// Rows [first, first + PRODUCT_ROWS) of the transposed weights of a group, up to row `end`.
static void fill_taps(const conv *c, int group, int64_t first, int64_t end, double *out) {
  for (int f = 0; f < c->filters; f++) {
    const int16_t *w = c->n->weight + (group * c->filters + f) * c->reduction;
    for (int r = 0; r < PRODUCT_ROWS; r++)
      *out++ = first + r < end ? w[first + r] - c->n->weight_zero : 0;
  }
}

// Adds the gradients of a channel's patches, [taps][stride], to the inputs that they came from.
static void scatter(const conv *c, const double *patches, size_t stride, double *plane) {
  const net_node *n = c->n;
  for (int ky = 0; ky < n->kh; ky++)
    for (int kx = 0; kx < n->kw; kx++, patches += stride)
      for (int y = 0; y < n->shape.h; y++) {
        int iy = under(y, n->sh, n->pt, ky, c->in.h);
        for (int x = 0; iy >= 0 && x < n->shape.w; x++) {
          int ix = under(x, n->sw, n->pl, kx, c->in.w);
          if (ix >= 0)
            plane[(int64_t)iy * c->in.w + ix] += patches[(int64_t)y * n->shape.w + x];
        }
      }
}

// The gradients of the patches of channels [first, first + count) of a group, [channel][tap][panels * columns].
static void multiply_block(const gradient *g, const conv *c, int group, int first, int count, gradient_work *w) {
  int64_t row = (int64_t)first * c->taps, end = row + (int64_t)count * c->taps;
  size_t stride = c->panels * PRODUCT_COLUMNS;
  double *to = w->block, sums[PRODUCT_ROWS][PRODUCT_COLUMNS];
  for (; row < end; row += PRODUCT_ROWS, to += PRODUCT_ROWS * stride) {
    fill_taps(c, group, row, end, w->weights);
    for (size_t p = 0; p < c->panels; p++) {
      g->product((size_t)c->filters, w->weights, w->slopes + p * (size_t)c->filters * PRODUCT_COLUMNS, sums);
      for (int r = 0; r < PRODUCT_ROWS; r++)
        memcpy(to + (size_t)r * stride + p * PRODUCT_COLUMNS, sums[r], sizeof sums[r]);
    }
  }
}

void gradient_conv_backward(const gradient *g, int node, gradient_image *image) {
  conv c = conv_of(g, node);
  int input = c.n->inputs[0], at_once = channels_at_once(&c);
  size_t stride = c.panels * PRODUCT_COLUMNS;
  to_accumulators(g, node, &c, image);
  for (int group = 0; group < c.n->groups; group++) {
    fill_slopes(&c, group, image->of[node], image->work->slopes);
    for (int first = 0; first < c.channels; first += at_once) {
      int count = first + at_once < c.channels ? at_once : c.channels - first;
      multiply_block(g, &c, group, first, count, image->work);
      for (int k = 0; k < count; k++)
        scatter(&c, image->work->block + (size_t)k * (size_t)c.taps * stride, stride,
                image->of[input] + (int64_t)(group * c.channels + first + k) * c.in.h * c.in.w);
    }
  }
}
