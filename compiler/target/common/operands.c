// SPDX-License-Identifier: Apache-2.0
#include "compiler/target/common/operands.h"
#include "genlib/cells/timed.h"

#include <math.h>
#include <string.h>

static const char *const SCHEDULES[OPERANDS_SCHEDULES] = {[OPERANDS_MOVING] = "moving", [OPERANDS_HELD] = "held"};

// ---- one circuit in one layer ---------------------------------------------------------------------------------------
static operands_mean simulate(const synth_mul *m, const operands_layer *l, operands_schedule schedule) {
  arena *mem = arena_new();
  const mul_sig *sig = &m->mul->sig;
  uint16_t *a = arena_new_array(mem, uint16_t, l->length), *b = arena_new_array(mem, uint16_t, l->length);
  timed *t = timed_new(mem, m->net, TIMED_ARCS);
  double sum = 0, squares = 0, before = 0;
  for (size_t n = 0; n < OPERANDS_STRETCHES && !interrupted(); n++) {
    const uint16_t *from_a = l->a[schedule] + n * l->length, *from_b = l->b[schedule] + n * l->length;
    for (size_t i = 0; i < l->length; i++) {
      a[i] = (uint16_t)(from_a[i] & ((1u << sig->a_bits) - 1));
      b[i] = (uint16_t)(from_b[i] & ((1u << sig->b_bits) - 1));
    }
    timed_restart(t);
    timed_feed(t, a, b, l->length);
    timed_energy e = timed_result(t);
    double total = timed_energy_total(&e), each = l->length > 1 ? (total - before) / (double)(l->length - 1) : 0;
    before = total;
    sum += each;
    squares += each * each;
  }
  timed_energy e = timed_result(t);
  const double n = OPERANDS_STRETCHES, mean = sum / n;
  double variance = (squares - n * mean * mean) / (n - 1);
  arena_free(mem);
  return (operands_mean){
      .fj = mean, .ci = 1.96 * sqrt(variance > 0 ? variance / n : 0), .glitches = timed_glitch_factor(&e)};
}

// ---- all ------------------------------------------------------------------------------------------------------------
static const char *const RECIPES[] = {"area", "energy"};

// Puts a circuit's figures into the result for the schedules in which it takes less than the one before it.
static void keep_better(arena *mem, const operands_layer *layers, size_t count, const synth_mul *m, const char *recipe,
                        const operands_mean *mean, operands_result *out) {
  for (int s = 0; s < OPERANDS_SCHEDULES; s++) {
    double nj = 0, variance = 0;
    for (size_t i = 0; i < count; i++) {
      double n = (double)layers[i].multiplications * 1e-6;
      nj += n * mean[i * OPERANDS_SCHEDULES + (size_t)s].fj;
      variance += pow(n * mean[i * OPERANDS_SCHEDULES + (size_t)s].ci, 2);
    }
    if (out->recipe[s] && out->nj[s] <= nj)
      continue;
    operands_mean *own = arena_new_array(mem, operands_mean, count);
    for (size_t i = 0; i < count; i++)
      own[i] = mean[i * OPERANDS_SCHEDULES + (size_t)s];
    out->recipe[s] = recipe;
    out->area[s] = m->area;
    out->nj[s] = nj;
    out->nj_ci[s] = sqrt(variance);
    out->mean[s] = own;
  }
}

bool operands_measure(arena *mem, const operands_layer *layers, size_t layer_count, const mul *const *muls,
                      size_t count, const liberty *lib, operands_result *out, diag *d) {
  const size_t tasks = layer_count * OPERANDS_SCHEDULES;
  progress p = progress_begin("simulating multipliers", count * BASE_COUNT(RECIPES));
  bool ok = true;
  for (size_t k = 0; k < count && ok; k++) {
    out[k] = (operands_result){.mul = muls[k]};
    for (size_t r = 0; r < BASE_COUNT(RECIPES) && ok; r++) {
      synth_mul m;
      ok = synth_multiplier_by(mem, muls[k], lib, synth_recipe_named(RECIPES[r]), &m, d);
      if (!ok)
        break;
      operands_mean *mean = arena_new_array(mem, operands_mean, tasks);
#pragma omp parallel for schedule(dynamic)
      for (size_t i = 0; i < tasks; i++) {
        const operands_layer *l = &layers[i / OPERANDS_SCHEDULES];
        if (i % OPERANDS_SCHEDULES == OPERANDS_MOVING || l->hold > 1)
          mean[i] = simulate(&m, l, (operands_schedule)(i % OPERANDS_SCHEDULES));
      }
      for (size_t i = 0; i < layer_count; i++)
        if (layers[i].hold <= 1)
          mean[i * OPERANDS_SCHEDULES + OPERANDS_HELD] = mean[i * OPERANDS_SCHEDULES + OPERANDS_MOVING];
      ok = !interrupted() || diag_tool(d, "interrupted");
      keep_better(mem, layers, layer_count, &m, RECIPES[r], mean, &out[k]);
      progress_step(&p, 1);
    }
  }
  progress_end(&p);
  return ok;
}

// ---- output ---------------------------------------------------------------------------------------------------------
static double multiplications(const operands_layer *layers, size_t count) {
  double sum = 0;
  for (size_t i = 0; i < count; i++)
    sum += (double)layers[i].multiplications;
  return sum;
}

