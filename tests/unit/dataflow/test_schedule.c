// SPDX-License-Identifier: Apache-2.0
//
// The schedule: of small networks of streams whose timetables one can write down, and of ResNets, against what their
// simulation measured.
#include "compiler/target/dataflow/fifos.h"
#include "compiler/target/dataflow/fold.h"
#include "tests/unit/net/sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const schedule_firing BOTH = {.takes = SCHEDULE_ALL, .gives = true};

// Beats 0, 1, ... go into a register in the cycle of their number, out of the last one as many cycles later as there
// are.
static void registers(void **state) {
  (void)state;
  arena *mem = arena_new();
  schedule *s = schedule_new(mem);
  schedule_tap t = schedule_source(s, 10);
  for (int i = 0; i < 5; i++)
    t = schedule_through(s, t, SCHEDULE_REGISTER, 10);
  schedule_sink(s, t, 10);
  schedule_result r = schedule_run(s, 3, 0);
  assert_true(r.done);
  assert_int_equal(r.first_end, 9 + 5);
  assert_int_equal(r.period, 10);
  assert_int_equal(schedule_run(s, 3, 25).period, 25);
  arena_free(mem);
}

// A register that a beat needs two cycles to pass, and that is free a cycle later: a beat every three cycles. With two
// places it is two in three, with three one a cycle.
static void rooms(void **state) {
  (void)state;
  for (int places = 1; places <= 3; places++) {
    arena *mem = arena_new();
    schedule *s = schedule_new(mem);
    schedule_tap t = schedule_source(s, 12);
    t = schedule_through(s, t, (schedule_room){.capacity = places, .latency = 2, .back = 1}, 12);
    schedule_sink(s, t, 12);
    schedule_result r = schedule_run(s, 4, 0);
    assert_true(r.done);
    assert_int_equal(r.period, 36 / places);
    arena_free(mem);
  }
}

// A source's beat that one takes at once and another one through a register: it is gone when both have it, so there is
// one every two cycles.
static void forked_source(void **state) {
  (void)state;
  arena *mem = arena_new();
  schedule *s = schedule_new(mem);
  schedule_tap fork = schedule_fork(s, schedule_source(s, 10), 10), again = schedule_again(s, fork);
  schedule_tap way[2] = {schedule_through(s, again, SCHEDULE_REGISTER, 10), fork};
  schedule_sink(s, schedule_process(s, way, 2, &BOTH, 1, 10, SCHEDULE_REGISTER), 10);
  schedule_result r = schedule_run(s, 3, 0);
  assert_true(r.done);
  assert_int_equal(r.period, 20);
  arena_free(mem);
}

// Six codes in, four out: two beats make three.
static void gearboxes(void **state) {
  (void)state;
  arena *mem = arena_new();
  schedule *s = schedule_new(mem);
  schedule_tap t = schedule_through(s, schedule_source(s, 8), schedule_gearbox(6, 4), 8);
  schedule_sink(s, t, 12);
  schedule_result r = schedule_run(s, 3, 0);
  assert_true(r.done);
  assert_int_equal(r.period, 12);
  arena_free(mem);
}

// A way that gathers eight beats before it gives the first, and one that does not: eight wait on the second one, in the
// FIFO or in the register before the fork.
static void meeting(arena *mem, int64_t depth, schedule_result *r, int64_t *needed) {
  schedule_firing *list = arena_new_array(mem, schedule_firing, 16);
  for (int i = 0; i < 8; i++) {
    list[i] = (schedule_firing){.takes = 0};
    list[8 + i] = (schedule_firing){.takes = SCHEDULE_NOTHING, .gives = true};
  }
  schedule *s = schedule_new(mem);
  schedule_tap fork = schedule_source(s, 32), again = schedule_again(s, fork);
  schedule_owner(s, 1);
  schedule_tap way[2] = {schedule_process(s, &fork, 1, list, 16, 64, SCHEDULE_REGISTER)};
  schedule_owner(s, 2);
  schedule_room room = schedule_fifo(depth);
  if (depth == SCHEDULE_UNBOUNDED)
    room.capacity = SCHEDULE_UNBOUNDED;
  way[1] = schedule_through(s, again, room, 32);
  schedule_owner(s, 3);
  schedule_tap out = schedule_process(s, way, 2, &BOTH, 1, 32, SCHEDULE_PIPELINE);
  schedule_sink(s, out, 32);
  *r = schedule_run(s, 3, 0);
  *needed = schedule_needed(s, way[1]);
}

