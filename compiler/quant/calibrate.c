// SPDX-License-Identifier: Apache-2.0
//
// Calibration: the ranges of all tensors over some images. Twice over the images: ranges and means, then histograms.
#include "compiler/quant/quant_internal.h"

#include <math.h>

int *quant_groups(arena *mem, const network *net) {
  int *group = arena_new_array(mem, int, net->count);
  for (size_t i = 0; i < net->count; i++) {
    const net_node *n = &net->nodes[i];
    group[i] = (int)i;
    if (!net_passes(n))
      continue;
    for (int k = 0; k < n->input_count; k++) {
      int a = group[n->inputs[k]], b = group[i], to = a < b ? a : b, from = a < b ? b : a;
      for (size_t j = 0; j <= i; j++)
        group[j] = group[j] == from ? to : group[j];
    }
  }
  return group;
}

static void observe_range(quant_stats *s, const float *v, int64_t size) {
  float lo = INFINITY, hi = -INFINITY, zero = 0;
  for (int64_t i = 0; i < size; i++) {
    lo = v[i] < lo ? v[i] : lo;
    hi = v[i] > hi ? v[i] : hi;
    zero += v[i] * 0; // NaN from infinity and NaN
  }
  s->lo = fmin(s->lo, lo);
  s->hi = zero == 0 ? fmax(s->hi, hi) : INFINITY;
  for (int64_t i = 0; s->mean && i < size; i++)
    s->mean[i] += v[i];
}

static void observe_histogram(quant_stats *s, const float *v, int64_t size) {
  double parts = s->hi > s->lo ? QUANT_BINS / (s->hi - s->lo) : 0;
  for (int64_t i = 0; i < size; i++)
    if (v[i] != 0)
      s->histogram[(int)fmin((v[i] - s->lo) * parts, QUANT_BINS - 1)]++;
}

// Images run in parallel; what they show is added up in their order, so that the sums do not depend on the threads.
static void observe(const network *net, const dataset *data, size_t images, const int *group, quant_stats *stats,
                    bool histograms) {
  int64_t image_size = net_shape_size(data->shape), work = 0;
  for (size_t k = 0; k < net->count; k++)
    work += (int64_t)images * net_multiplications(net, &net->nodes[k]);
  progress_watcher *watcher = progress_watching();
  progress bar = progress_begin(histograms ? "calibrating (2/2)" : "calibrating (1/2)", images);
  (void)work; // of those without OpenMP
#pragma omp parallel if (work > 1000000) // threads cost more than they give in small networks
  {
    progress_join(watcher);
    arena *mem = arena_new();
    float **values = float_buffers(mem, net);
#pragma omp for ordered schedule(static, 1)
    for (size_t i = 0; i < images; i++) {
      if (!interrupted())
        float_run(net, data->pixels + (int64_t)i * image_size, values);
#pragma omp ordered
      {
        for (size_t k = 0; k < net->count; k++) {
          int64_t size = net_shape_size(net->nodes[k].shape);
          if (histograms)
            observe_histogram(&stats[group[k]], values[k], size);
          else
            observe_range(&stats[k], values[k], size);
        }
        progress_step(&bar, 1);
      }
    }
    arena_free(mem);
    progress_join(NULL);
  }
  progress_end(&bar);
}

static bool done(const network *net, const quant_stats *stats, diag *d) {
  if (interrupted())
    return diag_tool(d, "interrupted");
  for (size_t i = 0; i < net->count; i++)
    if (!isfinite(stats[i].hi))
      return diag_error(d, "%s: layer `%s` overflows on the calibration images", net->name, net->nodes[i].name);
  return true;
}

