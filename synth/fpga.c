// SPDX-License-Identifier: Apache-2.0
//
// A whole accelerator on an FPGA family, by Yosys; and what its multipliers would take if they were exact.
#include "synth/fpga.h"

#include <string.h>

typedef struct {
  const char *path, *top;
  const fpga_family *family;
  const synth_structure *structure; // NULL: only modules and the total are wanted
  synth_fpga *out;
} fpga_output;

static bool take_counts(arena *mem, void *user, diag *d) {
  const fpga_output *o = user;
  bytes file;
  if (!file_read(mem, o->path, (size_t)1 << 30, &file, d))
    return false;
  cJSON *root = cJSON_ParseWithLength((const char *)file.data, file.size);
  bool ok = fpga_count(mem, o->family, root, o->top, o->structure, o->out, d);
  cJSON_Delete(root);
  return ok;
}

// ---- the design ----------------------------------------------------------------------------------------------------
static void rom_names(arena *mem, const char *rom, synth_names *names) {
  char **files;
  size_t count;
  dir_list(mem, rom, "", &files, &count);
  for (size_t i = 0; i < count; i++)
    if (files[i][0] != '.')
      synth_name(mem, names, path_join(mem, "rom", files[i]));
}

// p = a * b of a multiplier's widths.
static void add_product(const char *module, const mul_sig *g, str *out) {
  str_printf(out, "module %s (input [%d:0] a, input [%d:0] b, output [%d:0] p);\n", module, g->a_bits - 1,
             g->b_bits - 1, g->p_bits - 1);
  if (g->a_signed == g->b_signed)
    str_printf(out, "  assign p = %s(a) * %s(b);\nendmodule\n", g->a_signed ? "$signed" : "",
               g->a_signed ? "$signed" : "");
  else
    str_printf(out, "  assign p = $signed({%sa}) * $signed({%sb});\nendmodule\n", g->a_signed ? "" : "1'b0, ",
               g->b_signed ? "" : "1'b0, ");
}

static const char *module_of(arena *mem, const synth_structure *s, const mul *m) {
  return arena_printf(mem, "%s%s", s->prefix, m->ident);
}

// For `dsp`: the exact multipliers again, in the place of their gates.
static bool write_products(arena *mem, const char *dir, const synth_structure *s, const synth_fpga_options *o,
                           synth_names *names, str *script, diag *d) {
  str text = {0};
  for (size_t i = 0; i < o->mul_count; i++) {
    const char *module = module_of(mem, s, o->muls[i]);
    size_t same = 0; // two keys may name one multiplier
    while (same < i && !(o->used[same] && strcmp(o->muls[same]->ident, o->muls[i]->ident) == 0))
      same++;
    if (same == i && o->used[i] && o->muls[i]->exact)
      add_product(module, &o->muls[i]->sig, &text);
  }
  if (!text.len)
    return str_free(&text), true;
  str_add(script, "read_verilog -overwrite exact.v\n");
  synth_name(mem, names, "exact.v");
  return synth_write(mem, dir, "exact.v", &text, d);
}

// The ROMs' contents are named relative to the folder in which Yosys runs.
static bool map_design(arena *mem, const char *dir, const char *rtl, const fpga_family *f, synth_fpga *out, diag *d) {
  const synth_structure *s = out->structure;
  str script = {0};
  synth_names names = {0};
  const char *rom = path_join(mem, rtl, "rom");
  if (!synth_link(mem, dir, rtl, "rtl", d) || (file_exists(rom) && !synth_link(mem, dir, rom, "rom", d)))
    return false;
  synth_name(mem, &names, "synth.ys");
  rom_names(mem, rom, &names);
  if (!synth_files(mem, rtl, s, true, &names, &script, d) ||
      (out->options->dsp && !write_products(mem, dir, s, out->options, &names, &script, d)))
    return str_free(&script), false;
  str_printf(&script, "hierarchy -check -top %s\nproc\n", s->top);
  synth_keep(s, &script);
  str_printf(&script, "%s%s -top %s\n", f->command, out->options->dsp ? f->dsp : "", s->top);
  str_add(&script, "write_json mapped.json\n");
  fpga_output output = {path_join(mem, dir, "mapped.json"), s->top, f, s, out};
  synth_job job = {.argv = SYNTH_YOSYS("synth.ys"),
                   .dir = dir,
                   .log = "yosys.log",
                   .timeout_s = 3600,
                   .label = "synthesis",
                   .inputs = synth_name_list(mem, &names),
                   .outputs = (const char *const[]){"mapped.json", NULL},
                   .take = take_counts,
                   .user = &output};
  return synth_write(mem, dir, "synth.ys", &script, d) && synth_run(mem, &job, d);
}

