// SPDX-License-Identifier: Apache-2.0
//
// Evolution's kernels, one set per instruction set.
#include "genlib/evolve/cgp.h"

typedef uint64_t vector128 __attribute__((vector_size(16), may_alias));

#define NAME(x) x##_scalar
#define KERNEL_TARGET
#define VECTOR vector128
#define VECTORS 4
#define XOR3(x, y, z) ((x) ^ (y) ^ (z))
#define MAJ(x, y, z) (((x) & (y)) | ((z) & ((x) ^ (y))))
#define BORROW(x, y, z) ((~(x) & (y)) | ((z) & ~((x) ^ (y))))
#define SUM uint64_t
#define SUM_DOUBLE(sum) sum += sum
#define SUM_SHIFTED(sum, x, shift) sum += (x) << (shift)
#define SUM_ZERO 0
#define SUM_ADD(sum, x)                                                                                                \
  do {                                                                                                                 \
    VECTOR ones_ = (x);                                                                                                \
    sum += (uint64_t)(__builtin_popcountll(ones_[0]) + __builtin_popcountll(ones_[1]));                                \
  } while (0)
#define SUM_TOTAL(sum) sum
#include "genlib/evolve/cgp_kernel.h"

#if defined(__x86_64__)
#include <immintrin.h>

typedef uint64_t vector256 __attribute__((vector_size(32), may_alias));
typedef uint64_t vector512 __attribute__((vector_size(64), may_alias));

#define NAME(x) x##_avx2
#define KERNEL_TARGET __attribute__((target("avx2,popcnt")))
#define VECTOR vector256
#define VECTORS 4
#define XOR3(x, y, z) ((x) ^ (y) ^ (z))
#define MAJ(x, y, z) (((x) & (y)) | ((z) & ((x) ^ (y))))
#define BORROW(x, y, z) ((~(x) & (y)) | ((z) & ~((x) ^ (y))))
#define SUM uint64_t
#define SUM_DOUBLE(sum) sum += sum
#define SUM_SHIFTED(sum, x, shift) sum += (x) << (shift)
#define SUM_ZERO 0
#define SUM_ADD(sum, x)                                                                                                \
  do {                                                                                                                 \
    VECTOR ones_ = (x);                                                                                                \
    sum += (uint64_t)(__builtin_popcountll(ones_[0]) + __builtin_popcountll(ones_[1]) +                                \
                      __builtin_popcountll(ones_[2]) + __builtin_popcountll(ones_[3]));                                \
  } while (0)
#define SUM_TOTAL(sum) sum
#include "genlib/evolve/cgp_kernel.h"

#define NAME(x) x##_avx512
#define KERNEL_TARGET __attribute__((target("avx512f,avx512vpopcntdq")))
#define VECTOR vector512
#define VECTORS 8
#define TERNARY(table, x, y, z) ((vector512)_mm512_ternarylogic_epi64((__m512i)(x), (__m512i)(y), (__m512i)(z), table))
#define XOR3(x, y, z) TERNARY(0x96, x, y, z)
#define MAJ(x, y, z) TERNARY(0xe8, x, y, z)
#define BORROW(x, y, z) TERNARY(0x8e, x, y, z)
#define SUM __m512i
#define SUM_DOUBLE(sum) sum = _mm512_add_epi64(sum, sum)
#define SUM_SHIFTED(sum, x, shift) sum = _mm512_add_epi64(sum, _mm512_sll_epi64(x, _mm_cvtsi32_si128((int)(shift))))
#define SUM_ZERO _mm512_setzero_si512()
#define SUM_ADD(sum, x) sum = _mm512_add_epi64(sum, _mm512_popcnt_epi64((__m512i)(x)))
#define SUM_TOTAL(sum) _mm512_reduce_add_epi64(sum)
#include "genlib/evolve/cgp_kernel.h"

// The first AVX-512 machines count bits only one word at a time.
#define NAME(x) x##_popcnt
#define KERNEL_TARGET __attribute__((target("avx512f,popcnt")))
#define VECTOR vector512
#define VECTORS 8
#define XOR3(x, y, z) TERNARY(0x96, x, y, z)
#define MAJ(x, y, z) TERNARY(0xe8, x, y, z)
#define BORROW(x, y, z) TERNARY(0x8e, x, y, z)
#define SUM uint64_t
#define SUM_DOUBLE(sum) sum += sum
#define SUM_SHIFTED(sum, x, shift) sum += (x) << (shift)
#define SUM_ZERO 0
#define SUM_ADD(sum, x)                                                                                                \
  do {                                                                                                                 \
    VECTOR ones_ = (x);                                                                                                \
    uint64_t count_ = 0;                                                                                               \
    for (int i_ = 0; i_ < 8; i_++)                                                                                     \
      count_ += (uint64_t)__builtin_popcountll(ones_[i_]);                                                             \
    sum += count_;                                                                                                     \
  } while (0)
#define SUM_TOTAL(sum) sum
#include "genlib/evolve/cgp_kernel.h"
#endif

cgp_kernels cgp_choose_kernels(const nl_sim_isa *isa) {
#if defined(__x86_64__)
  if (isa == &nl_sim_avx512 && __builtin_cpu_supports("avx512vpopcntdq"))
    return (cgp_kernels){64, run_avx512, error_avx512, ones_avx512, differ_avx512};
  if (isa == &nl_sim_avx512)
    return (cgp_kernels){64, run_popcnt, error_popcnt, ones_popcnt, differ_popcnt};
  if (isa == &nl_sim_avx2)
    return (cgp_kernels){16, run_avx2, error_avx2, ones_avx2, differ_avx2};
#endif
  assert(isa == &nl_sim_scalar);
  return (cgp_kernels){8, run_scalar, error_scalar, ones_scalar, differ_scalar};
}
