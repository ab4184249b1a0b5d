// SPDX-License-Identifier: Apache-2.0
//
// Dot diagrams: which bits, by weight, a generated multiplier adds up.
#ifndef AXGEN_GENLIB_DIAGRAM_H
#define AXGEN_GENLIB_DIAGRAM_H

#include "genlib/generate.h"

typedef enum { DOT_NONE, DOT_OMITTED, DOT_PRODUCT, DOT_NEGATIVE, DOT_LAST, DOT_CORRECTION, DOT_CONSTANT } dot_kind;
enum { ROWS_MAX = 20 };

typedef struct diagram {
  int width, rows;
  dot_kind dot[ROWS_MAX][WIDTH_MAX]; // by row and weight
  char label[ROWS_MAX][40];
  uint64_t constant;
} diagram;

#endif
