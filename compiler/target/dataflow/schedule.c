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
  int64_t size = t->size ? 2 * t->size : 16;
  int64_t *more = malloc((size_t)size * sizeof *more);
  if (!more)
    abort();
  for (int64_t i = t->first; i < t->count; i++)
    more[i & (size - 1)] = time_of(t, i);
  free(t->at);
  t->at = more;
  t->size = size;
}

static inline bool times_full(const times *t) { return t->count - t->first == t->size; }

// There is room: times_full, times_grow.
static inline void times_add(times *t, int64_t at) { t->at[t->count++ & (t->size - 1)] = at; }

static void times_forget(times *t, int64_t before) {
  if (before > t->first)
    t->first = before < t->count ? before : t->count;
}

static void times_clear(times *t) {
  free(t->at);
  *t = (times){0};
}

// ---- the network ----------------------------------------------------------------------------------------------------
// One that takes from a buffer. While it runs: the pops so far, how many pushes the next one needs, and what these
// bring more than it takes.
typedef struct {
  int taker; // a process
  times pops;
  int64_t need, over;
} reader;

typedef struct {
  schedule_room room;
  int readers, giver; // giver: a process
  reader *read; // [readers]
  // While it runs: the pushes so far, how many pops of each reader the next one needs, and the room that these leave.
  times pushes;
  int64_t need, over;
  bool measured;
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
  bool source, hands_on;
  // While it runs.
  int64_t fired, last, round, place; // fired = round * period + place
  int64_t end; // firings that it may do
  bool queued; // something has happened at its buffers since it was tried
} process;

enum { ENDS = 8 }; // of the last images

struct schedule {
  arena *mem;
  buffer *buffers;
  process *processes;
  ring *rings;
  size_t buffer_count, buffer_cap, process_count, process_cap, ring_count, ring_cap;
  int owner;
  int64_t pace, patience, late; // late: of the source, at most
  int64_t first_end, ends[ENDS]; // of the first image; of image i: at i % ENDS
  int *queue; // [process_count] a ring: processes to be tried
  size_t next, queued;
  int waits; // the buffer whose room the process that was tried last lacks; -1: it lacks something else
};

enum { FEWEST = 2, MOST = 64, LONG_AGO = -(1 << 20) };

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
  const reader *r = &b->read[tap.reader];
  if (b->pushes.count < r->need)
    return false;
  *at = later(*at, time_of(&b->pushes, r->need - 1) + b->room.latency);
  return true;
}

static inline bool can_push(schedule *s, int index, int64_t *at) {
  const buffer *b = &s->buffers[index];
  for (int r = 0; b->need > 0 && r < b->readers; r++) {
    const times *pops = &b->read[r].pops;
    if (pops->count < b->need) {
      s->waits = index;
      return false;
    }
    *at = later(*at, time_of(pops, b->need - 1) + b->room.back);
  }
  return true;
}

// Compares a measured buffer's pushes with its pops, in the order of their times, as far as both are known.
static void measure(buffer *b, bool all) {
  const times *pops = &b->read[0].pops;
  while (b->seen < b->pushes.count) {
    int64_t at = time_of(&b->pushes, b->seen);
    while (b->gone < pops->count && time_of(pops, b->gone) + b->room.back <= at)
      b->gone++;
    if (b->gone == pops->count && !all)
      break; // the next pop may come before this push
    b->seen++;
    b->needed = later(b->needed, b->seen - b->gone);
  }
}

// Forgets the times that nobody will ask for.
static void forget(buffer *b) {
  int64_t pushes = b->pushes.count, pops = b->need - 1;
  for (int r = 0; r < b->readers; r++)
    pushes = b->read[r].need - 1 < pushes ? b->read[r].need - 1 : pushes;
  if (b->measured) {
    measure(b, false);
    pushes = b->seen < pushes ? b->seen : pushes;
    pops = b->gone;
  }
  times_forget(&b->pushes, pushes);
  for (int r = 0; r < b->readers; r++)
    times_forget(&b->read[r].pops, pops);
}

