// SPDX-License-Identifier: Apache-2.0
//
// The figures in an EvoApproxLib header against ours, and the report as text, JSON and netlist.
#include "compiler/base/escape.h"
#include "genlib/import/import_internal.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

// ---- published figures -------------------------------------------------------------------------------------------
// A hundredth of what the library's percentages are of: 2^(bits of a and b); of a sum 2^(its bits).
static double full_scale(const mul *m) {
  return ldexp(1, m->adds ? m->sig.p_bits : m->sig.a_bits + m->sig.b_bits) / 100;
}

static bool measured_figure(const char *key, const mul *m, const mul_errors *e, double *value, double *other) {
  double full = full_scale(m);
  size_t n = strcspn(key, "%");
  bool percent = key[n] == '%';
  *other = NAN;
  if (n == 3 && !strncmp(key, "MAE", n))
    *value = percent ? e->mae / full : e->mae;
  else if (n == 3 && !strncmp(key, "WCE", n))
    *value = percent ? (double)e->wce / full : (double)e->wce;
  else if (n == 3 && !strncmp(key, "MSE", n))
    *value = e->mse;
  else if (n == 3 && !strncmp(key, "MRE", n))
    *value = 100 * e->mre;
  else if (n == 2 && !strncmp(key, "EP", n))
    *value = 100 * e->ep;
  else if (n == 4 && !strncmp(key, "WCRE", n)) // exact products of 0 count as 1 or are left out: both are in use
    *value = 100 * e->wcre, *other = 100 * fmax(e->wcre, (double)e->wce_at_zero);
  else
    return false;
  if (percent && m->adds) // of 2^(bits of an operand) in other libraries
    *other = 2 * *value;
  return true;
}

// A decimal number and the unit of its last digit.
static const char *number(const char *p, double *value, double *unit) {
  char *end;
  p += strspn(p, " \t");
  size_t digits = strspn(p, "+-.0123456789eE");
  *value = strtod(p, &end);
  if (end == p || end > p + digits || !isfinite(*value)) // hexadecimal, infinite, NaN
    return NULL;
  size_t n = strcspn(p, "eE");
  const char *dot = memchr(p, '.', (size_t)(end - p));
  size_t mantissa = n < (size_t)(end - p) ? n : (size_t)(end - p);
  int decimals = dot ? (int)(mantissa - (size_t)(dot - p)) - 1 : 0;
  int64_t exponent = 0;
  if (mantissa < (size_t)(end - p))
    whole_text(p + mantissa + (p[mantissa + 1] == '+' ? 2 : 1), 10, -1000, 1000, &exponent, &p);
  *unit = pow(10, (double)exponent - decimals);
  return end;
}

// A percentage may have been computed from the absolute figure as it is printed: 0.2 / 2^24 for a mean of 0.25.
static bool follows(const import_report *r, const import_figure *f, double unit, const mul *m) {
  size_t n = strcspn(f->key, "%");
  double full = full_scale(m);
  for (size_t i = 0; f->key[n] == '%' && i < r->figure_count; i++)
    if (strlen(r->figures[i].key) == n && !strncmp(r->figures[i].key, f->key, n) && !r->figures[i].differs)
      return fabs(r->figures[i].published / full - f->published) <= 1.001 * unit;
  return false;
}

// Percentages stand before their absolute figures: looked at once all are read.
static void settle_percentages(import_report *r, const mul *m) {
  for (size_t i = 0; i < r->figure_count; i++)
    if (r->figures[i].differs && follows(r, &r->figures[i], r->figures[i].last_place, m))
      r->figures[i].differs = false, r->figures[i].from_rounded = true;
}

