// SPDX-License-Identifier: Apache-2.0
#include "compiler/base/escape.h"
#include "compiler/base/json.h"
#include "compiler/cli/session.h"
#include "compiler/net/yaml.h"
#include "genlib/measure/measure.h"

#include <string.h>

static bool open_data(session *s, const cli_options *o, size_t images_default, diag *d) {
  const config *cfg = s->cfg;
  if (!cfg->has_dataset)
    return diag_error(d, "%s: no `dataset:`, which this verb needs", cfg->file);
  if (!dataset_read(s->mem, &cfg->data, &s->data, d))
    return false;
  if (!infer_check_data(cfg->net, &s->data, d))
    return false;
  if (s->data.classes > net_shape_size(net_output(cfg->net)->shape))
    s->data.labels = NULL; // of other classes than the network's: of no use; `eval` says so (infer_check_labels)
  s->first = (size_t)o->first;
  if (s->first >= s->data.count)
    return diag_error(d, "--first %zu: the data set has %zu image%s", s->first, s->data.count, plural(s->data.count));
  size_t rest = s->data.count - s->first;
  if (o->images == 0)
    return diag_error(d, "--images 0: expected at least 1");
  s->images = o->images > 0 ? (size_t)o->images : images_default ? images_default : rest;
  if (o->images > 0 && s->images > rest)
    return diag_error(d, "--images %zu: the data set has %zu image%s from image %zu on", s->images, rest, plural(rest),
                      s->first);
  if (s->images > rest)
    s->images = rest;
  return true;
}

// The target, if sums of the configuration are not exact; else NULL.
static const target *approximating(const session *s, diag *d) {
  const target *t = s->cfg->target ? target_of(s->cfg, d) : NULL;
  return t && t->approximates && t->approximates(s->cfg) ? t : NULL;
}

bool session_sums_exactly(const session *s, diag *d) {
  return !approximating(s, d) ||
         diag_error(
             d,
             "%s: `adder`: what approximate adders give depends on widths and orders that change with the "
             "assignment, so only what keeps the assignment as it is can have them (eval, rtl, sim, synth, cost, "
             "energy)",
             s->cfg->file);
}

// How the target adds up, where that is not exact.
static bool take_sums(session *s, bool fixed, diag *d) {
  if (!fixed)
    return session_sums_exactly(s, d);
  const target *t = approximating(s, d);
  return !t || t->accumulations(s->mem, s->cfg, &s->model, &s->model.accumulate, d);
}

static bool open_config(session *s, const cli_options *o, bool want_assignment, bool want_data, size_t images_default,
                        diag *d) {
  *s = (session){.mem = arena_new()};
  bool ok = config_read(s->mem, o->args[0], TARGET_READERS, &s->cfg, d);
  if (ok && want_assignment && !s->cfg->has_assignment)
    ok = diag_error(d,
                    "%s: the key `assignment` is missing; only `axgen explore`, `sensitivity` and `predict` need none",
                    s->cfg->file);
  ok = ok && (!o->legalize || session_legalize(s->mem, s->cfg, d));
  if (ok) {
    s->model = (infer_model){.net = s->cfg->net, .muls = s->cfg->muls, .assign = s->cfg->assign};
    ok = infer_check(&s->model, d) && take_sums(s, want_assignment && !o->legalize, d) &&
         (!want_data || open_data(s, o, images_default, d));
  }
  if (!ok) {
    session_close(s);
    return false;
  }
  s->dir = o->output ? o->output : s->cfg->output;
  return true;
}

bool session_open(session *s, const cli_options *o, bool want_data, size_t images_default, diag *d) {
  return open_config(s, o, true, want_data, images_default, d);
}

bool session_open_unassigned(session *s, const cli_options *o, bool want_data, diag *d) {
  return open_config(s, o, false, want_data, 0, d);
}

void session_close(session *s) {
  arena_free(s->mem);
  s->mem = NULL;
}

bool session_result(const session *s, const cli_options *o, const char *name, cJSON *json, const str *text, diag *d) {
  const char *line = json_text(s->mem, json);
  bool ok = true;
  if (s->dir) {
    fileset fs = {0};
    fileset_add(s->mem, &fs, name, line, strlen(line));
    ok = fileset_write(&fs, s->dir, d);
  }
  cli_print(o->out, o->json ? line : text->data);
  return ok;
}

bool session_names_fit_csv(const session *s, diag *d) {
  const config *cfg = s->cfg;
  for (size_t m = 0; m < cfg->mul_count; m++)
    for (int k = 0; k < 2; k++) {
      const char *name = k ? cfg->muls[m]->name : cfg->mul_keys[m];
      if (csv_is_formula(name))
        return diag_error(d, "%s: multiplier `%s`: its name begins like a formula of a spreadsheet", cfg->file, name);
    }
  return true;
}

