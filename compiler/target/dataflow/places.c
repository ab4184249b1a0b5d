// SPDX-License-Identifier: Apache-2.0
//
// Which multiplier of a folded layer a weight comes to: lane by lane as the schedule brings the window's elements, and
// F / PE filters to a processing element.
#include "compiler/target/dataflow/fold.h"

const folding *dataflow_folding(const config *cfg, int node) {
  return &((const dataflow_options *)cfg->target_options)->layers[node];
}

void dataflow_places(arena *mem, const config *cfg, int node, pricing_layer *out) {
  const net_node *n = &cfg->net->nodes[node];
  const folding *fold = dataflow_folding(cfg, node);
  int channels = net_input_shape(cfg->net, n).c / n->groups, each = n->shape.c / fold->pe;
  dataflow_block b = dataflow_block_of(fold->simd, channels, n->kh, n->kw);
  int32_t *part = arena_new_array(mem, int32_t, (size_t)net_reduction(cfg->net, n)), *at = part,
          *filter = arena_new_array(mem, int32_t, (size_t)n->shape.c),
          *team = arena_new_array(mem, int32_t, (size_t)fold->pe + 1);
  for (int c = 0; c < channels; c++) // as dataflow_window_element does it the other way round
    for (int ky = 0; ky < n->kh; ky++)
      for (int kx = 0; kx < n->kw; kx++)
        *at++ = (ky % b.th * b.tw + kx % b.tw) * b.g + c % b.g;
  for (int t = 0; t < fold->pe; t++) // as filters come to PEs: f mod pe
    for (int i = 0; i < each; i++)
      filter[t * each + i] = i * fold->pe + t;
  for (int t = 0; t <= fold->pe; t++)
    team[t] = t * each;
  *out = (pricing_layer){.node = node,
                         .parts = fold->simd,
                         .teams = fold->pe,
                         .part = part,
                         .filter = filter,
                         .team = team,
                         .open = n->groups == 1}; // groups keep their places
}

const int32_t *dataflow_weight_places(arena *mem, const config *cfg, int node, int size[2]) {
  pricing_layer l;
  dataflow_places(mem, cfg, node, &l);
  int64_t reduction = net_reduction(cfg->net, &cfg->net->nodes[node]), filters = cfg->net->nodes[node].shape.c;
  int32_t *place = arena_new_array(mem, int32_t, (size_t)(filters * reduction));
  for (int64_t f = 0; f < filters; f++)
    for (int64_t i = 0; i < reduction; i++)
      place[f * reduction + i] = (int32_t)(f % l.teams) * l.parts + l.part[i];
  size[0] = l.teams, size[1] = l.parts;
  return place;
}
