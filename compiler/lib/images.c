// SPDX-License-Identifier: Apache-2.0
#include "compiler/cli/net_options.h"
#include "compiler/lib/lib.h"

struct axgen_images {
  arena *mem;
  dataset data;
};

static bool read_files(arena *mem, const char *format, const char *const *files, const char *labels, size_t first,
                       size_t count, dataset *out, diag *d) {
  dataset_files all = {.labels = labels, .first = first, .count = count};
  while (files[all.image_files])
    all.image_files++;
  if (!verb_net_format(format, &all.format, d))
    return false;
  if (!all.image_files || (all.image_files > 1 && all.format != DATASET_CIFAR))
    return diag_error(d, "%zu files with images: expected one (several only in the format cifar)", all.image_files);
  all.images = arena_new_array(mem, const char *, all.image_files);
  for (size_t i = 0; i < all.image_files; i++)
    all.images[i] = arena_strdup(mem, files[i]);
  return dataset_read(mem, &all, out, d);
}

axgen_images *axgen_images_read(const char *format, const char *const *files, const char *labels, size_t first,
                                size_t count, axgen_error **error) {
  arena *mem = arena_new();
  diag d = {0};
  axgen_images *out = arena_new_object(mem, axgen_images);
  out->mem = mem;
  bool ok = lib_given(format, "the format", &d) && lib_given(files, "the files", &d) &&
            read_files(mem, format, files, labels, first, count, &out->data, &d);
  if (lib_end(ok, &d, NULL, error))
    return out;
  arena_free(mem);
  return NULL;
}

void axgen_images_free(axgen_images *images) {
  if (images)
    arena_free(images->mem);
}

size_t axgen_images_count(const axgen_images *images) { return images->data.count; }

void axgen_images_shape(const axgen_images *images, int shape[3]) {
  net_shape s = images->data.shape;
  shape[0] = s.c, shape[1] = s.h, shape[2] = s.w;
}

const uint8_t *axgen_images_pixels(const axgen_images *images) { return images->data.pixels; }

const uint8_t *axgen_images_labels(const axgen_images *images) { return images->data.labels; }
