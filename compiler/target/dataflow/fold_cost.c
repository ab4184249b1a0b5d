// SPDX-License-Identifier: Apache-2.0
//
// What a folding costs: closed forms over the sizes of a layer's parts, with constants that flows/folding-calibrate.sh
// finds from synthesised accelerators.
#include "compiler/target/dataflow/fold.h"
#include "compiler/target/dataflow/stage.h"
#include "genlib/measure/measure.h"

#include <string.h>

const char *const fold_size_name[FOLD_SIZES] = {"adder_bits",    "accumulator_bits", "requantiser_bits",
                                                "selector_bits", "register_bits",    "layers"};

// um2 in axgen45, and LUTs of UltraScale+ as Yosys counts them, for one of each size.
static const double AREA[FOLD_SIZES] = {6.52, 15.3, 6.26, 3.23, 5, 765};
static const double LUTS[FOLD_SIZES] = {0.774, 3.53, 0.155, 0.919, 0.3, 163};

// A multiplier that is not in the catalogue: by its gates, or, where it is only a table, by its widths.
typedef struct {
  double area, luts;
} part_cost;
static const part_cost PLAIN_GATE = {0.89, 0.36}, HALF_ADDER = {2.72, 0}, FULL_ADDER = {4.43, 2.2};
static const part_cost TABLE_BIT = {4.5, 2}; // for each bit of a times each bit of b: as an exact multiplier

static part_cost multiplier_cost(const catalogue *known, const mul *m) {
  part_cost c = {TABLE_BIT.area * m->sig.a_bits * m->sig.b_bits, TABLE_BIT.luts * m->sig.a_bits * m->sig.b_bits};
  if (m->net) {
    nl_statistics s = nl_stats(m->net);
    int half = s.count[GATE_HA], full = s.count[GATE_FA];
    int plain = s.gates - half - full - s.count[GATE_NOT] - s.count[GATE_BUF];
    c.area = PLAIN_GATE.area * plain + HALF_ADDER.area * half + FULL_ADDER.area * full;
    c.luts = PLAIN_GATE.luts * plain + HALF_ADDER.luts * half + FULL_ADDER.luts * full;
  }
  for (size_t i = 0; i < known->count; i++) {
    const catalogue_entry *e = &known->entries[i];
    if (strcmp(e->name, m->name) == 0 && e->figure[CATALOGUE_A_BITS] == m->sig.a_bits &&
        e->figure[CATALOGUE_B_BITS] == m->sig.b_bits)
      c.area = e->figure[CATALOGUE_AREA];
  }
  return c;
}

// The mean multiplier of a layer's weights; where nothing is assigned yet, the first that has the layer's widths.
static void layer_multipliers(const config *c, int node, const part_cost *cost, fold_layer *l, bool *prod_signed) {
  const net_node *n = &c->net->nodes[node];
  const assignment *as = c->assign && c->assign[node].level != ASSIGN_NONE ? &c->assign[node] : NULL;
  int64_t count = as ? as->count : 1;
  for (int64_t i = 0; i < count; i++) {
    size_t m = as ? as->mul[i] : 0;
    for (size_t k = 0; !as && k < c->mul_count; k++)
      if (c->muls[k] && c->muls[k]->sig.a_bits == l->in_bits && c->muls[k]->sig.b_bits == n->weight_bits) {
        m = k;
        break;
      }
    if (m >= c->mul_count || !c->muls[m])
      continue;
    l->mul_area += cost[m].area / (double)count;
    l->mul_luts += cost[m].luts / (double)count;
    if (c->muls[m]->sig.p_bits > l->prod_bits)
      l->prod_bits = c->muls[m]->sig.p_bits;
    *prod_signed |= c->muls[m]->sig.p_signed;
  }
}

// Bits of the accumulators, were all products exact: close to what the plan finds, and found at once.
static int accumulator_bits(const network *net, const net_node *n, int reduction) {
  net_quant q = net_input_quant(net, n);
  int64_t most = 0, largest = net_quant_hi(q);
  if (-net_quant_lo(q) > largest)
    largest = -net_quant_lo(q);
  for (int f = 0; f < n->shape.c; f++) {
    int64_t sum = n->bias[f] < 0 ? -(int64_t)n->bias[f] : n->bias[f];
    for (int k = 0; k < reduction; k++) {
      int w = n->weight[(int64_t)f * reduction + k];
      sum += (w < 0 ? -w : w) * largest;
    }
    most = sum > most ? sum : most;
  }
  return bits_signed(-most, most);
}

