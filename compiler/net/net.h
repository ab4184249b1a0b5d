// SPDX-License-Identifier: Apache-2.0
//
// net: a network, first in floating point (as imported), then in integers (as quantised, emulated and built).
//
// A network is a list of nodes in topological order; each node makes one tensor of shape C x H x W (batch 1). Its
// integer arithmetic is defined in docs/numerics.md and by compiler/infer/ref.c.
#ifndef AXGEN_NET_H
#define AXGEN_NET_H

#include "compiler/base/base.h"

// One row each in operators.c, and in the tables of those that run and build networks (docs/architecture.md).
typedef enum {
  NET_INPUT, // the image
  NET_CONV, // grouped convolution, then clamp
  NET_DENSE, // over the whole input: a convolution with kh = H, kw = W and no pads
  NET_MAXPOOL,
  NET_AVGPOOL, // sum over the window, then requantise
  NET_ADD, // residual addition, then clamp
  NET_CONCAT, // of channels; inputs share one quantisation
  NET_PAD, // spatial or channel padding with the zero code
  NET_OPS
} net_op;
const char *net_op_name(net_op op);

typedef struct {
  int c, h, w;
} net_shape;
static inline int64_t net_shape_size(net_shape s) { return (int64_t)s.c * s.h * s.w; }

// How a tensor's real values are coded: real = scale * (code - zero), code of `bits` bits.
typedef struct {
  int bits; // 2..16; 0: not quantised
  bool is_signed;
  int32_t zero; // the code of real 0; what padding feeds to the multiplier
  double scale;
} net_quant;
static inline int32_t net_quant_lo(net_quant q) { return q.is_signed && q.bits ? -(1 << (q.bits - 1)) : 0; }
static inline int32_t net_quant_hi(net_quant q) {
  return q.is_signed && q.bits ? (1 << (q.bits - 1)) - 1 : (1 << q.bits) - 1;
}

// Where an operator's output codes come from. From NET_RESCALES on it has `mult` and `shift`, from NET_SUMS on
// accumulators, which may be the network's output as they are.
typedef enum {
  NET_CODES, // from pixels
  NET_PASSES, // its inputs' codes, whose quantisation it has
  NET_RESCALES, // its inputs, each with a multiplier of its own
  NET_SUMS, // sums
  NET_PRODUCTS // sums of products with weights
} net_arithmetic;

// What a layer of net.yaml says beside name, inputs and shape (attributes.c).
typedef enum {
  NET_KERNEL,
  NET_STRIDE,
  NET_PADS,
  NET_GROUPS,
  NET_PAD_CHANNELS,
  NET_COUNT_PADS,
  NET_ATTRIBUTES
} net_attribute;

struct net_check; // operators.h
typedef struct {
  const char *name; // in net.yaml
  int least, most; // inputs
  net_arithmetic arithmetic;
  unsigned attributes; // 1u << net_attribute
  bool whole; // its window is its whole input
  // The shape that its inputs and attributes give: false, after a message, where they fit no such operator. The
  // channels of NET_PRODUCTS are the node's own.
  bool (*shape)(const struct net_check *c, net_shape *want);
  const char *colour; // of its box in the graph
} net_operator;
extern const net_operator net_operators[NET_OPS];

enum { NET_MAX_INPUTS = 64 };

typedef struct {
  const char *name;
  net_op op;
  src_pos pos; // where it was declared (net.yaml), or file = the ONNX file and no line
  int inputs[NET_MAX_INPUTS], input_count; // node indices, all smaller than this node's own
  net_shape shape; // of the output

  // Window of conv, dense and the pools. dense: kh = H, kw = W of its input, stride 1, no pads, groups 1.
  // pad: the four pads, and channels added before and after.
  int kh, kw, sh, sw, pt, pb, pl, pr;
  int groups; // conv: divides the input and output channels
  int pad_c0, pad_c1; // pad
  bool count_pad; // avgpool: padded taps count in the divisor
  // Clamp of the real output: -INFINITY, INFINITY where there is none. ReLU is [0, INFINITY], ReLU6 [0, 6].
  double clamp_lo, clamp_hi;

  // Floating point, before quantisation: weight [F][C/groups][kh][kw], bias [F] (NULL: none).
  const float *weight_f, *bias_f;
  // The same of add and avgpool: what their inputs are multiplied by first, all above 0 (NULL: 1). add: [inputs];
  // avgpool: [C], all equal where its divisor varies.
  const double *gain;

  // Integers, after quantisation (conv and dense; avgpool and add use multiplier and shift).
  net_quant quant; // of the output. The last node, when conv, dense or avgpool, has bits 0 as a rule: its
                   // accumulators (which must fit 32 bits) are the output. With bits > 0 it is requantised
                   // like any other node (16-bit networks, whose accumulators are wider).
  int weight_bits; // 2..16
  bool weight_signed;
  int32_t weight_zero; // scheme u8; else 0
  const double *weight_scale; // [F] or NULL, real weight = scale * (code - zero); kept for information. All equal
                              // in a last node with bits 0, whose accumulators are compared with each other
  const int16_t *weight; // codes [F][C/groups][kh][kw] (unsigned 16-bit codes are not allowed above 15 bits)
  const int32_t *bias; // [F], added to the accumulator; never NULL. Before quantisation: what a model states, or NULL
  const uint16_t *mult; // [net_multipliers(n)], m of net_requantise; add: m_a and m_b; all at least 1
  int shift; // 1..47
  int32_t lo, hi; // clamp of the code, for every op (the whole code range where there is none)
} net_node;

