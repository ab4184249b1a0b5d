// SPDX-License-Identifier: Apache-2.0
#include "compiler/data/dataset.h"

#include <string.h>

bool dataset_read(arena *mem, const dataset_files *files, dataset *out, diag *d) {
  static bool (*const readers[])(arena *, const dataset_files *, dataset *, diag *) = {
      [DATASET_IDX] = idx_read, [DATASET_CIFAR] = cifar_read, [DATASET_NPY] = npy_read};
  *out = (dataset){0};
  if (!readers[files->format](mem, files, out, d))
    return false;
  for (size_t i = 0; out->labels && i < out->count; i++)
    if (out->labels[i] >= out->classes)
      out->classes = out->labels[i] + 1;
  return true;
}
