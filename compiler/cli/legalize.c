// SPDX-License-Identifier: Apache-2.0
//
// --legalize: an assignment that the target's folding cannot hold becomes the nearest one that it can.
#include "compiler/cli/session.h"
#include "compiler/explore/evaluator.h"

// Top-1 on the data set; false where there are no images with labels.
static bool top1(const config *c, const dataset *data, const assignment *assign, double *out, diag *d) {
  evaluation result;
  evaluator_options options = {.assign = assign};
  evaluator *e = evaluator_new(c->net, c->muls, (int)c->mul_count, data, &options, d);
  bool ok = e && evaluator_accuracy(e, 0, data->count, NULL, &result);
  evaluator_free(e);
  *out = ok ? 100.0 * (double)result.correct / (double)result.images : 0;
  return ok;
}

// What it costs in accuracy, where that can be told.
static void say_accuracy(arena *mem, const config *c, const assignment *before, diag *d) {
  diag why = {0};
  dataset data;
  double was, is;
  if (c->has_dataset && dataset_read(mem, &c->data, &data, &why) && infer_check_data(c->net, &data, &why) &&
      infer_check_labels(c->net, &data, &why) && top1(c, &data, before, &was, &why) &&
      top1(c, &data, c->assign, &is, &why))
    diag_warn(d, "with the weights moved: top-1 %.2f %% of %zu image%s, before %.2f %%", is, data.count,
              plural(data.count), was);
  else
    diag_warn(d, "with the weights moved: accuracy not measured, there are no images with labels");
  diag_free(&why);
}

bool session_legalize(arena *mem, config *c, diag *d) {
  const target *t = c->target ? target_of(c, d) : NULL;
  if (!t || !t->nearest)
    return diag_error(d, "%s: --legalize needs a target with multipliers in fixed places: `target: {kind: %s}`",
                      c->file, target_kinds(mem, target_moves_weights));
  assignment *before = arena_memdup(mem, c->assign, c->net->count * sizeof *before);
  int64_t *moved = arena_new_array(mem, int64_t, c->net->count), all = 0;
  for (int i = 0; i < (int)c->net->count; i++) {
    const net_node *n = &c->net->nodes[i];
    if (!net_multiplies(n))
      continue;
    moved[i] = t->nearest(mem, c, i, &before[i], &c->assign[i]);
    all += moved[i];
    if (moved[i])
      diag_warn(d, "layer %s: %lld of %lld weights get another multiplier, so that the folding can hold them", n->name,
                (long long)moved[i], (long long)(before[i].count * before[i].each));
  }
  if (!all)
    return true;
  c->moved = moved;
  say_accuracy(mem, c, before, d);
  return true;
}
