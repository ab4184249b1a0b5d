// SPDX-License-Identifier: Apache-2.0
//
// The kernels that do not multiply weights: each lane makes one code of the output; a wavefront takes 64 neighbours of
// one row (dimension 1 of the grid counts rows).
#include "compiler/target/fgpu/kernel_internal.h"

// Registers.
enum {
  R_ITEM = 1, // place in the row, in codes
  R_ROW = 2,
  R_X = 3,
  R_C = 4,
  R_IN = 5,
  R_OUT = 6,
  R_ACC = 7,
  R_MULT = 8,
  R_KY = 9,
  R_KX = 10,
  R_VALUE = 11,
  R_LINE = 12,
  R_A = 16, // 8 codes
};

static fgpu_op load_of(net_quant q) { return q.is_signed ? FGPU_LB : FGPU_LBU; }

// Codes of one row of the output, as this launch's lanes count them.
static int row_items(const fgpu_program *p, int node) {
  const fgpu_tensor *t = &p->tensors[node];
  return p->model->net->nodes[node].shape.w * (t->words ? t->cp / 4 : t->cp);
}

// R_X, R_C = x and channel of the item, cp codes a pixel.
static void split(builder *b, int cp) {
  fgpu_put_div_const(b, R_X, R_ITEM, cp);
  fgpu_put_mul_const(b, R_C, R_X, cp);
  fgpu_put_r(b, FGPU_SUB, R_C, R_ITEM, R_C);
}

// rd = parameter + y * row + x
static void address(builder *b, int rd, int param, int64_t row, int x) {
  fgpu_put_mul_const(b, rd, R_ROW, row);
  fgpu_put_r(b, FGPU_ADD, rd, rd, x);
  fgpu_put_lp(b, R_TMP, param);
  fgpu_put_r(b, FGPU_ADD, rd, rd, R_TMP);
}

// Stores R_ACC as the output's code or word and ends.
static void finish(builder *b, const fgpu_program *p, int node) {
  const fgpu_tensor *t = &p->tensors[node];
  if (t->words)
    fgpu_put_i(b, FGPU_SLLI, R_ITEM, R_ITEM, 2);
  address(b, R_OUT, P_OUTPUT, t->row, R_ITEM);
  fgpu_put_mem(b, t->words ? FGPU_SW : FGPU_SB, R_ACC, 0, R_OUT, FGPU_NOWAIT);
  fgpu_put_ret(b);
}

// R_MULT = the requantisation's multiplier of channel R_C, from the table of constants.
static void load_multiplier(builder *b) {
  fgpu_put_i(b, FGPU_SLLI, R_MULT, R_C, 2);
  fgpu_put_lp(b, R_TMP, P_CONSTANTS);
  fgpu_put_r(b, FGPU_ADD, R_MULT, R_MULT, R_TMP);
  fgpu_put_mem(b, FGPU_LW, R_MULT, 0, R_MULT, 0);
}

// Sums or maxima over a window that never leaves the tensor with its border: eight loads, one wait, eight operations.
static void plain_window(builder *b, const fgpu_program *p, const net_node *n, fgpu_op op) {
  const fgpu_tensor *in = &p->tensors[n->inputs[0]];
  fgpu_op load = load_of(net_input_quant(p->model->net, n));
  int64_t last = (int64_t)(n->kw - 1) * in->cp;
  bool all = n->kh * n->kw <= 64 && (n->kh - 1) * (int64_t)in->row + last <= 8191, row = n->kw <= 64 && last <= 8191;
  int rows = all ? n->kh : 1, columns = all || row ? n->kw : 1;
  int ky = fgpu_put_loop(b, R_KY, n->kh / rows), kx = fgpu_put_loop(b, R_KX, n->kw / columns);
  for (int first = 0, end; first < rows * columns; first = end) {
    end = first + 8 < rows * columns ? first + 8 : rows * columns;
    for (int t = first; t < end; t++)
      fgpu_put_mem(b, load, R_A + t - first, (int64_t)(t / columns) * in->row + (int64_t)(t % columns) * in->cp, R_IN,
                   t + 1 < end ? FGPU_NOWAIT : 0);
    for (int t = first; t < end; t++)
      fgpu_put_r(b, op, R_ACC, R_ACC, R_A + t - first);
  }
  int64_t moved = columns < n->kw ? (int64_t)n->kw * in->cp : 0;
  if (columns < n->kw)
    fgpu_put_i(b, FGPU_ADDI, R_IN, R_IN, in->cp);
  fgpu_put_loop_end(b, R_KX, n->kw / columns, kx);
  if (rows < n->kh)
    fgpu_put_add_const(b, R_IN, R_IN, in->row - moved);
  fgpu_put_loop_end(b, R_KY, n->kh / rows, ky);
}

