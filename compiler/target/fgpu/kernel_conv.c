// SPDX-License-Identifier: Apache-2.0
//
// Convolution and dense layers. Each lane computes one filter's accumulator at one output pixel; the lanes of a PE
// share their filter where there are pixels enough, so that the PE's multiplier sees one weight for 8 cycles. Constants
// of a filter group are lines of 8 words, one word a PE: a header (CONV_HEADER), then the weights in the order of use,
// four to a word.
#include "compiler/target/fgpu/kernel_internal.h"

// Registers.
enum {
  R_ITEM = 1, // the lane, then free
  R_WEIGHTS = 2, // address of the lane's constants
  R_FILTER = 3, // channel of the output
  R_PIXEL = 4,
  R_ACC = 6,
  R_ACT = 7, // address of the body's first activation
  R_SUM = 8, // of activations, for weights with a zero point
  R_OUT = 9,
  R_KY = 10, // loop counters
  R_KX = 11,
  R_BLOCK = 12,
  R_LIST = 13, // channels left in the lane's list
  R_ORIGIN = 14, // address of the window
  R_A = 16, // 8 activations or words of them
  R_W = 24, // 4 words of weights
  ACTS = 8,
  CHUNK = 16, // most taps between two waits
};

// Bytes of weights that `channels` of one pixel of the window take.
static int padded(const conv_shape *s, int channels) { return s->packed ? (int)div_ceil(channels, 4) * 4 : channels; }

static int body_words(const conv_shape *s, int channels) {
  return (int)div_ceil((int64_t)s->body_rows * s->body_columns * padded(s, channels), 4);
}

conv_shape fgpu_kernel_conv_shape(const fgpu_program *p, int node, bool list) {
  const network *net = p->model->net;
  const net_node *n = &net->nodes[node];
  const fgpu_tensor *in = &p->tensors[n->inputs[0]];
  int of_group = net_input_shape(net, n).c / n->groups, channels = list ? 1 : of_group;
  conv_shape s = {.channels = channels, .bytes = in->cp == 1 || list || (n->groups > 1 && of_group % 4)};
  int last = s.bytes ? 0 : 3, each;
  s.packed = p->hw.dot4 && !s.bytes && channels >= 4;
  each = padded(&s, channels);
  int64_t row = (int64_t)(n->kw - 1) * in->cp + channels + last, all = (int64_t)(n->kh - 1) * in->row + row;
  s.body_rows = s.body_columns = 1;
  s.body_channels = channels;
  if (each * n->kw <= CONV_BODY_TAPS && row < 8192) {
    s.body_columns = n->kw;
    if (each * n->kw * n->kh <= CONV_BODY_TAPS && all < 8192)
      s.body_rows = n->kh;
  } else if (channels > CONV_BODY_TAPS)
    s.body_channels = CONV_BODY_TAPS;
  int blocks = (int)div_ceil(channels, s.body_channels), tail = channels - (blocks - 1) * s.body_channels;
  int64_t bodies = (int64_t)(n->kh / s.body_rows) * (n->kw / s.body_columns);
  s.weight_words = body_words(&s, s.body_channels);
  s.words = bodies * ((int64_t)(blocks - 1) * s.weight_words + body_words(&s, tail));
  return s;
}

int fgpu_kernel_conv_body(const net_node *n, const conv_shape *s, int index, int (*taps)[3]) {
  int blocks = (int)div_ceil(s->channels, s->body_channels), columns = n->kw / s->body_columns;
  int block = index % blocks, x0 = index / blocks % columns * s->body_columns;
  int y0 = index / blocks / columns * s->body_rows, count = 0;
  for (int y = y0; y < y0 + s->body_rows; y++)
    for (int x = x0; x < x0 + s->body_columns; x++) {
      for (int c = block * s->body_channels; c < (block + 1) * s->body_channels && c < s->channels; c++) {
        taps[count][0] = c;
        taps[count][1] = y;
        taps[count][2] = x;
        count++;
      }
      while (s->packed && count % 4)
        taps[count++][0] = -1;
    }
  return count;
}

