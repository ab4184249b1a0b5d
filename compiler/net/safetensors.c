// SPDX-License-Identifier: Apache-2.0
#include "compiler/net/safetensors.h"
#include "compiler/base/escape.h"
#include "compiler/base/json.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the files are little endian, and so must this machine be");

enum { LENGTH_BYTES = 8 };
static const size_t MAX_FILE = (size_t)1 << 31, MAX_HEADER = 1 << 20;

static const struct {
  const char *name;
  size_t size;
} types[ST_TYPES] = {
#define X(name, size) {#name, size},
    ST_TYPE_LIST(X)
#undef X
};

const char *safetensors_type_name(st_type type) { return types[type].name; }
size_t safetensors_type_size(st_type type) { return types[type].size; }

typedef struct {
  const char *path;
  const char *header;
  size_t header_size, data_start, data_size;
  diag *d;
} reader;

// Where a tensor's entry starts in the file, as well as that can be told after JSON parsing.
static size_t entry_offset(const reader *r, const char *name) {
  size_t n = strlen(name);
  for (const char *p = r->header; (p = memchr(p, '"', (size_t)(r->header + r->header_size - p))); p++)
    if ((size_t)(r->header + r->header_size - p) >= n + 2 && memcmp(p + 1, name, n) == 0 && p[n + 1] == '"')
      return LENGTH_BYTES + (size_t)(p - r->header);
  return LENGTH_BYTES;
}

static bool at_entry(const reader *r, const char *name, const char *problem) {
  return diag_error(r->d, "%s: byte %zu: tensor `%.100s`: %s", r->path, entry_offset(r, name), name, problem);
}

// A JSON number that is an integer from 0 to 2^53.
static bool get_count(const cJSON *j, int64_t *out) { return json_whole(j, 0, (int64_t)1 << 53, out); }

static bool read_entry(const reader *r, const cJSON *entry, st_tensor *t) {
  const cJSON *dtype = cJSON_GetObjectItemCaseSensitive(entry, "dtype");
  const cJSON *shape = cJSON_GetObjectItemCaseSensitive(entry, "shape");
  const cJSON *range = cJSON_GetObjectItemCaseSensitive(entry, "data_offsets");
  if (!cJSON_IsObject(entry) || !cJSON_IsString(dtype) || !cJSON_IsArray(shape) || cJSON_GetArraySize(range) != 2 ||
      !cJSON_IsArray(range) || cJSON_GetArraySize(entry) != 3)
    return at_entry(r, t->name, "expected {\"dtype\", \"shape\", \"data_offsets\": [begin, end]}");
  while (t->type < ST_TYPES && strcmp(types[t->type].name, dtype->valuestring) != 0)
    t->type++;
  if (t->type == ST_TYPES)
    return at_entry(r, t->name, "unsupported dtype; expected I8, U8, I16, U16, I32, F32 or F64");
  t->count = 1;
  const cJSON *item;
  cJSON_ArrayForEach(item, shape) {
    int64_t dim;
    if (t->rank == ST_MAX_RANK || !get_count(item, &dim))
      return at_entry(r, t->name, "shape: expected at most 8 sizes");
    if (dim && t->count > (int64_t)MAX_FILE / dim)
      return at_entry(r, t->name, "shape: larger than a file may be");
    t->count *= dim;
    t->dim[t->rank++] = dim;
  }
  int64_t begin, end;
  if (!get_count(range->child, &begin) || !get_count(range->child->next, &end) || begin > end)
    return at_entry(r, t->name, "data_offsets: expected [begin, end] with begin <= end");
  if ((uint64_t)end > r->data_size)
    return diag_error(r->d, "%s: byte %zu: tensor `%.100s` ends at byte %llu, the file at byte %zu: truncated?",
                      r->path, entry_offset(r, t->name), t->name, (unsigned long long)(r->data_start + (uint64_t)end),
                      r->data_start + r->data_size);
  if ((uint64_t)(end - begin) != (uint64_t)t->count * types[t->type].size)
    return at_entry(r, t->name, "data_offsets do not span shape times dtype size");
  t->offset = r->data_start + (size_t)begin;
  t->data = r->header + r->header_size + begin;
  return true;
}

static int by_offset(const void *a, const void *b) {
  const st_tensor *x = *(const st_tensor *const *)a, *y = *(const st_tensor *const *)b;
  if (x->offset != y->offset)
    return x->offset < y->offset ? -1 : 1;
  return (x->count > y->count) - (x->count < y->count); // empty ones first
}

static int by_name(const void *a, const void *b) {
  return strcmp((*(const st_tensor *const *)a)->name, (*(const st_tensor *const *)b)->name);
}

