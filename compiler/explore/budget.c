// SPDX-License-Identifier: Apache-2.0
//
// What was judged: a table of 128-bit hashes, so that nothing is judged twice however large decisions are.
#include "compiler/explore/method_parts.h"

#include <math.h>

static const double WORST_LOSS = 1e300; // for what is no number

typedef struct {
  uint64_t key[2]; // both 0: empty
  double loss; // NAN: not judged
} seen;

struct budget {
  arena *mem;
  const search_problem *p;
  int64_t left;
  bool ended; // by the judge
  seen *table;
  size_t count, room; // a power of two
};

budget *budget_new(arena *mem, const search_problem *p, int64_t evaluations) {
  budget *b = arena_new_object(mem, budget);
  *b = (budget){.mem = mem, .p = p, .left = evaluations > 0 ? evaluations : SEARCH_EVALUATIONS, .room = 256};
  b->table = arena_new_array(mem, seen, b->room);
  return b;
}

int64_t budget_left(const budget *b) { return b->left; }
bool budget_over(const budget *b) { return b->ended || b->left <= 0; }

static seen *slot_of(const budget *b, const uint64_t *key) {
  size_t at = key[0] & (b->room - 1);
  while ((b->table[at].key[0] || b->table[at].key[1]) &&
         (b->table[at].key[0] != key[0] || b->table[at].key[1] != key[1]))
    at = (at + 1) & (b->room - 1);
  return &b->table[at];
}

static void grow(budget *b) {
  const seen *old = b->table;
  size_t room = b->room;
  b->room *= 2;
  b->table = arena_new_array(b->mem, seen, b->room);
  for (size_t i = 0; i < room; i++)
    if (old[i].key[0] || old[i].key[1])
      *slot_of(b, old[i].key) = old[i];
}

// Valid until the next look.
static seen *look(budget *b, const uint8_t *decisions, bool *fresh) {
  size_t size = (size_t)b->p->units;
  uint64_t key[2] = {hash_64(1, decisions, size), hash_64(2, decisions, size) | 1};
  if (b->count >= b->room / 2)
    grow(b);
  seen *s = slot_of(b, key);
  *fresh = !s->key[1];
  if (*fresh) {
    *s = (seen){{key[0], key[1]}, NAN};
    b->count++;
  }
  return s;
}

bool budget_claim(budget *b, const uint8_t *decisions) {
  bool fresh;
  look(b, decisions, &fresh);
  return fresh;
}

bool budget_judge(budget *b, const uint8_t *const *decisions, int count, double *loss) {
  arena *mem = arena_new();
  const uint8_t **ask = arena_new_array(mem, const uint8_t *, (size_t)count);
  double *answer = arena_new_array(mem, double, (size_t)count);
  int asked = 0;
  bool fresh, enough = !b->ended;
  for (int i = 0; i < count && enough; i++) {
    if (!isnan(look(b, decisions[i], &fresh)->loss))
      continue;
    enough = asked < b->left;
    if (enough)
      ask[asked++] = decisions[i];
  }
  if (asked && !b->ended) {
    b->left -= asked;
    b->ended = !b->p->judge(b->p->context, ask, asked, answer);
    for (int i = 0; i < asked && !b->ended; i++)
      look(b, ask[i], &fresh)->loss = isfinite(answer[i]) ? answer[i] : WORST_LOSS;
  }
  for (int i = 0; i < count; i++)
    loss[i] = look(b, decisions[i], &fresh)->loss;
  arena_free(mem);
  return enough && !b->ended;
}

// ---- batches ----

batch batch_new(arena *mem, budget *b, const search_space *s, int most) {
  batch n = {.budget = b, .room = space_at_once(s, most)};
  n.set = arena_new_array(mem, uint8_t *, (size_t)n.room);
  for (int i = 0; i < n.room; i++)
    n.set[i] = arena_alloc(mem, (size_t)s->p->units);
  return n;
}

bool batch_flush(batch *b) {
  double loss[256];
  assert(b->room <= (int)BASE_COUNT(loss));
  bool more = !b->count || budget_judge(b->budget, (const uint8_t *const *)b->set, b->count, loss);
  b->count = 0;
  return more && !budget_over(b->budget);
}

bool batch_keep(batch *b) {
  if (!budget_claim(b->budget, batch_next(b)))
    return !budget_over(b->budget);
  b->count++;
  return b->count < b->room && b->count < budget_left(b->budget) ? true : batch_flush(b);
}
