// SPDX-License-Identifier: Apache-2.0
//
// Liberty's units and lookup tables.
#include "genlib/cells/liberty_table.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MAX_VALUES = 4096 };
// Bounds of what a file says, in its units and of the units, so that sums, products and slopes stay finite.
static const double NUMBER_MOST = 1e15, UNIT_MOST = 1e9, STEP_LEAST = 1e-15;

static bool is_unit(double v) { return v >= 1 / UNIT_MOST && v <= UNIT_MOST; }

bool liberty_bad(liberty_reader *r, const liberty_node *at, const char *what) {
  return diag_at(r->d, liberty_place(r->source, at->offset), "`%s`: %s", at->name, what);
}

bool liberty_number(const char *text, double *out) {
  char *end;
  *out = strtod(text, &end);
  while (isspace((unsigned char)*end))
    end++;
  return end != text && !*end && fabs(*out) <= NUMBER_MOST;
}

// ---- units ---------------------------------------------------------------------------------------------------------
static const struct {
  char prefix;
  double factor;
} PREFIXES[] = {{'f', 1e-15}, {'p', 1e-12}, {'n', 1e-9}, {'u', 1e-6}, {'m', 1e-3}, {'k', 1e3}};

// "10ps" as a multiple of `base` seconds (farads, watts); unit is the letter after the prefix.
static bool unit_of(const char *text, char letter, double base, double *out) {
  char *end;
  double n = strtod(text, &end), factor = 1;
  if (end == text)
    n = 1;
  while (isspace((unsigned char)*end))
    end++;
  for (size_t i = 0; i < BASE_COUNT(PREFIXES); i++)
    if (tolower((unsigned char)*end) == PREFIXES[i].prefix && end[1])
      factor = PREFIXES[i].factor;
  end += factor != 1;
  *out = n * factor / base;
  return tolower((unsigned char)*end) == letter && is_unit(*out);
}

static bool named_unit(liberty_reader *r, const char *name, char letter, double base, double *out) {
  const liberty_node *n = liberty_child(r->library, name, NULL);
  if (!n || !n->arg_count)
    return true;
  return unit_of(n->args[0], letter, base, out) || liberty_bad(r, n, "a unit such as \"1ns\" was expected");
}

bool liberty_units(liberty_reader *r) {
  r->time = r->leakage = 1; // where the file says nothing: ns, nW, pF
  r->cap = 1000;
  double count;
  r->volt = 1;
  const liberty_node *n = liberty_child(r->library, "capacitive_load_unit", NULL);
  if (n) {
    if (n->arg_count != 2 || !liberty_number(n->args[0], &count) || !unit_of(n->args[1], 'f', 1e-15, &r->cap) ||
        !is_unit(count))
      return liberty_bad(r, n, "(1, pf) or the like was expected");
    r->cap *= count;
  }
  if (!named_unit(r, "time_unit", 's', 1e-9, &r->time) ||
      !named_unit(r, "leakage_power_unit", 'w', 1e-9, &r->leakage) || !named_unit(r, "voltage_unit", 'v', 1, &r->volt))
    return false;
  r->energy = r->cap * r->volt * r->volt;
  return true;
}

// ---- tables --------------------------------------------------------------------------------------------------------
typedef struct {
  double v[MAX_VALUES];
  int n;
} numbers;

static bool read_numbers(const liberty_node *n, numbers *out) {
  out->n = 0;
  for (size_t i = 0; i < n->arg_count; i++)
    for (const char *p = n->args[i]; *p;) {
      if (isspace((unsigned char)*p) || *p == ',') {
        p++;
        continue;
      }
      char *end;
      double v = strtod(p, &end);
      if (end == p || !(fabs(v) <= NUMBER_MOST) || out->n == MAX_VALUES)
        return false;
      out->v[out->n++] = v;
      p = end;
    }
  return out->n > 0;
}

static int by_template(const void *a, const void *b) {
  const liberty_node *x = *(const liberty_node *const *)a, *y = *(const liberty_node *const *)b;
  int order = strcmp(x->args[0], y->args[0]);
  return order ? order : (x->offset > y->offset) - (x->offset < y->offset);
}

void liberty_templates(liberty_reader *r) {
  size_t cap = 0;
  for (const liberty_node *n = r->library->first; n; n = n->next)
    if (n->group && n->arg_count &&
        (strcmp(n->name, "lu_table_template") == 0 || strcmp(n->name, "power_lut_template") == 0)) {
      arena_grow(r->mem, r->templates, r->template_count, cap);
      r->templates[r->template_count++] = n;
    }
  if (r->template_count)
    qsort(r->templates, r->template_count, sizeof *r->templates, by_template);
}

