// SPDX-License-Identifier: Apache-2.0
#ifndef AXGEN_FGPU_EMIT_INTERNAL_H
#define AXGEN_FGPU_EMIT_INTERNAL_H

#include "compiler/target/common/graph.h"
#include "compiler/target/fgpu/fgpu.h"

// Texts for the testbench: what the host writes, and lines of memory.
void fgpu_write_host(const fgpu_code *code, const fgpu_descriptor *launches, size_t count, str *out);
void fgpu_write_lines(const uint8_t *memory, size_t size, str *out);
void fgpu_write_constants(const fgpu_program *p, str *out);
fgpu_tile fgpu_tile_of(const fgpu_program *p, const origin *made_from);
// The tile as a graph, in `mem`; the multiplier of each PE, in the order of the LIDs, as modules (the same at each
// call); how many words and launches its memories hold.
graph *fgpu_graph(arena *mem, const fgpu_tile *t);
const mul *const *fgpu_pe_multipliers(arena *mem, const fgpu_tile *t);
int fgpu_code_depth(const fgpu_tile *t);
int fgpu_launch_depth(const fgpu_tile *t);
#define FGPU_MUL "axgen_fgpu_mul" // the module that chooses a PE's multiplier
// Module axgen_top_axi: the tile with AXI ports.
void fgpu_axi_top(arena *mem, const fgpu_tile *t, str *out);
// host/ and program/constants.bin: the C host of a program.
bool fgpu_emit_host(arena *mem, const fgpu_program *p, const origin *made_from, fileset *out, diag *d);
// tb/: the testbench; the images as lines of memory, the results as {byte address, value}.
bool fgpu_add_test(arena *mem, const fgpu_program *p, const origin *made_from, const target_test *test, fileset *out,
                   diag *d);
void fgpu_add_test_data(arena *mem, const fgpu_program *p, const target_images *in, fileset *out);
char *fgpu_manifest(arena *mem, const fgpu_program *p, const origin *made_from, const fileset *files);

#endif
