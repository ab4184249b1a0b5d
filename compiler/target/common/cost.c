// SPDX-License-Identifier: Apache-2.0
#include "compiler/target/common/cost.h"
#include "compiler/target/common/cost_figures.h"

#include <math.h>
#include <string.h>

const char *const cost_block_name[COST_BLOCK_COUNT] = {
#define X(id, name) name,
    COST_BLOCKS(X)
#undef X
};
const char *const cost_path_name[COST_PATH_COUNT] = {
#define X(id, name) name,
    COST_PATHS(X)
#undef X
};

// ---- counting ------------------------------------------------------------------------------------------------------
void cost_add(cost_logic *l, synth_kind kind, cost_block block, double size, double uses) {
  l->kind[kind].size[block] += size;
  l->kind[kind].work[block] += size * uses;
  l->kind[kind].following[block] += size * uses * l->follows;
}

void cost_work_alone(cost_logic *l, synth_kind kind, cost_block block, double uses) {
  l->kind[kind].work[block] += uses;
}

void cost_register(cost_logic *l, synth_kind kind, double bits, double uses) {
  cost_add(l, SYNTH_REGISTERS, COST_FLIP_FLOP, bits, uses);
  cost_add(l, kind, COST_HELD, bits, uses);
}

int cost_bits(int64_t n) { return n > 1 ? bits_unsigned((uint64_t)n - 1) : 0; }

void cost_counter(cost_logic *l, synth_kind kind, int64_t n, double uses) {
  cost_add(l, SYNTH_REGISTERS, COST_FLIP_FLOP, cost_bits(n), uses);
  cost_add(l, kind, COST_COUNT, cost_bits(n), uses);
}

void cost_longest(cost_logic *l, cost_path path, double bits) {
  if (bits > l->path[path])
    l->path[path] = bits;
}

void cost_enable(cost_logic *l, double flip_flops) { cost_longest(l, COST_PATH_CONTROL, log2(fmax(flip_flops, 2))); }

void cost_from_graph(arena *mem, const graph *g, cost_counts *out) {
  *out = (cost_counts){.unit = g->unit, .kinds = g->kinds, .count = g->part_count};
  out->parts = arena_new_array(mem, cost_part, g->part_count);
  out->memories = arena_new_array(mem, synth_layer, g->part_count);
  for (size_t i = 0; i < g->part_count; i++)
    out->parts[i].name = out->memories[i].name = g->parts[i].name;
}

void cost_add_memory(arena *mem, cost_counts *out, size_t part, synth_memory m) {
  synth_layer *l = &out->memories[part];
  for (size_t i = 0; i < l->memory_count; i++)
    if (l->memories[i].role == m.role && l->memories[i].width == m.width && l->memories[i].depth == m.depth) {
      l->memories[i].count += m.count;
      return;
    }
  arena_grow(mem, l->memories, l->memory_count, l->memory_cap);
  l->memories[l->memory_count++] = m;
}

void cost_add_multipliers(arena *mem, cost_part *part, cost_multiplying m) {
  arena_grow(mem, part->muls, part->mul_count, part->mul_cap);
  part->muls[part->mul_count++] = m;
}

// ---- one multiplier ------------------------------------------------------------------------------------------------
// One that is not in the catalogue: by its gates, or, where it is only a table, by its widths as an exact one. For each
// gate, for each bit of a times each bit of b: um2, LUTs, fJ.
typedef struct {
  double area, luts, energy;
} gate_cost;
static const gate_cost PLAIN_GATE = {0.89, 0.36, 0.9}, HALF_ADDER = {2.72, 0, 3}, FULL_ADDER = {4.43, 2.2, 4.5};
static const gate_cost TABLE_BIT = {4.5, 2, 3.8};

static void by_gates(const mul *m, cost_multiplier *c) {
  double bits = m->sig.a_bits * m->sig.b_bits;
  *c = (cost_multiplier){
      .area = TABLE_BIT.area * bits, .luts = TABLE_BIT.luts * bits, .energy = TABLE_BIT.energy * bits, .delay = 1.1};
  if (m->net) {
    nl_statistics s = nl_stats(m->net);
    double half = s.count[GATE_HA], full = s.count[GATE_FA];
    double plain = s.gates - half - full - s.count[GATE_NOT] - s.count[GATE_BUF];
    c->area = PLAIN_GATE.area * plain + HALF_ADDER.area * half + FULL_ADDER.area * full;
    c->luts = PLAIN_GATE.luts * plain + HALF_ADDER.luts * half + FULL_ADDER.luts * full;
    c->energy = PLAIN_GATE.energy * plain + HALF_ADDER.energy * half + FULL_ADDER.energy * full;
  }
  c->held = 0.7 * c->energy;
  c->uniform = 1.7 * c->energy;
}

