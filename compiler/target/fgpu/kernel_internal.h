// SPDX-License-Identifier: Apache-2.0
//
// Writing kernels: one call an instruction, and the idioms that all of them share.
#ifndef AXGEN_FGPU_KERNEL_INTERNAL_H
#define AXGEN_FGPU_KERNEL_INTERNAL_H

#include "compiler/target/fgpu/plan.h"

typedef struct {
  arena *mem;
  fgpu_code *code;
} builder;

// Parameters of a launch, by word of its descriptor.
enum { P_INPUT = 12, P_CONSTANTS = 13, P_OUTPUT = 14, P_SECOND = 15 };
enum {
  R_TMP = 31, // which every helper may overwrite
  R_ACTIVE = 30
};

void fgpu_put_r(builder *b, fgpu_op op, int rd, int rs, int rt);
void fgpu_put_i(builder *b, fgpu_op op, int rd, int rs, int64_t imm);
void fgpu_put_low(builder *b, fgpu_op op, int rd, int rs, int rt, unsigned low); // macc, accb, rq
void fgpu_put_lane(builder *b, int rd);
void fgpu_put_wgid(builder *b, int rd, int dimension);
void fgpu_put_lp(builder *b, int rd, int word);
void fgpu_put_mem(builder *b, fgpu_op op, int rd, int64_t offset, int rs, unsigned flags);
void fgpu_put_ret(builder *b);
void fgpu_put_exec(builder *b, int rs);
void fgpu_put_li(builder *b, int rd, int64_t value);
// rd = rs + n, rd = rs * n (rs below 65536 where n is not), rd = rs / n (0 <= rs < 32768)
void fgpu_put_add_const(builder *b, int rd, int rs, int64_t n);
void fgpu_put_mul_const(builder *b, int rd, int rs, int64_t n);
void fgpu_put_div_const(builder *b, int rd, int rs, int n);
// A loop that runs `count` times: the body lies between these two; reg counts down. Nothing is emitted for one turn.
int fgpu_put_loop(builder *b, int reg, int count);
void fgpu_put_loop_end(builder *b, int reg, int count, int start);

// Row kernels (all but conv): the work-items of one row of `items`. rd_item = item, rd_row = row, R_ACTIVE = whether
// there is such an item (for exec).
void fgpu_put_row_prologue(builder *b, int items, int rd_item, int rd_row);
// y = clamp(rq(acc * mult) + zero): acc in and out; rq_mult holds the multiplier
void fgpu_put_requantise(builder *b, const net_node *n, int acc, int rq_mult);
void fgpu_put_clamp(builder *b, int reg, int32_t lo, int32_t hi);

#endif
