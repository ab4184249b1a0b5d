// SPDX-License-Identifier: Apache-2.0
//
// Single layers of a network, one after the other: that they give the network's logits, with its weights and others, in
// every type and layout; what is refused. Prints `ok NAME` or `FAIL NAME why`.
#include "say.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { IMAGES = 70, LAYERS = 30, MOST = 32 * 32 * 16, MULS = 3 };

typedef struct {
  axgen_net *net;
  axgen_mul *muls[MULS];
  uint8_t *pixels;
} scene;

// A number after a key in a layer's description.
static int number(const axgen_net *net, size_t layer, const char *key, int at) {
  char *text = axgen_net_describe(net, layer, NULL);
  const char *p = text ? strstr(text, key) : NULL;
  p = p ? p + strlen(key) : "";
  for (p += strcspn(p, "-0123456789"); at > 0 && *p; at--)
    for (p += strcspn(p, ","), p += *p == ','; *p == ' ' || *p == '\n' || *p == '\t';)
      p++;
  int value = atoi(p);
  axgen_free(text);
  return value;
}

static size_t size_of(const axgen_net *net, size_t layer) {
  axgen_layer l = axgen_net_layer(net, layer);
  return (size_t)l.channels * (size_t)l.height * (size_t)l.width;
}

// The multiplier of kernel i, in turn.
static void set_multipliers(const axgen_net *net, int layer, uint8_t *mul, size_t *units) {
  axgen_layer l = axgen_net_layer(net, (size_t)layer);
  *units = (size_t)l.kernels;
  for (size_t i = 0; i < *units; i++)
    mul[i] = (uint8_t)(i % MULS);
}

// [n][c][h][w] to [n][h][w][c] and back, in floating point.
static void turn(const axgen_net *net, size_t layer, const int32_t *in, float *out, int32_t *back) {
  axgen_layer l = axgen_net_layer(net, layer);
  size_t plane = (size_t)(l.height * l.width), c = (size_t)l.channels;
  for (size_t n = 0; n < IMAGES; n++)
    for (size_t i = 0; i < c; i++)
      for (size_t p = 0; p < plane; p++) {
        if (back)
          back[(n * c + i) * plane + p] = (int32_t)lrintf(out[(n * plane + p) * c + i]);
        else
          out[(n * plane + p) * c + i] = (float)in[(n * c + i) * plane + p];
      }
}

// All layers one after the other; the network is a chain without zero points. floats: between layers channels are last.
static bool chain(const scene *s, const axgen_net *net, const axgen_net *weights_of, bool floats, int32_t *logits,
                  axgen_error **e) {
  size_t count = axgen_net_layers(net), in = size_of(net, 0);
  int32_t *values = malloc(sizeof(int32_t) * IMAGES * MOST), *next = malloc(sizeof(int32_t) * IMAGES * MOST);
  float *a = malloc(sizeof(float) * IMAGES * MOST), *b = malloc(sizeof(float) * IMAGES * MOST);
  static _Thread_local uint8_t mul[1 << 14];
  bool ok = true;
  for (size_t i = 0; i < IMAGES * in; i++)
    values[i] = (int32_t)floor(s->pixels[i] / 255.0 * 127 + 0.5);
  for (size_t layer = 1; ok && layer < count; layer++) {
    axgen_operator *o = axgen_operator_new(net, (int)layer, (const axgen_mul *const *)s->muls, MULS, e);
    size_t units = 0;
    ok = o != NULL;
    if (ok && axgen_net_layer(net, layer).kernels) {
      int32_t bias[512];
      set_multipliers(net, (int)layer, mul, &units);
      for (int f = 0; f < axgen_net_layer(net, layer).channels; f++)
        bias[f] = number(weights_of, layer, "\"bias\":", f);
      ok = axgen_operator_set(o, AXGEN_KERNEL, mul, units, e) &&
           axgen_operator_weights(o, axgen_net_weights(weights_of, layer), bias, e);
    }
    bool last = layer + 1 == count;
    if (floats)
      turn(net, layer - 1, values, a, NULL);
    axgen_tensor from = {floats ? (void *)a : values, floats ? AXGEN_F32 : AXGEN_I32, floats};
    axgen_tensor to = {floats && !last ? (void *)b : next, floats && !last ? AXGEN_F32 : AXGEN_I32, floats && !last};
    ok = ok && axgen_operator_run(o, &from, IMAGES, &to, e);
    if (ok && floats && !last)
      turn(net, layer, NULL, b, next);
    int32_t *swap = values;
    values = next;
    next = swap;
    axgen_operator_free(o);
  }
  memcpy(logits, values, sizeof *logits * IMAGES * size_of(net, count - 1));
  free(values);
  free(next);
  free(a);
  free(b);
  return ok;
}

