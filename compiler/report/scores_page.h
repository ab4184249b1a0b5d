// SPDX-License-Identifier: Apache-2.0
//
// The files of `axgen score`: the tables, HAWX's figures 2, 3 and 4 as SVG, and one page with all of it.
#ifndef AXGEN_SCORES_PAGE_H
#define AXGEN_SCORES_PAGE_H

#include "compiler/report/scores.h"

// table1.csv, table1.txt, fig2.svg, fig3.svg, fig4.svg, fig4-scatter.svg and report.html, in `folder`.
void report_score_page(arena *mem, const score_report *r, const char *folder, fileset *files);

#endif
