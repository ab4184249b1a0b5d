// SPDX-License-Identifier: Apache-2.0
// Messages: how many, and what of a hostile text reaches the terminal.
#include "compiler/base/base.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void the_text_is(diag *d, const char *want) {
  assert_string_equal(d->text.data, want);
  diag_free(d);
}

static void twenty_errors_then_a_count(void **state) {
  (void)state;
  diag d = {0};
  for (int i = 0; i < 30; i++) {
    diag_at(&d, (src_pos){"f", i + 1, 1, NULL}, "wrong");
    diag_note(&d, "a note");
  }
  diag_warn(&d, "still said");
  assert_int_equal(d.errors, 30);
  int lines = 0;
  for (const char *p = d.text.data; (p = strchr(p, '\n')); p++)
    lines++;
  assert_int_equal(lines, 41);
  char *text = NULL;
  size_t size;
  FILE *f = open_memstream(&text, &size);
  diag_print(&d, f);
  fclose(f);
  assert_non_null(strstr(text, "f:20:1: error: wrong\n  note: a note\naxgen: warning: still said\n"
                               "axgen: ... and 10 more errors\n"));
  free(text);
  diag_free(&d);
}

static void a_short_line_is_shown_whole(void **state) {
  (void)state;
  diag d = {0};
  diag_at(&d, (src_pos){"f", 2, 4, "one\na\tb c\r\nthree"}, "no");
  the_text_is(&d, "f:2:4: error: no\n    2 | a b c\n      |    ^\n");
  diag_at(&d, (src_pos){"f", 1, 4, "one"}, "no"); // after the end
  the_text_is(&d, "f:1:4: error: no\n    1 | one\n      |    ^\n");
}

static void columns_are_characters(void **state) {
  (void)state;
  diag d = {0};
  diag_at(&d, (src_pos){"f", 1, 4, "äöü: x"}, "no");
  the_text_is(&d, "f:1:4: error: no\n    1 | äöü: x\n      |    ^\n");
}

static void a_long_line_is_cut(void **state) {
  (void)state;
  diag d = {0};
  size_t n = 1 << 20;
  char *line = malloc(n + 1);
  memset(line, 'x', n);
  line[n] = 0;
  line[n / 2] = '!';
  diag_at(&d, (src_pos){"f", 1, (int)(n / 2) + 1, line}, "no");
  assert_true(d.text.len < 400);
  const char *mark = strchr(d.text.data, '!'), *caret = strchr(d.text.data, '^');
  assert_non_null(mark);
  const char *first = strchr(d.text.data, '\n') + 1, *second = strchr(first, '\n') + 1;
  assert_int_equal(mark - first, caret - second);
  assert_non_null(strstr(d.text.data, "...x"));
  assert_non_null(strstr(d.text.data, "x...\n"));
  free(line);
  diag_free(&d);
}

static void no_escape_sequence_gets_through(void **state) {
  (void)state;
  diag d = {0};
  diag_error(&d, "%s: bad", "a\x1b[31m\x7f\r\b\xff\xc2\x9b\xe2\x80\xae\xc0\x80\xed\xa0\x80z");
  the_text_is(&d, "axgen: error: a\\x1b[31m\\x7f\\x0d\\x08\\xff\\u009b\\u202e\\xc0\\x80\\xed\\xa0\\x80z: bad\n");
  diag_at(&d, (src_pos){"f\x1b[1m", 1, 3, "\x1b]0;t\a!"}, "no");
  the_text_is(&d, "f\\x1b[1m:1:3: error: no\n    1 | \\x1b]0;t\\x07!\n      |      ^\n");
  diag_note(&d, "two\nlines\tof a log");
  the_text_is(&d, "  note: two\nlines\tof a log\n");
}

static void what_came_later_is_taken_back(void **state) {
  (void)state;
  diag d = {0};
  diag_mark nothing = diag_marked(&d);
  diag_unsay(&d, nothing);
  diag_error(&d, "first");
  diag_mark before = diag_marked(&d);
  diag_tool(&d, "second");
  diag_warn(&d, "third");
  diag_unsay(&d, before);
  assert_int_equal(d.errors, 1);
  assert_int_equal(d.warnings, 0);
  assert_int_equal(d.exit_code, 1);
  the_text_is(&d, "axgen: error: first\n");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(twenty_errors_then_a_count),      cmocka_unit_test(a_short_line_is_shown_whole),
      cmocka_unit_test(columns_are_characters),          cmocka_unit_test(a_long_line_is_cut),
      cmocka_unit_test(no_escape_sequence_gets_through), cmocka_unit_test(what_came_later_is_taken_back),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