// ---- what exact multipliers take -----------------------------------------------------------------------------------
static const synth_fpga_row *row_named(const synth_fpga *r, const char *module) {
  for (size_t i = 0; i < r->row_count; i++)
    if (strcmp(r->rows[i].module, module) == 0)
      return &r->rows[i];
  return NULL;
}

static void list_multipliers(arena *mem, synth_fpga *out) {
  const synth_fpga_options *o = out->options;
  out->muls = arena_new_array(mem, synth_fpga_mul, o->mul_count + 1);
  for (size_t i = 0; i < o->mul_count; i++) {
    const synth_fpga_row *row = row_named(out, module_of(mem, out->structure, o->muls[i]));
    size_t same = 0;
    while (same < out->mul_count && strcmp(out->muls[same].mul->ident, o->muls[i]->ident) != 0)
      same++;
    if (!o->used[i] || !row || same < out->mul_count)
      continue;
    synth_fpga_count c = row->sum;
    int64_t n = row->instances;
    out->muls[out->mul_count++] = (synth_fpga_mul){
        .mul = o->muls[i],
        .instances = n,
        .built = {c.luts / n, c.lutrams / n, c.flip_flops / n, c.ram / n, c.dsps / n, c.carries / n},
    };
  }
}

// An exact multiplier of these widths as gates, or NULL: there is none by a name.
static const mul *exact_gates(arena *mem, const mul_sig *g) {
  static const char *const SIGNS[2][2] = {{"u", "us"}, {"su", "s"}};
  diag quiet = {0};
  const mul *m = g->a_bits == g->b_bits
                     ? mul_make(mem, arena_printf(mem, "exact%d%s", g->a_bits, SIGNS[g->a_signed][g->b_signed]), &quiet)
                     : NULL;
  diag_free(&quiet);
  return m && m->net ? m : NULL;
}

// A module with one of each: product_N, and gates of the exact multipliers.
#define COMPARE "axgen_compare"
static bool write_compare(arena *mem, const char *dir, const synth_fpga *r, const mul *const *exact, diag *d) {
  str modules = {0}, top = {0};
  str_add(&top, "module " COMPARE " (input [31:0] a, input [31:0] b");
  for (size_t i = 0; i < r->mul_count; i++)
    str_printf(&top, ", output [31:0] p%zu, output [31:0] q%zu", i, i);
  str_add(&top, ");\n");
  for (size_t i = 0; i < r->mul_count; i++) {
    const mul_sig *g = &r->muls[i].mul->sig;
    const mul *gates = exact[i];
    mul_sig product = *g;
    product.p_bits = g->a_bits + g->b_bits;
    add_product(arena_printf(mem, "product_%zu", i), &product, &modules);
    str_printf(&top, "  product_%zu u%zu (.a(a[%d:0]), .b(b[%d:0]), .p(p%zu[%d:0]));\n", i, i, g->a_bits - 1,
               g->b_bits - 1, i, product.p_bits - 1);
    size_t same = 0;
    while (gates && same < i && !(exact[same] && strcmp(exact[same]->ident, gates->ident) == 0))
      same++;
    if (gates && same == i)
      mul_verilog(gates, &modules);
    if (gates)
      str_printf(&top, "  %s v%zu (.a(a[%d:0]), .b(b[%d:0]), .p(q%zu[%d:0]));\n", gates->ident, i, g->a_bits - 1,
                 g->b_bits - 1, i, gates->sig.p_bits - 1);
  }
  str_printf(&modules, "%sendmodule\n", top.data);
  str_free(&top);
  return synth_write(mem, dir, "compare.v", &modules, d);
}

