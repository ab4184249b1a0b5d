// SPDX-License-Identifier: Apache-2.0
//
// graph: what a target's plan is to be built of, said in no target's terms: instances of cores and of modules that the
// target writes, the streams between them, the memories in them, which multipliers. Each target's `describe` yields
// one. From it are printed: the body of the top (graph_print), what the synthesis accounts for (graph_structure), the
// streams that a simulation writes down (graph_print_traces, and who compares them), and the manifest's lists
// (graph_json).
//
// The top's instances stand in the order in which data passes them. A stream has one sender and one receiver; each end
// is a port of an instance, PORT_valid, PORT_ready and PORT_data, or the top's edge. Branches need nothing else: what
// has two receivers goes through an instance of CORE_FORK, whose port "m" sends several streams; what one of them must
// hold back goes through a CORE_FIFO; and a CORE_ADD receives at two ports, "a" and "b". An instance with several kinds
// of processing elements has an instance inside for each run of them, with its multiplier and how many it has.
// tests/unit/common/test_graph.c builds such graphs.
#ifndef AXGEN_TARGET_GRAPH_H
#define AXGEN_TARGET_GRAPH_H

#include "compiler/net/net.h"
#include "compiler/target/common/cores.h"
#include "compiler/target/common/verilog.h"
#include "genlib/scope.h"

#include <cjson/cJSON.h>

#define GRAPH_TRACE "axgen_stream_trace" // rtl_templates/sim: writes a stream down in simulation
#define GRAPH_WATCH "axgen_fifo_watch" // the same: how many beats were in a FIFO
enum { GRAPH_TOP = -1 }; // in the place of an instance: the top

typedef struct {
  const char *module, *name; // name: in the top a name of its scope
  const char *note; // a comment above it, or NULL
  int within; // the instance whose module it stands in, or GRAPH_TOP
  size_t part; // whose row it counts in
  int64_t count; // more than one: a loop makes them, or its module stands there more than once
  verilog_bindings parameters;
  verilog_bindings ports; // in the top: ports beside clk, rst and those of streams
  const mul *mul; // NULL: it is no multiplier
  bool apart; // in the top: the target prints it, because its ports are no streams
} graph_instance;

typedef struct {
  int instance;
  const char *port; // the first part of its signals' names
} graph_end;

// `lanes` codes of `bits` bits a beat, the first in the low bits.
typedef struct graph_stream {
  const char *valid, *ready, *data; // nets of the top, or expressions at its edge
  const char *name; // of which theirs are made; no two streams have the same
  graph_end from, to;
  bool same_data; // one of several that leave a port: its data net is the first one's
  int lanes, bits;
  bool is_signed;
  // What an image gives, where a layer's values pass here: the node's tensor pixel by pixel, channel order[i] (NULL: i)
  // at place i. node 0: codes without a name in the network.
  int node;
  net_shape shape;
  const int *order;
  const char *trace; // the instance that writes it down in simulation; NULL: it is not
  const char *branch; // where it goes, when it carries values that were written down where they left their layer
  // It leaves a FIFO of `depth` beats, which `entry` enters; `watch` writes down in simulation how many were in it.
  const struct graph_stream *entry;
  const char *watch;
  int64_t depth;
} graph_stream;

typedef struct {
  int instance; // in which it is
  const char *name; // what it holds: "weights"
  synth_role role; // SYNTH_RAM, SYNTH_ROM
  int64_t width, depth, count; // bits of a word, words, how many of them
  const char *file; // its contents, relative to the accelerator's folder; NULL: none
  bool counted; // how often it is accessed is known:
  int64_t reads, writes; // words for an image, in all `count` together
} graph_memory;

typedef struct {
  arena *mem;
  scope *names; // of the top
  scope *stream_names; // of all streams, and those that graph_carries will give
  graph_instance *instances;
  graph_stream **streams;
  graph_memory *memories;
  synth_part *parts; // rows of the account, in their order; what is in none counts in the last one
  size_t instance_count, instance_cap, stream_count, stream_cap, memory_count, memory_cap, part_count, part_cap;
  unsigned kinds; // bit k: the account shows kind k
  const char *unit; // what the parts are: "layer"
  const char *reset; // the net that resets the top's instances; "rst"
} graph;

