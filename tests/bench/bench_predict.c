// SPDX-License-Identifier: Apache-2.0
//
// bench_predict CONFIG...: what `axgen cost` takes: milliseconds of processor time to read a configuration with its
// network, to predict its design the first time, and to predict it with each layer's multiplier changed in turn, which
// is what a search does: the FIFOs' depths are then known. Medians but for the first prediction; one thread.
#include "compiler/cli/session.h"
#include "compiler/engine/engine_parts.h"

#include <omp.h>
#include <stdio.h>
#include <stdlib.h>

enum { ROUNDS = 15 };

static int compare_doubles(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}
static double median(double *v, int n) {
  qsort(v, (size_t)n, sizeof *v, compare_doubles);
  return v[n / 2];
}

static bool predict(session *s, double *ms, diag *d) {
  double start = engine_cpu_seconds();
  cost_counts *counts = arena_new_object(s->mem, cost_counts);
  const memory_model *memories = s->cfg->memories ? s->cfg->memories : config_memories(s->mem, NULL, d);
  if (!memories || !session_plan(s, d) || !s->target->cost(s->mem, s->plan, counts, d))
    return false;
  cost_estimate estimate;
  cost_predict(s->mem, s->cfg, counts, memories, &estimate);
  *ms = 1000 * (engine_cpu_seconds() - start);
  return true;
}

// With another one of the configuration's multipliers in the layers `round`, `round` + ROUNDS ...
static bool predict_other(session *s, int round, double *ms, diag *d) {
  assignment *now = arena_memdup(s->mem, s->cfg->assign, s->cfg->net->count * sizeof *now);
  assignment *other = assignment_uniform_net(s->mem, s->cfg->net, (uint8_t)((size_t)round % s->cfg->mul_count));
  for (size_t i = (size_t)round; i < s->cfg->net->count; i += ROUNDS)
    if (now[i].level != ASSIGN_NONE)
      now[i] = other[i];
  s->cfg->assign = now;
  s->model.assign = now;
  return predict(s, ms, d);
}

static bool bench(const char *path, diag *d) {
  double reading[ROUNDS], first, other[ROUNDS];
  const cli_options o = {.args = &path, .arg_count = 1};
  session s = {0};
  for (int i = 0; i < ROUNDS; i++) {
    double start = engine_cpu_seconds();
    if (i)
      session_close(&s);
    if (!session_open(&s, &o, false, 0, d))
      return false;
    reading[i] = 1000 * (engine_cpu_seconds() - start);
  }
  bool ok = predict(&s, &first, d);
  for (int i = 0; i < ROUNDS && ok; i++)
    ok = predict_other(&s, i, &other[i], d);
  if (ok)
    printf("| %s | %.1f | %.1f | %.1f |\n", path, median(reading, ROUNDS), first, median(other, ROUNDS));
  session_close(&s);
  return ok;
}

int main(int argc, char **argv) {
  omp_set_num_threads(1);
  printf("| ms of processor time | reading | first prediction | another assignment |\n|---|--:|--:|--:|\n");
  for (int i = 1; i < argc; i++) {
    diag d = {0};
    bool ok = bench(argv[i], &d);
    if (!ok)
      fputs(d.text.data, stderr);
    diag_free(&d);
    if (!ok)
      return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
