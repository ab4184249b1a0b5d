// SPDX-License-Identifier: Apache-2.0
#include "compiler/cli/session.h"
#include "compiler/net/fit.h"

// The config's multipliers that take the operands of all layers.
static const mul **candidates(session *s, const operands_layer *layers, size_t layer_count, size_t *count, diag *d) {
  const config *c = s->cfg;
  const mul **out = arena_new_array(s->mem, const mul *, c->mul_count);
  *count = 0;
  for (size_t k = 0; k < c->mul_count; k++) {
    bool fits = true;
    for (size_t i = 0; i < layer_count; i++)
      fits &= net_fits(c->net, &c->net->nodes[layers[i].node], c->muls[k]);
    if (fits)
      out[(*count)++] = c->muls[k];
    else
      diag_warn(d, "%s: its operands are not those of all layers; left out", c->mul_keys[k]);
  }
  return out;
}

static bool measure(session *s, const cli_options *o, diag *d) {
  const liberty *lib;
  operands_layer *layers;
  size_t layer_count, count;
  if (!session_plan(s, d))
    return false;
  if (!s->target->operands)
    return diag_error(d, "%s: the %s target holds no weights; expected `target: {kind: %s, ...}`", s->cfg->file,
                      s->target->reader->name, target_kinds(s->mem, target_gives_operands));
  target_images images = session_images(s);
  if (!synth_library(s->mem, s->cfg->liberty, &lib, d) ||
      !s->target->operands(s->mem, s->plan, &images, &layers, &layer_count, d))
    return false;
  const mul **muls = candidates(s, layers, layer_count, &count, d);
  operands_result *r = arena_new_array(s->mem, operands_result, count);
  if (!operands_measure(s->mem, layers, layer_count, muls, count, lib, r, d))
    return false;
  str text = {0};
  operands_text(layers, layer_count, r, count, images.count, &text);
  bool ok = session_result(s, o, "energy.json", operands_json(layers, layer_count, r, count, images.count), &text, d);
  str_free(&text);
  return ok;
}

bool verb_energy(const cli_options *o, diag *d) {
  session s;
  if (!session_open(&s, o, true, 8, d))
    return false;
  bool ok = measure(&s, o, d);
  session_close(&s);
  return ok;
}
