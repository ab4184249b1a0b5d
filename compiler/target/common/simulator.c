// SPDX-License-Identifier: Apache-2.0
#include "compiler/target/common/simulator.h"
#include "compiler/tool/tool.h"
#include "sim/gates/gates.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
  const char *list[64];
  size_t n;
} arguments;

static void add(arguments *a, const char *text) {
  assert(a->n + 1 < BASE_COUNT(a->list));
  a->list[a->n++] = text;
}

static void add_all(arguments *a, const char *const *texts) {
  for (; texts && *texts; texts++)
    add(a, *texts);
}

bool simulator_find(arena *mem, bool icarus, const char **version, diag *d) {
  const char *program = icarus ? "iverilog" : "verilator";
  if (!tool_find(mem, program, d))
    return false;
  *version = tool_version(mem, (const char *const[]){program, icarus ? "-V" : "--version", NULL});
  return true;
}

// ---- waveforms ----------------------------------------------------------------------------------------------------
bool simulator_waves_of(arena *mem, const char *file, simulator_waves *out, diag *d) {
  *out = SIMULATOR_NO_WAVES;
  if (!file)
    return true;
  *out = str_ends_with(file, ".fst") ? SIMULATOR_FST : SIMULATOR_VCD;
  if (*out == SIMULATOR_VCD && !str_ends_with(file, ".vcd"))
    return diag_error(d, "%s: expected a name that ends with .fst or .vcd, for the waveforms", file);
  const char *slash = strrchr(file, '/');
  const char *folder = !slash ? "." : slash == file ? "/" : arena_printf(mem, "%.*s", (int)(slash - file), file);
  if (access(folder, W_OK) != 0)
    return diag_error(d, "%s: waveforms cannot be written there: %s", file, strerror(errno));
  return true;
}

static int waves_most(void) {
  const char *wish = getenv("AXGEN_WAVES_MOST");
  long most = wish ? strtol(wish, NULL, 10) : 0;
  return most > 0 && most < SIMULATOR_WAVES_MOST ? (int)most : SIMULATOR_WAVES_MOST;
}

static const char *waves_name(const char *file) { return str_ends_with(file, ".fst") ? "waves.fst" : "waves.vcd"; }

// Icarus: a second top dumps all below every top. A task cannot ask how large the dump is, but a file can be sought.
static bool write_waves_top(arena *mem, const char *dir, diag *d) {
  static const char TEXT[] =
      "module axgen_waves;\n"
      "    reg [8*64-1:0] name;\n"
      "    integer most, file, unused;\n"
      "    reg on;\n"
      "    initial begin\n"
      "        on = 1'b0;\n"
      "        if ($value$plusargs(\"waves=%s\", name) && $value$plusargs(\"waves_most=%d\", most)) begin\n"
      "            $dumpfile(name);\n"
      "            $dumpvars;\n"
      "            on = 1'b1;\n"
      "        end\n"
      "    end\n"
      "    always #2560 if (on) begin\n"
      "        $dumpflush;\n"
      "        file = $fopen(name, \"rb\");\n"
      "        unused = $fseek(file, 0, 2);\n"
      "        if ($ftell(file) >= most) begin\n"
      "            $dumpoff;\n"
      "            on = 1'b0;\n"
      "            $display(\"waves end at %0d\", $time);\n"
      "        end\n"
      "        $fclose(file);\n"
      "    end\n"
      "endmodule\n";
  return file_write(path_join(mem, dir, "axgen_waves.v"), TEXT, strlen(TEXT), d);
}

