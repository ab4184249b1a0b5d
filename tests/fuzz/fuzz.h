// SPDX-License-Identifier: Apache-2.0
//
// Fuzzing of what reads files from outside: one parser, one file tests/fuzz/NAME.c that defines `fuzz_target`.
// NAME.dict beside it lists the format's words; regressions/NAME/ holds inputs that once broke it.
//
// A harness takes any bytes. Broken is: a crash, a report of a sanitizer, a failed assertion, more processor time or
// memory than driver/input.c allows, memory that is not given back, files other than the harness's own.
#ifndef AXGEN_FUZZ_H
#define AXGEN_FUZZ_H

#include "compiler/base/base.h"

typedef struct {
  size_t most; // bytes of the largest input worth trying
  // Files of this tree to start from, as glob patterns separated by blanks; those above `most` are left out.
  const char *seeds;
  // Other inputs to start from, each handed to fuzz_seed; NULL: none.
  void (*make_seeds)(arena *mem);
  // Once, in the folder where the inputs will lie: what an input needs beside it. NULL: nothing.
  void (*prepare)(arena *mem);
  // Reads the input, which ends with a NUL after `size` bytes; what comes out is used as the program would use it.
  // The working folder is a temporary one; `mem` and `d` live as long as the input.
  void (*read)(arena *mem, const uint8_t *data, size_t size, diag *d);
} fuzz_parser;

extern const fuzz_parser fuzz_target;

// For make_seeds.
void fuzz_seed(const void *data, size_t size);
void fuzz_seed_text(const char *text);
// For read and prepare: a file of the working folder, perhaps in a folder there, with these bytes; the name.
const char *fuzz_file(const char *name, const void *data, size_t size);
// The path of a file of the tree.
const char *fuzz_tree(arena *mem, const char *path);

#endif
