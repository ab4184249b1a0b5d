// SPDX-License-Identifier: Apache-2.0
//
// IDX, the format of MNIST: two zero bytes, a type, the number of dimensions, each dimension as 4 bytes (big endian),
// the values.
#include "compiler/data/dataset.h"

static uint32_t big_endian(const uint8_t *p) {
  return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

// The values of a file of bytes with `least` to `most` dimensions.
static const uint8_t *read_idx(arena *mem, const char *path, int least, int most, int *rank, uint32_t dims[4],
                               diag *d) {
  bytes f;
  if (!dataset_file(mem, path, &f, d))
    return NULL;
  if (f.size < 4 || f.data[0] || f.data[1] || f.data[2] != 8 || f.data[3] < least || f.data[3] > most) {
    diag_error(d, "%s: byte 0: not the IDX file that was expected: it should start 00 00 08 %02d%s", path, least,
               most > least ? " or 04" : "");
    return NULL;
  }
  *rank = f.data[3];
  size_t header = 4 + 4 * (size_t)*rank, size = 1;
  if (f.size < header) {
    diag_error(d, "%s: byte %zu: the file ends in its header of %zu bytes: truncated?", path, f.size, header);
    return NULL;
  }
  for (int i = 0; i < *rank; i++) {
    dims[i] = big_endian(f.data + 4 + 4 * i);
    if (dims[i] < 1 || dims[i] > DATASET_MAX_FILE / size) {
      diag_error(d, "%s: byte %d: dimension %d is %u: %s", path, 4 + 4 * i, i + 1, dims[i],
                 dims[i] ? "more data than a file may hold" : "no data");
      return NULL;
    }
    size *= dims[i];
  }
  if (f.size - header != size) {
    diag_error(d, "%s: byte %zu: the file ends here, its header says byte %zu: %s", path, f.size, header + size,
               f.size - header < size ? "truncated?" : "trailing data");
    return NULL;
  }
  return f.data + header;
}

bool dataset_idx(arena *mem, const dataset_files *files, dataset *out, diag *d) {
  int rank;
  uint32_t dims[4];
  if (files->image_files != 1)
    return diag_error(d, "an idx data set has one file of images, found %zu", files->image_files);
  out->pixels = read_idx(mem, files->images[0], 3, 4, &rank, dims, d);
  if (!out->pixels)
    return false;
  out->count = dims[0];
  out->shape =
      rank == 4 ? (net_shape){(int)dims[1], (int)dims[2], (int)dims[3]} : (net_shape){1, (int)dims[1], (int)dims[2]};
  if (!files->labels)
    return true;
  out->labels = read_idx(mem, files->labels, 1, 1, &rank, dims, d);
  if (out->labels && dims[0] != out->count)
    return diag_error(d, "%s: byte 4: %u label%s for the %zu image%s of %s", files->labels, dims[0], plural(dims[0]),
                      out->count, plural(out->count), files->images[0]);
  return out->labels != NULL;
}