static bool evaluated(const scene *s, const axgen_net *net, int32_t *logits, axgen_error **e) {
  axgen_evaluator *on = axgen_evaluator_new(net, (const axgen_mul *const *)s->muls, MULS, s->pixels, NULL, IMAGES, e);
  bool ok = on != NULL;
  static _Thread_local uint8_t mul[1 << 14];
  for (size_t layer = 1; ok && layer < axgen_net_layers(net); layer++) {
    size_t units;
    set_multipliers(net, (int)layer, mul, &units);
    ok = !units || axgen_evaluator_set(on, (int)layer, AXGEN_KERNEL, mul, units, e);
  }
  ok = ok && axgen_evaluator_run(on, 0, IMAGES, logits, NULL, NULL, e);
  axgen_evaluator_free(on);
  return ok;
}

static void *in_thread(void *data) {
  static const size_t LOGITS = (size_t)IMAGES * 10;
  const scene *s = data;
  int32_t *got = malloc(LOGITS * sizeof *got), *want = malloc(LOGITS * sizeof *want);
  bool same = chain(s, s->net, s->net, true, got, NULL) && evaluated(s, s->net, want, NULL) &&
              memcmp(got, want, LOGITS * sizeof *got) == 0;
  free(got);
  free(want);
  return same ? data : NULL;
}

static void other_weights(const scene *s) {
  axgen_error *e;
  int layer = axgen_net_find(s->net, "conv2");
  axgen_layer l = axgen_net_layer(s->net, (size_t)layer);
  int16_t *weight = malloc((size_t)l.weights * sizeof *weight);
  int32_t bias[64], got[IMAGES * 10], want[IMAGES * 10];
  for (int i = 0; i < (int)l.weights; i++)
    weight[i] = (int16_t)(i * 37 % 255 - 127);
  for (int i = 0; i < l.channels; i++)
    bias[i] = i * 100 - 500;
  const int16_t *weights[LAYERS] = {[0] = NULL};
  const int32_t *biases[LAYERS] = {[0] = NULL};
  weights[layer] = weight;
  biases[layer] = bias;
  axgen_net *net = axgen_net_with(s->net, weights, biases, &e);
  judge("other weights", net && axgen_net_weights(net, (size_t)layer)[1] == weight[1], e);
  bool ok = net && evaluated(s, net, want, &e) && chain(s, s->net, net, false, got, &e);
  judge("operators take them", ok && memcmp(got, want, sizeof got) == 0, e);
  weight[5] = 200;
  judge("a weight that is no code", !axgen_net_with(s->net, weights, biases, &e), NULL);
  judge("is refused with the layer", strstr(axgen_error_text(e), "conv2") != NULL, e);
  axgen_net_free(net);
  free(weight);
}

#define refuses(what, says, call)                                                                                      \
  do {                                                                                                                 \
    axgen_error *e_ = NULL;                                                                                            \
    bool refused_ = !(call);                                                                                           \
    say(what, refused_ &&strstr(axgen_error_text(e_), says) != NULL, e_);                                              \
  } while (0)

