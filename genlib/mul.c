// SPDX-License-Identifier: Apache-2.0
//
// Multipliers from what is given: a table or a netlist. From a name: make.c.
#include "genlib/generate.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

const char *mul_identifier(arena *mem, const char *name) {
  char *ident = arena_printf(mem, MUL_MODULE "%s", name);
  for (char *p = ident; *p; p++)
    if (!isalnum((unsigned char)*p))
      *p = '_';
  return ident;
}

static int64_t table_function(const mul *m, int32_t a, int32_t b) {
  uint32_t a_code = (uint32_t)a & ((1u << m->sig.a_bits) - 1), b_code = (uint32_t)b & ((1u << m->sig.b_bits) - 1);
  return m->table[a_code << m->sig.b_bits | b_code];
}

// A product in 32 bits as its value.
static int64_t widen(const mul *m, int32_t p) { return m->sig.p_signed ? p : (int64_t)(uint32_t)p; }

// Up to MUL_KEPT_BITS: all products, like a table, but only for this function.
static int64_t kept_function(const mul *m, int32_t a, int32_t b) {
  uint32_t a_code = (uint32_t)a & ((1u << m->sig.a_bits) - 1), b_code = (uint32_t)b & ((1u << m->sig.b_bits) - 1);
  return widen(m, ((const int32_t *)m->params)[a_code << m->sig.b_bits | b_code]);
}

static int64_t gates_function(const mul *m, int32_t a, int32_t b) {
  return nl_eval(m->net, m->sig.p_signed, (uint32_t)a, (uint32_t)b);
}

// What all products show: their range and the worst error.
static void read_products(mul *m, const int32_t *products) {
  uint32_t size = 1u << (m->sig.a_bits + m->sig.b_bits);
  m->min = m->max = widen(m, products[0]);
  for (uint32_t v = 0; v < size; v++) {
    int64_t a = mul_value(v >> m->sig.b_bits, m->sig.a_bits, m->sig.a_signed);
    int64_t b = mul_value(v & ((1u << m->sig.b_bits) - 1), m->sig.b_bits, m->sig.b_signed);
    int64_t p = widen(m, products[v]), error = llabs(p - a * b);
    m->min = p < m->min ? p : m->min;
    m->max = p > m->max ? p : m->max;
    m->wce = error > m->wce ? error : m->wce;
  }
  m->exact = m->wce == 0;
}

const mul *mul_from_table(arena *mem, const char *name, mul_sig sig, const int32_t *table) {
  int bits = sig.a_bits + sig.b_bits;
  assert(bits <= 16);
  mul *m = arena_new_object(mem, mul);
  *m = (mul){.sig = sig, .name = arena_strdup(mem, name), .ident = mul_identifier(mem, name)};
  m->table = arena_memdup(mem, table, sizeof *table << bits);
  m->formula = "given as a table";
  m->sig.p_signed = true; // as the values are, until they are known
  read_products(m, m->table);
  m->function = table_function;
  m->sig.p_signed = sig.a_signed || sig.b_signed || m->min < 0;
  int need = m->sig.p_signed ? bits_signed(m->min, m->max) : bits_unsigned((uint64_t)m->max);
  m->sig.p_bits = need > bits ? need : bits;
  return m;
}

const mul *mul_from_netlist(arena *mem, const char *name, mul_sig sig, const netlist *net) {
  int bits = sig.a_bits + sig.b_bits, p_bits = net->out_bits;
  assert(sig.a_bits <= 16 && sig.b_bits <= 16 && net->a_bits == sig.a_bits && net->b_bits == sig.b_bits);
  assert(p_bits <= 32);
  mul *m = arena_new_object(mem, mul);
  *m = (mul){.sig = sig, .name = arena_strdup(mem, name), .ident = mul_identifier(mem, name), .net = net};
  m->sig.p_bits = p_bits;
  m->formula = "given as a netlist";
  if (bits > MUL_KEPT_BITS) {
    m->function = gates_function;
    m->wce = -1;
    m->min = sig.p_signed ? -((int64_t)1 << (p_bits - 1)) : 0;
    m->max = ((int64_t)1 << (p_bits - sig.p_signed)) - 1;
    return m;
  }
  int32_t *products = arena_new_array(mem, int32_t, (size_t)1 << bits);
  nl_sim_table(net, sig.p_signed, NULL, products);
  read_products(m, products);
  m->function = bits <= 16 ? table_function : kept_function;
  m->table = bits <= 16 ? products : NULL;
  m->params = bits <= 16 ? NULL : products;
  return m;
}

static void gate_products(const mul *m, const uint32_t *a, const uint32_t *b, size_t count, int64_t *products) {
  arena *mem = arena_new();
  sim *s = nl_sim_new(mem, m->net, NULL, false);
  int32_t values[64 * SIM_WORDS_MAX];
  size_t block = 64 * (size_t)nl_sim_words(s);
  for (size_t at = 0; at < count; at += block) {
    size_t n = count - at < block ? count - at : block;
    nl_sim_load(s, a + at, b + at, n);
    nl_sim_run(s);
    nl_sim_values(s, m->sig.p_signed, values);
    for (size_t i = 0; i < n; i++)
      products[at + i] = widen(m, values[i]);
  }
  arena_free(mem);
}

void mul_products(const mul *m, const uint32_t *a, const uint32_t *b, size_t count, int64_t *products) {
  if (m->function == gates_function) {
    gate_products(m, a, b, count, products);
    return;
  }
  mul_sig s = m->sig;
  uint32_t a_mask = (1u << s.a_bits) - 1, b_mask = (1u << s.b_bits) - 1;
  for (size_t i = 0; i < count; i++)
    products[i] =
        mul_apply(m, mul_value(a[i] & a_mask, s.a_bits, s.a_signed), mul_value(b[i] & b_mask, s.b_bits, s.b_signed));
}
