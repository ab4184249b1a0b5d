// SPDX-License-Identifier: Apache-2.0
#include "compiler/target/fgpu/isa.h"

#include <string.h>

const fgpu_info fgpu_isa[64] = {
#define X(symbol, name, number, format, value, words) [number] = {name, FGPU_F_##format, words},
    FGPU_ISA(X)
#undef X
};

// Bits that a format uses.
static uint32_t mask_of(fgpu_format f) {
  enum { OP = 63u << 26, RD = 31u << 21, RS = 31u << 16, RT = 31u << 11, IMM = 0xffff };
  switch (f) {
  case FGPU_F_R3:
    return OP | RD | RS | RT;
  case FGPU_F_RI:
  case FGPU_F_LD:
  case FGPU_F_ST:
    return OP | RD | RS | IMM;
  case FGPU_F_HI:
    return OP | RD | IMM;
  case FGPU_F_MA:
    return OP | RD | RS | RT | 15;
  case FGPU_F_BY:
    return OP | RD | RS | 3;
  case FGPU_F_RQ:
    return OP | RD | RS | RT | 63;
  case FGPU_F_BR:
    return OP | RS | IMM;
  case FGPU_F_S1:
    return OP | RS;
  case FGPU_F_D0:
    return OP | RD;
  case FGPU_F_D1:
    return OP | RD | 1;
  case FGPU_F_LP:
    return OP | RD | 15;
  case FGPU_F_N0:
    return OP;
  }
  return 0;
}

bool fgpu_valid(uint32_t w) {
  const fgpu_info *i = &fgpu_isa[fgpu_word_op(w)];
  if (!i->name || (w & ~mask_of(i->format)))
    return false;
  return i->format != FGPU_F_RQ || ((w & 63) >= 1 && (w & 63) <= 47);
}

static bool zero_extended(unsigned op) {
  return op == FGPU_ANDI || op == FGPU_ORI || op == FGPU_XORI || op == FGPU_MULI;
}

void fgpu_disassemble(uint32_t w, str *out) {
  if (!fgpu_valid(w)) {
    str_printf(out, ".word 0x%08x", w);
    return;
  }
  const fgpu_info *info = &fgpu_isa[fgpu_word_op(w)];
  unsigned rd = fgpu_word_rd(w), rs = fgpu_word_rs(w), rt = fgpu_word_rt(w);
  int imm = (int16_t)w;
  switch (info->format) {
  case FGPU_F_R3:
    str_printf(out, "%s r%u, r%u, r%u", info->name, rd, rs, rt);
    break;
  case FGPU_F_RI:
    str_printf(out, "%s r%u, r%u, %d", info->name, rd, rs, zero_extended(fgpu_word_op(w)) ? imm & 0xffff : imm);
    break;
  case FGPU_F_HI:
    str_printf(out, "%s r%u, 0x%x", info->name, rd, imm & 0xffff);
    break;
  case FGPU_F_MA:
    str_printf(out, "%s r%u, r%u.%u, r%u.%u", info->name, rd, rs, w & 3, rt, w >> 2 & 3);
    break;
  case FGPU_F_BY:
    str_printf(out, "%s r%u, r%u.%u", info->name, rd, rs, w & 3);
    break;
  case FGPU_F_RQ:
    str_printf(out, "%s r%u, r%u, r%u, %u", info->name, rd, rs, rt, w & 63);
    break;
  case FGPU_F_LD:
  case FGPU_F_ST:
    str_printf(out, "%s%s%s%s r%u, %d(r%u)", info->name, w & (FGPU_LOCAL | FGPU_NOWAIT) ? "." : "",
               w & FGPU_LOCAL ? "l" : "", w & FGPU_NOWAIT ? "n" : "", rd, (int)(w & 0x3fff) - (w & 0x2000 ? 0x4000 : 0),
               rs);
    break;
  case FGPU_F_BR:
    str_printf(out, "%s r%u, .%+d", info->name, rs, imm + 1);
    break;
  case FGPU_F_S1:
    str_printf(out, "%s r%u", info->name, rs);
    break;
  case FGPU_F_D0:
    str_printf(out, "%s r%u", info->name, rd);
    break;
  case FGPU_F_D1:
    str_printf(out, "%s r%u, %u", info->name, rd, w & 1);
    break;
  case FGPU_F_LP:
    str_printf(out, "%s r%u, %u", info->name, rd, w & 15);
    break;
  case FGPU_F_N0:
    str_add(out, info->name);
    break;
  }
}

