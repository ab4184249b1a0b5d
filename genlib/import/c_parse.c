// SPDX-License-Identifier: Apache-2.0
//
// Straight-line C with C's own conversions, as a list of operations.
#include "genlib/import/c_function.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_NODES = 1 << 18, MAX_VARIABLES = 1 << 14, MAX_NESTED = 200, MAX_ARRAY = 256, SLOTS = 1 << 15 };

typedef struct {
  const char *name; // "x", "x[3]"
  c_type type;
  int node; // its value; -1: none yet
} variable;

typedef struct {
  arena *mem;
  c_function *f;
  const char *p, *line_start;
  src_pos pos;
  variable *variables;
  size_t count, cap;
  int *slots; // a hash table of indices into variables, -1: free
  int nested;
  bool returned, failed;
  diag *d;
} parser;

static const c_type INT = {32, true};

// Reports the first fault only: what follows is of it. Always false.
static bool fail(parser *c, const char *fmt, ...) BASE_PRINTF(2, 3);
static bool fail(parser *c, const char *fmt, ...) {
  char text[300];
  va_list ap;
  va_start(ap, fmt);
  vsnprintf(text, sizeof text, fmt, ap);
  va_end(ap);
  c->pos.column = (int)(c->p - c->line_start) + 1;
  if (!c->failed)
    diag_at(c->d, c->pos, "%s", text);
  c->failed = true;
  return false;
}

// ---- words -------------------------------------------------------------------------------------------------------
static void newline(parser *c) {
  c->line_start = ++c->p;
  c->pos.line++;
}

static void skip(parser *c) {
  while (*c->p) {
    if (*c->p == '\n') {
      newline(c);
    } else if (isspace((unsigned char)*c->p)) {
      c->p++;
    } else if (c->p[0] == '/' && c->p[1] == '/') {
      c->p += strcspn(c->p, "\n");
    } else if (c->p[0] == '/' && c->p[1] == '*') {
      for (c->p += 2; *c->p && strncmp(c->p, "*/", 2) != 0;)
        *c->p == '\n' ? newline(c) : (void)c->p++;
      c->p += *c->p ? 2 : 0;
    } else {
      return;
    }
  }
}

static size_t word_length(const char *p) {
  size_t n = 0;
  while (isalnum((unsigned char)p[n]) || p[n] == '_')
    n++;
  return isdigit((unsigned char)*p) ? 0 : n;
}

static bool word_is(const char *p, const char *word) {
  size_t n = word_length(p);
  return strlen(word) == n && !strncmp(p, word, n);
}

static bool take_word(parser *c, const char *word) {
  skip(c);
  if (!word_is(c->p, word))
    return false;
  c->p += strlen(word);
  return true;
}

// An operator or bracket that is not the beginning of a longer operator.
static bool take(parser *c, const char *text) {
  skip(c);
  size_t n = strlen(text);
  if (strncmp(c->p, text, n) != 0)
    return false;
  char last = text[n - 1], then = c->p[n];
  if (strchr("&|<>+-=", last) && then == last)
    return false;
  if (strchr("&|^<>+-*=!", last) && then == '=' && !(n > 1 && last == '='))
    return false;
  c->p += n;
  return true;
}

static bool need(parser *c, const char *text) { return take(c, text) || fail(c, "`%s` was expected", text); }

// ---- types -------------------------------------------------------------------------------------------------------
static bool take_type(parser *c, c_type *out) {
  static const struct {
    const char *word;
    c_type type;
  } fixed[] = {{"uint8_t", {8, false}},   {"int8_t", {8, true}},   {"uint16_t", {16, false}}, {"int16_t", {16, true}},
               {"uint32_t", {32, false}}, {"int32_t", {32, true}}, {"uint64_t", {64, false}}, {"int64_t", {64, true}}};
  static const struct {
    const char *word;
    int bits; // 0: none of its own
  } built[] = {{"char", 8}, {"short", 16}, {"int", 32}, {"long", 64}, {"signed", 0}, {"unsigned", 0}};
  static const char *const ignored[] = {"const", "static", "inline", "register", "extern", "__inline"};
  bool found = false, other = true;
  int bits = 0;
  *out = INT;
  while (other) {
    other = false;
    for (size_t i = 0; i < BASE_COUNT(ignored); i++)
      other |= take_word(c, ignored[i]);
    for (size_t i = 0; i < BASE_COUNT(fixed) && !found; i++)
      if (take_word(c, fixed[i].word))
        *out = fixed[i].type, found = other = true, bits = -1;
    for (size_t i = 0; i < BASE_COUNT(built) && bits >= 0; i++)
      if (take_word(c, built[i].word)) {
        found = other = true;
        out->is_signed &= strcmp(built[i].word, "unsigned") != 0;
        bits = built[i].bits && (!bits || bits == 32) ? built[i].bits : bits;
        out->bits = bits ? bits : 32;
      }
  }
  return found;
}

