// SPDX-License-Identifier: Apache-2.0
//
// read: inside the report: parts of JSON files. What is wrong is an error that names the file and what was expected.
#ifndef AXGEN_REPORT_READ_H
#define AXGEN_REPORT_READ_H

#include "compiler/base/json.h"
#include "compiler/report/report.h"

enum {
  READ_FILE = 16 << 20,
  READ_ROWS = 4096,
  READ_KINDS = 32,
  READ_MORE = READ_KINDS + 4,
  READ_CELLS = 1 << 22
}; // bytes of a file; rows of a list; of a map
static const double READ_MOST = 1e18;

// doc->root is NULL where the file is not there.
bool report_read_open(arena *mem, const char *dir, const char *name, json_doc *doc, diag *d);
// A text, copied into `mem`; *out as it is where it is missing.
bool report_read_text(arena *mem, json_place at, const char *key, const char **out, diag *d);
// A number from -READ_MOST to READ_MOST; null counts as missing.
bool report_read_number(json_place at, const char *key, double *out, diag *d);
// Each object of the list `key` (none where it is missing) becomes an element of `size` bytes in *rows.
typedef bool report_read_row(arena *mem, json_place at, void *row, diag *d);
bool report_read_rows(arena *mem, json_place at, const char *key, size_t most, size_t size, report_read_row *read,
                      void *rows, size_t *count, diag *d);
// Members that the file's verb always writes, NULL at the end: one that is missing, or a number that is null, is an
// error.
bool report_read_need(json_place at, const char *const *keys, diag *d);
// The numbers of a list, 0 to `most` of them, from -READ_MOST to READ_MOST.
bool report_read_numbers(arena *mem, json_place at, const char *key, size_t most, double **out, size_t *count, diag *d);
// The members of an object of areas or energies, but `total`, in their order: whatever kinds it has, and they sum to
// the total where there are both. There is room for READ_MORE more.
bool report_read_kinds(arena *mem, json_place at, report_parts *out, diag *d);
// Whether `found`, the number `key`, is the sum of other numbers of the file but for rounding.
bool report_read_sum(json_place at, const char *key, double found, double sum, diag *d);
// The place of a multiplier's name in the list, which takes it up; false: the list is full.
bool report_read_name(report_names *n, const char *name, uint8_t *place);

#endif
