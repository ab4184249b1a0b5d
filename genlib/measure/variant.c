// SPDX-License-Identifier: Apache-2.0
//
// Choosing a circuit for a function: one choice after the other (adder, tree, ...), each by measurement.
#include "genlib/generate.h"
#include "genlib/measure/measure.h"

#include <stdlib.h>
#include <string.h>

static const struct {
  const char *word;
  variant_goal goal;
} goals[] = {{"area", VARIANT_AREA}, {"energy", VARIANT_ENERGY}, {"delay", VARIANT_DELAY}};

bool variant_goal_parse(const char *word, variant_goal *goal, diag *d) {
  for (size_t i = 0; i < BASE_COUNT(goals); i++)
    if (strcmp(word, goals[i].word) == 0)
      return *goal = goals[i].goal, true;
  return diag_error(d, "`%s`: area, energy or delay was expected", word);
}

bool variant_recipe(arena *mem, const mul *m, variant_goal goal, const liberty *lib, measured *out, diag *d) {
  measure_stream stream;
  if (!measure_operands(mem, m->sig, "uniform", 1, 0, &stream, d))
    return false;
  if (goal == VARIANT_ENERGY)
    return measure_cheapest(mem, m, lib, &stream, 1, out, d);
  for (const synth_recipe *r = synth_recipes; r->name; r++) {
    measured x = {.recipe = r->name};
    if (interrupted() || !synth_multiplier_by(mem, m, lib, r, &x.synth, d))
      return false;
    if (r == synth_recipes ||
        (goal == VARIANT_AREA ? x.synth.area < out->synth.area : x.synth.delay < out->synth.delay))
      *out = x;
  }
  measure_energies(mem, &stream, 1, out);
  return true;
}

typedef struct {
  arena *mem;
  variant_goal goal;
  const liberty *lib;
  const mul *mul; // the first, whose function counts
  const measure_stream *stream;
  variant_choice *out;
  variant_try *tries;
  size_t cap;
  variant_try best;
  synth_mul best_mul;
  const synth_recipe *recipe;
  diag *d;
} search;

// Less energy counts from 0.2 % on: about what 20,000 operations can tell apart.
static bool better(variant_goal goal, const variant_try *x, const variant_try *y) {
  bool less = x->energy < y->energy * 0.998;
  double a = goal == VARIANT_AREA ? x->area : x->delay, b = goal == VARIANT_AREA ? y->area : y->delay;
  return goal == VARIANT_ENERGY ? less : a < b - 1e-9 || (a < b + 1e-9 && less);
}

// Notes what was measured; keeps it where it is the best.
static void judge(search *s, const synth_mul *m, const synth_recipe *recipe, bool pins) {
  variant_choice *c = s->out;
  variant_try t = {m->mul->name, recipe->name, pins, m->area, m->delay, measure_run(m->net, s->stream).energy};
  arena_grow(s->mem, s->tries, c->count, s->cap);
  s->tries[c->count++] = t;
  c->tries = s->tries;
  if (c->count > 1 && !better(s->goal, &t, &s->best))
    return;
  s->best = t;
  s->best_mul = *m;
  s->recipe = recipe;
}

static bool attempt(search *s, const mul *m, const synth_recipe *recipe) {
  assert(s->tries || !s->out->count);
  for (size_t i = 0; i < s->out->count; i++)
    if (strcmp(s->tries[i].name, m->name) == 0 && strcmp(s->tries[i].recipe, recipe->name) == 0)
      return true;
  synth_mul result;
  if (!synth_multiplier_by(s->mem, m, s->lib, recipe, &result, s->d))
    return false;
  judge(s, &result, recipe, false);
  return true;
}

static bool attempt_recipes(search *s) {
  const mul *m = s->best_mul.net ? s->best_mul.mul : s->mul;
  for (const synth_recipe *r = synth_recipes; r->name; r++)
    if (interrupted() || !attempt(s, m, r))
      return false;
  assert(s->recipe && s->best_mul.mul); // there is one recipe at least
  return true;
}

static bool same_function(const mul *x, const mul *y) {
  if (x->sig.p_bits != y->sig.p_bits || x->sig.p_signed != y->sig.p_signed)
    return false;
  if (x->table && y->table)
    return memcmp(x->table, y->table, sizeof *x->table << (x->sig.a_bits + x->sig.b_bits)) == 0;
  return x->exact && y->exact;
}

