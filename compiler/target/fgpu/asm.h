// SPDX-License-Identifier: Apache-2.0
//
// Programs as words: growing them, assembling them from text, printing them.
#ifndef AXGEN_FGPU_ASM_H
#define AXGEN_FGPU_ASM_H

#include "compiler/target/fgpu/isa.h"

enum { FGPU_MAX_CODE = 65536 };

typedef struct {
  uint32_t *words;
  size_t count, cap;
} fgpu_code;

void fgpu_code_add(arena *mem, fgpu_code *code, uint32_t word);
// rd = value, in as few instructions as it takes.
void fgpu_code_li(arena *mem, fgpu_code *code, unsigned rd, uint32_t value);
size_t fgpu_li_words(uint32_t value);

// Assembles a text (docs/fgpu-isa.md). All errors are reported, with line and column.
bool fgpu_assemble(arena *mem, const char *file, const char *text, fgpu_code *out, diag *d);
// One line an instruction: `address  word  text`.
void fgpu_listing(const fgpu_code *code, str *out);

#endif
