// SPDX-License-Identifier: Apache-2.0
#include "compiler/target/common/measured.h"

#include <math.h>

void measured_accesses(arena *mem, const synth_netlist *n, const gates_energy *e, double images,
                       memories_accesses *out) {
  out->list = NULL;
  out->count = out->cap = 0;
  for (size_t i = 0; i < n->memory_count; i++) {
    const synth_words *w = &n->memories[i];
    memories_add(mem, out,
                 (memories_access){w->part, w->role, w->width, w->depth, (double)e->accesses[i][0] / images,
                                   (double)e->accesses[i][1] / images});
  }
}

static void add(measured_row *to, const measured_row *r) {
  for (int k = 0; k < SYNTH_KIND_COUNT; k++)
    to->kinds[k] += r->kinds[k];
  to->clock_tree += r->clock_tree;
  to->leakage += r->leakage;
  to->total += r->total;
  to->memories += r->memories;
  to->memory_leakage += r->memory_leakage;
}

static measured_row row_of(const measured_energy *m, size_t part) {
  const synth_layer *l = &m->logic->layers[part];
  const memories_row *kept = &m->memories->rows[part];
  double each = 1e-6 / m->images, flip_flops = (double)m->logic->total.flip_flops; // fJ to nJ an image
  measured_row r = {.name = l->name};
  for (int k = 0; k < SYNTH_KIND_COUNT; k++) {
    r.kinds[k] = m->energy->groups[part * SYNTH_KIND_COUNT + (size_t)k].fj * each;
    r.total += r.kinds[k];
  }
  r.clock_tree = flip_flops > 0 ? m->energy->clock_fj * each * (double)l->area.flip_flops / flip_flops : 0;
  r.leakage = l->area.leakage * m->ns * 1e-9; // nW x ns
  r.total += r.clock_tree + r.leakage;
  r.memories = kept->energy;
  r.memory_leakage = kept->leakage * m->ns * 1e-6; // uW x ns
  return r;
}

void measured_sum(arena *mem, const synth_result *logic, const gates_energy *e, const memories_cost *memories,
                  double images, measured_energy *out) {
  *out = (measured_energy){.logic = logic, .energy = e, .memories = memories, .images = images};
  out->ns = (double)e->cycles * logic->clock / images;
  out->count = logic->layer_count;
  out->rows = arena_new_array(mem, measured_row, out->count);
  out->ci = e->ci_fj * 1e-6 / images;
  for (size_t i = 0; i < out->count; i++) {
    out->rows[i] = row_of(out, i);
    add(&out->total, &out->rows[i]);
  }
  for (int k = 0; k < SYNTH_KIND_COUNT; k++) {
    uint64_t plain = 0, timed = 0;
    out->kind_ci[k] = e->kind_ci_fj[k] * 1e-6 / images;
    for (size_t i = 0; i < out->count; i++) {
      const gates_group *g = &e->groups[i * SYNTH_KIND_COUNT + (size_t)k];
      plain += g->sampled_toggles, timed += g->timed_toggles;
      out->without_glitches += g->zero_fj * 1e-6 / images;
    }
    out->glitch_factor[k] = plain ? (double)timed / (double)plain : 0;
  }
  out->without_glitches += out->total.clock_tree + out->total.leakage;
}

// ---- printing ------------------------------------------------------------------------------------------------------
static const char METHOD[] =
    "every net of the mapped netlist in every cycle of real images; glitches from sampled cycles "
    "simulated with the library's delays; no wires but the clock's";
static const char *name_of(const measured_row *r) { return r->name ? r->name : "(between layers)"; }
static bool has_kind(const measured_energy *m, int k) { return m->logic->structure->kinds >> k & 1; }

// With memories and what comes from memory outside; what is not known is left out.
static double all_of(const measured_energy *m) {
  return m->total.total + m->memories->known_energy + m->total.memory_leakage + m->memories->external_energy;
}

static void add_row(const measured_energy *m, const measured_row *r, cJSON *to) {
  cJSON_AddNumberToObject(to, "nj_per_image", r->total);
  cJSON *kinds = cJSON_AddObjectToObject(to, "kinds");
  for (int k = 0; k < SYNTH_KIND_COUNT; k++)
    if (has_kind(m, k))
      cJSON_AddNumberToObject(kinds, synth_kind_name[k], r->kinds[k]);
  cJSON_AddNumberToObject(kinds, "clock tree", r->clock_tree);
  cJSON_AddNumberToObject(kinds, "leakage", r->leakage);
  if (!isnan(r->memories))
    cJSON_AddNumberToObject(to, "memories_nj_per_image", r->memories);
  cJSON_AddNumberToObject(to, "memory_leakage_nj_per_image", r->memory_leakage);
}

