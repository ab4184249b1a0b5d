// SPDX-License-Identifier: Apache-2.0
//
// How `axgen net` says how to quantise.
#ifndef AXGEN_CLI_NET_OPTIONS_H
#define AXGEN_CLI_NET_OPTIONS_H

#include "compiler/cli/cli.h"
#include "compiler/quant/quant.h"

bool verb_net_format(const char *text, dataset_format *out, diag *d); // NULL: idx
bool verb_net_export(arena *mem, const cli_options *o, diag *d);
bool verb_net_options(arena *mem, const cli_options *o, quant_options *out, diag *d);

#endif
