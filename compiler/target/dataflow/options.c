// SPDX-License-Identifier: Apache-2.0
//
// The keys of `target: {kind: dataflow, ...}`: each layer's folding, register slices.
#include "compiler/config/reader.h"
#include "compiler/target/dataflow/plan.h"

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

static void read_folding(const config *c, const yaml *y, folding *fold, diag *d) {
  static const char *const known[] = {"pe", "simd", NULL};
  if (!yaml_is(y, YAML_MAP, d) || !c->net)
    return;
  for (const yaml *e = y->first; e; e = e->next) {
    int node = config_layer(c, e, d);
    if (node < 0 || !yaml_keys(e, "a folding", known, d))
      continue;
    const net_node *n = &c->net->nodes[node];
    folding *f = &fold[node];
    read_divisor(yaml_get(e, "pe"), n->shape.c, "filters", &f->pe, &f->pe_pos, d);
    read_divisor(yaml_get(e, "simd"), net_reduction(c->net, n), "multiplications of one output", &f->simd, &f->simd_pos,
                 d);
  }
}

// true: behind every layer; or a list of layers.
static void read_pipeline(const config *c, const yaml *y, folding *fold, diag *d) {
  bool all = false;
  if (y->kind != YAML_LIST) {
    if (yaml_bool(y, &all, d))
      for (size_t i = 1; i < c->net->count; i++)
        fold[i].slice = all;
    return;
  }
  for (const yaml *e = y->first; e; e = e->next) {
    const char *name;
    if (!yaml_string(e, &name, d))
      continue;
    int node = net_find(c->net, name);
    if (node < 1)
      diag_at(d, e->pos, "pipeline: expected a layer of the network behind its input, found `%.64s`", name);
    else
      fold[node].slice = true;
  }
}

static const void *read_options(arena *mem, const config *c, const yaml *y, diag *d) {
  if (!c->net) // reported already
    return NULL;
  folding *fold = arena_new_array(mem, folding, c->net->count);
  for (size_t i = 0; i < c->net->count; i++)
    fold[i] = (folding){.pe = 1, .simd = 1};
  if (yaml_get(y, "folding"))
    read_folding(c, yaml_get(y, "folding"), fold, d);
  if (yaml_get(y, "pipeline"))
    read_pipeline(c, yaml_get(y, "pipeline"), fold, d);
  return fold;
}

const target_reader DATAFLOW_READER = {
    "dataflow", (const char *const[]){"kind", "name", "clock_ns", "folding", "pipeline", NULL}, read_options};
