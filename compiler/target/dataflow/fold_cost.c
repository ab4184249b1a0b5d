// SPDX-License-Identifier: Apache-2.0
//
// What a folding costs, before there is a plan: a layer's stage as the plan would make it, as far as its blocks depend
// on it (stage_mvu_cost), with the figures of compiler/target/common/cost.h.
#include "compiler/target/dataflow/fold.h"
#include "compiler/target/dataflow/stage.h"

#include <string.h>

// The mean multiplier of a layer's weights; where nothing is assigned yet, the first that has the layer's widths.
static void layer_multipliers(const config *c, int node, const cost_multiplier *cost, fold_layer *l) {
  const net_node *n = &c->net->nodes[node];
  const assignment *as = c->assign && c->assign[node].level != ASSIGN_NONE ? &c->assign[node] : NULL;
  int64_t count = as ? as->count : 1;
  for (int64_t i = 0; i < count; i++) {
    size_t m = as ? as->mul[i] : 0;
    for (size_t k = 0; !as && k < c->mul_count; k++)
      if (c->muls[k] && c->muls[k]->sig.a_bits == l->stage.in_bits && c->muls[k]->sig.b_bits == n->weight_bits) {
        m = k;
        break;
      }
    if (m >= c->mul_count || !c->muls[m])
      continue;
    l->multiplier.area += cost[m].area / (double)count;
    l->multiplier.luts += cost[m].luts / (double)count;
    if (c->muls[m]->sig.p_bits > l->stage.prod_bits)
      l->stage.prod_bits = c->muls[m]->sig.p_bits;
    l->stage.prod_signed |= c->muls[m]->sig.p_signed;
  }
}

// Bits of the accumulators, were all products exact: close to what the plan finds, and found at once.
static int accumulator_bits(const network *net, const net_node *n, int64_t reduction) {
  net_quant q = net_input_quant(net, n);
  int64_t most = 0, largest = net_quant_hi(q);
  if (-net_quant_lo(q) > largest)
    largest = -net_quant_lo(q);
  for (int f = 0; f < n->shape.c; f++) {
    int64_t sum = n->bias[f] < 0 ? -(int64_t)n->bias[f] : n->bias[f];
    for (int64_t k = 0; k < reduction; k++) {
      int w = n->weight[f * reduction + k];
      sum += (w < 0 ? -w : w) * largest;
    }
    most = sum > most ? sum : most;
  }
  return bits_signed(-most, most);
}

static fold_layer layer(const config *c, int node, const folding *fold, const cost_multiplier *cost) {
  const network *net = c->net;
  const net_node *n = &net->nodes[node];
  fold_layer l = {.reduction = (int)net_reduction(net, n), .stage = stage_from_node(n, fold)};
  dataflow_stage *s = &l.stage;
  s->kind = DATAFLOW_MVU;
  s->in = net_input_shape(net, n);
  s->rounds = n->groups; // of one group each
  s->in_bits = net_input_quant(net, n).bits;
  s->weight_bits = n->weight_bits;
  s->weight_zero = n->weight_zero;
  s->out_bits = n->quant.bits;
  s->has_requant = !net_is_raw(net, n);
  s->shift = n->shift;
  s->carry_save = fold->accumulate == DATAFLOW_CARRY_SAVE;
  s->hold = fold->hold > 1 ? fold->hold : 1;
  s->acc_bits = accumulator_bits(net, n, l.reduction);
  uint16_t most = 1;
  for (int f = 0; s->has_requant && f < n->shape.c; f++)
    most = n->mult[f] > most ? n->mult[f] : most;
  s->mult_bits = bits_unsigned(most);
  layer_multipliers(c, node, cost, &l);
  if (!s->prod_bits)
    s->prod_bits = s->in_bits + s->weight_bits;
  if (s->load) {
    int loadable = stage_mvu_loadable_bits(l.reduction, s->prod_bits, s->prod_signed, s->in_bits, n->weight_zero);
    s->acc_bits = loadable > s->acc_bits ? loadable : s->acc_bits;
    s->mult_bits = requant_loadable_bits(s->mult_bits, s->acc_bits);
  }
  return l;
}

fold_layer *fold_layers(arena *mem, const config *c, const folding *fold) {
  cost_multiplier cost[CONFIG_MAX_MULS] = {{0}};
  cost_multipliers(mem, c, cost);
  fold_layer *l = arena_new_array(mem, fold_layer, c->net->count);
  for (size_t i = 0; i < c->net->count; i++)
    l[i] = net_multiplies(&c->net->nodes[i]) ? layer(c, (int)i, &fold[i], cost) : (fold_layer){0};
  return l;
}

int64_t fold_cycles(const fold_layer *l, int pe, int simd) {
  return (int64_t)l->stage.out.h * l->stage.out.w * (l->stage.out.c / pe) * (l->reduction / simd);
}

// As plan.c chooses the channels of a line buffer's word, the layer before left aside.
static int word_channels(const dataflow_stage *s, int least, int64_t cycles) {
  int w = least;
  while (w < s->in.c && (s->in.c % w || (int64_t)s->in.h * s->in.w * (s->in.c / w) * 10 > cycles * 9))
    w += least;
  return w;
}

fold_cost fold_cost_of(const fold_layer *l, int pe, int simd, int64_t cycles) {
  dataflow_stage s = l->stage;
  int groups = s.rounds, filters = s.out.c / groups;
  s.pe = pe;
  s.simd = simd;
  s.nf = s.out.c / pe;
  s.sf = l->reduction / simd;
  s.side = pe > filters ? pe / filters : 1;
  s.rounds = groups / s.side;
  s.block = dataflow_block_of(simd, s.in.c / groups, s.kh, s.kw);
  s.cycles = fold_cycles(l, pe, simd);
  s.out_lanes = s.has_requant ? requant_lanes(pe, s.sf) : pe;
  s.wch = word_channels(&s, dataflow_word_channels(&s), cycles);
  window_plan(&s);
  window_finish(&s);
  cost_multiplying muls = {
      .count = (double)pe * simd, .products = (double)pe * simd * (double)s.cycles, .held = s.hold};
  cost_part part = {.muls = &muls, .mul_count = 1};
  stage_mvu_cost(&s, &part.logic);
  cost_row row = cost_of_part(&part, &l->multiplier, (double)cycles, 0); // its energy is not looked at
  return (fold_cost){{muls.count, row.total_area, row.luts}};
}