// Makes room for one more.
static void extend(buffer *b, times *t) {
  forget(b);
  if (2 * (t->count - t->first) >= t->size)
    times_grow(t);
}

static inline void add_pop(buffer *b, reader *r, int64_t at) {
  if (times_full(&r->pops))
    extend(b, &r->pops);
  times_add(&r->pops, at);
  for (r->over -= b->room.pop; r->over < 0; r->over += b->room.push)
    r->need++;
}

static inline void add_push(buffer *b, int64_t at) {
  if (times_full(&b->pushes))
    extend(b, &b->pushes);
  times_add(&b->pushes, at);
  if (b->measured)
    return;
  for (b->over -= b->room.push; b->over < 0; b->over += b->room.pop)
    b->need++;
}

static inline void pop(schedule *s, schedule_tap tap, int64_t at) {
  buffer *b = &s->buffers[tap.buffer];
  add_pop(b, &b->read[tap.reader], at);
}

// ---- who is tried next ----------------------------------------------------------------------------------------------
static inline void wake(schedule *s, int index) {
  process *p = &s->processes[index];
  if (p->queued || p->fired == p->end)
    return;
  size_t at = s->next + s->queued++;
  s->queue[at < s->process_count ? at : at - s->process_count] = index;
  p->queued = true;
}

// ---- firings --------------------------------------------------------------------------------------------------------
static void advance(process *p, int64_t firings) {
  p->fired += firings;
  p->place += firings;
  for (; p->place >= p->period; p->place -= p->period)
    p->round++;
}

// Many firings of a process that hands on beats, as long as it can: what fire_plain does, with nothing looked up twice.
static void hand_on(schedule *s, process *p) {
  buffer *in = &s->buffers[p->from[0].buffer], *out = &s->buffers[p->out];
  reader *from = &in->read[p->from[0].reader], *to = out->read;
  int64_t count = p->end - p->fired;
  for (; count > 0 && from->need <= in->pushes.count && out->need <= to->pops.count; count--) {
    int64_t at = later(p->last + 1, time_of(&in->pushes, from->need - 1) + in->room.latency);
    if (out->need > 0)
      at = later(at, time_of(&to->pops, out->need - 1) + out->room.back);
    add_pop(in, from, at);
    add_push(out, at);
    p->last = at;
  }
  advance(p, p->end - p->fired - count);
}

