// SPDX-License-Identifier: Apache-2.0
//
// manifest.json: what the folder holds and what it was made from, for programs.
#include "compiler/base/json.h"
#include "compiler/target/common/rename.h"
#include "compiler/target/dataflow/cost.h"
#include "compiler/target/dataflow/fold.h"
#include "compiler/target/dataflow/feed.h"
#include "compiler/target/dataflow/load.h"

#include <math.h>

static cJSON *shape(net_shape s) { return cJSON_CreateIntArray((const int[]){s.c, s.h, s.w}, 3); }

// value_bytes: of each value, where they are extended to whole bytes; else 0: they stand side by side.
static cJSON *stream(int bytes, int lanes, int bits, int value_bytes, bool is_signed, int64_t beats) {
  cJSON *o = cJSON_CreateObject();
  cJSON_AddNumberToObject(o, "tdata_bytes", bytes);
  cJSON_AddNumberToObject(o, "values_per_beat", lanes);
  cJSON_AddNumberToObject(o, "bits_per_value", bits);
  if (value_bytes)
    cJSON_AddNumberToObject(o, "bytes_per_value", value_bytes);
  cJSON_AddBoolToObject(o, "signed", is_signed);
  cJSON_AddNumberToObject(o, "beats_per_image", (double)beats);
  return o;
}

// Words that are loaded.
static cJSON *load_stream(const graph *g) {
  cJSON *o = cJSON_CreateObject();
  cJSON_AddNumberToObject(o, "tdata_bytes", 4);
  cJSON_AddNumberToObject(o, "beats", (double)dataflow_load_beats(g));
  cJSON_AddStringToObject(o, "file", LOAD_FILE);
  return o;
}

static void add_module(arena *mem, const dataflow_design *design, const char *module, cJSON *o) {
  cJSON_AddStringToObject(o, "module", renamed_module(mem, design->cfg->name, module));
}

static void add_multipliers(arena *mem, const dataflow_design *design, const dataflow_stage *s, cJSON *o) {
  bool mixed = positions_mixed(s);
  int number[CONFIG_MAX_MULS] = {0}, next = 0; // in the list
  cJSON *list = cJSON_AddArrayToObject(o, "multipliers"); // runs of PEs, in order
  dataflow_run r = {0};
  while (dataflow_next_run(s, &r)) {
    cJSON *run = cJSON_CreateObject();
    cJSON_AddStringToObject(run, "name", design->cfg->muls[r.mul]->name);
    add_module(mem, design, design->muls[r.mul]->ident, run);
    if (!mixed)
      cJSON_AddNumberToObject(run, "pes", r.end - r.first);
    cJSON_AddNumberToObject(run, "count", (double)r.count);
    cJSON_AddItemToArray(list, run);
    number[r.mul] = next++;
  }
  if (!mixed)
    return;
  cJSON *map = cJSON_AddArrayToObject(o, "positions"); // a row for each PE: which of the list stands at each lane
  for (int p = 0; p < s->pe; p++) {
    cJSON *row = cJSON_CreateArray();
    for (int lane = 0; lane < s->simd; lane++)
      cJSON_AddItemToArray(row, cJSON_CreateNumber(number[s->muls[p * s->simd + lane]]));
    cJSON_AddItemToArray(map, row);
  }
}

static cJSON *input(arena *mem, const dataflow_design *design, const dataflow_stage *s, int k) {
  const dataflow_input *in = &s->inputs[k];
  cJSON *o = cJSON_CreateObject();
  cJSON_AddStringToObject(o, "layer", dataflow_source_name(design, in->source));
  if (in->fifo) {
    cJSON_AddNumberToObject(o, "fifo_beats", (double)in->fifo);
    cJSON_AddNumberToObject(o, "fifo_bits", (double)in->fifo * dataflow_source_lanes(design, in->source) * in->bits);
  }
  if (dataflow_is_permuted(design, in)) {
    int *order = arena_new_array(mem, int, (size_t)in->shape.c);
    for (int c = 0; c < in->shape.c; c++)
      order[c] = stage_channel(in->order, c);
    cJSON_AddItemToObject(o, "permuted_to", cJSON_CreateIntArray(order, in->shape.c));
    cJSON_AddNumberToObject(o, "permutation_bits", (double)dataflow_permutation_bits(design, s, k));
  }
  return o;
}

