// SPDX-License-Identifier: Apache-2.0
//
// CIFAR-10's records: the input as one file, and twice.
#include "tests/fuzz/fuzz.h"

#include "compiler/data/data.h"

enum { RECORD = 1 + 3 * 32 * 32 };

static void make_seeds(arena *mem) {
  uint8_t *records = arena_alloc(mem, 2 * RECORD);
  records[RECORD] = 9;
  fuzz_seed(records, RECORD);
  fuzz_seed(records, 2 * RECORD);
}

static void read(arena *mem, const uint8_t *data, size_t size, diag *d) {
  const char *file = fuzz_file("input.bin", data, size), *twice[] = {file, file};
  dataset out;
  for (size_t n = 1; n <= 2; n++) {
    dataset_files files = {.format = DATASET_CIFAR, .images = twice, .image_files = n};
    dataset_read(mem, &files, &out, d);
  }
}

const fuzz_parser fuzz_target = {3 * RECORD, NULL, make_seeds, NULL, read};
