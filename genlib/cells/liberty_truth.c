// SPDX-License-Identifier: Apache-2.0
//
// Truth tables of up to eight variables, and Liberty's Boolean expressions.
#include "genlib/cells/liberty.h"

#include <ctype.h>
#include <string.h>

static const uint64_t PATTERN[6] = {0xAAAAAAAAAAAAAAAA, 0xCCCCCCCCCCCCCCCC, 0xF0F0F0F0F0F0F0F0,
                                    0xFF00FF00FF00FF00, 0xFFFF0000FFFF0000, 0xFFFFFFFF00000000};

truth truth_variable(int v) {
  truth t;
  for (int i = 0; i < 4; i++)
    t.w[i] = v < 6 ? PATTERN[v] : (i >> (v - 6) & 1) ? ~(uint64_t)0 : 0;
  return t;
}

truth truth_const(bool one) {
  uint64_t w = one ? ~(uint64_t)0 : 0;
  return (truth){{w, w, w, w}};
}

truth truth_not(truth a) { return (truth){{~a.w[0], ~a.w[1], ~a.w[2], ~a.w[3]}}; }
truth truth_and(truth a, truth b) {
  return (truth){{a.w[0] & b.w[0], a.w[1] & b.w[1], a.w[2] & b.w[2], a.w[3] & b.w[3]}};
}
truth truth_or(truth a, truth b) {
  return (truth){{a.w[0] | b.w[0], a.w[1] | b.w[1], a.w[2] | b.w[2], a.w[3] | b.w[3]}};
}
truth truth_xor(truth a, truth b) {
  return (truth){{a.w[0] ^ b.w[0], a.w[1] ^ b.w[1], a.w[2] ^ b.w[2], a.w[3] ^ b.w[3]}};
}
bool truth_equal(truth a, truth b) { return memcmp(&a, &b, sizeof a) == 0; }

truth truth_cofactor(truth f, int v, bool one) {
  truth out;
  if (v >= 6) {
    int step = 1 << (v - 6);
    for (int i = 0; i < 4; i++)
      out.w[i] = f.w[one ? i | step : i & ~step];
    return out;
  }
  int shift = 1 << v;
  for (int i = 0; i < 4; i++) {
    uint64_t half = f.w[i] & (one ? PATTERN[v] : ~PATTERN[v]);
    out.w[i] = one ? half | half >> shift : half | half << shift;
  }
  return out;
}

// ---- expressions: operator precedence on two small stacks -----------------------------------------------------------
enum { STACK = 64 };

typedef struct {
  truth value[STACK];
  int values;
  char op[STACK]; // '(', '!', '^', '&', '|'
  int ops;
} machine;

static int rank(char op) { return op == '!' ? 4 : op == '^' ? 3 : op == '&' ? 2 : op == '|' ? 1 : 0; }

static bool reduce(machine *m) {
  char op = m->op[--m->ops];
  if (m->values < (op == '!' ? 1 : 2))
    return false;
  truth *top = &m->value[m->values - 1];
  if (op == '!') {
    *top = truth_not(*top);
    return true;
  }
  top[-1] = op == '^' ? truth_xor(top[-1], *top) : op == '&' ? truth_and(top[-1], *top) : truth_or(top[-1], *top);
  m->values--;
  return true;
}

static bool push_op(machine *m, char op) {
  while (op != '(' && op != '!' && m->ops && rank(m->op[m->ops - 1]) >= rank(op))
    if (!reduce(m))
      return false;
  if (m->ops == STACK)
    return false;
  m->op[m->ops++] = op;
  return true;
}

static bool push_value(machine *m, truth v) {
  if (m->values == STACK)
    return false;
  m->value[m->values++] = v;
  return true;
}

static bool operand(const char *s, size_t n, const char *const *names, int count, truth *out) {
  for (int i = 0; i < count; i++)
    if (strlen(names[i]) == n && memcmp(names[i], s, n) == 0) {
      *out = truth_variable(i);
      return true;
    }
  *out = truth_const(*s == '1');
  return n == 1 && (*s == '0' || *s == '1');
}

static bool step(machine *m, const char *text, size_t *at, bool *after_value, const char *const *names, int count) {
  char c = text[*at];
  if (c == '\'') {
    (*at)++;
    if (*after_value)
      m->value[m->values - 1] = truth_not(m->value[m->values - 1]);
    return *after_value;
  }
  if (c == ')') {
    if (!*after_value)
      return false;
    while (m->ops && m->op[m->ops - 1] != '(')
      if (!reduce(m))
        return false;
    (*at)++;
    return m->ops-- > 0;
  }
  char binary = c == '*' || c == '&' ? '&' : c == '+' || c == '|' ? '|' : c == '^' ? '^' : 0;
  if (binary) {
    if (!*after_value || !push_op(m, binary))
      return false;
    *after_value = false;
    (*at)++;
    return true;
  }
  if (*after_value && !push_op(m, '&')) // two operands side by side
    return false;
  *after_value = false;
  if (c == '(' || c == '!') {
    (*at)++;
    return push_op(m, c);
  }
  size_t n = strcspn(text + *at, " \t\r\n'()*&+|^!");
  truth v;
  if (n == 0 || !operand(text + *at, n, names, count, &v) || !push_value(m, v))
    return false;
  *at += n;
  *after_value = true;
  return true;
}

bool liberty_expression(const char *text, const char *const *names, int count, truth *out, size_t *stop) {
  machine m;
  m.values = m.ops = 0;
  size_t at = 0;
  bool after_value = false, ok = true;
  while (ok) {
    while (isspace((unsigned char)text[at]))
      at++;
    if (!text[at])
      break;
    ok = step(&m, text, &at, &after_value, names, count);
  }
  if (stop)
    *stop = at;
  ok = ok && after_value;
  while (ok && m.ops)
    ok = m.op[m.ops - 1] != '(' && reduce(&m);
  if (ok)
    *out = m.value[0];
  return ok && m.values == 1;
}
