// SPDX-License-Identifier: Apache-2.0
//
// exercise CONFIG LOGITS: libaxgen as other programs use it, on the network and multipliers of a configuration whose
// logits `axgen eval --logits` wrote as raw int32. Prints a line `ok NAME` or `FAIL NAME why` for each claim of
// axgen.h.
#include "say.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { IMAGES = 200, OUTPUTS = 10 };
static const char *const NAMES[] = {"exact8s", "roup8s_p1_c7", "trunc8s_k8"};
enum { MULS = 3 };

typedef struct {
  axgen_net *net;
  axgen_mul *muls[MULS];
  axgen_images *images;
  const char *beside; // files may be written whose names begin so
} scene;

static void open_scene(scene *s) {
  axgen_error *e;
  const char *files[] = {"/usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz", NULL};
  s->net = axgen_net_read("models/lenet5-fashion/net.yaml", &e);
  judge("network", s->net && axgen_net_is_quantised(s->net), e);
  s->images =
      axgen_images_read("idx", files, "/usr/share/datasets/fashion-mnist/t10k-labels-idx1-ubyte.gz", 0, IMAGES, &e);
  int shape[3] = {0};
  if (s->images)
    axgen_images_shape(s->images, shape);
  judge("images", s->images && axgen_images_count(s->images) == IMAGES && shape[0] == 1 && shape[1] == 28, e);
  for (int i = 0; i < MULS; i++) {
    s->muls[i] = axgen_mul_new(NAMES[i], &e);
    judge(NAMES[i], s->muls[i] && !e && strcmp(axgen_mul_name(s->muls[i]), NAMES[i]) == 0, e);
  }
}

static axgen_evaluator *evaluator_of(const scene *s, axgen_error **e) {
  return axgen_evaluator_new(s->net, (const axgen_mul *const *)s->muls, MULS, axgen_images_pixels(s->images),
                             axgen_images_labels(s->images), IMAGES, e);
}

static void multipliers(const scene *s) {
  const axgen_mul *m = s->muls[1];
  axgen_signature g = axgen_mul_signature(m);
  const int32_t *table = axgen_mul_table(m);
  axgen_errors figures = axgen_mul_errors(m);
  double sum = 0;
  bool same = g.a_bits == 8 && g.b_bits == 8 && g.a_signed && g.b_signed && !g.exact && table;
  for (int a = -128; same && a < 128; a++)
    for (int b = -128; b < 128; b++) {
      int32_t p = table[(a & 255) << 8 | (b & 255)];
      same &= axgen_mul_product(m, a, b) == p;
      sum += abs(p - a * b);
    }
  judge("table and products", same, NULL);
  judge("mean error", figures.exhaustive && fabs(figures.mae - sum / 65536) < 1e-9, NULL);
  axgen_error *e;
  char *verilog = axgen_mul_verilog(m, &e);
  judge("Verilog", verilog && strstr(verilog, "module mul_roup8s_p1_c7"), e);
  axgen_free(verilog);
  axgen_mul *copy = axgen_mul_from_table("copy", &g, table, &e);
  judge("from a table", copy && memcmp(axgen_mul_table(copy), table, 65536 * sizeof *table) == 0, e);
  axgen_mul_free(copy);
  char file[4096];
  snprintf(file, sizeof file, "%s.npy", s->beside);
  bool written = axgen_mul_write(m, file, NULL, &e);
  judge("written as a table", written && !e, e);
  copy = axgen_mul_new(file, &e);
  judge("and read", copy && memcmp(axgen_mul_table(copy), table, 65536 * sizeof *table) == 0, e);
  axgen_mul_free(copy);
  remove(file);
  judge("in no such format", !axgen_mul_write(m, file, "xls", &e) && strstr(axgen_error_text(e), "xls"), e);
  g.a_bits = 30;
  copy = axgen_mul_from_table("wide", &g, table, &e);
  judge("a table that is too wide", !copy && axgen_error_code(e) == AXGEN_INPUT && *axgen_error_text(e), e);
}

