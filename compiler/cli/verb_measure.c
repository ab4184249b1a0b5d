// SPDX-License-Identifier: Apache-2.0
//
// mul list, mul measure, mul evolve, mul gen --for
#include "compiler/base/json.h"
#include "compiler/cli/measure.h"
#include "genlib/evolve/evolve.h"
#include "genlib/measure/measure.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool verb_measure_list(arena *mem, const cli_options *o, diag *d) {
  catalogue c;
  const char *keys = o->pareto ? o->pareto : "mae,energy";
  // Unlike widths and signs cannot be compared with each other.
  const char *filter = o->filter ? o->filter : "a_bits=8,b_bits=8,sign=s";
  if (!catalogue_read(mem, NULL, &c, d) || !catalogue_filter(&c, filter, d))
    return false;
  if (o->svg) { // of all that the filter left, with the front marked
    str svg = {0};
    bool ok = catalogue_svg(&c, keys, &svg, d) && file_write(o->svg, svg.data, svg.len, d);
    str_free(&svg);
    if (!ok)
      return false;
  }
  // More than two figures are panels of the picture; the list then stays whole.
  bool panels = o->svg && o->pareto && strchr(o->pareto, ',') != strrchr(o->pareto, ',');
  if ((o->pareto && !panels && !catalogue_pareto(&c, o->pareto, d)) || (o->sort && !catalogue_sort(&c, o->sort, d)))
    return false;
  if (o->json) {
    fputs(json_text(mem, catalogue_json(&c)), o->out);
    return true;
  }
  str text = {0};
  if (o->csv)
    catalogue_csv(&c, &text);
  else
    catalogue_text(&c, &text);
  cli_print(o->out, text.data ? text.data : "");
  str_free(&text);
  return true;
}

bool verb_measure_catalogue(arena *mem, const cli_options *o, diag *d) {
  const liberty *lib;
  size_t measured_now;
  const char *path = o->output ? o->output : data_path(mem, "genlib/catalogue/axgen45.csv");
  if (!synth_library(mem, NULL, &lib, d) || !catalogue_build(mem, lib, NULL, path, &measured_now, d))
    return false;
  if (o->json) {
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "file", path);
    cJSON_AddNumberToObject(json, "measured", (double)measured_now);
    fputs(json_text(mem, json), o->out);
    return true;
  }
  fprintf(o->out, "%s: %zu multiplier%s measured, the rest was there\n", path, measured_now, plural(measured_now));
  return true;
}

static bool measure_usual(arena *mem, const mul *m, const liberty *lib, const cli_options *o, measured *out, diag *d) {
  return measure_multiplier(mem, m, lib, o->operands, (int)o->hold, out, d);
}

// By the recipe that `axgen synth` takes for the goal.
static bool measure_goal(arena *mem, const mul *m, const liberty *lib, const cli_options *o, measured *out, diag *d) {
  measure_stream streams[MEASURE_STREAMS];
  size_t count;
  variant_goal goal;
  if (!variant_goal_parse(o->goal, &goal, d) || !variant_recipe(mem, m, goal, lib, out, d) ||
      !measure_streams(mem, m->sig, o->operands, (int)o->hold, streams, &count, d))
    return false;
  measure_energies(mem, streams, count, out);
  return true;
}

bool verb_measure_one(arena *mem, const cli_options *o, diag *d) {
  const liberty *lib;
  const mul *m = mul_make(mem, o->args[1], d);
  measured result = {0};
  if (!m || !synth_library(mem, NULL, &lib, d) || !(o->goal ? measure_goal : measure_usual)(mem, m, lib, o, &result, d))
    return false;
  if (o->json) {
    fputs(json_text(mem, measure_json(&result)), o->out);
    return true;
  }
  str text = {0};
  measure_text(&result, 1, &text);
  cli_print(o->out, text.data);
  str_free(&text);
  return true;
}

const mul *verb_measure_best(arena *mem, const cli_options *o, cJSON **report, diag *d) {
  const liberty *lib;
  variant_goal goal;
  variant_choice choice;
  if (!variant_goal_parse(o->goal, &goal, d) || !synth_library(mem, NULL, &lib, d) ||
      !variant_choose(mem, o->args[1], goal, lib, o->operands, (int)o->hold, &choice, d))
    return NULL;
  str text = {0};
  variant_text(&choice, &text);
  fputs(text.data, o->err);
  str_free(&text);
  *report = variant_json(&choice);
  return choice.best.synth.mul;
}

static bool bound(const char *option, const char *text, double *out, diag *d) {
  *out = -1;
  if (!text)
    return true;
  char *end;
  errno = 0;
  *out = strtod(text, &end);
  return (!errno && end != text && !*end && *out >= 0 && *out < 1e12) ||
         diag_error(d, "%s %s: expected a number that is not negative", option, text);
}

