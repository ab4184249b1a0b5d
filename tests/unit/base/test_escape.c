// SPDX-License-Identifier: Apache-2.0
//
// Hostile text through each language's function, and back out of that language's own parser where one is at hand.
#include "compiler/base/escape.h"
#include "compiler/base/json.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <yaml.h>
#include <cmocka.h>

// Names as somebody might choose them.
static const char *const HOSTILE[] = {
    "",
    "plain_name-1.bin",
    "a b",
    "two\nlines",
    "\r\n$system(\"touch canary\")",
    "end\\",
    "end?"
    "?/",
    "verilator lint_off",
    "synopsys translate_off",
    "Verilator_x",
    "pragma translate_off",
    "\"; touch canary; \"",
    "'$(touch canary)`touch canary`",
    "[exec touch canary]",
    "{$x}",
    "</title><script>alert(1)</script>",
    "&amp;&#10;",
    "-->]]>*/",
    "/*",
    "=cmd|'/c calc'!A0",
    "\xff\xfe not utf-8",
    "\xc0\xaf overlong",
    "\xed\xa0\x80 surrogate",
    "\xf4\x90\x80\x80 above",
    "\xe2\x82 cut",
    "\x1b[31mred\x07",
    "\xc2\x9b"
    "31m",
    "gr\xc3\xbc\xc3\x9f \xe4\xb8\xad\xf0\x9f\x98\x80",
    "right\xe2\x80\xaeleft",
    "line\xe2\x80\xa8separator",
    "true",
    "~",
    "12",
    "1e3",
    "- a: b",
    "a: b # c",
    "%TAG ! x",
    "a,b",
    "a\"b\"",
    "\\N\\n\\l",
    "<b>html label</b>",
};

static bool is_utf8(const char *text) {
  const char *fault = text_fault(text);
  return !fault || strcmp(fault, "bytes that are not UTF-8") != 0;
}

static void test_text_fault(void **state) {
  (void)state;
  static const char *const GOOD[] = {"", "a b", "gr\xc3\xbc\xc3\x9f", "\xf0\x9f\x98\x80", "'\"$`\\", "\xef\xbf\xbd"};
  static const char *const CONTROL[] = {"\n",           "a\tb",         "\x1b",         "\x7f",         "\xc2\x85",
                                        "\xe2\x80\xae", "\xe2\x80\xa8", "\xe2\x81\xa6", "a\xe2\x80\x8f"};
  static const char *const BYTES[] = {"\xff",     "\x80",         "\xc0\x80",         "\xc3",
                                      "\xe2\x82", "\xed\xbf\xbf", "\xf8\x88\x80\x80", "\xf4\x90\x80\x80"};
  for (size_t i = 0; i < BASE_COUNT(GOOD); i++)
    assert_null(text_fault(GOOD[i]));
  for (size_t i = 0; i < BASE_COUNT(CONTROL); i++)
    assert_string_equal(text_fault(CONTROL[i]), "a control character");
  for (size_t i = 0; i < BASE_COUNT(BYTES); i++)
    assert_string_equal(text_fault(BYTES[i]), "bytes that are not UTF-8");
}

static void test_plain(void **state) {
  (void)state;
  assert_true(word_is_plain("cores/axgen_fifo.v"));
  static const char *const NOT[] = {"", "-o", "a b", "a\nb", "a;b", "a\"", "$x", "a\\", "!ls", "#", "gr\xc3\xbc"};
  for (size_t i = 0; i < BASE_COUNT(NOT); i++)
    assert_false(word_is_plain(NOT[i]));
}

static void test_comment(void **state) {
  (void)state;
  arena *mem = arena_new();
  assert_string_equal(escaped(mem, escape_comment, "roup8s_p0_r7.5.3.1"), "roup8s_p0_r7.5.3.1");
  assert_string_equal(escaped(mem, escape_comment, "/tmp/t/x.bin"), "/tmp/t/x.bin");
  assert_string_equal(escaped(mem, escape_comment, "a\nb"), "\"a\\x0ab\"");
  assert_string_equal(escaped(mem, escape_comment, "synopsys translate_off"), "\"synopsys translate_off\"");
  assert_string_equal(escaped(mem, escape_comment, "Verilator_x"), "\"Verilator_x\"");
  for (size_t i = 0; i < BASE_COUNT(HOSTILE); i++) {
    const char *e = escaped(mem, escape_comment, HOSTILE[i]);
    assert_null(text_fault(e));
    assert_true(*e && e[strlen(e) - 1] != '\\' && e[strlen(e) - 1] != '/');
    assert_null(strstr(e, "?"
                          "?"));
  }
  arena_free(mem);
}

