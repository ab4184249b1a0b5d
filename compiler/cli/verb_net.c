// SPDX-License-Identifier: Apache-2.0
//
// net import, net quantize, net show; net export is verb_net_export.c
#include "compiler/onnx/onnx.h"
#include "compiler/cli/net_options.h"
#include "compiler/cli/net_pixels.h"
#include "compiler/base/json.h"
#include "compiler/cli/session.h"
#include "compiler/engine/engine.h"
#include "compiler/quant/quant.h"
#include "compiler/tool/tool.h"

#include <stdlib.h>
#include <string.h>

// The index of `text` in a list that ends with NULL, or -1.
static int index_of(const char *text, const char *const *names) {
  for (int i = 0; names[i]; i++)
    if (strcmp(text, names[i]) == 0)
      return i;
  return -1;
}

static bool parse_scheme(const char *text, quant_scheme *out, diag *d) {
  static const char *const names[] = {[QUANT_S8] = "s8", [QUANT_U8] = "u8", [QUANT_U8S8] = "u8s8", NULL};
  int i = text ? index_of(text, names) : QUANT_S8;
  *out = (quant_scheme)i;
  return i >= 0 || diag_error(d, "--scheme %s: expected s8, u8 or u8s8", text);
}

bool verb_net_format(const char *text, dataset_format *out, diag *d) {
  static const char *const names[] = {[DATASET_IDX] = "idx", [DATASET_CIFAR] = "cifar", [DATASET_NPY] = "npy", NULL};
  int i = text ? index_of(text, names) : DATASET_IDX;
  *out = (dataset_format)i;
  return i >= 0 || diag_error(d, "--format %s: expected idx, cifar or npy", text);
}

// minmax, mse, percentile, percentile:99.9
static bool parse_calibration(const char *text, quant_options *q, diag *d) {
  static const char *const names[] = {
      [QUANT_MINMAX] = "minmax", [QUANT_PERCENTILE] = "percentile", [QUANT_MSE] = "mse", NULL};
  if (!text)
    return true;
  int i = index_of(text, names);
  if (strncmp(text, "percentile:", 11) == 0) {
    char *end;
    q->percentile = strtod(text + 11, &end);
    i = end > text + 11 && !*end ? QUANT_PERCENTILE : -1;
  }
  q->calibration = (quant_calibration)i;
  return i >= 0 || diag_error(d, "--calibration %s: expected minmax, percentile, percentile:P or mse", text);
}

// LAYER=ACT,WEIGHT,LAYER=ACT,WEIGHT ...
static bool parse_layer_bits(arena *mem, const char *text, quant_options *q, diag *d) {
  quant_layer_bits *layers = NULL;
  size_t cap = 0;
  for (const char *p = text; p && *p;) {
    size_t name = strcspn(p, "=");
    const char *end = p + name;
    int64_t act, weight;
    if (!name || !*end || !whole_text(end + 1, 10, 4, 16, &act, &end) || *end != ',' ||
        !whole_text(end + 1, 10, 4, 16, &weight, &end) || (*end && (*end != ',' || !end[1])))
      return diag_error(d, "--layer-bits %s: expected LAYER=ACT,WEIGHT with 4 to 16 bits each", p);
    arena_grow(mem, layers, q->layer_count, cap);
    layers[q->layer_count++] = (quant_layer_bits){arena_strndup(mem, p, name), (int)act, (int)weight};
    p = end + (*end == ',');
  }
  q->layers = layers;
  return true;
}

bool verb_net_options(arena *mem, const cli_options *o, quant_options *q, diag *d) {
  *q = quant_defaults();
  if (!parse_scheme(o->scheme, &q->scheme, d) || !parse_calibration(o->calibration, q, d) ||
      !parse_layer_bits(mem, o->layer_bits, q, d))
    return false;
  if (o->act_bits < 4 || o->act_bits > 16 || o->weight_bits < 4 || o->weight_bits > 16)
    return diag_error(d, "--act-bits and --weight-bits: expected 4 to 16");
  q->act_bits = (int)o->act_bits;
  q->weight_bits = (int)o->weight_bits;
  q->images = (size_t)o->calibrate;
  q->per_tensor = o->per_tensor;
  q->no_bias_correction = o->no_bias_correction;
  return true;
}

