// SPDX-License-Identifier: Apache-2.0
//
// ONNX import: the table of operators, and the way from a file to a network. See onnx_internal.h.
#include "compiler/onnx/onnx_internal.h"

#include <ctype.h>
#include <string.h>

// On constants, on activations. NULL: not supported there.
typedef struct {
  const char *name;
  onnx_handler *fold, *layer;
} operator_row;

static const operator_row standard[] = {
    {"Add", onnx_fold_elements, onnx_arithmetic},
    {"ArgMax", NULL, onnx_answer},
    {"AveragePool", NULL, onnx_pool},
    {"BatchNormalization", NULL, onnx_batch_norm},
    {"Cast", onnx_fold_cast, onnx_identity},
    {"Ceil", onnx_fold_unary, NULL},
    {"Clip", NULL, onnx_clamp},
    {"Concat", onnx_fold_concat, onnx_concat},
    {"Constant", onnx_fold_constant, NULL},
    {"ConstantOfShape", onnx_fold_constant_of_shape, NULL},
    {"Conv", NULL, onnx_conv},
    {"DequantizeLinear", onnx_fold_dequantize, onnx_dequantize},
    {"Div", onnx_fold_elements, onnx_arithmetic},
    {"Dropout", onnx_fold_view, onnx_identity},
    {"Flatten", onnx_fold_view, onnx_view},
    {"Floor", onnx_fold_unary, NULL},
    {"Gather", onnx_fold_gather, onnx_gather},
    {"Gemm", NULL, onnx_gemm},
    {"GlobalAveragePool", NULL, onnx_global_pool},
    {"GlobalMaxPool", NULL, onnx_global_pool},
    {"Identity", onnx_fold_view, onnx_identity},
    {"LogSoftmax", NULL, onnx_answer},
    {"MatMul", NULL, onnx_matmul},
    {"Max", onnx_fold_elements, onnx_limit},
    {"MaxPool", NULL, onnx_pool},
    {"Min", onnx_fold_elements, onnx_limit},
    {"Mul", onnx_fold_elements, onnx_arithmetic},
    {"Neg", onnx_fold_unary, onnx_negate},
    {"Pad", NULL, onnx_pad},
    {"QLinearConv", NULL, onnx_qlinear_conv},
    {"QLinearMatMul", NULL, onnx_qlinear_matmul},
    {"QuantizeLinear", onnx_fold_quantize, onnx_quantize},
    {"ReduceMax", NULL, onnx_reduce},
    {"ReduceMean", NULL, onnx_reduce},
    {"ReduceSum", NULL, onnx_reduce},
    {"Relu", NULL, onnx_clamp},
    {"Reshape", onnx_fold_view, onnx_view},
    {"Shape", onnx_fold_shape, onnx_shape_of},
    {"Sigmoid", NULL, onnx_answer},
    {"Slice", onnx_fold_slice, onnx_slice},
    {"Softmax", NULL, onnx_answer},
    {"Split", NULL, onnx_split},
    {"Sqrt", onnx_fold_unary, NULL},
    {"Squeeze", onnx_fold_view, onnx_view},
    {"Sub", onnx_fold_elements, onnx_arithmetic},
    {"Sum", onnx_fold_elements, onnx_sum},
    {"Transpose", onnx_fold_transpose, onnx_transpose},
    {"Unsqueeze", onnx_fold_view, onnx_view},
};

static const operator_row microsoft[] = {
    // ONNX Runtime's
    {"QGemm", NULL, onnx_qgemm},
    {"QLinearAdd", NULL, onnx_qlinear_add},
    {"QLinearAveragePool", NULL, onnx_qlinear_pool},
    {"QLinearConcat", NULL, onnx_qlinear_concat},
    {"QLinearGlobalAveragePool", NULL, onnx_qlinear_pool},
};

static const operator_row qonnx[] = {
    // Brevitas, QKeras
    {"BipolarQuant", onnx_fold_bipolar, onnx_bipolar},
    {"IntQuant", onnx_fold_quant, onnx_quant},
    {"Quant", onnx_fold_quant, onnx_quant},
    {"Trunc", NULL, onnx_trunc},
};

static const struct {
  const char *domain;
  const operator_row *rows;
  size_t count;
} domains[] = {
    {"", standard, BASE_COUNT(standard)},
    {"ai.onnx", standard, BASE_COUNT(standard)},
    {"com.microsoft", microsoft, BASE_COUNT(microsoft)},
    {"finn.custom_op.general", qonnx, BASE_COUNT(qonnx)},
    {"onnx.brevitas", qonnx, BASE_COUNT(qonnx)},
    {"qonnx.custom_op.general", qonnx, BASE_COUNT(qonnx)},
};

