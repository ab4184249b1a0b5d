// SPDX-License-Identifier: Apache-2.0
//
// The search: islands of one parent each, (1 + offspring) selection with neutral drift, in rounds of a fixed number of
// generations. Everything that islands have to do with each other happens between rounds, in the order of their
// numbers, so that neither threads nor interruptions can change the course.
#include "genlib/evolve/evolve_internal.h"

#include <string.h>

enum { GENERATIONS = 1000 /* of a round */, REFRESH = 4, MIGRATE = 16 /* rounds between */, ROOM = 24 };

static void run_generations(evolve_island *island, const evolve_options *o, uint64_t generations) {
  cgp *c = island->c;
  cgp_child best = {0};
  for (uint64_t g = 0; g < generations && !interrupted(); g++) {
    int64_t limit = c->cost;
    int chosen = -1;
    for (int k = 0; k < o->offspring; k++) {
      cgp_mutate(c, &island->r, o->mutations);
      int64_t cost = cgp_evaluate(c, limit);
      if (cost >= 0) {
        limit = cost;
        chosen = k;
        cgp_remember(c, &best);
      }
      cgp_undo(c);
    }
    if (chosen < 0)
      continue;
    cgp_repeat(c, &best);
    if (chosen != o->offspring - 1)
      cgp_evaluate(c, limit); // its values were overwritten by its sisters
    cgp_commit(c);
    c->cost = limit;
  }
}

// Puts the circuit in the parent's place unless it costs more.
static void replace(evolve_island *island, const netlist *n) {
  cgp *c = island->c;
  int nodes = c->nodes;
  int64_t cost = c->cost;
  int32_t out[CGP_PLANES];
  arena *mem = arena_new();
  cgp_node *node = arena_memdup(mem, c->node, (size_t)nodes * sizeof *node);
  memcpy(out, c->out, sizeof out);
  if (!cgp_encode(c, n, &island->r) || !cgp_settle(c) || c->cost > cost) {
    c->nodes = nodes;
    memcpy(c->node, node, (size_t)nodes * sizeof *node);
    memcpy(c->out, out, sizeof out);
    cgp_settle(c);
  }
  arena_free(mem);
}

// Each island's circuit is written anew in simplest form, with other spare nodes; or its neighbour's better one is.
static void between_rounds(evolve_state *s) {
  if (s->round % REFRESH)
    return;
  bool migrate = s->round % MIGRATE == 0;
  arena *mem = arena_new();
  const netlist **now = arena_new_array(mem, const netlist *, (size_t)s->islands);
  int64_t *cost = arena_new_array(mem, int64_t, (size_t)s->islands);
  for (int i = 0; i < s->islands; i++) {
    now[i] = cgp_decode(mem, s->island[i].c);
    cost[i] = s->island[i].c->cost;
  }
#pragma omp parallel for schedule(dynamic, 1)
  for (int i = 0; i < s->islands; i++) {
    int from = (i + s->islands - 1) % s->islands;
    replace(&s->island[i], now[migrate && cost[from] < cost[i] ? from : i]);
  }
  arena_free(mem);
}

static int best_island(const evolve_state *s) {
  int best = 0;
  for (int i = 1; i < s->islands; i++)
    if (s->island[i].c->cost < s->island[best].c->cost)
      best = i;
  return best;
}

// ---- before and after ----------------------------------------------------------------------------------------------
static bool check_options(const netlist *n, mul_sig sig, evolve_options *o, diag *d) {
  if (sig.a_bits + sig.b_bits > 16 || n->out_bits > 32)
    return diag_error(d, "evolve: %d x %d bits; both operands together may have at most 16", sig.a_bits, sig.b_bits);
  assert(n->a_bits == sig.a_bits && n->b_bits == sig.b_bits);
  if (o->mae < 0 && o->wce < 0)
    return diag_error(d, "evolve: a bound is needed: a mean absolute error, a worst-case error, or both");
  o->islands = o->islands ? o->islands : 4;
  o->offspring = o->offspring ? o->offspring : 4;
  o->mutations = o->mutations ? o->mutations : 2;
  if (o->islands < 1 || o->islands > 256 || o->offspring < 1 || o->offspring > 1024 || o->mutations < 1 ||
      o->mutations > CGP_CHANGES_MAX)
    return diag_error(d, "evolve: 1..256 islands, 1..1024 offspring and 1..%d mutations are possible", CGP_CHANGES_MAX);
  if (n->count > 20000)
    return diag_error(d, "evolve: the circuit has %zu gates; at most 20000 are possible", n->count);
  return true;
}