static bool check_layout(const reader *r, const st_file *file) {
  const st_tensor **order = malloc((file->count + 1) * sizeof *order);
  for (size_t i = 0; i < file->count; i++)
    order[i] = &file->tensors[i];
  bool ok = true;
  qsort(order, file->count, sizeof *order, by_name);
  for (size_t i = 1; ok && i < file->count; i++)
    if (strcmp(order[i - 1]->name, order[i]->name) == 0)
      ok = at_entry(r, order[i]->name, "is there twice");
  qsort(order, file->count, sizeof *order, by_offset);
  size_t at = r->data_start;
  for (size_t i = 0; ok && i < file->count; i++) {
    if (order[i]->offset != at)
      ok = diag_error(r->d, "%s: byte %zu: tensor `%.100s` starts here, expected byte %zu: %s", r->path,
                      order[i]->offset, order[i]->name, at, order[i]->offset > at ? "a gap" : "an overlap");
    at += (size_t)order[i]->count * types[order[i]->type].size;
  }
  free(order);
  if (ok && at != r->data_start + r->data_size)
    ok = diag_error(r->d, "%s: byte %zu: %zu byte%s after the last tensor", r->path, at,
                    r->data_start + r->data_size - at, plural(r->data_start + r->data_size - at));
  return ok;
}

static bool read_header(arena *mem, const reader *r, const cJSON *root, st_file *out) {
  if (!cJSON_IsObject(root))
    return diag_error(r->d, "%s: byte 8: the header is not a JSON object", r->path);
  out->tensors = arena_new_array(mem, st_tensor, (size_t)cJSON_GetArraySize(root));
  const cJSON *entry;
  cJSON_ArrayForEach(entry, root) {
    if (strcmp(entry->string, "__metadata__") == 0)
      continue;
    st_tensor *t = &out->tensors[out->count++];
    t->name = arena_strdup(mem, entry->string);
    if (!read_entry(r, entry, t))
      return false;
  }
  return check_layout(r, out);
}

bool safetensors_read(arena *mem, const char *path, st_file *out, diag *d) {
  bytes file;
  if (!file_read(mem, path, MAX_FILE, &file, d))
    return false;
  uint64_t length = 0;
  if (file.size < LENGTH_BYTES)
    return diag_error(d, "%s: byte %zu: the file ends in its first 8 bytes: truncated?", path, file.size);
  memcpy(&length, file.data, LENGTH_BYTES);
  if (length > MAX_HEADER || length > file.size - LENGTH_BYTES)
    return diag_error(d, "%s: byte 0: header of %llu byte%s, expected at most %zu: truncated, or not safetensors", path,
                      (unsigned long long)length, plural(length),
                      file.size - LENGTH_BYTES < MAX_HEADER ? file.size - LENGTH_BYTES : MAX_HEADER);
  reader r = {.path = path, .header = (const char *)file.data + LENGTH_BYTES, .header_size = (size_t)length, .d = d};
  r.data_start = LENGTH_BYTES + r.header_size;
  r.data_size = file.size - r.data_start;
  *out = (st_file){.file = arena_strdup(mem, path), .sha256 = hash_hex(mem, file.data, file.size)};
  const char *end = NULL;
  cJSON *root = cJSON_ParseWithLengthOpts(r.header, r.header_size, &end, false);
  if (!root)
    return diag_error(d, "%s: byte %zu: the header is not valid JSON", path,
                      LENGTH_BYTES + (size_t)(end ? end - r.header : 0));
  bool ok = true;
  for (; ok && end < r.header + r.header_size; end++)
    if (*end != ' ')
      ok = diag_error(d, "%s: byte %zu: unexpected text after the header's JSON", path,
                      LENGTH_BYTES + (size_t)(end - r.header));
  ok = ok && read_header(mem, &r, root, out);
  cJSON_Delete(root);
  return ok;
}

const st_tensor *safetensors_find(const st_file *file, const char *name) {
  for (size_t i = 0; i < file->count; i++)
    if (strcmp(file->tensors[i].name, name) == 0)
      return &file->tensors[i];
  return NULL;
}

bytes safetensors_write(arena *mem, const st_tensor *tensors, size_t count) {
  str header = {0}, data = {0};
  str_add(&header, "{");
  for (size_t width = 8; width; width /= 2)
    for (size_t i = 0; i < count; i++) {
      const st_tensor *t = &tensors[i];
      if (types[t->type].size != width)
        continue;
      size_t size = (size_t)t->count * width;
      str_printf(&header, "%s\"%s\":{\"dtype\":\"%s\",\"shape\":[", header.len > 1 ? "," : "",
                 escaped(mem, escape_json, t->name), types[t->type].name);
      for (int k = 0; k < t->rank; k++)
        str_printf(&header, "%s%lld", k ? "," : "", (long long)t->dim[k]);
      str_printf(&header, "],\"data_offsets\":[%zu,%zu]}", data.len, data.len + size);
      str_add_n(&data, t->data, size);
    }
  str_add(&header, "}");
  while (header.len % LENGTH_BYTES)
    str_add(&header, " ");
  uint64_t length = header.len;
  bytes out = {.size = LENGTH_BYTES + header.len + data.len};
  out.data = arena_alloc(mem, out.size + 1);
  memcpy(out.data, &length, LENGTH_BYTES);
  memcpy(out.data + LENGTH_BYTES, header.data, header.len);
  if (data.len)
    memcpy(out.data + LENGTH_BYTES + header.len, data.data, data.len);
  str_free(&header);
  str_free(&data);
  return out;
}
