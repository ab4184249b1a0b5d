// SPDX-License-Identifier: Apache-2.0
//
// Typed values out of a YAML tree, with messages that say what was expected.
#include "compiler/net/yaml.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

// What is there, for a message. `buf` has room for a shortened scalar.
static const char *found(const yaml *y, char buf[64]) {
  if (y->kind != YAML_SCALAR)
    return y->kind == YAML_LIST ? "a list" : "a map";
  if (!*y->text)
    return "nothing";
  snprintf(buf, 64, strlen(y->text) > 40 ? "`%.37s...`" : "`%s`", y->text);
  for (char *p = buf; *p; p++)
    if ((unsigned char)*p < ' ')
      *p = ' ';
  return buf;
}

bool yaml_is(const yaml *y, yaml_kind kind, diag *d) {
  static const char *const names[] = {"a value", "a list [...]", "a map of keys and values"};
  char buf[64];
  if (!y)
    return false;
  return y->kind == kind || diag_at(d, y->pos, "expected %s, found %s", names[kind], found(y, buf));
}

bool yaml_string(const yaml *y, const char **out, diag *d) {
  char buf[64];
  if (!y)
    return false;
  if (y->kind != YAML_SCALAR || !*y->text)
    return diag_at(d, y->pos, "expected a text, found %s", found(y, buf));
  *out = y->text;
  return true;
}

bool yaml_int(const yaml *y, int64_t lo, int64_t hi, int64_t *out, diag *d) {
  char buf[64];
  if (!y)
    return false;
  if (y->kind == YAML_SCALAR && !y->quoted && whole_text(y->text, 10, lo, hi, out, NULL))
    return true;
  return diag_at(d, y->pos, "expected an integer from %lld to %lld, found %s", (long long)lo, (long long)hi,
                 found(y, buf));
}

bool yaml_int32(const yaml *y, int32_t lo, int32_t hi, int32_t *out, diag *d) {
  int64_t v;
  if (!yaml_int(y, lo, hi, &v, d))
    return false;
  *out = (int32_t)v;
  return true;
}

bool yaml_real(const yaml *y, double *out, diag *d) {
  char buf[64];
  if (!y)
    return false;
  if (y->kind == YAML_SCALAR && !y->quoted) {
    if (strcmp(y->text, ".inf") == 0 || strcmp(y->text, "-.inf") == 0) {
      *out = y->text[0] == '-' ? -INFINITY : INFINITY;
      return true;
    }
    char *end;
    size_t n = strlen(y->text);
    if (n && strspn(y->text, "0123456789+-.eE") == n) {
      *out = strtod(y->text, &end);
      if (!*end && isfinite(*out))
        return true;
      if (!*end)
        return diag_at(d, y->pos, "expected a number below 1.8e308 in size, found %s", found(y, buf));
    }
  }
  return diag_at(d, y->pos, "expected a number, found %s", found(y, buf));
}

bool yaml_bool(const yaml *y, bool *out, diag *d) {
  char buf[64];
  if (!y)
    return false;
  *out = y->kind == YAML_SCALAR && strcmp(y->text, "true") == 0;
  if (*out || (y->kind == YAML_SCALAR && strcmp(y->text, "false") == 0))
    return true;
  return diag_at(d, y->pos, "expected true or false, found %s", found(y, buf));
}

bool yaml_ints(const yaml *y, int count, int32_t lo, int32_t hi, int32_t *out, diag *d) {
  if (!yaml_is(y, YAML_LIST, d))
    return false;
  if (y->count != count)
    return diag_at(d, y->pos, "expected a list of %d integers, found %d", count, y->count);
  for (const yaml *e = y->first; e; e = e->next)
    if (!yaml_int32(e, lo, hi, out++, d))
      return false;
  return true;
}

const yaml *yaml_get(const yaml *map, const char *key) {
  for (const yaml *e = map->first; e; e = e->next)
    if (strcmp(e->key, key) == 0)
      return e;
  return NULL;
}

const yaml *yaml_need(const yaml *map, const char *key, diag *d) {
  const yaml *e = yaml_get(map, key);
  if (!e)
    diag_at(d, map->key ? map->key_pos : map->pos, "the key `%s` is missing here", key);
  return e;
}

bool yaml_keys(const yaml *map, const char *what, const char *const *known, diag *d) {
  if (!yaml_is(map, YAML_MAP, d))
    return false;
  size_t count = 0;
  while (known[count])
    count++;
  bool ok = true;
  arena *mem = arena_new();
  for (const yaml *e = map->first; e; e = e->next) {
    size_t i = 0;
    while (i < count && strcmp(known[i], e->key) != 0)
      i++;
    if (i == count)
      ok = diag_at(d, e->key_pos, "unknown key `%s` in %s%s", e->key, what,
                   diag_is_full(d) ? "" : yaml_suggest(mem, e->key, known, count));
  }
  arena_free(mem);
  return ok;
}

// Edits that turn one word into the other, when both are short.
static int distance(const char *a, const char *b) {
  enum { LONGEST = 48 };
  size_t n = strlen(a), m = strlen(b);
  if (n > LONGEST || m > LONGEST)
    return LONGEST;
  int row[LONGEST + 1];
  for (size_t j = 0; j <= m; j++)
    row[j] = (int)j;
  for (size_t i = 1; i <= n; i++) {
    int diagonal = row[0];
    row[0] = (int)i;
    for (size_t j = 1; j <= m; j++) {
      int change = diagonal + (tolower((unsigned char)a[i - 1]) != tolower((unsigned char)b[j - 1]));
      int remove = row[j] + 1, insert = row[j - 1] + 1;
      diagonal = row[j];
      row[j] = change < remove ? change : remove;
      row[j] = row[j] < insert ? row[j] : insert;
    }
  }
  return row[m];
}

const char *yaml_suggest(arena *mem, const char *word, const char *const *names, size_t count) {
  enum { SHOWN = 24 };
  const char *best = NULL;
  int least = 1 + (int)strlen(word) / 3;
  for (size_t i = 0; i < count; i++) {
    int n = distance(word, names[i]);
    if (n < least || (n == least && !best && n < (int)strlen(word))) {
      least = n;
      best = names[i];
    }
  }
  str s = {0};
  if (best)
    str_printf(&s, "; did you mean `%s`? There are: ", best);
  else
    str_add(&s, count ? "; there are: " : "; there are none");
  for (size_t i = 0; i < count && i < SHOWN; i++)
    str_printf(&s, "%s%s", i ? ", " : "", names[i]);
  if (count > SHOWN)
    str_printf(&s, " and %zu more", count - SHOWN);
  char *text = arena_strdup(mem, s.data);
  str_free(&s);
  return text;
}
