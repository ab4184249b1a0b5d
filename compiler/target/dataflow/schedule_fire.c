// SPDX-License-Identifier: Apache-2.0
//
// Firings of a schedule's processes, many at a time.
//
// Buffers hold a beat or three, so a process that waited for room until those behind it have fired would fire once or
// twice when it is tried. But most of what is behind it takes whatever comes, as soon as it comes: a register that
// hands on, a window generator in the middle of a row. Such a process promises pops, and says a floor of each, from
// what it knows of its own room and of its other inputs: the pop is then in the first cycle that is not before the
// floor, in which the beat is there, and after the pop before. A buffer is prompt where no push has to wait for the
// ways of beats to such pops, only for their floors. So its giver fires as often as there are promises, into a buffer
// that holds more than its capacity while it is computed. Times are what they are without: that they do not depend on
// the order is what the schedule builds on (schedule.h).
#include "compiler/target/dataflow/schedule_internal.h"

#include <stdlib.h>
#include <string.h>

static inline int64_t later(int64_t a, int64_t b) { return a > b ? a : b; }
static inline int64_t sooner(int64_t a, int64_t b) { return a < b ? a : b; }

void schedule_wake(schedule *s, int index) {
  size_t word = (size_t)index / 64;
  if (s->processes[index].fired == s->processes[index].end)
    return;
  s->ready[word] |= UINT64_C(1) << index % 64;
  s->first = word < s->first ? word : s->first;
}

// ---- times ----------------------------------------------------------------------------------------------------------
static void times_forget(schedule_times *t, int64_t before) {
  if (before > t->first)
    t->first = before < t->count ? before : t->count;
}

// Makes room for n more behind those that are not forgotten.
static void times_reserve(schedule_times *t, int64_t n) {
  int64_t live = t->count - t->first;
  if (2 * (live + n) > t->size) {
    int64_t size = t->size ? t->size : 64;
    while (size < 2 * (live + n))
      size *= 2;
    int64_t *more = malloc((size_t)size * sizeof *more);
    if (!more)
      abort();
    if (live)
      memcpy(more, t->at + (t->first - t->base), (size_t)live * sizeof *more);
    free(t->at);
    t->at = more;
    t->size = size;
  } else if (live) {
    memmove(t->at, t->at + (t->first - t->base), (size_t)live * sizeof *t->at);
  }
  t->base = t->first;
}

static inline bool times_full(const schedule_times *t, int64_t n) { return t->count - t->base + n > t->size; }

void schedule_times_clear(schedule_times *t) {
  free(t->at);
  *t = (schedule_times){0};
}

// ---- buffers --------------------------------------------------------------------------------------------------------
void schedule_measure(schedule_buffer *b, bool all) {
  const schedule_times *pops = &b->read[0].pops;
  while (b->seen < b->pushes.count) {
    int64_t at = schedule_time(&b->pushes, b->seen);
    while (b->gone < pops->count && schedule_time(pops, b->gone) + b->room.back <= at)
      b->gone++;
    if (b->gone == pops->count && !all)
      break; // the next pop may come before this push
    b->seen++;
    b->needed = later(b->needed, b->seen - b->gone);
  }
}

// Forgets the times that nobody will ask for.
static void forget(schedule_buffer *b) {
  int64_t pushes = b->pushes.count;
  if (b->measured) {
    schedule_measure(b, false);
    pushes = b->seen;
  }
  for (int i = 0; i < b->readers; i++) {
    schedule_reader *r = &b->read[i];
    int64_t pops = b->measured ? b->gone : schedule_pops_for(&r->room, b->pushes.count + 1) - 1;
    pushes = sooner(pushes, schedule_pushes_for(&r->room, r->pops.count + 1) - 1);
    times_forget(&r->pops, sooner(pops, r->pops.count - 1));
    times_forget(&r->expected, sooner(pops, r->expected.count - 1));
    if (r->foreseen)
      pops = sooner(pops, r->expected.count);
    times_forget(&r->floors, sooner(pops, r->floors.count - 1));
  }
  times_forget(&b->pushes, pushes);
}

// Where the times of the next n pushes or pops go.
static inline int64_t *more_times(schedule_buffer *b, schedule_times *t, int64_t n) {
  if (times_full(t, n)) {
    forget(b);
    times_reserve(t, n);
  }
  return t->at + (t->count - t->base);
}

