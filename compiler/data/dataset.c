// SPDX-License-Identifier: Apache-2.0
#include "compiler/data/dataset.h"

#include <string.h>

// The images that are asked for.
static bool cut(const dataset_files *files, dataset *all, diag *d) {
  if (files->first >= all->count || files->count > all->count - files->first)
    return diag_error(d, "%s: images %zu to %zu are asked for, and there are %zu", files->images[0], files->first,
                      files->count ? files->first + files->count - 1 : files->first, all->count);
  all->pixels += files->first * (size_t)net_shape_size(all->shape);
  all->labels = all->labels ? all->labels + files->first : NULL;
  all->count = files->count ? files->count : all->count - files->first;
  return true;
}

bool dataset_read(arena *mem, const dataset_files *files, dataset *out, diag *d) {
  static bool (*const readers[])(arena *, const dataset_files *, dataset *, diag *) = {
      [DATASET_IDX] = dataset_idx, [DATASET_CIFAR] = dataset_cifar, [DATASET_NPY] = dataset_npy};
  *out = (dataset){0};
  if (!readers[files->format](mem, files, out, d))
    return false;
  if (!cut(files, out, d))
    return false;
  for (size_t i = 0; out->labels && i < out->count; i++)
    if (out->labels[i] >= out->classes)
      out->classes = out->labels[i] + 1;
  return true;
}
