// SPDX-License-Identifier: Apache-2.0
//
// Plan rows: for each weight position an expanded table [activation class][filters] of 16-bit products, of which each
// pixel adds one row. Columns are shifted to start from 0, so that sums are unsigned; passes are cut where a filter's
// sum might exceed 16 bits, by the actual weights.
#include "compiler/infer/plan.h"

#include <string.h>

// Each column minus its least product, as [count][rows]; false: one spans more than 16 bits.
static bool shifted(const plan_columns *p, bool only_error, uint16_t *out, int64_t *least, uint16_t *most) {
  int64_t v[256];
  for (size_t c = 0; c < p->count; c++) {
    int64_t lo = INT64_MAX, hi = INT64_MIN;
    for (size_t r = 0; r < p->rows; r++) {
      int64_t exact = (p->lo + (int64_t)r) * (p->weight[c] - p->zero);
      v[r] = p->table[c * p->rows + r] - (only_error ? exact : 0);
      lo = v[r] < lo ? v[r] : lo;
      hi = v[r] > hi ? v[r] : hi;
    }
    if (hi - lo > UINT16_MAX)
      return false;
    for (size_t r = 0; r < p->rows; r++)
      out[c * p->rows + r] = (uint16_t)(v[r] - lo);
    least[c] = lo;
    most[c] = (uint16_t)(hi - lo);
  }
  return true;
}

// Codes whose rows are equal form a class; class_of[row], and one row of each class.
static int classify(const uint16_t *columns, size_t rows, size_t count, uint16_t *class_of, size_t *example) {
  int classes = 0;
  for (size_t r = 0; r < rows; r++) {
    int k = 0;
    for (; k < classes; k++) {
      size_t c = 0;
      while (c < count && columns[c * rows + r] == columns[c * rows + example[k]])
        c++;
      if (c == count)
        break;
    }
    if (k == classes)
      example[classes++] = r;
    class_of[r] = (uint16_t)k;
  }
  return classes;
}

typedef struct {
  const plan_columns *columns;
  plan_slice *slice;
  const uint16_t *most; // of each column
  int lanes;
} pass_maker;

// The columns that step `step` adds to the lanes of block `block`.
static void step_columns(const pass_maker *m, int block, int step, int32_t *out) {
  const plan_slice *s = m->slice;
  const plan_layout *l = &s->layout;
  int taps = l->in.c * l->kh * l->kw;
  for (int j = 0; j < 4; j++) {
    int tap = plan_layout_tap(l, step, j);
    for (int i = 0; i < m->lanes; i++) {
      int f = block * m->lanes + i;
      out[j * m->lanes + i] = tap < 0 || f >= s->filters ? -1 : m->columns->of[f * taps + tap];
    }
  }
}

static int32_t at_most(const pass_maker *m, int32_t column) { return column < 0 ? 0 : m->most[column]; }

// Adds tables [j0, j1) of a step to the sums' bounds; false and no change: one would exceed 16 bits.
static bool bounded(const pass_maker *m, const int32_t *columns, int j0, int j1, int32_t *bound) {
  int32_t sum[ROW_BYTES_MAX];
  for (int i = 0; i < m->lanes; i++) {
    sum[i] = bound[i];
    for (int j = j0; j < j1; j++)
      sum[i] += at_most(m, columns[j * m->lanes + i]);
    if (sum[i] > UINT16_MAX)
      return false;
  }
  memcpy(bound, sum, (size_t)m->lanes * sizeof *bound);
  return true;
}