static inline void add_times(schedule_buffer *b, schedule_times *t, const int64_t *at, int64_t n) {
  int64_t *to = more_times(b, t, n);
  if (n == 1)
    *to = *at;
  else if (n)
    memcpy(to, at, (size_t)n * sizeof *at);
  t->count += n;
}

static void add_row(schedule_times *t, int64_t at) {
  if (times_full(t, 1))
    times_reserve(t, 1);
  t->at[t->count++ - t->base] = at;
}

static inline schedule_reader *reader_of(const schedule *s, schedule_tap tap) {
  return &s->buffers[tap.buffer].read[tap.reader];
}

// ---- when something can be taken and given --------------------------------------------------------------------------
bool schedule_can_pop(const schedule *s, schedule_tap tap, int64_t *at) {
  const schedule_buffer *b = &s->buffers[tap.buffer];
  const schedule_reader *r = reader_of(s, tap);
  int64_t need = schedule_pushes_for(&r->room, r->pops.count + 1);
  if (b->pushes.count < need)
    return false;
  *at = later(*at, schedule_time(&b->pushes, need - 1) + r->room.latency);
  return true;
}

// Pops that are known or promised.
static inline int64_t pops_in_sight(const schedule_reader *r) { return later(r->pops.count, r->promised); }

// Those of whose time more is known than that they come one a cycle.
static inline int64_t pops_timed(const schedule_reader *r) { return later(r->pops.count, r->floors.count); }

// The earliest cycle in which a pop in sight can be.
static inline int64_t floor_of(const schedule_reader *r, int64_t pop) {
  if (pop < r->pops.count)
    return schedule_time(&r->pops, pop);
  int64_t timed = pops_timed(r);
  if (!timed)
    return SCHEDULE_LONG_AGO;
  if (pop < timed)
    return schedule_time(&r->floors, pop);
  return schedule_time(timed > r->pops.count ? &r->floors : &r->pops, timed - 1) + pop - timed + 1;
}

// When a promised pop is whose beat has been given.
static int64_t foresee(schedule_buffer *b, schedule_reader *r, int64_t pop) {
  schedule_times *x = &r->expected;
  if (x->count < r->pops.count)
    x->first = x->base = x->count = r->pops.count;
  while (x->count <= pop) {
    int64_t before = x->count - 1, given = schedule_pushes_for(&r->room, x->count + 1) - 1;
    int64_t at = before < 0 ? SCHEDULE_LONG_AGO : schedule_time(before < r->pops.count ? &r->pops : x, before);
    at = later(later(at + 1, floor_of(r, x->count)), schedule_time(&b->pushes, given) + r->room.latency);
    add_times(b, x, &at, 1);
  }
  return schedule_time(x, pop);
}

// When the room of a pop in sight comes back, as far as it matters.
static inline int64_t room_at(schedule_buffer *b, schedule_reader *r, int64_t pop) {
  return r->room.back + (pop >= r->pops.count && r->foreseen ? foresee(b, r, pop) : floor_of(r, pop));
}

static bool can_push(schedule *s, int index, int64_t *at) {
  schedule_buffer *b = &s->buffers[index];
  for (schedule_reader *r = b->read; r < b->read + b->readers; r++) {
    int64_t need = schedule_pops_for(&r->room, b->pushes.count + 1);
    if (pops_in_sight(r) < need) {
      s->waits = index;
      s->for_whom = r->taker;
      return false;
    }
    if (need > 0)
      *at = later(*at, room_at(b, r, need - 1));
  }
  return true;
}

// Pushes in all that the pops leave room for whose times can be told.
static int64_t pushes_allowed(const schedule_buffer *b) {
  int64_t pushes = INT64_MAX;
  for (const schedule_reader *r = b->read; r < b->read + b->readers; r++)
    if (r->room.capacity != SCHEDULE_UNBOUNDED) {
      int64_t pops = pops_in_sight(r);
      if (r->foreseen)
        pops = sooner(pops, schedule_pops_with(&r->room, b->pushes.count));
      int64_t all = pops * r->room.pop + r->room.capacity;
      pushes = sooner(pushes, r->room.push == 1 ? all : all / r->room.push);
    }
  return pushes;
}

// ---- firings that are alike -----------------------------------------------------------------------------------------
static void begin_times(int64_t *at, int64_t n) {
  for (int64_t k = 0; k < n; k++)
    at[k] = SCHEDULE_LONG_AGO;
}

