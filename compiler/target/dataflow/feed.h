// SPDX-License-Identifier: Apache-2.0
//
// feed: weights that are streamed from outside while images pass (`weights: stream`): an AXI4-Stream port for each
// layer that wants them, which takes a word whenever the layer turns to the next one of its pass over all words.
// docs/dataflow.md, "Weights streamed".
#ifndef AXGEN_DATAFLOW_FEED_H
#define AXGEN_DATAFLOW_FEED_H

#include "compiler/target/dataflow/stage.h"

#define FEED_FOLDER "stream/"
#define FEED_MODULE "axgen_fed" // in simulation: the accelerator with what feeds it

// Whether any stage streams its weights.
bool dataflow_feeds(const dataflow_design *design);
int64_t feed_word_bits(const dataflow_stage *s); // of all multipliers at once
int feed_word_bytes(const dataflow_stage *s); // TDATA, a whole number of bytes
int64_t feed_image_words(const dataflow_stage *s);
int64_t feed_image_bytes(const dataflow_stage *s); // as TDATA carries them
const char *feed_port(arena *mem, const dataflow_stage *s); // the first part of the port's names: s_weights_LAYER_axis
const char *feed_file(arena *mem, const dataflow_stage *s); // a pass, relative to the accelerator's folder

// Describing: the port core inside a layer; the stream from outside to the layer.
void feed_describe_words(const stage_inside *x);
void feed_describe_layer(const stage_inside *x);

// Writing: ports of the top and of a layer's module, at most FEED_PORTS, and how many; in a layer, the port core and
// what the front gets of it, in `b`; the bits of the top's ports that nobody looks at, each with a comma before it.
enum { FEED_PORTS = 4 };
size_t feed_top_ports(arena *mem, const dataflow_stage *s, verilog_port *ports);
size_t feed_layer_ports(arena *mem, const dataflow_stage *s, verilog_port *ports);
void feed_emit_words(const stage_writer *w, verilog_bindings *b);
void feed_emit_unused(arena *mem, const dataflow_design *design, str *out);
// FEED_MODULE: `ports` [count] are the top's.
void feed_emit_simulation(arena *mem, const dataflow_design *design, const graph *g, const verilog_port *ports,
                          size_t count, str *out);

// The words: a ROM image's lines as whole bytes, the low one first.
void feed_add_file(const stage_roms *r, str *text);

// Of each streaming layer its numbers: as a table, and as JSON. `cycles`: an image.
void feed_print(const dataflow_design *design, double cycles, str *out);
cJSON *feed_json(arena *mem, const dataflow_design *design, double cycles);

#endif
