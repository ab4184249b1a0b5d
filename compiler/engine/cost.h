// SPDX-License-Identifier: Apache-2.0
//
// What plans are weighed by besides the kernels' rates (kernels/kernel.h): rough cycles an output pixel of a slice.
// They only choose between plans: a wrong one costs time, never a result.
//
// `make bench-costs` measures them: it runs layers of ten shapes with each plan and prints, beside each constant, the
// value that fits best. On an AMD EPYC with AVX-512 (3.6 GHz, other programs running) it printed the values behind
// "fits", with which the estimates are nearer to the measurements by 0 to 15 % only (those of direct plans, the last
// resort, by a fifth to a third). So the constants stayed what they were when the plans were written. Those without
// such a value are set by hand.
#ifndef AXGEN_COST_H
#define AXGEN_COST_H

#define COST_SLICE 20.0 // of any plan: loops, pointers; fits: 2 to 28, by kind

// Dot products of terms (plan_dot.c).
#define COST_DOT_STORE 0.8 // a filter: its sum is requantised; fits: 0.7
#define COST_DOT_TERM 2.0 // a term; fits: 1.8
#define COST_DOT_MAP 0.3 // a term and input channel: codes become factors; fits: 0.2
#define COST_DOT_COPY 0.1 // a byte of the copies of a shifted layout; fits: 0.1

// The same by channels (plan_depthwise.c).
#define COST_DEPTHWISE_STORE 0.8 // a filter
#define COST_DEPTHWISE_TERM 0.3 // a filter and term
#define COST_DEPTHWISE_WIDE 2.0 // a filter of 16-bit codes, whose products take twice the time

// Rows (plan_rows.c).
#define COST_ROWS_STORE 1.0 // a filter; fits: 0.5 to 0.9
#define COST_ROWS_STAGE 0.4 // an input channel: codes become classes; fits: 0.4
#define COST_ROWS_LIST 15.0 // a list of rows, sorted; fits: 13 to 16
#define COST_ROWS_PASS 1.5 // a pass over a list; fits: 2.1
#define COST_ROWS_WIDEN 8.0 // rows that a widening takes as long as
#define COST_ROWS_WIDEN_SLACK 1.5 // widenings for each one that the bounds make necessary
#define COST_ROWS_EXPAND 0.12 // an expanded product, shared by the pixels that are done at once

// Look-ups (plan_rows.c).
#define COST_LOOKUP_STORE 1.0 // a filter; fits: 1.3
#define COST_LOOKUP_PANEL 1.5 // a tap: its panel is copied; fits: 1.8 to 2.7
#define COST_LOOKUP_PANEL_ROW 0.2 // the same where a panel is a piece of an image's row; fits: 0.2

#define COST_DIRECT 4.0 // a multiplication, one by one (plan.c); fits: 5.5 to 6.5

#endif
