// SPDX-License-Identifier: Apache-2.0
//
// bench_engine [ROUNDS [SECTION]]: the engine's layers and networks on one core. In each round every contender runs
// once; medians over the rounds and their ratios are printed, with the quartiles as spread; times are the thread's
// processor time, since other programs may run.
// The engine's times are those of a batch of 64 images when it runs eight of them. Sections: layers, mixed, networks.
#include "tests/bench/bench.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>

enum { IMAGES = 64, BATCHES = 8, MOST = 24, ROUNDS_MAX = 1001 };

static const bench_layer layers[] = {
    {"LeNet-5 conv2 6>16 5x5 14x14", 6, 16, 5, 0, 14, 14},
    {"16>16 3x3 32x32", 16, 16, 3, 1, 32, 32},
    {"32>32 3x3 16x16", 32, 32, 3, 1, 16, 16},
    {"64>64 3x3 8x8", 64, 64, 3, 1, 8, 8},
    {"256>256 3x3 8x8", 256, 256, 3, 1, 8, 8},
};

// ---- contenders ----------------------------------------------------------------------------------------------------
typedef struct {
  const char *name;
  engine *e; // or:
  bench_dnnl *dnnl; // or the scalar kernel
  double seconds[ROUNDS_MAX];
  char plan[64];
} contender;

static double run_contender(contender *c, const bench_case *b, const int32_t *table, int32_t *out) {
  double t = engine_cpu_seconds();
  if (c->e) {
    memset(c->e->seconds, 0, c->e->model->net->count * sizeof(double));
    engine_run(c->e, b->pixels, (size_t)(BATCHES * b->images), out);
    return c->e->seconds[1] / BATCHES;
  }
  if (c->dnnl)
    bench_dnnl_run(c->dnnl);
  else
    bench_scalar(b, table, out);
  return engine_cpu_seconds() - t;
}

