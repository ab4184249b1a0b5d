// SPDX-License-Identifier: Apache-2.0
//
// Made by `make calibrate` (flows/calibrate) from 31 synthesised designs; not to be edited.
// axgen45; Yosys 0.23 (git sha1 7ce5011c24b); 2.0.17
#ifndef AXGEN_TARGET_COST_FIGURES_H
#define AXGEN_TARGET_COST_FIGURES_H

#include "compiler/target/common/cost.h"

// Of one block: um2 in axgen45, LUTs of UltraScale+, fJ whenever it works, fJ a cycle in any case.
static const struct {
  double area, luts, energy, idle;
} COST_FIGURES[COST_BLOCK_COUNT] = {
    [COST_FLIP_FLOP] = {4.515, 0, 3.704, 6.807},
    [COST_HELD] = {1.898, 0, 2.964, 0},
    [COST_SELECT] = {1.903, 0.6754, 0.9218, 0},
    [COST_TREE] = {5.065, 1.322, 9.825, 0},
    [COST_SUM] = {7.759, 1.851, 7.586, 0},
    [COST_PRODUCT] = {5.642, 0.09444, 50.5, 0},
    [COST_CONSTANT] = {2.296, 0.2153, 11.05, 0},
    [COST_LARGER] = {4.884, 1.086, 4.371, 0},
    [COST_COUNT] = {3.693, 2.227, 1.036, 0},
    [COST_PE] = {6210, 0, 85.73, 593.6},
    [COST_DOT4] = {6338, 0, 85.73, 593.6},
    [COST_UNIT] = {1.176e+04, 0, 5352, 0},
    [COST_ISSUE] = {462.1, 0, 1956, 0},
    [COST_SLOT] = {232.3, 0, 0, 0},
    [COST_DISPATCH] = {2243, 0, 0, 0},
    [COST_PORT] = {425.9, 0, 0, 0},
    [COST_CHANGE] = {0, 0, 144.2, 0},
};

// Of a multiplier in a design, against the catalogue's.
static const double COST_MULTIPLIER_AREA = 1.0000, COST_MULTIPLIER_ENERGY = 0.9229;

// fJ a flip-flop a cycle, of the clock's tree; fJ a um2 and ns, of leakage.
static const double COST_CLOCK = 2.395, COST_LEAKAGE = 0.02205;

// ns of a path: what it has in any case, and for each bit.
static const struct {
  double base, bit;
} COST_DELAYS[COST_PATH_COUNT] = {
    [COST_PATH_REQUANTISER] = {0.576, 0.0400},
    [COST_PATH_ADDERS] = {0.600, 0.0375},
    [COST_PATH_CONTROL] = {0.449, 0.1500},
    [COST_PATH_TILE] = {3.675, 0.0000},
};
static const double COST_MULTIPLIER_DELAY = 0.3; // what is before and behind one

// How far predictions of other designs than those were off, in percent: mean and worst.
static const struct {
  const char *target;
  int designs;
  double area[2], energy[2];
} COST_ERRORS[] = {
    {"dataflow", 22, {0.4, 1.7}, {2.9, 14.8}},
    {"fgpu", 9, {0.2, 0.4}, {2.6, 6.8}},
};

#endif
