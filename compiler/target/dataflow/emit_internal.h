// SPDX-License-Identifier: Apache-2.0
#ifndef AXGEN_EMIT_INTERNAL_H
#define AXGEN_EMIT_INTERNAL_H

#include "compiler/target/common/origin.h"
#include "compiler/target/dataflow/emit.h"

// The module of a stage's layer.
const char *dataflow_emit_module(arena *mem, const dataflow_stage *s);
void dataflow_emit_layer(arena *mem, const dataflow_design *design, const graph *g, const dataflow_stage *s, str *out);
void dataflow_emit_top(arena *mem, const dataflow_design *design, const graph *g, str *out);

// The modules of imported adders, and what chooses among them; nothing where there are none.
void dataflow_emit_adders(arena *mem, const dataflow_design *design, const origin *made_from, fileset *out);

char *dataflow_emit_manifest(arena *mem, const dataflow_design *design, const origin *o, const fileset *files);

// One word of `count` fields of `bits` bits, field 0 lowest, as hexadecimal digits and a newline.
void dataflow_emit_hex_word(const int64_t *fields, int count, int bits, str *out);

#endif
