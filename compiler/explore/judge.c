// SPDX-License-Identifier: Apache-2.0
#include "compiler/explore/judge_request.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { GLANCE = 500, PROBES = 500 }; // images that a verdict needs at least; that divergences are measured on

struct judge {
  arena *mem;
  judge_options o;
  matching *matching;
  evaluator *evaluator, *prober;
  dataset probe;
  bool *right; // [validation images] of the exact network
  evaluation exact;
  // Of the test images that were asked for last; NULL: none were.
  const dataset *test;
  evaluator *tester;
  bool *test_right; // [test images] of the exact network
  evaluation test_exact;
  int32_t *probed; // [probe images][outputs] the exact network's logits
  size_t outputs;
  double *scale; // [outputs] of the logits; NULL: unknown
  int32_t zero;
  const char *context; // hash of all that answers depend on but the assignment
  const char *probes, *tests; // what is asked of the images that divergences are measured on, of the test images: their
                              // hash in it
  const judged **all; // [count]
  const char **key;
  correction **corrected; // [count] NULL: not known yet
  size_t count, all_room, key_room, corrected_room, run, remembered;
};

// ---- what answers depend on ----

static void add(arena *mem, str *to, const void *data, size_t size) {
  str_printf(to, "%s\n", data ? hash_hex(mem, data, size) : "none");
}

static void add_multiplier(arena *mem, str *to, const mul *m) {
  str_printf(to, "%d %d %d %d\n", m->sig.a_bits, m->sig.b_bits, m->sig.a_signed, m->sig.b_signed);
  if (m->table)
    add(mem, to, m->table, sizeof *m->table << (m->sig.a_bits + m->sig.b_bits));
  else if (m->net) {
    str text = {0};
    nl_print(m->net, &text);
    add(mem, to, text.data, text.len);
    str_free(&text);
  } else
    str_printf(to, "%s\n", m->name);
}

static void add_network(arena *mem, str *to, const network *net) {
  for (size_t i = 0; i < net->count; i++) {
    const net_node *n = &net->nodes[i];
    size_t filters = (size_t)n->shape.c;
    str_printf(to, "%d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d\n", (int)n->op, n->shape.c, n->shape.h,
               n->shape.w, n->kh, n->kw, n->sh, n->sw, n->pt, n->pb, n->pl, n->pr, n->groups, n->pad_c0, n->pad_c1,
               n->count_pad, n->shift, n->lo, n->hi, n->weight_zero);
    str_printf(to, "%d %d %d\n", n->quant.bits, n->quant.is_signed, n->quant.zero);
    add(mem, to, n->inputs, (size_t)n->input_count * sizeof *n->inputs);
    add(mem, to, n->mult, n->mult ? (size_t)net_multipliers(n) * sizeof *n->mult : 0);
    if (net_multiplies(n)) {
      add(mem, to, n->weight, filters * (size_t)net_reduction(net, n) * sizeof *n->weight);
      add(mem, to, n->bias, filters * sizeof *n->bias);
    }
  }
}

// What logits stand for: losses and divergences are computed from real values.
static void add_scale(arena *mem, str *to, const network *net) {
  size_t outputs = (size_t)net_shape_size(net_output(net)->shape);
  double *scale = arena_new_array(mem, double, outputs);
  int32_t zero;
  bool scaled = evaluator_scale(net, scale, &zero);
  add(mem, to, scaled ? scale : NULL, outputs * sizeof *scale);
}

static void add_images(arena *mem, str *to, const network *net, const dataset *data) {
  for (int c = 0; c < data->shape.c; c++) {
    int32_t code[256];
    infer_pixel_codes(net, net->nodes[0].shape.c > c ? c : 0, code);
    add(mem, to, code, sizeof code);
  }
  add(mem, to, data->pixels, data->count * (size_t)net_shape_size(data->shape));
  add(mem, to, data->labels, data->count);
}

