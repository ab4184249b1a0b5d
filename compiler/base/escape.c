// SPDX-License-Identifier: Apache-2.0
#include "compiler/base/escape.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum { BAD_BYTE = 0xffffffff };

// The character at `s` (not at its end) and how many bytes it takes; BAD_BYTE and 1 where no UTF-8 begins. Overlong
// forms, surrogates and what lies above U+10FFFF are not UTF-8.
static uint32_t decode(const char *s, int *bytes) {
  const unsigned char *p = (const unsigned char *)s;
  static const uint32_t LEAST[] = {0, 0x80, 0x800, 0x10000};
  *bytes = 1;
  if (p[0] < 0x80)
    return p[0];
  int more = p[0] >= 0xf0 ? 3 : p[0] >= 0xe0 ? 2 : 1;
  if (p[0] < 0xc0 || p[0] > 0xf4)
    return BAD_BYTE;
  uint32_t c = p[0] & (0x3fu >> more);
  for (int i = 1; i <= more; i++) {
    if ((p[i] & 0xc0) != 0x80) // the end of the text, too
      return BAD_BYTE;
    c = c << 6 | (p[i] & 0x3f);
  }
  if (c < LEAST[more] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
    return BAD_BYTE;
  *bytes = more + 1;
  return c;
}

// C0, DEL, C1; line and paragraph separators; what turns the direction of writing.
static bool is_control(uint32_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x61c || c == 0x200e || c == 0x200f ||
         (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

static bool is_shown(uint32_t c) { return c != BAD_BYTE && !is_control(c); }

const char *text_fault(const char *text) {
  for (int n; *text; text += n) {
    uint32_t c = decode(text, &n);
    if (c == BAD_BYTE)
      return "bytes that are not UTF-8";
    if (is_control(c))
      return "a control character";
  }
  return NULL;
}

bool word_is_plain(const char *word) {
  if (!*word || *word == '-')
    return false;
  for (; *word; word++)
    if (!isalnum((unsigned char)*word) && !strchr("_./-", *word))
      return false;
  return true;
}

char *escaped(arena *mem, escape_fn *how, const char *text) {
  str s = {0};
  how(&s, text);
  char *copy = arena_strndup(mem, s.data ? s.data : "", s.len);
  str_free(&s);
  return copy;
}

static void add_bytes(str *out, const char *bytes, int count) {
  for (int i = 0; i < count; i++)
    str_printf(out, "\\x%02x", (unsigned char)bytes[i]);
}

// ---- comments ----------------------------------------------------------------------------------------------------
// Verilator, Yosys and others obey comments that begin with these words.
static bool is_directive(const char *text) {
  static const char *const WORDS[] = {"verilator", "synopsys", "synthesis", "cadence", "pragma",
                                      "ambit",     "xilinx",   "altera",    "verific"};
  for (size_t i = 0; i < BASE_COUNT(WORDS); i++)
    if (strncasecmp(text, WORDS[i], strlen(WORDS[i])) == 0)
      return true;
  return false;
}

// A backslash (or its trigraph) at the end of a line would take the next line into the comment.
void escape_comment(str *out, const char *text) {
  bool quoted = !*text || is_directive(text);
  for (const char *p = text; *p; p++)
    quoted |= !isalnum((unsigned char)*p) && !strchr("_./,:+-", *p);
  if (quoted)
    str_add(out, "\"");
  for (int n; *text; text += n) {
    bool shown = is_shown(decode(text, &n)) && *text != '\\' && !(text[0] == '?' && text[1] == '?');
    if (shown)
      str_add_n(out, text, (size_t)n);
    else
      add_bytes(out, text, n);
  }
  if (quoted)
    str_add(out, "\"");
}

// ---- Verilog identifiers -----------------------------------------------------------------------------------------
// Of Verilog-2005, without those that no cell or pin could be called without breaking other tools' output as well.
static bool is_keyword(const char *word) {
  static const char WORDS[] =
      " always and assign automatic begin buf bufif0 bufif1 case casex casez cell cmos config deassign default "
      "defparam "
      "design disable edge else end endcase endconfig endfunction endgenerate endmodule endprimitive endspecify "
      "endtable endtask event for force forever fork function generate genvar highz0 highz1 if ifnone incdir include "
      "initial inout input instance integer join large liblist library localparam macromodule medium module nand "
      "negedge nmos nor noshowcancelled not notif0 notif1 or output parameter pmos posedge primitive pull0 pull1 "
      "pulldown pullup pulsestyle_ondetect pulsestyle_onevent rcmos real realtime reg release repeat rnmos rpmos rtran "
      "rtranif0 rtranif1 scalared showcancelled signed small specify specparam strong0 strong1 supply0 supply1 table "
      "task time tran tranif0 tranif1 tri tri0 tri1 triand trior trireg unsigned use uwire vectored wait wand weak0 "
      "weak1 while wire wor xnor xor ";
  size_t n = strlen(word);
  for (const char *p = WORDS; (p = strstr(p, word)); p++)
    if (p[-1] == ' ' && p[n] == ' ')
      return true;
  return false;
}

void escape_verilog_name(str *out, const char *text) {
  bool simple = isalpha((unsigned char)*text) || *text == '_';
  for (const char *p = text; *p; p++) {
    assert(*p > ' ' && *p < 0x7f); // the readers of such names see to it
    simple &= isalnum((unsigned char)*p) || *p == '_' || *p == '$';
  }
  assert(*text);
  if (simple && !is_keyword(text))
    str_add(out, text);
  else
    str_printf(out, "\\%s ", text);
}

// ---- languages with entities or backslashes ----------------------------------------------------------------------
void escape_xml(str *out, const char *text) {
  static const struct {
    char c;
    const char *entity;
  } ENTITIES[] = {{'<', "&lt;"}, {'>', "&gt;"}, {'&', "&amp;"}, {'"', "&quot;"}, {'\'', "&#39;"}};
  for (int n; *text; text += n) {
    uint32_t c = decode(text, &n);
    const char *entity = NULL;
    for (size_t i = 0; i < BASE_COUNT(ENTITIES); i++)
      if (c == (unsigned char)ENTITIES[i].c)
        entity = ENTITIES[i].entity;
    if (entity)
      str_add(out, entity);
    else if ((is_shown(c) && c != 0xfffe && c != 0xffff) || c == '\n' || c == '\t')
      str_add_n(out, text, (size_t)n);
    else
      str_add(out, "\xef\xbf\xbd");
  }
}

// Backslashes are doubled first for the string, and again count in labels (\n, \N): two remain one there.
void escape_dot(str *out, const char *text) {
  for (int n; *text; text += n) {
    if (!is_shown(decode(text, &n))) {
      for (int i = 0; i < n; i++)
        str_printf(out, "\\\\x%02x", (unsigned char)text[i]);
      continue;
    }
    if (*text == '"' || *text == '\\')
      str_add(out, "\\");
    if (*text == '&') // Graphviz takes &lt; for <
      str_add(out, "&amp;");
    else
      str_add_n(out, text, (size_t)n);
  }
}

void escape_csv(str *out, const char *text) {
  bool quoted = false;
  for (const char *p = text; *p; p++)
    quoted |= strchr(",\"\r\n", *p) != NULL;
  quoted |= *text == ' ' || (*text && text[strlen(text) - 1] == ' ');
  if (quoted)
    str_add(out, "\"");
  for (; *text; text++)
    str_add_n(out, "\"\"", *text == '"' ? 2 : 0), str_add_n(out, text, *text != '"');
  if (quoted)
    str_add(out, "\"");
}

bool csv_is_formula(const char *text) { return *text && strchr("=+-@\t\r", *text) != NULL; }

// JSON and double-quoted YAML have the same escapes; bytes that are no UTF-8 become the text \xNN.
static void add_quoted(str *out, const char *text) {
  for (int n; *text; text += n) {
    uint32_t c = decode(text, &n);
    if (c == BAD_BYTE)
      str_printf(out, "\\\\x%02x", (unsigned char)*text);
    else if (c == '"' || c == '\\')
      str_printf(out, "\\%c", (char)c);
    else if (is_control(c)) // all below U+10000
      str_printf(out, "\\u%04x", (unsigned)c);
    else
      str_add_n(out, text, (size_t)n);
  }
}

void escape_json(str *out, const char *text) { add_quoted(out, text); }

void escape_json_document(str *out, const char *text) {
  for (int n; *text; text += n) {
    uint32_t c = decode(text, &n);
    if (is_shown(c) || c == '\n' || c == '\t')
      str_add_n(out, text, (size_t)n);
    else
      str_printf(out, "\\u%04x", c == BAD_BYTE ? 0xfffdu : (unsigned)c);
  }
}

// What YAML 1.1 readers take for a boolean, null or a number, or what has a character with a meaning, is quoted.
void escape_yaml(str *out, const char *text) {
  static const char *const WORDS[] = {"y", "n", "yes", "no", "on", "off", "true", "false", "null"};
  bool plain = isalpha((unsigned char)*text);
  for (const char *p = text; *p; p++)
    plain &= isalnum((unsigned char)*p) || strchr("_./-", *p) != NULL;
  for (size_t i = 0; i < BASE_COUNT(WORDS); i++)
    plain &= strcasecmp(text, WORDS[i]) != 0;
  if (plain) {
    str_add(out, text);
    return;
  }
  str_add(out, "\"");
  add_quoted(out, text);
  str_add(out, "\"");
}

// ---- terminals ---------------------------------------------------------------------------------------------------
size_t character_bytes(const char *text) {
  int n;
  decode(text, &n);
  return (size_t)n;
}

size_t escape_character(str *out, const char *text, int *columns) {
  int n;
  uint32_t c = decode(text, &n);
  size_t before = out->len;
  if (is_shown(c)) {
    str_add_n(out, text, (size_t)n);
    ++*columns;
    return (size_t)n;
  }
  if (c == BAD_BYTE || c < 0x80)
    add_bytes(out, text, 1);
  else // all below U+10000
    str_printf(out, "\\u%04x", (unsigned)c);
  *columns += (int)(out->len - before);
  return (size_t)n;
}

void escape_terminal(str *out, const char *text) {
  int columns = 0;
  while (*text)
    if (*text == '\n' || *text == '\t')
      str_add_n(out, text++, 1);
    else
      text += escape_character(out, text, &columns);
}
