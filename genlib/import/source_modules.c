// SPDX-License-Identifier: Apache-2.0
//
// The modules of a preprocessed text: where they are, which they instantiate, and what in them is refused.
#include "genlib/import/source.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_MODULES = 1 << 12, MAX_PORTS = 1 << 12 };

typedef struct {
  const char *p;
  size_t n;
  enum { END, WORD, ESCAPED, STRING, OTHER } kind;
  int line;
} token;

typedef struct {
  const char *p, *end;
  int line;
} scanner;

static bool is_word(char c) { return isalnum((unsigned char)c) || c == '_' || c == '$'; }

// The text holds no comments but those that source_read writes.
static token next(scanner *s) {
  static const char comment[] = "/* synopsys ";
  while (s->p < s->end) {
    if (isspace((unsigned char)*s->p)) {
      s->line += *s->p++ == '\n';
    } else if (!strncmp(s->p, comment, sizeof comment - 1)) {
      const char *stop = strstr(s->p, "*/");
      s->p = stop ? stop + 2 : s->end;
    } else {
      break;
    }
  }
  token t = {.p = s->p, .n = 1, .kind = OTHER, .line = s->line};
  if (s->p >= s->end)
    return t.kind = END, t.n = 0, t;
  if (*s->p == '\\') {
    t.kind = ESCAPED;
    while (s->p + t.n < s->end && !isspace((unsigned char)s->p[t.n]))
      t.n++;
  } else if (*s->p == '"') {
    t.kind = STRING;
    while (s->p + t.n < s->end && s->p[t.n] != '"')
      t.n += s->p[t.n] == '\\' && s->p + t.n + 1 < s->end ? 2 : 1;
    t.n = s->p + t.n < s->end ? t.n + 1 : (size_t)(s->end - s->p);
  } else if (is_word(*s->p)) {
    t.kind = WORD;
    while (s->p + t.n < s->end && is_word(s->p[t.n]))
      t.n++;
  }
  s->p += t.n;
  return t;
}

static bool is(token t, const char *word) { return t.kind == WORD && strlen(word) == t.n && !strncmp(word, t.p, t.n); }

static bool is_char(token t, char c) { return t.kind == OTHER && *t.p == c; }

static bool is_name(token t) { return t.kind == ESCAPED || (t.kind == WORD && !isdigit((unsigned char)*t.p)); }

// ---- what is refused ---------------------------------------------------------------------------------------------
static void look_at(source *s, source_module *m, token before, token t) {
  const char *what = NULL;
  if (m->refused)
    return;
  if (t.kind == WORD && *t.p == '$' && !source_is_pure_function(t.p + 1, t.n - 1))
    what = arena_printf(s->mem,
                        "`%.*s`: of the system tasks and functions only those are taken that are functions of "
                        "their arguments, such as $signed and $clog2",
                        (int)(t.n > 60 ? 60 : t.n), t.p);
  if (t.kind == STRING && (is(before, "import") || is(before, "export")))
    what = "a function in C is not taken";
  if (what)
    m->refused = what, m->refused_line = t.line;
}

// ---- modules -----------------------------------------------------------------------------------------------------
static const struct {
  const char *start, *end;
  bool module;
} kinds[] = {{"module", "endmodule", true},    {"macromodule", "endmodule", true}, {"primitive", "endprimitive", false},
             {"program", "endprogram", false}, {"class", "endclass", false},       {"checker", "endchecker", false}};

static int kind_of(token t) {
  for (size_t k = 0; k < BASE_COUNT(kinds); k++)
    if (is(t, kinds[k].start))
      return (int)k;
  return -1;
}

// Behind the name: `#(...)` and then the ports with commas between them, or without a bracket none.
static int count_ports(scanner s) {
  token t = next(&s);
  if (is_char(t, '#')) {
    int depth = 0;
    do {
      t = next(&s);
      depth += is_char(t, '(') - is_char(t, ')');
    } while (depth && t.kind != END);
    t = next(&s);
  }
  if (!is_char(t, '(') || is_char(t = next(&s), ')'))
    return 0;
  int ports = 1;
  for (int depth = 1; depth && t.kind != END; t = next(&s)) {
    if (t.kind == OTHER && strchr("([{)]}", *t.p))
      depth += strchr("([{", *t.p) ? 1 : -1;
    ports += depth == 1 && is_char(t, ',');
  }
  return ports;
}

static const char *name_of(arena *mem, token t) {
  return t.kind == ESCAPED ? arena_strndup(mem, t.p + 1, t.n - 1) : arena_strndup(mem, t.p, t.n);
}

