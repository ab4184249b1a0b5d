// SPDX-License-Identifier: Apache-2.0
//
// The readers behind dataset_read, one per format.
#ifndef AXGEN_DATASET_H
#define AXGEN_DATASET_H

#include "compiler/data/data.h"

static const size_t DATASET_MAX_FILE = (size_t)1 << 30; // unpacked

// Like file_read_gz; a missing file is reported with what to install or where the docs say how to get it.
bool dataset_file(arena *mem, const char *path, bytes *out, diag *d);
bool dataset_idx(arena *mem, const dataset_files *files, dataset *out, diag *d);
bool dataset_cifar(arena *mem, const dataset_files *files, dataset *out, diag *d);
bool dataset_npy(arena *mem, const dataset_files *files, dataset *out, diag *d);

#endif
