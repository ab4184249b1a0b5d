// SPDX-License-Identifier: Apache-2.0
#include "compiler/base/json.h"
#include "compiler/cli/explore.h"
#include "compiler/explore/grouping.h"
#include "compiler/net/fit.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { EVALUATIONS = 100 };

static const char *const LEVELS[] = {"layer", "filter", "kernel", "weight", "position"};
enum { POSITION = 4 };

// ---- options ----

static bool read_loss(const char *text, double *out, diag *d) {
  char *end;
  *out = strtod(text, &end);
  return (end != text && !*end && *out >= 0 && *out < 1) ||
         diag_error(d, "--max-loss %s: expected a drop in accuracy, from 0 to below 1 (0.01: one point)", text);
}

// One name, or two different ones with a comma between them.
static bool read_objective(const char *objective, explore_job *j, diag *d) {
  bool known = true;
  j->objective = objective;
  j->o.figures = 0;
  for (const char *at = objective; known && at; at = at[strcspn(at, ",")] ? at + strcspn(at, ",") + 1 : NULL) {
    size_t length = strcspn(at, ",");
    verb_figure f = VERB_ENERGY;
    while (f < VERB_FIGURES &&
           (strlen(VERB_FIGURE_NAMES[f]) != length || strncmp(VERB_FIGURE_NAMES[f], at, length) != 0))
      f++;
    known = f < VERB_FIGURES && j->o.figures < JUDGE_FIGURES && !verb_explore_seeks(j, f);
    if (known)
      j->figure[j->o.figures++] = f;
  }
  return known ||
         diag_error(d, "--objective %s: expected energy, area or delay, or two of them as in energy,area", objective);
}

static bool read_price(const cli_options *c, explore_job *j, diag *d) {
  const char *price = c->price ? c->price : verb_explore_priced(j);
  if (!read_objective(c->objective ? c->objective : VERB_FIGURE_NAMES[VERB_ENERGY], j, d))
    return false;
  j->design = !strcmp(price, "design");
  if (strcmp(price, verb_explore_priced(j)) != 0)
    return diag_error(d, "--price %s: expected multipliers or design", price);
  return !verb_explore_seeks(j, VERB_DELAY) || j->design ||
         diag_error(d, "--objective delay: a delay is that of a whole accelerator: it needs --price design");
}

static bool read_options(const cli_options *c, explore_job *j, diag *d) {
  j->level = c->level ? c->level : "kernel";
  j->o.method = c->method ? c->method : "model";
  j->o.max_loss = 0.01;
  for (j->which = 0; j->which < (int)BASE_COUNT(LEVELS) && strcmp(LEVELS[j->which], j->level) != 0;)
    j->which++;
  if (j->which == (int)BASE_COUNT(LEVELS))
    return diag_error(d, "--level %s: expected layer, filter, kernel, weight or position", j->level);
  if (!read_price(c, j, d))
    return false;
  const char *const *methods = explore_methods(j->s.mem);
  while (*methods && strcmp(*methods, j->o.method) != 0)
    methods++;
  if (!*methods) {
    str all = {0};
    for (methods = explore_methods(j->s.mem); *methods; methods++)
      str_printf(&all, "%s%s", all.len ? ", " : "", *methods);
    diag_error(d, "--method %s: expected one of %s", j->o.method, all.data);
    str_free(&all);
    return false;
  }
  if (!c->max_evaluations || !c->max_multipliers)
    return diag_error(d, "%s 0: expected a number from 1",
                      c->max_evaluations ? "--max-multipliers" : "--max-evaluations");
  j->o.most_multipliers = c->max_multipliers < 0 ? 0 : (int)c->max_multipliers;
  j->o.seed = (uint64_t)c->seed;
  j->o.judge.most = c->max_evaluations < 0 ? EVALUATIONS : c->max_evaluations;
  j->o.spend = c->max_evaluations > 0;
  j->o.judge.match = c->no_bias_correction ? MATCH_NOTHING : MATCH_GAIN;
  return !c->max_loss || read_loss(c->max_loss, &j->o.max_loss, d);
}

