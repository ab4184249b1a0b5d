// SPDX-License-Identifier: Apache-2.0
//
// Each kernel of each instruction set alone, against the scalar one: random and extreme inputs of random shapes, in
// buffers that end at a page which nobody may touch. Every byte of an output is either the scalar kernel's, or free by
// contract (kernel.h), or as it was.
//
//   test_kernels           the tests
//   test_kernels --bench   nanoseconds a call of the same list, at a layer's sizes
#include "compiler/base/base.h"
#include "compiler/engine/kernels/kernel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { ROUNDS = 150, BUFFERS = 128, OUTPUTS = 40, LANES_SCALAR = 16 };

// ---- buffers between pages that nobody may touch -------------------------------------------------------------------
typedef struct {
  void *map;
  size_t bytes;
} mapping;

enum { KEPT, SAME, ANY }; // what a byte of an output must be: untouched, the scalar kernel's, whatever

typedef struct {
  uint8_t *copy[2], *before, *must; // of the scalar kernel, of the one under test
  size_t size;
} output;

typedef struct {
  rng r;
  const kernels *set; // under test
  int pattern; // of inputs: random, or extremes
  bool bench; // one large shape
  mapping maps[BUFFERS];
  int map_count;
  output out[OUTPUTS];
  int out_count;
  void *args; // the case's own
  size_t work; // what a call does, in the case's own unit (bench)
} trial;

// `size` bytes that end where the next page begins.
static uint8_t *guarded(trial *t, size_t size) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE), room = (size + page - 1) / page * page;
  uint8_t *map = mmap(NULL, room + 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  assert_true(map != MAP_FAILED && t->map_count < BUFFERS);
  assert_int_equal(mprotect(map, page, PROT_NONE) | mprotect(map + page + room, page, PROT_NONE), 0);
  t->maps[t->map_count++] = (mapping){map, room + 2 * page};
  return map + page + room - size;
}

static void fill(trial *t, uint8_t *p, size_t n) {
  static const uint8_t extremes[] = {0, 255, 128, 127, 1};
  for (size_t i = 0; i < n; i++)
    p[i] = t->pattern == 0   ? (uint8_t)rng_next(&t->r)
           : t->pattern == 1 ? extremes[rng_below(&t->r, 5)]
           : t->pattern == 2 ? 255
           : t->pattern == 3 ? (i % 2 ? 128 : 0) // -32768 where two bytes are a number
                             : 0;
}

// An input of `size` bytes, behind which `slack` more may be read.
static void *input(trial *t, size_t size, size_t slack) {
  uint8_t *p = guarded(t, size + slack);
  fill(t, p, size + slack);
  return p;
}

static output *add_output(trial *t, size_t size) {
  assert_true(t->out_count < OUTPUTS);
  output *o = &t->out[t->out_count++];
  o->size = size;
  o->before = guarded(t, size);
  o->must = calloc(size + 1, 1);
  fill(t, o->before, size);
  for (int i = 0; i < 2; i++) {
    o->copy[i] = guarded(t, size);
    memcpy(o->copy[i], o->before, size);
  }
  return o;
}

static void must(output *o, size_t at, size_t n, int what) {
  assert_true(at + n <= o->size);
  memset(o->must + at, what, n);
}

static int between(trial *t, int lo, int hi) { return lo + (int)rng_below(&t->r, (uint32_t)(hi - lo + 1)); }
static size_t whole_tiles(int n) { return (size_t)(n + TILE - 1) / TILE * TILE; }

// ---- the cases -----------------------------------------------------------------------------------------------------
// make: inputs, outputs and what must hold of them; run: one call with copy `which` of the outputs, of the scalar set
// (which = 0) or the one under test.
typedef struct {
  const char *name;
  bool (*present)(const kernels *k);
  void (*make)(trial *t);
  void (*run)(const trial *t, const kernels *k, int which);
} kernel_case;

static const dot_kernel *dot_of(const kernels *k, bool wide) { return wide ? &k->dot16 : &k->dot8; }

typedef struct {
  dot_args a;
  bool wide;
} dot_state;

