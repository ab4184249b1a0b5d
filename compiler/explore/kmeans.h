// SPDX-License-Identifier: Apache-2.0
//
// kmeans: points of the plane in clusters, each point in that of the nearest centre, each centre the mean of its
// points.
#ifndef AXGEN_KMEANS_H
#define AXGEN_KMEANS_H

#include "compiler/base/base.h"

typedef struct {
  double x, y;
} kmeans_point;

typedef struct {
  kmeans_point centre;
  size_t size; // points, at least 1
  size_t nearest; // the point nearest to the centre; the first of several
} kmeans_cluster;

typedef struct {
  kmeans_cluster *cluster; // [count] by x of the centre, then y
  size_t count; // at most the clusters asked for; fewer where there are fewer different points
  size_t *of; // [points] each point's cluster
  double inertia; // sum of the squared distances to the centres
} kmeans_result;

// Lloyd's algorithm from centres chosen by k-means++, the best of some such starts. In `mem`. All points finite;
// points and clusters at least 1. The result depends on its arguments alone.
kmeans_result kmeans(arena *mem, const kmeans_point *points, size_t count, size_t clusters, uint64_t seed);

#endif
