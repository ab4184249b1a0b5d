// SPDX-License-Identifier: Apache-2.0
//
// Verilog's preprocessor: comments, `define, `ifdef, `include. One line of a file stays one line of the text.
#include "genlib/import/source.h"

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
  MAX_DEPTH = 32,
  MAX_CONDITIONS = 64,
  MAX_EXPANSIONS = 1 << 20,
  MACROS = 1 << 13,
  MAX_ARGS = 64,
  MAX_WORK = 1 << 27
};

typedef struct {
  const char *name, *body;
  int args; // -1: none, not even ()
  const char **arg, **value; // their names, and what they are where not given (NULL: must be)
} macro;

typedef struct {
  bool active, done, has_else; // done: one of the branches was taken
} condition;

typedef struct {
  source *s;
  str out;
  source_place *places;
  size_t place_cap;
  macro *macros[MACROS]; // a hash table, at most half full
  int macro_count, expansions, files;
  size_t input, work;
  condition conditions[MAX_CONDITIONS];
  int condition_count;
  bool translate_off;
  const char *const *roots; // folders that files may come from, real paths
  size_t root_count;
  const char *const *folders;
  size_t folder_count;
  diag *d;
} reader;

// What is being read: a file, or a macro's expansion (whose place is its use's).
typedef struct {
  const char *path, *text, *line_start;
  const char *p, *end;
  int line;
  const char *at; // of an expansion: where in the file it is used
  bool expansion;
  int depth;
} input;

static bool fail(reader *r, const input *in, const char *at, const char *fmt, ...) BASE_PRINTF(4, 5);
static bool fail(reader *r, const input *in, const char *at, const char *fmt, ...) {
  char message[400];
  va_list ap;
  va_start(ap, fmt);
  vsnprintf(message, sizeof message, fmt, ap);
  va_end(ap);
  at = in->expansion ? in->at : at;
  bool here = at >= in->line_start && !memchr(in->line_start, '\n', (size_t)(at - in->line_start));
  src_pos pos = {.file = in->path, .line = in->line, .text = in->text};
  pos.column = here ? (int)(at - in->line_start) + 1 : 1;
  return diag_at(r->d, pos, "%s", message);
}

// ---- output ------------------------------------------------------------------------------------------------------
static bool room(reader *r, const input *in, size_t n) {
  return r->out.len + n <= SOURCE_MAX || fail(r, in, in->p, "the text grows beyond %d bytes", SOURCE_MAX);
}

static void start_line(reader *r, const char *file, int line) {
  arena_grow(r->s->mem, r->places, r->s->lines, r->place_cap);
  r->places[r->s->lines++] = (source_place){file, line};
}

static bool emit(reader *r, const input *in, const char *text, size_t n) {
  if (!room(r, in, n + 1))
    return false;
  // What macros bring together makes no comment.
  if (r->out.len && r->out.data[r->out.len - 1] == '/' && (*text == '/' || *text == '*'))
    str_add(&r->out, " ");
  str_add_n(&r->out, text, n);
  return true;
}

static bool condition_holds(const reader *r) {
  return !r->condition_count || r->conditions[r->condition_count - 1].active;
}
static bool active(const reader *r) { return !r->translate_off && condition_holds(r); }

// Memory and time that macros take, all together.
static bool work(reader *r, const input *in, size_t n) {
  r->work += n;
  return r->work <= MAX_WORK || fail(r, in, in->p, "its macros grow beyond %d bytes", MAX_WORK);
}

static bool newline(reader *r, input *in) {
  if (in->expansion) {
    in->p++;
    return emit(r, in, " ", 1);
  }
  in->line_start = ++in->p;
  start_line(r, in->path, ++in->line);
  return emit(r, in, "\n", 1);
}

// ---- words -------------------------------------------------------------------------------------------------------
static bool is_word(char c) { return isalnum((unsigned char)c) || c == '_' || c == '$'; }

static size_t word_length(const char *p, const char *end) {
  size_t n = 0;
  while (p + n < end && is_word(p[n]))
    n++;
  return n;
}

static void skip_blanks(input *in) {
  while (in->p < in->end && (*in->p == ' ' || *in->p == '\t' || *in->p == '\r'))
    in->p++;
}

static bool is(const char *word, size_t n, const char *text) { return strlen(text) == n && !strncmp(word, text, n); }

