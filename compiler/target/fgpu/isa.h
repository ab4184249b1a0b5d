// SPDX-License-Identifier: Apache-2.0
//
// The FGPU instruction set, once: the assembler, the disassembler, the simulator, the Verilog decoder's constants
// (rtl_templates/fgpu/fgpu_isa.vh) and docs/fgpu-isa.md all come from the table below.
#ifndef AXGEN_FGPU_ISA_H
#define AXGEN_FGPU_ISA_H

#include "compiler/base/base.h"

// A word: op [31:26], rd [25:21], rs [20:16], rt [15:11] or imm16 [15:0]. Bits that a format does not use are 0.
// clang-format off
//               operands in assembly      encoding
#define FGPU_FORMATS(X)                                                                                                \
  X(R3, "rd, rs, rt",                      "op rd rs rt -")                                                            \
  X(RI, "rd, rs, imm",                     "op rd rs imm16")                                                           \
  X(HI, "rd, imm",                         "op rd - imm16")                                                            \
  X(MA, "rd, rs.i, rt.j",                  "op rd rs rt; i [1:0], j [3:2]")                                            \
  X(BY, "rd, rs.i",                        "op rd rs -; i [1:0]")                                                      \
  X(RQ, "rd, rs, rt, s",                   "op rd rs rt; s [5:0], 1 to 47")                                            \
  X(LD, "rd, offset(rs)",                  "op rd rs; .l [15], .n [14], offset [13:0] signed")                         \
  X(ST, "rd, offset(rs)",                  "op rd rs; .l [15], .n [14], offset [13:0] signed")                         \
  X(BR, "rs, label",                       "op - rs imm16 (from the next instruction)")                                \
  X(S1, "rs",                              "op - rs -")                                                                \
  X(D0, "rd",                              "op rd - -")                                                                \
  X(D1, "rd, d",                           "op rd - -; d [0]")                                                         \
  X(LP, "rd, k",                           "op rd - -; k [3:0]")                                                       \
  X(N0, "",                                "op - - -")

