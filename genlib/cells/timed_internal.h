// SPDX-License-Identifier: Apache-2.0
//
// Private to timed*.c.
#ifndef AXGEN_TIMED_INTERNAL_H
#define AXGEN_TIMED_INTERNAL_H

#include "genlib/cells/timed.h"

// Time is counted in ticks of 0.1 ps, or longer ones where a library is so slow that no delay would fit in the wheel.
enum { WHEEL = 4096, WHEEL_WORDS = WHEEL / 64 };

typedef struct {
  uint8_t inputs, state, changed; // bit v: input variable v (its value; whether it has just changed)
  int32_t first, outputs; // of its outputs in timed.outputs
  const float *input_energy; // fJ by [v << inputs | state], when input v has just changed; NULL: none
  uint32_t group; // of its energies
} timed_gate;

// A flip-flop's output: its change after the clock.
typedef struct {
  int32_t output; // in timed.outputs
  uint16_t delay[2]; // ticks, to 0 and to 1
  float internal[2]; // fJ
} timed_launch;

typedef struct {
  int32_t net;
  int32_t cell;
  int pin; // number of the output
  uint8_t target; // the value that it is on its way to
  float energy; // drawn when it arrives there
  const uint8_t *value; // by state
  const uint16_t *delay; // ticks by [v << inputs | state], for a change that input v caused, state as it is after it
  const float *internal; // fJ, likewise
} timed_output;

typedef struct {
  int32_t gate;
  uint8_t variable;
} timed_reader;

struct timed {
  const mapped *m;
  timed_mode mode;
  double tick_ns;
  timed_gate *gates; // as m->cells, then m->registers, which have one input more: what they hold
  timed_output *outputs;
  int32_t output_count;
  int32_t *reader_start; // by net, into readers
  timed_reader *readers;
  uint8_t *value, *settled; // by net: now, and after the last step
  uint64_t *toggles; // by net
  bool begun;
  timed_energy sum;
  double *switching, *internal; // of this step, by group
  uint64_t *group_toggles; // likewise
  timed_launch *launches; // of flip-flops
  size_t launch_count;
  int32_t *register_net; // by flip-flop: the net that flips what its gate holds
  // what is to happen: lists of events by time modulo WHEEL, and which of them are not empty
  struct timed_event {
    int32_t output, next;
  } * events;
  size_t event_count, event_cap;
  arena *mem, *scratch; // scratch: while it is made
  int32_t bucket[WHEEL], unused;
  uint64_t occupied[WHEEL_WORDS], occupied_words;
  uint64_t now; // ticks since the operands changed
  int32_t *dirty; // gates with changed inputs
  size_t dirty_count;
};

// timed_static.c. Whether an arc can take an edge of the input to an edge of the output (true: rising).
bool timed_fits(const liberty_arc *a, bool in, bool out);
// By net, the clock at the end, of its falling and of its rising edge: slew and, unless NULL, latest arrival (ns).
void timed_static(const mapped *m, double (*slew)[2], double (*arrival)[2]);

// timed_arcs.c: gates, outputs, their delays and energies.
void timed_prepare(timed *t);

// timed.c: the loop, for timed_clock.c.
void timed_toggle(timed *t, int32_t net); // a net changes now
void timed_schedule(timed *t, int32_t output, unsigned delay); // ticks
void timed_run(timed *t, uint64_t until); // ticks: what happens up to then, that one included
void timed_clear(timed *t); // a step begins: time and energies are 0

#endif