// Toggles over those of zero delay, by multiplication.
static double glitches(const operands_layer *layers, size_t count, const operands_mean *mean) {
  double sum = 0;
  for (size_t i = 0; i < count; i++)
    sum += (double)layers[i].multiplications * mean[i].glitches;
  return sum / multiplications(layers, count);
}

static void add_number(cJSON *o, const char *name, double value) {
  char text[32]; // as few digits as say it: the same text on every machine
  snprintf(text, sizeof text, "%.6g", value);
  cJSON_AddRawToObject(o, name, text);
}

static cJSON *schedule_json(const operands_layer *layers, size_t count, const operands_result *r, int s) {
  cJSON *o = cJSON_CreateObject();
  cJSON_AddStringToObject(o, "recipe", r->recipe[s]);
  add_number(o, "area_um2", r->area[s]);
  add_number(o, "nj_per_image", r->nj[s]);
  add_number(o, "ci95_nj", r->nj_ci[s]);
  add_number(o, "fj_per_multiplication", r->nj[s] * 1e6 / multiplications(layers, count));
  add_number(o, "glitch_factor", glitches(layers, count, r->mean[s]));
  cJSON *list = cJSON_AddArrayToObject(o, "layers");
  for (size_t i = 0; i < count; i++) {
    cJSON *item = cJSON_CreateObject();
    cJSON_AddStringToObject(item, "layer", layers[i].name);
    add_number(item, "fj_per_multiplication", r->mean[s][i].fj);
    add_number(item, "ci95_fj", r->mean[s][i].ci);
    add_number(item, "glitch_factor", r->mean[s][i].glitches);
    cJSON_AddItemToArray(list, item);
  }
  return o;
}

cJSON *operands_json(const operands_layer *layers, size_t layer_count, const operands_result *r, size_t count,
                     size_t images) {
  cJSON *o = cJSON_CreateObject();
  cJSON_AddStringToObject(o, "method",
                          "timed simulation of the mapped multipliers, glitches included, under sampled operands of "
                          "real images in the schedule's order; multipliers only");
  cJSON_AddNumberToObject(o, "images", (double)images);
  cJSON_AddNumberToObject(o, "stretches", OPERANDS_STRETCHES);
  cJSON *list = cJSON_AddArrayToObject(o, "layers");
  for (size_t i = 0; i < layer_count; i++) {
    cJSON *item = cJSON_CreateObject();
    cJSON_AddStringToObject(item, "layer", layers[i].name);
    cJSON_AddNumberToObject(item, "hold", layers[i].hold);
    cJSON_AddNumberToObject(item, "multiplications_per_image", (double)layers[i].multiplications);
    cJSON_AddNumberToObject(item, "stretch_length", (double)layers[i].length);
    cJSON_AddItemToArray(list, item);
  }
  list = cJSON_AddArrayToObject(o, "multipliers");
  for (size_t k = 0; k < count; k++) {
    cJSON *item = cJSON_CreateObject();
    cJSON_AddStringToObject(item, "name", r[k].mul->name);
    for (int s = 0; s < OPERANDS_SCHEDULES; s++)
      cJSON_AddItemToObject(item, SCHEDULES[s], schedule_json(layers, layer_count, &r[k], s));
    cJSON_AddItemToArray(list, item);
  }
  return o;
}

void operands_text(const operands_layer *layers, size_t layer_count, const operands_result *r, size_t count,
                   size_t images, str *out) {
  str_printf(out, "%-18s %5s %16s\n", "layer", "hold", "multiplications");
  for (size_t i = 0; i < layer_count; i++)
    str_printf(out, "%-18s %5d %16llu\n", layers[i].name, layers[i].hold,
               (unsigned long long)layers[i].multiplications);
  str_printf(out, "\n%-22s | %-44s | %-44s |\n", "", "a new weight every cycle", "weights held");
  str_printf(out, "%-22s |", "multiplier");
  for (int s = 0; s < OPERANDS_SCHEDULES; s++)
    str_printf(out, " %-7s %10s %7s %8s %8s |", "recipe", "nJ/image", "+-", "fJ/op", "glitches");
  str_add(out, "  held\n");
  double n = multiplications(layers, layer_count);
  for (size_t k = 0; k < count; k++) {
    str_printf(out, "%-22s |", r[k].mul->name);
    for (int s = 0; s < OPERANDS_SCHEDULES; s++)
      str_printf(out, " %-7s %10.2f %7.2f %8.1f %8.2f |", r[k].recipe[s], r[k].nj[s], r[k].nj_ci[s],
                 r[k].nj[s] * 1e6 / n, glitches(layers, layer_count, r[k].mean[s]));
    str_printf(out, " %+5.1f %%\n", 100 * (r[k].nj[OPERANDS_HELD] / r[k].nj[OPERANDS_MOVING] - 1));
  }
  str_printf(out,
             "Each multiplier in all layers, on operands of %zu image%s that the config's assignment gives. Timed "
             "simulation of %d stretches a\nlayer and schedule, glitches included; +-: 95 %% confidence; glitches: "
             "toggles over those of zero delay; recipe: the better of\n`area` and `energy`. Multipliers only.\n",
             images, plural(images), OPERANDS_STRETCHES);
}