static void add_numbers(str *text, const double *values, size_t count) {
  for (size_t i = 0; values && i < count; i++)
    str_printf(text, "%a ", values[i]);
  str_add(text, "|");
}

static const char *identify(arena *mem, const netlist *n, mul_sig s, const evolve_options *o) {
  str text = {0};
  nl_print(n, &text);
  str_printf(&text, "%d%d%d %d %a %lld %llu %d %d %d|", s.a_signed, s.b_signed, s.p_signed, (int)o->objective, o->mae,
             (long long)o->wce, (unsigned long long)o->seed, o->islands, o->offspring, o->mutations);
  add_numbers(&text, o->weights.a, (size_t)1 << s.a_bits);
  add_numbers(&text, o->weights.b, (size_t)1 << s.b_bits);
  add_numbers(&text, o->weights.joint, (size_t)1 << (s.a_bits + s.b_bits));
  const char *id = hash_hex(mem, text.data, text.len);
  str_free(&text);
  return id;
}

static bool refused_start(const netlist *n, mul_sig sig, const evolve_options *o, diag *d) {
  arena *mem = arena_new();
  const mul *m = mul_from_netlist(mem, "start", sig, n);
  mul_errors e = mul_error_figures(m, &o->weights, 1);
  diag_error(d, "evolve: the starting circuit breaks the bounds: its mean absolute error is %g, its worst %lld", e.mae,
             (long long)e.wce);
  arena_free(mem);
  return false;
}

static bool start(evolve_state *s, arena *mem, const netlist *n, const evolve_options *o, diag *d) {
  bool resume = o->checkpoint && file_exists(o->checkpoint);
  for (int i = 0; i < s->islands; i++) {
    evolve_island *island = &s->island[i];
    island->r = rng_seed(o->seed * 1000003 + (uint64_t)i);
    island->c = cgp_new(mem, s->p, (int)(n->count + n->count / 4) + ROOM);
    if (!resume)
      cgp_encode(island->c, n, &island->r);
  }
  bytes text;
  if (resume && (!file_read(mem, o->checkpoint, (size_t)1 << 28, &text, d) ||
                 !evolve_restore(s, o->checkpoint, (const char *)text.data, d)))
    return false;
  for (int i = 0; i < s->islands; i++) {
    cgp *c = s->island[i].c;
    if (!cgp_settle(c))
      return resume ? diag_error(d, "%s: holds a circuit that breaks the bounds", o->checkpoint)
                    : refused_start(n, s->p->sig, o, d);
    if (resume) // what this cost was counted when the circuit was first found
      c->candidates = c->simulated = c->complete = 0;
  }
  return true;
}

static bool write_checkpoint(const evolve_options *o, const str *state, diag *d) {
  return !o->checkpoint || file_write(o->checkpoint, state->data, state->len, d);
}

// The same number of generations of all islands.
static void run_islands(evolve_state *s, const evolve_options *o, uint64_t generations) {
#pragma omp parallel for schedule(dynamic, 1)
  for (int i = 0; i < s->islands; i++)
    run_generations(&s->island[i], o, generations);
}

