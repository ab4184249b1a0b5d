// SPDX-License-Identifier: Apache-2.0
//
// The tile in Verilator or Icarus.
#include "compiler/target/common/cores.h"
#include "compiler/target/common/rename.h"
#include "compiler/target/common/simulator.h"
#include "compiler/target/fgpu/emit_internal.h"
#include "compiler/tool/tool.h"
#include "sim/gates/gates.h"

#include <stdlib.h>
#include <string.h>

static bool add_testbench(arena *mem, fileset *files, diag *d) {
  static const char *const FILES[] = {"sim/main.cpp",
                                      "fgpu/sim/tb_fgpu.v",
                                      "fgpu/sim/axgen_tile_memory.v",
                                      "fgpu/sim/axgen_stable.v",
                                      "fgpu/sim/tb_icarus.v",
                                      "fgpu/sim/axgen_fgpu_trace.v",
                                      "fgpu/sim/tb_fgpu_axi.v",
                                      "fgpu/sim/tb_fgpu_device.v",
                                      "fgpu/sim/axgen_axi_memory.v",
                                      "fgpu/sim/axgen_axil_master.v",
                                      "fgpu/sim/host_bus.cpp"};
  for (size_t i = 0; i < BASE_COUNT(FILES); i++) {
    bytes text;
    if (!file_read(mem, data_path(mem, arena_printf(mem, "rtl_templates/%s", FILES[i])), 1 << 20, &text, d))
      return false;
    fileset_add(mem, files, strrchr(FILES[i], '/') + 1, text.data, text.size);
  }
  return true;
}

// The C host as an object file: a C compiler takes it as it is.
static bool build_host(arena *mem, const char *dir, diag *d) {
  static const char *const ARGV[] = {"gcc",     "-std=c99", "-pedantic", "-Wall",        "-Wextra",
                                     "-Werror", "-O1",      "-c",        "axgen_host.c", NULL};
  return tool_run(
      &(tool_job){
          .argv = ARGV, .dir = path_join(mem, dir, "host"), .log = path_join(mem, dir, "host.log"), .timeout_s = 600},
      d);
}

// The Verilog files of the testbench, as they are called after the renaming.
static const char *const *bench_files(arena *mem, const fgpu_rtl_options *opt, bool c_host) {
  static const char *const PLAIN[] = {"tb_fgpu.v", "axgen_tile_memory.v", "axgen_stable.v", NULL};
  static const char *const AXI[] = {"tb_fgpu_axi.v",       "tb_fgpu_device.v", "axgen_axi_memory.v",
                                    "axgen_axil_master.v", "axgen_stable.v",   NULL};
  enum { MORE = 3 };
  const char **list = arena_new_array(mem, const char *, BASE_COUNT(AXI) + MORE);
  size_t n = 0;
  if (opt->icarus)
    list[n++] = "tb_icarus.v";
  for (const char *const *f = opt->axi ? AXI + c_host : PLAIN; *f; f++) // the C host needs no tb_fgpu_axi
    list[n++] = renamed_file(mem, opt->name, *f);
  if (opt->trace)
    list[n++] = renamed_file(mem, opt->name, "axgen_fgpu_trace.v");
  return list;
}

static bool build(arena *mem, const fgpu_tile *t, const fgpu_rtl_options *opt, bool c_host, const char *dir, diag *d) {
  static const char *const HOST[] = {"../host/axgen_host.o", "-CFLAGS", "-I../host", NULL};
  verilog_bindings parameters = {.mem = mem};
  simulator_waves waves;
  if (!simulator_waves_of(mem, opt->waves, &waves, d) || (c_host && !build_host(mem, dir, d)))
    return false;
  if (opt->icarus)
    verilog_bind(&parameters, "AXI", "%d", opt->axi);
  verilog_bind(&parameters, "LINES", "%d", (int)div_ceil(t->memory_bytes, FGPU_LINE));
  if (opt->axi)
    verilog_bind(&parameters, "DATA_W", "%d", opt->axi_bits ? opt->axi_bits : 8 * FGPU_LINE);
  else
    verilog_bind(&parameters, "ADDR_W", "%d", fgpu_address_bits(t));
  const char *plain = opt->axi ? "tb_fgpu_axi" : "tb_fgpu";
  const simulator_model m = {.icarus = opt->icarus,
                             .top = opt->icarus ? "tb_icarus"
                                    : c_host    ? "tb_fgpu_device"
                                                : plain,
                             .list = "axgen.f",
                             .files = bench_files(mem, opt, c_host),
                             .parameters = &parameters,
                             .trace = opt->trace,
                             .pins = opt->recorder,
                             .waves = waves,
                             .main = c_host ? "host_bus.cpp" : "main.cpp",
                             .cpp = c_host ? HOST : NULL,
                             .level = "-O1"};
  return simulator_build(mem, dir, &m, d);
}