// Each of some options, separated by blanks, of which a circuit can have one.
static bool attempt_options(search *s, const char *options) {
  const char *base = s->best_mul.mul->name;
  for (const char *at = options; *at; at += *at == ' ') {
    int n = (int)strcspn(at, " ");
    diag ignored = {0};
    const mul *m = mul_make(s->mem, arena_printf(s->mem, "%s_%.*s", base, n, at), &ignored);
    diag_free(&ignored);
    bool enca = n == 4 && strncmp(at, "enca", 4) == 0 && !s->mul->exact;
    if (m && !enca && (m->table ? same_function(m, s->mul) : true) && (interrupted() || !attempt(s, m, s->recipe)))
      return false;
    at += n;
  }
  return true;
}

// One choice after the other. What a name cannot take, or has said already, is passed over; so is what changes the
// function after all (enca does, for roup).
static bool attempt_choices(search *s, const mul_family *family) {
  for (const char *at = family->variants; *at; at += *at == ',') {
    size_t n = strcspn(at, ",");
    if (!attempt_options(s, arena_strndup(s->mem, at, n)))
      return false;
    at += n;
  }
  return true;
}

// The published names take no options: say what they are.
static const char *open_name(arena *mem, const mul *m) {
  const mul_spec *s = spec_of(m);
  if (!s || strncmp(m->name, "mul8s_", 6) != 0)
    return m->name;
  return s->h || s->v || s->t ? arena_printf(mem, "bam8s_h%d_v%d_t%d", s->h, s->v, s->t) : "exact8s";
}

bool variant_choose(arena *mem, const char *name, variant_goal goal, const liberty *lib, const char *operands, int hold,
                    variant_choice *out, diag *d) {
  *out = (variant_choice){0};
  search s = {.mem = mem, .goal = goal, .lib = lib, .out = out, .d = d};
  measure_stream streams[MEASURE_STREAMS];
  size_t count;
  s.mul = mul_make(mem, name, d);
  if (!s.mul || !measure_streams(mem, s.mul->sig, operands, hold, streams, &count, d))
    return false;
  s.stream = &streams[0];
  bool generated = spec_of(s.mul) != NULL;
  if (generated && !(s.mul = mul_make(mem, open_name(mem, s.mul), d)))
    return false;
  // The recipe first, because what a structure is worth depends on it; once more when the structure is found.
  if (!attempt_recipes(&s))
    return false;
  if (generated && !attempt_choices(&s, spec_of(s.mul)->family))
    return false;
  if (!attempt_recipes(&s))
    return false;
  const mapped *net = variant_pins(mem, s.best_mul.net, goal == VARIANT_DELAY ? NULL : s.stream);
  synth_mul moved = s.best_mul;
  if (net != s.best_mul.net) {
    if (!synth_multiplier_net(mem, net, &moved, d))
      return false;
    judge(&s, &moved, s.recipe, true);
  }
  out->pins = s.best.pins;
  out->best = (measured){.synth = s.best_mul, .recipe = s.best.recipe};
  measure_energies(mem, streams, count, &out->best);
  return !interrupted();
}

// ---- output --------------------------------------------------------------------------------------------------------
cJSON *variant_json(const variant_choice *c) {
  cJSON *j = measure_json(&c->best), *list = cJSON_AddArrayToObject(j, "tried");
  cJSON_AddBoolToObject(j, "pins_exchanged", c->pins);
  for (size_t i = 0; i < c->count; i++) {
    cJSON *t = cJSON_CreateObject();
    cJSON_AddStringToObject(t, "multiplier", c->tries[i].name);
    cJSON_AddStringToObject(t, "recipe", c->tries[i].recipe);
    cJSON_AddBoolToObject(t, "pins_exchanged", c->tries[i].pins);
    cJSON_AddNumberToObject(t, "area_um2", c->tries[i].area);
    cJSON_AddNumberToObject(t, "delay_ns", c->tries[i].delay);
    cJSON_AddNumberToObject(t, "energy_fj", c->tries[i].energy);
    cJSON_AddItemToArray(list, t);
  }
  return j;
}

void variant_text(const variant_choice *c, str *out) {
  str_printf(out, "  %-32s %-8s %-5s %9s %9s %9s\n", "circuit", "recipe", "pins", "area um2", "delay ns", "fJ/op");
  for (size_t i = 0; i < c->count; i++) {
    const variant_try *t = &c->tries[i];
    bool best =
        strcmp(t->name, c->best.synth.mul->name) == 0 && t->pins == c->pins && strcmp(t->recipe, c->best.recipe) == 0;
    str_printf(out, "%c %-32s %-8s %-5s %9.1f %9.3f %9.1f\n", best ? '*' : ' ', t->name, t->recipe,
               t->pins ? "moved" : "", t->area, t->delay, t->energy);
  }
}
