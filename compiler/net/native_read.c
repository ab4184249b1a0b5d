// SPDX-License-Identifier: Apache-2.0
//
// The native format's reader. Places are kept in every node, so that later errors can point into net.yaml.
#include "compiler/net/operators.h"
#include "compiler/net/safetensors.h"

#include <math.h>
#include <string.h>

typedef struct {
  arena *mem;
  network *net;
  st_file weights;
  const yaml *scale, *offset; // of pixels, in the file
  diag *d;
} reader;

enum { MAX_SIZE = NET_MAX_TENSOR };

static bool read_op(const yaml *y, net_op *op, diag *d) {
  const char *text, *names[NET_OPS];
  if (!yaml_string(y, &text, d))
    return false;
  for (size_t i = 0; i < NET_OPS; i++) {
    names[i] = net_operators[i].name;
    if (strcmp(names[i], text) == 0) {
      *op = (net_op)i;
      return true;
    }
  }
  arena *mem = arena_new();
  diag_at(d, y->pos, "unknown operator `%.64s`%s", text, yaml_suggest(mem, text, names, NET_OPS));
  arena_free(mem);
  return false;
}

// Only the keys that mean something for the operator.
static bool check_keys(reader *r, const yaml *y, net_op op) {
  enum { OTHERS = 10 }; // and NULL
  const char *known[OTHERS + NET_ATTRIBUTES] = {"name", "op", "shape"};
  size_t n = 3;
  net_arithmetic arithmetic = net_operators[op].arithmetic;
  if (net_operators[op].most)
    known[n++] = "inputs";
  n += net_attribute_keys(op, known + n);
  known[n++] = "activation";
  if (r->net->quantised) {
    if (arithmetic == NET_PRODUCTS)
      known[n++] = "weights";
    if (arithmetic >= NET_RESCALES)
      known[n++] = "shift";
    known[n++] = "clamp";
    known[n++] = "codes";
  }
  assert(n < BASE_COUNT(known));
  char what[64];
  snprintf(what, sizeof what, "a layer of kind %s", net_op_name(op));
  return yaml_keys(y, what, known, r->d);
}

static bool read_inputs(reader *r, const yaml *y, net_node *n) {
  if (!yaml_is(y, YAML_LIST, r->d))
    return false;
  if (y->count > NET_MAX_INPUTS)
    return diag_at(r->d, y->pos, "%d inputs, expected at most %d", y->count, NET_MAX_INPUTS);
  for (const yaml *e = y->first; e; e = e->next) {
    const char *name;
    if (!yaml_string(e, &name, r->d))
      return false;
    int index = net_find(r->net, name);
    if (index < 0)
      return diag_at(r->d, e->pos, "no earlier layer is called `%.64s`", name);
    n->inputs[n->input_count++] = index;
  }
  return true;
}

static bool read_activation(reader *r, const yaml *y, net_node *n) {
  n->clamp_lo = -INFINITY;
  n->clamp_hi = INFINITY;
  if (!y)
    return true;
  if (y->kind == YAML_LIST && y->count == 2)
    return yaml_real(y->first, &n->clamp_lo, r->d) && yaml_real(y->first->next, &n->clamp_hi, r->d);
  if (y->kind != YAML_SCALAR || (strcmp(y->text, "relu") != 0 && strcmp(y->text, "relu6") != 0))
    return diag_at(r->d, y->pos, "expected relu, relu6 or a range [lo, hi]");
  n->clamp_lo = 0;
  n->clamp_hi = y->text[4] ? 6 : INFINITY;
  return true;
}

static bool read_shape(reader *r, const yaml *y, net_node *n) {
  int32_t shape[3];
  if (!yaml_ints(yaml_need(y, "shape", r->d), 3, 1, MAX_SIZE, shape, r->d))
    return false;
  n->shape = (net_shape){shape[0], shape[1], shape[2]};
  if (!net_read_attributes(y, n, r->d))
    return false;
  if (net_operators[n->op].whole && n->input_count) {
    n->kh = net_input_shape(r->net, n).h;
    n->kw = net_input_shape(r->net, n).w;
  }
  return true;
}

// The array `layer.part` with the wanted shape (dims ends with 0); its bytes aligned.
static const void *get_tensor(reader *r, const net_node *n, const char *part, st_type type, const int64_t *dims,
                              bool optional, bool *ok) {
  const char *name = arena_printf(r->mem, "%s.%s", n->name, part);
  const st_tensor *t = safetensors_find(&r->weights, name);
  if (!t) {
    if (!optional)
      *ok = diag_at(r->d, n->pos, "the array `%s` is missing in %s", name, r->weights.file);
    return NULL;
  }
  str want = {0};
  int rank = 0;
  bool same = true;
  for (; dims[rank]; rank++) {
    str_printf(&want, "%s%lld", rank ? ", " : "", (long long)dims[rank]);
    same = same && rank < t->rank && t->dim[rank] == dims[rank];
  }
  if (t->type != type || t->rank != rank || !same)
    *ok = diag_error(r->d, "%s: byte %zu: array `%s`: expected type %s and shape [%s], as net.yaml has it",
                     r->weights.file, t->offset, name, safetensors_type_name(type), want.data);
  str_free(&want);
  return *ok ? arena_memdup(r->mem, t->data, (size_t)t->count * safetensors_type_size(t->type)) : NULL;
}