static bool at_type(parser *c) {
  parser look = *c;
  c_type ignored;
  return take_type(&look, &ignored);
}

// ---- nodes -------------------------------------------------------------------------------------------------------
static int add(parser *c, c_node node) {
  if (c->f->count >= MAX_NODES) {
    fail(c, "more than %d operations", MAX_NODES);
    return 0;
  }
  c_fold(c->f, &node);
  arena_grow(c->mem, c->f->nodes, c->f->count, c->f->cap);
  c->f->nodes[c->f->count] = node;
  return (int)c->f->count++;
}

static c_type type_of(const parser *c, int node) { return c->f->nodes[node].type; }

static int convert(parser *c, int x, c_type type) {
  c_type from = type_of(c, x);
  return from.bits == type.bits && from.is_signed == type.is_signed ? x : add(c, (c_node){C_CONVERT, type, x, 0, 0, 0});
}

static c_type promoted(c_type t) { return t.bits < 32 ? INT : t; }

// The usual arithmetic conversions.
static c_type common(c_type x, c_type y) {
  x = promoted(x), y = promoted(y);
  if (x.bits != y.bits)
    return x.bits > y.bits ? x : y;
  return (c_type){x.bits, x.is_signed && y.is_signed};
}

static int constant(parser *c, uint64_t value, c_type type) {
  return add(c, (c_node){C_CONSTANT, type, 0, 0, 0, value});
}

static int binary(parser *c, c_op op, int x, int y) {
  c_type type = common(type_of(c, x), type_of(c, y));
  x = convert(c, x, type), y = convert(c, y, type);
  return add(c, (c_node){op, op == C_EQUAL || op == C_LESS ? INT : type, x, y, 0, 0});
}

static int is_zero(parser *c, int x) { return binary(c, C_EQUAL, x, constant(c, 0, INT)); }

static int truth(parser *c, int x) { return is_zero(c, is_zero(c, x)); }

// Constants are folded as they come.
static bool fold(const parser *c, int x, uint64_t *value) {
  *value = c->f->nodes[x].value;
  return c->f->nodes[x].op == C_CONSTANT;
}

static int shift(parser *c, c_op op, int x, int by) {
  c_type type = promoted(type_of(c, x));
  uint64_t count;
  if (!fold(c, by, &count))
    return fail(c, "a shift by something that is no constant is not taken");
  if (count >= (uint64_t)type.bits)
    return fail(c, "a shift by %lld of %d bits has no defined value", (long long)count, type.bits);
  return add(c, (c_node){op, type, convert(c, x, type), 0, 0, count});
}

// ---- variables ---------------------------------------------------------------------------------------------------
static int *slot(const parser *c, const char *name) {
  uint32_t hash = 2166136261u;
  for (const char *p = name; *p; p++)
    hash = (hash ^ (uint8_t)*p) * 16777619u;
  while (c->slots[hash % SLOTS] >= 0 && strcmp(c->variables[c->slots[hash % SLOTS]].name, name) != 0)
    hash++;
  return &c->slots[hash % SLOTS];
}

static bool declare(parser *c, const char *name, c_type type, int node) {
  int *at = slot(c, name);
  if (*at >= 0)
    return fail(c, "`%.60s` is already declared", name);
  if (c->count == MAX_VARIABLES)
    return fail(c, "more than %d variables", MAX_VARIABLES);
  *at = (int)c->count;
  arena_grow(c->mem, c->variables, c->count, c->cap);
  c->variables[c->count++] = (variable){name, type, node};
  return true;
}

