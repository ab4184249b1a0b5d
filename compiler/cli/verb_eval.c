// SPDX-License-Identifier: Apache-2.0
#include "compiler/cli/session.h"
#include "compiler/explore/evaluator.h"

#include <math.h>
#include <string.h>

// As numpy.save writes it: the magic, version 1.0, a header padded so that the values start at a multiple of 64.
static bool write_npy(arena *mem, const char *path, const int32_t *values, size_t rows, size_t columns, diag *d) {
  str out = {0};
  str_printf(&out, "{'descr': '<i4', 'fortran_order': False, 'shape': (%zu, %zu), }", rows, columns);
  size_t start = (10 + out.len + 1 + 63) / 64 * 64, size = rows * columns * sizeof *values;
  uint8_t *file = arena_alloc(mem, start + size);
  memset(file, ' ', start);
  memcpy(file, "\x93NUMPY\x01\x00", 8);
  file[8] = (uint8_t)(start - 10), file[9] = (uint8_t)((start - 10) >> 8);
  memcpy(file + 10, out.data, out.len);
  file[start - 1] = '\n';
  memcpy(file + start, values, size);
  str_free(&out);
  return file_write(path, file, start + size, d);
}

static bool run_fast(session *s, const cli_options *o, evaluation *result, diag *d) {
  const config *cfg = s->cfg;
  dataset data = session_chosen(s);
  evaluator_options options = {.thorough = true, .assign = cfg->assign, .accumulate = s->model.accumulate};
  evaluator *e = evaluator_new(cfg->net, cfg->muls, (int)cfg->mul_count, &data, &options, d);
  if (!e)
    return false;
  if (o->explain)
    evaluator_explain(e, o->err);
  size_t outputs = (size_t)net_shape_size(net_output(cfg->net)->shape);
  evaluation_details details = {0};
  if (o->logits)
    details.logits = arena_new_array(s->mem, int32_t, s->images * outputs);
  bool done = evaluator_accuracy_shown(e, 0, s->images, &details, result) || diag_tool(d, "interrupted");
  evaluator_free(e);
  return done && (!o->logits || write_npy(s->mem, o->logits, details.logits, s->images, outputs, d));
}

static bool run(session *s, const cli_options *o, evaluation *result, diag *d) {
  if (o->logits && o->reference)
    return diag_error(d, "--logits comes from the fast engine, whose results are the reference's: without --reference");
  if (!o->logits && !infer_check_labels(s->cfg->net, &s->data, d)) {
    diag_note(d, "%s: `eval` compares with labels; --logits FILE needs none", s->cfg->file);
    return false;
  }
  if (!o->reference)
    return run_fast(s, o, result, d);
  return evaluation_by_reference(&s->model, &s->data, s->first, s->images, result) || diag_tool(d, "interrupted");
}

// Which layers add up approximately, and by what.
static void add_adders(const session *s, cJSON *json) {
  cJSON *list = s->model.accumulate ? cJSON_AddObjectToObject(json, "adders") : NULL;
  for (int i = 0; list && i < (int)s->cfg->net->count; i++) {
    const infer_accumulation *a = infer_accumulated(&s->model, i);
    if (a)
      cJSON_AddStringToObject(list, s->cfg->net->nodes[i].name, a->adder->name);
  }
}

bool verb_eval(const cli_options *o, diag *d) {
  session s;
  if (!session_open(&s, o, true, 0, d))
    return false;
  evaluation acc = {0};
  bool ok = run(&s, o, &acc, d);
  if (ok) {
    double top1 = (double)acc.correct / (double)acc.images;
    cJSON *json = cJSON_CreateObject();
    str text = {0};
    cJSON_AddStringToObject(json, "network", s.cfg->net->name);
    add_adders(&s, json);
    cJSON_AddNumberToObject(json, "images", (double)acc.images);
    if (s.data.labels) {
      cJSON_AddNumberToObject(json, "correct", (double)acc.correct);
      cJSON_AddNumberToObject(json, "top1", top1);
      if (isfinite(acc.loss))
        cJSON_AddNumberToObject(json, "loss", acc.loss);
      str_printf(&text, "%s: top-1 %.2f %% (%zu of %zu image%s)\n", s.cfg->net->name, 100 * top1, acc.correct,
                 acc.images, plural(acc.images));
    } else {
      str_printf(&text, "%s: %zu image%s without labels\n", s.cfg->net->name, acc.images, plural(acc.images));
    }
    ok = session_result(&s, o, "eval.json", json, &text, d);
    str_free(&text);
  }
  session_close(&s);
  return ok;
}
