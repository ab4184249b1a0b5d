// SPDX-License-Identifier: Apache-2.0
//
// The evolved multipliers that come with the project: what their headers say is recomputed, gate by gate, for all
// pairs.
#include "genlib/evolve/evolve.h"
#include "tests/unit/genlib/unit.h"

#include <dirent.h>
#include <math.h>

// The number after `what` in the header.
static double said(const char *text, const char *what) {
  const char *at = strstr(text, what);
  if (!at)
    fail_msg("no `%s` in the header", what);
  return strtod(at + strlen(what), NULL);
}

static void check_circuit(const char *name, const char *text, const mul *m) {
  double sum = 0, bias = 0, wrong = 0, worst = 0;
  for (uint32_t v = 0; v < 65536; v++) {
    int64_t exact = (int64_t)mul_value(v >> 8, 8, m->sig.a_signed) * mul_value(v & 255, 8, m->sig.b_signed);
    int64_t f = nl_eval(m->net, m->sig.p_signed, v >> 8, v & 255);
    assert_int_equal(f, m->table[v]);
    sum += llabs(f - exact);
    bias += (double)(f - exact);
    wrong += f != exact;
    worst = fmax(worst, llabs(f - exact));
  }
  double area, energy;
  evolve_estimate(m->net, &area, &energy);
  bool good = fabs(said(text, "# MAE ") - sum / 65536) <= 5.1e-5 && said(text, ", WCE ") == worst &&
              fabs(said(text, ", EP ") - 100 * wrong / 65536) <= 5.1e-5 &&
              fabs(said(text, ", bias ") - bias / 65536) <= 5.1e-5 && fabs(said(text, ": area ") - area) <= 0.051 &&
              fabs(said(text, ", energy ") - energy) <= 0.051;
  if (!good)
    fail_msg("%s: its header says something else than its gates", name);
  // The bounds that it was evolved under.
  assert_true(sum / 65536 <= said(text, "--mae ") && worst <= said(text, "--wce "));
}

static void shipped(void **state) {
  (void)state;
  arena *mem = arena_new();
  int is_signed = 0, is_unsigned = 0;
  DIR *dir = opendir(data_path(mem, "genlib/evolved"));
  assert_non_null(dir);
  for (struct dirent *e; (e = readdir(dir));) {
    if (!str_ends_with(e->d_name, ".net"))
      continue;
    const char *name = arena_strndup(mem, e->d_name, strlen(e->d_name) - 4);
    bytes text;
    diag d = {0};
    assert_true(file_read(mem, data_path(mem, arena_printf(mem, "genlib/evolved/%s", e->d_name)), 1 << 20, &text, &d));
    const mul *m = make(mem, name);
    assert_true(m->sig.a_bits == 8 && m->sig.b_bits == 8 && m->sig.a_signed == m->sig.b_signed);
    assert_true(m->sig.a_signed == (name[4] == 's') && m->sig.p_signed == m->sig.a_signed);
    assert_non_null(strstr((const char *)text.data, arena_printf(mem, "# %s: ", name)));
    assert_non_null(strstr((const char *)text.data, arena_printf(mem, "-o genlib/evolved/%s.net", name)));
    check_circuit(name, (const char *)text.data, m);
    is_signed += m->sig.a_signed;
    is_unsigned += !m->sig.a_signed;
  }
  closedir(dir);
  arena_free(mem);
  assert_true(is_signed >= 12 && is_unsigned >= 12);
}

int main(void) {
  setenv("AXGEN_DATA", ".", 0); // tests run in the project's folder
  const struct CMUnitTest tests[] = {cmocka_unit_test(shipped)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
