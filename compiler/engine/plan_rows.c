// SPDX-License-Identifier: Apache-2.0
//
// Plan rows: for each weight position an expanded table [activation class][filters] of 16-bit products, of which each
// pixel adds one row. The zero code's row is subtracted from all others, so that zeros add nothing and are left out.
// Sums start so high that they stay unsigned; they are widened where a filter's might exceed 16 bits, by the actual
// weights.
#include "compiler/engine/cost.h"
#include "compiler/engine/plan.h"

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

// Codes whose rows are equal form a class, the origin's being the first; class_of[row], and one row of each class.
static int classify(const uint16_t *columns, const plan_columns *p, uint8_t *class_of, size_t *example) {
  int classes = 1;
  example[0] = p->origin;
  for (size_t r = 0; r < p->rows; r++) {
    int k = 0;
    for (; k < classes; k++) {
      size_t c = 0;
      while (c < p->count && columns[c * p->rows + r] == columns[c * p->rows + example[k]])
        c++;
      if (c == p->count)
        break;
    }
    if (k == classes)
      example[classes++] = r;
    class_of[r] = (uint8_t)k;
  }
  return classes;
}

typedef struct {
  const plan_columns *columns;
  plan_slice *slice;
  const uint16_t *all, *most; // the shifted columns and the greatest of each
  int lanes;
} pass_maker;

// The column of filter f at a position of the kernel for element e; -1: none.
static int32_t column_at(const plan_columns *p, const plan_slice *s, int f, int at, int e) {
  const plan_layout *l = &s->layout;
  if (f >= s->filters || e >= s->elements)
    return -1;
  int tap = s->by_run ? plan_layout_tap(l, at, e) : plan_layout_tap(l, at / l->kw, at % l->kw * l->in.c + e);
  return p->of[f * l->in.c * l->kh * l->kw + tap];
}

// Whether no filter's sum exceeds 16 bits when so many channels are added at once.
static bool fits(const plan_columns *p, const plan_slice *s, const uint16_t *most, int channels) {
  for (int f = 0; f < s->filters; f++)
    for (int at = 0; at < s->positions; at++)
      for (int v = 0; v < s->elements; v += channels) {
        int32_t sum = 0;
        for (int i = 0; i < channels; i++) {
          int32_t c = column_at(p, s, f, at, v + i);
          sum += c < 0 ? 0 : most[c];
        }
        if (sum > UINT16_MAX)
          return false;
      }
  return true;
}

static int channels_at_once(const plan_columns *p, const plan_slice *s, const uint16_t *most) {
  int channels = ROW_CHANNELS;
  while (channels > 4 && channels / 2 >= s->elements)
    channels /= 2;
  while (channels > 1 && !fits(p, s, most, channels))
    channels /= 2;
  return channels;
}

// Adds a pass to the sums' bounds and starts; false and no change: one would exceed 16 bits.
static bool bounded(const pass_maker *m, const plan_pass *p, int32_t *bound, uint16_t *start) {
  int32_t sum[ROW_LANES_MAX] = {0};
  int channels = m->slice->channels;
  for (int i = 0; i < m->lanes; i++) {
    sum[i] = bound[i];
    for (int j = 0; j < channels; j++)
      sum[i] += p->column[j * m->lanes + i] < 0 ? 0 : m->most[p->column[j * m->lanes + i]];
    if (sum[i] > UINT16_MAX)
      return false;
  }
  memcpy(bound, sum, (size_t)m->lanes * sizeof *bound);
  for (int i = 0; i < m->lanes; i++)
    for (int j = 0; j < channels; j++) {
      int32_t c = p->column[j * m->lanes + i];
      start[i] = (uint16_t)(start[i] + (c < 0 ? 0 : m->all[(size_t)c * m->columns->rows + m->columns->origin]));
    }
  return true;
}

