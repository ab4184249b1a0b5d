// SPDX-License-Identifier: Apache-2.0
//
// net import, net show
#include "compiler/cli/session.h"
#include "compiler/quant/quant.h"

#include <string.h>

static bool parse_scheme(const char *text, quant_scheme *out, diag *d) {
  static const char *const NAMES[] = {[QUANT_S8] = "s8", [QUANT_U8] = "u8", [QUANT_U8S8] = "u8s8"};
  for (size_t i = 0; i < BASE_COUNT(NAMES); i++)
    if (!text || strcmp(text, NAMES[i]) == 0) {
      *out = (quant_scheme)i;
      return true;
    }
  return diag_error(d, "--scheme %s: expected s8, u8 or u8s8", text);
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

static void show_accuracy(const char *what, const infer_accuracy *a) {
  printf("%-8s top-1 %.2f %% (%zu of %zu images)\n", what, 100.0 * (double)a->correct / (double)a->images, a->correct,
         a->images);
}

static bool import(arena *mem, const cli_options *o, diag *d) {
  quant_options q = quant_defaults();
  if (!o->output)
    return diag_error(d, "net import: expected --output DIR");
  if (!o->pictures)
    return diag_error(d, "net import: expected --pictures FILE, the images to calibrate on");
  if (!parse_scheme(o->scheme, &q.scheme, d))
    return false;
  if (o->act_bits < 4 || o->act_bits > 16 || o->weight_bits < 4 || o->weight_bits > 16)
    return diag_error(d, "--act-bits and --weight-bits: expected 4 to 16");
  q.act_bits = (int)o->act_bits;
  q.weight_bits = (int)o->weight_bits;
  q.images = (size_t)o->calibrate;
  network *net, *quantised;
  dataset data;
  const char *pictures[] = {o->pictures};
  dataset_files files = {
      .format = DATASET_IDX, .images = pictures, .image_files = 1, .labels = o->labels ? o->labels : NULL};
  if (!onnx_read(mem, o->args[1], &net, d) || !dataset_read(mem, &files, &data, d) || !infer_check_data(net, &data, d))
    return false;
  net->name = o->name ? o->name : folder_name(mem, o->output);
  if (!quantize(mem, net, &data, &q, &quantised, d) || !net_write(quantised, o->output, d))
    return false;
  printf("%s: %zu layers, calibrated on %zu images, written to %s\n", net->name, net->count,
         q.images < data.count ? q.images : data.count, o->output);
  if (!data.labels)
    return true;
  infer_accuracy acc;
  infer_model model = {.net = quantised};
  if (!float_evaluate(net, &data, 0, data.count, &acc))
    return diag_tool(d, "interrupted");
  show_accuracy("float", &acc);
  if (!infer_evaluate(&model, &data, 0, data.count, &acc))
    return diag_tool(d, "interrupted");
  show_accuracy("integer", &acc);
  return true;
}

static bool show(arena *mem, const cli_options *o, diag *d) {
  network *net;
  bool is_onnx = str_ends_with(o->args[1], ".onnx");
  if (!(is_onnx ? onnx_read(mem, o->args[1], &net, d) : net_read(mem, o->args[1], &net, d)))
    return false;
  net_print(net, stdout);
  return true;
}

bool verb_net(const cli_options *o, diag *d) {
  arena *mem = arena_new();
  bool ok;
  if (strcmp(o->args[0], "import") == 0)
    ok = import(mem, o, d);
  else if (strcmp(o->args[0], "show") == 0)
    ok = show(mem, o, d);
  else {
    ok = diag_error(d, "axgen net %s: expected import or show", o->args[0]);
    d->exit_code = EXIT_USAGE;
  }
  arena_free(mem);
  return ok;
}
