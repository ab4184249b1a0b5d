// SPDX-License-Identifier: Apache-2.0
//
// The FIFOs of branches. Where streams meet (add, concat), one came by a longer way: the others must be kept until it
// is there. Their FIFOs are first without bounds, and the image comes at the pace that the slowest stage can keep; what
// then piles up most is enough at full speed (schedule.h says why). Stages that have time to spare need less: so each
// FIFO is made shallower as long as the stages around it, from where the branches part to where they meet, keep the
// pace. Then the whole accelerator with these depths is let run through images, which shows its rate, and proves that
// it cannot stand still.
#include "compiler/target/dataflow/fifos.h"
#include "compiler/target/dataflow/stage.h"

#include <stdlib.h>

// WORK: beats of all tries of depths. LOOKS: those of the runs before them. FEWEST, MOST: images of a run: of small
// images many are on their way at once.
enum { WORK = 5000000, LOOKS = 8 * WORK, FEWEST = 2, MOST = 64 };

// ---- the model of a plan --------------------------------------------------------------------------------------------
// A part of the accelerator: from the stage where ways part to the one where they meet, and all between. from: may be
// DATAFLOW_IMAGE.
typedef struct {
  int from, to;
  const bool *between; // by stage, `from` and `to` included; NULL: all stages
} region;

typedef struct {
  schedule *schedule;
  const dataflow_design *design;
  region of;
  schedule_tap **branch, **fifo; // by stage and input: what comes, and behind its FIFO
} model;

static bool has(const region *r, size_t stage) { return !r->between || r->between[stage]; }

static void to_receivers(const model *m, int source, schedule_tap tap, int64_t beats) {
  bool first = true;
  if (dataflow_receivers(m->design, source, m->of.between) > 1)
    tap = schedule_fork(m->schedule, tap, beats);
  for (size_t i = 0; i < m->design->count; i++)
    for (int k = 0; has(&m->of, i) && k < m->design->stages[i].input_count; k++)
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
  int wanted = dataflow_input_lanes(s, k);
  if (lanes != wanted)
    tap = schedule_through(m->schedule, tap, schedule_gearbox(lanes, wanted), values / lanes);
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
  if (index < m->of.to)
    to_receivers(m, index, out, dataflow_output_beats(s));
  else
    schedule_sink(m->schedule, out, dataflow_output_beats(s));
}

static model build(arena *mem, const dataflow_design *design, region of) {
  model m = {schedule_new(mem), design, of, arena_new_array(mem, schedule_tap *, design->count),
             arena_new_array(mem, schedule_tap *, design->count)};
  for (size_t i = 0; i < design->count; i++) {
    m.branch[i] = arena_new_array(mem, schedule_tap, (size_t)design->stages[i].input_count);
    m.fifo[i] = arena_new_array(mem, schedule_tap, (size_t)design->stages[i].input_count);
  }
  if (of.from == DATAFLOW_IMAGE)
    to_receivers(&m, of.from, schedule_source(m.schedule, dataflow_image_beats(design)), dataflow_image_beats(design));
  for (int k = 0; of.from != DATAFLOW_IMAGE && k < design->stages[of.from].input_count; k++) {
    const dataflow_input *in = &design->stages[of.from].inputs[k];
    int64_t beats = net_shape_size(in->shape) / dataflow_source_lanes(design, in->source);
    m.branch[of.from][k] = schedule_source(m.schedule, beats);
  }
  for (int i = 0; i <= of.to; i++)
    if (has(&of, (size_t)i))
      add_stage(&m, mem, i);
  return m;
}

static region everything(const dataflow_design *design) {
  return (region){DATAFLOW_IMAGE, (int)design->count - 1, NULL};
}

schedule *fifos_schedule(arena *mem, const dataflow_design *design) {
  return build(mem, design, everything(design)).schedule;
}

// ---- the depths -----------------------------------------------------------------------------------------------------
// A FIFO that a branch may need: the depth with which the timetable works, whatever the others have.
typedef struct {
  dataflow_input *in;
  int stage, input; // that take what leaves it
  int64_t mark;
} slot;
typedef struct {
  slot *list;
  size_t count;
} slots;

static schedule_result run(const dataflow_design *design, region of, int images, int64_t pace, const slots *measured) {
  arena *mem = arena_new();
  model m = build(mem, design, of);
  schedule_result r = schedule_run(m.schedule, images, pace);
  for (size_t i = 0; measured && i < measured->count; i++) {
    slot *x = &measured->list[i];
    x->mark = schedule_needed(m.schedule, m.fifo[x->stage][x->input]);
  }
  arena_free(mem);
  return r;
}

