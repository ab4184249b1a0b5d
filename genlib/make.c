// SPDX-License-Identifier: Apache-2.0
//
// From a name to a multiplier: what kind of name it is; for a generated one its netlist, its table (by simulating the
// netlist) and its exact extremes.
#include "genlib/generate.h"

#include <string.h>

static int64_t generated_function(const mul *m, int32_t a, int32_t b) {
  const mul_spec *s = m->params;
  return s->form->apply(s, a, b);
}

const mul_spec *spec_of(const mul *m) { return m->function == generated_function ? m->params : NULL; }

static const mul *make_generated(arena *mem, const char *name, diag *d) {
  mul_spec *spec = arena_new_object(mem, mul_spec);
  if (!spec_parse(name, spec, d))
    return NULL;
  mul *m = arena_new_object(mem, mul);
  m->name = arena_strdup(mem, name);
  m->ident = mul_identifier(mem, name);
  spec_figures f = spec_find_figures(spec);
  m->min = f.min;
  m->max = f.max;
  m->wce = f.worst;
  m->sig = spec->sig;
  if (m->sig.p_bits > 32) {
    diag_error(d, "multiplier `%s`: its products need %d bits; 32 are possible", name, m->sig.p_bits);
    return NULL;
  }
  m->params = spec;
  m->function = generated_function;
  m->exact = m->wce == 0;
  m->formula = spec->form->formula(mem, spec);
  m->net = spec->form->generate(mem, spec);
  int bits = m->sig.a_bits + m->sig.b_bits;
  if (bits <= 16) {
    int32_t *table = arena_new_array(mem, int32_t, (size_t)1 << bits);
    nl_sim_table(m->net, m->sig.p_signed, NULL, table);
    m->table = table;
  }
  return m;
}

static bool is_verilog(const char *name) { return str_ends_with(name, ".v") || str_ends_with(name, ".sv"); }

bool mul_is_file(const char *name) {
  return strchr(name, '/') || mul_is_table_file(name) || str_ends_with(name, ".net") || is_verilog(name);
}

const mul *mul_make(arena *mem, const char *name, diag *d) {
  if (mul_is_table_file(name))
    return mul_import_table(mem, name, NULL, d);
  if (is_verilog(name)) {
    diag_error(d,
               "%s: Verilog is imported first: `axgen mul import %s -o DIR` proves it and writes DIR/MODULE.net; "
               "then name that",
               name, name);
    return NULL;
  }
  if (str_ends_with(name, ".net"))
    return mul_read_netlist(mem, name, name, d);
  if (!strncmp(name, "evo", 3))
    return mul_shipped(mem, name, d);
  return make_generated(mem, name, d);
}
