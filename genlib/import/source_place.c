// SPDX-License-Identifier: Apache-2.0
//
// Where the lines of a preprocessed text are from.
#include "genlib/import/source.h"

#include <ctype.h>
#include <limits.h>
#include <string.h>

static bool is_word(char c) { return isalnum((unsigned char)c) || c == '_' || c == '$'; }

const source_place *source_place_of(const source *s, int line) {
  static const source_place nowhere = {"?", 0};
  return line >= 0 && (size_t)line < s->lines ? &s->places[line] : &nowhere;
}

const char *source_translate(const source *s, const char *message, const char *name) {
  str out = {0};
  size_t n = strlen(name);
  for (const char *p = message; *p;) {
    bool here = !strncmp(p, name, n) && p[n] == ':' && isdigit((unsigned char)p[n + 1]) &&
                (p == message || !(is_word(p[-1]) || strchr("./-", p[-1])));
    if (!here) {
      str_add_n(&out, p++, 1);
      continue;
    }
    const char *end;
    int64_t line = 0;
    whole_text(p + n + 1, 10, 1, INT_MAX, &line, &end);
    const source_place *at = source_place_of(s, (int)line - 1);
    str_printf(&out, "%s:%d", at->file, at->line);
    end += strspn(end, ".-0123456789"); // columns, and the end
    p = end;
  }
  const char *kept = arena_strdup(s->mem, out.data ? out.data : "");
  str_free(&out);
  return kept;
}