// Where on its way to an input the FIFO of a branch is smallest: behind which of the stages without multipliers that
// nothing else leaves or enters.
static slot narrowest(const dataflow_design *design, int stage, int input) {
  slot best = {&design->stages[stage].inputs[input], stage, input, 0};
  for (const dataflow_input *in = best.in;
       in->source != DATAFLOW_IMAGE && dataflow_receivers(design, in->source, NULL) == 1;) {
    const dataflow_stage *s = &design->stages[in->source];
    if (s->input_count != 1 || STAGE_KINDS[s->kind].multiplies)
      break;
    if (net_shape_size(s->in) * s->in_bits < net_shape_size(best.in->shape) * best.in->bits)
      best = (slot){&s->inputs[0], in->source, 0, 0};
    in = &s->inputs[0];
  }
  return best;
}

// One without bounds in each branch that ends where streams meet.
static slots unbound(arena *mem, const dataflow_design *design) {
  slots all = {0};
  for (int pass = 0; pass < 2; pass++) {
    if (pass)
      all.list = arena_new_array(mem, slot, all.count);
    all.count = 0;
    for (size_t i = 0; i < design->count; i++)
      for (int k = 0; design->stages[i].input_count > 1 && k < design->stages[i].input_count; k++, all.count++)
        if (pass) {
          all.list[all.count] = narrowest(design, (int)i, k);
          all.list[all.count].in->fifo = SCHEDULE_UNBOUNDED;
        }
  }
  return all;
}

// From where all ways into a stage come: what is sent back step by step from its inputs, the last stage first, is in
// the end one stage.
static region around(arena *mem, const dataflow_design *design, int to) {
  bool *in = arena_new_array(mem, bool, design->count);
  bool *open = arena_new_array(mem, bool, design->count + 1); // by stage + 1
  int count = 0, at = to;
  in[to] = true;
  for (;;) {
    for (int k = 0; k < design->stages[at].input_count; k++) {
      int source = design->stages[at].inputs[k].source + 1;
      count += !open[source];
      open[source] = true;
    }
    while (at >= 0 && !open[at + 1])
      at--;
    if (at >= 0)
      in[at] = true;
    if (count == 1 || at == DATAFLOW_IMAGE)
      return (region){at, to, in};
    open[at + 1] = false;
    count--;
  }
}

// Images after which the last two are as far apart as all that follow would be: those on their way at once, and two.
static int enough_images(const schedule_result *r, int64_t pace) {
  return (int)clamp64(r->first_end / pace + 2, FEWEST, MOST);
}

static int64_t work_of(const dataflow_design *design, const region *r, int images) {
  int64_t beats = 0;
  for (size_t i = 0; i < design->count; i++)
    if (has(r, i))
      beats += images * (design->stages[i].input_beats + dataflow_output_beats(&design->stages[i]));
  return beats;
}

// The smallest depth with which a region keeps the pace, to within a thirty-second.
static void make_shallow(const dataflow_design *design, const region *r, int images, slot *s, int64_t *work) {
  int64_t pace = design->predicted_cycles, low = -1, high = s->in->fifo; // low: too little
  while (high - low > 1 + s->mark / 32 && *work < WORK) {
    s->in->fifo = low < 0 ? 0 : (low + high) / 2;
    schedule_result x = run(design, *r, images, pace, NULL);
    *work += work_of(design, r, images);
    if (x.done && x.period <= pace)
      high = s->in->fifo;
    else
      low = s->in->fifo;
  }
  s->in->fifo = high;
}

static int deeper(const void *x, const void *y) {
  const slot *a = x, *b = y;
  if (a->mark != b->mark)
    return a->mark < b->mark ? 1 : -1;
  return a->stage != b->stage ? a->stage - b->stage : a->input - b->input;
}

// The FIFOs of one meeting of streams after the other, the deepest first. Where there are so many meetings that this
// would take long, the last ones keep the timetable's depths.
static void make_all_shallow(arena *mem, const dataflow_design *design, const slots *all) {
  int64_t work = 0, looks = 0;
  size_t next = 0;
  for (size_t i = 0; i < design->count && work < WORK && looks < LOOKS; i++) {
    int inputs = design->stages[i].input_count;
    if (inputs < 2)
      continue;
    region r = around(mem, design, (int)i);
    qsort(all->list + next, (size_t)inputs, sizeof *all->list, deeper);
    schedule_result x = run(design, r, 1, design->predicted_cycles, NULL);
    int images = enough_images(&x, design->predicted_cycles);
    looks += work_of(design, &r, images + 1);
    if (run(design, r, images, design->predicted_cycles, NULL).period <= design->predicted_cycles)
      for (int k = 0; k < inputs; k++)
        make_shallow(design, &r, images, &all->list[next + (size_t)k], &work);
    next += (size_t)inputs;
  }
}