static const char *hash_of(arena *mem, const char *question, const network *net, const dataset *data) {
  arena *own = arena_new();
  str text = {0};
  str_printf(&text, "%s ", question);
  add_images(own, &text, net, data);
  char *hash = hash_hex(mem, text.data, text.len);
  str_free(&text);
  arena_free(own);
  return hash;
}

static const char *context_of(arena *mem, const judge_options *o, size_t calibrate) {
  arena *own = arena_new();
  str text = {0};
  str_printf(&text, "%d %zu\n", (int)o->match, o->match == MATCH_NOTHING ? 0 : calibrate);
  add_network(own, &text, o->net);
  add_scale(own, &text, o->net);
  for (int i = 0; i < o->mul_count; i++)
    add_multiplier(own, &text, o->muls[i]);
  add_images(own, &text, o->net, o->validation);
  if (o->match != MATCH_NOTHING)
    add_images(own, &text, o->net, o->calibration);
  char *hash = hash_hex(mem, text.data, text.len);
  str_free(&text);
  arena_free(own);
  return hash;
}

// assign NULL: exact.
static const char *key_of(const judge *j, arena *mem, const assignment *assign, const char *images) {
  arena *own = arena_new();
  str text = {0};
  str_printf(&text, "%s %s\n", j->context, images);
  for (size_t i = 0; assign && i < j->o.net->count; i++)
    if (net_multiplies(&j->o.net->nodes[i])) {
      str_printf(&text, "%d %lld ", (int)assign[i].level, (long long)assign[i].count);
      add(own, &text, assign[i].mul, (size_t)assign[i].count);
    }
  char *hash = hash_hex(mem, text.data, text.len);
  str_free(&text);
  arena_free(own);
  return hash;
}

static evaluation evaluation_in(const database_row *row) {
  return (evaluation){row->images, row->correct, row->loss, row->seconds, 0};
}

static database_row row_of(const char *key, const evaluation *e, size_t worse, size_t better) {
  return (database_row){key, e->images, e->correct, worse, better, e->loss, e->seconds};
}

// ---- the corrected network ----

static size_t find(const judge *j, const char *key) {
  size_t i = 0;
  while (i < j->count && strcmp(j->key[i], key) != 0)
    i++;
  return i;
}

bool judge_correct(judge *j, const assignment *assign, arena *mem, correction *out, diag *d) {
  size_t at = find(j, key_of(j, mem, assign, "validation"));
  if (at == j->count)
    return matching_run(j->matching, assign, j->o.match, mem, out, d);
  if (!j->corrected[at]) {
    correction *c = arena_new_object(j->mem, correction);
    if (!matching_run(j->matching, assign, j->o.match, j->mem, c, d))
      return false;
    j->corrected[at] = c;
  }
  *out = *j->corrected[at];
  return true;
}

// An evaluator's network becomes that of the assignment, corrected.
static bool become_corrected(const judge *j, evaluator *e, const assignment *assign, const correction *c, diag *d) {
  const network *net = j->o.net;
  bool ok = true;
  for (int i = 0; ok && i < (int)net->count; i++)
    if (net_multiplies(&net->nodes[i]))
      ok = evaluator_set(e, i, assign[i].level ? &assign[i] : NULL, d) && evaluator_set_bias(e, i, c->bias[i], d) &&
           (net_is_raw(net, &net->nodes[i]) || evaluator_set_mult(e, i, c->mult[i], d));
  return ok;
}

static bool become(judge *j, evaluator *e, const assignment *assign, diag *d) {
  arena *mem = arena_new();
  correction c;
  bool ok = judge_correct(j, assign, mem, &c, d) && become_corrected(j, e, assign, &c, d);
  arena_free(mem);
  return ok;
}

// ---- evaluations ----

static void compare(const bool *exact, const bool *now, size_t count, size_t *worse, size_t *better) {
  *worse = *better = 0;
  for (size_t i = 0; i < count; i++) {
    *worse += exact[i] && !now[i];
    *better += !exact[i] && now[i];
  }
}

static double drop_of(size_t worse, size_t better, size_t images) {
  return ((double)worse - (double)better) / (double)images;
}