static void make_dot(trial *t, bool wide) {
  dot_state *s = t->args = calloc(1, sizeof *s);
  dot_args *a = &s->a;
  s->wide = wide;
  int most = dot_of(t->set, wide)->run_units;
  a->pixels = t->bench ? PANEL : between(t, 1, 3 * PANEL);
  size_t whole = (size_t)(a->pixels + PANEL - 1) / PANEL * PANEL; // that may be touched
  a->tiles = t->bench ? 4 : between(t, 1, 5);
  a->runs = t->bench ? 3 : between(t, 0, 4);
  a->run_units = t->bench ? 16 : between(t, 1, most < 20 ? most : 20);
  a->shift = t->bench ? -1 : between(t, -1, 9);
  if (a->runs == 0 && a->shift < 0)
    a->shift = 0;
  size_t run_bytes = (size_t)a->run_units * UNIT_BYTES, reach = 0, *run = (size_t *)(void *)guarded(t, 4 * sizeof *run);
  a->pixel_bytes = (size_t)between(t, 1, 24) * UNIT_BYTES;
  for (int i = 0; i < a->runs; i++) {
    run[i] = (size_t)between(t, 0, 60) * 2;
    reach = run[i] + run_bytes > reach ? run[i] + run_bytes : reach;
  }
  a->run = run;
  a->in = input(t, (whole - 1) * a->pixel_bytes + reach, PANEL_SLACK);
  a->weights = input(t, (size_t)(a->tiles * a->runs) * run_bytes * TILE, 0);
  a->stride = (size_t)(a->tiles + between(t, 0, 2)) * TILE;
  output *o = add_output(t, ((whole - 1) * a->stride + (size_t)a->tiles * TILE) * sizeof *a->sums);
  for (size_t p = 0; p < whole; p++)
    must(o, p * a->stride * 4, (size_t)a->tiles * TILE * 4, (int)p < a->pixels ? SAME : ANY);
  t->work = (size_t)(a->pixels * a->tiles * TILE * a->runs * a->run_units) * (wide ? 2 : 4);
}
static void make_dot8(trial *t) { make_dot(t, false); }
static void make_dot16(trial *t) { make_dot(t, true); }
static void engine_run_dot(const trial *t, const kernels *k, int which) {
  const dot_state *s = t->args;
  dot_args a = s->a;
  a.sums = (int32_t *)(void *)t->out[0].copy[which];
  dot_of(k, s->wide)->run(&a);
}

static const size_t *taps_of(trial *t, int taps, size_t most, size_t *reach) {
  size_t *tap = (size_t *)(void *)guarded(t, (size_t)taps * sizeof *tap);
  *reach = 0;
  for (int i = 0; i < taps; i++) {
    tap[i] = rng_below(&t->r, (uint32_t)most);
    *reach = tap[i] > *reach ? tap[i] : *reach;
  }
  return tap;
}

static void make_depthwise(trial *t) {
  depthwise_args *a = t->args = calloc(1, sizeof *a);
  size_t reach;
  a->pixels = t->bench ? 64 : between(t, 1, 21);
  a->channels = t->bench ? 64 : between(t, 1, 70);
  a->taps = t->bench ? 10 : 2 * between(t, 1, 13);
  a->shift = t->bench ? -1 : between(t, -1, 9);
  a->step = (size_t)between(t, 1, 150);
  a->tap = taps_of(t, a->taps, 500, &reach);
  size_t whole = whole_tiles(a->channels);
  a->in = input(t, (size_t)(a->pixels - 1) * a->step + reach + (size_t)a->channels, PANEL_SLACK);
  a->weights = input(t, (size_t)a->taps * whole * sizeof *a->weights, 0);
  output *o = add_output(t, (size_t)a->pixels * whole * 4);
  for (size_t p = 0; p < (size_t)a->pixels; p++) {
    must(o, p * whole * 4, whole * 4, ANY);
    must(o, p * whole * 4, (size_t)a->channels * 4, SAME);
  }
  t->work = (size_t)(a->pixels * a->channels * a->taps);
}
static void engine_run_depthwise(const trial *t, const kernels *k, int which) {
  depthwise_args a = *(const depthwise_args *)t->args;
  a.sums = (int32_t *)(void *)t->out[0].copy[which];
  k->depthwise(&a);
}

static void make_depthwise16(trial *t) {
  depthwise16_args *a = t->args = calloc(1, sizeof *a);
  size_t reach;
  a->pixels = t->bench ? 64 : between(t, 1, 9);
  a->channels = t->bench ? 64 : between(t, 1, 70);
  a->taps = t->bench ? 10 : 2 * between(t, 1, 13);
  a->step = (size_t)between(t, 1, 150);
  a->tap = taps_of(t, a->taps, 500, &reach);
  size_t whole = whole_tiles(a->channels);
  a->in = input(t, ((size_t)(a->pixels - 1) * a->step + reach + (size_t)a->channels) * 2, PANEL_SLACK);
  int16_t *w = input(t, (size_t)a->taps * whole * sizeof *w, 0);
  for (size_t i = 0; i < (size_t)a->taps * whole; i++)
    w[i] = w[i] == INT16_MIN ? INT16_MIN + 1 : w[i];
  a->weights = w;
  output *o = add_output(t, (size_t)a->pixels * whole * 8);
  for (size_t p = 0; p < (size_t)a->pixels; p++) {
    must(o, p * whole * 8, whole * 8, ANY);
    must(o, p * whole * 8, (size_t)a->channels * 8, SAME);
  }
  t->work = (size_t)(a->pixels * a->channels * a->taps);
}
static void run_depthwise16(const trial *t, const kernels *k, int which) {
  depthwise16_args a = *(const depthwise16_args *)t->args;
  a.sums = (int64_t *)(void *)t->out[0].copy[which];
  k->depthwise16(&a);
}

