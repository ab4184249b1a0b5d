// SPDX-License-Identifier: Apache-2.0
//
// hw: the hardware description of a streaming dataflow accelerator: one stage a layer, its folding, widths, buffers and
// cycle count. Knows what is to be built, not how Verilog is written (emit.h) or checked (sim).
#ifndef AXGEN_DATAFLOW_PLAN_H
#define AXGEN_DATAFLOW_PLAN_H

#include "compiler/config/config.h"
#include "compiler/explore/pricing.h"
#include "compiler/infer/infer.h"
#include "genlib/adders/adder.h"

typedef struct dataflow_fifo { // what `fifos` gives: the depth of the FIFO on the way from a node
  int from;
  int64_t depth; // beats; 0: none
  src_pos pos;
  const struct dataflow_fifo *next;
} dataflow_fifo;
// Where the words lie that a layer looks up.
typedef enum {
  DATAFLOW_ROM, // built in
  DATAFLOW_LOAD, // weights, biases and factors are loaded before the first image
  DATAFLOW_STREAM // weights come from outside while images pass; biases and factors are built in
} dataflow_weights;
extern const char *const dataflow_weights_word[3]; // as a configuration says it
// How products become accumulators.
typedef enum {
  DATAFLOW_CARRY_PROPAGATE, // a tree of adders, its register, an adder
  DATAFLOW_CARRY_SAVE // a compressor of them all, one adder at its end
} dataflow_accumulate;
extern const char *const dataflow_accumulate_word[2]; // as a configuration says it
// Where an approximate adder stands.
typedef enum {
  DATAFLOW_IN_BOTH,
  DATAFLOW_IN_SUM, // from word to word
  DATAFLOW_IN_TREE // between the products of a word
} dataflow_adder_in;
extern const char *const dataflow_adder_in_word[3]; // as a configuration says it
// What the config says of a layer, or a wish in it made of it (fold.h); pe, simd and hold mean something in nodes
// that multiply.
typedef struct {
  int pe, simd;
  int hold; // output pixels of a row that a weight stays for, 1..OW
  bool slice; // a register slice behind it
  dataflow_weights weights;
  dataflow_accumulate accumulate;
  const adder *adder; // NULL: exact
  dataflow_adder_in adder_in;
  const dataflow_fifo *fifos; // before it
  src_pos pe_pos, simd_pos; // for errors found later; line 0 when defaulted
} folding;
extern const target_reader DATAFLOW_READER;
const folding *dataflow_folding(const config *cfg, int node);

typedef enum {
  DATAFLOW_MVU, // conv or dense: window generator, PE x SIMD multipliers, accumulators, requantiser
  DATAFLOW_POOL, // pooling with stride = window and no padding: a row buffer
  DATAFLOW_POOL_WINDOW, // any other pooling: window generator, then a reduction
  DATAFLOW_ADD, // requantised sum of two streams
  DATAFLOW_CONCAT, // channels of several streams, pixel by pixel
  DATAFLOW_PAD, // rows, columns and channels of the zero code around an image
  DATAFLOW_KINDS
} dataflow_kind;

// A block of activations that one window word carries: SIMD = th * tw * g, channels fastest. Every divisor of
// C * KH * KW factors so, in exactly one way (docs/dataflow.md).
typedef struct {
  int g, tw, th;
} dataflow_block;
dataflow_block dataflow_block_of(int simd, int c, int kh, int kw);

// Grouped convolution: how many groups' PEs work side by side. One, when pe divides the filters of a group: all PEs are
// in one group at a time. More, when pe is all filters of several groups that divide the groups: then a word carries
// the same taps of all their channels, which needs a simd that all channels of a group divide. 0: no such folding.
int dataflow_side(const network *net, const net_node *n, int pe, int simd);

// One of the streams that a stage takes.
enum { DATAFLOW_IMAGE = -1 }; // in the place of a stage: the accelerator's input
typedef struct {
  int source; // the stage that sends it, one before the stage's own, or DATAFLOW_IMAGE
  net_shape shape;
  int lanes; // in which the stage takes it; 0: its in_lanes
  int bits;
  bool is_signed;
  const int *order; // of its channels as the stage takes them; where it comes in another one, it is permuted on its way
  int64_t fifo; // beats of the FIFO on its way, as wide as the source sends them; 0: there is none
  int64_t needed; // what the schedule asks for
} dataflow_input;