// `dsp`: what becomes a DSP does.
static bool map_compare(arena *mem, const char *dir, const fpga_family *f, bool dsp, synth_fpga *out, diag *d) {
  str script = {0};
  const char *file = dsp ? "with_dsps.json" : "without_dsps.json", *ys = dsp ? "with_dsps.ys" : "without_dsps.ys";
  str_printf(&script,
             "read_verilog compare.v fa.v ha.v\nhierarchy -check -top " COMPARE "\n"
             "setattr -mod -set keep_hierarchy 1 product_* " MUL_MODULE "*\n"
             "%s%s -top " COMPARE "\nwrite_json %s\n",
             f->command, dsp ? f->dsp : f->no_dsp, file);
  fpga_output output = {path_join(mem, dir, file), COMPARE, f, NULL, out};
  synth_job job = {.argv = SYNTH_YOSYS(ys),
                   .dir = dir,
                   .log = "compare.log",
                   .timeout_s = 3600,
                   .label = "synthesis of multipliers",
                   .inputs = (const char *const[]){ys, "compare.v", "fa.v", "ha.v", NULL},
                   .outputs = (const char *const[]){file, NULL},
                   .take = take_counts,
                   .user = &output};
  return synth_write(mem, dir, ys, &script, d) && synth_run(mem, &job, d);
}

static void take_exact(arena *mem, const mul *const *exact, const synth_fpga *luts, const synth_fpga *dsps,
                       synth_fpga *out) {
  out->exact_luts = out->exact_dsps = out->total;
  for (size_t i = 0; i < out->mul_count; i++) {
    synth_fpga_mul *m = &out->muls[i];
    const char *product = arena_printf(mem, "product_%zu", i);
    const synth_fpga_row *row = exact[i] ? row_named(luts, exact[i]->ident) : NULL;
    m->luts = row_named(luts, product)->sum;
    m->dsps = row_named(dsps, product)->sum;
    if (row && row->sum.luts / row->instances < m->luts.luts)
      m->luts =
          (synth_fpga_count){.luts = row->sum.luts / row->instances, .carries = row->sum.carries / row->instances};
    synth_fpga_add(&out->exact_luts, &m->built, -m->instances);
    synth_fpga_add(&out->exact_luts, &m->luts, m->instances);
    synth_fpga_add(&out->exact_dsps, &m->built, -m->instances);
    synth_fpga_add(&out->exact_dsps, &m->dsps, m->instances);
  }
}

static bool compare(arena *mem, const char *dir, const fpga_family *f, synth_fpga *out, diag *d) {
  synth_fpga luts = {0}, dsps = {0};
  list_multipliers(mem, out);
  if (!out->mul_count)
    return true;
  const mul **exact = arena_new_array(mem, const mul *, out->mul_count);
  for (size_t i = 0; i < out->mul_count; i++)
    exact[i] = exact_gates(mem, &out->muls[i].mul->sig);
  bool ok = write_compare(mem, dir, out, exact, d) &&
            synth_link(mem, dir, data_path(mem, "rtl_templates/common/" MUL_FULL_ADDER ".v"), "fa.v", d) &&
            synth_link(mem, dir, data_path(mem, "rtl_templates/common/" MUL_HALF_ADDER ".v"), "ha.v", d) &&
            map_compare(mem, dir, f, false, &luts, d) && map_compare(mem, dir, f, true, &dsps, d);
  if (ok)
    take_exact(mem, exact, &luts, &dsps, out);
  return ok;
}

bool synth_fpga_design(arena *mem, const char *rtl, const synth_structure *structure, const synth_fpga_options *o,
                       synth_fpga *out, diag *d) {
  *out = (synth_fpga){.options = o, .structure = structure};
  if (!synth_fpga_check(o, d))
    return false;
  const fpga_family *f = fpga_family_named(o->family);
  char *dir;
  if (!tool_find(mem, "yosys", d) || (o->place && !tool_find(mem, f->place, d)) || !tool_temp_dir(mem, &dir, d))
    return false;
  out->yosys_version = synth_version("yosys");
  bool ok = map_design(mem, dir, rtl, f, out, d) && compare(mem, dir, f, out, d) &&
            (!o->place || fpga_place(mem, dir, f, structure, o, out, d));
  tool_temp_remove(dir);
  return ok;
}
