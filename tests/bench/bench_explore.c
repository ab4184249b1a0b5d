// SPDX-License-Identifier: Apache-2.0
//
// How many evaluations a second a search gets: ResNet-8 under changing assignments, against the bare inference of the
// same images with the plans that a fresh engine would have. One thread, processor time. Pixels come from CIFAR-10's
// test images in $AXGEN_DATA_DIR, else they are random.
#include "compiler/explore/evaluator.h"
#include "compiler/engine/engine_parts.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

static const char *const MULS[] = {"exact8s", "roup8s_p0_r5.3.1.0", "roup8s_p1_c7", "mul8s_1L2N"};
enum { MUL_COUNT = (int)BASE_COUNT(MULS) };

typedef struct {
  arena *mem;
  network *net;
  const mul *muls[MUL_COUNT];
  dataset data;
  int layers, layer[64];
  rng r;
  evaluator *e;
  void *codes;
} bench;

static bool read_all(bench *b, size_t images, diag *d) {
  b->mem = arena_new();
  b->r = rng_seed(41);
  if (!net_read(b->mem, "models/resnet8-cifar10/net.yaml", &b->net, d))
    return false;
  for (int i = 0; i < MUL_COUNT; i++)
    if (!(b->muls[i] = mul_make(b->mem, MULS[i], d)))
      return false;
  for (int i = 0; i < (int)b->net->count; i++)
    if (net_multiplies(&b->net->nodes[i]))
      b->layer[b->layers++] = i;
  const char *dir = getenv("AXGEN_DATA_DIR");
  if (dir) {
    const char *file = arena_printf(b->mem, "%s/cifar-10-batches-bin/test_batch.bin", dir);
    if (!dataset_read(b->mem, &(dataset_files){.format = DATASET_CIFAR, .images = &file, .image_files = 1}, &b->data,
                      d))
      return false;
  } else {
    b->data = (dataset){.shape = b->net->nodes[0].shape, .count = images, .classes = 10};
    size_t size = images * (size_t)net_shape_size(b->data.shape);
    uint8_t *pixels = arena_alloc(b->mem, size), *labels = arena_alloc(b->mem, images);
    for (size_t i = 0; i < size; i++)
      pixels[i] = (uint8_t)rng_next(&b->r);
    for (size_t i = 0; i < images; i++)
      labels[i] = (uint8_t)rng_below(&b->r, 10);
    b->data.pixels = pixels;
    b->data.labels = labels;
  }
  if (b->data.count > images)
    b->data.count = images;
  printf("%s, %zu images: %s\n", b->net->name, b->data.count,
         dir ? "of CIFAR-10's test set" : "random pixels (AXGEN_DATA_DIR names no data)");
  return true;
}

static uint8_t any_mul(bench *b) { return (uint8_t)rng_below(&b->r, MUL_COUNT); }

static void set(bench *b, int node, const assignment *a) {
  diag d = {0};
  if (!evaluator_set(b->e, node, a, &d)) {
    fputs(d.text.data, stderr);
    exit(EXIT_CHECK);
  }
}

static void all_units(bench *b, arena *mem, int node, assignment_level level) {
  const net_node *n = &b->net->nodes[node];
  int64_t units = assignment_units(b->net, n, level);
  uint8_t *mul = arena_alloc(mem, (size_t)units);
  for (int64_t u = 0; u < units; u++)
    mul[u] = any_mul(b);
  assignment a = assignment_make(mem, b->net, n, level, mul);
  set(b, node, &a);
}

typedef enum { ONE_LAYER, ONE_FILTER, EVERY_FILTER, EVERY_KERNEL, EVERY_WEIGHT, CHANGES } change;
static const char *const change_name[CHANGES] = {"one layer", "one filter", "every filter", "every kernel",
                                                 "every weight"};

