// SPDX-License-Identifier: Apache-2.0
//
// The bodies of evolution's own kernels, included once per instruction set with these macros defined:
//   NAME(x)        the function's name            KERNEL_TARGET  its target attribute
//   VECTOR         a GCC vector type of uint64_t  VECTORS        how many of them a slot holds, as in the simulation
//   XOR3 MAJ       the three-operand functions    BORROW(x, y, z)  MAJ(~x, y, z)
//   SUM, SUM_ZERO, SUM_ADD(sum, x)                a sum of the ones in x, ...
//   SUM_DOUBLE(sum), SUM_SHIFTED(sum, x, shift)   ... twice itself, 2^shift times the sum x added, ...
//   SUM_TOTAL(sum)                                ... and its value
// (No include guard: it is meant to be included several times.)

// The bit that says whose slot it is is part of the offset; BASES makes up for it.
#define BASES(store)                                                                                                   \
  { (char *)(store)->parent, (char *)(store)->child - 1 }
#define AT(place) ((VECTOR *)(void *)(base[(place)&1] + (place)))

KERNEL_TARGET static void NAME(run)(const nl_sim_op *ops, size_t count, const cgp_store *store) {
  char *const base[2] = BASES(store);
#define EACH _Pragma("GCC unroll 8") for (int v = 0; v < VECTORS; v++)
#define CASE(kind, expression)                                                                                         \
  case GATE_##kind: {                                                                                                  \
    const VECTOR *y = AT(op->in[1]);                                                                                   \
    (void)y;                                                                                                           \
    EACH out[v] = (expression);                                                                                        \
  } break
  for (const nl_sim_op *op = ops, *end = ops + count; op < end; op++) {
    const VECTOR *x = AT(op->in[0]);
    VECTOR *out = AT(op->out[0]);
    switch (op->kind) {
      CASE(BUF, x[v]);
      CASE(NOT, ~x[v]);
      CASE(AND, x[v] & y[v]);
      CASE(OR, x[v] | y[v]);
      CASE(XOR, x[v] ^ y[v]);
      CASE(NAND, ~(x[v] & y[v]));
      CASE(NOR, ~(x[v] | y[v]));
      CASE(XNOR, ~(x[v] ^ y[v]));
    case GATE_MUX: {
      const VECTOR *y = AT(op->in[1]), *z = AT(op->in[2]);
      EACH out[v] = (x[v] & z[v]) | (~x[v] & y[v]);
    } break;
    case GATE_HA: {
      const VECTOR *y = AT(op->in[1]);
      VECTOR *carry = AT(op->out[1]);
      EACH {
        out[v] = x[v] ^ y[v];
        carry[v] = x[v] & y[v];
      }
    } break;
    case GATE_FA: {
      const VECTOR *y = AT(op->in[1]), *z = AT(op->in[2]);
      VECTOR *carry = AT(op->out[1]);
      EACH {
        out[v] = XOR3(x[v], y[v], z[v]);
        carry[v] = MAJ(x[v], y[v], z[v]);
      }
    } break;
    default:
      __builtin_unreachable();
    }
  }
#undef EACH
#undef CASE
}

// The difference bit by bit, t = |difference| with 1 to be added where it is negative, its ones counted by weight.
KERNEL_TARGET static int64_t NAME(error)(const cgp_error *e, const cgp_store *store, const int32_t *out) {
  char *const base[2] = BASES(store);
  const VECTOR *exact = (const VECTOR *)e->exact;
  int planes = e->planes;
  SUM sum = SUM_ZERO;
  for (int v = 0; v < VECTORS; v++) {
    VECTOR d[CGP_PLANES], borrow = exact[v] ^ exact[v], sign = borrow;
    for (int k = 0; k < planes; k++) {
      VECTOR x = AT(out[k])[v], y = exact[k * VECTORS + v];
      sign = d[k] = XOR3(x, y, borrow);
      borrow = BORROW(x, y, borrow);
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
    // Ones counted from the most significant bit, doubling: fewer operations than a shift for each.
    if (!e->counted) {
      SUM total = SUM_ZERO;
      for (int k = planes - 1; k-- > 0;) {
        SUM_DOUBLE(total);
        SUM_ADD(total, d[k]);
      }
      SUM_ADD(total, sign);
      SUM_SHIFTED(sum, total, 0);
    }
    for (int w = 0; w < e->weights; w++) {
      VECTOR weight = ((const VECTOR *)e->weight[w])[v];
      SUM total = SUM_ZERO;
      for (int k = planes - 1; k-- > 0;) {
        SUM_DOUBLE(total);
        SUM_ADD(total, d[k] & weight);
      }
      SUM_ADD(total, sign & weight);
      SUM_SHIFTED(sum, total, e->weight_shift[w]);
    }
  }
  return (int64_t)SUM_TOTAL(sum);
}

KERNEL_TARGET static uint64_t NAME(ones)(const uint64_t *words) {
  SUM sum = SUM_ZERO;
  for (int v = 0; v < VECTORS; v++)
    SUM_ADD(sum, ((const VECTOR *)words)[v]);
  return (uint64_t)SUM_TOTAL(sum);
}

KERNEL_TARGET static uint64_t NAME(differ)(const uint64_t *x, const uint64_t *y) {
  SUM sum = SUM_ZERO;
  for (int v = 0; v < CGP_SAMPLE * 8 / (int)sizeof(VECTOR); v++)
    SUM_ADD(sum, ((const VECTOR *)x)[v] ^ ((const VECTOR *)y)[v]);
  return (uint64_t)SUM_TOTAL(sum);
}

#undef BASES
#undef AT
#undef NAME
#undef KERNEL_TARGET
#undef VECTOR
#undef VECTORS
#undef XOR3
#undef MAJ
#undef BORROW
#undef SUM
#undef SUM_ZERO
#undef SUM_ADD
#undef SUM_DOUBLE
#undef SUM_SHIFTED
#undef SUM_TOTAL