// ---- building -----------------------------------------------------------------------------------------------------
// Nothing yet. unit, kinds: see above. names: what the top has declared already.
graph *graph_new(arena *mem, scope *names, const char *unit, unsigned kinds);
// A row of the account; instances that are added to the top from here on count there. name NULL: the last row, for what
// lies between the others.
void graph_part(graph *g, const char *name);
// Such a row whose instances are named by `part`, at any depth, besides those that are added to the top.
void graph_part_of(graph *g, synth_part part);
// An instance in the top; its name comes from the scope, as near to `name` as possible. Returns its number.
int graph_add(graph *g, const char *module, const char *name);
// An instance in the module of another one, `name` as it is; or apart in the top, whose scope has the name.
int graph_add_within(graph *g, int around, const char *module, const char *name, int64_t count);
void graph_set(graph *g, int instance, const char *parameter, const char *format, ...) BASE_PRINTF(4, 5);
// A parameter that gets a constant of the module around (verilog_constant), whose value this is.
void graph_set_constant(graph *g, int instance, const char *parameter, const char *constant, int64_t value);
void graph_add_memory(graph *g, graph_memory memory);
// A name that graph_carries will give: no other stream gets it. Before any stream is added.
void graph_keep_name(graph *g, const char *name);
// A stream that leaves an instance of the top; its name is near to `name`, its nets are NAME_valid, NAME_ready,
// NAME_data, or near to it. Several may leave one port (CORE_FORK): its valid and ready are then vectors, the first
// stream in bit 0.
graph_stream *graph_from(graph *g, int instance, const char *port, const char *name, int lanes, int bits,
                         bool is_signed);
// A stream that comes from outside, through these expressions; its name is near to `name`.
graph_stream *graph_from_outside(graph *g, const char *name, const char *valid, const char *ready, const char *data,
                                 int lanes, int bits, bool is_signed);
// Who receives it; a stream that is given nobody leaves the top.
void graph_to(graph_stream *s, int instance, const char *port);
// The stream is called `name`, its own or one that was kept for it, and carries the values of this node; simulations
// write it down. It has a sender.
void graph_carries(graph *g, graph_stream *s, const char *name, int node, net_shape shape, const int *order);
// The stream `out` leaves a FIFO of `depth` beats, which `in` enters; simulations write down its fill.
void graph_watch(graph *g, graph_stream *out, const graph_stream *in, int64_t depth);

// ---- asking -------------------------------------------------------------------------------------------------------
int graph_width(const graph_stream *s); // bits of its data
int64_t graph_beats(const graph_stream *s); // an image
const char *graph_trace_file(arena *mem, const graph_stream *s); // "trace/NAME.hex"
// The instance of this name in the module of another one; NULL: there is none.
const graph_instance *graph_find(const graph *g, int around, const char *name);
int graph_of_module(const graph *g, const char *module); // the top's first instance of it, or GRAPH_TOP
// The stream that leaves the top: the only one that an instance sends and none receives.
const graph_stream *graph_result(const graph *g);
// The next stream that a simulation writes down, from *at on; NULL: no more. *at begins at 0.
const graph_stream *graph_next_traced(const graph *g, size_t *at);
size_t graph_traced_count(const graph *g);
const char *graph_watch_file(arena *mem, const graph_stream *s); // "trace/NAME.fill"
// The next stream that leaves a watched FIFO, likewise.
const graph_stream *graph_next_watched(const graph *g, size_t *at);

// ---- printing -----------------------------------------------------------------------------------------------------
// The instances of the top but those apart, each with the nets of the streams that leave it; clk and the
// graph's reset go to each.
void graph_print(const graph *g, str *out);
// Instances of GRAPH_TRACE and GRAPH_WATCH. In the order of graph_next_traced, stage_complete[i] says that stream i has
// carried all its beats, stage_blocked[i] that it waits for its receiver; all_complete that all have.
void graph_print_traces(const graph *g, str *out);
// As the synthesis sees it. `name`: the configuration's (renamed_module).
void graph_structure(const graph *g, const char *name, synth_structure *out);
// Adds to a manifest: instances (what, where, how often, with which parameters, which multiplier), streams, memories.
// Modules under the names that rename_modules(name) gives them.
void graph_json(const graph *g, const char *name, cJSON *manifest);

#endif
