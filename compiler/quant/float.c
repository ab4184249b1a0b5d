// SPDX-License-Identifier: Apache-2.0
//
// Float inference: what calibration looks at, and the accuracy that quantisation is measured against. Convolutions
// gather a tile of output pixels' windows and multiply it with the weights, so that the inner loop runs over pixels.
#include "compiler/quant/quant.h"

#include <math.h>
#include <string.h>

enum { TILE = 64 }; // output pixels at a time, in memory

float **float_buffers(arena *mem, const network *net) {
  float **values = arena_new_array(mem, float *, net->count);
  for (size_t i = 0; i < net->count; i++)
    values[i] = arena_new_array(mem, float, (size_t)net_shape_size(net->nodes[i].shape));
  return values;
}

// ---- convolutions --------------------------------------------------------------------------------------------------
// Sums are in the same order on every machine, and without fused multiply-add, so that calibration gives the same
// codes.
#define SUM sum_any
#define SUM_TARGET
#define VEC 4
#define VECS 2
#define ROWS 4
#include "compiler/quant/float_sum.h"

#ifdef __x86_64__
#define SUM sum_avx2
#define SUM_TARGET __attribute__((target("avx2")))
#define VEC 8
#define VECS 2
#define ROWS 4
#include "compiler/quant/float_sum.h"

#define SUM sum_avx512
#define SUM_TARGET __attribute__((target("avx512f")))
#define VEC 16
#define VECS 1
#define ROWS 8
#include "compiler/quant/float_sum.h"
#endif

typedef void sum_function(const float *w, int filters, int64_t reduction, const float *tile, int count, float *out);

static sum_function *choose_sum(void) {
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx512f"))
    return sum_avx512;
  if (__builtin_cpu_supports("avx2"))
    return sum_avx2;
#endif
  return sum_any;
}

static float dot(const float *a, const float *b, int64_t n) {
  enum { VEC = 8 };
  float part[VEC] = {0}, sum = 0;
  int64_t i = 0;
  for (; i + VEC <= n; i += VEC)
    for (int k = 0; k < VEC; k++)
      part[k] += a[i + k] * b[i + k];
  for (; i < n; i++)
    sum += a[i] * b[i];
  for (int k = 0; k < VEC; k++)
    sum += part[k];
  return sum;
}

// The windows of output pixels [first, first + count), one row for each weight of a filter: tile[k][TILE].
static void gather(const net_node *n, net_shape in, const float *image, int c0, int channels, int first, int count,
                   float *tile) {
  int top[TILE], left[TILE];
  for (int p = 0; p < count; p++) {
    top[p] = (first + p) / n->shape.w * n->sh - n->pt;
    left[p] = (first + p) % n->shape.w * n->sw - n->pl;
  }
  for (int c = c0; c < c0 + channels; c++) {
    const float *plane = image + (int64_t)c * in.h * in.w;
    for (int ky = 0; ky < n->kh; ky++)
      for (int kx = 0; kx < n->kw; kx++, tile += TILE)
        for (int p = 0; p < count; p++) {
          int y = top[p] + ky, x = left[p] + kx;
          tile[p] = y >= 0 && y < in.h && x >= 0 && x < in.w ? plane[y * in.w + x] : 0;
        }
  }
}

static void conv(const network *net, const net_node *n, float *const *values, float *out) {
  const float *image = values[n->inputs[0]];
  net_shape in = net_input_shape(net, n);
  int channels = in.c / n->groups, filters = n->shape.c / n->groups, pixels = n->shape.h * n->shape.w;
  int64_t reduction = net_reduction(net, n);
  if (pixels == 1 && n->kh == in.h && n->kw == in.w && !n->pt && !n->pl) { // dense: the input is the window
    for (int f = 0; f < n->shape.c; f++)
      out[f] = dot(n->weight_f + f * reduction, image + f / filters * reduction, reduction);
    return;
  }
  arena *mem = arena_new();
  float *tile = arena_new_array(mem, float, (size_t)reduction *TILE);
  float *sums = arena_new_array(mem, float, (size_t)filters *TILE);
  sum_function *sum = choose_sum();
  for (int g = 0; g < n->groups; g++)
    for (int first = 0; first < pixels; first += TILE) {
      int count = pixels - first < TILE ? pixels - first : TILE;
      gather(n, in, image, g * channels, channels, first, count, tile);
      sum(n->weight_f + g * filters * reduction, filters, reduction, tile, count, sums);
      for (int f = 0; f < filters; f++)
        memcpy(out + (int64_t)(g * filters + f) * pixels + first, sums + f * TILE, (size_t)count * sizeof *sums);
    }
  arena_free(mem);
}

