// SPDX-License-Identifier: Apache-2.0
//
// What every kind of stage needs.
#include "compiler/target/dataflow/stage.h"

bool stage_refuse(const config *cfg, const net_node *n, diag *d, const char *why) {
  diag_at(d, n->pos, "layer %s: the dataflow target cannot build it: %s", n->name, why);
  diag_note(d, "asked for by %s", cfg->file);
  return false;
}

dataflow_stage stage_from_node(const net_node *n, const folding *fold) {
  return (dataflow_stage){.name = n->name,
                          .out = n->shape,
                          .kh = n->kh,
                          .kw = n->kw,
                          .sh = n->sh,
                          .sw = n->sw,
                          .pt = n->pt,
                          .pb = n->pb,
                          .pl = n->pl,
                          .pr = n->pr,
                          .side = 1,
                          .rounds = 1,
                          .slice = fold->slice,
                          .load = fold->weights == DATAFLOW_LOAD,
                          .stream = net_multiplies(n) && fold->weights == DATAFLOW_STREAM};
}

int64_t dataflow_output_beats(const dataflow_stage *s) { return net_shape_size(s->out) / s->out_lanes; }

int64_t dataflow_image_beats(const dataflow_design *design) {
  return net_shape_size(design->image.shape) / design->image.lanes;
}

const char *dataflow_source_name(const dataflow_design *design, int source) {
  return source == DATAFLOW_IMAGE ? design->cfg->net->nodes[0].name : design->stages[source].name;
}

int dataflow_source_lanes(const dataflow_design *design, int source) {
  return source == DATAFLOW_IMAGE ? design->image.lanes : design->stages[source].out_lanes;
}

int dataflow_receivers(const dataflow_design *design, int source, const bool *between) {
  int n = 0;
  for (size_t i = 0; i < design->count; i++)
    for (int k = 0; (!between || between[i]) && k < design->stages[i].input_count; k++)
      n += design->stages[i].inputs[k].source == source;
  return n;
}

bool dataflow_is_permuted(const dataflow_design *design, const dataflow_input *in) {
  const int *from = in->source == DATAFLOW_IMAGE ? NULL : design->stages[in->source].order;
  for (int i = 0; from != in->order && i < in->shape.c; i++)
    if (stage_channel(from, i) != stage_channel(in->order, i))
      return true;
  return false;
}

int stage_lanes(int channels, int64_t want) {
  int lanes = 1;
  while (lanes < channels && (lanes < want || channels % lanes))
    lanes++;
  return lanes;
}

void stage_passes(dataflow_stage *s, const net_node *n) {
  s->lo = n->lo;
  s->hi = n->hi;
  s->out_bits = n->quant.bits;
  s->out_signed = n->quant.is_signed;
}

const char *stage_port(arena *mem, const dataflow_stage *s, int input) {
  return s->input_count == 1 ? "s" : arena_printf(mem, "s%d", input);
}

int64_t dataflow_permutation_bits(const dataflow_design *design, const dataflow_stage *s, int k) {
  const dataflow_input *in = &s->inputs[k];
  int lanes = dataflow_source_lanes(design, in->source);
  int registers = (lanes != in->shape.c) + (dataflow_input_lanes(s, k) != in->shape.c);
  return dataflow_is_permuted(design, in) ? (int64_t)registers * in->shape.c * in->bits : 0;
}
