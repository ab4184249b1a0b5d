// SPDX-License-Identifier: Apache-2.0
//
// From a name to a multiplier: its netlist, its table (by simulating the netlist) and its exact extremes.
#include "genlib/evolve.h"
#include "genlib/generate.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static int64_t generated_function(const mul *m, int32_t a, int32_t b) { return spec_apply(m->params, a, b); }

const mul_spec *spec_of(const mul *m) { return m->function == generated_function ? m->params : NULL; }

static const char *identifier(arena *mem, const char *name) {
  char *ident = arena_printf(mem, "mul_%s", name);
  for (char *p = ident; *p; p++)
    if (!isalnum((unsigned char)*p))
      *p = '_';
  return ident;
}

static int64_t table_function(const mul *m, int32_t a, int32_t b) {
  uint32_t a_code = (uint32_t)a & ((1u << m->sig.a_bits) - 1), b_code = (uint32_t)b & ((1u << m->sig.b_bits) - 1);
  return m->table[a_code << m->sig.b_bits | b_code];
}

// What a table shows: the range of the products and the worst error.
static void read_table(mul *m) {
  uint32_t size = 1u << (m->sig.a_bits + m->sig.b_bits);
  m->min = m->max = m->table[0];
  for (uint32_t v = 0; v < size; v++) {
    int64_t a = mul_value(v >> m->sig.b_bits, m->sig.a_bits, m->sig.a_signed);
    int64_t b = mul_value(v & ((1u << m->sig.b_bits) - 1), m->sig.b_bits, m->sig.b_signed);
    int64_t p = m->table[v], error = llabs(p - a * b);
    m->min = p < m->min ? p : m->min;
    m->max = p > m->max ? p : m->max;
    m->wce = error > m->wce ? error : m->wce;
  }
  m->exact = m->wce == 0;
  m->function = table_function;
}

const mul *mul_from_table(arena *mem, const char *name, mul_sig sig, const int32_t *table) {
  int bits = sig.a_bits + sig.b_bits;
  assert(bits <= 16);
  mul *m = arena_new_object(mem, mul);
  *m = (mul){.sig = sig, .name = arena_strdup(mem, name), .ident = identifier(mem, name)};
  m->table = arena_memdup(mem, table, sizeof *table << bits);
  m->formula = "given as a table";
  read_table(m);
  m->sig.p_signed = sig.a_signed || sig.b_signed || m->min < 0;
  int need = m->sig.p_signed ? bits_signed(m->min, m->max) : bits_unsigned((uint64_t)m->max);
  m->sig.p_bits = need > bits ? need : bits;
  return m;
}

const mul *mul_from_netlist(arena *mem, const char *name, mul_sig sig, const netlist *net) {
  int bits = sig.a_bits + sig.b_bits;
  assert(bits <= 16 && net->a_bits == sig.a_bits && net->b_bits == sig.b_bits && net->out_bits <= 32);
  mul *m = arena_new_object(mem, mul);
  *m = (mul){.sig = sig, .name = arena_strdup(mem, name), .ident = identifier(mem, name), .net = net};
  m->sig.p_bits = net->out_bits;
  int32_t *table = arena_new_array(mem, int32_t, (size_t)1 << bits);
  sim_table(net, sig.p_signed, NULL, table);
  m->table = table;
  m->formula = "given as a netlist";
  read_table(m);
  return m;
}

static bool is_file(const char *name) {
  static const char *const endings[] = {".bin", ".h", ".c", ".txt"};
  for (size_t i = 0; i < BASE_COUNT(endings); i++)
    if (str_ends_with(name, endings[i]))
      return true;
  return false;
}

const mul *mul_make(arena *mem, const char *name, diag *d) {
  if (is_file(name))
    return mul_import_table(mem, name, NULL, d);
  if (str_ends_with(name, ".net"))
    return evolve_read(mem, name, name, d);
  if (!strncmp(name, "evo", 3))
    return evolve_shipped(mem, name, d);
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