static void pool(const network *net, const net_node *n, float *const *values, float *out) {
  const float *image = values[n->inputs[0]];
  net_shape in = net_input_shape(net, n);
  for (int c = 0; c < n->shape.c; c++)
    for (int y = 0; y < n->shape.h; y++)
      for (int x = 0; x < n->shape.w; x++) {
        float sum = 0, most = -INFINITY;
        int taps = 0;
        for (int ky = 0; ky < n->kh; ky++)
          for (int kx = 0; kx < n->kw; kx++) {
            int iy = y * n->sh - n->pt + ky, ix = x * n->sw - n->pl + kx;
            if (iy < 0 || iy >= in.h || ix < 0 || ix >= in.w)
              continue;
            float v = image[((int64_t)c * in.h + iy) * in.w + ix];
            sum += v;
            most = fmaxf(most, v);
            taps++;
          }
        *out = n->op == NET_MAXPOOL ? most : sum / (float)(n->count_pad ? n->kh * n->kw : taps);
        *out++ *= n->gain ? (float)n->gain[c] : 1;
      }
}

static void pad(const network *net, const net_node *n, float *const *values, float *out) {
  const float *image = values[n->inputs[0]];
  net_shape in = net_input_shape(net, n), o = n->shape;
  memset(out, 0, (size_t)net_shape_size(o) * sizeof *out);
  for (int c = 0; c < in.c; c++)
    for (int y = 0; y < in.h; y++)
      memcpy(out + ((int64_t)(c + n->pad_c0) * o.h + y + n->pt) * o.w + n->pl, image + ((int64_t)c * in.h + y) * in.w,
             (size_t)in.w * sizeof *out);
}

static void add(const network *net, const net_node *n, float *const *values, float *out) {
  (void)net;
  const float *a = values[n->inputs[0]], *b = values[n->inputs[1]];
  float by_a = n->gain ? (float)n->gain[0] : 1, by_b = n->gain ? (float)n->gain[1] : 1;
  int64_t size = net_shape_size(n->shape);
#pragma omp simd
  for (int64_t i = 0; i < size; i++)
    out[i] = by_a * a[i] + by_b * b[i];
}

static void concat(const network *net, const net_node *n, float *const *values, float *out) {
  for (int k = 0; k < n->input_count; k++) {
    int64_t size = net_shape_size(net->nodes[n->inputs[k]].shape);
    memcpy(out, values[n->inputs[k]], (size_t)size * sizeof *out);
    out += size;
  }
}

// clang-format off
#define ROWS(X)                                                                                                        \
  X(NET_INPUT, NULL) X(NET_CONV, conv) X(NET_DENSE, conv) X(NET_MAXPOOL, pool) X(NET_AVGPOOL, pool) X(NET_ADD, add)    \
  X(NET_CONCAT, concat) X(NET_PAD, pad)
// clang-format on
static const struct {
  // Without bias and clamp. NULL: the input, which is loaded.
  void (*run)(const network *net, const net_node *n, float *const *values, float *out);
} operators[NET_OPS] = {ROWS(BASE_ROW)};
_Static_assert(BASE_ROWS(ROWS) == NET_OPS, "a row for each operator");

// Bias, then clamp.
static void finish(const net_node *n, float *out) {
  int64_t pixels = (int64_t)n->shape.h * n->shape.w;
  float lo = (float)n->clamp_lo, hi = (float)n->clamp_hi;
  for (int f = 0; f < n->shape.c; f++) {
    float bias = n->bias_f && net_multiplies(n) ? n->bias_f[f] : 0;
    for (int64_t p = 0; p < pixels; p++) {
      float v = out[f * pixels + p] + bias;
      v = v < lo ? lo : v;
      out[f * pixels + p] = v > hi ? hi : v;
    }
  }
}

static void load(const network *net, const uint8_t *pixels, float *out) {
  net_shape s = net->nodes[0].shape;
  int64_t plane = (int64_t)s.h * s.w;
  for (int64_t i = 0; i < s.c * plane; i++)
    out[i] = (float)net_pixel_value(net_input_pixels(net, (int)(i / plane)), pixels[i]);
}

void float_run(const network *net, const uint8_t *pixels, float **values) {
  load(net, pixels, values[0]);
  finish(&net->nodes[0], values[0]);
  for (size_t i = 1; i < net->count; i++) {
    const net_node *n = &net->nodes[i];
    operators[n->op].run(net, n, values, values[i]);
    finish(n, values[i]);
  }
}

bool float_evaluate(const network *net, const dataset *data, size_t first, size_t count, infer_accuracy *out) {
  assert(first <= data->count && count <= data->count - first && data->labels);
  size_t image_size = (size_t)net_shape_size(data->shape), correct = 0;
  int64_t outputs = net_shape_size(net_output(net)->shape);
  double started = clock_seconds();
  progress bar = progress_begin("evaluating (float)", count);
#pragma omp parallel reduction(+ : correct)
  {
    arena *mem = arena_new();
    float **values = float_buffers(mem, net);
#pragma omp for schedule(dynamic, 8)
    for (size_t i = first; i < first + count; i++) {
      if (interrupted())
        continue;
      float_run(net, data->pixels + i * image_size, values);
      int64_t best = 0;
      for (int64_t k = 1; k < outputs; k++)
        best = values[net->count - 1][k] > values[net->count - 1][best] ? k : best;
      correct += best == data->labels[i];
#pragma omp critical(float_progress)
      progress_step(&bar, 1);
    }
    arena_free(mem);
  }
  progress_end(&bar);
  *out = (infer_accuracy){count, correct, clock_seconds() - started};
  return !interrupted();
}
