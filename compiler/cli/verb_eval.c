// SPDX-License-Identifier: Apache-2.0
#include "compiler/cli/session.h"
#include "compiler/engine/engine.h"

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

static bool run_logits(session *s, const engine *e, const char *path, infer_accuracy *acc, diag *d) {
  size_t outputs = (size_t)net_shape_size(net_output(s->cfg->net)->shape),
         image = (size_t)net_shape_size(s->data.shape);
  int32_t *logits = arena_new_array(s->mem, int32_t, s->images * outputs);
  double started = clock_seconds();
  if (!engine_run(e, s->data.pixels + s->first * image, s->images, logits))
    return diag_tool(d, "interrupted");
  *acc = (infer_accuracy){.images = s->images, .seconds = clock_seconds() - started};
  for (size_t i = 0; s->data.labels && i < s->images; i++)
    acc->correct += infer_argmax(logits + i * outputs, (int)outputs) == s->data.labels[s->first + i];
  return write_npy(s->mem, path, logits, s->images, outputs, d);
}

static bool run(session *s, const cli_options *o, infer_accuracy *acc, diag *d) {
  if (o->logits && o->reference)
    return diag_error(d, "--logits comes from the fast engine, whose results are the reference's: without --reference");
  if (!o->logits && !infer_check_labels(s->cfg->net, &s->data, d)) {
    diag_note(d, "%s: `eval` compares with labels; --logits FILE needs none", s->cfg->file);
    return false;
  }
  engine *e = o->reference ? NULL : engine_new(s->mem, &s->model, d);
  if (!e && !o->reference)
    return false;
  if (o->explain && e)
    engine_explain(e, stderr);
  if (o->logits)
    return run_logits(s, e, o->logits, acc, d);
  bool done = e ? engine_evaluate(e, &s->data, s->first, s->images, acc)
                : infer_evaluate(&s->model, &s->data, s->first, s->images, acc);
  return done || diag_tool(d, "interrupted");
}

bool verb_eval(const cli_options *o, diag *d) {
  session s;
  if (!session_open(&s, o, true, 0, d))
    return false;
  infer_accuracy acc = {0};
  bool ok = run(&s, o, &acc, d);
  if (ok) {
    double top1 = (double)acc.correct / (double)acc.images;
    cJSON *json = cJSON_CreateObject();
    str text = {0};
    cJSON_AddStringToObject(json, "network", s.cfg->net->name);
    cJSON_AddNumberToObject(json, "images", (double)acc.images);
    if (s.data.labels) {
      cJSON_AddNumberToObject(json, "correct", (double)acc.correct);
      cJSON_AddNumberToObject(json, "top1", top1);
      str_printf(&text, "%s: top-1 %.2f %% (%zu of %zu images)\n", s.cfg->net->name, 100 * top1, acc.correct,
                 acc.images);
    } else {
      str_printf(&text, "%s: %zu images without labels\n", s.cfg->net->name, acc.images);
    }
    ok = session_result(&s, o, "eval.json", json, &text, d);
    str_free(&text);
  }
  session_close(&s);
  return ok;
}