static void from_catalogue(const catalogue *known, const mul *m, cost_multiplier *c) {
  const catalogue_entry *e = catalogue_find(known, m->name, NULL);
  if (e && e->figure[CATALOGUE_A_BITS] == m->sig.a_bits && e->figure[CATALOGUE_B_BITS] == m->sig.b_bits)
    *c = (cost_multiplier){.measured = true,
                           .area = e->figure[CATALOGUE_AREA],
                           .luts = c->luts,
                           .energy = e->figure[CATALOGUE_REALISTIC],
                           .uniform = e->figure[CATALOGUE_ENERGY],
                           .held = e->figure[CATALOGUE_HELD],
                           .delay = e->figure[CATALOGUE_DELAY],
                           .leakage = e->figure[CATALOGUE_LEAKAGE]};
}

// Bits that change from a product to the next under realistic operands, against those of exact products.
static double activity_of(arena *mem, const mul *m) {
  enum { OPERATIONS = 1000 };
  measure_stream s;
  diag none = {0};
  uint32_t a[OPERATIONS], b[OPERATIONS];
  int64_t product[OPERATIONS];
  bool ok = !m->exact && measure_operands(mem, m->sig, "realistic", 1, OPERATIONS, &s, &none);
  diag_free(&none);
  if (!ok)
    return 1;
  for (size_t i = 0; i < OPERATIONS; i++)
    a[i] = s.a[i], b[i] = s.b[i];
  mul_products(m, a, b, OPERATIONS, product);
  uint64_t all = ((uint64_t)1 << (m->sig.a_bits + m->sig.b_bits)) - 1, before = 0, exact_before = 0;
  double toggles = 0, exact_toggles = 0;
  for (size_t i = 0; i < OPERATIONS; i++) {
    int64_t of_exact =
        (int64_t)mul_value(a[i], m->sig.a_bits, m->sig.a_signed) * mul_value(b[i], m->sig.b_bits, m->sig.b_signed);
    uint64_t now = (uint64_t)product[i] & all, exact = (uint64_t)of_exact & all;
    toggles += __builtin_popcountll(now ^ before), exact_toggles += __builtin_popcountll(exact ^ exact_before);
    before = now, exact_before = exact;
  }
  return exact_toggles > 0 ? toggles / exact_toggles : 1;
}

void cost_multipliers(arena *mem, const config *c, cost_multiplier *cost) {
  catalogue known = {0};
  diag none = {0}; // without the catalogue gates tell
  if (!catalogue_read(mem, NULL, &known, &none))
    known.count = 0;
  diag_free(&none);
  for (size_t i = 0; i < c->mul_count; i++)
    if (c->muls[i]) {
      by_gates(c->muls[i], &cost[i]);
      from_catalogue(&known, c->muls[i], &cost[i]);
      cost[i].activity = activity_of(mem, c->muls[i]);
      const measure_published *published = measure_published_of(c->muls[i]->name);
      cost[i].published_power = published ? published->power : NAN;
      cost[i].published_area = published ? published->area : NAN;
    }
}

// ---- what it costs -------------------------------------------------------------------------------------------------
// A weight that stays for h of 32 multiplications takes its part of what holding saves.
static double operation(const cost_multiplier *m, double held) {
  double saved = (1 - 1 / held) / (1 - 1.0 / MEASURE_HOLD);
  return m->energy + (m->held - m->energy) * saved;
}

static void add_multipliers(const cost_part *part, const cost_multiplier *muls, cost_row *row) {
  for (size_t i = 0; i < part->mul_count; i++) {
    const cost_multiplying *m = &part->muls[i];
    const cost_multiplier *one = &muls[m->mul];
    row->alone_area += m->count * one->area;
    row->alone_energy += m->products * operation(one, m->held) * 1e-6;
    row->simple += m->products * one->uniform * 1e-6;
    row->published_power += m->products * one->published_power;
    row->published_area += m->count * one->published_area;
    row->exact_power += m->products * measure_published_exact()->power;
    row->exact_area += m->count * measure_published_exact()->area;
    row->luts += m->count * one->luts;
    row->multipliers += m->count;
    row->products += m->products;
  }
}

// Of the products that come to what is behind the multipliers.
static double activity_in(const cost_part *part, const cost_multiplier *muls) {
  double all = 0, sum = 0;
  for (size_t i = 0; i < part->mul_count; i++) {
    all += part->muls[i].products;
    sum += part->muls[i].products * muls[part->muls[i].mul].activity;
  }
  return all > 0 ? sum / all : 1;
}

cost_row cost_of_part(const cost_part *part, const cost_multiplier *muls, double cycles, double clock_ns) {
  cost_row row = {.activity = activity_in(part, muls)};
  add_multipliers(part, muls, &row);
  row.area[SYNTH_MULTIPLIERS] = COST_MULTIPLIER_AREA * row.alone_area;
  row.energy[SYNTH_MULTIPLIERS] = COST_MULTIPLIER_ENERGY * row.alone_energy;
  for (int k = 0; k < SYNTH_KIND_COUNT; k++) {
    const cost_blocks *b = &part->logic.kind[k];
    for (int i = 0; i < COST_BLOCK_COUNT; i++) {
      row.area[k] += b->size[i] * COST_FIGURES[i].area;
      row.luts += b->size[i] * COST_FIGURES[i].luts;
      row.energy[k] +=
          (cost_work(b, i, row.activity) * COST_FIGURES[i].energy + b->size[i] * cycles * COST_FIGURES[i].idle) * 1e-6;
    }
    row.flip_flops += b->size[COST_FLIP_FLOP];
    row.total_area += row.area[k];
    row.total_energy += row.energy[k];
  }
  row.clock = row.flip_flops * cycles * COST_CLOCK * 1e-6;
  row.leakage = row.total_area * cycles * clock_ns * COST_LEAKAGE * 1e-6;
  row.total_energy += row.clock + row.leakage;
  return row;
}

