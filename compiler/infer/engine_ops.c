// SPDX-License-Identifier: Apache-2.0
//
// Everything that does not multiply by weights: pools, addition, concatenation and padding, on offset codes.
#include "compiler/infer/engine_parts.h"

#include <string.h>

typedef struct {
  const worker *w;
  const net_node *n;
  int node, images;
  void *out;
  tensor_type type;
  int32_t lowest;
} op_run;

typedef struct {
  const void *data;
  tensor_type type;
  int32_t lowest;
  net_shape shape;
} operand;

static operand input(const op_run *r, int i) {
  const network *net = r->w->e->model->net;
  int from = r->n->inputs[i];
  return (operand){worker_tensor(r->w, from), engine_type(net, from), engine_lowest(&net->nodes[from]),
                   net->nodes[from].shape};
}

// The window's extent inside the image along one axis.
static int clip(int at, int limit) { return at < 0 ? 0 : at > limit ? limit : at; }

// Maximum of bytes: the result starts from lo and each window position raises it, row by row.
static void maxpool8(const op_run *r, operand in) {
  const net_node *n = r->n;
  const uint8_t *src = in.data;
  uint8_t *dst = r->out;
  int32_t lo = n->lo - r->lowest, hi = n->hi - r->lowest;
  bool clamps = n->hi < net_quant_hi(n->quant);
  for (int64_t p = 0; p < (int64_t)r->images * n->shape.c; p++, src += (size_t)in.shape.h * (size_t)in.shape.w)
    for (int y = 0; y < n->shape.h; y++, dst += n->shape.w) {
      memset(dst, lo, (size_t)n->shape.w);
      int y0 = clip(y * n->sh - n->pt, in.shape.h), y1 = clip(y * n->sh - n->pt + n->kh, in.shape.h);
      for (int iy = y0; iy < y1; iy++)
        for (int kx = 0; kx < n->kw; kx++) {
          int x0 = 0, x1 = n->shape.w; // pixels whose tap kx is inside
          while (x0 < x1 && x0 * n->sw - n->pl + kx < 0)
            x0++;
          while (x1 > x0 && (x1 - 1) * n->sw - n->pl + kx >= in.shape.w)
            x1--;
          if (x1 > x0)
            r->w->e->kernels->max8(dst + x0, src + iy * in.shape.w + x0 * n->sw - n->pl + kx, n->sw, (size_t)(x1 - x0));
        }
      for (int x = 0; clamps && x < n->shape.w; x++)
        dst[x] = (uint8_t)(dst[x] > hi ? hi : dst[x]);
    }
}

// One pixel of a pool whose window is rows [y0, y1) and columns [x0, x1).
static int64_t window_sum(operand in, int64_t plane, int y0, int y1, int x0, int x1) {
  int64_t sum = 0;
  for (int y = y0; y < y1; y++) {
    int64_t at = plane + (int64_t)y * in.shape.w;
    if (in.type == CODES8) {
      const uint8_t *row = (const uint8_t *)in.data + at;
      int32_t part = 0;
      for (int x = x0; x < x1; x++)
        part += row[x];
      sum += part;
    } else
      for (int x = x0; x < x1; x++)
        sum += tensor_code(in.data, in.type, at + x, 0);
  }
  return sum;
}

static int32_t window_max(operand in, int64_t plane, int y0, int y1, int x0, int x1) {
  int32_t most = INT32_MIN;
  for (int y = y0; y < y1; y++)
    for (int x = x0; x < x1; x++) {
      int32_t v = tensor_code(in.data, in.type, plane + (int64_t)y * in.shape.w + x, in.lowest);
      most = v > most ? v : most;
    }
  return most;
}

// Averages of bytes where every window lies inside the image.
static void avgpool8(const op_run *r, operand in, int64_t zero) {
  const net_node *n = r->n;
  const uint8_t *src = in.data;
  uint8_t *dst = r->out;
  int32_t lowest = (int32_t)(in.lowest - zero) * n->kh * n->kw;
  for (int64_t p = 0; p < (int64_t)r->images * n->shape.c; p++, src += (size_t)in.shape.h * (size_t)in.shape.w)
    for (int y = 0; y < n->shape.h; y++)
      for (int x = 0; x < n->shape.w; x++) {
        const uint8_t *window = src + y * n->sh * in.shape.w + x * n->sw;
        int32_t sum = lowest;
        for (int ky = 0; ky < n->kh; ky++)
          for (int kx = 0; kx < n->kw; kx++)
            sum += window[ky * in.shape.w + kx];
        *dst++ = (uint8_t)(net_requantise(n, (int64_t)sum * n->mult[p % n->shape.c]) - r->lowest);
      }
}

