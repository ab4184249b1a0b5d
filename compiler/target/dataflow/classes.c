// SPDX-License-Identifier: Apache-2.0
#include "compiler/target/dataflow/classes.h"

#include <string.h>

bool classes_depthwise(const network *net, const net_node *n) {
  return n->groups > 1 && n->groups == n->shape.c && n->groups == net_input_shape(net, n).c;
}

classes_layout classes_layout_of(const network *net, const net_node *n, int pe, int simd) {
  classes_layout l = {.filters = n->shape.c,
                      .channels = net_input_shape(net, n).c / n->groups,
                      .kh = n->kh,
                      .kw = n->kw,
                      .in_place = n->groups > 1 && !classes_depthwise(net, n),
                      .pe = pe,
                      .nf = n->shape.c / pe};
  l.block = dataflow_block_of(simd, l.channels, n->kh, n->kw);
  l.taps = l.block.th * l.block.tw;
  l.each = l.channels / l.block.g;
  return l;
}

// What each (filter, channel, tap of a lane) wants.
static void fill_wanted(classes *c, const assignment *a) {
  const classes_layout *l = &c->layout;
  int kernel = l->kh * l->kw;
  for (int f = 0; f < l->filters; f++)
    for (int ch = 0; ch < l->channels; ch++) {
      int64_t row = (int64_t)f * l->channels + ch;
      uint8_t *want = c->wanted + row * l->taps;
      if (a->each % kernel == 0) { // one for the kernel
        memset(want, assignment_mul(a, row * kernel), (size_t)l->taps);
        continue;
      }
      for (int t = kernel; t-- > 0;) // the first weight of a lane stays
        want[classes_tap(l, t / l->kw, t % l->kw)] = (uint8_t)assignment_mul(a, row * kernel + t);
      for (int t = 0; c->taps_fit && t < kernel; t++) {
        int lane = classes_tap(l, t / l->kw, t % l->kw);
        if (assignment_mul(a, row * kernel + t) == want[lane])
          continue;
        int first = 0;
        while (classes_tap(l, first / l->kw, first % l->kw) != lane)
          first++;
        c->taps_fit = false;
        c->filter = f, c->channel = ch, c->tap[0] = first, c->tap[1] = t;
      }
    }
}

// Classes of `count` equal rows of `width` bytes. Rows are found again by their hash, in a table with room to spare.
static classes_list list_of(arena *mem, const uint8_t *rows, int count, size_t width) {
  classes_list l = {.of = arena_new_array(mem, int, (size_t)count),
                    .first = arena_new_array(mem, int, (size_t)count),
                    .size = arena_new_array(mem, int, (size_t)count)};
  size_t room = 4;
  while (room < 2 * (size_t)count)
    room *= 2;
  arena *own = arena_new();
  int *table = arena_new_array(own, int, room); // class + 1
  for (int i = 0; i < count; i++) {
    const uint8_t *row = rows + (size_t)i * width;
    size_t at = hash_64(0, row, width) & (room - 1);
    while (table[at] && memcmp(rows + (size_t)l.first[table[at] - 1] * width, row, width) != 0)
      at = (at + 1) & (room - 1);
    if (!table[at]) {
      l.first[l.count] = i;
      table[at] = ++l.count;
    }
    l.of[i] = table[at] - 1;
    l.size[l.of[i]]++;
  }
  arena_free(own);
  return l;
}

// Of `count` equal rows.
static classes_list one_class(arena *mem, int count) {
  classes_list l = {.count = 1,
                    .of = arena_new_array(mem, int, (size_t)count),
                    .first = arena_new_array(mem, int, 1),
                    .size = arena_new_array(mem, int, 1)};
  l.size[0] = count;
  return l;
}

classes *classes_of(arena *mem, const network *net, const net_node *n, const assignment *a, int pe, int simd) {
  classes *c = arena_new_object(mem, classes);
  c->layout = classes_layout_of(net, n, pe, simd);
  c->taps_fit = true;
  const classes_layout *l = &c->layout;
  size_t filters = (size_t)l->filters, channels = (size_t)l->channels, taps = (size_t)l->taps;
  c->wanted = arena_alloc(mem, filters * channels * taps);
  if (a->level == ASSIGN_LAYER) { // most layers of most configurations, and it may have millions of weights
    memset(c->wanted, a->mul[0], filters * channels * taps);
    c->filters = one_class(mem, l->filters);
    c->channels = one_class(mem, l->channels);
    return c;
  }
  fill_wanted(c, a);
  c->filters = list_of(mem, c->wanted, l->filters, channels * taps);
  arena *own = arena_new();
  uint8_t *turned = arena_alloc(own, filters * channels * taps); // [channels][filters][taps]
  for (size_t f = 0; f < filters; f++)
    for (size_t ch = 0; ch < channels; ch++)
      memcpy(turned + (ch * filters + f) * taps, c->wanted + (f * channels + ch) * taps, taps);
  c->channels = list_of(mem, turned, l->channels, filters * taps);
  arena_free(own);
  return c;
}

int classes_unfit(const classes_list *l, int each) {
  for (int k = 0; k < l->count; k++)
    if (l->size[k] % each != 0)
      return k;
  return -1;
}

// Without another order of filters or channels.
static bool fit_as_they_come(const classes *c, int pe) {
  bool fit = c->taps_fit;
  for (int f = pe; f < c->layout.filters; f++)
    fit &= c->filters.of[f] == c->filters.of[f - pe];
  for (int ch = c->layout.block.g; ch < c->layout.channels; ch++)
    fit &= c->channels.of[ch] == c->channels.of[ch - c->layout.block.g];
  return fit;
}

bool classes_fit_pe(const classes *c, int pe) {
  if (c->layout.in_place)
    return fit_as_they_come(c, pe);
  return c->taps_fit && classes_unfit(&c->filters, c->layout.filters / pe) < 0 &&
         classes_unfit(&c->channels, c->layout.each) < 0;
}

bool classes_fit(const classes *c) { return classes_fit_pe(c, c->layout.pe); }

void classes_next_folding(const network *net, const net_node *n, const assignment *a, int *pe, int *simd) {
  int reduction = (int)net_reduction(net, n), filters = n->shape.c;
  int64_t least = (int64_t)*pe * *simd, best = (int64_t)filters * reduction; // where each weight has its own
  int best_pe = filters, best_simd = reduction;
  for (int s = 1; s <= reduction; s++) {
    if (reduction % s != 0)
      continue;
    arena *own = arena_new();
    const classes *c = classes_of(own, net, n, a, filters, s);
    for (int p = 1; p <= filters; p++)
      if (filters % p == 0 && (int64_t)p * s >= least && (int64_t)p * s < best && dataflow_side(net, n, p, s) &&
          classes_fit_pe(c, p))
        best = (int64_t)p * s, best_pe = p, best_simd = s;
    arena_free(own);
  }
  *pe = best_pe, *simd = best_simd;
}
