// SPDX-License-Identifier: Apache-2.0
#include "compiler/target/dataflow/schedule.h"

#include <stdlib.h>
#include <string.h>

// ---- times of a row of events; those before `first` are forgotten ---------------------------------------------------
typedef struct {
  int64_t *at;
  int64_t first, count, size; // size: a power of two
} times;

static inline int64_t time_of(const times *t, int64_t i) {
  assert(i >= t->first && i < t->count);
  return t->at[i & (t->size - 1)];
}

static void times_grow(times *t) {
  int64_t size = t->size ? 2 * t->size : 64;
  int64_t *more = malloc((size_t)size * sizeof *more);
  if (!more)
    abort();
  for (int64_t i = t->first; i < t->count; i++)
    more[i & (size - 1)] = time_of(t, i);
  free(t->at);
  t->at = more;
  t->size = size;
}

static inline void times_add(times *t, int64_t at) {
  if (t->count - t->first == t->size)
    times_grow(t);
  t->at[t->count++ & (t->size - 1)] = at;
}

static void times_forget(times *t, int64_t before) {
  if (before > t->first)
    t->first = before < t->count ? before : t->count;
}

static void times_clear(times *t) {
  free(t->at);
  *t = (times){0};
}

// ---- the network ----------------------------------------------------------------------------------------------------
typedef struct {
  schedule_room room;
  int readers;
  int giver, *takers; // processes
  // While it runs.
  bool measured, plain; // plain: a push is a pop
  times pushes, *pops; // pops: by reader
  int64_t seen, gone, needed; // pushes and pops that were compared, and the room that they needed
} buffer;

// Rows of a window generator, between the process that writes and the one that reads.
typedef struct {
  schedule_window_of is;
  times written, freed; // rows that are complete, output rows that were read
} ring;

typedef enum { PLAIN, WRITER, READER } process_kind;
typedef struct {
  process_kind kind; // a window's reader stands behind its writer
  int owner, inputs, out, ring; // out, ring: -1: none
  schedule_tap *from;
  const schedule_firing *list;
  int64_t count, each; // firings in the list, in an image
  int64_t period; // the list or an image; of a window's processes a row
  bool source;
  // While it runs.
  int64_t fired, last, round, place; // fired = round * period + place
  bool asleep; // it waits, and nothing has happened at its buffers since it was tried
} process;

struct schedule {
  arena *mem;
  buffer *buffers;
  process *processes;
  ring *rings;
  size_t buffer_count, buffer_cap, process_count, process_cap, ring_count, ring_cap;
  int owner;
  int64_t pace, ends[3]; // ends: of the first image, the last but one so far, the last
  int waits; // the buffer whose room the process that was tried last lacks; -1: it lacks something else
};

enum { CHUNK = 64, LONG_AGO = -(1 << 20) };

schedule *schedule_new(arena *mem) {
  schedule *s = arena_new_object(mem, schedule);
  *s = (schedule){.mem = mem};
  return s;
}

void schedule_owner(schedule *s, int owner) { s->owner = owner; }

schedule_room *schedule_room_of(schedule *s, schedule_tap tap) { return &s->buffers[tap.buffer].room; }

schedule_room schedule_fifo(int64_t depth) {
  if (depth == 2)
    return SCHEDULE_SLICE;
  return depth == 1 ? SCHEDULE_REGISTER : (schedule_room){.capacity = depth, .latency = 2, .back = 1};
}

schedule_room schedule_gearbox(int in, int out) {
  int unit = (int)gcd64(in, out), i = in / unit, o = out / unit;
  bool general = i != 1 && o != 1;
  return (schedule_room){.capacity = general ? i + o + (i < o ? i : o) - 1
                                     : i > o ? i
                                             : o,
                         .push = i,
                         .pop = o,
                         .latency = 1,
                         .back = general};
}

static int add_buffer(schedule *s, schedule_room room) {
  arena_grow(s->mem, s->buffers, s->buffer_count, s->buffer_cap);
  room.push = room.push ? room.push : 1;
  room.pop = room.pop ? room.pop : 1;
  s->buffers[s->buffer_count] = (buffer){.room = room, .readers = 1, .giver = (int)s->process_count - 1};
  return (int)s->buffer_count++;
}

static process *add_process(schedule *s, process_kind kind, const schedule_tap *from, int inputs) {
  arena_grow(s->mem, s->processes, s->process_count, s->process_cap);
  process *p = &s->processes[s->process_count++];
  *p = (process){.kind = kind, .owner = s->owner, .inputs = inputs, .out = -1, .ring = -1};
  p->from = arena_new_array(s->mem, schedule_tap, (size_t)inputs + 1);
  for (int i = 0; i < inputs; i++)
    p->from[i] = from[i];
  return p;
}

