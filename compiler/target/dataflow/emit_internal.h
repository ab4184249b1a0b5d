// SPDX-License-Identifier: Apache-2.0
#ifndef AXGEN_EMIT_INTERNAL_H
#define AXGEN_EMIT_INTERNAL_H

#include "compiler/target/common/origin.h"
#include "compiler/target/dataflow/emit.h"

// The module of a stage's layer.
const char *emit_module(arena *mem, const hw_stage *s);
void emit_layer(arena *mem, const hw_design *design, const graph *g, const hw_stage *s, str *out);
void emit_top(arena *mem, const hw_design *design, const graph *g, str *out);

char *emit_manifest(arena *mem, const hw_design *design, const origin *o, const fileset *files);

// One word of `count` fields of `bits` bits, field 0 lowest, as hexadecimal digits and a newline.
void emit_hex_word(const int64_t *fields, int count, int bits, str *out);

#endif