// Back towards the timetable's depths: first those of a few beats, then half of what the others lack, then all.
enum { DEEPENINGS = 3, FEW = 4 };
static void deepen(const slots *all, int step) {
  for (size_t i = 0; i < all->count; i++) {
    int64_t mark = all->list[i].mark, *depth = &all->list[i].in->fifo;
    if (mark <= FEW || step == DEEPENINGS - 1)
      *depth = mark;
    else if (step > 0)
      *depth += (mark - *depth + 1) / 2;
  }
}

// The execution that proves the depths, and shows the rate; regions may hold each other up, and want deeper ones.
static schedule_result settle(const dataflow_design *design, const slots *all, int images) {
  for (int step = 0;; step++) {
    schedule_result r = run(design, everything(design), images, 0, NULL);
    if ((r.done && r.period <= design->predicted_cycles) || step == DEEPENINGS)
      return r;
    deepen(all, step);
  }
}

// False: it would stand still with any depth that the schedule knows.
static bool compute(arena *mem, dataflow_design *design, const slots *all, int images) {
  const int64_t formula = design->predicted_cycles;
  schedule_result r = run(design, everything(design), images, formula, all);
  if (r.period > design->predicted_cycles) { // what no FIFO makes good
    design->predicted_cycles = r.period;
    run(design, everything(design), images, r.period, all);
  }
  for (size_t i = 0; i < all->count; i++)
    all->list[i].in->fifo = all->list[i].mark;
  make_all_shallow(mem, design, all);
  r = settle(design, all, images);
  design->predicted_cycles = r.period > formula ? r.period : formula;
  for (size_t i = 0; i < all->count; i++)
    all->list[i].in->needed = all->list[i].in->fifo;
  return r.done;
}

// ---- depths that the configuration gives ----------------------------------------------------------------------------
// Puts them in their places. Returns one of them, that is too shallow rather than not; NULL: there are none.
static const dataflow_fifo *by_hand(dataflow_design *design) {
  const dataflow_fifo *first = NULL;
  for (size_t i = 0; i < design->count; i++)
    for (const dataflow_fifo *f = dataflow_folding(design->cfg, design->stages[i].node)->fifos; f; f = f->next) {
      for (int k = 0; k < design->stages[i].input_count; k++) {
        dataflow_input *in = &design->stages[i].inputs[k];
        if (in->source + 1 == f->from)
          in->fifo = f->depth;
        if (in->source + 1 == f->from && (!first || f->depth < in->needed))
          first = f;
      }
    }
  return first;
}

static bool stands_still(const dataflow_design *design, const dataflow_fifo *f, const schedule_result *r, diag *d) {
  const dataflow_stage *s = &design->stages[r->owner];
  int64_t pixel = r->fired % r->each * s->out.h * s->out.w / r->each;
  int lacks = r->lacks < s->input_count ? r->lacks : 0;
  diag_at(
      d, f->pos,
      "fifos: with FIFOs of these depths the accelerator stands still: at row %lld, column %lld of image %lld layer %s "
      "waits for %s, which waits for room",
      (long long)(pixel / s->out.w), (long long)(pixel % s->out.w), (long long)(r->fired / r->each), s->name,
      dataflow_source_name(design, s->inputs[lacks].source));
  for (size_t i = 0; i < design->count; i++)
    for (int k = 0; k < design->stages[i].input_count; k++) {
      const dataflow_input *in = &design->stages[i].inputs[k];
      if (in->fifo < in->needed)
        diag_note(d, "expected %lld beats from %s to %s, which is the depth without this key; found %lld",
                  (long long)in->needed, dataflow_source_name(design, in->source), design->stages[i].name,
                  (long long)in->fifo);
    }
  return false;
}

bool fifos_plan(dataflow_design *design, diag *d) {
  arena *mem = arena_new();
  slots all = unbound(mem, design);
  schedule_result r = {0};
  if (all.count)
    r = run(design, everything(design), 1, design->predicted_cycles, NULL);
  int images = enough_images(&r, design->predicted_cycles);
  bool done = !all.count || compute(mem, design, &all, images);
  arena_free(mem);
  if (interrupted())
    return diag_tool(d, "interrupted");
  if (!done)
    return diag_error(d, "%s: the accelerator would stand still: its schedule finds no depths of FIFOs that help",
                      design->cfg->file);
  const dataflow_fifo *f = by_hand(design);
  if (!f)
    return true;
  r = run(design, everything(design), images, 0, NULL);
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