// at[k]: not before the beats of pop number first + k are there.
static void wait_for_beats(const schedule_buffer *b, const schedule_reader *r, int64_t first, int64_t n,
                           int64_t *restrict at) {
  const schedule_room *room = &r->room;
  const int64_t latency = room->latency, push = room->push, pop = room->pop;
  int64_t need = schedule_pushes_for(room, first + 1);
  const int64_t *restrict come = b->pushes.at + (need - 1 - b->pushes.base);
  if (push == 1 && pop == 1) {
    for (int64_t k = 0; k < n; k++)
      at[k] = later(at[k], come[k] + latency);
  } else if (push == 1) {
    for (int64_t k = 0; k < n; k++)
      at[k] = later(at[k], come[k * pop] + latency);
  } else {
    int64_t i = 0, over = need * push - (first + 1) * pop;
    for (int64_t k = 0; k < n; k++) {
      at[k] = later(at[k], come[i] + latency);
      for (over -= pop; over < 0; over += push)
        i++;
    }
  }
}

// Times from..., as far as they are before `end`, and the room they bring at[k] for; returns how many there were.
static int64_t wait_for_times(const schedule_times *t, int64_t from, int64_t end, int64_t n, int back, int64_t *at) {
  n = sooner(n, end - from);
  if (n <= 0)
    return 0;
  assert(from >= t->first && from + n <= t->count);
  const int64_t *times = t->at + (from - t->base);
  for (int64_t k = 0; k < n; k++)
    at[k] = later(at[k], times[k] + back);
  return n;
}

// wait_for_room, where each push needs one pop more.
static void wait_one_by_one(const schedule_reader *r, int64_t first, int64_t n, int64_t *at) {
  int64_t pop = first - r->room.capacity; // whose room push number `first` needs
  int64_t k = pop < 0 ? sooner(n, -pop) : 0;
  const int back = r->room.back;
  k += wait_for_times(&r->pops, pop + k, r->pops.count, n - k, back, at + k);
  k += wait_for_times(&r->floors, pop + k, r->floors.count, n - k, back, at + k);
  for (int64_t t = k < n ? floor_of(r, pop + k) + back : 0; k < n; k++, t++)
    at[k] = later(at[k], t);
}

// at[k]: not before there is room for push number first + k.
static void wait_for_room(schedule_buffer *b, schedule_reader *r, int64_t first, int64_t n, int64_t *at) {
  const schedule_room *room = &r->room;
  if (room->capacity == SCHEDULE_UNBOUNDED)
    return;
  if (room->push == 1 && room->pop == 1 && !r->foreseen) {
    wait_one_by_one(r, first, n, at);
    return;
  }
  int64_t need = schedule_pops_for(room, first + 1), is = 0, begin = SCHEDULE_LONG_AGO; // begin: of pop number is - 1
  int64_t over = need * room->pop + room->capacity - (first + 1) * room->push;
  for (int64_t k = 0; k < n; k++) {
    if (need > is)
      begin = room_at(b, r, (is = need) - 1);
    at[k] = later(at[k], begin);
    for (over -= room->push; over < 0; over += room->pop)
      need++;
  }
}

// How many of n pushes may wait for room, where the first is behind cycle `at`: those that need a pop which is timed,
// and the one behind them. Later ones do not, since they need the others no faster than one a cycle (is_prompt).
static int64_t waiting(const schedule_reader *r, int64_t first, int64_t n, int64_t at) {
  const schedule_room *room = &r->room;
  if (room->capacity == SCHEDULE_UNBOUNDED)
    return 0;
  int64_t timed = pops_timed(r), need = schedule_pops_for(room, first + n);
  if (!r->foreseen)
    need = sooner(need, timed);
  int64_t most = room->push <= room->pop ? 1 : div_ceil(room->push, room->pop);
  if (need <= 0 || (!r->foreseen && floor_of(r, need - 1) + room->back + most <= at + 1))
    return 0;
  if (r->foreseen)
    return n;
  int64_t allowed = timed * room->pop + room->capacity;
  return clamp64((room->push == 1 ? allowed : allowed / room->push) - first + 1, 0, n);
}

// One firing a cycle. apart: those that wait for beats are so anyway.
static int64_t one_a_cycle(int64_t *at, int64_t n, int64_t last, bool apart) {
  for (int64_t k = 0; k < n; k++) {
    if (at[k] > last && apart)
      return at[n - 1];
    last = at[k] = later(at[k], last + 1);
  }
  return last;
}

