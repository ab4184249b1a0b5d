// SPDX-License-Identifier: Apache-2.0
//
// ONNX import: tensors in a file beside the model, as PyTorch's exporter writes them from 2.9 on.
#include "compiler/onnx/onnx_internal.h"

#include <stdlib.h>
#include <string.h>

static const char *entry(const Onnx__TensorProto *p, const char *key) {
  for (size_t i = 0; i < p->n_external_data; i++)
    if (p->external_data[i]->key && !strcmp(p->external_data[i]->key, key))
      return p->external_data[i]->value ? p->external_data[i]->value : "";
  return NULL;
}

// "offset" and "length": decimal numbers.
static bool number(const char *text, size_t otherwise, size_t *out) {
  *out = text ? 0 : otherwise;
  if (text && (!*text || strlen(text) > 18))
    return false;
  for (; text && *text; text++) {
    if (*text < '0' || *text > '9')
      return false;
    *out = *out * 10 + (size_t)(*text - '0');
  }
  return true;
}

// A file in the model's folder or below it.
static bool inside(const char *location) {
  if (!*location || *location == '/' || strchr(location, '\\'))
    return false;
  for (const char *c = location; *c; c++) // errors show the name
    if ((unsigned char)*c < 32 || *c == 127)
      return false;
  for (const char *part = location; part; part = strchr(part, '/')) {
    part += *part == '/';
    if (!strncmp(part, "..", 2) && (part[2] == '/' || !part[2]))
      return false;
  }
  return true;
}

// ... also once symbolic links are followed: a model from elsewhere must not choose what is read. A file that is not
// there is for file_read to report.
static bool leads_outside(const char *path, const char *location) {
  char *real = realpath(path, NULL), *folder = strndup(path, strlen(path) - strlen(location));
  char *real_folder = folder ? realpath(*folder ? folder : ".", NULL) : NULL;
  size_t n = real_folder ? strlen(real_folder) : 0;
  bool outside = real && (!real_folder || strncmp(real, real_folder, n) != 0 || (n > 1 && real[n] != '/'));
  free(real);
  free(folder);
  free(real_folder);
  return outside;
}

bool onnx_external_read(onnx_import *im, const Onnx__TensorProto *p, bytes *out) {
  const char *name = onnx_printable(im->mem, p->name), *location = entry(p, "location");
  if (!location || !inside(location))
    return onnx_error(im, "tensor %s: its data is in %s; expected a file in the model's folder", name,
                      location ? onnx_printable(im->mem, location) : "no file");
  const char *path = path_beside(im->mem, im->path, location);
  if (leads_outside(path, location))
    return onnx_error(im, "tensor %s: %s is a link out of the model's folder; copy the file it leads to into its place",
                      name, onnx_printable(im->mem, location));
  if (!im->data_file || strcmp(im->data_file, path) != 0) {
    if (!file_read(im->mem, path, ONNX_MAX_BYTES - im->data_read, &im->data, im->d)) {
      diag_note(im->d, "%s keeps the data of tensor %s there", im->path, name);
      return false;
    }
    im->data_read += im->data.size;
    im->data_file = path;
  }
  size_t offset, length;
  if (!number(entry(p, "offset"), 0, &offset) || offset > im->data.size ||
      !number(entry(p, "length"), im->data.size - offset, &length) || length > im->data.size - offset)
    return onnx_error(im, "tensor %s: offset and length do not lie within the %zu bytes of %s", name, im->data.size,
                      onnx_printable(im->mem, location));
  *out = (bytes){im->data.data + offset, length};
  return true;
}
