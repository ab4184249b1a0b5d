// SPDX-License-Identifier: Apache-2.0
//
// accelerator CONFIG FOLDER: writes the accelerator to FOLDER, synthesises it and runs the energy proxy on random
// images; checks that the sums are right and that the proxy's operands are those of the network. Lines `ok ...`, `FAIL
// ...`.
#include "compiler/target/dataflow/energy.h"
#include "compiler/target/dataflow/emit.h"
#include "compiler/target/list.h"
#include "synth/internal.h"

#include <math.h>
#include <string.h>

static int failures;
static void expect(bool ok, const char *what) {
  printf("%s %s\n", ok ? "ok  " : "FAIL", what);
  failures += !ok;
}
static bool near(double a, double b) { return fabs(a - b) <= 1e-6 * (1 + fabs(b)); }

// The bits of a part's memories, as the graph describes them.
static int64_t described(const graph *g, size_t part, synth_role role) {
  int64_t bits = 0;
  for (size_t i = 0; i < g->memory_count; i++) {
    const graph_memory *m = &g->memories[i];
    if (m->role == role && g->instances[m->instance].part == part)
      bits += m->width * m->depth * m->count;
  }
  return bits;
}

static int64_t described_multipliers(const graph *g, size_t part) {
  int64_t count = 0;
  for (size_t i = 0; i < g->instance_count; i++)
    if (g->instances[i].mul && g->instances[i].part == part)
      count += g->instances[i].count;
  return count;
}

// What is synthesised is what the graph says.
static void check_graph(const graph *g, const synth_result *r) {
  bool ram = true, rom = true, count = true;
  for (size_t i = 0; i < r->layer_count; i++) {
    ram = ram && r->layers[i].area.ram_bits == described(g, i, SYNTH_RAM);
    rom = rom && r->layers[i].area.rom_bits == described(g, i, SYNTH_ROM);
    count = count && r->layers[i].area.multipliers == described_multipliers(g, i);
  }
  expect(ram && r->total.ram_bits > 0, "each layer's RAM bits as described");
  expect(rom && r->total.rom_bits > 0, "each layer's ROM bits as described");
  expect(count && r->total.multipliers > 0, "each layer's multipliers as described");
}

static void check_areas(const dataflow_design *design, const synth_result *r, const synth_mul *muls) {
  double kinds = 0, layers = 0, mul_area = 0;
  int64_t rom = 0, rom_expected = 0;
  bool counts = true;
  for (int k = 0; k < SYNTH_KIND_COUNT; k++)
    kinds += r->total.area[k];
  for (size_t i = 0; i < r->layer_count; i++)
    layers += r->layers[i].area.total, rom += r->layers[i].area.rom_bits;
  expect(near(kinds, r->total.total), "the kinds sum to the total");
  expect(near(layers, r->total.total), "the layers sum to the total");
  for (size_t i = 0; i < design->count; i++) {
    const dataflow_stage *s = &design->stages[i];
    counts = counts && strcmp(r->layers[i].name, s->name) == 0 &&
             r->layers[i].area.multipliers == (s->kind == DATAFLOW_MVU ? s->pe * s->simd : 0);
    rom_expected += s->rom_bits;
    for (int k = 0; s->kind == DATAFLOW_MVU && k < s->pe * s->simd; k++)
      mul_area += muls[s->muls[k]].area;
  }
  expect(counts, "layers in order, each with PE x SIMD multipliers");
  expect(near(mul_area, r->total.area[SYNTH_MULTIPLIERS]), "multipliers as large as on their own");
  expect(rom == rom_expected, "ROM bits as planned");
  expect(r->total.flip_flops > 100 && r->total.area[SYNTH_REGISTERS] > 0, "registers");
  expect(r->timed && r->delay > 0.3 && near(r->slack, r->clock - r->delay), "a register-to-register path");
  expect(r->from_layer && r->to_layer, "its ends are in layers");
}

// Operation i of a multiplier: block of `hold` pixels of a row, group of filters, word of the window, pixel of the
// block.
static size_t block_of(const dataflow_stage *s, size_t i, size_t *pixels, size_t *rest) {
  size_t words = (size_t)s->nf * (size_t)s->sf, row_pixels = (size_t)s->out.w, row = i / (words * row_pixels);
  size_t first = i % (words * row_pixels) / (words * (size_t)s->hold) * (size_t)s->hold;
  *pixels = row_pixels - first < (size_t)s->hold ? row_pixels - first : (size_t)s->hold;
  *rest = i - (row * row_pixels + first) * words;
  return row * row_pixels + first;
}

static size_t pixel_of(const dataflow_stage *s, size_t i) {
  size_t pixels, rest, first = block_of(s, i, &pixels, &rest);
  return first + rest % pixels;
}

static size_t group_of(const dataflow_stage *s, size_t i) {
  size_t pixels, rest;
  block_of(s, i, &pixels, &rest);
  return rest / pixels / (size_t)s->sf;
}

