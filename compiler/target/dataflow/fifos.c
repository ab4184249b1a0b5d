// SPDX-License-Identifier: Apache-2.0
//
// The FIFOs of branches. Where streams meet (add, concat), one came by a longer way: the others must be kept until it
// is there. Their FIFOs are first without bounds, and the image comes at the pace that the slowest stage can keep; what
// then piles up most is how deep they must be (schedule.h says why that is enough at full speed). Then the accelerator
// with these depths is let run through whole images, which proves that it cannot stand still.
#include "compiler/target/dataflow/fifos.h"
#include "compiler/target/dataflow/stage.h"

enum {
  IMAGES = 4,
  REGISTERS = 2
}; // images: the first ones fill the pipeline; registers: what every branch holds anyway

// ---- the model of a plan --------------------------------------------------------------------------------------------
typedef struct {
  schedule *schedule;
  const dataflow_design *design;
  schedule_tap **branch, **fifo; // by stage and input: what comes, and behind its FIFO
} model;

static void to_receivers(const model *m, int source, schedule_tap tap) {
  bool first = true;
  for (size_t i = 0; i < m->design->count; i++)
    for (int k = 0; k < m->design->stages[i].input_count; k++)
      if (m->design->stages[i].inputs[k].source == source) {
        m->branch[i][k] = first ? tap : schedule_again(m->schedule, tap);
        first = false;
      }
}

// A stream on its way from a fork or a stage to the input of a stage, as describe.c builds it.
static schedule_tap to_input(const model *m, int index, int k) {
  const dataflow_stage *s = &m->design->stages[index];
  const dataflow_input *in = &s->inputs[k];
  int lanes = dataflow_source_lanes(m->design, in->source);
  int64_t values = net_shape_size(in->shape);
  schedule_tap tap = m->branch[index][k];
  if (in->fifo) {
    schedule_room room = schedule_fifo(in->fifo);
    tap = m->fifo[index][k] = schedule_through(m->schedule, tap, room, values / lanes);
  }
  if (dataflow_is_permuted(m->design, in)) { // through whole pixels
    if (lanes != in->shape.c)
      tap = schedule_through(m->schedule, tap, schedule_gearbox(lanes, in->shape.c), values / lanes);
    lanes = in->shape.c;
  }
  if (lanes != s->in_lanes)
    tap = schedule_through(m->schedule, tap, schedule_gearbox(lanes, s->in_lanes), values / lanes);
  return tap;
}

static void add_stage(const model *m, arena *mem, int index) {
  const dataflow_stage *s = &m->design->stages[index];
  schedule_owner(m->schedule, index);
  schedule_tap *from = arena_new_array(mem, schedule_tap, (size_t)s->input_count);
  for (int k = 0; k < s->input_count; k++)
    from[k] = to_input(m, index, k);
  const stage_model of = {m->schedule, mem, s, from};
  schedule_tap out = STAGE_KINDS[s->kind].model(&of);
  if (s->slice)
    out = schedule_through(m->schedule, out, SCHEDULE_SLICE, dataflow_output_beats(s));
  if ((size_t)index + 1 < m->design->count)
    to_receivers(m, index, out);
  else
    schedule_sink(m->schedule, out, dataflow_output_beats(s));
}

static model build(arena *mem, const dataflow_design *design) {
  model m = {schedule_new(mem), design, arena_new_array(mem, schedule_tap *, design->count),
             arena_new_array(mem, schedule_tap *, design->count)};
  for (size_t i = 0; i < design->count; i++) {
    m.branch[i] = arena_new_array(mem, schedule_tap, (size_t)design->stages[i].input_count);
    m.fifo[i] = arena_new_array(mem, schedule_tap, (size_t)design->stages[i].input_count);
  }
  to_receivers(&m, DATAFLOW_IMAGE, schedule_source(m.schedule, dataflow_image_beats(design)));
  for (size_t i = 0; i < design->count; i++)
    add_stage(&m, mem, (int)i);
  return m;
}

schedule *fifos_schedule(arena *mem, const dataflow_design *design) { return build(mem, design).schedule; }

// ---- the depths -----------------------------------------------------------------------------------------------------
static bool is_measured(const dataflow_input *in) { return in->fifo == SCHEDULE_UNBOUNDED; }

// Lets images pass; what the FIFOs without bounds needed becomes their depth.
static schedule_result run(dataflow_design *design, int64_t pace, bool settle) {
  arena *mem = arena_new();
  model m = build(mem, design);
  schedule_result r = schedule_run(m.schedule, IMAGES, pace);
  for (size_t i = 0; settle && i < design->count; i++)
    for (int k = 0; k < design->stages[i].input_count; k++)
      if (is_measured(&design->stages[i].inputs[k]))
        design->stages[i].inputs[k].fifo = schedule_needed(m.schedule, m.fifo[i][k]);
  arena_free(mem);
  return r;
}