// ---- when to stop ----
// Looks at an evaluation are taken after these parts of the images. It is over where the drop on all images is beyond a
// limit with certainty: four deviations, which 3 in 100,000 exceed, of what images not seen can change.

enum { LOOKS = 5 };
static const double PART[LOOKS] = {0.1, 0.2, 0.4, 0.7, 1};
static const double CERTAIN = 4;

// With half an image more in each of the four cells, as judge_measure has it.
static bool certainly_beyond(size_t worse, size_t better, size_t seen, size_t all, double limit) {
  double n = (double)seen + 2, b = (double)worse + 0.5, c = (double)better + 0.5, drop = (b - c) / n;
  double unseen = 1 - (double)seen / (double)all;
  return seen < all && drop - CERTAIN * sqrt(((b + c) / n - drop * drop) / n * unseen) > limit;
}

// The drop beyond which a point of that cost is of no use: beyond what anybody looks for, or with a point that costs no
// more and loses less.
static double limit_of(const judge *j, const double *cost) {
  if (j->o.whole)
    return INFINITY;
  double limit = j->o.useless > 0 ? j->o.useless : 1;
  for (size_t i = 0; i < j->count; i++)
    if (judge_complete(j, j->all[i]) && j->all[i]->cost <= cost[0] && j->all[i]->other <= cost[1])
      limit = fmin(limit, j->all[i]->drop);
  return limit;
}

bool judge_complete(const judge *j, const judged *p) { return p->result.images == j->o.validation->count; }

// What an evaluation had seen at each look, all images up to there: whoever asks stops where its own limit lets it.
typedef struct {
  evaluation result;
  size_t worse, better;
} glance;
typedef struct {
  int looks; // on validation images until it was stopped; 1 on test images
  glance look[LOOKS];
  double divergence;
} finding;

// More images, behind those that were seen.
static bool go_on(judge *j, size_t to, bool *right, evaluation *sum, diag *d) {
  evaluation more;
  size_t from = sum->images;
  evaluation_details details = {.right = right + from};
  if (!evaluator_accuracy(j->evaluator, from, to - from, &details, &more))
    return diag_tool(d, "interrupted");
  sum->loss = (sum->loss * (double)from + more.loss * (double)(to - from)) / (double)to;
  sum->images = to;
  sum->correct += more.correct;
  sum->seconds += more.seconds;
  sum->planning += more.planning;
  return true;
}

// The correction is put in `mem`.
static bool look_at(judge *j, const assignment *assign, double limit, arena *mem, correction *c, finding *out,
                    diag *d) {
  size_t count = j->o.validation->count;
  arena *own = arena_new();
  bool *right = arena_new_array(own, bool, count);
  evaluation sum = {0};
  bool ok = matching_run(j->matching, assign, j->o.match, mem, c, d) && become_corrected(j, j->evaluator, assign, c, d);
  for (size_t i = 0; ok && i < LOOKS; i++) {
    size_t to = i + 1 < LOOKS ? (size_t)(PART[i] * (double)count) : count;
    if (to < GLANCE && to < count)
      continue;
    ok = go_on(j, to, right, &sum, d);
    if (!ok)
      break;
    glance *g = &out->look[out->looks++];
    g->result = sum;
    compare(j->right, right, to, &g->worse, &g->better);
    if (certainly_beyond(g->worse, g->better, to, count, limit))
      break;
  }
  arena_free(own);
  return ok;
}

// Where an evaluation stops that has seen so much.
static void conclude(const judge *j, const finding *f, double limit, judged *out) {
  const glance *g = f->look;
  while (g + 1 < f->look + f->looks &&
         !certainly_beyond(g->worse, g->better, g->result.images, j->o.validation->count, limit))
    g++;
  out->result = g->result;
  out->worse = g->worse, out->better = g->better;
  out->drop = drop_of(g->worse, g->better, g->result.images);
}

// ---- divergence ----