// A beat of the source comes at its pace.
static void wait_for_pace(const schedule *s, const schedule_process_state *p, int64_t n, int64_t *at) {
  for (int64_t k = 0; k < n; k++)
    at[k] = later(at[k], (int64_t)((double)(p->fired + k) * (double)s->pace / (double)p->each));
}
static void find_late(schedule *s, const schedule_process_state *p, int64_t n, const int64_t *at) {
  for (int64_t k = 0; k < n; k++) {
    int64_t due = (int64_t)((double)(p->fired + k) * (double)s->pace / (double)p->each);
    if (due)
      s->late = later(s->late, at[k] - due);
  }
}

static void find_ends(schedule *s, const schedule_process_state *p, int64_t n, const int64_t *at) {
  for (int64_t image = p->fired / p->each; (image + 1) * p->each <= p->fired + n; image++) {
    int64_t end = at[(image + 1) * p->each - 1 - p->fired];
    s->ends[image % SCHEDULE_ENDS] = end;
    if (!image)
      s->first_end = end;
  }
}

// So many firings find their beats, of n at most.
static int64_t with_beats(schedule *s, const schedule_process_state *p, int64_t n) {
  for (int i = 0; i < p->inputs && n > 0; i++) {
    const schedule_buffer *b = &s->buffers[p->tap[i].buffer];
    const schedule_reader *r = reader_of(s, p->tap[i]);
    int64_t units = b->pushes.count * r->room.push - r->pops.count * r->room.pop;
    if (units < r->room.pop) {
      s->for_whom = b->giver;
      return 0;
    }
    n = sooner(n, r->room.pop == 1 ? units : units < 2 * r->room.pop ? 1 : units / r->room.pop);
  }
  return n;
}

// So many pushes find room, of n at most.
static int64_t with_room(schedule *s, int index, int64_t n) {
  const schedule_buffer *b = &s->buffers[index];
  for (const schedule_reader *r = b->read; r < b->read + b->readers; r++) {
    if (r->room.capacity == SCHEDULE_UNBOUNDED)
      continue;
    int64_t units = pops_in_sight(r) * r->room.pop + r->room.capacity - b->pushes.count * r->room.push;
    if (units < r->room.push) {
      s->waits = index;
      s->for_whom = r->taker;
      return 0;
    }
    n = sooner(n, r->room.push == 1 ? units : units < 2 * r->room.push ? 1 : units / r->room.push);
  }
  return n;
}

static void take_beats(schedule *s, schedule_process_state *p, const int64_t *at, int64_t n) {
  for (int i = 0; i < p->inputs; i++) {
    schedule_buffer *b = &s->buffers[p->tap[i].buffer];
    add_times(b, &b->read[p->tap[i].reader].pops, at, n);
  }
}

static int64_t fire_alike(schedule *s, schedule_process_state *p) {
  int64_t at[SCHEDULE_AHEAD];
  schedule_buffer *out = p->out < 0 ? NULL : &s->buffers[p->out];
  int64_t n = with_beats(s, p, sooner(p->end - p->fired, SCHEDULE_AHEAD));
  if (out && n > 0)
    n = with_room(s, p->out, n);
  if (n <= 0)
    return 0;
  if (out && out->foreseen)
    n = 1;
  bool apart = true;
  begin_times(at, n);
  for (int i = 0; i < p->inputs; i++) {
    const schedule_reader *r = reader_of(s, p->tap[i]);
    wait_for_beats(&s->buffers[p->tap[i].buffer], r, p->fired, n, at);
    apart &= r->room.push == 1;
  }
  if (p->source && s->pace)
    wait_for_pace(s, p, n, at);
  int64_t waits = 0;
  for (int r = 0; out && r < out->readers; r++) {
    int64_t some = waiting(&out->read[r], out->pushes.count, n, p->last);
    wait_for_room(out, &out->read[r], out->pushes.count, some, at);
    waits = later(waits, some);
  }
  p->last = one_a_cycle(at, waits, p->last, false);
  p->last = one_a_cycle(at + waits, n - waits, p->last, apart && p->inputs);
  if (p->source && s->pace)
    find_late(s, p, n, at);
  take_beats(s, p, at, n);
  if (out)
    add_times(out, &out->pushes, at, n);
  else
    find_ends(s, p, n, at);
  p->fired += n;
  return n;
}

static void advance(schedule_process_state *p, int64_t firings) {
  p->fired += firings;
  p->place += firings;
  for (; p->place >= p->period; p->place -= p->period)
    p->round++;
}

