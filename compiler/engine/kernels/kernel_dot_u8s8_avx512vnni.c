// SPDX-License-Identifier: Apache-2.0
//
// Unsigned by signed bytes, four products an instruction and lane.
#define KERNEL kernel_dot_u8s8_avx512vnni
#define DOT _mm512_dpbusd_epi32
#include "compiler/engine/kernels/kernel_dot_avx512vnni.h"