// coordinate = min(max(base * stride + counter, 0), size - 1)
static void nearest(builder *b, int rd, int base, int counter, int stride, int size) {
  fgpu_put_mul_const(b, rd, base, stride);
  fgpu_put_r(b, FGPU_ADD, rd, rd, counter);
  fgpu_put_i(b, FGPU_MAXI, rd, rd, 0);
  fgpu_put_i(b, FGPU_MINI, rd, rd, size - 1);
}

// Maxima with padding: a tap outside reads the nearest pixel inside, which is in the window as well. The counters run
// from -pad, so that they are the tap's distance from the stride's pixel.
static void nearest_window(builder *b, const fgpu_program *p, const net_node *n) {
  const fgpu_tensor *in = &p->tensors[n->inputs[0]];
  net_shape s = net_input_shape(p->model->net, n);
  fgpu_put_li(b, R_KY, -n->pt);
  int ky = (int)b->code->count;
  nearest(b, R_LINE, R_ROW, R_KY, n->sh, s.h);
  fgpu_put_mul_const(b, R_LINE, R_LINE, in->row);
  fgpu_put_lp(b, R_TMP, P_INPUT);
  fgpu_put_r(b, FGPU_ADD, R_LINE, R_LINE, R_TMP);
  fgpu_put_r(b, FGPU_ADD, R_LINE, R_LINE, R_C);
  fgpu_put_li(b, R_KX, -n->pl);
  int kx = (int)b->code->count;
  nearest(b, R_IN, R_X, R_KX, n->sw, s.w);
  fgpu_put_mul_const(b, R_IN, R_IN, in->cp);
  fgpu_put_r(b, FGPU_ADD, R_IN, R_IN, R_LINE);
  fgpu_put_mem(b, load_of(net_input_quant(p->model->net, n)), R_VALUE, 0, R_IN, 0);
  fgpu_put_r(b, FGPU_MAX, R_ACC, R_ACC, R_VALUE);
  fgpu_put_i(b, FGPU_ADDI, R_KX, R_KX, 1);
  fgpu_put_i(b, FGPU_SLTI, R_TMP, R_KX, n->kw - n->pl);
  fgpu_put_i(b, FGPU_BANY, 0, R_TMP, kx - (int64_t)b->code->count - 1);
  fgpu_put_i(b, FGPU_ADDI, R_KY, R_KY, 1);
  fgpu_put_i(b, FGPU_SLTI, R_TMP, R_KY, n->kh - n->pt);
  fgpu_put_i(b, FGPU_BANY, 0, R_TMP, ky - (int64_t)b->code->count - 1);
}

void fgpu_kernel_pool(arena *mem, const fgpu_program *p, int node, fgpu_code *code) {
  builder b = {mem, code};
  const net_node *n = &p->model->net->nodes[node];
  const fgpu_tensor *in = &p->tensors[n->inputs[0]], *out = &p->tensors[node];
  bool max = n->op == NET_MAXPOOL;
  fgpu_put_row_prologue(&b, row_items(p, node), R_ITEM, R_ROW);
  fgpu_put_exec(&b, R_ACTIVE);
  split(&b, out->words ? out->cp / 4 : out->cp);
  if (max && net_has_pads(n)) {
    fgpu_put_li(&b, R_ACC, -65536);
    nearest_window(&b, p, n);
  } else {
    fgpu_put_mul_const(&b, R_X, R_X, (int64_t)n->sw * in->cp);
    fgpu_put_r(&b, FGPU_ADD, R_X, R_X, R_C);
    address(&b, R_IN, P_INPUT, (int64_t)n->sh * in->row, R_X);
    fgpu_put_li(&b, R_ACC, max ? -65536 : -(int64_t)n->kh * n->kw * net_input_quant(p->model->net, n).zero);
    plain_window(&b, p, n, max ? FGPU_MAX : FGPU_ADD);
  }
  if (max) {
    fgpu_put_clamp(&b, R_ACC, n->lo, n->hi);
  } else if (!out->words) {
    load_multiplier(&b);
    fgpu_put_requantise(&b, n, R_ACC, R_MULT);
  }
  finish(&b, p, node);
}