static int make_passes(arena *mem, const pass_maker *m, int block, plan_pass **out) {
  const plan_slice *s = m->slice;
  int positions = s->positions, count = 0;
  plan_pass *pass = arena_new_array(mem, plan_pass, (size_t)(s->lists * positions));
  int32_t bound[ROW_LANES_MAX] = {0};
  uint16_t *start = arena_new_array(mem, uint16_t, (size_t)m->lanes);
  for (int list = 0; list < s->lists; list++)
    for (int at = 0; at < positions; at++) {
      plan_pass *p = &pass[count];
      *p = (plan_pass){.list = list, .at = at};
      p->column = arena_new_array(mem, int32_t, (size_t)(s->channels * m->lanes));
      for (int j = 0; j < s->channels; j++)
        for (int i = 0; i < m->lanes; i++)
          p->column[j * m->lanes + i] = column_at(m->columns, s, block * m->lanes + i, at, list * s->channels + j);
      if (!bounded(m, p, bound, start)) {
        assert(count); // channels_at_once
        pass[count - 1].flush = true;
        memset(bound, 0, sizeof bound);
        start = arena_new_array(mem, uint16_t, (size_t)m->lanes);
        bool alone = bounded(m, p, bound, start);
        assert(alone);
        (void)alone;
      }
      p->start = start;
      count++;
    }
  pass[count - 1].flush = true;
  *out = pass;
  return count;
}

void plan_rows_expand(const plan_slice *s, const plan_pass *p, uint8_t *out) {
  const uint16_t *columns[ROW_CHANNELS * ROW_LANES_MAX];
  for (int i = 0; i < s->channels * s->row->lanes; i++) {
    int32_t c = p->column[i];
    columns[i] = s->columns + (c < 0 ? s->column_count : (size_t)c) * (size_t)s->classes;
  }
  s->row->expand(columns, s->channels, s->classes, (uint16_t *)(void *)out);
}