static void refused(const scene *s) {
  int conv1 = axgen_net_find(s->net, "conv1"), pool1 = axgen_net_find(s->net, "pool1");
  static int32_t in[28 * 28], out[MOST];
  static int16_t weight[6 * 25];
  static int32_t bias[6];
  const axgen_tensor from = {in, AXGEN_I32, false}, to = {out, AXGEN_I32, false}, odd = {in, (axgen_type)9, false};
  axgen_operator *o = axgen_operator_new(s->net, conv1, (const axgen_mul *const *)s->muls, MULS, NULL);
  axgen_operator *pool = axgen_operator_new(s->net, pool1, NULL, 0, NULL);
  refuses("no such layer", "layer 0", axgen_operator_new(s->net, 0, NULL, 0, &e_));
  refuses("no multiplier", "found NULL", axgen_operator_new(s->net, 1, NULL, 1, &e_));
  refuses("a number beyond", "multiplier 3", axgen_operator_set(o, AXGEN_LAYER, (uint8_t[]){3}, 1, &e_));
  refuses("a pool has no multiplier", "maxpool", axgen_operator_set(pool, AXGEN_LAYER, (uint8_t[]){0}, 1, &e_));
  refuses("nor weights", "maxpool", axgen_operator_weights(pool, weight, bias, &e_));
  refuses("no biases", "found NULL", axgen_operator_weights(o, weight, NULL, &e_));
  bias[2] = INT32_MAX;
  refuses("no input", "found NULL", axgen_operator_run(o, NULL, 1, &to, &e_));
  refuses("more images than addresses", "more than memory", axgen_operator_run(o, &from, SIZE_MAX / 2, &to, &e_));
  refuses("no output", "found NULL", axgen_operator_run(o, &from, 1, NULL, &e_));
  refuses("no such type", "type 9", axgen_operator_run(o, &odd, 1, &to, &e_));
  in[3] = 128;
  refuses("no such code", "0 to 127", axgen_operator_run(o, &from, 1, &to, &e_));
  float real[28 * 28] = {[7] = 0.5f};
  const axgen_tensor part = {real, AXGEN_F32, true};
  refuses("no whole number", "expected codes", axgen_operator_run(o, &part, 1, &to, &e_));
  real[7] = NAN;
  refuses("no number", "expected codes", axgen_operator_run(o, &part, 1, &to, &e_));
  refuses("no layer to describe", "layer 99", axgen_net_describe(s->net, 99, &e_));
  in[3] = 0;
  axgen_error *e;
  judge("and goes on", axgen_operator_run(o, &from, 1, &to, &e), e);
  axgen_operator_free(o);
  axgen_operator_free(pool);
  axgen_operator_free(NULL);
}

int main(void) {
  static const char *const NAMES[MULS] = {"exact8s", "roup8s_p1_c7", "trunc8s_k8"};
  setvbuf(stdout, NULL, _IOLBF, 0);
  scene s = {0};
  axgen_error *e;
  s.net = axgen_net_read("models/lenet5-fashion/net.yaml", &e);
  judge("network", s.net != NULL, e);
  for (int i = 0; i < MULS; i++)
    s.muls[i] = axgen_mul_new(NAMES[i], NULL);
  const char *files[] = {"/usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz", NULL};
  axgen_images *images = axgen_images_read("idx", files, NULL, 0, IMAGES, &e);
  judge("images", images != NULL, e);
  s.pixels = (uint8_t *)(uintptr_t)axgen_images_pixels(images);
  static int32_t got[IMAGES * 10], want[IMAGES * 10];
  judge("evaluated", evaluated(&s, s.net, want, &e), e);
  for (int floats = 0; floats < 2; floats++) {
    bool ok = chain(&s, s.net, s.net, floats, got, &e);
    judge(floats ? "floats, channels last" : "integers, planes", ok && memcmp(got, want, sizeof got) == 0, e);
  }
  pthread_t all[3];
  void *same[3];
  for (int i = 0; i < 3; i++)
    pthread_create(&all[i], NULL, in_thread, &s);
  for (int i = 0; i < 3; i++)
    pthread_join(all[i], &same[i]);
  judge("in threads", same[0] && same[1] && same[2], NULL);
  other_weights(&s);
  refused(&s);
  axgen_operator *o = axgen_operator_new(s.net, 1, (const axgen_mul *const *)s.muls, MULS, NULL);
  axgen_net_free(s.net);
  for (int i = 0; i < MULS; i++)
    axgen_mul_free(s.muls[i]);
  judge("freed in any order", axgen_operator_set(o, AXGEN_LAYER, (uint8_t[]){1}, 1, &e), e);
  axgen_operator_free(o);
  axgen_images_free(images);
  return 0;
}