static void deadlock(void **state) {
  (void)state;
  arena *mem = arena_new();
  schedule_result r;
  int64_t needed, nothing;
  meeting(mem, SCHEDULE_UNBOUNDED, &r, &needed);
  assert_true(r.done);
  int64_t period = r.period;
  meeting(mem, needed, &r, &nothing);
  assert_true(r.done);
  assert_int_equal(r.period, period); // the depth that a timetable needed keeps it
  for (int64_t depth = 1; depth < needed; depth++) {
    meeting(mem, depth, &r, &nothing);
    assert_int_equal(r.done, depth >= 7); // the eighth stays before the fork
    if (r.done) {
      assert_true(r.period >= period);
    } else { // the sum waits for the way that gathers
      assert_int_equal(r.owner, 3);
      assert_int_equal(r.lacks, 0);
      assert_int_equal(r.fired, 0);
      assert_int_equal(r.each, 32);
    }
  }
  arena_free(mem);
}

// 3 x 3 windows with pads over 6 x 6 pixels, four cycles each: the slower side sets the rate. With the rows that the
// compiler gives it no cycle is lost between images; with three, reading and writing alternate.
static void windows(void **state) {
  (void)state;
  for (int rows = 3; rows <= 7; rows += 4) {
    arena *mem = arena_new();
    schedule *s = schedule_new(mem);
    const schedule_window_of w = {.h = 6,
                                  .oh = 6,
                                  .ow = 6,
                                  .kh = 3,
                                  .sh = 1,
                                  .pt = 1,
                                  .pb = 1,
                                  .rows = rows,
                                  .row_beats = 6,
                                  .words = 4,
                                  .frames = 1,
                                  .depth = 4};
    schedule_tap t = schedule_window(s, schedule_source(s, 36), &w, SCHEDULE_REGISTER);
    schedule_sink(s, t, 36);
    schedule_result r = schedule_run(s, 4, 0);
    assert_true(r.done);
    if (rows == 7)
      assert_int_equal(r.period, 6 * 6 * 4);
    else
      assert_true(r.period > 6 * 6 * 4);
    arena_free(mem);
  }
}

// Blocks of two pixels held, three groups of a word: 4 x 6 cycles a row. The ring has room for two blocks, a
// claimed block's comes when the last but one has left: nothing is lost where beats are taken as fast as they come.
static void held_groups(void **state) {
  (void)state;
  for (int blocks = 1; blocks <= 2; blocks++) {
    arena *mem = arena_new();
    schedule *s = schedule_new(mem);
    const schedule_window_of w = {.h = 4,
                                  .oh = 4,
                                  .ow = 8,
                                  .kh = 1,
                                  .sh = 1,
                                  .rows = 4,
                                  .row_beats = 8,
                                  .words = 3,
                                  .frames = 1,
                                  .hold = 2,
                                  .groups = 3,
                                  .depth = 4};
    const schedule_room ring = {.capacity = 2 * 3 * blocks, .push = 3, .pop = 1, .latency = 2, .back = 1};
    schedule_tap t = schedule_window(s, schedule_source(s, 32), &w, ring);
    schedule_sink(s, t, 4 * 8 * 3);
    schedule_result r = schedule_run(s, 4, 0);
    assert_true(r.done);
    if (blocks == 2)
      assert_int_equal(r.period, 4 * 8 * 3);
    else // a block waits in its first group until the one before it has left
      assert_true(r.period > 4 * 8 * 3);
    arena_free(mem);
  }
}