static void pool(const op_run *r) {
  const net_node *n = r->n;
  const network *net = r->w->e->model->net;
  operand in = input(r, 0);
  if (n->op == NET_MAXPOOL && in.type == CODES8 && r->type == CODES8) {
    maxpool8(r, in);
    return;
  }
  int64_t zero = net_input_quant(net, n).zero, at = 0;
  bool inside = !n->pt && !n->pl && (n->shape.h - 1) * n->sh + n->kh <= in.shape.h &&
                (n->shape.w - 1) * n->sw + n->kw <= in.shape.w && (int64_t)n->kh * n->kw < 1 << 16;
  if (n->op == NET_AVGPOOL && inside && in.type == CODES8 && r->type == CODES8) {
    avgpool8(r, in, zero);
    return;
  }
  for (int64_t p = 0; p < (int64_t)r->images * n->shape.c; p++)
    for (int y = 0; y < n->shape.h; y++)
      for (int x = 0; x < n->shape.w; x++, at++) {
        int y0 = clip(y * n->sh - n->pt, in.shape.h), y1 = clip(y * n->sh - n->pt + n->kh, in.shape.h);
        int x0 = clip(x * n->sw - n->pl, in.shape.w), x1 = clip(x * n->sw - n->pl + n->kw, in.shape.w);
        int64_t plane = p * in.shape.h * in.shape.w, taps = (int64_t)(y1 - y0) * (x1 - x0);
        if (n->op == NET_MAXPOOL) {
          int32_t most = window_max(in, plane, y0, y1, x0, x1);
          tensor_set(r->out, r->type, at, r->lowest, most < n->lo ? n->lo : most > n->hi ? n->hi : most);
          continue;
        }
        int64_t sum = window_sum(in, plane, y0, y1, x0, x1) + taps * (in.lowest - zero);
        bool raw = net_is_raw(net, n);
        tensor_set(r->out, r->type, at, r->lowest,
                   raw ? (int32_t)sum : net_requantise(n, sum * n->mult[p % n->shape.c]));
      }
}

static void add(const op_run *r) {
  const net_node *n = r->n;
  const network *net = r->w->e->model->net;
  operand a = input(r, 0), b = input(r, 1);
  int64_t count = r->images * net_shape_size(n->shape);
  int64_t za = net->nodes[n->inputs[0]].quant.zero, zb = net->nodes[n->inputs[1]].quant.zero;
  if (a.type == CODES8 && b.type == CODES8 && r->type == CODES8) {
    add_args args = {.ma = n->mult[0],
                     .mb = n->mult[1],
                     .constant =
                         (a.lowest - za) * n->mult[0] + (b.lowest - zb) * n->mult[1] + ((int64_t)1 << (n->shift - 1)),
                     .shift = n->shift,
                     .zero = n->quant.zero - r->lowest,
                     .lo = n->lo - r->lowest,
                     .hi = n->hi - r->lowest};
    r->w->e->kernels->add8(r->out, a.data, b.data, (size_t)count, &args);
    return;
  }
  for (int64_t i = 0; i < count; i++) {
    int64_t sum = (tensor_code(a.data, a.type, i, a.lowest) - za) * n->mult[0] +
                  (tensor_code(b.data, b.type, i, b.lowest) - zb) * n->mult[1];
    tensor_set(r->out, r->type, i, r->lowest, net_requantise(n, sum));
  }
}

// dst[i] = src[i] clamped; inputs of these operators have the output's quantisation.
static void copy_codes(const op_run *r, int64_t to, operand in, int64_t from, int64_t n) {
  bool whole = r->n->lo <= net_quant_lo(r->n->quant) && r->n->hi >= net_quant_hi(r->n->quant);
  if (whole && r->type == in.type) {
    memcpy((uint8_t *)r->out + (size_t)to * r->type, (const uint8_t *)in.data + (size_t)from * r->type,
           (size_t)n * r->type);
    return;
  }
  for (int64_t i = 0; i < n; i++) {
    int32_t v = tensor_code(in.data, in.type, from + i, in.lowest);
    tensor_set(r->out, r->type, to + i, r->lowest, v < r->n->lo ? r->n->lo : v > r->n->hi ? r->n->hi : v);
  }
}

static void concat(const op_run *r) {
  int64_t size = net_shape_size(r->n->shape);
  for (int64_t i = 0; i < r->images; i++)
    for (int64_t k = 0, at = i * size; k < r->n->input_count; k++) {
      operand in = input(r, (int)k);
      int64_t n = net_shape_size(in.shape);
      copy_codes(r, at, in, i * n, n);
      at += n;
    }
}

static void pad(const op_run *r) {
  const net_node *n = r->n;
  operand in = input(r, 0);
  net_shape o = n->shape;
  int32_t zero = n->quant.zero < n->lo ? n->lo : n->quant.zero > n->hi ? n->hi : n->quant.zero;
  for (int64_t i = 0; i < r->images * net_shape_size(o); i++)
    tensor_set(r->out, r->type, i, r->lowest, zero);
  for (int64_t i = 0; i < r->images; i++)
    for (int64_t c = 0; c < in.shape.c; c++)
      for (int64_t y = 0; y < in.shape.h; y++)
        copy_codes(r, ((i * o.c + c + n->pad_c0) * o.h + y + n->pt) * o.w + n->pl, in,
                   ((i * in.shape.c + c) * in.shape.h + y) * in.shape.w, in.shape.w);
}

void run_simple(worker *w, int node, int images) {
  const network *net = w->e->model->net;
  const net_node *n = &net->nodes[node];
  op_run r = {w, n, node, images, worker_tensor(w, node), engine_type(net, node), engine_lowest(n)};
  switch (n->op) {
  case NET_MAXPOOL:
  case NET_AVGPOOL:
    pool(&r);
    break;
  case NET_ADD:
    add(&r);
    break;
  case NET_CONCAT:
    concat(&r);
    break;
  default:
    assert(n->op == NET_PAD);
    pad(&r);
  }
}
