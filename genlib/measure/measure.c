// SPDX-License-Identifier: Apache-2.0
//
// Measuring a multiplier: synthesis, then timed simulation under one or several operand streams.
#include "genlib/measure/measure.h"

#include <string.h>

bool measure_streams(arena *mem, mul_sig sig, const char *operands, int hold, measure_stream *streams, size_t *count,
                     diag *d) {
  static const struct {
    const char *operands;
    int hold;
  } standard[MEASURE_STREAMS] = {{"uniform", 1}, {"realistic", 1}, {"realistic", MEASURE_HOLD}};
  *count = operands ? 1 : MEASURE_STREAMS;
  for (size_t i = 0; i < *count; i++) {
    bool last = i + 1 == MEASURE_STREAMS;
    if (!measure_operands(mem, sig, operands ? operands : standard[i].operands,
                          operands ? (hold ? hold : 1) : (last && hold ? hold : standard[i].hold), 0, &streams[i], d))
      return false;
  }
  return true;
}

void measure_energies(arena *mem, const measure_stream *streams, size_t count, measured *out) {
  measure_energy *e = arena_new_array(mem, measure_energy, count);
  for (size_t i = 0; i < count; i++)
    e[i] = measure_run(out->synth.net, &streams[i]);
  out->energy = e;
  out->energies = count;
}

// One with small circuits and one with frugal ones.
static const char *const recipes[] = {"area", "energy"};

bool measure_cheapest(arena *mem, const mul *m, const liberty *lib, const measure_stream *streams, size_t count,
                      measured *out, diag *d) {
  for (size_t i = 0; i < BASE_COUNT(recipes); i++) {
    measured x = {.recipe = recipes[i]};
    if (interrupted() || !synth_multiplier_by(mem, m, lib, synth_recipe_named(recipes[i]), &x.synth, d))
      return false;
    measure_energies(mem, streams, 1, &x);
    if (i == 0 || x.energy[0].energy < out->energy[0].energy)
      *out = x;
  }
  measure_energies(mem, streams, count, out);
  return true;
}

void measure_recipes(str *out) {
  for (size_t i = 0; i < BASE_COUNT(recipes); i++)
    str_printf(out, "\n%s", synth_recipe_named(recipes[i])->abc);
}

bool measure_multiplier(arena *mem, const mul *m, const liberty *lib, const char *operands, int hold, measured *out,
                        diag *d) {
  measure_stream streams[MEASURE_STREAMS];
  size_t count;
  return measure_streams(mem, m->sig, operands, hold, streams, &count, d) &&
         measure_cheapest(mem, m, lib, streams, count, out, d);
}

// ---- output --------------------------------------------------------------------------------------------------------
static cJSON *energy_json(const measure_energy *e) {
  cJSON *j = cJSON_CreateObject();
  cJSON_AddStringToObject(j, "operands", e->operands);
  cJSON_AddNumberToObject(j, "hold", e->hold);
  cJSON_AddNumberToObject(j, "operations", (double)e->operations);
  const struct {
    const char *name;
    double value;
  } figures[] = {{"energy_fj", e->energy},
                 {"ci95_fj", e->ci},
                 {"switching_fj", e->switching},
                 {"operand_nets_fj", e->operand_nets},
                 {"internal_fj", e->internal},
                 {"toggles", e->toggles},
                 {"glitch_factor", e->glitch_factor},
                 {"zero_delay_fj", e->zero_delay},
                 {"latest_ns", e->latest_ns}};
  for (size_t i = 0; i < BASE_COUNT(figures); i++) {
    char text[32]; // as few digits as say it: the same text on every machine
    snprintf(text, sizeof text, "%.6g", figures[i].value);
    cJSON_AddRawToObject(j, figures[i].name, text);
  }
  return j;
}

cJSON *measure_json(const measured *m) {
  cJSON *j = synth_mul_json(&m->synth), *list = cJSON_AddArrayToObject(j, "streams");
  if (!m->synth.recipe) // of another netlist, by whose it was
    cJSON_AddStringToObject(j, "recipe", m->recipe);
  for (size_t i = 0; i < m->energies; i++)
    cJSON_AddItemToArray(list, energy_json(&m->energy[i]));
  return j;
}

void measure_text(const measured *m, size_t count, str *out) {
  str_printf(out, "%-24s %-8s %9s %9s  %-18s %9s %6s %9s %8s %9s\n", "multiplier", "recipe", "area um2", "delay ns",
             "operands", "fJ/op", "+-", "toggles", "glitches", "no glitch");
  for (size_t i = 0; i < count; i++)
    for (size_t k = 0; k < m[i].energies; k++) {
      const measure_energy *e = &m[i].energy[k];
      char stream[64], area[32] = "", delay[32] = "";
      snprintf(stream, sizeof stream, e->hold > 1 ? "%.40s, b held %d" : "%.40s", e->operands, e->hold);
      if (k == 0) {
        snprintf(area, sizeof area, "%.1f", m[i].synth.area);
        snprintf(delay, sizeof delay, "%.3f", m[i].synth.delay);
      }
      str_printf(out, "%-24s %-8s %9s %9s  %-18s %9.1f %6.1f %9.1f %8.3f %9.1f\n", k ? "" : m[i].synth.mul->name,
                 k ? "" : m[i].recipe, area, delay, stream, e->energy, e->ci, e->toggles, e->glitch_factor,
                 e->zero_delay);
    }
  str_add(out, "(fJ/op: timed simulation, glitches included; +-: 95 % confidence; glitches: toggles over those of zero "
               "delay; no glitch: energy without delays)\n");
}
