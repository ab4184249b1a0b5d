// SPDX-License-Identifier: Apache-2.0
//
// The kinds of plans, in the order in which they are tried.
#include "compiler/engine/engine_run.h"

// clang-format off
//                name         plan            whole  above       run                   images                 working                   explain
#define ROWS(X)                                                                                                                                          \
  X(PLAN_DOT8,      "dot8",      plan_dot8,      false, PLAN_KINDS, engine_run_dot,       engine_dot_images,     engine_dot_working,       engine_dot_explain)       \
  X(PLAN_DOT16,     "dot16",     plan_dot16,     false, PLAN_DOT8,  engine_run_dot,       engine_dot_images,     engine_dot_working,       engine_dot_explain)       \
  X(PLAN_DEPTHWISE, "depthwise", plan_depthwise, true,  PLAN_KINDS, engine_run_depthwise, engine_dot_images,     engine_depthwise_working, engine_depthwise_explain) \
  X(PLAN_ROWS,      "rows",      plan_rows,      false, PLAN_KINDS, engine_run_rows,      engine_rows_images,    engine_rows_working,      engine_rows_explain)      \
  X(PLAN_FIXED,     "fixed",     plan_fixed,     false, PLAN_KINDS, engine_run_rows,      engine_rows_images,    engine_rows_working,      engine_fixed_explain)     \
  X(PLAN_COLUMNS,   "columns",   plan_lookup,    true,  PLAN_KINDS, engine_run_columns,   engine_columns_images, engine_columns_working,   engine_columns_explain)   \
  X(PLAN_DIRECT,    "direct",    plan_direct,    false, PLAN_KINDS, engine_run_direct,    engine_columns_images, engine_direct_working,    engine_direct_explain)    \
  X(PLAN_ORDERED,   "ordered",   plan_ordered,   false, PLAN_KINDS, engine_run_ordered,   engine_ordered_images, engine_ordered_working,   engine_ordered_explain)
// clang-format on
const plan_kind_row plan_kinds[PLAN_KINDS] = {ROWS(BASE_ROW)};
_Static_assert(BASE_ROWS(ROWS) == PLAN_KINDS, "a row for each kind");
