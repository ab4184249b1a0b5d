// SPDX-License-Identifier: Apache-2.0
#include "compiler/target/dataflow/schedule_internal.h"

#include <stdlib.h>
#include <string.h>

typedef schedule_process_state process;
typedef schedule_buffer buffer;

enum { FEWEST = 2, MORE = 6 };

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
  s->buffers[s->buffer_count] = (buffer){.room = room, .taps = 1, .giver = (int)s->process_count - 1};
  return (int)s->buffer_count++;
}

static process *add_process(schedule *s, schedule_kind kind, const schedule_tap *from, int inputs) {
  arena_grow(s->mem, s->processes, s->process_count, s->process_cap);
  process *p = &s->processes[s->process_count++];
  *p = (process){.kind = kind, .owner = s->owner, .inputs = inputs, .out = -1, .ring = -1};
  p->from = inputs ? arena_memdup(s->mem, from, (size_t)inputs * sizeof *from) : NULL;
  p->tap = arena_new_array(s->mem, schedule_tap, (size_t)inputs + 1);
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
  process *p = add_process(s, SCHEDULE_PLAIN, NULL, 0);
  p->list = &GIVE;
  p->count = 1;
  p->each = p->period = beats;
  p->source = true;
  return gives_to(s, p, WIRE);
}

void schedule_sink(schedule *s, schedule_tap from, int64_t beats) {
  process *p = add_process(s, SCHEDULE_PLAIN, &from, 1);
  p->list = &TAKE;
  p->count = 1;
  p->each = p->period = beats;
}

schedule_tap schedule_again(schedule *s, schedule_tap tap) {
  return (schedule_tap){tap.buffer, s->buffers[tap.buffer].taps++};
}

schedule_tap schedule_process(schedule *s, const schedule_tap *from, int inputs, const schedule_firing *list,
                              int64_t count, int64_t total, schedule_room room) {
  process *p = add_process(s, SCHEDULE_PLAIN, from, inputs);
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
  s->rings[s->ring_count] = (schedule_ring){.is = *w};
  process *p = add_process(s, SCHEDULE_WRITER, &from, 1);
  p->ring = (int)s->ring_count;
  p->each = w->h * w->row_beats;
  p->period = w->row_beats;
  p = add_process(s, SCHEDULE_READER, NULL, 0);
  p->ring = (int)s->ring_count++;
  p->each = w->oh * w->ow * w->frames;
  p->period = w->ow * w->frames;
  return gives_to(s, p, room);
}

// ---- a run ----------------------------------------------------------------------------------------------------------
// Which is to be tried next. What the last one waits for, so that few go on together where one waits for the other at
// every beat; else the first: so what is behind it finds as many beats as can come. NULL: none is.
static process *next_ready(schedule *s) {
  if (s->for_whom >= 0) {
    uint64_t *word = &s->ready[s->for_whom / 64], bit = UINT64_C(1) << s->for_whom % 64;
    if (*word & bit) {
      *word &= ~bit;
      return &s->processes[s->for_whom];
    }
  }
  for (size_t words = s->process_count / 64 + 1; s->first < words; s->first++) {
    uint64_t *word = &s->ready[s->first];
    if (!*word)
      continue;
    int bit = __builtin_ctzll(*word);
    *word &= *word - 1;
    return &s->processes[s->first * 64 + (size_t)bit];
  }
  return NULL;
}

// Those that a process has given what they may wait for: the one before it room for a beat, those behind it a beat.
static void wake_around(schedule *s, const process *p) {
  for (int i = 0; i < p->inputs; i++) {
    const buffer *b = &s->buffers[p->tap[i].buffer];
    const schedule_reader *r = &b->read[p->tap[i].reader];
    if (r->pops.count >= schedule_pops_for(&r->room, b->pushes.count + 1))
      schedule_wake(s, b->giver);
  }
  if (p->out < 0)
    return;
  const buffer *b = &s->buffers[p->out];
  for (const schedule_reader *r = b->read; r < b->read + b->readers; r++)
    if (b->pushes.count >= schedule_pushes_for(&r->room, r->pops.count + 1))
      schedule_wake(s, r->taker);
}

// Whether a process that hands on beats makes no difference: the two buffers are then one that has the room of both.
// Its beats leave one a cycle, whoever gives and takes them, so that what limits both ends is only the way there or the
// way back (schedule_fire.c: prompt; of the second buffer, whose pops come one a cycle at most, the same). Several that
// take from the second one wait for each other there.
static bool can_join(const schedule *s, const process *p, const schedule_room *in) {
  if (s->singly || p->list != &TAKE_GIVE)
    return false;
  const schedule_room *out = &s->buffers[p->out].room;
  return s->buffers[p->out].taps == 1 && in->pop == 1 && out->pop == 1 && out->capacity >= out->push &&
         out->capacity - out->push + 1 >= out->latency + out->back &&
         schedule_is_prompt(s, &s->buffers[s->buffers[p->from[0].buffer].root], in);
}