// A source that is held up says so, and a run ends when it is late.
static void patience(void **state) {
  (void)state;
  arena *mem = arena_new();
  schedule *s = schedule_new(mem);
  static const schedule_firing SLOW[] = {{.gives = true}, {.takes = SCHEDULE_NOTHING}, {.takes = SCHEDULE_NOTHING}};
  schedule_tap t = schedule_source(s, 10);
  t = schedule_process(s, &t, 1, SLOW, 3, 30, SCHEDULE_REGISTER);
  schedule_sink(s, t, 10);
  schedule_result r = schedule_run_load(s, &(schedule_load){.rate = 30, .pace = 30});
  assert_true(r.done && r.late <= 1);
  assert_int_equal(r.period, 30);
  r = schedule_run_load(s, &(schedule_load){.images = 4, .pace = 20});
  assert_true(r.done && r.late > 30);
  r = schedule_run_load(s, &(schedule_load){.images = 4, .pace = 20, .patience = 8});
  assert_false(r.done);
  assert_true(r.late > 8 && r.firings < 4 * (10 + 30 + 10) / 2);
  arena_free(mem);
}

// ---- many firings at a time, against one by one ---------------------------------------------------------------------
// A stream that random parts are added to.
typedef struct {
  arena *mem;
  schedule *s;
  rng *r;
  schedule_tap tap;
  int64_t beats;
  schedule_tap measured[8];
  int measured_count;
} stream;

static int64_t some(stream *x, int64_t low, int64_t high) {
  return low + (int64_t)rng_below(x->r, (uint32_t)(high - low + 1));
}

static schedule_room some_room(stream *x) {
  const schedule_room rooms[] = {
      SCHEDULE_REGISTER,
      SCHEDULE_PIPELINE,
      SCHEDULE_SLICE,
      {.capacity = 3, .latency = 3},
      schedule_fifo(some(x, 1, 9)),
      {.capacity = some(x, 1, 4), .latency = (int)some(x, 1, 3), .back = (int)some(x, 0, 1)}};
  return rooms[some(x, 0, BASE_COUNT(rooms) - 1)];
}

static void add_room(stream *x) { x->tap = schedule_through(x->s, x->tap, some_room(x), x->beats); }

// Converters, and requantisers that share a beat.
static void add_widths(stream *x) {
  int in = (int)some(x, 1, 6), out = (int)some(x, 1, 6);
  schedule_room room = schedule_gearbox(in, out);
  if (some(x, 0, 2) == 0)
    room = (schedule_room){.capacity = 2 * in + 2, .push = in, .pop = out = 1, .latency = 4};
  if (x->beats * in % out || x->beats * in > 2000)
    return;
  x->tap = schedule_through(x->s, x->tap, room, x->beats);
  x->beats = x->beats * in / out;
}

// Poolings, which give now and then, and what is put between beats or looks at one twice.
static void add_list(stream *x) {
  int64_t n = 2 * some(x, 1, 6), takes = 0, gives = 0;
  bool pool = some(x, 0, 1);
  schedule_firing *list = arena_new_array(x->mem, schedule_firing, (size_t)n);
  for (int64_t i = 0; i < n; i++) {
    bool nothing = !pool && some(x, 0, 1), leaves = !pool && !nothing && some(x, 0, 3) == 0;
    list[i] = (schedule_firing){.takes = nothing ? SCHEDULE_NOTHING : 0, .leaves = leaves, .gives = some(x, 0, 2)};
    takes += !nothing && !leaves;
    gives += list[i].gives;
  }
  if (!takes || !gives || x->beats % takes || x->beats / takes * gives > 2000)
    return;
  x->tap = schedule_process(x->s, &x->tap, 1, list, n, x->beats / takes * n, some_room(x));
  x->beats = x->beats / takes * gives;
}