// Firings that all take a beat, of which some give one.
static int64_t fire_list(schedule *s, schedule_process_state *p) {
  int64_t at[SCHEDULE_AHEAD], given[SCHEDULE_AHEAD];
  schedule_buffer *out = &s->buffers[p->out];
  int64_t n = with_beats(s, p, sooner(p->end - p->fired, SCHEDULE_AHEAD)), waits = 0, gives = 0, k = 0;
  if (n <= 0)
    return 0;
  int64_t room = sooner(with_room(s, p->out, n), out->foreseen ? 1 : n);
  for (int r = 0; room && r < out->readers; r++)
    waits = later(waits, waiting(&out->read[r], out->pushes.count, room, p->last));
  begin_times(at, n);
  wait_for_beats(&s->buffers[p->tap[0].buffer], reader_of(s, p->tap[0]), p->fired, n, at);
  for (int64_t place = p->place; k < n; k++) {
    at[k] = later(at[k], p->last + 1);
    if (p->list[place].gives && gives == room)
      break;
    if (p->list[place].gives && gives < waits)
      for (int r = 0; r < out->readers; r++)
        wait_for_room(out, &out->read[r], out->pushes.count + gives, 1, &at[k]);
    if (p->list[place].gives)
      given[gives++] = at[k];
    p->last = at[k];
    place = place + 1 < p->period ? place + 1 : 0;
  }
  take_beats(s, p, at, k);
  add_times(out, &out->pushes, given, gives);
  advance(p, k);
  return k;
}

// ---- one firing after the other -------------------------------------------------------------------------------------
static bool fire_plain(schedule *s, schedule_process_state *p) {
  const schedule_firing *f = &p->list[p->count == 1 ? 0 : p->place];
  int64_t at = p->last + 1;
  int first = f->takes == SCHEDULE_ALL ? 0 : f->takes, end = f->takes == SCHEDULE_ALL ? p->inputs : f->takes + 1;
  if (f->takes == SCHEDULE_NOTHING)
    first = end = 0;
  for (int i = first; i < end; i++)
    if (!schedule_can_pop(s, p->tap[i], &at)) {
      s->for_whom = s->buffers[p->tap[i].buffer].giver;
      return false;
    }
  bool paced = p->source && s->pace;
  if (paced)
    wait_for_pace(s, p, 1, &at);
  if (f->gives && !can_push(s, p->out, &at))
    return false;
  if (paced)
    find_late(s, p, 1, &at);
  for (int i = first; i < end && !f->leaves; i++)
    add_times(&s->buffers[p->tap[i].buffer], &reader_of(s, p->tap[i])->pops, &at, 1);
  if (f->gives)
    add_times(&s->buffers[p->out], &s->buffers[p->out].pushes, &at, 1);
  if (p->out < 0)
    find_ends(s, p, 1, &at);
  p->last = at;
  return true;
}

// ---- windows --------------------------------------------------------------------------------------------------------
// The ring's slots are numbered on from image to image, padding included: row y of image n is row n * HP + PT + y.
static int64_t padded_rows(const schedule_window_of *w) { return w->h + w->pt + w->pb; }

// Output rows that must have been read before row y of image n finds a slot: the first row still in use is then not
// more than ROWS - 1 before it.
static int64_t rows_read_before(const schedule_window_of *w, int64_t row) {
  int64_t n = row / w->h, y = row % w->h, hp = padded_rows(w), base = n * hp + w->pt + y - w->rows + 1;
  if (base <= 0)
    return 0;
  int64_t rest = div_ceil(base % hp, w->sh);
  return base / hp * w->oh + (rest < w->oh ? rest : w->oh);
}

// Beats of a row, as many as are there; the first one waits for the row's slot.
static int64_t fire_writer(schedule *s, schedule_process_state *p) {
  int64_t at[SCHEDULE_AHEAD], n = with_beats(s, p, sooner(p->period - p->place, s->singly ? 1 : SCHEDULE_AHEAD));
  schedule_ring *r = &s->rings[p->ring];
  if (n <= 0)
    return 0;
  begin_times(at, n);
  if (p->place == 0) {
    int64_t need = rows_read_before(&r->is, p->round);
    s->for_whom = (int)(p - s->processes) + 1;
    if (r->freed.count < need)
      return 0;
    if (need > 0)
      at[0] = schedule_time(&r->freed, need - 1);
    times_forget(&r->freed, need - 1);
  }
  const schedule_reader *in = reader_of(s, p->tap[0]);
  wait_for_beats(&s->buffers[p->tap[0].buffer], in, p->fired, n, at);
  p->last = one_a_cycle(at, n, p->last, in->room.push == 1 && p->place);
  take_beats(s, p, at, n);
  if (p->place + n == p->period) {
    add_row(&r->written, p->last);
    schedule_wake(s, (int)(p - s->processes) + 1);
  }
  advance(p, n);
  return n;
}

