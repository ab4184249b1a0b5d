// SPDX-License-Identifier: Apache-2.0
#include "compiler/target/common/memories.h"
#include "compiler/base/json.h"

#include <math.h>

void memories_add(arena *mem, memories_accesses *to, memories_access a) {
  arena_grow(mem, to->list, to->count, to->cap);
  to->list[to->count++] = a;
}

// The energy of what is read and written in memories of this shape; NAN: nobody knows how often.
static void add_accesses(const memories_accesses *a, size_t part, const synth_memory *m, const memory_cost *one,
                         memories_row *row) {
  bool known = false;
  for (size_t i = 0; i < a->count; i++) {
    const memories_access *x = &a->list[i];
    if (x->part != part || x->role != m->role || x->width != m->width || x->depth != m->depth)
      continue;
    known = true;
    row->reads += x->reads;
    row->writes += x->writes;
    row->energy += (x->reads * one->read + x->writes * one->write) * 1e-3;
  }
  if (!known)
    row->reads = row->writes = row->energy = NAN;
}

static memories_row row_of(const memory_model *model, const synth_layer *l, size_t part, const memories_accesses *a) {
  memories_row row = {.name = l->name};
  for (size_t i = 0; i < l->memory_count; i++) {
    const synth_memory *m = &l->memories[i];
    memory_cost one = memory_estimate(model, m->role == SYNTH_ROM ? MEMORY_ROM : MEMORY_RAM, m->width, m->depth);
    double *area = one.registers ? &row.registers : m->role == SYNTH_ROM ? &row.rom : &row.sram;
    *area += one.area * (double)m->count;
    row.leakage += one.leakage * (double)m->count;
    row.macros += one.macros * m->count;
    add_accesses(a, part, m, &one, &row);
  }
  return row;
}

void memories_estimate(arena *mem, const memory_model *model, const synth_result *logic, const memories_accesses *a,
                       memories_cost *out) {
  *out = (memories_cost){.model = model, .count = logic->layer_count, .external_bytes = a->external_bytes};
  out->rows = arena_new_array(mem, memories_row, out->count);
  memories_row *t = &out->total;
  for (size_t i = 0; i < out->count; i++) {
    const memories_row *r = &out->rows[i];
    out->rows[i] = row_of(model, &logic->layers[i], i, a);
    t->sram += r->sram;
    t->rom += r->rom;
    t->registers += r->registers;
    t->leakage += r->leakage;
    t->macros += r->macros;
    t->reads += r->reads;
    t->writes += r->writes;
    t->energy += r->energy;
    out->known_energy += isnan(r->energy) ? 0 : r->energy;
  }
  out->external_energy = a->external_bytes * model->external * 1e-3;
}

double memories_area(const memories_row *r) { return r->sram + r->rom + r->registers; }

double memories_energy(const memories_cost *c, double ns) {
  return c->total.energy + c->total.leakage * ns * 1e-6 + c->external_energy;
}

// ---- printing ------------------------------------------------------------------------------------------------------
static const char NOTE[] =
    "estimates: SRAM areas are optimistic, by up to 2.2; one port is counted where there are two; "
    "ROMs as a part of an SRAM, without figures of 45 nm";
static const char *name_of(const memories_row *r) { return r->name ? r->name : "(between layers)"; }

static void add_numbers(cJSON *o, const memories_row *r) {
  cJSON *area = cJSON_AddObjectToObject(o, "area_um2");
  cJSON_AddNumberToObject(area, "total", memories_area(r));
  cJSON_AddNumberToObject(area, "sram", r->sram);
  cJSON_AddNumberToObject(area, "rom", r->rom);
  cJSON_AddNumberToObject(area, "registers", r->registers);
  cJSON_AddNumberToObject(o, "macros", (double)r->macros);
  cJSON_AddNumberToObject(o, "leakage_uw", r->leakage);
  json_add_known(o, "words_read_per_image", r->reads);
  json_add_known(o, "words_written_per_image", r->writes);
  json_add_known(o, "nj_per_image", r->energy);
}

cJSON *memories_json(const memories_cost *c, double logic_area) {
  cJSON *o = cJSON_CreateObject();
  cJSON_AddStringToObject(o, "method", NOTE);
  cJSON_AddStringToObject(o, "figures", c->model->file);
  add_numbers(o, &c->total);
  cJSON_AddNumberToObject(o, "area_with_logic_um2", memories_area(&c->total) + logic_area);
  cJSON_AddNumberToObject(o, "external_bytes_per_image", c->external_bytes);
  cJSON_AddNumberToObject(o, "external_nj_per_image", c->external_energy);
  cJSON *list = cJSON_AddArrayToObject(o, "layers");
  for (size_t i = 0; i < c->count; i++) {
    cJSON *l = cJSON_CreateObject();
    cJSON_AddStringToObject(l, "layer", name_of(&c->rows[i]));
    add_numbers(l, &c->rows[i]);
    cJSON_AddItemToArray(list, l);
  }
  return o;
}

static void known(double v, int width, int digits, str *out) {
  if (isnan(v))
    str_printf(out, " %*s", width, "-");
  else
    str_printf(out, " %*.*f", width, digits, v);
}

static void print_row(const char *name, const memories_row *r, str *out) {
  str_printf(out, "%-18s %11.0f %11.0f %11.0f %7lld %9.1f", name, r->sram, r->rom, r->registers, (long long)r->macros,
             r->leakage);
  known(r->reads, 12, 0, out);
  known(r->writes, 12, 0, out);
  known(r->energy, 11, 3, out);
  str_add(out, "\n");
}

void memories_text(const memories_cost *c, double logic_area, const char *unit, str *out) {
  str_printf(out, "Memories, in um2, not in the areas above (%s)\n%-18s %11s %11s %11s %7s %9s %12s %12s %11s\n",
             c->model->file, unit, "SRAM", "ROM", "flip-flops", "macros", "leak. uW", "reads/img", "writes/img",
             "nJ/img");
  for (size_t i = 0; i < c->count; i++)
    print_row(name_of(&c->rows[i]), &c->rows[i], out);
  print_row("total", &c->total, out);
  if (isnan(c->total.energy))
    str_add(out, "-: how often they are read and written is not counted\n");
  if (c->external_bytes > 0)
    str_printf(out, "memory outside: %.0f bytes an image, %.3f nJ at %g pJ a byte\n", c->external_bytes,
               c->external_energy, c->model->external);
  str_printf(out, "logic %.0f + memories %.0f = %.0f um2\n%s\n", logic_area, memories_area(&c->total),
             logic_area + memories_area(&c->total), NOTE);
}