// Its length with the quotes, or 0: it does not end on its line.
static size_t string_length(const char *p, const char *end) {
  for (const char *q = p + 1; q < end && *q != '\n'; q++)
    if (*q == '\\' && q + 1 < end && q[1] != '\n')
      q++;
    else if (*q == '"')
      return (size_t)(q + 1 - p);
  return 0;
}

// ---- comments ----------------------------------------------------------------------------------------------------
// `synopsys WORDS` of a comment that synthesis heeds.
static bool pragma(reader *r, const input *in, const char *p, const char *end) {
  static const char *const owners[] = {"synopsys", "synthesis", "pragma"};
  while (p < end && (*p == ' ' || *p == '\t'))
    p++;
  size_t n = word_length(p, end), k = 0;
  while (k < BASE_COUNT(owners) && !is(p, n, owners[k]))
    k++;
  if (k == BASE_COUNT(owners) || !condition_holds(r))
    return true;
  for (p += n; p < end; p += n ? n : 1) {
    n = word_length(p, end);
    if (is(p, n, "translate_off"))
      r->translate_off = true;
    else if (is(p, n, "translate_on"))
      r->translate_off = false;
    else if (active(r) && k < 2 && (is(p, n, "full_case") || is(p, n, "parallel_case")) &&
             !(emit(r, in, "/* synopsys ", 12) && emit(r, in, p, n) && emit(r, in, " */", 3)))
      return false;
  }
  return true;
}

static bool comment(reader *r, input *in) {
  bool line = in->p[1] == '/';
  const char *start = in->p + 2, *stop = start;
  while (stop < in->end && !(line ? *stop == '\n' : stop + 1 < in->end && stop[0] == '*' && stop[1] == '/'))
    stop++;
  if (!line && stop >= in->end)
    return fail(r, in, in->p, "this comment does not end");
  if (!pragma(r, in, start, stop))
    return false;
  for (in->p = start; in->p < stop;)
    if (*in->p != '\n')
      in->p++;
    else if (!newline(r, in))
      return false;
  in->p = line ? stop : stop + 2;
  return emit(r, in, " ", 1);
}

// ---- macros ------------------------------------------------------------------------------------------------------
static macro **slot(reader *r, const char *name, size_t n) {
  uint32_t hash = 2166136261u;
  for (size_t i = 0; i < n; i++)
    hash = (hash ^ (uint8_t)name[i]) * 16777619u;
  for (;; hash++) {
    macro **m = &r->macros[hash % MACROS];
    if (!*m || is(name, n, (*m)->name))
      return m;
  }
}

static bool set_macro(reader *r, const input *in, macro m) {
  macro **at = slot(r, m.name, strlen(m.name));
  if (!*at && ++r->macro_count > MACROS / 2)
    return fail(r, in, in->p, "more than %d macros", MACROS / 2);
  *at = arena_memdup(r->s->mem, &m, sizeof m);
  return true;
}

static const macro *find_macro(reader *r, const char *name, size_t n) {
  const macro *m = *slot(r, name, n);
  return m && m->body ? m : NULL;
}

// `(a, b = 1)` behind a macro's name.
static bool define_args(reader *r, input *in, macro *m) {
  m->arg = arena_new_array(r->s->mem, const char *, MAX_ARGS);
  m->value = arena_new_array(r->s->mem, const char *, MAX_ARGS);
  m->args = 0;
  for (in->p++;;) {
    skip_blanks(in);
    size_t n = word_length(in->p, in->end);
    if (!n && !m->args && in->p < in->end && *in->p == ')')
      break;
    if (!n || m->args == MAX_ARGS)
      return fail(r, in, in->p, "a macro's argument was expected (at most %d)", MAX_ARGS);
    m->arg[m->args] = arena_strndup(r->s->mem, in->p, n);
    in->p += n;
    skip_blanks(in);
    if (in->p < in->end && *in->p == '=') {
      size_t length = 0;
      for (in->p++; in->p + length < in->end && !strchr(",)\n", in->p[length]);)
        length++;
      m->value[m->args] = arena_strndup(r->s->mem, in->p, length);
      in->p += length;
    }
    m->args++;
    if (in->p >= in->end || (*in->p != ',' && *in->p != ')'))
      return fail(r, in, in->p, "`,` or `)` was expected");
    if (*in->p == ')')
      break;
    in->p++;
  }
  in->p++;
  return true;
}