static bool fire_plain(schedule *s, process *p) {
  const schedule_firing *f = &p->list[p->count == 1 ? 0 : p->place];
  int64_t at = p->last + 1;
  int first = f->takes == SCHEDULE_ALL ? 0 : f->takes, end = f->takes == SCHEDULE_ALL ? p->inputs : f->takes + 1;
  if (f->takes == SCHEDULE_NOTHING)
    first = end = 0;
  for (int i = first; i < end; i++)
    if (!can_pop(s, p->from[i], &at))
      return false;
  int64_t due = 0;
  if (s->pace && p->source)
    at = later(at, due = (int64_t)((double)p->fired * (double)s->pace / (double)p->each));
  if (f->gives && !can_push(s, p->out, &at))
    return false;
  if (due)
    s->late = later(s->late, at - due);
  for (int i = first; i < end && !f->leaves; i++)
    pop(s, p->from[i], at);
  if (f->gives)
    add_push(&s->buffers[p->out], at);
  p->last = at;
  if (p->out < 0 && p->place + 1 == p->each) {
    s->first_end = p->fired < p->each ? at : s->first_end;
    s->ends[p->fired / p->each % ENDS] = at;
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

static void add_row(times *t, int64_t at) {
  if (times_full(t))
    times_grow(t);
  times_add(t, at);
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
    add_row(&r->written, at);
    wake(s, (int)(p - s->processes) + 1);
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

// Whether there is room for all pixels of the block that begins, which is claimed while their first group of filters
// passes: so many cycles before the first pixel is complete.
static bool can_claim(schedule *s, const process *p, const schedule_window_of *w, int64_t *at) {
  const buffer *b = &s->buffers[p->out];
  const times *pops = &b->read[0].pops;
  int64_t left = w->ow - p->place, block = left < w->hold ? left : w->hold;
  int64_t more = (b->pushes.count + block) * b->room.push - b->room.capacity;
  int64_t need = more > 0 ? div_ceil(more, b->room.pop) : 0;
  if (pops->count < need) {
    s->waits = p->out;
    return false;
  }
  if (need > 0)
    *at = later(*at, time_of(pops, need - 1) + b->room.back + (w->words - w->words / w->groups) * block - (block - 1));
  return true;
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
  bool claims = w->groups > 1, first = !claims || p->place % w->hold == 0;
  int64_t room = LONG_AGO; // the words of a beat begin when there is room for it: they are summed in its register
  if (first && !(claims ? can_claim(s, p, w, &at) : can_push(s, p->out, &room)))
    return false;
  at = later(at, room + cycles - 1);
  add_push(&s->buffers[p->out], at);
  p->last = at;
  if (p->place + 1 == p->period) {
    add_row(&r->freed, at - w->depth + 1);
    wake(s, (int)(p - s->processes) - 1);
  }
  return true;
}

static bool fire(schedule *s, process *p) {
  static bool (*const KINDS[])(schedule *,
                               process *) = {[PLAIN] = fire_plain, [WRITER] = fire_writer, [READER] = fire_reader};
  s->waits = -1;
  if (!KINDS[p->kind](s, p))
    return false;
  advance(p, 1);
  return true;
}

// ---- a run ----------------------------------------------------------------------------------------------------------
// Those that a process has given what they may wait for: the one before it room for a beat, those behind it a beat.
static void wake_around(schedule *s, const process *p) {
  for (int i = 0; i < p->inputs; i++) {
    const buffer *b = &s->buffers[p->from[i].buffer];
    if (b->read[p->from[i].reader].pops.count >= b->need)
      wake(s, b->giver);
  }
  if (p->out < 0)
    return;
  const buffer *b = &s->buffers[p->out];
  for (int r = 0; r < b->readers; r++)
    if (b->pushes.count >= b->read[r].need)
      wake(s, b->read[r].taker);
}

static void start(schedule *s) {
  s->late = 0;
  for (size_t i = 0; i < s->buffer_count; i++) {
    buffer *b = &s->buffers[i];
    b->measured = b->room.capacity == SCHEDULE_UNBOUNDED;
    b->seen = b->gone = b->needed = b->need = 0;
    b->over = b->room.capacity - b->room.push;
    b->read = calloc((size_t)b->readers, sizeof *b->read);
    if (!b->read)
      abort();
    for (int r = 0; r < b->readers; r++) {
      b->read[r].need = div_ceil(b->room.pop, b->room.push);
      b->read[r].over = b->read[r].need * b->room.push - b->room.pop;
    }
    for (; !b->measured && b->over < 0; b->over += b->room.pop)
      b->need++;
  }
  for (size_t i = 0; i < s->process_count; i++) {
    process *p = &s->processes[i];
    p->fired = p->round = p->place = p->end = 0;
    p->last = p->source ? -1 : LONG_AGO;
    p->queued = false;
    p->hands_on = p->list == &TAKE_GIVE && s->buffers[p->out].readers == 1;
    for (int k = 0; k < p->inputs; k++)
      s->buffers[p->from[k].buffer].read[p->from[k].reader].taker = (int)i;
  }
  s->queue = calloc(s->process_count + 1, sizeof *s->queue);
  if (!s->queue)
    abort();
}

static void end(schedule *s, bool done) {
  for (size_t i = 0; i < s->buffer_count; i++) {
    buffer *b = &s->buffers[i];
    if (b->measured)
      measure(b, true);
    assert(!done || b->pushes.count * b->room.push == b->read[0].pops.count * b->room.pop);
    times_clear(&b->pushes);
    for (int r = 0; r < b->readers; r++)
      times_clear(&b->read[r].pops);
    free(b->read);
    b->read = NULL;
  }
  for (size_t i = 0; i < s->ring_count; i++) {
    times_clear(&s->rings[i].written);
    times_clear(&s->rings[i].freed);
  }
  free(s->queue);
  s->queue = NULL;
}

// Lets all fire until so many images have passed or none can; true: they have.
static bool pass(schedule *s, int images) {
  enum { LOOK = 1 << 16 }; // processes tried before it looks for an interrupt
  s->next = s->queued = 0;
  for (size_t i = 0; i < s->process_count; i++) {
    s->processes[i].end = s->processes[i].each * images;
    wake(s, (int)i);
  }
  for (int64_t n = 1; s->queued && s->late <= s->patience && !(n % LOOK == 0 && interrupted()); n++) {
    int index = s->queue[s->next];
    s->next = s->next + 1 < s->process_count ? s->next + 1 : 0;
    s->queued--;
    process *p = &s->processes[index];
    p->queued = false;
    int64_t before = p->fired;
    if (p->hands_on)
      hand_on(s, p);
    else
      while (p->fired < p->end && fire(s, p))
        ;
    if (p->fired > before)
      wake_around(s, p);
  }
  for (size_t i = 0; i < s->process_count; i++)
    if (s->processes[i].fired < s->processes[i].end)
      return false;
  return true;
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
      slowest = b->read[r].pops.count < b->read[slowest].pops.count ? r : slowest;
    return &s->processes[b->read[slowest].taker];
  }
  return p->kind == WRITER && can_pop(s, p->from[0], &at) ? p + 1 : NULL;
}

// From the first process that has not done all, on to the one that all wait for.
static void blame(schedule *s, schedule_result *out) {
  process *p = s->processes, *next;
  while (p->fired == p->end)
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

// Images at the end of a run over which their distance is taken: where several are on their way at once, they may come
// in groups, say two close together and then a pause.
static int span_of(int images) { return images > 7 ? 6 : images > 4 ? 2 : 1; }

// Images that are enough, of so many cycles each, where so many are on their way at once.
static int enough(int64_t on_their_way, int64_t cycles) {
  enum { SMALL = 4096 };
  int images = (int)clamp64(on_their_way + 2, FEWEST, MOST);
  return images + (cycles < SMALL || images > 5 ? 6 : images > 4 ? 2 : 0);
}

static int64_t period_of(const schedule *s, int images) {
  int span = span_of(images);
  return images > 1 ? div_ceil(s->ends[(images - 1) % ENDS] - s->ends[(images - 1 - span) % ENDS], span) : 0;
}

schedule_result schedule_run_load(schedule *s, const schedule_load *load) {
  assert(load->images > 0 || load->rate > 0);
  schedule_result out = {.images = load->images ? load->images : 1};
  s->pace = load->pace;
  s->patience = load->patience ? load->patience : INT64_MAX;
  start(s);
  bool done = pass(s, out.images);
  if (done && !load->images) {
    out.images = enough(s->first_end / load->rate, load->rate);
    done = pass(s, out.images);
  }
  if (!done && !interrupted() && s->late <= s->patience)
    blame(s, &out);
  for (size_t i = 0; i < s->process_count; i++)
    out.firings += s->processes[i].fired;
  end(s, done);
  out.done = done;
  out.late = s->late;
  if (done)
    out.first_end = s->first_end, out.period = period_of(s, out.images);
  return out;
}

schedule_result schedule_run(schedule *s, int images, int64_t pace) {
  return schedule_run_load(s, &(schedule_load){.images = images, .pace = pace});
}

int64_t schedule_needed(const schedule *s, schedule_tap tap) { return s->buffers[tap.buffer].needed; }
