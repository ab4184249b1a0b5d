// SPDX-License-Identifier: Apache-2.0
//
// What most verbs begin with: the configuration, the data set, the output folder.
#ifndef AXGEN_CLI_SESSION_H
#define AXGEN_CLI_SESSION_H

#include "compiler/cli/cli.h"
#include "compiler/target/fgpu/fgpu.h"
#include "compiler/target/dataflow/hw.h"

#include <cjson/cJSON.h>

typedef struct {
  arena *mem;
  config *cfg;
  infer_model model;
  dataset data; // when asked for
  size_t first, images;
  const char *dir; // output folder
} session;

// Reads args[0]; with `want_data` also the data set, and fits --first and --images to it (`all` images by default, or
// `images_default` when that is above 0).
bool session_open(session *s, const cli_options *o, bool want_data, size_t images_default, diag *d);
void session_close(session *s);

// Prints `json` (and frees it) and keeps a copy as DIR/NAME when a folder is known; `text` goes to stdout instead when
// --json was not given.
bool session_result(const session *s, const cli_options *o, const char *name, cJSON *json, const str *text, diag *d);

// The network's outputs for each image, as `logits` of a result: [images][outputs].
void session_add_logits(cJSON *json, const int32_t *logits, size_t images, size_t outputs);

// Where the config's target is fgpu (verb_fgpu.c): its program; rtl and sim.
bool fgpu_target_plan(session *s, fgpu_program **out, diag *d);
bool fgpu_target_rtl(session *s, const cli_options *o, diag *d);
bool fgpu_target_sim(session *s, const cli_options *o, diag *d);

#endif
