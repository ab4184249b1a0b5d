// SPDX-License-Identifier: Apache-2.0
#include "compiler/base/json.h"
#include "compiler/cli/explore.h"
#include "compiler/report/sensitivities.h"

#include <string.h>
#include <unistd.h>

static bool write_files(const session *s, const sensitivity_report *r, const char *json, diag *d) {
  fileset files = {0};
  str csv = {0}, svg = {0};
  report_sensitivity_csv(r, &csv);
  report_sensitivity_svg(r, &svg);
  fileset_add_str(s->mem, &files, "sensitivity.csv", &csv);
  fileset_add_str(s->mem, &files, "sensitivity.svg", &svg);
  fileset_add(s->mem, &files, "sensitivity.json", json, strlen(json));
  return fileset_write(&files, s->dir, d);
}

static bool finish(const session *s, const cli_options *o, const sensitivity *found, double seconds, diag *d) {
  sensitivity_report r = {.net = s->cfg->net, .keys = s->cfg->mul_keys, .muls = s->cfg->muls, .found = found};
  cJSON *json = report_sensitivity_json(&r);
  // The files are the same however often it was stopped, what is printed also says how long it took.
  const char *kept = json_text(s->mem, cJSON_Duplicate(json, true));
  cJSON_AddNumberToObject(json, "evaluations", (double)(found->evaluations + found->remembered));
  cJSON_AddNumberToObject(json, "remembered", (double)found->remembered);
  cJSON_AddNumberToObject(json, "seconds", seconds);
  const char *line = json_text(s->mem, json);
  bool ok = write_files(s, &r, kept, d);
  if (ok && o->json)
    cli_print(o->out, line);
  else if (ok) {
    str text = {0};
    report_sensitivity_text(&r, &text);
    str_printf(&text,
               "\n%zu evaluation%s (%zu more from sensitivity.db), %.0f s; written: %s/sensitivity.csv, .svg, .json\n",
               found->evaluations, plural(found->evaluations), found->remembered, seconds, s->dir);
    cli_print(o->out, text.data);
    str_free(&text);
  }
  return ok;
}

// With the database, which is left where something is in it.
static bool run(const session *s, const cli_options *o, sensitivity_options *so, diag *d) {
  double started = clock_seconds();
  const char *path = path_join(s->mem, s->dir, "sensitivity.db");
  bool fresh = access(path, F_OK) != 0;
  if (!dir_make(s->dir, d) || !(so->judge.db = database_open(path, d)))
    return false;
  sensitivity found;
  bool ok = sensitivity_run(so, s->mem, &found, d) && finish(s, o, &found, clock_seconds() - started, d);
  database_close(so->judge.db);
  if (!ok && fresh && !found.evaluations && unlink(path) == 0)
    rmdir(s->dir); // where nothing else is in it
  if (!ok && found.evaluations && interrupt_signal())
    diag_note(d, "the same command goes on from %s", path);
  return ok;
}

bool verb_sensitivity(const cli_options *o, diag *d) {
  session s;
  if (!session_open_unassigned(&s, o, true, d))
    return false;
  const config *c = s.cfg;
  dataset validation = session_chosen(&s), calibration;
  sensitivity_options so = {.frozen = c->frozen};
  bool ok = infer_check_labels(c->net, &validation, d) && session_names_fit_csv(&s, d) &&
            verb_explore_calibration(&s, &validation, &calibration, d);
  so.judge = (judge_options){.net = c->net,
                             .muls = c->muls,
                             .mul_count = (int)c->mul_count,
                             .validation = &validation,
                             .calibration = &calibration,
                             .calibrate = EXPLORE_CALIBRATE,
                             .match = o->no_bias_correction ? MATCH_NOTHING : MATCH_GAIN};
  ok = ok && run(&s, o, &so, d);
  session_close(&s);
  return ok;
}
