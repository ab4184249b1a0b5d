// SPDX-License-Identifier: Apache-2.0
//
// ONNX import, shared by the onnx*.c files only. A model is read in three steps: the wire format is checked, the
// nodes are turned one after the other into constants or into layers (a network with loose ends: scales, clamps), and
// a list of passes folds the loose ends until only what net.h knows is left. docs/onnx.md says what is supported.
#ifndef AXGEN_ONNX_INTERNAL_H
#define AXGEN_ONNX_INTERNAL_H

#include "compiler/onnx/onnx.h"
#include "onnx/onnx.pb-c.h"

enum {
  ONNX_FIRST_OPSET = 7, // the first whose additions broadcast as they do now
  ONNX_LAST_OPSET = 23,
  ONNX_MAX_RANK = 8,
  ONNX_MAX_BYTES = 1 << 30, // of a model file; of all files that hold its tensors
  ONNX_MAX_FIELDS = 1 << 20, // strings, tensors, nodes, attributes ... in a file
  ONNX_MAX_DEPTH = 64, // of nested messages
  ONNX_MAX_CONSTANTS = 1 << 28, // elements of all constants together: 1 GiB of single precision
  ONNX_MAX_ACTIVATION = 1 << 24, // elements of one activation tensor
  ONNX_MAX_WINDOW = 1 << 12, // largest stride or pad
  ONNX_MAX_BATCH = 1 << 12,
  ONNX_MAX_LAYERS = 1 << 12,
};

// Where a constant's numbers come from integers (DequantizeLinear): what the codes stand for.
typedef struct {
  net_quant quant; // scale: the first one
  int axis;
  int64_t count; // scales: 1, or one for each position along the axis
  const double *scale;
} onnx_codes;

typedef struct {
  int type; // ONNX element type
  int rank;
  int64_t dim[ONNX_MAX_RANK], count;
  double *v;
  const onnx_codes *codes; // or NULL
} onnx_tensor;

typedef enum {
  LAYER_NODE, // node.op says what it is
  LAYER_AFFINE, // x * scale[c] + shift[c]
  LAYER_CLAMP, // to node.clamp_lo .. node.clamp_hi
  LAYER_QUANT, // values coded as node.quant says (QuantizeLinear, then DequantizeLinear)
  LAYER_DEAD
} layer_role;

typedef struct {
  layer_role role;
  net_node node; // inputs are indices of layers; name, weight_f and bias_f are set at the end
  float *weight; // [F][C/groups][kh][kw], its own copy
  int64_t reduction; // weights of one filter
  double *bias; // [F]
  double *scale, *shift;
  // Of codes (onnx_round.c): what is added before values are rounded to the nearest code, half a code to round down (-)
  // or up. `sign`: of a LAYER_QUANT, codes 0 and 1 for values below 0 and others; of a LAYER_AFFINE, what makes -1 and
  // +1 of them.
  double half;
  bool sign;
  const int *selects; // of a 1x1 convolution that does nothing else: the input channel of each output channel
  const char *label, *op_type; // for errors: node and operator
  const char *name, *weight_name; // for its name: node's name (may be empty), initializer
} onnx_layer;

// What a name in the graph stands for: a constant, or a layer's output seen with the dimensions ONNX gives it.
// The elements of an activation are always those of its layer, batch first.
typedef struct {
  const char *name;
  bool defined, needed, constant;
  onnx_tensor t; // constant; of an activation only type, rank, dim and count
  int layer;
  bool hwc; // the elements are in the order H, W, C (a Transpose; channels last) instead of C, H, W
  const char
      *dropped; // the operator on the layer's output that was left out (Softmax); may only go to the graph's output
  // QuantizeLinear's output: codes of the layer's output.
  bool codes;
  net_quant quant;
} onnx_value;

typedef struct {
  arena *mem; // of the import only
  arena *out_mem; // of the result
  diag *d;
  const char *path;
  const Onnx__GraphProto *graph;
  int64_t opset, batch;
  onnx_value **values;
  size_t value_count, value_cap;
  uint32_t *index; // hash table of names: 1 + position in values
  size_t index_size;
  onnx_layer *layers;
  size_t layer_count, layer_cap;
  int output; // layer
  int64_t constants; // elements so far
  int hidden; // names of values that the graph does not have
  const char *data_file; // the file beside the model that the last external tensor was in
  bytes data;
  size_t data_read; // bytes of all such files
  onnx_input told;
  bool integers; // the input's type is a whole number
  net_pixels by_type; // what pixels then are
  net_pixels *pixels; // [C] in the end, what they are for the network's input
} onnx_import;