// What target.h's places says, for the folding of a node.
void dataflow_places(arena *mem, const config *cfg, int node, pricing_layer *out);
// What target_reader's places says: [pe][simd].
const int32_t *dataflow_weight_places(arena *mem, const config *cfg, int node, int size[2]);

typedef struct {
  const char *name; // the layer's
  const char *id; // the same as an identifier, for names in Verilog and of files; no two stages share one
  int node; // index into the network
  dataflow_kind kind;
  net_shape in, out; // in, in_bits, in_signed, in_order: of the first input
  dataflow_input *inputs;
  int input_count;
  int kh, kw, sh, sw, pt, pb, pl, pr;

  // Streams: `lanes` codes a beat, `bits` a code. Inputs come to in_lanes, but those that say otherwise.
  int in_lanes, in_bits, out_lanes, out_bits;
  bool in_signed, out_signed;
  // Channel i of the stream is channel order[i] of the network's tensor (NULL: i itself): filters are sorted by their
  // multiplier, and what follows keeps that order.
  const int *in_order, *order;

  // Window generator (DATAFLOW_MVU, DATAFLOW_POOL_WINDOW).
  dataflow_block block;
  int wch; // channels of one line-buffer word
  int rows; // row slots of the line buffer
  int32_t pad_code; // DATAFLOW_PAD too
  int pad_c0, pad_c1; // DATAFLOW_PAD: channels added before and behind
  bool whole; // DATAFLOW_CONCAT, DATAFLOW_PAD: a beat is a pixel

  // DATAFLOW_MVU. Of the groups of a grouped convolution `side` are worked on at once and `rounds` so many one after
  // the other; each window word has block.g channels of each of them. 1 and 1: not grouped.
  int side, rounds;
  // PE p computes the output channels order[nf * pe + p], nf = 0, 1, ..., and owns one multiplier type a
  // lane: muls[p * simd + lane], an index into the config's multipliers.
  int pe, simd, nf, sf;
  int hold; // output pixels that are computed together: each word of weights stays for so many cycles
  const uint8_t *muls;
  int weight_bits;
  bool weight_signed;
  int32_t weight_zero;
  int prod_bits; // of the widest multiplier of the layer; all products are sign- or zero-extended to it
  bool prod_signed;
  int acc_bits;
  bool carry_save;
  const adder *adder; // NULL: exact
  bool in_tree, in_sum; // where it stands
  const int64_t *bias; // [out.c] by network filter, zero-point constants included

  int64_t sum_offset; // of an average: what its sums start from

  // Requantise; absent where accumulators are the output or codes pass as they are. out_lanes requantisers, which
  // divide the PEs, work through a beat of accumulators.
  bool has_requant, is_max;
  const uint16_t *mult; // [out.c] by network channel; or by the taps of a window inside the image, from 1
  bool by_pixel; // the latter
  int mult_bits, shift;
  double mult_set; // bits that are set in a factor, in the mean
  int32_t lo, hi, zero;

  bool slice; // a register slice behind it

  int64_t cycles; // (F/PE)*(K/SIMD)*OH*OW for a layer that multiplies, else its input beats
  int64_t input_beats; // beats of the stage's own input stream (window generator or pool) per image
  int64_t line_buffer_bits, rom_bits, loaded_bits;
  bool load; // weights, biases and factors are loaded before the first image: loaded_bits, not rom_bits
  bool stream; // weights come from outside, in passes of nf * sf words: so many an image
  int64_t stream_passes;
  bool load_on; // a later stage does the same: what is not for this one goes on
  int64_t hold_bits; // partial sums and results of the pixels that are computed together
} dataflow_stage;

// The accelerator's input stream; lanes: as many as the widest of the stages that take it asks for.
typedef struct {
  net_shape shape;
  int lanes, bits;
  bool is_signed;
} dataflow_image;

