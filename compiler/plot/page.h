// SPDX-License-Identifier: Apache-2.0
//
// page: what pages of HTML are built of. A page needs nothing from outside the file and runs no script; its policy
// (Content-Security-Policy) says so to the browser. It is readable from a phone's width up, in the dark and on paper.
// All texts may be anything: they are escaped.
#ifndef AXGEN_PAGE_H
#define AXGEN_PAGE_H

#include "compiler/base/base.h"

void page_begin(const char *title, str *out);
void page_end(str *out);

// A heading of level 2 or 3, printf's text; `id` (letters, digits, dashes) is what links lead to, NULL: none.
void page_heading(str *out, int level, const char *id, const char *fmt, ...) BASE_PRINTF(4, 5);
void page_note(str *out, const char *fmt, ...) BASE_PRINTF(2, 3); // a paragraph of small print

// A table that scrolls on its own where it is wider than the page; its first column stays in sight. Columns whose name
// begins with `>` hold numbers. Row by row: page_row, a page_text or page_number for each column, page_row_end.
void page_table(str *out, const char *caption, const char *const *columns, size_t count);
// `head` is the first column, which leads to #link unless that is NULL; id as above.
void page_row(str *out, const char *id, const char *link, const char *head);
void page_text(str *out, const char *text);
void page_number(str *out, double v, int digits, const char *unit); // digits behind the point; NAN: a dash
void page_heat(str *out, double v, int digits,
               double share); // coloured by share: 0 none, 1 all; below 0 another colour
void page_row_end(str *out);
void page_table_end(str *out);

// A number for people: thousands apart, a dash for NAN.
void page_value(str *out, double v, int digits);

// Colours of parts that stand beside each other on a page, by number; 0 is grey.
enum { PAGE_COLOURS = 12 };

// A cell with a bar: parts one behind the other, each of `value` on a scale that ends at `most`.
typedef struct {
  double value;
  int colour;
  const char *shade; // #rrggbb in its place; NULL: none
  const char *tip; // what it says when a pointer rests on it; NULL: nothing
} page_part;
void page_bar(str *out, const page_part *parts, size_t count, double most);
// A table of such bars, a name before each and a text behind it, without lines between them; ends as others do.
void page_bars(str *out, const char *caption);
// What the colours mean, as a line: part i has the colour or shade of name i.
void page_legend(str *out, const char *const *names, const page_part *parts, size_t count);

// A colour from dark to bright for the i-th of n, as #rrggbb: an order that eyes see, with the common colour-vision
// deficiencies too (viridis).
const char *page_ramp(size_t i, size_t n, char text[8]);

// A map of what stands where: cells[row * cols + col] is one of names. At most 128 x 128 cells are drawn: of a larger
// map a cell shows what most of the block of cells it stands for hold, and the caption says so. With one column, the
// cells are laid in lines of 16. Small maps say what a cell holds when a pointer rests on it.
typedef struct {
  const char *title, *rows_are, *cols_are; // "filter", "channel"
  const char *const *names; // [name_count]; colours by page_ramp of their rank
  const size_t *rank; // [name_count] below name_count
  size_t name_count;
  const uint8_t *cells;
  size_t rows, cols;
} page_map;
void page_map_figure(const page_map *m, str *out);

// Base64, and an indexed picture as PNG.
void page_base64(const void *data, size_t size, str *out);
void page_png(const uint8_t *pixels, size_t width, size_t height, const uint8_t (*palette)[3], size_t colours,
              str *out);

#endif
