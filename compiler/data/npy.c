// SPDX-License-Identifier: Apache-2.0
//
// Data sets as NumPy arrays.
#include "compiler/base/npy.h"
#include "compiler/data/dataset.h"

// A missing file is reported with what to do about it.
static bool open_data(arena *mem, const char *path, npy *n, diag *d) {
  bytes ignored;
  return file_exists(path) ? npy_open(mem, path, n, d) : dataset_file(mem, path, &ignored, d);
}

static bool read_labels(arena *mem, const char *path, dataset *out, diag *d) {
  npy n = {0};
  if (!open_data(mem, path, &n, d))
    return false;
  if (n.rank != 1 || n.dims[0] != out->count)
    return diag_error(d, "%s: expected %zu labels in one dimension, found %zu values in %d", path, out->count, n.count,
                      n.rank);
  out->labels = npy_bytes(mem, &n, 255, d);
  return out->labels;
}

bool dataset_npy(arena *mem, const dataset_files *files, dataset *out, diag *d) {
  npy n = {0};
  if (files->image_files != 1)
    return diag_error(d, "an npy data set has one file of images, found %zu", files->image_files);
  if (!open_data(mem, files->images[0], &n, d))
    return false;
  if (n.rank < 2 || n.kind != 'u' || n.width != 1)
    return diag_error(d, "%s: expected uint8 images [N, H, W] or [N, C, H, W], or lists of numbers [N, F]", n.path);
  out->count = n.dims[0];
  out->shape = (net_shape){n.rank == 4 ? (int)n.dims[1] : 1, (int)n.dims[n.rank - 2], (int)n.dims[n.rank - 1]};
  if (n.rank == 2)
    out->shape = (net_shape){(int)n.dims[1], 1, 1};
  out->pixels = n.data;
  return !files->labels || read_labels(mem, files->labels, out, d);
}