static bool read_text(arena *mem, const char *dir, const char *name, const char **out, diag *d) {
  bytes b;
  if (!file_read(mem, path_join(mem, dir, name), (size_t)1 << 31, &b, d)) {
    diag_blame(d, "the simulator");
    return false;
  }
  *out = (const char *)b.data;
  return true;
}

static bool run_in(arena *mem, const fgpu_tile *t, const fileset *files, const fgpu_rtl_options *opt, bool c_host,
                   const char *dir, fgpu_rtl_result *out, diag *d) {
  double start = clock_seconds();
  if (!fileset_write(files, dir, d) || !build(mem, t, opt, c_host, dir, d))
    return false;
  out->build_seconds = clock_seconds() - start;
  start = clock_seconds();
  const char *const plus[] = {arena_printf(mem, "+latency=%d", opt->latency ? opt->latency : FGPU_LATENCY),
                              arena_printf(mem, "+stalls=%u", opt->stalls),
                              arena_printf(mem, "+fault=%d", opt->fault),
                              arena_printf(mem, "+bad_read=%d", opt->bad_read),
                              arena_printf(mem, "+bad_write=%d", opt->bad_write),
                              NULL};
  const char *checks;
  const sim_watch watch = {.label = "simulating"};
  if (!simulator_run(mem, dir, opt->icarus, plus, 0, &watch, opt->waves, d) ||
      !read_text(mem, dir, "run.log", &checks, d) || !read_text(mem, dir, "log.txt", &out->log, d) ||
      !read_text(mem, dir, "output.hex", &out->output, d))
    return false;
  out->run_seconds = clock_seconds() - start;
  if (!simulator_pins(mem, dir, opt->pins, d))
    return false;
  const char *error = strstr(checks, "error ");
  if (!error)
    error = strstr(out->log, "error ");
  if (error)
    return diag_check(d, "the Verilog simulation failed: %.*s", (int)strcspn(error, "\n"), error);
  if (!strstr(out->log, "done"))
    return diag_tool(d, "the simulator ended before the testbench did");
  if (c_host && !read_text(mem, dir, "logits.txt", &out->logits, d))
    return false;
  str trace = {0};
  for (int cv = 0; opt->trace && cv < t->hw.cvs; cv++) {
    const char *text;
    if (!read_text(mem, dir, arena_printf(mem, "trace_cv%d.txt", cv), &text, d))
      return false;
    str_add(&trace, text);
  }
  out->trace = trace.data ? arena_strdup(mem, trace.data) : "";
  str_free(&trace);
  return true;
}

// `p`: NULL, or whose C host drives the tile.
static bool run_tile(arena *mem, const fgpu_tile *tile, const fgpu_program *p, const str *host, const str *memory,
                     const str *script, const fgpu_rtl_options *opt, fgpu_rtl_result *out, diag *d) {
  fileset files = {0};
  char *dir = NULL;
  if (!simulator_find(mem, opt->icarus, &out->simulator, d) || !fgpu_emit_tile(mem, tile, &files, d))
    return false;
  cores_file_list(mem, opt->name, "Verilog files of the tile", &files);
  if (!add_testbench(mem, &files, d) || (p && (!tool_find(mem, "gcc", d) || !fgpu_emit_host(mem, p, NULL, &files, d))))
    return false;
  if (opt->recorder)
    fileset_add(mem, &files, GATES_RECORDER, opt->recorder, strlen(opt->recorder));
  rename_modules(mem, &files, opt->name);
  const str *const TEXT[] = {host, memory, script};
  static const char *const NAME[] = {"host.txt", "memory.hex", "script.txt"};
  for (size_t i = 0; i < BASE_COUNT(TEXT); i++)
    fileset_add(mem, &files, NAME[i], TEXT[i]->data ? TEXT[i]->data : "", TEXT[i]->len);
  if (p)
    fileset_add(mem, &files, "constants.bin", p->constants, p->constant_bytes);
  if (!opt->dir && !tool_temp_dir(mem, &dir, d))
    return false;
  bool ok = run_in(mem, tile, &files, opt, p != NULL, dir ? dir : opt->dir, out, d);
  if (dir)
    tool_temp_remove(dir);
  return ok;
}

