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
    [COST_FLIP_FLOP] = {4.514, 0, 1.006, 7.135}, [COST_HELD] = {1.888, 0, 2.409, 0},
    [COST_SELECT] = {1.893, 0.6563, 0, 0},       [COST_TREE] = {5.086, 0.7936, 3.993, 0},
    [COST_SUM] = {7.821, 3.562, 8.393, 0},       [COST_PRODUCT] = {6.029, 0.1177, 9.051, 0},
    [COST_CONSTANT] = {2.22, 0.0961, 91.24, 0},  [COST_LARGER] = {4.953, 0, 2.262, 0},
    [COST_COUNT] = {3.659, 2.288, 1.844, 0},     [COST_PE] = {6210, 0, 0, 952.1},
    [COST_DOT4] = {6338, 0, 0, 952.1},           [COST_UNIT] = {1.174e+04, 0, 0, 0},
    [COST_ISSUE] = {462.1, 0, 1.23e+04, 0},      [COST_SLOT] = {232.3, 0, 0, 0},
    [COST_DISPATCH] = {2243, 0, 0, 0},           [COST_PORT] = {425.9, 0, 0, 0},
};

// Of a multiplier in a design, against the catalogue's.
static const double COST_MULTIPLIER_AREA = 0.9755, COST_MULTIPLIER_ENERGY = 1.0282;

// fJ a flip-flop a cycle, of the clock's tree; fJ a um2 and ns, of leakage.
static const double COST_CLOCK = 2.372, COST_LEAKAGE = 0.02204;

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
    {"dataflow", 19, {0.7, 2.3}, {6.5, 10.2}},
    {"fgpu", 9, {0.2, 0.5}, {4.3, 4.3}},
};

#endif