typedef struct {
  const config *cfg;
  const infer_model *model;
  // The config's multipliers, `ident` being the name of the module; what is one module is one pointer (genlib/scope.h).
  const mul *const *muls;
  // Stage i is node i + 1, so a stage's sources stand before it; the last one gives the result.
  dataflow_stage *stages;
  size_t count;
  dataflow_image image;
  int64_t formula_cycles; // max over layers that multiply of (F/PE)*(K/SIMD)*OH*OW
  int64_t predicted_cycles; // the same, but never below what a stream can carry (one beat a cycle)
  const char *slowest; // the stage that sets predicted_cycles
  int64_t multipliers; // PE * SIMD over all layers
  int64_t
      tried; // firings of the schedule (schedule.h) that the FIFOs' depths took: planning's cost, whatever the machine
} dataflow_design;

// Plans the accelerator of a configuration. Refuses, with the layer and the reason, what the dataflow target cannot
// build. `model` must outlive the result.
bool dataflow_plan(arena *mem, const config *cfg, const infer_model *model, dataflow_design **out, diag *d);

// Whether any layer of a configuration has an approximate adder. If so: how the layers add up, by node, in `mem`, which
// plans the accelerator, since widths and orders are the plan's. model: without it.
bool dataflow_approximates(const config *cfg);
bool dataflow_accumulations(arena *mem, const config *cfg, const infer_model *model, const infer_accumulation **out,
                            diag *d);

// Which of a design's imported adders it is, from 1, in the order of the layers; 0: none of them.
int dataflow_adder_number(const dataflow_design *design, const adder *a);

// used[i] for each of the config's multipliers that the design has; the others stay as they are.
void dataflow_multipliers(const dataflow_design *design, bool *used);

// The runs of PEs [first, end) of a stage that have the same multiplier, an index into the config's, in their order;
// where lanes of a PE differ, each multiplier, in the order in which they first occur: [first, end) is then all PEs.
// Begins with a zeroed run; false: no more.
typedef struct {
  int first, end, mul;
  int64_t count; // of the positions that have it
} dataflow_run;
bool dataflow_next_run(const dataflow_stage *s, dataflow_run *run);

// Columns of the window generator's line buffer in one of its TW banks; padding is not stored.
int dataflow_bank_columns(const dataflow_stage *s);

// The stage that gives the result.
static inline const dataflow_stage *dataflow_last(const dataflow_design *design) {
  return &design->stages[design->count - 1];
}
static inline int dataflow_input_lanes(const dataflow_stage *s, int input) {
  return s->inputs[input].lanes ? s->inputs[input].lanes : s->in_lanes;
}
int dataflow_source_lanes(const dataflow_design *design, int source);
// How many inputs of stages take what a source sends; between: of those stages [count] only, NULL: of all.
int dataflow_receivers(const dataflow_design *design, int source, const bool *between);
// Whether what comes to an input leaves its source in another order of channels.
bool dataflow_is_permuted(const dataflow_design *design, const dataflow_input *in);
int64_t dataflow_permutation_bits(const dataflow_design *design, const dataflow_stage *s, int k); // of registers, then
const char *dataflow_source_name(const dataflow_design *design, int source); // the layer's that sends
// Beats of the stage's output stream, of the accelerator's input, per image.
int64_t dataflow_output_beats(const dataflow_stage *s);
int64_t dataflow_image_beats(const dataflow_design *design);
// An upper bound on the cycles between the last output beats of two images in a row, and from the first input beat to
// the end of the first image, where both ends may pause at random: each stage may take its turn after the one before.
int64_t dataflow_cycle_limit(const dataflow_design *design);

// The order in which a multiplying stage reads its window, and so its weights: element `lane` of word `sf` is tap
// (*ky, *kx) of channel *c of those that a filter sees: of the stage's input, or of the filter's group.
void dataflow_window_element(const dataflow_stage *s, int sf, int lane, int *c, int *ky, int *kx);
// The same channel as the network numbers it in the input, for the filter at place `slot` of the output stream.
int dataflow_window_channel(const dataflow_stage *s, int slot, int c);
// Channels that a filter sees; filters that see the same.
static inline int dataflow_group_channels(const dataflow_stage *s) { return s->in.c / (s->side * s->rounds); }
static inline int dataflow_group_filters(const dataflow_stage *s) { return s->out.c / (s->side * s->rounds); }
// Channels of a window word.
static inline int dataflow_word_channels(const dataflow_stage *s) { return s->block.g * s->side; }

#endif