static fold_layer layer(const config *c, int node, const folding *fold, const part_cost *cost) {
  const network *net = c->net;
  const net_node *n = &net->nodes[node];
  fold_layer l = {.in = net_input_shape(net, n),
                  .out = n->shape,
                  .kh = n->kh,
                  .kw = n->kw,
                  .reduction = (int)net_reduction(net, n),
                  .in_bits = net_input_quant(net, n).bits,
                  .weight_bits = n->weight_bits,
                  .out_bits = n->quant.bits,
                  .requantised = !net_is_raw(net, n),
                  .weights = fold->weights,
                  .hold = fold->hold > 1 ? fold->hold : 1};
  bool prod_signed = false;
  l.channels = l.reduction / (l.kh * l.kw);
  l.filters = l.out.c / n->groups;
  l.acc_bits = accumulator_bits(net, n, l.reduction);
  uint16_t most = 1;
  for (int f = 0; l.requantised && f < n->shape.c; f++)
    most = n->mult[f] > most ? n->mult[f] : most;
  l.factor_bits = bits_unsigned(most);
  layer_multipliers(c, node, cost, &l, &prod_signed);
  if (!l.prod_bits)
    l.prod_bits = l.in_bits + l.weight_bits;
  if (l.weights == DATAFLOW_LOAD) {
    int loadable = stage_mvu_loadable_bits(l.reduction, l.prod_bits, prod_signed, l.in_bits, n->weight_zero);
    l.acc_bits = loadable > l.acc_bits ? loadable : l.acc_bits;
    l.factor_bits = requant_loadable_bits(l.factor_bits, l.acc_bits);
  }
  return l;
}

fold_layer *fold_layers(arena *mem, const config *c, const folding *fold) {
  catalogue known = {0};
  diag none = {0}; // without the catalogue gates tell
  if (!catalogue_read(mem, NULL, &known, &none))
    known.count = 0;
  diag_free(&none);
  part_cost cost[CONFIG_MAX_MULS] = {{0, 0}};
  for (size_t m = 0; m < c->mul_count; m++)
    if (c->muls[m])
      cost[m] = multiplier_cost(&known, c->muls[m]);
  fold_layer *l = arena_new_array(mem, fold_layer, c->net->count);
  for (size_t i = 0; i < c->net->count; i++)
    l[i] = net_multiplies(&c->net->nodes[i]) ? layer(c, (int)i, &fold[i], cost) : (fold_layer){0};
  return l;
}

int64_t fold_cycles(const fold_layer *l, int pe, int simd) {
  return (int64_t)l->out.h * l->out.w * (l->out.c / pe) * (l->reduction / simd);
}

// Bits of all adders of a tree over n products, and of its sum.
static int tree_bits(int n, int width, int *sum) {
  int bits = 0;
  for (; n > 1; n = n / 2 + n % 2) {
    bits += n / 2 * (width + 1);
    width++;
  }
  *sum = width;
  return bits;
}

// Selectors of a rotation by any of n places.
static int rotation(int n) { return n > 1 ? bits_unsigned((uint64_t)n - 1) : 0; }

// As plan.c chooses the channels of a line buffer's word, the layer before left aside.
static int word_channels(const fold_layer *l, int least, int64_t cycles) {
  int w = least;
  while (w < l->in.c && (l->in.c % w || (int64_t)l->in.h * l->in.w * (l->in.c / w) * 10 > cycles * 9))
    w += least;
  return w;
}

