// SPDX-License-Identifier: Apache-2.0
//
// ONNX export: integer networks as models with QuantizeLinear and DequantizeLinear, or with QONNX's Quant. Their real
// numbers are codes times scales, so that a runtime computes what the network does but for rounding of halves, and an
// import finds the same integers. docs/onnx.md
#include "compiler/onnx/onnx_export.h"

#include <math.h>
#include <string.h>

#define TYPE(name) ONNX_TYPE(name)
#define INPUTS(...) ((const char *const[]){__VA_ARGS__, NULL})

static const char qonnx_domain[] = "qonnx.custom_op.general";

static int type_of(int bits, bool is_signed) {
  return bits <= 8 ? (is_signed ? TYPE(INT8) : TYPE(UINT8)) : is_signed ? TYPE(INT16) : TYPE(UINT16);
}

static const char *named(const onnx_export *e, const char *name, const char *part) {
  return arena_printf(e->mem, "%s.%s", name, part);
}

static const char *number(onnx_export *e, const char *name, const char *part, double value) {
  return onnx_build_number(&e->b, named(e, name, part), TYPE(FLOAT), value);
}

// A node named NAME/Op that makes NAME.part.
static Onnx__NodeProto *node(onnx_export *e, const char *op, const char *name, const char *part,
                             const char *const *inputs) {
  return onnx_build_node(&e->b, NULL, op, arena_printf(e->mem, "%s/%s", name, op), inputs, named(e, name, part));
}

static const char *output_of(const Onnx__NodeProto *n) { return n->output[0]; }

// ---- codes ----------------------------------------------------------------------------------------------------------
// Several scales belong to dimension 0 of the `rank` dimensions that the values have.
typedef struct {
  net_quant quant;
  const double *scale;
  int count, rank;
} codes;

static const char *scale_tensor(onnx_export *e, const char *of, codes c) {
  int64_t dims[4] = {c.count, 1, 1, 1};
  int rank = c.count == 1 ? 0 : e->qonnx ? c.rank : 1;
  return onnx_build_tensor(&e->b, named(e, of, "scale"), TYPE(FLOAT), c.scale, rank, dims);
}

static const char *zero_tensor(onnx_export *e, const char *of, codes c) {
  int type = c.quant.bits > 16 ? TYPE(INT32) : type_of(c.quant.bits, c.quant.is_signed);
  double *zero = arena_new_array(e->mem, double, (size_t)c.count);
  for (int i = 0; i < c.count; i++)
    zero[i] = c.quant.zero;
  return onnx_build_tensor(&e->b, named(e, of, "zero"), type, zero, c.count > 1, (int64_t[]){c.count});
}

// QONNX: real numbers `x` as codes. The attributes are its defaults, written out.
static const char *quant(onnx_export *e, const char *name, const char *of, const char *x, codes c, const char *out) {
  const char *inputs[] = {x, scale_tensor(e, of, c), number(e, of, "zero", c.quant.zero),
                          number(e, of, "bits", c.quant.bits), NULL};
  Onnx__NodeProto *n =
      onnx_build_node(&e->b, qonnx_domain, "Quant", arena_printf(e->mem, "%s/Quant", name), inputs, out);
  onnx_build_int(&e->b, n, "signed", c.quant.is_signed);
  onnx_build_int(&e->b, n, "narrow", 0);
  onnx_build_string(&e->b, n, "rounding_mode", "ROUND");
  return output_of(n);
}

// Codes v[] of a constant NAME.part as real numbers. A bias of more than 23 bits is no single-precision number: it is
// dequantised in QONNX too.
static const char *constant(onnx_export *e, const char *name, const char *part, const double *v, codes c,
                            const int64_t *dims) {
  const char *of = named(e, name, part), *real = named(e, of, "real");
  int64_t count = 1;
  bool fits = true;
  for (int i = 0; i < c.rank; i++)
    count *= dims[i];
  for (int64_t i = 0; i < count; i++)
    fits = fits && fabs(v[i]) < 1 << 23;
  if (e->qonnx && fits) {
    double *x = arena_new_array(e->mem, double, (size_t)count);
    for (int64_t i = 0; i < count; i++)
      x[i] = (v[i] - c.quant.zero) * c.scale[c.count == 1 ? 0 : i / (count / c.count)];
    return quant(e, of, of, onnx_build_tensor(&e->b, of, TYPE(FLOAT), x, c.rank, dims), c, real);
  }
  int type = c.quant.bits > 16 ? TYPE(INT32) : type_of(c.quant.bits, c.quant.is_signed);
  const char *stored = onnx_build_tensor(&e->b, of, type, v, c.rank, dims);
  const char *inputs[] = {stored, scale_tensor(e, of, c), zero_tensor(e, of, c), NULL};
  Onnx__NodeProto *n = onnx_build_node(&e->b, NULL, "DequantizeLinear", named(e, of, "DequantizeLinear"), inputs, real);
  if (c.count > 1)
    onnx_build_int(&e->b, n, "axis", 0);
  return output_of(n);
}

