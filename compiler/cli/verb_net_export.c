// SPDX-License-Identifier: Apache-2.0
//
// net export: an integer network as an ONNX model.
#include "compiler/base/json.h"
#include "compiler/cli/net_options.h"
#include "compiler/cli/session.h"
#include "compiler/onnx/onnx.h"

#include <string.h>

// Is it a configuration, not a network? Only that has the key `network`.
static bool is_config(arena *mem, const char *path) {
  diag ignored = {0};
  bytes text;
  bool found = file_read(mem, path, 64 << 20, &text, &ignored) &&
               (!strncmp((const char *)text.data, "network:", 8) || strstr((const char *)text.data, "\nnetwork:"));
  diag_free(&ignored);
  return found;
}

static bool multiplies_exactly(const config *c) {
  for (size_t i = 0; c->has_assignment && i < c->net->count; i++) {
    const assignment *a = &c->assign[i];
    for (int64_t k = 0; a->level != ASSIGN_NONE && k < a->count; k++)
      if (!c->muls[a->mul[k]]->exact)
        return false;
  }
  return true;
}

// The network of a net.yaml or config.yaml.
static bool read_network(arena *mem, const char *path, network **out, diag *d) {
  config *c;
  if (!is_config(mem, path))
    return net_read(mem, path, out, d);
  if (!config_read(mem, path, TARGET_READERS, &c, d))
    return false;
  *out = c->net;
  if (!multiplies_exactly(c))
    diag_warn(d,
              "%s: ONNX multiplies exactly; the biases are those of %s, also where they were corrected for approximate "
              "multipliers",
              path, c->net->file);
  return true;
}

static void report(arena *mem, const cli_options *o, const network *net, const onnx_written *model) {
  if (!o->json) {
    fprintf(o->out, "%s: %zu layer%s, operator set %d%s, written to %s\n", net->name, net->count, plural(net->count),
            model->opset, o->qonnx ? " and QONNX" : "", o->output);
    return;
  }
  cJSON *json = cJSON_CreateObject();
  cJSON_AddStringToObject(json, "name", net->name);
  cJSON_AddStringToObject(json, "from", o->args[1]);
  cJSON_AddStringToObject(json, "format", o->qonnx ? "qonnx" : "qdq");
  cJSON_AddNumberToObject(json, "opset", model->opset);
  cJSON_AddNumberToObject(json, "layers", (double)net->count);
  cJSON_AddNumberToObject(json, "widened_layers", model->widened);
  fileset written = {0};
  fileset_add(mem, &written, o->output, model->file.data, model->file.size);
  json_add_files(mem, json, &written);
  fputs(json_text(mem, json), o->out);
}

bool verb_net_export(arena *mem, const cli_options *o, diag *d) {
  network *net;
  onnx_written model;
  if (!o->output || !str_ends_with(o->output, ".onnx"))
    return diag_error(d, "net export: expected --output FILE.onnx");
  if (str_ends_with(o->args[1], ".onnx"))
    return diag_error(d, "net export: %s is a model already; expected net.yaml or config.yaml", o->args[1]);
  if (!read_network(mem, o->args[1], &net, d) ||
      !onnx_write_file(mem, net, o->qonnx ? ONNX_QONNX : ONNX_QDQ, o->output, &model, d))
    return false;
  report(mem, o, net, &model);
  return true;
}
