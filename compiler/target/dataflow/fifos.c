// SPDX-License-Identifier: Apache-2.0
//
// The FIFOs of branches. Where streams meet (add, concat), one came by a longer way: the others must be kept until it
// is there. Their FIFOs are first without bounds, and the image comes at the pace that the slowest stage can keep; what
// then piles up most is enough at full speed (schedule.h says why). Stages that have time to spare need less: so each
// FIFO is made shallower as long as the stages around it, from where the branches part to where they meet, keep the
// pace. Then the whole accelerator with these depths is let run through images, which shows its rate, and proves that
// it cannot stand still. Where it is slower, the parts hold each other up: the same from what piles up in the whole.
// Last each FIFO is made shallower once more, as long as the whole keeps its rate.
#include "compiler/target/dataflow/fifos.h"
#include "compiler/target/dataflow/fifos_kept.h"
#include "compiler/target/dataflow/stage.h"

#include <stdlib.h>

// Firings that may be spent: LOOKS before all runs of regions without bounds, TRIES before all tries of depths.
enum { LOOKS = 20000000, TRIES = 20000000 };
enum { FEW = 4 }; // beats
enum { COARSE = 32 }; // a part of its depth that a FIFO may be too deep by, for what regions find

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

// measured: NULL, or those whose marks it finds.
static schedule_result run(const dataflow_design *design, region of, const schedule_load *load, const slots *measured) {
  arena *mem = arena_new();
  model m = build(mem, design, of);
  schedule_result r = schedule_run_load(m.schedule, load);
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

static int deeper(const void *x, const void *y) {
  const slot *a = x, *b = y;
  if (a->mark != b->mark)
    return a->mark < b->mark ? 1 : -1;
  return a->stage != b->stage ? a->stage - b->stage : a->input - b->input;
}

// What is searched, and what it has cost so far.
typedef struct {
  arena *mem;
  dataflow_design *design;
  slots all;
  int64_t looks, tries; // firings
} search;

static bool keeps_rate(const search *x, const schedule_result *r) {
  return r->done && r->period <= x->design->predicted_cycles;
}

// Whether a region keeps the rate with another depth of one FIFO.
static bool try_depth(search *x, const region *r, const schedule_load *load, slot *s, int64_t depth) {
  int64_t before = s->in->fifo;
  s->in->fifo = depth;
  schedule_result got = run(x->design, *r, load, NULL);
  x->tries += got.firings;
  if (keeps_rate(x, &got))
    return true;
  s->in->fifo = before;
  return false;
}

// The smallest depth, to within `step` beats, with which a region keeps the rate, where the one that it has does; cost:
// firings of a run. Most can spare little, so it goes down in strides that grow; but those of few beats, nearly all.
static void make_shallow(search *x, const region *r, const schedule_load *load, int64_t cost, int64_t step, slot *s) {
  int64_t low = -1, stride = s->in->fifo <= FEW ? FEW : step; // low: too little
  for (int64_t high; (high = s->in->fifo) > 0 && (low < 0 || high - low > step) && x->tries + cost <= TRIES;
       stride *= 2) {
    int64_t depth = low >= 0 ? (low + high) / 2 : high > stride ? high - stride : 0;
    if (!try_depth(x, r, load, s, depth))
      low = depth;
  }
}

// What a FIFO with the same mark has become: networks repeat themselves. Its own where there is none.
static int64_t likely(const search *x, const slot *s) {
  int64_t depth = s->in->fifo;
  for (const slot *o = x->all.list; o < x->all.list + x->all.count; o++)
    if (o->mark == s->mark && o->in->fifo != SCHEDULE_UNBOUNDED && o->in->fifo < depth)
      depth = o->in->fifo;
  return depth;
}

// The FIFOs of one meeting, the deepest first. measured: they are without bounds before. False: at no depth that is
// looked at here its region keeps the rate.
static bool plan_meeting(search *x, const region *r, const slots *here, bool measured) {
  const int64_t pace = x->design->predicted_cycles;
  schedule_result look = run(x->design, *r, &(schedule_load){.rate = pace, .pace = pace}, measured ? here : NULL);
  x->looks += look.firings;
  if (!keeps_rate(x, &look))
    return false;
  qsort(here->list, here->count, sizeof *here->list, deeper);
  for (size_t k = 0; measured && k < here->count; k++)
    here->list[k].in->fifo = here->list[k].mark;
  // Depths with which it takes the image no later than without bounds, so that it holds up nobody before it; that shows
  // with one image less, and the whole is looked at once more.
  int images = look.images > 2 ? look.images - 1 : look.images;
  const schedule_load load = {.images = images, .pace = pace, .patience = look.late + 1};
  for (size_t k = 0; k < here->count; k++) {
    slot *s = &here->list[k];
    int64_t guess = likely(x, s);
    if (guess < s->in->fifo && x->tries < TRIES)
      try_depth(x, r, &load, s, guess);
    make_shallow(x, r, &load, look.firings * images / look.images, 1 + s->mark / COARSE, s);
  }
  return true;
}

// One meeting of streams after the other. False: with some of their regions it found no depths.
static bool plan_meetings(search *x, bool measured) {
  bool all = true;
  size_t next = 0;
  for (size_t i = 0; i < x->design->count && x->looks < LOOKS && (all || !measured); i++) {
    size_t inputs = (size_t)x->design->stages[i].input_count;
    if (inputs < 2)
      continue;
    region r = around(x->mem, x->design, (int)i);
    all &= plan_meeting(x, &r, &(slots){x->all.list + next, inputs}, measured);
    next += inputs;
  }
  return all && next == x->all.count;
}

// Back towards the timetable's depths: first those of a few beats, then half of what the others lack, then all.
enum { DEEPENINGS = 3 };
static void deepen(const slots *all, int step) {
  for (size_t i = 0; i < all->count; i++) {
    int64_t mark = all->list[i].mark, *depth = &all->list[i].in->fifo;
    if (mark <= FEW || step == DEEPENINGS - 1)
      *depth = mark;
    else if (step > 0)
      *depth += (mark - *depth + 1) / 2;
  }
}

// From what piles up in the whole. A rate that no FIFO makes good is the design's from then on.
static schedule_result plan_whole(search *x) {
  dataflow_design *design = x->design;
  for (size_t i = 0; i < x->all.count; i++)
    x->all.list[i].in->fifo = SCHEDULE_UNBOUNDED;
  schedule_load load = {.rate = design->predicted_cycles, .pace = design->predicted_cycles};
  schedule_result r = run(design, everything(design), &load, &x->all);
  load.images = r.images;
  if (r.period > design->predicted_cycles) {
    design->predicted_cycles = load.pace = r.period;
    run(design, everything(design), &load, &x->all);
  }
  deepen(&x->all, DEEPENINGS - 1);
  plan_meetings(x, false);
  load.pace = 0;
  for (int step = 0;; step++) {
    r = run(design, everything(design), &load, NULL);
    if (keeps_rate(x, &r) || step == DEEPENINGS)
      return r;
    deepen(&x->all, step);
  }
}

// The last run that is as wanted is the execution that proves the depths, and shows the rate. False: it would stand
// still with any depths that the schedule knows. images: that are enough to see the rate.
static bool compute(search *x, int *images) {
  dataflow_design *design = x->design;
  const int64_t formula = design->predicted_cycles;
  const region whole = everything(design);
  schedule_result r = {0};
  if (plan_meetings(x, true))
    r = run(design, whole, &(schedule_load){.rate = formula}, NULL);
  if (!keeps_rate(x, &r))
    r = plan_whole(x);
  *images = r.images;
  design->predicted_cycles = r.period > formula ? r.period : formula;
  for (size_t i = 0; r.done && i < x->all.count; i++)
    make_shallow(x, &whole, &(schedule_load){.images = r.images}, r.firings, 1, &x->all.list[i]);
  return r.done;
}

// ---- what is found once ---------------------------------------------------------------------------------------------
// Whenever other depths would be found for what a name says, FOUND is another number.
enum { FOUND = 1 };

// All that the depths depend on: the schedule with a FIFO at each place where one can be, and what is looked at in
// stages besides. In the design's inputs are the depths of those that are given.
static const char *name_of(const search *x) {
  arena *mem = arena_new();
  dataflow_design *design = x->design;
  str all = {0};
  str_printf(&all, "%d %d %d %d: %lld cycles\n", LOOKS, TRIES, FEW, COARSE, (long long)design->predicted_cycles);
  for (size_t i = 0; i < design->count; i++) {
    dataflow_stage *s = &design->stages[i];
    str_printf(&all, "%d %lld", STAGE_KINDS[s->kind].multiplies, (long long)net_shape_size(s->in) * s->in_bits);
    for (int k = 0; k < s->input_count; k++) {
      dataflow_input *in = &s->inputs[k];
      str_printf(&all, ", %d %lld %lld", in->source, (long long)net_shape_size(in->shape) * in->bits,
                 (long long)in->fifo);
      in->needed = in->fifo; // stays here for a moment
      in->fifo = FEW;
    }
    str_add(&all, "\n");
  }
  schedule_describe(fifos_schedule(mem, design), &all);
  for (size_t i = 0; i < design->count; i++)
    for (int k = 0; k < design->stages[i].input_count; k++) {
      dataflow_input *in = &design->stages[i].inputs[k];
      in->fifo = in->needed;
      in->needed = 0;
    }
  const char *name = arena_printf(x->mem, "fifos %d %s", FOUND, hash_hex(mem, all.data, all.len));
  str_free(&all);
  arena_free(mem);
  return name;
}

static size_t count_inputs(const dataflow_design *design) {
  size_t n = 0;
  for (size_t i = 0; i < design->count; i++)
    n += (size_t)design->stages[i].input_count;
  return n;
}

// The depths of all inputs, one after the other: from numbers, or to there.
static void copy_depths(dataflow_design *design, int64_t *numbers, bool from) {
  for (size_t i = 0; i < design->count; i++)
    for (int k = 0; k < design->stages[i].input_count; k++, numbers++)
      if (from)
        design->stages[i].inputs[k].fifo = *numbers;
      else
        *numbers = design->stages[i].inputs[k].fifo;
}

// Numbers as compute finds them: nothing in a FIFO comes from further back than a run's images, and no image takes less
// than the formula says.
static bool are_possible(const dataflow_design *design, int64_t cycles, int64_t images, const int64_t *depths) {
  for (size_t i = 0; i < design->count; i++)
    for (int k = 0; k < design->stages[i].input_count; k++, depths++) {
      const dataflow_input *in = &design->stages[i].inputs[k];
      if (*depths > SCHEDULE_IMAGES * net_shape_size(in->shape) && *depths != in->fifo)
        return false;
    }
  return cycles >= design->predicted_cycles && images > 0 && images <= SCHEDULE_IMAGES;
}

// compute, or what it came to before.
static bool find(search *x, int *images) {
  enum { CYCLES, IMAGES, TRIED, DEPTHS };
  dataflow_design *design = x->design;
  const char *name = name_of(x);
  size_t count = DEPTHS + count_inputs(design);
  int64_t *numbers = arena_new_array(x->mem, int64_t, count);
  bool done = true;
  if (fifos_kept_find(name, numbers, count) &&
      are_possible(design, numbers[CYCLES], numbers[IMAGES], &numbers[DEPTHS])) {
    design->predicted_cycles = numbers[CYCLES];
    *images = (int)numbers[IMAGES];
    design->tried = numbers[TRIED];
    copy_depths(design, &numbers[DEPTHS], true);
  } else {
    done = compute(x, images);
    design->tried = x->looks + x->tries;
    numbers[CYCLES] = design->predicted_cycles;
    numbers[IMAGES] = *images;
    numbers[TRIED] = design->tried;
    copy_depths(design, &numbers[DEPTHS], false);
    if (done && !interrupted())
      fifos_kept_add(name, numbers, count);
  }
  for (size_t i = 0; i < x->all.count; i++)
    x->all.list[i].in->needed = x->all.list[i].in->fifo;
  return done;
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
  by_hand(design); // those where no branch ends are a part of what is planned
  search x = {mem, design, unbound(mem, design), 0, 0};
  int images = 0;
  bool done = find(&x, &images);
  arena_free(mem);
  if (interrupted())
    return diag_tool(d, "interrupted");
  if (!done)
    return diag_error(d, "%s: the accelerator would stand still: its schedule finds no depths of FIFOs that help",
                      design->cfg->file);
  const dataflow_fifo *f = by_hand(design);
  if (!f)
    return true;
  schedule_load load = {.images = images, .rate = design->predicted_cycles};
  schedule_result r = run(design, everything(design), &load, NULL);
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