static int receivers(const dataflow_design *design, int source) {
  int n = 0;
  for (size_t i = 0; i < design->count; i++)
    for (int k = 0; k < design->stages[i].input_count; k++)
      n += design->stages[i].inputs[k].source == source;
  return n;
}

// Where on its way to an input the FIFO of a branch is smallest: behind which of the stages without multipliers that
// nothing else leaves or enters.
static dataflow_input *narrowest(dataflow_design *design, dataflow_input *in) {
  dataflow_input *best = in;
  while (in->source != DATAFLOW_IMAGE && receivers(design, in->source) == 1) {
    dataflow_stage *s = &design->stages[in->source];
    if (s->input_count != 1 || STAGE_KINDS[s->kind].multiplies)
      break;
    in = &s->inputs[0];
    if (net_shape_size(in->shape) * in->bits < net_shape_size(best->shape) * best->bits)
      best = in;
  }
  return best;
}

// A FIFO without bounds in each branch that ends where streams meet; how many.
static int unbound(dataflow_design *design) {
  int count = 0;
  for (size_t i = 0; i < design->count; i++)
    for (int k = 0; design->stages[i].input_count > 1 && k < design->stages[i].input_count; k++, count++)
      narrowest(design, &design->stages[i].inputs[k])->fifo = SCHEDULE_UNBOUNDED;
  return count;
}

// Drops the FIFOs that hold no more than a branch's registers do; or puts them back as such.
static void small_ones(dataflow_design *design, bool drop) {
  for (size_t i = 0; i < design->count; i++)
    for (int k = 0; k < design->stages[i].input_count; k++) {
      dataflow_input *in = &design->stages[i].inputs[k];
      in->needed = in->fifo > in->needed ? in->fifo : in->needed;
      in->fifo = !in->needed || (drop && in->needed <= REGISTERS) ? 0 : in->needed > REGISTERS ? in->needed : REGISTERS;
    }
}

static void compute(dataflow_design *design) {
  schedule_result r = run(design, design->predicted_cycles, false);
  assert(r.done);
  if (r.period > design->predicted_cycles) // what no FIFO makes good
    design->predicted_cycles = r.period;
  run(design, design->predicted_cycles, true);
  small_ones(design, true);
  r = run(design, 0, false);
  if (r.done && r.period <= design->predicted_cycles)
    return;
  small_ones(design, false);
  r = run(design, 0, false);
  assert(r.done);
}

// ---- depths that the configuration gives ----------------------------------------------------------------------------
// The first of them, or NULL; `apply`: they take their places.
static const dataflow_fifo *by_hand(dataflow_design *design, bool apply) {
  const dataflow_fifo *first = NULL;
  for (size_t i = 0; i < design->count; i++)
    for (const dataflow_fifo *f = dataflow_folding(design->cfg, design->stages[i].node)->fifos; f; f = f->next) {
      for (int k = 0; k < design->stages[i].input_count; k++) {
        dataflow_input *in = &design->stages[i].inputs[k];
        if (in->source + 1 == f->from && apply)
          in->fifo = f->depth;
        if (in->source + 1 == f->from && (!first || f->depth < in->needed))
          first = f;
      }
    }
  return first;
}

static bool stands_still(const dataflow_design *design, const dataflow_fifo *f, const schedule_result *r, diag *d) {
  const dataflow_stage *s = &design->stages[r->owner < 0 ? 0 : r->owner];
  int64_t pixel = r->each ? r->firing % r->each * s->out.h * s->out.w / r->each : 0;
  diag_at(
      d, f->pos,
      "fifos: with FIFOs of these depths the accelerator stands still: layer %s has its output row %lld, column %lld "
      "of image %lld taken by nobody",
      s->name, (long long)(pixel / s->out.w), (long long)(pixel % s->out.w),
      (long long)(r->each ? r->firing / r->each : 0));
  for (size_t i = 0; i < design->count; i++)
    for (int k = 0; k < design->stages[i].input_count; k++) {
      const dataflow_input *in = &design->stages[i].inputs[k];
      if (in->fifo < in->needed && in->needed > REGISTERS)
        diag_note(d, "expected %lld beats from %s to %s, which is the depth without this key; found %lld",
                  (long long)in->needed, dataflow_source_name(design, in->source), design->stages[i].name,
                  (long long)in->fifo);
    }
  return false;
}

bool fifos_plan(dataflow_design *design, diag *d) {
  if (unbound(design))
    compute(design);
  const dataflow_fifo *f = by_hand(design, true);
  if (!f)
    return true;
  schedule_result r = run(design, 0, false);
  if (!r.done)
    return stands_still(design, f, &r, d);
  if (r.period > design->predicted_cycles) {
    diag_warn(d,
              "%s:%d: FIFOs of these depths slow the accelerator down: %lld cycles an image instead of %lld (+%.1f %%)",
              f->pos.file, f->pos.line, (long long)r.period, (long long)design->predicted_cycles,
              100 * ((double)r.period / (double)design->predicted_cycles - 1));
    design->predicted_cycles = r.period;
  }
  return true;
}