// Straight code for a body: loads of some activations and weights, one wait, their products.
static void body(builder *b, const fgpu_program *p, const net_node *n, const conv_shape *s, int channels) {
  const fgpu_tensor *in = &p->tensors[n->inputs[0]];
  bool sums = n->weight_zero != 0;
  fgpu_op sum = net_input_quant(p->model->net, n).is_signed ? FGPU_ACCB : FGPU_ACCBU;
  int each = padded(s, channels), total = s->body_rows * s->body_columns * each;
  int64_t offset[CHUNK];
  for (int first = 0, end; first < total; first = end) {
    int64_t loaded[ACTS];
    int acts = 0, reg[CHUNK] = {0};
    for (end = first; end < total && end < first + CHUNK; end++) {
      int c = end % each, x = end / each % s->body_columns, y = end / each / s->body_columns;
      int64_t at = (int64_t)y * in->row + (int64_t)x * in->cp + c, word = s->bytes ? at : at & ~(int64_t)3;
      int i = 0;
      while (i < acts && loaded[i] != word)
        i++;
      if (i == ACTS)
        break;
      if (i == acts)
        loaded[acts++] = word;
      reg[end - first] = i;
      offset[end - first] = at;
    }
    if (end < total)
      end -= (end - first) % 4; // words of weights are not split
    acts = reg[end - first - 1] + 1;
    for (int i = 0; i < acts; i++)
      fgpu_put_mem(b, s->bytes ? FGPU_LBU : FGPU_LW, R_A + i, loaded[i], R_ACT, FGPU_NOWAIT);
    for (int w = first / 4; w <= (end - 1) / 4; w++)
      fgpu_put_mem(b, FGPU_LW, R_W + w - first / 4, (int64_t)w * FGPU_LINE, R_WEIGHTS,
                   w == (end - 1) / 4 ? 0 : FGPU_NOWAIT);
    for (int t = first; t < end; t++) {
      unsigned byte = s->bytes ? 0 : (unsigned)(offset[t - first] & 3);
      int a = R_A + reg[t - first], w = R_W + (t - first) / 4;
      if (t % each >= channels)
        continue;
      bool four = s->packed && t % each - t % 4 + 4 <= channels; // the word's channels are all there
      if (!four)
        fgpu_put_low(b, FGPU_MACC, R_ACC, a, w, byte | (unsigned)(t % 4) << 2);
      else if (t % 4 == 0)
        fgpu_put_r(b, FGPU_DOT4, R_ACC, a, w);
      if (sums)
        fgpu_put_low(b, sum, R_SUM, a, 0, byte);
    }
  }
}

// All taps: loops over the bodies. R_ACT and R_WEIGHTS move along.
static void window(builder *b, const fgpu_program *p, const net_node *n, const conv_shape *s) {
  const fgpu_tensor *in = &p->tensors[n->inputs[0]];
  int rows = n->kh / s->body_rows, columns = n->kw / s->body_columns;
  int blocks = s->channels / s->body_channels, tail = s->channels % s->body_channels;
  int ky = fgpu_put_loop(b, R_KY, rows);
  int kx = fgpu_put_loop(b, R_KX, columns);
  int bl = fgpu_put_loop(b, R_BLOCK, blocks);
  body(b, p, n, s, s->body_channels);
  bool moves = rows * columns * blocks > 1 || tail;
  if (moves)
    fgpu_put_add_const(b, R_WEIGHTS, R_WEIGHTS, (int64_t)s->weight_words * FGPU_LINE);
  if (blocks > 1 || tail)
    fgpu_put_add_const(b, R_ACT, R_ACT, s->body_channels);
  fgpu_put_loop_end(b, R_BLOCK, blocks, bl);
  int64_t moved = blocks > 1 || tail ? (int64_t)blocks * s->body_channels : 0;
  if (tail) {
    body(b, p, n, s, tail);
    fgpu_put_add_const(b, R_WEIGHTS, R_WEIGHTS, (int64_t)body_words(s, tail) * FGPU_LINE);
  }
  if (columns > 1)
    fgpu_put_add_const(b, R_ACT, R_ACT, in->cp - moved);
  fgpu_put_loop_end(b, R_KX, columns, kx);
  if (columns > 1)
    moved = (int64_t)columns * in->cp;
  if (rows > 1)
    fgpu_put_add_const(b, R_ACT, R_ACT, (int64_t)s->body_rows * in->row - moved);
  fgpu_put_loop_end(b, R_KY, rows, ky);
}

