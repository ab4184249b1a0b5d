// SPDX-License-Identifier: Apache-2.0
//
// Made by `make calibrate` (flows/calibrate) from 31 synthesised designs; not to be edited.
// axgen45; Yosys 0.23 (git sha1 7ce5011c24b); 2.0.17
//
// Since then energies of what follows products have been multiplied by what these designs' products change less than
// exact ones, so that their sums stay: flip-flops 1.096, held 1.121, tree 1.316, summed 1.256, product 1.065.
#ifndef AXGEN_TARGET_COST_FIGURES_H
#define AXGEN_TARGET_COST_FIGURES_H

#include "compiler/target/common/cost.h"

// Of one block: um2 in axgen45, LUTs of UltraScale+, fJ whenever it works, fJ a cycle in any case.
static const struct {
  double area, luts, energy, idle;
} COST_FIGURES[COST_BLOCK_COUNT] = {
    [COST_FLIP_FLOP] = {4.515, 0, 2.961, 6.986},
    [COST_HELD] = {1.889, 0, 4.07, 0},
    [COST_SELECT] = {1.911, 0.6563, 0.5394, 0},
    [COST_TREE] = {5.076, 0.7936, 6.681, 0},
    [COST_SUM] = {7.793, 3.562, 6.931, 0},
    [COST_PRODUCT] = {5.999, 0.1177, 8.934, 0},
    [COST_CONSTANT] = {2.297, 0.0961, 90.67, 0},
    [COST_LARGER] = {4.898, 0, 0.8566, 0},
    [COST_COUNT] = {3.697, 2.288, 0.7381, 0},
    [COST_PE] = {6210, 0, 0, 1197},
    [COST_DOT4] = {6338, 0, 0, 1197},
    [COST_UNIT] = {1.174e+04, 0, 0, 110.9},
    [COST_ISSUE] = {462.1, 0, 1.052e+04, 0},
    [COST_SLOT] = {232.3, 0, 0, 0},
    [COST_DISPATCH] = {2243, 0, 0, 0},
    [COST_PORT] = {425.9, 0, 0, 0},
};

// Of a multiplier in a design, against the catalogue's.
static const double COST_MULTIPLIER_AREA = 0.9755, COST_MULTIPLIER_ENERGY = 1.0572;

// fJ a flip-flop a cycle, of the clock's tree; fJ a um2 and ns, of leakage.
static const double COST_CLOCK = 2.385, COST_LEAKAGE = 0.02207;

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
    {"dataflow", 22, {0.7, 2.2}, {3.4, 11.3}},
    {"fgpu", 9, {0.2, 0.5}, {4.1, 6.5}},
};

#endif
