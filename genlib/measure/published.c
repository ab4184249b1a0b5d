// SPDX-License-Identifier: Apache-2.0
//
// Figures that EvoApproxLib publishes of its signed 8-bit multipliers (45 nm; ehw.fit.vutbr.cz/evoapproxlib), which
// papers put their tables together from.
#include "genlib/measure/measure.h"

#include <string.h>

static const measure_published PUBLISHED[] = {
    {"mul8s_1KV6", 0.425, 729.8}, {"mul8s_1KV8", 0.422, 711.0}, {"mul8s_1KV9", 0.410, 685.2},
    {"mul8s_1KVP", 0.363, 635.0}, {"mul8s_1L2J", 0.301, 558.9}, {"mul8s_1L2L", 0.200, 411.6},
    {"mul8s_1L2N", 0.126, 284.9}, {"mul8s_1L12", 0.052, 172.2},
};

const measure_published *measure_published_of(const char *name) {
  for (size_t i = 0; i < BASE_COUNT(PUBLISHED); i++)
    if (!strcmp(PUBLISHED[i].name, name))
      return &PUBLISHED[i];
  return NULL;
}

const measure_published *measure_published_exact(void) { return &PUBLISHED[0]; }
