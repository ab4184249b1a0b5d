// SPDX-License-Identifier: Apache-2.0
//
// Builds and runs the co-simulation of a dataflow accelerator in a temporary folder.
#include "compiler/target/common/rename.h"
#include "compiler/target/common/simulator.h"
#include "compiler/target/dataflow/cosim_internal.h"
#include "compiler/target/dataflow/feed.h"
#include "compiler/target/dataflow/load.h"
#include "compiler/tool/tool.h"
#include "sim/gates/gates.h"
#include "sim/sim.h"

#include <stdlib.h>
#include <string.h>

// Cycles that the testbench grants an image; it counts in 32 bits.
static int64_t watchdog(const dataflow_design *design) {
  return clamp64(dataflow_cycle_limit(design), 0, INT32_MAX - 1);
}

static bool write_input(arena *mem, const dataflow_design *design, const dataset *data, const dataflow_sim_options *opt,
                        const char *dir, diag *d) {
  size_t pixels = (size_t)net_shape_size(data->shape);
  int32_t *codes = arena_new_array(mem, int32_t, pixels);
  str beats = {0};
  for (size_t n = 0; n < opt->images; n++) {
    infer_input_codes(design->cfg->net, data->pixels + (opt->first + n) * pixels, codes);
    dataflow_emit_input_beats(design, codes, &beats);
  }
  bool ok = file_write(path_join(mem, dir, "input.hex"), beats.data, beats.len, d);
  str_free(&beats);
  return ok;
}

// The log's lines are described in rtl_templates/sim/tb_dataflow.v.
bool dataflow_sim_read_log(arena *mem, const dataflow_design *design, const graph *g, const char *dir,
                           const dataflow_sim_options *opt, dataflow_sim_result *out, diag *d) {
  bytes text;
  if (!file_read(mem, path_join(mem, dir, "sim.log"), 1 << 28, &text, d))
    return diag_blame(d, "the simulator");
  int64_t first_input = -1, last_input = -1, first_end = -1, last_end = -1, cycle;
  size_t ends = 0;
  bool done = false;
  for (char *line = strtok((char *)text.data, "\n"); line; line = strtok(NULL, "\n")) {
    if (strcmp(line, "error timeout") == 0)
      return dataflow_sim_stuck(mem, design, g, dir, strtok(NULL, "\n"), opt->first, watchdog(design), d);
    if (strncmp(line, "error", 5) == 0)
      return diag_check(d, "the testbench found: %s", line);
    if (sscanf(line, "first_input %ld", &cycle) == 1)
      first_input = cycle;
    else if (sscanf(line, "last_input %ld", &cycle) == 1)
      last_input = cycle;
    else if (sscanf(line, "output_last %*d %ld", &cycle) == 1) {
      first_end = first_end < 0 ? cycle : first_end;
      last_end = cycle;
      ends++;
    } else if (sscanf(line, "cycles %ld", &cycle) == 1)
      out->total_cycles = cycle;
    else if (strcmp(line, "done") == 0)
      done = true;
  }
  if (!done)
    return diag_tool(d, "the simulator ended before the testbench did, after %zu of %zu image%s", ends, opt->images,
                     plural(opt->images));
  if (ends != opt->images)
    return diag_check(d, "the simulation ended after %zu of %zu image%s", ends, opt->images, plural(opt->images));
  out->first_input = first_input;
  out->last_input = last_input;
  out->first_end = first_end;
  out->last_end = last_end;
  out->from = first_input;
  out->to = last_end + 1;
  out->images_inside = ends;
  if (opt->stalls) // says nothing of the rate
    return true;
  out->first_output_latency = first_end - first_input;
  if (ends > 1)
    out->cycles_per_image = (double)(last_end - first_end) / (double)(ends - 1);
  return true;
}

// The multipliers in use for which a model can stand, each once; returns how many.
static size_t with_model(const dataflow_design *design, const mul **list) {
  bool used[CONFIG_MAX_MULS] = {false};
  size_t count = 0;
  dataflow_multipliers(design, used);
  for (size_t i = 0; i < design->cfg->mul_count; i++) {
    size_t j = 0;
    while (j < count && list[j] != design->muls[i])
      j++;
    if (used[i] && j == count && sim_has_model(design->muls[i]))
      list[count++] = design->muls[i];
  }
  return count;
}

// The top of the simulation: the testbench, after the multipliers were proven where there is a prover.
static void sim_top(const dataflow_design *design, bool prove, bool icarus, str *out) {
  str_add(out, dataflow_loads(design) ? "`define AXGEN_LOAD\n\n" : "");
  str_add(out, dataflow_feeds(design) ? "`define AXGEN_STREAM\n\n" : "");
  str_printf(out,
             "module tb_sim (input wire clk);\n"
             "%s"
             "    tb_dataflow #(.IN_W(%d), .OUT_W(%d)) tb (.clk(clk%s));\n"
             "endmodule\n",
             prove ? "    wire proven;\n"
                     "    axgen_tables axgen_tables ();\n"
                     "    axgen_prove prove (.clk(clk), .done(proven));\n"
                   : "",
             8 * dataflow_emit_input_bytes(design), 8 * dataflow_emit_output_bytes(design), prove ? " & proven" : "");
  if (icarus)
    str_add(out, "\nmodule tb_sim_clock;\n"
                 "    reg clk = 1'b0;\n"
                 "    always #5 clk = ~clk;\n"
                 "    tb_sim top (.clk(clk));\n"
                 "endmodule\n");
}

