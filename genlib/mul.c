// SPDX-License-Identifier: Apache-2.0
//
// From a name to a multiplier: its netlist, its table (by simulating the netlist) and its exact extremes.
#include "genlib/generate.h"

#include <ctype.h>

static int64_t generated_function(const mul *m, int32_t a, int32_t b) { return spec_apply(m->params, a, b); }

static const char *identifier(arena *mem, const char *name) {
  char *ident = arena_printf(mem, "mul_%s", name);
  for (char *p = ident; *p; p++)
    if (!isalnum((unsigned char)*p))
      *p = '_';
  return ident;
}

const mul *mul_make(arena *mem, const char *name, diag *d) {
  mul_spec *spec = arena_new_object(mem, mul_spec);
  if (!spec_parse(name, spec, d))
    return NULL;
  mul *m = arena_new_object(mem, mul);
  m->name = arena_strdup(mem, name);
  m->ident = identifier(mem, name);
  spec_figures(spec, &m->min, &m->max, &m->wce);
  m->sig = spec->sig;
  if (m->sig.p_bits > 32) {
    diag_error(d, "multiplier `%s`: its products need %d bits; 32 are possible", name, m->sig.p_bits);
    return NULL;
  }
  m->params = spec;
  m->function = generated_function;
  m->exact = m->wce == 0;
  m->formula = spec_formula(mem, spec);
  m->net = generate(mem, spec);
  int bits = m->sig.a_bits + m->sig.b_bits;
  if (bits <= 16) {
    int32_t *table = arena_new_array(mem, int32_t, (size_t)1 << bits);
    sim_table(m->net, m->sig.p_signed, NULL, table);
    m->table = table;
  }
  return m;
}
