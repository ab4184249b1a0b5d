// SPDX-License-Identifier: Apache-2.0
//
// The parts of `axgen explore`.
#ifndef AXGEN_CLI_EXPLORE_H
#define AXGEN_CLI_EXPLORE_H

#include "compiler/cli/session.h"
#include "compiler/explore/explore.h"

// The config's calibration images, else the validation images, with a warning.
bool verb_explore_calibration(const session *s, const dataset *validation, dataset *out, diag *d);
enum { EXPLORE_CALIBRATE = 256 }; // of them correct biases

// What one multiplication costs with each of the config's multipliers, [mul_count] in `price`, and with the cheapest
// exact one that each layer takes, [nodes] in `exact` (0 where nothing is multiplied): one of the config's, else
// axgen's own. As `explore: {cost: ...}` says, else from the catalogue, else measured now. `figure`: "energy" (fJ,
// realistic operands) or "area" (um2).
bool verb_explore_prices(const session *s, const char *figure, double *price, double *exact, diag *d);

// The files of a result: a folder for each point, tables and a picture, names relative to the output folder. `level`
// and `figure` in words.
bool verb_explore_files(const session *s, const explore_options *o, const explore_result *r, const char *level,
                        const char *figure, fileset *out, diag *d);
// The list of the files, from which a later exploration knows those that it takes the place of. Added last.
void verb_explore_manifest(arena *mem, fileset *files);
// The points' folders: "points/03".
const char *verb_explore_folder(arena *mem, size_t point);

#endif