// The rest of the line, and of those that a backslash joins; comments left out.
static bool define_body(reader *r, input *in, str *body) {
  while (in->p < in->end && *in->p != '\n') {
    size_t n = *in->p == '"' ? string_length(in->p, in->end) : 0;
    if (in->p[0] == '\\' && in->p + 1 < in->end && (in->p[1] == '\n' || (in->p[1] == '\r' && in->p[2] == '\n'))) {
      in->p += in->p[1] == '\r' ? 2 : 1;
      str_add(body, " ");
      if (!newline(r, in))
        return false;
    } else if (n) {
      str_add_n(body, in->p, n);
      in->p += n;
    } else if (in->p[0] == '/' && in->p + 1 < in->end && in->p[1] == '/') {
      while (in->p < in->end && *in->p != '\n')
        in->p++;
    } else if (in->p[0] == '/' && in->p + 1 < in->end && in->p[1] == '*') {
      if (!comment(r, in))
        return false;
      str_add(body, " ");
    } else {
      str_add_n(body, in->p++, 1);
    }
  }
  return true;
}

static bool define(reader *r, input *in) {
  static const char *const reserved[] = {"define", "undef", "ifdef", "ifndef", "elsif", "else", "endif", "include"};
  if (in->expansion)
    return fail(r, in, in->p, "`define inside a macro is not taken");
  skip_blanks(in);
  size_t n = word_length(in->p, in->end);
  if (!n)
    return fail(r, in, in->p, "a macro's name was expected");
  for (size_t i = 0; i < BASE_COUNT(reserved); i++)
    if (is(in->p, n, reserved[i]))
      return fail(r, in, in->p, "a macro cannot have the name of a directive");
  macro m = {.name = arena_strndup(r->s->mem, in->p, n), .args = -1};
  in->p += n;
  if (in->p < in->end && *in->p == '(' && !define_args(r, in, &m))
    return false;
  str body = {0};
  bool good = define_body(r, in, &body);
  m.body = arena_strndup(r->s->mem, body.data ? body.data : "", body.len);
  str_free(&body);
  return good && set_macro(r, in, m);
}

static bool is_given(const char *value) { return value && value[strspn(value, " \t\r\n")]; }

// Puts in what a use leaves out.
static bool complete_args(reader *r, const input *in, const macro *m, int count, const char **value) {
  if (count == 1 && !m->args)
    return !is_given(value[0]) || fail(r, in, in->p - 1, "`%s takes no arguments", m->name);
  bool good = count <= m->args;
  for (int i = 0; i < m->args && good; i++) {
    value[i] = !is_given(value[i]) && m->value[i] ? m->value[i] : value[i];
    good = value[i];
  }
  return good || fail(r, in, in->p - 1, "`%s takes %d arguments, %d are given", m->name, m->args, count);
}

// The end of one argument; its text without comments goes to `out`.
static bool use_arg(reader *r, input *in, const macro *m, str *out, int *lines) {
  for (int depth = 0; in->p < in->end;) {
    size_t n = *in->p == '"' ? string_length(in->p, in->end) : 1;
    char c = *in->p, next = in->p[1];
    if (!depth && (c == ',' || c == ')'))
      return true;
    *lines += c == '\n';
    depth += strchr("([{", c) ? 1 : strchr(")]}", c) ? -1 : 0;
    if (c == '/' && next == '/' && !in->expansion) {
      while (in->p < in->end && *in->p != '\n')
        in->p++;
      continue;
    }
    if (c == '/' && next == '*' && !in->expansion)
      return fail(r, in, in->p, "a comment between a macro's arguments is not taken");
    n = n ? n : 1;
    if (!work(r, in, n))
      return false;
    str_add_n(out, in->p, n);
    in->p += n;
  }
  return fail(r, in, in->end, "`%s: its arguments do not end", m->name);
}

// The arguments of a use; newlines between them are blanks of the expansion and lines of the text after it.
static bool use_args(reader *r, input *in, const macro *m, const char **value, int *lines) {
  while (in->p < in->end && isspace((unsigned char)*in->p))
    *lines += *in->p++ == '\n';
  if (in->p >= in->end || *in->p != '(')
    return fail(r, in, in->p, "`%s: `(` and its arguments were expected", m->name);
  int count = 0;
  do {
    str text = {0};
    in->p++;
    bool good =
        count < MAX_ARGS ? use_arg(r, in, m, &text, lines) : fail(r, in, in->p, "more than %d arguments", MAX_ARGS);
    if (good)
      value[count++] = arena_strndup(r->s->mem, text.data ? text.data : "", text.len);
    str_free(&text);
    if (!good)
      return false;
  } while (*in->p == ',');
  in->p++;
  return complete_args(r, in, m, count, value);
}

