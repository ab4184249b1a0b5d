// SPDX-License-Identifier: Apache-2.0
//
// Contents of ROMs: files as $readmemh reads them, one word a line.
#include "sim/gates/gates_internal.h"

static int digit_of(uint8_t c) {
  return c >= '0' && c <= '9'   ? c - '0'
         : c >= 'a' && c <= 'f' ? c - 'a' + 10
         : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                : -1;
}

bool gates_read_rom(const char *path, gates_memory *m, diag *d) {
  arena *scratch = arena_new();
  bytes text;
  bool ok = file_read(scratch, path, (size_t)1 << 30, &text, d);
  size_t at = 0;
  for (int64_t w = 0; ok && w < m->words->depth; w++) {
    while (at < text.size && (text.data[at] == '\n' || text.data[at] == '\r' || text.data[at] == ' '))
      at++;
    size_t end = at;
    while (end < text.size && digit_of(text.data[end]) >= 0)
      end++;
    if (end == at || (end < text.size && text.data[end] > ' '))
      ok = diag_error(d, "%s: word %lld of %lld is no hexadecimal number", path, (long long)w,
                      (long long)m->words->depth);
    for (size_t i = 0; ok && i < end - at && 4 * i < 64 * m->stride; i++)
      m->content[(size_t)w * m->stride + i / 16] |= (uint64_t)digit_of(text.data[end - 1 - i]) << (4 * (i % 16));
    at = end;
  }
  arena_free(scratch);
  return ok;
}