static schedule_room joined(const schedule_room *in, const schedule_room *out) {
  return (schedule_room){.capacity = in->capacity * out->push + out->capacity,
                         .push = in->push * out->push,
                         .pop = 1,
                         .latency = in->latency + out->latency,
                         .back = in->back + out->back};
}

static schedule_tap add_reader(schedule *s, int index, const schedule_room *room, int taker, int number) {
  buffer *b = &s->buffers[index];
  int count = b->readers++;
  if (!(count & (count - 1))) { // full: they are doubled
    b->read = realloc(b->read, (size_t)(count ? 2 * count : 1) * sizeof *b->read);
    if (!b->read)
      abort();
  }
  b->read[count] = (schedule_reader){.room = *room, .taker = taker, .number = number};
  return (schedule_tap){index, count};
}

// What gives stands before what takes.
static void start_process(schedule *s, int index, bool join) {
  process *p = &s->processes[index];
  p->fired = p->round = p->place = p->end = 0;
  p->last = p->source ? -1 : SCHEDULE_LONG_AGO;
  const buffer *in = p->inputs ? &s->buffers[p->from[0].buffer] : NULL;
  p->joins = join && in && can_join(s, p, &in->all);
  for (int k = 0; k < p->inputs && !p->joins; k++) {
    const buffer *b = &s->buffers[p->from[k].buffer];
    p->tap[k] = add_reader(s, b->root, &b->all, index, p->from[k].reader);
  }
  if (p->out < 0)
    return;
  buffer *out = &s->buffers[p->out];
  out->root = p->joins ? in->root : p->out;
  out->all = p->joins ? joined(&in->all, &out->room) : out->room;
}

static void start(schedule *s, bool join) {
  s->late = 0;
  for (buffer *b = s->buffers; b < s->buffers + s->buffer_count; b++) {
    b->measured = b->room.capacity == SCHEDULE_UNBOUNDED;
    b->seen = b->gone = b->needed = 0;
    b->readers = 0;
    b->foreseen = false;
  }
  for (size_t i = 0; i < s->process_count; i++)
    start_process(s, (int)i, join);
  schedule_find_promises(s);
  s->ready = calloc(s->process_count / 64 + 1, sizeof *s->ready);
  if (!s->ready)
    abort();
}

static void end(schedule *s, bool done) {
  for (buffer *b = s->buffers; b < s->buffers + s->buffer_count; b++) {
    if (b->measured)
      schedule_measure(b, true);
    for (schedule_reader *r = b->read; r < b->read + b->readers; r++) {
      assert(!done || b->pushes.count * r->room.push == r->pops.count * r->room.pop);
      schedule_times_clear(&r->pops);
      schedule_times_clear(&r->floors);
      schedule_times_clear(&r->expected);
    }
    schedule_times_clear(&b->pushes);
    free(b->read);
    b->read = NULL;
  }
  for (schedule_ring *r = s->rings; r < s->rings + s->ring_count; r++) {
    schedule_times_clear(&r->written);
    schedule_times_clear(&r->freed);
  }
  free(s->ready);
  s->ready = NULL;
}

// Lets all fire until so many images have passed or none can; true: they have.
static bool pass(schedule *s, int images) {
  enum { LOOK = 1 << 12 }; // processes tried before it looks for an interrupt
  for (size_t i = 0; i < s->process_count; i++) {
    process *p = &s->processes[i];
    p->end = p->each * images;
    if (!p->joins)
      schedule_wake(s, (int)i);
  }
  process *p;
  s->for_whom = -1;
  for (int64_t n = 1; s->late <= s->patience && !(n % LOOK == 0 && interrupted()) && (p = next_ready(s)); n++) {
    int64_t before = p->fired;
    while (p->fired < p->end && schedule_fire(s, p))
      ;
    schedule_promise(s, p);
    if (p->fired > before)
      wake_around(s, p);
  }
  for (p = s->processes; p < s->processes + s->process_count; p++)
    if (!p->joins && p->fired < p->end)
      return false;
  return true;
}

// Who keeps a process from firing: the slowest that takes from the buffer that is full, or the reader of the window
// whose slots are; NULL: it waits for a beat.
static process *waited_for(schedule *s, process *p) {
  int64_t at = 0;
  schedule_fire(s, p);
  if (s->waits >= 0) {
    const buffer *b = &s->buffers[s->waits];
    const schedule_reader *slowest = b->read;
    for (const schedule_reader *r = b->read; r < b->read + b->readers; r++)
      if (r->pops.count < slowest->pops.count || (r->pops.count == slowest->pops.count && r->number < slowest->number))
        slowest = r;
    return &s->processes[slowest->taker];
  }
  return p->kind == SCHEDULE_WRITER && schedule_can_pop(s, p->tap[0], &at) ? p + 1 : NULL;
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
  while (out->lacks + 1 < p->inputs && schedule_can_pop(s, p->tap[out->lacks], &at))
    out->lacks++;
}

