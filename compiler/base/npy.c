// SPDX-License-Identifier: Apache-2.0
//
// NumPy's .npy: magic, version, header length, a Python dict as text, the values.
#include "compiler/base/npy.h"

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
    if (n->rank == NPY_MAX_RANK || dim < 1)
      return bad(n, at, "'shape': expected 1 to 4 sizes of at least 1", d);
    if (dim > NPY_MAX_FILE / (size_t)n->width / n->count)
      return bad(n, at, "'shape': more values than a file of 1 GiB holds", d);
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
  if (!file_read_gz(mem, path, NPY_MAX_FILE, &f, d))
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

// Value i; a uint64 above INT64_MAX is taken as such.
static int64_t value_at(const npy *n, size_t i) {
  const uint8_t *p = n->data + i * (size_t)n->width;
  uint64_t v = n->kind == 'i' && p[n->width - 1] & 0x80 ? UINT64_MAX : 0; // the sign goes on to the left
  memcpy(&v, p, (size_t)n->width);
  return n->kind == 'u' && v > INT64_MAX ? INT64_MAX : (int64_t)v;
}

static bool refuse_value(arena *mem, const npy *n, size_t i, int64_t lo, int64_t hi, diag *d) {
  return diag_error(d, "%s: byte %zu: element %s is %lld; expected %lld to %lld", n->path,
                    n->data_at + i * (size_t)n->width, index_of(mem, n, i), (long long)value_at(n, i), (long long)lo,
                    (long long)hi);
}

const int32_t *npy_ints(arena *mem, const npy *n, int32_t lo, int32_t hi, diag *d) {
  int32_t *out = arena_new_array(mem, int32_t, n->count);
  for (size_t i = 0; i < n->count; i++) {
    int64_t v = value_at(n, i);
    if (v < lo || v > hi) {
      refuse_value(mem, n, i, lo, hi, d);
      return NULL;
    }
    out[i] = (int32_t)v;
  }
  return out;
}

const uint8_t *npy_bytes(arena *mem, const npy *n, int most, diag *d) {
  uint8_t *out = arena_alloc(mem, n->count);
  for (size_t i = 0; i < n->count; i++) {
    int64_t v = value_at(n, i);
    if (v < 0 || v > most) {
      refuse_value(mem, n, i, 0, most, d);
      return NULL;
    }
    out[i] = (uint8_t)v;
  }
  return out;
}

void npy_header(const char *dtype, const char *shape, str *out) {
  // Magic, version 1.0, the dict's length in two bytes, the dict padded so that the values start at a multiple of 64.
  str dict = {0};
  str_printf(&dict, "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", dtype, shape);
  while ((10 + dict.len + 1) % 64)
    str_add(&dict, " ");
  str_add(&dict, "\n");
  const char start[10] = {'\x93', 'N', 'U', 'M', 'P', 'Y', 1, 0, (char)(dict.len & 0xff), (char)(dict.len >> 8)};
  str_add_n(out, start, sizeof start);
  str_add_n(out, dict.data, dict.len);
  str_free(&dict);
}