// Rows are as wide as the set under test has them; the scalar set's are 16 filters wide, so what is compared with here
// is the definition in kernel.h.
typedef struct {
  int which, lanes; // rows[which]
  rows_args add;
  widen_args widen;
  const uint16_t *columns[3 * ROW_LANES_MAX];
  int tables, rows;
} rows_state;

static rows_state *new_rows(trial *t, int which) {
  rows_state *s = t->args = calloc(1, sizeof *s);
  s->which = which;
  s->lanes = t->set->rows[which].lanes;
  return s;
}

static void make_add_rows(trial *t, int which) {
  rows_state *s = new_rows(t, which);
  size_t lanes = (size_t)s->lanes, table_rows = 60, pixels = (size_t)(t->bench ? 4096 : between(t, 1, 90));
  s->add.rows = t->bench ? 9 : between(t, 1, ROW_CHANNELS);
  s->add.pixels = pixels;
  uint32_t *pixel = input(t, pixels * sizeof *pixel, 0);
  uint16_t *row = input(t, pixels * (size_t)s->add.rows * sizeof *row, 0);
  for (size_t i = 0; i < pixels; i++)
    pixel[i] = (uint32_t)(pixels - 1 - i);
  for (size_t i = 0; i < pixels * (size_t)s->add.rows; i++)
    row[i] = (uint16_t)(rng_below(&t->r, (uint32_t)(table_rows * lanes * 2 / 8 - lanes * 2 / 8 + 1)));
  s->add.pixel = pixel;
  s->add.row = row;
  s->add.table = input(t, table_rows * lanes * 2, 0);
  must(add_output(t, pixels * lanes * 2), 0, pixels * lanes * 2, SAME);
  t->work = pixels * (size_t)s->add.rows;
}
static void run_add_rows(const trial *t, const kernels *k, int which) {
  const rows_state *s = t->args;
  rows_args a = s->add;
  size_t lanes = (size_t)s->lanes;
  a.acc = (uint16_t *)(void *)t->out[0].copy[which];
  if (which)
    k->rows[s->which].add(&a);
  else
    for (size_t i = 0; i < a.pixels; i++)
      for (size_t j = 0; j < (size_t)a.rows; j++)
        for (size_t l = 0; l < lanes; l++) {
          uint16_t v;
          memcpy(&v, a.table + (size_t)a.row[i * (size_t)a.rows + j] * 8 + 2 * l, sizeof v);
          a.acc[a.pixel[i] * lanes + l] = (uint16_t)(a.acc[a.pixel[i] * lanes + l] + v);
        }
}

static void make_widen(trial *t, int which) {
  rows_state *s = new_rows(t, which);
  size_t lanes = (size_t)s->lanes, n = (size_t)(t->bench ? 4096 : between(t, 1, 40)) * lanes;
  s->widen = (widen_args){.pixels = n / lanes, .first = between(t, 0, 1)};
  s->widen.next = between(t, 0, 1) ? input(t, lanes * 2, 0) : NULL;
  must(add_output(t, n * 2), 0, n * 2, SAME);
  must(add_output(t, n * 4), 0, n * 4, SAME);
  t->work = n / lanes;
}
static void run_widen(const trial *t, const kernels *k, int which) {
  const rows_state *s = t->args;
  widen_args a = s->widen;
  a.acc = (uint16_t *)(void *)t->out[0].copy[which];
  a.wide = (int32_t *)(void *)t->out[1].copy[which];
  if (which)
    k->rows[s->which].widen(&a);
  else
    for (size_t i = 0; i < a.pixels * (size_t)s->lanes; i++) {
      a.wide[i] = (int32_t)((a.first ? 0 : (uint32_t)a.wide[i]) + a.acc[i]);
      a.acc[i] = a.next ? a.next[i % (size_t)s->lanes] : 0;
    }
}

