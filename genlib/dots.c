// SPDX-License-Identifier: Apache-2.0
//
// Columns of bits of equal weight and the trees of full and half adders that reduce them to two rows.
#include "genlib/generate.h"

#include <string.h>

void dots_add(dots *d, int weight, int32_t net) {
  if (weight >= d->width || net == NET_ZERO)
    return;
  if (net == NET_ONE) {
    d->constant += 1ull << weight;
    return;
  }
  struct column *c = &d->column[weight];
  arena_grow(d->net->mem, c->bit, c->count, c->cap);
  c->bit[c->count++] = net;
}

void dots_constant(dots *d, int64_t value) { d->constant += (uint64_t)value; }

// -(1 - y) 2^w = y 2^w - 2^w: the usual way to add a bit of negative weight.
void dots_subtract_inverted(dots *d, int weight, int32_t inverse) {
  if (weight >= d->width)
    return;
  dots_add(d, weight, inverse);
  d->constant -= 1ull << weight;
}

void dots_subtract(dots *d, int weight, int32_t net) { dots_subtract_inverted(d, weight, nl_not(d->net, net)); }

static int32_t take_at(struct column *c, size_t at) {
  int32_t x = c->bit[at];
  memmove(c->bit + at, c->bit + at + 1, (--c->count - at) * sizeof *c->bit);
  return x;
}

static int32_t take_first(struct column *c) { return take_at(c, 0); }

// The bit that is there first: late ones then wait for late ones, which is faster and leaves fewer glitches.
static int32_t take_earliest(const netlist *n, struct column *c) {
  size_t best = 0;
  for (size_t i = 1; i < c->count; i++)
    if (nl_arrival(n, c->bit[i]) < nl_arrival(n, c->bit[best]))
      best = i;
  return take_at(c, best);
}

static void put(dots *d, int weight, int32_t net) {
  if (net == NET_ZERO || weight >= d->width)
    return;
  struct column *c = &d->column[weight];
  arena_grow(d->net->mem, c->bit, c->count, c->cap);
  c->bit[c->count++] = net;
}

// Results are put into `to`, which may be the dots that the operands come from.
static void compress(dots *from, dots *to, int weight, int operands, bool in_order) {
  struct column *c = &from->column[weight];
  int32_t in[3], sum, carry;
  for (int i = 0; i < operands; i++)
    in[i] = in_order ? take_first(c) : take_earliest(from->net, c);
  if (operands == 3)
    nl_fa(from->net, in[0], in[1], in[2], &sum, &carry);
  else
    nl_ha(from->net, in[0], in[1], &sum, &carry);
  put(to, weight, sum);
  put(to, weight + 1, carry);
}

static size_t tallest(const dots *d) {
  size_t h = 0;
  for (int w = 0; w < d->width; w++)
    h = d->column[w].count > h ? d->column[w].count : h;
  return h;
}

// Dadda: as few adders as late as possible; heights go down along 2, 3, 4, 6, 9, 13, 19 ...
static void reduce_dadda(dots *d) {
  size_t target = 2, next;
  while ((next = target * 3 / 2) < tallest(d))
    target = next;
  for (; tallest(d) > 2; target = target == 3 ? 2 : (2 * target + 2) / 3)
    for (int w = 0; w < d->width; w++)
      while (d->column[w].count > target)
        compress(d, d, w, d->column[w].count == target + 1 ? 2 : 3, false);
}

// Wallace: as much as possible as early as possible.
static void reduce_wallace(dots *d) {
  while (tallest(d) > 2) {
    dots next = {.net = d->net, .width = d->width};
    for (int w = 0; w < d->width; w++) {
      struct column *c = &d->column[w];
      while (c->count >= 2)
        compress(d, &next, w, c->count >= 3 ? 3 : 2, false);
      if (c->count)
        put(&next, w, take_first(c));
    }
    memcpy(d->column, next.column, sizeof d->column);
  }
}

// Carry-save array: one more row a step, so each column has at most one adder at a time.
static void reduce_array(dots *d) {
  while (tallest(d) > 2) {
    dots next = {.net = d->net, .width = d->width};
    for (int w = 0; w < d->width; w++)
      if (d->column[w].count >= 3)
        compress(d, &next, w, 3, true);
    // The sums come first, so that the next row is added to them.
    for (int w = 0; w < d->width; w++)
      while (d->column[w].count)
        put(&next, w, take_first(&d->column[w]));
    memcpy(d->column, next.column, sizeof d->column);
  }
}

void dots_sum(dots *d, tree_kind tree, adder_kind adder) {
  static void (*const reduce[TREES])(dots *) = {reduce_dadda, reduce_wallace, reduce_array};
  // A constant one goes first in its column: the adder that takes it folds to an XNOR and an OR.
  for (int w = 0; w < d->width; w++)
    if (d->constant >> w & 1) {
      put(d, w, NET_ONE);
      struct column *c = &d->column[w];
      memmove(c->bit + 1, c->bit, (c->count - 1) * sizeof *c->bit);
      c->bit[0] = NET_ONE;
    }
  nl_mark(d->net, "reduction tree");
  reduce[tree](d);
  nl_mark(d->net, "final adder");
  int32_t x[WIDTH_MAX], y[WIDTH_MAX];
  for (int w = 0; w < d->width; w++) {
    const struct column *c = &d->column[w];
    x[w] = c->count > 0 ? c->bit[0] : NET_ZERO;
    y[w] = c->count > 1 ? c->bit[1] : NET_ZERO;
  }
  adder_rows(d->net, d->width, x, y, d->net->out, adder);
}
