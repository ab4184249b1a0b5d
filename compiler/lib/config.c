// SPDX-License-Identifier: Apache-2.0
#include "compiler/config/config.h"
#include "compiler/lib/lib.h"
#include "compiler/target/list.h"

struct axgen_config {
  int owners;
  arena *mem;
  config *c;
};

// Evaluators and operators add up exactly.
static bool sums_exactly(const config *c, diag *d) {
  const target *t = c->target ? target_of(c, d) : NULL;
  return !t || !t->approximates || !t->approximates(c) ||
         diag_error(d,
                    "%s: `adder`: the library computes with exact sums, only the program's eval has approximate adders "
                    "(from here: axgen_run)",
                    c->file);
}

axgen_config *axgen_config_read(const char *path, axgen_error **error) {
  progress_watcher w, *before = lib_watch(&w, NULL);
  arena *mem = arena_new();
  diag d = {0};
  config *c = NULL;
  axgen_config *out = NULL;
  if (lib_given(path, "the configuration's path", &d) &&
      config_read(mem, arena_strdup(mem, path), TARGET_READERS, &c, &d) && sums_exactly(c, &d)) {
    out = arena_new_object(mem, axgen_config);
    *out = (axgen_config){1, mem, c};
  } else
    arena_free(mem);
  lib_unwatch(before);
  lib_end(out != NULL, &d, &w, error);
  return out;
}

void axgen_config_free(axgen_config *c) {
  if (c && lib_disown(&c->owners))
    arena_free(c->mem);
}

// For a handle of something that it has.
static axgen_config *shared(const axgen_config *c) {
  axgen_config *own = (axgen_config *)(uintptr_t)c;
  lib_own(&own->owners);
  return own;
}

axgen_net *axgen_config_net(const axgen_config *c) {
  arena *mem = arena_new();
  axgen_net *out = arena_new_object(mem, axgen_net);
  *out = (axgen_net){1, mem, c->c->net, NULL, shared(c)};
  return out;
}

size_t axgen_config_muls(const axgen_config *c) { return c->c->mul_count; }

axgen_mul *axgen_config_mul(const axgen_config *c, size_t number) {
  if (number >= c->c->mul_count)
    return NULL;
  arena *mem = arena_new();
  axgen_mul *out = arena_new_object(mem, axgen_mul);
  *out = (axgen_mul){1, mem, c->c->muls[number], shared(c)};
  return out;
}

axgen_level axgen_config_assignment(const axgen_config *c, size_t layer, const uint8_t **mul, size_t *units) {
  *mul = NULL;
  *units = 0;
  if (layer >= c->c->net->count || !c->c->has_assignment || !net_multiplies(&c->c->net->nodes[layer]))
    return (axgen_level)0;
  const assignment *a = &c->c->assign[layer];
  *mul = a->mul;
  *units = (size_t)a->count;
  return (axgen_level)a->level;
}
