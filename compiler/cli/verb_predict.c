// SPDX-License-Identifier: Apache-2.0
#include "compiler/base/json.h"
#include "compiler/cli/explore.h"
#include "compiler/cli/predict.h"
#include "compiler/net/fit.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

static const char *const LEVELS[] = {"layer", "filter", "kernel", "weight"};

typedef struct {
  session s;
  predict_options o;
  dataset validation, calibration;
  const char *level;
} job;

// More than a search's: a prediction is as good as what was measured of each layer.
enum { PROBE_IMAGES = 2000 };

static bool usage(diag *d) {
  d->exit_code = EXIT_USAGE;
  return false;
}

static bool read_options(const cli_options *c, job *j, diag *d) {
  j->level = c->level ? c->level : "layer";
  int which = 0;
  while (which < (int)BASE_COUNT(LEVELS) && strcmp(LEVELS[which], j->level) != 0)
    which++;
  if (which == (int)BASE_COUNT(LEVELS))
    return diag_error(d, "--level %s: expected layer, filter, kernel or weight", j->level);
  if (c->assignments == 0)
    return diag_error(d, "--assignments 0: expected a number from 1");
  if (c->assignments > PREDICT_ASSIGNMENTS)
    return diag_error(d, "--assignments %lld: expected at most %d", (long long)c->assignments, PREDICT_ASSIGNMENTS);
  if (c->level && c->assignments < 0)
    return diag_error(d, "--level: only with --assignments; the config's own assignment has a level");
  j->o.level = (assignment_level)(ASSIGN_LAYER + which);
  j->o.assignments = c->assignments < 0 ? 0 : (size_t)c->assignments;
  j->o.seed = (uint64_t)c->seed;
  j->o.judge.match = c->no_bias_correction ? MATCH_NOTHING : MATCH_GAIN;
  j->o.judge.most = INT64_MAX;
  return true;
}

static bool read_data(job *j, diag *d) {
  const config *cfg = j->s.cfg;
  j->validation = session_chosen(&j->s);
  j->o.judge.net = cfg->net, j->o.judge.muls = cfg->muls, j->o.judge.mul_count = (int)cfg->mul_count;
  j->o.judge.validation = &j->validation;
  j->o.judge.calibration = &j->calibration;
  j->o.judge.calibrate = EXPLORE_CALIBRATE;
  j->o.judge.probes = PROBE_IMAGES;
  return infer_check_labels(cfg->net, &j->validation, d) && session_names_fit_csv(&j->s, d) &&
         verb_explore_calibration(&j->s, &j->validation, &j->calibration, d);
}

// What each multiplier costs in each layer, the network with its exact ones 1; nothing where nothing is drawn. Frozen
// layers have one multiplier.
static bool read_layers(job *j, diag *d) {
  const config *c = j->s.cfg;
  const network *net = c->net;
  size_t muls = c->mul_count;
  pricing_layer *layers = arena_new_array(j->s.mem, pricing_layer, net->count);
  double *price = arena_new_array(j->s.mem, double, muls), *cost = arena_new_array(j->s.mem, double, net->count *muls),
         *exact = arena_new_array(j->s.mem, double, net->count), all = 0;
  if (j->o.assignments && !verb_explore_prices(&j->s, "energy", price, exact, d))
    return false;
  for (size_t i = 0; i < net->count; i++)
    all += net_multiplies(&net->nodes[i]) ? exact[i] * (double)net_multiplications(net, &net->nodes[i]) : 0;
  for (size_t i = 0; i < net->count; i++) {
    const net_node *n = &net->nodes[i];
    if (!net_multiplies(n))
      continue;
    layers[i] = pricing_by_level(j->s.mem, net, (int)i, j->o.level);
    bool any = false;
    for (size_t k = 0; k < muls; k++) {
      bool frozen = j->o.assignments && c->frozen && c->frozen[i] >= 0 && c->frozen[i] != (int)k;
      bool may = net_fits(net, n, c->muls[k]) && !frozen;
      cost[i * muls + k] = may ? price[k] * (double)net_multiplications(net, n) / (all > 0 ? all : 1) : INFINITY;
      any |= may;
    }
    if (!any)
      return diag_at(d, n->pos, "layer `%s`: none of the multipliers takes its %d-bit activations and %d-bit weights",
                     n->name, net_input_quant(net, n).bits, n->weight_bits);
  }
  j->o.space = (draw_space){net, layers, (int)muls, cost};
  return true;
}

// ---- the config's own assignment ----

static const char *const UNITS[PREDICTORS] = {
    [PREDICT_MODEL] = "variance of the noise at the outputs",
    [PREDICT_HAWX] = "score of the network (axgen score)",
    [PREDICT_VARIANCE] = "variance of all filters' sums, real numbers",
    [PREDICT_MAE] = "mean over the multiplications of mean absolute errors",
    [PREDICT_MRED] = "the same of mean relative errors",
};