static void make_expand(trial *t, int which) {
  rows_state *s = new_rows(t, which);
  s->tables = between(t, 1, 3);
  s->rows = t->bench ? 256 : between(t, 1, 70);
  size_t n = (size_t)(s->rows * s->tables * s->lanes);
  uint16_t *columns = input(t, n * 2, 0); // one behind the other: the last ends at the page's end
  for (int l = 0; l < s->tables * s->lanes; l++)
    s->columns[l] = columns + (size_t)l * (size_t)s->rows;
  must(add_output(t, n * 2), 0, n * 2, SAME);
  t->work = n;
}
static void run_expand(const trial *t, const kernels *k, int which) {
  const rows_state *s = t->args;
  uint16_t *out = (uint16_t *)(void *)t->out[0].copy[which];
  if (which)
    k->rows[s->which].expand(s->columns, s->tables, s->rows, out);
  else
    for (int r = 0; r < s->rows; r++)
      for (int l = 0; l < s->tables * s->lanes; l++)
        *out++ = s->columns[l][r];
}
static void make_add_rows0(trial *t) { make_add_rows(t, 0); }
static void make_add_rows1(trial *t) { make_add_rows(t, 1); }
static void make_widen0(trial *t) { make_widen(t, 0); }
static void make_widen1(trial *t) { make_widen(t, 1); }
static void make_expand0(trial *t) { make_expand(t, 0); }
static void make_expand1(trial *t) { make_expand(t, 1); }

static void make_source(trial *t, row_source *s) {
  s->pixels = (size_t)(t->bench ? 4096 : between(t, 1, 100));
  s->pixel_bytes = (size_t)between(t, 1, 40);
  s->channels = (uint32_t)rng_next(&t->r) & 0xffff;
  s->class_shift = between(t, 0, 8);
  s->channel_shift = between(t, 0, 8);
  size_t n = (s->pixels - 1) * s->pixel_bytes + ROW_CHANNELS;
  uint8_t *classes = input(t, n, 0);
  for (size_t i = 0; i < n; i++) // many pixels add few rows
    classes[i] = rng_below(&t->r, 2) ? classes[i] : 0;
  s->classes = classes;
  t->work = s->pixels;
}

static void make_tally(trial *t) {
  row_source *s = t->args = calloc(1, sizeof *s);
  make_source(t, s);
  must(add_output(t, (ROW_CHANNELS + 1) * 4), 0, (ROW_CHANNELS + 1) * 4, SAME);
}
static void run_tally(const trial *t, const kernels *k, int which) {
  k->row_tally(t->args, (uint32_t *)(void *)t->out[0].copy[which]);
}

// Two outputs for each number of rows: pixels and rows.
static void make_list(trial *t) {
  row_source *s = t->args = calloc(1, sizeof *s);
  uint32_t tally[ROW_CHANNELS + 1] = {0};
  make_source(t, s);
  kernels_scalar.row_tally(s, tally);
  for (size_t n = 0; n <= ROW_CHANNELS; n++) {
    must(add_output(t, tally[n] * 4), 0, tally[n] * 4, SAME);
    output *rows = add_output(t, tally[n] * n * 2 + 32);
    must(rows, tally[n] * n * 2, 32, ANY);
    must(rows, 0, tally[n] * n * 2, SAME);
  }
}
static void run_list(const trial *t, const kernels *k, int which) {
  row_cursor to;
  for (int n = 0; n <= ROW_CHANNELS; n++) {
    to.pixel[n] = (uint32_t *)(void *)t->out[2 * n].copy[which];
    to.row[n] = (uint16_t *)(void *)t->out[2 * n + 1].copy[which];
  }
  k->row_list(t->args, 77, &to);
}

typedef struct {
  const uint8_t *index, *columns[600];
  size_t at[600];
  int count;
} lookup_state;

static void make_lookup(trial *t) {
  lookup_state *s = t->args = calloc(1, sizeof *s);
  s->count = t->bench ? 144 : between(t, 0, between(t, 0, 3) ? 30 : 600);
  s->index = input(t, 2000 + LOOKUP_PANEL, 0);
  uint8_t *columns = input(t, 8 * COLUMN_BYTES, 0);
  for (int i = 0; i < s->count; i++) {
    s->at[i] = (size_t)between(t, 0, 2000);
    s->columns[i] = columns + (size_t)between(t, 0, 7) * COLUMN_BYTES;
  }
  must(add_output(t, LOOKUP_PANEL * 4), 0, LOOKUP_PANEL * 4, SAME);
  t->work = (size_t)s->count * LOOKUP_PANEL;
}
static void engine_run_lookup(const trial *t, const kernels *k, int which) {
  const lookup_state *s = t->args;
  k->lookup(s->index, s->at, s->columns, s->count, (int32_t *)(void *)t->out[0].copy[which]);
}

