// SPDX-License-Identifier: Apache-2.0
//
// cache: what tools made, kept from run to run in a folder of the user's. An entry is found by the content of all that
// it was made of, so it cannot be out of date. It is whole or not there (temporary name, rename); one that is damaged
// counts as not there; several processes may use the folder at once. When the entries take more than the bound, those
// that were not used for longest go. docs/security.md says what whoever can write to the folder can do.
#ifndef AXGEN_CACHE_H
#define AXGEN_CACHE_H

#include "compiler/base/base.h"

enum { CACHE_MIB = 512, CACHE_ENTRY_MAX = 256 << 20 }; // the bound without $AXGEN_CACHE_MIB; bytes of an entry

// Until one of these is called nothing is kept. `dir` NULL: $AXGEN_CACHE, else $XDG_CACHE_HOME/axgen, else
// $HOME/.cache/axgen; none of them set, or $AXGEN_CACHE empty: nothing is kept. A folder that was asked for (not one of
// the last two) and cannot be made is an error; of the last two at most two folders are made, in one that is there.
// $AXGEN_CACHE_MIB that is no number of MiB is an error of usage; 0: nothing is kept.
bool cache_open(const char *dir, diag *d);
void cache_close(void);
const char *cache_folder(void); // NULL: nothing is kept

// Files in `dir` that a tool makes of others there.
typedef struct {
  const char *dir;
  const char *const *inputs, *const *outputs; // names in it, NULL at the end
  const char *how; // all else that the outputs depend on: the tool's version, its options, hashes of other files;
                   // NULL: that is not known, and nothing is kept
  char *key; // set by cache_fetch; NULL: this cannot be kept
} cache_job;
// Writes the outputs where they are kept; false: they are not, and the tool must run. Safe from several threads.
bool cache_fetch(arena *mem, cache_job *job);
// After cache_fetch said false, with outputs that were found to be good. That they cannot be kept is no error.
void cache_store(const cache_job *job);

// The same of a text in memory that is made of what `how` says and of nothing else. NULL: it is not kept.
const char *cache_fetch_text(arena *mem, const char *how);
void cache_store_text(const char *how, const char *text);

#endif
