// SPDX-License-Identifier: Apache-2.0
//
// The FGPU's assembler; what it makes is listed, and that is read again.
#include "tests/fuzz/fuzz.h"

#include "compiler/target/fgpu/asm.h"

static void make_seeds(arena *mem) {
  (void)mem;
  fuzz_seed_text("; a loop\n  lp r1, 0\n  li r2, 100000\nloop: addi r2, r2, -1\n  bnez r2, loop\n  ret\n");
  fuzz_seed_text("  lbu.n r3, 16(r1)\n  lw.l r4, -4(r2)\n  sw r4, 0(r0)\n  macc r1, r3.0, r4.3\n  rq r5, r1, r2, 13\n"
                 "  clamp r5, r5, r6\n  lui r7, 65535\n  ori r7, r7, 1\n  .word 0x1234\n  j end\nend: ret\n");
  fuzz_seed_text("a: b: mov r1, r2\nli r3, -70000\nsll r1, r2, r3\nexec r1\nbeqz r1, a\nnop\n.word 4294967295\nret");
}

static void read(arena *mem, const uint8_t *data, size_t size, diag *d) {
  (void)size;
  fgpu_code code;
  if (!fgpu_assemble(mem, "input.s", (const char *)data, &code, d))
    return;
  str listing = {0};
  fgpu_listing(&code, &listing);
  str_free(&listing);
}

const fuzz_parser fuzz_target = {4096, NULL, make_seeds, NULL, read};
