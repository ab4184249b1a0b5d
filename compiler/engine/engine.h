// SPDX-License-Identifier: Apache-2.0
//
// engine: runs a quantised network fast. The results are those of ref_run, bit for bit, for every network, scheme,
// multiplier and assignment, on every instruction set and with any number of threads. docs/engine.md explains how.
#ifndef AXGEN_ENGINE_H
#define AXGEN_ENGINE_H

#include "compiler/infer/infer.h"

typedef struct engine engine;

// Looks at the multipliers, chooses a plan for each layer and packs weights and tables. The model must outlive the
// engine and satisfy infer_check; NULL with a message where it does not.
engine *engine_new(arena *mem, const infer_model *m, diag *d);

// `count` images, pixels as in a data set; logits[image][output], outputs as C x H x W: what ref_run leaves in the last
// node. Returns false when interrupted.
bool engine_run(const engine *e, const uint8_t *pixels, size_t count, int32_t *logits);

// What infer_evaluate gives, with the same progress and interruption.
bool engine_evaluate(const engine *e, const dataset *data, size_t first, size_t count, infer_accuracy *out);

// The plan: each layer's slices with kind, terms or tables and memory.
void engine_explain(const engine *e, FILE *out);

// Bytes of packed weights and tables, and of what running takes for each thread.
size_t engine_memory(const engine *e);

#endif
