// SPDX-License-Identifier: Apache-2.0
#ifndef AXGEN_EMIT_INTERNAL_H
#define AXGEN_EMIT_INTERNAL_H

#include "compiler/target/dataflow/emit.h"

typedef struct {
  const char *config, *net, *weights; // SHA-256 of the inputs
} emit_hashes;

// The comment at the top of each generated file.
void emit_header(const hw_design *design, const emit_hashes *h, const char *what, str *out);
void emit_layer(arena *mem, const hw_design *design, const hw_stage *s, str *out);
void emit_top(arena *mem, const hw_design *design, str *out);

// $readmemh images: one word a line, most significant digit first.
void emit_roms(arena *mem, const hw_design *design, const hw_stage *s, fileset *out);
char *emit_manifest(arena *mem, const hw_design *design, const emit_hashes *h, const fileset *files);

// One word of `count` fields of `bits` bits, field 0 lowest, as hexadecimal digits and a newline.
void emit_hex_word(const int64_t *fields, int count, int bits, str *out);

#endif