// ---- data ----

// Images and labels that fit the network; `of` says in the config's words which images they are.
static bool check_labelled(const explore_job *j, const dataset *data, const dataset_files *files, const char *of,
                           diag *d) {
  const network *net = j->s.cfg->net;
  if (infer_check_data(net, data, d) && infer_check_labels(net, data, d))
    return true;
  diag_note(d, "%s, `%s`: %s", j->s.cfg->file, of, files->images[0]);
  return false;
}

static bool read_test(explore_job *j, bool *have, diag *d) {
  const config *c = j->s.cfg;
  *have = c->test.image_files > 0;
  return !*have || (dataset_read(j->s.mem, &c->test, &j->test, d) &&
                    check_labelled(j, &j->test, &c->test, "explore: {test: ...}", d));
}

static bool read_data(explore_job *j, diag *d) {
  const config *c = j->s.cfg;
  bool test;
  if (!c->has_dataset)
    return diag_error(d, "%s: no `dataset:` with the validation images", c->file);
  if (!dataset_read(j->s.mem, &c->data, &j->validation, d) ||
      !check_labelled(j, &j->validation, &c->data, "dataset", d) ||
      !verb_explore_calibration(&j->s, &j->validation, &j->calibration, d) || !read_test(j, &test, d))
    return false;
  if (!test)
    diag_warn(d,
              "%s: no `explore: {test: ...}`: the front is that of the validation images, and not measured on others",
              c->file);
  j->o.judge.validation = &j->validation;
  j->o.judge.calibration = &j->calibration;
  j->o.judge.calibrate = EXPLORE_CALIBRATE;
  j->o.judge.test = test ? &j->test : NULL;
  return true;
}

// ---- the space ----

static void nearest(const void *job_of, arena *mem, int node, const assignment *a, assignment *out) {
  const explore_job *j = job_of;
  diag d = {0};
  target_of(j->s.cfg, &d)->nearest(mem, j->s.cfg, node, a, out);
}

// What one multiplier serves in a layer at the level that is asked for, as far as the hardware holds it.
static pricing_layer units_of(const explore_job *j, const target *t, const target_limits *limits,
                              const pricing_layer *places, int node) {
  const config *c = j->s.cfg;
  if (j->which == POSITION)
    return *places;
  assignment_level level = (assignment_level)(ASSIGN_LAYER + j->which);
  if (t && t->nearest) // nothing but what its places hold
    return grouping_units(j->s.mem, c->net, level, places);
  return pricing_by_level(j->s.mem, c->net, node, level < limits->finest ? level : limits->finest);
}

static bool read_target(explore_job *j, const target *t, target_limits *limits, diag *d) {
  const config *c = j->s.cfg;
  bool area = verb_explore_seeks(j, VERB_AREA);
  *limits = (target_limits){.finest = ASSIGN_WEIGHT, .muls = UINT64_MAX};
  if (t && t->limits)
    t->limits(c, limits);
  if (j->design && !t)
    return diag_error(d, "%s: --price design needs the accelerator that is priced: `target: {kind: ..., ...}`",
                      c->file);
  if ((j->which == POSITION || area) && (!t || !t->places))
    return diag_error(d, "%s: %s needs a target whose multipliers have places: `target: {kind: %s, ...}`", c->file,
                      j->which == POSITION ? "--level position" : "--objective area",
                      target_kinds(j->s.mem, target_has_places));
  if (area && !t->nearest && !(limits->shared && j->which == POSITION))
    return diag_error(d,
                      "%s: --objective area with this target needs --level position, and no multipliers given for "
                      "its places: else they are the same whatever the assignment",
                      c->file);
  j->o.allowed = limits->muls;
  j->o.named = limits->named;
  j->o.shared = limits->shared && j->which == POSITION;
  for (int f = 0; f < j->o.figures; f++)
    j->o.figure[f].even = j->figure[f] == VERB_AREA;
  if (limits->most && limits->most < (int)c->mul_count && !j->o.most_multipliers)
    j->o.most_multipliers = limits->most;
  if (limits->most && limits->most < j->o.most_multipliers)
    j->o.most_multipliers = limits->most;
  if (t && t->nearest)
    j->o.nearest = nearest, j->o.hardware = j;
  return true;
}