static void log_softmax(const judge *j, const int32_t *logits, double *out) {
  double most = -INFINITY, sum = 0;
  for (size_t i = 0; i < j->outputs; i++) {
    out[i] = (j->scale ? j->scale[i] : 1) * ((double)logits[i] - j->zero);
    most = fmax(most, out[i]);
  }
  for (size_t i = 0; i < j->outputs; i++)
    sum += exp(out[i] - most);
  for (size_t i = 0; i < j->outputs; i++)
    out[i] -= most + log(sum);
}

static bool diverge(judge *j, const assignment *assign, double *out, diag *d) {
  arena *mem = arena_new();
  size_t n = j->outputs;
  int32_t *logits = arena_new_array(mem, int32_t, j->probe.count * n);
  double *p = arena_new_array(mem, double, n), *q = arena_new_array(mem, double, n), sum = 0;
  evaluation_details details = {.logits = logits};
  evaluation ignored;
  bool ok = become(j, j->prober, assign, d) &&
            (evaluator_accuracy(j->prober, 0, j->probe.count, &details, &ignored) || diag_tool(d, "interrupted"));
  for (size_t i = 0; ok && i < j->probe.count; i++) {
    log_softmax(j, j->probed + i * n, p);
    log_softmax(j, logits + i * n, q);
    for (size_t k = 0; k < n; k++)
      sum += exp(p[k]) * (p[k] - q[k]);
  }
  *out = sum / (double)j->probe.count;
  arena_free(mem);
  return ok;
}

// ---- other images ----

// The exact network on other images, once for all that is measured on them.
static bool take_test(judge *j, const dataset *test, diag *d) {
  if (j->test == test)
    return true;
  evaluator_free(j->tester);
  j->test = NULL;
  j->test_right = arena_new_array(j->mem, bool, test->count);
  j->tester = evaluator_new(j->o.net, j->o.muls, j->o.mul_count, test, NULL, d);
  evaluation_details details = {.right = j->test_right};
  if (!j->tester ||
      !(evaluator_accuracy(j->tester, 0, test->count, &details, &j->test_exact) || diag_tool(d, "interrupted")))
    return false;
  j->test = test;
  return true;
}

void judge_interval(size_t worse, size_t better, size_t images, double *lo, double *hi) {
  // Agresti and Min (2005): half an image more in each of the four cells, so that no difference seen does not mean that
  // there is none.
  double n = (double)images + 2, b = (double)worse + 0.5, c = (double)better + 0.5, middle = (b - c) / n;
  double half = 1.96 * sqrt(((b + c) / n - middle * middle) / n);
  *lo = fmax(middle - half, -1);
  *hi = fmin(middle + half, 1);
}

static bool run_test(judge *j, const assignment *assign, glance *out, diag *d) {
  arena *mem = arena_new();
  size_t count = j->test->count;
  bool *right = arena_new_array(mem, bool, count);
  evaluation_details details = {.right = right};
  bool ok = become(j, j->tester, assign, d) &&
            (evaluator_accuracy(j->tester, 0, count, &details, &out->result) || diag_tool(d, "interrupted"));
  if (ok)
    compare(j->test_right, right, count, &out->worse, &out->better);
  arena_free(mem);
  return ok;
}

// ---- here or elsewhere ----

// With this process's own means. A correction that comes of it is put in `mem`, NULL: not wanted.
static bool find_out_here(judge *j, judge_question question, const assignment *assign, double limit, arena *mem,
                          correction **c, finding *out, diag *d) {
  *out = (finding){0};
  if (question == JUDGE_DIVERGENCE)
    return diverge(j, assign, &out->divergence, d);
  if (question == JUDGE_TEST) {
    out->looks = 1;
    return take_test(j, j->o.test, d) && run_test(j, assign, &out->look[0], d);
  }
  *c = arena_new_object(mem, correction);
  return look_at(j, assign, limit, mem, *c, out, d);
}

