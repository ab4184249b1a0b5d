// SPDX-License-Identifier: Apache-2.0
//
// Which filter runs on which lane. PEs of one CV differ only in their multiplier, and CVs with the same PEs are one
// class; a layer's filters are spread over the lanes that have their multiplier so that the busiest CV has the least to
// do.
#include "compiler/target/fgpu/plan.h"
#include "genlib/scope.h"

#include <string.h>

void fgpu_lids_canonical(const infer_model *m, size_t mul_count, uint8_t *canonical) {
  for (size_t i = 0; i < mul_count; i++) {
    canonical[i] = (uint8_t)i;
    for (size_t j = i; j-- > 0;)
      if (!strcmp(m->muls[i]->ident, m->muls[j]->ident) && mul_same_circuit(m->muls[i], m->muls[j]))
        canonical[i] = (uint8_t)j;
  }
}

// ---- placing ------------------------------------------------------------------------------------------------------
typedef struct {
  int classes, class_of[FGPU_MAX_CVS], cvs[FGPU_MAX_CVS]; // CVs of each class
  int lanes[FGPU_MAX_CVS][CONFIG_MAX_MULS]; // PEs of each multiplier in a CV of the class
  const uint8_t *pes[FGPU_MAX_CVS];
} classes;

static classes classify(const uint8_t (*lids)[FGPU_PES], int cvs) {
  classes c = {0};
  for (int cv = 0; cv < cvs; cv++) {
    int k = 0;
    while (k < c.classes && memcmp(c.pes[k], lids[cv], FGPU_PES) != 0)
      k++;
    if (k == c.classes) {
      c.pes[c.classes++] = lids[cv];
      for (int pe = 0; pe < FGPU_PES; pe++)
        c.lanes[k][lids[cv][pe]]++;
    }
    c.class_of[cv] = k;
    c.cvs[k]++;
  }
  return c;
}

// Filter groups that each class can run when no CV runs more than `rounds` wavefronts.
static void capacity(const classes *c, int64_t rounds, int64_t tiles, int sets, int64_t *groups) {
  for (int k = 0; k < c->classes; k++)
    groups[k] = rounds * c->cvs[k] / tiles * sets;
}

// The least number of rounds that suffices, for wavefronts of `pixels` pixels.
static int64_t least_rounds(const classes *c, const int *need, int64_t tiles, int sets) {
  for (int64_t rounds = 0;;) {
    int64_t next = INT64_MAX, groups[FGPU_MAX_CVS];
    for (int k = 0; k < c->classes; k++) { // the next number with which some class can take more
      int64_t t = div_ceil((rounds * c->cvs[k] / tiles + 1) * tiles, c->cvs[k]);
      next = t < next ? t : next;
    }
    rounds = next;
    capacity(c, rounds, tiles, sets, groups);
    bool enough = true;
    for (int m = 0; m < CONFIG_MAX_MULS && enough; m++) {
      int64_t have = 0;
      for (int k = 0; need[m] && k < c->classes; k++)
        have += groups[k] * c->lanes[k][m];
      enough = have >= need[m];
    }
    if (enough)
      return rounds;
  }
}

// Fills the lanes, group after group over all classes alike, and drops groups that stay empty.
static void fill(arena *mem, const classes *c, const fgpu_task *tasks, int count, const int64_t *most,
                 fgpu_placement *out) {
  int sets = FGPU_PHASES / out->pixels;
  int *next[CONFIG_MAX_MULS] = {0}, left[CONFIG_MAX_MULS] = {0};
  for (int i = 0; i < count; i++) {
    if (!next[tasks[i].mul])
      next[tasks[i].mul] = arena_new_array(mem, int, (size_t)count);
    next[tasks[i].mul][left[tasks[i].mul]++] = i;
  }
  int64_t used[FGPU_MAX_CVS] = {0}, longest = 0;
  int *slots[FGPU_MAX_CVS] = {0};
  for (int k = 0; k < c->classes; k++) {
    slots[k] = arena_new_array(mem, int, (size_t)(most[k] * FGPU_PES + 1));
    longest = most[k] > longest ? most[k] : longest;
  }
  for (int64_t g = 0; g < longest; g++)
    for (int k = 0; k < c->classes; k++)
      for (int pe = 0; g < most[k] && pe < FGPU_PES; pe++) {
        int m = c->pes[k][pe], *slot = &slots[k][g * FGPU_PES + pe];
        *slot = -1;
        if (left[m]) {
          *slot = *next[m]++;
          left[m]--;
          used[k] = g + 1;
        }
      }
  int64_t total = 0;
  for (int k = 0; k < c->classes; k++) {
    out->first[k] = (int)(total / sets);
    total += div_ceil(used[k], sets) * sets;
    out->end[k] = (int)(total / sets);
  }
  int *task = arena_new_array(mem, int, (size_t)(total * FGPU_PES));
  memset(task, 0xff, (size_t)(total * FGPU_PES) * sizeof *task);
  for (int k = 0; k < c->classes; k++)
    memcpy(task + (int64_t)out->first[k] * sets * FGPU_PES, slots[k], (size_t)(used[k] * FGPU_PES) * sizeof *task);
  out->groups = (int)total;
  out->task = task;
}