// y = clamp(((acc * m + 2^(shift-1)) >> shift) + zero, lo, hi), arithmetic shift; zero is the output's zero point (0 in
// the schemes s8 and u8s8; hardware may add zero * 2^shift to the rounding constant instead: the same integer).
// conv, dense: acc = bias + sum f(a,w) - z_w * sum a - z_a * sum w + K * z_a * z_w
// avgpool:     acc = sum over the taps inside the image of (a - z_a)
// add:         acc * m = (a - z_a) * m_a + (b - z_b) * m_b
// maxpool, concat, pad: codes pass as they are (their inputs have the output's quantisation), then clamp(lo, hi).
static inline int32_t net_requantise(const net_node *n, int64_t acc_times_m) {
  int64_t y = ((acc_times_m + ((int64_t)1 << (n->shift - 1))) >> n->shift) + n->quant.zero;
  return (int32_t)(y < n->lo ? n->lo : y > n->hi ? n->hi : y);
}

// What a pixel p (0..255) stands for: the real value p / 255 * scale + offset.
typedef struct {
  double scale, offset;
} net_pixels;

typedef struct {
  arena *mem;
  const char *name;
  const char *file; // where it came from
  net_node *nodes;
  size_t count, cap;
  bool quantised;
  // What pixels are: in all channels net_pixels of these two (1 and 0 as a rule), or each channel's own. The input's
  // quant codes that real value.
  double input_scale_255, input_offset;
  const net_pixels *input_channels; // [C], instead of the two above; NULL: no channel has its own
} network;

static inline net_pixels net_input_pixels(const network *n, int channel) {
  return n->input_channels ? n->input_channels[channel] : (net_pixels){n->input_scale_255, n->input_offset};
}
static inline double net_pixel_value(net_pixels of, int pixel) { return pixel / 255.0 * of.scale + of.offset; }
// The smallest and largest real value that a pixel of any channel can stand for.
void net_input_range(const network *n, double *lo, double *hi);

// A network has one input node, nodes[0], and every node but the last is used by a later one. Bounds on what a file may
// ask for:
enum { NET_MAX_NODES = 4096, NET_MAX_TENSOR = 1 << 24, NET_MAX_TOTAL = 1 << 27 }; // elements of one tensor, of all

static inline const net_node *net_output(const network *n) { return &n->nodes[n->count - 1]; }
static inline net_shape net_input_shape(const network *n, const net_node *node) {
  return n->nodes[node->inputs[0]].shape;
}
static inline net_quant net_input_quant(const network *n, const net_node *node) {
  return n->nodes[node->inputs[0]].quant;
}
// Whether node's accumulators are the network's output as they are.
static inline bool net_is_raw(const network *n, const net_node *node) {
  return node == net_output(n) && node->quant.bits == 0;
}
static inline bool net_has_pads(const net_node *n) { return n->pt || n->pb || n->pl || n->pr; }
static inline net_arithmetic net_arithmetic_of(const net_node *n) { return net_operators[n->op].arithmetic; }
static inline bool net_multiplies(const net_node *n) { return net_arithmetic_of(n) == NET_PRODUCTS; }
static inline bool net_accumulates(const net_node *n) { return net_arithmetic_of(n) >= NET_SUMS; }
static inline bool net_requantises(const net_node *n) { return net_arithmetic_of(n) >= NET_RESCALES; }
static inline bool net_passes(const net_node *n) { return net_arithmetic_of(n) == NET_PASSES; }
static inline bool net_has(const net_node *n, net_attribute a) { return net_operators[n->op].attributes >> a & 1; }
// An average over the taps inside the image only: its divisor, and so its m, depends on how many those are.
static inline bool net_mean_varies(const net_node *n) {
  return net_has(n, NET_COUNT_PADS) && !n->count_pad && net_has_pads(n);
}
// How many multipliers requantisation has: one a channel; add: one an input; net_mean_varies: for 1, 2, ... taps.
static inline int net_multipliers(const net_node *n) {
  return net_arithmetic_of(n) == NET_RESCALES ? n->input_count : net_mean_varies(n) ? n->kh * n->kw : n->shape.c;
}
// How many entries `gain` has.
static inline int net_gains(const net_node *n) {
  return net_arithmetic_of(n) == NET_RESCALES ? n->input_count : net_arithmetic_of(n) == NET_SUMS ? n->shape.c : 0;
}
// Reduction length of a conv or dense node: multiplications per output element.
int64_t net_reduction(const network *n, const net_node *node);
// True multiplications per image of one node (padding taps are multiplied too: they feed the multiplier), strides
// respected.
int64_t net_multiplications(const network *n, const net_node *node);
int net_find(const network *n, const char *name); // node index or -1

// Checks every invariant stated above: shapes fit, indices in order, names unique and legal (letters, digits, '_',
// starting with a letter: they become Verilog names), quantisation complete when `quantised`. Run after each pass.
bool net_verify(const network *n, diag *d);

// The native format: net.yaml (readable) beside weights.safetensors. Reading checks everything and verifies.
bool net_read(arena *mem, const char *path, network **out, diag *d);
bool net_write(const network *n, const char *dir, diag *d); // both files, all or nothing
// The same into a set of files, their names beginning with `prefix` ("" or a folder and a slash).
bool net_files(arena *mem, const network *n, const char *prefix, fileset *out, diag *d);
void net_print(const network *n, FILE *out); // the table of `axgen net show`
void net_dot(const network *n, FILE *out); // the graph, for Graphviz

#endif