static void make_requantise(trial *t, bool narrow) {
  requantise_args *a = t->args = calloc(1, sizeof *a);
  a->filters = t->bench ? 64 : between(t, 1, 70);
  a->pixels = t->bench ? 64 : between(t, 1, 23);
  a->narrow = narrow;
  a->shift = narrow ? between(t, 17, 45) : between(t, 1, 46);
  size_t whole = whole_tiles(a->filters);
  a->stride = whole + (size_t)between(t, 0, 2) * TILE;
  size_t sums = (size_t)(a->pixels - 1) * a->stride + whole;
  int32_t *sum = input(t, sums * 4, 0), *start = input(t, whole * 4, 0), *common = NULL;
  uint16_t *mult = input(t, whole * 2, 0);
  if (between(t, 0, 1)) {
    a->common_stride = (size_t)between(t, 1, 20);
    common = input(t, ((size_t)(a->pixels - 1) * a->common_stride + 1) * 4, 0);
    for (size_t i = 0; i < (size_t)(a->pixels - 1) * a->common_stride + 1; i++)
      common[i] >>= 3;
  }
  // The summands fit 31 bits together: their sum times a multiplier fits 30 bits without its lowest 16.
  for (size_t i = 0; i < sums; i++)
    sum[i] >>= 2;
  for (size_t i = 0; i < whole; i++)
    start[i] >>= 3;
  a->hi = between(t, 0, 255);
  a->lo = between(t, 0, a->hi);
  a->zero = between(t, 0, 255);
  while (narrow && (int64_t)a->zero << (a->shift - 16) >= (int64_t)1 << 29)
    a->zero /= 2;
  a->sums = sum, a->start = start, a->common = common, a->mult = mult;
  a->out_stride = (size_t)a->filters + (size_t)between(t, 0, 30);
  output *o = add_output(t, (size_t)(a->pixels - 1) * a->out_stride + (size_t)a->filters);
  for (size_t p = 0; p < (size_t)a->pixels; p++)
    must(o, p * a->out_stride, (size_t)a->filters, SAME);
  t->work = (size_t)(a->pixels * a->filters);
}
static void make_requantise32(trial *t) { make_requantise(t, true); }
static void make_requantise64(trial *t) { make_requantise(t, false); }
static void run_requantise(const trial *t, const kernels *k, int which) {
  k->requantise(t->args, t->out[0].copy[which]);
}

typedef struct {
  const uint8_t *src;
  const void *table;
  size_t n;
} map_state;

static void make_map(trial *t, size_t width) {
  map_state *s = t->args = calloc(1, sizeof *s);
  s->n = (size_t)(t->bench ? 16384 : between(t, 1, 300));
  s->src = input(t, s->n, 0);
  s->table = input(t, 256 * width, 0);
  must(add_output(t, s->n * width), 0, s->n * width, SAME);
  t->work = s->n;
}
static void make_map8(trial *t) { make_map(t, 1); }
static void make_map16(trial *t) { make_map(t, 2); }
static void run_map8(const trial *t, const kernels *k, int which) {
  const map_state *s = t->args;
  k->map8(t->out[0].copy[which], s->src, s->n, s->table);
}
static void run_map16(const trial *t, const kernels *k, int which) {
  const map_state *s = t->args;
  k->map16((uint16_t *)(void *)t->out[0].copy[which], s->src, s->n, s->table);
}

typedef struct {
  const uint8_t *src;
  size_t plane, pixels, stride;
  int channels;
} layout_state;

static void make_interleave(trial *t) {
  layout_state *s = t->args = calloc(1, sizeof *s);
  s->channels = t->bench ? 3 : between(t, 1, 40);
  s->pixels = (size_t)(t->bench ? 1024 : between(t, 1, 70));
  s->plane = s->pixels + (size_t)between(t, 0, 20);
  size_t n = s->pixels * (size_t)s->channels;
  s->src = input(t, (size_t)(s->channels - 1) * s->plane + s->pixels, PANEL_SLACK);
  output *o = add_output(t, n + 32);
  must(o, n, 32, ANY);
  must(o, 0, n, SAME);
  t->work = n;
}
static void run_interleave(const trial *t, const kernels *k, int which) {
  const layout_state *s = t->args;
  k->interleave8(t->out[0].copy[which], s->src, s->plane, s->channels, s->pixels);
}

