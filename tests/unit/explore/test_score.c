// SPDX-License-Identifier: Apache-2.0
//
// Scores are what equations 1, 2, 3 and 6 say, multiplication by multiplication; k-means finds clusters that are known.
#include "tests/unit/net/files.h"
#include "tests/unit/net/sample.h"

#include "compiler/explore/representatives.h"
#include "compiler/explore/score.h"

#include <omp.h>

enum { MULS = 11, IMAGES = 5 };

typedef struct {
  arena *mem;
  network *net;
  const mul *muls[MULS];
  dataset data;
  size_t images[3];
} scene;

static scene scene_of(arena *mem, rng *r, sample_scheme scheme, int a_bits, int w_bits, int layers) {
  scene s = {.mem = mem, .net = sample_network(mem, r, scheme, a_bits, w_bits, layers), .images = {1, 4, 2}};
  for (unsigned k = 0; k < MULS; k++)
    s.muls[k] = sample_mul(mem, scheme, a_bits, w_bits, k);
  s.muls[4] = sample_mul(mem, scheme, a_bits + 1, w_bits, 3); // fits nowhere
  size_t size = (size_t)net_shape_size(s.net->nodes[0].shape);
  uint8_t *pixels = arena_alloc(mem, size * IMAGES), *labels = arena_alloc(mem, IMAGES);
  for (size_t i = 0; i < size * IMAGES; i++)
    pixels[i] = (uint8_t)rng_next(r);
  for (int i = 0; i < IMAGES; i++)
    labels[i] = (uint8_t)rng_below(r, (uint32_t)net_shape_size(net_output(s.net)->shape));
  net_node *n = &s.net->nodes[s.net->count - 1]; // logits that are not certain, else there is no gradient
  double *scale = arena_new_array(mem, double, (size_t)n->shape.c);
  for (int f = 0; f < n->shape.c; f++)
    scale[f] = 1e-4 / net_input_quant(s.net, n).scale;
  n->weight_scale = scale;
  n->quant.scale = n->quant.bits ? 0.05 : 0;
  s.data = (dataset){s.net->nodes[0].shape, IMAGES, pixels, labels, net_output(s.net)->shape.c};
  return s;
}

// The mean over images and places of |dL/dproduct| * |f(a, w) - a * w|, for weight i.
static double score_of_weight(const scene *s, gradient_image *const *images, int node, int64_t i, const mul *m) {
  const net_node *n = &s->net->nodes[node];
  net_shape in = net_input_shape(s->net, n), o = n->shape;
  int64_t reduction = net_reduction(s->net, n);
  int f = (int)(i / reduction), t = (int)(i % reduction), kx = t % n->kw, ky = t / n->kw % n->kh;
  int c = f / (o.c / n->groups) * (in.c / n->groups) + t / n->kw / n->kh;
  double sum = 0;
  for (int k = 0; k < 3; k++)
    for (int y = 0; y < o.h; y++)
      for (int x = 0; x < o.w; x++) {
        int iy = y * n->sh - n->pt + ky, ix = x * n->sw - n->pl + kx;
        bool inside = iy >= 0 && iy < in.h && ix >= 0 && ix < in.w;
        int32_t a = inside ? images[k]->value[n->inputs[0]][((int64_t)c * in.h + iy) * in.w + ix]
                           : net_input_quant(s->net, n).zero;
        int64_t error = m->function(m, a, n->weight[i]) - (int64_t)a * n->weight[i];
        sum += fabs(images[k]->of[node][((int64_t)f * o.h + y) * o.w + x]) * fabs((double)error);
      }
  return sum / (3.0 * o.h * o.w);
}

static void assert_near(double got, double want) {
  if (!(fabs(got - want) <= 1e-5 * fabs(want) + 1e-30))
    fail_msg("%.10g instead of %.10g", got, want);
}

static scores run(const scene *s, assignment_level level) {
  scores out;
  diag d = {0};
  if (!score_run(s->mem, s->net, s->muls, MULS, &s->data, s->images, 3, level, &out, &d))
    fail_msg("%s", d.text.data);
  return out;
}

// All levels of one layer and multiplier against the definition. Returns the layer's score.
static double check_layer(const scene *s, const scores *all, gradient_image *const *images, int l, int m) {
  int node = all[0].layer[l].node;
  const net_node *n = &s->net->nodes[node];
  int64_t reduction = net_reduction(s->net, n), kernel = (int64_t)n->kh * n->kw;
  double layer = 0;
  for (int f = 0; f < n->shape.c; f++) {
    double filter = 0;
    for (int64_t i = 0; i < reduction; i += kernel) {
      double sum = 0;
      for (int64_t k = 0; k < kernel; k++) {
        double w = score_of_weight(s, images, node, f * reduction + i + k, s->muls[m]);
        assert_near(all[2].layer[l].unit[(f * reduction + i + k) * MULS + m], w);
        sum += w;
      }
      assert_near(all[1].layer[l].unit[(f * reduction + i) / kernel * MULS + m], sum / (double)kernel);
      filter += sum / (double)reduction;
    }
    assert_near(all[0].layer[l].unit[f * MULS + m], filter);
    assert_near(all[2].layer[l].filter[f * MULS + m], filter);
    layer += filter / n->shape.c;
  }
  assert_near(all[0].layer[l].layer[m], layer);
  return layer;
}