bool fgpu_rtl_run(arena *mem, const fgpu_tile *tile, const str *host, const str *memory, const str *script,
                  const fgpu_rtl_options *opt, fgpu_rtl_result *out, diag *d) {
  return run_tile(mem, tile, NULL, host, memory, script, opt, out, d);
}

// ---- whole networks -----------------------------------------------------------------------------------------------
// Lines of hexadecimal digits back into bytes.
static const char *take_lines(const char *text, size_t size, uint8_t *memory) {
  for (size_t line = 0; line < size; line += FGPU_LINE) {
    for (size_t i = 0; i < FGPU_LINE; i++) {
      char digits[3] = {0};
      if (!text[0] || !text[1] || !strchr("0123456789abcdef", text[0]) || !strchr("0123456789abcdef", text[1]))
        return NULL;
      memcpy(digits, text, 2);
      memory[line + FGPU_LINE - 1 - i] = (uint8_t)strtoul(digits, NULL, 16);
      text += 2;
    }
    text += *text == '\n';
  }
  return text;
}

// The node's region of the output, compared with the reference.
static bool compare(const fgpu_program *p, int node, size_t image, const int32_t *want, const char **text,
                    uint8_t *memory, int32_t *got, fgpu_cosim *out, diag *d) {
  const net_node *n = &p->model->net->nodes[node];
  const fgpu_tensor *t = &p->tensors[node];
  *text = take_lines(*text, t->bytes, memory + t->base);
  if (!*text)
    return diag_check(d, "image %zu, layer %s: the simulation's output is short or undefined", image, n->name);
  fgpu_values(p, node, memory, got);
  int64_t size = net_shape_size(n->shape);
  for (int64_t i = 0; i < size; i++)
    if (got[i] != want[i])
      return diag_check(d, "image %zu, layer %s, element %lld: %d, expected %d", image, n->name, (long long)i, got[i],
                        want[i]);
  out->values_compared += (size_t)size;
  return true;
}

// What the C host read from memory.
static bool compare_logits(const char **text, size_t image, const int32_t *want, int64_t count, diag *d) {
  for (int64_t i = 0; i < count; i++) {
    char *end;
    long got = strtol(*text, &end, 10);
    if (end == *text)
      return diag_check(d, "image %zu: the C host gave no logit %lld", image, (long long)i);
    if (got != want[i])
      return diag_check(d, "image %zu, logit %lld from the C host: %ld, expected %d", image, (long long)i, got,
                        want[i]);
    *text = end;
  }
  return true;
}

// The image for the C host: pixels; for the testbench: lines of memory.
static void write_input(const fgpu_program *p, bool c_host, const uint8_t *pixels, uint8_t *memory, int32_t *codes,
                        str *script) {
  const fgpu_tensor *t = &p->tensors[0];
  if (c_host) {
    int64_t size = net_shape_size(p->model->net->nodes[0].shape);
    str_printf(script, "4 0 %lld\n", (long long)size);
    for (int64_t i = 0; i < size; i++)
      str_printf(script, "%d%c", pixels[i], i % 32 == 31 || i + 1 == size ? '\n' : ' ');
    return;
  }
  infer_input_codes(p->model->net, pixels, codes);
  fgpu_memory(p, codes, memory);
  str_printf(script, "3 %u %u\n", t->base / FGPU_LINE, t->bytes / FGPU_LINE);
  for (uint32_t i = 0; i < t->bytes; i += 4) {
    const uint8_t *w = memory + t->base + i;
    str_printf(script, "%02x%02x%02x%02x%c", w[3], w[2], w[1], w[0], i % FGPU_LINE == FGPU_LINE - 4 ? '\n' : ' ');
  }
}

static void write_region(const fgpu_program *p, int node, str *script) {
  str_printf(script, "1 %u %u\n", p->tensors[node].base / FGPU_LINE, p->tensors[node].bytes / FGPU_LINE);
}

