// SPDX-License-Identifier: Apache-2.0
//
// Maps of what stands where.
#include "compiler/base/escape.h"
#include "compiler/plot/page.h"

#include <string.h>

// Cells on a side; up to how many cells there is a shape for each run of equal ones, which can say what it is
// (cells of small maps are seen one by one).
enum { SIDE = 128, SHAPES = 2048, CELLS = 512, LINE = 16 };

static const uint8_t RAMP[][3] = {{68, 1, 84},    {72, 40, 120},  {62, 74, 137},  {49, 104, 142}, {38, 130, 142},
                                  {31, 158, 137}, {53, 183, 121}, {109, 205, 89}, {180, 222, 44}, {253, 231, 37}};

static void ramp(size_t i, size_t n, uint8_t rgb[3]) {
  enum { LAST = BASE_COUNT(RAMP) - 1 };
  double at = n > 1 ? (double)i / (double)(n - 1) * LAST : 0;
  size_t below = at < LAST ? (size_t)at : LAST - 1;
  for (int c = 0; c < 3; c++)
    rgb[c] = (uint8_t)(RAMP[below][c] + (at - (double)below) * (RAMP[below + 1][c] - RAMP[below][c]) + 0.5);
}

const char *page_ramp(size_t i, size_t n, char text[8]) {
  uint8_t rgb[3];
  ramp(i, n, rgb);
  snprintf(text, 8, "#%02x%02x%02x", rgb[0], rgb[1], rgb[2]);
  return text;
}

// A map as it is drawn; `none` where a line is not full.
typedef struct {
  uint8_t cells[SIDE * SIDE];
  size_t rows, cols, block;
} drawing;
enum { NONE = 255 };

// What most of a block hold; of several the first.
static uint8_t most_in(const page_map *m, size_t row, size_t col, size_t block) {
  uint32_t count[256] = {0};
  uint8_t best = NONE;
  for (size_t r = row; r < row + block && r < m->rows; r++)
    for (size_t c = col; c < col + block && c < m->cols; c++)
      count[m->cells[r * m->cols + c]]++;
  for (int i = 0; i < NONE; i++)
    if (count[i] > (best == NONE ? 0 : count[best]))
      best = (uint8_t)i;
  return best;
}

static void lay_out(const page_map *m, drawing *d) {
  size_t longest = m->rows > m->cols ? m->rows : m->cols;
  d->block = (longest + SIDE - 1) / SIDE;
  if (m->cols == 1 && m->rows > LINE && m->rows <= LINE * SIDE) {
    d->block = 1;
    d->cols = LINE;
    d->rows = (m->rows + LINE - 1) / LINE;
    memset(d->cells, NONE, d->rows * d->cols);
    memcpy(d->cells, m->cells, m->rows);
    return;
  }
  d->rows = (m->rows + d->block - 1) / d->block;
  d->cols = (m->cols + d->block - 1) / d->block;
  for (size_t r = 0; r < d->rows; r++)
    for (size_t c = 0; c < d->cols; c++)
      d->cells[r * d->cols + c] = most_in(m, r * d->block, c * d->block, d->block);
}

// Pixels a cell, so that small maps can be seen and large ones have room.
static int scale_of(const drawing *d) {
  size_t longest = d->rows > d->cols ? d->rows : d->cols;
  return longest <= 16 ? 12 : longest <= 32 ? 7 : longest <= 64 ? 4 : 2;
}

static void add_shapes(const page_map *m, const drawing *d, str *out) {
  for (size_t k = 0; k < m->name_count; k++) {
    str path = {0};
    for (size_t r = 0; r < d->rows; r++)
      for (size_t c = 0, n; c < d->cols; c += n) {
        for (n = 1; d->rows * d->cols > CELLS && c + n < d->cols &&
                    d->cells[r * d->cols + c + n] == d->cells[r * d->cols + c];)
          n++;
        if (d->cells[r * d->cols + c] == k)
          str_printf(&path, "M%zu %zuh%zuv1h-%zuz", c, r, n, n);
      }
    if (path.data) {
      char colour[8];
      str_printf(out, "<path fill=\"%s\" d=\"%s\"><title>", page_ramp(m->rank[k], m->name_count, colour), path.data);
      escape_xml(out, m->names[k]);
      str_add(out, "</title></path>");
    }
    str_free(&path);
  }
}

static void add_picture(const page_map *m, const drawing *d, str *out) {
  uint8_t palette[256][3];
  for (size_t k = 0; k < m->name_count; k++)
    ramp(m->rank[k], m->name_count, palette[k]);
  str png = {0};
  page_png(d->cells, d->cols, d->rows, (const uint8_t(*)[3])palette, m->name_count, &png);
  str_add(out, "data:image/png;base64,");
  page_base64(png.data, png.len, out);
  str_free(&png);
}

void page_map_figure(const page_map *m, str *out) {
  assert(m->rows && m->cols && m->name_count && m->name_count < NONE);
  drawing d;
  lay_out(m, &d);
  int scale = scale_of(&d);
  size_t width = d.cols * (size_t)scale, height = d.rows * (size_t)scale;
  str_add(out, "<figure class=\"map\">");
  if (d.rows * d.cols <= SHAPES) {
    str_printf(out,
               "<svg width=\"%zu\" height=\"%zu\" viewBox=\"0 0 %zu %zu\" shape-rendering=\"crispEdges\" role=\"img\" "
               "aria-label=\"",
               width, height, d.cols, d.rows);
    escape_xml(out, m->title);
    str_add(out, d.rows * d.cols > CELLS ? "\">" : "\" class=\"cells\">");
    add_shapes(m, &d, out);
    str_add(out, "</svg>");
  } else {
    str_printf(out, "<img width=\"%zu\" height=\"%zu\" alt=\"", width, height);
    escape_xml(out, m->title);
    str_add(out, "\" src=\"");
    add_picture(m, &d, out);
    str_add(out, "\">");
  }
  str_add(out, "<figcaption><b>");
  escape_xml(out, m->title);
  str_printf(out, "</b> %zu %s%s", m->rows, m->rows_are, m->rows == 1 ? "" : "s");
  if (m->cols > 1)
    str_printf(out, " &times; %zu %s%s", m->cols, m->cols_are, m->cols == 1 ? "" : "s");
  if (d.block > 1)
    str_printf(out, "; a cell: the most frequent of %zu&times;%zu", d.block, d.block);
  str_add(out, "</figcaption></figure>\n");
}
