// SPDX-License-Identifier: Apache-2.0
//
// The body of a simulation kernel, included once per instruction set with these macros defined:
//   KERNEL        the function's name           KERNEL_TARGET  its target attribute
//   VECTOR        a GCC vector type of uint64_t  VECTORS       how many of them a slot holds
//   XOR3 MAJ MUX  the three-operand functions
// (No include guard: it is meant to be included several times.)

KERNEL_TARGET static void KERNEL(const nl_sim_op *ops, size_t count, uint64_t *slots) {
  VECTOR *s = (VECTOR *)slots;
#define IN(k) s[(size_t)op->in[k] * VECTORS + v]
#define OUT(k) s[(size_t)op->out[k] * VECTORS + v]
#define EACH _Pragma("GCC unroll 8") for (int v = 0; v < VECTORS; v++)
#define CASE(kind, expression)                                                                                         \
  case GATE_##kind:                                                                                                    \
    EACH OUT(0) = (expression);                                                                                        \
    break
  for (const nl_sim_op *op = ops, *end = ops + count; op < end; op++)
    switch (op->kind) {
      CASE(BUF, IN(0));
      CASE(NOT, ~IN(0));
      CASE(AND, IN(0) & IN(1));
      CASE(OR, IN(0) | IN(1));
      CASE(XOR, IN(0) ^ IN(1));
      CASE(NAND, ~(IN(0) & IN(1)));
      CASE(NOR, ~(IN(0) | IN(1)));
      CASE(XNOR, ~(IN(0) ^ IN(1)));
      CASE(MUX, MUX(IN(0), IN(2), IN(1)));
    case GATE_HA:
      // An output's slot may be an input's: read everything first.
      EACH {
        VECTOR x = IN(0), y = IN(1);
        OUT(0) = x ^ y;
        OUT(1) = x & y;
      }
      break;
    case GATE_FA:
      EACH {
        VECTOR x = IN(0), y = IN(1), z = IN(2);
        OUT(0) = XOR3(x, y, z);
        OUT(1) = MAJ(x, y, z);
      }
      break;
    default:
      __builtin_unreachable();
    }
#undef IN
#undef OUT
#undef EACH
#undef CASE
}

#undef KERNEL
#undef KERNEL_TARGET
#undef VECTOR
#undef VECTORS
#undef XOR3
#undef MAJ
#undef MUX