// The value column is what a lane writes to rd (C, 32 bits): a, b are rs and rt (or the immediate: zero-extended for
// andi, ori and xori, else sign-extended), c is the old rd, s the low bits of the word. 0 where nothing is computed.
// In the group 0..15 the number is the ALU's function; 16 + function takes an immediate.
//    symbol  name      no  fmt  value                                       in words
#define FGPU_ISA(X)                                                                                                    \
  X(ADD,    "add",     0, R3, a + b,                                       "rs + rt")                                  \
  X(SUB,    "sub",     1, R3, a - b,                                       "rs - rt")                                  \
  X(AND,    "and",     2, R3, a & b,                                       "rs & rt")                                  \
  X(OR,     "or",      3, R3, a | b,                                       "rs \\| rt")                                \
  X(XOR,    "xor",     4, R3, a ^ b,                                       "rs ^ rt")                                  \
  X(SLL,    "sll",     5, R3, a << (b & 31),                               "rs << rt[4:0]")                            \
  X(SRL,    "srl",     6, R3, a >> (b & 31),                               "rs >> rt[4:0], zeros come in")             \
  X(SRA,    "sra",     7, R3, (uint32_t)((int32_t)a >> (b & 31)),          "rs >> rt[4:0], signs come in")             \
  X(SLT,    "slt",     8, R3, (int32_t)a < (int32_t)b,                     "1 if rs < rt, signed, else 0")             \
  X(SLTU,   "sltu",    9, R3, a < b,                                       "1 if rs < rt, unsigned, else 0")           \
  X(MIN,    "min",    10, R3, (int32_t)a < (int32_t)b ? a : b,             "the lesser of rs, rt, signed")             \
  X(MAX,    "max",    11, R3, (int32_t)a > (int32_t)b ? a : b,             "the greater of rs, rt, signed")            \
  X(MUL,    "mul",    12, R3, a * (b & 0xffff),                            "rs * rt[15:0] (unsigned), low 32 bits; exact") \
  X(CLAMP,  "clamp",  13, R3, fgpu_clamp(a, b),                            "rs clamped to rt[15:0] .. rt[31:16], both signed") \
  X(ADDI,   "addi",   16, RI, a + b,                                       "rs + imm")                                 \
  X(ANDI,   "andi",   18, RI, a & b,                                       "rs & imm, imm zero-extended")              \
  X(ORI,    "ori",    19, RI, a | b,                                       "rs \\| imm, imm zero-extended")            \
  X(XORI,   "xori",   20, RI, a ^ b,                                       "rs ^ imm, imm zero-extended")              \
  X(SLLI,   "slli",   21, RI, a << (b & 31),                               "rs << imm[4:0]")                           \
  X(SRLI,   "srli",   22, RI, a >> (b & 31),                               "rs >> imm[4:0], zeros come in")            \
  X(SRAI,   "srai",   23, RI, (uint32_t)((int32_t)a >> (b & 31)),          "rs >> imm[4:0], signs come in")            \
  X(SLTI,   "slti",   24, RI, (int32_t)a < (int32_t)b,                     "1 if rs < imm, signed, else 0")            \
  X(SLTIU,  "sltiu",  25, RI, a < b,                                       "1 if rs < imm (sign-extended), both taken as unsigned, else 0") \
  X(MINI,   "mini",   26, RI, (int32_t)a < (int32_t)b ? a : b,             "the lesser of rs, imm, signed")            \
  X(MAXI,   "maxi",   27, RI, (int32_t)a > (int32_t)b ? a : b,             "the greater of rs, imm, signed")           \
  X(MULI,   "muli",   28, RI, a * (b & 0xffff),                            "rs * imm, imm 0 to 65535, low 32 bits; exact") \
  X(LUI,    "lui",    31, HI, b << 16,                                     "imm << 16")                                \
  X(LB,     "lb",     32, LD, 0,                                           "signed byte at rs + offset")               \
  X(LBU,    "lbu",    33, LD, 0,                                           "unsigned byte at rs + offset")             \
  X(LH,     "lh",     34, LD, 0,                                           "signed half at rs + offset (bit 0 ignored)") \
  X(LHU,    "lhu",    35, LD, 0,                                           "unsigned half at rs + offset (bit 0 ignored)") \
  X(LW,     "lw",     36, LD, 0,                                           "word at rs + offset (bits 1:0 ignored)")   \
  X(SB,     "sb",     37, ST, 0,                                           "byte at rs + offset = rd[7:0]")            \
  X(SH,     "sh",     38, ST, 0,                                           "half at rs + offset (bit 0 ignored) = rd[15:0]") \
  X(SW,     "sw",     39, ST, 0,                                           "word at rs + offset (bits 1:0 ignored) = rd") \
  X(MACC,   "macc",   40, MA, c + fgpu_product(m, a >> 8 * (s & 3), b >> 8 * (s >> 2 & 3)),                            \
                                                                           "rd + f(byte i of rs, byte j of rt), f the PE's own multiplier") \
  X(ACCB,   "accb",   41, BY, c + (uint32_t)(int8_t)(a >> 8 * (s & 3)),    "rd + byte i of rs, signed")                \
  X(ACCBU,  "accbu",  42, BY, c + (uint8_t)(a >> 8 * (s & 3)),             "rd + byte i of rs, unsigned")              \
  X(RQ,     "rq",     43, RQ, fgpu_requantise(a, b, s & 63),               "(rs * rt[15:0] + 2^(s-1)) >> s (rs signed, rt unsigned, 49 bits inside), saturated to 24 bits") \
  X(DOT4,   "dot4",   44, R3, c + fgpu_dot4(m, a, b),                      "rd + the four products f(byte i of rs, byte i of rt); only where PEs have four multipliers") \
  X(BANY,   "bany",   48, BR, 0,                                           "branch if rs is not 0 in any active lane") \
  X(BNONE,  "bnone",  49, BR, 0,                                           "branch if rs is 0 in every active lane")   \
  X(EXEC,   "exec",   50, S1, 0,                                           "in every lane, active or not: active = (rs is not 0)") \
  X(RET,    "ret",    51, N0, 0,                                           "the wavefront ends")                       \
  X(LANE,   "lane",   56, D0, lane,                                        "the work-item's number in its group, 0 to 63") \
  X(WGID,   "wgid",   57, D1, g->group[s & 1],                             "the group's number in dimension d")        \
  X(WGOFF,  "wgoff",  58, D1, g->group[s & 1] << (s & 1 ? 0 : 6),          "the number of the group's first work-item in dimension d") \
  X(WGSIZE, "wgsize", 59, D1, s & 1 ? 1 : 64,                              "work-items of a group in dimension d: 64, 1") \
  X(SIZE,   "size",   60, D1, s & 1 ? g->groups[1] : g->groups[0] << 6,    "work-items of the launch in dimension d")  \
  X(LP,     "lp",     61, LP, g->launch[s & 15],                           "word k of the launch's descriptor; 12 to 15 are its parameters")