static bool build(arena *mem, const char *dir, const dataflow_sim_options *opt, simulator_waves waves, diag *d) {
  const simulator_model m = {.icarus = opt->icarus,
                             .top = opt->icarus ? "tb_sim_clock" : "tb_sim",
                             .list = "sim.f",
                             .trace = true,
                             .pins = opt->recorder,
                             .waves = waves,
                             .main = "main.cpp",
                             .level = "-O1"};
  return simulator_build(mem, dir, &m, d);
}

static bool add_testbench(arena *mem, fileset *files, diag *d) {
  static const char *const FILES[] = {"axgen_stream_trace.v", "axgen_fifo_watch.v", "tb_dataflow.v", "main.cpp"};
  for (size_t i = 0; i < BASE_COUNT(FILES); i++) {
    bytes text;
    if (!file_read(mem, data_path(mem, arena_printf(mem, "rtl_templates/sim/%s", FILES[i])), 1 << 20, &text, d))
      return false;
    fileset_add(mem, files, FILES[i], text.data, text.size);
  }
  return true;
}

static bool is_one_of(arena *mem, const char *file, const mul *const *muls, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (strcmp(file, arena_printf(mem, "%s.v", muls[i]->ident)) == 0)
      return true;
  return false;
}

// The accelerator's files, the testbench's, and the file list of all; with provers the models take the place of the
// multipliers' own files.
static bool write_sources(arena *mem, const dataflow_design *design, const dataflow_sim_options *opt,
                          const mul *const *muls, size_t mul_count, const char *dir, diag *d) {
  fileset verilog = {0}, files = {0};
  if (!dataflow_emit_verilog(mem, design, NULL, &verilog, d))
    return false;
  for (size_t i = 0; i < verilog.count; i++)
    if (!is_one_of(mem, verilog.files[i].name, muls, mul_count))
      fileset_add(mem, &files, verilog.files[i].name, verilog.files[i].data, verilog.files[i].size);
  if (mul_count)
    sim_add_provers(mem, muls, mul_count, &files);
  str top = {0}, list = {0};
  sim_top(design, mul_count > 0, opt->icarus, &top);
  fileset_add_str(mem, &files, "tb_sim.v", &top);
  if (!add_testbench(mem, &files, d))
    return false;
  if (dataflow_feeds(design)) {
    const char *fed = dataflow_emit_fed(mem, design, dataflow_emit_graph(mem, design), d);
    if (!fed)
      return false;
    fileset_add(mem, &files, FEED_MODULE ".v", fed, strlen(fed));
  }
  if (opt->recorder)
    fileset_add(mem, &files, GATES_RECORDER, opt->recorder, strlen(opt->recorder));
  rename_modules(mem, &files, design->cfg->name);
  for (size_t i = 0; i < files.count; i++)
    if (str_ends_with(files.files[i].name, ".v"))
      str_printf(&list, "%s\n", files.files[i].name);
  fileset_add_str(mem, &files, "sim.f", &list);
  const char *words = dataflow_emit_roms(mem, design, &files);
  if (words)
    fileset_add(mem, &files, "words.hex", words, strlen(words));
  return fileset_write(&files, dir, d) && dir_make(path_join(mem, dir, "trace"), d);
}

// One run of what was built, and the comparison of all its streams. `prove`: with the proof of the multipliers first.
static bool run(arena *mem, const dataflow_design *design, const graph *g, const dataset *data,
                const dataflow_sim_options *opt, bool prove, const char *dir, dataflow_sim_result *out, diag *d) {
  const char *const plus[] = {
      "+input=input.hex",
      "+output=output.hex",
      "+log=sim.log",
      arena_printf(mem, "+images=%zu", opt->images),
      arena_printf(mem, "+beats_in=%lld", (long long)dataflow_image_beats(design)),
      arena_printf(mem, "+beats_out=%lld", (long long)dataflow_output_beats(dataflow_last(design))),
      arena_printf(mem, "+stalls=%u", opt->stalls),
      arena_printf(mem, "+timeout=%lld", (long long)watchdog(design)),
      arena_printf(mem, "+load_beats=%lld", (long long)(dataflow_loads(design) ? dataflow_load_beats(g) : 0)),
      "+words=words.hex",
      prove ? NULL : "+proven",
      NULL};
  double start = clock_seconds();
  // The proof of the multipliers comes first and writes no cycles; random gaps double the time.
  const sim_watch watch = {.label = "simulating",
                           .log = "sim.log",
                           .cycles = design->predicted_cycles * (int64_t)(opt->images + 1) * (opt->stalls ? 2 : 1)};
  bool ok = simulator_run(mem, dir, opt->icarus, plus, opt->images, &watch, opt->waves, d);
  out->run_seconds += clock_seconds() - start;
  return ok && dataflow_sim_read_log(mem, design, g, dir, opt, out, d) &&
         dataflow_sim_compare(mem, design, g, data, opt, dir, out, d) && dataflow_sim_fill(mem, design, g, dir, out, d);
}

