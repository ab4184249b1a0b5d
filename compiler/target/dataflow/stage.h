// SPDX-License-Identifier: Apache-2.0
//
// stage: what the files of this room share that turn one layer into hardware. A kind of stage is a row of `kinds.c` and
// a file stage_KIND.c that holds all there is to know of it, in the order in which it is needed: planned, described as
// a graph, written as Verilog, its ROM images. Parts that several kinds have stand in files of their own: the window
// generator (window.c), the requantiser (requant.c), the multipliers (positions.c). What an operator of the network
// becomes is a row of `operators.c`.
#ifndef AXGEN_DATAFLOW_STAGE_H
#define AXGEN_DATAFLOW_STAGE_H

#include "compiler/target/common/cost.h"
#include "compiler/target/dataflow/emit_internal.h"
#include "compiler/target/dataflow/schedule.h"

// ---- planning -----------------------------------------------------------------------------------------------------
typedef struct {
  arena *mem;
  const config *cfg;
  const infer_model *model;
  int lanes; // of the first stream that comes; 0: the image, which comes as its stages ask for
  const int *input_lanes; // the same of all of them
  int64_t pace; // cycles an image of the slowest layer that multiplies
} stage_planner;

// "layer NAME: the dataflow target cannot build it: WHY", false.
bool stage_refuse(const config *cfg, const net_node *n, diag *d, const char *why);

// The fewest lanes that divide `channels` and are at least `want`; if there are none, all channels.
int stage_lanes(int channels, int64_t want);
// What its node and the folding of that say before anything is planned.
dataflow_stage stage_from_node(const net_node *n, const folding *fold);
// Codes pass a stage as they are, clamped to the node's bounds.
void stage_passes(dataflow_stage *s, const net_node *n);

// The first part of the names of an input's ports at the module of a layer: "s"; with several inputs "s0", "s1" ...
const char *stage_port(arena *mem, const dataflow_stage *s, int input);

// ---- describing: cores inside the module of a layer ---------------------------------------------------------------
typedef struct {
  graph *g;
  const dataflow_design *design;
  const dataflow_stage *s;
  int layer; // its instance
} stage_inside;

// A parameter and the constant of the layer's module that has its name.
typedef struct {
  const char *name;
  int64_t value;
} stage_constant;

int stage_core(const stage_inside *x, core_id core, const char *name);
void stage_set_constants(graph *g, int instance, const stage_constant *c, size_t count);
// Words that a core looks up: a ROM image as a parameter, or what loads them; and the memory that holds them.
void stage_set_rom(const stage_inside *x, int instance, const char *parameter, const char *what, int64_t width,
                   int64_t depth);

// ---- writing: the nets between those cores ------------------------------------------------------------------------
typedef struct {
  arena *mem;
  const dataflow_design *design;
  const dataflow_stage *s;
  const graph *g;
  int layer; // its instance in the graph
  str *out;
} stage_writer;

verilog_bindings stage_clocked(const stage_writer *w); // clk and rst
// Nets as they are called behind a stream of that name: NAME_valid ...
void stage_bind(verilog_bindings *b, const char *port, const char *name);
void stage_emit_instance(const stage_writer *w, const char *name, const verilog_bindings *b);

// ---- ROM images ---------------------------------------------------------------------------------------------------
typedef struct {
  arena *mem;
  const dataflow_design *design;
  const dataflow_stage *s;
  fileset *out;
  str *words; // that are loaded: 32 bits a line
} stage_roms;

void stage_add_rom(const stage_roms *r, const char *what, str *text); // rom/LAYER_WHAT.hex, or `words`
// `lanes` values a word, in the stream's channel order.
void stage_channel_rom(const stage_roms *r, const char *what, const int64_t *values, int lanes, int bits);
// Channel of the network's tensor at stream position i.
static inline int stage_channel(const int *order, int i) { return order ? order[i] : i; }

// ---- the model: what a layer does with beats, no better than its cores (schedule.h) ---------------------------------
typedef struct {
  schedule *schedule;
  arena *mem;
  const dataflow_stage *s;
  const schedule_tap *from; // by input: beats of in_lanes codes
} stage_model;

// ---- kinds --------------------------------------------------------------------------------------------------------
typedef struct {
  const char *name; // in manifest.json
  bool multiplies;
  void (*describe)(const stage_inside *x);
  void (*emit)(const stage_writer *w);
  void (*roms)(const stage_roms *r); // NULL: it has none
  schedule_tap (*model)(const stage_model *m); // beats of out_lanes codes, before a slice behind it
  void (*cost)(const dataflow_stage *s, cost_logic *out); // adds its blocks, multipliers left out
} stage_kind;
extern const stage_kind STAGE_KINDS[DATAFLOW_KINDS];

