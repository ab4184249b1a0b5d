// SPDX-License-Identifier: Apache-2.0
//
// config.yaml: what a good one means, and the exact text of every error: tests/config/errors/X.yaml must give
// X.expected. AXGEN_BLESS=1 writes the .expected files anew.
#include "tests/unit/net/files.h"

#include "compiler/target/dataflow/target.h"
#include "compiler/target/fgpu/target.h"
#include "compiler/target/list.h"

#include <glob.h>

static void check_error_file(const char *path) {
  arena *mem = arena_new();
  diag d = {0};
  config *c = NULL;
  assert_false(config_read(mem, path, TARGET_READERS, &c, &d));
  assert_true(d.errors > 0 && d.exit_code == EXIT_INPUT);
  char *expected = arena_printf(mem, "%.*s.expected", (int)(strlen(path) - strlen(".yaml")), path);
  if (getenv("AXGEN_BLESS"))
    files_put(expected, d.text.data, d.text.len);
  bytes want = files_get(mem, expected);
  if (strcmp((const char *)want.data, d.text.data) != 0)
    fail_msg("%s: expected\n%s\nfound\n%s", path, (const char *)want.data, d.text.data);
  diag_free(&d);
  arena_free(mem);
}

static void test_errors(void **state) {
  (void)state;
  glob_t g;
  assert_int_equal(glob("tests/config/errors/*.yaml", 0, NULL, &g), 0);
  for (size_t i = 0; i < g.gl_pathc; i++)
    check_error_file(g.gl_pathv[i]);
  globfree(&g);
}

// What mul_make finds wrong is shown at the name.
static void test_multiplier_name(void **state) {
  (void)state;
  arena *mem = arena_new();
  diag d = {0};
  config *c;
  const char *path = files_path(mem, "name.yaml");
  const char text[] = "network: x.yaml\nmultipliers: {E: exact8s, L: roup8s_p0_q4}\nassignment: {default: E}\n";
  files_put(path, text, sizeof text - 1);
  assert_false(config_read(mem, path, TARGET_READERS, &c, &d));
  assert_int_equal(d.errors, 2);
  assert_non_null(strstr(d.text.data, "name.yaml:2:30: error: multiplier `roup8s_p0_q4`"));
  diag_free(&d);
  arena_free(mem);
}

static const config *read_good(arena *mem, const char *rest) {
  diag d = {0};
  config *c = NULL;
  char cwd[4096];
  assert_non_null(getcwd(cwd, sizeof cwd));
  char *text = arena_printf(mem,
                            "network: %s/tests/config/tiny/net.yaml\n"
                            "multipliers: {E: exact8s, L: roup8s_p0_c4, H: roup8s_p1_r7.5.3.1}\n%s",
                            cwd, rest);
  const char *path = files_path(mem, "good.yaml");
  files_put(path, text, strlen(text));
  if (!config_read(mem, path, TARGET_READERS, &c, &d))
    fail_msg("%s", d.text.data);
  return c;
}

static void is_assigned(const config *c, int node, assignment_level level, const uint8_t *mul, int64_t count) {
  const assignment *a = &c->assign[node];
  assert_true(assignment_verify(c->net, &c->net->nodes[node], a, (int)c->mul_count));
  assert_int_equal(a->level, level);
  assert_int_equal(a->count, count);
  assert_memory_equal(a->mul, mul, (size_t)count);
}