// The products of the proxy's operands, summed, are the layer's accumulators.
static void check_operands(arena *mem, const dataflow_design *design, const synth_mul *muls, const uint8_t *pixels) {
  const network *net = design->cfg->net;
  int32_t **values = infer_buffers(mem, net);
  ref_run(design->model, pixels, values);
  for (size_t k = 0; k < design->count; k++) {
    const dataflow_stage *s = &design->stages[k];
    if (s->kind != DATAFLOW_MVU)
      continue;
    const net_node *node = &net->nodes[s->node];
    dataflow_proxy_job j = {.design = design, .s = s, .node = node, .muls = muls, .images = 1};
    dataflow_proxy_taps(mem, &j);
    size_t n = (size_t)s->cycles, pixels_out = (size_t)s->out.h * (size_t)s->out.w;
    int64_t *acc = arena_new_array(mem, int64_t, (size_t)s->out.c * pixels_out);
    uint16_t *a = arena_new_array(mem, uint16_t, n), *b = arena_new_array(mem, uint16_t, n);
    bool right = true;
    for (int pe = 0; pe < s->pe; pe++)
      for (int lane = 0; lane < s->simd; lane++) {
        const mul *m = muls[s->muls[pe * s->simd + lane]].mul;
        right = right && dataflow_proxy_sequence(&j, values[node->inputs[0]], pe, lane, 8, 8, a, b) == n;
        for (size_t i = 0; i < n; i++) {
          size_t pixel = pixel_of(s, i), nf = group_of(s, i);
          int f = (int)nf * s->pe + pe;
          acc[(size_t)(s->order ? s->order[f] : f) * pixels_out + pixel] += m->table[(uint32_t)a[i] << 8 | b[i]];
        }
      }
    for (int f = 0; f < s->out.c; f++)
      for (size_t p = 0; p < pixels_out; p++) {
        int64_t sum = acc[(size_t)f * pixels_out + p] + infer_folded_bias(net, node, f);
        int64_t y = net_is_raw(net, node) ? sum : net_requantise(node, sum * node->mult[f]);
        right = right && y == values[s->node][(size_t)f * pixels_out + p];
      }
    expect(right, arena_printf(mem, "the operands of %s give its output", s->name));
  }
}

static void check_proxy(arena *mem, const dataflow_design *design, const synth_mul *muls) {
  const network *net = design->cfg->net;
  size_t size = (size_t)net_shape_size(net->nodes[0].shape), images = 3;
  uint8_t *pixels = arena_new_array(mem, uint8_t, images * size);
  rng r = rng_seed(3);
  for (size_t i = 0; i < images * size; i++)
    pixels[i] = (uint8_t)rng_next(&r);
  dataset data = {.shape = net->nodes[0].shape, .count = images, .pixels = pixels};
  proxy_result p, again;
  expect(dataflow_proxy_energy(mem, design, muls, &data, 0, images, &p), "the proxy runs");
  dataflow_proxy_energy(mem, design, muls, &data, 0, images, &again);
  expect(p.toggled_nj == again.toggled_nj && p.toggled_nj > 0, "the same energy twice");
  uint64_t expected = 0;
  for (size_t i = 0; i < net->count; i++)
    if (net_multiplies(&net->nodes[i]))
      expected += (uint64_t)net_multiplications(net, &net->nodes[i]);
  expect(p.operations == expected, "as many multiplications as the network has");
  check_operands(mem, design, muls, pixels);
  str text = {0};
  proxy_text(&p, &text);
  fputs(text.data, stdout);
  str_free(&text);
}

int main(int argc, char **argv) {
  arena *mem = arena_new();
  diag d = {0};
  config *cfg;
  dataflow_design *design;
  fileset files = {0};
  const liberty *lib;
  synth_mul muls[CONFIG_MAX_MULS] = {0};
  synth_result r;
  synth_structure structure;
  if (argc != 3)
    return EXIT_USAGE;
  bool used[CONFIG_MAX_MULS] = {false};
  bool ok = config_read(mem, argv[1], TARGET_READERS, &cfg, &d);
  infer_model model = {0};
  if (ok)
    model = (infer_model){.net = cfg->net, .muls = cfg->muls, .assign = cfg->assign};
  ok = ok && dataflow_plan(mem, cfg, &model, &design, &d);
  const graph *g = NULL;
  if (ok) {
    dataflow_multipliers(design, used);
    g = dataflow_emit_graph(mem, design);
    graph_structure(g, cfg->name, &structure);
  }
  ok = ok && dataflow_emit(mem, design, NULL, &files, &d) && fileset_write(&files, argv[2], &d) &&
       synth_library(mem, cfg->liberty, &lib, &d) &&
       synth_multipliers_used(mem, cfg->muls, cfg->mul_count, used, lib, muls, &d) &&
       synth_design(mem, argv[2], &structure, lib, cfg->clock_ns, &r, &d);
  if (!ok) {
    fputs(d.text.data, stderr);
    return d.exit_code;
  }
  check_areas(design, &r, muls);
  check_graph(g, &r);
  check_proxy(mem, design, muls);
  str text = {0};
  synth_text(&r, &text);
  fputs(text.data, stdout);
  str_free(&text);
  return failures ? EXIT_CHECK : EXIT_OK;
}
