// SPDX-License-Identifier: Apache-2.0
//
// What comes after the proof: error figures, symmetries, the figures in the file's header.
#include "genlib/import/import_internal.h"
#include "synth/internal.h"

#include <string.h>

static bool published_area(const import_report *r) {
  for (size_t i = 0; i < r->figure_count; i++)
    if (strstr(r->figures[i].key, "AREA"))
      return true;
  return false;
}

static bool measure(import_job *j, const mul *m, import_report *r) {
  const liberty *lib;
  synth_mul s;
  if (!synth_library(j->mem, NULL, &lib, j->d) || !synth_multiplier(j->mem, m, lib, &s, j->d))
    return false;
  r->area = s.area;
  r->delay = s.delay;
  r->measured = true;
  return true;
}

// The figures over all pairs, and what they say about the multiplier itself.
static const mul *judge(import_job *j, const mul *m, import_report *r) {
  if (!mul_error_figures_all(m, &r->errors)) {
    diag_error(j->d, "%s: stopped before the error figures were known", j->path);
    return NULL;
  }
  mul *known = arena_memdup(j->mem, m, sizeof *m);
  if (m->adds)
    return m;
  known->min = r->errors.min, known->max = r->errors.max, known->wce = r->errors.wce;
  known->exact = known->wce == 0;
  return known;
}

bool import_finish(import_job *j, const char *text, const mul *m, const import_options *o, const mul **out,
                   import_report *r) {
  if (!(m = judge(j, m, r)))
    return false;
  import_symmetry(m, r); // f(a,b) = f(b,a) of adders too
  import_figures(j->mem, text, m, r);
  *out = m;
  return !(o->measure && published_area(r)) || measure(j, m, r);
}
