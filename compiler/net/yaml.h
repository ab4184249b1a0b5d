// SPDX-License-Identifier: Apache-2.0
//
// yaml: a YAML file as a tree in which every node knows its place, for net.yaml and config.yaml. Small on purpose:
// anchors, aliases, tags, duplicate keys and a second document are refused, depth and size are bounded.
#ifndef AXGEN_YAML_H
#define AXGEN_YAML_H

#include "compiler/base/base.h"

typedef enum { YAML_SCALAR, YAML_LIST, YAML_MAP } yaml_kind;
typedef struct yaml yaml;
struct yaml {
  yaml_kind kind;
  src_pos pos;
  const char *text; // of a scalar
  bool quoted;
  const char *key; // of an entry of a map
  src_pos key_pos;
  const yaml *first, *next; // children; next child of the same parent
  int count;
};

// NULL after an error. The text stays in `mem`, where the places point.
const yaml *yaml_read(arena *mem, const char *path, diag *d);
const yaml *yaml_parse(arena *mem, const char *file, const char *text, size_t size, diag *d);

// Each reports at the node's place what was expected and what is there. `y` may be NULL (a missing key that was already
// reported): false without a word.
bool yaml_is(const yaml *y, yaml_kind kind, diag *d);
bool yaml_string(const yaml *y, const char **out, diag *d); // not empty
bool yaml_int(const yaml *y, int64_t lo, int64_t hi, int64_t *out, diag *d);
bool yaml_int32(const yaml *y, int32_t lo, int32_t hi, int32_t *out, diag *d);
bool yaml_real(const yaml *y, double *out, diag *d); // .inf and -.inf too
bool yaml_bool(const yaml *y, bool *out, diag *d); // true or false
bool yaml_ints(const yaml *y, int count, int32_t lo, int32_t hi, int32_t *out, diag *d); // a list of `count`

// Entries of a map. yaml_keys: every key is one of `known`, whose last is NULL. `what` says whose keys they are.
const yaml *yaml_get(const yaml *map, const char *key); // NULL: none
const yaml *yaml_need(const yaml *map, const char *key, diag *d); // missing: an error
bool yaml_keys(const yaml *map, const char *what, const char *const *known, diag *d);

// "; did you mean `x`?" when one of the names is close to `word`, then "; there are: x, y, z". For messages.
const char *yaml_suggest(arena *mem, const char *word, const char *const *names, size_t count);

#endif
