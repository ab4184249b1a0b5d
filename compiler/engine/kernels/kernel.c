// SPDX-License-Identifier: Apache-2.0
//
// Which instruction set to use.
#include "compiler/engine/kernels/kernel.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const kernels *const sets[] = {&kernels_amx, &kernels_avx512, &kernels_avx2, &kernels_scalar};
enum { SETS = sizeof sets / sizeof *sets };

const kernels *kernels_named(const char *name) {
  for (int i = 0; i < SETS; i++)
    if (!strcmp(sets[i]->name, name))
      return sets[i]->supported() ? sets[i] : NULL;
  return NULL;
}

const kernels *kernels_choose(void) {
  const char *forced = getenv("AXGEN_ISA");
  if (forced && *forced) {
    const kernels *k = kernels_named(forced);
    if (k)
      return k;
    fprintf(stderr, "warning: AXGEN_ISA=%s is unknown or not supported by this machine: ignored\n", forced);
  }
  for (int i = 0; i < SETS; i++) {
    assert(sets[i]); // for clang's analyser
    if (sets[i]->supported())
      return sets[i];
  }
  return &kernels_scalar;
}
