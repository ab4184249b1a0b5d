// SPDX-License-Identifier: Apache-2.0
//
// Running the table plans.
#include "compiler/engine/engine_run.h"

#include <string.h>

// The pixels of one residue by how many rows they add in the elements of one list. Residues are those of row and column
// modulo the stride: for one position of the kernel, all pixels of one residue add to the sums a constant distance
// before them. What they add between the output's rows is never read.
typedef struct {
  uint32_t pixels[ROW_CHANNELS + 1];
  const uint32_t *pixel[ROW_CHANNELS + 1];
  const uint16_t *row[ROW_CHANNELS + 1];
} row_list;

typedef struct {
  const slice_run *run;
  const plan_slice *s; // of the rows
  const uint8_t *staged;
  row_list *lists; // [lists][residues]
} rows_run;

static int residues(const plan_slice *s) { return s->layout.sh * (s->by_run ? 1 : s->layout.sw); }

// The distance of a position, and the residue.
static size_t distance(const plan_slice *s, int position, int *residue) {
  const plan_layout *l = &s->layout;
  int ky = s->by_run ? position : position / l->kw, kx = s->by_run ? 0 : position % l->kw;
  *residue = s->by_run ? ky % l->sh : ky % l->sh * l->sw + kx % l->sw;
  return (size_t)(ky / l->sh) * (size_t)l->grid_columns + (size_t)(kx / l->sw);
}

// Counts the rows of a list's pixels, or lists them.
static void scan(const rows_run *x, int list, int residue, uint32_t *tally, row_cursor *to) {
  const plan_slice *s = x->s;
  const plan_layout *l = &s->layout;
  const kernels *k = x->run->w->e->kernels;
  int element = list * s->channels,
      elements = s->elements - element < s->channels ? s->elements - element : s->channels;
  int shift = s->row->lanes == 32 ? 3 : 2; // eights of bytes in a row
  row_source src = {.channels = ((uint32_t)1 << elements) - 1, .channel_shift = shift, .class_shift = shift};
  while (1 << (src.class_shift - shift) < s->channels)
    src.class_shift++;
  size_t pixel = (size_t)l->in.c;
  if (!s->by_run && residues(s) == 1) { // all pixels
    src.classes = x->staged + element;
    src.pixel_bytes = pixel;
    src.pixels = (size_t)x->run->count * plan_layout_image(l);
    if (to)
      k->row_list(&src, 0, to);
    else
      k->row_tally(&src, tally);
    return;
  }
  int ry = s->by_run ? residue : residue / l->sw, rx = s->by_run ? 0 : residue % l->sw;
  src.pixel_bytes = pixel * (size_t)l->sw;
  // A run that begins beyond the last output pixel is not one.
  src.pixels = (size_t)(s->by_run ? l->out.w : (l->columns - rx + l->sw - 1) / l->sw);
  for (int i = 0; i < x->run->count; i++)
    for (int y = 0; y * l->sh + ry < l->rows; y++) {
      size_t at = (size_t)i * plan_layout_image(l) + (size_t)((y * l->sh + ry) * l->columns + rx);
      src.classes = x->staged + at * pixel + element;
      if (to)
        k->row_list(&src, (uint32_t)((i * l->grid_rows + y) * l->grid_columns), to);
      else
        k->row_tally(&src, tally);
    }
}

static void make_lists(rows_run *x) {
  enum { BEYOND = 16 }; // rows that may be written beyond a list
  const plan_slice *s = x->s;
  int count = s->lists * residues(s);
  size_t pixels = 0, rows = 0;
  row_list *lists = engine_worker_buffer(x->run->w, BUFFER_LISTS, (size_t)count * sizeof *lists);
  memset(lists, 0, (size_t)count * sizeof *lists);
  for (int i = 0; i < count; i++) {
    scan(x, i / residues(s), i % residues(s), lists[i].pixels, NULL);
    for (uint32_t n = 0; n <= ROW_CHANNELS; n++) {
      pixels += lists[i].pixels[n];
      rows += (size_t)lists[i].pixels[n] * n + BEYOND;
    }
  }
  uint32_t *pixel = engine_worker_buffer(x->run->w, BUFFER_LISTED, pixels * sizeof *pixel + rows * sizeof(uint16_t));
  uint16_t *row = (uint16_t *)(void *)(pixel + pixels);
  for (int i = 0; i < count; i++) {
    row_cursor to;
    for (uint32_t n = 0; n <= ROW_CHANNELS; n++) {
      lists[i].pixel[n] = to.pixel[n] = pixel;
      lists[i].row[n] = to.row[n] = row;
      pixel += lists[i].pixels[n];
      row += (size_t)lists[i].pixels[n] * n + BEYOND;
    }
    scan(x, i / residues(s), i % residues(s), NULL, &to);
  }
  x->lists = lists;
}

static void run_pass(const rows_run *x, const plan_pass *p, const uint8_t *table, uint16_t *acc) {
  int residue;
  size_t before = distance(x->s, p->at, &residue);
  const row_list *list = &x->lists[p->list * residues(x->s) + residue];
  for (int n = 1; n <= x->s->channels; n++) {
    rows_args a = {list->pixel[n], list->row[n], list->pixels[n], n, table, acc - before * (size_t)x->s->row->lanes};
    x->s->row->add(&a);
  }
}

