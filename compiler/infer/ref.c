// SPDX-License-Identifier: Apache-2.0
//
// The definition of the numerics (docs/numerics.md): plain loops, one multiply at a time. Everything else, the fast
// engine and the hardware, is compared with this file. Keep it easy to read.
#include "compiler/infer/operators.h"

#include <math.h>

void infer_pixel_codes(const network *net, int channel, int32_t code[256]) {
  const net_node *in = &net->nodes[0];
  for (int p = 0; p < 256; p++) {
    double real = net_pixel_value(net_input_pixels(net, channel), p);
    double v = round(real / in->quant.scale) + in->quant.zero;
    code[p] = v < in->lo ? in->lo : v > in->hi ? in->hi : (int32_t)v;
  }
}

void infer_input_codes(const network *net, const uint8_t *pixels, int32_t *out) {
  net_shape s = net->nodes[0].shape;
  int64_t plane = (int64_t)s.h * s.w;
  int32_t code[256];
  for (int c = 0; c < s.c; c++) {
    if (c == 0 || net->input_channels)
      infer_pixel_codes(net, c, code);
    for (int64_t i = c * plane; i < (c + 1) * plane; i++)
      out[i] = code[pixels[i]];
  }
}

int32_t **infer_buffers(arena *mem, const network *net) {
  int32_t **values = arena_new_array(mem, int32_t *, net->count);
  for (size_t i = 0; i < net->count; i++)
    values[i] = arena_new_array(mem, int32_t, (size_t)net_shape_size(net->nodes[i].shape));
  return values;
}

// What node n stores for its accumulator: the accumulator itself or its requantised code.
static int32_t store(const network *net, const net_node *n, int64_t acc, int multiplier) {
  if (net_is_raw(net, n)) {
    assert(acc >= INT32_MIN && acc <= INT32_MAX);
    return (int32_t)acc;
  }
  assert(acc >= -((int64_t)1 << 46) && acc < (int64_t)1 << 46);
  return net_requantise(n, acc * n->mult[multiplier]);
}

// sum of f(a[i], w[i]); m NULL: exact.
static int64_t dot(const mul *m, const int32_t *a, const int16_t *w, int64_t count) {
  int64_t sum = 0;
  if (!m)
    for (int64_t i = 0; i < count; i++)
      sum += (int64_t)a[i] * w[i];
  else if (m->table) {
    const int32_t *table = m->table;
    int b_bits = m->sig.b_bits;
    uint32_t a_mask = (1u << m->sig.a_bits) - 1, b_mask = (1u << b_bits) - 1;
    for (int64_t i = 0; i < count; i++)
      sum += table[((uint32_t)a[i] & a_mask) << b_bits | ((uint32_t)w[i] & b_mask)];
  } else
    for (int64_t i = 0; i < count; i++)
      sum += m->function(m, a[i], w[i]);
  return sum;
}

// The input codes under the window of output pixel (y, x), channels [c0, c0 + channels): [c][kh][kw]. Taps outside the
// image carry the zero code.
static void gather(const net_node *n, net_shape in, int32_t zero, const int32_t *image, int c0, int channels, int y,
                   int x, int32_t *window) {
  for (int c = c0; c < c0 + channels; c++)
    for (int ky = 0; ky < n->kh; ky++)
      for (int kx = 0; kx < n->kw; kx++) {
        int iy = y * n->sh - n->pt + ky, ix = x * n->sw - n->pl + kx;
        bool inside = iy >= 0 && iy < in.h && ix >= 0 && ix < in.w;
        *window++ = inside ? image[((int64_t)c * in.h + iy) * in.w + ix] : zero;
      }
}

// sum over filter f's taps of f(a, w) with each weight's own multiplier; neighbours with the same one go together.
static int64_t sum_products(const infer_model *m, int node, int f, int64_t reduction, const int32_t *window) {
  const net_node *n = &m->net->nodes[node];
  const int16_t *w = n->weight + f * reduction;
  const assignment *a = infer_assignment(m, node);
  if (!a)
    return dot(NULL, window, w, reduction);
  int64_t sum = 0, first = f * reduction;
  for (int64_t i = 0, end; i < reduction; i = end) {
    int which = assignment_mul(a, first + i);
    for (end = i; end < reduction && assignment_mul(a, first + end) == which;)
      end += assignment_run(a, first + end);
    end = end < reduction ? end : reduction;
    sum += dot(m->muls[which], window + i, w + i, end - i);
  }
  return sum;
}

static int64_t total_of(const int32_t *v, int64_t n) {
  int64_t sum = 0;
  for (int64_t i = 0; i < n; i++)
    sum += v[i];
  return sum;
}