static void make_planes(trial *t) {
  layout_state *s = t->args = calloc(1, sizeof *s);
  s->pixels = (size_t)(t->bench ? 1024 : between(t, 1, 70));
  s->stride = (size_t)between(t, 16, 50);
  s->plane = s->pixels + 15 + (size_t)between(t, 0, 20);
  s->src = input(t, (s->pixels + 15) * s->stride + TILE, 0); // whole blocks of pixels are read
  output *o = add_output(t, TILE * s->plane);
  for (size_t c = 0; c < TILE; c++) {
    must(o, c * s->plane, s->pixels, SAME);
    must(o, c * s->plane + s->pixels, 15, ANY);
  }
  t->work = s->pixels * TILE;
}
static void run_planes(const trial *t, const kernels *k, int which) {
  const layout_state *s = t->args;
  k->planes8(t->out[0].copy[which], s->plane, s->src, s->stride, s->pixels);
}

typedef struct {
  const uint8_t *src;
  size_t dst_stride, src_stride;
  const uint64_t *set;
  int channels, pixels;
} spread_state;

static void make_spread(trial *t) {
  spread_state *s = t->args = calloc(1, sizeof *s);
  s->channels = t->bench ? 64 : between(t, 1, 200);
  s->pixels = t->bench ? 64 : between(t, 1, 20);
  size_t words = (size_t)(s->channels + 63) / 64;
  uint64_t *set = input(t, words * 8, 0);
  set[words - 1] &= s->channels % 64 ? ((uint64_t)1 << s->channels % 64) - 1 : ~(uint64_t)0;
  size_t bits = 0;
  for (size_t i = 0; i < words; i++)
    bits += (size_t)__builtin_popcountll(set[i]);
  s->set = set;
  s->src_stride = bits + (size_t)between(t, 0, 9);
  s->dst_stride = (size_t)s->channels + (size_t)between(t, 0, 9);
  s->src = input(t, (size_t)(s->pixels - 1) * s->src_stride + bits, PANEL_SLACK);
  output *o = add_output(t, (size_t)(s->pixels - 1) * s->dst_stride + (size_t)s->channels);
  for (size_t p = 0; p < (size_t)s->pixels; p++)
    for (size_t c = 0; c < (size_t)s->channels; c++)
      if (set[c / 64] >> c % 64 & 1)
        must(o, p * s->dst_stride + c, 1, SAME);
  t->work = (size_t)s->pixels * bits;
}
static void run_spread(const trial *t, const kernels *k, int which) {
  const spread_state *s = t->args;
  k->spread8(t->out[0].copy[which], s->dst_stride, s->src, s->src_stride, s->set, s->channels, s->pixels);
}

typedef struct {
  window_args a;
  uint8_t lo, hi;
  size_t stride;
} window_state;

static window_state *new_window(trial *t) {
  window_state *s = t->args = calloc(1, sizeof *s);
  window_args *a = &s->a;
  a->rows = t->bench ? 2 : between(t, 1, 4);
  a->columns = t->bench ? 2 : between(t, 1, 4);
  a->channels = t->bench ? 64 : between(t, 1, 140);
  a->pixels = t->bench ? 16 : between(t, 1, 9);
  a->step = (size_t)(a->channels * between(t, 1, 3));
  a->row_bytes = (size_t)((a->pixels * 3 + a->columns) * a->channels);
  a->in = input(
      t, (size_t)(a->pixels - 1) * a->step + (size_t)(a->rows - 1) * a->row_bytes + (size_t)(a->columns * a->channels),
      PANEL_SLACK);
  t->work = (size_t)(a->pixels * a->channels * a->rows * a->columns);
  return s;
}
static void make_max(trial *t) {
  window_state *s = new_window(t);
  s->hi = (uint8_t)between(t, 0, 255);
  s->lo = (uint8_t)between(t, 0, s->hi);
  size_t n = (size_t)(s->a.pixels * s->a.channels);
  output *o = add_output(t, n + 64);
  must(o, n, 64, ANY);
  must(o, 0, n, SAME);
}
static void run_max(const trial *t, const kernels *k, int which) {
  const window_state *s = t->args;
  k->max8(&s->a, s->lo, s->hi, t->out[0].copy[which]);
}
static void make_sum(trial *t) {
  window_state *s = new_window(t);
  s->stride = whole_tiles(s->a.channels) + (size_t)between(t, 0, 2) * TILE;
  size_t pixels = (size_t)s->a.pixels;
  output *o = add_output(t, pixels * s->stride * 4);
  for (size_t p = 0; p < pixels; p++) {
    must(o, p * s->stride * 4, s->stride * 4, ANY);
    must(o, p * s->stride * 4, (size_t)s->a.channels * 4, SAME);
  }
}
static void run_sum(const trial *t, const kernels *k, int which) {
  const window_state *s = t->args;
  k->sum8(&s->a, (int32_t *)(void *)t->out[0].copy[which], s->stride);
}

