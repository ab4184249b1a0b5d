// SPDX-License-Identifier: Apache-2.0
//
// fifos_kept: depths of FIFOs that were found, for designs whose streams are the same: another assignment of
// multipliers changes none of them as long as it sends no channels in another order. They are kept in the process, and
// where a folder for what was made is open (compiler/tool/cache.h) there too. Whether they are kept changes no result.
#ifndef AXGEN_DATAFLOW_FIFOS_KEPT_H
#define AXGEN_DATAFLOW_FIFOS_KEPT_H

#include "compiler/base/base.h"

// Under the name of what they were found for: numbers, all from 0 to 2^40. False: it is not known, or not so many.
bool fifos_kept_find(const char *name, int64_t *numbers, size_t count);
void fifos_kept_add(const char *name, const int64_t *numbers, size_t count);

#endif