// A buffer with one that takes from it.
static schedule_tap gives_to(schedule *s, process *p, schedule_room room) {
  p->out = add_buffer(s, room);
  return (schedule_tap){p->out, 0};
}

static const schedule_firing TAKE_GIVE = {.gives = true}, GIVE = {.takes = SCHEDULE_NOTHING, .gives = true}, TAKE = {0};

// Where a beat is seen in the cycle in which it is given, the next one is seen a cycle after it was taken.
static const schedule_room WIRE = {.capacity = 1, .back = 1};

schedule_tap schedule_source(schedule *s, int64_t beats) {
  process *p = add_process(s, PLAIN, NULL, 0);
  p->list = &GIVE;
  p->count = 1;
  p->each = p->period = beats;
  p->source = true;
  return gives_to(s, p, WIRE);
}

void schedule_sink(schedule *s, schedule_tap from, int64_t beats) {
  process *p = add_process(s, PLAIN, &from, 1);
  p->list = &TAKE;
  p->count = 1;
  p->each = p->period = beats;
}

schedule_tap schedule_again(schedule *s, schedule_tap tap) {
  return (schedule_tap){tap.buffer, s->buffers[tap.buffer].readers++};
}

schedule_tap schedule_process(schedule *s, const schedule_tap *from, int inputs, const schedule_firing *list,
                              int64_t count, int64_t total, schedule_room room) {
  process *p = add_process(s, PLAIN, from, inputs);
  p->list = list;
  p->count = count;
  p->each = total;
  p->period = count > 1 ? count : total;
  return gives_to(s, p, room);
}

schedule_tap schedule_through(schedule *s, schedule_tap from, schedule_room room, int64_t beats) {
  return schedule_process(s, &from, 1, &TAKE_GIVE, 1, beats, room);
}

schedule_tap schedule_fork(schedule *s, schedule_tap tap, int64_t beats) {
  schedule_room *r = schedule_room_of(s, tap);
  if (r->capacity == r->pop) // it is the only one
    return tap;
  schedule_room last = r->latency > 0 ? SCHEDULE_REGISTER : WIRE;
  r->capacity -= r->pop;
  r->latency -= last.latency;
  return schedule_through(s, tap, last, beats);
}

schedule_tap schedule_window(schedule *s, schedule_tap from, const schedule_window_of *w, schedule_room room) {
  arena_grow(s->mem, s->rings, s->ring_count, s->ring_cap);
  s->rings[s->ring_count] = (ring){.is = *w};
  process *p = add_process(s, WRITER, &from, 1);
  p->ring = (int)s->ring_count;
  p->each = w->h * w->row_beats;
  p->period = w->row_beats;
  p = add_process(s, READER, NULL, 0);
  p->ring = (int)s->ring_count++;
  p->each = w->oh * w->ow * w->frames;
  p->period = w->ow * w->frames;
  return gives_to(s, p, room);
}

// ---- when something can be taken and given --------------------------------------------------------------------------
static int64_t later(int64_t a, int64_t b) { return a > b ? a : b; }

// The earliest cycle, not before *at, in which a beat can be popped; false: it has not come.
static inline bool can_pop(const schedule *s, schedule_tap tap, int64_t *at) {
  const buffer *b = &s->buffers[tap.buffer];
  int64_t need = b->pops[tap.reader].count + 1;
  if (!b->plain)
    need = div_ceil(need * b->room.pop, b->room.push);
  if (b->pushes.count < need)
    return false;
  *at = later(*at, time_of(&b->pushes, need - 1) + b->room.latency);
  return true;
}

static inline bool can_push(schedule *s, int index, int64_t *at) {
  const buffer *b = &s->buffers[index];
  if (b->room.capacity == SCHEDULE_UNBOUNDED)
    return true;
  int64_t more = (b->pushes.count + 1) * b->room.push - b->room.capacity;
  if (more <= 0)
    return true;
  int64_t need = b->plain ? more : div_ceil(more, b->room.pop);
  for (int r = 0; r < b->readers; r++) {
    if (b->pops[r].count < need) {
      s->waits = index;
      return false;
    }
    *at = later(*at, time_of(&b->pops[r], need - 1) + b->room.back);
  }
  return true;
}

// Compares a measured buffer's pushes with its pops, in the order of their times, as far as both are known.
static void measure(buffer *b, bool all) {
  while (b->seen < b->pushes.count) {
    int64_t at = time_of(&b->pushes, b->seen);
    while (b->gone < b->pops[0].count && time_of(&b->pops[0], b->gone) + b->room.back <= at)
      b->gone++;
    if (b->gone == b->pops[0].count && !all)
      break; // the next pop may come before this push
    b->seen++;
    b->needed = later(b->needed, b->seen - b->gone);
  }
}

