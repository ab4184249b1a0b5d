// SPDX-License-Identifier: Apache-2.0
//
// style: how pages look: on a phone, on a desk, in the dark, on paper.
#ifndef AXGEN_STYLE_H
#define AXGEN_STYLE_H

#include "compiler/base/base.h"

enum { STYLE_HEATS = 8 }; // steps of a cell's colour: classes h1.. (warm) and c1.. (cool)

// All of it; the classes are those that page.c, figure.c and heat.c write. k0 to k11 are the colours of parts.
void style_sheet(str *css);

#endif