static const char *take_name(parser *c) {
  skip(c);
  size_t n = word_length(c->p);
  const char *name = n ? arena_strndup(c->mem, c->p, n) : NULL;
  c->p += n;
  return name;
}

static int expression(parser *c);

// `[3]` behind a name makes it the name of one element.
static bool take_index(parser *c, const char **name) {
  if (!take(c, "["))
    return true;
  uint64_t index;
  int x = expression(c);
  if (c->failed || !fold(c, x, &index) || index >= MAX_ARRAY)
    return fail(c, "an index that is no constant of 0 to %d is not taken", MAX_ARRAY - 1);
  *name = arena_printf(c->mem, "%s[%d]", *name, (int)index);
  return need(c, "]");
}

static variable *take_variable(parser *c) {
  const char *at = c->p, *name = take_name(c);
  if (!name || !take_index(c, &name))
    return NULL;
  int found = *slot(c, name);
  if (found >= 0)
    return &c->variables[found];
  c->p = at;
  fail(c, "`%.60s` is not declared; functions and globals are not taken", name);
  return NULL;
}

// ---- expressions -------------------------------------------------------------------------------------------------
static int number(parser *c) {
  char *end;
  const char *start = c->p;
  errno = 0;
  uint64_t value = strtoull(start, &end, 0);
  if (errno)
    return fail(c, "a number of at most 64 bits was expected");
  bool decimal = *start != '0', is_unsigned = false, is_long = false;
  for (; strchr("uUlL", *end) && *end; end++)
    *end == 'u' || *end == 'U' ? (is_unsigned = true) : (is_long = true);
  if (isalnum((unsigned char)*end) || *end == '_' || *end == '.')
    return fail(c, "a whole number was expected");
  c->p = end;
  // The first type that holds it: int, (unsigned), long, unsigned long.
  if (!is_long && value <= INT32_MAX)
    return constant(c, value, (c_type){32, !is_unsigned});
  if (!is_long && value <= UINT32_MAX && (is_unsigned || !decimal))
    return constant(c, value, (c_type){32, false});
  return constant(c, value, (c_type){64, !is_unsigned && value <= INT64_MAX});
}

static int unary(parser *c) {
  skip(c);
  if (c->failed || ++c->nested > MAX_NESTED)
    return fail(c, "nested more than %d deep", MAX_NESTED);
  int x = 0;
  parser before = *c;
  if (take(c, "~")) {
    x = unary(c);
    x = convert(c, x, promoted(type_of(c, x)));
    x = add(c, (c_node){C_NOT, type_of(c, x), x, 0, 0, 0});
  } else if (take(c, "!")) {
    x = is_zero(c, unary(c));
  } else if (take(c, "-")) {
    x = unary(c);
    x = binary(c, C_SUB, constant(c, 0, INT), x);
  } else if (take(c, "+")) {
    x = unary(c);
    x = convert(c, x, promoted(type_of(c, x)));
  } else if (take(c, "(")) {
    c_type type;
    if (take_type(c, &type)) {
      need(c, ")");
      x = convert(c, unary(c), type);
    } else {
      x = expression(c);
      need(c, ")");
    }
  } else if (isdigit((unsigned char)*c->p)) {
    x = number(c);
  } else if (word_length(c->p)) {
    const variable *v = take_variable(c);
    if (v && v->node < 0) {
      c->p = before.p;
      fail(c, "`%.60s` has no value here", v->name);
    }
    x = v && v->node >= 0 ? v->node : 0;
  } else {
    fail(c, "an expression of integers was expected");
  }
  c->nested--;
  return x;
}

// Binary operators by rising precedence; `swap`: the operands change places, `not`: the result is inverted.
static const struct {
  const char *text;
  int level;
  c_op op;
  bool swap, invert;
} operators[] = {
    {"|", 2, C_OR, 0, 0},     {"^", 3, C_XOR, 0, 0},   {"&", 4, C_AND, 0, 0},   {"==", 5, C_EQUAL, 0, 0},
    {"!=", 5, C_EQUAL, 0, 1}, {"<=", 6, C_LESS, 1, 1}, {">=", 6, C_LESS, 0, 1}, {"<<", 7, C_SHL, 0, 0},
    {">>", 7, C_SHR, 0, 0},   {"<", 6, C_LESS, 0, 0},  {">", 6, C_LESS, 1, 0},  {"+", 8, C_ADD, 0, 0},
    {"-", 8, C_SUB, 0, 0},    {"*", 9, C_MUL, 0, 0},
};