static bool read_layers(explore_job *j, diag *d) {
  const config *c = j->s.cfg;
  const target *t = c->target ? target_of(c, d) : NULL;
  target_limits limits;
  if ((c->target && !t) || !read_target(j, t, &limits, d))
    return false;
  pricing_layer *layers = arena_new_array(j->s.mem, pricing_layer, c->net->count);
  bool any = false;
  for (int f = 0; f < j->o.figures; f++)
    j->share[f] = arena_new_array(j->s.mem, double, c->net->count);
  for (int i = 0; i < (int)c->net->count; i++) {
    const net_node *n = &c->net->nodes[i];
    if (!net_multiplies(n))
      continue;
    any = true;
    pricing_layer places = {0};
    if (t && t->places)
      t->places(j->s.mem, c, i, &places);
    layers[i] = units_of(j, t, &limits, &places, i);
    for (int f = 0; f < j->o.figures; f++) // even: that of the multipliers which are there, however often they are used
      j->share[f][i] =
          j->o.figure[f].even ? (double)places.teams * places.parts : (double)net_multiplications(c->net, n);
  }
  if (!any)
    return diag_error(d, "%s: network %s has no layer that multiplies", c->file, c->net->name);
  j->o.layers = layers;
  j->o.frozen = c->frozen;
  return true;
}

// What the multipliers cost, [nodes][mul_count]: all layers with their exact ones together 1. share: [nodes]
static double *layer_costs(const explore_job *j, const double *share, const double *price, const double *exact) {
  size_t nodes = j->s.cfg->net->count, muls = j->s.cfg->mul_count;
  double all = 0, *cost = arena_new_array(j->s.mem, double, nodes *muls);
  for (size_t i = 0; i < nodes; i++)
    all += share[i] * exact[i];
  for (size_t i = 0; i < nodes * muls; i++)
    cost[i] = price[i % muls] * (share[i / muls] / all);
  return cost;
}

// Their energy where something else is searched for, which `cost:` may have been given for.
static bool read_energy(explore_job *j, diag *d) {
  const config *c = j->s.cfg;
  double *share = arena_new_array(j->s.mem, double, c->net->count);
  double *exact = arena_new_array(j->s.mem, double, c->net->count);
  double *price = arena_new_array(j->s.mem, double, c->mul_count);
  for (size_t i = 0; i < c->mul_count; i++)
    if (c->cost[i] > 0)
      return true;
  if (!verb_explore_prices(&j->s, VERB_FIGURE_NAMES[VERB_ENERGY], price, exact, d))
    return false;
  for (size_t i = 0; i < c->net->count; i++)
    if (net_multiplies(&c->net->nodes[i]))
      share[i] = (double)net_multiplications(c->net, &c->net->nodes[i]);
  j->energy = layer_costs(j, share, price, exact);
  return true;
}

// price: [figures][mul_count]
static bool read_multipliers(explore_job *j, double *price, diag *d) {
  double *exact = arena_new_array(j->s.mem, double, j->s.cfg->net->count);
  for (int f = 0; f < j->o.figures; f++, price += j->s.cfg->mul_count) {
    if (!verb_explore_prices(&j->s, VERB_FIGURE_NAMES[j->figure[f]], price, exact, d))
      return false;
    j->cost[f] = layer_costs(j, j->share[f], price, exact);
    j->o.figure[f].cost = j->cost[f], j->o.figure[f].scale = 1;
  }
  return verb_explore_seeks(j, VERB_ENERGY) || j->design || read_energy(j, d);
}

