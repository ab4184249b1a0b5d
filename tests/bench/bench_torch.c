// SPDX-License-Identifier: Apache-2.0
//
// A convolution as AdaPT computes it: a scalar loop over a table of products, for each filter and output pixel, the
// filters spread over threads. Codes in and accumulators out, planes; for bench_torch.py, compiled with -O3
// -march=native.
#include <stdint.h>
#include <stdlib.h>

typedef struct {
  int channels, height, width, filters, kh, kw, sh, sw, pad_top, pad_left, out_height, out_width, groups;
} shape;

static void fill(const shape *s, const int8_t *image, int first, int y, int x, uint8_t *window) {
  for (int c = first; c < first + s->channels / s->groups; c++)
    for (int ky = 0; ky < s->kh; ky++)
      for (int kx = 0; kx < s->kw; kx++) {
        int iy = y * s->sh - s->pad_top + ky, ix = x * s->sw - s->pad_left + kx;
        int inside = iy >= 0 && iy < s->height && ix >= 0 && ix < s->width;
        *window++ = inside ? (uint8_t)image[((int64_t)c * s->height + iy) * s->width + ix] : 0;
      }
}

void bench_table_conv(const shape *s, const int8_t *codes, const int8_t *weights, const int32_t *bias,
                      const int32_t *table, int images, int32_t *out);
void bench_table_conv(const shape *s, const int8_t *codes, const int8_t *weights, const int32_t *bias,
                      const int32_t *table, int images, int32_t *out) {
  int taps = s->channels / s->groups * s->kh * s->kw, per_group = s->filters / s->groups;
  int64_t plane = (int64_t)s->out_height * s->out_width;
#pragma omp parallel for
  for (int n = 0; n < images; n++) {
    const int8_t *image = codes + (int64_t)n * s->channels * s->height * s->width;
    uint8_t *window = malloc((size_t)taps);
    for (int g = 0; g < s->groups; g++)
      for (int64_t p = 0; p < plane; p++) {
        fill(s, image, g * (s->channels / s->groups), (int)(p / s->out_width), (int)(p % s->out_width), window);
        for (int f = g * per_group; f < (g + 1) * per_group; f++) {
          const uint8_t *w = (const uint8_t *)weights + (int64_t)f * taps;
          int32_t sum = bias[f];
          for (int i = 0; i < taps; i++)
            sum += table[window[i] << 8 | w[i]];
          out[((int64_t)n * s->filters + f) * plane + p] = sum;
        }
      }
    free(window);
  }
}