// The second convolution by each kernel's own multiplier, the config's assignment.
static void set_kernels(const scene *s, axgen_evaluator *on) {
  int conv2 = axgen_net_find(s->net, "conv2");
  size_t units = (size_t)axgen_net_layer(s->net, (size_t)conv2).kernels;
  uint8_t *mul = malloc(units);
  axgen_error *e;
  for (size_t i = 0; i < units; i++)
    mul[i] = i % MULS;
  judge("by kernel", axgen_evaluator_set(on, conv2, AXGEN_KERNEL, mul, units, &e), e);
  judge("too few kernels", !axgen_evaluator_set(on, conv2, AXGEN_KERNEL, mul, units - 1, &e), e);
  mul[0] = MULS;
  judge("a multiplier that is none", !axgen_evaluator_set(on, conv2, AXGEN_KERNEL, mul, units, &e), e);
  judge("a layer that is none", !axgen_evaluator_set(on, 999, AXGEN_LAYER, mul, 1, &e), e);
  free(mul);
}

static void as_the_program(const scene *s, const char *file) {
  static int32_t want[IMAGES * OUTPUTS], got[IMAGES * OUTPUTS];
  FILE *f = fopen(file, "rb");
  bool read = f && fread(want, sizeof want, 1, f) == 1;
  judge("logits of axgen eval", read, NULL);
  if (f)
    fclose(f);
  axgen_error *e;
  axgen_result r;
  axgen_evaluator *on = evaluator_of(s, &e);
  judge("evaluator", on && !e, e);
  set_kernels(s, on);
  bool ok = axgen_evaluator_run(on, 0, IMAGES, got, &r, NULL, &e);
  judge("as axgen eval", ok && memcmp(got, want, sizeof want) == 0 && r.images == IMAGES && r.correct > 100, e);
  ok = axgen_evaluator_run(on, 1, IMAGES, got, &r, NULL, &e);
  judge("images that are not there", !ok && strstr(axgen_error_text(e), "200"), e);
  axgen_evaluator_free(on);
}

// The network corrected for trunc8s_k8 everywhere, as a model and back: the same integers.
static void corrected(const scene *s) {
  static int32_t want[IMAGES * OUTPUTS], got[IMAGES * OUTPUTS];
  axgen_error *e;
  axgen_result plain = {0}, r = {0};
  char file[4096];
  snprintf(file, sizeof file, "%s.onnx", s->beside);
  axgen_evaluator *on = evaluator_of(s, &e);
  for (size_t i = 0; i < axgen_net_layers(s->net); i++)
    if (axgen_net_layer(s->net, i).multiplications)
      axgen_evaluator_set(on, (int)i, AXGEN_LAYER, &(uint8_t){2}, 1, NULL);
  axgen_evaluator_run(on, 0, IMAGES, NULL, &plain, NULL, NULL);
  axgen_net *net = axgen_evaluator_corrected(on, IMAGES, NULL, &e);
  judge("corrected", net && !e, e);
  judge("on images that are not there", !axgen_evaluator_corrected(on, IMAGES + 1, NULL, &e), e);
  axgen_evaluator_free(on);
  scene better = *s, back = *s;
  better.net = net;
  bool written = axgen_net_export(net, file, false, &e);
  judge("exported", written && !e, e);
  back.net = axgen_net_read(file, &e);
  judge("imported", back.net && !e, e);
  on = evaluator_of(&better, &e);
  bool ok = axgen_evaluator_run(on, 0, IMAGES, want, NULL, NULL, &e);
  axgen_evaluator_free(on);
  on = evaluator_of(&back, &e);
  ok = ok && axgen_evaluator_run(on, 0, IMAGES, got, &r, NULL, &e);
  axgen_evaluator_free(on);
  judge("the same integers", ok && memcmp(want, got, sizeof want) == 0, e);
  on = evaluator_of(&better, &e);
  for (size_t i = 0; i < axgen_net_layers(net); i++)
    if (axgen_net_layer(net, i).multiplications)
      axgen_evaluator_set(on, (int)i, AXGEN_LAYER, &(uint8_t){2}, 1, NULL);
  axgen_evaluator_run(on, 0, IMAGES, NULL, &r, NULL, &e);
  judge("better corrected", r.correct > plain.correct, e);
  axgen_evaluator_free(on);
  axgen_net_free(back.net);
  axgen_net_free(net);
  remove(file);
}