static void add_row(cost_row *to, const cost_row *r) {
  for (int k = 0; k < SYNTH_KIND_COUNT; k++) {
    to->area[k] += r->area[k];
    to->energy[k] += r->energy[k];
  }
  to->clock += r->clock;
  to->leakage += r->leakage;
  to->total_area += r->total_area;
  to->total_energy += r->total_energy;
  to->luts += r->luts;
  to->flip_flops += r->flip_flops;
  to->multipliers += r->multipliers;
  to->products += r->products;
  to->simple += r->simple;
  to->published_power += r->published_power;
  to->published_area += r->published_area;
  to->exact_power += r->exact_power;
  to->exact_area += r->exact_area;
  to->alone_area += r->alone_area;
  to->alone_energy += r->alone_energy;
}

cost_row cost_of_logic(const cost_counts *counts, const cost_multiplier *muls, double clock_ns) {
  cost_row sum = {0};
  for (size_t i = 0; i < counts->count; i++) {
    cost_row row = cost_of_part(&counts->parts[i], muls, counts->cycles, clock_ns);
    add_row(&sum, &row);
  }
  return sum;
}

double cost_around_multiplier(void) { return COST_MULTIPLIER_DELAY; }

double cost_delay(const cost_part *part, const cost_multiplier *muls) {
  double delay = 0;
  for (int i = 0; i < COST_PATH_COUNT; i++)
    if (part->logic.path[i] > 0)
      delay = fmax(delay, COST_DELAYS[i].base + COST_DELAYS[i].bit * part->logic.path[i]);
  for (size_t i = 0; i < part->mul_count; i++)
    delay = fmax(delay, muls[part->muls[i].mul].delay + COST_MULTIPLIER_DELAY);
  return delay;
}

void cost_predict(arena *mem, const config *c, const cost_counts *counts, const memory_model *memories,
                  cost_estimate *out) {
  *out = (cost_estimate){.cfg = c, .counts = counts, .measured = true};
  cost_multiplier muls[CONFIG_MAX_MULS] = {{0}};
  cost_multipliers(mem, c, muls);
  out->rows = arena_new_array(mem, cost_row, counts->count);
  for (size_t i = 0; i < counts->count; i++) {
    const cost_part *part = &counts->parts[i];
    out->rows[i] = cost_of_part(part, muls, counts->cycles, c->clock_ns);
    add_row(&out->total, &out->rows[i]);
    out->delay = fmax(out->delay, cost_delay(part, muls));
    for (size_t k = 0; k < part->mul_count; k++)
      out->measured &= muls[part->muls[k].mul].measured;
  }
  const synth_result logic = {.layers = counts->memories, .layer_count = counts->count};
  memories_estimate(mem, memories, &logic, &counts->accesses, &out->memories);
  out->with_memories = out->total.total_energy + memories_energy(&out->memories, counts->cycles * c->clock_ns);
}

void cost_errors_text(const char *target, str *out) {
  for (size_t i = 0; i < BASE_COUNT(COST_ERRORS); i++)
    if (strcmp(COST_ERRORS[i].target, target) == 0)
      str_printf(
          out,
          "Of %d other designs such areas were off by %.1f %% in the mean and %.1f %% at most, energies by %.1f %% and "
          "%.1f %%.\n",
          COST_ERRORS[i].designs, COST_ERRORS[i].area[0], COST_ERRORS[i].area[1], COST_ERRORS[i].energy[0],
          COST_ERRORS[i].energy[1]);
}

static void add_error(cJSON *to, const char *key, const double of[2]) {
  cJSON *o = cJSON_AddObjectToObject(to, key);
  cJSON_AddNumberToObject(o, "mean_percent", of[0]);
  cJSON_AddNumberToObject(o, "worst_percent", of[1]);
}

void cost_errors_json(const char *target, cJSON *to) {
  for (size_t i = 0; i < BASE_COUNT(COST_ERRORS); i++) {
    if (strcmp(COST_ERRORS[i].target, target) != 0)
      continue;
    cJSON *o = cJSON_AddObjectToObject(to, "uncertainty"); // of designs that were not fitted
    cJSON_AddNumberToObject(o, "designs", COST_ERRORS[i].designs);
    add_error(o, "area_um2", COST_ERRORS[i].area);
    add_error(o, "nj_per_image", COST_ERRORS[i].energy);
  }
}