// The first of that name.
static const liberty_node *template_of(const liberty_reader *r, const char *name) {
  size_t low = 0, high = r->template_count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (strcmp(r->templates[middle]->args[0], name) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return low < r->template_count && strcmp(r->templates[low]->args[0], name) == 0 ? r->templates[low] : NULL;
}

static const double *scaled(liberty_reader *r, const numbers *x, double unit) {
  double *out = arena_new_array(r->mem, double, (size_t)x->n);
  for (int i = 0; i < x->n; i++)
    out[i] = x->v[i] * unit;
  return out;
}

static bool increasing(const numbers *x) {
  for (int i = 1; i < x->n; i++)
    if (!(x->v[i] >= x->v[i - 1] + STEP_LEAST && x->v[i] > x->v[i - 1]))
      return false;
  return true;
}

typedef enum { AXIS_NONE, AXIS_SLEW, AXIS_LOAD, AXIS_OTHER } axis_kind;

static axis_kind axis_of(const char *variable) {
  if (!variable)
    return AXIS_NONE;
  if (strcmp(variable, "input_net_transition") == 0 || strcmp(variable, "input_transition_time") == 0)
    return AXIS_SLEW;
  return strcmp(variable, "total_output_net_capacitance") == 0 ? AXIS_LOAD : AXIS_OTHER;
}

// Reads the axes of `table` into `out`; `*transposed` when the load is the file's outer axis.
static bool read_axes(liberty_reader *r, const liberty_node *table, numbers *buffer, liberty_table *out,
                      bool *transposed) {
  static const double ZERO = 0;
  *out = (liberty_table){1, 1, &ZERO, &ZERO, NULL};
  *transposed = false;
  if (!table->arg_count || strcmp(table->args[0], "scalar") == 0)
    return true;
  const liberty_node *form = template_of(r, table->args[0]);
  if (!form)
    return liberty_bad(r, table, "its template is not in the library");
  static const char *const VARIABLE[] = {"variable_1", "variable_2", "variable_3"};
  static const char *const INDEX[] = {"index_1", "index_2", "index_3"};
  bool seen[AXIS_OTHER + 1] = {false};
  for (int i = 0; i < 3; i++) {
    axis_kind kind = axis_of(liberty_text(form, VARIABLE[i]));
    if (kind == AXIS_NONE)
      continue;
    if (kind == AXIS_OTHER || seen[kind])
      return liberty_bad(r, form, "only tables over input slew and output load are understood");
    seen[kind] = true;
    const liberty_node *index = liberty_child(table, INDEX[i], NULL);
    index = index ? index : liberty_child(form, INDEX[i], NULL);
    if (!index || !read_numbers(index, buffer) || !increasing(buffer))
      return liberty_bad(r, index ? index : table, "rising numbers were expected on each axis");
    if (kind == AXIS_SLEW)
      out->slews = buffer->n, out->slew = scaled(r, buffer, r->time);
    else
      out->loads = buffer->n, out->load = scaled(r, buffer, r->cap), *transposed = !seen[AXIS_SLEW];
  }
  return true;
}

bool liberty_table_read(liberty_reader *r, const liberty_node *parent, const char *name, double unit,
                        liberty_table *out) {
  *out = (liberty_table){0};
  const liberty_node *table = liberty_child(parent, name, NULL);
  if (!table || !table->group)
    return true;
  static _Thread_local numbers buffer;
  numbers *x = &buffer;
  bool transposed;
  liberty_table t;
  if (!read_axes(r, table, x, &t, &transposed))
    return false;
  const liberty_node *values = liberty_child(table, "values", NULL);
  if (!values || !read_numbers(values, x) || x->n != t.slews * t.loads)
    return liberty_bad(r, values ? values : table, "as many numbers as the axes say were expected");
  double *v = arena_new_array(r->mem, double, (size_t)x->n);
  for (int s = 0; s < t.slews; s++)
    for (int l = 0; l < t.loads; l++)
      v[s * t.loads + l] = x->v[transposed ? l * t.slews + s : s * t.loads + l] * unit;
  t.values = v;
  *out = t;
  return true;
}

// The interval of the axis to use for x, and how far x is along it (may lie outside 0..1).
static int interval(const double *axis, int n, double x, double *along) {
  *along = 0;
  if (n < 2)
    return 0;
  int i = 0;
  while (i + 2 < n && x >= axis[i + 1])
    i++;
  *along = (x - axis[i]) / (axis[i + 1] - axis[i]);
  return i;
}

double liberty_lookup(const liberty_table *t, double slew_ns, double load_ff) {
  if (!t->slews)
    return 0;
  double u, w;
  int s = interval(t->slew, t->slews, slew_ns, &u), l = interval(t->load, t->loads, load_ff, &w);
  const double *row = t->values + s * t->loads + l, *next = t->slews > 1 ? row + t->loads : row;
  int right = t->loads > 1;
  return (row[0] * (1 - w) + row[right] * w) * (1 - u) + (next[0] * (1 - w) + next[right] * w) * u;
}

double liberty_mean_energy(const liberty *lib, const liberty_pin *pin, bool own, double load_ff) {
  double sum = 0;
  int n = 0;
  for (size_t i = 0; i < pin->energy_count; i++)
    if ((pin->energies[i].related < 0) == own) {
      sum += liberty_lookup(&pin->energies[i].rise, lib->input_slew, load_ff);
      sum += liberty_lookup(&pin->energies[i].fall, lib->input_slew, load_ff);
      n += 2;
    }
  return n ? sum / n : 0;
}