static void read_line(arena *mem, const char *line, size_t length, const mul *m, import_report *r, size_t *cap) {
  const char *p = line + strspn(line, "/* \t"), *equals = memchr(line, '=', length);
  if (p == line || !equals || equals <= p)
    return;
  size_t n = (size_t)(equals - p);
  while (n && isspace((unsigned char)p[n - 1]))
    n--;
  double value, unit, other;
  const char *after = number(equals + 1, &value, &unit);
  if (!n || n > 24 || !after || after > line + length)
    return;
  import_figure f = {.key = arena_strndup(mem, p, n), .published = value, .last_place = unit};
  after += strspn(after, " \t");
  f.unit = arena_strndup(mem, after, strcspn(after, " \t\r\n"));
  f.comparable = measured_figure(f.key, m, &r->errors, &f.measured, &other);
  // One unit, not half of one: some are cut off instead of rounded.
  f.differs = f.comparable && !(fabs(f.measured - value) <= 1.001 * unit || fabs(other - value) <= 1.001 * unit);
  if (!f.comparable && strncmp(f.key, "PDK45_", 6) != 0 && strncmp(f.key, "FPGA_", 5) != 0 && !strstr(f.key, "(45)"))
    return;
  arena_grow(mem, r->figures, r->figure_count, *cap);
  r->figures[r->figure_count++] = f;
}

void import_figures(arena *mem, const char *text, const mul *m, import_report *r) {
  size_t cap = 0;
  for (const char *p = text; *p;) {
    size_t n = strcspn(p, "\n");
    const char *word = p + strspn(p, " \t");
    if (!strncmp(word, "module", 6))
      break;
    read_line(mem, p, n, m, r, &cap);
    p += n + (p[n] != 0);
  }
  settle_percentages(r, m);
}

// ---- output ------------------------------------------------------------------------------------------------------
static const char *sign(bool is_signed) { return is_signed ? "signed" : "unsigned"; }

void import_print(const mul *m, const import_report *r, str *out) {
  const char *file = strrchr(r->path, '/') ? strrchr(r->path, '/') + 1 : r->path;
  const char *const names[] = {file, r->module, r->a_port, r->b_port, r->p_port};
  const char *const before[] = {"# imported from ", r->function ? ", function " : ", module ",
                                " (a = ", ", b = ", m->adds ? ", sum = " : ", product = "};
  str_add(out, "# ");
  escape_comment(out, m->name);
  if (m->adds)
    str_add(out, ": an adder of unsigned numbers\n");
  else
    str_printf(out, ": a %s, b %s, product %s\n", sign(m->sig.a_signed), sign(m->sig.b_signed), sign(m->sig.p_signed));
  for (size_t i = 0; i < BASE_COUNT(names); i++) {
    str_add(out, before[i]);
    escape_comment(out, names[i]);
  }
  str_add(out, ")\n");
  str_printf(out, "# MAE %.4f, WCE %lld, EP %.4f %%, bias %.4f\n", r->errors.mae, (long long)r->errors.wce,
             100 * r->errors.ep, r->errors.bias);
  nl_print(m->net, out);
}

static const char *from_text(const import_report *r) {
  static const char *const text[] = {"found from the values", "as the module's name says", "as asked for"};
  return r->by_types ? "as its types say" : text[r->reading_from];
}

static void share(const char *what, double value, str *out) {
  if (value >= 0)
    str_printf(out, "%-18s %.2f %% of the pairs\n", what, 100 * value);
}

static void proof(const import_report *r, str *out) {
  unsigned long long all = r->pairs, direct = r->direct_pairs;
  if (r->function) {
    str_printf(out, "%-18s %s%llu pairs: the C function, evaluated here, = our netlist = our Verilog in Icarus\n",
               r->simulated ? "sampled" : "proven equal", r->simulated ? "" : "all ", direct);
    return;
  }
  if (!r->simulated) {
    str_printf(out, "%-18s all %llu pairs: Yosys's flattening in Icarus = our netlist = our Verilog in Icarus\n",
               "proven equal", all);
    if (r->impure)
      str_printf(out, "%-18s the file itself was not simulated: it has a `$` in names or functions\n", "");
    else
      str_printf(out, "%-18s %llu of them: also the file itself in Icarus\n", "", direct);
    return;
  }
  str_printf(out, "%-18s all %llu pairs: the file as Yosys reads it = our netlist = our Verilog as Yosys reads it\n",
             "proven equal", all);
  // With no miss among n random ones, the share that differs is below 3/n with 95 % confidence.
  str_printf(out, "%-18s %llu pairs (corners and %llu random ones): %s in Icarus = our netlist = our\n", "sampled",
             direct, (unsigned long long)r->random_pairs,
             r->impure ? "Yosys's flattening (the file has a `$`)" : "the file itself");
  str_printf(out, "%-18s Verilog in Icarus; with 95 %% confidence less than %.2f %% of all pairs differ there\n", "",
             300.0 / (double)r->random_pairs);
}