static int apply(parser *c, size_t k, int x, int y) {
  if (operators[k].op == C_SHL || operators[k].op == C_SHR)
    return shift(c, operators[k].op, x, y);
  int z = operators[k].swap ? binary(c, operators[k].op, y, x) : binary(c, operators[k].op, x, y);
  return operators[k].invert ? is_zero(c, z) : z;
}

static int climb(parser *c, int level) {
  int x = unary(c);
  while (!c->failed) {
    size_t k = 0;
    while (k < BASE_COUNT(operators) && !(operators[k].level >= level && take(c, operators[k].text)))
      k++;
    if (k == BASE_COUNT(operators)) {
      skip(c);
      if (*c->p == '/' || *c->p == '%')
        fail(c, "a division is not taken");
      return x;
    }
    int y = climb(c, operators[k].level + 1);
    x = c->failed ? 0 : apply(c, k, x, y);
  }
  return 0;
}

static int logical(parser *c) {
  int x = climb(c, 2);
  while (!c->failed) {
    // && before ||; both sides have no effects, so that evaluating both changes nothing.
    if (take(c, "&&")) {
      int y = climb(c, 2);
      x = c->failed ? 0 : binary(c, C_AND, truth(c, x), truth(c, y));
    } else {
      return x;
    }
  }
  return 0;
}

static int expression(parser *c) {
  if (c->failed || ++c->nested > MAX_NESTED)
    return fail(c, "nested more than %d deep", MAX_NESTED);
  int x = logical(c);
  while (!c->failed && take(c, "||")) {
    int y = logical(c);
    x = c->failed ? 0 : binary(c, C_OR, truth(c, x), truth(c, y));
  }
  if (!c->failed && take(c, "?")) {
    int y = expression(c);
    need(c, ":");
    int z = expression(c);
    if (!c->failed) {
      c_type type = common(type_of(c, y), type_of(c, z));
      y = convert(c, y, type), z = convert(c, z, type);
      x = add(c, (c_node){C_SELECT, type, truth(c, x), y, z, 0});
    }
  }
  c->nested--;
  return c->failed ? 0 : x;
}

// ---- statements --------------------------------------------------------------------------------------------------
static bool declaration(parser *c) {
  c_type type;
  take_type(c, &type);
  do {
    const char *name = take_name(c);
    if (!name)
      return fail(c, "a variable's name was expected (pointers are not taken)");
    if (take(c, "[")) {
      uint64_t size = 0;
      int x = expression(c);
      if (c->failed || !fold(c, x, &size) || size < 1 || size > MAX_ARRAY)
        return fail(c, "an array of 1 to %d elements was expected", MAX_ARRAY);
      for (uint64_t i = 0; i < size; i++)
        if (!declare(c, arena_printf(c->mem, "%s[%d]", name, (int)i), type, -1))
          return false;
      if (!need(c, "]"))
        return false;
      continue;
    }
    int x = take(c, "=") ? expression(c) : -1;
    if (c->failed || !declare(c, name, type, x < 0 ? -1 : convert(c, x, type)))
      return false;
  } while (take(c, ","));
  return need(c, ";");
}

