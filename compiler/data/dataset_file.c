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