quant_stats *quant_observe(arena *mem, const network *net, const dataset *data, const quant_options *opt,
                           const int *group, diag *d) {
  size_t images = opt->images < data->count ? opt->images : data->count;
  quant_stats *stats = arena_new_array(mem, quant_stats, net->count);
  for (size_t i = 0; i < net->count; i++) {
    const net_node *n = &net->nodes[i];
    stats[i].lo = INFINITY, stats[i].hi = -INFINITY;
    quant_stats *in = net_multiplies(n) ? &stats[n->inputs[0]] : NULL;
    if (in && !in->mean)
      in->mean = arena_new_array(mem, double, (size_t)net_shape_size(net_input_shape(net, n)));
  }
  observe(net, data, images, group, stats, false);
  if (!done(net, stats, d))
    return NULL;
  for (size_t i = 0; i < net->count; i++) {
    quant_stats *first = &stats[group[i]];
    first->lo = fmin(first->lo, stats[i].lo);
    first->hi = fmax(first->hi, stats[i].hi);
    for (int64_t k = 0; stats[i].mean && k < net_shape_size(net->nodes[i].shape); k++)
      stats[i].mean[k] /= (double)images;
  }
  if (opt->calibration == QUANT_MINMAX)
    return stats;
  for (size_t i = 0; i < net->count; i++)
    stats[i].histogram = arena_new_array(mem, uint64_t, group[i] == (int)i ? QUANT_BINS : 0);
  observe(net, data, images, group, stats, true);
  return done(net, stats, d) ? stats : NULL;
}

// ---- from statistics to a range ------------------------------------------------------------------------------------
static double bin_value(const quant_stats *s, int bin) { return s->lo + (bin + 0.5) * (s->hi - s->lo) / QUANT_BINS; }

// Squared error of codes that cover lo..hi: what lies outside is cut off, what lies inside is rounded.
static double squared_error(const quant_stats *s, quant_range r, int bits) {
  double step = (r.hi - r.lo) / ((1 << bits) - 1), rounding = step * step / 12, sum = 0;
  for (int i = 0; i < QUANT_BINS; i++) {
    double v = bin_value(s, i), beyond = v > r.hi ? v - r.hi : v < r.lo ? r.lo - v : 0;
    sum += (double)s->histogram[i] * (beyond > 0 ? beyond * beyond : rounding);
  }
  return sum;
}

static quant_range least_error(const quant_stats *s, quant_range full, bool symmetric, int bits) {
  quant_range best = full;
  double least = squared_error(s, full, bits);
  for (int side = 0; side < 2; side++) { // first the upper end, then the lower
    quant_range start = best;
    for (int step = 99; step > 0; step--) {
      quant_range r = start;
      if (side == 0 || symmetric)
        r.hi = full.hi * step / 100;
      if (side == 1 || symmetric)
        r.lo = full.lo * step / 100;
      double error = squared_error(s, r, bits);
      if (error < least) {
        least = error;
        best = r;
      }
    }
  }
  return best;
}

// The range that `percentile` percent of the values (0 not counted) lie in; what is outside is shared by the ends.
static quant_range inner_range(const quant_stats *s, quant_range full, double percentile) {
  uint64_t total = 0, seen = 0;
  for (int i = 0; i < QUANT_BINS; i++)
    total += s->histogram[i];
  double outside = (double)total * (1 - percentile / 100), share = full.lo < 0 && full.hi > 0 ? outside / 2 : outside;
  quant_range r = full;
  for (int i = 0; i < QUANT_BINS && full.lo < 0 && (double)(seen += s->histogram[i]) <= share; i++)
    r.lo = fmin(bin_value(s, i), 0);
  seen = 0;
  for (int i = QUANT_BINS - 1; i >= 0 && full.hi > 0 && (double)(seen += s->histogram[i]) <= share; i--)
    r.hi = fmax(bin_value(s, i), 0);
  return r;
}

quant_range quant_choose_range(const quant_stats *s, const quant_options *opt, bool symmetric, int bits) {
  quant_range r = {fmin(s->lo, 0), fmax(s->hi, 0)}; // 0 always has a code
  if (opt->calibration == QUANT_PERCENTILE)
    r = inner_range(s, r, opt->percentile);
  if (symmetric) {
    r.hi = fmax(r.hi, -r.lo);
    r.lo = -r.hi;
  }
  if (opt->calibration == QUANT_MSE)
    r = least_error(s, r, symmetric, bits);
  return r.hi - r.lo > 1e-20 ? r : (quant_range){symmetric ? -1 : 0, 1}; // nothing but 0
}
