// SPDX-License-Identifier: Apache-2.0
//
// One multiplier: Verilog -> cells, adders placed before ABC; checked by simulation, timed by OpenSTA.
#include "synth/internal.h"
#include "compiler/base/escape.h"
#include "genlib/scope.h"

#include <stdlib.h>
#include <string.h>

enum { RANDOM_PAIRS = 1 << 20 };

const synth_recipe synth_recipes[] = {
    {"area", synth_abc_area},
    {"small", "strash\ndch -f\namap -m\n"},
    {"balanced", "strash\n&get -n\n&dch -f\n&nf -R 50\n&put\n"},
    {"energy", "strash\ndch\n&get -n\n&nf\n&put\n"},
    {"shared", "strash\nifraig\nscorr\ndc2\ndch -f\n&get -n\n&nf\n&put\n"},
    {0},
};

const synth_recipe *synth_recipe_named(const char *name) {
  const synth_recipe *r = synth_recipes;
  while (strcmp(r->name, name) != 0)
    r++;
  return r;
}

void synth_gates_script(const char *module, str *script) {
  str_printf(script,
             "read_liberty -lib -ignore_miss_func -ignore_miss_dir cells.lib\n"
             "read_verilog mul.v\n"
             "techmap -map adders.v\n" // before ABC, and before anything else could take the adders apart
             "hierarchy -check -top %s\n"
             "proc\nopt\ntechmap\nopt\n"
             "abc -liberty cells.lib -script abc.script\n"
             "setundef -zero\nopt_clean -purge\n",
             module);
}

typedef struct {
  const char *dir;
  synth_mul *s;
} synth_output;

static bool take_mapped(arena *mem, void *user, diag *d) {
  synth_output *o = user;
  bytes text;
  if (!mapped_read(mem, o->s->lib, path_join(mem, o->dir, "mapped.json"), o->s->mul->ident, o->s->mul->sig, &o->s->net,
                   d) ||
      !file_read(mem, path_join(mem, o->dir, "mapped.v"), 64 << 20, &text, d))
    return false;
  o->s->verilog = (const char *)text.data;
  return true;
}

static bool run_yosys(arena *mem, const char *dir, synth_mul *s, const synth_recipe *recipe, diag *d) {
  str text = {0}, script = {0}, abc = {0};
  mul_verilog(s->mul, &text);
  assert(word_is_plain(s->mul->ident));
  str_add(&abc, recipe->abc);
  synth_gates_script(s->mul->ident, &script);
  str_add(&script, "check -assert\nwrite_json mapped.json\n" SYNTH_WRITE_VERILOG);
  synth_output output = {dir, s};
  synth_job job = {.argv = SYNTH_YOSYS("synth.ys"),
                   .dir = dir,
                   .log = "yosys.log",
                   .timeout_s = 600,
                   .lib = s->lib,
                   .inputs = (const char *const[]){"synth.ys", "mul.v", "abc.script", "adders.v", NULL},
                   .outputs = (const char *const[]){"mapped.json", "mapped.v", NULL},
                   .take = take_mapped,
                   .user = &output};
  bool ok = synth_write(mem, dir, "mul.v", &text, d) && synth_write(mem, dir, "abc.script", &abc, d);
  ok = synth_write(mem, dir, "synth.ys", &script, d) && ok;
  return ok && synth_run(mem, &job, d);
}

static bool differs(const synth_mul *s, uint32_t a, uint32_t b, int64_t got, int64_t want, diag *d) {
  const mul_sig *g = &s->mul->sig;
  return diag_check(d, "%s: the netlist mapped to %s gives %lld for a = %d, b = %d; the multiplier's table says %lld",
                    s->mul->name, s->lib->name, (long long)got, mul_value(a, g->a_bits, g->a_signed),
                    mul_value(b, g->b_bits, g->b_signed), (long long)want);
}

static bool check_all(synth_mul *s, diag *d) {
  const mul *m = s->mul;
  size_t n = (size_t)1 << (m->sig.a_bits + m->sig.b_bits);
  int32_t *table = malloc(n * sizeof *table);
  assert(table);
  mapped_table(s->net, m->sig.p_signed, table);
  size_t i = 0;
  while (i < n && table[i] == m->table[i])
    i++;
  int32_t got = i < n ? table[i] : 0;
  free(table);
  s->pairs_checked = n;
  s->exhaustive = true;
  return i == n ||
         differs(s, (uint32_t)(i >> m->sig.b_bits), (uint32_t)(i & ((1u << m->sig.b_bits) - 1)), got, m->table[i], d);
}

// Too wide for all pairs: the corners of both ranges, then seeded ones.
static bool check_some(synth_mul *s, diag *d) {
  const mul *m = s->mul;
  enum { CHUNK = 4096 };
  static const uint32_t CORNERS[] = {0, 1, 2, 0x7fff, 0x8000, 0x8001, 0xfffe, 0xffff, 0x5555, 0xaaaa, 0x0ff, 0x100};
  uint32_t a_mask = (1u << m->sig.a_bits) - 1, b_mask = (1u << m->sig.b_bits) - 1;
  uint16_t a[CHUNK], b[CHUNK];
  uint32_t a_code[CHUNK], b_code[CHUNK];
  int64_t p[CHUNK], want[CHUNK];
  rng r = rng_seed(16);
  for (size_t first = 0; first < RANDOM_PAIRS; first += CHUNK) {
    for (size_t i = 0; i < CHUNK; i++) {
      uint64_t x = rng_next(&r);
      size_t k = first + i, corners = BASE_COUNT(CORNERS);
      bool corner = k < corners * corners;
      a[i] = (uint16_t)((corner ? CORNERS[k / corners] >> (16 - m->sig.a_bits) : (uint32_t)x) & a_mask);
      b[i] = (uint16_t)((corner ? CORNERS[k % corners] >> (16 - m->sig.b_bits) : (uint32_t)(x >> 32)) & b_mask);
      a_code[i] = a[i], b_code[i] = b[i];
    }
    mapped_products(s->net, m->sig.p_signed, a, b, CHUNK, p);
    mul_products(m, a_code, b_code, CHUNK, want);
    for (size_t i = 0; i < CHUNK; i++)
      if (p[i] != want[i])
        return differs(s, a[i], b[i], p[i], want[i], d);
  }
  s->pairs_checked = RANDOM_PAIRS;
  return true;
}

