// SPDX-License-Identifier: Apache-2.0
#define BASE_DIAG_C
#include "compiler/base/base.h"
#include "compiler/base/escape.h"

#include <string.h>

// Errors beyond these are counted only: one mistake can give thousands.
enum { SHOWN_ERRORS = 20 };

static bool count_error(diag *d, int code) {
  if (!d->errors++)
    d->exit_code = code;
  return d->errors <= SHOWN_ERRORS;
}

static void add_message(diag *d, const char *fmt, va_list ap) {
  str text = {0};
  str_vprintf(&text, fmt, ap);
  escape_terminal(&d->text, text.data ? text.data : "");
  str_add(&d->text, "\n");
  str_free(&text);
}

// ---- the line that a place names -----------------------------------------------------------------------------------
enum { SHOWN_BEFORE = 64, SHOWN_AFTER = 40 }; // characters of a long line around the caret

// Cuts `line` to what is around character `column` (from 1). Returns the byte where to start; `caret`: where it is.
static size_t cut_line(const char *line, size_t n, int column, size_t *caret) {
  size_t starts[SHOWN_BEFORE], at = 0;
  int i;
  for (i = 0; i < column - 1 && at < n; i++) {
    starts[i % SHOWN_BEFORE] = at;
    at += character_bytes(line + at);
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
      at += escape_character(&d->text, line + at, &columns);
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

diag_mark diag_marked(const diag *d) { return (diag_mark){d->text.len, d->errors, d->warnings, d->exit_code}; }

void diag_add(diag *d, const diag *said) {
  if (said->text.len)
    str_add_n(&d->text, said->text.data, said->text.len);
  d->exit_code = d->errors || !said->errors ? d->exit_code : said->exit_code;
  d->errors += said->errors;
  d->warnings += said->warnings;
}

void diag_unsay(diag *d, diag_mark since) {
  if (d->text.len > since.length)
    d->text.data[d->text.len = since.length] = '\0';
  d->errors = since.errors;
  d->warnings = since.warnings;
  d->exit_code = since.exit_code;
}

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
