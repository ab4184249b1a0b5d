// SPDX-License-Identifier: Apache-2.0
#define BASE_DIAG_C
#include "compiler/base/base.h"

#include <string.h>

// Errors beyond these are counted only: one mistake can give thousands.
enum { SHOWN_ERRORS = 20 };

static bool count_error(diag *d, int code) {
  if (!d->errors++)
    d->exit_code = code;
  return d->errors <= SHOWN_ERRORS;
}

// ---- text from outside, as a terminal may see it -------------------------------------------------------------------
// Bytes of the UTF-8 character at `p`; 0: not UTF-8.
static size_t utf8(const unsigned char *p, size_t n, uint32_t *code) {
  static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  size_t size = p[0] < 0x80 ? 1 : p[0] >> 5 == 6 ? 2 : p[0] >> 4 == 14 ? 3 : p[0] >> 3 == 30 ? 4 : 0;
  if (!size || size > n)
    return 0;
  *code = size == 1 ? p[0] : p[0] & (0x7f >> size);
  for (size_t i = 1; i < size; i++) {
    if (p[i] >> 6 != 2)
      return 0;
    *code = *code << 6 | (p[i] & 0x3f);
  }
  return *code < least[size] || *code > 0x10ffff || (*code >= 0xd800 && *code < 0xe000) ? 0 : size;
}

// Control characters, and those that turn the direction of text.
static bool is_unsafe(uint32_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x61c || c == 0x200e || c == 0x200f ||
         (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

// Adds the character at `p` or an escape for it; `columns` grows by its width. Returns the bytes it takes.
static size_t add_visible(str *out, const char *p, size_t n, int *columns) {
  uint32_t code = 0;
  size_t size = utf8((const unsigned char *)p, n, &code), before = out->len;
  if (size && !is_unsafe(code)) {
    str_add_n(out, p, size);
    ++*columns;
    return size;
  }
  if (!size || code < 0x80)
    str_printf(out, "\\x%02x", (unsigned char)*p);
  else
    str_printf(out, "\\u%04x", (unsigned)code);
  *columns += (int)(out->len - before);
  return size ? size : 1;
}

static void add_message(diag *d, const char *fmt, va_list ap) {
  str text = {0};
  int columns = 0;
  str_vprintf(&text, fmt, ap);
  for (size_t at = 0; at < text.len;)
    if (text.data[at] == '\n' || text.data[at] == '\t')
      str_add_n(&d->text, text.data + at++, 1);
    else
      at += add_visible(&d->text, text.data + at, text.len - at, &columns);
  str_add(&d->text, "\n");
  str_free(&text);
}

// ---- the line that a place names -----------------------------------------------------------------------------------
enum { SHOWN_BEFORE = 64, SHOWN_AFTER = 40 }; // characters of a long line around the caret

// Cuts `line` to what is around character `column` (from 1). Returns the byte where to start; `caret`: of the
// character.
static size_t cut_line(const char *line, size_t n, int column, size_t *caret) {
  size_t starts[SHOWN_BEFORE], at = 0;
  uint32_t code;
  int i;
  for (i = 0; i < column - 1 && at < n; i++) {
    size_t size = utf8((const unsigned char *)line + at, n - at, &code);
    starts[i % SHOWN_BEFORE] = at;
    at += size ? size : 1;
  }
  *caret = at;
  return i > SHOWN_BEFORE ? starts[i % SHOWN_BEFORE] : 0;
}

static void show_line(diag *d, src_pos pos) {
  const char *line = pos.text;
  for (int i = 1; i < pos.line && line; i++) {
    line = strchr(line, '\n');
    line = line ? line + 1 : NULL;
  }
  if (!line)
    return;
  size_t n = strcspn(line, "\r\n"), caret, at = cut_line(line, n, pos.column, &caret);
  str_printf(&d->text, "%5d | %s", pos.line, at ? "..." : "");
  int columns = at ? 3 : 0, indent = columns;
  for (int after = 0; at < n && after<SHOWN_AFTER; after += at> caret) {
    if (at == caret)
      indent = columns;
    if (line[at] == '\t') {
      str_add(&d->text, " ");
      at++, columns++;
    } else
      at += add_visible(&d->text, line + at, n - at, &columns);
    if (at <= caret)
      indent = columns;
  }
  str_printf(&d->text, "%s\n      | %*s^\n", at < n ? "..." : "", indent, "");
}

// ---- messages ------------------------------------------------------------------------------------------------------
#define ADD_MESSAGE(d, prefix, fmt)                                                                                    \
  do {                                                                                                                 \
    va_list ap;                                                                                                        \
    str_add(&(d)->text, prefix);                                                                                       \
    va_start(ap, fmt);                                                                                                 \
    add_message(d, fmt, ap);                                                                                           \
    va_end(ap);                                                                                                        \
  } while (0)

static void add_place(diag *d, const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  add_message(d, fmt, ap);
  va_end(ap);
  d->text.data[--d->text.len] = 0; // the message goes on
}

bool diag_at(diag *d, src_pos pos, const char *fmt, ...) {
  if (!count_error(d, EXIT_INPUT))
    return false;
  add_place(d, pos.line > 0 ? "%s:%d:%d: error: " : "%s: error: ", pos.file ? pos.file : "axgen", pos.line, pos.column);
  ADD_MESSAGE(d, "", fmt);
  if (pos.line > 0 && pos.column > 0 && pos.text)
    show_line(d, pos);
  return false;
}

bool diag_error(diag *d, const char *fmt, ...) {
  if (count_error(d, EXIT_INPUT))
    ADD_MESSAGE(d, "axgen: error: ", fmt);
  return false;
}

bool diag_tool(diag *d, const char *fmt, ...) {
  if (count_error(d, EXIT_TOOL))
    ADD_MESSAGE(d, "axgen: error: ", fmt);
  return false;
}

bool diag_check(diag *d, const char *fmt, ...) {
  if (count_error(d, EXIT_CHECK))
    ADD_MESSAGE(d, "axgen: check failed: ", fmt);
  return false;
}

void diag_note(diag *d, const char *fmt, ...) {
  if (d->errors <= SHOWN_ERRORS)
    ADD_MESSAGE(d, "  note: ", fmt);
}

void diag_warn(diag *d, const char *fmt, ...) {
  if (d->warnings++ < SHOWN_ERRORS)
    ADD_MESSAGE(d, "axgen: warning: ", fmt);
}

bool diag_blame(diag *d, const char *tool) {
  d->exit_code = EXIT_TOOL;
  diag_note(d, "%s ended without an error, but what it wrote is not what it was asked for", tool);
  return false;
}

bool diag_is_full(const diag *d) { return d->errors >= SHOWN_ERRORS; }

void diag_print(const diag *d, FILE *out) {
  if (d->text.len)
    fputs(d->text.data, out);
  if (d->errors > SHOWN_ERRORS)
    fprintf(out, "axgen: ... and %d more error%s\n", d->errors - SHOWN_ERRORS, d->errors > SHOWN_ERRORS + 1 ? "s" : "");
  if (d->warnings > SHOWN_ERRORS)
    fprintf(out, "axgen: ... and %d more warning%s\n", d->warnings - SHOWN_ERRORS,
            d->warnings > SHOWN_ERRORS + 1 ? "s" : "");
}

void diag_free(diag *d) { str_free(&d->text); }
