// SPDX-License-Identifier: Apache-2.0
//
// representatives: a few images that stand for many. HAWX, equations 4 and 5: the mean and the standard deviation of
// the first layer's activations describe an image; the images form clusters by k-means; one of each cluster is chosen,
// that nearest to its centre.
#ifndef AXGEN_REPRESENTATIVES_H
#define AXGEN_REPRESENTATIVES_H

#include "compiler/explore/kmeans.h"
#include "compiler/infer/infer.h"

typedef struct {
  const char *layer; // the first that multiplies
  size_t images; // that were looked at
  kmeans_point *moments; // [images] x: mean, y: standard deviation; real values
  size_t count;
  size_t *image; // [count] the chosen ones, numbered as in the data set
  kmeans_cluster *cluster; // [count] what each stands for; `nearest` is counted from the first image looked at
  // Histograms of the activations: real values [bins + 1] between which a bin lies, and each bin's share, followed by
  // a 0 (plot_histogram).
  size_t bins;
  double *edge, *all; // [bins + 1]; of all images
  double *each; // [count][bins + 1] of each chosen one
} representatives;

// From images [first, first + count) of the data set, at least one; clusters: at least 1, fewer are found where images
// are alike. In `mem`. False with a message when interrupted, or where the network cannot be run.
bool representatives_choose(arena *mem, const network *net, const dataset *data, size_t first, size_t count,
                            size_t clusters, uint64_t seed, representatives *out, diag *d);

// Where scores take their images from: the calibration images if they have labels of the network's classes, else the
// validation images, which always have.
const dataset *representatives_source(const network *net, const dataset *calibration, const dataset *validation);

#endif
