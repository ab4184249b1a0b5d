// SPDX-License-Identifier: Apache-2.0
#include "compiler/base/json.h"
#include "compiler/base/escape.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

char *json_text(arena *mem, cJSON *json) {
  char *printed = cJSON_Print(json);
  str safe = {0};
  escape_json_document(&safe, printed);
  char *text = arena_printf(mem, "%s\n", safe.data);
  str_free(&safe);
  cJSON_free(printed);
  cJSON_Delete(json);
  return text;
}

void json_add_files(arena *mem, cJSON *object, const fileset *files) {
  cJSON *list = cJSON_AddArrayToObject(object, "files");
  for (size_t i = 0; i < files->count; i++) {
    cJSON *f = cJSON_CreateObject();
    cJSON_AddStringToObject(f, "name", files->files[i].name);
    cJSON_AddStringToObject(f, "sha256", hash_hex(mem, files->files[i].data, files->files[i].size));
    cJSON_AddItemToArray(list, f);
  }
}

void json_add_known(cJSON *object, const char *key, double value) {
  if (isfinite(value))
    cJSON_AddNumberToObject(object, key, value);
}

// ---- the whole file ----------------------------------------------------------------------------------------------
static src_pos place_of(const char *file, const char *text, const char *at) {
  src_pos pos = {.file = file, .line = 1, .column = 1, .text = text};
  for (const char *p = text; p < at && *p; p++)
    pos.column = *p == '\n' ? (pos.line++, 1) : pos.column + 1;
  return pos;
}

// Brackets outside of strings, before a parser that calls itself sees them. NULL, or where it gets too deep.
static const char *too_deep(const char *text) {
  int depth = 0;
  for (const char *p = text; *p; p++) {
    if (*p == '"')
      for (p++; *p && *p != '"'; p++)
        p += *p == '\\' && p[1];
    if (!*p)
      break;
    depth += (*p == '{' || *p == '[') - (*p == '}' || *p == ']');
    if (depth > JSON_DEPTH)
      return p;
  }
  return NULL;
}

static int by_name(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }

static const char *twice(const cJSON *object) {
  size_t n = 0, count = (size_t)cJSON_GetArraySize(object);
  const char **names = malloc((count + 1) * sizeof *names), *found = NULL;
  assert(names);
  for (const cJSON *e = object->child; e; e = e->next)
    names[n++] = e->string;
  qsort(names, n, sizeof *names, by_name);
  for (size_t i = 1; i < n && !found; i++)
    if (strcmp(names[i - 1], names[i]) == 0)
      found = names[i];
  free(names);
  return found;
}

// No deeper than JSON_DEPTH.
static bool check_values(const char *file, const cJSON *v, diag *d) {
  if (cJSON_IsNumber(v) && !isfinite(v->valuedouble))
    return diag_error(d, "%s: the number `%s` is beyond what a double holds", file,
                      v->string ? v->string : "in a list");
  const char *text = cJSON_IsString(v) ? v->valuestring : v->string;
  if (text && (text_fault(text) || (v->string && text_fault(v->string))))
    return diag_error(d, "%s: `%s`: text with %s", file, v->string ? v->string : text,
                      text_fault(text) ? text_fault(text) : text_fault(v->string));
  if (cJSON_IsObject(v) && twice(v))
    return diag_error(d, "%s: the key `%s` is given twice in one object", file, twice(v));
  for (const cJSON *e = v->child; e; e = e->next)
    if (!check_values(file, e, d))
      return false;
  return true;
}

bool json_open(arena *mem, const char *path, size_t max, json_doc *out, diag *d) {
  bytes file;
  *out = (json_doc){.file = arena_strdup(mem, path)};
  if (!file_read(mem, path, max, &file, d))
    return false;
  const char *text = (const char *)file.data, *end = text, *deep = too_deep(text);
  if (strlen(text) != file.size)
    return diag_error(d, "%s: byte %zu: not JSON: a zero byte", path, strlen(text));
  if (deep)
    return diag_at(d, place_of(out->file, text, deep), "nested too deeply (at most %d levels)", JSON_DEPTH);
  out->root = cJSON_ParseWithOpts(text, &end, true);
  if (!out->root)
    return diag_at(d, place_of(out->file, text, end), "not JSON from here on; run the verb that writes it again");
  if (cJSON_IsObject(out->root) ? check_values(out->file, out->root, d)
                                : diag_error(d, "%s: expected a JSON object { ... }", path))
    return true;
  json_close(out);
  return false;
}