// A crew's work. What other points lose is not known here; who asks has all looks and stops where it should.
static bool answer(void *context, const void *request, size_t size, str *out, diag *d) {
  judge *j = context;
  arena *mem = arena_new();
  judge_question question;
  assignment *assign;
  correction *c;
  finding f;
  double limit = j->o.whole ? INFINITY : j->o.useless > 0 ? j->o.useless : 1;
  bool ok = judge_request_read(j->o.net, j->o.mul_count, request, size, mem, &question, &assign) &&
            (question != JUDGE_TEST || j->o.test) && find_out_here(j, question, assign, limit, mem, &c, &f, d);
  if (ok)
    str_add_n(out, (const char *)&f, sizeof f);
  arena_free(mem);
  return ok;
}

// *c stays NULL where another process found out.
static bool find_out(judge *j, judge_question question, const assignment *assign, double limit, correction **c,
                     finding *out, diag *d) {
  if (!j->o.crew)
    return find_out_here(j, question, assign, limit, j->mem, c, out, d);
  str request = {0}, found = {0};
  judge_request_write(j->o.net, question, assign, &request);
  bool ok = crew_ask(j->o.crew, request.data, request.len, &found, d);
  ok = ok && found.len == sizeof *out;
  *out = (finding){0};
  if (ok)
    memcpy(out, found.data, sizeof *out);
  else if (!d->errors)
    diag_tool(d, "interrupted");
  str_free(&request);
  str_free(&found);
  return ok;
}

void judge_expect(judge *j, judge_question question, const assignment *assign) {
  if (!j->o.crew || interrupted())
    return;
  database_row row;
  arena *own = arena_new();
  if (question == JUDGE_VALIDATION && j->o.held)
    assign = j->o.held(j->o.hardware, own, assign, NULL);
  const char *key = question == JUDGE_VALIDATION   ? key_of(j, own, assign, "validation")
                    : question == JUDGE_DIVERGENCE ? key_of(j, own, assign, j->probes)
                                                   : key_of(j, own, assign, j->tests);
  if (find(j, key) == j->count && !(j->o.db && database_find(j->o.db, key, &row))) {
    str request = {0};
    judge_request_write(j->o.net, question, assign, &request);
    crew_expect(j->o.crew, request.data, request.len);
    str_free(&request);
  }
  arena_free(own);
}

size_t judge_ahead(const judge *j) { return crew_ahead(j->o.crew); }

void judge_expect_no_more(judge *j) {
  if (j->o.crew)
    crew_forget(j->o.crew);
}

static const char *problem_of(const judge *j, arena *mem) {
  str text = {0};
  str_printf(&text, "%s %s %zu %d %g ", AXGEN_VERSION, j->context, sizeof(finding), j->o.whole, j->o.useless);
  if (j->o.test)
    add_images(mem, &text, j->o.net, j->o.test);
  const char *problem = arena_strdup(mem, text.data);
  str_free(&text);
  return problem;
}

void judge_serve(judge *j, crew *c) { crew_serve(c, problem_of(j, j->mem), answer, j); }

// ---- questions ----

bool judge_divergence(judge *j, const assignment *assign, double *out, diag *d) {
  arena *mem = arena_new();
  const char *key = key_of(j, mem, assign, j->probes);
  database_row row;
  bool ok = true;
  if (j->o.db && database_find(j->o.db, key, &row))
    *out = row.loss;
  else {
    double started = clock_seconds();
    finding f;
    correction *c;
    ok = find_out(j, JUDGE_DIVERGENCE, assign, 0, &c, &f, d);
    *out = ok ? f.divergence : 0;
    row = (database_row){.key = key, .images = j->probe.count, .loss = *out, .seconds = clock_seconds() - started};
    ok = ok && (!j->o.db || database_add(j->o.db, &row, d));
  }
  arena_free(mem);
  return ok;
}

const dataset *judge_probes(const judge *j) { return &j->probe; }

// The two rows that a measurement is made of, from the database: the exact network's, and this one's.
static bool recall_test(const judge *j, database_row *exact, database_row *row) {
  return j->o.db && database_find(j->o.db, exact->key, exact) && database_find(j->o.db, row->key, row);
}

