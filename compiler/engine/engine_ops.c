// SPDX-License-Identifier: Apache-2.0
//
// How each operator runs. Here is what does not multiply by weights: pools, addition, concatenation and padding, on
// offset codes.
#include "compiler/engine/engine_parts.h"

#include <string.h>

typedef struct {
  worker *w;
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

// The part of an output's window that lies inside the image, along one axis: [from, to).
typedef struct {
  int from, to;
} extent;

static extent inside(int at, int stride, int before, int kernel, int limit) {
  int from = at * stride - before, to = from + kernel;
  from = from < 0 ? 0 : from > limit ? limit : from;
  to = to < from ? from : to > limit ? limit : to;
  return (extent){from, to};
}

// Windows of `pixels` neighbouring outputs, all as large as the first one's.
static void pool_bytes(const op_run *r, operand in, int image, int y, int x, int pixels) {
  const net_node *n = r->n;
  const kernels *k = r->w->e->kernels;
  extent rows = inside(y, n->sh, n->pt, n->kh, in.shape.h), columns = inside(x, n->sw, n->pl, n->kw, in.shape.w);
  size_t channels = (size_t)in.shape.c, row = (size_t)in.shape.w * channels;
  size_t first = ((size_t)image * (size_t)in.shape.h + (size_t)rows.from) * row + (size_t)columns.from * channels;
  window_args a = {.in = (const uint8_t *)in.data + first,
                   .row_bytes = row,
                   .step = (size_t)n->sw * channels,
                   .rows = rows.to - rows.from,
                   .columns = columns.to - columns.from,
                   .channels = in.shape.c,
                   .pixels = pixels};
  uint8_t *out = (uint8_t *)r->out + ((size_t)(image * n->shape.h + y) * (size_t)n->shape.w + (size_t)x) * channels;
  if (n->op == NET_MAXPOOL) {
    k->max8(&a, (uint8_t)(n->lo - r->lowest), (uint8_t)(n->hi - r->lowest), out);
    return;
  }
  size_t stride = (channels + TILE - 1) / TILE * TILE;
  int32_t *sums = engine_worker_buffer(r->w, BUFFER_SUMS, (size_t)pixels * stride * sizeof *sums);
  int32_t *start = engine_worker_buffer(r->w, BUFFER_COMMON, stride * (sizeof *start + sizeof(uint16_t)));
  uint16_t *mult = (uint16_t *)(void *)(start + stride);
  int32_t zero = net_input_quant(r->w->e->model->net, n).zero;
  bool varies = net_mean_varies(n);
  for (size_t c = 0; c < stride; c++) {
    start[c] = a.rows * a.columns * (in.lowest - zero);
    mult[c] = c >= channels ? 0 : n->mult[varies ? (size_t)(a.rows * a.columns - 1) : c];
  }
  k->sum8(&a, sums, stride);
  requantise_args q = {.sums = sums,
                       .stride = stride,
                       .start = start,
                       .mult = mult,
                       .pixels = pixels,
                       .filters = in.shape.c,
                       .shift = n->shift,
                       .zero = n->quant.zero - r->lowest,
                       .lo = n->lo - r->lowest,
                       .hi = n->hi - r->lowest,
                       .narrow = r->w->e->narrow[r->node],
                       .out_stride = channels};
  k->requantise(&q, out);
}

// Row by row; outputs whose window reaches beyond the image one by one.
static void pool_bytes_all(const op_run *r, operand in) {
  const net_node *n = r->n;
  for (int i = 0; i < r->images; i++)
    for (int y = 0; y < n->shape.h; y++)
      for (int x = 0, pixels; x < n->shape.w; x += pixels) {
        pixels = 1;
        if (x * n->sw >= n->pl)
          while (x + pixels < n->shape.w && (x + pixels) * n->sw - n->pl + n->kw <= in.shape.w)
            pixels++;
        pool_bytes(r, in, i, y, x, pixels);
      }
}

// One output of one channel, of any type.
static int32_t pool_one(const op_run *r, operand in, int image, int c, extent rows, extent columns) {
  const net_node *n = r->n;
  int64_t sum = 0, zero = net_input_quant(r->w->e->model->net, n).zero;
  int32_t most = INT32_MIN;
  for (int y = rows.from; y < rows.to; y++)
    for (int x = columns.from; x < columns.to; x++) {
      int64_t at = (((int64_t)image * in.shape.h + y) * in.shape.w + x) * in.shape.c + c;
      int32_t v = tensor_code(in.data, in.type, at, in.lowest);
      sum += v - zero;
      most = v > most ? v : most;
    }
  if (n->op == NET_MAXPOOL)
    return most < n->lo ? n->lo : most > n->hi ? n->hi : most;
  int taps = (rows.to - rows.from) * (columns.to - columns.from);
  return net_is_raw(r->w->e->model->net, n) ? (int32_t)sum
                                            : net_requantise(n, sum * n->mult[net_mean_varies(n) ? taps - 1 : c]);
}

static void pool(const op_run *r) {
  const net_node *n = r->n;
  operand in = input(r, 0);
  bool fits = n->op == NET_MAXPOOL || (int64_t)n->kh * n->kw < 1 << 16; // sums of bytes in 32 bits
  if (fits && in.type == CODES8 && r->type == CODES8) {
    pool_bytes_all(r, in);
    return;
  }
  int64_t at = 0;
  for (int i = 0; i < r->images; i++)
    for (int y = 0; y < n->shape.h; y++)
      for (int x = 0; x < n->shape.w; x++)
        for (int c = 0; c < n->shape.c; c++, at++)
          tensor_set(r->out, r->type, at, r->lowest,
                     pool_one(r, in, i, c, inside(y, n->sh, n->pt, n->kh, in.shape.h),
                              inside(x, n->sw, n->pl, n->kw, in.shape.w)));
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
  int64_t channels = r->n->shape.c, pixels = (int64_t)r->images * r->n->shape.h * r->n->shape.w;
  for (int64_t k = 0, first = 0; k < r->n->input_count; k++) {
    operand in = input(r, (int)k);
    for (int64_t p = 0; p < pixels; p++)
      copy_codes(r, p * channels + first, in, p * in.shape.c, in.shape.c);
    first += in.shape.c;
  }
}

static void pad(const op_run *r) {
  const net_node *n = r->n;
  operand in = input(r, 0);
  net_shape o = n->shape;
  int32_t zero = n->quant.zero < n->lo ? n->lo : n->quant.zero > n->hi ? n->hi : n->quant.zero;
  if (r->type == CODES8)
    memset(r->out, zero - r->lowest, (size_t)(r->images * net_shape_size(o)));
  else
    for (int64_t i = 0; i < r->images * net_shape_size(o); i++)
      tensor_set(r->out, r->type, i, r->lowest, zero);
  int run = in.shape.c == o.c ? in.shape.w : 1; // pixels that stay neighbours
  for (int64_t i = 0; i < r->images; i++)
    for (int64_t y = 0; y < in.shape.h; y++)
      for (int64_t x = 0; x < in.shape.w; x += run)
        copy_codes(r, ((i * o.h + y + n->pt) * o.w + x + n->pl) * o.c + n->pad_c0, in,
                   ((i * in.shape.h + y) * in.shape.w + x) * in.shape.c, (int64_t)run * in.shape.c);
}

static void multiply(const op_run *r) { engine_run_multiplying(r->w, r->node, r->images); }

// clang-format off
#define ROWS(X)                                                                                                        \
  X(NET_INPUT, NULL) X(NET_CONV, multiply) X(NET_DENSE, multiply) X(NET_MAXPOOL, pool) X(NET_AVGPOOL, pool)            \
  X(NET_ADD, add) X(NET_CONCAT, concat) X(NET_PAD, pad)
// clang-format on
static const struct {
  void (*run)(const op_run *r); // NULL: the input, which is loaded
} operators[NET_OPS] = {ROWS(BASE_ROW)};
_Static_assert(BASE_ROWS(ROWS) == NET_OPS, "a row for each operator");

void engine_run_node(worker *w, int node, int images) {
  const network *net = w->e->model->net;
  const net_node *n = &net->nodes[node];
  op_run r = {w, n, node, images, worker_tensor(w, node), engine_type(net, node), engine_lowest(n)};
  operators[n->op].run(&r);
}
