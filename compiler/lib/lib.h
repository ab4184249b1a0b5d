// SPDX-License-Identifier: Apache-2.0
//
// lib: the functions of include/axgen.h. What they share: handles that count their owners, errors as values.
#ifndef AXGEN_LIB_H
#define AXGEN_LIB_H

#include "compiler/base/base.h"
#include "include/axgen.h"

#include "compiler/net/net.h"
#include "genlib/genlib.h"

// Handles with several owners: who asked for it, and whoever is made of it.
struct axgen_mul {
  int owners;
  arena *mem;
  const mul *m;
  axgen_config *config; // whose it is; NULL: nobody's
};
struct axgen_net {
  int owners;
  arena *mem;
  network *net;
  axgen_net *from; // whose names it has; NULL: nobody's
  axgen_config *config; // whose it is; NULL: nobody's
};

// One owner more, one less: true for the last one.
void lib_own(int *owners);
bool lib_disown(int *owners);

// Whether an argument is there, or an error.
bool lib_given(const void *argument, const char *what, diag *d);

// Whether mul[units] says for each unit of the level which of so many multipliers node n has, or an error.
bool lib_check_units(const network *net, const net_node *n, axgen_level level, const uint8_t *mul, size_t units,
                     size_t mul_count, diag *d);

// Ends a function: what `d` says goes to *error, with AXGEN_STOPPED where the watcher said no, and `d` is freed.
// Returns `ok`.
bool lib_end(bool ok, diag *d, const progress_watcher *w, axgen_error **error);
// The caller watches from here on, if only to keep signals and terminals out of it; undone by lib_unwatch.
progress_watcher *lib_watch(progress_watcher *w, const axgen_watch *watch);
void lib_unwatch(progress_watcher *before);

#endif