// The body with its arguments put in; `` joins words.
static bool substitute(reader *r, const input *in, const macro *m, const char *const *value, str *out) {
  const char *end = m->body + strlen(m->body);
  for (const char *p = m->body; p < end;) {
    size_t n = word_length(p, end);
    size_t before = out->len;
    if (p[0] == '`' && p[1] == '`') {
      p += 2;
    } else if (p[0] == '`' && (p[1] == '"' || p[1] == '\\')) {
      return fail(r, in, in->p, "`%s makes a string of its arguments, which is not taken", m->name);
    } else if (*p == '"' && string_length(p, end)) {
      n = string_length(p, end);
      str_add_n(out, p, n);
      p += n;
    } else if (n) {
      int i = 0;
      while (i < m->args && !is(p, n, m->arg[i]))
        i++;
      if (i < m->args)
        str_add(out, value[i]);
      else
        str_add_n(out, p, n);
      p += n;
    } else {
      str_add_n(out, p++, 1);
    }
    if (!work(r, in, out->len - before))
      return false;
  }
  return true;
}

static bool process(reader *r, input *in);

static bool expand(reader *r, input *in, const char *at, const char *name, size_t n) {
  const macro *m = find_macro(r, name, n);
  if (!m)
    return fail(r, in, at, "`%.*s: there is no such macro or directive", (int)(n > 60 ? 60 : n), name);
  if (in->depth >= MAX_DEPTH || ++r->expansions > MAX_EXPANSIONS)
    return fail(r, in, at, "macros are nested more than %d deep, or expanded more than %d times", MAX_DEPTH,
                MAX_EXPANSIONS);
  const char *value[MAX_ARGS] = {NULL};
  int lines = 0;
  if (m->args >= 0 && !use_args(r, in, m, value, &lines))
    return false;
  str text = {0};
  bool good = substitute(r, in, m, value, &text);
  input inner = *in;
  inner.at = in->expansion ? in->at : at;
  inner.expansion = true;
  inner.depth++;
  inner.p = text.data ? text.data : "";
  inner.end = inner.p + text.len;
  good = good && process(r, &inner);
  str_free(&text);
  for (; good && lines && !in->expansion; lines--) {
    start_line(r, in->path, ++in->line);
    good = emit(r, in, "\n", 1);
    in->line_start = in->p;
  }
  return good;
}

// ---- conditions --------------------------------------------------------------------------------------------------
static bool condition_word(reader *r, input *in, bool *defined) {
  skip_blanks(in);
  size_t n = word_length(in->p, in->end);
  if (!n)
    return fail(r, in, in->p, "a macro's name was expected");
  *defined = find_macro(r, in->p, n);
  in->p += n;
  return true;
}

// False in *known: it is another directive.
static bool conditional(reader *r, input *in, const char *at, const char *word, size_t n, bool *known) {
  bool defined, inverted = is(word, n, "ifndef");
  condition *c = r->condition_count ? &r->conditions[r->condition_count - 1] : NULL;
  *known = true;
  if (is(word, n, "ifdef") || inverted) {
    bool outer = !r->condition_count || c->active;
    if (r->condition_count == MAX_CONDITIONS)
      return fail(r, in, at, "conditions are nested more than %d deep", MAX_CONDITIONS);
    if (!condition_word(r, in, &defined))
      return false;
    bool take = outer && defined != inverted;
    r->conditions[r->condition_count++] = (condition){.active = take, .done = take || !outer};
    return true;
  }
  if (!is(word, n, "elsif") && !is(word, n, "else") && !is(word, n, "endif"))
    return *known = false, true;
  if (!r->condition_count || (word[1] != 'n' && c->has_else))
    return fail(r, in, at, "`%.*s without its `ifdef", (int)n, word);
  if (is(word, n, "endif"))
    return r->condition_count--, true;
  defined = true;
  c->has_else = is(word, n, "else");
  if (!c->has_else && !condition_word(r, in, &defined))
    return false;
  c->active = !c->done && defined;
  c->done |= c->active;
  return true;
}

