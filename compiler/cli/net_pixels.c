// SPDX-License-Identifier: Apache-2.0
//
// net import: what pixels are for a model, as the options say, and a look at whether that can be right.
#include "compiler/cli/net_pixels.h"

#include "compiler/quant/quant.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// ---- the options ----------------------------------------------------------------------------------------------------
static const struct {
  const char *name;
  net_pixels pixels;
} ranges[] = {{"0..1", {1, 0}}, {"0..255", {255, 0}}, {"-1..1", {2, -1}}};

static bool parse_range(const char *text, net_pixels *out, diag *d) {
  for (size_t i = 0; i < BASE_COUNT(ranges); i++)
    if (!strcmp(text, ranges[i].name)) {
      *out = ranges[i].pixels;
      return true;
    }
  return diag_error(d, "--input-range %s: expected 0..1, 0..255 or -1..1", text);
}

// Numbers with commas between them.
static bool parse_numbers(arena *mem, const char *option, const char *text, double **out, int *count, diag *d) {
  size_t n = 0, cap = 0;
  for (const char *p = text;; p++) {
    char *end;
    double v = strtod(p, &end);
    if (end == p || !isfinite(v) || (*end && *end != ','))
      return diag_error(d, "%s %s: expected a number, or one for each channel with commas between them", option, text);
    arena_grow(mem, *out, n, cap);
    (*out)[n++] = v;
    p = end;
    if (!*p)
      break;
  }
  *count = (int)n;
  return true;
}

// (pixel / 255 - mean) / std
static bool parse_normalisation(arena *mem, const cli_options *o, onnx_input *out, diag *d) {
  double none[] = {0}, one[] = {1}, *mean = NULL, *std = NULL;
  int means = 1, stds = 1;
  if ((o->mean && !parse_numbers(mem, "--mean", o->mean, &mean, &means, d)) ||
      (o->std && !parse_numbers(mem, "--std", o->std, &std, &stds, d)))
    return false;
  if (means != stds && means != 1 && stds != 1)
    return diag_error(d, "--mean has %d numbers, --std %d: expected one for each channel, or one for all", means, stds);
  mean = o->mean ? mean : none;
  std = o->std ? std : one;
  int count = means > stds ? means : stds;
  net_pixels *pixels = arena_new_array(mem, net_pixels, (size_t)count);
  for (int c = 0; c < count; c++) {
    double m = mean[means == 1 ? 0 : c], s = std[stds == 1 ? 0 : c];
    if (!(s > 0))
      return diag_error(d, "--std %s: expected positive numbers", o->std);
    if (fabs(m) > 2 || s > 2)
      return diag_error(d, "--mean and --std are those of pixel / 255, from 0 to 1: divide %g by 255",
                        fabs(m) > 2 ? m : s);
    pixels[c] = (net_pixels){1 / s, -m / s};
  }
  *out = (onnx_input){count, pixels};
  return true;
}

bool verb_net_pixels_told(arena *mem, const cli_options *o, onnx_input *out, diag *d) {
  *out = (onnx_input){0};
  bool normalises = o->mean || o->std;
  if (o->input_range) {
    net_pixels *range = arena_new_object(mem, net_pixels);
    if (!parse_range(o->input_range, range, d))
      return false;
    if (normalises && (range->scale != 1 || range->offset != 0))
      return diag_error(d, "--mean and --std are those of pixel / 255: with them the input range is 0..1, not %s",
                        o->input_range);
    *out = (onnx_input){1, range};
  }
  return !normalises || parse_normalisation(mem, o, out, d);
}

// ---- is it right? ---------------------------------------------------------------------------------------------------
// The probability that `right` or more of `n` guesses are right when each is with probability p.
static double binomial_tail(size_t n, size_t right, double p) {
  double sum = 0, count = (double)n;
  for (size_t i = right; i <= n; i++) {
    double k = (double)i;
    sum += exp(lgamma(count + 1) - lgamma(k + 1) - lgamma(count - k + 1) + k * log(p) + (count - k) * log1p(-p));
  }
  return fmin(sum, 1);
}

