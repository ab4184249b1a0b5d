// SPDX-License-Identifier: Apache-2.0
//
// What everything that reads or writes JSON needs beside cJSON.
#ifndef AXGEN_JSON_H
#define AXGEN_JSON_H

#include "compiler/base/base.h"

#include <cjson/cJSON.h>

// The text with a newline at its end, always UTF-8 and without control characters; frees `json`.
char *json_text(arena *mem, cJSON *json);
// `files` of an object: name and sha256 of each.
void json_add_files(arena *mem, cJSON *object, const fileset *files);
// Leaves out what is no number, or not known (NAN).
void json_add_known(cJSON *object, const char *key, double value);
// The first member of an object, each with its name in `string`; NULL where `o` is nothing or anything else.
static inline const cJSON *json_members(const cJSON *o) { return cJSON_IsObject(o) ? o->child : NULL; }

// ---- reading what axgen wrote ------------------------------------------------------------------------------------
// A file that was read, for messages that name it.
typedef struct {
  const char *file;
  cJSON *root; // an object; NULL: not read
} json_doc;
// Expects an object, nested at most JSON_DEPTH deep, of at most `max` bytes; no key twice in one object, no number
// beyond double, no text with control characters. Anything else is an error that names the place. json_close frees.
enum { JSON_DEPTH = 32 };
bool json_open(arena *mem, const char *path, size_t max, json_doc *out, diag *d);
void json_close(json_doc *doc);

// Members of `o` (of doc->root or below; NULL: has none), where `path` says how to get to `o` in messages ("" or
// "layers[2]"). A member that is missing leaves *out as it is; one of another type or out of range is an error.
typedef struct {
  const json_doc *doc;
  const cJSON *object;
  const char *path;
} json_place;
json_place json_top(const json_doc *doc);
bool json_number(json_place at, const char *key, double lo, double hi, double *out, diag *d);
bool json_bool(json_place at, const char *key, bool *out, diag *d);
bool json_string(json_place at, const char *key, const char **out, diag *d);
// The object `key` in `out`, with .object NULL where it is missing.
bool json_object(arena *mem, json_place at, const char *key, json_place *out, diag *d);
// The list `key`; NULL where it is missing.
bool json_list(json_place at, const char *key, const cJSON **out, diag *d);
// Element i of that list, which must be an object.
bool json_element(arena *mem, json_place at, const char *key, const cJSON *element, size_t i, json_place *out, diag *d);

// For the output of tools: the member `key` of an object if it is an object too, else NULL.
const cJSON *json_member(const cJSON *object, const char *key);
// A number that is an integer of [lo, hi], in which *out keeps it.
bool json_whole(const cJSON *v, int64_t lo, int64_t hi, int64_t *out);

#endif
