// SPDX-License-Identifier: Apache-2.0
//
// The families of generated multipliers. docs/multipliers.md is their manual.
#include "genlib/name.h"

const mul_family mul_families[] = {
    {.name = "exact",
     .examples = "exact8s exact8s_booth",
     .form = &array_form,
     .option = name_option_exact,
     .variants = "ks bk csel,booth,enca,wallace array,usual"},
    {.name = "roup",
     .examples = "roup8s_p1_c7 roup8s_p1_r7.5.3.1",
     .form = &booth_form,
     .option = name_option_roup,
     .needs = 1u << GIVEN_PERFORATION | 1u << GIVEN_ROUNDING,
     .missing = "roup needs a perforation pN and a rounding: cN or rN.N.., such as roup8s_p1_c7",
     .variants = "ks bk csel,enca,wallace array,usual"},
    {.name = "bam",
     .examples = "bam8s_h0_v3_t0",
     .form = &array_form,
     .option = name_option_bam,
     .needs = 1u << GIVEN_OMISSION,
     .missing = "bam needs at least one of hN, vN, tN, such as bam8s_h0_v3_t0",
     .variants = "ks bk csel,wallace array"},
    {.name = "trunc",
     .examples = "trunc8s_k4",
     .form = &array_form,
     .option = name_option_trunc,
     .needs = 1u << GIVEN_OMISSION,
     .missing = "trunc needs kN, such as trunc8s_k4",
     .variants = "ks bk csel,wallace array"},
};
const size_t mul_family_count = BASE_COUNT(mul_families);
