// SPDX-License-Identifier: Apache-2.0
//
// The last look at a text before tools get it. Lexers differ in what ends a name, a number or a line and in where a
// string begins: what one takes for a string another may obey. So a text is handed on only if all lexers must divide
// it as is done here, and then nothing in it is a system task, a directive or a function in C.
#include "genlib/import/source.h"

#include <ctype.h>
#include <string.h>

// Parsers call themselves: Yosys takes gigabytes or minutes over some ten thousand levels.
enum { MAX_NESTED = 1000 };

typedef struct {
  const char *p;
  int line, depth;
  bool after_import; // the token before was `import` or `export`
} checker;

static bool is_word(char c) { return isalnum((unsigned char)c) || c == '_' || c == '$'; }

static size_t word_length(const char *p) {
  size_t n = 0;
  while (is_word(p[n]))
    n++;
  return n;
}

static bool is_printable(char c) { return c >= ' ' && c < 0x7f; }

// Each of these moves behind a token and returns NULL, or what is wrong with it.
static const char *bad_byte(checker *c) {
  (void)c;
  return "a character that is not ASCII, or a control character, outside of a comment";
}

static const char *name(checker *c) {
  const char *start = c->p++;
  for (; is_printable(*c->p) && *c->p != ' '; c->p++)
    if (strchr("\"`", *c->p) || (*c->p == '/' && (c->p[1] == '/' || c->p[1] == '*')))
      return "an escaped name with a quote, a backtick, `//` or `/*` in it is not taken";
  return c->p == start + 1 ? "a name was expected behind the backslash" : NULL;
}

static const char *string(checker *c) {
  if (c->after_import)
    return "a function in C is not taken";
  for (c->p++; *c->p != '"'; c->p++) {
    c->p += *c->p == '\\';
    if (!is_printable(*c->p))
      return bad_byte(c);
    if (*c->p == '`')
      return "a string with a backtick in it is not taken";
  }
  return *++c->p == '"' ? "a blank was expected between two strings" : NULL;
}

static bool all_of(const char *p, size_t n, const char *set) {
  for (size_t i = 0; i < n; i++)
    if (!strchr(set, p[i]))
      return false;
  return true;
}

// The digits of any base; 10, 5ns. What lies behind must not be another word for a lexer that ends the number sooner.
static const char *digits(checker *c, const char *p) {
  static const char *const units[] = {"s", "ms", "us", "ns", "ps", "fs", "step"};
  size_t n = word_length(p), decimal = strspn(p, "0123456789_");
  bool good = all_of(p, n, "0123456789abcdefABCDEFxXzZ_");
  for (size_t i = 0; i < BASE_COUNT(units) && !good; i++)
    good = decimal && n - decimal == strlen(units[i]) && !strncmp(p + decimal, units[i], n - decimal);
  c->p = p + n;
  return good ? NULL : "a blank was expected behind the number";
}

static const char *based(checker *c) { // 'b01, 'sd12, '{, '(
  const char *p = c->p + 1;
  p += *p == 's' || *p == 'S';
  p += *p && strchr("bodhBODH", *p);
  return digits(c, p);
}

static const char *word(checker *c) {
  const char *start = c->p;
  size_t n = word_length(start);
  c->p += n;
  c->after_import = n == 6 && (!strncmp(start, "import", n) || !strncmp(start, "export", n));
  return *start == '$' && !source_is_pure_function(start + 1, n - 1) ? "a system task or function is not taken" : NULL;
}

static const char *comment(checker *c) {
  static const char *const ours[] = {"/* synopsys full_case */", "/* synopsys parallel_case */"};
  for (size_t i = 0; i < BASE_COUNT(ours); i++)
    if (!strncmp(c->p, ours[i], strlen(ours[i]))) {
      c->p += strlen(ours[i]);
      return NULL;
    }
  return "`//` and `/*` were not expected here";
}

static const char *directive(checker *c, bool at_start) {
  static const char *const passed[] = {"`timescale", "`default_nettype"};
  for (size_t i = 0; i < BASE_COUNT(passed) && at_start; i++)
    if (!strncmp(c->p, passed[i], strlen(passed[i])) && !is_word(c->p[strlen(passed[i])])) {
      c->p += strlen(passed[i]);
      return NULL; // words, numbers and slashes follow
    }
  return "a backtick was not expected here";
}

static const char *token(checker *c, bool at_start) {
  char first = *c->p;
  bool import = c->after_import;
  if (first == '"')
    return string(c);
  c->after_import = import && first == ' ';
  if (!is_printable(first))
    return bad_byte(c);
  if (first == '\\')
    return name(c);
  if (first == '`')
    return directive(c, at_start);
  if (first == '\'')
    return based(c);
  if (first == '/' && (c->p[1] == '/' || c->p[1] == '*'))
    return comment(c);
  if (isdigit((unsigned char)first))
    return digits(c, c->p);
  if (is_word(first))
    return word(c);
  c->p++;
  return NULL;
}

// Brackets and blocks: what the token changes in the depth.
static int step(const char *p, size_t n) {
  static const char *const open[] = {"(", "[", "{", "begin", "case", "casez", "casex", "generate"},
                           *const close[] = {")", "]", "}", "end", "endcase", "endgenerate"};
  for (size_t i = 0; i < BASE_COUNT(open); i++)
    if (strlen(open[i]) == n && !strncmp(p, open[i], n))
      return 1;
  for (size_t i = 0; i < BASE_COUNT(close); i++)
    if (strlen(close[i]) == n && !strncmp(p, close[i], n))
      return -1;
  return 0;
}

bool source_check(const source *s, const char *text, diag *d) {
  checker c = {.p = text};
  while (*c.p) {
    if (*c.p == '\n' || *c.p == '\t') {
      c.line += *c.p++ == '\n';
      continue;
    }
    const char *start = c.p, *fault = token(&c, c.p == text || c.p[-1] == '\n');
    c.depth += step(start, (size_t)(c.p - start));
    if (!fault && c.depth > MAX_NESTED)
      fault = arena_printf(s->mem, "brackets and blocks nested more than %d deep", MAX_NESTED);
    if (fault) {
      const source_place *at = source_place_of(s, c.line);
      return diag_error(d, "%s:%d: %s", at->file, at->line, fault);
    }
  }
  return true;
}