static const char *flattened(onnx_export *e, const char *name, const char *x) {
  Onnx__NodeProto *n = node(e, "Flatten", name, "flat", INPUTS(x));
  onnx_build_int(&e->b, n, "axis", 1);
  return output_of(n);
}

// Node i's output as real numbers with its own scale.
static const char *own_real(onnx_export *e, int i) {
  const char *name = e->net->nodes[i].name, *real = named(e, name, "real");
  if (e->qonnx)
    return e->value[i];
  if (!e->read[i])
    node(e, "DequantizeLinear", name, "real", INPUTS(e->value[i], named(e, name, "scale"), named(e, name, "zero")));
  e->read[i] = true;
  return real;
}

// Input k of node i as real numbers, read with `scale`.
static const char *real_input(onnx_export *e, int i, int k, double scale) {
  const net_node *n = &e->net->nodes[i];
  int from = n->inputs[k];
  const char *of = arena_printf(e->mem, "%s.in%d", n->name, k);
  bool flatten = n->op == NET_DENSE && !e->flat[from];
  if (scale == e->scale[from] && !flatten)
    return own_real(e, from);
  const char *x = flatten ? flattened(e, of, e->value[from]) : e->value[from];
  if (e->qonnx)
    return scale == e->scale[from]
               ? x
               : output_of(node(e, "Mul", of, "real", INPUTS(x, number(e, of, "scale", scale / e->scale[from]))));
  const char *zero = named(e, e->net->nodes[from].name, "zero");
  return output_of(node(e, "DequantizeLinear", of, "real", INPUTS(x, number(e, of, "scale", scale), zero)));
}

// ---- what every layer ends with -------------------------------------------------------------------------------------
// The clamp, in real numbers, where codes alone do not do it. The output's codes are said with their range, which tells
// an import that they are meant: it leaves sums as they are else.
static const char *clamped(onnx_export *e, int i, const char *x) {
  const net_node *n = &e->net->nodes[i];
  net_quant q = n->quant, type = net_passes(n) ? q : onnx_export_stated(e, q);
  bool said = n == net_output(e->net) && net_accumulates(n);
  bool lo = said || n->lo > net_quant_lo(type), hi = said || n->hi < net_quant_hi(type);
  if (!lo && !hi)
    return x;
  if (lo && !hi && n->lo == q.zero)
    return output_of(node(e, "Relu", n->name, "clamped", INPUTS(x)));
  double open = n->lo == n->hi ? 0.25 : 0; // of a code: a range is never empty
  const char *least = lo ? number(e, n->name, "least", (n->lo - q.zero - open) * e->scale[i]) : "";
  if (!hi)
    return output_of(node(e, "Clip", n->name, "clamped", INPUTS(x, least)));
  const char *most = number(e, n->name, "most", (n->hi - q.zero + open) * e->scale[i]);
  return output_of(node(e, "Clip", n->name, "clamped", INPUTS(x, least, most)));
}

// Real numbers `x` to node i's codes.
static void coded(onnx_export *e, int i, const char *name, const char *x) {
  codes c = {e->net->nodes[i].quant, &e->scale[i], 1, 0};
  if (e->qonnx)
    e->value[i] = quant(e, name, name, x, c, named(e, name, "real"));
  else
    e->value[i] = output_of(
        node(e, "QuantizeLinear", name, "codes", INPUTS(x, scale_tensor(e, name, c), zero_tensor(e, name, c))));
}

static bool only_dense_read(const network *net, int i) {
  for (size_t k = (size_t)i + 1; k < net->count; k++)
    for (int j = 0; j < net->nodes[k].input_count; j++)
      if (net->nodes[k].inputs[j] == i && net->nodes[k].op != NET_DENSE)
        return false;
  return true;
}

static const char *as_image(onnx_export *e, const char *name, const char *x, net_shape s) {
  const char *shape =
      onnx_build_tensor(&e->b, named(e, name, "shape"), TYPE(INT64), (double[]){-1, s.c, s.h, s.w}, 1, (int64_t[]){4});
  return output_of(node(e, "Reshape", name, "image", INPUTS(x, shape)));
}

