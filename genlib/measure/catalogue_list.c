// SPDX-License-Identifier: Apache-2.0
//
// Looking at the catalogue: filter, sort, Pareto front, tables.
#include "genlib/measure/catalogue.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int figure_named(const char *key, size_t n) {
  for (int i = 0; i < CATALOGUE_COUNT; i++)
    if (strlen(catalogue_key[i]) == n && strncmp(catalogue_key[i], key, n) == 0)
      return i;
  return -1;
}

static bool no_key(const char *key, size_t n, diag *d) {
  str keys = {0};
  for (int i = 0; i < CATALOGUE_COUNT; i++)
    str_printf(&keys, " %s", catalogue_key[i]);
  diag_error(d, "`%.*s` is no figure of the catalogue; these are:%s", (int)n, key, keys.data);
  str_free(&keys);
  return false;
}

// ---- filter --------------------------------------------------------------------------------------------------------
typedef struct {
  int figure; // -1: a text
  const char *text_key; // name, family, sign or recipe
  char op[3];
  double number;
  const char *text;
  size_t text_len;
} condition;

static const char *text_of(const catalogue_entry *e, const char *key) {
  return key[0] == 'n' ? e->name : key[0] == 'f' ? e->family : key[0] == 's' ? e->sign : e->recipe;
}

static bool holds(const condition *c, const catalogue_entry *e) {
  if (c->figure >= 0) {
    double x = e->figure[c->figure], y = c->number;
    bool less = x < y, equal = x == y;
    switch (c->op[0]) {
    case '<':
      return less || (c->op[1] && equal);
    case '>':
      return !less && (c->op[1] || !equal);
    case '!':
      return !equal;
    default:
      return equal;
    }
  }
  const char *text = text_of(e, c->text_key);
  bool equal = strlen(text) == c->text_len && strncmp(text, c->text, c->text_len) == 0;
  if (c->op[0] == '~')
    return c->text_len == 0 || memmem(text, strlen(text), c->text, c->text_len) != NULL;
  return c->op[0] == '!' ? !equal : equal;
}

static bool parse_condition(const char *at, size_t n, condition *c, diag *d) {
  static const char *const texts[] = {"name", "family", "sign", "recipe"};
  size_t key = strcspn(at, "<>=!~,"), op = 0;
  *c = (condition){.figure = -1};
  if (key >= n) { // a word alone
    *c = (condition){.figure = -1, .text_key = "name", .op = "~", .text = at, .text_len = n};
    return true;
  }
  while (op < 2 && key + op < n && strchr("<>=!~", at[key + op]))
    op++;
  memcpy(c->op, at + key, op);
  c->text = at + key + op;
  c->text_len = n - key - op;
  for (size_t i = 0; i < BASE_COUNT(texts); i++)
    if (strlen(texts[i]) == key && strncmp(texts[i], at, key) == 0)
      c->text_key = texts[i];
  static const char *const figure_ops[] = {"<", "<=", ">", ">=", "=", "!="}, *const text_ops[] = {"=", "!=", "~"};
  bool known = false;
  for (size_t i = 0; i < (c->text_key ? BASE_COUNT(text_ops) : BASE_COUNT(figure_ops)); i++)
    known = known || strcmp(c->op, c->text_key ? text_ops[i] : figure_ops[i]) == 0;
  if (!c->text_key && (c->figure = figure_named(at, key)) < 0)
    return no_key(at, key, d);
  if (!known)
    return diag_error(d, "condition `%.*s`: %s was expected after `%.*s`", (int)n, at,
                      c->text_key ? "= != or ~" : "< <= > >= = or !=", (int)key, at);
  if (c->figure >= 0) {
    char number[64] = "", *end;
    memcpy(number, c->text, c->text_len < sizeof number ? c->text_len : 0);
    c->number = strtod(number, &end);
    if (!*number || *end || !isfinite(c->number))
      return diag_error(d, "condition `%.*s`: a number was expected after `%.*s`", (int)n, at, (int)(key + op), at);
  }
  return true;
}

bool catalogue_filter(catalogue *c, const char *conditions, diag *d) {
  for (const char *at = conditions; *at;) {
    size_t n = strcspn(at, ","), kept = 0;
    condition x;
    if (!parse_condition(at, n, &x, d))
      return false;
    for (size_t i = 0; i < c->count; i++)
      if (holds(&x, &c->entries[i]))
        c->entries[kept++] = c->entries[i];
    c->count = kept;
    at += n + (at[n] == ',');
  }
  return true;
}

// ---- sort ----------------------------------------------------------------------------------------------------------
typedef enum { SORT_UP, SORT_DOWN, SORT_MAGNITUDE } sort_order;

static bool before(const catalogue_entry *x, const catalogue_entry *y, int figure, sort_order order) {
  if (order == SORT_DOWN)
    return before(y, x, figure, SORT_UP);
  if (figure < 0)
    return strcmp(x->name, y->name) < 0;
  double a = x->figure[figure], b = y->figure[figure];
  return order == SORT_MAGNITUDE ? fabs(a) < fabs(b) : a < b;
}

