// SPDX-License-Identifier: Apache-2.0
#define BASE_DIAG_C
#include "compiler/base/base.h"

#include <string.h>

static void count_error(diag *d, int code) {
  if (!d->errors++)
    d->exit_code = code;
}

// The line that `pos` names, with tabs kept so that the caret line can repeat them.
static void show_line(diag *d, src_pos pos) {
  const char *p = pos.text;
  for (int line = 1; line < pos.line && p; line++) {
    p = strchr(p, '\n');
    p = p ? p + 1 : NULL;
  }
  if (!p)
    return;
  int n = (int)strcspn(p, "\r\n");
  str_printf(&d->text, "%5d | %.*s\n      | ", pos.line, n, p);
  for (int i = 0; i < pos.column - 1 && i < n; i++)
    str_add(&d->text, p[i] == '\t' ? "\t" : " ");
  str_add(&d->text, "^\n");
}

bool diag_at(diag *d, src_pos pos, const char *fmt, ...) {
  count_error(d, EXIT_INPUT);
  str_add(&d->text, pos.file ? pos.file : "axgen");
  if (pos.line > 0)
    str_printf(&d->text, ":%d:%d", pos.line, pos.column);
  str_add(&d->text, ": error: ");
  va_list ap;
  va_start(ap, fmt);
  str_vprintf(&d->text, fmt, ap);
  va_end(ap);
  str_add(&d->text, "\n");
  if (pos.line > 0 && pos.column > 0 && pos.text)
    show_line(d, pos);
  return false;
}

#define DIAG_BODY(prefix)                                                                                              \
  do {                                                                                                                 \
    str_add(&d->text, prefix);                                                                                         \
    va_list ap;                                                                                                        \
    va_start(ap, fmt);                                                                                                 \
    str_vprintf(&d->text, fmt, ap);                                                                                    \
    va_end(ap);                                                                                                        \
    str_add(&d->text, "\n");                                                                                           \
  } while (0)

bool diag_error(diag *d, const char *fmt, ...) {
  count_error(d, EXIT_INPUT);
  DIAG_BODY("axgen: error: ");
  return false;
}

bool diag_tool(diag *d, const char *fmt, ...) {
  count_error(d, EXIT_TOOL);
  DIAG_BODY("axgen: error: ");
  return false;
}

bool diag_check(diag *d, const char *fmt, ...) {
  count_error(d, EXIT_CHECK);
  DIAG_BODY("axgen: check failed: ");
  return false;
}

void diag_note(diag *d, const char *fmt, ...) { DIAG_BODY("  note: "); }

void diag_warn(diag *d, const char *fmt, ...) { DIAG_BODY("axgen: warning: "); }

void diag_free(diag *d) { str_free(&d->text); }
