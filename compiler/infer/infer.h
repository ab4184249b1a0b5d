// SPDX-License-Identifier: Apache-2.0
//
// infer: running a quantised network. ref.c is the definition of the numerics: plain loops, one multiply at a time.
#ifndef AXGEN_INFER_H
#define AXGEN_INFER_H

#include "compiler/config/config.h"
#include "genlib/adders/adder.h"

// How a layer's products are added up, where an adder of it is approximate (docs/numerics.md, "Approximate adders").
typedef struct {
  const adder *adder; // NULL: exactly, in any order; the rest then means nothing
  bool in_tree, in_sum; // where it stands: between the products of a word, from word to word
  int bits; // of sums, in two's complement
  int lanes; // products of a word
  const int32_t *tap; // [groups][reduction]: word by word, lane by lane, the tap of the window (c, ky, kx) that comes
} infer_accumulation;

// Multipliers of a run: for weight i of node n: muls[assignment_mul(&assign[n], i)].
typedef struct {
  const network *net;
  const mul *const *muls;
  const assignment *assign; // NULL, or ASSIGN_NONE in a layer: every product exact
  const infer_accumulation *accumulate; // by node; NULL: all sums exact
} infer_model;
// Of a node that multiplies; NULL: every product exact.
static inline const assignment *infer_assignment(const infer_model *m, int node) {
  return m->assign && m->assign[node].level != ASSIGN_NONE ? &m->assign[node] : NULL;
}

// Of a node; NULL: its sums are exact.
static inline const infer_accumulation *infer_accumulated(const infer_model *m, int node) {
  return m->accumulate && m->accumulate[node].adder ? &m->accumulate[node] : NULL;
}
int64_t infer_signed(int bits, uint64_t code); // what a code of so many bits stands for

// The codes of pixels 0..255 of a channel under the input node's quantisation: round(what the pixel stands for / scale)
// + zero, halves away from zero, clamped to the input node's lo, hi. And those of an image: out[c][h][w].
void infer_pixel_codes(const network *net, int channel, int32_t code[256]);
void infer_input_codes(const network *net, const uint8_t *pixels, int32_t *out);

// One image. values[n] points to node n's output as int32 [C][H][W] (codes; accumulators for the last node); the caller
// gives the buffers (infer_buffers makes them), so that every intermediate value can be looked at.
int32_t **infer_buffers(arena *mem, const network *net);
void ref_run(const infer_model *m, const uint8_t *pixels, int32_t **values);

// Index of the first maximum.
int infer_argmax(const int32_t *logits, int n);

// Top-1 over images [first, first + count) with OpenMP threads; result independent of the thread count.
// Returns false when interrupted.
typedef struct {
  size_t images, correct;
  double seconds;
} infer_accuracy;
bool infer_evaluate(const infer_model *m, const dataset *data, size_t first, size_t count, infer_accuracy *out);

// Codes that node n's output may carry: its clamp, narrowed by its inputs where codes pass through.
typedef struct {
  int32_t lo, hi;
} infer_codes;
infer_codes infer_code_range(const network *net, int node);

// What filter f's accumulator starts from when the constant parts of the zero points are folded into the bias:
// bias - z_a * sum w + K * z_a * z_w. Each tap then adds f(a,w) - z_w * a.
int64_t infer_folded_bias(const network *net, const net_node *node, int f);

// Smallest and largest value that node n's accumulator takes for ANY activation codes its input may carry, over all
// filters and all partial sums in any order (the folded bias first, taps as above), with its actual weights and
// multipliers; and the range of single products f(a,w), 0 included. The hardware's widths come from these.
// avgpool: the sum, and a - z_a. add: (a - z_a) * m_a + (b - z_b) * m_b, and its two terms. Else all 0.
// Every activation code is tried against every weight code that occurs; for approximate multipliers too wide for that
// (16 bits, without a table) the product's declared width is the bound. With approximate adders accumulators take any
// value of their width.
typedef struct {
  int64_t acc_lo, acc_hi, prod_lo, prod_hi;
} infer_range;
infer_range infer_node_range(const infer_model *m, int node);

// The same for who asks often: what a layer's products span under a multiplier is found once and kept in `mem`. For
// models of one network and list of multipliers, with any assignments and biases.
typedef struct infer_ranges infer_ranges;
infer_ranges *infer_ranges_new(arena *mem, const network *net);
infer_range infer_ranges_node(infer_ranges *known, const infer_model *m, int node);

// What ref_run and the hardware rely on beyond net_verify, with the actual multipliers: accumulators that are the
// output fit 32 bits, those that are requantised 47 bits.
bool infer_check(const infer_model *m, diag *d);
// The same, with the ranges: out[node]; and of one node whose range is known.
bool infer_check_ranges(infer_ranges *known, const infer_model *m, infer_range *out, diag *d);
bool infer_check_range(const network *net, int node, infer_range r, diag *d);
// Whether the data set's images are what the network takes; a network that takes [F, 1, 1] takes any F pixels. Then,
// only where labels matter: whether there are some, and the network can give them.
bool infer_check_data(const network *net, const dataset *data, diag *d);
bool infer_check_labels(const network *net, const dataset *data, diag *d);

#endif
