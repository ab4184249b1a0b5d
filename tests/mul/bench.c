// SPDX-License-Identifier: Apache-2.0
//
// bench [NAME...]: vectors per second of the bit-parallel simulation, one thread, by instruction set: gates alone, and
// with the changes of every net counted.
#include "genlib/genlib.h"

#include <stdlib.h>

static double vectors_per_second(const netlist *n, const nl_sim_isa *isa) {
  arena *mem = arena_new();
  sim *s = nl_sim_new(mem, n, isa, false);
  for (int i = 0; i < n->a_bits + n->b_bits; i++)
    for (int w = 0; w < nl_sim_words(s); w++)
      nl_sim_input(s, i)[w] = 0x9e3779b97f4a7c15ull * (uint64_t)(i * 31 + w + 1);
  double best = 0;
  for (int trial = 0; trial < 5; trial++) {
    int runs = 20000000 / (int)n->count / isa->words;
    double start = clock_seconds();
    for (int i = 0; i < runs; i++)
      nl_sim_run(s);
    double speed = 64.0 * isa->words * runs / (clock_seconds() - start);
    best = speed > best ? speed : best;
  }
  arena_free(mem);
  return best;
}

static double counted_per_second(const netlist *n, const nl_sim_isa *isa) {
  enum { COUNT = 1 << 18 };
  uint32_t *a = malloc(COUNT * sizeof *a), *b = malloc(COUNT * sizeof *b);
  uint64_t *changes = malloc((size_t)n->nets * sizeof *changes);
  rng r = rng_seed(1);
  for (int i = 0; i < COUNT; i++) {
    a[i] = (uint32_t)rng_next(&r) & ((1u << n->a_bits) - 1);
    b[i] = (uint32_t)rng_next(&r) & ((1u << n->b_bits) - 1);
  }
  double best = 0;
  for (int trial = 0; trial < 5; trial++) {
    double start = clock_seconds();
    nl_sim_toggles(n, isa, a, b, COUNT, changes);
    double speed = COUNT / (clock_seconds() - start);
    best = speed > best ? speed : best;
  }
  free(a);
  free(b);
  free(changes);
  return best;
}

int main(int argc, char **argv) {
  const char *defaults[] = {"exact8s", "exact8s_booth", "exact12s_booth", "roup8s_p1_c7"};
  int count = argc > 1 ? argc - 1 : (int)BASE_COUNT(defaults);
  printf("%-16s %6s  %-7s %14s %14s\n", "multiplier", "gates", "kernel", "Mvectors/s", "with counts");
  for (int i = 0; i < count; i++) {
    arena *mem = arena_new();
    diag d = {0};
    const mul *m = mul_make(mem, argc > 1 ? argv[i + 1] : defaults[i], &d);
    if (!m) {
      fputs(d.text.data, stderr);
      return d.exit_code;
    }
    for (int k = 0; nl_sim_isas[k]; k++)
      if (nl_sim_isas[k]->supported())
        printf("%-16s %6zu  %-7s %14.0f %14.0f\n", m->name, m->net->count, nl_sim_isas[k]->name,
               vectors_per_second(m->net, nl_sim_isas[k]) / 1e6, counted_per_second(m->net, nl_sim_isas[k]) / 1e6);
    arena_free(mem);
  }
  return 0;
}
