// SPDX-License-Identifier: Apache-2.0
//
// Lexer and parser of Liberty's syntax. Groups nest on an explicit stack, so that no input can exhaust ours.
#include "genlib/cells/liberty_tree.h"

#include <ctype.h>
#include <string.h>

enum { MAX_DEPTH = 32, MAX_NODES = 1 << 22 }; // of groups; of statements and their values together

// Given once in a group, if at all: programs that read Liberty do not agree which of two counts.
static const char *const ONCE[] = {"area",
                                   "cell_leakage_power",
                                   "dont_use",
                                   "capacitance",
                                   "max_capacitance",
                                   "direction",
                                   "function",
                                   "clock",
                                   "three_state",
                                   "next_state",
                                   "clocked_on",
                                   "clear",
                                   "preset",
                                   "timing_type",
                                   "timing_sense",
                                   "when",
                                   "related_pin",
                                   "cell_rise",
                                   "cell_fall",
                                   "rise_transition",
                                   "fall_transition",
                                   "rise_power",
                                   "fall_power",
                                   "power",
                                   "values",
                                   "index_1",
                                   "index_2",
                                   "variable_1",
                                   "variable_2",
                                   "nom_voltage",
                                   "voltage",
                                   "time_unit",
                                   "voltage_unit",
                                   "leakage_power_unit",
                                   "capacitive_load_unit",
                                   "default_operating_conditions"};

typedef enum { T_WORD, T_STRING, T_PUNCT, T_END, T_BAD } token_kind;

typedef struct {
  token_kind kind;
  size_t at, len; // of the text without quotes
  char punct;
  bool line_before; // a line ends between the token before and this one
} token;

typedef struct {
  const liberty_source *s;
  size_t pos;
  token t;
  arena *mem;
  size_t nodes; // and values
  diag *d;
} parser;

src_pos liberty_place(const liberty_source *s, size_t offset) {
  src_pos p = {s->file, 1, 1, s->text};
  const char *start = s->text, *end = s->text + (offset < s->size ? offset : s->size);
  for (const char *nl; (nl = memchr(start, '\n', (size_t)(end - start))); start = nl + 1)
    p.line++;
  p.column = (int)(end - start) + 1;
  return p;
}

static bool bad(parser *p, const char *what) {
  return diag_at(p->d, liberty_place(p->s, p->t.at), "in this Liberty file: %s", what);
}

// Spaces, comments and continued lines. False at a comment without end.
static bool skip_blanks(parser *p, bool *line) {
  const char *s = p->s->text;
  for (;;) {
    char c = s[p->pos];
    if (c == '\\' && (s[p->pos + 1] == '\n' || s[p->pos + 1] == '\r')) {
      p->pos += 2;
      p->pos += s[p->pos - 1] == '\r' && s[p->pos] == '\n';
    } else if (isspace((unsigned char)c)) {
      *line |= c == '\n';
      p->pos++;
    } else if (c == '/' && s[p->pos + 1] == '*') {
      const char *end = strstr(s + p->pos + 2, "*/");
      if (!end)
        return false;
      p->pos = (size_t)(end - s) + 2;
    } else if (c == '/' && s[p->pos + 1] == '/') {
      p->pos += strcspn(s + p->pos, "\n");
    } else {
      return true;
    }
  }
}

static void advance(parser *p) {
  token t = {T_END, 0, 0, 0, false};
  bool closed = skip_blanks(p, &t.line_before);
  const char *s = p->s->text;
  t.at = p->pos;
  char c = s[p->pos];
  if (!closed) {
    t.kind = T_BAD;
  } else if (p->pos >= p->s->size) {
    t.kind = T_END;
  } else if (c == '"') {
    size_t n = 1;
    while (s[p->pos + n] && s[p->pos + n] != '"')
      n += s[p->pos + n] == '\\' && s[p->pos + n + 1] ? 2 : 1;
    t = (token){s[p->pos + n] ? T_STRING : T_BAD, p->pos + 1, n - 1, 0, t.line_before};
    p->pos += n + 1;
  } else if (c && strchr("(){}:;,", c)) {
    t.kind = T_PUNCT, t.len = 1, t.punct = c;
    p->pos++;
  } else {
    while (p->pos < p->s->size && (unsigned char)s[p->pos] > ' ' && !strchr("(){}:;,\"", s[p->pos]))
      p->pos++;
    t.kind = p->pos > t.at ? T_WORD : T_BAD;
    t.len = p->pos - t.at;
  }
  p->t = t;
}

static bool is(const parser *p, char c) { return p->t.kind == T_PUNCT && p->t.punct == c; }

// The token's text; continued lines inside a string are joined.
static const char *token_text(parser *p) {
  char *out = arena_strndup(p->mem, p->s->text + p->t.at, p->t.len), *to = out;
  for (const char *from = out; *from; from++)
    if (*from == '\\' && (from[1] == '\n' || from[1] == '\r'))
      *to++ = ' ', from += from[1] == '\r' && from[2] == '\n' ? 2 : 1;
    else
      *to++ = *from;
  *to = 0;
  return out;
}

