// SPDX-License-Identifier: Apache-2.0
//
// Backtracking over the slots: each takes one of the types of channels, those that all rings see alike. The first slot
// of a residue decides its class, so after a few slots all is decided; what is decided wrongly shows when a type runs
// out.
#include "compiler/target/dataflow/slots.h"

#include <string.h>

enum { MOST_TRIES = 300000, MOST_RINGS = 64 /* bits of step.decided */, UNKNOWN = -1 };

// One space as the rings that name it see it.
typedef struct {
  int ring_count, *ring, *from; // rings that name it, and where it begins there
  int *type; // [size] of each channel
  int type_count, *left; // [types] channels not placed yet
  int *example; // [types] the first channel
} view;

typedef struct {
  const slots_space *spaces;
  const slots_ring *rings;
  view *views;
  int **class_of; // [ring][modulus] of each residue; UNKNOWN
  int **room; // [ring][class] residues that may still become it
  int64_t tries; // left
} search;

static int classes_in(const slots_ring *r, int channels) {
  int count = 0;
  for (int i = 0; i < channels; i++)
    count = r->class[i] >= count ? r->class[i] + 1 : count;
  return count;
}

static int class_at(const search *s, const view *v, int k, int channel) {
  return s->rings[v->ring[k]].class[v->from[k] + channel];
}

static bool alike(const search *s, const view *v, int a, int b) {
  for (int k = 0; k < v->ring_count; k++)
    if (class_at(s, v, k, a) != class_at(s, v, k, b))
      return false;
  return true;
}

static void make_view(arena *mem, search *s, int space, int ring_count) {
  view *v = &s->views[space];
  int size = s->spaces[space].size, most = 0;
  for (int r = 0; r < ring_count; r++)
    most += s->rings[r].part_count;
  v->ring = arena_new_array(mem, int, (size_t)most + 1);
  v->from = arena_new_array(mem, int, (size_t)most + 1);
  for (int r = 0; r < ring_count; r++)
    for (int p = 0; p < s->rings[r].part_count; p++)
      if (s->rings[r].parts[p].space == space) {
        v->ring[v->ring_count] = r;
        v->from[v->ring_count++] = s->rings[r].parts[p].from;
      }
  v->type = arena_new_array(mem, int, (size_t)size);
  v->left = arena_new_array(mem, int, (size_t)size);
  v->example = arena_new_array(mem, int, (size_t)size);
  for (int c = 0; c < size; c++) {
    int t = 0;
    while (t < v->type_count && (s->spaces[space].fixed || !alike(s, v, v->example[t], c)))
      t++;
    if (t == v->type_count)
      v->example[v->type_count++] = c;
    v->type[c] = t;
    v->left[t]++;
  }
}

static bool make_rings(arena *mem, search *s, int ring_count) {
  s->class_of = arena_new_array(mem, int *, (size_t)ring_count + 1);
  s->room = arena_new_array(mem, int *, (size_t)ring_count + 1);
  for (int r = 0; r < ring_count; r++) {
    const slots_ring *ring = &s->rings[r];
    int channels = 0;
    for (int p = 0; p < ring->part_count; p++)
      channels += s->spaces[ring->parts[p].space].size;
    int classes = classes_in(ring, channels), each = channels / ring->modulus;
    assert(each > 0);
    s->class_of[r] = arena_new_array(mem, int, (size_t)ring->modulus);
    s->room[r] = arena_new_array(mem, int, (size_t)classes);
    for (int i = 0; i < ring->modulus; i++)
      s->class_of[r][i] = UNKNOWN;
    for (int i = 0; i < channels; i++)
      s->room[r][ring->class[i]]++;
    for (int c = 0; c < classes; c++) {
      if (s->room[r][c] % each != 0)
        return false;
      s->room[r][c] /= each;
    }
  }
  return true;
}

// One slot on the way.
typedef struct {
  int space, at;
  int tried; // 0: nothing; 1: its own channel's type; 2 + t: type t
  int type; // placed; UNKNOWN: none
  uint64_t decided; // bit k: it decided the class of its residue in ring k of its view
} step;

static int residue(const search *s, const view *v, int k, int slot) {
  return (v->from[k] + slot) % s->rings[v->ring[k]].modulus;
}

static void take_back(search *s, step *x) {
  view *v = &s->views[x->space];
  if (x->type == UNKNOWN)
    return;
  for (int k = 0; k < v->ring_count; k++)
    if (x->decided >> k & 1) {
      int *class = &s->class_of[v->ring[k]][residue(s, v, k, x->at)];
      s->room[v->ring[k]][*class]++;
      *class = UNKNOWN;
    }
  v->left[x->type]++;
  x->type = UNKNOWN;
}

static bool place(search *s, step *x, int type) {
  view *v = &s->views[x->space];
  s->tries--;
  if (!v->left[type])
    return false;
  x->decided = 0;
  x->type = type;
  v->left[type]--;
  for (int k = 0; k < v->ring_count; k++) {
    int r = v->ring[k], *class = &s->class_of[r][residue(s, v, k, x->at)], want = class_at(s, v, k, v->example[type]);
    if (*class == want)
      continue;
    if (*class != UNKNOWN || !s->room[r][want]) {
      take_back(s, x);
      return false;
    }
    *class = want;
    s->room[r][want]--;
    x->decided |= (uint64_t)1 << k;
  }
  return true;
}

