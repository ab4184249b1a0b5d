// SPDX-License-Identifier: Apache-2.0
//
// `technology: {memories: FILE}`: what memories cost (synth/memory.h), as synth/memories/memories45.yaml.
#include "compiler/config/config_parts.h"

#include <math.h>

// A number of [lo, hi] at `key` of the map y.
static void real(const yaml *y, const char *key, double lo, double hi, double *out, diag *d) {
  const yaml *e = yaml_need(y, key, d);
  double v;
  if (!e || !yaml_real(e, &v, d))
    return;
  if (v >= lo && v <= hi)
    *out = v;
  else
    diag_at(d, e->pos, "%s: expected a number from %g to %g, found `%.40s`", key, lo, hi, e->text);
}

static const yaml *map(const yaml *y, const char *key, const char *const *known, diag *d) {
  const yaml *e = y ? yaml_need(y, key, d) : NULL;
  if (!e || !yaml_is(e, YAML_MAP, d))
    return NULL;
  yaml_keys(e, key, known, d);
  return e;
}

static void power(const yaml *y, const char *key, memory_power *out, diag *d) {
  static const char *const KEYS[] = {"scale", "words", "bits", NULL};
  const yaml *e = map(y, key, KEYS, d);
  if (!e)
    return;
  real(e, "scale", 0, 1e6, &out->scale, d);
  real(e, "words", -4, 4, &out->words, d);
  real(e, "bits", -4, 4, &out->bits, d);
}

static void range(const yaml *y, const char *key, int64_t out[2], diag *d) {
  const yaml *e = yaml_need(y, key, d);
  int32_t v[2];
  if (!e || !yaml_ints(e, 2, 1, 1 << 24, v, d))
    return;
  if (v[0] > v[1])
    diag_at(d, e->pos, "%s: expected [fewest, most], found [%d, %d]", key, v[0], v[1]);
  out[0] = v[0], out[1] = v[1];
}

static void read_model(const yaml *root, memory_model *m, diag *d) {
  static const char *const KEYS[] = {"sram", "registers", "rom", "external", NULL};
  static const char *const SRAM[] = {"area_um2", "read_pj", "write_pj",  "leakage_uw",
                                     "words",    "bits",    "from_bits", NULL};
  static const char *const REGISTERS[] = {"area_um2", "access_pj", NULL}, *const ROM[] = {"area", "read", NULL},
                           *const EXTERNAL[] = {"pj_per_byte", NULL};
  yaml_keys(root, "the figures of memories", KEYS, d);
  const yaml *sram = map(root, "sram", SRAM, d), *registers = map(root, "registers", REGISTERS, d),
             *rom = map(root, "rom", ROM, d), *external = map(root, "external", EXTERNAL, d);
  if (sram) {
    power(sram, "area_um2", &m->area, d);
    power(sram, "read_pj", &m->read, d);
    power(sram, "write_pj", &m->write, d);
    power(sram, "leakage_uw", &m->leakage, d);
    range(sram, "words", m->words, d);
    range(sram, "bits", m->bits, d);
    yaml_int(yaml_need(sram, "from_bits", d), 0, 1 << 24, &m->from_bits, d);
  }
  if (registers) {
    real(registers, "area_um2", 0, 1e6, &m->register_area, d);
    real(registers, "access_pj", 0, 1e6, &m->register_access, d);
  }
  if (rom) {
    real(rom, "area", 0, 1e3, &m->rom_area, d);
    real(rom, "read", 0, 1e3, &m->rom_read, d);
  }
  if (external)
    real(external, "pj_per_byte", 0, 1e9, &m->external, d);
}

const memory_model *config_memories(arena *mem, const char *path, diag *d) {
  int before = d->errors;
  memory_model *m = arena_new_object(mem, memory_model);
  m->file = path ? path : "synth/memories/memories45.yaml";
  const yaml *root = yaml_read(mem, path ? path : data_path(mem, m->file), d);
  if (!root || !yaml_is(root, YAML_MAP, d))
    return NULL;
  read_model(root, m, d);
  return d->errors > before ? NULL : m;
}