void import_text(const mul *m, const import_report *r, str *out) {
  str_printf(out, "%-18s %s, %s %s: a = %s (%d bits), b = %s (%d bits), %s = %s (%d bits)\n", m->name, r->path,
             r->function ? "function" : "module", r->module, r->a_port, m->sig.a_bits, r->b_port, m->sig.b_bits,
             m->adds ? "sum" : "product", r->p_port, m->sig.p_bits);
  if (m->adds)
    str_printf(out, "%-18s %.4f (mean |f - a - b|, of the mean a + b)\n", "distance", r->relative[IMPORT_UNSIGNED]);
  else
    str_printf(out, "%-18s %s, %s%s\n", "operands", import_reading_name[r->reading], from_text(r),
               r->clear ? "" : "; not by far the nearest reading");
  if (!m->adds)
    str_printf(out, "%-18s %.3f signed, %.3f unsigned, %.3f us, %.3f su (mean |f - a b|, of the mean |a b|)\n",
               "distance", r->relative[IMPORT_SIGNED], r->relative[IMPORT_UNSIGNED], r->relative[IMPORT_US],
               r->relative[IMPORT_SU]);
  if (r->looked_at < r->pairs)
    str_printf(out, "%-18s distance and shares are of %llu random pairs\n", "", (unsigned long long)r->looked_at);
  share("f(a,b) = f(b,a)", r->commutes, out);
  share("f(-a,b) = -f(a,b)", r->odd_a, out);
  share("f(a,-b) = -f(a,b)", r->odd_b, out);
  nl_statistics s = nl_stats(m->net);
  str_printf(out, "%-18s %d, %d deep, of them FA %d, HA %d\n", "gates", s.gates, s.depth, s.count[GATE_FA],
             s.count[GATE_HA]);
  str_printf(out, "%-18s MAE %.4f, WCE %lld, EP %.3f %%, MRE %.4f %%, MSE %.3f, bias %.4f\n", "errors", r->errors.mae,
             (long long)r->errors.wce, 100 * r->errors.ep, 100 * r->errors.mre, r->errors.mse, r->errors.bias);
  proof(r, out);
  int differ = 0;
  for (size_t i = 0; i < r->figure_count; i++) {
    const import_figure *f = &r->figures[i];
    if (f->comparable)
      str_printf(out, "published %-9s %.10g %s; measured %.6g%s\n", f->key, f->published, f->unit, f->measured,
                 f->differs        ? "  DIFFERS"
                 : f->from_rounded ? " (theirs follows from their rounded figure)"
                                   : "");
    else
      str_printf(out, "published %-9s %.10g %s (of their circuit, library and clock)\n", f->key, f->published, f->unit);
    differ += f->differs;
  }
  if (r->figure_count)
    str_printf(out, "%-18s %s\n", "the header", differ ? "does not describe this function" : "agrees");
  if (r->measured)
    str_printf(out, "%-18s area %.1f um2, delay %.3f ns in the default library\n", "here", r->area, r->delay);
}

static void add_share(cJSON *o, const char *key, double value) {
  if (value >= 0)
    cJSON_AddNumberToObject(o, key, value);
}

static void add_texts(cJSON *o, const char *key, const char *const *texts, size_t count) {
  cJSON *list = cJSON_AddArrayToObject(o, key);
  for (size_t i = 0; i < count; i++)
    cJSON_AddItemToArray(list, cJSON_CreateString(texts[i]));
}