static bool read_weights(reader *r, net_node *n) {
  bool ok = true, q = r->net->quantised;
  const int64_t count[] = {n->shape.c, 0};
  const int64_t dims[] = {n->shape.c, net_input_shape(r->net, n).c / n->groups, n->kh, n->kw, 0};
  if (!dims[1])
    return diag_at(r->d, n->pos, "%d group%s, but only %d input channel%s", n->groups, plural((size_t)n->groups),
                   net_input_shape(r->net, n).c, plural((size_t)net_input_shape(r->net, n).c));
  if (!q) {
    n->weight_f = get_tensor(r, n, "weight", ST_F32, dims, false, &ok);
    n->bias_f = get_tensor(r, n, "bias", ST_F32, count, true, &ok);
    return ok;
  }
  st_type type = n->weight_bits > 8 ? ST_I16 : n->weight_signed ? ST_I8 : ST_U8;
  const void *codes = get_tensor(r, n, "weight", type, dims, false, &ok);
  if (ok && type == ST_I16)
    n->weight = codes;
  else if (ok) {
    size_t size = (size_t)(dims[0] * dims[1] * dims[2] * dims[3]);
    int16_t *wide = arena_new_array(r->mem, int16_t, size);
#pragma omp simd
    for (size_t i = 0; i < size; i++)
      wide[i] = type == ST_I8 ? ((const int8_t *)codes)[i] : ((const uint8_t *)codes)[i];
    n->weight = wide;
  }
  if (ok)
    n->bias = get_tensor(r, n, "bias", ST_I32, count, false, &ok);
  if (ok)
    n->weight_scale = get_tensor(r, n, "weight_scale", ST_F64, count, true, &ok);
  return ok;
}

static bool read_gain(reader *r, net_node *n) {
  bool ok = true;
  n->gain = get_tensor(r, n, "gain", ST_F64, (int64_t[]){net_gains(n), 0}, true, &ok);
  return ok;
}

static bool read_integers(reader *r, const yaml *y, net_node *n, bool last) {
  diag *d = r->d;
  if (net_multiplies(n)) {
    static const char *const known[] = {"bits", "signed", "zero", NULL};
    const yaml *w = yaml_need(y, "weights", d);
    if (!w || !yaml_keys(w, "weights", known, d) || !yaml_int32(yaml_need(w, "bits", d), 2, 16, &n->weight_bits, d) ||
        !yaml_bool(yaml_need(w, "signed", d), &n->weight_signed, d) ||
        !yaml_int32(yaml_need(w, "zero", d), -32768, 32767, &n->weight_zero, d))
      return false;
  }
  if (last && net_accumulates(n) && !yaml_get(y, "codes")) {
    if (yaml_get(y, "clamp") || yaml_get(y, "shift"))
      return diag_at(d, n->pos,
                     "a last layer with `clamp` or `shift` needs `codes` too; without, its accumulators are "
                     "the output");
    return true;
  }
  static const char *const known[] = {"bits", "signed", "zero", "scale", NULL};
  const yaml *c = yaml_need(y, "codes", d);
  int32_t clamp[2];
  if (!c || !yaml_keys(c, "codes", known, d) || !yaml_int32(yaml_need(c, "bits", d), 2, 16, &n->quant.bits, d) ||
      !yaml_bool(yaml_need(c, "signed", d), &n->quant.is_signed, d) ||
      !yaml_int32(yaml_need(c, "zero", d), -32768, 65535, &n->quant.zero, d) ||
      !yaml_real(yaml_need(c, "scale", d), &n->quant.scale, d) ||
      !yaml_ints(yaml_need(y, "clamp", d), 2, -32768, 65535, clamp, d))
    return false;
  n->lo = clamp[0];
  n->hi = clamp[1];
  if (!net_requantises(n))
    return true;
  bool ok = yaml_int32(yaml_need(y, "shift", d), 1, 47, &n->shift, d);
  if (ok)
    n->mult = get_tensor(r, n, "multiplier", ST_U16, (int64_t[]){net_multipliers(n), 0}, false, &ok);
  return ok;
}

