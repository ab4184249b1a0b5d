// SPDX-License-Identifier: Apache-2.0
//
// What plans are weighed by besides the kernels' rates (kernels/kernel.h): rough cycles an output pixel of a slice.
// They were set by hand while the plans were written; what each was measured on is not recorded. `make bench-engine
// SECTION=layers` shows what plans take. They only choose between plans: a wrong one costs time, never a result.
#ifndef AXGEN_COST_H
#define AXGEN_COST_H

#define COST_SLICE 20.0 // of any plan: loops, pointers

// Dot products of terms (plan_dot.c).
#define COST_DOT_STORE 0.8 // a filter: its sum is requantised
#define COST_DOT_TERM 2.0 // a term
#define COST_DOT_MAP 0.3 // a term and input channel: codes become factors
#define COST_DOT_COPY 0.1 // a byte of the copies of a shifted layout

// The same by channels (plan_depthwise.c).
#define COST_DEPTHWISE_STORE 0.8 // a filter
#define COST_DEPTHWISE_TERM 0.3 // a filter and term
#define COST_DEPTHWISE_WIDE 2.0 // a filter of 16-bit codes, whose products take twice the time

// Rows (plan_rows.c).
#define COST_ROWS_STORE 1.0 // a filter
#define COST_ROWS_STAGE 0.4 // an input channel: codes become classes
#define COST_ROWS_LIST 15.0 // a list of rows, sorted
#define COST_ROWS_PASS 1.5 // a pass over a list
#define COST_ROWS_WIDEN 8.0 // rows that a widening takes as long as
#define COST_ROWS_WIDEN_SLACK 1.5 // widenings for each one that the bounds make necessary
#define COST_ROWS_EXPAND 0.12 // an expanded product, shared by the pixels that are done at once

// Look-ups (plan_rows.c).
#define COST_LOOKUP_STORE 1.0 // a filter
#define COST_LOOKUP_PANEL 1.5 // a tap: its panel is copied
#define COST_LOOKUP_PANEL_ROW 0.2 // the same where a panel is a piece of an image's row

#define COST_DIRECT 4.0 // a multiplication, one by one (plan.c)

#endif
