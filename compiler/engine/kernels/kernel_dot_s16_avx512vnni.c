// SPDX-License-Identifier: Apache-2.0
//
// Signed 16-bit factors, two products an instruction and lane.
#define KERNEL kernel_dot_s16_avx512vnni
#define DOT _mm512_dpwssd_epi32
#include "compiler/engine/kernels/kernel_dot_avx512vnni.h"
