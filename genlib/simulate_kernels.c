// SPDX-License-Identifier: Apache-2.0
//
// The simulation kernels, one per instruction set, and the choice among them.
#include "genlib/simulate.h"

#include <stdlib.h>
#include <string.h>

typedef uint64_t vector128 __attribute__((vector_size(16), may_alias));

#define KERNEL run_scalar
#define KERNEL_TARGET
#define VECTOR vector128
#define VECTORS 2
#define XOR3(x, y, z) ((x) ^ (y) ^ (z))
#define MAJ(x, y, z) (((x) & (y)) | ((z) & ((x) ^ (y))))
#define MUX(c, x, y) (((c) & (x)) | (~(c) & (y)))
#include "genlib/simulate_kernel.h"

// Bits of x that differ from the next one; the last has no next one.
#define CHANGES(x) (((x) ^ ((x) >> 1)) & 0x7fffffffffffffffull)
#define TOGGLES(name, words, target)                                                                                   \
  target static void name(const uint64_t *slots, size_t count, uint64_t *changes) {                                    \
    for (size_t i = 0; i < count; i++) {                                                                               \
      uint64_t sum = 0;                                                                                                \
      for (int w = 0; w < (words); w++)                                                                                \
        sum += (uint64_t)__builtin_popcountll(CHANGES(slots[i * (words) + (size_t)w]));                                \
      changes[i] += sum;                                                                                               \
    }                                                                                                                  \
  }
TOGGLES(toggles_scalar, 4, )

static bool always(void) { return true; }
const nl_sim_isa nl_sim_scalar = {"scalar", 4, always, run_scalar, toggles_scalar};

#if defined(__x86_64__)
#include <immintrin.h>

typedef uint64_t vector256 __attribute__((vector_size(32), may_alias));
typedef uint64_t vector512 __attribute__((vector_size(64), may_alias));

#define KERNEL run_avx2
#define KERNEL_TARGET __attribute__((target("avx2")))
#define VECTOR vector256
#define VECTORS 2
#define XOR3(x, y, z) ((x) ^ (y) ^ (z))
#define MAJ(x, y, z) (((x) & (y)) | ((z) & ((x) ^ (y))))
#define MUX(c, x, y) (((c) & (x)) | (~(c) & (y)))
#include "genlib/simulate_kernel.h"

#define TERNARY(table, x, y, z) ((vector512)_mm512_ternarylogic_epi64((__m512i)(x), (__m512i)(y), (__m512i)(z), table))
#define KERNEL run_avx512
#define KERNEL_TARGET __attribute__((target("avx512f")))
#define VECTOR vector512
#define VECTORS 2
#define XOR3(x, y, z) TERNARY(0x96, x, y, z)
#define MAJ(x, y, z) TERNARY(0xe8, x, y, z)
#define MUX(c, x, y) TERNARY(0xca, c, x, y)
#include "genlib/simulate_kernel.h"

TOGGLES(toggles_avx2, 8, __attribute__((target("avx2,popcnt"))))
TOGGLES(toggles_popcnt, 16, __attribute__((target("avx512f,popcnt"))))

__attribute__((target("avx512f,avx512vpopcntdq"))) static void toggles_vpopcnt(const uint64_t *slots, size_t count,
                                                                               uint64_t *changes) {
  __m512i mask = _mm512_set1_epi64(0x7fffffffffffffff);
  for (size_t i = 0; i < count; i++) {
    __m512i x = _mm512_load_si512(slots + 16 * i), y = _mm512_load_si512(slots + 16 * i + 8);
    x = _mm512_and_si512(_mm512_xor_si512(x, _mm512_srli_epi64(x, 1)), mask);
    y = _mm512_and_si512(_mm512_xor_si512(y, _mm512_srli_epi64(y, 1)), mask);
    changes[i] += (uint64_t)_mm512_reduce_add_epi64(_mm512_add_epi64(_mm512_popcnt_epi64(x), _mm512_popcnt_epi64(y)));
  }
}

// The first AVX-512 machines count bits only one word at a time.
static void toggles_avx512(const uint64_t *slots, size_t count, uint64_t *changes) {
  if (__builtin_cpu_supports("avx512vpopcntdq"))
    toggles_vpopcnt(slots, count, changes);
  else
    toggles_popcnt(slots, count, changes);
}

static bool has_avx2(void) { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt"); }
static bool has_avx512(void) { return __builtin_cpu_supports("avx512f"); }
const nl_sim_isa nl_sim_avx2 = {"avx2", 8, has_avx2, run_avx2, toggles_avx2};
const nl_sim_isa nl_sim_avx512 = {"avx512", 16, has_avx512, run_avx512, toggles_avx512};
#endif

const nl_sim_isa *const nl_sim_isas[] = {
#if defined(__x86_64__)
    &nl_sim_avx512,
    &nl_sim_avx2,
#endif
    &nl_sim_scalar,
    NULL,
};

const nl_sim_isa *nl_sim_isa_choose(void) {
  static bool warned;
  const char *want = getenv("AXGEN_ISA");
  if (want && strcmp(want, "amx") == 0) // of the inference engine; here nothing lies above AVX-512
    want = "avx512";
  for (int i = 0; want && nl_sim_isas[i]; i++)
    if (!strcmp(nl_sim_isas[i]->name, want) && nl_sim_isas[i]->supported())
      return nl_sim_isas[i];
  if (want && *want && !warned) {
    warned = true;
    fprintf(stderr, "axgen: warning: AXGEN_ISA=%s is not something this machine runs (scalar, avx2, avx512)\n", want);
  }
  for (int i = 0; nl_sim_isas[i]; i++)
    if (nl_sim_isas[i]->supported())
      return nl_sim_isas[i];
  return &nl_sim_scalar;
}