static void test_verilog_name(void **state) {
  (void)state;
  arena *mem = arena_new();
  static const char *const NAMES[][2] = {
      {"AND2_X1", "AND2_X1"},  {"_a$", "_a$"},      {"2x", "\\2x "},
      {"module", "\\module "}, {"A[0]", "\\A[0] "}, {"a;$finish;//", "\\a;$finish;// "},
      {"or", "\\or "},         {"\\x", "\\\\x "},   {"o", "o"}};
  for (size_t i = 0; i < BASE_COUNT(NAMES); i++)
    assert_string_equal(escaped(mem, escape_verilog_name, NAMES[i][0]), NAMES[i][1]);
  arena_free(mem);
}

static void test_xml(void **state) {
  (void)state;
  arena *mem = arena_new();
  assert_string_equal(escaped(mem, escape_xml, "<a b=\"c\">'&\x01\xff\xc3\xbc"),
                      "&lt;a b=&quot;c&quot;&gt;&#39;&amp;\xef\xbf\xbd\xef\xbf\xbd\xc3\xbc");
  for (size_t i = 0; i < BASE_COUNT(HOSTILE); i++) {
    const char *e = escaped(mem, escape_xml, HOSTILE[i]);
    assert_null(strpbrk(e, "<>\"'"));
    assert_true(is_utf8(e));
  }
  arena_free(mem);
}

static void test_csv(void **state) {
  (void)state;
  arena *mem = arena_new();
  assert_string_equal(escaped(mem, escape_csv, "plain"), "plain");
  assert_string_equal(escaped(mem, escape_csv, "a,\"b\"\n"), "\"a,\"\"b\"\"\n\"");
  static const char *const FORMULAS[] = {"=1+1", "+x", "-x", "@SUM(A1)", "\t=1"};
  for (size_t i = 0; i < BASE_COUNT(FORMULAS); i++)
    assert_true(csv_is_formula(FORMULAS[i]));
  assert_false(csv_is_formula("roup8s"));
  arena_free(mem);
}

// What cannot be written in a language is there as \xNN; everything else comes back as it was.
static void check_read_back(const char *want, const char *got) {
  if (is_utf8(want))
    assert_string_equal(got, want);
  else
    assert_true(is_utf8(got) && strstr(got, "\\x"));
}

static void test_json(void **state) {
  (void)state;
  arena *mem = arena_new();
  for (size_t i = 0; i < BASE_COUNT(HOSTILE); i++) {
    const char *e = escaped(mem, escape_json, HOSTILE[i]);
    cJSON *v = cJSON_Parse(arena_printf(mem, "[\"%s\"]", e));
    assert_non_null(v);
    check_read_back(HOSTILE[i], v->child->valuestring);
    cJSON_Delete(v);
  }
  arena_free(mem);
}

static void test_yaml(void **state) {
  (void)state;
  arena *mem = arena_new();
  assert_string_equal(escaped(mem, escape_yaml, "lenet5-fashion"), "lenet5-fashion");
  assert_string_equal(escaped(mem, escape_yaml, "No"), "\"No\"");
  for (size_t i = 0; i < BASE_COUNT(HOSTILE); i++) {
    const char *e = arena_printf(mem, "[%s]\n", escaped(mem, escape_yaml, HOSTILE[i]));
    yaml_parser_t p;
    yaml_event_t event;
    int scalars = 0;
    assert_true(yaml_parser_initialize(&p));
    yaml_parser_set_input_string(&p, (const unsigned char *)e, strlen(e));
    for (bool end = false; !end;) {
      assert_true(yaml_parser_parse(&p, &event));
      end = event.type == YAML_STREAM_END_EVENT;
      if (event.type == YAML_SCALAR_EVENT) {
        scalars++;
        check_read_back(HOSTILE[i], (const char *)event.data.scalar.value);
      }
      yaml_event_delete(&event);
    }
    assert_int_equal(scalars, 1);
    yaml_parser_delete(&p);
  }
  arena_free(mem);
}

static void test_terminal(void **state) {
  (void)state;
  arena *mem = arena_new();
  assert_string_equal(escaped(mem, escape_terminal, "a\n\tb \xc3\xbc"), "a\n\tb \xc3\xbc");
  assert_string_equal(escaped(mem, escape_terminal, "\x1b[2J\r\xff"), "\\x1b[2J\\x0d\\xff");
  assert_string_equal(escaped(mem, escape_terminal, "\xe2\x80\xae\xd8\x9c"), "\\u202e\\u061c");
  arena_free(mem);
}