typedef struct {
  onnx_import *im;
  const Onnx__NodeProto *p;
  const char *op, *label;
  onnx_value **in; // NULL: an optional input that is not given
  int in_count;
} onnx_node;

// ---- onnx_wire.c, onnx_error.c, onnx_tensor.c ----------------------------------------------------------------------
// The wire format against the schema: nesting, number of fields, truncation; errors name the byte offset.
bool onnx_wire_check(const char *path, bytes file, diag *d);
bool onnx_error(onnx_import *im, const char *fmt, ...) BASE_PRINTF(2, 3);
bool onnx_node_error(const onnx_node *n, const char *fmt, ...) BASE_PRINTF(2, 3);
#if defined(__clang_analyzer__) && !defined(ONNX_NODE_ERROR_C) // as in base.h
#define onnx_node_error(...) (onnx_node_error(__VA_ARGS__), false)
#endif
const char *onnx_printable(arena *mem, const char *text);
// onnx_external.c: the bytes of a tensor that are in a file beside the model.
bool onnx_external_read(onnx_import *im, const Onnx__TensorProto *p, bytes *out);
bool onnx_tensor_read(onnx_import *im, const Onnx__TensorProto *p, onnx_tensor *out);
// A new tensor of zeros; false (reported) when the sizes are out of bounds.
bool onnx_tensor_new(onnx_import *im, int type, int rank, const int64_t *dim, onnx_tensor *out);
int64_t onnx_tensor_int(const onnx_tensor *t, int64_t i); // element i, kept within +-2^53
bool onnx_is_integer(int type);
const char *onnx_dims(arena *mem, const onnx_tensor *t); // [1, 3, 32, 32]

// onnx_attr.c: attributes with their defaults. One of another type is reported, and counts as not given; the node then
// fails as a whole. The array forms fail (reported) when the count is wrong.
const Onnx__AttributeProto *onnx_attr(const onnx_node *n, const char *name);
const Onnx__AttributeProto *onnx_attr_of(const onnx_node *n, const char *name,
                                         Onnx__AttributeProto__AttributeType wanted);
int64_t onnx_attr_int(const onnx_node *n, const char *name, int64_t otherwise);
double onnx_attr_float(const onnx_node *n, const char *name, double otherwise);
bool onnx_attr_ints(const onnx_node *n, const char *name, int count, int64_t otherwise, int64_t *out);
bool onnx_attr_is(const onnx_node *n, const char *name, const char *text, bool otherwise);
// A list of integers that is an attribute in old opsets and input `input` in new ones. *count = -1: not given.
bool onnx_int_list(const onnx_node *n, const char *name, int input, int64_t *out, int max, int *count);
bool onnx_axis(const onnx_node *n, int64_t axis, int rank, int *out);

// ---- onnx_graph.c -------------------------------------------------------------------------------------------------
onnx_value *onnx_value_named(onnx_import *im, const char *name); // made when it is new
bool onnx_out_const(const onnx_node *n, onnx_tensor t);
bool onnx_out_layer(const onnx_node *n, const onnx_layer *l, int rank, const int64_t *dim, bool hwc);
// Runs `handler`, of operator `op`, on other inputs than the node's own; *out: what it makes, which has no name in the
// graph.
bool onnx_run_hidden(const onnx_node *n, const char *op, bool (*handler)(onnx_node *n), onnx_value **in, int in_count,
                     onnx_value **out);
// The same elements with other dimensions.
bool onnx_out_view(const onnx_node *n, const onnx_value *v, int rank, const int64_t *dim);
onnx_layer onnx_layer_new(const onnx_node *n, layer_role role, net_op op);
onnx_layer onnx_layer_on(const onnx_node *n, layer_role role, net_op op, const onnx_value *input); // same shape
const onnx_value *onnx_activation(const onnx_node *n, int i); // any; NULL: reported
// Of a value [N, C, L]: is L the layer's height (else its width)?
static inline bool onnx_upright(net_shape s) { return s.w == 1 && s.h > 1; }
const onnx_tensor *onnx_const_in(const onnx_node *n, int i); // NULL: reported
static inline bool onnx_given(const onnx_node *n, int i) { return i < n->in_count && n->in[i]; }
static inline net_shape onnx_shape(const onnx_node *n, const onnx_value *v) {
  return n->im->layers[v->layer].node.shape;
}