static void sort(catalogue *c, int figure, sort_order order) { // by insertion: stable, and catalogues are small
  for (size_t i = 1; i < c->count; i++) {
    catalogue_entry e = c->entries[i];
    size_t k = i;
    for (; k > 0 && before(&e, &c->entries[k - 1], figure, order); k--)
      c->entries[k] = c->entries[k - 1];
    c->entries[k] = e;
  }
}

bool catalogue_sort(catalogue *c, const char *key, diag *d) {
  bool down = *key == '-';
  int figure = figure_named(key + down, strlen(key + down));
  if (figure < 0 && strcmp(key + down, "name") != 0)
    return no_key(key + down, strlen(key + down), d);
  sort(c, figure, down ? SORT_DOWN : SORT_UP);
  return true;
}

// ---- Pareto --------------------------------------------------------------------------------------------------------
static bool beats(const catalogue_entry *x, const catalogue_entry *y, const int *k) {
  double x0 = fabs(x->figure[k[0]]), x1 = fabs(x->figure[k[1]]), y0 = fabs(y->figure[k[0]]), y1 = fabs(y->figure[k[1]]);
  return x0 <= y0 && x1 <= y1 && (x0 < y0 || x1 < y1 || x < y); // of equals the first
}

void catalogue_mark(const catalogue *c, const int *k) {
  for (size_t i = 0; i < c->count; i++) {
    c->entries[i].pareto = true;
    for (size_t j = 0; j < c->count && c->entries[i].pareto; j++)
      c->entries[i].pareto = i == j || !beats(&c->entries[j], &c->entries[i], k);
  }
}

int catalogue_keys(const char *keys, int *figures, int most, diag *d) {
  int n = 0;
  for (const char *at = keys; n < most; n++) {
    size_t len = strcspn(at, ",");
    if ((figures[n] = figure_named(at, len)) < 0)
      return no_key(at, len, d), 0;
    if (!at[len])
      return n + 1;
    at += len + 1;
  }
  diag_error(d, "`%s`: at most %d figures were expected", keys, most);
  return 0;
}

bool catalogue_pareto(catalogue *c, const char *keys, diag *d) {
  int k[2], n = catalogue_keys(keys, k, 2, d);
  if (n == 1)
    return diag_error(d, "`%s`: two figures were expected, such as mae,energy", keys);
  if (n != 2)
    return false;
  catalogue_mark(c, k);
  size_t kept = 0;
  for (size_t i = 0; i < c->count; i++)
    if (c->entries[i].pareto)
      c->entries[kept++] = c->entries[i];
  c->count = kept;
  sort(c, k[0], SORT_MAGNITUDE);
  return true;
}

// ---- output --------------------------------------------------------------------------------------------------------
cJSON *catalogue_json(const catalogue *c) {
  cJSON *all = cJSON_CreateArray();
  for (size_t i = 0; i < c->count; i++) {
    const catalogue_entry *e = &c->entries[i];
    cJSON *o = cJSON_CreateObject();
    cJSON_AddStringToObject(o, "name", e->name);
    cJSON_AddStringToObject(o, "family", e->family);
    cJSON_AddStringToObject(o, "sign", e->sign);
    cJSON_AddStringToObject(o, "recipe", e->recipe);
    for (int k = 0; k < CATALOGUE_COUNT; k++) {
      char number[32];
      snprintf(number, sizeof number, "%.6g", e->figure[k]);
      cJSON_AddRawToObject(o, catalogue_key[k], number);
    }
    cJSON_AddItemToArray(all, o);
  }
  return all;
}

void catalogue_text(const catalogue *c, str *out) {
  static const catalogue_figure shown[] = {CATALOGUE_AREA, CATALOGUE_DELAY,    CATALOGUE_ENERGY, CATALOGUE_REALISTIC,
                                           CATALOGUE_HELD, CATALOGUE_GLITCHES, CATALOGUE_MAE,    CATALOGUE_WCE,
                                           CATALOGUE_EP,   CATALOGUE_BIAS};
  size_t width = 10;
  for (size_t i = 0; i < c->count; i++)
    width = strlen(c->entries[i].name) > width ? strlen(c->entries[i].name) : width;
  str_printf(out, "%-*s", (int)width, "multiplier");
  for (size_t k = 0; k < BASE_COUNT(shown); k++)
    str_printf(out, " %9s", catalogue_key[shown[k]]);
  str_add(out, "\n");
  for (size_t i = 0; i < c->count; i++) {
    str_printf(out, "%-*s", (int)width, c->entries[i].name);
    for (size_t k = 0; k < BASE_COUNT(shown); k++)
      str_printf(out, " %9.5g", c->entries[i].figure[shown[k]]);
    str_add(out, "\n");
  }
  str_add(out,
          "(um2, ns, fJ an operation by timed simulation: uniform, realistic, and realistic with b held for 32)\n");
}