// ---- in the tools' eyes: a file a language with every hostile text, beside what must still be seen ------------------
static bool has(const char *tool) {
  char command[256];
  snprintf(command, sizeof command, "command -v %s >/dev/null 2>&1", tool);
  return system(command) == 0;
}

// Runs a fixed shell command in `dir`; nothing of the hostile texts is in it.
static bool shell(arena *mem, const char *dir, const char *command) {
  return system(arena_printf(mem, "cd '%s' && { %s; } >log 2>&1 </dev/null", dir, command)) == 0;
}

static char *new_dir(arena *mem) {
  char *dir = arena_strdup(mem, "/tmp/axgen-escape-XXXXXX");
  assert_non_null(mkdtemp(dir));
  return dir;
}

static void put(arena *mem, const char *dir, const char *name, str *text) {
  diag d = {0};
  assert_true(file_write(path_join(mem, dir, name), text->data, text->len, &d));
  str_free(text);
}

static void remove_dir(arena *mem, const char *dir) {
  assert_false(file_exists(path_join(mem, dir, "canary")));
  assert_int_equal(system(arena_printf(mem, "rm -rf '%s'", dir)), 0);
}

static void test_comment_in_tools(void **state) {
  (void)state;
  arena *mem = arena_new();
  char *dir = new_dir(mem);
  str verilog = {0}, c = {0};
  for (size_t i = 0; i < BASE_COUNT(HOSTILE); i++)
    for (int before = 0; before < 2; before++) { // first in the comment, and last
      for (int lang = 0; lang < 2; lang++) {
        str *s = lang ? &c : &verilog;
        str_add(s, before ? "// of " : "// ");
        escape_comment(s, HOSTILE[i]);
        str_add(s, before ? "\n" : ": a name\n");
      }
      str_printf(&verilog, "module m%zu_%d (output wire y);\n  assign y = 1'b1;\nendmodule\n", i, before);
      str_printf(&c, "int f%zu_%d(void);\nint f%zu_%d(void) { return 1; }\n", i, before, i, before);
    }
  str_add(&verilog, "module top (output wire [1:0] y);\n");
  str_add(&c, "int main(void) { int n = 0;\n");
  for (size_t i = 0; i < BASE_COUNT(HOSTILE); i++) {
    str_printf(&verilog, "  wire [1:0] y%zu;\n  m%zu_0 u%zu_0 (y%zu[0]);\n  m%zu_1 u%zu_1 (y%zu[1]);\n", i, i, i, i, i,
               i, i);
    str_printf(&c, "  n += f%zu_0() + f%zu_1();\n", i, i);
  }
  str_add(&verilog, "  assign y = y0;\nendmodule\n");
  str_printf(&c, "  return n != %zu; }\n", 2 * BASE_COUNT(HOSTILE));
  put(mem, dir, "c.v", &verilog);
  put(mem, dir, "c.c", &c);
  assert_true(shell(mem, dir, "gcc -std=c11 -trigraphs -Wall -Werror -o c c.c && ./c"));
  if (has("iverilog"))
    assert_true(shell(mem, dir, "iverilog -g2005 -s top -o c.vvp c.v && vvp -n c.vvp"));
  if (has("verilator"))
    assert_true(
        shell(mem, dir, "verilator --lint-only -Wno-fatal -Wno-MULTITOP -Wno-DECLFILENAME --top-module top c.v"));
  if (has("yosys"))
    assert_true(shell(mem, dir, "yosys -q -p 'read_verilog c.v; hierarchy -check -top top'"));
  remove_dir(mem, dir);
  arena_free(mem);
}

static void test_names_in_tools(void **state) {
  (void)state;
  static const char *const NAMES[] = {"AND2", "a;$finish;//", "endmodule", "A[0]", "\"", "`x", "2", "\\", "a.b", "(*"};
  arena *mem = arena_new();
  char *dir = new_dir(mem);
  str v = {0};
  for (size_t i = 0; i < BASE_COUNT(NAMES); i++) {
    const char *name = escaped(mem, escape_verilog_name, NAMES[i]);
    str_printf(&v, "module m%zu (input wire %s, output wire y);\n  assign y = %s;\nendmodule\n", i, name, name);
  }
  str_add(&v, "module top (input wire x, output wire [9:0] y);\n");
  for (size_t i = 0; i < BASE_COUNT(NAMES); i++)
    str_printf(&v, "  m%zu u%zu (.%s(x), .y(y[%zu]));\n", i, i, escaped(mem, escape_verilog_name, NAMES[i]), i);
  str_add(&v, "endmodule\n");
  put(mem, dir, "n.v", &v);
  if (has("iverilog"))
    assert_true(shell(mem, dir, "iverilog -g2005 -s top -o n.vvp n.v"));
  if (has("yosys"))
    assert_true(shell(mem, dir,
                      "yosys -q -p 'read_verilog n.v; hierarchy -check -top top; proc; flatten; opt_clean; "
                      "check -assert'"));
  remove_dir(mem, dir);
  arena_free(mem);
}

