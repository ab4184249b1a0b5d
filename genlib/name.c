// SPDX-License-Identifier: Apache-2.0
//
// Multiplier names: FAMILY WIDTH SIGN, then options separated by underscores. docs/multipliers.md is their manual.
#include "genlib/name.h"

#include <ctype.h>
#include <string.h>

enum { BITS_MIN = 2, BITS_MAX = 16 };

bool name_wrong(const name_reader *p, const char *expected) {
  return diag_error(p->d, "multiplier `%s`, at `%.*s`: %s", p->name, p->part_len, p->part, expected);
}

bool name_is(const name_reader *p, const char *word) {
  return strlen(word) == (size_t)p->part_len && !strncmp(p->part, word, (size_t)p->part_len);
}

void name_whole(name_reader *p) {
  p->part = p->name;
  p->part_len = (int)strlen(p->name);
}

int name_number(const char **p) {
  int v = -1;
  for (int digits = 0; digits < 6 && isdigit((unsigned char)**p); digits++)
    v = (v < 0 ? 0 : v) * 10 + (*(*p)++ - '0');
  return v;
}

bool name_option_number(const name_reader *p, int skip, int lo, int hi, const char *what, int *value) {
  const char *q = p->part + skip;
  int v = name_number(&q);
  if (v < lo || v > hi || q != p->part + p->part_len) {
    char text[160];
    snprintf(text, sizeof text, "%s was expected, a number %d..%d", what, lo, hi);
    return name_wrong(p, text);
  }
  *value = v;
  return true;
}

static void explain_names(diag *d) {
  str families = {0};
  for (size_t i = 0; i < mul_family_count; i++)
    str_printf(&families, "%s, ", mul_families[i].examples);
  diag_note(d,
            "known families: %smul8s_1KV8 (and its twelve sisters), evo8s_mae12 (evolved; genlib/evolved/ holds them), "
            "a table or netlist by its path (.bin .h .c .txt .net); 8 is the width (2..16, or AxB such as 8x4), s the "
            "signedness (s, u, us: a unsigned and b signed, su)",
            families.data);
  str_free(&families);
}

static const mul_family *family_of(const char *name, size_t letters) {
  for (size_t i = 0; i < mul_family_count; i++)
    if (strlen(mul_families[i].name) == letters && !strncmp(name, mul_families[i].name, letters))
      return &mul_families[i];
  return NULL;
}

// The published EvoApproxLib functions that are broken arrays.
static const struct alias {
  const char *name;
  int h, v, t;
} aliases[] = {
    {"mul8s_1KV6", 0, 0, 0}, {"mul8s_1KV8", 0, 2, 0}, {"mul8s_1KV9", 0, 3, 0}, {"mul8s_1KVA", 0, 4, 0},
    {"mul8s_1KVM", 1, 0, 0}, {"mul8s_1KVP", 1, 3, 0}, {"mul8s_1KVQ", 1, 4, 0}, {"mul8s_1KX5", 2, 5, 0},
    {"mul8s_1KXF", 3, 0, 0}, {"mul8s_1L12", 6, 0, 0}, {"mul8s_1L2J", 0, 0, 1}, {"mul8s_1L2L", 0, 0, 2},
    {"mul8s_1L2N", 0, 0, 3},
};

// WIDTH[xWIDTH]SIGN
static bool read_signature(name_reader *p, const char *text, const char *end, mul_sig *sig) {
  p->part = end > text ? text : p->name;
  p->part_len = end > text ? (int)(end - text) : (int)strlen(p->name);
  sig->a_bits = sig->b_bits = name_number(&text);
  if (sig->a_bits >= 0 && *text == 'x') {
    text++;
    sig->b_bits = name_number(&text);
  }
  if (sig->a_bits < 0 || sig->b_bits < 0)
    return name_wrong(p, "the width in bits was expected, such as 8 or 8x4");
  if (sig->a_bits < BITS_MIN || sig->a_bits > BITS_MAX || sig->b_bits < BITS_MIN || sig->b_bits > BITS_MAX)
    return name_wrong(p, "widths of 2 to 16 bits are possible");
  size_t n = (size_t)(end - text);
  if (n < 1 || n > 2 || strspn(text, "su") < n)
    return name_wrong(p, "the signedness was expected: s, u, us (a unsigned, b signed) or su");
  sig->a_signed = text[0] == 's';
  sig->b_signed = text[n - 1] == 's';
  return true;
}

// The options that every family has: which circuit computes the function. 0: not one of them; else what it settles.
static int read_circuit(const name_reader *p, mul_spec *s) {
  static const char *const trees[TREES] = {"dadda", "wallace", "array"};
  static const char *const adders[ADDERS] = {"ripple", "ks", "bk", "csel"};
  for (int i = 0; i < TREES; i++)
    if (name_is(p, trees[i]))
      return s->tree = (tree_kind)i, 1;
  for (int i = 0; i < ADDERS; i++)
    if (name_is(p, adders[i]))
      return s->adder = (adder_kind)i, 2;
  return s->form->circuit ? s->form->circuit(p, s) : 0;
}

static bool read_alias(const char *name, mul_spec *s) {
  for (size_t i = 0; i < BASE_COUNT(aliases); i++)
    if (!strcmp(name, aliases[i].name)) {
      s->sig = (mul_sig){.a_bits = 8, .b_bits = 8, .a_signed = true, .b_signed = true};
      s->form = &array_form;
      s->h = aliases[i].h;
      s->v = aliases[i].v;
      s->t = aliases[i].t;
      return true;
    }
  return false;
}

bool spec_parse(const char *name, mul_spec *s, diag *d) {
  *s = (mul_spec){0};
  if (read_alias(name, s))
    return true;
  name_options o = {.at = {.name = name, .d = d}, .spec = s};
  size_t letters = strspn(name, "abcdefghijklmnopqrstuvwxyz");
  const mul_family *f = family_of(name, letters);
  if (!f) {
    diag_error(d, "multiplier `%s`: there is no such multiplier", name);
    explain_names(d);
    return false;
  }
  s->family = f;
  s->form = f->form;
  const char *end = strchrnul(name, '_');
  if (!read_signature(&o.at, name + letters, end, &s->sig)) {
    explain_names(d);
    return false;
  }
  uint64_t said = 0;
  while (*end) {
    o.at.part = end + 1;
    end = strchrnul(end + 1, '_');
    o.at.part_len = (int)(end - o.at.part);
    if (!o.at.part_len) {
      name_whole(&o.at);
      return name_wrong(&o.at, "an option was expected after each `_`");
    }
    int settles = read_circuit(&o.at, s);
    if (!settles) {
      if (!f->option(&o))
        return false;
      settles = 8 + (o.at.part[0] & 31); // its first letter
    }
    if (said >> settles & 1)
      return name_wrong(&o.at, "this was said before; give each option once");
    said |= 1ull << settles;
  }
  name_whole(&o.at);
  if ((o.given & f->needs) != f->needs)
    return name_wrong(&o.at, f->missing);
  return !s->form->finish || s->form->finish(&o);
}

const char *mul_class(arena *mem, const char *name) {
  mul_spec s;
  diag ignored = {0};
  bool generated = spec_parse(name, &s, &ignored);
  diag_free(&ignored);
  if (!generated)
    return arena_strndup(mem, name, strspn(name, "abcdefghijklmnopqrstuvwxyz"));
  if (!s.family) // the published functions are broken arrays
    return s.form->exact(&s) ? "exact" : "bam";
  return s.form == s.family->form ? s.family->name : s.form->name;
}