// Why common operators cannot be had, and what can.
static const struct {
  const char *name, *why;
} refused[] = {
    {"ConvTranspose", "there is no layer that enlarges an image"},
    {"FloatQuant", "codes are integers"},
    {"Elu", "of activation functions only clamps can be built (ReLU, ReLU6, Clip)"},
    {"Gelu", "of activation functions only clamps can be built (ReLU, ReLU6, Clip)"},
    {"HardSigmoid", "of activation functions only clamps can be built (ReLU, ReLU6, Clip)"},
    {"HardSwish", "of activation functions only clamps can be built (ReLU, ReLU6, Clip)"},
    {"InstanceNormalization", "its statistics depend on the image; BatchNormalization's do not"},
    {"LayerNormalization", "its statistics depend on the image; BatchNormalization's do not"},
    {"LeakyRelu", "of activation functions only clamps can be built (ReLU, ReLU6, Clip)"},
    {"LRN", "it divides by a function of neighbouring channels; BatchNormalization can be folded"},
    {"Mish", "of activation functions only clamps can be built (ReLU, ReLU6, Clip)"},
    {"PRelu", "of activation functions only clamps can be built (ReLU, ReLU6, Clip)"},
    {"Resize", "there is no layer that enlarges an image"},
    {"Selu", "of activation functions only clamps can be built (ReLU, ReLU6, Clip)"},
    {"Softplus", "of activation functions only clamps can be built (ReLU, ReLU6, Clip)"},
    {"MultiThreshold", "export before FINN turns activations into thresholds"},
    {"Tanh", "of activation functions only clamps can be built (ReLU, ReLU6, Clip)"},
    {"Upsample", "there is no layer that enlarges an image"},
};

static const char *why_refused(const Onnx__NodeProto *p) {
  for (size_t i = 0; i < BASE_COUNT(refused); i++)
    if (p->op_type && !strcmp(refused[i].name, p->op_type))
      return refused[i].why;
  return NULL;
}

static const operator_row *find_operator(const Onnx__NodeProto *p) {
  for (size_t k = 0; k < BASE_COUNT(domains); k++)
    for (size_t i = 0; !strcmp(domains[k].domain, p->domain ? p->domain : "") && i < domains[k].count; i++)
      if (p->op_type && !strcmp(domains[k].rows[i].name, p->op_type))
        return &domains[k].rows[i];
  return NULL;
}

// What errors call a node: its name, or else its output's.
static const char *node_label(onnx_import *im, const Onnx__NodeProto *p) {
  const char *name = p->name && p->name[0] ? p->name : p->n_output ? p->output[0] : "";
  return onnx_printable(im->mem, name);
}

// ---- what the graph holds ------------------------------------------------------------------------------------------
static bool read_opset(onnx_import *im, const Onnx__ModelProto *model) {
  for (size_t i = 0; i < model->n_opset_import; i++) {
    const Onnx__OperatorSetIdProto *o = model->opset_import[i];
    if (!o->domain || !o->domain[0] || !strcmp(o->domain, "ai.onnx"))
      im->opset = o->version;
  }
  if (im->opset < ONNX_FIRST_OPSET || im->opset > ONNX_LAST_OPSET)
    return onnx_error(im, "operator set %lld; %d to %d are supported", (long long)im->opset, ONNX_FIRST_OPSET,
                      ONNX_LAST_OPSET);
  return true;
}

static bool read_constants(onnx_import *im) {
  if (im->graph->n_sparse_initializer)
    return onnx_error(im, "sparse tensors are not supported");
  for (size_t i = 0; i < im->graph->n_initializer; i++) {
    const Onnx__TensorProto *p = im->graph->initializer[i];
    onnx_value *v = onnx_value_named(im, p->name ? p->name : "");
    if (!v->name[0] || v->defined)
      return onnx_error(im, "tensor %s has no name, or one that another has", onnx_printable(im->mem, v->name));
    if (!onnx_tensor_read(im, p, &v->t))
      return false;
    v->defined = v->constant = true;
  }
  return true;
}