static void errors(void) {
  axgen_error *e;
  axgen_mul *m = axgen_mul_new("booth99x", &e);
  judge("a multiplier that is none",
        !m && axgen_error_code(e) == AXGEN_INPUT && strstr(axgen_error_text(e), "booth99x"), e);
  axgen_net *net = axgen_net_read("/nowhere/net.yaml", &e);
  judge("a network that is none", !net && strstr(axgen_error_text(e), "/nowhere/net.yaml"), e);
  judge("no place for an error", !axgen_net_read("/nowhere/net.yaml", NULL), NULL);
  char *json = axgen_run("evil", NULL, NULL, &e);
  judge("no such verb", !json && axgen_error_code(e) == AXGEN_USAGE, e);
  json = axgen_run("eval", (const char *[]){"--bogus", NULL}, NULL, &e);
  judge("no such option", !json && axgen_error_code(e) == AXGEN_USAGE && strstr(axgen_error_text(e), "--bogus"), e);
}

static bool count_calls(void *user, const char *label, uint64_t done, uint64_t total) {
  (void)label, (void)done, (void)total;
  ++*(int *)user;
  return true;
}
static bool never(void *user, const char *label, uint64_t done, uint64_t total) {
  (void)user, (void)label, (void)done, (void)total;
  return false;
}

static void watched(const char *config) {
  int calls = 0;
  axgen_error *e;
  char *json = axgen_run("eval", (const char *[]){config, "--reference", "-n", "200", NULL},
                         &(axgen_watch){count_calls, &calls}, &e);
  judge("watched", json && strstr(json, "\"top1\"") && calls > 0, e);
  axgen_free(json);
  json = axgen_run("eval", (const char *[]){config, "--reference", NULL}, &(axgen_watch){never, NULL}, &e);
  judge("stopped", !json && axgen_error_code(e) == AXGEN_STOPPED, e);
  json = axgen_run("eval", (const char *[]){config, "-n", "200", NULL}, NULL, &e);
  judge("and not stopped any more", json && strstr(json, "\"top1\""), e);
  axgen_free(json);
}

static void *evaluate(void *of) {
  const scene *s = of;
  axgen_error *e;
  axgen_result r, first = {0};
  axgen_evaluator *on = evaluator_of(s, &e);
  bool same = on != NULL;
  for (uint8_t k = 0; same && k < 4; k++) {
    uint8_t mul = 1;
    same = axgen_evaluator_set(on, axgen_net_find(s->net, "conv1"), AXGEN_LAYER, &mul, 1, &e) &&
           axgen_evaluator_run(on, 0, IMAGES, NULL, &r, NULL, &e) && (!k || r.correct == first.correct);
    first = r;
  }
  axgen_evaluator_free(on);
  return same ? (void *)(uintptr_t)(1 + first.correct) : NULL;
}

// Evaluators side by side, and a verb that somebody stops: that is none of theirs.
static void threads(const scene *s, const char *config) {
  enum { THREADS = 3 };
  pthread_t all[THREADS];
  void *got[THREADS];
  axgen_error *e;
  for (int i = 0; i < THREADS; i++)
    pthread_create(&all[i], NULL, evaluate, (void *)(uintptr_t)s);
  char *json = axgen_run("eval", (const char *[]){config, "--reference", NULL}, &(axgen_watch){never, NULL}, &e);
  for (int i = 0; i < THREADS; i++)
    pthread_join(all[i], &got[i]);
  judge("threads", !json && got[0] && got[0] == got[1] && got[0] == got[2], e);
}

// What `call` returns is nothing, and the error says so.
#define refuses(what, call)                                                                                            \
  do {                                                                                                                 \
    axgen_error *e_;                                                                                                   \
    bool refused_ = !(call);                                                                                           \
    say(what, refused_ &&strstr(axgen_error_text(e_), "found NULL"), e_);                                              \
  } while (0)