// clang-format on

typedef enum {
#define X(format, operands, encoding) FGPU_F_##format,
  FGPU_FORMATS(X)
#undef X
} fgpu_format;

typedef enum {
#define X(symbol, name, number, format, value, words) FGPU_##symbol = number,
  FGPU_ISA(X)
#undef X
} fgpu_op;

enum { FGPU_LOCAL = 1 << 15, FGPU_NOWAIT = 1 << 14 }; // the flags .l and .n of loads and stores

typedef struct {
  const char *name; // NULL: no such instruction
  fgpu_format format;
  const char *words;
} fgpu_info;
extern const fgpu_info fgpu_isa[64];

// Fields of a word.
static inline unsigned fgpu_word_op(uint32_t w) { return w >> 26; }
static inline unsigned fgpu_word_rd(uint32_t w) { return w >> 21 & 31; }
static inline unsigned fgpu_word_rs(uint32_t w) { return w >> 16 & 31; }
static inline unsigned fgpu_word_rt(uint32_t w) { return w >> 11 & 31; }

// Builders of words, one a shape of encoding.
static inline uint32_t fgpu_r(fgpu_op op, unsigned rd, unsigned rs, unsigned rt, unsigned low) {
  return (uint32_t)op << 26 | rd << 21 | rs << 16 | rt << 11 | low;
}
static inline uint32_t fgpu_i(fgpu_op op, unsigned rd, unsigned rs, int32_t imm) {
  return (uint32_t)op << 26 | rd << 21 | rs << 16 | ((uint32_t)imm & 0xffff);
}

// Whether the word is an instruction with all its unused bits 0.
bool fgpu_valid(uint32_t word);
// One instruction as assembly text; branches as `.+n` (n from the branch itself); what is not valid as `.word 0x...`.
void fgpu_disassemble(uint32_t word, str *out);

// The generated files: rtl_templates/fgpu/fgpu_isa.vh and docs/fgpu-isa.md (tests/fgpu compares them).
void fgpu_isa_verilog(str *out);
void fgpu_isa_document(str *out);

// What the table's value column calls.
static inline uint32_t fgpu_clamp(uint32_t a, uint32_t b) {
  return (uint32_t)clamp64((int32_t)a, (int16_t)b, (int16_t)(b >> 16));
}
static inline uint32_t fgpu_requantise(uint32_t a, uint32_t b, unsigned s) {
  int64_t y = ((int64_t)(int32_t)a * (uint16_t)b + ((int64_t)1 << (s - 1))) >> s;
  return (uint32_t)clamp64(y, -(1 << 23), (1 << 23) - 1);
}

#endif