// Forgets the times that nobody will ask for.
static void forget(buffer *b) {
  int64_t taken = b->pops[0].count;
  for (int r = 1; r < b->readers; r++)
    taken = b->pops[r].count < taken ? b->pops[r].count : taken;
  int64_t pushes = taken * b->room.pop / b->room.push, pops;
  if (b->measured) {
    measure(b, false);
    pushes = b->seen < pushes ? b->seen : pushes;
    pops = b->gone;
  } else {
    int64_t more = (b->pushes.count + 1) * b->room.push - b->room.capacity;
    pops = more > 0 ? div_ceil(more, b->room.pop) - 1 : 0;
  }
  times_forget(&b->pushes, pushes);
  for (int r = 0; r < b->readers; r++)
    times_forget(&b->pops[r], pops);
}

static inline void pop(schedule *s, schedule_tap tap, int64_t at) {
  times_add(&s->buffers[tap.buffer].pops[tap.reader], at);
  s->processes[s->buffers[tap.buffer].giver].asleep = false;
}

static inline void push(schedule *s, int index, int64_t at) {
  buffer *b = &s->buffers[index];
  times_add(&b->pushes, at);
  for (int r = 0; r < b->readers; r++)
    s->processes[b->takers[r]].asleep = false;
}

// ---- firings --------------------------------------------------------------------------------------------------------
static bool fire_plain(schedule *s, process *p) {
  const schedule_firing *f = &p->list[p->count == 1 ? 0 : p->place];
  int64_t at = p->last + 1;
  int first = f->takes == SCHEDULE_ALL ? 0 : f->takes, end = f->takes == SCHEDULE_ALL ? p->inputs : f->takes + 1;
  if (f->takes == SCHEDULE_NOTHING)
    first = end = 0;
  for (int i = first; i < end; i++)
    if (!can_pop(s, p->from[i], &at))
      return false;
  if (s->pace && p->source)
    at = later(at, (int64_t)((double)p->fired * (double)s->pace / (double)p->each));
  if (f->gives && !can_push(s, p->out, &at))
    return false;
  for (int i = first; i < end && !f->leaves; i++)
    pop(s, p->from[i], at);
  if (f->gives)
    push(s, p->out, at);
  p->last = at;
  if (p->out < 0 && p->place + 1 == p->each) {
    s->ends[0] = p->fired < p->each ? at : s->ends[0];
    s->ends[1] = s->ends[2];
    s->ends[2] = at;
  }
  return true;
}

// The ring's slots are numbered on from image to image, padding included: row y of image n is row n * HP + PT + y.
static int64_t padded_rows(const schedule_window_of *w) { return w->h + w->pt + w->pb; }

// Output rows that must have been read before row y of image n finds a slot: the first row still in use is then not
// more than ROWS - 1 before it.
static int64_t rows_read_before(const schedule_window_of *w, int64_t n, int64_t y) {
  int64_t hp = padded_rows(w), base = n * hp + w->pt + y - w->rows + 1;
  if (base <= 0)
    return 0;
  int64_t rest = div_ceil(base % hp, w->sh);
  return base / hp * w->oh + (rest < w->oh ? rest : w->oh);
}