// The images of --pictures, a list with commas.
static bool read_pictures(arena *mem, const cli_options *o, const network *net, dataset *out, diag *d) {
  bool accuracy = o->images != 0;
  dataset_files files = {.labels = accuracy ? o->labels : NULL};
  if (!verb_net_format(o->format, &files.format, d))
    return false;
  size_t cap = 0;
  for (const char *p = o->pictures; *p;) {
    size_t n = strcspn(p, ",");
    arena_grow(mem, files.images, files.image_files, cap);
    files.images[files.image_files++] = arena_strndup(mem, p, n);
    p += n + (p[n] == ',');
  }
  if (files.image_files != 1 && files.format != DATASET_CIFAR)
    return diag_error(d, "--pictures %s: expected one file (several only with --format cifar)", o->pictures);
  if (!dataset_read(mem, &files, out, d) || !infer_check_data(net, out, d))
    return false;
  if (!accuracy)
    out->labels = NULL;
  if (!out->labels || infer_check_labels(net, out, d))
    return true;
  diag_note(d, "--images 0 leaves the labels alone and prints no accuracy");
  return false;
}

// The last component of a folder's name, as a network's name.
static const char *folder_name(arena *mem, const char *path) {
  size_t n = strlen(path);
  while (n > 1 && path[n - 1] == '/')
    n--;
  size_t start = n;
  while (start > 0 && path[start - 1] != '/')
    start--;
  return arena_strndup(mem, path + start, n - start);
}

static void show_accuracy(FILE *out, const char *what, const infer_accuracy *a) {
  fprintf(out, "%-8s top-1 %.2f %% (%zu of %zu image%s)\n", what, 100.0 * (double)a->correct / (double)a->images,
          a->correct, a->images, plural(a->images));
}

// What an import found: to standard output as it comes, or with --json in `json`, which is printed at the end.
static void report_accuracy(FILE *out, cJSON *json, const char *what, const infer_accuracy *a) {
  if (!json) {
    show_accuracy(out, what, a);
    return;
  }
  cJSON *o = cJSON_AddObjectToObject(json, what);
  cJSON_AddNumberToObject(o, "images", (double)a->images);
  cJSON_AddNumberToObject(o, "correct", (double)a->correct);
  cJSON_AddNumberToObject(o, "top1", (double)a->correct / (double)a->images);
}

static bool compare_accuracy(arena *mem, const cli_options *o, const network *net, const network *quantised,
                             const dataset *data, size_t images, cJSON *json, diag *d) {
  infer_accuracy acc;
  infer_model model = {.net = quantised};
  if (!float_evaluate(net, data, 0, images, &acc))
    return diag_tool(d, "interrupted");
  report_accuracy(o->out, json, "float", &acc);
  if (!verb_net_pixels_doubt(o->args[1], data, &acc, d))
    return diag_tool(d, "interrupted");
  engine *e = engine_new(mem, &model, d);
  if (!e)
    return false;
  if (!engine_evaluate(e, data, 0, images, &acc))
    return diag_tool(d, "interrupted");
  report_accuracy(o->out, json, "integer", &acc);
  return true;
}

static bool read_network(arena *mem, const cli_options *o, network **out, diag *d) {
  const char *path = o->args[1];
  onnx_input input;
  if (!verb_net_pixels_told(mem, o, &input, d))
    return false;
  if (str_ends_with(path, ".onnx"))
    return onnx_read_as(mem, path, &input, out, d);
  if (input.channels)
    return diag_error(d,
                      "%s: --input-range, --mean and --std are for ONNX models; a net.yaml holds `input_scale` and "
                      "`input_offset`",
                      path);
  return net_read(mem, path, out, d);
}

