// SPDX-License-Identifier: Apache-2.0
//
// The distinct (multiplier, weight) pairs of a slice and their products.
#include "compiler/engine/plan.h"

#include <stdlib.h>
#include <string.h>

static const size_t TABLE_MOST = (size_t)1 << 24; // products kept

// Of a weight: slot 0 for exact products, slot 1 + i for multiplier i.
static int slot_of(const infer_model *m, int node, int64_t weight) {
  const assignment *a = infer_assignment(m, node);
  if (!a)
    return 0;
  int i = assignment_mul(a, weight);
  return m->muls[i]->exact ? 0 : 1 + i;
}

static int64_t *products(arena *mem, const plan_columns *p, size_t columns, int32_t lo, size_t rows) {
  int64_t *table = arena_new_array(mem, int64_t, columns * rows);
  uint32_t *a = malloc(rows * sizeof *a), *w = malloc(rows * sizeof *w);
  for (size_t r = 0; r < rows; r++)
    a[r] = (uint32_t)lo + (uint32_t)r;
  for (size_t c = 0; c < columns; c++) {
    int64_t *column = table + c * rows;
    for (size_t r = 0; r < rows; r++) {
      w[r] = (uint32_t)p->weight[c];
      column[r] = (int64_t)(lo + (int32_t)r) * p->weight[c];
    }
    if (p->mul[c])
      mul_products(p->mul[c], a, w, rows, column);
    for (size_t r = 0; r < rows; r++)
      column[r] -= (int64_t)p->zero * (lo + (int32_t)r);
  }
  free(a);
  free(w);
  return table;
}

static const size_t NARROW = 256; // codes, that a store keeps products for

// The table from what the store has, and where each column stands among all of its set's. known: of each slot.
static void from_store(arena *mem, const plan_context *c, int32_t **known, int32_t first, size_t codes,
                       plan_columns *p) {
  int set_of[ASSIGNMENT_MULS + 1];
  p->store = c->store;
  p->set = arena_new_array(mem, const mul *, ASSIGNMENT_MULS + 1);
  plan_products of = {p->lo, p->rows, first, codes, p->zero};
  const int64_t *table[ASSIGNMENT_MULS + 1];
  for (int slot = 0; slot <= ASSIGNMENT_MULS; slot++)
    if (known[slot]) {
      set_of[slot] = p->set_count;
      p->set[p->set_count] = slot ? c->model->muls[slot - 1] : NULL;
      table[p->set_count] = plan_store_products(c->store, p->set[p->set_count], &of);
      p->set_count++;
    }
  p->source = arena_new_array(mem, int32_t, p->count);
  p->table = arena_new_array(mem, int64_t, p->count * p->rows);
  for (int slot = 0; slot <= ASSIGNMENT_MULS; slot++)
    for (size_t w = 0; known[slot] && w < codes; w++) {
      if (!known[slot][w])
        continue;
      size_t column = (size_t)known[slot][w] - 1;
      p->source[column] = (int32_t)((size_t)set_of[slot] * codes + w);
      memcpy(p->table + column * p->rows, table[set_of[slot]] + w * p->rows, p->rows * sizeof *p->table);
    }
}

// Columns while they are found: the number + 1 of each, by slot and weight code.
typedef struct {
  arena *scratch;
  const infer_model *model;
  int32_t **known; // [CONFIG_MAX_MULS + 1] of [codes]; NULL: the slot has none
  int32_t first; // the least weight code
  size_t codes, cap;
} column_finder;

static void add_column(column_finder *f, int slot, int32_t weight, plan_columns *p) {
  size_t same = f->cap;
  arena_grow(f->scratch, p->mul, p->count, f->cap);
  arena_grow(f->scratch, p->weight, p->count, same);
  p->mul[p->count] = slot ? f->model->muls[slot - 1] : NULL;
  p->weight[p->count++] = weight;
}

