// SPDX-License-Identifier: Apache-2.0
//
// net import: what pixels are for a model.
#ifndef AXGEN_CLI_NET_PIXELS_H
#define AXGEN_CLI_NET_PIXELS_H

#include "compiler/cli/cli.h"
#include "compiler/infer/infer.h"
#include "compiler/onnx/onnx.h"

// What --input-range, --mean and --std say; channels 0 where they are not given.
bool verb_net_pixels_told(arena *mem, const cli_options *o, onnx_input *out, diag *d);

// Whether the accuracy can be had by guessing: with probability above 0.1 % an answer that is right as often as the
// most frequent class occurs gives as many right ones. Never for fewer than 30 images. *share: of the most frequent
// class.
bool verb_net_pixels_by_chance(const dataset *data, const infer_accuracy *acc, double *share);

// Warns where the float accuracy `acc` of the model in `path`, on the first images of `data`, can be had by guessing,
// and says what does better: the usual choices are tried. False: interrupted.
bool verb_net_pixels_doubt(const char *path, const dataset *data, const infer_accuracy *acc, diag *d);

#endif