static bool find_modules(source *s, diag *d) {
  scanner at = {s->text, s->text + s->size, 0};
  token before = {0};
  for (token t; (t = next(&at)).kind != END; before = t) {
    int kind = kind_of(t);
    if (kind < 0) {
      look_at(s, &s->outside, before, t);
      continue;
    }
    source_module m = {.start = (size_t)(t.p - s->text), .line = t.line, .module = kinds[kind].module};
    token name = next(&at);
    if (is(name, "automatic") || is(name, "static"))
      name = next(&at);
    if (!is_name(name))
      return diag_error(d, "%s:%d: the %s's name was expected", source_place_of(s, t.line)->file,
                        source_place_of(s, t.line)->line, kinds[kind].start);
    m.name = name_of(s->mem, name);
    m.ports = m.module ? count_ports(at) : !strcmp(kinds[kind].start, "primitive");
    if (m.ports > MAX_PORTS)
      return diag_error(d, "%s:%d: %s `%s` has more than %d ports", source_place_of(s, m.line)->file,
                        source_place_of(s, m.line)->line, kinds[kind].start, m.name, MAX_PORTS);
    while ((t = next(&at)).kind != END && !is(t, kinds[kind].end)) {
      look_at(s, &m, before, t);
      before = t;
    }
    if (t.kind == END)
      return diag_error(d, "%s:%d: %s `%s` does not end", source_place_of(s, m.line)->file,
                        source_place_of(s, m.line)->line, kinds[kind].start, m.name);
    m.end = (size_t)(t.p + t.n - s->text);
    int other = source_find(s, m.name);
    if (other >= 0)
      return diag_error(d, "%s:%d: `%s` is already defined at %s:%d", source_place_of(s, m.line)->file,
                        source_place_of(s, m.line)->line, m.name, source_place_of(s, s->modules[other].line)->file,
                        source_place_of(s, s->modules[other].line)->line);
    if (s->count == MAX_MODULES)
      return diag_error(d, "%s: more than %d modules", source_place_of(s, m.line)->file, MAX_MODULES);
    arena_grow(s->mem, s->modules, s->count, s->cap);
    s->modules[s->count++] = m;
  }
  return true;
}

// ---- instances ---------------------------------------------------------------------------------------------------
typedef struct {
  const char *name;
  int index;
} entry;

static int compare(const void *x, const void *y) { return strcmp(((const entry *)x)->name, ((const entry *)y)->name); }

// An instance is a module's name with `#` or another name behind it.
static void find_uses(source *s, source_module *m, const entry *sorted, const source_module **found_in) {
  scanner at = {s->text + m->start, s->text + m->end, m->line};
  char word[256];
  next(&at); // module
  for (token t = next(&at), then; t.kind != END; t = then) {
    then = next(&at);
    size_t n = t.n - (t.kind == ESCAPED);
    if (!is_name(t) || !(is_name(then) || is_char(then, '#')) || n >= sizeof word)
      continue;
    memcpy(word, t.p + (t.kind == ESCAPED), n);
    word[n] = 0;
    entry key = {word, 0};
    const entry *found = bsearch(&key, sorted, s->count, sizeof *sorted, compare);
    if (!found || found_in[found->index] == m)
      continue;
    found_in[found->index] = m; // once is enough
    arena_grow(s->mem, m->uses, m->use_count, m->use_cap);
    m->uses[m->use_count++] = found->index;
  }
}

bool source_modules(source *s, diag *d) {
  if (!find_modules(s, d))
    return false;
  entry *sorted = arena_new_array(s->mem, entry, s->count + 1);
  for (size_t i = 0; i < s->count; i++)
    sorted[i] = (entry){s->modules[i].name, (int)i};
  qsort(sorted, s->count, sizeof *sorted, compare);
  const source_module **found_in = arena_new_array(s->mem, const source_module *, s->count + 1);
  for (size_t i = 0; i < s->count; i++)
    find_uses(s, &s->modules[i], sorted, found_in);
  return true;
}

int source_find(const source *s, const char *name) {
  for (size_t i = 0; i < s->count; i++)
    if (!strcmp(s->modules[i].name, name))
      return (int)i;
  return -1;
}

// ---- a part of the text ------------------------------------------------------------------------------------------
static bool refused(const source *s, const source_module *m, diag *d) {
  if (!m->refused)
    return false;
  const source_place *at = source_place_of(s, m->refused_line);
  diag_error(d, "%s:%d: %s", at->file, at->line, m->refused);
  return true;
}

const char *source_select(const source *s, int top, diag *d) {
  bool *kept = arena_new_array(s->mem, bool, s->count + 1);
  int *open = arena_new_array(s->mem, int, s->count + 1);
  size_t count = 1;
  kept[top] = true;
  for (open[0] = top; count;) {
    const source_module *m = &s->modules[open[--count]];
    for (size_t i = 0; i < m->use_count; i++)
      if (!kept[m->uses[i]]) {
        kept[m->uses[i]] = true;
        open[count++] = m->uses[i];
      }
  }
  char *text = arena_strndup(s->mem, s->text, s->size);
  if (refused(s, &s->outside, d))
    return NULL;
  for (size_t i = 0; i < s->count; i++) {
    if (kept[i] && refused(s, &s->modules[i], d))
      return NULL;
    for (size_t k = s->modules[i].start; !kept[i] && k < s->modules[i].end; k++)
      text[k] = text[k] == '\n' ? '\n' : ' ';
  }
  return source_check(s, text, d) ? text : NULL;
}
