// SPDX-License-Identifier: Apache-2.0
//
// The sums of a convolution, for float.c: included once for each instruction set, with SUM (the function's name),
// SUM_TARGET, VEC (pixels in a vector), VECS (vectors) and ROWS (filters) at once. All give the same sums: each is
// added up in the same order, without fused multiply-add.

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define vec JOIN(SUM, _vec)

typedef float vec __attribute__((vector_size(VEC * sizeof(float)), aligned(4), may_alias));

// out[f][0..count) = sum over k of w[f][k] * tile[k][0..count), for `rows` (1 or ROWS) filters; up to TILE is written.
SUM_TARGET static inline __attribute__((always_inline)) void
JOIN(SUM, _rows)(const int rows, const float *w, int64_t reduction, const float *tile, int count, float *out) {
  for (int p = 0; p < count; p += VECS * VEC) {
    vec sum[ROWS][VECS] = {0};
    for (int64_t k = 0; k < reduction; k++) {
      const vec *t = (const vec *)(tile + k * TILE + p);
      UNROLLED
      for (int r = 0; r < rows; r++)
        for (int v = 0; v < VECS; v++)
          sum[r][v] += w[r * reduction + k] * t[v];
    }
    for (int r = 0; r < rows; r++)
      memcpy(out + r * TILE + p, sum[r], sizeof sum[r]);
  }
}

SUM_TARGET static void SUM(const float *w, int filters, int64_t reduction, const float *tile, int count, float *out) {
  int f = 0;
  for (; f + ROWS <= filters; f += ROWS)
    JOIN(SUM, _rows)(ROWS, w + f * reduction, reduction, tile, count, out + f * TILE);
  for (; f < filters; f++)
    JOIN(SUM, _rows)(1, w + f * reduction, reduction, tile, count, out + f * TILE);
}

#undef JOIN_
#undef JOIN
#undef vec
#undef SUM
#undef SUM_TARGET
#undef VEC
#undef VECS
#undef ROWS