// Rounds, then what is left of a round. The state at the end of the last whole round is what the checkpoint gets, so
// that a longer search can go on from it. *done: generations.
static bool search(evolve_state *s, const evolve_options *o, uint64_t *done, bool *stopped, diag *d) {
  uint64_t rounds = o->generations / GENERATIONS, rest = o->generations % GENERATIONS;
  bool finished = s->round >= rounds; // by the run that wrote the checkpoint
  double began = clock_seconds(), saved = began;
  progress bar = progress_begin("evolve", rounds);
  progress_step(&bar, s->round);
  str state = {0};
  bool ok = true;
  evolve_save(s, &state);
  while (ok && s->round < rounds && !*stopped) {
    run_islands(s, o, GENERATIONS);
    if (interrupted()) {
      *stopped = true;
      break;
    }
    s->round++;
    between_rounds(s);
    state.len = 0;
    evolve_save(s, &state);
    double now = clock_seconds();
    if (now - saved > 5) {
      ok = write_checkpoint(o, &state, d);
      saved = now;
    }
    *stopped = o->seconds > 0 && now - began > o->seconds && (s->round < rounds || rest);
    progress_step(&bar, 1);
  }
  progress_end(&bar);
  ok = ok && (finished || write_checkpoint(o, &state, d));
  str_free(&state);
  *done = s->round * GENERATIONS;
  if (ok && rest && s->round == rounds && !*stopped) {
    run_islands(s, o, rest);
    *stopped = interrupted();
    *done += *stopped ? 0 : rest;
  }
  return ok;
}

static void report(arena *mem, const evolve_state *s, const netlist *seed, const evolve_options *o, uint64_t done,
                   evolve_result *out) {
  *out = (evolve_result){.net = cgp_decode(mem, s->island[best_island(s)].c)};
  const mul *m = mul_from_netlist(mem, "evolved", s->p->sig, out->net);
  out->errors = mul_error_figures(m, NULL, 1);
  out->weighted_mae = mul_error_figures(m, &o->weights, 1).mae;
  evolve_estimate(out->net, &out->area, &out->energy);
  evolve_estimate(seed, &out->seed_area, &out->seed_energy);
  out->generations = done;
  for (int i = 0; i < s->islands; i++) {
    const evolve_island *k = &s->island[i];
    out->candidates += k->candidates + k->c->candidates;
    out->simulated += k->simulated + k->c->simulated;
    out->complete += k->complete + k->c->complete;
  }
}

bool evolve(arena *mem, const netlist *seed, mul_sig sig, const evolve_options *options, evolve_result *out, diag *d) {
  evolve_options o = *options;
  if (!check_options(seed, sig, &o, d))
    return false;
  evolve_state s = {.p = cgp_problem_new(mem, sig, seed->out_bits, &o), .islands = o.islands};
  s.island = arena_new_array(mem, evolve_island, (size_t)o.islands);
  s.id = identify(mem, seed, sig, &o);
  uint64_t done = 0;
  bool stopped = false, ok = start(&s, mem, seed, &o, d) && search(&s, &o, &done, &stopped, d);
  if (ok)
    report(mem, &s, seed, &o, done, out);
  out->interrupted = stopped;
  for (int i = 0; i < s.islands && s.island[i].c; i++)
    cgp_release(s.island[i].c);
  return ok;
}

void evolve_estimate(const netlist *n, double *area_um2, double *energy_fj) {
  arena *mem = arena_new();
  mul_sig sig = {.a_bits = n->a_bits, .b_bits = n->b_bits};
  for (int objective = EVOLVE_AREA; objective <= EVOLVE_ENERGY; objective++) {
    evolve_options o = {.objective = (evolve_objective)objective, .mae = -1, .wce = -1};
    const cgp_problem *p = cgp_problem_new(mem, sig, n->out_bits, &o);
    cgp *c = cgp_new(mem, p, (int)n->count + 1);
    rng r = rng_seed(0);
    cgp_encode(c, n, &r);
    cgp_settle(c);
    double vectors = (double)p->blocks * 64 * p->words;
    if (objective == EVOLVE_AREA)
      *area_um2 = (double)c->cost * 1e-3;
    else
      *energy_fj = (double)c->cost * 2 / (vectors * vectors) * 1e-3;
    cgp_release(c);
  }
  arena_free(mem);
}