static void make_change(bench *b, change c) {
  arena *mem = arena_new();
  int node = b->layer[rng_below(&b->r, (uint32_t)b->layers)];
  const net_node *n = &b->net->nodes[node];
  if (c == ONE_LAYER) {
    all_units(b, mem, node, ASSIGN_LAYER);
  } else if (c == ONE_FILTER) {
    assignment a = assignment_with(mem, b->net, n, &evaluator_model(b->e)->assign[node], ASSIGN_FILTER,
                                   rng_below(&b->r, (uint32_t)n->shape.c), any_mul(b));
    set(b, node, &a);
  } else {
    for (int i = 0; i < b->layers; i++)
      all_units(b, mem, b->layer[i],
                c == EVERY_FILTER   ? ASSIGN_FILTER
                : c == EVERY_KERNEL ? ASSIGN_KERNEL
                                    : ASSIGN_WEIGHT);
  }
  arena_free(mem);
}

static void nothing(void *context, const worker *w, size_t first, int images) {
  (void)context, (void)w, (void)first, (void)images;
}

// Seconds of the bare inference, buffers and codes being there already.
static double bare(bench *b) {
  arena *mem = arena_new();
  diag d = {0};
  engine *fresh = engine_new(mem, evaluator_model(b->e), &d);
  if (!fresh) {
    fputs(d.text.data, stderr);
    exit(EXIT_CHECK);
  }
  if (!b->codes)
    b->codes = engine_codes(fresh, b->data.pixels, b->data.count);
  engine_pool *pool = engine_pool_new();
  engine_images in = {.codes = b->codes, .count = 64};
  int last = (int)b->net->count - 1;
  engine_batches(fresh, pool, &in, last, nothing, NULL);
  in.count = b->data.count;
  double started = engine_cpu_seconds();
  engine_batches(fresh, pool, &in, last, nothing, NULL);
  double seconds = engine_cpu_seconds() - started;
  engine_pool_free(pool);
  arena_free(mem);
  return seconds;
}

static int ascending(const void *x, const void *y) {
  double a = *(const double *)x, b = *(const double *)y;
  return (a > b) - (a < b);
}

static void measure(bench *b, change c, int rounds) {
  double *ratio = arena_new_array(b->mem, double, (size_t)rounds), whole = 0, alone = 0;
  evaluation result;
  // From where a search is: a random multiplier in each layer, and in each filter.
  for (int i = 0; i < b->layers; i++)
    all_units(b, b->mem, b->layer[i], c == ONE_LAYER ? ASSIGN_LAYER : ASSIGN_FILTER);
  for (int i = -1; i < rounds; i++) {
    double started = engine_cpu_seconds();
    make_change(b, c);
    evaluator_accuracy(b->e, 0, b->data.count, NULL, &result);
    double seconds = engine_cpu_seconds() - started, without = bare(b);
    if (i < 0)
      continue;
    whole += seconds;
    alone += without;
    ratio[i] = seconds / without;
  }
  qsort(ratio, (size_t)rounds, sizeof *ratio, ascending);
  printf("%-14s %9.2f %9.2f %8.3f %8.3f\n", change_name[c], rounds / whole, rounds / alone, whole / alone,
         ratio[rounds / 2]);
  fflush(stdout);
}

int main(int argc, char **argv) {
  int rounds = argc > 1 ? atoi(argv[1]) : 20;
  diag d = {0};
  bench b = {0};
  omp_set_num_threads(1);
  if (rounds < 1 || !read_all(&b, 2000, &d) || !(b.e = evaluator_new(b.net, b.muls, MUL_COUNT, &b.data, NULL, &d))) {
    fputs(d.text.data ? d.text.data : "rounds: expected at least 1\n", stderr);
    return EXIT_INPUT;
  }
  printf("multipliers:");
  for (int i = 0; i < MUL_COUNT; i++)
    printf(" %s", MULS[i]);
  printf("\n%-14s %9s %9s %8s %8s\n", "changed", "eval./s", "bare/s", "ratio", "median");
  for (int c = 0; c < CHANGES; c++)
    measure(&b, (change)c, rounds);
  evaluator_plans p = evaluator_statistics(b.e);
  printf("plans: %zu made, %zu found, %zu dropped; %zu kept, %.1f MB\n", p.made, p.found, p.dropped, p.kept,
         (double)p.bytes / 1048576);
  evaluator_free(b.e);
  free(b.codes);
  arena_free(b.mem);
  return EXIT_OK;
}