static void pack_passes(arena *mem, const plan_context *c, plan_slice *s, const uint16_t *all, const uint16_t *most) {
  pass_maker m = {c->columns, s, all, most, s->row->lanes};
  s->lane_blocks = (s->filters + m.lanes - 1) / m.lanes;
  s->pass = arena_new_array(mem, plan_pass *, (size_t)s->lane_blocks);
  s->pass_count = arena_new_array(mem, int, (size_t)s->lane_blocks);
  for (int b = 0; b < s->lane_blocks; b++) {
    s->pass_count[b] = make_passes(mem, &m, b, &s->pass[b]);
    s->bytes += (size_t)s->pass_count[b] * ((size_t)(s->channels * m.lanes) * 4 + sizeof(plan_pass));
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
  return 1 + COST_ROWS_WIDEN_SLACK * worst / UINT16_MAX;
}

// The slice's columns, shifted, and its classes of codes.
typedef struct {
  uint16_t *all, *most; // as `shifted` gives them
  int64_t *least;
  uint8_t class_of[256];
  size_t example[256];
} row_classes;

// Decides the shape: how positions and channels are walked, the classes, how many channels are added at once.
static void rows_shape(const plan_context *c, row_classes *k, plan_slice *s) {
  s->layout = plan_layout_make(c->model->net, &c->model->net->nodes[c->node]);
  const plan_layout *l = &s->layout;
  int runs = (plan_layout_run(l) + ROW_CHANNELS - 1) / ROW_CHANNELS,
      pixels_of = (l->in.c + ROW_CHANNELS - 1) / ROW_CHANNELS;
  s->by_run = runs < l->kw * pixels_of;
  s->positions = s->by_run ? l->kh : l->kh * l->kw;
  s->elements = s->by_run ? plan_layout_run(l) : l->in.c;
  s->classes = classify(k->all, c->columns, k->class_of, k->example);
  s->channels = channels_at_once(c->columns, s, k->most);
  s->lists = (s->elements + s->channels - 1) / s->channels;
}

// The rows' cost, and `expanding`.
static double rows_cost(const plan_context *c, const row_classes *k, plan_slice *s) {
  const network *net = c->model->net;
  const net_node *n = &net->nodes[c->node];
  int lanes = s->row->lanes, lane_blocks = (s->filters + lanes - 1) / lanes;
  double rows = (double)lane_blocks * s->positions * s->elements;
  double passes = (double)lane_blocks * s->positions * s->lists;
  double pixels = (double)n->shape.h * n->shape.w * c->images;
  // Half of the codes after a ReLU are zeros, as a rule.
  double listed = rows * (infer_code_range(net, n->inputs[0]).lo >= net_input_quant(net, n).zero ? 0.5 : 1);
  // What expanding costs (some times what adding does) is shared by the pixels that are done at once.
  pixels = pixels < ROW_PIXELS ? pixels : ROW_PIXELS;
  s->expanding = rows * s->classes * lanes * COST_ROWS_EXPAND;
  return COST_SLICE + COST_ROWS_STORE * s->filters + COST_ROWS_STAGE * s->layout.in.c + COST_ROWS_LIST * s->lists +
         COST_ROWS_PASS * passes +
         (listed + widenings(c->columns, s, k->most) * lane_blocks * COST_ROWS_WIDEN) / s->row->rate +
         s->expanding / pixels;
}

static void rows_pack(arena *mem, const plan_context *c, const row_classes *k, plan_slice *s) {
  const plan_columns *p = c->columns;
  size_t n = (size_t)s->classes;
  int taps = s->layout.in.c * s->layout.kh * s->layout.kw;
  uint16_t *columns = arena_new_array(mem, uint16_t, (p->count + 1) * n);
  for (size_t i = 0; i < p->count; i++)
    for (size_t r = 0; r < n; r++)
      columns[i * n + r] = (uint16_t)(k->all[i * p->rows + k->example[r]] - k->all[i * p->rows + p->origin]);
  s->columns = columns;
  s->column_count = p->count;
  uint8_t *classes = arena_alloc(mem, 256);
  int32_t lowest = net_quant_lo(net_input_quant(c->model->net, &c->model->net->nodes[c->node]));
  memcpy(classes + (p->lo - lowest), k->class_of, p->rows);
  s->class_of = classes;
  int64_t *start = arena_memdup(mem, s->start, (size_t)s->filters * sizeof *start);
  for (int i = 0; i < s->filters; i++)
    for (int tap = 0; tap < taps; tap++)
      start[i] += k->least[p->of[i * taps + tap]];
  s->start = start;
  s->bytes += (p->count + 1) * n * 2;
  pack_passes(mem, c, s, k->all, k->most);
}

bool plan_rows(arena *mem, const plan_context *c, plan_slice *s, bool pack) {
  const plan_columns *p = c->columns;
  if (s->wide || !c->narrow_in || !p->table)
    return false;
  const row_kernel *rows = c->kernels->rows;
  s->row = rows[1].add && s->filters <= rows[1].lanes ? &rows[1] : &rows[0];
  arena *scratch = arena_new();
  row_classes k = {.all = arena_new_array(scratch, uint16_t, p->count * p->rows),
                   .most = arena_new_array(scratch, uint16_t, p->count),
                   .least = arena_new_array(scratch, int64_t, p->count)};
  bool ok = shifted(p, s->only_error, k.all, k.least, k.most);
  if (ok) {
    rows_shape(c, &k, s);
    s->cost = rows_cost(c, &k, s);
  }
  if (ok && pack)
    rows_pack(mem, c, &k, s);
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
  s->layout = s->depthwise ? plan_layout_depthwise(c->model->net, &c->model->net->nodes[c->node])
                           : plan_layout_make(c->model->net, &c->model->net->nodes[c->node]);
  int taps = (s->depthwise ? 1 : s->layout.in.c) * s->layout.kh * s->layout.kw;
  s->cost = COST_SLICE + COST_LOOKUP_STORE * s->filters + (double)s->filters * taps / c->kernels->lookup_rate;
  s->cost +=
      (s->layout.in.c == 1 && s->layout.sh == 1 && s->layout.sw == 1 ? COST_LOOKUP_PANEL_ROW : COST_LOOKUP_PANEL) *
      taps;
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
      for (int at = 0; at < taps; at++) {
        int run = taps / s->layout.kh, tap = s->depthwise ? at : plan_layout_tap(&s->layout, at / run, at % run);
        int32_t column = p->of[i * taps + tap];
        of[i * taps + at] = column;
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