static int by_count(const void *a, const void *b) {
  const synth_count *x = a, *y = b;
  return x->count != y->count ? y->count - x->count : strcmp(x->cell, y->cell);
}

static void count_cells(arena *mem, synth_mul *s) {
  synth_count *counts = NULL;
  size_t n = 0, cap = 0, k;
  for (size_t i = 0; i < s->net->count; i++) {
    const char *name = s->net->cells[i].cell->name;
    for (k = 0; k < n && strcmp(counts[k].cell, name) != 0;)
      k++;
    if (k == n) {
      arena_grow(mem, counts, n, cap);
      counts[n++] = (synth_count){name, 0};
    }
    counts[k].count++;
  }
  if (n)
    qsort(counts, n, sizeof *counts, by_count);
  s->cells = counts;
  s->cell_kinds = n;
}

static bool time_it(arena *mem, const char *dir, synth_mul *s, diag *d) {
  char *constraints =
      arena_printf(mem,
                   "create_clock -name virtual -period 100\nset_input_delay 0 -clock virtual [all_inputs]\n"
                   "set_output_delay 0 -clock virtual [all_outputs]\nset_input_transition %.6g [all_inputs]\n",
                   s->lib->input_slew);
  synth_path path = {0};
  if (!synth_sta(mem, dir, s->lib, s->mul->ident, constraints, &path, d))
    return false;
  s->delay = path.found ? path.arrival : 0; // none: all outputs are constant
  s->from = path.found ? path.from : "";
  s->to = path.found ? path.to : "";
  return true;
}

// From the netlist in s->net and mapped.v.
static bool figures(arena *mem, const char *dir, synth_mul *s, diag *d) {
  s->area = s->net->area;
  s->leakage = s->net->leakage;
  count_cells(mem, s);
  if (!synth_areas_known(s->lib, s->cells, s->cell_kinds, d))
    return false;
  if (!(s->mul->table ? check_all(s, d) : check_some(s, d)) || !time_it(mem, dir, s, d))
    return false;
  s->uniform_fj = mapped_uniform_energy(s->net);
  return true;
}

static bool synthesise(arena *mem, const char *dir, synth_mul *s, const synth_recipe *recipe, diag *d) {
  return synth_adders(mem, dir, "", s->lib, d) && run_yosys(mem, dir, s, recipe, d) && figures(mem, dir, s, d);
}

bool synth_multiplier_net(arena *mem, const mapped *net, synth_mul *s, diag *d) {
  char *dir;
  str text = {0};
  if (!synth_begin(mem, s->lib, &dir, d))
    return false;
  s->net = net;
  s->recipe = NULL;
  mapped_verilog(net, &text);
  s->verilog = arena_strdup(mem, text.data);
  bool ok = synth_write(mem, dir, "mapped.v", &text, d) && figures(mem, dir, s, d);
  tool_temp_remove(dir);
  return ok;
}

bool synth_multiplier(arena *mem, const mul *m, const liberty *lib, synth_mul *out, diag *d) {
  return synth_multiplier_by(mem, m, lib, &synth_recipes[0], out, d);
}

bool synth_multiplier_by(arena *mem, const mul *m, const liberty *lib, const synth_recipe *recipe, synth_mul *out,
                         diag *d) {
  *out = (synth_mul){.mul = m, .lib = lib, .recipe = recipe->name};
  char *dir;
  if (!m->net)
    return diag_error(d,
                      "multiplier %s: a table has no gates, so no area, delay or energy; give its circuit instead "
                      "(`axgen mul import FILE.v`)",
                      m->name);
  if (liberty_find(lib, m->ident))
    return diag_error(d, "%s: its cell %s has the name of a module of this design", lib->file, m->ident);
  if (!synth_begin(mem, lib, &dir, d))
    return false;
  bool ok = synthesise(mem, dir, out, recipe, d);
  tool_temp_remove(dir);
  return ok;
}

size_t synth_same_multiplier(const mul *const *muls, const bool *used, size_t i) {
  size_t same = 0;
  while (same < i &&
         !(used[same] && strcmp(muls[same]->ident, muls[i]->ident) == 0 && mul_same_circuit(muls[same], muls[i])))
    same++;
  return same;
}

bool synth_multipliers_used(arena *mem, const mul *const *muls, size_t count, const bool *used, const liberty *lib,
                            synth_mul *all, diag *d) {
  progress p = progress_begin("multipliers", count);
  bool ok = true;
  for (size_t i = 0; ok && i < count; i++) {
    size_t same = synth_same_multiplier(muls, used, i);
    if (used[i] && same < i)
      all[i] = all[same];
    else if (used[i] && !all[i].net)
      ok = synth_multiplier_by(mem, muls[i], lib, all[i].recipe ? synth_recipe_named(all[i].recipe) : synth_recipes,
                               &all[i], d);
    progress_step(&p, 1);
  }
  progress_end(&p);
  return ok;
}