// ---- files -------------------------------------------------------------------------------------------------------
static const char *folder_of(arena *mem, const char *path) {
  const char *slash = strrchr(path, '/');
  return slash == path ? "/" : slash ? arena_strndup(mem, path, (size_t)(slash - path)) : ".";
}

static const char *real(arena *mem, const char *path) {
  char *full = realpath(path, NULL);
  const char *kept = full ? arena_strdup(mem, full) : NULL;
  free(full);
  return kept;
}

static bool inside(const reader *r, const char *path) {
  for (size_t i = 0; i < r->root_count; i++) {
    size_t n = strlen(r->roots[i]);
    n -= n && r->roots[i][n - 1] == '/'; // the root folder
    if (!strncmp(path, r->roots[i], n) && path[n] == '/')
      return true;
  }
  return false;
}

static bool read_file(reader *r, const char *path, int depth) {
  bytes file;
  if (!file_read(r->s->mem, path, SOURCE_MAX, &file, r->d))
    return false;
  input in = {.path = path, .text = (const char *)file.data, .line = 1, .depth = depth};
  in.p = in.line_start = in.text;
  in.end = in.text + strlen(in.text);
  if (in.end != in.text + file.size)
    return diag_error(r->d, "%s: byte %zu is 0: this is no text", path, (size_t)(in.end - in.text));
  r->input += file.size;
  if (r->input > SOURCE_MAX || ++r->files > 256)
    return diag_error(r->d, "%s: more than 256 files or %d bytes in all", path, SOURCE_MAX);
  int conditions = r->condition_count;
  start_line(r, path, 1);
  if (!process(r, &in))
    return false;
  if (r->condition_count != conditions)
    return fail(r, &in, in.p, "the file ends inside of `ifdef");
  return emit(r, &in, "\n", 1);
}

static bool include(reader *r, input *in, const char *at) {
  skip_blanks(in);
  char close = in->p < in->end && *in->p == '"' ? '"' : in->p < in->end && *in->p == '<' ? '>' : 0;
  const char *stop = close ? in->p + 1 : NULL;
  while (stop && stop < in->end && *stop != close && *stop != '\n')
    stop++;
  if (in->expansion || !stop || stop >= in->end || *stop != close)
    return fail(r, in, at, "`include: a file's name in quotes was expected");
  arena *mem = r->s->mem;
  const char *name = arena_strndup(mem, in->p + 1, (size_t)(stop - in->p - 1)), *found = NULL;
  in->p = stop + 1;
  for (size_t i = 0; i <= r->folder_count && !found; i++) {
    const char *folder = i ? r->folders[i - 1] : folder_of(mem, in->path);
    const char *path = *name == '/' ? name : path_join(mem, folder, name);
    struct stat st;
    found = stat(path, &st) == 0 && S_ISREG(st.st_mode) ? path : NULL;
  }
  if (!found)
    return fail(r, in, at, "`include: there is no file %.200s beside this one or in a folder given by -I", name);
  const char *full = real(mem, found);
  if (!full || !inside(r, full))
    return fail(r, in, at, "`include: %.200s lies outside of the files' own folders and those given by -I", name);
  if (in->depth >= MAX_DEPTH)
    return fail(r, in, at, "`include: nested more than %d deep", MAX_DEPTH);
  if (!emit(r, in, "\n", 1) || !read_file(r, found, in->depth + 1))
    return false;
  start_line(r, in->path, in->line);
  return true;
}

// ---- directives --------------------------------------------------------------------------------------------------
// Those that the tools get: `timescale 1ns/1ps, `default_nettype none.
static bool pass_on(reader *r, input *in, const char *at, const char *word, size_t n) {
  const char *start = in->p;
  while (in->p < in->end && (is_word(*in->p) || strchr(" \t/", *in->p)))
    in->p++;
  const char *newline_first = r->out.len && r->out.data[r->out.len - 1] != '\n' ? "\n" : "";
  if (in->expansion)
    return fail(r, in, at, "`%.*s inside a macro is not taken", (int)n, word);
  if (*newline_first)
    start_line(r, in->path, in->line);
  if (!emit(r, in, newline_first, strlen(newline_first)) || !emit(r, in, "`", 1) || !emit(r, in, word, n) ||
      !emit(r, in, start, (size_t)(in->p - start)))
    return false;
  skip_blanks(in);
  if (in->p < in->end && *in->p != '\n' && *in->p != '/') {
    start_line(r, in->path, in->line);
    return emit(r, in, "\n", 1);
  }
  return true;
}

