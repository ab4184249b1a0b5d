// SPDX-License-Identifier: Apache-2.0
//
// `target` of config.yaml: what is built; each layer's folding, each PE's multiplier.
#include "compiler/config/config_parts.h"

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

static void read_clock(config *c, const yaml *clock, diag *d) {
  double ns = c->clock_ns;
  if (clock && yaml_real(clock, &ns, d) && !(ns > 0 && ns <= 1e6))
    diag_at(d, clock->pos, "clock_ns: expected nanoseconds above 0, found `%s`", clock->text);
  c->clock_ns = ns;
}

static void read_dataflow(config *c, const yaml *y, diag *d) {
  static const char *const known[] = {"kind", "clock_ns", "folding", NULL};
  c->target = TARGET_DATAFLOW;
  yaml_keys(y, "the dataflow target", known, d);
  read_clock(c, yaml_get(y, "clock_ns"), d);
  if (yaml_get(y, "folding"))
    read_folding(c, yaml_get(y, "folding"), d);
}

// ---- fgpu ---------------------------------------------------------------------------------------------------------
// A power of two; left alone when the key is not there.
static void read_power(const yaml *y, int lo, int hi, int *out, diag *d) {
  int64_t v;
  if (!y || !yaml_int(y, lo, hi, &v, d))
    return;
  if (v & (v - 1))
    diag_at(d, y->pos, "%s: expected a power of two from %d to %d, found %lld", y->key, lo, hi, (long long)v);
  else
    *out = (int)v;
}

// The multipliers of one CV's PEs.
static void read_pes(config *c, const yaml *y, uint8_t *pe, diag *d) {
  if (!yaml_is(y, YAML_LIST, d) || !c->mul_count)
    return;
  if (y->count != TARGET_PES) {
    diag_at(d, y->pos, "%s: %d multiplier%s, expected %d: one for each PE", y->key, y->count, y->count == 1 ? "" : "s",
            TARGET_PES);
    return;
  }
  for (const yaml *e = y->first; e; e = e->next, pe++) {
    int i = config_mul(c, e, d);
    if (i < 0)
      continue;
    const mul *m = c->muls[i]; // NULL: reported already
    if (m && (m->sig.a_bits > 8 || m->sig.b_bits > 8))
      diag_at(d, e->pos, "multiplier %s is %d x %d bits; a PE takes 8 x 8", m->name, m->sig.a_bits, m->sig.b_bits);
    *pe = (uint8_t)i;
  }
}

static void read_lids(config *c, const yaml *y, diag *d) {
  static const char *const names[TARGET_CVS] = {"cv0", "cv1", "cv2", "cv3", "cv4", "cv5", "cv6", "cv7"};
  const char *known[TARGET_CVS + 1] = {NULL};
  if (!yaml_is(y, YAML_MAP, d))
    return;
  target_fgpu *f = &c->fgpu;
  if (!f->cvs) // not given: as many as are listed
    f->cvs = y->count < 1 ? 1 : y->count < TARGET_CVS ? y->count : TARGET_CVS;
  for (int i = 0; i < f->cvs; i++)
    known[i] = names[i];
  if (!yaml_keys(y, "lids", known, d))
    return;
  f->has_lids = true;
  for (int i = 0; i < f->cvs; i++) {
    const yaml *cv = yaml_need(y, names[i], d);
    if (cv)
      read_pes(c, cv, f->lids[i], d);
  }
}

static void read_fgpu(config *c, const yaml *y, diag *d) {
  static const char *const known[] = {"kind",        "clock_ns", "cvs",  "slots", "cache_lines",
                                      "local_bytes", "dot4",     "lids", "goal",  NULL};
  enum { SLOTS = 8, WINDOW = 64 }; // default; bytes of the scratchpad that each slot needs
  const yaml *cvs = yaml_get(y, "cvs");
  target_fgpu *f = &c->fgpu;
  int64_t v;
  c->target = TARGET_FGPU;
  yaml_keys(y, "the fgpu target", known, d);
  read_clock(c, yaml_get(y, "clock_ns"), d);
  bool counted = !cvs || yaml_int(cvs, 1, TARGET_CVS, &v, d);
  if (cvs && counted)
    f->cvs = (int)v;
  read_power(yaml_get(y, "slots"), 2, 16, &f->slots, d);
  read_power(yaml_get(y, "cache_lines"), 8, 4096, &f->cache_lines, d);
  read_power(yaml_get(y, "local_bytes"), WINDOW * (f->slots ? f->slots : SLOTS), 65536, &f->local_bytes, d);
  if (yaml_get(y, "dot4"))
    yaml_bool(yaml_get(y, "dot4"), &f->dot4, d);
  if (yaml_get(y, "lids") && counted)
    read_lids(c, yaml_get(y, "lids"), d);
  const yaml *goal = yaml_get(y, "goal");
  const char *text;
  if (goal && yaml_get(y, "lids"))
    diag_at(d, goal->pos, "`goal` says how LIDs are chosen, and `lids` gives them; only one of them can be");
  else if (goal && yaml_string(goal, &text, d)) {
    f->area_cycles = strcmp(text, "area_cycles") == 0;
    if (!f->area_cycles && strcmp(text, "cycles") != 0)
      diag_at(d, goal->pos, "expected cycles or area_cycles, found `%s`", text);
  }
}

void config_read_target(config *c, const yaml *y, diag *d) {
  const char *kind;
  if (!yaml_is(y, YAML_MAP, d))
    return;
  const yaml *k = yaml_need(y, "kind", d);
  if (!k || !yaml_string(k, &kind, d))
    return;
  if (strcmp(kind, "dataflow") == 0)
    read_dataflow(c, y, d);
  else if (strcmp(kind, "fgpu") == 0)
    read_fgpu(c, y, d);
  else // its other keys would be unknown too
    diag_at(d, k->pos, "unknown target `%.64s`; expected dataflow or fgpu", kind);
}
