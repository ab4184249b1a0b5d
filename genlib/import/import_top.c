// SPDX-License-Identifier: Apache-2.0
//
// Which module of the files is the multiplier. Testbenches (modules without ports), helpers that nobody uses and what
// belongs to other modules are left out before any tool sees the text.
#include "genlib/import/import_internal.h"
#include "synth/internal.h"

#include <string.h>

enum { MAX_TRIED = 16, MAX_LISTED = 12 };

static const char *place(import_job *j, int line) {
  const source_place *at = source_place_of(j->source, line);
  return arena_printf(j->mem, "%s:%d", at->file, at->line);
}

static void list(import_job *j, const int *modules, size_t count, str *out) {
  for (size_t i = 0; i < count && i < MAX_LISTED; i++)
    str_printf(out, "%s`%s` (%s)", i ? ", " : "", j->source->modules[modules[i]].name,
               place(j, j->source->modules[modules[i]].line));
  if (count > MAX_LISTED)
    str_printf(out, " and %zu more", count - MAX_LISTED);
}

static bool refuse_list(import_job *j, const char *fmt, const int *modules, size_t count) {
  str names = {0};
  list(j, modules, count, &names);
  diag_error(j->d, "%s: %s: %s; say which (--module)", j->path, fmt, names.data);
  str_free(&names);
  return false;
}

static bool is_plain(const char *name) { // it goes into a script
  return !name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$")];
}

// in.v, look.v (as Yosys understands it) and the ports of this module.
static bool take(import_job *j, const import_options *o, int top) {
  str script = {0};
  j->module = j->source->modules[top].name;
  if (!is_plain(j->module))
    return import_refuse(j, "its name (%s) has characters other than letters, digits, `_` and `$`",
                         place(j, j->source->modules[top].line));
  j->text = source_select(j->source, top, j->d);
  if (!j->text || !file_write(path_join(j->mem, j->dir, "in.v"), j->text, strlen(j->text), j->d))
    return false;
  import_add_read(j, &script);
  import_add_hierarchy(j, false, &script);
  str_add(&script, "proc\nwrite_verilog -noattr look.v\nwrite_json ports.json\n");
  return import_yosys(j, &script) && import_ports(j, path_join(j->mem, j->dir, "ports.json"), o);
}

// Modules with ports that no module with ports instantiates.
static size_t find_roots(const import_job *j, int *roots) {
  const source *s = j->source;
  bool *used = arena_new_array(j->mem, bool, s->count + 1);
  for (size_t i = 0; i < s->count; i++)
    for (size_t k = 0; s->modules[i].ports && k < s->modules[i].use_count; k++)
      used[s->modules[i].uses[k]] |= s->modules[i].uses[k] != (int)i;
  size_t count = 0;
  for (size_t i = 0; i < s->count; i++)
    if (s->modules[i].module && s->modules[i].ports && !used[i])
      roots[count++] = (int)i;
  return count;
}

// A module's other name in the same files, when the one taken is no multiplier.
static void note_others(import_job *j) {
  int *others = arena_new_array(j->mem, int, j->source->count + 1);
  size_t count = 0;
  for (size_t i = 0; i < j->source->count; i++)
    if (j->source->modules[i].module && j->source->modules[i].ports &&
        strcmp(j->source->modules[i].name, j->module) != 0)
      others[count++] = (int)i;
  if (!count)
    return;
  str names = {0};
  list(j, others, count, &names);
  diag_note(j->d, "there are other modules, which --module takes: %s", names.data);
  str_free(&names);
}

// Of several roots, those that have the ports of a multiplier.
static bool try_roots(import_job *j, const import_options *o, const int *roots, size_t count) {
  if (count > MAX_TRIED)
    return refuse_list(j, "many modules are instantiated by no other", roots, count);
  int fits[MAX_TRIED];
  size_t fit_count = 0;
  for (size_t i = 0; i < count; i++) {
    if (j->source->modules[roots[i]].ports != 3) // a, b and the product
      continue;
    diag quiet = {0};
    import_job trial = *j;
    trial.d = &quiet;
    if (take(&trial, o, roots[i]))
      fits[fit_count++] = roots[i];
    diag_free(&quiet);
    if (*j->time_left <= 0)
      return take(j, o, roots[i]); // which says so
  }
  if (fit_count > 1)
    return refuse_list(
        j,
        arena_printf(j->mem, "several modules are instantiated by no other, and could each be the %s", import_kind(j)),
        fits, fit_count);
  if (!fit_count)
    return refuse_list(j, "several modules are instantiated by no other, and none can be taken as it is", roots, count);
  return take(j, o, fits[0]);
}

bool import_choose_top(import_job *j, const import_options *o) {
  int *roots = arena_new_array(j->mem, int, j->source->count + 1);
  if (o->module) {
    int asked = source_find(j->source, o->module);
    if (asked >= 0 && j->source->modules[asked].module)
      return take(j, o, asked);
    size_t count = 0;
    for (size_t i = 0; i < j->source->count; i++)
      if (j->source->modules[i].module)
        roots[count++] = (int)i;
    return refuse_list(j, arena_printf(j->mem, "there is no module `%s`; there are", o->module), roots, count);
  }
  size_t count = find_roots(j, roots);
  if (!count)
    return diag_error(j->d, "%s: there is no module with ports in it that no other instantiates", j->path);
  if (count > 1)
    return try_roots(j, o, roots, count);
  int before = j->d->errors;
  if (take(j, o, roots[0]))
    return true;
  if (j->d->errors > before)
    note_others(j);
  return false;
}
