// SPDX-License-Identifier: Apache-2.0
//
// Multipliers as C functions, evaluated, and built where that is small.
#include "tests/fuzz/fuzz.h"

#include "genlib/import/c_function.h"

static void make_seeds(arena *mem) {
  (void)mem;
  fuzz_seed_text("#include <stdint.h>\n/* MAE 0 */\nuint16_t mul8u_x(uint8_t a, uint8_t b) {\n"
                 "  return (uint16_t)a * b;\n}\n");
  fuzz_seed_text("uint64_t mul2u(const uint64_t B, const uint64_t A)\n{\n  uint64_t dout[8], avg = 0;\n"
                 "  dout[0] = ((A >> 0) & 1) & ((B >> 1) & 1);\n  dout[1] = ~dout[0] ^ 0xffffffffffffffffU;\n"
                 "  int n = dout[1] == 3 ? 1 : 0;\n  avg |= (dout[1] & 1) << 2;\n  avg += n < 2 || !n;\n"
                 "  return avg;\n}\n");
}

static void read(arena *mem, const uint8_t *data, size_t size, diag *d) {
  (void)size;
  const c_function *f = c_parse(mem, "input.c", (const char *)data, d);
  if (!f)
    return;
  c_eval(f, 3, 1, arena_new_array(mem, uint64_t, f->count));
  netlist *n = nl_new(mem, 2, 2, 1);
  int32_t in[2][64], out[64];
  for (int k = 0; k < 2; k++)
    for (int i = 0; i < 64; i++)
      in[k][i] = i > 1 ? NET_ZERO : k ? nl_b(n, i) : nl_a(n, i);
  c_build(f, n, (const int32_t *const[]){in[0], in[1]}, out);
}

const fuzz_parser fuzz_target = {4096, NULL, make_seeds, NULL, read};