// In which order an operator's channels pass (orders.h).
typedef enum {
  CHANNELS_FIXED, // the network's
  CHANNELS_OWN, // of filters: any that the multipliers ask for
  CHANNELS_THROUGH, // as they come
  CHANNELS_TOGETHER, // of two inputs, as both must come
  CHANNELS_SIDE_BY_SIDE // of each input as they come, and what a pad adds in its place
} stage_channels;

// What an operator of the network becomes.
typedef struct {
  bool (*plan)(const stage_planner *p, dataflow_stage *s, diag *d); // NULL: it needs no stage
  stage_channels channels;
} stage_operator;
extern const stage_operator STAGE_OPERATORS[NET_OPS];

bool stage_mvu_plan(const stage_planner *p, dataflow_stage *s, diag *d);
void stage_mvu_describe(const stage_inside *x);
void stage_mvu_emit(const stage_writer *w);
void stage_mvu_roms(const stage_roms *r);
schedule_tap stage_mvu_model(const stage_model *m);
void stage_mvu_cost(const dataflow_stage *s, cost_logic *out);
// For how many multiplications a weight stays at its multiplier.
double stage_mvu_held(const dataflow_stage *s);
// Bits of accumulators where any words may be loaded: sums of `terms` products.
int stage_mvu_loadable_bits(int64_t terms, int prod_bits, bool prod_signed, int in_bits, int32_t weight_zero);

bool stage_pool_plan(const stage_planner *p, dataflow_stage *s, diag *d);
void stage_pool_describe(const stage_inside *x);
void stage_pool_emit(const stage_writer *w);
void stage_pool_roms(const stage_roms *r);
schedule_tap stage_pool_model(const stage_model *m);
void stage_pool_cost(const dataflow_stage *s, cost_logic *out);

bool stage_add_plan(const stage_planner *p, dataflow_stage *s, diag *d);
void stage_add_describe(const stage_inside *x);
void stage_add_emit(const stage_writer *w);
schedule_tap stage_add_model(const stage_model *m);
void stage_add_cost(const dataflow_stage *s, cost_logic *out);

bool stage_concat_plan(const stage_planner *p, dataflow_stage *s, diag *d);
void stage_concat_describe(const stage_inside *x);
void stage_concat_emit(const stage_writer *w);
schedule_tap stage_concat_model(const stage_model *m);
void stage_concat_cost(const dataflow_stage *s, cost_logic *out);

bool stage_pad_plan(const stage_planner *p, dataflow_stage *s, diag *d);
void stage_pad_describe(const stage_inside *x);
void stage_pad_emit(const stage_writer *w);
schedule_tap stage_pad_model(const stage_model *m);
void stage_pad_cost(const dataflow_stage *s, cost_logic *out);

// ---- parts of stages ----------------------------------------------------------------------------------------------
// Window generator: its rows; after the word was chosen its beats and bits.
void window_plan(dataflow_stage *s);
void window_finish(dataflow_stage *s);
void window_describe(const stage_inside *x, int repeat, int groups);
void window_cost(const dataflow_stage *s, int repeat, int groups, cost_logic *out);
void window_emit(const stage_writer *w); // the stream `s` becomes the words `w`
// A beat for every `words` words, `frames` beats a pixel, which come to a register after `depth` cycles; behind it
// comes `room`.
schedule_tap window_model(const stage_model *m, int64_t words, int64_t frames, int depth, schedule_room room);

// Requantiser, where the stage needs one; sets the output's code either way.
enum { REQUANT_FACTOR_BITS = 16 }; // that axgen_requant takes
// Bits of a factor, of which any may be loaded.
int requant_loadable_bits(int factor_bits, int acc_bits);
int requant_lanes(int pe, int sf); // of a layer that multiplies
void requant_plan(arena *mem, const config *cfg, dataflow_stage *s);
void requant_describe(const stage_inside *x);
void requant_emit(const stage_writer *w, const char *from); // accumulators of the stream `from` become the stream `m`
void requant_roms(const stage_roms *r);
// The register of a beat of accumulators, and the requantisers' behind it where the stage has them.
void requant_cost(const dataflow_stage *s, cost_logic *out);
schedule_room requant_model(const dataflow_stage *s);

// Which multiplier stands at which (PE, lane).
void positions_plan(arena *mem, const config *cfg, dataflow_stage *s);
bool positions_mixed(const dataflow_stage *s); // lanes of a PE have different ones
void positions_describe(const stage_inside *x);
void positions_emit(const stage_writer *w); // `act`, `weight` -> `prod`

#endif
