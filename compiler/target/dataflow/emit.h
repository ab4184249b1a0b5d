// SPDX-License-Identifier: Apache-2.0
//
// emit: a hardware description becomes files: Verilog-2005, ROM images, a file list and a manifest. Everything is made
// in memory; nothing here touches the disk.
#ifndef AXGEN_EMIT_H
#define AXGEN_EMIT_H

#include "compiler/target/common/graph.h"
#include "compiler/target/common/origin.h"
#include "compiler/target/common/target.h"
#include "compiler/target/common/verilog.h"
#include "compiler/target/dataflow/plan.h"

// Adds the whole accelerator to `out`:
//   axgen_top.v      top: AXI4-Stream in and out, one instance a layer
//   layer_NAME.v     one wrapper a layer
//   mul_*.v          the multipliers in use, as gate netlists
//   cores/*.v        copies of the hand-written cores that are instantiated
//   rom/*.hex        weights, biases, requantisation multipliers
//   stream/LAYER.bin weights that are streamed: a pass of words, each in whole bytes, the low one first
//   load/words.bin   those that are loaded, as they go in: words of 32 bits, the low byte first
//   axgen.f          the Verilog files, in the order a tool wants them; paths relative to the folder
//   axgen_top.sdc, .xdc, .core, .tcl  constraints, FuseSoC, Vivado
//   tb/              with `test` (may be NULL): a testbench, images, what must come out
//   manifest.json    what was built from what
// The same configuration and images give the same bytes. Modules have the names that the configuration asks for.
bool dataflow_emit(arena *mem, const dataflow_design *design, const target_test *test, fileset *out, diag *d);

// Parts of it: the ROM images for $readmemh, one word a line, most significant digit first; and what is loaded (NULL:
// nothing), likewise, 32 bits a line in the order in which the accelerator takes them ...
const char *dataflow_emit_roms(arena *mem, const dataflow_design *design, fileset *out);
// ... and the Verilog, modules under the names that the target gives them (rename_modules comes after).
bool dataflow_emit_verilog(arena *mem, const dataflow_design *design, const origin *made_from, fileset *out, diag *d);

// The top's ports; how many.
const verilog_port *dataflow_emit_ports(arena *mem, const dataflow_design *design, size_t *count);

// What is built, as a graph: one part a layer, width converters with the layer behind them; inside a layer its cores
// and, for each run of PEs with one multiplier, that one. It lies in `mem`.
graph *dataflow_emit_graph(arena *mem, const dataflow_design *design);

// For simulations of an accelerator with streamed weights: a module of FEED_MODULE's name (feed.h) with what it
// instantiates beside the top. NULL: an error.
const char *dataflow_emit_fed(arena *mem, const dataflow_design *design, const graph *g, diag *d);

// Bytes of a value on the output stream, where each is extended to whole bytes; of both streams' TDATA.
int dataflow_emit_value_bytes(const dataflow_design *design);
int dataflow_emit_input_bytes(const dataflow_design *design);
int dataflow_emit_output_bytes(const dataflow_design *design);

// The image's codes as the accelerator takes them: one line of hexadecimal digits a beat.
void dataflow_emit_input_beats(const dataflow_design *design, const int32_t *codes, str *out);
// The last layer's values [C][H][W] as they come out, likewise.
void dataflow_emit_output_beats(arena *mem, const dataflow_design *design, const int32_t *values, str *out);

#endif