// `calibrated`: the images that were calibrated on; 0 where none was needed.
static bool report_written(arena *mem, cJSON *json, const network *net, const cli_options *o, size_t calibrated,
                           diag *d) {
  if (!json) {
    fprintf(o->out, "%s: %zu layer%s, ", net->name, net->count, plural(net->count));
    if (!net->quantised)
      fprintf(o->out, "not quantised, ");
    if (calibrated)
      fprintf(o->out, "calibrated on %zu image%s, ", calibrated, plural(calibrated));
    fprintf(o->out, "written to %s\n", o->output);
    return true;
  }
  cJSON_AddStringToObject(json, "name", net->name);
  cJSON_AddStringToObject(json, "from", o->args[1]);
  cJSON_AddBoolToObject(json, "quantised", net->quantised);
  cJSON_AddNumberToObject(json, "layers", (double)net->count);
  if (net->quantised)
    cJSON_AddNumberToObject(json, "calibration_images", (double)calibrated);
  cJSON_AddStringToObject(json, "folder", o->output);
  fileset written = {0};
  for (const char *const *name = (const char *const[]){"net.yaml", "weights.safetensors", NULL}; *name; name++) {
    bytes file;
    if (!file_read(mem, path_join(mem, o->output, *name), (size_t)4 << 30, &file, d))
      return false;
    fileset_add(mem, &written, *name, file.data, file.size);
  }
  json_add_files(mem, json, &written);
  return true;
}

// How near the integers are to the codes that the model states; nothing where it states none.
static void report_exactness(FILE *out, cJSON *json, const quant_exactness *e) {
  if (!json && e->layers == e->exact && e->layers)
    fprintf(out, "requantisation of %d layer%s: as the model states it, but for exact halves\n", e->layers,
            plural((size_t)e->layers));
  else if (!json && e->layers)
    fprintf(out,
            "requantisation of %d layer%s: %d as the model states it, but for exact halves, others off by at most %.2g "
            "codes before rounding "
            "(%s)\n",
            e->layers, plural((size_t)e->layers), e->exact, e->worst, e->worst_layer);
  if (!json || !e->layers)
    return;
  cJSON *o = cJSON_AddObjectToObject(json, "requantisation");
  cJSON_AddNumberToObject(o, "layers", e->layers);
  cJSON_AddNumberToObject(o, "exact", e->exact);
  cJSON_AddNumberToObject(o, "worst_codes", e->worst);
  if (e->worst_layer)
    cJSON_AddStringToObject(o, "worst_layer", e->worst_layer);
}

static bool quantise_and_compare(arena *mem, const cli_options *o, const quant_options *q, network *net, cJSON *json,
                                 diag *d) {
  network *quantised;
  dataset data = {0};
  if (o->pictures && !read_pictures(mem, o, net, &data, d))
    return false;
  quant_exactness exactness = {0};
  quant_options options = *q;
  options.exactness = &exactness;
  if (!quantize(mem, net, o->pictures ? &data : NULL, &options, &quantised, d) || !net_write(quantised, o->output, d))
    return false;
  if (!report_written(mem, json, quantised, o, q->images < data.count ? q->images : data.count, d))
    return false;
  report_exactness(o->out, json, &exactness);
  size_t images = o->images < 0 || (size_t)o->images > data.count ? data.count : (size_t)o->images;
  return !data.labels || !images || compare_accuracy(mem, o, net, quantised, &data, images, json, d);
}

// import and quantize: from a float network, or a quantised ONNX model, to an integer network.
static bool import(arena *mem, const cli_options *o, diag *d) {
  const char *verb = o->args[0];
  quant_options q;
  network *net;
  if (!o->output)
    return diag_error(d, "net %s: expected --output DIR", verb);
  if (!verb_net_options(mem, o, &q, d) || !read_network(mem, o, &net, d))
    return false;
  if (net->quantised)
    return diag_error(d, "%s: the network is quantised already", o->args[1]);
  net->name = o->name ? o->name : folder_name(mem, o->output);
  if (!o->as_float && !o->pictures && !quant_is_stated(net))
    return diag_error(d, "net %s: expected --pictures FILE, the images to calibrate on", verb);
  cJSON *json = o->json ? cJSON_CreateObject() : NULL;
  bool ok = o->as_float ? net_write(net, o->output, d) && report_written(mem, json, net, o, 0, d)
                        : quantise_and_compare(mem, o, &q, net, json, d);
  if (ok && json)
    fputs(json_text(mem, json), o->out);
  else
    cJSON_Delete(json);
  return ok;
}

// The graph as Graphviz takes it, in `mem`.
static const char *dot_text(arena *mem, const network *net) {
  char *graph = NULL;
  size_t size = 0;
  FILE *text = open_memstream(&graph, &size);
  net_dot(net, text);
  fclose(text);
  const char *kept = arena_strdup(mem, graph);
  free(graph);
  return kept;
}