// ---- the operators: each makes real numbers -------------------------------------------------------------------------
static void window(onnx_export *e, Onnx__NodeProto *p, const net_node *n) {
  onnx_build_ints(&e->b, p, "kernel_shape", (int[]){n->kh, n->kw}, 2);
  onnx_build_ints(&e->b, p, "strides", (int[]){n->sh, n->sw}, 2);
  onnx_build_ints(&e->b, p, "pads", (int[]){n->pt, n->pl, n->pb, n->pr}, 4);
}

static const char *export_products(onnx_export *e, int i) {
  const net_node *n = &e->net->nodes[i];
  int filters = n->shape.c;
  int64_t reduction = net_reduction(e->net, n);
  double *scale = arena_new_array(e->mem, double, (size_t)filters),
         *sum = arena_new_array(e->mem, double, (size_t)filters);
  double *w = arena_new_array(e->mem, double, (size_t)(filters * reduction)),
         *b = arena_new_array(e->mem, double, (size_t)filters);
  if (!onnx_export_weight_scales(e, i, scale))
    return NULL;
  bool one = true;
  for (int f = 0; f < filters; f++) {
    one = one && scale[f] == scale[0];
    sum[f] = onnx_single(e->scale[n->inputs[0]] * scale[f]);
    b[f] = n->bias[f];
  }
  for (int64_t k = 0; k < filters * reduction; k++)
    w[k] = n->weight[k];
  bool dense = n->op == NET_DENSE;
  net_quant q = {.bits = n->weight_bits, .is_signed = n->weight_signed, .zero = n->weight_zero};
  codes of_w = {q, scale, one ? 1 : filters, dense ? 2 : 4};
  codes of_b = {{.bits = 32, .is_signed = true}, sum, one ? 1 : filters, 1};
  int64_t dims[4] = {filters, reduction, n->kh, n->kw};
  if (!dense)
    dims[1] /= (int64_t)n->kh * n->kw;
  const char *x = real_input(e, i, 0, e->scale[n->inputs[0]]);
  const char *weight = constant(e, n->name, "weight", w, of_w, dims);
  const char *bias = constant(e, n->name, "bias", b, of_b, dims);
  Onnx__NodeProto *p = node(e, dense ? "Gemm" : "Conv", n->name, "sum", INPUTS(x, weight, bias));
  if (dense) {
    onnx_build_int(&e->b, p, "transB", 1);
  } else {
    window(e, p, n);
    onnx_build_int(&e->b, p, "group", n->groups);
  }
  e->flat[i] = dense && only_dense_read(e->net, i);
  return dense && !e->flat[i] ? as_image(e, n->name, output_of(p), n->shape) : output_of(p);
}

static const char *export_maxpool(onnx_export *e, int i) {
  const net_node *n = &e->net->nodes[i];
  Onnx__NodeProto *p = node(e, "MaxPool", n->name, "max", INPUTS(real_input(e, i, 0, e->scale[n->inputs[0]])));
  window(e, p, n);
  return output_of(p);
}

static const char *export_avgpool(onnx_export *e, int i) {
  const net_node *n = &e->net->nodes[i];
  double *scale = arena_new_array(e->mem, double, (size_t)n->shape.c), own = e->scale[n->inputs[0]];
  if (!onnx_export_read_scales(e, i, scale))
    return NULL;
  bool one = true;
  for (int c = 0; c < n->shape.c; c++)
    one = one && scale[c] == scale[0];
  const char *x = real_input(e, i, 0, one ? scale[0] : own);
  for (int c = 0; !one && c < n->shape.c; c++)
    scale[c] /= own;
  if (!one)
    x = output_of(node(e, "Mul", n->name, "scaled",
                       INPUTS(x, onnx_build_tensor(&e->b, named(e, n->name, "gain"), TYPE(FLOAT), scale, 4,
                                                   (int64_t[]){1, n->shape.c, 1, 1}))));
  Onnx__NodeProto *p = node(e, "AveragePool", n->name, "mean", INPUTS(x));
  window(e, p, n);
  onnx_build_int(&e->b, p, "count_include_pad", n->count_pad);
  return output_of(p);
}

static const char *export_add(onnx_export *e, int i) {
  const net_node *n = &e->net->nodes[i];
  double scale[NET_MAX_INPUTS];
  if (!onnx_export_read_scales(e, i, scale))
    return NULL;
  const char *a = real_input(e, i, 0, scale[0]), *b = real_input(e, i, 1, scale[1]);
  return output_of(onnx_build_node(&e->b, NULL, "Add", n->name, INPUTS(a, b), named(e, n->name, "sum")));
}