// A block of filters: leaves the sums in wide, on top of what is there unless `first`.
static void run_block(const rows_run *x, int block, bool first, size_t pixels, int32_t *wide) {
  const plan_slice *s = x->s;
  size_t lanes = (size_t)s->row->lanes;
  int last;
  size_t before = distance(s, s->positions - 1, &last);
  uint16_t *acc = engine_worker_buffer(x->run->w, BUFFER_SUMS, (before + pixels) * lanes * sizeof *acc);
  uint8_t *table = engine_worker_buffer(x->run->w, BUFFER_TABLE, (size_t)(s->classes * s->channels) * lanes * 2);
  const plan_pass *pass = s->pass[block];
  for (size_t i = 0; i < before + pixels; i++)
    memcpy(acc + i * lanes, pass->start, lanes * sizeof *acc);
  acc += before * lanes;
  for (int i = 0; i < s->pass_count[block]; i++) {
    plan_rows_expand(s, &pass[i], table);
    run_pass(x, &pass[i], table, acc);
    if (!pass[i].flush)
      continue;
    widen_args w = {.acc = acc, .wide = wide, .pixels = pixels, .first = first};
    w.next = i + 1 < s->pass_count[block] ? pass[i + 1].start : NULL;
    s->row->widen(&w);
    first = false;
  }
}

int engine_rows_images(const plan_slice *s) {
  int64_t n = ROW_PIXELS / ((int64_t)s->layout.out.h * s->layout.out.w);
  return n < 1 ? 1 : (int)n;
}

void engine_run_rows(slice_run *r) {
  const plan_slice *s = r->s, *rows = s->error ? s->error : s;
  const plan_layout *l = &s->layout;
  rows_run x = {.run = r, .s = rows};
  stage_args st = engine_slice_stage(r, rows->class_of, 1);
  uint8_t *staged = engine_worker_buffer(r->w, BUFFER_STAGED, engine_stage_bytes(l, 1, r->count));
  engine_stage(r->w, &st, staged);
  x.staged = staged;
  make_lists(&x);
  size_t pixels = (size_t)r->count * plan_layout_grid(l), lanes = (size_t)rows->row->lanes;
  int32_t *wide = engine_worker_buffer(r->w, BUFFER_WIDE, (pixels + PANEL) * lanes * sizeof *wide), *common = NULL;
  dot_run d;
  if (s->error) // the classes are not needed any more; often they are the factors
    d = engine_dot_stage(r, s->element == 1 && s->maps == 1 && s->map[0] && !memcmp(s->map[0], rows->class_of, 256));
  if (s->error && s->common) {
    common = engine_worker_buffer(r->w, BUFFER_COMMON, (pixels + PANEL) * TILE * sizeof *common);
    engine_dot_tiles(&d, s->filters / TILE, 1, common, TILE);
    common += s->filters % TILE;
  }
  for (int b = 0; b < rows->lane_blocks; b++) {
    int tile = b * (int)lanes / TILE, tiles = s->tiles - tile < (int)lanes / TILE ? s->tiles - tile : (int)lanes / TILE;
    if (s->error)
      engine_dot_tiles(&d, tile, tiles, wide, lanes);
    run_block(&x, b, !s->error, pixels, wide);
    int first = b * (int)lanes, filters = s->filters - first < (int)lanes ? s->filters - first : (int)lanes;
    for (size_t p = 0; p < pixels; p += PANEL) {
      sums_args a = {.sums = wide + p * lanes,
                     .stride = lanes,
                     .common = common ? common + p * TILE : NULL,
                     .common_stride = TILE,
                     .grid = (int64_t)p,
                     .pixels = pixels - p < PANEL ? (int)(pixels - p) : PANEL,
                     .first = first,
                     .filters = filters};
      engine_store_sums(r, &a);
    }
  }
}

size_t engine_rows_working(const plan_slice *s, int batch) {
  const plan_layout *l = &s->layout;
  const plan_slice *rows = s->error ? s->error : s;
  int images = engine_fewer(engine_rows_images(s), batch);
  size_t grid = plan_layout_grid(l) * (size_t)images, lanes = (size_t)rows->row->lanes;
  size_t listed = (size_t)rows->lists * (size_t)images * plan_layout_image(l); // pixels, each with its rows
  return (size_t)(s->maps ? s->maps : 1) * engine_stage_bytes(l, s->element ? s->element : 1, images) +
         grid * (lanes * 6 + (s->common ? TILE * 4 : 0)) + (size_t)(rows->classes * rows->channels) * lanes * 2 +
         listed * (4 + 2 * (size_t)rows->channels);
}

void engine_rows_explain(const plan_slice *s, str *what) {
  int passes = 0, flushes = 0;
  for (int b = 0; b < s->lane_blocks; b++)
    for (int i = 0; i < s->pass_count[b]; i++, passes++)
      flushes += s->pass[b][i].flush;
  str_printf(what, "%d rows of %d, %d passes of %d, %d widenings", s->classes, s->row->lanes, passes, s->channels,
             flushes);
}

void engine_fixed_explain(const plan_slice *s, str *what) {
  engine_dot_explain(s, what);
  str_add(what, "; ");
  engine_rows_explain(s->error, what);
}
