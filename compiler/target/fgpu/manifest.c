// SPDX-License-Identifier: Apache-2.0
//
// manifest.json: hardware, LIDs, launches, where tensors lie, files.
#include "compiler/base/json.h"
#include "compiler/target/common/rename.h"
#include "compiler/target/fgpu/emit_internal.h"

static void add_tensors(const fgpu_program *p, cJSON *list) {
  const network *net = p->model->net;
  for (size_t i = 0; i < net->count; i++) {
    const net_node *n = &net->nodes[i];
    const fgpu_tensor *t = &p->tensors[i];
    cJSON *o = cJSON_CreateObject();
    cJSON_AddStringToObject(o, "layer", n->name);
    cJSON_AddItemToObject(o, "shape", cJSON_CreateIntArray((const int[]){n->shape.c, n->shape.h, n->shape.w}, 3));
    cJSON_AddNumberToObject(o, "base", t->base);
    cJSON_AddNumberToObject(o, "bytes", t->bytes);
    cJSON_AddNumberToObject(o, "first_pixel", t->origin);
    cJSON_AddNumberToObject(o, "pixel_bytes", t->cp);
    cJSON_AddNumberToObject(o, "row_bytes", t->row);
    cJSON_AddNumberToObject(o, "value_bytes", t->words ? 4 : 1);
    cJSON_AddItemToArray(list, o);
  }
}

static void add_launches(const fgpu_program *p, cJSON *list) {
  for (size_t i = 0; i < p->launch_count; i++) {
    const fgpu_launch *l = &p->launches[i];
    cJSON *o = cJSON_CreateObject();
    cJSON_AddStringToObject(o, "name", l->name);
    cJSON_AddStringToObject(o, "kernel", l->kernel);
    cJSON_AddNumberToObject(o, "program_counter", p->descriptors[i][FGPU_D_PC]);
    cJSON_AddNumberToObject(o, "wavefronts", l->groups);
    cJSON_AddNumberToObject(o, "multiplications", (double)l->macs);
    cJSON_AddNumberToObject(o, "lanes_used", l->groups ? (double)l->lanes / ((double)l->groups * FGPU_LANES) : 0);
    cJSON_AddItemToArray(list, o);
  }
}

char *fgpu_manifest(arena *mem, const fgpu_program *p, const origin *made_from, const fileset *files) {
  cJSON *o = origin_manifest(made_from, "fgpu");
  cJSON_AddStringToObject(o, "top_axi", renamed_module(mem, made_from->cfg->name, TARGET_TOP "_axi"));
  cJSON *hw = cJSON_AddObjectToObject(o, "hardware");
  cJSON_AddNumberToObject(hw, "compute_vectors", p->hw.cvs);
  cJSON_AddNumberToObject(hw, "pes", p->hw.cvs * FGPU_PES);
  cJSON_AddNumberToObject(hw, "multipliers_per_pe", fgpu_units(&p->hw));
  cJSON_AddNumberToObject(hw, "wavefront_slots", p->hw.slots);
  cJSON_AddNumberToObject(hw, "cache_bytes", p->hw.cache_lines * FGPU_LINE);
  cJSON_AddNumberToObject(hw, "scratchpad_bytes", p->hw.local_bytes);
  cJSON *lids = cJSON_AddArrayToObject(o, "lids");
  for (int cv = 0; cv < p->hw.cvs; cv++) {
    cJSON *row = cJSON_CreateArray();
    for (int pe = 0; pe < FGPU_PES; pe++)
      cJSON_AddItemToArray(row, cJSON_CreateString(p->hw.mul[cv][pe]->name));
    cJSON_AddItemToArray(lids, row);
  }
  cJSON_AddBoolToObject(o, "lids_chosen", p->lids_chosen);
  cJSON_AddNumberToObject(o, "instructions", (double)p->code.count);
  cJSON_AddNumberToObject(o, "memory_bytes", p->memory_bytes);
  cJSON_AddNumberToObject(o, "constant_base", p->constant_base);
  cJSON_AddNumberToObject(o, "constant_bytes", p->constant_bytes);
  cJSON_AddNumberToObject(o, "zero_code", p->model->net->nodes[0].quant.zero & 255);
  cJSON_AddNumberToObject(o, "activation_bytes", p->activation_bytes);
  cJSON_AddNumberToObject(o, "activation_bytes_unshared", p->unshared_bytes);
  add_tensors(p, cJSON_AddArrayToObject(o, "tensors"));
  add_launches(p, cJSON_AddArrayToObject(o, "launches"));
  const fgpu_tile tile = fgpu_tile_of(p, made_from);
  graph_json(fgpu_graph(mem, &tile), made_from->cfg->name, o);
  json_add_files(mem, o, files);
  return json_text(mem, o);
}