static const char *export_concat(onnx_export *e, int i) {
  const net_node *n = &e->net->nodes[i];
  const char *inputs[NET_MAX_INPUTS + 1] = {NULL};
  for (int k = 0; k < n->input_count; k++)
    inputs[k] = real_input(e, i, k, e->scale[n->inputs[k]]);
  Onnx__NodeProto *p = onnx_build_node(&e->b, NULL, "Concat", n->name, inputs, named(e, n->name, "all"));
  onnx_build_int(&e->b, p, "axis", 1);
  return output_of(p);
}

static const char *export_pad(onnx_export *e, int i) {
  const net_node *n = &e->net->nodes[i];
  const char *x = real_input(e, i, 0, e->scale[n->inputs[0]]);
  double pads[] = {0, n->pad_c0, n->pt, n->pl, 0, n->pad_c1, n->pb, n->pr};
  const char *around = onnx_build_tensor(&e->b, named(e, n->name, "pads"), TYPE(INT64), pads, 1, (int64_t[]){8});
  return output_of(onnx_build_node(&e->b, NULL, "Pad", n->name, INPUTS(x, around), named(e, n->name, "padded")));
}

// Pixels, as they come, to the numbers that they stand for.
static const char *export_input(onnx_export *e, int i) {
  const net_node *n = &e->net->nodes[i];
  int channels = e->net->input_channels ? n->shape.c : 1, rank = channels == 1 ? 0 : 4;
  double *factor = arena_new_array(e->mem, double, (size_t)n->shape.c);
  double *offset = arena_new_array(e->mem, double, (size_t)n->shape.c);
  onnx_export_pixels(e, factor, offset);
  const char *x = "pixels";
  bool offsets = false;
  for (int c = 0; c < channels; c++)
    offsets = offsets || offset[c] != 0;
  if (e->flat[i] && !only_dense_read(e->net, i)) {
    x = as_image(e, n->name, x, n->shape);
    e->flat[i] = false;
  }
  Onnx__NodeProto *cast = node(e, "Cast", n->name, "float", INPUTS(x));
  onnx_build_int(&e->b, cast, "to", TYPE(FLOAT));
  const int64_t dims[] = {1, channels, 1, 1};
  const char *by = onnx_build_tensor(&e->b, named(e, n->name, "factor"), TYPE(FLOAT), factor, rank, dims);
  x = output_of(node(e, "Mul", n->name, "scaled", INPUTS(output_of(cast), by)));
  if (offsets) {
    const char *to = onnx_build_tensor(&e->b, named(e, n->name, "offset"), TYPE(FLOAT), offset, rank, dims);
    x = output_of(node(e, "Add", n->name, "shifted", INPUTS(x, to)));
  }
  if (!onnx_export_input_clamps(e))
    return x;
  const char *all = named(e, n->name, "all"); // codes first, which the clamp then cuts
  coded(e, i, all, x);
  return e->qonnx ? e->value[i]
                  : output_of(node(e, "DequantizeLinear", all, "real",
                                   INPUTS(e->value[i], named(e, all, "scale"), named(e, all, "zero"))));
}

// clang-format off
#define ROWS(X)                                                                                                        \
  X(NET_INPUT, export_input) X(NET_CONV, export_products) X(NET_DENSE, export_products) X(NET_MAXPOOL, export_maxpool) \
  X(NET_AVGPOOL, export_avgpool) X(NET_ADD, export_add) X(NET_CONCAT, export_concat) X(NET_PAD, export_pad)
// clang-format on
static const struct {
  const char *(*real)(onnx_export *e, int i); // the tensor of real numbers, not yet clamped; NULL: reported
} operators[NET_OPS] = {ROWS(BASE_ROW)};
_Static_assert(BASE_ROWS(ROWS) == NET_OPS, "a row for each operator");

// ---- the model ------------------------------------------------------------------------------------------------------
// Codes of more than 8 bits: QuantizeLinear has them from operator set 21 on.
static bool is_wide(const network *net) {
  for (size_t i = 0; i < net->count; i++)
    if (net->nodes[i].quant.bits > 8 || (net_multiplies(&net->nodes[i]) && net->nodes[i].weight_bits > 8))
      return true;
  return false;
}