static cJSON *glitches_json(const measured_energy *m) {
  cJSON *o = cJSON_CreateObject();
  cJSON_AddNumberToObject(o, "cycles_sampled", (double)m->energy->sampled);
  cJSON_AddNumberToObject(o, "nj_per_image_without", m->without_glitches);
  cJSON_AddNumberToObject(o, "ci95_nj_per_image", m->ci);
  cJSON *factor = cJSON_AddObjectToObject(o, "factor"), *ci = cJSON_AddObjectToObject(o, "kinds_ci95_nj_per_image");
  for (int k = 0; k < SYNTH_KIND_COUNT; k++)
    if (has_kind(m, k)) {
      cJSON_AddNumberToObject(factor, synth_kind_name[k], m->glitch_factor[k]);
      cJSON_AddNumberToObject(ci, synth_kind_name[k], m->kind_ci[k]);
    }
  return o;
}

cJSON *measured_json(const measured_energy *m) {
  const gates_energy *e = m->energy;
  cJSON *o = cJSON_CreateObject();
  cJSON_AddStringToObject(o, "method", METHOD);
  cJSON_AddNumberToObject(o, "images", m->images);
  cJSON_AddNumberToObject(o, "cycles_per_image", (double)e->cycles / m->images);
  cJSON_AddNumberToObject(o, "ns_per_image", m->ns);
  add_row(m, &m->total, o);
  cJSON_AddNumberToObject(o, "external_nj_per_image", m->memories->external_energy);
  cJSON_AddNumberToObject(o, "with_memories_nj_per_image", all_of(m));
  cJSON_AddItemToObject(o, "glitches", glitches_json(m));
  cJSON *coverage = cJSON_AddObjectToObject(o, "coverage");
  cJSON_AddNumberToObject(coverage, "nets", (double)e->nets);
  cJSON_AddNumberToObject(coverage, "nets_measured", (double)e->nets);
  cJSON_AddNumberToObject(coverage, "nets_toggled", (double)e->nets_toggled);
  cJSON *tree = cJSON_AddObjectToObject(o, "clock_tree");
  cJSON_AddNumberToObject(tree, "buffers", e->clock_buffers);
  cJSON_AddNumberToObject(tree, "wire_um", e->clock_wire_um);
  cJSON *layers = cJSON_AddArrayToObject(o, "layers");
  for (size_t i = 0; i < m->count; i++) {
    cJSON *l = cJSON_CreateObject();
    cJSON_AddStringToObject(l, "layer", name_of(&m->rows[i]));
    add_row(m, &m->rows[i], l);
    cJSON_AddItemToArray(layers, l);
  }
  return o;
}

static void print_row(const measured_energy *m, const measured_row *r, str *out) {
  str_printf(out, "%-18s", name_of(r));
  for (int k = 0; k < SYNTH_KIND_COUNT; k++)
    if (has_kind(m, k))
      str_printf(out, " %11.3f", r->kinds[k]);
  str_printf(out, " %10.3f %10.3f %11.3f", r->clock_tree, r->leakage, r->total);
  if (isnan(r->memories))
    str_printf(out, " %11s\n", "-");
  else
    str_printf(out, " %11.3f\n", r->memories + r->memory_leakage);
}

static void print_glitches(const measured_energy *m, str *out) {
  str_printf(out, "%-18s", "with glitches, x");
  for (int k = 0; k < SYNTH_KIND_COUNT; k++)
    if (has_kind(m, k))
      str_printf(out, " %11.2f", m->glitch_factor[k]);
  str_printf(out, "  toggles with delays over those without\n");
}

void measured_text(const measured_energy *m, str *out) {
  const gates_energy *e = m->energy;
  str_printf(out, "Energy of the whole design, nJ an image: mean of %.0f, %.1f cycles each\n%-18s", m->images,
             (double)e->cycles / m->images, m->logic->structure->unit);
  for (int k = 0; k < SYNTH_KIND_COUNT; k++)
    if (has_kind(m, k))
      str_printf(out, " %11s", synth_kind_name[k]);
  str_printf(out, " %10s %10s %11s %11s\n", "clock tree", "leakage", "total", "memories");
  for (size_t i = 0; i < m->count; i++)
    print_row(m, &m->rows[i], out);
  measured_row total = m->total;
  total.name = "total";
  total.memories = m->memories->known_energy;
  print_row(m, &total, out);
  print_glitches(m, out);
  str_printf(
      out,
      "logic %.3f (+- %.3f from %llu sampled cycles; %.3f without delays) + memories %.3f + memory outside %.3f = "
      "%.3f nJ an image\n",
      m->total.total, m->ci, (unsigned long long)e->sampled, m->without_glitches,
      m->memories->known_energy + m->total.memory_leakage, m->memories->external_energy, all_of(m));
  str_printf(
      out, "all of %zu nets measured, %.1f %% of them toggled; clock tree: %d buffers, %.0f um of wire (a model)\n",
      e->nets, e->nets ? 100.0 * (double)e->nets_toggled / (double)e->nets : 0, e->clock_buffers, e->clock_wire_um);
}