static bool read_layer(reader *r, const yaml *y) {
  if (!yaml_is(y, YAML_MAP, r->d))
    return false;
  arena_grow(r->mem, r->net->nodes, r->net->count, r->net->cap);
  net_node *n = &r->net->nodes[r->net->count];
  *n = (net_node){.pos = y->pos};
  if (!read_op(yaml_need(y, "op", r->d), &n->op, r->d) || !yaml_string(yaml_need(y, "name", r->d), &n->name, r->d) ||
      !check_keys(r, y, n->op))
    return false;
  n->pos = yaml_get(y, "name")->pos;
  if (net_find(r->net, n->name) >= 0)
    return diag_at(r->d, n->pos, "layer `%.64s`: the name is taken by an earlier layer", n->name);
  if (net_operators[n->op].most && !read_inputs(r, yaml_need(y, "inputs", r->d), n))
    return false;
  if (!read_activation(r, yaml_get(y, "activation"), n) || !read_shape(r, y, n))
    return false;
  if (net_multiplies(n) && !n->input_count)
    return diag_at(r->d, n->pos, "expected one input");
  if (r->net->quantised && !read_integers(r, y, n, !y->next))
    return false;
  if (net_multiplies(n) ? !read_weights(r, n) : !r->net->quantised && net_gains(n) && !read_gain(r, n))
    return false;
  r->net->count++;
  return true;
}

static bool read_head(reader *r, const yaml *root, const char *path) {
  static const char *const known[] = {"format",       "name",    "quantised", "input_scale",
                                      "input_offset", "weights", "layers",    NULL};
  static const char *const weights_known[] = {"file", "sha256", NULL};
  diag *d = r->d;
  int32_t format;
  const char *file, *sha = NULL;
  if (!yaml_keys(root, "a network", known, d) || !yaml_int32(yaml_need(root, "format", d), 1, 1, &format, d) ||
      !yaml_string(yaml_need(root, "name", d), &r->net->name, d) ||
      !yaml_bool(yaml_need(root, "quantised", d), &r->net->quantised, d) ||
      !(r->scale = yaml_need(root, "input_scale", d)))
    return false;
  r->offset = yaml_get(root, "input_offset");
  const yaml *w = yaml_need(root, "weights", d);
  if (!w || !yaml_keys(w, "weights", weights_known, d) || !yaml_string(yaml_need(w, "file", d), &file, d))
    return false;
  if (yaml_get(w, "sha256") && !yaml_string(yaml_get(w, "sha256"), &sha, d))
    return false;
  const char *resolved = path_beside(r->mem, path, file);
  if (!file_exists(resolved))
    return diag_at(d, yaml_get(w, "file")->pos, "%s: no such file", resolved);
  if (!safetensors_read(r->mem, resolved, &r->weights, d))
    return false;
  if (sha && strcmp(sha, r->weights.sha256) != 0)
    return diag_at(d, yaml_get(w, "sha256")->pos,
                   "%s has changed: its SHA-256 is %s; if that is meant, correct or remove this line", resolved,
                   r->weights.sha256);
  return true;
}

// Number `channel` of a list, or the one number for all.
static bool read_pixel(reader *r, const yaml *y, int channel, double *out) {
  int channels = r->net->nodes[0].shape.c;
  if (!y || y->kind != YAML_LIST)
    return !y || yaml_real(y, out, r->d);
  if (y->count != channels)
    return diag_at(r->d, y->pos, "%d number%s, expected one for each of the image's %d channel%s", y->count,
                   plural((size_t)y->count), channels, plural((size_t)channels));
  for (y = y->first; channel > 0; channel--)
    y = y->next;
  return yaml_real(y, out, r->d);
}

// Scale and offset of the pixels: numbers, or lists with one for each channel.
static bool read_pixels(reader *r) {
  bool lists = r->scale->kind == YAML_LIST || (r->offset && r->offset->kind == YAML_LIST);
  int channels = lists ? r->net->nodes[0].shape.c : 1;
  net_pixels *p = arena_new_array(r->mem, net_pixels, (size_t)channels);
  for (int c = 0; c < channels; c++)
    if (!read_pixel(r, r->scale, c, &p[c].scale) || !read_pixel(r, r->offset, c, &p[c].offset))
      return false;
  r->net->input_scale_255 = p[0].scale;
  r->net->input_offset = p[0].offset;
  r->net->input_channels = lists ? p : NULL;
  return true;
}

bool net_read(arena *mem, const char *path, network **out, diag *d) {
  reader r = {.mem = mem, .d = d, .net = arena_new_object(mem, network)};
  r.net->mem = mem;
  r.net->file = arena_strdup(mem, path);
  const yaml *root = yaml_read(mem, path, d);
  if (!root || !read_head(&r, root, path))
    return false;
  const yaml *layers = yaml_need(root, "layers", d);
  if (!yaml_is(layers, YAML_LIST, d))
    return false;
  if (layers->count > NET_MAX_NODES)
    return diag_at(d, layers->pos, "%d layers, expected at most %d", layers->count, NET_MAX_NODES);
  for (const yaml *y = layers->first; y; y = y->next)
    if (!read_layer(&r, y))
      return false;
  if ((r.net->count && !read_pixels(&r)) || !net_verify(r.net, d))
    return false;
  *out = r.net;
  return true;
}
