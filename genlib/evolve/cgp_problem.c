// SPDX-License-Identifier: Apache-2.0
//
// What all islands of a search share: the right products and the weights, bit by bit, and the bounds.
#include "genlib/evolve/cgp.h"

#include <math.h>

// Where vector v's operands are in a table: as nl_sim_enumerate counts. Small circuits repeat within a block.
static uint32_t vector_index(const cgp_problem *p, size_t v) {
  return (uint32_t)v & ((1u << (p->sig.a_bits + p->sig.b_bits)) - 1);
}

static int64_t exact_product(mul_sig s, uint32_t index) {
  int64_t a = mul_value(index >> s.b_bits, s.a_bits, s.a_signed);
  return a * mul_value(index & ((1u << s.b_bits) - 1), s.b_bits, s.b_signed);
}

static void set_bits(uint64_t *planes, int count, int words, size_t at, uint64_t value) {
  for (int k = 0; k < count; k++)
    planes[(size_t)k * (size_t)words + at / 64] |= (value >> k & 1) << (at % 64);
}

static double weight_of(const mul_weights *w, mul_sig s, uint32_t index) {
  if (w->joint)
    return w->joint[index];
  return (w->a ? w->a[index >> s.b_bits] : 1) * (w->b ? w->b[index & ((1u << s.b_bits) - 1)] : 1);
}

// Weights as integers of 16 bits, the greatest being 65535; those that are not zero stay so. Returns their sum.
static int64_t add_weights(arena *mem, cgp_problem *p, const mul_weights *w) {
  size_t vectors = (size_t)p->blocks * 64 * (size_t)p->words;
  double most = 0;
  for (size_t v = 0; v < vectors; v++)
    most = fmax(most, weight_of(w, p->sig, vector_index(p, v)));
  int64_t sum = 0;
  for (int block = 0; block < p->blocks; block++) {
    enum { PLANES = CGP_WEIGHT_PLANES };
    uint64_t *bits = arena_new_array(mem, uint64_t, (size_t)(PLANES * p->words));
    uint64_t *counted = arena_new_array(mem, uint64_t, (size_t)p->words);
    int64_t seen = 0;
    for (size_t v = 0; v < 64 * (size_t)p->words; v++) {
      double share = weight_of(w, p->sig, vector_index(p, (size_t)block * 64 * (size_t)p->words + v)) / most;
      int64_t weight = share > 0 ? (int64_t)fmax(1, rint(share * 65535)) : 0;
      set_bits(bits, PLANES, p->words, v, (uint64_t)weight);
      set_bits(counted, 1, p->words, v, weight > 0);
      sum += weight;
      seen |= weight;
    }
    cgp_error *e = &p->block[block];
    e->counted = counted;
    for (int k = 0; k < PLANES; k++)
      if (seen >> k & 1) {
        e->weight[e->weights] = bits + k * p->words;
        e->weight_shift[e->weights++] = k;
      }
  }
  return sum;
}

const cgp_problem *cgp_problem_new(arena *mem, mul_sig sig, int out_bits, const evolve_options *o) {
  cgp_problem *p = arena_new_object(mem, cgp_problem);
  int bits = sig.a_bits + sig.b_bits, right = bits > out_bits ? bits : out_bits;
  *p = (cgp_problem){.sig = sig, .out_bits = out_bits, .planes = right + 1, .first = NET_FIRST_INPUT + bits};
  p->objective = o->objective;
  p->kernels = cgp_choose_kernels(nl_sim_isa_choose());
  p->words = p->kernels.words;
  assert(p->words > 0);
  p->slot_shift = __builtin_ctz((unsigned)p->words * 8);
  size_t vectors = 64 * (size_t)p->words;
  p->blocks = 1u << bits > vectors ? (int)((1u << bits) / vectors) : 1;
  p->block = arena_new_array(mem, cgp_error, (size_t)p->blocks);
  for (int block = 0; block < p->blocks; block++) {
    uint64_t *exact = arena_new_array(mem, uint64_t, (size_t)(p->planes * p->words));
    for (size_t v = 0; v < vectors; v++)
      set_bits(exact, p->planes, p->words, v,
               (uint64_t)exact_product(sig, vector_index(p, (size_t)block * vectors + v)));
    bool bounded = o->wce >= 0 && o->wce < (int64_t)1 << right;
    p->block[block] = (cgp_error){.planes = p->planes, .exact = exact, .wce = bounded ? o->wce : -1};
  }
  const mul_weights *w = &o->weights;
  int64_t sum = w->a || w->b || w->joint ? add_weights(mem, p, w) : (int64_t)p->blocks * (int64_t)vectors;
  // A bound that was printed with a few digits is meant to admit the circuit that it was printed for.
  double limit = o->mae < 0 ? INFINITY : floor(o->mae * (double)sum * (1 + 1e-12) + 1e-6);
  p->limit = limit < 0x1p62 ? (int64_t)limit : INT64_MAX;
  return p;
}
