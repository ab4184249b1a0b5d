// SPDX-License-Identifier: Apache-2.0
//
// The assembler: two passes over the lines, the first for the labels' addresses.
#include "compiler/target/fgpu/asm.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  const char *name;
  size_t len;
  int at;
} label;

typedef struct {
  arena *mem;
  const char *file, *text;
  const char *line, *p; // the line being read and the place in it
  int number; // of the line
  label *labels;
  size_t label_count, label_cap;
  fgpu_code *code;
  bool second, ok; // pass; no error so far
  diag *d;
} assembler;

static bool fail(assembler *s, const char *at, const char *what) {
  s->ok = false;
  diag_at(s->d, (src_pos){s->file, s->number, (int)(at - s->line) + 1, s->text}, "%s", what);
  return false;
}

static void blank(assembler *s) {
  while (*s->p == ' ' || *s->p == '\t' || *s->p == '\r')
    s->p++;
}

static bool at_end(assembler *s) {
  blank(s);
  return *s->p == 0 || *s->p == '\n' || *s->p == ';';
}

static bool take(assembler *s, char c) {
  blank(s);
  if (*s->p != c)
    return false;
  s->p++;
  return true;
}

static bool expect(assembler *s, char c) {
  char what[] = "expected ` `";
  what[10] = c;
  return take(s, c) || fail(s, s->p, what);
}

static size_t word(assembler *s, const char **at) {
  blank(s);
  *at = s->p;
  while (isalnum((unsigned char)*s->p) || *s->p == '_')
    s->p++;
  return (size_t)(s->p - *at);
}

static bool is_word(const char *at, size_t len, const char *what) {
  return strlen(what) == len && !memcmp(at, what, len);
}

static bool number(assembler *s, int64_t lo, int64_t hi, int64_t *out) {
  blank(s);
  const char *at = s->p;
  char *end;
  bool negative = *s->p == '-', hex = s->p[negative] == '0' && (s->p[negative + 1] | 32) == 'x';
  if (!isdigit((unsigned char)s->p[negative]))
    return fail(s, at, "expected a number");
  *out = strtoll(s->p, &end, hex ? 16 : 10);
  s->p = end;
  if (*out < lo || *out > hi) {
    char what[80];
    snprintf(what, sizeof what, "expected %lld to %lld", (long long)lo, (long long)hi);
    return fail(s, at, what);
  }
  return true;
}

static bool reg(assembler *s, unsigned *out) {
  const char *at;
  size_t len = word(s, &at);
  char *end;
  if (len >= 2 && len <= 3 && at[0] == 'r' && isdigit((unsigned char)at[1])) {
    *out = (unsigned)strtoul(at + 1, &end, 10);
    if (end == at + len && *out < 32 && !(len == 3 && at[1] == '0'))
      return true;
  }
  return fail(s, at, "expected a register, r0 to r31");
}

static bool reg_comma(assembler *s, unsigned *out) { return reg(s, out) && expect(s, ','); }

static bool byte_of(assembler *s, unsigned *r, unsigned *byte) {
  int64_t n;
  if (!reg(s, r) || !expect(s, '.') || !number(s, 0, 3, &n))
    return false;
  *byte = (unsigned)n;
  return true;
}

// Distance of a branch's target from the instruction behind the branch.
static bool target(assembler *s, int32_t *out) {
  blank(s);
  const char *at = s->p;
  int64_t n = 0;
  if (take(s, '.')) {
    if (*s->p == '+')
      s->p++;
    if (!number(s, -32767, 32768, &n))
      return false;
    *out = (int32_t)n - 1;
    return true;
  }
  size_t len = word(s, &at);
  if (!len)
    return fail(s, at, "expected a label");
  if (!s->second)
    return true;
  for (size_t i = 0; i < s->label_count; i++)
    if (s->labels[i].len == len && !memcmp(s->labels[i].name, at, len)) {
      *out = s->labels[i].at - (int32_t)s->code->count - 1;
      return (*out >= -32768 && *out <= 32767) || fail(s, at, "the label is too far away");
    }
  return fail(s, at, "no such label");
}

static void put(assembler *s, uint32_t w) {
  if (s->second)
    fgpu_code_add(s->mem, s->code, w);
  else
    s->code->count++;
}

static bool shorthand(assembler *s, const char *name, size_t len, bool *found) {
  unsigned rd, rs;
  int64_t n;
  int32_t to = 0;
  *found = true;
  if (is_word(name, len, "nop")) {
    put(s, 0);
  } else if (is_word(name, len, "mv")) {
    if (!reg_comma(s, &rd) || !reg(s, &rs))
      return false;
    put(s, fgpu_i(FGPU_ADDI, rd, rs, 0));
  } else if (is_word(name, len, "jmp")) {
    if (!target(s, &to))
      return false;
    put(s, fgpu_i(FGPU_BNONE, 0, 0, to));
  } else if (is_word(name, len, "li")) {
    if (!reg_comma(s, &rd) || !number(s, INT32_MIN, UINT32_MAX, &n))
      return false;
    if (s->second)
      fgpu_code_li(s->mem, s->code, rd, (uint32_t)n);
    else
      s->code->count += fgpu_li_words((uint32_t)n);
  } else
    *found = false;
  return true;
}