static bool directive(reader *r, input *in) {
  static const char *const dropped[] = {"celldefine",          "endcelldefine",   "resetall",
                                        "nounconnected_drive", "delay_mode_path", "end_keywords",
                                        "delay_mode_unit",     "delay_mode_zero", "delay_mode_distributed"};
  static const char *const dropped_line[] = {"line", "pragma", "begin_keywords", "unconnected_drive"};
  const char *at = in->p++, *word = in->p;
  size_t n = word_length(word, in->end);
  bool known;
  in->p += n;
  if (!conditional(r, in, at, word, n, &known))
    return false;
  if (known || !active(r))
    return true;
  for (size_t i = 0; i < BASE_COUNT(dropped); i++)
    if (is(word, n, dropped[i]))
      return true;
  for (size_t i = 0; i < BASE_COUNT(dropped_line); i++)
    if (is(word, n, dropped_line[i])) {
      while (in->p < in->end && *in->p != '\n')
        in->p++;
      return true;
    }
  if (is(word, n, "timescale") || is(word, n, "default_nettype"))
    return pass_on(r, in, at, word, n);
  if (is(word, n, "define"))
    return define(r, in);
  if (is(word, n, "include"))
    return include(r, in, at);
  if (is(word, n, "undef")) {
    skip_blanks(in);
    size_t length = word_length(in->p, in->end);
    const macro *m = find_macro(r, in->p, length);
    if (m)
      set_macro(r, in, (macro){.name = m->name, .args = -1}); // without a body: it is not defined
    in->p += length;
    return true;
  }
  return expand(r, in, at, word, n);
}

static bool process(reader *r, input *in) {
  bool good = true;
  while (good && in->p < in->end) {
    char c = *in->p, next = in->p + 1 < in->end ? in->p[1] : 0;
    size_t n = c == '"' ? string_length(in->p, in->end) : word_length(in->p, in->end);
    if (c == '\\')
      for (n = 1; in->p + n < in->end && !isspace((unsigned char)in->p[n]); n++)
        ;
    if (c == '\n')
      good = newline(r, in);
    else if (c == '/' && (next == '/' || next == '*') && !in->expansion)
      good = comment(r, in);
    else if (c == '`')
      good = directive(r, in);
    else if (isspace((unsigned char)c)) { // some lexers end a name at a form feed, some leave returns out
      good = !active(r) || emit(r, in, " ", 1);
      in->p++;
    } else if (c == '"' && !n && active(r))
      good = fail(r, in, in->p, "this string does not end on its line");
    else if (c == '\\' && n == 1 && active(r))
      good = fail(r, in, in->p, "a name was expected behind the backslash");
    else {
      n = n ? n : 1;
      good = !active(r) || emit(r, in, in->p, n);
      in->p += n;
    }
  }
  return good;
}

// ---- the whole ---------------------------------------------------------------------------------------------------
static void start_roots(reader *r, const char *const *files, size_t count) {
  arena *mem = r->s->mem;
  const char **roots = arena_new_array(mem, const char *, count + r->folder_count);
  for (size_t i = 0; i < count + r->folder_count; i++) {
    const char *root = real(mem, i < count ? folder_of(mem, files[i]) : r->folders[i - count]);
    if (root)
      roots[r->root_count++] = root;
  }
  r->roots = roots;
}

bool source_read(arena *mem, const char *const *files, size_t count, const char *const *folders, size_t folder_count,
                 source *out, diag *d) {
  *out = (source){.mem = mem};
  reader *r = arena_new_object(mem, reader);
  *r = (reader){.s = out, .folders = folders, .folder_count = folder_count, .d = d};
  start_roots(r, files, count);
  input nowhere = {.path = "", .text = "", .line_start = "", .p = "", .end = ""};
  // As Yosys does, so that both read the same.
  bool good = set_macro(r, &nowhere, (macro){.name = "SYNTHESIS", .body = "1", .args = -1}) &&
              set_macro(r, &nowhere, (macro){.name = "YOSYS", .body = "1", .args = -1});
  for (size_t i = 0; i < count && good; i++) {
    r->translate_off = false;
    good = read_file(r, files[i], 0);
  }
  out->text = arena_strndup(mem, r->out.data ? r->out.data : "", r->out.len);
  out->size = r->out.len;
  out->places = r->places;
  str_free(&r->out);
  return good && source_modules(out, d);
}
