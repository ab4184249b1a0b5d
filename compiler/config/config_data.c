// SPDX-License-Identifier: Apache-2.0
//
// Data sets of config.yaml: which files, and which of their images.
#include "compiler/config/config_parts.h"

#include <string.h>

static bool read_format(const yaml *y, dataset_format *out, diag *d) {
  static const char *const names[] = {[DATASET_IDX] = "idx", [DATASET_CIFAR] = "cifar", [DATASET_NPY] = "npy"};
  const char *text;
  if (!yaml_string(y, &text, d))
    return false;
  for (size_t i = 0; i < BASE_COUNT(names); i++)
    if (strcmp(names[i], text) == 0) {
      *out = (dataset_format)i;
      return true;
    }
  return diag_at(d, y->pos, "unknown data format `%.64s`; expected idx, cifar or npy", text);
}

static bool read_range(const yaml *y, dataset_files *out, diag *d) {
  int64_t first = 0, count = 0;
  bool ok = !yaml_get(y, "first") || yaml_int(yaml_get(y, "first"), 0, 1 << 30, &first, d);
  ok &= !yaml_get(y, "count") || yaml_int(yaml_get(y, "count"), 1, 1 << 30, &count, d);
  out->first = (size_t)first, out->count = (size_t)count;
  return ok;
}

bool config_read_dataset(arena *mem, const config *c, const yaml *y, const char *what, dataset_files *out, diag *d) {
  static const char *const known[] = {"format", "images", "labels", "first", "count", NULL};
  *out = (dataset_files){0};
  if (!yaml_keys(y, what, known, d) || !read_format(yaml_need(y, "format", d), &out->format, d))
    return false;
  const yaml *images = yaml_need(y, "images", d), *labels = yaml_get(y, "labels");
  if (!images || !read_range(y, out, d))
    return false;
  bool list = images->kind == YAML_LIST;
  if (list ? !images->count || (images->count > 1 && out->format != DATASET_CIFAR) : images->kind == YAML_MAP)
    return diag_at(d, images->pos,
                   out->format == DATASET_CIFAR ? "expected a file or a list of files"
                                                : "expected one file (only cifar takes a list)");
  out->images = arena_new_array(mem, const char *, list ? (size_t)images->count : 1);
  for (const yaml *e = list ? images->first : images; e; e = list ? e->next : NULL) {
    const char *path;
    if (!yaml_string(e, &path, d))
      return false;
    out->images[out->image_files++] = path_beside(mem, c->file, path);
  }
  if (labels && out->format == DATASET_CIFAR)
    return diag_at(d, labels->key_pos, "cifar files hold the labels themselves: remove this");
  if (labels && !yaml_string(labels, &out->labels, d))
    return false;
  if (labels)
    out->labels = path_beside(mem, c->file, out->labels);
  return true;
}
