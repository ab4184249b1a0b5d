// SPDX-License-Identifier: Apache-2.0
//
// load: inside the report: reading files of a folder. Each takes the folder and leaves *out as it is where the file is
// not there. What is wrong is an error that names the file and what was expected.
#ifndef AXGEN_REPORT_LOAD_H
#define AXGEN_REPORT_LOAD_H

#include "compiler/base/json.h"
#include "compiler/report/report.h"

bool report_load_design(arena *mem, const char *dir, report_design *out, diag *d);
// `memories` of synth.json, into the parts of a design that has those of its logic.
bool report_load_memories(arena *mem, json_place synth, report_design *out, diag *d);
// `energy` of synth.json; cost.json.
bool report_load_measured(arena *mem, json_place synth, report_measured *out, diag *d);
bool report_load_predicted(arena *mem, const json_doc *doc, report_predicted *out, diag *d);
bool report_load_front(arena *mem, const char *dir, report_front *out, diag *d);
bool report_load_drops(arena *mem, const char *dir, report_drops *out, diag *d);
bool report_load_scores(arena *mem, const char *dir, report_hawx *out, diag *d);
// The assignment of a config.yaml as axgen explore writes it, and its files of NumPy beside it.
bool report_load_places(arena *mem, const char *config, report_names *names, report_places *out, diag *d);

#endif
