// SPDX-License-Identifier: Apache-2.0
#include "compiler/report/read.h"

#include <math.h>
#include <string.h>

bool report_read_open(arena *mem, const char *dir, const char *name, json_doc *doc, diag *d) {
  char *path = path_join(mem, dir, name);
  *doc = (json_doc){.file = path};
  return !file_exists(path) || json_open(mem, path, READ_FILE, doc, d);
}

bool report_read_text(arena *mem, json_place at, const char *key, const char **out, diag *d) {
  const char *text = NULL;
  if (!json_string(at, key, &text, d))
    return false;
  if (text)
    *out = arena_strdup(mem, text);
  return true;
}

bool report_read_number(json_place at, const char *key, double *out, diag *d) {
  const cJSON *v = at.object ? cJSON_GetObjectItemCaseSensitive(at.object, key) : NULL;
  return cJSON_IsNull(v) || json_number(at, key, -READ_MOST, READ_MOST, out, d);
}

static bool fits(json_place at, const char *key, const cJSON *list, size_t most, size_t *count, diag *d) {
  *count = list ? (size_t)cJSON_GetArraySize(list) : 0;
  return *count <= most || diag_error(d, "%s: `%s%s%s`: %zu elements, expected at most %zu", at.doc->file, at.path,
                                      *at.path ? "." : "", key, *count, most);
}

bool report_read_rows(arena *mem, json_place at, const char *key, size_t most, size_t size, report_read_row *read,
                      void *rows, size_t *count, diag *d) {
  const cJSON *list;
  if (!json_list(at, key, &list, d) || !fits(at, key, list, most, count, d))
    return false;
  char *row = arena_calloc(mem, *count + 1, size);
  memcpy(rows, &row, sizeof row);
  size_t i = 0;
  for (const cJSON *e = list ? list->child : NULL; e; e = e->next, i++, row += size) {
    json_place element;
    if (!json_element(mem, at, key, e, i, &element, d) || !read(mem, element, row, d))
      return false;
  }
  return true;
}

bool report_read_numbers(arena *mem, json_place at, const char *key, size_t most, double **out, size_t *count,
                         diag *d) {
  const cJSON *list;
  if (!json_list(at, key, &list, d) || !fits(at, key, list, most, count, d))
    return false;
  *out = arena_new_array(mem, double, *count + 1);
  size_t i = 0;
  for (const cJSON *e = list ? list->child : NULL; e; e = e->next) {
    if (!cJSON_IsNumber(e))
      return diag_error(d, "%s: `%s%s%s[%zu]`: expected a number", at.doc->file, at.path, *at.path ? "." : "", key, i);
    if (fabs(e->valuedouble) > READ_MOST)
      return diag_error(d, "%s: `%s%s%s[%zu]`: expected %g to %g, found %g", at.doc->file, at.path, *at.path ? "." : "",
                        key, i, -READ_MOST, READ_MOST, e->valuedouble);
    (*out)[i++] = e->valuedouble;
  }
  return true;
}

bool report_read_need(json_place at, const char *const *keys, diag *d) {
  for (; at.object && *keys; keys++) {
    const cJSON *v = cJSON_GetObjectItemCaseSensitive(at.object, *keys);
    if (!v || cJSON_IsNull(v))
      return diag_error(d, "%s: `%s%s%s`: expected a value, as `axgen` writes it, found %s", at.doc->file, at.path,
                        *at.path ? "." : "", *keys, v ? "null" : "no such key");
  }
  return true;
}

bool report_read_sum(json_place at, const char *key, double found, double sum, diag *d) {
  static const double ROUNDING = 1e-6, LEAST = 1e-9;
  return fabs(found - sum) <= ROUNDING * fabs(sum) + LEAST ||
         diag_error(d, "%s: `%s%s%s`: expected %g, the sum of its parts, found %g", at.doc->file, at.path,
                    *at.path ? "." : "", key, sum, found);
}

bool report_read_name(report_names *n, const char *name, uint8_t *place) {
  for (*place = 0; *place < n->count; ++*place)
    if (!strcmp(n->of[*place], name))
      return true;
  if (n->count == REPORT_MULS)
    return false;
  n->of[n->count++] = name;
  return true;
}

bool report_read_kinds(arena *mem, json_place at, report_parts *out, diag *d) {
  if (!json_number(at, "total", 0, READ_MOST, &out->total, d))
    return false;
  double sum = 0;
  out->kinds = arena_new_array(mem, report_kind, READ_KINDS + READ_MORE);
  for (const cJSON *e = json_members(at.object); e; e = e->next) {
    if (strcmp(e->string, "total") == 0)
      continue;
    if (out->kind_count == READ_KINDS)
      return diag_error(d, "%s: `%s`: more than %d kinds", at.doc->file, at.path, READ_KINDS);
    report_kind *k = &out->kinds[out->kind_count++];
    k->name = arena_strdup(mem, e->string);
    if (!json_number(at, e->string, 0, READ_MOST, &k->value, d))
      return false;
    sum += k->value;
  }
  return !out->kind_count || !cJSON_GetObjectItemCaseSensitive(at.object, "total") ||
         report_read_sum(at, "total", out->total, sum, d);
}