// Rows of an image that must have come before its output row oy is read: all that its windows cover, and at least one.
static int64_t rows_written_before(const schedule_window_of *w, int64_t oy) {
  return clamp64(oy * w->sh + w->kh - w->pt, 1, w->h);
}

// Cycles that the reader's beat takes, by its place in the row: of a block of pixels the first one's takes all but the
// last words.
static int64_t cycles_of(const schedule_window_of *w, int64_t place) {
  if (w->hold <= 1)
    return w->words;
  int64_t left = w->ow - place, block = left < w->hold ? left : w->hold;
  return place % w->hold ? 1 : block * w->words - (block - 1);
}

// Whether there is room for all pixels of the block that begins, which is claimed while their first group of filters
// passes: so many cycles before the first pixel is complete.
static bool can_claim(schedule *s, const schedule_process_state *p, const schedule_window_of *w, int64_t *at) {
  schedule_buffer *b = &s->buffers[p->out];
  schedule_reader *r = &b->read[0];
  int64_t left = w->ow - p->place, block = left < w->hold ? left : w->hold;
  int64_t need = schedule_pops_for(&r->room, b->pushes.count + block);
  if (sooner(pops_in_sight(r), schedule_pops_with(&r->room, b->pushes.count)) < need) {
    s->waits = p->out;
    s->for_whom = r->taker;
    return false;
  }
  if (need > 0)
    *at = later(*at, room_at(b, r, need - 1) + (w->words - w->words / w->groups) * block - (block - 1));
  return true;
}

// Beats within a row whose weights are not held: what is not held up comes one every so many cycles.
static int64_t read_many(schedule *s, schedule_process_state *p, const schedule_window_of *w) {
  schedule_buffer *out = &s->buffers[p->out];
  if (p->place == 0 || w->hold > 1 || out->foreseen || s->singly)
    return 0;
  int64_t n = with_room(s, p->out, sooner(p->period - p->place, SCHEDULE_AHEAD));
  if (n <= 0)
    return 0;
  int64_t *at = more_times(out, &out->pushes, n);
  int64_t waits = 0;
  for (int r = 0; r < out->readers; r++)
    waits = later(waits, waiting(&out->read[r], out->pushes.count, n, p->last));
  begin_times(at, waits);
  for (int r = 0; r < out->readers; r++)
    wait_for_room(out, &out->read[r], out->pushes.count, waits, at);
  int64_t last = p->last;
  for (int64_t k = 0; k < waits; k++)
    last = at[k] = later(last + 1, at[k]) + w->words - 1;
  for (int64_t k = waits; k < n; k++)
    at[k] = last + (k - waits + 1) * w->words;
  p->last = at[n - 1];
  out->pushes.count += n;
  return n;
}

static bool read_one(schedule *s, schedule_process_state *p, schedule_ring *r) {
  const schedule_window_of *w = &r->is;
  int64_t cycles = cycles_of(w, p->place), at = p->last + cycles;
  if (p->place == 0) {
    int64_t need = p->round / w->oh * w->h + rows_written_before(w, p->round % w->oh);
    s->for_whom = (int)(p - s->processes) - 1;
    if (r->written.count < need)
      return false;
    at = later(at, schedule_time(&r->written, need - 1) + cycles + w->depth);
    times_forget(&r->written, need - 1);
  }
  bool claims = w->groups > 1, first = !claims || p->place % w->hold == 0;
  int64_t room =
      SCHEDULE_LONG_AGO; // the words of a beat begin when there is room for it: they are summed in its register
  if (first && !(claims ? can_claim(s, p, w, &at) : can_push(s, p->out, &room)))
    return false;
  at = later(at, room + cycles - 1);
  add_times(&s->buffers[p->out], &s->buffers[p->out].pushes, &at, 1);
  p->last = at;
  return true;
}

static int64_t fire_reader(schedule *s, schedule_process_state *p) {
  schedule_ring *r = &s->rings[p->ring];
  int64_t n = read_many(s, p, &r->is);
  if (!n)
    n = read_one(s, p, r);
  if (n && p->place + n == p->period) {
    add_row(&r->freed, p->last - r->is.depth + 1);
    schedule_wake(s, (int)(p - s->processes) - 1);
  }
  advance(p, n);
  return n;
}