// same: as many beats come out.
static void add_window(stream *x, bool same) {
  schedule_window_of w = {.kh = (int)some(x, 1, 3), .sh = same ? 1 : (int)some(x, 1, 2), .words = some(x, 1, 5)};
  for (w.h = (int)some(x, 1, 9); x->beats % w.h; w.h--)
    ;
  w.row_beats = x->beats / w.h;
  w.pt = w.kh / 2;
  w.pb = w.kh - 1 - w.pt;
  w.oh = (w.h + w.pt + w.pb - w.kh) / w.sh + 1;
  w.ow = same ? (int)w.row_beats : (int)some(x, 1, 9);
  w.rows = w.kh + (int)some(x, 0, 3);
  w.frames = same ? 1 : some(x, 1, 2);
  w.depth = (int)some(x, 1, 4);
  schedule_room room = some_room(x);
  if (w.frames == 1 && some(x, 0, 1)) {
    w.hold = (int)some(x, 2, 3);
    if (!same && some(x, 0, 1)) {
      w.groups = (int)some(x, 2, 3);
      w.words *= w.groups;
      room = (schedule_room){2 * w.hold * w.groups, w.groups, 1, 2, 1};
    }
  }
  if ((int64_t)w.oh * w.ow * w.frames * (room.push ? room.push : 1) > 2000)
    return;
  x->tap = schedule_window(x->s, x->tap, &w, room);
  x->beats = (int64_t)w.oh * w.ow * w.frames * (room.push ? room.push : 1);
}

static void add_part(stream *x, int depth);

// Two or three ways, of which one has a FIFO with or without bounds.
static void add_branch(stream *x, int depth) {
  schedule_tap ways[3], fork = schedule_fork(x->s, x->tap, x->beats);
  int count = (int)some(x, 2, 3);
  for (int i = 0; i < count; i++) {
    x->tap = i ? schedule_again(x->s, fork) : fork;
    schedule_room fifo = schedule_fifo(some(x, 1, 3) * some(x, 1, 12));
    if (i == 0 && some(x, 0, 2) == 0 && x->measured_count < (int)BASE_COUNT(x->measured)) {
      fifo = (schedule_room){.capacity = SCHEDULE_UNBOUNDED, .latency = 2, .back = 1};
      x->measured[x->measured_count++] = x->tap = schedule_through(x->s, x->tap, fifo, x->beats);
    } else if (i == 0) {
      x->tap = schedule_through(x->s, x->tap, fifo, x->beats);
    }
    for (int64_t parts = some(x, 0, 2); parts > 0; parts--)
      if (some(x, 0, 2) == 0)
        add_window(x, true);
      else if (depth > 0 && some(x, 0, 3) == 0)
        add_branch(x, depth - 1);
      else
        add_room(x);
    ways[i] = x->tap;
  }
  x->tap = schedule_process(x->s, ways, count, &BOTH, 1, x->beats, some_room(x));
}

static void add_part(stream *x, int depth) {
  switch (some(x, 0, 5)) {
  case 0:
    add_widths(x);
    break;
  case 1:
    add_list(x);
    break;
  case 2:
    add_window(x, false);
    break;
  case 3:
    add_branch(x, depth);
    break;
  default:
    add_room(x);
  }
}

static bool same_result(const schedule_result *a, const schedule_result *b) {
  return a->done == b->done && a->images == b->images && a->late == b->late && a->first_end == b->first_end &&
         a->period == b->period && a->firings == b->firings && a->owner == b->owner && a->lacks == b->lacks &&
         a->fired == b->fired && a->each == b->each;
}

static void add_random(stream *x) {
  x->beats = some(x, 1, 12) * some(x, 1, 12);
  x->tap = schedule_source(x->s, x->beats);
  int64_t parts = some(x, 1, 8);
  for (int i = 0; i < parts; i++) {
    schedule_owner(x->s, i);
    add_part(x, 2);
  }
  schedule_sink(x->s, x->tap, x->beats);
}

// Runs both; whether it passes.
static bool compare_both(stream *x, int network) {
  schedule_load load = {.images = (int)some(x, 0, 9), .rate = some(x, 1, 2000)};
  if (some(x, 0, 1))
    load.pace = some(x, 1, 3000);
  schedule_result many = schedule_run_load(x->s, &load);
  int64_t needed[BASE_COUNT(x->measured)];
  for (int i = 0; i < x->measured_count; i++)
    needed[i] = schedule_needed(x->s, x->measured[i]);
  load.singly = true;
  schedule_result one = schedule_run_load(x->s, &load);
  if (!same_result(&many, &one))
    fail_msg("network %d: done %d and %d, period %lld and %lld, late %lld and %lld", network, many.done, one.done,
             (long long)many.period, (long long)one.period, (long long)many.late, (long long)one.late);
  for (int i = 0; one.done && i < x->measured_count; i++)
    assert_int_equal(needed[i], schedule_needed(x->s, x->measured[i]));
  if (load.pace && one.late > 0) { // patience ends both, or neither
    load.patience = some(x, 1, 2 * one.late);
    one = schedule_run_load(x->s, &load);
    load.singly = false;
    assert_int_equal(schedule_run_load(x->s, &load).done, one.done);
  }
  return many.done;
}