typedef struct {
  add_args a;
  const uint8_t *x, *y;
  size_t n;
} add_state;

static void make_add(trial *t) {
  add_state *s = t->args = calloc(1, sizeof *s);
  s->n = (size_t)(t->bench ? 16384 : between(t, 1, 200));
  s->x = input(t, s->n, 0);
  s->y = input(t, s->n, 0);
  // 16-bit multipliers, zero points of codes, half a step of rounding: as plans have them.
  add_args *a = &s->a;
  a->ma = between(t, 0, 65535), a->mb = between(t, 0, 65535);
  a->shift = t->bench ? 20 : between(t, 1, 40);
  a->constant =
      ((int64_t)1 << (a->shift - 1)) - (int64_t)between(t, 0, 255) * a->ma - (int64_t)between(t, 0, 255) * a->mb;
  a->zero = between(t, 0, 255);
  a->hi = between(t, 0, 255);
  a->lo = between(t, 0, a->hi);
  must(add_output(t, s->n), 0, s->n, SAME);
  t->work = s->n;
}
static void run_add(const trial *t, const kernels *k, int which) {
  const add_state *s = t->args;
  k->add8(t->out[0].copy[which], s->x, s->y, s->n, &s->a);
}

static bool has_dot8(const kernels *k) { return k->dot8.run; }
static bool has_dot16(const kernels *k) { return k->dot16.run; }
static bool has_rows0(const kernels *k) { return k->rows[0].add; }
static bool has_rows1(const kernels *k) { return k->rows[1].add; }
static bool always(const kernels *k) { return k; }

static const kernel_case CASES[] = {
    {"dot8", has_dot8, make_dot8, engine_run_dot},
    {"dot16", has_dot16, make_dot16, engine_run_dot},
    {"depthwise", always, make_depthwise, engine_run_depthwise},
    {"depthwise16", always, make_depthwise16, run_depthwise16},
    {"rows[0].add", has_rows0, make_add_rows0, run_add_rows},
    {"rows[0].widen", has_rows0, make_widen0, run_widen},
    {"rows[0].expand", has_rows0, make_expand0, run_expand},
    {"rows[1].add", has_rows1, make_add_rows1, run_add_rows},
    {"rows[1].widen", has_rows1, make_widen1, run_widen},
    {"rows[1].expand", has_rows1, make_expand1, run_expand},
    {"row_tally", always, make_tally, run_tally},
    {"row_list", always, make_list, run_list},
    {"lookup", always, make_lookup, engine_run_lookup},
    {"requantise, 32 bits", always, make_requantise32, run_requantise},
    {"requantise, 64 bits", always, make_requantise64, run_requantise},
    {"map8", always, make_map8, run_map8},
    {"map16", always, make_map16, run_map16},
    {"interleave8", always, make_interleave, run_interleave},
    {"planes8", always, make_planes, run_planes},
    {"spread8", always, make_spread, run_spread},
    {"max8", always, make_max, run_max},
    {"sum8", always, make_sum, run_sum},
    {"add8", always, make_add, run_add},
};

// ---- the harness ---------------------------------------------------------------------------------------------------
static const char *const SETS[] = {"scalar", "avx2", "avx512", "amx"};
static char running[128]; // what a signal handler says

static void on_fault(int number) {
  static const char text[] = ": touched memory beyond a buffer\n";
  ssize_t n = write(STDOUT_FILENO, running, strlen(running)) + write(STDOUT_FILENO, text, sizeof text - 1);
  _exit(n > 0 ? 128 + number : 1);
}

static void end_trial(trial *t) {
  for (int i = 0; i < t->map_count; i++)
    munmap(t->maps[i].map, t->maps[i].bytes);
  for (int i = 0; i < t->out_count; i++)
    free(t->out[i].must);
  free(t->args);
}

static trial new_trial(const kernels *set, uint64_t seed, bool bench) {
  trial t = {.r = rng_seed(seed), .set = set, .bench = bench};
  t.pattern = bench || seed % 3 ? 0 : (int)(seed / 3 % 5);
  return t;
}

