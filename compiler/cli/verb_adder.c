// SPDX-License-Identifier: Apache-2.0
//
// adder: approximate adders, shown, written, imported (docs/adders.md).
#include "compiler/base/json.h"
#include "compiler/cli/measure.h"
#include "genlib/adders/adder.h"
#include "synth/synth.h"

#include <string.h>

static bool list(arena *mem, const cli_options *o, diag *d) {
  (void)d;
  cJSON *all = cJSON_CreateArray();
  for (size_t i = 0; i < adder_family_count; i++) {
    const adder_family *f = &adder_families[i];
    cJSON *one = cJSON_CreateObject(), *parameters = cJSON_AddObjectToObject(one, "parameters");
    cJSON_AddStringToObject(one, "family", f->name);
    cJSON_AddStringToObject(one, "example", f->example);
    if (!o->json)
      fprintf(o->out, "%-12s", f->example);
    for (int k = 0; k < ADDER_PARAMETERS && f->parameter[k].letter; k++) {
      cJSON_AddStringToObject(parameters, (const char[]){f->parameter[k].letter, 0}, f->parameter[k].what);
      if (!o->json)
        fprintf(o->out, "%s%c: %s", k ? "; " : "", f->parameter[k].letter, f->parameter[k].what);
    }
    cJSON_AddItemToArray(all, one);
    if (!o->json)
      fputs("\n", o->out);
  }
  if (o->json)
    fputs(json_text(mem, all), o->out);
  else
    fprintf(o->out, "%-12san imported one (axgen adder import)\n", "FILE.net");
  cJSON_Delete(o->json ? NULL : all);
  return true;
}

// The gates of the adder that the command line names, on as many bits as it says.
static const mul *circuit(arena *mem, const cli_options *o, diag *d) {
  enum { USUAL = 16 };
  const char *name = o->args[1];
  int64_t bits = 0;
  if (o->table_bits && !whole_text(o->table_bits, 10, 2, 16, &bits, NULL)) {
    diag_error(d, "--bits %s: expected bits of an operand, 2 to 16", o->table_bits);
    return NULL;
  }
  const adder *a = adder_is_file(name) ? adder_read(mem, name, d) : adder_make(mem, name, (src_pos){0}, d);
  if (!a)
    return NULL;
  int own = a->net ? a->net->a_bits : 0;
  if (own && bits && bits != own) {
    diag_error(d, "%s: it adds up %d bits; --bits %lld was asked for", name, own, (long long)bits);
    return NULL;
  }
  bits = own ? own : bits ? bits : USUAL;
  if (adder_least_bits(a) > bits) {
    diag_error(d, "%s: it is made for at least %d bits; --bits gives its operands %lld", name, adder_least_bits(a),
               (long long)bits);
    return NULL;
  }
  return adder_circuit(mem, a, (int)bits);
}

static cJSON *describe(const mul *m, const mul_errors *e, const synth_mul *s) {
  cJSON *o = cJSON_CreateObject();
  cJSON_AddStringToObject(o, "name", m->name);
  cJSON_AddStringToObject(o, "module", m->ident);
  cJSON_AddNumberToObject(o, "bits", m->sig.a_bits);
  cJSON_AddNumberToObject(o, "gates", nl_stats(m->net).gates);
  cJSON_AddNumberToObject(o, "pairs", (double)e->pairs);
  cJSON_AddBoolToObject(o, "exhaustive", e->exhaustive);
  mul_errors_json(o, e);
  cJSON_AddBoolToObject(o, "wce_exact", e->wce_exact);
  cJSON_AddNumberToObject(o, "area_um2", s->area);
  cJSON_AddNumberToObject(o, "delay_ns", s->delay);
  return o;
}