// Those that the filters' weights use.
static void find_used(column_finder *f, int node, const int *filter, int filters, int64_t taps, plan_columns *p) {
  const net_node *n = &f->model->net->nodes[node];
  for (int i = 0; i < filters; i++)
    for (int64_t k = 0; k < taps; k++) {
      int64_t at = filter[i] * taps + k;
      int slot = slot_of(f->model, node, at);
      if (!f->known[slot])
        f->known[slot] = arena_new_array(f->scratch, int32_t, f->codes);
      int32_t *id = &f->known[slot][n->weight[at] - f->first];
      if (!*id) {
        add_column(f, slot, n->weight[at], p);
        p->exact &= !slot;
        *id = (int32_t)p->count;
      }
      p->of[i * taps + k] = *id - 1;
    }
}

// What the used multipliers have besides, after the used ones; none where their products would be too many.
static void find_others(column_finder *f, plan_columns *p) {
  size_t used = p->count;
  for (int slot = 1; slot <= CONFIG_MAX_MULS && f->codes <= 256; slot++)
    for (size_t w = 0; f->known[slot] && w < f->codes; w++)
      if (!f->known[slot][w])
        add_column(f, slot, f->first + (int32_t)w, p);
  p->others = p->count * p->rows > TABLE_MOST ? 0 : p->count - used;
  p->count = used;
}

// Codes that the input can have, its border's among them.
static infer_codes input_codes(const network *net, const net_node *n) {
  infer_codes range = infer_code_range(net, n->inputs[0]);
  int32_t zero = net_input_quant(net, n).zero;
  if (net_has_pads(n)) {
    range.lo = zero < range.lo ? zero : range.lo;
    range.hi = zero > range.hi ? zero : range.hi;
  }
  return range;
}

plan_columns plan_columns_find(arena *mem, const plan_context *context, const int *filter, int filters) {
  const network *net = context->model->net;
  const net_node *n = &net->nodes[context->node];
  net_quant in = net_input_quant(net, n);
  infer_codes range = input_codes(net, n);
  int64_t taps = net_reduction(net, n);
  size_t codes = (size_t)1 << n->weight_bits;
  plan_columns p = {.lo = range.lo, .rows = (size_t)(range.hi - range.lo) + 1, .zero = n->weight_zero, .exact = true};
  p.origin = in.zero >= range.lo && in.zero <= range.hi ? (size_t)(in.zero - range.lo) : 0;
  p.of = arena_new_array(mem, int32_t, (size_t)filters * (size_t)taps);
  arena *scratch = arena_new();
  column_finder f = {.scratch = scratch,
                     .model = context->model,
                     .known = arena_new_array(scratch, int32_t *, CONFIG_MAX_MULS + 1),
                     .first = n->weight_signed ? -(int32_t)(codes / 2) : 0,
                     .codes = codes};
  find_used(&f, context->node, filter, filters, taps, &p);
  bool stored = context->store && codes <= NARROW && p.rows <= NARROW && !p.exact;
  if (!stored)
    find_others(&f, &p);
  size_t all = p.count + p.others;
  p.mul = arena_memdup(mem, p.mul, all * sizeof *p.mul);
  p.weight = arena_memdup(mem, p.weight, all * sizeof *p.weight);
  if (stored)
    from_store(mem, context, f.known, f.first, codes, &p);
  else if (all * p.rows <= TABLE_MOST &&
           (!p.exact || in.bits <= 8)) // exact products of wide codes: no plan asks for them
    p.table = products(mem, &p, all, p.lo, p.rows);
  bool all_codes = in.bits <= 8; // of wider ones those that occur
  p.all_lo = all_codes ? net_quant_lo(in) : p.lo;
  p.all_rows = all_codes ? (size_t)1 << in.bits : p.rows;
  if (p.others && p.all_rows != p.rows)
    p.all_table = products(mem, &p, all, p.all_lo, p.all_rows);
  arena_free(scratch);
  return p;
}