void fgpu_isa_verilog(str *out) {
  str_add(out, "// SPDX-License-Identifier: Apache-2.0\n//\n"
               "// Opcodes of the FGPU. Generated from compiler/target/fgpu/isa.h (see tests/fgpu); do not edit.\n"
               "`ifndef FGPU_ADD\n");
#define X(symbol, name, number, format, value, words) str_printf(out, "`define FGPU_%-6s 6'd%d\n", #symbol, number);
  FGPU_ISA(X)
#undef X
  str_add(out, "`endif\n");
}

void fgpu_isa_document(str *out) {
  str_add(
      out,
      "# The FGPU instruction set\n\n"
      "Generated from `compiler/target/fgpu/isa.h`; `tests/fgpu/run.sh` checks that this page is up to date.\n\n"
      "## Machine\n\n"
      "- A wavefront is 64 work-items (lanes) with one program counter: lane `i` runs on PE `i % 8` in phase `i / 8`.\n"
      "  A work-group is one wavefront. Groups form a grid of two dimensions; dimension 0 counts fastest.\n"
      "- 32 registers of 32 bits per lane. `r0` reads 0 and is never written. The others are undefined at the start.\n"
      "- Each lane has an active bit, set at the start. A lane that is not active writes no register and no memory,\n"
      "  and its operands do not reach the multiplier. Only `exec` changes it.\n"
      "- Branches go one way for the whole wavefront; the conditions ask all active lanes together.\n"
      "- Addresses are bytes, little-endian. Global memory (default) is shared; `.l` is the scratchpad, of which each\n"
      "  wavefront has its own window, addressed from 0 (addresses wrap around in it; contents undefined at the "
      "start).\n"
      "- A load or store waits until it is done, unless it carries `.n`: then the wavefront goes on. The memory unit\n"
      "  works in order, so the next access without `.n` also waits for all before it. Between a `.n` load and that\n"
      "  access its rd may be neither read nor written, and `ret` needs all loads waited for.\n"
      "- Lanes that store to one address in one instruction: the lane with the highest number wins.\n"
      "- Global stores of other wavefronts are seen by loads of a later launch only.\n"
      "- One instruction of a wavefront takes 8 cycles (one phase a cycle); after a branch 16.\n\n"
      "## Formats\n\n| format | operands | encoding: op [31:26], rd [25:21], rs [20:16], rt [15:11], imm16 [15:0] |\n"
      "|---|---|---|\n");
#define X(format, operands, encoding) str_printf(out, "| %s | `%s` | %s |\n", #format, operands, encoding);
  FGPU_FORMATS(X)
#undef X
  str_add(out, "\nBits marked - are 0. `.i`, `.j`: bytes of a register, 0 the lowest. `s`: 1 to 47.\n\n"
               "## Instructions\n\nLoads and ALU instructions write rd; the table says what.\n\n"
               "| op | name | format | effect |\n|---|---|---|---|\n");
#define X(symbol, name, number, format, value, words)                                                                  \
  str_printf(out, "| %d | `%s` | %s | %s |\n", number, name, #format, words);
  FGPU_ISA(X)
#undef X
  str_add(
      out,
      "\n`macc` and `dot4` take the low bits of each byte that the multiplier has (a 4-bit multiplier the low 4); "
      "signedness\n"
      "and the extension of the product to 32 bits are the multiplier's. All other instructions are exact.\n\n"
      "## Assembly\n\n"
      "One instruction a line; `label:` before it or alone; `;` starts a comment. Numbers are decimal or 0x....\n"
      "A branch takes a label or `.+n`, `.-n` (n instructions from the branch itself). Loads and stores take the\n"
      "suffixes `.l` (scratchpad), `.n` (do not wait), `.ln`. `.word n` places any word. Shorthands: `li rd, n` (one\n"
      "or two instructions), `mv rd, rs` (addi), `jmp label` (bnone r0), `nop` (add r0, r0, r0).\n\n"
      "## Launch descriptors\n\n"
      "16 words a launch in the launch RAM: 0 first instruction; 1 groups in dimension 0; 2 groups in dimension 1;\n"
      "3 the queue of each CV, 4 bits a CV from the lowest, 15: takes no part; 4 to 11 queue 0 to 7: the groups of\n"
      "dimension 1 that belong to it, first [15:0], end [31:16]; 12 to 15 parameters.\n");
}
