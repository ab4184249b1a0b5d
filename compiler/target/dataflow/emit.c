// SPDX-License-Identifier: Apache-2.0
//
// All files of a dataflow accelerator.
#include "compiler/base/escape.h"
#include "compiler/target/common/cores.h"
#include "compiler/target/dataflow/emit_internal.h"

#include <cjson/cJSON.h>
#include <string.h>

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

bool emit_dataflow(arena *mem, const hw_design *design, fileset *out, diag *d) {
  emit_hashes h;
  fileset own = {0};
  if (!input_hashes(mem, design, &h, d))
    return false;
  add_multipliers(mem, design, &own);
  for (size_t i = 0; i < design->count; i++) {
    const hw_stage *s = &design->stages[i];
    str text = {0};
    emit_header(design, &h, arena_printf(mem, "Layer %s", s->name), &text);
    emit_layer(mem, design, s, &text);
    fileset_add_str(mem, &own, arena_printf(mem, "layer_%s.v", s->id), &text);
  }
  str top = {0};
  emit_header(design, &h, "Top of the accelerator", &top);
  emit_top(mem, design, &top);
  fileset_add_str(mem, &own, "axgen_top.v", &top);
  if (!cores_add(mem, &own, out, d))
    return false;
  for (size_t i = 0; i < own.count; i++)
    fileset_add(mem, out, own.files[i].name, own.files[i].data, own.files[i].size);
  cores_file_list(
      mem, "Verilog files of the accelerator; run tools from this folder (the ROM images are found from it)", out);
  for (size_t i = 0; i < design->count; i++)
    emit_roms(mem, design, &design->stages[i], out);
  char *manifest = emit_manifest(mem, design, &h, out);
  fileset_add(mem, out, "manifest.json", manifest, strlen(manifest));
  return true;
}