static void design_of(const void *job_of, const assignment *assign, double *cost) {
  const explore_job *j = job_of;
  verb_design_cost is;
  diag why = {0};
  bool built = verb_explore_design(&j->s, assign, &is, &why);
  diag_free(&why);
  for (int f = 0; f < j->o.figures; f++)
    cost[f] = built ? is.figure[j->figure[f]] / j->exact.figure[j->figure[f]] : INFINITY;
}

// What there is to compare whole accelerators with; where those are not the price, it may be missing.
static bool read_exact(explore_job *j, const double *price, assignment *exact, diag *d) {
  j->exact = VERB_DESIGN_UNKNOWN;
  if (j->design)
    return verb_explore_exact(&j->s, j->o.allowed, price, exact, d) &&
           verb_explore_design(&j->s, exact, &j->exact, d) &&
           (!verb_explore_seeks(j, VERB_DELAY) || verb_explore_faster(&j->s, j->o.allowed, exact, d));
  diag why = {0};
  if (j->s.cfg->target && verb_explore_exact(&j->s, j->o.allowed, price, exact, &why))
    verb_explore_design(&j->s, exact, &j->exact, &why);
  diag_free(&why);
  return true;
}

static bool read_costs(explore_job *j, diag *d) {
  const config *c = j->s.cfg;
  double *price = arena_new_array(j->s.mem, double, (size_t)j->o.figures * c->mul_count);
  assignment *exact = arena_new_array(j->s.mem, assignment, c->net->count);
  if (!read_multipliers(j, price, d) || !read_exact(j, price, exact, d))
    return false;
  if (!j->design)
    return true;
  j->o.cost_of = design_of, j->o.hardware = j;
  bool ok = true;
  for (int f = 0; ok && f < j->o.figures; f++) {
    double *cost = arena_new_array(j->s.mem, double, c->net->count * c->mul_count);
    j->o.figure[f].cost = cost;
    ok = verb_explore_design_costs(&j->s, exact, j->figure[f], cost, &j->o.figure[f].scale, d);
  }
  return ok;
}

// ---- weights in the place of others ----

enum { TUNED_ON = 64 }; // images
static bool tune(explore_job *j, diag *d) {
  judge_options *o = &j->o.judge;
  size_t count = (size_t)o->mul_count;
  tuned_mul *tuned = arena_new_array(j->s.mem, tuned_mul, count);
  const mul **muls = arena_new_array(j->s.mem, const mul *, count);
  if (!tune_muls(j->s.mem, o->net, o->muls, o->mul_count, o->calibration, TUNED_ON, o->match, tuned, d))
    return false;
  for (size_t k = 0; k < count; k++)
    muls[k] = tuned[k].as;
  o->muls = muls;
  j->o.tuned = tuned;
  return true;
}

// ---- what is said ----

static bool finish(const explore_job *j, const cli_options *c, const explore_result *r, diag *d) {
  fileset files = {0};
  const verb_point_cost *costs = verb_explore_costs(j, r);
  bool ok = verb_explore_files(j, r, &files, d);
  cJSON *json = verb_explore_json(j, r, costs);
  // The file is the same whatever machine and how often it was stopped: without seconds.
  char *kept = json_text(j->s.mem, cJSON_Duplicate(json, true));
  cJSON_AddNumberToObject(json, "seconds", r->seconds);
  cJSON_AddNumberToObject(json, "remembered", (double)r->remembered);
  fileset_add(j->s.mem, &files, "explore.json", kept, strlen(kept));
  verb_explore_manifest(j->s.mem, &files);
  json_add_files(j->s.mem, json, &files);
  const char *line = json_text(j->s.mem, json);
  str text = {0};
  verb_explore_text(j, r, costs, &text);
  ok = ok && fileset_write(&files, j->s.dir, d);
  if (ok)
    cli_print(c->out, c->json ? line : text.data);
  str_free(&text);
  return ok;
}

// ---- --plan ----

// What an image takes with this network on this machine, measured on a few.
typedef struct {
  double exact, approximate, planning; // seconds: of an image, of an image, of an assignment
} pace;

enum { PACED = 200 };

