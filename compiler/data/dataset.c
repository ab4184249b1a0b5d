// SPDX-License-Identifier: Apache-2.0
#include "compiler/data/dataset.h"

#include <string.h>

#define FASHION_FOLDER "/usr/share/datasets/fashion-mnist"

bool dataset_file(arena *mem, const char *path, bytes *out, diag *d) {
  if (file_exists(path))
    return file_read_gz(mem, path, DATASET_MAX_FILE, out, d);
  diag_error(d, "%s: no such data file", path);
  if (strstr(path, FASHION_FOLDER) || strstr(path, "/usr/share/dataset-fashion-mnist"))
    diag_note(d, "it comes with Debian's package dataset-fashion-mnist (its folder is " FASHION_FOLDER
                 "): apt install dataset-fashion-mnist");
  else
    diag_note(d, "docs/data.md says how to get each data set");
  return false;
}

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