// Lists of channels: one entry a channel, its offset and its weights; lanes drop out when their list is at its end.
static void lists(builder *b, const fgpu_program *p, const net_node *n, const conv_shape *s) {
  fgpu_put_exec(b, R_LIST);
  int start = (int)b->code->count;
  bool loops = n->kh * n->kw > s->body_rows * s->body_columns;
  fgpu_put_mem(b, FGPU_LW, R_ACT, 0, R_WEIGHTS, 0);
  fgpu_put_r(b, FGPU_ADD, R_ACT, R_ACT, R_ORIGIN);
  fgpu_put_i(b, FGPU_ADDI, R_WEIGHTS, R_WEIGHTS, FGPU_LINE);
  window(b, p, n, s);
  if (!loops)
    fgpu_put_add_const(b, R_WEIGHTS, R_WEIGHTS, (int64_t)s->weight_words * FGPU_LINE);
  fgpu_put_i(b, FGPU_ADDI, R_LIST, R_LIST, -1);
  fgpu_put_exec(b, R_LIST);
  fgpu_put_i(b, FGPU_BANY, 0, R_LIST, start - (int64_t)b->code->count - 1);
  fgpu_put_exec(b, R_ACTIVE);
}

// Which filter, which pixel, which lanes have work.
static void prologue(builder *b, const fgpu_program *p, const conv_kernel *k) {
  const net_node *n = &p->model->net->nodes[k->node];
  const fgpu_tensor *in = &p->tensors[n->inputs[0]];
  int px = k->place->pixels, px_bits = __builtin_ctz((unsigned)px), pixels = n->shape.h * n->shape.w;
  fgpu_put_lane(b, R_ITEM);
  fgpu_put_wgid(b, R_WEIGHTS, 1);
  fgpu_put_i(b, FGPU_SRLI, R_PIXEL, R_ITEM, 3); // the phase
  if (px < FGPU_PHASES) { // several filter groups in the wavefront
    fgpu_put_i(b, FGPU_SLLI, R_WEIGHTS, R_WEIGHTS, 3 - px_bits);
    fgpu_put_i(b, FGPU_SRLI, R_OUT, R_PIXEL, px_bits);
    fgpu_put_r(b, FGPU_ADD, R_WEIGHTS, R_WEIGHTS, R_OUT);
    fgpu_put_i(b, FGPU_ANDI, R_PIXEL, R_PIXEL, px - 1);
  }
  fgpu_put_wgid(b, R_OUT, 0);
  fgpu_put_i(b, FGPU_SLLI, R_OUT, R_OUT, px_bits);
  fgpu_put_r(b, FGPU_ADD, R_PIXEL, R_PIXEL, R_OUT);
  fgpu_put_mul_const(b, R_WEIGHTS, R_WEIGHTS, k->stride);
  fgpu_put_i(b, FGPU_ANDI, R_ITEM, R_ITEM, 7);
  fgpu_put_i(b, FGPU_SLLI, R_ITEM, R_ITEM, 2);
  fgpu_put_r(b, FGPU_ADD, R_WEIGHTS, R_WEIGHTS, R_ITEM);
  fgpu_put_lp(b, R_TMP, P_CONSTANTS);
  fgpu_put_r(b, FGPU_ADD, R_WEIGHTS, R_WEIGHTS, R_TMP);
  fgpu_put_mem(b, FGPU_LW, R_FILTER, 0, R_WEIGHTS, FGPU_NOWAIT);
  fgpu_put_mem(b, FGPU_LW, R_ACC, FGPU_LINE, R_WEIGHTS, 0);
  fgpu_put_i(b, FGPU_SLTI, R_ACTIVE, R_FILTER, 0);
  fgpu_put_i(b, FGPU_XORI, R_ACTIVE, R_ACTIVE, 1);
  fgpu_put_i(b, FGPU_SLTI, R_TMP, R_PIXEL, pixels);
  fgpu_put_r(b, FGPU_AND, R_ACTIVE, R_ACTIVE, R_TMP);
  if (k->list) { // before lanes are switched off: theirs is 0 for good
    fgpu_put_mem(b, FGPU_LW, R_LIST, 4 * FGPU_LINE, R_WEIGHTS, 0);
    fgpu_put_r(b, FGPU_SUB, R_TMP, 0, R_ACTIVE);
    fgpu_put_r(b, FGPU_AND, R_LIST, R_LIST, R_TMP);
  }
  fgpu_put_exec(b, R_ACTIVE);
  // R_ITEM = y, R_OUT = x
  fgpu_put_div_const(b, R_ITEM, R_PIXEL, n->shape.w);
  fgpu_put_mul_const(b, R_OUT, R_ITEM, n->shape.w);
  fgpu_put_r(b, FGPU_SUB, R_OUT, R_PIXEL, R_OUT);
  fgpu_put_mul_const(b, R_ACT, R_ITEM, (int64_t)n->sh * in->row);
  fgpu_put_mul_const(b, R_ORIGIN, R_OUT, (int64_t)n->sw * in->cp);
  fgpu_put_r(b, FGPU_ADD, R_ACT, R_ACT, R_ORIGIN);
  fgpu_put_lp(b, R_TMP, P_INPUT);
  fgpu_put_r(b, FGPU_ADD, R_ACT, R_ACT, R_TMP);
  if (n->groups > 1) {
    fgpu_put_mem(b, FGPU_LW, R_TMP, 3 * FGPU_LINE, R_WEIGHTS, 0);
    fgpu_put_r(b, FGPU_ADD, R_ACT, R_ACT, R_TMP);
  }
}