// A multiplier at random for each unit (a kernel stands for a position), of those that the layer may have.
static assignment mixed(const explore_job *j, int node, rng *r) {
  const judge_options *o = &j->o.judge;
  const net_node *n = &o->net->nodes[node];
  assignment_level level = j->which == POSITION ? ASSIGN_KERNEL : (assignment_level)(ASSIGN_LAYER + j->which);
  int64_t units = assignment_units(o->net, n, level);
  uint8_t *mul = arena_alloc(j->s.mem, (size_t)units), may[CONFIG_MAX_MULS];
  uint32_t count = 0;
  for (int k = 0; k < o->mul_count; k++)
    if (net_fits(o->net, n, o->muls[k]) && (!j->o.frozen || j->o.frozen[node] < 0 || j->o.frozen[node] == k))
      may[count++] = (uint8_t)k;
  for (int64_t u = 0; count && u < units; u++)
    mul[u] = may[rng_below(r, count)];
  return count ? assignment_make(j->s.mem, o->net, n, level, mul) : (assignment){0};
}

static bool take_pace(const explore_job *j, pace *out, diag *d) {
  const judge_options *o = &j->o.judge;
  size_t count = o->validation->count < PACED ? o->validation->count : PACED;
  dataset some = *o->validation;
  some.count = count;
  evaluator *e = evaluator_new(o->net, o->muls, o->mul_count, &some, NULL, d);
  evaluation seen, warm;
  rng r = rng_seed(j->o.seed);
  bool ok = e && (evaluator_accuracy(e, 0, count, NULL, &warm) && evaluator_accuracy(e, 0, count, NULL, &seen));
  out->exact = ok ? (seen.seconds - seen.planning) / (double)count : 0;
  for (int i = 0; ok && i < (int)o->net->count; i++)
    if (net_multiplies(&o->net->nodes[i])) {
      assignment a = mixed(j, i, &r);
      ok = evaluator_set(e, i, a.level ? &a : NULL, d);
    }
  ok = ok && evaluator_accuracy(e, 0, count, NULL, &seen);
  out->approximate = ok ? (seen.seconds - seen.planning) / (double)count : 0;
  out->planning = ok ? seen.planning : 0;
  evaluator_free(e);
  return ok || (!d->errors ? diag_tool(d, "interrupted") : false);
}

// As searches went: the model ends after some 40 evaluations where it is not told to go on, with some 20 points on its
// front (with two figures each weight's share of them all); it first probes each layer with three multipliers on 500
// images, behind the layer on the calibration images.
enum { MODEL_EVALUATIONS = 40, FRONT = 20, PROBES = 3, PROBE_IMAGES = 500 };

static int64_t expected_evaluations(const explore_job *j, const cli_options *c) {
  bool ends = !strcmp(j->o.method, "model") && c->max_evaluations < 0 && j->o.figures == 1;
  return ends && j->o.judge.most > MODEL_EVALUATIONS ? MODEL_EVALUATIONS : j->o.judge.most;
}

