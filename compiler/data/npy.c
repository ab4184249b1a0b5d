// SPDX-License-Identifier: Apache-2.0
//
// NumPy's .npy: magic, version, header length, a Python dict as text, the values.
#include "compiler/data/npy.h"
#include "compiler/data/dataset.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static bool bad(const npy *n, size_t at, const char *problem, diag *d) {
  return diag_error(d, "%s: byte %zu: %s", n->path, at, problem);
}

// The text after `'key':` in the header, blanks skipped.
static const char *find_key(const char *header, const char *key) {
  const char *p = strstr(header, key);
  if (!p)
    return NULL;
  p += strlen(key);
  while (*p == ' ' || *p == ':')
    p++;
  return p;
}

static bool read_dict(npy *n, const char *header, size_t at, diag *d) {
  const char *descr = find_key(header, "'descr'"), *order = find_key(header, "'fortran_order'");
  const char *shape = find_key(header, "'shape'");
  if (!descr || !order || !shape || *shape != '(')
    return bad(n, at, "the header is not {'descr': .., 'fortran_order': .., 'shape': (..)}", d);
  if (strncmp(order, "False", 5) != 0)
    return bad(n, at, "Fortran order; expected C order (numpy.ascontiguousarray)", d);
  n->kind = *descr && descr[1] ? descr[2] : 0;
  n->width = n->kind && isdigit((unsigned char)descr[3]) ? descr[3] - '0' : 0;
  bool known = (n->kind == 'u' || n->kind == 'i') &&
               (n->width == 1 || n->width == 2 || n->width == 4 || n->width == 8) && descr[4] == descr[0];
  if (!known || (descr[1] != '|' && descr[1] != '<'))
    return bad(n, at, "expected little endian integers, dtype |u1, |i1, <u2, <i2, <u4, <i4, <u8 or <i8", d);
  n->count = 1;
  for (const char *p = shape + 1; *p != ')';) {
    char *end;
    unsigned long long dim = isdigit((unsigned char)*p) ? strtoull(p, &end, 10) : 0;
    if (n->rank == NPY_MAX_RANK || dim < 1 || dim > DATASET_MAX_FILE / n->count)
      return bad(n, at, "'shape': expected 1 to 4 sizes of at least 1", d);
    n->dims[n->rank++] = (size_t)dim;
    n->count *= (size_t)dim;
    for (p = end; *p == ' ' || *p == ',';)
      p++;
  }
  return n->rank > 0 || bad(n, at, "'shape': expected 1 to 4 sizes of at least 1", d);
}

bool npy_open(arena *mem, const char *path, npy *n, diag *d) {
  bytes f;
  *n = (npy){.path = path};
  if (!dataset_file(mem, path, &f, d))
    return false;
  if (f.size < 12 || memcmp(f.data, "\x93NUMPY", 6) != 0)
    return bad(n, 0, "not a .npy file", d);
  int version = f.data[6];
  if (version < 1 || version > 3)
    return bad(n, 6, "unknown .npy version; expected 1 to 3", d);
  size_t start = version == 1 ? 10 : 12, length = f.data[8] | (size_t)f.data[9] << 8;
  if (version > 1)
    length |= (size_t)f.data[10] << 16 | (size_t)f.data[11] << 24;
  if (length > f.size - start)
    return bad(n, 8, "the header is longer than the file: truncated?", d);
  if (!read_dict(n, arena_strndup(mem, (const char *)f.data + start, length), start, d))
    return false;
  n->data_at = start + length;
  n->data = f.data + n->data_at;
  if (f.size - n->data_at != n->count * (size_t)n->width)
    return diag_error(d, "%s: byte %zu: the file ends here, its header says byte %zu: %s", path, f.size,
                      n->data_at + n->count * (size_t)n->width,
                      f.size - n->data_at < n->count * (size_t)n->width ? "truncated?" : "trailing data");
  return true;
}

const char *npy_list(arena *mem, const size_t *values, int count) {
  const char *text = "[";
  for (int i = 0; i < count; i++)
    text = arena_printf(mem, "%s%s%zu", text, i ? ", " : "", values[i]);
  return arena_printf(mem, "%s]", text);
}

// The index in the array of value i.
static const char *index_of(arena *mem, const npy *n, size_t i) {
  size_t at[NPY_MAX_RANK];
  for (int k = n->rank - 1; k >= 0; i /= n->dims[k--])
    at[k] = i % n->dims[k];
  return npy_list(mem, at, n->rank);
}

const uint8_t *npy_bytes(arena *mem, const npy *n, int most, diag *d) {
  uint8_t *out = arena_alloc(mem, n->count);
  for (size_t i = 0; i < n->count; i++) {
    const uint8_t *p = n->data + i * (size_t)n->width;
    uint64_t v = n->kind == 'i' && p[n->width - 1] & 0x80 ? UINT64_MAX : 0; // the sign goes on to the left
    memcpy(&v, p, (size_t)n->width);
    if (v > (uint64_t)most) {
      diag_error(d, "%s: byte %zu: element %s is %lld; expected 0 to %d", n->path, n->data_at + i * (size_t)n->width,
                 index_of(mem, n, i), (long long)v, most);
      return NULL;
    }
    out[i] = (uint8_t)v;
  }
  return out;
}

static bool read_labels(arena *mem, const char *path, dataset *out, diag *d) {
  npy n;
  if (!npy_open(mem, path, &n, d))
    return false;
  if (n.rank != 1 || n.dims[0] != out->count)
    return diag_error(d, "%s: expected %zu labels in one dimension, found %zu values in %d", path, out->count, n.count,
                      n.rank);
  out->labels = npy_bytes(mem, &n, 255, d);
  return out->labels;
}

bool npy_read(arena *mem, const dataset_files *files, dataset *out, diag *d) {
  npy n;
  if (files->image_files != 1)
    return diag_error(d, "an npy data set has one file of images, found %zu", files->image_files);
  if (!npy_open(mem, files->images[0], &n, d))
    return false;
  if (n.rank < 3 || n.kind != 'u' || n.width != 1)
    return diag_error(d, "%s: expected uint8 images [N, H, W] or [N, C, H, W]", n.path);
  out->count = n.dims[0];
  out->shape = (net_shape){n.rank == 4 ? (int)n.dims[1] : 1, (int)n.dims[n.rank - 2], (int)n.dims[n.rank - 1]};
  out->pixels = n.data;
  return !files->labels || read_labels(mem, files->labels, out, d);
}
