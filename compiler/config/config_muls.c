// SPDX-License-Identifier: Apache-2.0
//
// `multipliers` of config.yaml: short names for multipliers.
#include "compiler/config/config_parts.h"

#include <string.h>

// A file rather than a name: a path, or one of the table formats.
static bool is_file(const char *name) {
  return strchr(name, '/') || str_ends_with(name, ".bin") || str_ends_with(name, ".h") || str_ends_with(name, ".txt") ||
         str_ends_with(name, ".v");
}

void config_report(const yaml *y, diag *inner, diag *d) {
  static const char prefix[] = "axgen: error: ";
  char *text = inner->text.data ? inner->text.data : "cannot use this";
  if (strncmp(text, prefix, strlen(prefix)) == 0)
    text += strlen(prefix);
  size_t first = strcspn(text, "\n");
  diag_at(d, y->pos, "%.*s", (int)first, text);
  if (text[first] && text[first + 1])
    str_add(&d->text, text + first + 1);
}

void config_read_muls(arena *mem, config *c, const yaml *y, diag *d) {
  if (!yaml_is(y, YAML_MAP, d))
    return;
  if (y->count < 1 || y->count > CONFIG_MAX_MULS) {
    diag_at(d, y->pos, "%d multipliers, expected 1 to %d", y->count, CONFIG_MAX_MULS);
    return;
  }
  for (const yaml *e = y->first; e; e = e->next) {
    const char *name;
    size_t i = c->mul_count++;
    c->mul_keys[i] = e->key; // also when its name is wrong, so that uses of the key are not errors
    if (!yaml_string(e, &name, d))
      continue;
    diag inner = {0};
    c->muls[i] = mul_make(mem, is_file(name) ? path_beside(mem, c->file, name) : name, &inner);
    if (!c->muls[i])
      config_report(e, &inner, d);
    diag_free(&inner);
  }
}

int config_mul(const config *c, const yaml *y, diag *d) {
  const char *key;
  if (!yaml_string(y, &key, d))
    return -1;
  for (size_t i = 0; i < c->mul_count; i++)
    if (strcmp(c->mul_keys[i], key) == 0)
      return (int)i;
  arena *mem = arena_new();
  diag_at(d, y->pos, "no `%.64s` in `multipliers`%s", key, yaml_suggest(mem, key, c->mul_keys, c->mul_count));
  arena_free(mem);
  return -1;
}
