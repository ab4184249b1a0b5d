// SPDX-License-Identifier: Apache-2.0
#include "compiler/cli/session.h"
#include "compiler/infer/engine.h"

bool verb_eval(const cli_options *o, diag *d) {
  session s;
  if (!session_open(&s, o, true, 0, d))
    return false;
  bool ok = s.data.labels || diag_error(d, "%s: the data set has no labels, which `eval` needs", s.cfg->file);
  infer_accuracy acc;
  engine *e = NULL;
  if (ok && !o->reference)
    ok = (e = engine_new(s.mem, &s.model, d)) != NULL;
  if (ok && o->explain && e)
    engine_explain(e, stderr);
  if (ok && !(e ? engine_evaluate(e, &s.data, s.first, s.images, &acc)
                : infer_evaluate(&s.model, &s.data, s.first, s.images, &acc)))
    ok = diag_tool(d, "interrupted");
  if (ok) {
    double top1 = (double)acc.correct / (double)acc.images;
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "network", s.cfg->net->name);
    cJSON_AddNumberToObject(json, "images", (double)acc.images);
    cJSON_AddNumberToObject(json, "correct", (double)acc.correct);
    cJSON_AddNumberToObject(json, "top1", top1);
    str text = {0};
    str_printf(&text, "%s: top-1 %.2f %% (%zu of %zu images)\n", s.cfg->net->name, 100 * top1, acc.correct, acc.images);
    ok = session_result(&s, o, "eval.json", json, &text, d);
    str_free(&text);
  }
  session_close(&s);
  return ok;
}
