// SPDX-License-Identifier: Apache-2.0
//
// Renaming modules: Verilog is cut into words, comments, strings and the rest. A word that a `module` defines somewhere
// in the set is a module's name wherever one can stand: after `module`, and where an instance begins.
#include "compiler/target/common/rename.h"
#include "genlib/scope.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  const char **names; // sorted
  size_t count, cap;
} modules;

static bool begins_word(char c) { return isalpha((unsigned char)c) || c == '_'; }
static bool in_word(char c) { return isalnum((unsigned char)c) || c == '_' || c == '$'; }

// What begins at `p` in bytes: a word, a comment, a string, a directive or macro, an escaped name, a number; else one
// byte.
static size_t token(const char *p, const char *end) {
  size_t left = (size_t)(end - p), n = 1;
  if (left > 1 && p[0] == '/' && p[1] == '/') {
    const char *line = memchr(p, '\n', left);
    return line ? (size_t)(line - p) : left;
  }
  if (left > 1 && p[0] == '/' && p[1] == '*') {
    for (n = 2; n < left && !(p[n] == '/' && p[n - 1] == '*' && n > 2); n++)
      ;
    return n < left ? n + 1 : left;
  }
  if (*p == '"') {
    for (; n < left && p[n] != '"'; n++)
      n += p[n] == '\\' && n + 1 < left;
    return n < left ? n + 1 : left;
  }
  if (*p == '\\') {
    while (n < left && !isspace((unsigned char)p[n]))
      n++;
    return n;
  }
  if (begins_word(*p) || *p == '`' || *p == '\'' || *p == '$' || isdigit((unsigned char)*p))
    while (n < left && in_word(p[n]))
      n++;
  return n;
}

static int by_name(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }

// A word in a text.
typedef struct {
  const char *at;
  size_t n;
} span;

static int by_span(const void *key, const void *element) {
  const span *w = key;
  const char *name = *(const char *const *)element;
  int order = strncmp(w->at, name, w->n);
  return order ? order : name[w->n] ? -1 : 0;
}

static bool is_verilog(const struct fileset_entry *f) { return str_ends_with(f->name, ".v"); }

static bool is_module(const char *word, size_t n) { return n == 6 && memcmp(word, "module", 6) == 0; }

static void find_modules(arena *mem, const struct fileset_entry *f, modules *m) {
  const char *p = f->data, *end = p + f->size;
  bool after = false; // the word before was `module`
  for (size_t n; p < end; p += n) {
    n = token(p, end);
    if (!begins_word(*p))
      continue;
    if (after) {
      arena_grow(mem, m->names, m->count, m->cap);
      m->names[m->count++] = arena_strndup(mem, p, n);
    }
    after = is_module(p, n);
  }
}

const char *renamed_module(arena *mem, const char *name, const char *module) {
  static const char TOP[] = TARGET_TOP, TEST[] = "tb_";
  size_t top = strlen(TOP), test = strlen(TEST);
  if (!name)
    return module;
  if (strncmp(module, TEST, test) == 0)
    return strcmp(module + test, TOP) == 0 ? arena_printf(mem, "%s%s", TEST, name) : module;
  if (strncmp(module, TOP, top) == 0 && (!module[top] || module[top] == '_'))
    return arena_printf(mem, "%s%s", name, module + top);
  return arena_printf(mem, "%s_%s", name, module);
}

// The new name of a word that is a module's; NULL for others.
static const char *renamed_word(arena *mem, const modules *m, const char *word, size_t n, const char *name) {
  const span w = {word, n};
  const char **found = bsearch(&w, m->names, m->count, sizeof *m->names, by_span);
  return found ? renamed_module(mem, name, *found) : NULL;
}

// What stands next after blanks and comments.
static const char *next_token(const char *p, const char *end) {
  while (p < end && (isspace((unsigned char)*p) || (*p == '/' && p + 1 < end && (p[1] == '/' || p[1] == '*'))))
    p += token(p, end);
  return p;
}

// Whether a word with a module's name means the module: it is defined here, or something is made of it. Nets, ports and
// instances may be called like a module.
static bool means_module(const char *after, const char *end, bool defined) {
  const char *next = next_token(after, end);
  return defined || (next < end && (*next == '#' || (begins_word(*next) && !scope_keyword(next, token(next, end)))));
}

static void rename_text(arena *mem, struct fileset_entry *f, const modules *m, const char *name) {
  str out = {0};
  const char *p = f->data, *end = p + f->size;
  bool defined = false, selected = false; // the word before is `module`; `.name` is a port or a member
  for (size_t n; p < end; p += n) {
    n = token(p, end);
    const char *new = begins_word(*p) && !selected ? renamed_word(mem, m, p, n, name) : NULL;
    if (new && !means_module(p + n, end, defined))
      new = NULL;
    str_add_n(&out, new ? new : p, new ? strlen(new) : n);
    if (begins_word(*p))
      defined = is_module(p, n);
    selected = *p == '.';
  }
  f->size = out.len;
  f->data = arena_memdup(mem, out.data ? out.data : "", out.len);
  str_free(&out);
}

const char *renamed_file(arena *mem, const char *name, const char *path) {
  const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
  char *module = arena_strndup(mem, base, strcspn(base, "."));
  return arena_printf(mem, "%.*s%s%s", (int)(base - path), path, renamed_module(mem, name, module),
                      base + strlen(module));
}

void rename_modules(arena *mem, fileset *fs, const char *name) {
  modules m = {0};
  for (size_t i = 0; name && i < fs->count; i++)
    if (is_verilog(&fs->files[i]))
      find_modules(mem, &fs->files[i], &m);
  if (!m.count)
    return;
  qsort(m.names, m.count, sizeof *m.names, by_name);
  for (size_t i = 0; i < fs->count; i++)
    if (is_verilog(&fs->files[i])) {
      rename_text(mem, &fs->files[i], &m, name);
      fs->files[i].name = renamed_file(mem, name, fs->files[i].name);
    }
}
