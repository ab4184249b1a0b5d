// SPDX-License-Identifier: Apache-2.0
//
// HAWX: scores (here: harm) bound by the loss of a few whole configurations. A boundary of 0, 1, 2 stands for the
// least, the median, the greatest score of each unit, others for scores between. Algorithm 1: every unit takes the
// cheapest choice whose score is inside.
#include "compiler/explore/method_parts.h"

#include <math.h>

enum { TO_THE_BOUNDARY = 5 /* evaluations at most */, AT_ONCE = 32, FINEST = 1 << 12 /* grid */ };
static const double NEAR = 0.9; // of the bound on loss: near enough

typedef struct {
  double of[3]; // least, median, greatest score of a unit
} marks;

typedef struct {
  const marks *marks; // [units]
  double at;
} boundary;

// ---- scores of a unit ----

// Of two in the middle the lower.
static marks marks_of(const search_space *s, int64_t u) {
  double score[64];
  int count = 0;
  for (uint64_t rest = s->allowed[u]; rest; rest &= rest - 1) {
    double h = space_harm(s, u, __builtin_ctzll(rest));
    int at = count++;
    for (; at && score[at - 1] > h; at--)
      score[at] = score[at - 1];
    score[at] = h;
  }
  return (marks){{score[0], score[(count - 1) / 2], score[count - 1]}};
}

static double score_at(const double *mark, double at) {
  if (at >= 2)
    return mark[2];
  int below = (int)at;
  return mark[below] + (mark[below + 1] - mark[below]) * (at - below);
}

// What is inside counts its cost; what is outside always more, and the more, the farther.
static double mapped(const search_space *s, int64_t u, int choice, const void *context) {
  const boundary *b = context;
  const double *mark = b->marks[u].of;
  double limit = score_at(mark, b->at), score = space_harm(s, u, choice);
  return score <= limit ? space_cost(s, u, choice) : 1e3 * (1 + (score - limit) / (mark[2] - mark[0]));
}

static double away(const search_space *s, int64_t u, int choice, const void *context) {
  const boundary *b = context;
  const double *mark = b->marks[u].of;
  return mark[2] > mark[0] ? fabs(space_harm(s, u, choice) - score_at(mark, b->at)) / (mark[2] - mark[0]) : 0;
}

// ---- the boundary ----

typedef struct {
  search_space s;
  budget *b;
  marks *marks;
  uint8_t *set;
  double max_loss;
  int64_t most; // evaluations to the boundary
  int64_t begun; // evaluations that were left at first
  double inside, outside; // boundaries that meet the bound on loss and that do not
  double inside_loss, outside_loss;
} hunt;

// False: the search ends.
static bool judge(const hunt *h, space_value value, double at, double *loss) {
  boundary b = {h->marks, at};
  space_decide(&h->s, value, &b, h->set);
  const uint8_t *set = h->set;
  return budget_judge(h->b, &set, 1, loss);
}

static void note(hunt *h, double at, double loss) {
  if (loss <= h->max_loss)
    h->inside = at, h->inside_loss = loss;
  else
    h->outside = at, h->outside_loss = loss;
}

// The configurations of greatest, median and least scores, as far as they are needed. True: the boundary lies between
// two of them.
static bool bracket(hunt *h) {
  double loss;
  h->inside = -1;
  for (int mark = 2; mark >= 0 && h->inside < 0; mark--) {
    if (!judge(h, away, mark, &loss))
      return false;
    note(h, mark, loss);
  }
  if (h->inside == 2) { // then all are inside, unless the cheapest loses more than the greatest scores
    if (!judge(h, mapped, 2, &loss))
      return false;
    h->inside = h->inside_loss = 0;
    note(h, 2, loss);
  }
  return h->inside >= 0 && h->inside < 2;
}

static void close_in(hunt *h) {
  bool measured = true; // both ends: interpolate
  while (h->begun - budget_left(h->b) < h->most && h->outside - h->inside > 1e-3 &&
         (measured || h->inside_loss < NEAR * h->max_loss)) {
    double part = measured ? (h->max_loss - h->inside_loss) / (h->outside_loss - h->inside_loss) : 0.5, loss;
    double at = h->inside + (h->outside - h->inside) * fmin(fmax(part, 0.05), 0.95);
    measured = false;
    if (!judge(h, mapped, at, &loss))
      return;
    note(h, at, loss);
  }
}

// What is left of the budget goes to boundaries from a little beyond the one found to the strictest, each grid finer,
// as long as that brings anything new.
static void around(const hunt *h, arena *mem) {
  batch b = batch_new(mem, h->b, &h->s, AT_ONCE);
  double most = fmin(fmax(h->inside, 0) * 1.25 + 0.05, 2);
  bool more = !budget_over(h->b), fresh = true;
  for (int grid = 8; grid <= FINEST && more && fresh; grid *= 2) {
    fresh = false;
    for (int i = grid - (grid > 8); i >= 0 && more; i -= grid > 8 ? 2 : 1) { // others are on the grid before
      boundary at = {h->marks, most * i / grid};
      int before = b.count;
      space_decide(&h->s, mapped, &at, batch_next(&b));
      more = batch_keep(&b);
      fresh |= b.count != before;
    }
  }
  batch_flush(&b);
}

bool search_hawx(const search_problem *p, const search_options *o, diag *d) {
  if (!p->harm)
    return diag_error(d, "hawx: needs scores of the multipliers");
  arena *mem = arena_new();
  hunt h = {.max_loss = p->max_loss, .most = TO_THE_BOUNDARY};
  bool ok = space_begin(&h.s, mem, p, p->most_choices, d);
  if (ok) {
    h.b = budget_new(mem, p, o->evaluations > 0 ? o->evaluations : TO_THE_BOUNDARY);
    h.begun = budget_left(h.b);
    h.set = arena_alloc(mem, (size_t)p->units);
    h.marks = arena_new_array(mem, marks, (size_t)p->units);
    for (int64_t u = 0; u < p->units; u++)
      h.marks[u] = marks_of(&h.s, u);
    if (bracket(&h))
      close_in(&h);
    if (o->to_boundary)
      *o->to_boundary = h.begun - budget_left(h.b);
    if (o->evaluations > 0)
      around(&h, mem);
  }
  arena_free(mem);
  return ok;
}
