// SPDX-License-Identifier: Apache-2.0
#include "compiler/target/fgpu/kernel_internal.h"

static void put(builder *b, uint32_t word) {
  assert(fgpu_valid(word));
  fgpu_code_add(b->mem, b->code, word);
}

void put_r(builder *b, fgpu_op op, int rd, int rs, int rt) {
  put(b, fgpu_r(op, (unsigned)rd, (unsigned)rs, (unsigned)rt, 0));
}

void put_i(builder *b, fgpu_op op, int rd, int rs, int64_t imm) {
  bool zero = op == FGPU_ANDI || op == FGPU_ORI || op == FGPU_XORI || op == FGPU_MULI;
  assert(zero ? imm >= 0 && imm <= 65535 : imm >= -32768 && imm <= 32767);
  put(b, fgpu_i(op, (unsigned)rd, (unsigned)rs, (int32_t)imm));
}

void put_low(builder *b, fgpu_op op, int rd, int rs, int rt, unsigned low) {
  put(b, fgpu_r(op, (unsigned)rd, (unsigned)rs, (unsigned)rt, low));
}

void put_lid(builder *b, int rd) { put(b, fgpu_r(FGPU_LID, (unsigned)rd, 0, 0, 0)); }
void put_wgid(builder *b, int rd, int d) { put(b, fgpu_r(FGPU_WGID, (unsigned)rd, 0, 0, (unsigned)d)); }
void put_lp(builder *b, int rd, int word) { put(b, fgpu_r(FGPU_LP, (unsigned)rd, 0, 0, (unsigned)word)); }
void put_ret(builder *b) { put(b, fgpu_r(FGPU_RET, 0, 0, 0, 0)); }
void put_exec(builder *b, int rs) { put(b, fgpu_r(FGPU_EXEC, 0, (unsigned)rs, 0, 0)); }

void put_mem(builder *b, fgpu_op op, int rd, int64_t offset, int rs, unsigned flags) {
  assert(offset >= -8192 && offset <= 8191);
  put(b, fgpu_i(op, (unsigned)rd, (unsigned)rs, (int32_t)(((uint32_t)offset & 0x3fff) | flags)));
}

void put_li(builder *b, int rd, int64_t value) { fgpu_code_li(b->mem, b->code, (unsigned)rd, (uint32_t)value); }

void put_add_const(builder *b, int rd, int rs, int64_t n) {
  if (n == 0 && rd == rs)
    return;
  if (n >= -32768 && n <= 32767) {
    put_i(b, FGPU_ADDI, rd, rs, n);
    return;
  }
  put_li(b, R_TMP, n);
  put_r(b, FGPU_ADD, rd, rs, R_TMP);
}

static int log2_of(int64_t n) { // -1: not a power of two
  return n > 0 && !(n & (n - 1)) ? __builtin_ctzll((unsigned long long)n) : -1;
}

void put_mul_const(builder *b, int rd, int rs, int64_t n) {
  int shift = log2_of(n);
  if (shift >= 0) {
    if (shift || rd != rs)
      put_i(b, FGPU_SLLI, rd, rs, shift);
  } else if (n <= 65535) {
    put_i(b, FGPU_MULI, rd, rs, n);
  } else {
    put_li(b, R_TMP, n);
    put_r(b, FGPU_MUL, rd, R_TMP, rs);
  }
}

// floor(x / n) = round((2x - n + 1) / 2n), whose argument stays 1 / 2n away from the middle between two integers:
// enough for a reciprocal of 16 bits as long as x < 32768.
void put_div_const(builder *b, int rd, int rs, int n) {
  int shift = log2_of(n);
  if (shift >= 0) {
    put_i(b, FGPU_SRLI, rd, rs, shift);
    return;
  }
  int s = 15;
  while (((int64_t)1 << (s + 1)) / (2 * n) <= 65535 - 1)
    s++;
  int64_t m = (((int64_t)1 << s) + n) / (2 * n);
  put_i(b, FGPU_SLLI, rd, rs, 1);
  put_add_const(b, rd, rd, 1 - n);
  put_li(b, R_TMP, m);
  put_low(b, FGPU_RQ, rd, rd, R_TMP, (unsigned)s);
}

int put_loop(builder *b, int reg, int count) {
  if (count > 1)
    put_li(b, reg, count);
  return (int)b->code->count;
}

void put_loop_end(builder *b, int reg, int count, int start) {
  if (count <= 1)
    return;
  put_i(b, FGPU_ADDI, reg, reg, -1);
  put_i(b, FGPU_BANY, 0, reg, start - (int64_t)b->code->count - 1);
}

void put_row_prologue(builder *b, int items, int rd_item, int rd_row) {
  put_wgid(b, R_TMP, 0);
  put_i(b, FGPU_SLLI, R_TMP, R_TMP, 6);
  put_lid(b, rd_item);
  put_r(b, FGPU_ADD, rd_item, rd_item, R_TMP);
  put_wgid(b, rd_row, 1);
  put_i(b, FGPU_SLTI, R_ACTIVE, rd_item, items);
}

void put_clamp(builder *b, int reg, int32_t lo, int32_t hi) {
  put_li(b, R_TMP, (int64_t)(((uint32_t)hi << 16) | ((uint32_t)lo & 0xffff)));
  put_r(b, FGPU_CLAMP, reg, reg, R_TMP);
}

void put_requantise(builder *b, const net_node *n, int acc, int rq_mult) {
  put_low(b, FGPU_RQ, acc, acc, rq_mult, (unsigned)n->shift);
  put_add_const(b, acc, acc, n->quant.zero);
  put_clamp(b, acc, n->lo, n->hi);
}
