// SPDX-License-Identifier: Apache-2.0
//
// What was measured of a design in operation is kept like what tools made: under the hash of all that it depends on.
#include "compiler/cli/pins.h"
#include "compiler/tool/cache.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { VERSION = 1 }; // of what is measured and of the file
static const char INPUT[] = "measured.key", OUTPUT[] = "measured.txt";

// The design (its manifest has the hashes of all files), its netlist, the images, and how it is measured.
static bool write_key(session *s, const pins_kept *k, diag *d) {
  bytes manifest;
  str key = {0};
  if (!file_read(s->mem, path_join(s->mem, k->dir, "manifest.json"), 1 << 28, &manifest, d))
    return false;
  size_t pixels = (size_t)net_shape_size(s->data.shape) * s->data.count;
  str_printf(&key,
             "measured %d\ndesign %s\nnetlist %s\ndata %s\nimages %zu %zu\nclock %.17g\nsamples %u\nsimulator %s\n",
             VERSION, hash_hex(s->mem, manifest.data, manifest.size),
             hash_hex(s->mem, k->logic->verilog, k->logic->verilog_size), hash_hex(s->mem, s->data.pixels, pixels),
             s->first, s->images, s->cfg->clock_ns, k->samples, k->simulator);
  bool ok = file_write(path_join(s->mem, k->dir, INPUT), key.data, key.len, d);
  str_free(&key);
  return ok;
}

static const char *const INPUTS[] = {INPUT, NULL}, *const OUTPUTS[] = {OUTPUT, NULL};

static cache_job job_of(session *s, const pins_kept *k) {
  return (cache_job){.dir = k->dir,
                     .inputs = INPUTS,
                     .outputs = OUTPUTS,
                     .how = arena_printf(s->mem, "axgen %s\nlibrary %s\n", AXGEN_VERSION, k->logic->lib->hash)};
}

// ---- the file -------------------------------------------------------------------------------------------------------
static void print(const synth_netlist *n, const gates_energy *e, size_t images, str *out) {
  str_printf(out, "%zu %llu %llu %zu %a %a %d %a %zu %zu %zu\n", images, (unsigned long long)e->cycles,
             (unsigned long long)e->sampled, e->group_count, e->ci_fj, e->clock_fj, e->clock_buffers, e->clock_wire_um,
             e->nets, e->nets_toggled, n->memory_count);
  for (int k = 0; k < SYNTH_KIND_COUNT; k++)
    str_printf(out, "%a\n", e->kind_ci_fj[k]);
  for (size_t i = 0; i < e->group_count; i++)
    str_printf(out, "%a %a %llu %llu %llu\n", e->groups[i].zero_fj, e->groups[i].fj,
               (unsigned long long)e->groups[i].toggles, (unsigned long long)e->groups[i].sampled_toggles,
               (unsigned long long)e->groups[i].timed_toggles);
  for (size_t i = 0; i < n->memory_count; i++)
    str_printf(out, "%llu %llu\n", (unsigned long long)e->accesses[i][0], (unsigned long long)e->accesses[i][1]);
}

typedef struct {
  char *at;
  bool ok;
} reader;

static double real(reader *r) {
  char *end;
  double v = strtod(r->at, &end);
  r->ok = r->ok && end != r->at && isfinite(v);
  r->at = end;
  return v;
}

static uint64_t whole(reader *r) {
  char *end;
  uint64_t v = strtoull(r->at, &end, 10);
  r->ok = r->ok && end != r->at;
  r->at = end;
  return v;
}

static bool scan(arena *mem, const synth_netlist *n, char *text, gates_energy *e, size_t *images) {
  reader r = {text, true};
  *e = (gates_energy){0};
  *images = whole(&r);
  e->cycles = whole(&r), e->sampled = whole(&r), e->group_count = whole(&r);
  e->ci_fj = real(&r), e->clock_fj = real(&r);
  e->clock_buffers = (int)whole(&r);
  e->clock_wire_um = real(&r);
  e->nets = whole(&r), e->nets_toggled = whole(&r);
  if (whole(&r) != n->memory_count || !r.ok || e->group_count != n->structure->part_count * SYNTH_KIND_COUNT ||
      *images < 1 || e->cycles < 1)
    return false;
  for (int k = 0; k < SYNTH_KIND_COUNT; k++)
    e->kind_ci_fj[k] = real(&r);
  e->groups = arena_new_array(mem, gates_group, e->group_count);
  for (size_t i = 0; r.ok && i < e->group_count; i++) {
    gates_group *g = &e->groups[i];
    g->zero_fj = real(&r), g->fj = real(&r);
    g->toggles = whole(&r), g->sampled_toggles = whole(&r), g->timed_toggles = whole(&r);
  }
  uint64_t(*accesses)[2] = arena_calloc(mem, n->memory_count + 1, sizeof *accesses);
  for (size_t i = 0; r.ok && i < n->memory_count; i++)
    accesses[i][0] = whole(&r), accesses[i][1] = whole(&r);
  e->accesses = accesses;
  return r.ok;
}

// ---- fetching and keeping -------------------------------------------------------------------------------------------
bool pins_fetch(session *s, pins_kept *k, gates_energy *e, size_t *images, bool *found, diag *d) {
  *found = false;
  if (!write_key(s, k, d))
    return false;
  cache_job job = job_of(s, k);
  bytes text;
  diag unread = {0};
  if (cache_fetch(s->mem, &job) && file_read(s->mem, path_join(s->mem, k->dir, OUTPUT), 1 << 28, &text, &unread))
    *found = scan(s->mem, k->logic->netlist, (char *)text.data, e, images);
  diag_free(&unread);
  k->key = job.key;
  return true;
}

bool pins_keep(session *s, const pins_kept *k, const gates_energy *e, size_t images, diag *d) {
  str text = {0};
  cache_job job = job_of(s, k);
  job.key = k->key;
  print(k->logic->netlist, e, images, &text);
  bool ok = file_write(path_join(s->mem, k->dir, OUTPUT), text.data, text.len, d);
  str_free(&text);
  if (ok)
    cache_store(&job);
  return ok;
}
