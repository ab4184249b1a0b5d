// SPDX-License-Identifier: Apache-2.0
//
// All files of a dataflow accelerator.
#include "compiler/base/escape.h"
#include "compiler/target/common/cores.h"
#include "compiler/target/common/rename.h"
#include "compiler/target/dataflow/emit_internal.h"

#include <string.h>

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

static void head(const origin *made_from, const char *what, str *out) {
  origin_comment(made_from, "//", what, out);
  str_add(out, "`default_nettype none\n\n");
}

bool emit_verilog(arena *mem, const hw_design *design, const origin *made_from, fileset *out, diag *d) {
  fileset own = {0};
  add_multipliers(mem, design, &own);
  for (size_t i = 0; i < design->count; i++) {
    const hw_stage *s = &design->stages[i];
    str text = {0};
    head(made_from, arena_printf(mem, "Layer %s", escaped(mem, escape_comment, s->name)), &text);
    emit_layer(mem, design, s, &text);
    fileset_add_str(mem, &own, arena_printf(mem, "layer_%s.v", s->id), &text);
  }
  str top = {0};
  head(made_from, "Top of the accelerator", &top);
  emit_top(mem, design, &top);
  fileset_add_str(mem, &own, TARGET_TOP ".v", &top);
  if (!cores_add(mem, &own, out, d))
    return false;
  for (size_t i = 0; i < own.count; i++)
    fileset_add(mem, out, own.files[i].name, own.files[i].data, own.files[i].size);
  return true;
}

bool emit_dataflow(arena *mem, const hw_design *design, fileset *out, diag *d) {
  origin made_from;
  if (!origin_of(mem, design->cfg, &made_from, d) || !emit_verilog(mem, design, &made_from, out, d))
    return false;
  cores_file_list(mem, design->cfg->name,
                  "Verilog files of the accelerator; run tools from this folder (the ROM images are found from it)",
                  out);
  rename_modules(mem, out, design->cfg->name);
  for (size_t i = 0; i < design->count; i++)
    emit_roms(mem, design, &design->stages[i], out);
  char *manifest = emit_manifest(mem, design, &made_from, out);
  fileset_add(mem, out, "manifest.json", manifest, strlen(manifest));
  return true;
}
