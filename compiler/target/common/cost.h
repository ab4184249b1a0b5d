// SPDX-License-Identifier: Apache-2.0
//
// cost: what a design costs, predicted from its configuration alone: how many blocks of each kind it has and how often
// they work, times a figure for each block, which `make calibrate` finds from synthesised designs (cost_figures.h).
// Targets count (struct target, `count`), everything else is here. docs/cost.md, "Predicted".
#ifndef AXGEN_TARGET_COST_H
#define AXGEN_TARGET_COST_H

#include "compiler/config/config.h"
#include "compiler/target/common/graph.h"
#include "compiler/target/common/memories.h"
#include "genlib/measure/measure.h"

// ---- what is counted ------------------------------------------------------------------------------------------------
// Blocks beside multipliers and the words of memories. A bit of what is named, unless the comment says otherwise.
// clang-format off
#define COST_BLOCKS(X)                                                                                                 \
  X(FLIP_FLOP, "flip_flops")                                                                                           \
  X(HELD,      "held")        /* of a register that keeps its value now and then */                                   \
  X(SELECT,    "selected")    /* of two words, one is taken */                                                         \
  X(TREE,      "tree")        /* of an adder in an adder tree */                                                       \
  X(SUM,       "summed")      /* of an accumulator's adder and what starts it */                                       \
  X(PRODUCT,   "product")     /* bits of one factor times bits of the other */                                        \
  X(CONSTANT,  "constant")    /* the same, one factor being a constant */                                              \
  X(LARGER,    "larger")      /* of two words, the larger is taken */                                                  \
  X(COUNT,     "counted")     /* of a counter or an address */                                                         \
  X(PE,        "pes")         /* whole parts of an fgpu tile: processing elements; they work once for each partial     \
                                 product of their exact multiplication that changes */                                 \
  X(DOT4,      "dot4_pes")    /* ... with four multipliers */                                                          \
  X(UNIT,      "memory_units")                                                                                         \
  X(ISSUE,     "issues")      /* of compute vectors */                                                                 \
  X(SLOT,      "slots")       /* of all compute vectors */                                                             \
  X(DISPATCH,  "dispatchers") /* and what the host sees */                                                             \
  X(PORT,      "ports")       /* of the arbiter */                                                                    \
  X(CHANGE,    "changed")     /* bits of a PE's third operand that change, in it and in what is behind it; no size */
// clang-format on
typedef enum {
#define X(id, name) COST_##id,
  COST_BLOCKS(X)
#undef X
      COST_BLOCK_COUNT
} cost_block;
extern const char *const cost_block_name[COST_BLOCK_COUNT];

// Paths from register to register, by what they are longest in.
// clang-format off
#define COST_PATHS(X)                                                                                                  \
  X(REQUANTISER, "requantiser") /* bits of the product */                                                             \
  X(ADDERS,      "adders")      /* bits of an adder tree's sum, and levels */                                         \
  X(CONTROL,     "control")     /* levels of a tree of buffers to all that one enable holds: log2 of their number */ \
  X(TILE,        "tile")        /* 1: a processing element of an fgpu tile */
// clang-format on
typedef enum {
#define X(id, name) COST_PATH_##id,
  COST_PATHS(X)
#undef X
      COST_PATH_COUNT
} cost_path;
extern const char *const cost_path_name[COST_PATH_COUNT];

typedef struct {
  double size[COST_BLOCK_COUNT]; // how many
  double work[COST_BLOCK_COUNT]; // each times how often it works for an image, products being exact
  double following[COST_BLOCK_COUNT]; // of it, what works as often as products' bits change
} cost_blocks;
typedef struct {
  cost_blocks kind[SYNTH_KIND_COUNT];
  double follows; // the part of what is added that works as often as products' bits change
  double path[COST_PATH_COUNT]; // bits of the longest; 0: there is none
} cost_logic;

void cost_add(cost_logic *l, synth_kind kind, cost_block block, double size, double uses);
// What works so often without adding to the size.
void cost_work_alone(cost_logic *l, synth_kind kind, cost_block block, double uses);
// A register of a core of that kind, which takes a new value `uses` times an image.
void cost_register(cost_logic *l, synth_kind kind, double bits, double uses);
// A counter of n values.
void cost_counter(cost_logic *l, synth_kind kind, int64_t n, double uses);
void cost_longest(cost_logic *l, cost_path path, double bits);
void cost_enable(cost_logic *l, double flip_flops); // that one enable holds
int cost_bits(int64_t n); // of a number from 0 to n - 1; 0 where there is one