// Which nodes the output needs; all operators among them that are not known are reported together.
static bool mark_needed(onnx_import *im, bool *needed) {
  if (im->graph->n_output != 1 || !im->graph->output[0]->name)
    return onnx_error(im, "the graph has %zu outputs; expected one", im->graph->n_output);
  onnx_value_named(im, im->graph->output[0]->name)->needed = true;
  for (size_t i = im->graph->n_node; i-- > 0;) {
    const Onnx__NodeProto *p = im->graph->node[i];
    for (size_t k = 0; k < p->n_output; k++)
      needed[i] = needed[i] || onnx_value_named(im, p->output[k])->needed;
    for (size_t k = 0; needed[i] && k < p->n_input; k++)
      if (p->input[k][0])
        onnx_value_named(im, p->input[k])->needed = true;
  }
  bool ok = true;
  for (size_t i = 0; i < im->graph->n_node; i++) {
    const Onnx__NodeProto *p = im->graph->node[i];
    if (!needed[i] || find_operator(p))
      continue;
    const char *why = why_refused(p);
    ok = onnx_error(im, "%s%s%s (node %s): this operator is not supported%s%s", onnx_printable(im->mem, p->domain),
                    p->domain && p->domain[0] ? "." : "", onnx_printable(im->mem, p->op_type), node_label(im, p),
                    why ? ": " : "", why ? why : "");
  }
  if (!ok)
    diag_note(im->d, "docs/onnx.md lists the operators that are supported");
  return ok;
}

static bool read_node(onnx_import *im, const Onnx__NodeProto *p) {
  const operator_row *op = find_operator(p);
  assert(op); // mark_needed
  onnx_node n = {.im = im, .p = p, .op = op->name, .label = node_label(im, p), .in_count = (int)p->n_input};
  n.in = arena_new_array(im->mem, onnx_value *, p->n_input + 1);
  bool constant = true;
  for (int i = 0; i < n.in_count; i++) {
    if (!p->input[i][0])
      continue;
    n.in[i] = onnx_value_named(im, p->input[i]);
    if (!n.in[i]->defined)
      return onnx_node_error(&n, "nothing before it makes its input %s", onnx_printable(im->mem, p->input[i]));
    constant = constant && n.in[i]->constant;
  }
  onnx_handler *handler = constant ? op->fold : op->layer;
  if (!handler)
    return onnx_node_error(&n, constant ? "is not supported on constants" : "is supported on constants only");
  int errors = im->d->errors;
  return handler(&n) && im->d->errors == errors; // an attribute of a wrong type (onnx_attr.c)
}

static bool import(onnx_import *im, const Onnx__ModelProto *model, const char *name, network **out) {
  if (!model->graph)
    return onnx_error(im, "holds no graph");
  im->graph = model->graph;
  bool *needed = arena_new_array(im->mem, bool, im->graph->n_node + 1);
  if (!read_opset(im, model) || !mark_needed(im, needed) || !read_constants(im) || !onnx_read_input(im))
    return false;
  for (size_t i = 0; i < im->graph->n_node; i++)
    if (needed[i] && !read_node(im, im->graph->node[i]))
      return false;
  const onnx_value *result = onnx_value_named(im, im->graph->output[0]->name);
  if (!result->defined || result->constant)
    return onnx_error(im, "the output %s does not come from the input", onnx_printable(im->mem, result->name));
  im->output = result->layer;
  return onnx_passes(im) && onnx_finish(im, name, out);
}

// The network's name: the file's, with the characters that net_verify allows.
static const char *network_name(arena *mem, const char *path) {
  const char *base = strrchr(path, '/');
  base = base ? base + 1 : path;
  size_t len = str_ends_with(base, ".onnx") ? strlen(base) - 5 : strlen(base);
  char *name = len ? arena_strndup(mem, base, len < 64 ? len : 64) : arena_strdup(mem, "network");
  for (char *p = name; *p; p++)
    if (!isalnum((unsigned char)*p) && !strchr("_-.", *p))
      *p = '_';
  return name;
}

bool onnx_read(arena *mem, const char *path, network **out, diag *d) {
  return onnx_read_as(mem, path, &(onnx_input){0}, out, d);
}

bool onnx_read_as(arena *mem, const char *path, const onnx_input *input, network **out, diag *d) {
  onnx_import im = {.mem = arena_new(), .out_mem = mem, .d = d, .path = path, .told = *input};
  bytes file;
  bool ok = file_read(im.mem, path, ONNX_MAX_BYTES, &file, d) && onnx_wire_check(path, file, d);
  if (ok) {
    Onnx__ModelProto *model = onnx__model_proto__unpack(NULL, file.size, file.data);
    ok = model ? import(&im, model, network_name(mem, path), out)
               : onnx_error(&im, "not a valid ONNX file: a field has the wrong type");
    if (model)
      onnx__model_proto__free_unpacked(model, NULL);
  }
  arena_free(im.mem);
  return ok;
}
