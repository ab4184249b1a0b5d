// SPDX-License-Identifier: Apache-2.0
//
// NumPy's .npy: as images, as labels, and as an assignment's numbers.
#include "tests/fuzz/fuzz.h"

#include "compiler/data/data.h"
#include "compiler/base/npy.h"

#include <string.h>

static bytes npy_of(arena *mem, const char *descr, const char *shape, size_t size) {
  char *dict = arena_printf(mem, "{'descr': '%s', 'fortran_order': False, 'shape': %s, }\n", descr, shape);
  str s = {0};
  str_add_n(&s, "\x93NUMPY\1\0", 8);
  str_printf(&s, "%c", (char)strlen(dict));
  str_add_n(&s, "", 1);
  str_add(&s, dict);
  for (size_t i = 0; i < size; i++)
    str_add_n(&s, i % 3 ? "\0" : "\1", 1);
  bytes out = {arena_memdup(mem, s.data, s.len), s.len};
  str_free(&s);
  return out;
}

static void prepare(arena *mem) {
  bytes images = npy_of(mem, "|u1", "(4, 2, 2)", 16);
  fuzz_file("images.npy", images.data, images.size);
}

static void make_seeds(arena *mem) {
  static const struct {
    const char *descr, *shape;
    size_t size;
  } SEEDS[] = {{"|u1", "(4, 2, 2)", 16},     {"|u1", "(1, 3, 4, 4)", 48}, {"<i8", "(4,)", 32},
               {"<i4", "(6, 4, 3, 3)", 864}, {"<u2", "(2, 3)", 12},       {"|i1", "(4,)", 4}};
  for (size_t i = 0; i < BASE_COUNT(SEEDS); i++) {
    bytes file = npy_of(mem, SEEDS[i].descr, SEEDS[i].shape, SEEDS[i].size);
    fuzz_seed(file.data, file.size);
  }
}

static void read(arena *mem, const uint8_t *data, size_t size, diag *d) {
  const char *input = fuzz_file("input.npy", data, size), *images = "images.npy";
  dataset out;
  dataset_files as_images = {.format = DATASET_NPY, .images = &input, .image_files = 1};
  dataset_files as_labels = {.format = DATASET_NPY, .images = &images, .image_files = 1, .labels = input};
  dataset_read(mem, &as_images, &out, d);
  dataset_read(mem, &as_labels, &out, d);
  npy n;
  if (npy_open(mem, input, &n, d)) {
    npy_bytes(mem, &n, 3, d);
    npy_list(mem, n.dims, n.rank);
  }
}

const fuzz_parser fuzz_target = {4096, "tests/config/errors/conv2.npy", make_seeds, prepare, read};