int fgpu_lids_place(arena *mem, const uint8_t (*lids)[FGPU_PES], int cvs, const fgpu_task *tasks, int count,
                    int64_t pixels, fgpu_placement *out) {
  classes c = classify(lids, cvs);
  int need[CONFIG_MAX_MULS] = {0};
  for (int i = 0; i < count; i++)
    need[tasks[i].mul]++;
  for (int m = 0; m < CONFIG_MAX_MULS; m++) {
    bool there = !need[m];
    for (int k = 0; k < c.classes; k++)
      there |= c.lanes[k][m] > 0;
    if (!there)
      return m;
  }
  out->rounds = INT64_MAX;
  for (int px = FGPU_PHASES; px >= 1; px /= 2) {
    int64_t rounds = least_rounds(&c, need, div_ceil(pixels, px), FGPU_PHASES / px);
    if (rounds < out->rounds) {
      out->rounds = rounds;
      out->pixels = px;
    }
  }
  out->classes = c.classes;
  memcpy(out->class_of, c.class_of, sizeof c.class_of);
  if (mem) {
    int64_t most[FGPU_MAX_CVS];
    capacity(&c, out->rounds, div_ceil(pixels, out->pixels), FGPU_PHASES / out->pixels, most);
    for (int k = 0; k < c.classes; k++) // never more groups than tasks
      most[k] = most[k] < count ? most[k] : count;
    fill(mem, &c, tasks, count, most, out);
  }
  return -1;
}

// ---- tasks --------------------------------------------------------------------------------------------------------
fgpu_task **fgpu_lids_tasks(arena *mem, const infer_model *m, int node, const uint8_t *canonical, int *rounds,
                            int **counts) {
  const net_node *n = &m->net->nodes[node];
  int filters = n->shape.c, channels = net_input_shape(m->net, n).c / n->groups;
  fgpu_task **tasks = arena_new_array(mem, fgpu_task *, CONFIG_MAX_MULS);
  *counts = arena_new_array(mem, int, CONFIG_MAX_MULS);
  *rounds = 0;
  for (int f = 0; f < filters; f++) {
    uint8_t *kernel = arena_alloc(mem, (size_t)channels);
    for (int c = 0; c < channels; c++)
      kernel[c] = (uint8_t)assignment_mul(&m->assign[node], ((int64_t)f * channels + c) * n->kh * n->kw);
    bool seen[CONFIG_MAX_MULS] = {false};
    for (int c = 0, r = 0; c < channels; c++) {
      int mul = canonical[kernel[c]], count = 0;
      if (seen[mul])
        continue;
      seen[mul] = true;
      int *list = arena_new_array(mem, int, (size_t)channels);
      for (int i = c; i < channels; i++)
        if (canonical[kernel[i]] == mul)
          list[count++] = i;
      if (!tasks[r])
        tasks[r] = arena_new_array(mem, fgpu_task, (size_t)filters);
      tasks[r][(*counts)[r]++] = (fgpu_task){f, mul, count == channels ? NULL : list, count};
      r++;
      *rounds = r > *rounds ? r : *rounds;
    }
  }
  return tasks;
}

// ---- choosing -----------------------------------------------------------------------------------------------------
typedef struct {
  const infer_model *model;
  fgpu_task ***tasks; // by node
  int *rounds, **counts;
  const int64_t *area; // by multiplier, or NULL
} workload;

// Estimated cycles of all multiplying layers, times the multipliers' area where that counts.
static int64_t cost(const workload *w, const uint8_t (*lids)[FGPU_PES], int cvs) {
  int64_t total = 0;
  for (size_t i = 0; i < w->model->net->count; i++)
    for (int r = 0; r < w->rounds[i]; r++) {
      const net_node *n = &w->model->net->nodes[i];
      fgpu_placement p;
      if (fgpu_lids_place(NULL, lids, cvs, w->tasks[i][r], w->counts[i][r], (int64_t)n->shape.h * n->shape.w, &p) >= 0)
        return INT64_MAX;
      total += p.rounds * net_reduction(w->model->net, n);
    }
  int64_t area = 0;
  for (int i = 0; w->area && i < cvs * FGPU_PES; i++)
    area += w->area[lids[i / FGPU_PES][i % FGPU_PES]];
  return w->area ? total * area : total;
}

