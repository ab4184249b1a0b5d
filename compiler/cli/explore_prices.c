// SPDX-License-Identifier: Apache-2.0
#include "compiler/cli/explore.h"
#include "compiler/net/yaml.h"
#include "genlib/measure/measure.h"

#include <math.h>
#include <string.h>

// Whether the config's multiplier i is one of axgen's own, by its name, and no file.
static bool by_name(const config *c, size_t i) {
  const yaml *muls = yaml_get(c->tree, "multipliers"), *y = muls ? yaml_get(muls, c->mul_keys[i]) : NULL;
  return y && y->kind == YAML_SCALAR && !mul_is_file(y->text);
}

static bool in_catalogue(const catalogue *known, const char *name, catalogue_figure figure, double *out) {
  for (size_t i = 0; i < known->count; i++)
    if (!strcmp(known->entries[i].name, name)) {
      *out = known->entries[i].figure[figure];
      return true;
    }
  return false;
}

static bool measure_now(arena *mem, const config *c, const mul *m, const char *key, catalogue_figure figure,
                        const liberty **lib, double *out, diag *d) {
  if (!m->net) {
    diag_error(d, "%s: nothing says what a multiplication by `%s` costs: a table has no gates", c->file, key);
    diag_note(d, "give it in the config, for all multipliers in one unit: explore: {cost: {%s: 120.5}}", key);
    return false;
  }
  if (!*lib && !synth_library(mem, c->liberty, lib, d))
    return false;
  measured of;
  if (!mul_measure(mem, m, *lib, "realistic", 1, &of, d))
    return false;
  *out = figure == CATALOGUE_AREA ? of.synth.area : of.energy[0].energy;
  return true;
}

bool explore_prices(const session *s, const char *figure, double *price, diag *d) {
  const config *c = s->cfg;
  catalogue_figure which = !strcmp(figure, "area") ? CATALOGUE_AREA : CATALOGUE_REALISTIC;
  catalogue known = {0};
  const liberty *lib = NULL;
  if (!c->liberty && !catalogue_read(s->mem, NULL, &known, d))
    return false;
  double exact = INFINITY;
  bool given = false;
  for (size_t i = 0; i < c->mul_count; i++)
    given |= c->cost[i] > 0;
  for (size_t i = 0; i < c->mul_count; i++) {
    price[i] = c->cost[i];
    if (given && !(price[i] > 0))
      return diag_error(d, "%s: `explore: {cost: ...}` is there for some multipliers; `%s` has none", c->file,
                        c->mul_keys[i]);
    if (!given && !(by_name(c, i) && in_catalogue(&known, c->muls[i]->name, which, &price[i])) &&
        !measure_now(s->mem, c, c->muls[i], c->mul_keys[i], which, &lib, &price[i], d))
      return false;
    if (c->muls[i]->exact)
      exact = fmin(exact, price[i]);
  }
  if (!isfinite(exact)) {
    mul_sig sig = c->muls[0]->sig;
    const char *sign = sig.a_signed ? (sig.b_signed ? "s" : "su") : sig.b_signed ? "us" : "u";
    const char *name = sig.a_bits == sig.b_bits ? arena_printf(s->mem, "exact%d%s", sig.a_bits, sign)
                                                : arena_printf(s->mem, "exact%dx%d%s", sig.a_bits, sig.b_bits, sign);
    const mul *m = given ? NULL : mul_make(s->mem, name, d);
    if (given)
      return diag_error(d, "%s: none of the multipliers is exact, so `cost` is relative to nothing: add an exact one",
                        c->file);
    if (!m || (!in_catalogue(&known, name, which, &exact) && !measure_now(s->mem, c, m, name, which, &lib, &exact, d)))
      return false;
  }
  for (size_t i = 0; i < c->mul_count; i++)
    price[i] /= exact;
  return true;
}