enum { FEWEST = 30, TRIED = 200 }; // images to judge by; to try other readings on

bool verb_net_pixels_by_chance(const dataset *data, const infer_accuracy *acc, double *share) {
  size_t often[256] = {0}, most = 0;
  for (size_t i = 0; i < acc->images; i++) {
    size_t n = ++often[data->labels[i]];
    most = n > most ? n : most;
  }
  *share = acc->images ? (double)most / (double)acc->images : 1;
  return acc->images >= FEWEST && *share < 1 && binomial_tail(acc->images, acc->correct, *share) > 0.001;
}

// What models commonly take; {pixels of each channel, or of all}.
static const struct {
  const char *options;
  int channels;
  net_pixels pixels[3];
} usual[] = {
#define NORMALISED(m, s)                                                                                               \
  { 1 / (s), -(m) / (s) }
    {"--input-range 0..1", 1, {{1, 0}}},
    {"--input-range 0..255", 1, {{255, 0}}},
    {"--input-range -1..1", 1, {{2, -1}}},
    {"--mean 0.1307 --std 0.3081", 1, {NORMALISED(0.1307, 0.3081)}}, // MNIST
    {"--mean 0.2860 --std 0.3530", 1, {NORMALISED(0.2860, 0.3530)}}, // Fashion-MNIST
    {"--mean 0.485,0.456,0.406 --std 0.229,0.224,0.225", // ImageNet
     3,
     {NORMALISED(0.485, 0.229), NORMALISED(0.456, 0.224), NORMALISED(0.406, 0.225)}},
    {"--mean 0.4914,0.4822,0.4465 --std 0.2470,0.2435,0.2616", // CIFAR-10
     3,
     {NORMALISED(0.4914, 0.2470), NORMALISED(0.4822, 0.2435), NORMALISED(0.4465, 0.2616)}},
#undef NORMALISED
};

// Reads the model with other pixels and evaluates it on the first images. False: interrupted.
static bool try_usual(const char *path, const dataset *data, infer_accuracy *best, const char **options) {
  *best = (infer_accuracy){0};
  for (size_t i = 0; i < BASE_COUNT(usual); i++) {
    if (usual[i].channels != 1 && usual[i].channels != data->shape.c)
      continue;
    arena *mem = arena_new();
    diag ignored = {0};
    network *net;
    infer_accuracy acc = {0};
    size_t images = data->count < TRIED ? data->count : TRIED;
    bool done = !onnx_read_as(mem, path, &(onnx_input){usual[i].channels, usual[i].pixels}, &net, &ignored) ||
                float_evaluate(net, data, 0, images, &acc);
    // The plainer ones come first: another must be right on 5 % of the images more.
    if (done && !ignored.errors && 20 * acc.correct > 20 * best->correct + images) {
      *best = acc;
      *options = usual[i].options;
    }
    diag_free(&ignored);
    arena_free(mem);
    if (!done)
      return false;
  }
  return true;
}

bool verb_net_pixels_doubt(const char *path, const dataset *data, const infer_accuracy *acc, diag *d) {
  double share;
  if (!verb_net_pixels_by_chance(data, acc, &share))
    return true;
  infer_accuracy best = {0};
  const char *options = NULL;
  if (str_ends_with(path, ".onnx") && !try_usual(path, data, &best, &options))
    return false;
  diag_warn(
      d,
      "%s: %.2f %% of %zu image%s is no more than guessing gives (the most frequent class alone: %.2f %%): does the "
      "model take pixels like these, and have the labels its order?",
      path, 100.0 * (double)acc->correct / (double)acc->images, acc->images, plural(acc->images), 100 * share);
  if (options && !verb_net_pixels_by_chance(data, &best, &share))
    diag_note(d, "with %s it is right on %.1f %% of the first %zu images", options,
              100.0 * (double)best.correct / (double)best.images, best.images);
  else
    diag_note(d,
              "--input-range, --mean and --std say what pixels are for the model (docs/onnx.md); no usual choice does "
              "better");
  return true;
}