int64_t schedule_fire(schedule *s, schedule_process_state *p) {
  s->waits = s->for_whom = -1;
  if (p->kind == SCHEDULE_WRITER)
    return fire_writer(s, p);
  if (p->kind == SCHEDULE_READER)
    return fire_reader(s, p);
  if (p->alike && !s->singly)
    return fire_alike(s, p);
  if (p->steady && !s->singly)
    return fire_list(s, p);
  if (!fire_plain(s, p))
    return 0;
  advance(p, 1);
  return 1;
}

// ---- promises -------------------------------------------------------------------------------------------------------
// Whether a buffer that is read promptly has room for each push as soon as its giver can be ready for it, which gives
// one every `every` cycles at most and wants its room `early` cycles before. That is so where every pop which a push
// needs the room of has come by then: the beat of that pop, or of one before it and the pops since, one a cycle. What
// held for one push holds for the next, if pops are no slower than pushes.
static bool is_prompt(const schedule_room *r, int64_t every, int64_t early) {
  int64_t unit = gcd64(r->push, r->pop), pushes = r->pop / unit, pops = r->push / unit;
  int64_t base = (r->capacity / r->push + 2) * pushes; // far enough from the first
  if (every < div_ceil(r->push, r->pop) || r->capacity < later(r->push, r->pop))
    return false;
  for (int64_t k = base; k < base + pushes; k++) {
    int64_t need = div_ceil((k + 1) * r->push - r->capacity, r->pop);
    for (int64_t i = 0; i < pops && i < need; i++)
      if ((k - (schedule_pushes_for(r, need - i) - 1)) * every < r->latency + r->back + i + early)
        return false;
  }
  return true;
}

bool schedule_is_prompt(const schedule *s, const schedule_buffer *b, const schedule_room *room) {
  const schedule_process_state *giver = &s->processes[b->giver];
  if (giver->kind != SCHEDULE_READER)
    return is_prompt(room, 1, 0);
  const schedule_window_of *w = &s->rings[giver->ring].is;
  int64_t every = w->hold > 1 ? 1 : w->words;
  return w->groups <= 1 && is_prompt(room, every, every - 1);
}

// Which takes a beat of each input whenever it fires.
static bool is_steady(const schedule_process_state *p) {
  for (int64_t i = 0; i < p->count; i++)
    if (p->list[i].leaves || !(p->list[i].takes == SCHEDULE_ALL || (p->list[i].takes == 0 && p->inputs == 1)))
      return false;
  return p->inputs > 0;
}

void schedule_find_promises(schedule *s) {
  for (size_t i = 0; i < s->process_count; i++) {
    schedule_process_state *p = &s->processes[i];
    p->alike = p->kind == SCHEDULE_PLAIN && p->count == 1 && (is_steady(p) || p->source);
    p->steady = p->kind == SCHEDULE_WRITER || (p->kind == SCHEDULE_PLAIN && is_steady(p));
    p->free = p->gives = 0;
  }
  for (schedule_buffer *b = s->buffers; b < s->buffers + s->buffer_count; b++)
    for (schedule_reader *r = b->read; r < b->read + b->readers; r++) {
      r->prompt = !s->singly && schedule_is_prompt(s, b, &r->room);
      r->foreseen = !s->singly && !r->prompt && r->room.capacity >= r->room.push + r->room.pop - 1;
      b->foreseen |= r->foreseen;
    }
}

// What a process can promise of an input.
typedef struct {
  int input;
  int64_t first, last; // the first firing, the cycle of the one before
  int64_t n; // of so many at most
  int64_t timed; // so many wait for something else than the beat
  int64_t *at; // [timed] when that is there
} promise;

// Firings of a list: there is room for what they give.
static void promise_list(const schedule_process_state *p, schedule_buffer *out, promise *x) {
  int64_t allowed = pushes_allowed(out), place = p->free % p->period, gives = p->gives, waits = gives;
  for (int r = 0; r < out->readers && gives < allowed; r++)
    waits = later(waits, gives + waiting(&out->read[r], gives, sooner(allowed - gives, x->n), x->last));
  for (int64_t k = 0; k < x->n; k++) {
    if (p->list[place].gives && gives == allowed) {
      x->n = k;
      return;
    }
    x->at[k] = SCHEDULE_LONG_AGO;
    for (int r = 0; p->list[place].gives && gives < waits && r < out->readers; r++) {
      wait_for_room(out, &out->read[r], gives, 1, &x->at[k]);
      x->timed = k + 1;
    }
    gives += p->list[place].gives;
    place = place + 1 < p->period ? place + 1 : 0;
  }
}