// The next type that fits, its own channel's first.
static bool advance(search *s, step *x) {
  const view *v = &s->views[x->space];
  const int *fixed = s->spaces[x->space].fixed;
  int own = v->type[fixed ? fixed[x->at] : x->at], last = fixed ? 1 : v->type_count + 1;
  take_back(s, x);
  while (x->tried < last) {
    int type = x->tried ? x->tried - 1 : own;
    bool again = x->tried++ && type == own;
    if (!again && place(s, x, type))
      return true;
  }
  return false;
}

// Channels of the types that were placed: a slot's own where it may have it, else the first that is left.
static int *channels_of(arena *mem, const view *v, int size, const int *type) {
  int *order = arena_new_array(mem, int, (size_t)size), *next = arena_new_array(mem, int, (size_t)v->type_count);
  for (int i = 0; i < size; i++)
    order[i] = type[i] == v->type[i] ? i : UNKNOWN;
  for (int i = 0; i < size; i++) {
    if (order[i] != UNKNOWN)
      continue;
    int *at = &next[type[i]];
    while (v->type[*at] != type[i] || type[*at] == type[i])
      ++*at;
    order[i] = (*at)++;
  }
  return order;
}

// Spaces that rings join, directly or through others, have one number.
static void components(const slots_ring *rings, int space_count, int ring_count, int *of) {
  for (int i = 0; i < space_count; i++)
    of[i] = i;
  for (int r = 0; r < ring_count; r++)
    for (int p = 1; p < rings[r].part_count; p++) {
      int a = of[rings[r].parts[0].space], b = of[rings[r].parts[p].space];
      for (int i = 0; i < space_count; i++)
        of[i] = of[i] == b ? a : of[i];
    }
}

// The slots of one component, side by side so that rings over several spaces are decided early. False: no way.
static bool walk(search *s, const int *component, int which, int space_count, step *steps, int *count) {
  int most = 0, at = 0;
  *count = 0;
  for (int i = 0; i < space_count; i++)
    if (component[i] == which && s->spaces[i].size > most)
      most = s->spaces[i].size;
  for (int slot = 0; slot < most; slot++)
    for (int i = 0; i < space_count; i++)
      if (component[i] == which && slot < s->spaces[i].size)
        steps[(*count)++] = (step){.space = i, .at = slot, .type = UNKNOWN};
  s->tries = MOST_TRIES + (int64_t)*count * 64;
  bool ok = true;
  while (ok && at < *count) {
    if (advance(s, &steps[at])) {
      at++;
      continue;
    }
    steps[at].tried = 0;
    ok = at-- > 0 && s->tries > 0;
  }
  return ok;
}

static bool is_of_one_class(const search *s, const slots_ring *r) {
  int channels = 0;
  for (int p = 0; p < r->part_count; p++)
    channels += s->spaces[r->parts[p].space].size;
  return classes_in(r, channels) <= 1;
}

// Where all channels of each ring are of one class, every slot keeps its own channel, or the one that is fixed, as the
// search would find. False: it must.
static bool keep_all(arena *mem, const search *s, int space_count, int ring_count, int **order) {
  int *named = arena_new_array(mem, int, (size_t)space_count);
  for (int r = 0; r < ring_count; r++) {
    if (!is_of_one_class(s, &s->rings[r]))
      return false;
    for (int p = 0; p < s->rings[r].part_count; p++)
      if (++named[s->rings[r].parts[p].space] > MOST_RINGS)
        return false;
  }
  for (int i = 0; i < space_count; i++) {
    order[i] = arena_new_array(mem, int, (size_t)s->spaces[i].size);
    for (int k = 0; k < s->spaces[i].size; k++)
      order[i][k] = s->spaces[i].fixed ? s->spaces[i].fixed[k] : k;
  }
  return true;
}

bool slots_solve(arena *mem, const slots_space *spaces, int space_count, const slots_ring *rings, int ring_count,
                 int **order) {
  arena *own = arena_new();
  search s = {.spaces = spaces, .rings = rings, .views = arena_new_array(own, view, (size_t)space_count)};
  bool ok = make_rings(own, &s, ring_count);
  if (ok && keep_all(mem, &s, space_count, ring_count, order)) {
    arena_free(own);
    return true;
  }
  int slots = 0, count = 0, *component = arena_new_array(own, int, (size_t)space_count);
  int **type = arena_new_array(own, int *, (size_t)space_count);
  for (int i = 0; i < space_count; i++) {
    make_view(own, &s, i, ring_count);
    ok = ok && s.views[i].ring_count <= MOST_RINGS;
    slots += spaces[i].size;
    type[i] = arena_new_array(own, int, (size_t)spaces[i].size);
  }
  components(rings, space_count, ring_count, component);
  step *steps = arena_new_array(own, step, (size_t)slots + 1);
  for (int c = 0; ok && c < space_count; c++)
    if (component[c] == c) {
      ok = walk(&s, component, c, space_count, steps, &count);
      for (int k = 0; ok && k < count; k++)
        type[steps[k].space][steps[k].at] = steps[k].type;
    }
  for (int i = 0; ok && i < space_count; i++)
    order[i] = channels_of(mem, &s.views[i], spaces[i].size, type[i]);
  arena_free(own);
  return ok;
}
