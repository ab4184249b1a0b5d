// SPDX-License-Identifier: Apache-2.0
//
// What reading the parts of a cell needs to know of the whole library. Private to liberty*.c.
#ifndef AXGEN_LIBERTY_TABLE_H
#define AXGEN_LIBERTY_TABLE_H

#include "genlib/cells/liberty.h"
#include "genlib/cells/liberty_tree.h"

typedef struct {
  arena *mem;
  const liberty_source *source;
  const liberty_node *library;
  double time, cap, leakage, energy, volt; // file's units in ns, fF, nW, fJ, V
  const liberty_node **templates; // of tables, by name
  size_t template_count;
  size_t arcs; // of all cells read so far, with energies
  diag *d;
} liberty_reader;

bool liberty_bad(liberty_reader *r, const liberty_node *at, const char *what);
bool liberty_units(liberty_reader *r);
void liberty_templates(liberty_reader *r);
bool liberty_number(const char *text, double *out); // the whole text; finite
// The table in the group `table` of `parent` (nothing when there is none), its values times `unit`.
bool liberty_table_read(liberty_reader *r, const liberty_node *parent, const char *table, double unit,
                        liberty_table *out);

#endif
