// SPDX-License-Identifier: Apache-2.0
//
// What everything that writes JSON needs beside cJSON.
#ifndef AXGEN_JSON_H
#define AXGEN_JSON_H

#include "compiler/base/base.h"

#include <cjson/cJSON.h>

// The text with a newline at its end; frees `json`.
char *json_text(arena *mem, cJSON *json);
// `files` of an object: name and sha256 of each.
void json_add_files(arena *mem, cJSON *object, const fileset *files);

#endif