static void sizes_of(const fold_layer *l, int pe, int simd, int64_t cycles, double s[FOLD_SIZES]) {
  int sum_bits, sf = l->reduction / simd, tree = tree_bits(simd, l->prod_bits, &sum_bits);
  dataflow_block b = dataflow_block_of(simd, l->channels, l->kh, l->kw);
  int side = pe > l->filters ? pe / l->filters : 1, g = b.g * side;
  int word = word_channels(l, g, cycles), taps = b.th * b.tw;
  int lanes = l->requantised ? requant_lanes(pe, sf) : 0;
  bool shared = l->requantised && lanes != pe;
  s[FOLD_ADDERS] = (double)pe * tree;
  s[FOLD_ACCUMULATORS] = (double)pe * l->acc_bits;
  s[FOLD_REQUANTISERS] = (double)lanes * l->acc_bits * l->factor_bits;
  s[FOLD_SELECTORS] = (double)taps * word * l->in_bits * rotation(word / g) +
                      (double)taps * g * l->in_bits * (rotation(b.th) + rotation(b.tw)) +
                      (shared ? (double)pe * l->acc_bits : 0);
  s[FOLD_REGISTERS] = (double)taps * word * l->in_bits + (double)side * simd * l->in_bits +
                      (double)pe * (simd * (l->weight_bits + l->prod_bits) + sum_bits + 2 * l->acc_bits) +
                      (double)lanes * (l->acc_bits + 2 * l->factor_bits + l->out_bits) +
                      (shared ? (double)pe * l->acc_bits : 0);
  s[FOLD_LAYER] = 1;
}

// What fills memories: for each of them an axgen_load, whose registers are those of a beat, of the write port and of
// its counters.
static void add_loaders(const fold_layer *l, int pe, int simd, double s[FOLD_SIZES]) {
  int nf = l->out.c / pe, sf = l->reduction / simd, lanes = l->requantised ? requant_lanes(pe, sf) : 0;
  const struct {
    int64_t width, depth;
  } memories[] = {{(int64_t)pe * simd * l->weight_bits, (int64_t)nf * sf},
                  {(int64_t)pe * l->acc_bits, nf},
                  {(int64_t)lanes * l->factor_bits, lanes ? l->out.c / lanes : 0}};
  for (size_t i = 0; i < BASE_COUNT(memories) && memories[i].depth; i++) {
    double words = (double)div_ceil(memories[i].width, 32);
    int counters = bits_unsigned((uint64_t)memories[i].depth - 1) + bits_unsigned((uint64_t)words - 1);
    s[FOLD_REGISTERS] += 35 + words + 2 * counters;
    s[FOLD_ADDERS] += counters;
    s[FOLD_SELECTORS] += words;
  }
}

// Where weights are streamed: two words in the port's register slice, and the counter of a pass.
static void add_port(const fold_layer *l, int pe, int simd, double s[FOLD_SIZES]) {
  double word = (double)pe * simd * l->weight_bits;
  int counter = bits_unsigned((uint64_t)(l->out.c / pe) * (uint64_t)(l->reduction / simd) - 1);
  s[FOLD_REGISTERS] += 2 * word + counter;
  s[FOLD_SELECTORS] += word;
  s[FOLD_ADDERS] += counter;
}

// With partial sums of several pixels: they or the last one's own, counters of pixels, and axgen_transpose's addresses;
// and the words that are read of both memories.
static void add_hold(const fold_layer *l, int pe, double s[FOLD_SIZES]) {
  int nf = l->out.c / pe, pixels = l->hold * (nf > 1 ? 2 : 1);
  int pixel = bits_unsigned((uint64_t)l->hold - 1), address = bits_unsigned((uint64_t)pixels * (uint64_t)nf - 1);
  s[FOLD_SELECTORS] += (double)pe * l->acc_bits + 4 * address;
  s[FOLD_REGISTERS] += 2.0 * pe * l->acc_bits + 4 * pixel + 3 * address + 2 * bits_unsigned((uint64_t)pixels);
  s[FOLD_ADDERS] += 2 * pixel + 4 * address + 2 * bits_unsigned((uint64_t)pixels);
}

fold_cost fold_cost_of(const fold_layer *l, int pe, int simd, int64_t cycles, double sizes[FOLD_SIZES]) {
  double count = (double)pe * simd;
  fold_cost c = {{count, count * l->mul_area, count * l->mul_luts}};
  sizes_of(l, pe, simd, cycles, sizes);
  if (l->weights == DATAFLOW_LOAD)
    add_loaders(l, pe, simd, sizes);
  if (l->weights == DATAFLOW_STREAM)
    add_port(l, pe, simd, sizes);
  if (l->hold > 1)
    add_hold(l, pe, sizes);
  for (int k = 0; k < FOLD_SIZES; k++) {
    c.of[FOLD_AREA] += AREA[k] * sizes[k];
    c.of[FOLD_LUTS] += LUTS[k] * sizes[k];
  }
  return c;
}