static bool say_own(const job *j, const cli_options *c, const prediction *p, size_t probes, const evaluation *exact,
                    diag *d) {
  cJSON *json = cJSON_CreateObject();
  str text = {0};
  cJSON_AddStringToObject(json, "network", j->s.cfg->net->name);
  cJSON_AddNumberToObject(json, "images", (double)exact->images);
  cJSON_AddNumberToObject(json, "exact", (double)exact->correct / (double)exact->images);
  cJSON_AddNumberToObject(json, "predicted_loss", p->drop);
  cJSON_AddNumberToObject(json, "layer_measurements", (double)probes);
  str_printf(&text, "%s: exact %.2f %% on %zu image%s; predicted to lose %.2f points\n", j->s.cfg->net->name,
             100 * (double)exact->correct / (double)exact->images, exact->images, plural(exact->images), 100 * p->drop);
  for (int w = 0; w < PREDICTORS; w++) {
    if (isfinite(p->value[w]))
      cJSON_AddNumberToObject(json, PREDICTOR_NAMES[w], p->value[w]);
    else
      cJSON_AddNullToObject(json, PREDICTOR_NAMES[w]);
    str_printf(&text, "%-9s %11.4g  %s\n", PREDICTOR_NAMES[w], p->value[w], UNITS[w]);
  }
  bool ok = session_result(&j->s, c, "prediction.json", json, &text, d);
  str_free(&text);
  return ok;
}

static bool predict_own(const job *j, const cli_options *c, diag *d) {
  const config *cfg = j->s.cfg;
  if (!cfg->has_assignment)
    return diag_error(d, "%s: no `assignment` to predict; --assignments N draws random ones and measures them",
                      cfg->file);
  assignment_level finest = ASSIGN_LAYER;
  for (size_t i = 0; i < cfg->net->count; i++)
    finest = cfg->assign[i].level > finest ? cfg->assign[i].level : finest;
  judge *own = judge_new(&j->o.judge, d);
  if (!own)
    return false;
  model_task t = {.net = cfg->net,
                  .muls = cfg->muls,
                  .mul_count = (int)cfg->mul_count,
                  .calibration = &j->calibration,
                  .match = j->o.judge.match,
                  .layers = j->o.space.layers,
                  .cost = j->o.space.cost,
                  .seed = j->o.seed,
                  .scale = 1};
  predictor *p = predictor_new(&t, own, &j->validation, finest, d);
  prediction found;
  if (p)
    predictor_ask(p, cfg->assign, &found);
  bool ok = p && say_own(j, c, &found, predictor_probes(p), judge_exact(own), d);
  predictor_free(p);
  judge_free(own);
  return ok;
}

// ---- random assignments ----

static bool study(job *j, const cli_options *c, diag *d) {
  const char *path = path_join(j->s.mem, j->s.dir, "predict.db");
  bool fresh = access(path, F_OK) != 0;
  if (!dir_make(j->s.dir, d) || !(j->o.judge.db = database_open(path, d)))
    return false;
  predict_result r = {0};
  bool ok = predict_run(&j->o, j->s.mem, &r, d);
  if (ok) {
    str text = {0};
    fileset files = {0};
    cJSON *json = verb_predict_json(&j->s, &r, j->level, j->o.seed);
    // The file is the same whatever machine and how often it was stopped: without seconds.
    const char *kept = json_text(j->s.mem, cJSON_Duplicate(json, true));
    cJSON_AddNumberToObject(json, "seconds", r.seconds);
    cJSON_AddNumberToObject(json, "remembered", (double)r.remembered);
    const char *line = json_text(j->s.mem, json);
    fileset_add(j->s.mem, &files, "predict.json", kept, strlen(kept));
    verb_predict_files(&j->s, &r, &files);
    verb_predict_text(&j->s, &r, j->level, &text);
    ok = fileset_write(&files, j->s.dir, d);
    if (ok)
      cli_print(c->out, c->json ? line : text.data);
    str_free(&text);
  }
  bool empty = !ok && (!r.judge || !judge_evaluations(r.judge));
  predict_free(&r);
  database_close(j->o.judge.db);
  if (fresh && empty && unlink(path) == 0)
    rmdir(j->s.dir); // where nothing else is in it
  return ok;
}

bool verb_predict(const cli_options *c, diag *d) {
  job j = {0};
  if (!session_open_unassigned(&j.s, c, true, d))
    return false;
  bool ok = (read_options(c, &j, d) || usage(d)) && read_data(&j, d) && read_layers(&j, d) &&
            (j.o.assignments ? study(&j, c, d) : predict_own(&j, c, d));
  session_close(&j.s);
  return ok;
}