// One by one is the definition; many at a time, with buffers joined and pops promised, are the same in all that shows:
// when images end, what FIFOs hold, and who waits for what where all stands still.
static void in_any_order(void **state) {
  (void)state;
  enum { NETS = 20000 };
  int done = 0, measured = 0;
  for (int i = 0; i < NETS; i++) {
    rng r = rng_seed((uint64_t)i);
    arena *mem = arena_new();
    stream x = {.mem = mem, .s = schedule_new(mem), .r = &r};
    add_random(&x);
    done += compare_both(&x, i);
    measured += x.measured_count;
    arena_free(mem);
  }
  print_message("%d pass, %d stand still, %d FIFOs without bounds\n", done, NETS - done, measured);
  assert_in_range(done, NETS / 3, NETS - NETS / 10);
  assert_true(measured > NETS / 10);
}

static void plan_net(arena *mem, network *net, int count, const char *const *names, const folding *folds,
                     dataflow_design **out) {
  diag d = {0};
  dataflow_options *o = arena_new_object(mem, dataflow_options);
  config *cfg = arena_new_object(mem, config);
  infer_model *model = arena_new_object(mem, infer_model);
  o->layers = arena_new_array(mem, folding, net->count);
  for (size_t i = 0; count && i < net->count; i++)
    o->layers[i] = (folding){.pe = 1, .simd = 1};
  for (int i = 0; i < count; i++)
    o->layers[net_find(net, names[i])] = folds[i];
  *cfg = (config){.net = net,
                  .file = "test",
                  .clock_ns = 4,
                  .target = &DATAFLOW_READER,
                  .target_options = o,
                  .mul_count = 1,
                  .muls = {sample_mul(mem, SAMPLE_S8, 8, 8, 0)},
                  .mul_keys = {"E"},
                  .assign = assignment_uniform_net(mem, net, 0)};
  if (!count) {
    fold_choice c;
    assert_true(fold_choose(cfg, &(fold_wish){.most = {[FOLD_AREA] = 5e6}}, o->layers, &c, &d));
  }
  *model = (infer_model){.net = net, .muls = cfg->muls, .assign = cfg->assign};
  if (!dataflow_plan(mem, cfg, model, out, &d))
    fail_msg("%s", d.text.data);
}

static void plan(arena *mem, const char *path, int count, const char *const *names, const folding *folds,
                 dataflow_design **out) {
  diag d = {0};
  network *net;
  if (!net_read(mem, path, &net, &d))
    fail_msg("%s", d.text.data);
  plan_net(mem, net, count, names, folds, out);
}

