// SPDX-License-Identifier: Apache-2.0
//
// mul show, mul gen; the others are in verb_measure.c
#include "compiler/base/json.h"
#include "compiler/cli/measure.h"

#include <string.h>

static cJSON *signature_json(const mul *m) {
  cJSON *o = cJSON_CreateObject();
  cJSON_AddStringToObject(o, "name", m->name);
  cJSON_AddStringToObject(o, "module", m->ident);
  if (m->formula)
    cJSON_AddStringToObject(o, "function", m->formula);
  cJSON_AddNumberToObject(o, "a_bits", m->sig.a_bits);
  cJSON_AddBoolToObject(o, "a_signed", m->sig.a_signed);
  cJSON_AddNumberToObject(o, "b_bits", m->sig.b_bits);
  cJSON_AddBoolToObject(o, "b_signed", m->sig.b_signed);
  cJSON_AddNumberToObject(o, "p_bits", m->sig.p_bits);
  cJSON_AddBoolToObject(o, "p_signed", m->sig.p_signed);
  cJSON_AddBoolToObject(o, "exact", m->exact);
  return o;
}

static void count_gates(const netlist *n, int count[GATE_KINDS]) {
  memset(count, 0, GATE_KINDS * sizeof *count);
  for (size_t i = 0; i < n->count; i++)
    count[n->gates[i].kind]++;
}

static void add_gates(cJSON *o, const netlist *n) {
  int count[GATE_KINDS];
  count_gates(n, count);
  cJSON_AddNumberToObject(o, "gates", (double)n->count);
  cJSON *kinds = cJSON_AddObjectToObject(o, "gates_by_kind");
  for (int k = 0; k < GATE_KINDS; k++)
    if (count[k])
      cJSON_AddNumberToObject(kinds, gate_name[k], count[k]);
}

// Above RANK_LIMIT the rank is not looked for: null.
enum { RANK_LIMIT = 16 };
static void add_rank(arena *mem, cJSON *o, const mul *m, const char *key, bool of_error) {
  mul_factors f = mul_factor(mem, m, of_error, RANK_LIMIT);
  cJSON_AddItemToObject(o, key, f.rank > RANK_LIMIT ? cJSON_CreateNull() : cJSON_CreateNumber(f.rank));
}

static cJSON *describe(arena *mem, const mul *m, const mul_errors *e, bool weighted) {
  cJSON *o = signature_json(m);
  if (m->net)
    add_gates(o, m->net);
  cJSON_AddStringToObject(o, "operands", weighted ? "given" : "uniform");
  cJSON_AddBoolToObject(o, "exhaustive", e->exhaustive);
  mul_errors_json(o, e);
  cJSON_AddBoolToObject(o, "wce_exact", e->wce_exact);
  cJSON_AddNumberToObject(o, "variance", e->variance);
  if (!e->exhaustive) {
    cJSON *ci = cJSON_AddObjectToObject(o, "confidence_95");
    cJSON_AddNumberToObject(ci, "pairs", (double)e->pairs);
    cJSON_AddNumberToObject(ci, "mae", e->ci_mae);
    cJSON_AddNumberToObject(ci, "error_probability", e->ci_ep);
    cJSON_AddNumberToObject(ci, "mre", e->ci_mre);
    cJSON_AddNumberToObject(ci, "bias", e->ci_bias);
  }
  if (m->table) {
    add_rank(mem, o, m, "rank_of_products", false);
    add_rank(mem, o, m, "rank_of_errors", true);
  }
  return o;
}

static void show_gates(FILE *out, const netlist *n) {
  int count[GATE_KINDS];
  count_gates(n, count);
  fprintf(out, "%-18s %zu:", "gates", n->count);
  for (int k = 0; k < GATE_KINDS; k++)
    if (count[k])
      fprintf(out, " %s %d", gate_name[k], count[k]);
  fputs("\n", out);
}