// Sets `lanes` PEs of the pattern one after the other to the multiplier that helps most; the first lanes go to the
// multipliers that are used, so that none is without. `copies`: the pattern is that of every CV.
static int64_t greedy(const workload *w, const bool *used, int cvs, bool copies, uint8_t (*lids)[FGPU_PES]) {
  int lanes = FGPU_PES * (copies ? 1 : cvs), set = 0;
  uint8_t *pe = &lids[0][0];
  for (int m = 0; m < CONFIG_MAX_MULS; m++)
    if (used[m] && set++ < lanes)
      pe[set - 1] = (uint8_t)m;
  if (set > lanes)
    return INT64_MAX;
  for (int i = set; i < lanes; i++) // lanes not yet decided copy the first, which is there anyway
    pe[i] = pe[0];
  int64_t best = INT64_MAX;
  for (int i = set; i <= lanes; i++) {
    best = INT64_MAX;
    int choice = pe[0];
    for (int m = 0; m < CONFIG_MAX_MULS; m++) {
      if (!used[m] || (i == lanes && m != pe[lanes - 1]))
        continue;
      for (int rest = i; rest < lanes; rest++)
        pe[rest] = (uint8_t)m;
      for (int cv = 1; copies && cv < cvs; cv++)
        memcpy(lids[cv], lids[0], FGPU_PES);
      int64_t c = cost(w, (const uint8_t(*)[FGPU_PES])lids, cvs);
      if (c < best) {
        best = c;
        choice = m;
      }
    }
    for (int rest = i; rest < lanes; rest++)
      pe[rest] = (uint8_t)choice;
    for (int cv = 1; copies && cv < cvs; cv++)
      memcpy(lids[cv], lids[0], FGPU_PES);
  }
  return best;
}

// As many PEs for each multiplier as no layer takes longer with than with one multiplier everywhere, alike in all CVs;
// the rest go to the one with most. INT64_MAX where eight are not enough.
static int64_t even(const workload *w, int cvs, uint8_t (*lids)[FGPU_PES]) {
  int lanes[CONFIG_MAX_MULS] = {0}, all = 0, most = 0;
  for (size_t i = 0; i < w->model->net->count; i++)
    for (int r = 0; r < w->rounds[i]; r++) {
      int64_t groups = div_ceil(w->counts[i][r], FGPU_PES);
      int count[CONFIG_MAX_MULS] = {0};
      for (int t = 0; t < w->counts[i][r]; t++)
        count[w->tasks[i][r][t].mul]++;
      for (int m = 0; m < CONFIG_MAX_MULS; m++) {
        int need = (int)div_ceil(count[m], groups);
        lanes[m] = need > lanes[m] ? need : lanes[m];
      }
    }
  for (int m = 0; m < CONFIG_MAX_MULS; m++) {
    most = lanes[m] > lanes[most] ? m : most;
    all += lanes[m];
  }
  if (all > FGPU_PES)
    return INT64_MAX;
  lanes[most] += FGPU_PES - all;
  for (int m = 0, pe = 0; m < CONFIG_MAX_MULS; m++)
    for (int i = 0; i < lanes[m]; i++)
      lids[0][pe++] = (uint8_t)m;
  for (int cv = 1; cv < cvs; cv++)
    memcpy(lids[cv], lids[0], FGPU_PES);
  return cost(w, (const uint8_t(*)[FGPU_PES])lids, cvs);
}

bool fgpu_lids_choose(arena *mem, const infer_model *m, const uint8_t *canonical, const int64_t *area, int cvs,
                      uint8_t (*lids)[FGPU_PES]) {
  size_t count = m->net->count;
  workload w = {m, arena_new_array(mem, fgpu_task **, count), arena_new_array(mem, int, count),
                arena_new_array(mem, int *, count), area};
  bool used[CONFIG_MAX_MULS] = {false}, any = false;
  for (size_t i = 0; i < count; i++)
    if (net_multiplies(&m->net->nodes[i])) {
      w.tasks[i] = fgpu_lids_tasks(mem, m, (int)i, canonical, &w.rounds[i], &w.counts[i]);
      for (int r = 0; r < w.rounds[i]; r++)
        for (int t = 0; t < w.counts[i][r]; t++)
          used[w.tasks[i][r][t].mul] = any = true;
    }
  used[0] |= !any; // a network that does not multiply
  enum { WAYS = 3 };
  uint8_t way[WAYS][FGPU_MAX_CVS][FGPU_PES] = {{{0}}};
  int64_t found[WAYS] = {greedy(&w, used, cvs, true, way[0]), greedy(&w, used, cvs, false, way[1]),
                         any ? even(&w, cvs, way[2]) : INT64_MAX};
  int best = 0;
  for (int i = 1; i < WAYS; i++)
    best = found[i] < found[best] ? i : best;
  memcpy(lids, way[best], sizeof way[best]);
  return found[best] < INT64_MAX;
}
