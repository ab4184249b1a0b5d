// SPDX-License-Identifier: Apache-2.0
//
// What the host and the memory of a tile are given, as text for testbenches.
#include "compiler/target/fgpu/emit_internal.h"

void fgpu_write_host(const fgpu_code *code, const fgpu_descriptor *launches, size_t count, str *out) {
  for (size_t i = 0; i < code->count; i++)
    str_printf(out, "%05zx %08x\n", 0x40000 + i, code->words[i]);
  for (size_t i = 0; i < count * FGPU_DESCRIPTOR; i++)
    str_printf(out, "%05zx %08x\n", 0x80000 + i, launches[i / FGPU_DESCRIPTOR][i % FGPU_DESCRIPTOR]);
}

void fgpu_write_lines(const uint8_t *memory, size_t size, str *out) {
  for (size_t line = 0; line < size; line += FGPU_LINE) {
    for (size_t i = line + FGPU_LINE; i-- > line;)
      str_printf(out, "%02x", i < size ? memory[i] : 0);
    str_add(out, "\n");
  }
}

void fgpu_write_constants(const fgpu_program *p, str *out) {
  str_printf(out, "@%x\n", p->constant_base / FGPU_LINE);
  fgpu_write_lines(p->constants, p->constant_bytes, out);
}
