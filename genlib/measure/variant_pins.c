// SPDX-License-Identifier: Apache-2.0
//
// The pins of symmetric cells differ in load, delay and energy: which net goes to which is a free choice.
#include "genlib/measure/measure.h"

enum { SAMPLE = 2000 }; // operations that a trial is judged by

static double cost(const mapped *net, const measure_stream *s) {
  if (!s)
    return timed_longest_ns(net);
  arena *mem = arena_new();
  timed *t = timed_new(mem, net, TIMED_ARCS);
  timed_feed(t, s->a, s->b, s->count < SAMPLE ? s->count : SAMPLE);
  timed_energy e = timed_result(t);
  arena_free(mem);
  return timed_energy_per_step(&e);
}

// Tries all exchanges at one cell; false: none was worth it.
static bool improve(arena *mem, const mapped **net, size_t cell, const measure_stream *s, double *best) {
  const liberty_cell *c = (*net)->cells[cell].cell;
  bool better = false;
  for (int v = 0; v < c->inputs; v++)
    for (int w = v + 1; w < c->inputs; w++) {
      if ((*net)->cells[cell].net[c->input[v]] == (*net)->cells[cell].net[c->input[w]] || !mapped_symmetric(c, v, w))
        continue;
      arena *trial = arena_new();
      double x = cost(mapped_swap(trial, *net, cell, v, w), s);
      arena_free(trial);
      if (x >= *best * (1 - 1e-9))
        continue;
      *net = mapped_swap(mem, *net, cell, v, w);
      *best = x;
      better = true;
    }
  return better;
}

const mapped *variant_pins(arena *mem, const mapped *net, const measure_stream *s) {
  double best = cost(net, s);
  int passes = s ? 1 : 5; // static timing is cheap
  progress p = progress_begin("pins", net->count);
  for (bool better = true; better && passes-- > 0;) {
    better = false;
    for (size_t i = 0; i < net->count && !interrupted(); i++) {
      better = improve(mem, &net, i, s, &best) || better;
      progress_step(&p, 1);
    }
  }
  progress_end(&p);
  return net;
}
