// SPDX-License-Identifier: Apache-2.0
#include "compiler/cli/explore.h"
#include "compiler/explore/evaluator.h"
#include "compiler/net/fit.h"
#include "genlib/measure/measure.h"

#include <math.h>
#include <string.h>

const char *const VERB_FIGURE_NAMES[VERB_FIGURES] = {
    [VERB_ENERGY] = "energy", [VERB_AREA] = "area", [VERB_DELAY] = "delay"};
const char *verb_explore_priced(const explore_job *j) { return j->design ? "design" : "multipliers"; }

bool verb_explore_seeks(const explore_job *j, verb_figure figure) {
  bool any = false;
  for (int f = 0; f < j->o.figures; f++)
    any |= j->figure[f] == figure;
  return any;
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
  if (!measure_multiplier(mem, m, *lib, "realistic", 1, &of, d))
    return false;
  *out = figure == CATALOGUE_AREA ? of.synth.area : of.energy[0].energy;
  return true;
}

// What is looked up and measured with.
typedef struct {
  const session *s;
  const char *figure;
  catalogue known;
  const liberty *lib; // NULL: not needed yet
} pricer;

// `name`: in the catalogue; NULL: not there. `key`: the config's.
static bool price_of(pricer *p, const mul *m, const char *name, const char *key, double *out, diag *d) {
  catalogue_figure figure = !strcmp(p->figure, "area") ? CATALOGUE_AREA : CATALOGUE_REALISTIC;
  const catalogue_entry *e = name ? catalogue_find(&p->known, name, NULL) : NULL;
  if (!e)
    return measure_now(p->s->mem, p->s->cfg, m, key, figure, &p->lib, out, d);
  *out = e->figure[figure];
  return true;
}

static bool price_published(const config *c, bool area, double *price, diag *d) {
  for (size_t i = 0; i < c->mul_count; i++) {
    const measure_published *p = session_own_multiplier(c, i) ? measure_published_of(c->muls[i]->name) : NULL;
    if (!p)
      return diag_error(d,
                        "%s: `explore: {cost: published}`: no published figures of `%s` are known, only of some of "
                        "EvoApproxLib's mul8s_*",
                        c->file, c->mul_keys[i]);
    price[i] = area ? p->area : p->power;
  }
  return true;
}

static bool price_all(pricer *p, bool given, double *price, diag *d) {
  const config *c = p->s->cfg;
  for (size_t i = 0; i < c->mul_count; i++) {
    price[i] = c->cost[i];
    if (given && !(price[i] > 0))
      return diag_error(d, "%s: `explore: {cost: ...}` is there for some multipliers; `%s` has none", c->file,
                        c->mul_keys[i]);
    const char *name = session_own_multiplier(c, i) ? c->muls[i]->name : NULL;
    if (!given && !price_of(p, c->muls[i], name, c->mul_keys[i], &price[i], d))
      return false;
  }
  return true;
}

// axgen's own exact multiplier of a layer's widths.
static const char *exact_name(arena *mem, const network *net, const net_node *n) {
  net_quant a = net_input_quant(net, n);
  const char *sign = a.is_signed ? (n->weight_signed ? "s" : "su") : n->weight_signed ? "us" : "u";
  return a.bits == n->weight_bits ? arena_printf(mem, "exact%d%s", a.bits, sign)
                                  : arena_printf(mem, "exact%dx%d%s", a.bits, n->weight_bits, sign);
}

// What node i's layer costs a multiplication when it is exact. Layers of the widths of one before it share its price.
static bool price_exact(pricer *p, int i, bool given, const double *price, const char **names, double *exact, diag *d) {
  const config *c = p->s->cfg;
  const net_node *n = &c->net->nodes[i];
  exact[i] = INFINITY;
  for (size_t k = 0; k < c->mul_count; k++)
    if (c->muls[k]->exact && net_fits(c->net, n, c->muls[k]))
      exact[i] = fmin(exact[i], price[k]);
  if (isfinite(exact[i]))
    return true;
  if (given)
    return diag_error(d,
                      "%s: none of the multipliers that layer `%s` takes is exact, so its `cost` is relative to "
                      "nothing: add an exact one",
                      c->file, n->name);
  names[i] = exact_name(p->s->mem, c->net, n);
  for (int before = 0; before < i; before++)
    if (names[before] && !strcmp(names[before], names[i])) {
      exact[i] = exact[before];
      return true;
    }
  const mul *m = mul_make(p->s->mem, names[i], d);
  return m && price_of(p, m, names[i], names[i], &exact[i], d);
}

bool verb_explore_prices(const session *s, const char *figure, double *price, double *exact, diag *d) {
  const config *c = s->cfg;
  pricer p = {.s = s, .figure = figure};
  if (!c->liberty && !catalogue_read(s->mem, NULL, &p.known, d))
    return false;
  bool given = false;
  for (size_t i = 0; i < c->mul_count; i++)
    given |= c->cost[i] > 0;
  if (c->published ? !price_published(c, !strcmp(figure, "area"), price, d) : !price_all(&p, given, price, d))
    return false;
  given |= c->published;
  const char **names = arena_new_array(s->mem, const char *, c->net->count);
  for (int i = 0; i < (int)c->net->count; i++)
    if (net_multiplies(&c->net->nodes[i]) && !price_exact(&p, i, given, price, names, exact, d))
      return false;
  return true;
}
