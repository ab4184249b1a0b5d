// SPDX-License-Identifier: Apache-2.0
#include "compiler/cli/session.h"
#include "compiler/explore/evaluator.h"
#include "compiler/report/scores_page.h"

#include <math.h>

enum { REPRESENTATIVES = 32 };

// Multiplier m in every layer that takes it. False: its sums would be too wide for one, as `d` says.
static bool set_uniform(const session *s, const scores *found, evaluator *e, int m, diag *d) {
  bool ok = true;
  for (int l = 0; l < found->layers; l++) {
    int node = found->layer[l].node;
    assignment a = assignment_uniform(s->mem, s->cfg->net, &s->cfg->net->nodes[node], (uint8_t)m);
    ok = ok && evaluator_set(e, node, isnan(found->layer[l].layer[m]) ? NULL : &a, d);
  }
  return ok;
}

// The accuracy with nothing but exact products, then with each multiplier everywhere.
static bool evaluate(const session *s, score_report *r, diag *d) {
  const config *cfg = s->cfg;
  dataset data = session_chosen(s);
  evaluator *e = evaluator_new(cfg->net, cfg->muls, (int)cfg->mul_count, &data, NULL, d);
  if (!e)
    return false;
  evaluation *uniform = arena_new_array(s->mem, evaluation, cfg->mul_count + 1);
  bool done = evaluator_accuracy_shown(e, 0, s->images, NULL, &r->exact);
  for (int m = 0; done && m < (int)cfg->mul_count; m++) {
    diag too_wide = {0};
    if (set_uniform(s, r->scores, e, m, &too_wide))
      done = evaluator_accuracy_shown(e, 0, s->images, NULL, &uniform[m]);
    else
      diag_warn(d, "%s everywhere has no accuracy: sums of its products would be too wide for a layer",
                cfg->mul_keys[m]);
    diag_free(&too_wide);
  }
  r->uniform = uniform;
  evaluator_free(e);
  return done || diag_tool(d, "interrupted");
}

// The finest level of the config's assignment, whose own score is wanted too.
static assignment_level finest(const session *s) {
  assignment_level level = ASSIGN_FILTER;
  for (size_t i = 0; i < s->cfg->net->count; i++)
    level = s->cfg->assign[i].level > level ? s->cfg->assign[i].level : level;
  return level;
}

static bool choose_and_score(session *s, const cli_options *o, representatives *chosen, scores *out, diag *d) {
  const config *cfg = s->cfg;
  size_t clusters = o->representatives < 0 ? REPRESENTATIVES : (size_t)o->representatives;
  if (clusters == 0)
    return diag_error(d, "--representatives 0: expected at least 1");
  if (!infer_check_labels(cfg->net, &s->data, d)) {
    diag_note(d, "%s: `score` needs labels, for the loss that is derived", cfg->file);
    return false;
  }
  return session_names_fit_csv(s, d) &&
         representatives_choose(s->mem, cfg->net, &s->data, s->first, s->images, clusters, (uint64_t)o->seed, chosen,
                                d) &&
         score_run(s->mem, cfg->net, cfg->muls, (int)cfg->mul_count, &s->data, chosen->image, chosen->count, finest(s),
                   out, d);
}

static bool write_report(session *s, const cli_options *o, const score_report *r, diag *d) {
  if (s->dir) {
    fileset files = {0};
    report_score_page(s->mem, r, "score", &files);
    if (!fileset_write(&files, s->dir, d))
      return false;
  }
  if (!o->quiet)
    fprintf(o->err, "gradients of %zu image%s: %.2f s; scores with %d multiplier%s: %.2f s\n", r->scores->images,
            plural(r->scores->images), r->scores->seconds_gradients, r->scores->muls, plural((size_t)r->scores->muls),
            r->scores->seconds_scores);
  str text = {0};
  report_scores_text(r, &text);
  bool ok = session_result(s, o, "score.json", report_scores_json(r), &text, d);
  str_free(&text);
  if (ok && s->dir && !o->quiet)
    fprintf(o->err, "written: %s/score.json, %s/score/report.html\n", s->dir, s->dir);
  return ok;
}

bool verb_score(const cli_options *o, diag *d) {
  session s;
  if (!session_open(&s, o, true, 0, d))
    return false;
  representatives chosen;
  scores found;
  score_report r = {
      .net = s.cfg->net, .keys = s.cfg->mul_keys, .muls = s.cfg->muls, .scores = &found, .chosen = &chosen};
  bool ok = session_sums_exactly(&s, d) && choose_and_score(&s, o, &chosen, &found, d) && evaluate(&s, &r, d);
  if (ok) {
    r.assigned = score_assignment(&found, s.cfg->assign);
    ok = write_report(&s, o, &r, d);
  }
  session_close(&s);
  return ok;
}
