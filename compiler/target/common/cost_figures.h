// SPDX-License-Identifier: Apache-2.0
//
// Made by `make calibrate` (flows/calibrate) from 28 synthesised designs; not to be edited.
// axgen45; Yosys 0.23 (git sha1 7ce5011c24b); 2.0.17
#ifndef AXGEN_TARGET_COST_FIGURES_H
#define AXGEN_TARGET_COST_FIGURES_H

#include "compiler/target/common/cost.h"

// Of one block: um2 in axgen45, LUTs of UltraScale+, fJ whenever it works, fJ a cycle in any case.
static const struct {
  double area, luts, energy, idle;
} COST_FIGURES[COST_BLOCK_COUNT] = {
    [COST_FLIP_FLOP] = {4.514, 0, 0.2895, 7.242},
    [COST_HELD] = {1.888, 0, 1.779, 0},
    [COST_SELECT] = {1.893, 0.6563, 0, 0},
    [COST_TREE] = {5.086, 0.7936, 7.908, 0},
    [COST_SUM] = {7.821, 3.562, 9.551, 0},
    [COST_PRODUCT] = {6.029, 0.1177, 8.921, 0},
    [COST_CONSTANT] = {2.22, 0.0961, 75.96, 0},
    [COST_LARGER] = {4.953, 0, 4.012, 0},
    [COST_COUNT] = {3.659, 2.288, 2.593, 0},
    [COST_PE] = {6210, 0, 0, 1125},
    [COST_DOT4] = {6338, 0, 0, 1125},
    [COST_UNIT] = {1.174e+04, 0, 0, 1140},
    [COST_ISSUE] = {462.1, 0, 0, 0},
    [COST_SLOT] = {232.3, 0, 0, 0},
    [COST_DISPATCH] = {2243, 0, 0, 0},
    [COST_PORT] = {425.9, 0, 0, 0},
};

// Of a multiplier in a design, against the catalogue's.
static const double COST_MULTIPLIER_AREA = 0.9755, COST_MULTIPLIER_ENERGY = 1.0825;

// fJ a flip-flop a cycle, of the clock's tree; fJ a um2 and ns, of leakage.
static const double COST_CLOCK = 2.391, COST_LEAKAGE = 0.02214;

// ns of a path: what it has in any case, and for each bit.
static const struct {
  double base, bit;
} COST_DELAYS[COST_PATH_COUNT] = {
    [COST_PATH_REQUANTISER] = {0.579, 0.0400},
    [COST_PATH_ADDERS] = {0.600, 0.0375},
    [COST_PATH_CONTROL] = {1.000, 0.0000},
    [COST_PATH_TILE] = {3.675, 0.0000},
};
static const double COST_MULTIPLIER_DELAY = 0.3; // what is before and behind one

// How far predictions of other designs than those were off, in percent: mean and worst.
static const struct {
  const char *target;
  int designs;
  double area[2], energy[2];
} COST_ERRORS[] = {
    {"dataflow", 19, {0.7, 2.3}, {2.9, 8.3}},
    {"fgpu", 9, {0.2, 0.5}, {4.4, 4.4}},
};

#endif
