// SPDX-License-Identifier: Apache-2.0
//
// data: labelled images from files: IDX (MNIST), CIFAR, NumPy.
#ifndef AXGEN_DATA_H
#define AXGEN_DATA_H

#include "compiler/net/net.h"

typedef enum { DATASET_IDX, DATASET_CIFAR, DATASET_NPY } dataset_format;
typedef struct {
  net_shape shape; // of one image; pixels stored as C x H x W
  size_t count;
  const uint8_t *pixels; // count * c * h * w, 0..255
  const uint8_t *labels; // count; NULL when there are none
  int classes; // 1 + the largest label
} dataset;
// IDX: one images file and one labels file (NULL: none), plain or gzip. CIFAR: any number of .bin files (images and
// labels together; `labels` unused). NPY: uint8 [N,C,H,W] or [N,H,W] and integer labels [N]. Sizes and ranges checked;
// errors name the file and byte offset. A missing Debian data set is named with its package.
typedef struct {
  dataset_format format;
  const char **images; // file names
  size_t image_files;
  const char *labels;
  size_t first, count; // of the images in the files: [first, first + count); count 0: all from there on
} dataset_files;
bool dataset_read(arena *mem, const dataset_files *files, dataset *out, diag *d);

#endif
