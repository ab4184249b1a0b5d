// SPDX-License-Identifier: Apache-2.0
//
// The thirteen published signed EvoApproxLib functions: against their list of omitted partial products always, and
// against their tables and figures where ../shared/evoapprox (or $AXGEN_EVOAPPROX) is present.
#include "tests/unit/genlib/unit.h"

#include <math.h>

// Omitted partial products, per bit j of b the least bit of a that is kept (8: none).
static const struct {
  const char *name;
  int first[8];
} published[] = {
    {"mul8s_1KV6", {0, 0, 0, 0, 0, 0, 0, 0}}, {"mul8s_1KV8", {2, 1, 0, 0, 0, 0, 0, 0}},
    {"mul8s_1KV9", {3, 2, 1, 0, 0, 0, 0, 0}}, {"mul8s_1KVA", {4, 3, 2, 1, 0, 0, 0, 0}},
    {"mul8s_1KVM", {1, 1, 1, 1, 1, 1, 1, 1}}, {"mul8s_1KVP", {3, 2, 1, 1, 1, 1, 1, 1}},
    {"mul8s_1KVQ", {4, 3, 2, 1, 1, 1, 1, 1}}, {"mul8s_1KX5", {5, 4, 3, 2, 2, 2, 2, 2}},
    {"mul8s_1KXF", {3, 3, 3, 3, 3, 3, 3, 3}}, {"mul8s_1L12", {6, 6, 6, 6, 6, 6, 6, 6}},
    {"mul8s_1L2J", {8, 1, 1, 1, 1, 1, 1, 1}}, {"mul8s_1L2L", {8, 8, 2, 2, 2, 2, 2, 2}},
    {"mul8s_1L2N", {8, 8, 8, 3, 3, 3, 3, 3}},
};

static void closed_forms(void **state) {
  (void)state;
  for (size_t k = 0; k < BASE_COUNT(published); k++) {
    arena *mem = arena_new();
    const mul *m = make(mem, published[k].name);
    for (int32_t a = -128; a < 128; a++)
      for (int32_t b = -128; b < 128; b++) {
        int64_t want = 0;
        for (int i = 0; i < 8; i++)
          for (int j = 0; j < 8; j++)
            if (i >= published[k].first[j] && a >> i & 1 && b >> j & 1)
              want += ((i == 7) != (j == 7) ? -1 : 1) * (1 << (i + j));
        if (mul_apply(m, a, b) != want)
          fail_msg("%s: f(%d, %d) = %lld, wanted %lld", m->name, a, b, (long long)mul_apply(m, a, b), (long long)want);
      }
    arena_free(mem);
  }
}

static const char *folder(void) {
  const char *env = getenv("AXGEN_EVOAPPROX");
  return env ? env : "../shared/evoapprox";
}

static bool absent(void) {
  char *csv = NULL;
  arena *mem = arena_new();
  csv = path_join(mem, folder(), "published.csv");
  bool missing = !file_exists(csv);
  if (missing)
    print_message("SKIPPED: %s is not here (set AXGEN_EVOAPPROX)\n", csv);
  arena_free(mem);
  return missing;
}

static int32_t *read_table(arena *mem, const char *name) {
  bytes data;
  diag d = {0};
  if (!file_read(mem, path_join(mem, folder(), arena_printf(mem, "%s.bin", name)), 1 << 20, &data, &d))
    fail_msg("%s", d.text.data);
  assert_int_equal(data.size, 131072);
  int32_t *table = arena_new_array(mem, int32_t, 65536);
  for (int i = 0; i < 65536; i++) {
    int word = data.data[2 * i] | data.data[2 * i + 1] << 8;
    table[i] = name[4] == 's' ? (int16_t)word : word;
  }
  return table;
}

static void published_tables(void **state) {
  (void)state;
  if (absent())
    skip();
  for (size_t k = 0; k < BASE_COUNT(published); k++) {
    arena *mem = arena_new();
    assert_memory_equal(make(mem, published[k].name)->table, read_table(mem, published[k].name), 65536 * 4);
    arena_free(mem);
  }
}

static void published_figures(void **state) {
  (void)state;
  if (absent())
    skip();
  arena *mem = arena_new();
  bytes csv;
  diag d = {0};
  assert_true(file_read(mem, path_join(mem, folder(), "published.csv"), 1 << 20, &csv, &d));
  int count = 0;
  for (char *save, *line = strtok_r((char *)csv.data, "\n", &save); (line = strtok_r(NULL, "\n", &save)); count++) {
    char name[32], sign;
    double mae, wce, ep, mse, mre, bias;
    assert_int_equal(
        sscanf(line, "%31[^,],%c,%lf,%lf,%lf,%lf,%lf,%lf", name, &sign, &mae, &wce, &ep, &mse, &mre, &bias), 8);
    const mul *m = sign == 's' ? make(mem, name)
                               : mul_from_table(mem, name, (mul_sig){.a_bits = 8, .b_bits = 8}, read_table(mem, name));
    mul_errors e = mul_error_figures(m, NULL, 0);
    const double got[] = {e.mae, (double)e.wce, e.ep * 100, e.mse, e.mre * 100, e.bias},
                 want[] = {mae, wce, ep, mse, mre, bias};
    for (size_t i = 0; i < BASE_COUNT(got); i++)
      if (fabs(got[i] - want[i]) > 6e-6 * fabs(want[i])) // six digits are published
        fail_msg("%s: figure %zu is %.8g, published %.8g", name, i, got[i], want[i]);
    assert_int_equal(m->wce, e.wce);
  }
  assert_int_equal(count, 23);
  arena_free(mem);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(closed_forms),
      cmocka_unit_test(published_tables),
      cmocka_unit_test(published_figures),
  };
  return cmocka_run_group_tests_name("genlib/published", tests, NULL, NULL);
}