static void show_rank(arena *mem, FILE *out, const mul *m, const char *what, bool of_error) {
  mul_factors f = mul_factor(mem, m, of_error, RANK_LIMIT);
  if (f.rank > RANK_LIMIT) {
    fprintf(out, "%-18s above %d\n", what, RANK_LIMIT);
    return;
  }
  fprintf(out, "%-18s %d%s\n", what, f.rank, f.left ? ", with integer factors" : "");
}

// All products in the order of the operands' codes: a line "a b product" each, or `products`: [[a, b, product], ...].
static void show_table(arena *mem, FILE *out, const mul *m, bool json) {
  cJSON *o = json ? signature_json(m) : NULL, *list = json ? cJSON_AddArrayToObject(o, "products") : NULL;
  for (uint32_t i = 0; i < 1u << (m->sig.a_bits + m->sig.b_bits); i++) {
    int a = mul_value(i >> m->sig.b_bits, m->sig.a_bits, m->sig.a_signed);
    int b = mul_value(i & ((1u << m->sig.b_bits) - 1), m->sig.b_bits, m->sig.b_signed);
    if (json)
      cJSON_AddItemToArray(list, cJSON_CreateIntArray((const int[]){a, b, m->table[i]}, 3));
    else
      fprintf(out, "%d %d %d\n", a, b, m->table[i]);
  }
  if (json)
    fputs(json_text(mem, o), out);
}

static bool write_diagram(const mul *m, const char *path, diag *d) {
  str svg = {0};
  bool ok = mul_diagram_svg(m, &svg) ? file_write(path, svg.data, svg.len, d)
                                     : diag_error(d, "%s was not generated here: it has no diagram", m->name);
  str_free(&svg);
  return ok;
}

static bool show(arena *mem, const cli_options *o, diag *d) {
  const mul *m = mul_make(mem, o->args[1], d);
  if (!m)
    return false;
  if (o->table && !m->table)
    return diag_error(d, "%s: its product table has 2^%d entries; --table prints up to 2^16", m->name,
                      m->sig.a_bits + m->sig.b_bits);
  if (o->table) {
    show_table(mem, o->out, m, o->json);
    return true;
  }
  mul_weights weights;
  if (!verb_measure_weights(mem, m, o->operands, &weights, d))
    return false;
  mul_errors e;
  if (!o->all_pairs)
    e = mul_error_figures(m, weights.joint ? &weights : NULL, 1);
  else if (weights.joint)
    return diag_error(d, "mul show: --all-pairs and --operands do not go together");
  else if (!mul_error_figures_all(m, &e))
    return diag_error(d, "%s: stopped before all pairs were looked at", m->name);
  if (o->svg && !write_diagram(m, o->svg, d))
    return false;
  if (o->json) {
    cJSON *json = describe(mem, m, &e, weights.joint);
    if (o->svg)
      cJSON_AddStringToObject(json, "svg", o->svg);
    fputs(json_text(mem, json), o->out);
    return true;
  }
  fprintf(o->out, "%-18s %s\n%-18s %s\n", "name", m->name, "function", m->formula);
  fprintf(o->out, "%-18s a %s %d bits (activation), b %s %d bits (weight), product %s %d bits\n", "signature",
          m->sig.a_signed ? "signed" : "unsigned", m->sig.a_bits, m->sig.b_signed ? "signed" : "unsigned",
          m->sig.b_bits, m->sig.p_signed ? "signed" : "unsigned", m->sig.p_bits);
  if (m->net)
    show_gates(o->out, m->net);
  fprintf(o->out, "%-18s %.4f\n%-18s %s%lld\n%-18s %.3f %%\n%-18s %.4f %%\n%-18s %.3f\n%-18s %.3f\n%-18s %.4f\n", "MAE",
          e.mae, "WCE", e.wce_exact ? "" : "at least ", (long long)e.wce, "error probability", 100 * e.ep, "MRE",
          100 * e.mre, "MSE", e.mse, "variance", e.variance, "bias", e.bias);
  fprintf(o->out, "%-18s %s\n", "figures from",
          weights.joint  ? "the operands given"
          : e.exhaustive ? "all pairs of operands"
          : e.wce_exact  ? "seeded random pairs of operands; the WCE is exact"
                         : "seeded random pairs of operands (--all-pairs: all)");
  if (!e.exhaustive)
    fprintf(o->out, "%-18s MAE +- %.4g, error probability +- %.2g %%, MRE +- %.2g %%, bias +- %.4g, of %llu pairs\n",
            "95 % confidence", e.ci_mae, 100 * e.ci_ep, 100 * e.ci_mre, e.ci_bias, (unsigned long long)e.pairs);
  if (m->table) {
    show_rank(mem, o->out, m, "rank of products", false);
    show_rank(mem, o->out, m, "rank of errors", true);
  }
  str diagram = {0};
  if (mul_diagram_text(m, &diagram))
    fprintf(o->out, "\n%s", diagram.data);
  str_free(&diagram);
  return true;
}

