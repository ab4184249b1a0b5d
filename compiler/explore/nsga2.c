// SPDX-License-Identifier: Apache-2.0
//
// NSGA-II (Deb et al., 2002): elitist, fast non-dominated sorting, crowding distance, binary tournaments, and losses
// beyond the bound as violations of a constraint. Two objectives, or with two figures three. No child repeats what was
// judged before.
#include "compiler/explore/method_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TRIES = 50 /* to make a child that is new */, OBJECTIVES = 3 };

// ---- genetic operators for strings of bytes ----

void nsga2_block(rng *r, int64_t count, int64_t *from, int64_t *to) {
  int64_t most = count;
  int bits = 0;
  for (; most > 1; most /= 2)
    bits++;
  int64_t length = (int64_t)1 << rng_below(r, (uint32_t)bits + 1);
  length += (int64_t)(rng_unit(r) * (double)length);
  length = length < count ? length : count;
  *from = (int64_t)(rng_unit(r) * (double)(count - length + 1));
  *to = *from + length;
}

int nsga2_changes(rng *r) {
  int changes = 1;
  while (changes < 8 && !rng_below(r, 3))
    changes++;
  return changes;
}

void nsga2_cross_genes(rng *r, const uint8_t *a, const uint8_t *b, uint8_t *child, int64_t count) {
  memcpy(child, a, (size_t)count);
  if (rng_below(r, 2)) {
    int64_t from, to;
    nsga2_block(r, count, &from, &to);
    memcpy(child + from, b + from, (size_t)(to - from));
    return;
  }
  uint64_t coins = 0;
  for (int64_t i = 0; i < count; i++) {
    coins = i % 64 ? coins >> 1 : rng_next(r);
    child[i] = coins & 1 ? b[i] : a[i];
  }
}

// ---- the population ----

typedef struct {
  uint8_t *genome, *decisions; // the same where genomes are plain
  double cost, other, loss; // other: the second figure where there are two, else 0
  int rank;
  double crowding;
  int64_t born; // when: the first of equals comes first
} individual;

typedef struct {
  nsga2 n;
  budget *b;
  arena *mem;
  double max_loss;
  individual *all; // parents, then children
  int size, room; // of parents; of both
  int64_t births;
  individual **sorted; // [room]
} population;

static bool dominates(const population *p, const individual *a, const individual *b) {
  if (a->loss > p->max_loss || b->loss > p->max_loss)
    return a->loss < b->loss;
  return a->cost <= b->cost && a->other <= b->other && a->loss <= b->loss &&
         (a->cost < b->cost || a->other < b->other || a->loss < b->loss);
}

static int order(double a, double b) { return (a > b) - (a < b); }

// Loss goes with cost along a front, except beyond the bound, where all have the same loss.
static int by_rank_and_cost(const void *a, const void *b) {
  const individual *x = a, *y = b;
  int by = (x->rank > y->rank) - (x->rank < y->rank);
  by = by ? by : order(x->cost, y->cost);
  return by ? by : (x->born > y->born) - (x->born < y->born);
}

static int by_rank_and_crowding(const void *a, const void *b) {
  const individual *x = a, *y = b;
  int by = (x->rank > y->rank) - (x->rank < y->rank);
  by = by ? by : order(y->crowding, x->crowding);
  return by ? by : (x->born > y->born) - (x->born < y->born);
}

// Ranks from 0: how many fronts come before.
static void rank_all(const population *p, int count, int *dominators) {
  memset(dominators, 0, (size_t)count * sizeof *dominators);
  for (int i = 0; i < count; i++)
    for (int j = 0; j < count; j++)
      dominators[i] += dominates(p, &p->all[j], &p->all[i]);
  int ranked = 0;
  for (int i = 0; i < count; i++)
    p->all[i].rank = -1;
  for (int rank = 0; ranked < count; rank++) {
    for (int i = 0; i < count; i++)
      if (p->all[i].rank < 0 && !dominators[i])
        p->all[i].rank = rank, ranked++;
    for (int i = 0; i < count; i++)
      for (int j = 0; p->all[i].rank == rank && j < count; j++)
        dominators[j] -= dominates(p, &p->all[i], &p->all[j]);
  }
}

static void crowd_front(individual *f, int count) {
  double cost = f[count - 1].cost - f[0].cost, loss = fabs(f[count - 1].loss - f[0].loss);
  for (int i = 0; i < count; i++)
    f[i].crowding = i == 0 || i == count - 1 ? INFINITY
                                             : (cost > 0 ? (f[i + 1].cost - f[i - 1].cost) / cost : 0) +
                                                   (loss > 0 ? fabs(f[i + 1].loss - f[i - 1].loss) / loss : 0);
}

