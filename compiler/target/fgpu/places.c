// SPDX-License-Identifier: Apache-2.0
//
// What a tile leaves open to a search. With `lids` its PEs are given, and any filter may run on any of them. Without, a
// place is a PE of a compute vector (all vectors alike), with one multiplier for all layers; each layer's filters are
// spread over the PEs evenly, so that it takes no more cycles than with one multiplier everywhere.
#include "compiler/target/fgpu/target.h"
#include "genlib/scope.h"

#include <string.h>

static bool has(const config *cfg, const fgpu_options *o, const mul *m) {
  int cvs = o->cvs ? o->cvs : 1;
  bool found = !o->lids;
  for (int i = 0; !found && i < cvs * FGPU_PES; i++) {
    const mul *lid = cfg->muls[o->lids[i / FGPU_PES][i % FGPU_PES]];
    found = !strcmp(lid->ident, m->ident) && mul_same_circuit(lid, m);
  }
  return found;
}

void fgpu_limits(const config *cfg, target_limits *out) {
  const fgpu_options *o = cfg->target_options;
  int pes = FGPU_PES * (o->cvs ? o->cvs : 1);
  *out = (target_limits){.finest = ASSIGN_KERNEL, .most = o->lids ? 0 : pes, .shared = !o->lids};
  for (int i = 0; o->lids && i < pes; i++)
    out->named |= (uint64_t)1 << o->lids[i / FGPU_PES][i % FGPU_PES];
  for (size_t k = 0; k < cfg->mul_count; k++) {
    const mul *m = cfg->muls[k];
    if (m->sig.a_bits <= 8 && m->sig.b_bits <= 8 && has(cfg, o, m))
      out->muls |= (uint64_t)1 << k;
  }
}

void fgpu_places(arena *mem, const config *cfg, int node, pricing_layer *out) {
  const fgpu_options *o = cfg->target_options;
  const net_node *n = &cfg->net->nodes[node];
  int filters = n->shape.c, teams = FGPU_PES * (o->lids && o->cvs ? o->cvs : 1);
  int32_t *filter = arena_new_array(mem, int32_t, (size_t)filters),
          *team = arena_new_array(mem, int32_t, (size_t)teams + 1);
  for (int f = 0; f < filters; f++)
    filter[f] = f;
  for (int t = 0; t <= teams; t++)
    team[t] = (int32_t)((int64_t)t * filters / teams);
  *out = (pricing_layer){.node = node,
                         .parts = 1,
                         .teams = teams,
                         .part = arena_new_array(mem, int32_t, (size_t)net_reduction(cfg->net, n)),
                         .filter = filter,
                         .team = team,
                         .open = true};
}