bool verb_measure_weights(arena *mem, const mul *m, const char *operands, mul_weights *out, diag *d) {
  *out = (mul_weights){0};
  if (!operands || strcmp(operands, "uniform") == 0)
    return true;
  if (m->sig.a_bits + m->sig.b_bits > 16)
    return diag_error(d, "--operands: error figures of operands of more than 16 bits together are uniform only");
  measure_stream s;
  if (!measure_operands(mem, m->sig, operands, 1, 0, &s, d))
    return false;
  double *joint = arena_new_array(mem, double, (size_t)1 << (m->sig.a_bits + m->sig.b_bits));
  for (size_t i = 0; i < s.count; i++)
    joint[(size_t)s.a[i] << m->sig.b_bits | s.b[i]]++;
  out->joint = joint;
  return true;
}

static void evolved_json(arena *mem, FILE *out, const char *file, const mul *seed, const evolve_options *options,
                         const evolve_result *r) {
  cJSON *json = cJSON_CreateObject();
  cJSON_AddStringToObject(json, "file", file);
  cJSON_AddStringToObject(json, "start", seed->name);
  cJSON_AddNumberToObject(json, "gates", (double)r->net->count);
  cJSON_AddNumberToObject(json, "mae", r->errors.mae);
  cJSON_AddNumberToObject(json, "wce", (double)r->errors.wce);
  cJSON_AddNumberToObject(json, "error_probability", r->errors.ep);
  if (options->weights.joint) {
    cJSON_AddStringToObject(json, "operands", options->operands);
    cJSON_AddNumberToObject(json, "mae_under_operands", r->weighted_mae);
  }
  cJSON_AddNumberToObject(json, "area_um2", r->area);
  cJSON_AddNumberToObject(json, "start_area_um2", r->seed_area);
  cJSON_AddNumberToObject(json, "energy_fj", r->energy);
  cJSON_AddNumberToObject(json, "start_energy_fj", r->seed_energy);
  cJSON_AddNumberToObject(json, "generations", (double)r->generations);
  cJSON_AddBoolToObject(json, "stopped_early", r->interrupted);
  fputs(json_text(mem, json), out);
}

bool verb_measure_evolve(arena *mem, const cli_options *o, diag *d) {
  const mul *seed = mul_make(mem, o->args[1], d);
  double mae, wce;
  if (!seed || !bound("--mae", o->mae, &mae, d) || !bound("--wce", o->wce, &wce, d))
    return false;
  if (!seed->net)
    return diag_error(d, "%s is a table without a circuit to begin with", seed->name);
  if (mae < 0 && wce < 0)
    return diag_error(d, "mul evolve: expected --mae or --wce, the error that is allowed");
  if (!o->output)
    return diag_error(d, "mul evolve: expected --output FILE");
  if (o->objective && strcmp(o->objective, "area") != 0 && strcmp(o->objective, "energy") != 0)
    return diag_error(d, "--objective %s: expected area or energy", o->objective);
  evolve_options options = {.objective = o->objective && o->objective[0] == 'e' ? EVOLVE_ENERGY : EVOLVE_AREA,
                            .mae = mae,
                            .wce = wce < 0 ? -1 : (int64_t)wce,
                            .generations = (uint64_t)o->generations,
                            .seed = (uint64_t)o->seed,
                            .checkpoint = o->checkpoint};
  if (!verb_measure_weights(mem, seed, o->operands, &options.weights, d))
    return false;
  if (options.weights.joint)
    options.operands = o->operands;
  evolve_result r;
  if (!evolve(mem, seed->net, seed->sig, &options, &r, d))
    return false;
  str text = {0};
  evolve_print(&r, seed->name, &options, o->output, seed->sig, &text);
  bool ok = file_write(o->output, text.data, text.len, d);
  str_free(&text);
  if (ok && o->json) {
    evolved_json(mem, o->out, o->output, seed, &options, &r);
    return true;
  }
  if (ok && options.weights.joint)
    fprintf(o->out, "mean absolute error under the operands given: %.4f\n", r.weighted_mae);
  if (ok)
    fprintf(o->out,
            "%s: MAE %.4f, WCE %lld, area %.1f um2 (%.1f at the start), energy %.1f fJ (%.1f); %llu generation%s%s\n",
            o->output, r.errors.mae, (long long)r.errors.wce, r.area, r.seed_area, r.energy, r.seed_energy,
            (unsigned long long)r.generations, plural(r.generations), r.interrupted ? ", stopped early" : "");
  return ok;
}