static int make_passes(arena *mem, const pass_maker *m, int block, plan_pass **out) {
  int steps = m->slice->layout.steps, count = 0, size = 4 * m->lanes;
  plan_pass *pass = arena_new_array(mem, plan_pass, (size_t)steps * 4);
  int32_t bound[ROW_BYTES_MAX] = {0}, columns[4 * ROW_BYTES_MAX];
  for (int step = 0; step < steps; step++) {
    step_columns(m, block, step, columns);
    bool fits = bounded(m, columns, 0, 4, bound);
    if (!fits && count) {
      pass[count - 1].flush = true;
      memset(bound, 0, sizeof bound);
      fits = bounded(m, columns, 0, 4, bound);
    }
    if (fits && count && !pass[count - 1].flush && pass[count - 1].units < ROW_UNITS_MAX) {
      plan_pass *p = &pass[count - 1];
      memcpy(p->column + p->units * size, columns, (size_t)size * sizeof *columns);
      p->step[p->units++] = step;
      continue;
    }
    for (int j = 0; j < 4; j++) { // all four tables in one pass, or one each where even they exceed 16 bits
      int32_t *some = arena_new_array(mem, int32_t, (size_t)size * ROW_UNITS_MAX);
      if (fits)
        memcpy(some, columns, (size_t)size * sizeof *some);
      else {
        memset(some, -1, (size_t)size * sizeof *some);
        memcpy(some + j * m->lanes, columns + j * m->lanes, (size_t)m->lanes * sizeof *some);
      }
      pass[count++] = (plan_pass){.units = 1, .step = {step}, .flush = !fits, .column = some};
      if (fits)
        break;
    }
  }
  if (count)
    pass[count - 1].flush = true;
  *out = pass;
  return count;
}

void plan_rows_expand(const plan_slice *s, const plan_pass *p, uint8_t *out) {
  const uint16_t *columns[ROW_BYTES_MAX];
  size_t lanes = (size_t)s->row->lanes, n = (size_t)s->classes;
  for (int t = 0; t < 4 * p->units; t++) {
    for (int i = 0; i < s->row->lanes; i++) {
      int32_t c = p->column[t * s->row->lanes + i];
      columns[i] = s->columns + (c < 0 ? s->column_count : (size_t)c) * n;
    }
    s->row->expand(columns, s->classes, (uint16_t *)(void *)out + ((size_t)(t / 4) * n * 4 + (size_t)(t % 4)) * lanes);
  }
}

static void pack_passes(arena *mem, const plan_context *c, plan_slice *s, const uint16_t *most) {
  pass_maker m = {c->columns, s, most, s->row->lanes};
  s->lane_blocks = (s->filters + m.lanes - 1) / m.lanes;
  s->pass = arena_new_array(mem, plan_pass *, (size_t)s->lane_blocks);
  s->pass_count = arena_new_array(mem, int, (size_t)s->lane_blocks);
  for (int b = 0; b < s->lane_blocks; b++) {
    s->pass_count[b] = make_passes(mem, &m, b, &s->pass[b]);
    s->bytes += (size_t)s->pass_count[b] * (4 * ROW_UNITS_MAX * (size_t)m.lanes * 4 + sizeof(plan_pass));
  }
}

// How often the sums of a filter must be widened, at least: its products could reach so much.
static double widenings(const plan_columns *p, const plan_slice *s, const uint16_t *most) {
  int taps = s->layout.in.c * s->layout.kh * s->layout.kw;
  double worst = 0;
  for (int f = 0; f < s->filters; f++) {
    double sum = 0;
    for (int t = 0; t < taps; t++)
      sum += most[p->of[f * taps + t]];
    worst = sum > worst ? sum : worst;
  }
  return 1 + 1.3 * worst / UINT16_MAX;
}

