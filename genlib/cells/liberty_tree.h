// SPDX-License-Identifier: Apache-2.0
//
// The syntax of a Liberty file as a tree, before it means anything. Private to liberty*.c.
#ifndef AXGEN_LIBERTY_TREE_H
#define AXGEN_LIBERTY_TREE_H

#include "compiler/base/base.h"

// `name : value;`, `name (a, b);` or `name (a, b) { ... }`.
typedef struct liberty_node {
  const char *name;
  const char **args; // the value, or what is in the brackets; quotes removed
  size_t arg_count;
  bool group;
  struct liberty_node *first, *last, *next; // children of a group; the next sibling
  uint32_t offset; // of the name in the text
  uint64_t has; // of a group: which of the statements that it may have once
} liberty_node;

typedef struct {
  const char *file, *text;
  size_t size;
} liberty_source;

src_pos liberty_place(const liberty_source *s, size_t offset);
// The one group at the top.
bool liberty_parse(arena *mem, const liberty_source *s, liberty_node **out, diag *d);
// First child of that name (a group or not), or the next one after `after`.
const liberty_node *liberty_child(const liberty_node *group, const char *name, const liberty_node *after);
const char *liberty_text(const liberty_node *group, const char *name); // the attribute's first argument or NULL

#endif