static bool find_test(judge *j, const assignment *assign, database_row *exact, database_row *row, diag *d) {
  finding f;
  correction *c;
  if (!take_test(j, j->o.test, d) || !find_out(j, JUDGE_TEST, assign, 0, &c, &f, d))
    return false;
  *exact = row_of(exact->key, &j->test_exact, 0, 0);
  *row = row_of(row->key, &f.look[0].result, f.look[0].worse, f.look[0].better);
  return !j->o.db || (database_add(j->o.db, exact, d) && database_add(j->o.db, row, d));
}

bool judge_measure(judge *j, const assignment *assign, judge_measurement *out, diag *d) {
  arena *mem = arena_new();
  database_row row = {.key = key_of(j, mem, assign, j->tests)}, exact = {.key = key_of(j, mem, NULL, j->tests)};
  bool ok = recall_test(j, &exact, &row) || find_test(j, assign, &exact, &row, d);
  if (ok) {
    *out = (judge_measurement){.result = evaluation_in(&row), .exact = evaluation_in(&exact)};
    out->drop = drop_of(row.worse, row.better, row.images);
    judge_interval(row.worse, row.better, row.images, &out->lo, &out->hi);
  }
  arena_free(mem);
  return ok;
}

static const double COST_STEPS = 1e9;
static judged *copy_of(judge *j, const assignment *assign, const double *cost) {
  judged *p = arena_new_object(j->mem, judged);
  assignment *a = arena_new_array(j->mem, assignment, j->o.net->count);
  for (size_t i = 0; i < j->o.net->count; i++) {
    a[i] = assign[i];
    if (assign[i].level)
      a[i].mul = arena_memdup(j->mem, assign[i].mul, (size_t)assign[i].count);
  }
  // Sums of the same terms in another order differ in their last bits: to such, one is not cheaper than the other, and
  // exact everywhere costs 1.
  *p = (judged){
      .assign = a, .cost = round(cost[0] * COST_STEPS) / COST_STEPS, .other = round(cost[1] * COST_STEPS) / COST_STEPS};
  return p;
}

static void remember(judge *j, const judged *p, correction *c, const char *key) {
  arena_grow(j->mem, j->all, j->count, j->all_room);
  arena_grow(j->mem, j->key, j->count, j->key_room);
  arena_grow(j->mem, j->corrected, j->count, j->corrected_room);
  j->all[j->count] = p;
  j->corrected[j->count] = c;
  j->key[j->count++] = key;
}

bool judge_over(const judge *j) { return (int64_t)(j->run + j->remembered) >= j->o.most || interrupted(); }

// What the database has, where it was seen to its end or where it would be stopped now too.
static bool recall(const judge *j, judged *p, const char *key, double limit) {
  database_row row;
  size_t count = j->o.validation->count;
  if (!j->o.db || !database_find(j->o.db, key, &row) || row.images > count ||
      (row.images < count && !certainly_beyond(row.worse, row.better, row.images, count, limit)))
    return false;
  p->result = evaluation_in(&row);
  p->worse = row.worse, p->better = row.better;
  p->drop = drop_of(row.worse, row.better, row.images);
  return true;
}

static const judged *ask(judge *j, const assignment *assign, const double *cost, diag *d) {
  const char *key = key_of(j, j->mem, assign, "validation");
  size_t known = find(j, key);
  if (known < j->count)
    return j->all[known];
  if (judge_over(j))
    return NULL;
  judged *p = copy_of(j, assign, cost);
  correction *c = NULL;
  double limit = limit_of(j, cost);
  if (recall(j, p, key, limit))
    j->remembered++;
  else {
    finding f;
    if (!find_out(j, JUDGE_VALIDATION, assign, limit, &c, &f, d))
      return NULL;
    conclude(j, &f, limit, p);
    database_row row = row_of(key, &p->result, p->worse, p->better);
    if (j->o.db && !database_add(j->o.db, &row, d))
      return NULL;
    j->run++;
  }
  remember(j, p, c, key);
  return p;
}