// From the simulation's folder to the user's file.
static bool deliver_waves(arena *mem, const char *dir, const char *file, diag *d) {
  bytes said;
  const char *from = path_join(mem, dir, waves_name(file));
  int fd = open(from, O_RDONLY | O_CLOEXEC);
  struct stat s;
  if (fd < 0 || fstat(fd, &s) != 0 || s.st_size == 0) {
    if (fd >= 0)
      close(fd);
    return diag_tool(d, "the simulator left no waveforms");
  }
  void *data = mmap(NULL, (size_t)s.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
  close(fd);
  if (data == MAP_FAILED)
    return diag_tool(d, "%s: %s", from, strerror(errno));
  bool ok = file_write(file, data, (size_t)s.st_size, d);
  munmap(data, (size_t)s.st_size);
  if (!ok || !file_read(mem, path_join(mem, dir, "run.log"), 1 << 30, &said, d))
    return false;
  const char *end = strstr((const char *)said.data, "waves end at ");
  if (end)
    diag_warn(d, "%s: ends at time %ld, where it reached its largest size", file,
              strtol(end + strlen("waves end at "), NULL, 10));
  return true;
}

// ---- command lines ------------------------------------------------------------------------------------------------
static void add_parameters(arena *mem, const simulator_model *m, arguments *a) {
  for (size_t i = 0; m->parameters && i < m->parameters->count; i++) {
    const verilog_binding *p = &m->parameters->list[i];
    add(a, m->icarus ? arena_printf(mem, "-P%s.%s=%s", m->top, p->name, p->value)
                     : arena_printf(mem, "-G%s=%s", p->name, p->value));
  }
}

static void icarus_line(arena *mem, const simulator_model *m, arguments *a) {
  add_all(a, (const char *const[]){"iverilog", "-g2005", "-o", "simulation.vvp", "-s", m->top, NULL});
  if (m->trace)
    add(a, "-DAXGEN_TRACE");
  if (m->pins)
    add(a, "-DAXGEN_PINS");
  if (m->waves)
    add_all(a, (const char *const[]){"-s", "axgen_waves", "axgen_waves.v", NULL});
  add_parameters(mem, m, a);
  add_all(a, (const char *const[]){"-c", m->list, NULL});
  add_all(a, m->files);
}

static void verilator_line(arena *mem, const simulator_model *m, arguments *a) {
  add_all(a, (const char *const[]){"verilator",   "--cc",      "--exe",      "--build",    "-O3",
                                   "-Wno-fatal",  "-Wno-lint", "-Wno-style", "--x-assign", "fast",
                                   "--x-initial", "fast",      "--noassert", "--Mdir",     "obj",
                                   "--prefix",    "Vtb",       "-o",         "simulation", NULL});
  add_all(a, (const char *const[]){"-j", arena_printf(mem, "%d", (int)clamp64(sysconf(_SC_NPROCESSORS_ONLN), 1, 16)),
                                   NULL});
  add(a, "-MAKEFLAGS");
  add(a, arena_printf(mem, "OPT_FAST=%s OPT_SLOW=-O0 OPT_GLOBAL=-O0", m->level));
  if (m->trace)
    add(a, "+define+AXGEN_TRACE");
  if (m->pins)
    add(a, "+define+AXGEN_PINS");
  if (m->waves == SIMULATOR_VCD)
    add(a, "--trace");
  if (m->waves == SIMULATOR_FST)
    add_all(a, (const char *const[]){"--trace-fst", "-LDFLAGS", "-lz", NULL});
  add_parameters(mem, m, a);
  add_all(a, (const char *const[]){"--top-module", m->top, "-f", m->list, NULL});
  add_all(a, m->files);
  add(a, m->main);
  add_all(a, m->cpp);
}

bool simulator_build(arena *mem, const char *dir, const simulator_model *m, diag *d) {
  arguments a = {0};
  if (m->icarus && m->waves && !write_waves_top(mem, dir, d))
    return false;
  (m->icarus ? icarus_line : verilator_line)(mem, m, &a);
  const sim_watch watch = {.label = "building the simulation", .objects = m->icarus ? NULL : "obj"};
  return sim_tool(mem, dir, a.list, "build.log", 0, &watch, d);
}

bool simulator_run(arena *mem, const char *dir, bool icarus, const char *const *plus, size_t images,
                   const sim_watch *watch, const char *waves, diag *d) {
  arguments a = {0};
  if (icarus)
    add_all(&a, (const char *const[]){"vvp", "-n", "simulation.vvp", NULL});
  else
    add(&a, path_join(mem, dir, "obj/simulation"));
  if (waves && icarus && str_ends_with(waves, ".fst"))
    add(&a, "-fst");
  add_all(&a, plus);
  if (waves) {
    add(&a, arena_printf(mem, "+waves=%s", waves_name(waves)));
    add(&a, arena_printf(mem, "+waves_most=%d", waves_most()));
  }
  return sim_tool(mem, dir, a.list, "run.log", images, watch, d) && (!waves || deliver_waves(mem, dir, waves, d));
}

bool simulator_pins(arena *mem, const char *dir, const char *to, diag *d) {
  return !to || rename(path_join(mem, dir, GATES_PINS), to) == 0 ||
         diag_tool(d, "the simulation left no %s: %s", GATES_PINS, strerror(errno));
}
