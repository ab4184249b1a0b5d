// SPDX-License-Identifier: Apache-2.0
//
// All files of a dataflow accelerator.
#include "compiler/base/escape.h"
#include "compiler/target/dataflow/emit_internal.h"

#include <cjson/cJSON.h>
#include <string.h>

// Copies of all cores of one folder of rtl_templates, in alphabetical order.
static bool add_cores(arena *mem, const char *folder, fileset *out, diag *d) {
  char *path = data_path(mem, arena_printf(mem, "rtl_templates/%s", folder));
  char **names;
  size_t count;
  if (!dir_list(mem, path, ".v", &names, &count))
    return diag_tool(d, "%s: the Verilog cores are missing from this installation", path);
  for (size_t i = 0; i < count; i++) {
    if (!word_is_plain(names[i])) // it goes into file lists
      return diag_tool(d, "%s: `%s` is no core of this project", path, names[i]);
    bytes text;
    if (!file_read(mem, path_join(mem, path, names[i]), 1 << 20, &text, d))
      return false;
    fileset_add(mem, out, arena_printf(mem, "cores/%s", names[i]), text.data, text.size);
  }
  return true;
}

static bool input_hashes(arena *mem, const hw_design *design, emit_hashes *h, diag *d) {
  const network *net = design->cfg->net;
  bytes yaml, weights;
  if (!file_read(mem, net->file, 64 << 20, &yaml, d) ||
      !file_read(mem, path_beside(mem, net->file, "weights.safetensors"), (size_t)1 << 31, &weights, d))
    return false;
  *h = (emit_hashes){design->cfg->text_hash, hash_hex(mem, yaml.data, yaml.size),
                     hash_hex(mem, weights.data, weights.size)};
  return true;
}

static void add_multipliers(arena *mem, const hw_design *design, fileset *out) {
  const config *cfg = design->cfg;
  bool used[CONFIG_MAX_MULS] = {false};
  hw_multipliers(design, used);
  for (size_t m = 0; m < cfg->mul_count; m++) {
    for (size_t before = 0; before < m; before++) // two keys may name one multiplier
      if (used[before] && design->muls[before] == design->muls[m])
        used[m] = false;
    if (!used[m])
      continue;
    str text = {0};
    mul_verilog(design->muls[m], &text);
    fileset_add_str(mem, out, arena_printf(mem, "%s.v", design->muls[m]->ident), &text);
  }
}

static void add_file_list(arena *mem, fileset *out) {
  str list = {0};
  str_add(&list, "# Verilog files of the accelerator; run tools from this folder (the ROM images are found from it)\n");
  for (size_t i = 0; i < out->count; i++)
    if (str_ends_with(out->files[i].name, ".v"))
      str_printf(&list, "%s\n", out->files[i].name);
  fileset_add_str(mem, out, "axgen.f", &list);
}

bool emit_dataflow(arena *mem, const hw_design *design, fileset *out, diag *d) {
  emit_hashes h;
  if (!input_hashes(mem, design, &h, d) || !add_cores(mem, "common", out, d) || !add_cores(mem, "dataflow", out, d))
    return false;
  add_multipliers(mem, design, out);
  for (size_t i = 0; i < design->count; i++) {
    const hw_stage *s = &design->stages[i];
    str text = {0};
    emit_header(design, &h, arena_printf(mem, "Layer %s", s->name), &text);
    emit_layer(mem, design, s, &text);
    fileset_add_str(mem, out, arena_printf(mem, "layer_%s.v", s->id), &text);
  }
  str top = {0};
  emit_header(design, &h, "Top of the accelerator", &top);
  emit_top(mem, design, &top);
  fileset_add_str(mem, out, "axgen_top.v", &top);
  add_file_list(mem, out);
  for (size_t i = 0; i < design->count; i++)
    emit_roms(mem, design, &design->stages[i], out);
  char *manifest = emit_manifest(mem, design, &h, out);
  fileset_add(mem, out, "manifest.json", manifest, strlen(manifest));
  return true;
}
