// SPDX-License-Identifier: Apache-2.0
//
// All files of a dataflow accelerator.
#include "compiler/base/escape.h"
#include "compiler/target/common/cores.h"
#include "compiler/target/common/package.h"
#include "compiler/target/common/rename.h"
#include "compiler/target/dataflow/feed.h"
#include "compiler/target/dataflow/load.h"

#include <string.h>

static void add_multipliers(arena *mem, const dataflow_design *design, fileset *out) {
  const config *cfg = design->cfg;
  bool used[CONFIG_MAX_MULS] = {false};
  dataflow_multipliers(design, used);
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

bool dataflow_emit_verilog(arena *mem, const dataflow_design *design, const origin *made_from, fileset *out, diag *d) {
  fileset own = {0};
  const graph *g = dataflow_emit_graph(mem, design);
  add_multipliers(mem, design, &own);
  dataflow_emit_adders(mem, design, made_from, &own);
  for (size_t i = 0; i < design->count; i++) {
    const dataflow_stage *s = &design->stages[i];
    str text = {0};
    head(made_from, arena_printf(mem, "Layer %s", escaped(mem, escape_comment, s->name)), &text);
    if (s->rom_bits > 0)
      package_define_rom(mem, design->cfg->name, &text);
    dataflow_emit_layer(mem, design, g, s, &text);
    fileset_add_str(mem, &own, arena_printf(mem, "%s.v", dataflow_emit_module(mem, s)), &text);
  }
  str top = {0};
  head(made_from, "Top of the accelerator", &top);
  dataflow_emit_top(mem, design, g, &top);
  fileset_add_str(mem, &own, TARGET_TOP ".v", &top);
  if (!cores_add(mem, &own, out, d))
    return false;
  for (size_t i = 0; i < own.count; i++)
    fileset_add(mem, out, own.files[i].name, own.files[i].data, own.files[i].size);
  return true;
}

// ---- the testbench ------------------------------------------------------------------------------------------------
// Images as they go in and values as they come out.
static void add_test_data(arena *mem, const dataflow_design *design, const target_images *in, fileset *out) {
  const network *net = design->cfg->net;
  size_t size = (size_t)net_shape_size(net->nodes[0].shape);
  int32_t **values = infer_buffers(mem, net), *codes = arena_new_array(mem, int32_t, size);
  str input = {0}, expected = {0};
  for (size_t i = in->first; i < in->first + in->count; i++) {
    infer_input_codes(net, in->data->pixels + i * size, codes);
    dataflow_emit_input_beats(design, codes, &input);
    ref_run(design->model, in->data->pixels + i * size, values);
    dataflow_emit_output_beats(mem, design, values[net->count - 1], &expected);
  }
  fileset_add_str(mem, out, "tb/images.hex", &input);
  fileset_add_str(mem, out, "tb/expected.hex", &expected);
}

const char *dataflow_emit_fed(arena *mem, const dataflow_design *design, const graph *g, diag *d) {
  bytes feed;
  size_t ports;
  if (!file_read(mem, data_path(mem, "rtl_templates/sim/axgen_feed.v"), 1 << 20, &feed, d))
    return NULL;
  const verilog_port *top = dataflow_emit_ports(mem, design, &ports);
  str text = {0};
  str_add(&text, "`default_nettype none\n\n");
  feed_emit_simulation(mem, design, g, top, ports, &text);
  str_add(&text, "\n");
  str_add_n(&text, (const char *)feed.data, feed.size);
  const char *copy = arena_strdup(mem, text.data);
  str_free(&text);
  return copy;
}

static bool add_test(arena *mem, const dataflow_design *design, const origin *made_from, const target_test *test,
                     fileset *out, diag *d) {
  size_t images = test->images.count;
  const graph *g = dataflow_emit_graph(mem, design);
  bool loads = dataflow_loads(design), feeds = dataflow_feeds(design);
  const char *macros[3] = {NULL}, *also = NULL;
  size_t n = 0;
  if (loads)
    macros[n++] = "AXGEN_LOAD";
  if (feeds)
    macros[n++] = "AXGEN_STREAM";
  if (feeds && !(also = dataflow_emit_fed(mem, design, g, d)))
    return false;
  const package_parameter parameters[] = {
      {"IN_W", arena_printf(mem, "%d", 8 * dataflow_emit_input_bytes(design))},
      {"OUT_W", arena_printf(mem, "%d", 8 * dataflow_emit_output_bytes(design))},
      {"IMAGES", arena_printf(mem, "%zu", images)},
      {"BEATS_IN", arena_printf(mem, "%lld", (long long)dataflow_image_beats(design))},
      {"BEATS_OUT", arena_printf(mem, "%lld", (long long)dataflow_output_beats(dataflow_last(design)))},
      {"TIMEOUT", arena_printf(mem, "%lld", (long long)clamp64(dataflow_cycle_limit(design), 0, INT32_MAX - 1))},
      {"INPUT", "{FOLDER, \"/tb/images.hex\"}"},
      {"EXPECTED", "{FOLDER, \"/tb/expected.hex\"}"},
      {"FOLDER", "FOLDER"},
      {loads ? "LOAD_BEATS" : NULL, arena_printf(mem, "%lld", (long long)dataflow_load_beats(g))},
      {"LOAD_WORDS", "{FOLDER, \"/tb/words.hex\"}"},
      {NULL, NULL}};
  const package_test t = {"sim/axgen_check_stream", parameters, images, test->source, macros, also};
  return package_add_test(mem, made_from, &t, out, d);
}

bool dataflow_emit(arena *mem, const dataflow_design *design, const target_test *test, fileset *out, diag *d) {
  static const package_top TOPS[] = {{TARGET_TOP, "clk"}};
  origin made_from;
  if (!origin_of(mem, design->cfg, &made_from, d) || !dataflow_emit_verilog(mem, design, &made_from, out, d))
    return false;
  cores_file_list(mem, design->cfg->name,
                  "Verilog files of the accelerator; run tools from this folder (the ROM images are found from it)",
                  out);
  if (test && !add_test(mem, design, &made_from, test, out, d))
    return false;
  rename_modules(mem, out, design->cfg->name);
  const char *words = dataflow_emit_roms(mem, design, out);
  if (words)
    load_add_file(mem, words, out);
  if (words && test)
    fileset_add(mem, out, "tb/words.hex", words, strlen(words));
  if (test)
    add_test_data(mem, design, &test->images, out);
  package_add(mem, &made_from, TOPS, BASE_COUNT(TOPS), out);
  char *manifest = dataflow_emit_manifest(mem, design, &made_from, out);
  fileset_add(mem, out, "manifest.json", manifest, strlen(manifest));
  return true;
}
