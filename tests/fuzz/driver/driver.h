// SPDX-License-Identifier: Apache-2.0
//
// The interface of libFuzzer, which input.c has and mutate.c (or libFuzzer) calls.
#ifndef AXGEN_FUZZ_DRIVER_H
#define AXGEN_FUZZ_DRIVER_H

#include "tests/fuzz/fuzz.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