static bool say_plan(const explore_job *j, const cli_options *c, diag *d) {
  const judge_options *o = &j->o.judge;
  pace p;
  if (!take_pace(j, &p, d))
    return false;
  int layers = 0;
  int64_t units = 0, expected = expected_evaluations(j, c);
  for (size_t i = 0; i < o->net->count; i++)
    if (net_multiplies(&o->net->nodes[i])) {
      layers++;
      units += (int64_t)j->o.layers[i].teams * j->o.layers[i].parts;
    }
  double images = (double)o->validation->count, calibrate = fmin((double)o->calibrate, (double)o->calibration->count);
  double tested = j->o.judge.test ? (double)j->o.judge.test->count : 0;
  double each = 2 * p.planning + p.approximate * (images + calibrate); // it is matched first, then run
  double all = p.exact * (images + tested) + layers * PROBES * p.exact * (PROBE_IMAGES + calibrate / 2) +
               (double)expected * each + FRONT * (p.planning + p.approximate * tested);
  if (c->json) {
    cJSON *json = cJSON_CreateObject();
    cJSON_AddNumberToObject(json, "layers", layers);
    cJSON_AddNumberToObject(json, "units", (double)units);
    cJSON_AddNumberToObject(json, "multipliers", o->mul_count);
    cJSON_AddNumberToObject(json, "most_evaluations", (double)o->most);
    cJSON_AddNumberToObject(json, "evaluations", (double)expected);
    cJSON_AddNumberToObject(json, "images", (double)o->validation->count);
    cJSON_AddNumberToObject(json, "seconds_each", each);
    cJSON_AddNumberToObject(json, "seconds", all);
    cli_print(c->out, json_text(j->s.mem, json));
    return true;
  }
  cli_print(
      c->out,
      arena_printf(
          j->s.mem,
          "%d layer%s, %lld unit%s (%s), %d multiplier%s; about %lld evaluation%s (at most %lld) of %zu image%s by %s, "
          "about %.1f s each; about %.0f s in all\n",
          layers, plural((size_t)layers), (long long)units, plural((size_t)units), j->level, o->mul_count,
          plural((size_t)o->mul_count), (long long)expected, plural((size_t)expected), (long long)o->most,
          o->validation->count, plural(o->validation->count), j->o.method, each, all));
  return true;
}

static bool usage(diag *d) {
  d->exit_code = EXIT_USAGE;
  return false;
}

// ---- with others ----

// What the leader reads to ask, another process of its crew reads to answer; it says nothing itself and writes nothing.
static _Noreturn void serve(const cli_options *c, crew *crew) {
  diag d = {0};
  explore_job j = {0};
  judge *judge = NULL;
  progress_quiet = true;
  if (session_open_unassigned(&j.s, c, false, &d)) {
    const config *cfg = j.s.cfg;
    j.o.judge = (judge_options){.net = cfg->net, .muls = cfg->muls, .mul_count = (int)cfg->mul_count};
    if (read_options(c, &j, &d) && read_data(&j, &d) && (!c->tune || tune(&j, &d)))
      judge = explore_judge(&j.o, &d);
  }
  if (judge)
    judge_serve(judge, crew);
  crew_excuse(crew, d.text.data ? d.text.data : "its judge does not start");
}

static bool run(explore_job *j, const cli_options *c, diag *d) {
  const char *path = path_join(j->s.mem, j->s.dir, "explore.db");
  bool fresh = access(path, F_OK) != 0;
  if (!dir_make(j->s.dir, d) || !(j->o.judge.db = database_open(path, d)))
    return false;
  explore_result r = {0};
  bool ok = explore_run(&j->o, j->s.mem, &r, d) && finish(j, c, &r, d);
  // An error before anything was evaluated leaves nothing.
  bool empty = !ok && (!r.judge || !judge_evaluations(r.judge));
  explore_free(&r);
  database_close(j->o.judge.db);
  if (fresh && empty && unlink(path) == 0)
    rmdir(j->s.dir); // where nothing else is in it
  return ok;
}

static bool lead(const cli_options *c, crew *crew, diag *d) {
  explore_job j = {0};
  if (!session_open_unassigned(&j.s, c, false, d))
    return false;
  const config *cfg = j.s.cfg;
  j.o.judge = (judge_options){.net = cfg->net, .muls = cfg->muls, .mul_count = (int)cfg->mul_count, .crew = crew};
  bool ok = (read_options(c, &j, d) || usage(d)) && read_data(&j, d) && read_layers(&j, d) && read_costs(&j, d) &&
            (!c->tune || tune(&j, d));
  if (ok && c->plan)
    ok = say_plan(&j, c, d);
  else if (ok)
    ok = run(&j, c, d);
  session_close(&j.s);
  return ok;
}

bool verb_explore(const cli_options *c, diag *d) {
  crew *crew = crew_join(d);
  if (d->errors)
    return false;
  if (crew && c->threads <= 0)
    omp_set_num_threads(crew_threads(crew));
  if (crew && !crew_leads(crew))
    serve(c, crew);
  bool ok = lead(c, crew, d);
  crew_leave(crew, d);
  return ok;
}