// ResNet-8 as flows/resnet8-dataflow.yaml folds it. `axgen sim` measures 36864 cycles an image, and 67107 to the first
// one's last beat; its FIFOs were full at most.
static void resnet8(void **state) {
  (void)state;
  static const char *const NAMES[] = {"conv1",        "block1_conv1", "block1_conv2", "block2_conv1",
                                      "block2_conv2", "block3_conv1", "block3_conv2"};
  static const folding FOLDS[] = {{.pe = 4, .simd = 3},  {.pe = 4, .simd = 16}, {.pe = 4, .simd = 16},
                                  {.pe = 2, .simd = 16}, {.pe = 4, .simd = 16}, {.pe = 2, .simd = 16},
                                  {.pe = 4, .simd = 16}};
  arena *mem = arena_new();
  dataflow_design *design;
  plan(mem, "models/resnet8-cifar10/net.yaml", BASE_COUNT(NAMES), NAMES, FOLDS, &design);
  assert_int_equal(design->predicted_cycles, 36864);
  schedule_result r = schedule_run(fifos_schedule(mem, design), 4, 0);
  assert_true(r.done);
  assert_int_equal(r.period, 36864);
  print_message("first image after %lld cycles\n", (long long)r.first_end);
  assert_in_range(r.first_end, 67107 * 0.998, 67107 * 1.002);
  // By the rows that must lie between conv1 and the sum: two of a window's three in each of the two layers between, of
  // 32 pixels x 16 channels, and what is on its way.
  const dataflow_stage *sum = &design->stages[net_find(design->cfg->net, "block1_add") - 1];
  assert_int_equal(sum->inputs[0].fifo, 0);
  assert_in_range(sum->inputs[1].fifo, 4 * 512, 4 * 512 + 16);
  // A beat less of any, and it is slower.
  for (size_t i = 0; i < design->count; i++)
    for (int k = 0; k < design->stages[i].input_count; k++) {
      dataflow_input *in = &design->stages[i].inputs[k];
      if (in->fifo == 0)
        continue;
      in->fifo--;
      arena *own = arena_new();
      assert_true(schedule_run(fifos_schedule(own, design), r.images, 0).period > 36864);
      arena_free(own);
      in->fifo++;
    }
  arena_free(mem);
}

static void resnet18(void **state) {
  (void)state;
  arena *mem = arena_new();
  dataflow_design *design;
  plan(mem, "models/resnet18-cifar10/net.yaml", 0, NULL, NULL, &design);
  schedule_result r = schedule_run(fifos_schedule(mem, design), 4, 0);
  print_message("planned with %.1f million firings, one execution %.1f: %lld cycles an image\n",
                (double)design->tried * 1e-6, (double)r.firings * 1e-6, (long long)r.period);
  assert_true(r.done);
  assert_int_equal(r.period, design->predicted_cycles);
  assert_in_range(design->tried, 1, 30000000);
  for (size_t i = 0; i < design->count; i++) // the longer way needs none
    for (int k = 0; k < design->stages[i].input_count; k++)
      assert_true(design->stages[i].inputs[k].fifo == 0 || design->stages[i].inputs[k].fifo > 1000);
  arena_free(mem);
}

// Sums that all take the image: no pair of ways apart from the others, so each try of a depth goes through all before.
static void many_meetings(void **state) {
  (void)state;
  enum { SUMS = 600 };
  arena *mem = arena_new();
  rng r = rng_seed(1);
  network *net = arena_new_object(mem, network);
  *net = (network){.mem = mem, .name = "sums", .quantised = true, .input_scale_255 = 1};
  sample s = {net, &r, SAMPLE_S8, 8, 8};
  net_node *image = sample_node(&s, NET_INPUT, 0);
  image->shape = (net_shape){1, 4, 4};
  sample_codes(&s, image);
  for (int i = 0; i < SUMS; i++) {
    net_node *sum = sample_node(&s, NET_ADD, i);
    sum->inputs[sum->input_count++] = 0;
    sum->shift = 1;
    sum->mult = arena_memdup(mem, (uint16_t[]){1, 1}, 2 * sizeof(uint16_t));
    sample_codes(&s, sum);
  }
  dataflow_design *design;
  plan_net(mem, net, 1, (const char *const[]){image->name}, (folding[]){{.pe = 1, .simd = 1}}, &design);
  print_message("planned with %.1f million firings\n", (double)design->tried * 1e-6);
  assert_in_range(design->tried, 1, 45000000);
  schedule_result x = schedule_run(fifos_schedule(mem, design), 4, 0);
  assert_true(x.done);
  assert_int_equal(x.period, design->predicted_cycles);
  arena_free(mem);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(registers),   cmocka_unit_test(rooms),    cmocka_unit_test(forked_source),
      cmocka_unit_test(gearboxes),   cmocka_unit_test(deadlock), cmocka_unit_test(windows),
      cmocka_unit_test(held_groups), cmocka_unit_test(patience), cmocka_unit_test(in_any_order),
      cmocka_unit_test(resnet8),     cmocka_unit_test(resnet18), cmocka_unit_test(many_meetings)};
  return cmocka_run_group_tests_name("dataflow/schedule", tests, NULL, NULL);
}
