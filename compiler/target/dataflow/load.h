// SPDX-License-Identifier: Apache-2.0
//
// load: weights, biases and factors that are loaded before the first image instead of being built in (`weights: load`).
// They come over one AXI4-Stream port, s_cfg_axis, and pass the layers that take some, each of which has the words of
// its memories taken out by one axgen_load after the other. docs/dataflow.md, "Weights loaded".
#ifndef AXGEN_DATAFLOW_LOAD_H
#define AXGEN_DATAFLOW_LOAD_H

#include "compiler/target/dataflow/stage.h"

enum { LOAD_WORD = 32, LOAD_BITS = LOAD_WORD + 1 }; // of a word; of a beat inside: and whether it is the load's last
#define LOAD_FILE "load/words.bin"

// Whether any stage loads.
bool dataflow_loads(const dataflow_design *design);
// Words of a load.
int64_t dataflow_load_beats(const graph *g);

// Describing: what fills a memory of a layer; the words as they come in, `words` at a layer, which returns them as they
// go on (NULL: no other layer takes any); and the port, when all layers stand there.
void load_describe_words(const stage_inside *x, const graph_memory *memory);
graph_stream *load_describe_source(graph *g);
graph_stream *load_describe_layer(const stage_inside *x, graph_stream *words);
void load_describe_port(graph *g, const dataflow_design *design);

// Writing: the port in the top; the ports of a layer's module, at most LOAD_PORTS, and how many.
enum { LOAD_PORTS = 7 };
void load_emit_port(arena *mem, const graph *g, str *out);
size_t load_ports(arena *mem, const dataflow_stage *s, verilog_port *ports);
// What fills the memory `what` of a layer, where something does; and what the core around the memory gets, in `b`.
void load_emit_words(const stage_writer *w, const char *what, verilog_bindings *b);
// What a core gets where nothing fills its memory of `depth` words of `width` bits, or where it has none.
void load_emit_nothing(int64_t width, int64_t depth, verilog_bindings *b);

// The words: 32 bits a line. A ROM image's lines as such: each word takes as many as it needs, its low bits first.
void load_add_words(const char *text, str *out);
// LOAD_FILE: all words, the low byte first.
void load_add_file(arena *mem, const char *words, fileset *out);

#endif
