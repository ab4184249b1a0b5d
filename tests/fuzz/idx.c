// SPDX-License-Identifier: Apache-2.0
//
// IDX, plain and gzip: as images, and as the labels of four images.
#include "tests/fuzz/fuzz.h"

#include "compiler/data/data.h"

#define IMAGES                                                                                                         \
  "\0\0\x08\x03\0\0\0\x04\0\0\0\x02\0\0\0\x02"                                                                         \
  "0123456789abcdef"

static void prepare(arena *mem) {
  (void)mem;
  fuzz_file("images.idx", IMAGES, sizeof IMAGES - 1);
}

static void make_seeds(arena *mem) {
  (void)mem;
  fuzz_seed(IMAGES, sizeof IMAGES - 1);
  static const char four[] = "\0\0\x08\x04\0\0\0\x02\0\0\0\x03\0\0\0\x01\0\0\0\x02"
                             "0123456789ab";
  fuzz_seed(four, sizeof four - 1);
  static const char labels[] = "\0\0\x08\x01\0\0\0\x04\x01\x02\x03\x09";
  fuzz_seed(labels, sizeof labels - 1);
  static const char packed[] = "\x1f\x8b\x08\0\0\0\0\0\0\x03\x01\x0c\0\xf3\xff\0\0\x08\x01\0\0\0\x04\x01\x02\x03\x09"
                               "\x8c\x3c\xdb\x5c\x0c\0\0\0"; // the checksum is not right
  fuzz_seed(packed, sizeof packed - 1);
}

static void read(arena *mem, const uint8_t *data, size_t size, diag *d) {
  const char *input = fuzz_file("input.idx", data, size);
  dataset out;
  dataset_files as_images = {.format = DATASET_IDX, .images = &input, .image_files = 1};
  dataset_read(mem, &as_images, &out, d);
  const char *images = "images.idx";
  dataset_files as_labels = {.format = DATASET_IDX, .images = &images, .image_files = 1, .labels = input};
  dataset_read(mem, &as_labels, &out, d);
}

const fuzz_parser fuzz_target = {4096, NULL, make_seeds, prepare, read};
