// SPDX-License-Identifier: Apache-2.0
//
// What follows from a tile's parameters, and a program's tile.
#include "compiler/target/fgpu/emit_internal.h"

static int bits_of(int64_t n) { return n <= 1 ? 0 : bits_unsigned((uint64_t)(n - 1)); }
static int at_least(int v, int least) { return v < least ? least : v; }

int fgpu_address_bits(const fgpu_tile *t) {
  int bits = at_least(bits_of(t->memory_bytes), 13);
  bits = at_least(bits, 6 + bits_of(t->hw.cache_lines));
  return at_least(bits, bits_of(t->hw.local_bytes));
}

fgpu_tile fgpu_tile_of(const fgpu_program *p, const origin *made_from) {
  return (fgpu_tile){p->hw, p->memory_bytes, p->code.count, p->launch_count, made_from};
}
