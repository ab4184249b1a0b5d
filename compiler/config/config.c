// SPDX-License-Identifier: Apache-2.0
//
// config.yaml (docs/config.md).
#include "compiler/config/config_parts.h"

#include <string.h>

static const char *resolve(arena *mem, const config *c, const char *path) { return path_beside(mem, c->file, path); }

static void read_network(arena *mem, config *c, const yaml *y, diag *d) {
  const char *path;
  if (!yaml_string(y, &path, d))
    return;
  if (str_ends_with(path, ".onnx")) {
    diag_at(d, y->pos,
            "an ONNX model has no integers yet: quantise it first with `axgen net import`, and name the "
            "net.yaml that it writes");
    return;
  }
  path = config_existing_file(mem, c, y, d);
  network *net = NULL;
  if (!path || !net_read(mem, path, &net, d))
    return;
  if (net->quantised)
    c->net = net;
  else
    diag_at(d, y->pos, "this network is in floating point: quantise it first with `axgen net quantize`");
}

// What they mean depends on the family, which is an option: `axgen synth --family` checks them.
static void read_fpga(config *c, const yaml *y, diag *d) {
  static const char *const known[] = {"dsp", "device", "package", NULL};
  if (!yaml_is(y, YAML_MAP, d))
    return;
  yaml_keys(y, "fpga", known, d);
  if (yaml_get(y, "dsp"))
    yaml_bool(yaml_get(y, "dsp"), &c->fpga_dsp, d);
  if (yaml_get(y, "device"))
    yaml_string(yaml_get(y, "device"), &c->fpga_device, d);
  if (yaml_get(y, "package"))
    yaml_string(yaml_get(y, "package"), &c->fpga_package, d);
}

static void read_goal(config *c, const yaml *y, diag *d) {
  if (!yaml_string(y, &c->synth_goal, d))
    return;
  if (strcmp(c->synth_goal, "area") != 0 && strcmp(c->synth_goal, "energy") != 0 && strcmp(c->synth_goal, "delay") != 0)
    diag_at(d, y->pos, "`%s`: area, energy or delay was expected", c->synth_goal);
}

static void read_technology(arena *mem, config *c, const yaml *y, diag *d) {
  static const char *const known[] = {"liberty", "synth", "memories", "fpga", NULL};
  if (!yaml_is(y, YAML_MAP, d))
    return;
  yaml_keys(y, "technology", known, d);
  if (yaml_get(y, "liberty"))
    c->liberty = config_existing_file(mem, c, yaml_get(y, "liberty"), d);
  if (yaml_get(y, "synth"))
    read_goal(c, yaml_get(y, "synth"), d);
  if (yaml_get(y, "fpga"))
    read_fpga(c, yaml_get(y, "fpga"), d);
  const char *memories = yaml_get(y, "memories") ? config_existing_file(mem, c, yaml_get(y, "memories"), d) : NULL;
  if (memories)
    c->memories = config_memories(mem, memories, d);
}

// Without `output`: the config's name without its ending, beside it.
static const char *default_output(arena *mem, const char *path) {
  char *out = arena_printf(mem, "%s", path), *dot = strrchr(out, '.'), *slash = strrchr(out, '/');
  if (dot && dot > (slash ? slash + 1 : out))
    *dot = 0;
  return arena_printf(mem, "%s.out", out);
}

static const yaml *need(const yaml *root, const char *key, const char *example, diag *d) {
  const yaml *e = yaml_get(root, key);
  if (!e)
    diag_at(d, root->pos, "the key `%s` is missing; for example `%s: %s`", key, key, example);
  return e;
}

bool config_read(arena *mem, const char *path, const target_reader *const *targets, config **out, diag *d) {
  static const char *const known[] = {"network",    "dataset", "multipliers", "assignment", "target",
                                      "technology", "explore", "output",      NULL};
  int before = d->errors;
  bytes file;
  if (!file_read(mem, path, 1 << 24, &file, d))
    return false;
  const yaml *root = yaml_parse(mem, path, (const char *)file.data, file.size, d);
  if (!root || !yaml_is(root, YAML_MAP, d))
    return false;
  yaml_keys(root, "the config", known, d);
  config *c = arena_new_object(mem, config);
  c->file = arena_strdup(mem, path);
  c->text_hash = hash_hex(mem, file.data, file.size);
  read_network(mem, c, need(root, "network", "models/lenet5-fashion/net.yaml", d), d);
  if (yaml_get(root, "dataset"))
    c->has_dataset = config_read_dataset(mem, c, yaml_get(root, "dataset"), "dataset", &c->data, d);
  const yaml *muls = need(root, "multipliers", "{E: exact8s}", d);
  // A config for `axgen explore`, which looks for it, may be without one.
  const yaml *assign =
      yaml_get(root, "explore") ? yaml_get(root, "assignment") : need(root, "assignment", "{default: E}", d);
  if (muls)
    config_read_muls(mem, c, muls, d);
  if (c->net)
    c->assign = arena_new_array(mem, assignment, c->net->count);
  if (assign && c->net && muls)
    config_read_assignment(mem, c, assign, d);
  c->has_assignment = assign != NULL;
  c->tree = root;
  if (yaml_get(root, "explore") && muls)
    config_read_explore(mem, c, yaml_get(root, "explore"), d);
  c->clock_ns = 4;
  if (yaml_get(root, "target"))
    config_read_target(mem, c, yaml_get(root, "target"), targets, d);
  if (assign && c->net && d->errors == before)
    config_read_positions(mem, c, assign, d);
  if (yaml_get(root, "technology"))
    read_technology(mem, c, yaml_get(root, "technology"), d);
  const char *output;
  if (!yaml_get(root, "output"))
    c->output = default_output(mem, path);
  else if (yaml_string(yaml_get(root, "output"), &output, d))
    c->output = resolve(mem, c, output);
  if (d->errors > before)
    return false;
  *out = c;
  return true;
}