void ref_conv(const infer_model *m, int node, int32_t **values) {
  const net_node *n = &m->net->nodes[node];
  const int32_t *image = values[n->inputs[0]];
  int32_t *out = values[node];
  net_shape in = net_input_shape(m->net, n), o = n->shape;
  int channels = in.c / n->groups, filters = o.c / n->groups;
  int64_t reduction = net_reduction(m->net, n), pixels = (int64_t)o.h * o.w;
  int64_t za = net_input_quant(m->net, n).zero, zw = n->weight_zero;
  arena *mem = arena_new();
  int32_t *window = arena_new_array(mem, int32_t, (size_t)reduction);
  int64_t *sum_w = arena_new_array(mem, int64_t, (size_t)o.c);
  uint64_t *lanes = infer_accumulated(m, node) ? arena_new_array(mem, uint64_t, (size_t)reduction) : NULL;
  for (int f = 0; za && f < o.c; f++)
    for (int64_t i = 0; i < reduction; i++)
      sum_w[f] += n->weight[f * reduction + i];
  for (int g = 0; g < n->groups; g++)
    for (int64_t p = 0; p < pixels; p++) {
      gather(n, in, (int32_t)za, image, g * channels, channels, (int)(p / o.w), (int)(p % o.w), window);
      int64_t sum_a = zw ? total_of(window, reduction) : 0;
      for (int f = g * filters; f < (g + 1) * filters; f++) {
        int64_t acc;
        if (lanes)
          acc = ref_accumulate(m, node, f, window, lanes);
        else
          acc = n->bias[f] + sum_products(m, node, f, reduction, window) - zw * sum_a - za * sum_w[f] +
                reduction * za * zw;
        out[f * pixels + p] = store(m->net, n, acc, f);
      }
    }
  arena_free(mem);
}

static int32_t clamp_code(const net_node *n, int32_t v) { return (int32_t)clamp64(v, n->lo, n->hi); }

// Maximum or sum over the taps inside the image.
void ref_pool(const infer_model *m, int node, int32_t **values) {
  const network *net = m->net;
  const net_node *n = &net->nodes[node];
  const int32_t *image = values[n->inputs[0]];
  int32_t *out = values[node];
  net_shape in = net_input_shape(net, n), o = n->shape;
  int32_t zero = net_input_quant(net, n).zero;
  for (int c = 0; c < o.c; c++)
    for (int y = 0; y < o.h; y++)
      for (int x = 0; x < o.w; x++) {
        int64_t sum = 0;
        int32_t most = INT32_MIN;
        int taps = 0;
        for (int ky = 0; ky < n->kh; ky++)
          for (int kx = 0; kx < n->kw; kx++) {
            int iy = y * n->sh - n->pt + ky, ix = x * n->sw - n->pl + kx;
            if (iy < 0 || iy >= in.h || ix < 0 || ix >= in.w)
              continue;
            int32_t v = image[((int64_t)c * in.h + iy) * in.w + ix];
            sum += v - zero;
            most = v > most ? v : most;
            taps++;
          }
        *out++ = n->op == NET_MAXPOOL ? clamp_code(n, most) : store(net, n, sum, net_mean_varies(n) ? taps - 1 : c);
      }
}

void ref_add(const infer_model *m, int node, int32_t **values) {
  const network *net = m->net;
  const net_node *n = &net->nodes[node];
  const int32_t *a = values[n->inputs[0]], *b = values[n->inputs[1]];
  int32_t za = net->nodes[n->inputs[0]].quant.zero, zb = net->nodes[n->inputs[1]].quant.zero;
  for (int64_t i = 0; i < net_shape_size(n->shape); i++)
    values[node][i] = net_requantise(n, (int64_t)(a[i] - za) * n->mult[0] + (int64_t)(b[i] - zb) * n->mult[1]);
}

void ref_concat(const infer_model *m, int node, int32_t **values) {
  const network *net = m->net;
  const net_node *n = &net->nodes[node];
  int32_t *out = values[node];
  for (int k = 0; k < n->input_count; k++)
    for (int64_t i = 0; i < net_shape_size(net->nodes[n->inputs[k]].shape); i++)
      *out++ = clamp_code(n, values[n->inputs[k]][i]);
}

void ref_pad(const infer_model *m, int node, int32_t **values) {
  const net_node *n = &m->net->nodes[node];
  const int32_t *image = values[n->inputs[0]];
  int32_t *out = values[node];
  net_shape in = net_input_shape(m->net, n), o = n->shape;
  for (int c = 0; c < o.c; c++)
    for (int y = 0; y < o.h; y++)
      for (int x = 0; x < o.w; x++) {
        int ic = c - n->pad_c0, iy = y - n->pt, ix = x - n->pl;
        bool inside = ic >= 0 && ic < in.c && iy >= 0 && iy < in.h && ix >= 0 && ix < in.w;
        *out++ = clamp_code(n, inside ? image[((int64_t)ic * in.h + iy) * in.w + ix] : n->quant.zero);
      }
}

void ref_run(const infer_model *m, const uint8_t *pixels, int32_t **values) {
  const network *net = m->net;
  assert(net->quantised);
  infer_input_codes(net, pixels, values[0]);
  for (int i = 1; i < (int)net->count; i++)
    infer_operators[net->nodes[i].op].run(m, i, values);
}

int infer_argmax(const int32_t *logits, int n) {
  int best = 0;
  for (int i = 1; i < n; i++)
    if (logits[i] > logits[best])
      best = i;
  return best;
}