// Of a window's writer: those of rows that have a slot.
static void promise_rows(const schedule *s, const schedule_process_state *p, promise *x) {
  const schedule_ring *r = &s->rings[p->ring];
  int64_t row = div_ceil(x->first, p->period), filled = 0;
  for (int64_t k = row * p->period - x->first; k < x->n; row++, k += p->period) {
    int64_t need = rows_read_before(&r->is, row);
    if (r->freed.count < need) {
      x->n = k;
      return;
    }
    if (need <= 0 || schedule_time(&r->freed, need - 1) <= x->last + 1 + k)
      continue;
    begin_times(x->at + filled, k - filled);
    x->at[k] = schedule_time(&r->freed, need - 1);
    x->timed = filled = k + 1;
  }
}

// Of a process whose firings are alike.
static void promise_alike(const schedule *s, const schedule_process_state *p, promise *x) {
  schedule_buffer *out = p->out < 0 ? NULL : &s->buffers[p->out];
  if (out)
    x->n = sooner(x->n, pushes_allowed(out) - x->first);
  for (int i = 0; i < p->inputs; i++)
    if (i != x->input)
      x->n =
          sooner(x->n, schedule_pops_with(&reader_of(s, p->tap[i])->room, s->buffers[p->tap[i].buffer].pushes.count) -
                           x->first);
  if (x->n <= 0)
    return;
  x->timed = p->inputs > 1 ? x->n : 0;
  for (int r = 0; out && r < out->readers; r++)
    x->timed = later(x->timed, waiting(&out->read[r], x->first, x->n, x->last));
  begin_times(x->at, x->timed);
  for (int i = 0; i < p->inputs; i++)
    if (i != x->input)
      wait_for_beats(&s->buffers[p->tap[i].buffer], reader_of(s, p->tap[i]), x->first, x->timed, x->at);
  for (int r = 0; out && r < out->readers; r++)
    wait_for_room(out, &out->read[r], x->first, x->timed, x->at);
}

// Floors of pops that were promised up to x->first, of which some are not timed yet, and of x->timed more.
static void add_floors(schedule_buffer *b, schedule_reader *r, const promise *x) {
  if (r->floors.count < r->pops.count)
    r->floors.first = r->floors.base = r->floors.count = r->pops.count;
  int64_t gap = x->first - r->floors.count;
  for (int64_t k = 0, t = gap ? floor_of(r, r->floors.count) : 0; k < gap; k++, t++)
    add_times(b, &r->floors, &t, 1);
  one_a_cycle(x->at, x->timed, x->last, false);
  add_times(b, &r->floors, x->at, x->timed);
}

// More pops of an input; false: none.
static bool promise_pops(const schedule *s, schedule_process_state *p, int input) {
  int64_t at[SCHEDULE_AHEAD];
  schedule_buffer *b = &s->buffers[p->tap[input].buffer];
  schedule_reader *r = reader_of(s, p->tap[input]);
  if (r->promised <= p->fired) { // none are left
    r->promised = p->free = p->fired;
    p->gives = p->out < 0 ? 0 : s->buffers[p->out].pushes.count;
  }
  promise x = {.input = input, .first = r->promised, .last = p->last, .at = at};
  x.n = sooner(p->end, p->fired + SCHEDULE_AHEAD) - x.first;
  if (x.first > p->fired)
    x.last = floor_of(r, x.first - 1);
  if (x.n > 0 && p->kind == SCHEDULE_WRITER)
    promise_rows(s, p, &x);
  else if (x.n > 0 && p->alike)
    promise_alike(s, p, &x);
  else if (x.n > 0)
    promise_list(p, &s->buffers[p->out], &x);
  if (x.n <= 0)
    return false;
  x.timed = sooner(x.timed, x.n);
  if (x.timed)
    add_floors(b, r, &x);
  r->promised += x.n;
  for (int64_t k = 0; !p->alike && p->kind == SCHEDULE_PLAIN && k < x.n; k++)
    p->gives += p->list[p->free++ % p->period].gives;
  return true;
}

void schedule_promise(schedule *s, schedule_process_state *p) {
  for (int i = 0; p->steady && i < p->inputs; i++)
    if ((reader_of(s, p->tap[i])->prompt || reader_of(s, p->tap[i])->foreseen) && promise_pops(s, p, i))
      schedule_wake(s, s->buffers[p->tap[i].buffer].giver);
}