static int wrong_bytes(const trial *t, char *what, size_t size) {
  for (int i = 0; i < t->out_count; i++)
    for (size_t b = 0; b < t->out[i].size; b++) {
      const output *o = &t->out[i];
      bool same = o->copy[1][b] == o->copy[0][b], kept = o->copy[1][b] == o->before[b];
      if ((o->must[b] == SAME && !same) || (o->must[b] == KEPT && !kept)) {
        snprintf(what, size, "output %d, byte %zu of %zu: %s", i, b, o->size,
                 o->must[b] == SAME ? "not what the scalar kernel says" : "is not its to write");
        return 1;
      }
    }
  return 0;
}

static void all_cases_of_all_sets(void **unused) {
  (void)unused;
  int failed = 0;
  signal(SIGSEGV, on_fault); // after cmocka's own, which cannot say where
  signal(SIGBUS, on_fault);
  for (size_t k = 0; k < BASE_COUNT(SETS); k++) {
    const kernels *set = kernels_named(SETS[k]);
    if (!set) {
      printf("%s: not supported by this machine\n", SETS[k]);
      continue;
    }
    for (size_t c = 0; c < BASE_COUNT(CASES); c++)
      for (uint64_t seed = 0; CASES[c].present(set) && seed < ROUNDS; seed++) {
        char what[128];
        snprintf(running, sizeof running, "%s of %s, seed %llu", CASES[c].name, SETS[k], (unsigned long long)seed);
        trial t = new_trial(set, seed, false);
        CASES[c].make(&t);
        CASES[c].run(&t, &kernels_scalar, 0);
        CASES[c].run(&t, set, 1);
        bool bad = wrong_bytes(&t, what, sizeof what);
        end_trial(&t);
        if (bad) {
          printf("%s: %s\n", running, what);
          failed++;
          break;
        }
      }
  }
  assert_int_equal(failed, 0);
}

// That the harness sees what it must: a wrong byte, and a byte beside the output.
static void harness_sees_faults(void **unused) {
  (void)unused;
  trial t = new_trial(&kernels_scalar, 1, false);
  char what[128];
  output *o = add_output(&t, 10);
  must(o, 2, 4, SAME);
  must(o, 6, 2, ANY);
  o->copy[1][7] ^= 1;
  assert_int_equal(wrong_bytes(&t, what, sizeof what), 0);
  o->copy[1][9] ^= 1;
  assert_int_equal(wrong_bytes(&t, what, sizeof what), 1);
  o->copy[1][9] ^= 1;
  o->copy[1][3] ^= 1;
  assert_int_equal(wrong_bytes(&t, what, sizeof what), 1);
  end_trial(&t);
}

static double nanoseconds(const kernel_case *c, const kernels *set, const kernels *run) {
  trial t = new_trial(set, 1, true);
  c->make(&t);
  double best = 1e30;
  for (int round = 0; round < 5; round++) {
    int calls = 0;
    double from = clock_seconds(), spent;
    do {
      c->run(&t, run, run == set && run != &kernels_scalar);
      calls++;
    } while ((spent = clock_seconds() - from) < 0.01);
    best = 1e9 * spent / calls < best ? 1e9 * spent / calls : best;
  }
  end_trial(&t);
  return best;
}

static int bench(void) {
  printf("nanoseconds a call at a layer's sizes (times as fast as the scalar kernel)\n%-20s %10s", "", "scalar");
  for (size_t k = 1; k < BASE_COUNT(SETS); k++)
    printf(" %18s", kernels_named(SETS[k]) ? SETS[k] : "");
  printf("\n");
  for (size_t c = 0; c < BASE_COUNT(CASES); c++) {
    printf("%-20s", CASES[c].name);
    if (CASES[c].present(&kernels_scalar))
      printf(" %10.0f", nanoseconds(&CASES[c], &kernels_scalar, &kernels_scalar));
    else
      printf(" %10s", "-");
    for (size_t k = 1; k < BASE_COUNT(SETS); k++) {
      const kernels *set = kernels_named(SETS[k]);
      if (!set || !CASES[c].present(set)) {
        printf(" %18s", set ? "-" : "");
        continue;
      }
      double scalar = nanoseconds(&CASES[c], set, &kernels_scalar), fast = nanoseconds(&CASES[c], set, set);
      printf(" %9.0f (%6.1f)", fast, scalar / fast);
    }
    printf("\n");
  }
  return 0;
}

int main(int argc, char **argv) {
  if (argc > 1 && strcmp(argv[1], "--bench") == 0)
    return bench();
  const struct CMUnitTest tests[] = {cmocka_unit_test(harness_sees_faults), cmocka_unit_test(all_cases_of_all_sets)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
