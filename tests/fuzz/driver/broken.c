// SPDX-License-Identifier: Apache-2.0
//
// A parser with every fault that the drivers must find, by the input's first letter; run.sh checks that they do.
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

static void *volatile lost; // volatile: or the compiler leaves the faults out

static void read(arena *mem, const uint8_t *data, size_t size, diag *d) {
  volatile size_t beyond = size + 1;
  switch (size ? data[0] : 0) {
  case 'a': // beyond the end
    if (data[beyond])
      fuzz_file("odd", "", 0);
    break;
  case 'u': // undefined
    if ((int)beyond << (beyond + 30) == 1)
      abort();
    break;
  case 't':
    for (volatile size_t i = 0; i < SIZE_MAX; i++)
      ;
    break;
  case 'm':
    for (int i = 0; i < 64; i++)
      arena_alloc(mem, 16 << 20);
    break;
  case 'l':
    lost = malloc(16);
    if (!lost)
      abort();
    break;
  case 'f':
    file_write("unexpected", "", 0, d);
    break;
  case 'e':
    exit(0);
  }
}

const fuzz_parser fuzz_target = {16, NULL, NULL, NULL, read};