static bool last_of_node(const fgpu_program *p, size_t launch) {
  return launch + 1 == p->launch_count || p->launches[launch + 1].node != p->launches[launch].node;
}

// The testbench's script: the first image layer by layer, then all of them in one go. codes: room for an image's.
static void write_script(const fgpu_program *p, bool c_host, const uint8_t *const *pixels, size_t count,
                         uint8_t *memory, int32_t *codes, str *script) {
  write_input(p, c_host, pixels[0], memory, codes, script);
  for (size_t i = 0; i < p->launch_count; i++) {
    str_printf(script, "0 %zu 1\n", i);
    if (last_of_node(p, i))
      write_region(p, p->launches[i].node, script);
  }
  for (size_t i = 0; i < count; i++) {
    write_input(p, c_host, pixels[i], memory, codes, script);
    str_printf(script, "0 0 %zu\n", p->launch_count);
    write_region(p, (int)p->model->net->count - 1, script);
    if (c_host)
      str_add(script, "5 0 0\n");
  }
  str_add(script, "9 0 0\n");
}

// The simulation's output against the reference, in the script's order.
static bool compare_all(const fgpu_program *p, bool c_host, const uint8_t *const *pixels, size_t count, uint8_t *memory,
                        int32_t **want, int32_t **got, fgpu_cosim *out, diag *d) {
  const network *net = p->model->net;
  int last = (int)net->count - 1;
  int64_t outputs = net_shape_size(net->nodes[last].shape);
  const char *text = out->rtl.output, *logits = out->rtl.logits;
  bool ok = true;
  ref_run(p->model, pixels[0], want);
  for (size_t i = 0; i < p->launch_count && ok; i++) {
    int node = p->launches[i].node;
    if (last_of_node(p, i))
      ok = compare(p, node, 0, want[node], &text, memory, got[node], out, d);
  }
  for (size_t i = 0; i < count && ok; i++) {
    ref_run(p->model, pixels[i], want);
    ok = compare(p, last, i, want[last], &text, memory, got[last], out, d) &&
         (!c_host || compare_logits(&logits, i, want[last], outputs, d));
    memcpy(out->logits + (int64_t)i * outputs, got[last], (size_t)outputs * sizeof *out->logits);
  }
  return ok;
}

static bool read_counts(const fgpu_program *p, fgpu_cosim *out, diag *d) {
  const char *log = out->rtl.log;
  for (size_t i = 0; (log = strstr(log, "run ")); i++, log++) {
    long long first, n, cycles, reads, writes, end = 0;
    if (sscanf(log, "run %lld %lld %lld %lld %lld %lld", &first, &n, &cycles, &reads, &writes, &end) < 5)
      return diag_check(d, "the Verilog simulation's log is damaged");
    if (i < p->launch_count)
      out->launch_cycles[i] = cycles;
    out->cycles = cycles;
    out->reads = reads;
    out->writes = writes;
    out->end = end;
  }
  return true;
}

bool fgpu_simulate(arena *mem, const fgpu_program *p, const uint8_t *const *pixels, size_t count,
                   const fgpu_rtl_options *opt, fgpu_cosim *out, diag *d) {
  const network *net = p->model->net;
  size_t outputs = (size_t)net_shape_size(net->nodes[net->count - 1].shape);
  *out = (fgpu_cosim){.images = count,
                      .launch_cycles = arena_new_array(mem, int64_t, p->launch_count),
                      .logits = arena_new_array(mem, int32_t, count * outputs)};
  bool c_host = opt->axi && !opt->icarus;
  uint8_t *memory = arena_alloc(mem, p->memory_bytes);
  int32_t **want = infer_buffers(mem, net), **got = infer_buffers(mem, net);
  str host = {0}, constants = {0}, script = {0};
  fgpu_write_host(&p->code, (const fgpu_descriptor *)p->descriptors, p->launch_count, &host);
  fgpu_write_constants(p, &constants);
  write_script(p, c_host, pixels, count, memory, got[0], &script);
  fgpu_tile tile = fgpu_tile_of(p, NULL);
  bool ok = run_tile(mem, &tile, c_host ? p : NULL, &host, &constants, &script, opt, &out->rtl, d);
  str_free(&host);
  str_free(&constants);
  str_free(&script);
  return ok && compare_all(p, c_host, pixels, count, memory, want, got, out, d) && read_counts(p, out, d);
}
