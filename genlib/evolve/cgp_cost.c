// SPDX-License-Identifier: Apache-2.0
//
// What a gate costs, from the cells INV_X1, AND2_X1 ... FA_X1 of synth/liberty/axgen45.lib: their areas; input
// capacitance * V^2 / 2 at 1.1 V; the mean of the output's internal energies over its tables and both edges. (Derived
// again and compared by tests/unit/evolve/test_evolve.c.) A half or full adder of which one output is used costs the
// area of the plain gates that cgp_decode makes of it; a BUF is a wire.
#include "genlib/evolve/cgp.h"

// clang-format off
const cgp_cost cgp_costs[GATE_KINDS] = {
    //              area: none first second both      load                 internal
    [GATE_BUF]  = {{0,    0,    0,    0},    {0,    0,    0},    {0,    0}},
    [GATE_NOT]  = {{0,  532,    0,  532},    {1029, 0,    0},    {948,  0}},
    [GATE_AND]  = {{0, 1064,    0, 1064},    {555,  590,  0},    {2584, 0}},
    [GATE_OR]   = {{0, 1064,    0, 1064},    {573,  570,  0},    {2494, 0}},
    [GATE_XOR]  = {{0, 1596,    0, 1596},    {1350, 1459, 0},    {2947, 0}},
    [GATE_NAND] = {{0,  798,    0,  798},    {967,  1007, 0},    {1342, 0}},
    [GATE_NOR]  = {{0,  798,    0,  798},    {1037, 999,  0},    {1353, 0}},
    [GATE_XNOR] = {{0, 1596,    0, 1596},    {1351, 1557, 0},    {2888, 0}},
    [GATE_MUX]  = {{0, 1862,    0, 1862},    {1162, 573,  572},  {3264, 0}},
    [GATE_HA]   = {{0, 1596, 1064, 2660},    {1927, 2086, 0},    {3228, 2178}},
    [GATE_FA]   = {{0, 3192, 3458, 4256},    {2266, 2101, 1671}, {3515, 3638}},
};
