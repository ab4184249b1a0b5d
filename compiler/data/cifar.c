// SPDX-License-Identifier: Apache-2.0
//
// CIFAR-10's binary format: records of a label byte and three planes of 32 x 32.
#include "compiler/data/dataset.h"

#include <string.h>

enum { PIXELS = 3 * 32 * 32, RECORD = 1 + PIXELS };

bool dataset_cifar(arena *mem, const dataset_files *files, dataset *out, diag *d) {
  bytes *parts = arena_new_array(mem, bytes, files->image_files);
  size_t total = 0;
  for (size_t i = 0; i < files->image_files; i++) {
    const char *path = files->images[i];
    if (!dataset_file(mem, path, &parts[i], d))
      return false;
    size_t tail = parts[i].size % RECORD;
    if (tail || !parts[i].size)
      return diag_error(
          d, "%s: byte %zu: the file ends %s; expected whole records of %d bytes (label, 3x32x32): truncated?", path,
          parts[i].size, parts[i].size ? "inside a record" : "at once", RECORD);
    total += parts[i].size;
    if (total > DATASET_MAX_FILE)
      return diag_error(d, "%s: more than %zu bytes of images in all", path, DATASET_MAX_FILE);
  }
  out->count = total / RECORD;
  out->shape = (net_shape){3, 32, 32};
  uint8_t *pixels = arena_alloc(mem, out->count * PIXELS), *labels = arena_alloc(mem, out->count);
  out->pixels = pixels;
  out->labels = labels;
  for (size_t i = 0; i < files->image_files; i++)
    for (size_t at = 0; at < parts[i].size; at += RECORD, pixels += PIXELS) {
      *labels++ = parts[i].data[at];
      memcpy(pixels, parts[i].data + at + 1, PIXELS);
    }
  return true;
}
