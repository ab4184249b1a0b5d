// SPDX-License-Identifier: Apache-2.0
//
// Product tables, small ones. The first line says how to read what follows: ENDING INDEX A_BITS B_BITS ORDER as one
// character each.
#include "tests/fuzz/fuzz.h"

#include "genlib/genlib.h"

enum { OPTIONS = 6 };
static const char *const ENDINGS[] = {"input.bin", "input.txt", "input.h", "input.hex", "input.npy", "input.c"};

static void make_seeds(arena *mem) {
  static const char *const FORMATS[] = {"%d\n", "0x%x, ", "%02x\n"};
  for (int index = 0; index < TABLE_INDICES; index++)
    for (int ending = 0; ending < 4; ending++) {
      str s = {0};
      str_printf(&s, "%d%d22%d\n%s", ending, index, index & 1, ending == 2 ? "int t[4][4] = {\n" : "");
      for (int a = 0; a < 4; a++)
        for (int b = 0; b < 4; b++)
          if (ending)
            str_printf(&s, FORMATS[ending - 1], a * b);
          else
            str_add_n(&s, (const char[]){(char)(a * b), 0}, 2);
      str_add(&s, ending == 2 ? "}; // products\n" : "");
      fuzz_seed(arena_memdup(mem, s.data, s.len), s.len);
      str_free(&s);
    }
  static const char npy[] = "40220\n\x93NUMPY\1\0\x46\0{'descr': '|u1', 'fortran_order': False, 'shape': (4, 4), }"
                            "          \n\0\0\0\0\0\1\2\3\0\2\4\6\0\3\6\11";
  fuzz_seed(npy, sizeof npy - 1);
}

static void read(arena *mem, const uint8_t *data, size_t size, diag *d) {
  if (size < OPTIONS)
    return;
  mul_table_options o = {.index = data[1] % TABLE_INDICES, .b_major = data[4] & 1};
  // Small widths: a table of 8 x 8 bits takes long. None: found from the file.
  o.a_bits = data[2] % 6 < 2 ? 0 : data[2] % 6;
  o.b_bits = o.a_bits ? 2 + data[3] % 4 : 0;
  const char *name = ENDINGS[data[0] % BASE_COUNT(ENDINGS)];
  const mul *m = mul_import_table(mem, fuzz_file(name, data + OPTIONS, size - OPTIONS), &o, d);
  if (m)
    mul_apply(m, m->sig.a_signed ? -1 : 1, 1);
}

const fuzz_parser fuzz_target = {4096, NULL, make_seeds, NULL, read};
