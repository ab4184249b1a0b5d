// SPDX-License-Identifier: Apache-2.0
//
// origin: what generated files were made from. The comment at the top of each, and the beginning of every manifest.
#ifndef AXGEN_TARGET_ORIGIN_H
#define AXGEN_TARGET_ORIGIN_H

#include "compiler/config/config.h"

#include <cjson/cJSON.h>

typedef struct {
  const config *cfg;
  const char *config, *network, *weights; // SHA-256 of the inputs
} origin;

// Reads the files of the configuration's network again for their hashes.
bool origin_of(arena *mem, const config *cfg, origin *out, diag *d);

// Comment lines, the first of them the licence, for a file that holds `what`. Each begins with `lead` ("//", "#").
// o: NULL where there is no configuration (hardware alone).
void origin_comment(const origin *o, const char *lead, const char *what, str *out);

// manifest.json as far as it is the same for all targets: who made what from what, the top, the clock.
cJSON *origin_manifest(const origin *o, const char *target);

#endif