// Images at the end of a run over which their distance is taken: where several are on their way at once, they may come
// in groups, say two close together and then a pause.
static int span_of(int images) { return images > 7 ? 6 : images > 4 ? 2 : 1; }

// Images that are enough, of so many cycles each, where so many are on their way at once.
static int enough(int64_t on_their_way, int64_t cycles) {
  enum { SMALL = 4096 };
  int images = (int)clamp64(on_their_way + 2, FEWEST, SCHEDULE_IMAGES - MORE);
  return images + (cycles < SMALL || images > 5 ? MORE : images > 4 ? 2 : 0);
}

static int64_t period_of(const schedule *s, int images) {
  int span = span_of(images);
  return images > 1
             ? div_ceil(s->ends[(images - 1) % SCHEDULE_ENDS] - s->ends[(images - 1 - span) % SCHEDULE_ENDS], span)
             : 0;
}

// Firings so far; of one that does not fire, since its buffers are one, what has come to them at most.
static int64_t firings_of(const schedule *s, const process *p) {
  if (!p->joins)
    return p->fired;
  const buffer *in = &s->buffers[p->from[0].buffer];
  int64_t come = s->buffers[in->root].pushes.count * in->all.push;
  return come < p->end ? come : p->end;
}

// join: buffers, where that makes no difference. Then it cannot say who stands still: *still is true.
static schedule_result run(schedule *s, const schedule_load *load, bool join, bool *still) {
  schedule_result out = {.images = load->images ? load->images : 1};
  start(s, join);
  bool done = pass(s, out.images);
  if (done && !load->images) {
    out.images = enough(s->first_end / load->rate, load->rate);
    done = pass(s, out.images);
  }
  *still = !done && !interrupted() && s->late <= s->patience;
  if (*still && !join)
    blame(s, &out);
  for (size_t i = 0; i < s->process_count; i++)
    out.firings += firings_of(s, &s->processes[i]);
  end(s, done);
  out.done = done;
  out.late = s->late;
  if (done)
    out.first_end = s->first_end, out.period = period_of(s, out.images);
  return out;
}

schedule_result schedule_run_load(schedule *s, const schedule_load *load) {
  assert(s->buffers && s->processes && (load->images > 0 || load->rate > 0));
  s->pace = load->pace;
  s->singly = load->singly;
  s->patience = load->patience ? load->patience : INT64_MAX;
  bool still;
  schedule_result r = run(s, load, true, &still);
  return still ? run(s, load, false, &still) : r;
}

schedule_result schedule_run(schedule *s, int images, int64_t pace) {
  return schedule_run_load(s, &(schedule_load){.images = images, .pace = pace});
}

int64_t schedule_needed(const schedule *s, schedule_tap tap) { return s->buffers[tap.buffer].needed; }

// ---- what it is made of ---------------------------------------------------------------------------------------------
static void add_numbers(str *out, const int64_t *numbers, size_t count) {
  str_add_n(out, (const char *)numbers, count * sizeof *numbers);
}

// A list may be long, and is mostly the same thing again.
static void describe_list(const process *p, str *out) {
  for (int64_t i = 0, next; i < p->count; i = next) {
    const schedule_firing *f = &p->list[i];
    for (next = i + 1; next < p->count && p->list[next].takes == f->takes && p->list[next].leaves == f->leaves &&
                       p->list[next].gives == f->gives;)
      next++;
    add_numbers(out, (int64_t[]){next - i, f->takes, f->leaves, f->gives}, 4);
  }
}

void schedule_describe(const schedule *s, str *out) {
  add_numbers(out, (int64_t[]){(int64_t)s->process_count, (int64_t)s->buffer_count, (int64_t)s->ring_count}, 3);
  for (const process *p = s->processes; p < s->processes + s->process_count; p++) {
    add_numbers(out,
                (int64_t[]){p->kind, p->owner, p->inputs, p->out, p->ring, p->count, p->each, p->period, p->source}, 9);
    for (int i = 0; i < p->inputs; i++)
      add_numbers(out, (int64_t[]){p->from[i].buffer, p->from[i].reader}, 2);
    describe_list(p, out);
  }
  for (const buffer *b = s->buffers; b < s->buffers + s->buffer_count; b++)
    add_numbers(
        out, (int64_t[]){b->room.capacity, b->room.push, b->room.pop, b->room.latency, b->room.back, b->taps, b->giver},
        7);
  for (const schedule_ring *r = s->rings; r < s->rings + s->ring_count; r++) {
    const schedule_window_of *w = &r->is;
    add_numbers(out,
                (int64_t[]){w->h, w->oh, w->ow, w->kh, w->sh, w->pt, w->pb, w->rows, w->row_beats, w->words, w->frames,
                            w->hold, w->groups, w->depth},
                14);
  }
}
