// SPDX-License-Identifier: Apache-2.0
//
// A whole accelerator: elaborated, mapped module by module, accounting, register-to-register timing.
#include "compiler/tool/cache.h"
#include "synth/internal.h"

#include <string.h>
#include <unistd.h>

// The netlist without the words of memories, through which no path is timed: OpenSTA's reader knows no parameters.
static void without_words(const char *text, str *out) {
  bool inside = false;
  for (size_t n; *text; text += n) {
    n = strcspn(text, "\n");
    n += text[n] == '\n';
    const char *end = memchr(text, '(', n);
    inside = inside || (end && end >= text + strlen(SYNTH_WORDS " #") && text[0] == ' ' &&
                        strncmp(end - strlen(SYNTH_WORDS " #"), SYNTH_WORDS " #", strlen(SYNTH_WORDS " #")) == 0);
    if (!inside)
      str_add_n(out, text, n);
    inside = inside && strncmp(text, "  );", 4) != 0;
  }
}

static bool time_it(arena *mem, const char *dir, synth_result *r, diag *d) {
  synth_path path = {0};
  double start = clock_seconds();
  if (!synth_sta(mem, dir, r->lib, r->structure->top,
                 arena_printf(mem, "create_clock -name clk -period %.6g [get_ports clk]", r->clock), &path, d))
    return false;
  r->sta_seconds = clock_seconds() - start;
  r->timed = path.found;
  if (path.found) {
    r->slack = path.slack;
    r->delay = r->clock - path.slack;
    r->from = path.from;
    r->to = path.to;
    r->from_layer = r->layers[synth_part_of(r->structure, path.from)].name;
    r->to_layer = r->layers[synth_part_of(r->structure, path.to)].name;
  }
  return true;
}

// Not part of the result, which is the same however much was kept.
static void say(const synth_elaboration *e, size_t mapped) {
  size_t distinct = 0;
  for (size_t i = 0; i < e->count; i++)
    distinct += !e->modules[i].same;
  if (progress_quiet || !isatty(STDERR_FILENO))
    return;
  fprintf(stderr, "%zu modules, %zu of them different: %zu synthesised", e->count, distinct, mapped);
  if (cache_folder())
    fprintf(stderr, ", %zu taken from %s", distinct - mapped, cache_folder());
  fprintf(stderr, "\n");
}

static bool synthesise(arena *mem, const char *dir, const char *rtl, synth_result *r, diag *d) {
  double start = clock_seconds();
  synth_elaboration e = {0};
  str netlist = {0};
  size_t mapped;
  if (!synth_elaborate(mem, dir, rtl, r->structure, r->lib, &e, d) || !synth_map(mem, dir, &e, r->lib, &mapped, d) ||
      !synth_account(mem, &e, r->lib, r, d))
    return false;
  synth_netlist *flat = arena_new_object(mem, synth_netlist);
  if (!synth_flatten(mem, &e, r, flat, d))
    return false;
  r->netlist = flat;
  say(&e, mapped);
  r->yosys_seconds = clock_seconds() - start;
  synth_print(mem, &e, r->structure->top, &netlist);
  r->verilog_size = netlist.len;
  r->verilog = arena_strndup(mem, netlist.data, netlist.len);
  str_free(&netlist);
  without_words(r->verilog, &netlist);
  return synth_write(mem, dir, "mapped.v", &netlist, d) && time_it(mem, dir, r, d);
}

bool synth_design(arena *mem, const char *rtl, const synth_structure *structure, const liberty *lib, double clock_ns,
                  synth_result *out, diag *d) {
  *out = (synth_result){.lib = lib, .structure = structure, .clock = clock_ns};
  if (!lib->ff)
    return diag_error(d, "%s: no plain D flip-flop in this library: a cell with an ff group, next_state and clocked_on",
                      lib->file);
  char *dir;
  if (!synth_begin(mem, lib, &dir, d))
    return false;
  out->yosys_version = synth_version("yosys");
  out->sta_version = synth_version("sta");
  bool ok = synthesise(mem, dir, rtl, out, d);
  tool_temp_remove(dir);
  return ok;
}
