// SPDX-License-Identifier: Apache-2.0
//
// What most verbs begin with: the configuration, the data set, the output folder.
#ifndef AXGEN_CLI_SESSION_H
#define AXGEN_CLI_SESSION_H

#include "compiler/cli/cli.h"
#include "compiler/target/list.h"

#include <cjson/cJSON.h>

typedef struct {
  arena *mem;
  config *cfg;
  infer_model model;
  dataset data; // when asked for
  size_t first, images;
  const char *dir; // output folder
  const target *target; // by session_plan
  void *plan;
  synth_mul *muls; // of the config's multipliers, by session_recipes; NULL: by synth's first recipe
} session;

// Reads args[0]; with `want_data` also the data set, and fits --first and --images to it (`all` images by default, or
// `images_default` when that is above 0).
bool session_open(session *s, const cli_options *o, bool want_data, size_t images_default, diag *d);
// The same of a config that may be without an assignment.
bool session_open_unassigned(session *s, const cli_options *o, bool want_data, diag *d);
void session_close(session *s);
// False, after an error, where the target has approximate adders, which what tries other assignments cannot follow.
bool session_sums_exactly(const session *s, diag *d);
// Of a config that was read: its assignment becomes the nearest one that the target's folding can hold; warnings say
// what was moved and what that does to the accuracy.
bool session_legalize(arena *mem, config *c, diag *d);

// Prints `json` (and frees it) and keeps a copy as DIR/NAME when a folder is known; `text` goes to stdout instead when
// --json was not given.
bool session_result(const session *s, const cli_options *o, const char *name, cJSON *json, const str *text, diag *d);

// Tables of CSV have the multipliers' names.
bool session_names_fit_csv(const session *s, diag *d);

// The hardware that the configuration's target makes of it.
bool session_plan(session *s, diag *d);
// Writes its files to the folder `dir`; plans it where that was not done.
bool session_emit(session *s, const char *dir, diag *d);
const synth_structure *session_structure(const session *s);
// Whether the config's multiplier i is one of axgen's own, by its name, and no file.
bool session_own_multiplier(const config *c, size_t i);
// By which recipes the multipliers in use are mapped, for session_structure and synth_multipliers_used: those of the
// goal (area, energy, delay; NULL: the config's `technology: {synth: ...}`, else energy: so the catalogue's, which
// predictions and searches go by). Those whose recipe was measured are mapped by it then.
bool session_recipes(session *s, const char *goal, const liberty *lib, diag *d);
target_images session_images(const session *s);
// The images asked for, as a data set of their own: only they become input codes.
dataset session_chosen(const session *s);
// Images for the testbench: the data set's first, or random ones where it cannot be had (a warning says why).
void session_test(session *s, target_test *out, diag *d);

#endif
