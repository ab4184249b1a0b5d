// SPDX-License-Identifier: Apache-2.0
//
// The catalogue's file: reading it, and building it multiplier by multiplier.
#include "compiler/base/escape.h"
#include "genlib/measure/measure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { VERSION = 1 }; // to be raised when the way of measuring changes
#define NAMES "genlib/catalogue/names.txt"
#define EVOLVED "genlib/evolved"

const char *const catalogue_key[CATALOGUE_COUNT] = {
#define X(id, key, what) key,
    CATALOGUE_FIGURES(X)
#undef X
};
const char *const catalogue_what[CATALOGUE_COUNT] = {
#define X(id, key, what) what,
    CATALOGUE_FIGURES(X)
#undef X
};

// ---- the file ------------------------------------------------------------------------------------------------------
// One field, with or without quotes (RFC 4180); what follows it is a comma or the line's end, or nothing sensible.
static char *take_field(arena *mem, const char **at) {
  size_t n = strcspn(*at, ",\r\n");
  const char *p = *at;
  char *field = arena_strndup(mem, p, n);
  if (*p == '"') {
    for (p++; *p && *p != '\n' && (*p != '"' || p[1] == '"'); p++)
      p += *p == '"';
    if (*p != '"')
      return arena_strdup(mem, ""); // no end: the caller finds what is still there
    n = (size_t)(p - *at) + 1;
    field = arena_strndup(mem, *at + 1, (size_t)(p - *at) - 1);
    char *to = field;
    for (const char *from = field; *from; from++)
      if ((*to++ = *from) == '"')
        from++;
    *to = 0;
  }
  *at += n + ((*at)[n] == ',');
  return field;
}

// Text that a spreadsheet would run, or a terminal obey, is not in a catalogue that axgen wrote.
static bool good_text(src_pos pos, const char *field, diag *d) {
  if (text_fault(field))
    return diag_at(d, pos, "text with %s", text_fault(field));
  return !csv_is_formula(field) || diag_at(d, pos, "`%s` begins like a formula of a spreadsheet", field);
}

static bool read_line(arena *mem, const char *path, const char *text, const char *line, int number, catalogue_entry *e,
                      diag *d) {
  const char *at = line, **const texts[] = {&e->name, &e->sign, &e->recipe};
  for (size_t i = 0; i < BASE_COUNT(texts); i++) {
    src_pos pos = {path, number, (int)(at - line) + 1, text};
    *texts[i] = take_field(mem, &at);
    if (!good_text(pos, *texts[i], d))
      return false;
  }
  e->family = mul_class(mem, e->name);
  for (int i = 0; i < CATALOGUE_COUNT; i++) {
    src_pos pos = {path, number, (int)(at - line) + 1, text};
    char *field = take_field(mem, &at), *end;
    e->figure[i] = strtod(field, &end);
    if (!*field || *end || !isfinite(e->figure[i]))
      return diag_at(d, pos, "a number was expected (%s)", catalogue_what[i]);
  }
  e->hash = take_field(mem, &at);
  if (!good_text((src_pos){path, number, (int)(at - line) + 1, text}, e->hash, d))
    return false;
  return (*e->name && *e->hash && (*at == '\n' || *at == '\r' || !*at)) ||
         diag_at(d, (src_pos){path, number, (int)(at - line) + 1, text}, "%d fields were expected",
                 CATALOGUE_COUNT + 4);
}

static void header(str *out) {
  str_add(out, "name,sign,recipe,");
  for (int i = 0; i < CATALOGUE_COUNT; i++)
    str_printf(out, "%s,", catalogue_key[i]);
  str_add(out, "hash\n");
}

bool catalogue_read(arena *mem, const char *path, catalogue *out, diag *d) {
  bytes file;
  str want = {0};
  size_t cap = 0;
  *out = (catalogue){0};
  path = path ? path : data_path(mem, "genlib/catalogue/axgen45.csv");
  if (!file_read(mem, path, 64 << 20, &file, d))
    return false;
  const char *text = (const char *)file.data, *line = text;
  header(&want);
  bool ok = strncmp(text, want.data, want.len) == 0 ||
            diag_at(d, (src_pos){path, 1, 1, text}, "the header of a catalogue was expected: %s", want.data);
  str_free(&want);
  for (int number = 2; ok && (line = strchr(line, '\n')) && *++line; number++) {
    arena_grow(mem, out->entries, out->count, cap);
    ok = read_line(mem, path, text, line, number, &out->entries[out->count], d);
    out->count += ok;
  }
  return ok;
}

