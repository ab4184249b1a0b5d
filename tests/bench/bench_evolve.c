// SPDX-License-Identifier: Apache-2.0
//
// bench_evolve [MAE]: evaluations of an exact 8x8 multiplier of plain gates per second of one core's time, for each
// instruction set that this machine runs: complete ones (every gate, all 65,536 pairs, errors summed), and in a real
// search from the same circuit, where most children are refused early.
#include "genlib/evolve/cgp.h"

#include <omp.h>
#include <stdlib.h>
#include <time.h>

static double cpu_seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

// The same circuit with its adders as gates of two inputs.
static const netlist *plain_gates(arena *mem, const netlist *from) {
  netlist *n = nl_new(mem, from->a_bits, from->b_bits, from->out_bits);
  int32_t *map = arena_new_array(mem, int32_t, (size_t)from->nets);
  for (int32_t i = 0; i < n->nets; i++)
    map[i] = i;
  for (size_t i = 0; i < from->count; i++) {
    const gate *g = &from->gates[i];
    int32_t x = map[g->in[0]], y = map[g->in[1]], z = map[g->in[2]];
    if (g->kind == GATE_FA) {
      int32_t half = nl_xor(n, x, y);
      map[g->out] = nl_xor(n, half, z);
      map[g->out + 1] = nl_or(n, nl_and(n, x, y), nl_and(n, half, z));
    } else if (g->kind == GATE_HA) {
      map[g->out] = nl_xor(n, x, y);
      map[g->out + 1] = nl_and(n, x, y);
    } else {
      map[g->out] = g->kind == GATE_NOT ? nl_not(n, x) : nl_gate2(n, g->kind, x, y);
    }
  }
  for (int i = 0; i < n->out_bits; i++)
    n->out[i] = map[from->out[i]];
  return nl_finish(n);
}

static double complete_per_second(const netlist *n, mul_sig sig) {
  arena *mem = arena_new();
  evolve_options o = {.mae = 1e9, .wce = 65535};
  cgp *c = cgp_new(mem, cgp_problem_new(mem, sig, n->out_bits, &o), (int)n->count + 64);
  rng r = rng_seed(1);
  cgp_encode(c, n, &r);
  cgp_settle(c);
  double best = 0;
  for (int trial = 0; trial < 5; trial++) {
    enum { RUNS = 2000 };
    double start = cpu_seconds();
    for (int i = 0; i < RUNS; i++)
      cgp_evaluate_all(c);
    double speed = RUNS / (cpu_seconds() - start);
    best = speed > best ? speed : best;
  }
  cgp_release(c);
  arena_free(mem);
  return best;
}

int main(int argc, char **argv) {
  arena *mem = arena_new();
  diag d = {0};
  const mul *m = mul_make(mem, "exact8s_wallace_ks", &d);
  if (!m) {
    fputs(d.text.data, stderr);
    return d.exit_code;
  }
  const netlist *n = plain_gates(mem, m->net);
  double load[1] = {0};
  getloadavg(load, 1);
  printf("exact8s_wallace_ks as %zu plain gates; seconds of one core's time; load average %.1f\n", n->count, load[0]);
  printf("%-8s %12s | %8s %12s %12s %12s\n", "kernels", "complete/s", "search:", "children/s", "simulated/s",
         "complete/s");
  omp_set_num_threads(1);
  for (int k = 0; nl_sim_isas[k]; k++) {
    if (!nl_sim_isas[k]->supported())
      continue;
    setenv("AXGEN_ISA", nl_sim_isas[k]->name, 1);
    printf("%-8s %12.0f |", nl_sim_isas[k]->name, complete_per_second(n, m->sig));
    for (int objective = EVOLVE_AREA; objective <= EVOLVE_ENERGY; objective++) {
      evolve_options o = {.objective = (evolve_objective)objective, .wce = -1, .seed = 1, .generations = 100000};
      o.mae = argc > 1 ? atof(argv[1]) : 12;
      evolve_result r;
      double start = cpu_seconds();
      if (!evolve(mem, n, m->sig, &o, &r, &d)) {
        fputs(d.text.data, stderr);
        return d.exit_code;
      }
      double spent = cpu_seconds() - start;
      printf("%s%8s %12.0f %12.0f %12.0f\n", objective ? "                      |" : "", objective ? "energy" : "area",
             (double)r.candidates / spent, (double)r.simulated / spent, (double)r.complete / spent);
    }
  }
  arena_free(mem);
  return 0;
}