static bool fire_writer(schedule *s, process *p) {
  ring *r = &s->rings[p->ring];
  int64_t at = p->last + 1;
  if (!can_pop(s, p->from[0], &at))
    return false;
  if (p->place == 0) {
    int64_t need = rows_read_before(&r->is, p->round / r->is.h, p->round % r->is.h);
    if (r->freed.count < need)
      return false;
    if (need > 0)
      at = later(at, time_of(&r->freed, need - 1));
    times_forget(&r->freed, need - 1);
  }
  pop(s, p->from[0], at);
  p->last = at;
  if (p->place + 1 == p->period) {
    times_add(&r->written, at);
    p[1].asleep = false;
  }
  return true;
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

static bool fire_reader(schedule *s, process *p) {
  ring *r = &s->rings[p->ring];
  const schedule_window_of *w = &r->is;
  int64_t cycles = cycles_of(w, p->place), at = p->last + cycles;
  if (p->place == 0) {
    int64_t need = p->round / w->oh * w->h + rows_written_before(w, p->round % w->oh);
    if (r->written.count < need)
      return false;
    at = later(at, time_of(&r->written, need - 1) + cycles + w->depth);
    times_forget(&r->written, need - 1);
  }
  if (!can_push(s, p->out, &at))
    return false;
  push(s, p->out, at);
  p->last = at;
  if (p->place + 1 == p->period) {
    times_add(&r->freed, at - w->depth + 1);
    p[-1].asleep = false;
  }
  return true;
}

static bool fire(schedule *s, process *p) {
  static bool (*const KINDS[])(schedule *,
                               process *) = {[PLAIN] = fire_plain, [WRITER] = fire_writer, [READER] = fire_reader};
  s->waits = -1;
  if (!KINDS[p->kind](s, p)) {
    p->asleep = true;
    return false;
  }
  p->fired++;
  if (++p->place == p->period)
    p->place = 0, p->round++;
  return true;
}

// ---- a run ----------------------------------------------------------------------------------------------------------
static void start(schedule *s) {
  for (size_t i = 0; i < s->buffer_count; i++) {
    buffer *b = &s->buffers[i];
    b->measured = b->room.capacity == SCHEDULE_UNBOUNDED;
    b->plain = b->room.push == 1 && b->room.pop == 1;
    b->seen = b->gone = b->needed = 0;
    b->pops = calloc((size_t)b->readers, sizeof *b->pops);
    b->takers = calloc((size_t)b->readers, sizeof *b->takers);
    if (!b->pops || !b->takers)
      abort();
  }
  for (size_t i = 0; i < s->process_count; i++) {
    process *p = &s->processes[i];
    p->fired = p->round = p->place = 0;
    p->last = p->source ? -1 : LONG_AGO;
    p->asleep = false;
    for (int k = 0; k < p->inputs; k++)
      s->buffers[p->from[k].buffer].takers[p->from[k].reader] = (int)i;
  }
}

static void end(schedule *s, bool done) {
  for (size_t i = 0; i < s->buffer_count; i++) {
    buffer *b = &s->buffers[i];
    if (b->measured)
      measure(b, true);
    assert(!done || b->pushes.count * b->room.push == b->pops[0].count * b->room.pop);
    times_clear(&b->pushes);
    for (int r = 0; r < b->readers; r++)
      times_clear(&b->pops[r]);
    free(b->pops);
    free(b->takers);
    b->pops = NULL;
    b->takers = NULL;
  }
  for (size_t i = 0; i < s->ring_count; i++) {
    times_clear(&s->rings[i].written);
    times_clear(&s->rings[i].freed);
  }
}

// Lets each process fire some times, again and again; false: none can.
static bool sweep(schedule *s, int images, bool *done) {
  bool moved = false;
  *done = true;
  for (size_t i = 0; i < s->process_count; i++) {
    process *p = &s->processes[i];
    int64_t total = p->each * images, end = p->fired + CHUNK < total ? p->fired + CHUNK : total, before = p->fired;
    while (!p->asleep && p->fired < end && fire(s, p))
      ;
    moved |= p->fired != before;
    *done &= p->fired == total;
  }
  return moved;
}

// Who keeps a process from firing: the slowest that takes from the buffer that is full, or the reader of the window
// whose slots are; NULL: it waits for a beat.
static process *waited_for(schedule *s, process *p) {
  int64_t at = 0;
  fire(s, p);
  if (s->waits >= 0) {
    const buffer *b = &s->buffers[s->waits];
    int slowest = 0;
    for (int r = 1; r < b->readers; r++)
      slowest = b->pops[r].count < b->pops[slowest].count ? r : slowest;
    return &s->processes[b->takers[slowest]];
  }
  return p->kind == WRITER && can_pop(s, p->from[0], &at) ? p + 1 : NULL;
}

// From the first process that has not done all, on to the one that all wait for.
static void blame(schedule *s, int images, schedule_result *out) {
  process *p = s->processes, *next;
  while (p->fired == p->each * images)
    p++;
  for (size_t i = 0; i < s->process_count && (next = waited_for(s, p)); i++)
    p = next;
  int64_t at = 0;
  out->owner = p->owner;
  out->fired = p->fired;
  out->each = p->each;
  while (out->lacks + 1 < p->inputs && can_pop(s, p->from[out->lacks], &at))
    out->lacks++;
}

schedule_result schedule_run(schedule *s, int images, int64_t pace) {
  enum { TIDY = 64 }; // sweeps
  schedule_result out = {0};
  bool done = false;
  s->pace = pace;
  start(s);
  for (int64_t n = 1; sweep(s, images, &done) && !interrupted(); n++)
    for (size_t i = 0; n % TIDY == 0 && i < s->buffer_count; i++)
      forget(&s->buffers[i]);
  if (!done && !interrupted())
    blame(s, images, &out);
  end(s, done);
  out.done = done;
  if (done)
    out.first_end = s->ends[0], out.period = images > 1 ? s->ends[2] - s->ends[1] : 0;
  return out;
}

int64_t schedule_needed(const schedule *s, schedule_tap tap) { return s->buffers[tap.buffer].needed; }