void fgpu_kernel_requantise(arena *mem, const fgpu_program *p, int node, fgpu_code *code) {
  builder b = {mem, code};
  const net_node *n = &p->model->net->nodes[node];
  fgpu_put_row_prologue(&b, row_items(p, node), R_ITEM, R_ROW);
  fgpu_put_exec(&b, R_ACTIVE);
  split(&b, p->tensors[node].cp);
  fgpu_put_i(&b, FGPU_MINI, R_C, R_C, n->shape.c - 1); // lanes of padding bytes do what the last channel does
  fgpu_put_mul_const(&b, R_X, R_X, n->shape.c);
  fgpu_put_r(&b, FGPU_ADD, R_X, R_X, R_C);
  fgpu_put_i(&b, FGPU_SLLI, R_X, R_X, 2);
  address(&b, R_IN, P_SECOND, (int64_t)n->shape.w * n->shape.c * 4, R_X);
  fgpu_put_mem(&b, FGPU_LW, R_ACC, 0, R_IN, FGPU_NOWAIT);
  load_multiplier(&b);
  fgpu_put_requantise(&b, n, R_ACC, R_MULT);
  finish(&b, p, node);
}

void fgpu_kernel_add(arena *mem, const fgpu_program *p, int node, fgpu_code *code) {
  builder b = {mem, code};
  const net_node *n = &p->model->net->nodes[node];
  fgpu_put_row_prologue(&b, row_items(p, node), R_ITEM, R_ROW);
  fgpu_put_exec(&b, R_ACTIVE);
  for (int k = 0; k < 2; k++) {
    net_quant q = p->model->net->nodes[n->inputs[k]].quant;
    int r = R_A + k;
    address(&b, R_IN, k ? P_SECOND : P_INPUT, p->tensors[n->inputs[k]].row, R_ITEM);
    fgpu_put_mem(&b, load_of(q), r, 0, R_IN, 0);
    fgpu_put_add_const(&b, r, r, -q.zero);
    fgpu_put_i(&b, FGPU_MULI, r, r, n->mult[k]);
  }
  fgpu_put_r(&b, FGPU_ADD, R_ACC, R_A, R_A + 1);
  fgpu_put_li(&b, R_MULT, 1);
  fgpu_put_requantise(&b, n, R_ACC, R_MULT);
  finish(&b, p, node);
}

void fgpu_kernel_copy(arena *mem, const fgpu_program *p, int node, int input, fgpu_code *code) {
  builder b = {mem, code};
  const network *net = p->model->net;
  const net_node *n = &net->nodes[node];
  const fgpu_tensor *in = &p->tensors[input], *out = &p->tensors[node];
  fgpu_put_row_prologue(&b, net->nodes[input].shape.w * in->cp, R_ITEM, R_ROW);
  split(&b, in->cp);
  fgpu_put_i(&b, FGPU_SLTI, R_TMP, R_C, net->nodes[input].shape.c); // what lies behind the channels stays out
  fgpu_put_r(&b, FGPU_AND, R_ACTIVE, R_ACTIVE, R_TMP);
  fgpu_put_exec(&b, R_ACTIVE);
  address(&b, R_IN, P_INPUT, in->row, R_ITEM);
  fgpu_put_mul_const(&b, R_X, R_X, out->cp);
  fgpu_put_r(&b, FGPU_ADD, R_X, R_X, R_C);
  address(&b, R_OUT, P_OUTPUT, out->row, R_X);
  fgpu_put_mem(&b, load_of(n->quant), R_ACC, 0, R_IN, 0);
  fgpu_put_clamp(&b, R_ACC, n->lo, n->hi);
  fgpu_put_mem(&b, FGPU_SB, R_ACC, 0, R_OUT, FGPU_NOWAIT);
  fgpu_put_ret(&b);
}

void fgpu_kernel_fill(arena *mem, int items, int unit, uint32_t row, uint32_t value, fgpu_code *code) {
  builder b = {mem, code};
  fgpu_put_row_prologue(&b, items, R_ITEM, R_ROW);
  fgpu_put_exec(&b, R_ACTIVE);
  fgpu_put_mul_const(&b, R_ITEM, R_ITEM, unit);
  address(&b, R_OUT, P_OUTPUT, row, R_ITEM);
  fgpu_put_li(&b, R_ACC, (int32_t)value);
  fgpu_put_mem(&b, unit == 4 ? FGPU_SW : FGPU_SB, R_ACC, 0, R_OUT, FGPU_NOWAIT);
  fgpu_put_ret(&b);
}