static cJSON *stage(arena *mem, const dataflow_design *design, const dataflow_stage *s) {
  cJSON *o = cJSON_CreateObject();
  cJSON_AddStringToObject(o, "layer", s->name);
  add_module(mem, design, dataflow_emit_module(mem, s), o);
  cJSON_AddStringToObject(o, "kind", STAGE_KINDS[s->kind].name);
  cJSON *from = cJSON_AddArrayToObject(o, "inputs");
  for (int i = 0; i < s->input_count; i++)
    cJSON_AddItemToArray(from, input(mem, design, s, i));
  cJSON_AddItemToObject(o, "input", shape(s->in));
  cJSON_AddItemToObject(o, "output", shape(s->out));
  if (s->kind == DATAFLOW_MVU) {
    cJSON_AddNumberToObject(o, "pe", s->pe);
    cJSON_AddNumberToObject(o, "simd", s->simd);
    cJSON_AddNumberToObject(o, "hold", s->hold);
    cJSON_AddNumberToObject(o, "product_bits", s->prod_bits);
    cJSON_AddNumberToObject(o, "accumulator_bits", s->acc_bits);
    cJSON_AddStringToObject(o, "accumulate",
                            dataflow_accumulate_word[s->carry_save ? DATAFLOW_CARRY_SAVE : DATAFLOW_CARRY_PROPAGATE]);
    if (s->adder) {
      cJSON_AddStringToObject(o, "adder", s->adder->name);
      cJSON_AddStringToObject(o, "adder_in", dataflow_adder_in_word[dataflow_folding(design->cfg, s->node)->adder_in]);
    }
    add_multipliers(mem, design, s, o);
    if (design->cfg->moved && design->cfg->moved[s->node])
      cJSON_AddNumberToObject(o, "weights_moved", (double)design->cfg->moved[s->node]); // --legalize
  }
  if (s->has_requant) {
    cJSON_AddNumberToObject(o, "requantisers", s->out_lanes);
    cJSON_AddNumberToObject(o, "shift", s->shift);
  }
  if (s->slice)
    cJSON_AddBoolToObject(o, "register_slice", true);
  cJSON_AddNumberToObject(o, "cycles_per_image", (double)s->cycles);
  cJSON_AddNumberToObject(o, "input_beats_per_image", (double)s->input_beats);
  cJSON_AddNumberToObject(o, "line_buffer_bits", (double)s->line_buffer_bits);
  cJSON_AddNumberToObject(o, "rom_bits", (double)s->rom_bits);
  if (s->load)
    cJSON_AddNumberToObject(o, "loaded_bits", (double)s->loaded_bits);
  if (s->hold > 1)
    cJSON_AddNumberToObject(o, "hold_bits", (double)s->hold_bits);
  if (s->order)
    cJSON_AddItemToObject(o, "channel_order", cJSON_CreateIntArray(s->order, s->out.c));
  return o;
}

// What it is estimated to cost (axgen cost has all of it); and what was wished for.
static void add_estimates(arena *mem, const dataflow_design *design, const graph *g, cJSON *o) {
  const dataflow_options *options = design->cfg->target_options;
  cost_row sum = dataflow_cost_sum(mem, design, g);
  int64_t memory_bits = 0;
  for (size_t i = 0; i < design->count; i++) {
    const dataflow_stage *s = &design->stages[i];
    memory_bits += s->line_buffer_bits + s->rom_bits + s->loaded_bits + s->hold_bits;
  }
  cJSON *estimate = cJSON_AddObjectToObject(o, "estimate");
  cJSON_AddNumberToObject(estimate, "area_um2", round(sum.total_area));
  cJSON_AddNumberToObject(estimate, "luts", round(sum.luts));
  cJSON_AddNumberToObject(estimate, "memory_bits", (double)memory_bits); // of layers, which the above leave out
  if (!options->chosen)
    return;
  cJSON *chosen = cJSON_AddObjectToObject(o, "chosen_for");
  if (options->wish.fps > 0)
    cJSON_AddNumberToObject(chosen, "fps", options->wish.fps);
  for (int k = 0; k < FOLD_COSTS; k++)
    if (options->wish.most[k] > 0)
      cJSON_AddNumberToObject(chosen, fold_budget_key[k], options->wish.most[k]);
}

char *dataflow_emit_manifest(arena *mem, const dataflow_design *design, const origin *made_from, const fileset *files) {
  const dataflow_image *image = &design->image;
  const dataflow_stage *last = dataflow_last(design);
  const graph *g = dataflow_emit_graph(mem, design);
  cJSON *o = origin_manifest(made_from, "dataflow");
  cJSON_AddNumberToObject(o, "multipliers", (double)design->multipliers);
  cJSON_AddNumberToObject(o, "formula_cycles_per_image", (double)design->formula_cycles);
  cJSON_AddNumberToObject(o, "predicted_cycles_per_image", (double)design->predicted_cycles);
  cJSON_AddStringToObject(o, "slowest", design->slowest);
  cJSON_AddItemToObject(o, "s_axis",
                        stream(dataflow_emit_input_bytes(design), image->lanes, image->bits, 0, image->is_signed,
                               dataflow_image_beats(design)));
  cJSON_AddItemToObject(o, "m_axis",
                        stream(dataflow_emit_output_bytes(design), last->out_lanes, last->out_bits,
                               dataflow_emit_value_bytes(design), last->out_signed, dataflow_output_beats(last)));
  if (dataflow_loads(design))
    cJSON_AddItemToObject(o, "s_cfg_axis", load_stream(g));
  if (dataflow_feeds(design))
    cJSON_AddItemToObject(o, "weight_streams", feed_json(mem, design, (double)design->predicted_cycles));
  if (last->order)
    cJSON_AddItemToObject(o, "output_order", cJSON_CreateIntArray(last->order, last->out.c));
  cJSON *stages = cJSON_AddArrayToObject(o, "layers");
  for (size_t i = 0; i < design->count; i++)
    cJSON_AddItemToArray(stages, stage(mem, design, &design->stages[i]));
  add_estimates(mem, design, g, o);
  graph_json(g, design->cfg->name, o);
  json_add_files(mem, o, files);
  return json_text(mem, o);
}
