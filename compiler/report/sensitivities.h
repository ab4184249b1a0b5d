// SPDX-License-Identifier: Apache-2.0
//
// sensitivities: what `axgen sensitivity` measured, as tables, a picture, JSON.
#ifndef AXGEN_SENSITIVITIES_H
#define AXGEN_SENSITIVITIES_H

#include "compiler/explore/sensitivity.h"

#include <cjson/cJSON.h>

typedef struct {
  const network *net;
  const char *const *keys; // of the multipliers, in the config
  const mul *const *muls;
  const sensitivity *found;
} sensitivity_report;

void report_sensitivity_text(const sensitivity_report *r, str *out);
void report_sensitivity_csv(const sensitivity_report *r, str *out);
void report_sensitivity_svg(const sensitivity_report *r,
                            str *out); // MAx-DNN's Fig. 3: a panel for each table of the text
cJSON *report_sensitivity_json(const sensitivity_report *r);

#endif