// R_OUT = address of the accumulator as a word, in the output or among the partial sums.
static void word_address(builder *b, const net_node *n, int param) {
  fgpu_put_mul_const(b, R_OUT, R_PIXEL, n->shape.c);
  fgpu_put_r(b, FGPU_ADD, R_OUT, R_OUT, R_FILTER);
  fgpu_put_i(b, FGPU_SLLI, R_OUT, R_OUT, 2);
  fgpu_put_lp(b, R_TMP, param);
  fgpu_put_r(b, FGPU_ADD, R_OUT, R_OUT, R_TMP);
}

void fgpu_kernel_conv(arena *mem, const fgpu_program *p, const conv_kernel *k, fgpu_code *code) {
  builder b = {mem, code};
  const net_node *n = &p->model->net->nodes[k->node];
  const fgpu_tensor *out = &p->tensors[k->node];
  conv_shape s = fgpu_kernel_conv_shape(p, k->node, k->list);
  prologue(&b, p, k);
  if (k->raw || k->list) {
    word_address(&b, n, k->raw ? P_OUTPUT : P_SECOND);
  } else {
    fgpu_put_mul_const(&b, R_ITEM, R_ITEM, out->row);
    fgpu_put_mul_const(&b, R_OUT, R_OUT, out->cp);
    fgpu_put_r(&b, FGPU_ADD, R_OUT, R_OUT, R_ITEM);
    fgpu_put_r(&b, FGPU_ADD, R_OUT, R_OUT, R_FILTER);
    fgpu_put_lp(&b, R_TMP, P_OUTPUT);
    fgpu_put_r(&b, FGPU_ADD, R_OUT, R_OUT, R_TMP);
    fgpu_put_mem(&b, FGPU_LW, R_PIXEL, 2 * FGPU_LINE, R_WEIGHTS, 0); // the multiplier of the requantisation
  }
  if (k->resume)
    fgpu_put_mem(&b, FGPU_LW, R_ACC, 0, R_OUT, 0);
  if (n->weight_zero)
    fgpu_put_li(&b, R_SUM, 0);
  fgpu_put_i(&b, FGPU_ADDI, R_WEIGHTS, R_WEIGHTS, CONV_HEADER);
  if (k->list) {
    fgpu_put_i(&b, FGPU_ADDI, R_ORIGIN, R_ACT, 0);
    lists(&b, p, n, &s);
  } else
    window(&b, p, n, &s);
  if (n->weight_zero) { // acc -= z_w * sum a
    int32_t z = n->weight_zero;
    fgpu_put_mul_const(&b, R_SUM, R_SUM, z < 0 ? -z : z);
    fgpu_put_r(&b, z < 0 ? FGPU_ADD : FGPU_SUB, R_ACC, R_ACC, R_SUM);
  }
  if (!k->raw && !k->list)
    fgpu_put_requantise(&b, n, R_ACC, R_PIXEL);
  fgpu_put_mem(&b, k->raw || k->list ? FGPU_SW : FGPU_SB, R_ACC, 0, R_OUT, FGPU_NOWAIT);
  fgpu_put_ret(&b);
}