void catalogue_csv(const catalogue *c, str *out) {
  header(out);
  for (size_t i = 0; i < c->count; i++) {
    const catalogue_entry *e = &c->entries[i];
    escape_csv(out, e->name);
    str_add(out, ",");
    escape_csv(out, e->sign);
    str_add(out, ",");
    escape_csv(out, e->recipe);
    str_add(out, ",");
    for (int k = 0; k < CATALOGUE_COUNT; k++)
      str_printf(out, "%.6g,", e->figure[k]);
    escape_csv(out, e->hash);
    str_add(out, "\n");
  }
}

// ---- measuring -----------------------------------------------------------------------------------------------------
// The mean errors under the realistic operands' histograms.
static mul_errors realistic_errors(const mul *m, const measure_stream *s) {
  arena *mem = arena_new();
  double *a = arena_new_array(mem, double, (size_t)1 << m->sig.a_bits);
  double *b = arena_new_array(mem, double, (size_t)1 << m->sig.b_bits);
  for (size_t i = 0; i < s->count; i++)
    a[s->a[i]]++, b[s->b[i]]++;
  mul_errors e = mul_error_figures(m, &(mul_weights){.a = a, .b = b}, 1);
  arena_free(mem);
  return e;
}

static bool measure_entry(arena *mem, const mul *m, const liberty *lib, catalogue_entry *e, diag *d) {
  measure_stream streams[MEASURE_STREAMS], many;
  size_t count;
  measured best = {0};
  if (!measure_streams(mem, m->sig, NULL, 0, streams, &count, d) ||
      !measure_operands(mem, m->sig, "realistic", 1, 1 << 20, &many, d) ||
      !measure_cheapest(mem, m, lib, streams, count, &best, d))
    return false;
  bool weighable = m->sig.a_bits <= 12 && m->sig.b_bits <= 12;
  mul_errors u = mul_error_figures(m, NULL, 1), r = weighable ? realistic_errors(m, &many) : u;
  e->recipe = best.recipe;
  double *f = e->figure;
  f[CATALOGUE_A_BITS] = m->sig.a_bits, f[CATALOGUE_B_BITS] = m->sig.b_bits;
  f[CATALOGUE_AREA] = best.synth.area, f[CATALOGUE_LEAKAGE] = best.synth.leakage;
  f[CATALOGUE_DELAY] = best.synth.delay, f[CATALOGUE_CELLS] = (double)best.synth.net->count;
  f[CATALOGUE_ENERGY] = best.energy[0].energy, f[CATALOGUE_REALISTIC] = best.energy[1].energy;
  f[CATALOGUE_HELD] = best.energy[2].energy, f[CATALOGUE_GLITCHES] = best.energy[0].glitch_factor;
  f[CATALOGUE_MAE] = u.mae, f[CATALOGUE_WCE] = (double)m->wce, f[CATALOGUE_EP] = u.ep, f[CATALOGUE_MRE] = u.mre;
  f[CATALOGUE_MSE] = u.mse, f[CATALOGUE_BIAS] = u.bias;
  f[CATALOGUE_MAE_REAL] = r.mae, f[CATALOGUE_BIAS_REAL] = r.bias;
  return true;
}

// What the figures depend on: the circuit, the library, the recipes, and how is measured.
static const char *hash_of(arena *mem, const mul *m, const char *library) {
  str text = {0};
  mul_verilog(m, &text);
  str_printf(&text, "\n%s %d", library, VERSION);
  measure_recipes(&text);
  const char *hash = arena_strndup(mem, hash_hex(mem, text.data, text.len), 16);
  str_free(&text);
  return hash;
}

// ---- which multipliers ---------------------------------------------------------------------------------------------
typedef struct {
  const char **name;
  size_t count, cap;
} list;

static void add_name(arena *mem, list *l, const char *name) {
  arena_grow(mem, l->name, l->count, l->cap);
  l->name[l->count++] = name;
}

