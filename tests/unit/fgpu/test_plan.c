// SPDX-License-Identifier: Apache-2.0
//
// The FGPU's compiler: random networks, assignments and LIDs give the reference's integers in the simulator.
#include "tests/unit/fgpu/models.h"

#include <setjmp.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void compare(const infer_model *m, const fgpu_program *p, const uint8_t *pixels, arena *mem) {
  int32_t **want = infer_buffers(mem, m->net), **got = infer_buffers(mem, m->net);
  ref_run(m, pixels, want);
  infer_input_codes(m->net, pixels, got[0]);
  diag d = {0};
  fgpu_stats *stats = arena_new_array(mem, fgpu_stats, p->launch_count);
  if (!fgpu_run(p, got, stats, &d))
    fail_msg("%s", d.text.data);
  for (size_t i = 0; i < m->net->count; i++)
    for (int64_t k = 0; k < net_shape_size(m->net->nodes[i].shape); k++)
      if (want[i][k] != got[i][k]) {
        net_print(m->net, stderr);
        fail_msg("%s element %lld: %d, expected %d", m->net->nodes[i].name, (long long)k, got[i][k], want[i][k]);
      }
  for (size_t i = 0; i < p->launch_count; i++) {
    int64_t macs = 0;
    for (int cv = 0; cv < p->hw.cvs; cv++)
      macs += stats[i].macs[cv];
    assert_int_equal(macs, p->launches[i].macs);
  }
}

static void networks(model_level level, int count) {
  int done = 0;
  for (uint64_t seed = 1; done < count; seed++) {
    arena *mem = arena_new();
    rng r = rng_seed(seed * 3 + (uint64_t)level);
    int muls = sample_pick(&r, 1, MODEL_MULS);
    infer_model *m = random_model(mem, &r, level, muls, sample_pick(&r, 1, 6));
    if (m) {
      done++;
      uint8_t lids[FGPU_MAX_CVS][FGPU_PES] = {{0}};
      fgpu_options o = {
          .cvs = sample_pick(&r, 1, 8), .slots = 2 << rng_below(&r, 4), .cache_lines = 8 << rng_below(&r, 6)};
      if (rng_below(&r, 2)) {
        random_lids(&r, o.cvs, muls, lids);
        o.lids = (const uint8_t(*)[FGPU_PES])lids;
      }
      fgpu_program *p;
      diag d = {0};
      if (!fgpu_plan(mem, m, (size_t)muls, &o, &p, &d))
        fail_msg("seed %llu: %s", (unsigned long long)seed, d.text.data);
      compare(m, p, random_pixels(mem, &r, m->net), mem);
      static const char *const KEYS[MODEL_MULS] = {"A", "B", "C", "D"};
      str text = {0};
      fgpu_print(p, KEYS, NULL, &text);
      assert_non_null(strstr(text.data, "launch"));
      str_free(&text);
      diag_free(&d);
    }
    arena_free(mem);
  }
}

static void by_layer(void **state) { (void)state, networks(BY_LAYER, 150); }
static void by_filter(void **state) { (void)state, networks(BY_FILTER, 150); }
static void by_kernel(void **state) { (void)state, networks(BY_KERNEL, 100); }

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(by_layer), cmocka_unit_test(by_filter),
                                     cmocka_unit_test(by_kernel)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