static void print(const mul *m, const mul_errors *e, const synth_mul *s, FILE *out) {
  nl_statistics g = nl_stats(m->net);
  fprintf(out, "%-18s %s, unsigned operands of %d bits, a sum of %d\n", "name", m->name, m->sig.a_bits, m->sig.p_bits);
  fprintf(out, "%-18s %d, %d deep, of them FA %d, HA %d\n", "gates", g.gates, g.depth, g.count[GATE_FA],
          g.count[GATE_HA]);
  fprintf(out, "%-18s %.4f\n%-18s %s%lld\n%-18s %.3f %%\n%-18s %.4f %%\n%-18s %.3f\n%-18s %.4f\n", "MAE", e->mae, "WCE",
          e->wce_exact ? "" : "at least ", (long long)e->wce, "error probability", 100 * e->ep, "MRE", 100 * e->mre,
          "MSE", e->mse, "bias", e->bias);
  fprintf(out, "%-18s %s%llu pairs%s\n", "figures from", e->exhaustive ? "all " : "", (unsigned long long)e->pairs,
          e->exhaustive ? "" : ", seeded random ones (--all-pairs: all)");
  if (!e->exhaustive)
    fprintf(out, "%-18s MAE +- %.4g, error probability +- %.2g %%, MRE +- %.2g %%, bias +- %.4g\n", "95 % confidence",
            e->ci_mae, 100 * e->ci_ep, 100 * e->ci_mre, e->ci_bias);
  fprintf(out, "%-18s area %.1f um2, delay %.3f ns in the default library\n", "here", s->area, s->delay);
}

static bool show(arena *mem, const cli_options *o, diag *d) {
  const mul *m = circuit(mem, o, d);
  const liberty *lib;
  synth_mul s;
  mul_errors e;
  if (!m)
    return false;
  if (!o->all_pairs)
    e = mul_error_figures(m, NULL, 1);
  else if (!mul_error_figures_all(m, &e))
    return diag_error(d, "%s: stopped before all pairs were looked at", m->name);
  if (!synth_library(mem, NULL, &lib, d) || !synth_multiplier(mem, m, lib, &s, d))
    return false;
  if (o->json)
    fputs(json_text(mem, describe(m, &e, &s)), o->out);
  else
    print(m, &e, &s, o->out);
  return true;
}

static bool gen(arena *mem, const cli_options *o, diag *d) {
  const mul *m = circuit(mem, o, d);
  const char *dir = o->output ? o->output : ".";
  fileset fs = {0};
  str text = {0};
  if (!m)
    return false;
  mul_verilog(m, &text);
  fileset_add_str(mem, &fs, arena_printf(mem, "%s.v", m->ident), &text);
  if (!mul_add_adders(mem, &fs, d) || !fileset_write(&fs, dir, d))
    return false;
  if (o->json) {
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "name", m->name);
    cJSON_AddStringToObject(json, "module", m->ident);
    cJSON_AddStringToObject(json, "folder", dir);
    json_add_files(mem, json, &fs);
    fputs(json_text(mem, json), o->out);
    return true;
  }
  for (size_t i = 0; i < fs.count; i++)
    fprintf(o->out, "%s/%s\n", dir, fs.files[i].name);
  return true;
}

bool verb_adder(const cli_options *o, diag *d) {
  static const struct {
    const char *name;
    int args, most;
    bool (*run)(arena *, const cli_options *, diag *);
  } SUB[] = {{"list", 1, 1, list}, {"show", 2, 2, show}, {"gen", 2, 2, gen}, {"import", 2, 64, verb_adder_import}};
  for (size_t i = 0; i < BASE_COUNT(SUB); i++)
    if (strcmp(o->args[0], SUB[i].name) == 0 && o->arg_count >= SUB[i].args && o->arg_count <= SUB[i].most) {
      arena *mem = arena_new();
      bool ok = SUB[i].run(mem, o, d);
      arena_free(mem);
      return ok;
    }
  diag_error(d, "axgen adder: expected list, or show or gen and a NAME, or import and a FILE");
  d->exit_code = EXIT_USAGE;
  return false;
}
