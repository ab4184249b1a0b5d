// SPDX-License-Identifier: Apache-2.0
//
// The keys of `target: {kind: fgpu, ...}`: the tile's sizes, each PE's multiplier.
#include "compiler/config/reader.h"
#include "compiler/target/fgpu/fgpu.h"

#include <string.h>

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
static void read_pes(const config *c, const yaml *y, uint8_t *pe, diag *d) {
  if (!yaml_is(y, YAML_LIST, d) || !c->mul_count)
    return;
  if (y->count != FGPU_PES) {
    diag_at(d, y->pos, "%s: %d multiplier%s, expected %d: one for each PE", y->key, y->count, plural((size_t)y->count),
            FGPU_PES);
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

static void read_lids(arena *mem, const config *c, const yaml *y, fgpu_options *f, diag *d) {
  static const char *const names[FGPU_MAX_CVS] = {"cv0", "cv1", "cv2", "cv3", "cv4", "cv5", "cv6", "cv7"};
  const char *known[FGPU_MAX_CVS + 1] = {NULL};
  if (!yaml_is(y, YAML_MAP, d))
    return;
  if (!f->cvs) // not given: as many as are listed
    f->cvs = y->count < 1 ? 1 : y->count < FGPU_MAX_CVS ? y->count : FGPU_MAX_CVS;
  for (int i = 0; i < f->cvs; i++)
    known[i] = names[i];
  if (!yaml_keys(y, "lids", known, d))
    return;
  uint8_t(*lids)[FGPU_PES] = arena_calloc(mem, FGPU_MAX_CVS, sizeof *lids);
  for (int i = 0; i < f->cvs; i++) {
    const yaml *cv = yaml_need(y, names[i], d);
    if (cv)
      read_pes(c, cv, lids[i], d);
  }
  f->lids = (const uint8_t(*)[FGPU_PES])lids;
}

static const void *read_options(arena *mem, const config *c, const yaml *y, diag *d) {
  enum { SLOTS = 8, WINDOW = 64 }; // default; bytes of the scratchpad that each slot needs
  const yaml *cvs = yaml_get(y, "cvs");
  fgpu_options *f = arena_new_object(mem, fgpu_options);
  int64_t v;
  bool counted = !cvs || yaml_int(cvs, 1, FGPU_MAX_CVS, &v, d);
  if (cvs && counted)
    f->cvs = (int)v;
  read_power(yaml_get(y, "slots"), 2, 16, &f->slots, d);
  read_power(yaml_get(y, "cache_lines"), 8, 4096, &f->cache_lines, d);
  read_power(yaml_get(y, "local_bytes"), WINDOW * (f->slots ? f->slots : SLOTS), 65536, &f->local_bytes, d);
  if (yaml_get(y, "dot4"))
    yaml_bool(yaml_get(y, "dot4"), &f->dot4, d);
  if (yaml_get(y, "lids") && counted)
    read_lids(mem, c, yaml_get(y, "lids"), f, d);
  const yaml *goal = yaml_get(y, "goal");
  const char *text;
  if (goal && yaml_get(y, "lids"))
    diag_at(d, goal->pos, "`goal` says how LIDs are chosen, and `lids` gives them; only one of them can be");
  else if (goal && yaml_string(goal, &text, d)) {
    f->area_cycles = strcmp(text, "area_cycles") == 0;
    if (!f->area_cycles && strcmp(text, "cycles") != 0)
      diag_at(d, goal->pos, "expected cycles or area_cycles, found `%s`", text);
  }
  return f;
}

static const char *const REFUSED[] = {
    "adder", "the fgpu target adds exactly, in whatever order; approximate adders are for `kind: dataflow`",
    "accumulate", "the fgpu target's processing elements have one accumulator each, without a tree of adders", NULL};

const target_reader FGPU_READER = {.name = "fgpu",
                                   .keys =
                                       (const char *const[]){"kind", "name", "clock_ns", "cvs", "slots", "cache_lines",
                                                             "local_bytes", "dot4", "lids", "goal", NULL},
                                   .read = read_options,
                                   .refused = REFUSED};