bool session_plan(session *s, diag *d) {
  s->target = target_of(s->cfg, d);
  return s->target && s->target->plan(s->mem, s->cfg, &s->model, &s->plan, d);
}

enum { TEST_IMAGES = 3 };

static void random_images(session *s) {
  rng r = rng_seed(1);
  net_shape shape = s->cfg->net->nodes[0].shape;
  size_t size = TEST_IMAGES * (size_t)net_shape_size(shape);
  uint8_t *pixels = arena_alloc(s->mem, size);
  for (size_t i = 0; i < size; i++)
    pixels[i] = (uint8_t)rng_below(&r, 256);
  s->data = (dataset){.shape = shape, .count = TEST_IMAGES, .pixels = pixels};
}

void session_test(session *s, target_test *out, diag *d) {
  diag why = {0};
  const config *cfg = s->cfg;
  bool real = cfg->has_dataset && dataset_read(s->mem, &cfg->data, &s->data, &why) &&
              infer_check_data(cfg->net, &s->data, &why) && s->data.count > 0;
  if (!real)
    random_images(s);
  if (why.errors)
    diag_warn(d, "the testbench gets random images, because the data set cannot be read:\n%s", why.text.data);
  diag_free(&why);
  size_t count = s->data.count < TEST_IMAGES ? s->data.count : TEST_IMAGES;
  *out = (target_test){{&s->data, 0, count}, real ? "the first of the data set" : "random"};
}

target_images session_images(const session *s) { return (target_images){&s->data, s->first, s->images}; }

dataset session_chosen(const session *s) {
  dataset d = s->data;
  d.pixels += s->first * (size_t)net_shape_size(d.shape);
  d.labels = d.labels ? d.labels + s->first : NULL;
  d.count = s->images;
  return d;
}

bool session_emit(session *s, const char *dir, diag *d) {
  fileset files = {0};
  return (s->plan || session_plan(s, d)) && s->target->emit(s->mem, s->plan, NULL, &files, d) &&
         fileset_write(&files, dir, d);
}

const synth_structure *session_structure(const session *s) {
  synth_structure *out = arena_new_object(s->mem, synth_structure);
  graph_structure(s->target->describe(s->mem, s->plan), s->cfg->name, out);
  synth_mapping *mappings = arena_new_array(s->mem, synth_mapping, s->cfg->mul_count + 1);
  for (size_t i = 0; s->muls && i < s->cfg->mul_count; i++)
    if (s->muls[i].recipe)
      mappings[out->mapping_count++] = (synth_mapping){
          arena_printf(s->mem, "%s%s", out->prefix, s->cfg->muls[i]->ident), synth_recipe_named(s->muls[i].recipe)};
  out->mappings = mappings;
  return out;
}

bool session_own_multiplier(const config *c, size_t i) {
  const yaml *muls = yaml_get(c->tree, "multipliers"), *y = muls ? yaml_get(muls, c->mul_keys[i]) : NULL;
  return y && y->kind == YAML_SCALAR && !mul_is_file(y->text);
}

// Of axgen's own multipliers in its own library the catalogue says which takes least energy; NULL: to be measured.
static const char *recipe_known(const session *s, const catalogue *known, size_t i) {
  const catalogue_entry *e =
      session_own_multiplier(s->cfg, i) ? catalogue_find(known, s->cfg->muls[i]->name, NULL) : NULL;
  return e ? e->recipe : NULL;
}

bool session_recipes(session *s, const char *goal, const liberty *lib, diag *d) {
  variant_goal what;
  catalogue known = {0};
  bool used[CONFIG_MAX_MULS] = {false};
  size_t count = s->cfg->mul_count;
  goal = goal ? goal : s->cfg->synth_goal ? s->cfg->synth_goal : "energy";
  if (!variant_goal_parse(goal, &what, d) ||
      (what == VARIANT_ENERGY && !s->cfg->liberty && !catalogue_read(s->mem, NULL, &known, d)))
    return false;
  s->muls = arena_new_array(s->mem, synth_mul, count);
  s->target->multipliers(s->plan, used);
  progress p = progress_begin("measuring multipliers", count);
  bool ok = true;
  for (size_t i = 0; ok && i < count; i++) {
    measured best = {0};
    size_t same = synth_same_multiplier(s->cfg->muls, used, i);
    best.synth.recipe = used[i] ? recipe_known(s, &known, i) : NULL;
    if (used[i] && same < i)
      best.synth = s->muls[same];
    else if (used[i] && !best.synth.recipe)
      ok = variant_recipe(s->mem, s->cfg->muls[i], what, lib, &best, d);
    s->muls[i] = best.synth;
    progress_step(&p, 1);
  }
  progress_end(&p);
  return ok;
}
