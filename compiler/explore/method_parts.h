// SPDX-License-Identifier: Apache-2.0
//
// What methods share: which decisions are allowed (space.c), what was judged and how much more may be (budget.c), and
// NSGA-II over any encoding of decisions (nsga2.c).
#ifndef AXGEN_METHOD_PARTS_H
#define AXGEN_METHOD_PARTS_H

#include "compiler/explore/method.h"

enum { SEARCH_EVALUATIONS = 300 }; // where none are given

bool search_hawx(const search_problem *p, const search_options *o, diag *d);
bool search_nsga2(const search_problem *p, const search_options *o, diag *d);
bool search_alwann(const search_problem *p, const search_options *o, diag *d);
bool search_greedy(const search_problem *p, const search_options *o, diag *d);
bool search_random(const search_problem *p, const search_options *o, diag *d);
bool search_exhaustive(const search_problem *p, const search_options *o, diag *d);

// Not in the table: what `model` does where units are few and belong to no single layer. harm must be known.
bool search_by_harm(const search_problem *p, const search_options *o, diag *d);

// ---- space.c: which decisions are allowed ----
// A palette is a set of choices, one bit each. Where there are no more than PALETTES_ROOM, all are compared.
enum { PALETTES_ROOM = 512 };
typedef struct {
  const search_problem *p;
  const uint64_t *allowed; // [units] the choices of finite cost
  const uint64_t *need; // [needs] the different ones among them: a palette must hit each
  size_t needs;
  int most; // choices that may occur; as many as there are: no limit
} search_space;

// In `mem`. `most`: how many choices may occur, 0: all. False with a message where no so few choices do for all units.
bool space_begin(search_space *s, arena *mem, const search_problem *p, int most, diag *d);
static inline bool space_limited(const search_space *s) { return s->most < s->p->choices; }
static inline double space_cost(const search_space *s, int64_t unit, int choice) {
  return s->p->cost[unit * s->p->choices + choice];
}
static inline double space_harm(const search_space *s, int64_t unit, int choice) {
  return s->p->harm ? s->p->harm[unit * s->p->choices + choice] : 0;
}
// The choices that occur.
uint64_t space_used(const search_space *s, const uint8_t *decisions);
// At most s->most choices that hold `palette` and do for all units; 0: there are none.
uint64_t palette_complete(const search_space *s, uint64_t palette);
// s->most choices that do for all units, those that come first in `order`, [choices], before others.
uint64_t palette_by(const search_space *s, const int *order);
uint64_t palette_random(const search_space *s, rng *r);
int palette_pick(uint64_t palette, rng *r); // one of its choices
// The choice within `palette` that costs nearest to what `choice` does in this unit; in range where it is not allowed.
int palette_nearest(const search_space *s, uint64_t palette, int64_t unit, int choice);
// s->most choices that do best at a price on harm: picked one by one, then exchanged while that helps. What it comes
// to: the least sum of cost + price * harm within a palette that does for all units.
uint64_t palette_by_price(const search_space *s, double price);
double palette_value(const search_space *s, uint64_t palette, double price);
// All palettes of s->most choices that do for all units: how many, out[room]; 0: s->most of all choices can be taken in
// more than `room` ways.
size_t palettes_all(const search_space *s, size_t room, uint64_t *out);
// Makes decisions allowed: where more choices occur than may, those that occur most often stay.
void space_repair(const search_space *s, uint8_t *decisions);
// Each unit takes the choice of least value, of equal ones the cheaper, then the less harmful. With a limit on choices,
// they are picked one by one, for the least sum of values.
typedef double (*space_value)(const search_space *s, int64_t unit, int choice, const void *context);
void space_decide(const search_space *s, space_value value, const void *context, uint8_t *decisions);
// For a price on harm, the least cost + price * harm; INFINITY: the least harm, or where nobody knows it the dearest.
void space_decide_by_price(const search_space *s, double price, uint8_t *decisions);
// `count` ascending prices at which equal parts of what can be saved are given up, the first 0, the last INFINITY. A
// few thousand units stand for all.
void space_prices(const search_space *s, rng *r, double *price, int count);
// Random decisions within random choices: for odds 1 uniform, below 1 the cheaper are likelier, above 1 the dearer:
// from one choice of a unit to the next dearer one by that factor.
void space_random(const search_space *s, rng *r, double odds, uint8_t *decisions);
double random_odds(rng *r); // a random one, so that costs spread over their range
// How many sets of decisions to hold at once, at most `most`.
int space_at_once(const search_space *s, int most);

// ---- budget.c: what was judged ----
typedef struct budget budget;
budget *budget_new(arena *mem, const search_problem *p, int64_t evaluations); // 0: SEARCH_EVALUATIONS
int64_t budget_left(const budget *b);
bool budget_over(const budget *b); // nothing is left, or the judge said so
// True for decisions that were never seen here before; from now on they were.
bool budget_claim(budget *b, const uint8_t *decisions);
// The losses of `count` different sets; what was judged before is not asked again. False when over: losses may be
// missing (NAN), the search must end.
bool budget_judge(budget *b, const uint8_t *const *decisions, int count, double *loss);

// New decisions, collected and judged together, where the losses do not matter to the method.
typedef struct {
  budget *budget;
  uint8_t **set;
  int count, room;
} batch;
batch batch_new(arena *mem, budget *b, const search_space *s, int most);
static inline uint8_t *batch_next(const batch *b) { return b->set[b->count]; } // to be filled
bool batch_keep(batch *b); // what was filled, if it is new; judges a full batch
bool batch_flush(batch *b); // false: the search must end

// ---- nsga2.c ----
typedef struct nsga2 nsga2;
typedef struct {
  size_t length; // bytes of a genome
  bool plain; // a genome is its decisions
  void (*create)(const nsga2 *n, int which, int population, uint8_t *genome);
  void (*cross)(const nsga2 *n, const uint8_t *a, const uint8_t *b, uint8_t *child);
  void (*mutate)(const nsga2 *n, uint8_t *genome);
  void (*decode)(const nsga2 *n, const uint8_t *genome, uint8_t *decisions); // if not plain
} nsga2_encoding;
struct nsga2 {
  const search_space *space;
  const nsga2_encoding *encoding;
  rng *r;
  const double *price; // [population] of seeds; NULL: no seeds
};
void nsga2_run(const search_space *s, const nsga2_encoding *e, const search_options *o, arena *mem);
// Genes from both parents: each from either, or all of a block from the second.
void nsga2_cross_genes(rng *r, const uint8_t *a, const uint8_t *b, uint8_t *child, int64_t count);
void nsga2_block(rng *r, int64_t count, int64_t *from, int64_t *to); // its length is as likely small as large
int nsga2_changes(rng *r); // at least 1, seldom more

#endif
