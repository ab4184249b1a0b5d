// SPDX-License-Identifier: Apache-2.0
//
// Product tables of 8 x 8 bits from files. What the indices and the words mean is not written in such files: it is
// asked for, or found out by comparing with a * b under each convention.
#include "genlib/genlib.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE = 256, CELLS = SIDE * SIDE, FILE_MAX = 1 << 24 };

typedef struct {
  const char *path;
  const mul_table_options *options;
  int32_t *raw; // in the file's order
  bool is_words; // 16-bit words: their sign is not known
  diag *d;
} reader;

static bool read_binary(reader *r, const bytes *file) {
  if (file->size != 2 * CELLS)
    return diag_error(r->d, "%s: %zu bytes; a table of 8 x 8 bits has %d (65,536 little-endian words of 16 bits)",
                      r->path, file->size, 2 * CELLS);
  for (int i = 0; i < CELLS; i++)
    r->raw[i] = file->data[2 * i] | file->data[2 * i + 1] << 8;
  r->is_words = true;
  return true;
}

// Comments and, in a header, everything up to the first opening brace become blanks; lines stay lines.
static void blank_out(char *text, bool header) {
  if (header)
    for (char *p = text; *p && *p != '{'; p++)
      if (*p != '\n')
        *p = ' ';
  for (char *p = text; *p; p++) {
    size_t n = 0;
    if (*p == '#' || (p[0] == '/' && p[1] == '/'))
      n = strcspn(p, "\n");
    else if (p[0] == '/' && p[1] == '*') {
      char *end = strstr(p + 2, "*/");
      n = end ? (size_t)(end + 2 - p) : strlen(p);
    }
    for (; n; n--, p++)
      if (*p != '\n')
        *p = ' ';
    if (!*p)
      break;
  }
}

static bool read_numbers(reader *r, const bytes *file, bool header) {
  char *text = strdup((const char *)file->data);
  src_pos pos = {.file = r->path, .line = 1, .text = (const char *)file->data};
  blank_out(text, header);
  const char *line = text;
  int count = 0;
  bool good = true;
  for (char *p = text; good && *p;) {
    if (*p == '\n') {
      pos.line++;
      line = ++p;
    } else if (isspace((unsigned char)*p) || strchr(",;{}", *p)) {
      p++;
    } else {
      char *end;
      long v = strtol(p, &end, 0);
      pos.column = (int)(p - line) + 1;
      if (end == p || (*end && !isspace((unsigned char)*end) && !strchr(",;{}", *end)))
        good = diag_at(r->d, pos, "a number was expected");
      else if (v < -CELLS * 2 || v > CELLS * 2)
        good = diag_at(r->d, pos, "%ld is no product of 8 x 8 bits", v);
      else if (count == CELLS)
        good = diag_at(r->d, pos, "more than %d numbers", CELLS);
      else
        r->raw[count++] = (int32_t)v;
      p = end;
    }
  }
  free(text);
  if (good && count < CELLS)
    good = diag_error(r->d, "%s: %d numbers; a table of 8 x 8 bits has %d", r->path, count, CELLS);
  return good;
}

// The table in our own order under a convention, and its mean distance from a * b.
static double arrange(const reader *r, int index, int32_t *table) {
  double distance = 0;
  int flip = index == TABLE_OFFSET ? 128 : 0;
  for (int a = 0; a < SIDE; a++)
    for (int b = 0; b < SIDE; b++) {
      int row = a ^ flip, column = b ^ flip;
      int32_t v = r->options->b_major ? r->raw[column * SIDE + row] : r->raw[row * SIDE + column];
      bool is_signed = index != TABLE_UNSIGNED;
      if (r->is_words && is_signed)
        v = (int16_t)v;
      table[a * SIDE + b] = v;
      distance += abs(v - mul_value((uint32_t)a, 8, is_signed) * mul_value((uint32_t)b, 8, is_signed));
    }
  return distance / CELLS;
}

static bool choose(reader *r, int32_t *table, int *index) {
  static const char *const names[] = {"", "signed", "unsigned", "signed with offset 128"};
  double distance[4] = {0}, best = HUGE_VAL, second = HUGE_VAL, zero[4] = {0, 4096, 16256.25, 4096}; // mean |a * b|
  for (int k = TABLE_SIGNED; k <= TABLE_OFFSET; k++) {
    distance[k] = arrange(r, k, table);
    // Relative to the products' own size, or the signed readings would look better than they are.
    double relative = distance[k] / zero[k];
    if (relative < best) {
      second = best;
      best = relative;
      if (r->options->index == TABLE_DETECT)
        *index = k;
    } else if (relative < second) {
      second = relative;
    }
  }
  if (r->options->index == TABLE_DETECT && best > second / 2)
    return diag_error(r->d,
                      "%s: what the indices mean cannot be told from the values: mean distance from a * b is %.0f "
                      "signed, %.0f unsigned, %.0f signed with offset 128; say which",
                      r->path, distance[TABLE_SIGNED], distance[TABLE_UNSIGNED], distance[TABLE_OFFSET]);
  if (r->options->index != TABLE_DETECT && distance[*index] > zero[*index] / 2)
    diag_warn(r->d, "%s: read as %s the products are far from a * b (mean distance %.0f)", r->path, names[*index],
              distance[*index]);
  arrange(r, *index, table);
  return true;
}

static const char *stem(arena *mem, const char *path) {
  const char *slash = strrchr(path, '/'), *start = slash ? slash + 1 : path, *dot = strrchr(start, '.');
  return dot && dot > start ? arena_strndup(mem, start, (size_t)(dot - start)) : start;
}

const mul *mul_import_table(arena *mem, const char *path, const mul_table_options *options, diag *d) {
  static const mul_table_options defaults = {0};
  reader r = {.path = path, .options = options ? options : &defaults, .d = d};
  bytes file;
  if (!file_read(mem, path, FILE_MAX, &file, d))
    return NULL;
  r.raw = malloc(CELLS * sizeof *r.raw);
  int32_t *table = malloc(CELLS * sizeof *table);
  bool header = str_ends_with(path, ".h") || str_ends_with(path, ".c");
  int index = (int)r.options->index;
  bool good = str_ends_with(path, ".bin") ? read_binary(&r, &file) : read_numbers(&r, &file, header);
  const mul *m = NULL;
  if (good && choose(&r, table, &index)) {
    bool is_signed = index != TABLE_UNSIGNED;
    mul_sig sig = {.a_bits = 8, .b_bits = 8, .a_signed = is_signed, .b_signed = is_signed};
    m = mul_from_table(mem, r.options->name ? r.options->name : stem(mem, path), sig, table);
  }
  free(table);
  free(r.raw);
  return m;
}
