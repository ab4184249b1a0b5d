// SPDX-License-Identifier: Apache-2.0
//
// What a netlist takes under a stream of operands, by timed simulation, or as an earlier run found it: it is kept like
// what tools made.
#include "compiler/tool/cache.h"
#include "compiler/tool/tool.h"
#include "genlib/measure/measure.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { VERSION = 1 }; // to be raised when the way of measuring changes
static const char NET[] = "measured.v", A[] = "measured.a", B[] = "measured.b", OUTPUT[] = "measured.txt";

#define FIGURE(name) offsetof(measure_energy, name)
static const size_t FIGURES[] = {FIGURE(energy),        FIGURE(ci),         FIGURE(switching),
                                 FIGURE(operand_nets),  FIGURE(internal),   FIGURE(toggles),
                                 FIGURE(glitch_factor), FIGURE(zero_delay), FIGURE(latest_ns)};

static double *figure(measure_energy *e, size_t i) { return (double *)((char *)e + FIGURES[i]); }

static void print(measure_energy *e, str *out) {
  str_printf(out, "%llu", (unsigned long long)e->operations);
  for (size_t i = 0; i < BASE_COUNT(FIGURES); i++)
    str_printf(out, " %a", *figure(e, i));
  str_add(out, "\n");
}

static bool scan(const char *text, measure_energy *e) {
  char *end;
  e->operations = strtoull(text, &end, 10);
  bool ok = end != text;
  for (size_t i = 0; ok && i < BASE_COUNT(FIGURES); i++) {
    text = end;
    *figure(e, i) = strtod(text, &end);
    ok = end != text && isfinite(*figure(e, i));
  }
  return ok && strcmp(end, "\n") == 0;
}

// The circuit whatever its name, and the operands.
static bool write_inputs(arena *mem, const char *dir, const mapped *net, const measure_stream *s) {
  mapped nameless = *net;
  nameless.module = "measured";
  str text = {0};
  diag quiet = {0};
  mapped_verilog(&nameless, &text);
  bool ok = file_write(path_join(mem, dir, NET), text.data, text.len, &quiet) &&
            file_write(path_join(mem, dir, A), s->a, s->count * sizeof *s->a, &quiet) &&
            file_write(path_join(mem, dir, B), s->b, s->count * sizeof *s->b, &quiet);
  str_free(&text);
  diag_free(&quiet);
  return ok;
}

static measure_energy simulate(const mapped *net, const measure_stream *s) {
  arena *mem = arena_new();
  timed *t = timed_new(mem, net, TIMED_ARCS);
  timed_feed(t, s->a, s->b, s->count);
  mapped_stream *still = mapped_stream_new(mem, net);
  mapped_stream_feed(still, s->a, s->b, s->count);
  mapped_energy z = mapped_stream_result(still);
  timed_energy e = timed_result(t);
  double n = e.steps ? (double)e.steps : 1;
  measure_energy m = {.operands = s->operands,
                      .hold = s->hold,
                      .operations = e.steps,
                      .energy = timed_energy_per_step(&e),
                      .ci = timed_energy_ci(&e),
                      .switching = e.switching_fj / n,
                      .operand_nets = e.operand_fj / n,
                      .internal = e.internal_fj / n,
                      .toggles = (double)e.toggles / n,
                      .glitch_factor = timed_glitch_factor(&e),
                      .zero_delay = mapped_energy_per_step(&z),
                      .latest_ns = e.latest_ns};
  arena_free(mem);
  return m;
}

measure_energy measure_run(const mapped *net, const measure_stream *s) {
  arena *mem = arena_new();
  measure_energy e = {.operands = s->operands, .hold = s->hold};
  char *dir = NULL;
  diag quiet = {0};
  cache_job job = {
      .inputs = (const char *const[]){NET, A, B, NULL},
      .outputs = (const char *const[]){OUTPUT, NULL},
      .how = arena_printf(mem, "axgen %s, measured %d\nlibrary %s\n", AXGEN_VERSION, VERSION, net->lib->hash)};
  bool keeps = cache_folder() && tool_temp_dir(mem, &dir, &quiet) && write_inputs(mem, dir, net, s);
  bytes text;
  job.dir = dir;
  bool found = keeps && cache_fetch(mem, &job) && file_read(mem, path_join(mem, dir, OUTPUT), 1 << 12, &text, &quiet) &&
               scan((const char *)text.data, &e);
  if (!found)
    e = simulate(net, s);
  if (keeps && !found) {
    str out = {0};
    print(&e, &out);
    if (file_write(path_join(mem, dir, OUTPUT), out.data, out.len, &quiet))
      cache_store(&job);
    str_free(&out);
  }
  if (dir)
    tool_temp_remove(dir);
  diag_free(&quiet);
  arena_free(mem);
  return e;
}