static bool operands(assembler *s, fgpu_op op, unsigned flags) {
  unsigned rd = 0, rs = 0, rt = 0, i = 0, j = 0;
  int64_t n = 0;
  int32_t to = 0;
  bool ok = false;
  switch (fgpu_isa[op].format) {
  case FGPU_F_R3:
    ok = reg_comma(s, &rd) && reg_comma(s, &rs) && reg(s, &rt);
    break;
  case FGPU_F_RI: {
    bool zero = op == FGPU_ANDI || op == FGPU_ORI || op == FGPU_XORI || op == FGPU_MULI;
    ok = reg_comma(s, &rd) && reg_comma(s, &rs) && number(s, zero ? 0 : -32768, zero ? 65535 : 32767, &n);
    break;
  }
  case FGPU_F_HI:
    ok = reg_comma(s, &rd) && number(s, 0, 65535, &n);
    break;
  case FGPU_F_MA:
    ok = reg_comma(s, &rd) && byte_of(s, &rs, &i) && expect(s, ',') && byte_of(s, &rt, &j);
    n = (int64_t)(i | j << 2);
    break;
  case FGPU_F_BY:
    ok = reg_comma(s, &rd) && byte_of(s, &rs, &i);
    n = i;
    break;
  case FGPU_F_RQ:
    ok = reg_comma(s, &rd) && reg_comma(s, &rs) && reg_comma(s, &rt) && number(s, 1, 47, &n);
    break;
  case FGPU_F_LD:
  case FGPU_F_ST:
    ok = reg_comma(s, &rd) && number(s, -8192, 8191, &n) && expect(s, '(') && reg(s, &rs) && expect(s, ')');
    n = (n & 0x3fff) | flags;
    break;
  case FGPU_F_BR:
    ok = reg_comma(s, &rs) && target(s, &to);
    n = to;
    break;
  case FGPU_F_S1:
    ok = reg(s, &rs);
    break;
  case FGPU_F_D0:
    ok = reg(s, &rd);
    break;
  case FGPU_F_D1:
    ok = reg_comma(s, &rd) && number(s, 0, 1, &n);
    break;
  case FGPU_F_LP:
    ok = reg_comma(s, &rd) && number(s, 0, 15, &n);
    break;
  case FGPU_F_N0:
    ok = true;
    break;
  }
  if (ok)
    put(s, (uint32_t)op << 26 | rd << 21 | rs << 16 | rt << 11 | ((uint32_t)n & 0xffff));
  return ok;
}

static bool instruction(assembler *s, const char *name, size_t len) {
  bool found;
  if (!shorthand(s, name, len, &found))
    return false;
  if (found)
    return true;
  for (unsigned op = 0; op < 64; op++) {
    const fgpu_info *info = &fgpu_isa[op];
    if (!info->name || !is_word(name, len, info->name))
      continue;
    unsigned flags = 0;
    if ((info->format == FGPU_F_LD || info->format == FGPU_F_ST) && *s->p == '.') {
      const char *at;
      s->p++;
      size_t n = word(s, &at);
      flags = is_word(at, n, "l") ? FGPU_LOCAL : is_word(at, n, "n") ? FGPU_NOWAIT : FGPU_LOCAL | FGPU_NOWAIT;
      if (flags == (FGPU_LOCAL | FGPU_NOWAIT) && !is_word(at, n, "ln"))
        return fail(s, at, "expected .l, .n or .ln");
    }
    return operands(s, (fgpu_op)op, flags);
  }
  return fail(s, name, "no such instruction");
}

static bool line(assembler *s) {
  const char *at;
  int64_t n;
  for (;;) {
    if (at_end(s))
      return true;
    if (take(s, '.')) {
      size_t len = word(s, &at);
      if (!is_word(at, len, "word"))
        return fail(s, at, "expected .word");
      if (!number(s, INT32_MIN, UINT32_MAX, &n))
        return false;
      put(s, (uint32_t)n);
      break;
    }
    size_t len = word(s, &at);
    if (!len)
      return fail(s, at, "expected an instruction");
    if (!take(s, ':')) {
      if (!instruction(s, at, len))
        return false;
      break;
    }
    if (s->second)
      continue;
    for (size_t i = 0; i < s->label_count; i++)
      if (s->labels[i].len == len && !memcmp(s->labels[i].name, at, len))
        return fail(s, at, "the label is already there");
    arena_grow(s->mem, s->labels, s->label_count, s->label_cap);
    s->labels[s->label_count++] = (label){at, len, (int)s->code->count};
  }
  return at_end(s) || fail(s, s->p, "expected the end of the line");
}

bool fgpu_assemble(arena *mem, const char *file, const char *text, fgpu_code *out, diag *d) {
  assembler s = {.mem = mem, .file = file, .text = text, .code = out, .ok = true, .d = d};
  for (int pass = 0; pass < 2 && s.ok; pass++) {
    s.second = pass;
    s.number = 0;
    *out = (fgpu_code){0};
    for (const char *p = text; *p; p = *s.p ? s.p + 1 : s.p) {
      s.line = s.p = p;
      s.number++;
      line(&s);
      while (*s.p && *s.p != '\n')
        s.p++;
      if (out->count > FGPU_MAX_CODE)
        return fail(&s, s.line, "the program is longer than 65536 instructions");
    }
  }
  return s.ok;
}
