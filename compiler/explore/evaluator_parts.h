// SPDX-License-Identifier: Apache-2.0
//
// Inside the evaluator.
#ifndef AXGEN_EVALUATOR_PARTS_H
#define AXGEN_EVALUATOR_PARTS_H

#include "compiler/explore/evaluator.h"
#include "compiler/engine/engine_parts.h"

// A layer's plan that is kept.
typedef struct kept_plan {
  struct kept_plan *next; // of the same node
  engine_layer *layer;
  assignment assign; // in the layer's memory
  bool wide;
  uint64_t used; // when, for the least recently used
  size_t bytes;
} kept_plan;

// What evaluators that were forked from one another share; nothing here changes.
typedef struct {
  int owners; // atomic
  void *codes;
} shared_codes;

struct evaluator {
  arena *mem;
  const network *given;
  network net; // with the biases and multipliers
  const mul *const *muls;
  int mul_count;
  const dataset *data;
  const uint8_t *labels; // NULL: none, or such as the network cannot give
  shared_codes *shared;
  infer_model model; // of the above
  assignment *assign; // [nodes]
  arena **assign_mem; // [nodes]
  int32_t **bias; // [nodes] its own; NULL: the network's
  uint16_t **mult; // [nodes] the same
  infer_ranges *ranges;
  infer_range *range; // [nodes]
  engine *engine;
  engine_pool *pool;
  kept_plan **kept; // [nodes]
  kept_plan **current; // [nodes] NULL: to be planned
  plan_store *store;
  size_t plan_bytes;
  uint64_t now;
  evaluator_plans statistics;
  double *scale; // [outputs] NULL: unknown
  int32_t zero;
  evaluator_options options;
};

// Every layer has its plan, from the kept ones where they have it.
void evaluator_plan(evaluator *e);
void evaluator_forget(evaluator *e); // all kept plans

#endif
