// SPDX-License-Identifier: Apache-2.0
//
// An FPGA's resources as JSON and as tables.
#include "synth/fpga.h"

#include <string.h>

static const char *part_name(const char *name) { return name ? name : "(between layers)"; }

// ---- JSON ----------------------------------------------------------------------------------------------------------
static void add_numbers(cJSON *o, const synth_fpga_count *c, const fpga_family *f) {
  cJSON_AddNumberToObject(o, "luts", (double)c->luts);
  cJSON_AddNumberToObject(o, "luts_as_memory", (double)c->lutrams);
  cJSON_AddNumberToObject(o, "flip_flops", (double)c->flip_flops);
  cJSON_AddNumberToObject(o, f->ram_key, (double)c->ram / f->ram_units);
  cJSON_AddNumberToObject(o, "dsps", (double)c->dsps);
  cJSON_AddNumberToObject(o, "carry_bits", (double)c->carries);
}

static cJSON *count_json(const synth_fpga_count *c, const fpga_family *f) {
  cJSON *o = cJSON_CreateObject();
  add_numbers(o, c, f);
  return o;
}

// Whether the structure shows the kind. FPGA rows have no kind of their own for registers.
static bool has_kind(const synth_fpga *r, int kind) {
  return kind != SYNTH_REGISTERS && (r->structure->kinds >> kind & 1);
}

static cJSON *kinds_json(const synth_fpga *r, const synth_fpga_count *kinds, const fpga_family *f) {
  cJSON *o = cJSON_CreateObject();
  for (int k = 0; k < SYNTH_KIND_COUNT; k++)
    if (has_kind(r, k))
      cJSON_AddItemToObject(o, synth_kind_name[k], count_json(&kinds[k], f));
  return o;
}

static cJSON *placed_json(const synth_fpga_placed *p) {
  cJSON *o = cJSON_CreateObject();
  cJSON_AddStringToObject(o, "tool", p->tool);
  cJSON_AddStringToObject(o, "device", p->device);
  cJSON_AddStringToObject(o, "package", p->package);
  cJSON_AddNumberToObject(o, "asked_mhz", p->asked_mhz);
  if (p->timed)
    cJSON_AddNumberToObject(o, "mhz", p->mhz);
  if (p->timed && p->from && p->to) {
    cJSON_AddStringToObject(o, "from_layer", part_name(p->from_part));
    cJSON_AddStringToObject(o, "to_layer", part_name(p->to_part));
    cJSON_AddStringToObject(o, "from", p->from);
    cJSON_AddStringToObject(o, "to", p->to);
  }
  cJSON *shell = cJSON_AddObjectToObject(o, "shell");
  cJSON_AddNumberToObject(shell, "inputs", (double)p->inputs);
  cJSON_AddNumberToObject(shell, "outputs", (double)p->outputs);
  cJSON *uses = cJSON_AddObjectToObject(o, "resources");
  for (size_t i = 0; i < p->use_count; i++) {
    cJSON *use = cJSON_AddObjectToObject(uses, p->uses[i].name);
    cJSON_AddNumberToObject(use, "used", (double)p->uses[i].used);
    cJSON_AddNumberToObject(use, "available", (double)p->uses[i].available);
  }
  return o;
}

static void add_multipliers(const synth_fpga *r, const fpga_family *f, cJSON *o) {
  cJSON *list = cJSON_AddArrayToObject(o, "multiplier_types");
  for (size_t i = 0; i < r->mul_count; i++) {
    const synth_fpga_mul *m = &r->muls[i];
    cJSON *one = cJSON_CreateObject();
    cJSON_AddStringToObject(one, "multiplier", m->mul->name);
    cJSON_AddNumberToObject(one, "instances", (double)m->instances);
    cJSON_AddItemToObject(one, "one", count_json(&m->built, f));
    cJSON_AddItemToObject(one, "exact_in_luts", count_json(&m->luts, f));
    cJSON_AddItemToObject(one, "exact_in_dsps", count_json(&m->dsps, f));
    cJSON_AddItemToArray(list, one);
  }
  if (!r->mul_count)
    return;
  cJSON_AddItemToObject(o, "all_exact_in_luts", count_json(&r->exact_luts, f));
  cJSON_AddItemToObject(o, "all_exact_in_dsps", count_json(&r->exact_dsps, f));
}

cJSON *synth_fpga_json(const synth_fpga *r) {
  const fpga_family *f = fpga_family_named(r->options->family);
  cJSON *o = cJSON_CreateObject();
  cJSON_AddStringToObject(o, "family", f->name);
  cJSON_AddStringToObject(o, "yosys", r->yosys_version);
  cJSON_AddBoolToObject(o, "dsp", r->options->dsp);
  add_numbers(o, &r->total, f);
  cJSON_AddItemToObject(o, "kinds", kinds_json(r, r->kinds, f));
  cJSON *layers = cJSON_AddArrayToObject(o, "layers");
  for (size_t i = 0; i < r->part_count; i++) {
    cJSON *l = cJSON_CreateObject();
    cJSON_AddStringToObject(l, "layer", part_name(r->parts[i].name));
    add_numbers(l, &r->parts[i].sum, f);
    cJSON_AddItemToObject(l, "kinds", kinds_json(r, r->parts[i].kinds, f));
    cJSON_AddItemToArray(layers, l);
  }
  cJSON *list = cJSON_AddArrayToObject(o, "modules");
  for (size_t i = 0; i < r->row_count; i++) {
    cJSON *m = cJSON_CreateObject();
    cJSON_AddStringToObject(m, "module", r->rows[i].module);
    cJSON_AddNumberToObject(m, "instances", (double)r->rows[i].instances);
    add_numbers(m, &r->rows[i].sum, f);
    cJSON_AddItemToArray(list, m);
  }
  add_multipliers(r, f, o);
  if (r->placed.tool)
    cJSON_AddItemToObject(o, "placed", placed_json(&r->placed));
  return o;
}

