// SPDX-License-Identifier: Apache-2.0
//
// The baseline: a plain loop over a table of products, compiled with -O3 -march=native.
#include "tests/bench/bench.h"

#include <stdlib.h>

static int32_t dot(const uint8_t *a, const uint8_t *w, int n, const int32_t *table) {
  int32_t sum = 0;
  int i = 0;
  for (; i + 8 <= n; i += 8) {
    sum += table[a[i] << 8 | w[i]];
    sum += table[a[i + 1] << 8 | w[i + 1]];
    sum += table[a[i + 2] << 8 | w[i + 2]];
    sum += table[a[i + 3] << 8 | w[i + 3]];
    sum += table[a[i + 4] << 8 | w[i + 4]];
    sum += table[a[i + 5] << 8 | w[i + 5]];
    sum += table[a[i + 6] << 8 | w[i + 6]];
    sum += table[a[i + 7] << 8 | w[i + 7]];
  }
  for (; i < n; i++)
    sum += table[a[i] << 8 | w[i]];
  return sum;
}

void bench_scalar(const bench_case *c, const int32_t *table, int32_t *acc) {
  const bench_layer *l = c->layer;
  int oh = l->height + 2 * l->pad - l->kernel + 1, ow = l->width + 2 * l->pad - l->kernel + 1;
  int taps = l->channels * l->kernel * l->kernel;
  uint8_t *window = malloc((size_t)taps), *weights = malloc((size_t)(taps * l->filters));
  for (int i = 0; i < taps * l->filters; i++)
    weights[i] = (uint8_t)c->weights[i];
  for (int n = 0; n < c->images; n++) {
    const uint8_t *image = c->pixels + n * l->channels * l->height * l->width;
    for (int y = 0; y < oh; y++)
      for (int x = 0; x < ow; x++) {
        uint8_t *to = window;
        for (int ch = 0; ch < l->channels; ch++)
          for (int ky = 0; ky < l->kernel; ky++)
            for (int kx = 0; kx < l->kernel; kx++) {
              int iy = y - l->pad + ky, ix = x - l->pad + kx;
              bool inside = iy >= 0 && iy < l->height && ix >= 0 && ix < l->width;
              *to++ = inside ? image[(ch * l->height + iy) * l->width + ix] : 0;
            }
        for (int f = 0; f < l->filters; f++)
          acc[((n * l->filters + f) * oh + y) * ow + x] = dot(window, weights + f * taps, taps, table);
      }
  }
  free(window);
  free(weights);
}