static void check(const scene *s, rng *r, int *nonzero) {
  scores all[3] = {run(s, ASSIGN_FILTER), run(s, ASSIGN_KERNEL), run(s, ASSIGN_WEIGHT)};
  diag d = {0};
  gradient *g = gradient_new(s->mem, s->net, &d);
  gradient_image *images[3];
  size_t size = (size_t)net_shape_size(s->data.shape);
  for (int k = 0; k < 3; k++) {
    images[k] = gradient_image_new(s->mem, g);
    gradient_run(g, s->data.pixels + s->images[k] * size, s->data.labels[s->images[k]], images[k]);
  }
  uint64_t total = 0;
  for (int l = 0; l < all[0].layers; l++)
    total += all[0].layer[l].multiplications;
  for (int m = 0; m < MULS; m++) {
    if (m == 4) {
      assert_true(isnan(all[0].model[m]) && isnan(all[0].layer[0].layer[m]) && isnan(all[1].layer[0].unit[m]));
      continue;
    }
    double model = 0;
    for (int l = 0; l < all[0].layers; l++)
      model += check_layer(s, all, images, l, m) * (double)all[0].layer[l].multiplications / (double)total;
    assert_near(all[0].model[m], model);
    uint64_t counted = all[0].zeros[m];
    for (int b = 0; b < SCORE_BINS; b++)
      counted += all[0].histogram[m * SCORE_BINS + b];
    assert_int_equal(counted, total);
    *nonzero += model > 0;
    assert_true(m > 0 || model == 0); // the exact one
  }
  // an assignment by kernel, and none in the last layer
  assignment *assign = arena_new_array(s->mem, assignment, s->net->count);
  double want = 0;
  for (int l = 0; l + 1 < all[1].layers; l++) {
    const score_layer *layer = &all[1].layer[l];
    uint8_t *mul = arena_alloc(s->mem, (size_t)layer->units);
    for (int64_t u = 0; u < layer->units; u++) {
      mul[u] = (uint8_t)rng_below(r, 4);
      want += layer->unit[u * MULS + mul[u]] / (double)layer->units * (double)layer->multiplications / (double)total;
    }
    assign[layer->node] = assignment_by_kernel(s->mem, s->net, &s->net->nodes[layer->node], mul);
  }
  assert_near(score_assignment(&all[1], assign), want);
  assert_near(score_assignment(&all[2], assign), want);
}

static void test_definition(void **state) {
  (void)state;
  rng r = rng_seed(91);
  int nonzero = 0;
  for (int i = 0; i < 40; i++) {
    arena *mem = arena_new();
    bool wide = i % 8 == 7; // no tables
    scene s =
        scene_of(mem, &r, (sample_scheme)(i % SAMPLE_SCHEMES), wide ? 12 : 4 + i % 5, wide ? 10 : 3 + i % 6, i % 4);
    check(&s, &r, &nonzero);
    arena_free(mem);
  }
  assert_true(nonzero > 100);
}

static void test_threads(void **state) {
  (void)state;
  rng r = rng_seed(92);
  arena *mem = arena_new();
  scene s = scene_of(mem, &r, SAMPLE_U8S8, 8, 8, 4);
  int before = omp_get_max_threads();
  scores first = {0};
  for (int threads = 1; threads <= 4; threads++) {
    omp_set_num_threads(threads);
    scores now = run(&s, ASSIGN_WEIGHT);
    representatives found;
    diag d = {0};
    assert_true(representatives_choose(mem, s.net, &s.data, 1, 4, 3, 7, &found, &d));
    if (threads == 1)
      first = now;
    assert_memory_equal(first.model, now.model, MULS * sizeof(double));
    assert_memory_equal(first.histogram, now.histogram, MULS * SCORE_BINS * sizeof(uint64_t));
    for (int l = 0; l < now.layers; l++)
      assert_memory_equal(first.layer[l].unit, now.layer[l].unit, (size_t)now.layer[l].units * MULS * sizeof(double));
    assert_true(found.count >= 1 && found.count <= 3);
    size_t sum = 0;
    for (size_t k = 0; k < found.count; k++) {
      assert_true(found.image[k] >= 1 && found.image[k] < 5);
      sum += found.cluster[k].size;
    }
    assert_int_equal(sum, 4);
  }
  omp_set_num_threads(before);
  arena_free(mem);
}