// So many images, from image `first` on, the data set's again after its last.
static dataset repeated(arena *mem, const dataset *data, size_t first, size_t count) {
  size_t pixels = (size_t)net_shape_size(data->shape);
  uint8_t *all = arena_alloc(mem, count * pixels);
  for (size_t n = 0; n < count; n++)
    memcpy(all + n * pixels, data->pixels + (first + n) % data->count * pixels, pixels);
  return (dataset){.shape = data->shape, .count = count, .pixels = all};
}

// Images until opt->images of them pass between the first one's end, when every stage has work, and the end of the
// input.
static bool run_steady(arena *mem, const dataflow_design *design, const graph *g, const dataset *data,
                       const dataflow_sim_options *opt, bool prove, const char *dir, dataflow_sim_result *out,
                       diag *d) {
  enum { TRIES = 6, FEWEST = 3 };
  dataflow_sim_options more = *opt;
  more.first = 0;
  more.images = opt->images + FEWEST;
  for (int i = 0; i < TRIES; i++) {
    dataset images = repeated(mem, data, opt->first, more.images);
    out->values_compared = 0;
    if (!write_input(mem, design, &images, &more, dir, d) ||
        !run(mem, design, g, &images, &more, prove && i == 0, dir, out, d))
      return false;
    int64_t full = out->last_input - out->first_end;
    size_t inside = full > 0 ? (size_t)((double)full / out->cycles_per_image) : 0;
    if (inside >= opt->images) {
      out->from = out->first_end + 1;
      out->to = out->from + (int64_t)((double)opt->images * out->cycles_per_image + 0.5);
      out->images_inside = opt->images;
      return true;
    }
    more.images += opt->images - inside + 1;
  }
  return diag_tool(d, "the accelerator is never busy throughout, though %zu images were simulated", more.images);
}

static bool simulate(arena *mem, const dataflow_design *design, const dataset *data, const dataflow_sim_options *opt,
                     const char *dir, dataflow_sim_result *out, diag *d) {
  const mul *muls[CONFIG_MAX_MULS];
  const graph *g = dataflow_emit_graph(mem, design);
  size_t mul_count = opt->gates ? 0 : with_model(design, muls);
  simulator_waves waves;
  if (!simulator_waves_of(mem, opt->waves, &waves, d) ||
      !sim_prove_functions(mem, muls, mul_count, opt->all_pairs, &out->proofs, d))
    return false;
  double start = clock_seconds();
  if (!write_sources(mem, design, opt, muls, mul_count, dir, d) || !write_input(mem, design, data, opt, dir, d) ||
      !build(mem, dir, opt, waves, d))
    return false;
  out->build_seconds = clock_seconds() - start;

  bool twice = opt->stalls || opt->waves; // the rate is taken without stalls, and no proof of multipliers in waveforms
  if (twice) { // a few images
    dataflow_sim_options free_running = *opt;
    free_running.stalls = 0;
    free_running.waves = NULL;
    free_running.images = opt->images < 4 ? opt->images : 4;
    dataflow_sim_result rate = {0};
    if (!run(mem, design, g, data, &free_running, mul_count, dir, &rate, d))
      return false;
    out->cycles_per_image = rate.cycles_per_image;
    out->first_output_latency = rate.first_output_latency;
    out->run_seconds = rate.run_seconds;
    out->fifos = rate.fifos;
  }
  if (opt->steady ? !run_steady(mem, design, g, data, opt, twice ? 0 : mul_count, dir, out, d)
                  : !run(mem, design, g, data, opt, twice ? 0 : mul_count, dir, out, d))
    return false;
  return (!mul_count || sim_check_proofs(mem, muls, mul_count, dir, d)) && simulator_pins(mem, dir, opt->pins, d);
}

bool dataflow_sim(arena *mem, const dataflow_design *design, const dataset *data, const dataflow_sim_options *opt,
                  dataflow_sim_result *out, diag *d) {
  char *dir;
  *out = (dataflow_sim_result){0};
  if (!simulator_find(mem, opt->icarus, &out->simulator, d) || !tool_temp_dir(mem, &dir, d))
    return false;
  bool ok = simulate(mem, design, data, opt, dir, out, d);
  if (opt->keep) {
    tool_temp_keep(dir);
    out->folder = dir;
  } else
    tool_temp_remove(dir);
  return ok;
}