static double objective(const individual *i, int which) {
  const double of[OBJECTIVES] = {i->cost, i->other, i->loss};
  return of[which];
}

// With two figures no order is that of all objectives: neighbours are those in each.
static void crowd_front_of_two(const population *p, individual *f, int count) {
  for (int i = 0; i < count; i++)
    f[i].crowding = 0;
  for (int o = 0; o < OBJECTIVES; o++) {
    for (int i = 0; i < count; i++) { // insertion: of equals the first comes first
      int at = i;
      for (; at && objective(p->sorted[at - 1], o) > objective(&f[i], o); at--)
        p->sorted[at] = p->sorted[at - 1];
      p->sorted[at] = &f[i];
    }
    double range = objective(p->sorted[count - 1], o) - objective(p->sorted[0], o);
    for (int i = 0; i < count; i++)
      if (i == 0 || i == count - 1)
        p->sorted[i]->crowding = INFINITY;
      else if (range > 0)
        p->sorted[i]->crowding += (objective(p->sorted[i + 1], o) - objective(p->sorted[i - 1], o)) / range;
  }
}

// Best first.
static void sort_all(const population *p, int count, int *scratch) {
  rank_all(p, count, scratch);
  qsort(p->all, (size_t)count, sizeof *p->all, by_rank_and_cost);
  for (int from = 0, to; from < count; from = to) {
    for (to = from + 1; to < count && p->all[to].rank == p->all[from].rank;)
      to++;
    if (p->n.space->p->figure[0])
      crowd_front_of_two(p, p->all + from, to - from);
    else
      crowd_front(p->all + from, to - from);
  }
  qsort(p->all, (size_t)count, sizeof *p->all, by_rank_and_crowding);
}

static const individual *tournament(const population *p) {
  int a = (int)rng_below(p->n.r, (uint32_t)p->size), b = (int)rng_below(p->n.r, (uint32_t)p->size);
  return &p->all[a < b ? a : b]; // they are sorted
}

static void decode(const population *p, const individual *i) {
  if (!p->n.encoding->plain)
    p->n.encoding->decode(&p->n, i->genome, i->decisions);
}

static void breed(const population *p, individual *child) {
  const nsga2_encoding *e = p->n.encoding;
  const individual *a = tournament(p), *b = tournament(p);
  if (a != b && rng_below(p->n.r, 10))
    e->cross(&p->n, a->genome, b->genome, child->genome);
  else
    memcpy(child->genome, a->genome, e->length);
  e->mutate(&p->n, child->genome);
}

// Fills [from, to) with new individuals: the first ones, or children. How many there are then.
static int fill(population *p, int from, int to, bool first) {
  int at = from;
  for (int i = from; i < to; i++) {
    individual *child = &p->all[at];
    bool fresh = false;
    for (int tries = 0; tries < TRIES && !fresh; tries++) {
      if (tries && (first || tries % 8)) // the same again, changed some more
        p->n.encoding->mutate(&p->n, child->genome);
      else if (first)
        p->n.encoding->create(&p->n, i, p->size, child->genome);
      else
        breed(p, child);
      decode(p, child);
      child->born = p->births++;
      fresh = budget_claim(p->b, child->decisions);
    }
    at += fresh;
  }
  return at;
}

// The losses and costs of [from, to). False: the search ends.
static bool judge(const population *p, int from, int to) {
  const uint8_t **sets = arena_new_array(p->mem, const uint8_t *, (size_t)(to - from));
  double *loss = arena_new_array(p->mem, double, (size_t)(to - from));
  for (int i = from; i < to; i++)
    sets[i - from] = p->all[i].decisions;
  if (!budget_judge(p->b, sets, to - from, loss))
    return false;
  for (int i = from; i < to; i++) {
    p->all[i].loss = loss[i - from];
    double cost[2];
    search_costs(p->n.space->p, p->all[i].decisions, cost);
    p->all[i].cost = cost[0], p->all[i].other = cost[1];
  }
  return true;
}

static population population_new(const search_space *s, const nsga2_encoding *e, budget *b, arena *mem) {
  int64_t left = budget_left(b);
  int size = (int)clamp64(left / 10, 8, clamp64(left / 100, 40, 200));
  size = space_at_once(s, (int)(size < left ? size : left));
  population p = {.b = b, .mem = mem, .max_loss = s->p->max_loss, .size = size, .room = 2 * size};
  p.all = arena_new_array(mem, individual, (size_t)p.room);
  p.sorted = arena_new_array(mem, individual *, (size_t)p.room);
  for (int i = 0; i < p.room; i++) {
    p.all[i].genome = arena_alloc(mem, e->length);
    p.all[i].decisions = e->plain ? p.all[i].genome : arena_alloc(mem, (size_t)s->p->units);
  }
  return p;
}

