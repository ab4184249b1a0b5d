// SPDX-License-Identifier: Apache-2.0
#include "compiler/cli/cli.h"
#include "compiler/cli/net_options.h"
#include "compiler/lib/lib.h"
#include "compiler/net/assignment.h"
#include "compiler/onnx/onnx.h"

#include <stdlib.h>
#include <string.h>

static axgen_net *wrap(arena *mem, network *net, bool ok, diag *d, const progress_watcher *w, axgen_error **error) {
  axgen_net *out = NULL;
  if (ok) {
    out = arena_new_object(mem, axgen_net);
    *out = (axgen_net){1, mem, net, NULL, NULL};
  } else
    arena_free(mem);
  lib_end(ok, d, w, error);
  return out;
}

// An ONNX model that says how it is quantised becomes integers at once.
static bool read(arena *mem, const char *path, network **out, diag *d) {
  if (!str_ends_with(path, ".onnx"))
    return net_read(mem, path, out, d);
  network *net;
  quant_options q = quant_defaults();
  if (!onnx_read(mem, path, &net, d))
    return false;
  *out = net;
  return net->quantised || !quant_is_stated(net) || quantize(mem, net, NULL, &q, out, d);
}

axgen_net *axgen_net_read(const char *path, axgen_error **error) {
  progress_watcher w, *before = lib_watch(&w, NULL);
  arena *mem = arena_new();
  diag d = {0};
  network *net = NULL;
  bool ok = lib_given(path, "the network's path", &d) && read(mem, arena_strdup(mem, path), &net, &d);
  lib_unwatch(before);
  return wrap(mem, net, ok, &d, &w, error);
}

// The options as the command line has them.
static bool read_options(arena *mem, const char *const *options, quant_options *q, diag *d) {
  size_t count = 0;
  while (options && options[count])
    count++;
  char **argv = arena_new_array(mem, char *, count + 3);
  argv[0] = "quantize"; // and a file, neither of which is looked at
  argv[1] = "net.yaml";
  for (size_t i = 0; i < count; i++)
    argv[i + 2] = arena_strdup(mem, options[i]);
  cli_options o;
  return cli_parse(cli_find("net"), (int)count + 2, argv, &o, d) && verb_net_options(mem, &o, q, d);
}

axgen_net *axgen_net_quantize_watched(const axgen_net *net, const uint8_t *images, size_t count,
                                      const char *const *options, const axgen_watch *watch, axgen_error **error) {
  progress_watcher w, *before = lib_watch(&w, watch);
  arena *mem = arena_new();
  diag d = {0};
  quant_options q;
  network *out = NULL;
  const dataset data = {.shape = net->net->nodes[0].shape, .count = count, .pixels = images};
  bool ok = (!count || lib_given(images, "images", &d)) && read_options(mem, options, &q, &d);
  if (ok && net->net->quantised)
    ok = diag_error(&d, "network %s is quantised already", net->net->name);
  if (ok && !count && !quant_is_stated(net->net))
    ok = diag_error(&d, "network %s: expected images to calibrate on", net->net->name);
  ok = ok && quantize(mem, net->net, count ? &data : NULL, &q, &out, &d);
  lib_unwatch(before);
  axgen_net *made = wrap(mem, out, ok, &d, &w, error);
  if (made) {
    made->from = (axgen_net *)(uintptr_t)net;
    lib_own(&made->from->owners);
  }
  return made;
}

axgen_net *axgen_net_quantize(const axgen_net *net, const uint8_t *images, size_t count, const char *const *options,
                              axgen_error **error) {
  return axgen_net_quantize_watched(net, images, count, options, NULL, error);
}

void axgen_net_free(axgen_net *net) {
  if (!net || !lib_disown(&net->owners))
    return;
  axgen_net_free(net->from);
  axgen_config_free(net->config);
  arena_free(net->mem);
}

bool axgen_net_write(const axgen_net *net, const char *folder, axgen_error **error) {
  diag d = {0};
  bool ok = lib_given(folder, "the folder", &d) && net_write(net->net, folder, &d);
  return lib_end(ok, &d, NULL, error);
}

bool axgen_net_export(const axgen_net *net, const char *path, bool qonnx, axgen_error **error) {
  arena *mem = arena_new();
  diag d = {0};
  onnx_written model;
  bool ok = lib_given(path, "the path", &d) &&
            onnx_write_file(mem, net->net, qonnx ? ONNX_QONNX : ONNX_QDQ, path, &model, &d);
  arena_free(mem);
  return lib_end(ok, &d, NULL, error);
}

const char *axgen_net_name(const axgen_net *net) { return net->net->name; }

bool axgen_net_is_quantised(const axgen_net *net) { return net->net->quantised; }

size_t axgen_net_layers(const axgen_net *net) { return net->net->count; }

axgen_layer axgen_net_layer(const axgen_net *net, size_t layer) {
  const network *all = net->net;
  if (layer >= all->count)
    return (axgen_layer){.name = "", .op = ""};
  const net_node *n = &all->nodes[layer];
  axgen_layer l = {n->name, net_op_name(n->op), n->shape.c, n->shape.h, n->shape.w, 0, 0, 0, 0};
  if (net_multiplies(n)) {
    l.filters = assignment_units(all, n, ASSIGN_FILTER);
    l.kernels = assignment_units(all, n, ASSIGN_KERNEL);
    l.weights = assignment_units(all, n, ASSIGN_WEIGHT);
    l.multiplications = net_multiplications(all, n);
  }
  return l;
}

int axgen_net_find(const axgen_net *net, const char *layer) { return layer ? net_find(net->net, layer) : -1; }
