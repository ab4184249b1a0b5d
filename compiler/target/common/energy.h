// SPDX-License-Identifier: Apache-2.0
//
// The energy of a design's multipliers under the operands of real images: what both targets' estimates yield.
// docs/synthesis.md says what is counted how.
#ifndef AXGEN_TARGET_ENERGY_H
#define AXGEN_TARGET_ENERGY_H

#include "compiler/data/data.h"
#include "synth/synth.h"

typedef struct {
  const char *name; // the layer
  const char *multipliers; // names of those in use, "a, b"
  uint64_t operations; // multiplications per image
  uint64_t toggles; // per image
  double toggled_nj; // per image: the multipliers' energy under the operands of real images
  double simple_nj; // per image: the papers' model, multiplications x mean energy with uniform random operands
} proxy_layer;
typedef struct {
  proxy_layer *layers;
  size_t layer_count;
  size_t images;
  double toggled_nj, simple_nj; // sums over the layers
  uint64_t operations;
} proxy_result;
cJSON *proxy_json(const proxy_result *p);
void proxy_text(const proxy_result *p, str *out);

#endif