static void test_good(void **state) {
  (void)state;
  arena *mem = arena_new();
  const config *c = read_good(mem, "assignment:\n"
                                   "  default: E\n"
                                   "  conv1: {filters: {0-1: L, 3: H}}\n"
                                   "  conv2: {default: H, kernels: {\"0-2,1\": L, \"5, 0-3\": E}}\n"
                                   "  fc1: L\n"
                                   "target: {kind: dataflow, clock_ns: 2.5, folding: {conv2: {pe: 3, simd: 12}}}\n"
                                   "dataset: {format: idx, images: i.gz, labels: /l.gz}\n"
                                   "output: here\n");
  static const uint8_t conv1[] = {1, 1, 0, 2};
  static const uint8_t conv2[] = {2, 1, 2, 2, 2, 1, 2, 2, 2, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 0, 0, 0, 0};
  is_assigned(c, 1, ASSIGN_FILTER, conv1, sizeof conv1);
  is_assigned(c, 3, ASSIGN_KERNEL, conv2, sizeof conv2);
  is_assigned(c, 4, ASSIGN_LAYER, (const uint8_t[]){1}, 1);
  assert_int_equal(c->assign[2].level, ASSIGN_NONE);
  const folding *fold = dataflow_folding(c, 0);
  assert_int_equal(fold[3].pe, 3);
  assert_int_equal(fold[3].simd, 12);
  assert_int_equal(fold[1].pe, 1);
  assert_int_equal(fold[1].pe_pos.line, 0);
  assert_true(c->target == &DATAFLOW_READER && c->clock_ns == 2.5 && c->has_dataset && !c->liberty);
  assert_string_equal(c->data.images[0], files_path(mem, "i.gz"));
  assert_string_equal(c->data.labels, "/l.gz");
  assert_string_equal(c->output, files_path(mem, "here"));
  assert_string_equal(c->mul_keys[2], "H");
  assert_int_equal(strlen(c->text_hash), 64);
  arena_free(mem);
}

// By weight, in ranges and from files; files for filters and kernels too.
static void test_weights(void **state) {
  (void)state;
  arena *mem = arena_new();
  static const uint8_t fc1[] = {0, 1, 1, 2, 2, 2, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1};
  static const uint8_t fc1_muls[] = {1, 0, 0, 2, 2, 2, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0};
  uint8_t w[216];
  for (int i = 0; i < 216; i++)
    w[i] = (uint8_t)(i * 7 % 5 % 2);
  files_npy(mem, "conv2.npy", FILES_NPY_DICT("|u1", "(6, 4, 3, 3)"), w, sizeof w);
  const char text[] = "assignment:\n"
                      "  conv1: {default: E, weights: {\"0-1,0,2,0-2\": L, \"3, 0, 0-2, 1\": H}}\n"
                      "  conv2: {weights: {file: conv2.npy, multipliers: [H, L]}}\n"
                      "  fc1: {kernels: {file: fc1.npy, multipliers: [L, E, H]}}\n";
  files_npy(mem, "fc1.npy", FILES_NPY_DICT("|i1", "(3, 6)"), fc1, sizeof fc1);
  const config *c = read_good(mem, text);
  static const uint8_t conv1[] = {0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 1, 1, 1,
                                  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 2, 0, 0, 2, 0};
  is_assigned(c, 1, ASSIGN_WEIGHT, conv1, sizeof conv1);
  for (int i = 0; i < 216; i++)
    assert_int_equal(assignment_mul(&c->assign[3], i), w[i] ? 1 : 2);
  is_assigned(c, 4, ASSIGN_KERNEL, fc1_muls, sizeof fc1_muls);
  w[215] ^= 1; // the files are part of the config
  files_npy(mem, "conv2.npy", FILES_NPY_DICT("|u1", "(6, 4, 3, 3)"), w, sizeof w);
  assert_string_not_equal(read_good(mem, text)->text_hash, c->text_hash);
  arena_free(mem);
}

// Weights of a kernel that are all assigned alike make an assignment by kernel, filter or layer, which hardware can do.
static void test_weights_alike(void **state) {
  (void)state;
  arena *mem = arena_new();
  files_npy(mem, "conv1.npy", FILES_NPY_DICT("<i8", "(4,)"), (const int64_t[]){0, 1, 1, 0}, 32);
  const config *c = read_good(mem, "assignment:\n"
                                   "  conv1: {filters: {file: conv1.npy, multipliers: [E, L]}}\n"
                                   "  conv2: {default: E, weights: {\"0-5,1,0-2,0-2\": L}}\n"
                                   "  fc1: {weights: {\"0-2,0-5,0,0\": H}}\n");
  is_assigned(c, 1, ASSIGN_FILTER, (const uint8_t[]){0, 1, 1, 0}, 4);
  assert_int_equal(c->assign[3].level, ASSIGN_KERNEL);
  assert_memory_equal(c->assign[3].mul, ((const uint8_t[]){0, 1, 0, 0, 0, 1}), 6);
  is_assigned(c, 4, ASSIGN_LAYER, (const uint8_t[]){2}, 1);
  arena_free(mem);
}

