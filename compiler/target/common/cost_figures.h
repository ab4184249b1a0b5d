// SPDX-License-Identifier: Apache-2.0
//
// Made by `make calibrate` (flows/calibrate) from 21 synthesised designs; not to be edited.
// axgen45; Yosys 0.23 (git sha1 7ce5011c24b); 2.0.17
#ifndef AXGEN_TARGET_COST_FIGURES_H
#define AXGEN_TARGET_COST_FIGURES_H

#include "compiler/target/common/cost.h"

// Of one block: um2 in axgen45, LUTs of UltraScale+, fJ whenever it works, fJ a cycle in any case.
static const struct {
  double area, luts, energy, idle;
} COST_FIGURES[COST_BLOCK_COUNT] = {
    [COST_FLIP_FLOP] = {4.514, 0, 0, 0},     [COST_HELD] = {1.907, 0, 0, 0},
    [COST_SELECT] = {1.867, 0.6563, 0, 0},   [COST_TREE] = {5.044, 0.7936, 0, 0},
    [COST_SUM] = {7.79, 3.562, 0, 0},        [COST_PRODUCT] = {6.045, 0.1177, 0, 0},
    [COST_CONSTANT] = {2.237, 0.0961, 0, 0}, [COST_LARGER] = {5.045, 0, 0, 0},
    [COST_COUNT] = {3.576, 2.288, 0, 0},     [COST_PE] = {6210, 0, 0, 0},
    [COST_DOT4] = {6338, 0, 0, 0},           [COST_UNIT] = {1.176e+04, 0, 0, 0},
    [COST_ISSUE] = {456.7, 0, 0, 0},         [COST_SLOT] = {233, 0, 0, 0},
    [COST_DISPATCH] = {2244, 0, 0, 0},       [COST_PORT] = {416.3, 0, 0, 0},
};

// Of a multiplier in a design, against the catalogue's.
static const double COST_MULTIPLIER_AREA = 0.9780, COST_MULTIPLIER_ENERGY = 0.7802;

// ns of a path: what it has in any case, and for each bit.
static const struct {
  double base, bit;
} COST_DELAYS[COST_PATH_COUNT] = {
    [COST_PATH_REQUANTISER] = {0.562, 0.0401},
    [COST_PATH_ADDERS] = {2.354, 0.0000},
    [COST_PATH_CONTROL] = {2.499, 0.0000},
    [COST_PATH_TILE] = {3.664, 0.0000},
};
static const double COST_MULTIPLIER_DELAY = 0.3; // what is before and behind one

// How far predictions of other designs than those were off, in percent: mean and worst.
static const struct {
  const char *target;
  int designs;
  double area[2], energy[2];
} COST_ERRORS[] = {
    {"dataflow", 15, {0.8, 2.5}, {13.3, 46.6}},
    {"fgpu", 5, {0.2, 0.3}, {35.3, 81.6}},
};

#endif