static void test_dot_in_graphviz(void **state) {
  (void)state;
  arena *mem = arena_new();
  char *dir = new_dir(mem);
  str dot = {0};
  str_add(&dot, "digraph \"");
  escape_dot(&dot, HOSTILE[4]);
  str_add(&dot, "\" {\n");
  for (size_t i = 0; i < BASE_COUNT(HOSTILE); i++) {
    str_printf(&dot, "  n%zu [label=\"", i);
    escape_dot(&dot, HOSTILE[i]);
    str_add(&dot, "|\\n\"];\n");
  }
  str_add(&dot, "}\n");
  put(mem, dir, "g.dot", &dot);
  // Every label is there, once, and an XML parser agrees.
  if (has("dot") && has("python3"))
    assert_true(shell(
        mem, dir,
        arena_printf(mem,
                     "dot -Tsvg -og.svg g.dot && python3 -c \"import xml.etree.ElementTree as e; r = "
                     "e.parse('g.svg').getroot(); n = len([t for t in r.iter('{http://www.w3.org/2000/svg}"
                     "text') if t.text and t.text.endswith('|')]); assert n == int(__import__('sys').argv[1]), n; "
                     "assert r.find('.//{http://www.w3.org/2000/svg}script') is None; "
                     "assert any(t.text == '&amp;&#10;|' for t in r.iter())\" %zu",
                     BASE_COUNT(HOSTILE))));
  remove_dir(mem, dir);
  arena_free(mem);
}

static void test_xml_and_csv_in_python(void **state) {
  (void)state;
  if (!has("python3"))
    skip();
  arena *mem = arena_new();
  char *dir = new_dir(mem);
  str xml = {0}, csv = {0}, raw = {0};
  str_add(&xml, "<all>");
  for (size_t i = 0; i < BASE_COUNT(HOSTILE); i++) {
    str_add(&xml, "<t a=\"");
    escape_xml(&xml, HOSTILE[i]);
    str_add(&xml, "\">");
    escape_xml(&xml, HOSTILE[i]);
    str_add(&xml, "</t>");
    str_add(&csv, "7,");
    escape_csv(&csv, HOSTILE[i]);
    str_add(&csv, ",8\n");
    str_add_n(&raw, HOSTILE[i], strlen(HOSTILE[i]) + 1);
  }
  str_add(&xml, "</all>\n");
  put(mem, dir, "t.xml", &xml);
  put(mem, dir, "t.csv", &csv);
  put(mem, dir, "raw", &raw);
  assert_true(shell(mem, dir,
                    "python3 -c \"\n"
                    "import csv, xml.etree.ElementTree as e\n"
                    "raw = open('raw', 'rb').read().split(b'\\0')[:-1]\n"
                    "rows = list(csv.reader(open('t.csv', encoding='latin-1', newline='')))\n"
                    "assert [r[1].encode('latin-1') for r in rows] == raw\n"
                    "assert all(r[0] == '7' and r[2] == '8' and len(r) == 3 for r in rows)\n"
                    "t = list(e.parse('t.xml').getroot())\n"
                    "assert len(t) == len(raw)\n"
                    "for x, r in zip(t, raw):\n"
                    "    assert len(x) == 0 and list(x.attrib) == ['a']\n"
                    "    if all(32 <= b < 127 for b in r): assert (x.text or '').encode() == r == "
                    "x.get('a').encode()\n"
                    "\""));
  remove_dir(mem, dir);
  arena_free(mem);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_text_fault),
      cmocka_unit_test(test_plain),
      cmocka_unit_test(test_comment),
      cmocka_unit_test(test_verilog_name),
      cmocka_unit_test(test_xml),
      cmocka_unit_test(test_csv),
      cmocka_unit_test(test_json),
      cmocka_unit_test(test_yaml),
      cmocka_unit_test(test_terminal),
      cmocka_unit_test(test_comment_in_tools),
      cmocka_unit_test(test_names_in_tools),
      cmocka_unit_test(test_dot_in_graphviz),
      cmocka_unit_test(test_xml_and_csv_in_python),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
