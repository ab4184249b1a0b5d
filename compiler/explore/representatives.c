// SPDX-License-Identifier: Apache-2.0
#include "compiler/explore/representatives.h"
#include "compiler/engine/engine.h"

#include <math.h>

enum { MAX_BINS = 64, AT_ONCE = 1 << 23 }; // AT_ONCE: activations of the images that are run together

// The first layer, and what its activations are.
typedef struct {
  network net; // up to it
  infer_model model; // which the engine refers to
  engine *engine;
  const dataset *data;
  size_t size; // activations of an image
  double scale, zero;
  int64_t lo, hi; // codes
  size_t bins;
} first_layer;

static bool open_layer(arena *mem, const network *net, const dataset *data, first_layer *l, diag *d) {
  size_t node = 0;
  while (node < net->count && !net_multiplies(&net->nodes[node]))
    node++;
  if (node == net->count)
    return diag_error(d, "%s: the network has no layer that multiplies", net->file);
  *l = (first_layer){.net = *net, .data = data};
  l->net.count = node + 1;
  const net_node *n = net_output(&l->net);
  l->model = (infer_model){.net = &l->net};
  l->engine = engine_new(mem, &l->model, d);
  if (!l->engine)
    return false;
  l->size = (size_t)net_shape_size(n->shape);
  l->scale = n->quant.bits ? n->quant.scale : 1;
  l->zero = n->quant.bits ? n->quant.zero : 0;
  infer_range r = infer_node_range(&l->model, (int)node);
  l->lo = n->quant.bits ? n->lo : r.acc_lo;
  l->hi = n->quant.bits ? n->hi : r.acc_hi;
  int64_t codes = l->hi - l->lo + 1;
  l->bins = codes < MAX_BINS ? (size_t)codes : MAX_BINS;
  return true;
}

static size_t bin_of(const first_layer *l, int32_t code) {
  return (size_t)((double)(code - l->lo) / (double)(l->hi - l->lo + 1) * (double)l->bins);
}

static kmeans_point moments_of(const first_layer *l, const int32_t *codes) {
  double sum = 0, squares = 0;
  for (size_t i = 0; i < l->size; i++)
    sum += codes[i];
  double mean = sum / (double)l->size;
  for (size_t i = 0; i < l->size; i++)
    squares += (codes[i] - mean) * (codes[i] - mean);
  return (kmeans_point){l->scale * (mean - l->zero), l->scale * sqrt(squares / (double)l->size)};
}

static void look_at(const first_layer *l, const int32_t *codes, size_t images, kmeans_point *moments, uint64_t *bins) {
#pragma omp parallel
  {
    uint64_t own[MAX_BINS] = {0};
#pragma omp for schedule(static)
    for (size_t i = 0; i < images; i++) {
      const int32_t *image = codes + i * l->size;
      if (moments)
        moments[i] = moments_of(l, image);
      for (size_t k = 0; k < l->size; k++)
        own[bin_of(l, image[k])]++;
    }
#pragma omp critical(representatives_bins)
    for (size_t k = 0; k < l->bins; k++)
      bins[k] += own[k];
  }
}

// Moments of images [first, first + count) where not NULL; adds to the bins how often each occurs.
static bool run_images(const first_layer *l, size_t first, size_t count, kmeans_point *moments, uint64_t *bins) {
  size_t fit = AT_ONCE / l->size, at_once = fit < 1 ? 1 : fit < count ? fit : count;
  arena *mem = arena_new();
  int32_t *codes = arena_new_array(mem, int32_t, at_once * l->size);
  progress bar = progress_begin("first layer", count);
  bool done = true;
  for (size_t at = 0; done && at < count; at += at_once) {
    size_t images = at + at_once < count ? at_once : count - at;
    done =
        engine_run(l->engine, l->data->pixels + (first + at) * (size_t)net_shape_size(l->data->shape), images, codes);
    if (done)
      look_at(l, codes, images, moments ? moments + at : NULL, bins);
    progress_step(&bar, images);
  }
  progress_end(&bar);
  arena_free(mem);
  return done;
}

static void to_shares(const first_layer *l, const uint64_t *bins, size_t images, double *share) {
  for (size_t i = 0; i < l->bins; i++)
    share[i] = (double)bins[i] / ((double)images * (double)l->size);
}

static bool choose(arena *mem, arena *own, const first_layer *l, size_t first, size_t clusters, uint64_t seed,
                   representatives *out) {
  uint64_t *bins = arena_new_array(own, uint64_t, l->bins);
  if (!run_images(l, first, out->images, out->moments, bins))
    return false;
  to_shares(l, bins, out->images, out->all);
  for (size_t i = 0; i <= l->bins; i++) // codes are bins' middles where each has its own
    out->edge[i] =
        l->scale * ((double)l->lo - 0.5 - l->zero + (double)i / (double)l->bins * ((double)l->hi - (double)l->lo + 1));
  kmeans_result found = kmeans(mem, out->moments, out->images, clusters, seed);
  out->count = found.count;
  out->cluster = found.cluster;
  out->image = arena_new_array(mem, size_t, found.count);
  out->each = arena_new_array(mem, double, found.count *(l->bins + 1));
  bool quiet = progress_quiet, done = true;
  progress_quiet = true;
  for (size_t k = 0; done && k < found.count; k++) {
    out->image[k] = first + found.cluster[k].nearest;
    uint64_t *own_bins = arena_new_array(own, uint64_t, l->bins);
    done = run_images(l, out->image[k], 1, NULL, own_bins);
    to_shares(l, own_bins, 1, out->each + k * (l->bins + 1));
  }
  progress_quiet = quiet;
  return done;
}

bool representatives_choose(arena *mem, const network *net, const dataset *data, size_t first, size_t count,
                            size_t clusters, uint64_t seed, representatives *out, diag *d) {
  assert(count > 0 && first <= data->count && count <= data->count - first && clusters > 0);
  arena *own = arena_new();
  first_layer l;
  bool ok = open_layer(own, net, data, &l, d);
  if (ok) {
    *out = (representatives){.layer = net_output(&l.net)->name,
                             .images = count,
                             .moments = arena_new_array(mem, kmeans_point, count),
                             .bins = l.bins,
                             .edge = arena_new_array(mem, double, l.bins + 1),
                             .all = arena_new_array(mem, double, l.bins + 1)};
    ok = choose(mem, own, &l, first, clusters, seed, out) || diag_tool(d, "interrupted");
  }
  arena_free(own);
  return ok;
}

const dataset *representatives_source(const network *net, const dataset *calibration, const dataset *validation) {
  bool labelled = calibration->labels && calibration->classes <= net_shape_size(net_output(net)->shape);
  return labelled ? calibration : validation;
}
