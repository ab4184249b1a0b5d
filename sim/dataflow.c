// SPDX-License-Identifier: Apache-2.0
//
// Builds and runs the co-simulation of a dataflow accelerator in a temporary folder.
#include "compiler/tool/tool.h"
#include "sim/internal.h"

#include <stdlib.h>
#include <string.h>

// Far above what any stall pattern makes of the slowest layer; a hang is found soon all the same.
static int64_t watchdog(const hw_design *design) { return 200 * design->predicted_cycles + 100000; }

static bool write_input(arena *mem, const hw_design *design, const dataset *data, const sim_options *opt,
                        const char *dir, diag *d) {
  size_t pixels = (size_t)net_shape_size(data->shape);
  int32_t *codes = arena_new_array(mem, int32_t, pixels);
  str beats = {0};
  for (size_t n = 0; n < opt->images; n++) {
    infer_input_codes(design->cfg->net, data->pixels + (opt->first + n) * pixels, codes);
    emit_input_beats(design, codes, &beats);
  }
  bool ok = file_write(path_join(mem, dir, "input.hex"), beats.data, beats.len, d);
  str_free(&beats);
  return ok;
}

// The log's lines are described in rtl_templates/sim/tb_dataflow.v.
bool sim_read_log(arena *mem, const char *path, const sim_options *opt, sim_result *out, diag *d) {
  bytes text;
  if (!file_read(mem, path, 1 << 28, &text, d))
    return false;
  int64_t first_input = -1, first_end = -1, last_end = -1, cycle;
  size_t ends = 0;
  bool done = false;
  for (char *line = strtok((char *)text.data, "\n"); line; line = strtok(NULL, "\n")) {
    if (strncmp(line, "error", 5) == 0)
      return diag_check(d, "the testbench found: %s", line);
    if (sscanf(line, "first_input %ld", &cycle) == 1)
      first_input = cycle;
    else if (sscanf(line, "output_last %*d %ld", &cycle) == 1) {
      first_end = first_end < 0 ? cycle : first_end;
      last_end = cycle;
      ends++;
    } else if (sscanf(line, "cycles %ld", &cycle) == 1)
      out->total_cycles = cycle;
    else if (strcmp(line, "done") == 0)
      done = true;
  }
  if (!done || ends != opt->images)
    return diag_check(d, "the simulation ended after %zu of %zu images", ends, opt->images);
  out->first_output_latency = first_end - first_input;
  if (!opt->stalls && ends > 1)
    out->cycles_per_image = (double)(last_end - first_end) / (double)(ends - 1);
  return true;
}

static bool run_tool(arena *mem, const char *dir, const char *const *argv, const char *log_name, diag *d) {
  return tool_run(&(tool_job){.argv = argv, .dir = dir, .log = path_join(mem, dir, log_name)}, d);
}

static bool build_verilator(arena *mem, const hw_design *design, const char *dir, const char *in_w, const char *out_w,
                            diag *d) {
  // Multipliers stay modules of their own: inlined hundreds of times they make the C++ compiler the slowest part.
  str control = {0};
  str_add(&control, "`verilator_config\n");
  for (size_t m = 0; m < design->cfg->mul_count; m++)
    str_printf(&control, "no_inline -module \"%s\"\n", design->cfg->muls[m]->ident);
  bool ok = file_write(path_join(mem, dir, "sim.vlt"), control.data, control.len, d);
  str_free(&control);
  const char *const argv[] = {"verilator",
                              "--cc",
                              "--exe",
                              "--build",
                              "-j",
                              "2",
                              "-O3",
                              "-Wno-fatal",
                              "-Wno-lint",
                              "-Wno-style",
                              "--x-assign",
                              "fast",
                              "+define+AXGEN_TRACE",
                              "-CFLAGS",
                              "-O2",
                              "--Mdir",
                              "obj",
                              "--prefix",
                              "Vtb",
                              "--top-module",
                              "tb_dataflow",
                              in_w,
                              out_w,
                              "sim.vlt",
                              "-f",
                              "sim.f",
                              data_path(mem, "rtl_templates/sim/main.cpp"),
                              "-o",
                              "simulation",
                              NULL};
  return ok && run_tool(mem, dir, argv, "build.log", d);
}

