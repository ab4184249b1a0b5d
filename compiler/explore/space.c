// SPDX-License-Identifier: Apache-2.0
//
// The space of decisions: costs that are not finite forbid choices in units, and a limit on the choices that occur
// makes sets of choices matter: each must leave every unit something.
#include "compiler/explore/method_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double sum_of(const search_problem *p, const double *of, const uint8_t *decisions) {
  double sum = 0;
  for (int64_t u = 0; u < p->units; u++)
    sum += of[u * p->choices + decisions[u]];
  return sum;
}

double search_cost(const search_problem *p, const uint8_t *decisions) { return sum_of(p, p->cost, decisions); }

void search_costs(const search_problem *p, const uint8_t *decisions, double cost[2]) {
  cost[0] = sum_of(p, p->figure[0] ? p->figure[0] : p->cost, decisions);
  cost[1] = p->figure[0] ? sum_of(p, p->figure[1], decisions) : 0;
}

enum { MOST_CHOICES = 64, MOST_TRIES = 100000 /* to complete a palette */, SAMPLED = 4096 /* units */ };

static int by_bits(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

// The different masks among those of all units. Neighbours are mostly alike.
static void gather_needs(search_space *s, arena *mem) {
  uint64_t *need = NULL;
  size_t count = 0, room = 0;
  for (int64_t u = 0; u < s->p->units; u++)
    if (!u || s->allowed[u] != s->allowed[u - 1]) {
      arena_grow(mem, need, count, room);
      need[count++] = s->allowed[u];
    }
  if (count)
    qsort(need, count, sizeof *need, by_bits);
  for (size_t i = 0; i < count; i++)
    if (!i || need[i] != need[s->needs - 1])
      need[s->needs++] = need[i];
  s->need = need;
}

bool space_begin(search_space *s, arena *mem, const search_problem *p, int most, diag *d) {
  assert(p->units > 0 && p->choices > 0 && p->choices <= MOST_CHOICES);
  *s = (search_space){.p = p, .most = most > 0 && most < p->choices ? most : p->choices};
  uint64_t *allowed = arena_new_array(mem, uint64_t, (size_t)p->units);
  for (int64_t u = 0; u < p->units; u++) {
    for (int c = 0; c < p->choices; c++)
      allowed[u] |= (uint64_t)(bool)isfinite(p->cost[u * p->choices + c]) << c;
    assert(allowed[u]);
  }
  s->allowed = allowed;
  gather_needs(s, mem);
  return palette_complete(s, 0) ||
         diag_error(d, "%d multiplier%s: so few cannot serve every part of the network, with what is allowed where",
                    s->most, plural((size_t)s->most));
}

// ---- palettes ----

uint64_t space_used(const search_space *s, const uint8_t *decisions) {
  uint64_t used = 0;
  for (int64_t u = 0; u < s->p->units; u++)
    used |= (uint64_t)1 << decisions[u];
  return used;
}

static int size_of(uint64_t palette) { return __builtin_popcountll(palette); }
static int first_of(uint64_t palette) { return __builtin_ctzll(palette); }

// Branches on the need with fewest choices that is not hit yet; at most `most` deep.
static uint64_t complete(const search_space *s, uint64_t palette, int *tries) {
  uint64_t least = 0;
  for (size_t i = 0; i < s->needs; i++)
    if (!(s->need[i] & palette) && (!least || size_of(s->need[i]) < size_of(least)))
      least = s->need[i];
  if (!least)
    return palette;
  if (size_of(palette) >= s->most)
    return 0;
  for (uint64_t rest = least; rest && --*tries > 0; rest &= rest - 1) {
    uint64_t found = complete(s, palette | (rest & -rest), tries);
    if (found)
      return found;
  }
  return 0;
}

uint64_t palette_complete(const search_space *s, uint64_t palette) {
  int tries = MOST_TRIES;
  return size_of(palette) > s->most ? 0 : complete(s, palette, &tries);
}

uint64_t palette_by(const search_space *s, const int *order) {
  uint64_t palette = 0, whole = palette_complete(s, 0);
  for (int i = 0; i < s->p->choices && size_of(palette) < s->most; i++) {
    uint64_t with = palette | (uint64_t)1 << order[i], completed = palette_complete(s, with);
    if (completed)
      palette = with, whole = completed;
  }
  return whole; // a completed one holds `palette`
}

uint64_t palette_random(const search_space *s, rng *r) {
  int order[MOST_CHOICES];
  for (int i = 0; i < s->p->choices; i++) {
    int j = (int)rng_below(r, (uint32_t)i + 1);
    order[i] = order[j];
    order[j] = i;
  }
  return palette_by(s, order);
}

int palette_pick(uint64_t palette, rng *r) {
  for (uint32_t skip = rng_below(r, (uint32_t)size_of(palette)); skip; skip--)
    palette &= palette - 1;
  return first_of(palette);
}

int palette_nearest(const search_space *s, uint64_t palette, int64_t unit, int choice) {
  palette &= s->allowed[unit];
  assert(palette);
  if (palette >> choice & 1)
    return choice;
  double cost = space_cost(s, unit, choice);
  if (!isfinite(cost)) // nothing is near: the dearest, which is likely to harm least
    cost = HUGE_VAL;
  int best = -1;
  double least = 0;
  for (; palette; palette &= palette - 1) {
    int c = first_of(palette);
    double away = isfinite(cost) ? fabs(space_cost(s, unit, c) - cost) : -space_cost(s, unit, c);
    if (best < 0 || away < least)
      best = c, least = away;
  }
  return best;
}

// Choices by how often they occur, the first of equals first.
static void order_by_use(const search_space *s, const uint8_t *decisions, int *order) {
  int64_t uses[MOST_CHOICES] = {0};
  for (int64_t u = 0; u < s->p->units; u++)
    uses[decisions[u]]++;
  for (int i = 0; i < s->p->choices; i++) {
    int at = i;
    for (; at && uses[order[at - 1]] < uses[i]; at--)
      order[at] = order[at - 1];
    order[at] = i;
  }
}

void space_repair(const search_space *s, uint8_t *decisions) {
  uint64_t palette = ~(uint64_t)0;
  if (size_of(space_used(s, decisions)) > s->most) {
    int order[MOST_CHOICES] = {0};
    order_by_use(s, decisions, order);
    palette = palette_by(s, order);
  }
  for (int64_t u = 0; u < s->p->units; u++)
    if (!(s->allowed[u] & palette & (uint64_t)1 << decisions[u]))
      decisions[u] = (uint8_t)palette_nearest(s, palette, u, decisions[u]);
}

// ---- the best decisions by some value ----

static bool better(const search_space *s, int64_t u, int c, double value, int than, double least) {
  if (than < 0 || value != least)
    return than < 0 || value < least;
  double a = space_cost(s, u, c), b = space_cost(s, u, than);
  return a != b ? a < b : space_harm(s, u, c) < space_harm(s, u, than);
}

static uint64_t decide_within(const search_space *s, uint64_t palette, space_value value, const void *context,
                              uint8_t *decisions) {
  uint64_t used = 0;
  for (int64_t u = 0; u < s->p->units; u++) {
    int best = -1;
    double least = 0;
    for (uint64_t rest = s->allowed[u] & palette; rest; rest &= rest - 1) {
      double v = value(s, u, first_of(rest), context);
      if (better(s, u, first_of(rest), v, best, least))
        best = first_of(rest), least = v;
    }
    assert(best >= 0);
    decisions[u] = (uint8_t)best;
    used |= (uint64_t)1 << best;
  }
  return used;
}

// The sum of values with each choice added to the palette; a unit that has none yet counts with its worst.
static void add_totals(const search_space *s, uint64_t palette, space_value value, const void *context, double *total) {
  for (int64_t u = 0; u < s->p->units; u++) {
    double v[MOST_CHOICES], worst = -HUGE_VAL, now = HUGE_VAL;
    for (int c = 0; c < MOST_CHOICES; c++) {
      bool allowed = s->allowed[u] >> c & 1;
      v[c] = allowed ? value(s, u, c, context) : HUGE_VAL;
      worst = allowed ? fmax(worst, v[c]) : worst;
      now = palette >> c & 1 ? fmin(now, v[c]) : now;
    }
    now = fmin(now, worst);
    for (int c = 0; c < s->p->choices; c++)
      total[c] += fmin(now, v[c]);
  }
}

static uint64_t best_palette(const search_space *s, space_value value, const void *context) {
  uint64_t palette = 0, whole = palette_complete(s, 0);
  for (int i = 0; i < s->most; i++) {
    double total[MOST_CHOICES] = {0};
    add_totals(s, palette, value, context, total);
    int best = -1;
    uint64_t completed = 0;
    for (int c = 0; c < s->p->choices; c++)
      if (!(palette >> c & 1) && (best < 0 || total[c] < total[best])) {
        uint64_t with = palette_complete(s, palette | (uint64_t)1 << c);
        if (with)
          best = c, completed = with;
      }
    if (best < 0)
      break;
    palette |= (uint64_t)1 << best;
    whole = completed;
  }
  return whole;
}

void space_decide(const search_space *s, space_value value, const void *context, uint8_t *decisions) {
  uint64_t used = decide_within(s, ~(uint64_t)0, value, context, decisions);
  if (size_of(used) > s->most)
    decide_within(s, best_palette(s, value, context), value, context, decisions);
}

static double priced(const search_space *s, int64_t u, int c, const void *price) {
  return space_cost(s, u, c) + *(const double *)price * space_harm(s, u, c);
}

static double harmful(const search_space *s, int64_t u, int c, const void *unused) {
  (void)unused;
  return s->p->harm ? space_harm(s, u, c) : -space_cost(s, u, c);
}

size_t palettes_all(const search_space *s, size_t room, uint64_t *out) {
  double ways = 1;
  for (int i = 0; i < s->most; i++)
    ways = ways * (s->p->choices - i) / (i + 1);
  if (ways > (double)room + 0.5)
    return 0;
  size_t count = 0;
  uint64_t end = s->p->choices < 64 ? (uint64_t)1 << s->p->choices : 0;
  for (uint64_t set = ((uint64_t)2 << (s->most - 1)) - 1; set && (!end || set < end);) {
    if (palette_complete(s, set) == set)
      out[count++] = set;
    uint64_t low = set & -set, up = set + low; // the next greater one of as many bits
    set = up ? ((set ^ up) >> 2) / low | up : 0;
  }
  return count;
}

double palette_value(const search_space *s, uint64_t palette, double price) {
  double sum = 0;
  for (int64_t u = 0; u < s->p->units; u++) {
    double least = HUGE_VAL;
    for (uint64_t rest = s->allowed[u] & palette; rest; rest &= rest - 1)
      least = fmin(least, priced(s, u, first_of(rest), &price));
    sum += least;
  }
  return sum;
}

// One exchange that makes the value less by more than rounding; false: there is none.
static bool exchange(const search_space *s, double price, uint64_t *palette, double *value) {
  for (uint64_t members = *palette; members; members &= members - 1)
    for (int c = 0; c < s->p->choices; c++) {
      uint64_t with = (*palette & ~(members & -members)) | (uint64_t)1 << c;
      if (*palette >> c & 1 || palette_complete(s, with) != with)
        continue;
      double then = palette_value(s, with, price);
      if (then < *value - 1e-12 * fabs(*value)) {
        *palette = with;
        *value = then;
        return true;
      }
    }
  return false;
}

uint64_t palette_by_price(const search_space *s, double price) {
  uint64_t palette = best_palette(s, priced, &price);
  double value = palette_value(s, palette, price);
  while (exchange(s, price, &palette, &value))
    ;
  return palette;
}

void space_decide_by_price(const search_space *s, double price, uint8_t *decisions) {
  space_decide(s, isfinite(price) ? priced : harmful, &price, decisions);
}

// ---- prices ----

typedef struct {
  double price, cost; // from this price on, that much more is paid
} dearer;

static int by_price(const void *a, const void *b) {
  const dearer *x = a, *y = b;
  return x->price != y->price ? (x->price > y->price) - (x->price < y->price)
                              : (x->cost > y->cost) - (x->cost < y->cost);
}

// The prices at which a unit goes from its cheapest choice on to less harmful ones: the lower hull of (harm, cost).
static int hull_of(const search_space *s, int64_t u, dearer *out) {
  int count = 0, at = -1;
  double nothing = 0;
  for (uint64_t rest = s->allowed[u]; rest; rest &= rest - 1) {
    int c = first_of(rest);
    if (better(s, u, c, priced(s, u, c, &nothing), at, at < 0 ? 0 : space_cost(s, u, at)))
      at = c;
  }
  for (;;) {
    int next = -1;
    double least = 0;
    for (uint64_t rest = s->allowed[u]; rest; rest &= rest - 1) {
      int c = first_of(rest);
      double gain = space_harm(s, u, at) - space_harm(s, u, c);
      double price = (space_cost(s, u, c) - space_cost(s, u, at)) / gain;
      if (gain > 0 && isfinite(price) &&
          (next < 0 || price < least || (price == least && space_harm(s, u, c) < space_harm(s, u, next))))
        next = c, least = price;
    }
    if (next < 0)
      return count;
    out[count++] = (dearer){least, space_cost(s, u, next) - space_cost(s, u, at)};
    at = next;
  }
}

void space_prices(const search_space *s, rng *r, double *price, int count) {
  arena *mem = arena_new();
  int64_t units = s->p->units < SAMPLED ? s->p->units : SAMPLED;
  dearer *steps = arena_new_array(mem, dearer, (size_t)units * (size_t)s->p->choices);
  size_t n = 0;
  double total = 0, paid = 0;
  for (int64_t i = 0; i < units; i++) {
    int64_t u = units == s->p->units ? i : (int64_t)(rng_unit(r) * (double)s->p->units);
    n += (size_t)hull_of(s, u, steps + n);
  }
  for (size_t i = 0; i < n; i++)
    total += steps[i].cost;
  if (n)
    qsort(steps, n, sizeof *steps, by_price);
  size_t at = 0;
  for (int i = 0; i < count; i++) {
    for (; at < n && paid + steps[at].cost <= total * i / (count - 1); at++)
      paid += steps[at].cost;
    price[i] = i == 0 ? 0 : i == count - 1 || at >= n ? INFINITY : steps[at].price;
  }
  arena_free(mem);
}

// ---- random decisions ----

// The choices of a unit by cost, ascending.
static int sort_choices(const search_space *s, int64_t u, uint64_t palette, uint8_t *sorted) {
  int count = 0;
  for (uint64_t rest = s->allowed[u] & palette; rest; rest &= rest - 1) {
    int c = first_of(rest), at = count++;
    for (; at && space_cost(s, u, sorted[at - 1]) > space_cost(s, u, c); at--)
      sorted[at] = sorted[at - 1];
    sorted[at] = (uint8_t)c;
  }
  return count;
}

void space_random(const search_space *s, rng *r, double odds, uint8_t *decisions) {
  uint64_t palette = space_limited(s) ? palette_random(s, r) : ~(uint64_t)0;
  double up_to[MOST_CHOICES], sum = 0, weight = 1; // of the first choices
  for (int i = 0; i < MOST_CHOICES; i++) {
    up_to[i] = sum += weight;
    weight *= odds;
  }
  for (int64_t u = 0; u < s->p->units; u++) {
    uint8_t sorted[MOST_CHOICES];
    int count = sort_choices(s, u, palette, sorted), at = 0;
    double drawn = rng_unit(r) * up_to[count - 1];
    while (at < count - 1 && up_to[at] <= drawn)
      at++;
    decisions[u] = sorted[at];
  }
}

double random_odds(rng *r) {
  double t = rng_unit(r);
  return (t + 0.02) / (1.02 - t);
}

int space_at_once(const search_space *s, int most) {
  return (int)clamp64(((int64_t)1 << 28) / s->p->units, most < 8 ? most : 8, most);
}