bool plan_rows(arena *mem, const plan_context *c, plan_slice *s, bool pack) {
  const plan_columns *p = c->columns;
  if (s->wide || !c->narrow_in || !p->table)
    return false;
  const row_kernel *rows = c->kernels->rows;
  s->row = rows[1].run && s->filters <= rows[1].lanes ? &rows[1] : &rows[0];
  arena *scratch = arena_new();
  uint16_t *all = arena_new_array(scratch, uint16_t, p->count * p->rows);
  uint16_t *most = arena_new_array(scratch, uint16_t, p->count), class_of[256] = {0};
  int64_t *least = arena_new_array(scratch, int64_t, p->count);
  size_t example[256];
  bool ok = shifted(p, s->only_error, all, least, most);
  if (ok) {
    const network *net = c->model->net;
    const net_node *n = &net->nodes[c->node];
    s->layout = plan_layout_make(net, n, 4);
    s->classes = classify(all, p->rows, p->count, class_of, example);
    int lanes = s->row->lanes, lane_blocks = (s->filters + lanes - 1) / lanes;
    double read = 4.0 * s->layout.steps * lane_blocks, pixels = (double)n->shape.h * n->shape.w * c->images;
    // What expanding costs (about six times what reading does) is shared by the pixels that are done at once.
    pixels = pixels < ROW_PIXELS ? pixels : ROW_PIXELS;
    s->cost = 20 + 3.0 * s->filters + 2.0 * s->layout.channels +
              (read + widenings(p, s, most) * lane_blocks * 3) / s->row->rate +
              read * s->classes * lanes * 0.19 / pixels;
  }
  if (ok && pack) {
    size_t n = (size_t)s->classes;
    int taps = s->layout.in.c * s->layout.kh * s->layout.kw;
    uint16_t *columns = arena_new_array(mem, uint16_t, (p->count + 1) * n);
    for (size_t i = 0; i < p->count; i++)
      for (size_t r = 0; r < n; r++)
        columns[i * n + r] = all[i * p->rows + example[r]];
    s->columns = columns;
    s->column_count = p->count;
    uint16_t *offsets = arena_new_array(mem, uint16_t, 256);
    int32_t lowest = net_quant_lo(net_input_quant(c->model->net, &c->model->net->nodes[c->node]));
    for (size_t r = 0; r < p->rows; r++)
      offsets[(size_t)(p->lo - lowest) + r] = (uint16_t)(class_of[r] * s->row->lanes * 2 * 4);
    s->offsets = offsets;
    int64_t *start = arena_memdup(mem, s->start, (size_t)s->filters * sizeof *start);
    for (int i = 0; i < s->filters; i++)
      for (int tap = 0; tap < taps; tap++)
        start[i] += least[p->of[i * taps + tap]];
    s->start = start;
    s->bytes += (p->count + 1) * n * 2;
    pack_passes(mem, c, s, most);
  }
  arena_free(scratch);
  return ok;
}

bool plan_lookup(arena *mem, const plan_context *c, plan_slice *s, bool pack) {
  const plan_columns *p = c->columns;
  if (s->wide || !c->narrow_in || !p->table)
    return false;
  arena *scratch = arena_new();
  uint16_t *all = arena_new_array(scratch, uint16_t, p->count * p->rows);
  uint16_t *most = arena_new_array(scratch, uint16_t, p->count);
  int64_t *least = arena_new_array(scratch, int64_t, p->count);
  bool ok = shifted(p, false, all, least, most);
  s->layout = plan_layout_make(c->model->net, &c->model->net->nodes[c->node], 1);
  int taps = s->layout.in.c * s->layout.kh * s->layout.kw;
  s->cost = 20 + (double)s->filters * taps / c->kernels->lookup_rate + 3.5 * s->layout.steps;
  if (ok && pack) {
    int32_t lowest = net_quant_lo(net_input_quant(c->model->net, &c->model->net->nodes[c->node]));
    size_t first = (size_t)(p->lo - lowest);
    uint8_t *columns = arena_alloc(mem, p->count * COLUMN_BYTES);
    for (size_t i = 0; i < p->count; i++)
      for (size_t r = 0; r < p->rows; r++) {
        columns[i * COLUMN_BYTES + first + r] = (uint8_t)all[i * p->rows + r];
        columns[i * COLUMN_BYTES + 256 + first + r] = (uint8_t)(all[i * p->rows + r] >> 8);
      }
    int64_t *start = arena_memdup(mem, s->start, (size_t)s->filters * sizeof *start);
    int32_t *of = arena_new_array(mem, int32_t, (size_t)s->filters * (size_t)taps);
    for (int i = 0; i < s->filters; i++)
      for (int step = 0; step < s->layout.steps; step++) {
        int32_t column = p->of[i * taps + plan_layout_tap(&s->layout, step, 0)];
        of[i * taps + step] = column;
        start[i] += least[column];
      }
    s->start = start;
    s->column_bytes = columns;
    s->column_of = of;
    s->bytes += p->count * COLUMN_BYTES + (size_t)s->filters * (size_t)taps * 4;
  }
  arena_free(scratch);
  return ok;
}