// Equations 4 and 5, by the reference.
static void test_moments(void **state) {
  (void)state;
  rng r = rng_seed(93);
  arena *mem = arena_new();
  scene s = scene_of(mem, &r, SAMPLE_U8, 8, 8, 3);
  representatives found;
  diag d = {0};
  assert_true(representatives_choose(mem, s.net, &s.data, 0, IMAGES, 2, 1, &found, &d));
  int node = 0;
  while (!net_multiplies(&s.net->nodes[node]))
    node++;
  const net_node *n = &s.net->nodes[node];
  assert_string_equal(found.layer, n->name);
  int32_t **values = infer_buffers(mem, s.net);
  infer_model m = {.net = s.net};
  double count = (double)net_shape_size(n->shape), scale = n->quant.bits ? n->quant.scale : 1;
  for (int i = 0; i < IMAGES; i++) {
    ref_run(&m, s.data.pixels + i * net_shape_size(s.data.shape), values);
    double sum = 0, squares = 0;
    for (int k = 0; k < (int)count; k++)
      sum += scale * (values[node][k] - (n->quant.bits ? n->quant.zero : 0)) / count;
    for (int k = 0; k < (int)count; k++)
      squares += pow(scale * (values[node][k] - (n->quant.bits ? n->quant.zero : 0)) - sum, 2) / count;
    assert_float_equal(found.moments[i].x, sum, 1e-9 * (1 + fabs(sum)));
    assert_float_equal(found.moments[i].y, sqrt(squares), 1e-7 * (1 + sqrt(squares)));
  }
  double share = 0;
  for (size_t b = 0; b < found.bins; b++)
    share += found.all[b];
  assert_float_equal(share, 1, 1e-12);
  arena_free(mem);
}

static void test_clusters(void **state) {
  (void)state;
  enum { POINTS = 1000 };
  static const kmeans_point CENTRE[] = {{-5, 0}, {0, 9}, {0.5, -9}, {8, 1}, {8, 4}};
  static const int SIZE[] = {10, 490, 200, 100, 200};
  rng r = rng_seed(94);
  arena *mem = arena_new();
  kmeans_point *p = arena_new_array(mem, kmeans_point, POINTS);
  for (int c = 0, i = 0; c < 5; c++)
    for (int k = 0; k < SIZE[c]; k++, i++)
      p[i] = (kmeans_point){CENTRE[c].x + rng_unit(&r) - 0.5, CENTRE[c].y + rng_unit(&r) - 0.5};
  for (uint64_t seed = 1; seed <= 20; seed++) {
    kmeans_result found = kmeans(mem, p, POINTS, 5, seed);
    assert_int_equal(found.count, 5);
    for (int c = 0, i = 0; c < 5; c++) {
      int which = (int)found.of[i];
      assert_int_equal(found.cluster[which].size, SIZE[c]);
      kmeans_point mean = {0};
      for (int k = 0; k < SIZE[c]; k++) {
        assert_int_equal(found.of[i + k], which);
        mean.x += p[i + k].x / SIZE[c], mean.y += p[i + k].y / SIZE[c];
      }
      assert_float_equal(found.cluster[which].centre.x, mean.x, 1e-9);
      assert_float_equal(found.cluster[which].centre.y, mean.y, 1e-9);
      size_t best = found.cluster[which].nearest;
      for (int k = 0; k < SIZE[c]; k++)
        assert_true(hypot(p[i + k].x - mean.x, p[i + k].y - mean.y) >=
                    hypot(p[best].x - mean.x, p[best].y - mean.y) - 1e-12);
      i += SIZE[c];
    }
    kmeans_result again = kmeans(mem, p, POINTS, 5, seed);
    assert_memory_equal(found.of, again.of, POINTS * sizeof *found.of);
  }
  // a few different points only; one cluster; more clusters than points
  kmeans_point same[6] = {{1, 1}, {2, 2}, {1, 1}, {1, 1}, {2, 2}, {1, 1}};
  assert_int_equal(kmeans(mem, same, 6, 4, 1).count, 2);
  kmeans_result one = kmeans(mem, same, 6, 1, 1);
  assert_int_equal(one.count, 1);
  assert_float_equal(one.cluster[0].centre.x, 8.0 / 6, 1e-12);
  assert_int_equal(kmeans(mem, p, 3, 10, 1).count, 3);
  arena_free(mem);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_definition), cmocka_unit_test(test_threads),
                                     cmocka_unit_test(test_moments), cmocka_unit_test(test_clusters)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