static int count_widened(const onnx_export *e) {
  int count = 0;
  for (size_t i = 0; !e->qonnx && i < e->net->count; i++) {
    const net_node *n = &e->net->nodes[i];
    bool weights = net_multiplies(n) && n->weight_bits != 8 && n->weight_bits != 16;
    count += weights || (n->quant.bits && n->quant.bits != 8 && n->quant.bits != 16);
  }
  return count;
}

// An image of few columns and many channels could be taken for one with channels last: it comes as a list of numbers.
static bool looks_channels_last(net_shape s) { return s.w <= 4 && s.c > 4; }

static bytes pack(onnx_export *e, onnx_written *out) {
  const network *net = e->net;
  net_shape in = net->nodes[0].shape, last = net_output(net)->shape;
  bool wide = !e->qonnx && is_wide(net), list = looks_channels_last(in);
  out->opset = wide ? 21 : 13;
  onnx_build_model m = {.name = net->name,
                        .input = "pixels",
                        .output = "logits",
                        .input_type = TYPE(UINT8),
                        .output_type = TYPE(FLOAT),
                        .input_rank = list ? 1 : 3,
                        .input_dims = {list ? net_shape_size(in) : in.c, in.h, in.w},
                        .output_rank = 1,
                        .output_dims = {net_shape_size(last)},
                        .opset = out->opset,
                        .ir_version = wide ? 10 : 7,
                        .domain = e->qonnx ? qonnx_domain : NULL};
  return onnx_build_pack(&e->b, &m);
}

// The last tensor gets the name of the output.
static void end(onnx_export *e, const char *x) {
  int last = (int)e->net->count - 1;
  if (!net_is_raw(e->net, &e->net->nodes[last]))
    x = own_real(e, last);
  if (!e->flat[last])
    x = flattened(e, "logits", x);
  for (size_t i = 0; i < e->b.node_count; i++)
    if (!strcmp(e->b.nodes[i]->output[0], x))
      e->b.nodes[i]->output[0] = arena_strdup(e->mem, "logits");
}

static bool export_nodes(onnx_export *e) {
  const char *x = NULL;
  for (size_t i = 0; i < e->net->count; i++) {
    const net_node *n = &e->net->nodes[i];
    bool raw = net_is_raw(e->net, n);
    e->scale[i] = raw ? 1 : onnx_single(n->quant.scale);
    if (!raw && !(e->scale[i] > 1e-30 && e->scale[i] < 1e30))
      return diag_error(e->d, "%s: layer `%s`: a scale of %g does not fit ONNX's single precision", e->net->name,
                        n->name, n->quant.scale);
    if (!(x = operators[n->op].real(e, (int)i)))
      return false;
    if (!raw)
      coded(e, (int)i, n->name, i || onnx_export_input_clamps(e) ? clamped(e, (int)i, x) : x);
  }
  end(e, x);
  return true;
}

bool onnx_write(arena *mem, const network *net, onnx_codes_as as, onnx_written *out, diag *d) {
  if (!net->quantised)
    return diag_error(d, "%s: the network is not quantised; only integer networks are exported", net->name);
  arena *scratch = arena_new();
  onnx_export e = {.b = {.mem = scratch}, .mem = scratch, .net = net, .d = d, .qonnx = as == ONNX_QONNX};
  e.scale = arena_new_array(scratch, double, net->count);
  e.value = arena_new_array(scratch, const char *, net->count);
  e.read = arena_new_array(scratch, bool, net->count);
  e.flat = arena_new_array(scratch, bool, net->count);
  e.flat[0] = looks_channels_last(net->nodes[0].shape);
  bool ok = net_verify(net, d) && export_nodes(&e);
  if (ok) {
    *out = (onnx_written){.widened = count_widened(&e)};
    bytes file = pack(&e, out);
    out->file = (bytes){arena_memdup(mem, file.data, file.size), file.size};
  }
  arena_free(scratch);
  return ok;
}

bool onnx_write_file(arena *mem, const network *net, onnx_codes_as as, const char *path, onnx_written *out, diag *d) {
  if (!str_ends_with(path, ".onnx"))
    return diag_error(d, "%s: expected the name of an ONNX model, FILE.onnx", path);
  if (!onnx_write(mem, net, as, out, d) || !file_write(path, out->file.data, out->file.size, d))
    return false;
  if (out->widened)
    diag_warn(d,
              "%s: codes of %d layer%s have fewer bits than ONNX's types: they are stated with 8 or 16, and clamped "
              "(QONNX states them as they are)",
              path, out->widened, plural((size_t)out->widened));
  return true;
}
