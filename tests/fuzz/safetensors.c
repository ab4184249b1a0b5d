// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/fuzz.h"

#include "compiler/net/safetensors.h"

static void make_seeds(arena *mem) {
  static const double v[6] = {1, 2, 3, 4, 5, 6};
  st_tensor t[ST_TYPES];
  size_t count = 0;
  for (int type = 0; type < ST_TYPES; type++)
    t[count++] = (st_tensor){.name = arena_printf(mem, "conv%d.weight", type),
                             .type = (st_type)type,
                             .rank = 2,
                             .dim = {2, 3},
                             .count = 6,
                             .data = v};
  bytes file = safetensors_write(mem, t, count);
  fuzz_seed(file.data, file.size);
}

static void read(arena *mem, const uint8_t *data, size_t size, diag *d) {
  st_file file;
  if (!safetensors_read(mem, fuzz_file("weights.safetensors", data, size), &file, d))
    return;
  for (size_t i = 0; i < file.count; i++)
    safetensors_find(&file, file.tensors[i].name);
  safetensors_write(mem, file.tensors, file.count);
}

const fuzz_parser fuzz_target = {8192, "tests/config/tiny/weights.safetensors", make_seeds, NULL, read};
