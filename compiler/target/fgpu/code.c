// SPDX-License-Identifier: Apache-2.0
#include "compiler/target/fgpu/asm.h"

void fgpu_code_add(arena *mem, fgpu_code *code, uint32_t word) {
  arena_grow(mem, code->words, code->count, code->cap);
  code->words[code->count++] = word;
}

static bool is_short(uint32_t value) { return (int32_t)value >= -32768 && (int32_t)value <= 32767; }

size_t fgpu_li_words(uint32_t value) { return is_short(value) || !(value & 0xffff) ? 1 : 2; }

void fgpu_code_li(arena *mem, fgpu_code *code, unsigned rd, uint32_t value) {
  if (is_short(value)) {
    fgpu_code_add(mem, code, fgpu_i(FGPU_ADDI, rd, 0, (int32_t)value));
    return;
  }
  fgpu_code_add(mem, code, fgpu_i(FGPU_LUI, rd, 0, (int32_t)(value >> 16)));
  if (value & 0xffff)
    fgpu_code_add(mem, code, fgpu_i(FGPU_ORI, rd, rd, (int32_t)(value & 0xffff)));
}

void fgpu_listing(const fgpu_code *code, str *out) {
  for (size_t i = 0; i < code->count; i++) {
    str_printf(out, "%5zu  %08x  ", i, code->words[i]);
    fgpu_disassemble(code->words[i], out);
    str_add(out, "\n");
  }
}
