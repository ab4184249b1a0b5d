// SPDX-License-Identifier: Apache-2.0
//
// Multiplier names: FAMILY WIDTH SIGN, then options separated by underscores. docs/multipliers.md is their manual.
#include "genlib/generate.h"

#include <ctype.h>
#include <string.h>

enum { BITS_MIN = 2, BITS_MAX = 16 };

typedef struct {
  const char *name;
  const char *part; // the option that is being read ...
  int part_len; // ... and its length
  diag *d;
} parser;

static bool wrong(parser *p, const char *expected) {
  return diag_error(p->d, "multiplier `%s`, at `%.*s`: %s", p->name, p->part_len, p->part, expected);
}

static void explain_names(diag *d) {
  diag_note(d,
            "known families: exact8s exact8s_booth, roup8s_p1_c7 roup8s_p1_r7.5.3.1, bam8s_h0_v3_t0, trunc8s_k4, "
            "mul8s_1KV8 (and its twelve sisters), evo8s_mae12 (evolved; genlib/evolved/ holds them), a table or "
            "netlist by its path (.bin .h .c .txt .net); 8 is the width (2..16, or AxB such as 8x4), s the signedness "
            "(s, u, us: a unsigned and b signed, su)");
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

// A decimal number at *p of at most 6 digits; -1 if there is none.
static int number(const char **p) {
  int v = -1;
  for (int digits = 0; digits < 6 && isdigit((unsigned char)**p); digits++)
    v = (v < 0 ? 0 : v) * 10 + (*(*p)++ - '0');
  return v;
}

// WIDTH[xWIDTH]SIGN
static bool read_signature(parser *p, const char *text, const char *end, mul_sig *sig) {
  p->part = end > text ? text : p->name;
  p->part_len = end > text ? (int)(end - text) : (int)strlen(p->name);
  sig->a_bits = sig->b_bits = number(&text);
  if (sig->a_bits >= 0 && *text == 'x') {
    text++;
    sig->b_bits = number(&text);
  }
  if (sig->a_bits < 0 || sig->b_bits < 0)
    return wrong(p, "the width in bits was expected, such as 8 or 8x4");
  if (sig->a_bits < BITS_MIN || sig->a_bits > BITS_MAX || sig->b_bits < BITS_MIN || sig->b_bits > BITS_MAX)
    return wrong(p, "widths of 2 to 16 bits are possible");
  size_t n = (size_t)(end - text);
  if (n < 1 || n > 2 || strspn(text, "su") < n)
    return wrong(p, "the signedness was expected: s, u, us (a unsigned, b signed) or su");
  sig->a_signed = text[0] == 's';
  sig->b_signed = text[n - 1] == 's';
  return true;
}

static bool is(const parser *p, const char *word) {
  return strlen(word) == (size_t)p->part_len && !strncmp(p->part, word, (size_t)p->part_len);
}

// The options that every family has: which circuit computes the function. 0: not one of them; else what it settles.
static int read_structure(const parser *p, mul_spec *s) {
  static const char *const trees[TREES] = {"dadda", "wallace", "array"};
  static const char *const adders[ADDERS] = {"ripple", "ks", "bk", "csel"};
  static const char *const selectors[SELECTORS] = {"xorfirst", "usual"};
  for (int i = 0; i < TREES; i++)
    if (is(p, trees[i]))
      return s->tree = (tree_kind)i, 1;
  for (int i = 0; i < ADDERS; i++)
    if (is(p, adders[i]))
      return s->adder = (adder_kind)i, 2;
  for (int i = 0; s->family == FAMILY_BOOTH && i < SELECTORS; i++)
    if (is(p, selectors[i]))
      return s->selector = (selector_kind)i, 3;
  if (s->family == FAMILY_BOOTH && is(p, "enca"))
    return s->encode_a = true, 4;
  return 0;
}

// The number after the option's letter, and nothing else.
static bool option_number(parser *p, int skip, int lo, int hi, const char *what, int *value) {
  const char *q = p->part + skip;
  int v = number(&q);
  if (v < lo || v > hi || q != p->part + p->part_len) {
    char text[160];
    snprintf(text, sizeof text, "%s was expected, a number %d..%d", what, lo, hi);
    return wrong(p, text);
  }
  *value = v;
  return true;
}

typedef struct {
  parser base;
  mul_spec *spec;
  bool has_p, has_rounding, has_broken;
  int c; // of cN, -1: a vector was given
  parser rounding;
} options;

static bool read_vector(options *o) {
  parser *p = &o->base;
  const char *q = p->part + 1, *end = p->part + p->part_len;
  o->spec->digits = 0;
  for (;;) {
    int v = number(&q);
    if (v < 0 || (q != end && *q != '.'))
      return wrong(p, "rounding positions separated by dots were expected, such as r7.5.3.1");
    if (o->spec->digits == DIGITS_MAX)
      return wrong(p, "more rounding positions than any operand has digits");
    o->spec->r[o->spec->digits++] = v;
    if (q++ == end)
      return true;
  }
}

static bool read_roup_option(options *o) {
  parser *p = &o->base;
  char letter = p->part[0];
  if (letter == 'p') {
    o->has_p = true;
    return option_number(p, 1, 0, DIGITS_MAX, "the number of perforated digits", &o->spec->perforation);
  }
  if (letter != 'c' && letter != 'r')
    return wrong(p, "roup takes pN, then cN or rN.N.., and a circuit: dadda wallace array, ripple ks bk csel, xorfirst "
                    "usual, enca");
  if (o->has_rounding)
    return wrong(p, "the rounding is given twice");
  o->has_rounding = true;
  o->rounding = *p;
  o->c = -1;
  return letter == 'c' ? option_number(p, 1, 0, 99, "the rounding column", &o->c) : read_vector(o);
}

static bool read_bam_option(options *o) {
  parser *p = &o->base;
  mul_spec *s = o->spec;
  if (p->part_len > 5 && !strncmp(p->part, "const", 5)) {
    bool minus = p->part[5] == 'm';
    int v;
    if (!option_number(p, 5 + minus, 0, 999999, "the compensation constant (m: minus)", &v))
      return false;
    s->compensation = minus ? -v : v;
    return true;
  }
  char letter = p->part[0];
  int *field = letter == 'h' ? &s->h : letter == 'v' ? &s->v : letter == 't' ? &s->t : NULL;
  if (!field)
    return wrong(p, "bam takes hN, vN, tN, constN or constmN, and a circuit: dadda wallace array, ripple ks bk csel");
  o->has_broken = true;
  int most = letter == 'h' ? s->sig.a_bits : letter == 't' ? s->sig.b_bits : s->sig.a_bits + s->sig.b_bits;
  const char *what = letter == 'h'   ? "the number of omitted bits of a"
                     : letter == 't' ? "the number of omitted bits of both"
                                     : "the number of omitted columns";
  return option_number(p, 1, 0, most, what, field);
}

static bool read_trunc_option(options *o) {
  if (o->base.part[0] != 'k')
    return wrong(&o->base,
                 "trunc takes kN (the omitted columns) and a circuit: dadda wallace array, ripple ks bk csel");
  o->has_broken = true;
  return option_number(&o->base, 1, 0, o->spec->sig.a_bits + o->spec->sig.b_bits, "the number of omitted columns",
                       &o->spec->v);
}

static bool read_exact_option(options *o) {
  if (is(&o->base, "booth")) {
    o->spec->family = FAMILY_BOOTH;
    return true;
  }
  return wrong(&o->base,
               "exact takes a circuit: booth, dadda wallace array, ripple ks bk csel; with booth also xorfirst "
               "usual, enca");
}

// What can only be judged when all options are known.
static bool finish_booth(options *o) {
  mul_spec *s = o->spec;
  parser *p = &o->base;
  bool e_signed = s->encode_a ? s->sig.a_signed : s->sig.b_signed;
  bool x_signed = s->encode_a ? s->sig.b_signed : s->sig.a_signed;
  int digits = spec_digits(s->encode_a ? s->sig.a_bits : s->sig.b_bits, e_signed), given = s->digits;
  int most = spec_rounding_max(s->encode_a ? s->sig.b_bits : s->sig.a_bits, x_signed);
  char text[200];
  if (s->perforation >= digits) {
    p->part = p->name;
    p->part_len = (int)strlen(p->name);
    snprintf(text, sizeof text, "perforation %d leaves nothing of %d digits; 0..%d is possible", s->perforation, digits,
             digits - 1);
    return wrong(p, text);
  }
  s->digits = digits;
  if (!o->has_rounding)
    return true; // exact
  if (o->c >= 0) {
    snprintf(text, sizeof text, "a rounding column 0..%d was expected", most + 2 * (digits - 1));
    if (o->c > most + 2 * (digits - 1))
      return wrong(&o->rounding, text);
    for (int j = 0; j < digits; j++)
      s->r[j] = (int)clamp64(o->c - 2 * j, 0, most); // from `most` on the rounded operand is 0
    return true;
  }
  snprintf(text, sizeof text, "%d rounding positions were expected, one for each radix-4 digit of %c; %d are given",
           digits, s->encode_a ? 'a' : 'b', given);
  if (given != digits)
    return wrong(&o->rounding, text);
  for (int j = s->perforation; j < digits; j++) {
    snprintf(text, sizeof text, "rounding position %d (of digit %d) is out of range; 0..%d is possible", s->r[j], j,
             most);
    if (s->r[j] > most)
      return wrong(&o->rounding, text);
  }
  return true;
}

static const struct {
  const char *name;
  family_kind family;
  bool (*option)(options *);
} families[] = {
    {"exact", FAMILY_ARRAY, read_exact_option},
    {"roup", FAMILY_BOOTH, read_roup_option},
    {"bam", FAMILY_ARRAY, read_bam_option},
    {"trunc", FAMILY_ARRAY, read_trunc_option},
};

static bool read_alias(const char *name, mul_spec *s) {
  for (size_t i = 0; i < BASE_COUNT(aliases); i++)
    if (!strcmp(name, aliases[i].name)) {
      s->sig = (mul_sig){.a_bits = 8, .b_bits = 8, .a_signed = true, .b_signed = true};
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
  options o = {.base = {.name = name, .d = d}, .spec = s};
  size_t letters = strspn(name, "abcdefghijklmnopqrstuvwxyz"), family = 0;
  while (family < BASE_COUNT(families) &&
         (strlen(families[family].name) != letters || strncmp(name, families[family].name, letters) != 0))
    family++;
  if (family == BASE_COUNT(families)) {
    diag_error(d, "multiplier `%s`: there is no such multiplier", name);
    explain_names(d);
    return false;
  }
  s->family = families[family].family;
  const char *end = strchrnul(name, '_');
  if (!read_signature(&o.base, name + letters, end, &s->sig)) {
    explain_names(d);
    return false;
  }
  uint64_t said = 0;
  while (*end) {
    o.base.part = end + 1;
    end = strchrnul(end + 1, '_');
    o.base.part_len = (int)(end - o.base.part);
    if (!o.base.part_len) {
      o.base.part = name;
      o.base.part_len = (int)strlen(name);
      return wrong(&o.base, "an option was expected after each `_`");
    }
    int settles = read_structure(&o.base, s);
    if (!settles) {
      if (!families[family].option(&o))
        return false;
      settles = 8 + (o.base.part[0] & 31); // its first letter
    }
    if (said >> settles & 1)
      return wrong(&o.base, "this was said before; give each option once");
    said |= 1ull << settles;
  }
  o.base.part = name;
  o.base.part_len = (int)strlen(name);
  if (families[family].option == read_roup_option && !(o.has_p && o.has_rounding))
    return wrong(&o.base, "roup needs a perforation pN and a rounding: cN or rN.N.., such as roup8s_p1_c7");
  if (families[family].option == read_bam_option && !o.has_broken)
    return wrong(&o.base, "bam needs at least one of hN, vN, tN, such as bam8s_h0_v3_t0");
  if (families[family].option == read_trunc_option && !o.has_broken)
    return wrong(&o.base, "trunc needs kN, such as trunc8s_k4");
  return s->family == FAMILY_BOOTH ? finish_booth(&o) : true;
}
