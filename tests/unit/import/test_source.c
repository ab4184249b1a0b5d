// SPDX-License-Identifier: Apache-2.0
//
// What of a foreign source reaches the tools: only text that all their lexers divide in the same way.
#include "genlib/import/source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

// The text that is handed on of this module's body, or NULL; what was said is in *d.
static const char *select_body(arena *mem, const char *body, diag *d) {
  char path[] = "/tmp/axgen-source-XXXXXX";
  int fd = mkstemp(path);
  assert_true(fd >= 0);
  FILE *f = fdopen(fd, "w");
  fprintf(f, "module m (input [1:0] a, b, output [3:0] p);\n%s\nendmodule\n", body);
  fclose(f);
  source s;
  const char *files[] = {path};
  bool read = source_read(mem, files, 1, NULL, 0, &s, d);
  unlink(path);
  return read ? source_select(&s, 0, d) : NULL;
}

static void refused(const char *body, const char *why) {
  arena *mem = arena_new();
  diag d = {0};
  assert_null(select_body(mem, body, &d));
  if (!strstr(d.text.data, why))
    fail_msg("%s: %s", body, d.text.data);
  assert_non_null(strstr(d.text.data, ":2:"));
  diag_free(&d);
  arena_free(mem);
}

static void taken(const char *body, const char *text) {
  arena *mem = arena_new();
  diag d = {0};
  const char *got = select_body(mem, body, &d);
  if (!got || !strstr(got, text))
    fail_msg("%s: %s", body, got ? got : d.text.data);
  diag_free(&d);
  arena_free(mem);
}

// A lexer that ends the number where its digits end finds a task, a keyword, a function in C.
static void behind_numbers(void **state) {
  (void)state;
  refused("reg m [0:3]; initial #1$readmemh(\"x\", m);", "blank was expected behind the number");
  refused("initial #8'h1$readmemh(\"x\", m);", "blank was expected behind the number");
  refused("wire x = 'b1$system(\"x\");", "blank was expected behind the number");
  refused("wire x = 1import \"DPI-C\" function integer abort();", "blank was expected behind the number");
  refused("wire x = 12endmodule module n;", "blank was expected behind the number");
  refused("wire x = 1 $system(\"x\");", "`$system`");
  refused("wire x = '$system(\"x\");", "`$system`");
}

// Some end a name at a form feed or a backspace, some leave out returns, some know no UTF-8.
static void blanks(void **state) {
  (void)state;
  refused("wire \\x\f\" ; import \"DPI-C\" function integer abort(); wire \\y\f\" ;", "control character");
  refused("im\\\nport \"DPI-C\" function integer abort();", "backslash");
  refused("wire \\x\b$fopen(1) ;", "control character");
  refused("wire x\x7f;", "control character");
  refused("wire \xc3\xa9;", "not ASCII");
  taken("im\rport i;\r", "im port i; ");
  taken("wire \\x\fy ;\v", "wire \\x y ; ");
}

static void strings(void **state) {
  (void)state;
  refused("localparam X = \"\"\"`include \"/etc/passwd\" \";", "between two strings");
  refused("localparam X = \"`include\";", "backtick");
  refused("wire \\a\" ; localparam X = \"\";", "quote");
  refused("wire \\a` ;", "backtick");
  refused("wire \\a//b ;", "`//`");
  refused("wire \\a/*b ;", "`/*`");
  refused("import \t \"DPI-C\" function integer abort();", "function in C");
  taken("(* src = \"a.v:1.2-3.4 \\\" \" *) wire x;", "(* src = \"a.v:1.2-3.4 \\\" \" *)");
}

static void ordinary(void **state) {
  (void)state;
  taken("wire [3:0] x = 4'b1x?z + 8'sd12 + 4 'h f + '1 + 1_000 + 'hFF;", "8'sd12");
  taken("wire #1.5e3 y = #10ns 1'B0 ^ \\$abc$12/u1.x[3] ;", "\\$abc$12/u1.x[3] ;");
  taken("wire z = $signed(a) * $clog2(3); always @* case (a) // synopsys full_case parallel_case\n endcase",
        "/* synopsys full_case */");
  taken("\n`timescale 1ns / 1ps\n`default_nettype none\n", "`timescale 1ns / 1ps\n`default_nettype none");
  taken("assign p = a / b /* c */ / 2; // $system \xc3\xa9 `", "a / b   / 2;");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(behind_numbers), cmocka_unit_test(blanks),
                                     cmocka_unit_test(strings), cmocka_unit_test(ordinary)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