static bool assignment(parser *c) {
  static const struct {
    const char *text, *op;
  } kinds[] = {{"|=", "|"}, {"&=", "&"}, {"^=", "^"},   {"+=", "+"},
               {"-=", "-"}, {"*=", "*"}, {"<<=", "<<"}, {">>=", ">>"}};
  variable *v = take_variable(c);
  if (!v)
    return fail(c, "a statement was expected: a declaration, an assignment or return");
  size_t at = (size_t)(v - c->variables), k = 0;
  bool plain = take(c, "=");
  while (!plain && k < BASE_COUNT(kinds) && !take(c, kinds[k].text))
    k++;
  if (!plain && k == BASE_COUNT(kinds))
    return fail(c, "an assignment was expected");
  if (!plain && v->node < 0)
    return fail(c, "`%.60s` has no value here", v->name);
  int x = expression(c);
  for (size_t i = 0; !plain && !c->failed && i < BASE_COUNT(operators); i++)
    if (!strcmp(operators[i].text, kinds[k].op)) {
      x = apply(c, i, c->variables[at].node, x);
      break;
    }
  if (c->failed)
    return false;
  c->variables[at].node = convert(c, x, c->variables[at].type);
  return need(c, ";");
}

static bool statement(parser *c, c_type result) {
  static const char *const control[] = {"for", "while", "do", "if", "switch", "goto", "asm", "__asm__"};
  skip(c);
  for (size_t i = 0; i < BASE_COUNT(control); i++)
    if (word_is(c->p, control[i]))
      return fail(c, "`%s`: only straight-line code is taken, as EvoApproxLib writes it", control[i]);
  if (take(c, ";"))
    return true;
  if (c->returned)
    return fail(c, "nothing may follow the return");
  if (take_word(c, "return")) {
    int x = expression(c);
    c->f->result = c->failed ? 0 : convert(c, x, result);
    c->returned = true;
    return !c->failed && need(c, ";");
  }
  if (at_type(c))
    return declaration(c);
  if (!take(c, "(")) // (void)x; says that x is not used
    return assignment(c);
  return take_word(c, "void") && need(c, ")")
             ? take_variable(c) && need(c, ";")
             : fail(c, "a statement was expected: a declaration, an assignment or return");
}

// ---- the file ----------------------------------------------------------------------------------------------------
// #include lines mean nothing here.
static bool directives(parser *c) {
  for (skip(c); *c->p == '#'; skip(c)) {
    const char *word = c->p + 1 + strspn(c->p + 1, " \t");
    if (strncmp(word, "include", 7) != 0 && strncmp(word, "pragma", 6) != 0)
      return fail(c, "of the preprocessor's directives only #include is taken");
    c->p += strcspn(c->p, "\n");
  }
  return true;
}

static bool head(parser *c, c_type *result) {
  if (!directives(c))
    return false;
  if (!take_type(c, result) || !(c->f->name = take_name(c)) || !take(c, "("))
    return fail(c, "a function of two integers was expected, such as uint16_t mul8u_x(uint8_t a, uint8_t b)");
  for (int k = 0; k < 2; k++) {
    if (!take_type(c, &c->f->param_type[k]) || !(c->f->param[k] = take_name(c)))
      return fail(c, "a parameter of an integer type was expected: the function must have two");
    int x = add(c, (c_node){C_PARAMETER, c->f->param_type[k], 0, 0, 0, (uint64_t)k});
    if (!declare(c, c->f->param[k], c->f->param_type[k], x) || !need(c, k ? ")" : ","))
      return false;
  }
  return true;
}

const c_function *c_parse(arena *mem, const char *file, const char *text, diag *d) {
  parser c = {.mem = mem, .p = text, .line_start = text, .d = d};
  c.pos = (src_pos){.file = file, .line = 1, .column = 1, .text = text};
  c.f = arena_new_object(mem, c_function);
  c.slots = arena_new_array(mem, int, SLOTS);
  for (int i = 0; i < SLOTS; i++)
    c.slots[i] = -1;
  c_type result;
  if (!head(&c, &result))
    return NULL;
  for (int prototypes = 0; take(&c, ";"); prototypes++) { // the definition follows
    for (size_t i = 0; i < c.count; i++)
      *slot(&c, c.variables[i].name) = -1;
    c.count = c.f->count = 0;
    if (prototypes == 8 || !head(&c, &result))
      return NULL;
  }
  if (!need(&c, "{"))
    return NULL;
  while (!take(&c, "}"))
    if (!*c.p ? !fail(&c, "the function does not end") : !statement(&c, result))
      return NULL;
  if (!c.returned)
    return fail(&c, "the function returns nothing"), NULL;
  skip(&c);
  return *c.p ? (fail(&c, "nothing may follow the function"), NULL) : c.f;
}