void nsga2_run(const search_space *s, const nsga2_encoding *e, const search_options *o, arena *mem) {
  rng r = rng_seed(o->seed);
  population p = population_new(s, e, budget_new(mem, s->p, o->evaluations), mem);
  p.n = (nsga2){.space = s, .encoding = e, .r = &r};
  if (o->seeded && s->p->harm) {
    double *price = arena_new_array(mem, double, (size_t)p.size);
    space_prices(s, &r, price, p.size);
    p.n.price = price;
  }
  int *scratch = arena_new_array(mem, int, (size_t)p.room);
  p.size = fill(&p, 0, p.size, true);
  bool more = p.size && judge(&p, 0, p.size);
  if (more)
    sort_all(&p, p.size, scratch);
  while (more && !budget_over(p.b)) {
    int64_t most = p.size < budget_left(p.b) ? p.size : budget_left(p.b);
    int to = fill(&p, p.size, p.size + (int)most, false);
    more = to > p.size && judge(&p, p.size, to); // none: all there is was judged, or nearly
    if (more)
      sort_all(&p, to, scratch);
  }
}

// ---- decisions as genomes ----

static void create_plain(const nsga2 *n, int which, int count, uint8_t *genome) {
  if (n->price)
    space_decide_by_price(n->space, n->price[which], genome);
  else if (which < 2) // the cheapest, and what harms least
    space_decide_by_price(n->space, which ? INFINITY : 0, genome);
  else
    space_random(n->space, n->r, which < count / 2 ? 1 : random_odds(n->r), genome);
}

static void cross_plain(const nsga2 *n, const uint8_t *a, const uint8_t *b, uint8_t *child) {
  nsga2_cross_genes(n->r, a, b, child, n->space->p->units); // repaired when it mutates
}

// What a unit may change to. Where the limit on choices is reached, only to those that occur.
static uint64_t open_to(const search_space *s, const uint8_t *genome) {
  uint64_t used = space_used(s, genome);
  return __builtin_popcountll(used) >= s->most ? used : ~(uint64_t)0;
}

// The next cheaper or dearer of `choices` in a unit; what it has where there is none.
static int next_by_cost(const search_space *s, int64_t u, uint64_t choices, int now, bool dearer) {
  int best = now;
  for (; choices; choices &= choices - 1) {
    int c = __builtin_ctzll(choices);
    double cost = space_cost(s, u, c), from = space_cost(s, u, now), to = space_cost(s, u, best);
    if (dearer ? cost > from && (best == now || cost < to) : cost < from && (best == now || cost > to))
      best = c;
  }
  return best;
}

static void change_some(const nsga2 *n, uint8_t *genome) {
  uint64_t open = open_to(n->space, genome);
  for (int left = nsga2_changes(n->r); left; left--) {
    int64_t u = (int64_t)(rng_unit(n->r) * (double)n->space->p->units);
    uint64_t other = n->space->allowed[u] & open & ~((uint64_t)1 << genome[u]);
    if (other && rng_below(n->r, 2))
      genome[u] = (uint8_t)palette_pick(other, n->r);
    else
      genome[u] = (uint8_t)next_by_cost(n->space, u, other, genome[u], rng_below(n->r, 2));
  }
}

// A block of units changes to one choice; or only those of them that have a certain one.
static void change_block(const nsga2 *n, uint8_t *genome, bool all) {
  const search_space *s = n->space;
  int64_t from, to;
  nsga2_block(n->r, s->p->units, &from, &to);
  if (!all && rng_below(n->r, 2))
    from = 0, to = s->p->units;
  uint64_t open = all ? open_to(s, genome) : ~(uint64_t)0, choices = ~(uint64_t)0 >> (64 - s->p->choices);
  int old = genome[from], now = palette_pick(open & choices, n->r);
  for (int64_t u = from; u < to; u++)
    if ((s->allowed[u] >> now & 1) && (all || genome[u] == old))
      genome[u] = (uint8_t)now;
}

static void mutate_plain(const nsga2 *n, uint8_t *genome) {
  uint32_t kind = rng_below(n->r, 8);
  if (kind < 5)
    change_some(n, genome);
  else
    change_block(n, genome, kind == 5);
  space_repair(n->space, genome);
}

bool search_nsga2(const search_problem *p, const search_options *o, diag *d) {
  static const nsga2_encoding PLAIN = {
      .plain = true, .create = create_plain, .cross = cross_plain, .mutate = mutate_plain};
  arena *mem = arena_new();
  search_space s;
  bool ok = space_begin(&s, mem, p, p->most_choices, d);
  if (ok) {
    nsga2_encoding e = PLAIN;
    e.length = (size_t)p->units;
    nsga2_run(&s, &e, o, mem);
  }
  arena_free(mem);
  return ok;
}
