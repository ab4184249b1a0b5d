// SPDX-License-Identifier: Apache-2.0
//
// Product tables of 8 x 8 bits and of others. An input is `ENDING CONVENTION ORDER` (three digits) and what is then
// repeated until it is as long as a table: few bytes reach everything. At its end comes what is left, once.
#include "tests/fuzz/fuzz.h"

#include "genlib/genlib.h"

#include <string.h>

enum { CELLS = 65536 };

static void make_seeds(arena *mem) {
  (void)mem;
  for (int ending = 0; ending < 4; ending++)
    for (int convention = 0; convention < 4; convention++) {
      char text[128];
      snprintf(text, sizeof text, "%d%d%d %s", ending, convention, ending & 1,
               ending == 0 ? "\x10\xf0" : "0x10, -7 ,{3} 255 // note\n");
      fuzz_seed_text(text);
    }
}

static void read(arena *mem, const uint8_t *data, size_t size, diag *d) {
  static const char *const ENDINGS[] = {"input.bin", "input.txt", "input.h", "input.hex"};
  if (size < 5)
    return;
  mul_table_options o = {.index = data[1] % 4, .b_major = data[2] & 1};
  bool words = data[0] % 4 == 0;
  const uint8_t *part = data + 4;
  size_t n = size - 4, numbers = 1;
  for (size_t i = 1; i < n; i++)
    numbers += strchr(" ,\n", part[i]) != NULL;
  size_t times = words ? 2 * CELLS / n : CELLS / numbers, most = words ? 2 * CELLS : times * n;
  str s = {0};
  if (data[0] % 4 == 2)
    str_add(&s, "int t[256][256] = {\n");
  for (size_t i = 0; i <= times && s.len < most && s.len < 1 << 20; i++)
    str_add_n(&s, (const char *)part, words && n > most - s.len ? most - s.len : n);
  const mul *m = mul_import_table(mem, fuzz_file(ENDINGS[data[0] % 4], s.data, s.len), &o, d);
  // The same of other widths, as many products as there happen to be.
  o.a_bits = 2 + (data[2] >> 1) % 7, o.b_bits = 2 + data[3] % 7;
  size_t few = words ? (size_t)2 << (o.a_bits + o.b_bits) : n;
  const char *small = fuzz_file(ENDINGS[data[0] % 4], s.data, few < s.len ? few : s.len);
  m = mul_import_table(mem, small, &o, d) ? m : NULL;
  str_free(&s);
  if (m)
    mul_apply(m, -1, 1);
}

const fuzz_parser fuzz_target = {512, NULL, make_seeds, NULL, read};