// ---- one multiplier ------------------------------------------------------------------------------------------------
typedef struct {
  double area, luts; // um2 in axgen45, LUTs of UltraScale+
  double energy, held; // fJ an operation under realistic operands: all new, one of them held for 32 operations
  double uniform; // the same under uniform random operands
  double delay, leakage; // ns, nW
  double published_power, published_area; // as EvoApproxLib has them: mW, um2; NAN: not known
  double
      activity; // how often its product's bits change, against the exact product's: bits that stand still cost nothing
  bool measured; // in the catalogue; else by its gates, or by its widths where it is only a table
} cost_multiplier;
// cost[i]: of the config's multiplier i.
void cost_multipliers(arena *mem, const config *c, cost_multiplier *cost);

// ---- a design ------------------------------------------------------------------------------------------------------
// Multipliers of one sort in a part.
typedef struct {
  int mul; // index into the config's
  int node; // whose multiplications they are; -1: of all that they are built for
  double count, products; // how many; multiplications an image, of all together
  double held; // for how many multiplications a weight stays
} cost_multiplying;
typedef struct {
  const char *name; // as graph's; NULL: what lies between the others
  cost_logic logic;
  cost_multiplying *muls;
  size_t mul_count, mul_cap;
} cost_part;
// What a target counts.
typedef struct {
  const char *unit; // of the parts
  unsigned kinds; // that are shown
  cost_part *parts; // as the graph's
  size_t count;
  double cycles; // an image
  bool luts; // LUTs are known of its blocks too
  synth_layer *memories; // of each part, as the synthesis would find them
  memories_accesses accesses; // of them
} cost_counts;
// Sets the parts, still without blocks or memories.
void cost_from_graph(arena *mem, const graph *g, cost_counts *out);
void cost_add_memory(arena *mem, cost_counts *out, size_t part, synth_memory m);
void cost_add_multipliers(arena *mem, cost_part *part, cost_multiplying m);

// ---- what it costs -------------------------------------------------------------------------------------------------
typedef struct {
  double area[SYNTH_KIND_COUNT], energy[SYNTH_KIND_COUNT]; // um2, nJ an image
  double clock, leakage; // nJ an image: the clock's tree, leakage
  double activity; // of the products' bits, against exact ones'; 1 where nothing is multiplied
  double total_area, total_energy, luts;
  double flip_flops, multipliers, products;
  double alone_area, alone_energy; // of the multipliers by themselves, as the catalogue has them
  double published_power, published_area; // of multiplications, of multipliers, as published; NAN: not of all
  double exact_power, exact_area; // the same with exact ones
  double simple; // nJ an image as the papers have it: multiplications times a multiplier's mean energy
} cost_row;
typedef struct {
  const config *cfg;
  const cost_counts *counts;
  cost_row *rows, total; // one for each part
  double delay; // ns
  memories_cost memories;
  double with_memories; // nJ an image; NAN: their accesses are not known
  bool measured; // all multipliers are in the catalogue
} cost_estimate;
void cost_predict(arena *mem, const config *c, const cost_counts *counts, const memory_model *memories,
                  cost_estimate *out);
// Of logic alone: all of it; a part.
cost_row cost_of_logic(const cost_counts *counts, const cost_multiplier *muls, double clock_ns);
// How often blocks work with such an activity of products, all together.
static inline double cost_work(const cost_blocks *b, int block, double activity) {
  return b->work[block] - (1 - activity) * b->following[block];
}
cost_row cost_of_part(const cost_part *part, const cost_multiplier *muls, double cycles, double clock_ns);
double cost_delay(const cost_part *part, const cost_multiplier *muls); // ns of its longest path
double cost_around_multiplier(void); // ns of what is before and behind one, in a path
cJSON *cost_json(const cost_estimate *e);
// How far predictions of other designs were off, as a line; nothing for a target that was not calibrated.
void cost_errors_text(const char *target, str *out);
void cost_errors_json(const char *target, cJSON *to);
void cost_text(const cost_estimate *e, str *out);

#endif
