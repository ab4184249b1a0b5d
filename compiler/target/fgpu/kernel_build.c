// SPDX-License-Identifier: Apache-2.0
#include "compiler/target/fgpu/kernel_internal.h"

static void put(builder *b, uint32_t word) {
  assert(fgpu_valid(word));
  fgpu_code_add(b->mem, b->code, word);
}

void fgpu_put_r(builder *b, fgpu_op op, int rd, int rs, int rt) {
  put(b, fgpu_r(op, (unsigned)rd, (unsigned)rs, (unsigned)rt, 0));
}

void fgpu_put_i(builder *b, fgpu_op op, int rd, int rs, int64_t imm) {
  bool zero = op == FGPU_ANDI || op == FGPU_ORI || op == FGPU_XORI || op == FGPU_MULI;
  assert(zero ? imm >= 0 && imm <= 65535 : imm >= -32768 && imm <= 32767);
  put(b, fgpu_i(op, (unsigned)rd, (unsigned)rs, (int32_t)imm));
}

void fgpu_put_low(builder *b, fgpu_op op, int rd, int rs, int rt, unsigned low) {
  put(b, fgpu_r(op, (unsigned)rd, (unsigned)rs, (unsigned)rt, low));
}

void fgpu_put_lane(builder *b, int rd) { put(b, fgpu_r(FGPU_LANE, (unsigned)rd, 0, 0, 0)); }
void fgpu_put_wgid(builder *b, int rd, int d) { put(b, fgpu_r(FGPU_WGID, (unsigned)rd, 0, 0, (unsigned)d)); }
void fgpu_put_lp(builder *b, int rd, int word) { put(b, fgpu_r(FGPU_LP, (unsigned)rd, 0, 0, (unsigned)word)); }
void fgpu_put_ret(builder *b) { put(b, fgpu_r(FGPU_RET, 0, 0, 0, 0)); }
void fgpu_put_exec(builder *b, int rs) { put(b, fgpu_r(FGPU_EXEC, 0, (unsigned)rs, 0, 0)); }

void fgpu_put_mem(builder *b, fgpu_op op, int rd, int64_t offset, int rs, unsigned flags) {
  assert(offset >= -8192 && offset <= 8191);
  put(b, fgpu_i(op, (unsigned)rd, (unsigned)rs, (int32_t)(((uint32_t)offset & 0x3fff) | flags)));
}

void fgpu_put_li(builder *b, int rd, int64_t value) { fgpu_code_li(b->mem, b->code, (unsigned)rd, (uint32_t)value); }

void fgpu_put_add_const(builder *b, int rd, int rs, int64_t n) {
  if (n == 0 && rd == rs)
    return;
  if (n >= -32768 && n <= 32767) {
    fgpu_put_i(b, FGPU_ADDI, rd, rs, n);
    return;
  }
  fgpu_put_li(b, R_TMP, n);
  fgpu_put_r(b, FGPU_ADD, rd, rs, R_TMP);
}

static int log2_of(int64_t n) { // -1: not a power of two
  return n > 0 && !(n & (n - 1)) ? __builtin_ctzll((unsigned long long)n) : -1;
}

void fgpu_put_mul_const(builder *b, int rd, int rs, int64_t n) {
  int shift = log2_of(n);
  if (shift >= 0) {
    if (shift || rd != rs)
      fgpu_put_i(b, FGPU_SLLI, rd, rs, shift);
  } else if (n <= 65535) {
    fgpu_put_i(b, FGPU_MULI, rd, rs, n);
  } else {
    fgpu_put_li(b, R_TMP, n);
    fgpu_put_r(b, FGPU_MUL, rd, R_TMP, rs);
  }
}

// floor(x / n) = round((2x - n + 1) / 2n), whose argument stays 1 / 2n away from the middle between two integers:
// enough for a reciprocal of 16 bits as long as x < 32768.
void fgpu_put_div_const(builder *b, int rd, int rs, int n) {
  int shift = log2_of(n);
  if (shift >= 0) {
    fgpu_put_i(b, FGPU_SRLI, rd, rs, shift);
    return;
  }
  int s = 15;
  while (((int64_t)1 << (s + 1)) / (2 * n) <= 65535 - 1)
    s++;
  int64_t m = (((int64_t)1 << s) + n) / (2 * n);
  fgpu_put_i(b, FGPU_SLLI, rd, rs, 1);
  fgpu_put_add_const(b, rd, rd, 1 - n);
  fgpu_put_li(b, R_TMP, m);
  fgpu_put_low(b, FGPU_RQ, rd, rd, R_TMP, (unsigned)s);
}

int fgpu_put_loop(builder *b, int reg, int count) {
  if (count > 1)
    fgpu_put_li(b, reg, count);
  return (int)b->code->count;
}

void fgpu_put_loop_end(builder *b, int reg, int count, int start) {
  if (count <= 1)
    return;
  fgpu_put_i(b, FGPU_ADDI, reg, reg, -1);
  fgpu_put_i(b, FGPU_BANY, 0, reg, start - (int64_t)b->code->count - 1);
}

void fgpu_put_row_prologue(builder *b, int items, int rd_item, int rd_row) {
  fgpu_put_wgid(b, R_TMP, 0);
  fgpu_put_i(b, FGPU_SLLI, R_TMP, R_TMP, 6);
  fgpu_put_lane(b, rd_item);
  fgpu_put_r(b, FGPU_ADD, rd_item, rd_item, R_TMP);
  fgpu_put_wgid(b, rd_row, 1);
  fgpu_put_i(b, FGPU_SLTI, R_ACTIVE, rd_item, items);
}

void fgpu_put_clamp(builder *b, int reg, int32_t lo, int32_t hi) {
  fgpu_put_li(b, R_TMP, (int64_t)(((uint32_t)hi << 16) | ((uint32_t)lo & 0xffff)));
  fgpu_put_r(b, FGPU_CLAMP, reg, reg, R_TMP);
}

void fgpu_put_requantise(builder *b, const net_node *n, int acc, int rq_mult) {
  fgpu_put_low(b, FGPU_RQ, acc, acc, rq_mult, (unsigned)n->shift);
  fgpu_put_add_const(b, acc, acc, n->quant.zero);
  fgpu_put_clamp(b, acc, n->lo, n->hi);
}