static void add_evolved(arena *mem, list *l) {
  char **files;
  size_t count;
  dir_list(mem, data_path(mem, EVOLVED), ".net", &files, &count);
  for (size_t i = 0; i < count; i++)
    add_name(mem, l, arena_strndup(mem, files[i], strlen(files[i]) - strlen(".net")));
}

static bool read_names(arena *mem, const char *path, list *l, diag *d) {
  bytes file;
  bool shipped = !path;
  path = path ? path : data_path(mem, NAMES);
  if (!file_read(mem, path, 1 << 20, &file, d))
    return false;
  const char *at = (const char *)file.data;
  while (*(at += strspn(at, " \t\r\n"))) {
    size_t n = *at == '#' ? 0 : strcspn(at, " \t\r\n");
    const char *name = arena_strndup(mem, at, n);
    if (n && (text_fault(name) || csv_is_formula(name)))
      return diag_error(d, "%s: `%s`: a name may not begin with = + - @, nor have control characters", path, name);
    if (n)
      add_name(mem, l, name);
    at += n ? n : strcspn(at, "\n");
  }
  if (shipped)
    add_evolved(mem, l);
  return true;
}

static bool save(const catalogue *c, const char *path, diag *d) {
  str text = {0};
  catalogue_csv(c, &text);
  bool ok = file_write(path, text.data, text.len, d);
  str_free(&text);
  return ok;
}

const catalogue_entry *catalogue_find(const catalogue *c, const char *name, const char *hash) {
  for (size_t i = 0; i < c->count; i++)
    if (strcmp(c->entries[i].name, name) == 0 && (!hash || strcmp(c->entries[i].hash, hash) == 0))
      return &c->entries[i];
  return NULL;
}

static bool build_entry(arena *mem, const char *name, const liberty *lib, const char *library, const catalogue *old,
                        catalogue_entry *e, bool *fresh, diag *d) {
  arena *scratch = arena_new();
  const mul *m = mul_make(scratch, name, d);
  bool ok = m != NULL;
  if (ok) {
    const char *hash = hash_of(mem, m, library);
    const catalogue_entry *known = catalogue_find(old, name, hash);
    *fresh = !known;
    if (known) {
      *e = *known;
    } else {
      const mul_sig *s = &m->sig;
      const char *sign = s->a_signed ? (s->b_signed ? "s" : "su") : s->b_signed ? "us" : "u";
      *e = (catalogue_entry){.name = name, .hash = hash, .family = mul_class(mem, name), .sign = sign};
      ok = measure_entry(scratch, m, lib, e, d);
    }
  }
  arena_free(scratch);
  return ok;
}

bool catalogue_build(arena *mem, const liberty *lib, const char *names, const char *path, size_t *measured_now,
                     diag *d) {
  list l = {0};
  catalogue old = {0}, now = {0};
  if (!read_names(mem, names, &l, d))
    return false;
  if (file_exists(path)) {
    diag ignored = {0}; // a damaged or older catalogue is built anew
    catalogue_read(mem, path, &old, &ignored);
    diag_free(&ignored);
  }
  const char *library = lib->hash;
  now.entries = arena_new_array(mem, catalogue_entry, l.count + 1);
  size_t measured_count = 0;
  bool ok = true;
  progress p = progress_begin("catalogue", l.count);
  for (size_t i = 0; ok && i < l.count; i++) {
    bool fresh = false;
    ok = !interrupted() && build_entry(mem, l.name[i], lib, library, &old, &now.entries[now.count], &fresh, d);
    now.count += ok;
    measured_count += ok && fresh;
    if (ok && fresh) { // with what is still to come, so that a killed run loses nothing
      catalogue all = {arena_new_array(mem, catalogue_entry, now.count + old.count), now.count};
      memcpy(all.entries, now.entries, now.count * sizeof *now.entries);
      for (size_t k = 0; k < old.count; k++)
        if (!catalogue_find(&now, old.entries[k].name, NULL))
          all.entries[all.count++] = old.entries[k];
      ok = save(&all, path, d);
    }
    progress_step(&p, 1);
  }
  progress_end(&p);
  if (measured_now)
    *measured_now = measured_count;
  return ok && save(&now, path, d);
}
