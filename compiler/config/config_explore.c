// SPDX-License-Identifier: Apache-2.0
//
// `explore` of config.yaml: what `axgen explore` needs beside the candidates and the validation images.
#include "compiler/config/config_parts.h"
#include "compiler/net/fit.h"

#include <math.h>
#include <string.h>

static void read_frozen(config *c, const yaml *y, diag *d) {
  if (!yaml_is(y, YAML_MAP, d))
    return;
  for (const yaml *e = y->first; e; e = e->next) {
    int node = config_layer(c, e, d), which = config_mul(c, e, d);
    if (node < 0 || which < 0 || !c->muls[which])
      continue;
    if (net_check_fit(c->net, &c->net->nodes[node], c->muls[which], c->mul_keys[which], e->pos, d))
      c->frozen[node] = which;
  }
}

static void read_costs(config *c, const yaml *y, diag *d) {
  c->published = y->kind == YAML_SCALAR && !strcmp(y->text, "published");
  if (c->published)
    return;
  if (y->kind == YAML_SCALAR) {
    diag_at(d, y->pos, "expected `published`, or what a multiplication costs with each multiplier: {KEY: NUMBER, ...}");
    return;
  }
  if (!yaml_is(y, YAML_MAP, d))
    return;
  for (const yaml *e = y->first; e; e = e->next) {
    size_t which = 0;
    while (which < c->mul_count && strcmp(c->mul_keys[which], e->key) != 0)
      which++;
    double cost;
    if (which == c->mul_count)
      diag_at(d, e->key_pos, "`multipliers` has no `%.64s`", e->key);
    else if (yaml_real(e, &cost, d)) {
      if (isfinite(cost) && cost > 0)
        c->cost[which] = cost;
      else
        diag_at(d, e->pos, "expected what one multiplication costs, a number above 0");
    }
  }
}

void config_read_explore(arena *mem, config *c, const yaml *y, diag *d) {
  static const char *const known[] = {"calibration", "test", "freeze", "cost", NULL};
  if (!yaml_is(y, YAML_MAP, d))
    return;
  yaml_keys(y, "explore", known, d);
  c->has_explore = true;
  if (yaml_get(y, "calibration"))
    config_read_dataset(mem, c, yaml_get(y, "calibration"), "calibration", &c->calibration, d);
  if (yaml_get(y, "test"))
    config_read_dataset(mem, c, yaml_get(y, "test"), "test", &c->test, d);
  c->frozen = arena_new_array(mem, int, c->net ? c->net->count : 1);
  for (size_t i = 0; c->net && i < c->net->count; i++)
    c->frozen[i] = -1;
  if (yaml_get(y, "freeze") && c->net)
    read_frozen(c, yaml_get(y, "freeze"), d);
  if (yaml_get(y, "cost"))
    read_costs(c, yaml_get(y, "cost"), d);
}