static void nothing_given(const scene *s) {
  static const axgen_signature sig = {.a_bits = 2, .b_bits = 2};
  static const int32_t table[16];
  const axgen_mul *none[] = {NULL};
  axgen_error *e;
  refuses("mul_new", axgen_mul_new(NULL, &e_));
  refuses("mul_from_table: name", axgen_mul_from_table(NULL, &sig, table, &e_));
  refuses("mul_from_table: signature", axgen_mul_from_table("t", NULL, table, &e_));
  refuses("mul_from_table: table", axgen_mul_from_table("t", &sig, NULL, &e_));
  refuses("net_read", axgen_net_read(NULL, &e_));
  refuses("net_quantize", axgen_net_quantize(s->net, NULL, 3, NULL, &e_));
  refuses("net_write", axgen_net_write(s->net, NULL, &e_));
  refuses("net_export", axgen_net_export(s->net, NULL, false, &e_));
  refuses("mul_write", axgen_mul_write(s->muls[0], NULL, NULL, &e_));
  refuses("images_read: format", axgen_images_read(NULL, (const char *[]){"x", NULL}, NULL, 0, 0, &e_));
  refuses("images_read: files", axgen_images_read("npy", NULL, NULL, 0, 0, &e_));
  refuses("evaluator_new: multipliers",
          axgen_evaluator_new(s->net, NULL, 1, axgen_images_pixels(s->images), NULL, IMAGES, &e_));
  refuses("evaluator_new: multiplier",
          axgen_evaluator_new(s->net, none, 1, axgen_images_pixels(s->images), NULL, IMAGES, &e_));
  refuses("run", axgen_run(NULL, NULL, NULL, &e_));
  axgen_evaluator *on = evaluator_of(s, &e);
  judge("run without a result",
        axgen_net_find(s->net, NULL) == -1 && axgen_evaluator_run(on, 0, 1, NULL, NULL, NULL, &e), e);
  axgen_evaluator_free(on);
}

// A watcher that runs a verb where one runs.
static bool nests(void *user, const char *label, uint64_t done, uint64_t total) {
  (void)label, (void)done, (void)total;
  axgen_error *e;
  char *json = axgen_run("mul", (const char *[]){"show", "exact8s", NULL}, NULL, &e);
  *(bool *)user = !json && axgen_error_code(e) == AXGEN_INPUT && strstr(axgen_error_text(e), "running in this thread");
  axgen_free(json);
  axgen_error_free(e);
  return false;
}

static void nested(const char *config) {
  axgen_error *e;
  bool refused = false;
  char *json = axgen_run("eval", (const char *[]){config, "--reference", NULL}, &(axgen_watch){nests, &refused}, &e);
  judge("a watcher runs no verb", !json && refused && axgen_error_code(e) == AXGEN_STOPPED, e);
  axgen_free(json);
}

// OpenMP's threads do not live on in a child.
static void forked(const scene *s, const char *config) {
  axgen_error *e;
  axgen_result r, there;
  axgen_evaluator *on = evaluator_of(s, &e);
  axgen_evaluator_run(on, 0, IMAGES, NULL, &r, NULL, NULL);
  fflush(NULL);
  pid_t child = fork();
  if (child == 0) {
    alarm(60);
    bool same = axgen_evaluator_run(on, 0, IMAGES, NULL, &there, NULL, NULL) && there.correct == r.correct;
    _exit(!same || !axgen_run("eval", (const char *[]){config, "-n", "20", "--jobs", "2", NULL}, NULL, NULL));
  }
  int status = -1;
  waitpid(child, &status, 0);
  printf(status == 0 ? "ok a forked process\n" : "FAIL a forked process: %d\n", status);
  axgen_evaluator_free(on);
}

int main(int argc, char **argv) {
  if (argc != 3)
    return 2;
  setvbuf(stdout, NULL, _IOLBF, 0); // what was judged before a crash
  scene s = {.beside = argv[2]};
  open_scene(&s);
  multipliers(&s);
  as_the_program(&s, argv[2]);
  errors();
  corrected(&s);
  watched(argv[1]);
  threads(&s, argv[1]);
  nothing_given(&s);
  nested(argv[1]);
  forked(&s, argv[1]);
  // What an evaluator is made of may go before it.
  axgen_error *e;
  axgen_result r;
  axgen_evaluator *on = evaluator_of(&s, &e);
  axgen_net_free(s.net);
  for (int i = 0; i < MULS; i++)
    axgen_mul_free(s.muls[i]);
  judge("freed in any order", axgen_evaluator_run(on, 0, IMAGES, NULL, &r, NULL, &e) && r.correct > 100, e);
  axgen_evaluator_free(on);
  axgen_images_free(s.images);
  return 0;
}