static void test_defaults(void **state) {
  (void)state;
  arena *mem = arena_new();
  const config *c = read_good(mem, "assignment: {conv1: L, conv2: {filters: {0-5: H}}, fc1: E}\n");
  assert_true(!c->target && !c->has_dataset && c->clock_ns == 4);
  is_assigned(c, 3, ASSIGN_LAYER, (const uint8_t[]){2}, 1);
  assert_string_equal(c->output, files_path(mem, "good.out"));
  arena_free(mem);
}

static void test_fgpu(void **state) {
  (void)state;
  arena *mem = arena_new();
  const char assign[] = "assignment: {default: E}\n";
  const config *c =
      read_good(mem, arena_printf(mem,
                                  "%starget: {kind: fgpu, slots: 4, cache_lines: 64, local_bytes: 256,\n"
                                  "  lids: {cv0: [E, E, E, E, E, E, E, L], cv1: [L, H, L, L, L, L, L, L]}}\n",
                                  assign));
  static const uint8_t cv0[] = {0, 0, 0, 0, 0, 0, 0, 1}, cv1[] = {1, 2, 1, 1, 1, 1, 1, 1};
  const fgpu_options *f = c->target_options;
  assert_true(c->target == &FGPU_READER && f->lids && c->clock_ns == 4);
  assert_int_equal(f->cvs, 2);
  assert_int_equal(f->slots, 4);
  assert_int_equal(f->cache_lines, 64);
  assert_int_equal(f->local_bytes, 256);
  assert_memory_equal(f->lids[0], cv0, sizeof cv0);
  assert_memory_equal(f->lids[1], cv1, sizeof cv1);
  c = read_good(mem, arena_printf(mem, "%starget: {kind: fgpu, cvs: 8}\n", assign));
  f = c->target_options;
  assert_true(f->cvs == 8 && !f->lids && !f->slots);
  arena_free(mem);
}

static void test_damage(void **state) {
  (void)state;
  arena *mem = arena_new();
  rng r = rng_seed(21);
  read_good(mem, "assignment:\n  default: E\n  conv1: {filters: {0-1: L, 3: H}}\n"
                 "  conv2: {default: H, kernels: {\"0-2,1\": L, \"5, 0-3\": E}}\n"
                 "  fc1: {default: L, weights: {\"0-2,1, 0,0\": E}}\n"
                 "target: {kind: dataflow, clock_ns: 2.5, folding: {conv2: {pe: 3, simd: 12}}}\n");
  const char *path = files_path(mem, "good.yaml");
  bytes good = files_get(mem, path);
  uint8_t *bad = arena_alloc(mem, good.size + 64);
  for (int i = 0; i < 2000; i++) {
    arena *one = arena_new();
    diag d = {0};
    config *c;
    size_t size = files_damage(&r, &good, bad);
    files_put(path, bad, size);
    bool ok = config_read(one, path, TARGET_READERS, &c, &d);
    assert_true(ok == (d.errors == 0));
    diag_free(&d);
    arena_free(one);
  }
  arena_free(mem);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_errors),        cmocka_unit_test(test_multiplier_name),
                                     cmocka_unit_test(test_good),          cmocka_unit_test(test_weights),
                                     cmocka_unit_test(test_weights_alike), cmocka_unit_test(test_defaults),
                                     cmocka_unit_test(test_fgpu),          cmocka_unit_test(test_damage)};
  return cmocka_run_group_tests_name("front: config.yaml", tests, NULL, NULL);
}