void json_close(json_doc *doc) {
  cJSON_Delete(doc->root);
  doc->root = NULL;
}

// ---- members -----------------------------------------------------------------------------------------------------
static const char *kind_of(const cJSON *v) {
  return cJSON_IsObject(v)   ? "an object"
         : cJSON_IsArray(v)  ? "a list"
         : cJSON_IsString(v) ? "a text"
         : cJSON_IsNumber(v) ? "a number"
         : cJSON_IsBool(v)   ? "true or false"
                             : "null";
}

static bool unexpected(json_place at, const char *key, const char *wanted, const cJSON *v, diag *d) {
  return diag_error(d, "%s: `%s%s%s`: expected %s, found %s", at.doc->file, at.path, *at.path ? "." : "", key, wanted,
                    kind_of(v));
}

json_place json_top(const json_doc *doc) { return (json_place){doc, doc->root, ""}; }

static const cJSON *get(json_place at, const char *key) {
  return at.object ? cJSON_GetObjectItemCaseSensitive(at.object, key) : NULL;
}

bool json_number(json_place at, const char *key, double lo, double hi, double *out, diag *d) {
  const cJSON *v = get(at, key);
  if (!v)
    return true;
  if (!cJSON_IsNumber(v))
    return unexpected(at, key, "a number", v, d);
  if (!(v->valuedouble >= lo && v->valuedouble <= hi))
    return diag_error(d, "%s: `%s%s%s`: expected %g to %g, found %g", at.doc->file, at.path, *at.path ? "." : "", key,
                      lo, hi, v->valuedouble);
  *out = v->valuedouble;
  return true;
}

bool json_bool(json_place at, const char *key, bool *out, diag *d) {
  const cJSON *v = get(at, key);
  if (v && !cJSON_IsBool(v))
    return unexpected(at, key, "true or false", v, d);
  if (v)
    *out = cJSON_IsTrue(v);
  return true;
}

bool json_string(json_place at, const char *key, const char **out, diag *d) {
  const cJSON *v = get(at, key);
  if (v && !cJSON_IsString(v))
    return unexpected(at, key, "a text", v, d);
  if (v)
    *out = v->valuestring;
  return true;
}

bool json_object(arena *mem, json_place at, const char *key, json_place *out, diag *d) {
  const cJSON *v = get(at, key);
  *out = (json_place){at.doc, v, arena_printf(mem, "%s%s%s", at.path, *at.path ? "." : "", key)};
  return !v || cJSON_IsObject(v) || unexpected(at, key, "an object", v, d);
}

bool json_list(json_place at, const char *key, const cJSON **out, diag *d) {
  *out = get(at, key);
  return !*out || cJSON_IsArray(*out) || unexpected(at, key, "a list", *out, d);
}

bool json_element(arena *mem, json_place at, const char *key, const cJSON *element, size_t i, json_place *out,
                  diag *d) {
  const char *name = arena_printf(mem, "%s[%zu]", key, i);
  *out = (json_place){at.doc, element, arena_printf(mem, "%s%s%s", at.path, *at.path ? "." : "", name)};
  return cJSON_IsObject(element) || unexpected(at, name, "an object", element, d);
}

const cJSON *json_member(const cJSON *object, const char *key) {
  const cJSON *v = cJSON_IsObject(object) ? cJSON_GetObjectItemCaseSensitive(object, key) : NULL;
  return cJSON_IsObject(v) ? v : NULL;
}

bool json_whole(const cJSON *v, int64_t lo, int64_t hi, int64_t *out) {
  return cJSON_IsNumber(v) && whole_double(v->valuedouble, lo, hi, out);
}