// The graph, laid out by Graphviz.
static bool draw(arena *mem, const network *net, const char *path, diag *d) {
  char *dir;
  bytes svg;
  if (!tool_find(mem, "dot", d) || !tool_temp_dir(mem, &dir, d))
    return false;
  const char *graph = dot_text(mem, net);
  const char *argv[] = {"dot", "-Tsvg", "-ograph.svg", "graph.dot", NULL};
  tool_job job = {.argv = argv, .dir = dir, .timeout_s = 300};
  bool ok = file_write(path_join(mem, dir, "graph.dot"), graph, strlen(graph), d) && tool_run(&job, d) &&
            (file_read(mem, path_join(mem, dir, "graph.svg"), 256 << 20, &svg, d) || diag_blame(d, "dot")) &&
            file_write(path, svg.data, svg.size, d);
  tool_temp_remove(dir);
  return ok;
}

static cJSON *layer_json(const network *net, const net_node *n) {
  cJSON *o = cJSON_CreateObject(), *inputs;
  cJSON_AddStringToObject(o, "name", n->name);
  cJSON_AddStringToObject(o, "op", net_op_name(n->op));
  inputs = cJSON_AddArrayToObject(o, "inputs");
  for (int i = 0; i < n->input_count; i++)
    cJSON_AddItemToArray(inputs, cJSON_CreateString(net->nodes[n->inputs[i]].name));
  cJSON_AddItemToObject(o, "shape", cJSON_CreateIntArray((const int[]){n->shape.c, n->shape.h, n->shape.w}, 3));
  if (n->op != NET_INPUT) {
    cJSON_AddItemToObject(o, "kernel", cJSON_CreateIntArray((const int[]){n->kh, n->kw}, 2));
    cJSON_AddItemToObject(o, "stride", cJSON_CreateIntArray((const int[]){n->sh, n->sw}, 2));
    cJSON_AddItemToObject(o, "pads", cJSON_CreateIntArray((const int[]){n->pt, n->pb, n->pl, n->pr}, 4));
    cJSON_AddNumberToObject(o, "groups", n->groups);
    cJSON_AddNumberToObject(o, "multiplications", (double)net_multiplications(net, n));
  }
  if (net->quantised) {
    cJSON_AddNumberToObject(o, "weight_bits", n->weight_bits);
    cJSON_AddNumberToObject(o, "bits", n->quant.bits); // 0: accumulators
    cJSON_AddBoolToObject(o, "signed", n->quant.is_signed);
    cJSON_AddNumberToObject(o, "zero", n->quant.zero);
    cJSON_AddNumberToObject(o, "scale", n->quant.scale);
  }
  return o;
}

static void show_json(arena *mem, const network *net, const cli_options *options) {
  cJSON *o = cJSON_CreateObject(), *layers;
  cJSON_AddStringToObject(o, "name", net->name);
  cJSON_AddBoolToObject(o, "quantised", net->quantised);
  layers = cJSON_AddArrayToObject(o, "layers");
  if (options->dot)
    cJSON_AddStringToObject(o, "dot", dot_text(mem, net));
  if (options->svg)
    cJSON_AddStringToObject(o, "svg", options->svg);
  for (size_t i = 0; i < net->count; i++)
    cJSON_AddItemToArray(layers, layer_json(net, &net->nodes[i]));
  fputs(json_text(mem, o), options->out);
}

static bool show(arena *mem, const cli_options *o, diag *d) {
  network *net;
  if (!read_network(mem, o, &net, d))
    return false;
  if (o->svg && !draw(mem, net, o->svg, d))
    return false;
  if (o->json)
    show_json(mem, net, o);
  else if (o->svg)
    fprintf(o->out, "%s\n", o->svg);
  else
    (o->dot ? net_dot : net_print)(net, o->out);
  return true;
}

bool verb_net(const cli_options *o, diag *d) {
  arena *mem = arena_new();
  bool ok;
  if (strcmp(o->args[0], "import") == 0 || strcmp(o->args[0], "quantize") == 0)
    ok = import(mem, o, d);
  else if (strcmp(o->args[0], "show") == 0)
    ok = show(mem, o, d);
  else if (strcmp(o->args[0], "export") == 0)
    ok = verb_net_export(mem, o, d);
  else {
    ok = diag_error(d, "axgen net %s: expected import, quantize, export or show", o->args[0]);
    d->exit_code = EXIT_USAGE;
  }
  arena_free(mem);
  return ok;
}