static bool build_icarus(arena *mem, const char *dir, const char *in_w, const char *out_w, bool tables, diag *d) {
  const char *argv[20] = {"iverilog",  "-g2005", "-DAXGEN_TRACE", "-o", "simulation.vvp", "-s",
                          "tb_icarus", in_w,     out_w,           "-f", "sim.f"};
  if (tables) {
    argv[11] = "-s";
    argv[12] = "axgen_tables";
  }
  return run_tool(mem, dir, argv, "build.log", d);
}

static bool simulate(arena *mem, const hw_design *design, const dataset *data, const sim_options *opt, const char *dir,
                     sim_result *out, diag *d) {
  fileset files = {0};
  if (!emit_dataflow(mem, design, &files, d) || !fileset_write(&files, dir, d) ||
      !dir_make(path_join(mem, dir, "trace"), d) || !write_input(mem, design, data, opt, dir, d))
    return false;
  str list = {0};
  for (size_t i = 0; i < files.count; i++)
    if (strcmp(files.files[i].name, "axgen.f") == 0)
      str_add_n(&list, files.files[i].data, files.files[i].size);
  const char *prefix = opt->icarus ? "-P" : "-G";
  const char *scope = opt->icarus ? "tb_icarus." : "";
  const char *in_w = arena_printf(mem, "%s%sIN_W=%d", prefix, scope, 8 * emit_input_bytes(design));
  const char *out_w = arena_printf(mem, "%s%sOUT_W=%d", prefix, scope, 8 * emit_output_bytes(design));
  double start = clock_seconds();
  bool tables = opt->icarus && !opt->gates;
  bool ok = !tables || sim_prove_multipliers(mem, design, dir, &list, out, d);
  str_printf(&list, "%s\n%s\n", data_path(mem, "rtl_templates/sim/axgen_stream_trace.v"),
             data_path(mem, "rtl_templates/sim/tb_dataflow.v"));
  if (opt->icarus)
    str_printf(&list, "%s\n", data_path(mem, "rtl_templates/sim/tb_icarus.v"));
  ok = ok && file_write(path_join(mem, dir, "sim.f"), list.data, list.len, d);
  str_free(&list);
  ok = ok && (opt->icarus ? build_icarus(mem, dir, in_w, out_w, out->multipliers_proven > 0, d)
                          : build_verilator(mem, design, dir, in_w, out_w, d));
  out->build_seconds = clock_seconds() - start;
  if (!ok)
    return false;

  const hw_stage *first = &design->stages[0], *last = &design->stages[design->count - 1];
  const char *plus[] = {
      "+input=input.hex",
      "+output=output.hex",
      "+log=sim.log",
      arena_printf(mem, "+images=%zu", opt->images),
      arena_printf(mem, "+beats_in=%lld", (long long)(net_shape_size(first->in) / first->in_lanes)),
      arena_printf(mem, "+beats_out=%lld", (long long)(net_shape_size(last->out) / last->out_lanes)),
      arena_printf(mem, "+stalls=%u", opt->stalls),
      arena_printf(mem, "+timeout=%lld", (long long)watchdog(design)),
  };
  const char *argv[16] = {0};
  size_t n = 0;
  if (opt->icarus) {
    argv[n++] = "vvp";
    argv[n++] = "-n";
    argv[n++] = "simulation.vvp";
  } else {
    argv[n++] = path_join(mem, dir, "obj/simulation");
  }
  for (size_t i = 0; i < BASE_COUNT(plus); i++)
    argv[n++] = plus[i];
  start = clock_seconds();
  ok = run_tool(mem, dir, argv, "run.log", d);
  out->run_seconds = clock_seconds() - start;
  return ok && sim_read_log(mem, path_join(mem, dir, "sim.log"), opt, out, d) &&
         sim_compare(mem, design, data, opt, dir, out, d);
}

bool sim_dataflow(arena *mem, const hw_design *design, const dataset *data, const sim_options *opt, sim_result *out,
                  diag *d) {
  *out = (sim_result){.simulator = opt->icarus ? tool_version(mem, "iverilog", "-V")
                                               : tool_version(mem, "verilator", "--version")};
  const char *program = opt->icarus ? "iverilog" : "verilator";
  char *dir;
  if (!tool_find(mem, program, d) || !tool_temp_dir(mem, &dir, d))
    return false;
  bool ok = simulate(mem, design, data, opt, dir, out, d);
  if (opt->keep)
    out->folder = dir;
  else
    tool_temp_remove(dir);
  return ok;
}
