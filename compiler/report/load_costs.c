// SPDX-License-Identifier: Apache-2.0
//
// What the whole design takes: `energy` of synth.json (`axgen synth --energy`), and cost.json, which `axgen cost`
// predicts. Memories are kinds of their own, outside of the sums that are `without` them.
#include "compiler/report/load.h"
#include "compiler/report/read.h"

#include <math.h>

// Appends a kind where there is something of it, after those that report_read_kinds read.
static void add_kind(report_parts *to, const char *name, double value) {
  if (!(value > 0))
    return;
  to->kinds[to->kind_count++] = (report_kind){name, value};
  to->total += value;
}

static double sum_of_kinds(const report_parts *p) {
  double sum = 0;
  for (size_t k = 0; k < p->kind_count; k++)
    sum += p->kinds[k].value;
  return sum;
}

// ---- measured ----

// Kinds of the logic and its clock; the memories' energy, their leakage with it, beside them.
static bool read_kinds(arena *mem, json_place at, report_parts *out, double *memories, diag *d) {
  json_place kinds;
  double words = 0, leakage = 0;
  if (!json_object(mem, at, "kinds", &kinds, d) || !report_read_kinds(mem, kinds, out, d) ||
      !json_number(at, "memories_nj_per_image", 0, READ_MOST, &words, d) ||
      !json_number(at, "memory_leakage_nj_per_image", 0, READ_MOST, &leakage, d))
    return false;
  out->total = sum_of_kinds(out);
  *memories = words + leakage;
  return true;
}

static bool read_layer(arena *mem, json_place at, void *row, diag *d) {
  report_parts *out = row;
  double memories;
  out->name = "?";
  if (!report_read_text(mem, at, "layer", &out->name, d) || !read_kinds(mem, at, out, &memories, d))
    return false;
  double said = out->total;
  if (!json_number(at, "nj_per_image", 0, READ_MOST, &said, d) ||
      !report_read_sum(at, "nj_per_image", said, out->total, d))
    return false;
  add_kind(out, "memories", memories);
  return true;
}

// How sure the figure is, and how much of the netlist is in it.
static bool read_confidence(arena *mem, json_place energy, report_measured *m, diag *d) {
  json_place glitches, coverage;
  if (!json_object(mem, energy, "glitches", &glitches, d) || !json_object(mem, energy, "coverage", &coverage, d) ||
      !json_number(energy, "images", 1, READ_MOST, &m->images, d) ||
      !json_number(energy, "cycles_per_image", 0, READ_MOST, &m->cycles, d) ||
      !json_number(glitches, "ci95_nj_per_image", 0, READ_MOST, &m->ci, d) ||
      !json_number(glitches, "nj_per_image_without", 0, READ_MOST, &m->without_glitches, d) ||
      !json_number(coverage, "nets", 1, READ_MOST, &m->nets, d))
    return false;
  double most = isnan(m->nets) ? READ_MOST : m->nets;
  return json_number(coverage, "nets_measured", 0, most, &m->nets_measured, d) &&
         json_number(coverage, "nets_toggled", 0, isnan(m->nets_measured) ? most : m->nets_measured, &m->nets_toggled,
                     d);
}

// Whether the sums are those of the parts: kinds, layers where there are any, and all with the memories.
static bool sums(json_place energy, const report_measured *m, double memories, double outside, diag *d) {
  double layers = 0;
  for (size_t i = 0; i < m->layer_count; i++)
    layers += m->layers[i].total;
  return report_read_sum(energy, "nj_per_image", m->logic, m->all.total, d) &&
         report_read_sum(energy, "with_memories_nj_per_image", m->everything, m->logic + memories + outside, d) &&
         (!m->layer_count || report_read_sum(energy, "layers", layers, m->all.total + memories, d));
}

bool report_load_measured(arena *mem, json_place synth, report_measured *m, diag *d) {
  static const char *const NEED[] = {"nj_per_image", "with_memories_nj_per_image", "kinds", NULL};
  json_place energy;
  double outside = 0, memories;
  *m = (report_measured){NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, {0}, NULL, 0};
  if (!json_object(mem, synth, "energy", &energy, d))
    return false;
  if (!energy.object)
    return true;
  if (!report_read_need(energy, NEED, d) || !json_number(energy, "nj_per_image", 0, READ_MOST, &m->logic, d) ||
      !json_number(energy, "with_memories_nj_per_image", 0, READ_MOST, &m->everything, d) ||
      !json_number(energy, "external_nj_per_image", 0, READ_MOST, &outside, d) || !read_confidence(mem, energy, m, d) ||
      !read_kinds(mem, energy, &m->all, &memories, d) ||
      !report_read_rows(mem, energy, "layers", READ_ROWS, sizeof *m->layers, read_layer, &m->layers, &m->layer_count,
                        d) ||
      !sums(energy, m, memories, outside, d))
    return false;
  add_kind(&m->all, "memories", memories);
  add_kind(&m->all, "memory outside", outside);
  return true;
}

// ---- predicted ----

// Of a tile the accesses to memories are not counted: their energy is not known, nor the sum with it.
static bool read_memories(arena *mem, json_place top, report_predicted *p, diag *d) {
  json_place memories, area;
  report_parts of = {0};
  double words = NAN, leakage = 0, outside = 0, clock = 0; // nJ, uW, nJ, ns
  if (!json_object(mem, top, "memories", &memories, d) || !json_object(mem, memories, "area_um2", &area, d) ||
      !report_read_kinds(mem, area, &of, d) || !json_number(memories, "nj_per_image", 0, READ_MOST, &words, d) ||
      !json_number(memories, "leakage_uw", 0, READ_MOST, &leakage, d) ||
      !json_number(memories, "external_nj_per_image", 0, READ_MOST, &outside, d) ||
      !json_number(top, "clock_ns", 0, READ_MOST, &clock, d))
    return false;
  for (size_t k = 0; k < of.kind_count; k++)
    add_kind(&p->areas, arena_printf(mem, "memory: %s", of.kinds[k].name), of.kinds[k].value);
  add_kind(&p->energies, "memories", words + leakage * p->cycles * clock * 1e-6);
  add_kind(&p->energies, "memory outside", outside);
  p->everything = isnan(words) ? NAN : p->energies.total;
  return true;
}

bool report_load_predicted(arena *mem, const json_doc *doc, report_predicted *p, diag *d) {
  static const char *const NEED[] = {"area_um2", "nj_per_image", NULL};
  json_place top = json_top(doc), area, energy;
  *p = (report_predicted){NAN, NAN, NAN, NAN, NAN, {0}, {0}};
  if (!doc->root)
    return true;
  if (!report_read_need(top, NEED, d) || !json_object(mem, top, "area_um2", &area, d) ||
      !json_object(mem, top, "nj_per_image", &energy, d) || !report_read_kinds(mem, area, &p->areas, d) ||
      !report_read_kinds(mem, energy, &p->energies, d) ||
      !json_number(top, "cycles_per_image", 0, READ_MOST, &p->cycles, d) ||
      !json_number(top, "delay_ns", 0, READ_MOST, &p->delay_ns, d))
    return false;
  p->area = p->areas.total;
  p->logic = p->energies.total;
  return read_memories(mem, top, p, d);
}