const judged *judge_ask_both(judge *j, const assignment *assign, const double cost[JUDGE_FIGURES], diag *d) {
  if (!j->o.held)
    return ask(j, assign, cost, d);
  arena *own = arena_new();
  double is[JUDGE_FIGURES] = {cost[0], cost[1]};
  assign = j->o.held(j->o.hardware, own, assign, is);
  const judged *p = ask(j, assign, is, d);
  arena_free(own);
  return p;
}

const judged *judge_ask(judge *j, const assignment *assign, double cost, diag *d) {
  return judge_ask_both(j, assign, (double[JUDGE_FIGURES]){cost}, d);
}

void judge_allow(judge *j, int64_t most) { j->o.most = most; }

const judged *const *judge_all(const judge *j, size_t *count) {
  *count = j->count;
  return (const judged *const *)j->all;
}
size_t judge_evaluations(const judge *j) { return j->run; }
size_t judge_remembered(const judge *j) { return j->remembered; }
const evaluation *judge_exact(const judge *j) { return &j->exact; }
matching *judge_matching(judge *j) { return j->matching; }

// ---- making and ending ----

// Calibration images behind those that are matched on, where there are enough for the usual number.
static dataset probes_of(const judge_options *o, size_t matched) {
  dataset all = *o->calibration;
  size_t most = o->probes ? o->probes : PROBES, first = all.count >= matched + PROBES ? matched : 0;
  size_t left = all.count - first;
  all.pixels += first * (size_t)net_shape_size(all.shape);
  all.labels = all.labels ? all.labels + first : NULL;
  all.count = left < most ? left : most;
  return all;
}

static bool run_exact(judge *j, diag *d) {
  size_t count = j->o.validation->count;
  j->right = arena_new_array(j->mem, bool, count);
  j->probed = arena_new_array(j->mem, int32_t, j->probe.count * j->outputs);
  evaluation_details details = {.right = j->right}, probed = {.logits = j->probed};
  evaluation ignored;
  return (evaluator_accuracy(j->evaluator, 0, count, &details, &j->exact) &&
          evaluator_accuracy(j->prober, 0, j->probe.count, &probed, &ignored)) ||
         diag_tool(d, "interrupted");
}

judge *judge_new(const judge_options *o, diag *d) {
  arena *mem = arena_new();
  judge *j = arena_new_object(mem, judge);
  *j = (judge){.mem = mem, .o = *o, .outputs = (size_t)net_shape_size(net_output(o->net)->shape)};
  if (infer_check_data(o->net, o->validation, d) && infer_check_labels(o->net, o->validation, d) &&
      infer_check_data(o->net, o->calibration, d)) {
    size_t most = o->calibration->count;
    j->matching = matching_new(o->net, o->muls, o->calibration, 0, o->calibrate < most ? o->calibrate : most, d);
  }
  if (j->matching) {
    j->probe = probes_of(o, matching_images(j->matching));
    j->scale = arena_new_array(mem, double, j->outputs);
    j->scale = evaluator_scale(o->net, j->scale, &j->zero) ? j->scale : NULL;
    j->context = context_of(mem, o, matching_images(j->matching));
    j->probes = hash_of(mem, "divergence", o->net, &j->probe);
    j->tests = o->test ? hash_of(mem, "test", o->net, o->test) : NULL;
    j->evaluator = evaluator_new(o->net, o->muls, o->mul_count, o->validation, NULL, d);
    j->prober = j->evaluator ? evaluator_new(o->net, o->muls, o->mul_count, &j->probe, NULL, d) : NULL;
  }
  if (j->prober && run_exact(j, d)) {
    if (o->crew)
      crew_lead(o->crew, problem_of(j, mem), answer, j);
    return j;
  }
  judge_free(j);
  return NULL;
}

void judge_free(judge *j) {
  if (!j)
    return;
  evaluator_free(j->evaluator);
  evaluator_free(j->prober);
  evaluator_free(j->tester);
  matching_free(j->matching);
  arena_free(j->mem);
}