// How the operands were read, and what spoke for it.
static void add_reading(cJSON *o, const mul *m, const import_report *r) {
  static const char *const keys[IMPORT_READINGS] = {"", "s", "u", "us", "su"};
  cJSON_AddNumberToObject(o, "a_bits", m->sig.a_bits);
  cJSON_AddNumberToObject(o, "b_bits", m->sig.b_bits);
  cJSON_AddNumberToObject(o, "p_bits", m->sig.p_bits);
  cJSON_AddBoolToObject(o, "a_signed", m->sig.a_signed);
  cJSON_AddBoolToObject(o, "b_signed", m->sig.b_signed);
  cJSON_AddStringToObject(o, "signedness_from", from_text(r));
  cJSON_AddBoolToObject(o, "signedness_clear", r->clear);
  cJSON *list = cJSON_AddObjectToObject(o, "relative_distance");
  for (int k = IMPORT_SIGNED; k < IMPORT_READINGS; k++)
    cJSON_AddNumberToObject(list, keys[k], r->relative[k]);
  add_share(o, "commutes", r->commutes);
  add_share(o, "odd_in_a", r->odd_a);
  add_share(o, "odd_in_b", r->odd_b);
}

static void add_sum(cJSON *o, const mul *m, const import_report *r) {
  cJSON_AddNumberToObject(o, "bits", m->sig.a_bits);
  cJSON_AddNumberToObject(o, "relative_distance", r->relative[IMPORT_UNSIGNED]);
  add_share(o, "commutes", r->commutes);
}

// Which pairs were looked at, and how.
static void add_proof(cJSON *o, const import_report *r) {
  cJSON_AddNumberToObject(o, "pairs_proven", r->function && r->simulated ? 0 : (double)r->pairs);
  cJSON_AddStringToObject(o, "pairs_proven_by",
                          r->function    ? "evaluation here"
                          : r->simulated ? "simulation of Yosys's plain readings"
                                         : "Icarus");
  cJSON_AddNumberToObject(o, "pairs_direct", r->impure ? 0 : (double)r->direct_pairs);
  cJSON_AddNumberToObject(o, "pairs_direct_random", (double)r->random_pairs);
  cJSON_AddNumberToObject(o, "pairs_of_distance", (double)r->looked_at);
}

static void add_published(cJSON *o, const import_report *r) {
  cJSON *list = cJSON_AddArrayToObject(o, "published");
  for (size_t i = 0; i < r->figure_count; i++) {
    cJSON *f = cJSON_CreateObject();
    cJSON_AddStringToObject(f, "key", r->figures[i].key);
    cJSON_AddStringToObject(f, "unit", r->figures[i].unit);
    cJSON_AddNumberToObject(f, "published", r->figures[i].published);
    if (r->figures[i].comparable) {
      cJSON_AddNumberToObject(f, "measured", r->figures[i].measured);
      cJSON_AddBoolToObject(f, "differs", r->figures[i].differs);
    }
    cJSON_AddItemToArray(list, f);
  }
}

cJSON *import_json(const mul *m, const import_report *r) {
  cJSON *o = cJSON_CreateObject();
  cJSON_AddStringToObject(o, "name", m->name);
  cJSON_AddStringToObject(o, "file", r->path);
  cJSON_AddStringToObject(o, r->function ? "function" : "module", r->module);
  cJSON_AddStringToObject(o, "a_port", r->a_port);
  cJSON_AddStringToObject(o, "b_port", r->b_port);
  cJSON_AddStringToObject(o, "p_port", r->p_port);
  cJSON_AddStringToObject(o, "kind", m->adds ? "adder" : "multiplier");
  if (m->adds)
    add_sum(o, m, r);
  else
    add_reading(o, m, r);
  cJSON_AddNumberToObject(o, "gates", nl_stats(m->net).gates);
  mul_errors_json(o, &r->errors);
  cJSON_AddNumberToObject(o, "wcre", r->errors.wcre);
  add_proof(o, r);
  add_texts(o, "cells_supplied", r->cells, r->cell_count);
  add_texts(o, "adder_modules", r->adders, r->adder_count);
  add_published(o, r);
  if (r->measured) {
    cJSON_AddNumberToObject(o, "area_um2", r->area);
    cJSON_AddNumberToObject(o, "delay_ns", r->delay);
  }
  return o;
}