static void add_arg(parser *p, liberty_node *n, size_t *cap, const char *text) {
  p->nodes++;
  arena_grow(p->mem, n->args, n->arg_count, *cap);
  n->args[n->arg_count++] = text;
}

// What follows `name :` up to the `;` or the end of the line. Words of an expression are joined again.
static bool parse_value(parser *p, liberty_node *n) {
  size_t cap = 0, from = p->t.at, to;
  if (p->t.kind == T_STRING) {
    add_arg(p, n, &cap, token_text(p));
    advance(p);
  } else {
    if (p->t.kind != T_WORD && !is(p, '('))
      return bad(p, "a value was expected");
    do {
      to = p->t.at + p->t.len;
      advance(p);
    } while ((p->t.kind == T_WORD || is(p, '(') || is(p, ')') || is(p, ',')) && !p->t.line_before);
    add_arg(p, n, &cap, arena_strndup(p->mem, p->s->text + from, to - from));
  }
  if (is(p, ';'))
    advance(p);
  else if (!is(p, '}') && !p->t.line_before)
    return bad(p, "';' was expected");
  return true;
}

static bool parse_args(parser *p, liberty_node *n) {
  size_t cap = 0;
  while (!is(p, ')')) {
    if (p->t.kind == T_WORD || p->t.kind == T_STRING)
      add_arg(p, n, &cap, token_text(p));
    else if (!is(p, ',') && !is(p, ':'))
      return bad(p, p->t.kind == T_END ? "the file ends within brackets" : "an argument or ')' was expected");
    advance(p);
  }
  advance(p);
  return true;
}

// One statement after its name; `*opened` when it is a group, whose children follow.
static bool parse_statement(parser *p, liberty_node *n, bool *opened) {
  *opened = false;
  if (is(p, ':')) {
    advance(p);
    return parse_value(p, n);
  }
  if (!is(p, '('))
    return bad(p, "':' or '(' was expected after a name");
  advance(p);
  if (!parse_args(p, n))
    return false;
  if (is(p, '{')) {
    n->group = *opened = true;
    advance(p);
  } else if (is(p, ';')) {
    advance(p);
  }
  return true;
}

// The next statement of a group, whose name is the token; NULL: there must not be another.
static liberty_node *add_node(parser *p, liberty_node *group) {
  liberty_node *n = arena_new_object(p->mem, liberty_node);
  n->name = token_text(p);
  n->offset = (uint32_t)p->t.at;
  if (p->nodes++ >= MAX_NODES)
    return bad(p, "more than 4,194,304 statements and values"), NULL;
  for (size_t i = 0; i < BASE_COUNT(ONCE); i++) {
    if (strcmp(n->name, ONCE[i]) != 0)
      continue;
    if (group->has >> i & 1) {
      diag_at(p->d, liberty_place(p->s, p->t.at), "in this Liberty file: `%s` is given twice in one group", n->name);
      diag_note(p->d, "first in line %d", liberty_place(p->s, liberty_child(group, n->name, NULL)->offset).line);
      return NULL;
    }
    group->has |= (uint64_t)1 << i;
  }
  group->last = group->first ? (group->last->next = n) : (group->first = n);
  return n;
}

bool liberty_parse(arena *mem, const liberty_source *s, liberty_node **out, diag *d) {
  parser p = {s, 0, {0}, mem, 0, d};
  liberty_node root = {0}, *stack[MAX_DEPTH] = {&root};
  int depth = 0;
  advance(&p);
  for (;;) {
    if (is(&p, ';')) {
      advance(&p);
    } else if (is(&p, '}')) {
      if (depth == 0)
        return bad(&p, "'}' without a group");
      depth--;
      advance(&p);
    } else if (p.t.kind == T_WORD || p.t.kind == T_STRING) {
      liberty_node *n = add_node(&p, stack[depth]);
      if (!n)
        return false;
      advance(&p);
      bool opened;
      if (!parse_statement(&p, n, &opened))
        return false;
      if (opened && depth + 1 == MAX_DEPTH)
        return bad(&p, "groups are nested too deeply");
      if (opened)
        stack[++depth] = n;
    } else if (p.t.kind == T_END) {
      break;
    } else {
      return bad(&p, p.t.kind == T_BAD ? "a comment, string or character without end" : "a name was expected");
    }
  }
  if (depth > 0) {
    bad(&p, "the file ends within a group");
    diag_note(d, "the group `%s` begins in line %d", stack[depth]->name, liberty_place(s, stack[depth]->offset).line);
    return false;
  }
  if (!root.first || root.first->next || !root.first->group || strcmp(root.first->name, "library") != 0) {
    p.t.at = root.first ? root.first->offset : 0;
    return bad(&p, "one `library (name) { ... }` was expected at the top");
  }
  *out = root.first;
  return true;
}

const liberty_node *liberty_child(const liberty_node *group, const char *name, const liberty_node *after) {
  for (const liberty_node *n = after ? after->next : group->first; n; n = n->next)
    if (strcmp(n->name, name) == 0)
      return n;
  return NULL;
}

const char *liberty_text(const liberty_node *group, const char *name) {
  const liberty_node *n = liberty_child(group, name, NULL);
  return n && n->arg_count ? n->args[0] : NULL;
}
