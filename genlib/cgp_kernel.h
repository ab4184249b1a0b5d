// SPDX-License-Identifier: Apache-2.0
//
// The bodies of evolution's own kernels, included once per instruction set with these macros defined:
//   NAME(x)        the function's name            KERNEL_TARGET  its target attribute
//   VECTOR         a GCC vector type of uint64_t  VECTORS        how many of them a slot holds, as in the simulation
//   XOR3 MAJ       the three-operand functions
//   SUM, SUM_ZERO, SUM_ADD(sum, x, shift)         a sum of 2^shift * (ones in x) ...
//   SUM_TOTAL(sum)                                ... and its value
// (No include guard: it is meant to be included several times.)

// The difference bit by bit, t = |difference| with 1 to be added where it is negative, its ones counted by weight.
KERNEL_TARGET static int64_t NAME(error)(const cgp_error *e, const uint64_t *slots, const int32_t *out) {
  const VECTOR *s = (const VECTOR *)slots, *exact = (const VECTOR *)e->exact;
  int planes = e->planes;
  SUM sum = SUM_ZERO;
  for (int v = 0; v < VECTORS; v++) {
    VECTOR d[CGP_PLANES], borrow = s[v] ^ s[v], sign = borrow;
    for (int k = 0; k < planes; k++) {
      VECTOR x = s[out[k] * VECTORS + v], y = exact[k * VECTORS + v];
      sign = d[k] = XOR3(x, y, borrow);
      borrow = MAJ(~x, y, borrow);
    }
    VECTOR over = sign;
    for (int k = 0; k < planes - 1; k++)
      d[k] ^= sign;
    if (e->wce >= 0) {
      // t + sign > wce, from the least significant bit: a greater bit decides, an equal one leaves it as it was.
      for (int k = 0; k < planes - 1; k++)
        over = e->wce >> k & 1 ? d[k] & over : d[k] | over;
      if (e->counted)
        over &= ((const VECTOR *)e->counted)[v];
      uint64_t any = 0;
      for (size_t i = 0; i < sizeof over / sizeof any; i++)
        any |= over[i];
      if (any)
        return -1;
    }
    if (!e->counted) {
      SUM_ADD(sum, sign, 0);
      for (int k = 0; k < planes - 1; k++)
        SUM_ADD(sum, d[k], k);
    }
    for (int w = 0; w < e->weights; w++) {
      VECTOR weight = ((const VECTOR *)e->weight[w])[v];
      int shift = e->weight_shift[w];
      SUM_ADD(sum, sign & weight, shift);
      for (int k = 0; k < planes - 1; k++)
        SUM_ADD(sum, d[k] & weight, k + shift);
    }
  }
  return (int64_t)SUM_TOTAL(sum);
}

KERNEL_TARGET static uint64_t NAME(ones)(const uint64_t *words) {
  SUM sum = SUM_ZERO;
  for (int v = 0; v < VECTORS; v++)
    SUM_ADD(sum, ((const VECTOR *)words)[v], 0);
  return (uint64_t)SUM_TOTAL(sum);
}

KERNEL_TARGET static uint64_t NAME(differ)(const uint64_t *x, const uint64_t *y) {
  SUM sum = SUM_ZERO;
  for (int v = 0; v < CGP_SAMPLE * 8 / (int)sizeof(VECTOR); v++)
    SUM_ADD(sum, ((const VECTOR *)x)[v] ^ ((const VECTOR *)y)[v], 0);
  return (uint64_t)SUM_TOTAL(sum);
}

#undef NAME
#undef KERNEL_TARGET
#undef VECTOR
#undef VECTORS
#undef XOR3
#undef MAJ
#undef SUM
#undef SUM_ZERO
#undef SUM_ADD
#undef SUM_TOTAL
