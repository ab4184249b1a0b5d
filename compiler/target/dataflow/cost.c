// SPDX-License-Identifier: Apache-2.0
//
// Counts what a streaming accelerator is built of, part by part as the graph has them (describe.c): what stands before
// a layer, the layer by its kind, what stands behind it; its multipliers.
#include "compiler/target/dataflow/cost.h"
#include "compiler/target/dataflow/accesses.h"
#include "compiler/target/dataflow/load.h"

// A width converter.
static void gearbox(double in, double out, int64_t per_beat, double beats, cost_logic *to) {
  double most = in > out ? in : out;
  if (in == out)
    return;
  cost_register(to, SYNTH_CONTROL, most, beats);
  if (in > out) // what is left moves down
    cost_add(to, SYNTH_CONTROL, COST_SELECT, most, beats);
  cost_counter(to, SYNTH_CONTROL, per_beat, beats);
}

// Where neither width divides the other: a queue of units, into any place of which a beat comes.
static void queue(int in, int out, int bits, double beats, cost_logic *to) {
  int unit = (int)gcd64(in, out), i = in / unit, o = out / unit, units = i + o + (i < o ? i : o) - 1;
  double all = (double)units * unit * bits;
  cost_register(to, SYNTH_CONTROL, all, beats);
  cost_add(to, SYNTH_CONTROL, COST_SELECT, all * (i < o ? i : o), beats);
  cost_counter(to, SYNTH_CONTROL, units + 1, beats);
}

static void converted(int in, int out, int bits, int64_t codes, cost_logic *to) {
  int most = in > out ? in : out, least = in > out ? out : in;
  double beats = (double)codes / least;
  if (most % least)
    queue(in, out, bits, beats, to);
  else
    gearbox((double)in * bits, (double)out * bits, most / least, beats, to);
}

static void slice(double bits, double beats, cost_logic *to) {
  cost_register(to, SYNTH_CONTROL, 2 * bits + 2, beats);
  cost_add(to, SYNTH_CONTROL, COST_SELECT, bits, beats);
}

static void fifo(int64_t depth, double bits, double beats, cost_logic *to) {
  if (depth == 2) {
    slice(bits, beats, to);
    return;
  }
  cost_register(to, SYNTH_CONTROL, bits + 1, beats);
  for (int i = 0; i < 3 && depth > 2; i++)
    cost_counter(to, SYNTH_CONTROL, i < 2 ? depth - 1 : depth, beats);
}

// What brings a stream to input k of a layer.
static void before(const dataflow_design *design, const dataflow_stage *s, int k, cost_logic *to) {
  const dataflow_input *in = &s->inputs[k];
  int lanes = dataflow_source_lanes(design, in->source), wanted = dataflow_input_lanes(s, k);
  int64_t codes = net_shape_size(in->shape);
  if (in->fifo)
    fifo(in->fifo, (double)lanes * in->bits, (double)codes / lanes, to);
  if (dataflow_is_permuted(design, in)) {
    converted(lanes, in->shape.c, in->bits, codes, to);
    converted(in->shape.c, wanted, in->bits, codes, to);
  } else
    converted(lanes, wanted, in->bits, codes, to);
}

static void forked(const dataflow_design *design, int source, double beats, cost_logic *to) {
  int receivers = dataflow_receivers(design, source, NULL);
  if (receivers < 2)
    return;
  cost_add(to, SYNTH_REGISTERS, COST_FLIP_FLOP, receivers, beats);
  cost_add(to, SYNTH_CONTROL, COST_COUNT, receivers, beats);
}

static void multipliers(arena *mem, const dataflow_stage *s, cost_part *part) {
  dataflow_run r = {0};
  while (dataflow_next_run(s, &r))
    cost_add_multipliers(mem, part,
                         (cost_multiplying){.mul = r.mul,
                                            .node = s->node,
                                            .count = (double)r.count,
                                            .products = (double)r.count * (double)s->cycles,
                                            .held = stage_mvu_held(s)});
}

// What takes the words that are loaded, and holds images back meanwhile.
static void load_port(const dataflow_design *design, const graph *g, cost_logic *to) {
  if (!dataflow_loads(design))
    return;
  const int64_t counters[] = {dataflow_load_beats(g), dataflow_image_beats(design),
                              1 << 16}; // the last: of images inside
  cost_register(to, SYNTH_CONTROL, 33, 0);
  cost_add(to, SYNTH_REGISTERS, COST_FLIP_FLOP, 7, 0);
  for (size_t i = 0; i < BASE_COUNT(counters); i++)
    cost_counter(to, SYNTH_CONTROL, counters[i], 0);
}

void dataflow_cost(arena *mem, const dataflow_design *design, const graph *g, cost_counts *out) {
  cost_from_graph(mem, g, out);
  cost_part *parts = out->parts;
  size_t first = g->part_count - 1 - design->count; // one for the image, where it goes to several layers
  for (size_t i = 0; i < design->count; i++) {
    const dataflow_stage *s = &design->stages[i];
    cost_part *part = &parts[first + i];
    for (int k = 0; k < s->input_count; k++)
      before(design, s, k, &part->logic);
    STAGE_KINDS[s->kind].cost(s, &part->logic);
    if (s->slice)
      slice((double)s->out_lanes * s->out_bits, (double)dataflow_output_beats(s), &part->logic);
    forked(design, (int)i, (double)dataflow_output_beats(s), &part->logic);
    if (s->kind == DATAFLOW_MVU)
      multipliers(mem, s, part);
  }
  if (first)
    forked(design, DATAFLOW_IMAGE, (double)dataflow_image_beats(design), &parts[0].logic);
  cost_counter(&parts[out->count - 1].logic, SYNTH_CONTROL, dataflow_output_beats(dataflow_last(design)), 0);
  load_port(design, g, &parts[out->count - 1].logic);
  out->luts = true;
  out->cycles = (double)design->predicted_cycles;
  accesses_of(mem, design, g, &out->accesses);
  accesses_memories(mem, design, g, out);
}

cost_row dataflow_cost_sum(arena *mem, const dataflow_design *design, const graph *g) {
  cost_counts counts;
  cost_multiplier muls[CONFIG_MAX_MULS] = {{0}};
  dataflow_cost(mem, design, g, &counts);
  cost_multipliers(mem, design->cfg, muls);
  return cost_of_logic(&counts, muls, design->cfg->clock_ns);
}