// ---- tables --------------------------------------------------------------------------------------------------------
enum { NAME = 34 };

static void heading(const char *what, const fpga_family *f, str *out) {
  str_printf(out, "%-*s %9s %9s %9s %8s %6s %9s\n", NAME, what, "LUTs", "as RAM", "FFs", f->ram, "DSPs", "carry");
}

static void print_row(const char *name, const synth_fpga_count *c, const fpga_family *f, str *out) {
  str_printf(out, "%-*s %9lld %9lld %9lld %8.1f %6lld %9lld\n", NAME, name, (long long)c->luts, (long long)c->lutrams,
             (long long)c->flip_flops, (double)c->ram / f->ram_units, (long long)c->dsps, (long long)c->carries);
}

static void parts_text(arena *mem, const synth_fpga *r, const fpga_family *f, str *out) {
  heading(r->structure->unit, f, out);
  for (size_t i = 0; i < r->part_count; i++) {
    const synth_fpga_part *p = &r->parts[i];
    print_row(part_name(p->name), &p->sum, f, out);
    for (int k = 0; k < SYNTH_KIND_COUNT; k++)
      if (has_kind(r, k) && memcmp(&p->kinds[k], &(synth_fpga_count){0}, sizeof p->kinds[k]) != 0)
        print_row(arena_printf(mem, "  %s", synth_kind_name[k]), &p->kinds[k], f, out);
  }
  print_row("total", &r->total, f, out);
  for (int k = 0; k < SYNTH_KIND_COUNT; k++)
    if (has_kind(r, k))
      print_row(arena_printf(mem, "  %s", synth_kind_name[k]), &r->kinds[k], f, out);
}

static void modules_text(arena *mem, const synth_fpga *r, const fpga_family *f, str *out) {
  heading("module, instances", f, out);
  for (size_t i = 0; i < r->row_count; i++)
    print_row(arena_printf(mem, "%-26s %7lld", r->rows[i].module, (long long)r->rows[i].instances), &r->rows[i].sum, f,
              out);
}

static void multipliers_text(arena *mem, const synth_fpga *r, const fpga_family *f, str *out) {
  if (!r->mul_count)
    return;
  str_add(out, "\n");
  heading("one multiplier", f, out);
  for (size_t i = 0; i < r->mul_count; i++) {
    const synth_fpga_mul *m = &r->muls[i];
    print_row(arena_printf(mem, "%-26s x %5lld", m->mul->name, (long long)m->instances), &m->built, f, out);
    print_row("  an exact one, in LUTs", &m->luts, f, out);
    print_row("  an exact one, in DSPs", &m->dsps, f, out);
  }
  str_add(out, "\n");
  heading("the whole design", f, out);
  print_row("as assigned", &r->total, f, out);
  print_row("all multipliers exact, in LUTs", &r->exact_luts, f, out);
  print_row("all multipliers exact, in DSPs", &r->exact_dsps, f, out);
}

static void placed_text(const synth_fpga_placed *p, str *out) {
  str_printf(out, "\nPlaced and routed on %s, %s (%s), in a shell of %lld flip-flops around its ports\n", p->device,
             p->package, p->tool, (long long)(p->inputs + p->outputs));
  str_printf(out, "%-20s %9s %9s\n", "resource", "used", "there are");
  for (size_t i = 0; i < p->use_count; i++)
    if (p->uses[i].used)
      str_printf(out, "%-20s %9lld %9lld  %3.0f %%\n", p->uses[i].name, (long long)p->uses[i].used,
                 (long long)p->uses[i].available, 100.0 * (double)p->uses[i].used / (double)p->uses[i].available);
  if (!p->timed) {
    str_add(out, "No path from flip-flop to flip-flop.\n");
    return;
  }
  str_printf(out, "Clock: %.1f MHz (%.1f MHz asked for)\n", p->mhz, p->asked_mhz);
  if (p->from && p->to)
    str_printf(out, "  slowest path from %s to %s\n    from %s\n    to   %s\n", part_name(p->from_part),
               part_name(p->to_part), p->from, p->to);
}

void synth_fpga_text(const synth_fpga *r, str *out) {
  const fpga_family *f = fpga_family_named(r->options->family);
  arena *mem = arena_new();
  str_printf(out, "Family %s: %s (%s)%s\n", f->name, f->devices, r->yosys_version,
             r->options->dsp ? "; exact multipliers in DSPs" : "");
  parts_text(mem, r, f, out);
  str_add(out, "\nEach row: all instances, without the modules of other rows\n");
  modules_text(mem, r, f, out);
  multipliers_text(mem, r, f, out);
  if (r->placed.tool)
    placed_text(&r->placed, out);
  arena_free(mem);
}