// ---- the operators: on constants (onnx_fold.c), on activations (the others) ----------------------------------------
typedef bool onnx_handler(onnx_node *n);
onnx_handler onnx_fold_elements, onnx_fold_unary, onnx_fold_cast, onnx_fold_shape, onnx_fold_gather, onnx_fold_slice,
    onnx_fold_concat, onnx_fold_view, onnx_fold_transpose, onnx_fold_constant, onnx_fold_constant_of_shape,
    onnx_fold_quantize, onnx_fold_dequantize;
onnx_handler onnx_conv, onnx_gemm, onnx_matmul, onnx_pool, onnx_slice, onnx_global_pool,
    onnx_reduce; // onnx_window.c
onnx_handler onnx_batch_norm, onnx_arithmetic, onnx_negate, onnx_sum, onnx_clamp, onnx_limit, onnx_pad,
    onnx_concat; // onnx_point.c
onnx_handler onnx_view, onnx_identity, onnx_answer, onnx_transpose; // onnx_view.c
onnx_handler onnx_shape_of; // onnx_fold.c
onnx_handler onnx_quantize, onnx_dequantize, onnx_qlinear_conv, onnx_qlinear_matmul, onnx_qgemm, onnx_qlinear_add,
    onnx_qlinear_pool, onnx_qlinear_concat; // onnx_qdq.c
onnx_handler onnx_fold_quant, onnx_quant, onnx_fold_bipolar, onnx_bipolar, onnx_trunc; // onnx_qonnx.c
onnx_handler onnx_split, onnx_gather; // onnx_select.c

// Which dimension of `x` is its layer's channels; -1: none.
int onnx_channel_axis(const onnx_node *n, const onnx_value *x);
// *out: channels `list` of `x`, whose onnx_channel_axis is not -1; more layers for it.
bool onnx_select(const onnx_node *n, const onnx_value *x, const int *list, int count, onnx_value *out);

// Does `v` have the dimensions [N, C, H, W] or [N, C, L] of its layer (`hwc`: with channels last)?
bool onnx_is_image(const onnx_node *n, const onnx_value *v, bool hwc);

// New dimensions of Reshape, Flatten, Squeeze and Unsqueeze.
bool onnx_view_dims(const onnx_node *n, const onnx_tensor *t, int *rank, int64_t *dim);

// What a Slice takes of `t`: by dimension the first place, the step and how many (arrays of ONNX_MAX_RANK).
bool onnx_slice_dims(const onnx_node *n, const onnx_tensor *t, int64_t *first, int64_t *step, int64_t *dim);

// ---- onnx_layers.c: how often a live layer reads layer i; how often all do, and the output; all that read `from` read
// `to` instead, `from` is gone.
int onnx_reads(const onnx_layer *l, int i);
int onnx_uses(const onnx_import *im, int i);
void onnx_replace(onnx_import *im, int from, int to);

// ---- onnx_pass.c, onnx_name.c --------------------------------------------------------------------------------------
bool onnx_passes(onnx_import *im);
// onnx_round.c: layer `i`, whose codes are those of LAYER_QUANT `as`, rounds as that says.
bool onnx_round_as(onnx_import *im, int i, const onnx_layer *as);
static inline bool onnx_is(const onnx_layer *l, net_op op) { return l->role == LAYER_NODE && l->node.op == op; }
static inline bool onnx_has_weights(const onnx_layer *l) { return l->role == LAYER_NODE && net_multiplies(&l->node); }
// ---- onnx_input.c: the image
bool onnx_read_input(onnx_import *im);
// The image as the first operator that needs to know sees it: rows and columns of what came as a list of numbers.
void onnx_shape_input(const onnx_node *n, const onnx_value *v, bool last);
bool onnx_fold_input(onnx_import *im);
const onnx_value *onnx_image(const onnx_node *n, int i); // [N, C, H, W] or [N, C, L] as its layer; NULL: reported

bool onnx_finish(onnx_import *im, const char *name, network **out); // layers -> network
// A legal name for a layer, not yet among `used`.
const char *onnx_layer_name(arena *mem, const onnx_layer *l, const network *used);

#endif
