// SPDX-License-Identifier: Apache-2.0
//
// What a schedule consists of, shared by schedule.c, which builds and runs it, and schedule_fire.c, which lets one
// process fire.
#ifndef AXGEN_DATAFLOW_SCHEDULE_INTERNAL_H
#define AXGEN_DATAFLOW_SCHEDULE_INTERNAL_H

#include "compiler/target/dataflow/schedule.h"

// Times of a row of events; those before `first` are forgotten. They lie one after the other, event `base` first.
typedef struct {
  int64_t *at;
  int64_t base, first, count, size;
} schedule_times;

static inline int64_t schedule_time(const schedule_times *t, int64_t i) {
  assert(i >= t->first && i < t->count);
  return t->at[i - t->base];
}

// While it runs: one that takes from a buffer, the pops so far, and those that are promised.
typedef struct {
  schedule_room room; // of the buffer and of those behind it that were joined to it, as this reader has it
  int taker, number; // a process; among those that take from its buffer
  schedule_times pops;
  bool prompt, foreseen; // promises hold; or the giver computes with them when pops are (schedule_fire.c)
  int64_t promised; // pops in all
  schedule_times floors; // of promised pops, which are not before; of the last ones only that they are one a cycle
  schedule_times expected; // promised pops that were foreseen
} schedule_reader;

typedef struct {
  schedule_room room;
  int taps, giver; // giver: a process
  // While it runs.
  int root; // the buffer that it was joined to; its own number: none
  schedule_room all; // of both
  schedule_reader *read; // [readers]
  int readers;
  schedule_times pushes;
  bool foreseen; // some reader's pops are
  bool measured;
  int64_t seen, gone, needed; // pushes and pops that were compared, and the room that they needed
} schedule_buffer;

// Rows of a window generator, between the process that writes and the one that reads.
typedef struct {
  schedule_window_of is;
  schedule_times written, freed; // rows that are complete, output rows that were read
} schedule_ring;

typedef enum { SCHEDULE_PLAIN, SCHEDULE_WRITER, SCHEDULE_READER } schedule_kind;
typedef struct {
  schedule_kind kind; // a window's reader stands behind its writer
  int owner, inputs, out, ring; // out, ring: -1: none
  const schedule_tap *from;
  const schedule_firing *list;
  int64_t count, each; // firings in the list, in an image
  int64_t period; // the list or an image; of a window's processes a row
  bool source;
  // While it runs.
  schedule_tap *tap; // [inputs] whose readers it is
  bool joins; // its buffers are one, and it does not fire
  bool alike; // all firings are, and take what they look at
  bool steady; // each takes a beat of each input, so that it can promise to
  int64_t fired, last, round, place; // fired = round * period + place; last: the last one's cycle
  int64_t end; // firings that it may do
  int64_t free, gives; // a list's: firings that were promised, and what they give in all
} schedule_process_state;

enum { SCHEDULE_ENDS = 8 }; // of the last images

struct schedule {
  arena *mem;
  schedule_buffer *buffers;
  schedule_process_state *processes;
  schedule_ring *rings;
  size_t buffer_count, buffer_cap, process_count, process_cap, ring_count, ring_cap;
  int owner;
  bool singly;
  int64_t pace, patience, late; // late: of the source, at most
  int64_t first_end, ends[SCHEDULE_ENDS]; // of the first image; of image i: at i % SCHEDULE_ENDS
  uint64_t *ready; // a bit a process: to be tried, since something has happened at its buffers
  size_t first; // a word of them, before which no bit is set
  int waits; // the buffer whose room the process that was tried last lacks; -1: it lacks something else
  int for_whom; // the process that is to bring what it lacks
};

// Firings that a process may be ahead of those behind it by promises: what is then on its way stays in the processor's
// cache.
enum { SCHEDULE_AHEAD = 2048, SCHEDULE_LONG_AGO = -(1 << 20) };

// Lets a process be tried, where it is not yet to be.
void schedule_wake(schedule *s, int index);
// Lets it fire once or, where the schedule does not go singly, many times; how often it did, 0: it cannot.
int64_t schedule_fire(schedule *s, schedule_process_state *p);
// Whether a beat has come; *at: the earliest cycle, not before *at, in which it can be popped.
bool schedule_can_pop(const schedule *s, schedule_tap tap, int64_t *at);
// Before a run: whether a buffer is prompt (schedule_fire.c); who can promise and which promises would hold.
bool schedule_is_prompt(const schedule *s, const schedule_buffer *b, const schedule_room *room);
void schedule_find_promises(schedule *s);
// After firings: what the process promises to those before it.
void schedule_promise(schedule *s, schedule_process_state *p);

void schedule_times_clear(schedule_times *t);
// Of a buffer without bounds: compares its pushes with its pops, in the order of their times, as far as both are known.
void schedule_measure(schedule_buffer *b, bool all);

// Pushes that it takes for so many pops to have their beats; pops that they leave beats for.
static inline int64_t schedule_pushes_for(const schedule_room *r, int64_t pops) {
  return r->push == 1 ? pops * r->pop : (pops * r->pop + r->push - 1) / r->push;
}
static inline int64_t schedule_pops_with(const schedule_room *r, int64_t pushes) {
  return r->pop == 1 ? pushes * r->push : pushes * r->push / r->pop;
}
// Pops that it takes for so many pushes to have room.
static inline int64_t schedule_pops_for(const schedule_room *r, int64_t pushes) {
  int64_t more = r->capacity == SCHEDULE_UNBOUNDED ? 0 : pushes * r->push - r->capacity;
  return more <= 0 ? 0 : r->pop == 1 ? more : (more + r->pop - 1) / r->pop;
}

#endif
