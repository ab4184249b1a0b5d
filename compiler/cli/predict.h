// SPDX-License-Identifier: Apache-2.0
//
// The parts of `axgen predict`.
#ifndef AXGEN_CLI_PREDICT_H
#define AXGEN_CLI_PREDICT_H

#include "compiler/cli/session.h"
#include "compiler/explore/predict.h"

enum { PREDICT_ASSIGNMENTS = 100000 }; // at most

// What a study found, for people, as JSON, and as files: predict.csv and predict.svg.
void verb_predict_text(const session *s, const predict_result *r, const char *level, str *out);
cJSON *verb_predict_json(const session *s, const predict_result *r, const char *level, uint64_t seed);
void verb_predict_files(const session *s, const predict_result *r, fileset *out);

#endif