static int compare_doubles(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

typedef struct {
  double median, low, high; // quartiles
} summary;

static summary summarise(double *v, int n) {
  qsort(v, (size_t)n, sizeof *v, compare_doubles);
  return (summary){v[n / 2], v[n / 4], v[3 * n / 4]};
}

// ---- models --------------------------------------------------------------------------------------------------------
// A table without structure: noise of a few hundred on the exact products.
static const mul *noisy(arena *mem, uint64_t seed) {
  mul *m = arena_new_object(mem, mul);
  int32_t *t = arena_new_array(mem, int32_t, 65536);
  rng r = rng_seed(seed);
  for (int a = -128; a < 128; a++)
    for (int b = -128; b < 128; b++)
      t[(a & 255) << 8 | (b & 255)] = a * b + (int32_t)(a && b ? rng_below(&r, 401) : 0) - (a && b ? 200 : 0);
  for (int i = 0; i < 65536; i++)
    t[i] = t[i] > 32767 ? 32767 : t[i] < -32768 ? -32768 : t[i];
  *m = (mul){.name = "any", .ident = "any", .sig = {8, 8, 16, true, true, true}, .table = t};
  return m;
}

typedef enum { BY_LAYER, BY_FILTER, BY_KERNEL } granularity;

static infer_model *model(arena *mem, network *net, const mul *const *muls, int count, granularity by) {
  infer_model *m = arena_new_object(mem, infer_model);
  const net_node *n = &net->nodes[1];
  int channels = net->nodes[0].shape.c;
  uint8_t *k = arena_alloc(mem, (size_t)(n->shape.c * channels));
  rng r = rng_seed(5);
  for (int f = 0; f < n->shape.c; f++)
    for (int c = 0; c < channels; c++)
      k[f * channels + c] = (uint8_t)(by == BY_LAYER    ? 0
                                      : by == BY_FILTER ? f * count / n->shape.c
                                                        : (int)rng_below(&r, (uint32_t)count));
  assignment *a = arena_new_array(mem, assignment, 3);
  a[1] = assignment_by_kernel(mem, net, n, k);
  *m = (infer_model){.net = net, .muls = muls, .assign = a};
  return m;
}

static contender *add(contender *list, int *count, const char *name) {
  contender *c = &list[(*count)++];
  *c = (contender){.name = name};
  return c;
}

static void add_engine(arena *mem, contender *list, int *count, const char *name, const infer_model *m,
                       const char *isa) {
  const kernels *k = kernels_named(isa);
  if (!k)
    return;
  diag d = {0};
  contender *c = add(list, count, name);
  c->e = engine_new_with(mem, m, k, PLAN_KINDS, &d);
  if (!c->e) {
    fputs(d.text.data, stderr);
    exit(1);
  }
  c->e->seconds = arena_new_array(mem, double, m->net->count);
  const plan_node *p = &c->e->plans[1];
  snprintf(c->plan, sizeof c->plan, "%s, %d slice%s, %d term%s, %s", k->name, p->slices, p->slices == 1 ? "" : "s",
           p->slice[0].terms, p->slice[0].terms == 1 ? "" : "s", plan_kinds[p->slice[0].kind].name);
}

static void measure(contender *list, int count, const bench_case *b, const int32_t *table, int rounds) {
  const bench_layer *l = b->layer;
  size_t outputs = (size_t)(l->filters * (l->height + 2 * l->pad) * (l->width + 2 * l->pad) * b->images * BATCHES);
  int32_t *out = malloc(outputs * sizeof *out);
  for (int r = -1; r < rounds; r++) // the first round warms up
    for (int i = 0; i < count; i++) {
      double t = run_contender(&list[i], b, table, out);
      if (r >= 0)
        list[i].seconds[r] = t;
    }
  free(out);
}

static const char *const best_isas[] = {"amx", "avx512", "avx2"};

static double print(contender *list, int count, const bench_case *b, int rounds) {
  const bench_layer *l = b->layer;
  double products = (double)l->filters * l->channels * l->kernel * l->kernel * b->images *
                    (l->height + 2 * l->pad - l->kernel + 1) * (l->width + 2 * l->pad - l->kernel + 1);
  double scalar = 0, dnnl = 0;
  printf("%s, %d images, %.1f M products\n", l->name, b->images, products / 1e6);
  for (int i = 0; i < count; i++) {
    summary s = summarise(list[i].seconds, rounds);
    scalar = !list[i].e && !list[i].dnnl ? s.median : scalar;
    dnnl = list[i].dnnl ? s.median : dnnl;
    printf("  %-26s %8.3f ms %6.1f G/s (quartiles %.1f-%.1f)", list[i].name, s.median * 1e3, products / s.median / 1e9,
           products / s.high / 1e9, products / s.low / 1e9);
    if (scalar > 0)
      printf(" %6.1f x scalar", scalar / s.median);
    if (dnnl > 0)
      printf(" %5.2f x oneDNN", dnnl / s.median);
    printf("  %s%s\n", list[i].plan, list[i].dnnl ? bench_dnnl_name(list[i].dnnl) : "");
  }
  fflush(stdout);
  return scalar;
}

static uint8_t *codes(arena *mem, rng *r, size_t n) {
  uint8_t *p = arena_alloc(mem, n);
  for (size_t i = 0; i < n / BATCHES; i++) { // half of them 0, as after a ReLU
    double v = bench_gaussian(r) * 40;
    for (size_t b = 0; b < BATCHES; b++)
      p[b * (n / BATCHES) + i] = (uint8_t)(v < 0 ? 0 : v > 127 ? 127 : v);
  }
  return p;
}

static const mul *named(arena *mem, const char *name) {
  diag d = {0};
  const mul *m = mul_make(mem, name, &d);
  if (!m) {
    fputs(d.text.data, stderr);
    exit(1);
  }
  return m;
}

static void bench_layers(int rounds, bool mixed) {
  for (size_t i = 0; i < BASE_COUNT(layers); i++) {
    arena *mem = arena_new();
    rng r = rng_seed(3 + i);
    const bench_layer *l = &layers[i];
    network *net = bench_one_layer(mem, &r, l);
    bench_case b = {l, IMAGES, codes(mem, &r, (size_t)(BATCHES * IMAGES * l->channels * l->height * l->width)),
                    net->nodes[1].weight};
    // The input node maps pixel to code; it is undone here so that both see the same codes.
    net->nodes[0].quant.scale = 127.0 / 255 / 255;
    net->input_scale_255 = 127.0 / 255;
    contender *list = arena_new_array(mem, contender, MOST);
    int count = 0;
    const mul *any = noisy(mem, 1), *exact = named(mem, "exact8s");
    const int32_t *table = any->table;
    if (!mixed) {
      add(list, &count, "scalar table");
      bench_dnnl *d = bench_dnnl_new(&b);
      if (d)
        add(list, &count, "oneDNN exact int8")->dnnl = d;
      else if (!i)
        printf("oneDNN is absent (Debian: libdnnl-dev): not compared\n");
      const mul *rank1 = named(mem, "bam8s_h3_v0_t0"), *rank2 = named(mem, "roup8s_p0_r5.5.0.0"),
                *rank3 = named(mem, "roup8s_p1_r0.5.3.1");
      const mul **lists = arena_new_array(mem, const mul *, 5);
      memcpy(lists, (const mul *[]){exact, rank1, rank2, rank3, any}, 5 * sizeof *lists);
      static const char *const what[] = {"exact", "rank 1", "rank 2", "rank 3", "any table"};
      for (size_t isa = 0; isa < BASE_COUNT(best_isas); isa++)
        for (int k = 0; k < 5; k++)
          add_engine(mem, list, &count, what[k], model(mem, net, lists + k, 1, BY_LAYER), best_isas[isa]);
      count = count > MOST ? MOST : count;
      measure(list, count, &b, table, l->channels >= 256 && rounds > 7 ? 7 : rounds);
      print(list, count, &b, l->channels >= 256 && rounds > 7 ? 7 : rounds);
      if (d)
        bench_dnnl_free(d);
    } else {
      const mul **four = arena_new_array(mem, const mul *, 4);
      memcpy(four, (const mul *[]){exact, named(mem, "roup8s_p0_r5.3.1.0"), named(mem, "bam8s_h0_v4_t0"), any},
             4 * sizeof *four);
      static const char *const what[] = {"first", "second", "third", "fourth"};
      for (int k = 0; k < 4; k++)
        add_engine(mem, list, &count, what[k], model(mem, net, four + k, 1, BY_LAYER), kernels_choose()->name);
      add_engine(mem, list, &count, "all four by filter", model(mem, net, four, 4, BY_FILTER), kernels_choose()->name);
      add_engine(mem, list, &count, "all four by kernel", model(mem, net, four, 4, BY_KERNEL), kernels_choose()->name);
      add_engine(mem, list, &count, "three by filter", model(mem, net, four, 3, BY_FILTER), kernels_choose()->name);
      add_engine(mem, list, &count, "three by kernel", model(mem, net, four, 3, BY_KERNEL), kernels_choose()->name);
      measure(list, count, &b, table, rounds > 9 ? 9 : rounds);
      print(list, count, &b, rounds > 9 ? 9 : rounds);
    }
    arena_free(mem);
  }
}

// ---- whole networks ------------------------------------------------------------------------------------------------
// Images a second on some threads, by the clock: other programs count.
static double images_per_second(engine *e, const uint8_t *pixels, size_t images, int32_t *out, int threads,
                                int rounds) {
  double seconds[ROUNDS_MAX], *split = e->seconds;
  omp_set_num_threads(threads);
  e->seconds = NULL;
  for (int i = -1; i < rounds; i++) {
    double t = clock_seconds();
    engine_run(e, pixels, images, out);
    if (i >= 0)
      seconds[i] = clock_seconds() - t;
  }
  e->seconds = split;
  omp_set_num_threads(1);
  return (double)images / summarise(seconds, rounds).median;
}

static void bench_network(arena *mem, const char *name, const network *net, size_t images, int rounds) {
  diag d = {0};
  rng r = rng_seed(9);
  size_t size = (size_t)net_shape_size(net->nodes[0].shape);
  uint8_t *pixels = arena_alloc(mem, images * size);
  for (size_t i = 0; i < images * size; i++)
    pixels[i] = (uint8_t)rng_next(&r);
  int32_t *out = arena_new_array(mem, int32_t, images * (size_t)net_shape_size(net_output(net)->shape));
  const mul *muls[] = {named(mem, "exact8s"), named(mem, "roup8s_p0_r5.3.1.0"), noisy(mem, 1)};
  for (int k = 0; k < 3; k++) {
    infer_model m = {.net = net, .muls = muls + k, .assign = assignment_uniform_net(mem, net, 0)};
    engine *e = engine_new(mem, &m, &d);
    if (!e) {
      fputs(d.text.data, stdout);
      break;
    }
    double seconds[ROUNDS_MAX], total = 0;
    e->seconds = arena_new_array(mem, double, net->count);
    for (int i = -1; i < rounds; i++) {
      if (i == 0)
        memset(e->seconds, 0, net->count * sizeof(double));
      double t = engine_cpu_seconds();
      engine_run(e, pixels, images, out);
      if (i >= 0)
        seconds[i] = engine_cpu_seconds() - t;
    }
    for (size_t i = 0; i < net->count; i++)
      total += e->seconds[i];
    summary s = summarise(seconds, rounds);
    printf("%s, %s: %.0f images/s on one core (quartiles %.0f-%.0f);", name, muls[k]->name, (double)images / s.median,
           (double)images / s.high, (double)images / s.low);
    double one = images_per_second(e, pixels, images, out, 1, rounds),
           two = images_per_second(e, pixels, images, out, 2, rounds);
    printf(" by the clock %.0f on one and %.0f on two threads (%.2f times); %.1f MB\n ", one, two, two / one,
           (double)engine_memory(e) / 1048576);
    for (size_t i = 0; i < net->count; i++)
      if (e->seconds[i] > 0.01 * total)
        printf(" %s %.0f %%", net->nodes[i].name, 100 * e->seconds[i] / total);
    printf("\n");
    fflush(stdout);
  }
}

static void bench_networks(int rounds) {
  static const char *const names[] = {"lenet5-fashion",         "resnet8-cifar10",     "vgg11-cifar10",
                                      "efficientnetlite-gtsrb", "mobilenetv2-cifar10", "resnet18-cifar10"};
  for (size_t i = 0; i < BASE_COUNT(names); i++) {
    arena *mem = arena_new();
    diag d = {0};
    network *net = NULL;
    const char *path = arena_printf(mem, "models/%s/net.yaml", names[i]);
    if (!net_read(mem, path, &net, &d)) {
      fputs(d.text.data, stderr);
      exit(1);
    }
    int64_t products = 0;
    for (size_t k = 0; k < net->count; k++)
      products += net_multiplies(&net->nodes[k]) ? net_multiplications(net, &net->nodes[k]) : 0;
    bool large = products > 20000000;
    bench_network(mem, names[i], net, (large ? 2 : 16) * IMAGES, large && rounds > 5 ? 5 : rounds);
    arena_free(mem);
  }
}

int main(int argc, char **argv) {
  int rounds = argc > 1 ? atoi(argv[1]) : 15;
  rounds = rounds < 1 ? 1 : rounds > ROUNDS_MAX ? ROUNDS_MAX : rounds;
  const char *section = argc > 2 ? argv[2] : "";
  omp_set_num_threads(1);
  if (!*section || !strcmp(section, "layers"))
    bench_layers(rounds, false);
  if (!*section || !strcmp(section, "mixed"))
    bench_layers(rounds, true);
  if (!*section || !strcmp(section, "networks"))
    bench_networks(rounds);
  return 0;
}