static bool add_format(arena *mem, const cli_options *o, const mul *m, fileset *fs, diag *d) {
  str text = {0};
  if (!mul_format(m, o->format, &text, d))
    return false;
  fileset_add_str(mem, fs, arena_printf(mem, "%s.%s", o->name ? o->name : m->ident, o->format), &text);
  return true;
}

static bool add_all(arena *mem, const mul *m, fileset *fs, diag *d) {
  str text = {0};
  mul_verilog(m, &text);
  fileset_add_str(mem, fs, arena_printf(mem, "%s.v", m->ident), &text);
  mul_c_model(m, &text);
  fileset_add_str(mem, fs, arena_printf(mem, "%s.c", m->ident), &text);
  if (!mul_add_adders(mem, fs, d))
    return false;
  if (m->table) {
    mul_table_hex(m, &text);
    fileset_add_str(mem, fs, arena_printf(mem, "%s.hex", m->ident), &text);
  }
  return true;
}

static bool gen(arena *mem, const cli_options *o, diag *d) {
  if (!verb_plain_name(o->name, d))
    return false;
  cJSON *chosen = NULL;
  const mul *m = o->goal ? verb_measure_best(mem, o, &chosen, d) : mul_make(mem, o->args[1], d);
  const char *dir = o->output ? o->output : ".";
  fileset fs = {0};
  if (!m || !(o->format ? add_format(mem, o, m, &fs, d) : add_all(mem, m, &fs, d)) || !fileset_write(&fs, dir, d)) {
    cJSON_Delete(chosen);
    return false;
  }
  if (o->json) {
    cJSON *json = signature_json(m);
    cJSON_AddStringToObject(json, "folder", dir);
    json_add_files(mem, json, &fs);
    if (chosen)
      cJSON_AddItemToObject(json, "chosen", chosen);
    fputs(json_text(mem, json), o->out);
    return true;
  }
  cJSON_Delete(chosen);
  for (size_t i = 0; i < fs.count; i++)
    fprintf(o->out, "%s/%s\n", dir, fs.files[i].name);
  return true;
}

bool verb_mul(const cli_options *o, diag *d) {
  static const struct {
    const char *name;
    int args; // import: at least
    bool (*run)(arena *, const cli_options *, diag *);
  } SUB[] = {{"list", 1, verb_measure_list},
             {"show", 2, show},
             {"gen", 2, gen},
             {"measure", 2, verb_measure_one},
             {"evolve", 2, verb_measure_evolve},
             {"catalogue", 1, verb_measure_catalogue},
             {"import", 2, verb_mul_import}};
  for (size_t i = 0; i < BASE_COUNT(SUB); i++)
    if (strcmp(o->args[0], SUB[i].name) == 0 &&
        (o->arg_count == SUB[i].args || (SUB[i].run == verb_mul_import && o->arg_count > SUB[i].args))) {
      arena *mem = arena_new();
      bool ok = SUB[i].run(mem, o, d);
      arena_free(mem);
      return ok;
    }
  diag_error(d,
             "axgen mul: expected list or catalogue, or show, gen, measure or evolve and a NAME, or import and a FILE");
  d->exit_code = EXIT_USAGE;
  return false;
}
