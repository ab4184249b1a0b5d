// SPDX-License-Identifier: Apache-2.0
//
// `target` of config.yaml: what is built, and each layer's folding.
#include "compiler/front/config_parts.h"

#include <string.h>

int config_layer(const config *c, const yaml *entry, diag *d) {
  int node = net_find(c->net, entry->key);
  if (node >= 0 && net_multiplies(&c->net->nodes[node]))
    return node;
  arena *mem = arena_new();
  const char **names = arena_new_array(mem, const char *, c->net->count);
  size_t n = 0;
  for (size_t i = 0; i < c->net->count; i++)
    if (net_multiplies(&c->net->nodes[i]))
      names[n++] = c->net->nodes[i].name;
  if (node >= 0)
    diag_at(d, entry->key_pos, "layer `%s` is a %s: it multiplies nothing; layers that do: %s", entry->key,
            net_op_name(c->net->nodes[node].op), strchr(yaml_suggest(mem, "", names, n), ':') + 2);
  else
    diag_at(d, entry->key_pos, "no layer `%s` in this network%s", entry->key, yaml_suggest(mem, entry->key, names, n));
  arena_free(mem);
  return -1;
}

// A divisor of `whole`, or an error that lists them.
static void read_divisor(const yaml *y, int64_t whole, const char *of, int *out, src_pos *pos, diag *d) {
  int64_t v;
  if (!y)
    return;
  *pos = y->pos;
  if (!yaml_int(y, 1, INT32_MAX, &v, d))
    return;
  if (whole % v == 0) {
    *out = (int)v;
    return;
  }
  str list = {0};
  int shown = 0;
  for (int64_t i = 1; i <= whole; i++)
    if (whole % i == 0 && shown++ < 48)
      str_printf(&list, "%s%lld", i > 1 ? ", " : "", (long long)i);
  diag_at(d, y->pos, "%s: %lld does not divide the %lld %s; possible: %s%s", y->key, (long long)v, (long long)whole, of,
          list.data, shown > 48 ? ", ..." : "");
  str_free(&list);
}

static void read_folding(config *c, const yaml *y, diag *d) {
  static const char *const known[] = {"pe", "simd", NULL};
  if (!yaml_is(y, YAML_MAP, d) || !c->net)
    return;
  for (const yaml *e = y->first; e; e = e->next) {
    int node = config_layer(c, e, d);
    if (node < 0 || !yaml_keys(e, "a folding", known, d))
      continue;
    const net_node *n = &c->net->nodes[node];
    folding *f = &c->fold[node];
    read_divisor(yaml_get(e, "pe"), n->shape.c, "filters", &f->pe, &f->pe_pos, d);
    read_divisor(yaml_get(e, "simd"), net_reduction(c->net, n), "multiplications of one output", &f->simd, &f->simd_pos,
                 d);
  }
}

void config_read_target(config *c, const yaml *y, diag *d) {
  static const char *const known[] = {"kind", "clock_ns", "folding", NULL};
  const char *kind;
  if (!yaml_is(y, YAML_MAP, d))
    return;
  const yaml *k = yaml_need(y, "kind", d);
  if (!k || !yaml_string(k, &kind, d))
    return;
  if (strcmp(kind, "dataflow") != 0) { // its other keys would be unknown too
    diag_at(d, k->pos, "unknown target `%.64s`; expected dataflow", kind);
    return;
  }
  c->target = TARGET_DATAFLOW;
  yaml_keys(y, "the dataflow target", known, d);
  const yaml *clock = yaml_get(y, "clock_ns"), *fold = yaml_get(y, "folding");
  double ns = c->clock_ns;
  if (clock && yaml_real(clock, &ns, d) && !(ns > 0 && ns <= 1e6))
    diag_at(d, clock->pos, "clock_ns: expected nanoseconds above 0, found `%s`", clock->text);
  c->clock_ns = ns;
  if (fold)
    read_folding(c, fold, d);
}
