// SPDX-License-Identifier: Apache-2.0
//
// Made by `make calibrate` (flows/calibrate); not to be edited.
#ifndef AXGEN_TARGET_COST_FIGURES_H
#define AXGEN_TARGET_COST_FIGURES_H

#include "compiler/target/common/cost.h"

// Of one block: um2 in axgen45, LUTs of UltraScale+, fJ whenever it works, fJ a cycle in any case.
static const struct {
  double area, luts, energy, idle;
} COST_FIGURES[COST_BLOCK_COUNT] = {
    [COST_FLIP_FLOP] = {4.53, 0.1, 0, 0},
    [COST_HELD] = {1.9, 0.2, 0, 0},
    [COST_SELECT] = {1.9, 0.9, 0, 0},
    [COST_TREE] = {5, 0.774, 0, 0},
    [COST_SUM] = {8, 3, 0, 0},
    [COST_PRODUCT] = {5, 0.155, 0, 0},
    [COST_CONSTANT] = {2, 0.155, 0, 0},
    [COST_LARGER] = {5, 1, 0, 0},
    [COST_COUNT] = {6, 1, 0, 0},
    [COST_PE] = {6210, 1000, 0, 0},
    [COST_DOT4] = {7000, 1000, 0, 0},
    [COST_UNIT] = {11850, 1000, 0, 0},
    [COST_ISSUE] = {470, 1000, 0, 0},
    [COST_SLOT] = {236, 1000, 0, 0},
    [COST_DISPATCH] = {2650, 1000, 0, 0},
    [COST_PORT] = {370, 1000, 0, 0},
};
// Of a multiplier in a design, against the catalogue's.
static const double COST_MULTIPLIER_AREA = 0.98, COST_MULTIPLIER_ENERGY = 0.9;
// ns of a path: what it has in any case, and for each bit.
static const struct {
  double base, bit;
} COST_DELAYS[COST_PATH_COUNT] = {
    [COST_PATH_REQUANTISER] = {1, 0.03},
    [COST_PATH_ADDERS] = {0.5, 0.06},
    [COST_PATH_CONTROL] = {1.2, 0},
    [COST_PATH_TILE] = {3.7, 0},
};
static const double COST_MULTIPLIER_DELAY = 0.3; // what is before and behind one

#endif
