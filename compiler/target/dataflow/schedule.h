// SPDX-License-Identifier: Apache-2.0
//
// schedule: a network of streams at the level of beats: in which cycle each beat passes at the earliest, or that it
// never does. Knows no layers; fifos.c builds one of a plan.
//
// A buffer holds beats between one that gives them and those that take them (two that take: a fork). A process takes
// beats, gives beats, one firing a cycle at most, in an order that depends on no beat's contents and on nobody's speed.
// So a network is one of Kahn's with bounded buffers: how often each process can fire does not depend on the order in
// which they are let fire, nor on any delay. Two things follow.
//
// No deadlock. When one execution takes in whole images and ends with every buffer empty and every process at the
// beginning of an image, so does every other, whatever the stalls at either end and wherever else, and for any number
// of images (one after another is an execution too). Buffers here hold no more than the hardware's, and a process needs
// all that its core needs: what passes here passes there.
//
// Rate. Each firing comes as early as what it takes, the room for what it gives and the firing before it allow. All of
// these are maxima of sums, so more room never makes anything later: a timetable that no buffer is overfilled by is one
// that the hardware, which waits for nothing else, keeps or beats.
#ifndef AXGEN_DATAFLOW_SCHEDULE_H
#define AXGEN_DATAFLOW_SCHEDULE_H

#include "compiler/base/base.h"

typedef struct schedule schedule;
schedule *schedule_new(arena *mem); // it lies in `mem`

// One that takes from a buffer.
typedef struct {
  int buffer, reader;
} schedule_tap;

enum { SCHEDULE_UNBOUNDED = -1 };
typedef struct {
  int64_t capacity; // in units of which a push brings `push` and a pop takes `pop`; SCHEDULE_UNBOUNDED
  int push, pop; // 0: 1
  int latency; // cycles from a push to the first cycle in which it can be popped
  int back; // cycles from a pop to the first cycle in which its room can be filled: 0 or 1
} schedule_room;
// Registers, as the cores have them.
#define SCHEDULE_REGISTER ((schedule_room){.capacity = 1, .latency = 1})
#define SCHEDULE_PIPELINE ((schedule_room){.capacity = 2, .latency = 2}) // two that move by themselves
#define SCHEDULE_SLICE ((schedule_room){.capacity = 2, .latency = 1, .back = 1})
schedule_room schedule_fifo(int64_t depth); // axgen_fifo of that many beats
schedule_room schedule_gearbox(int in, int out); // axgen_gearbox

// What a firing takes and gives; a process repeats a list of them, `count` of which are an image or divide one.
typedef struct {
  int16_t takes; // a beat of this input; SCHEDULE_NOTHING, SCHEDULE_ALL: one of each
  bool leaves; // the beat must be there, but stays
  bool gives;
} schedule_firing;
enum { SCHEDULE_NOTHING = -1, SCHEDULE_ALL = -2 };

// Where the images come from: `beats` each.
schedule_tap schedule_source(schedule *s, int64_t beats);
// Takes all: `beats` an image.
void schedule_sink(schedule *s, schedule_tap from, int64_t beats);
// What axgen_fork looks at: the last register of a tap's buffer by itself, so that of several that take, none is more
// than a beat ahead; `beats` an image.
schedule_tap schedule_fork(schedule *s, schedule_tap tap, int64_t beats);
// A second one, third one ... that takes the same beats.
schedule_tap schedule_again(schedule *s, schedule_tap tap);
// Beats go from one buffer to another; `beats` an image.
schedule_tap schedule_through(schedule *s, schedule_tap from, schedule_room room, int64_t beats);
// A process with `inputs` taps and `total` firings an image.
schedule_tap schedule_process(schedule *s, const schedule_tap *from, int inputs, const schedule_firing *list,
                              int64_t count, int64_t total, schedule_room room);

// A window generator (axgen_window) and what reads its words: a beat for every `words` of them, `frames` beats an
// output pixel. `depth`: cycles from reading a word to the register in which the beat's words are summed, the first of
// `room`: the first of them finds it empty, or its beat leaves.
// `hold` > 1 (then frames = 1): the pixels of a block of so many in a row are read together, and their beats come one
// after the other with its last words. groups > 1: the words are so many equal groups, for which a block is read one
// after the other; the block needs room for its beats when its pixels' first group has been read.
typedef struct {
  int h, oh, ow; // rows of an image that come, rows and columns of windows
  int kh, sh, pt, pb, rows; // as the core's parameters KH, SH, PT, PB, ROWS
  int64_t row_beats; // that make a row
  int64_t words, frames;
  int hold, groups; // 0: 1
  int depth;
} schedule_window_of;
schedule_tap schedule_window(schedule *s, schedule_tap from, const schedule_window_of *w, schedule_room room);

// Says that the processes added from here on are `owner`'s.
void schedule_owner(schedule *s, int owner);
// The room of a tap's buffer, to be changed between runs.
schedule_room *schedule_room_of(schedule *s, schedule_tap tap);

typedef struct {
  bool done; // all images have passed, and every buffer is empty; false too when the run was interrupted
  int images; // that it let pass
  int64_t firings; // of all processes
  int64_t late; // cycles that a beat of the source came later than its pace, at most
  int64_t first_end; // cycle in which the first image's last beat was taken
  int64_t period; // from one image's last beat to the next one's, at the end: of many images a mean of the last ones,
                  // rounded up; one image: 0
  // !done: the process before which everything waits, while it waits for a beat of its input `lacks`: whose it is, and
  // how many of its firings, of `each` an image, have been.
  int owner, lacks;
  int64_t fired, each;
} schedule_result;
// Lets `images` pass. pace: cycles from one image to the next at the source, its beats evenly apart; 0: as fast as they
// are taken.
schedule_result schedule_run(schedule *s, int images, int64_t pace);
// The same with more said.
enum { SCHEDULE_IMAGES = 70 };
typedef struct {
  int images; // 0: as many as have the last ones as far apart as all that follow would be, where an image takes at
              // least `rate` cycles: those on their way at once and some more, SCHEDULE_IMAGES at most (of small ones)
  int64_t rate;
  int64_t pace;
  int64_t patience; // ends, not done, when a beat of the source comes so many cycles later than its pace; 0: never
  bool singly; // lets them fire one by one, each when its time is known: the same result, much slower (for tests)
} schedule_load;
schedule_result schedule_run_load(schedule *s, const schedule_load *load);
// After a run: the smallest capacity that its timetable would have done with.
int64_t schedule_needed(const schedule *s, schedule_tap tap);

// All that decides what a run does, as bytes: two schedules with the same do the same.
void schedule_describe(const schedule *s, str *out);

#endif
