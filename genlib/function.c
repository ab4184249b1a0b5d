// SPDX-License-Identifier: Apache-2.0
//
// The closed form of a generated multiplier (mul_form) as a Verilog module for simulators, and its gates compared with
// the closed form.
#include "genlib/generate.h"

#include <string.h>

// ---- Verilog ------------------------------------------------------------------------------------------------------
// All arithmetic is modulo 2^width, `width` the product's, which holds every product.
static void extend(const char *name, char operand, int bits, bool is_signed, int width, str *out) {
  str_printf(out, "  wire [%d:0] %s = {{%d{", width - 1, name, width - bits);
  if (is_signed)
    str_printf(out, "%c[%d]", operand, bits - 1);
  else
    str_add(out, "1'b0");
  str_printf(out, "}}, %c};\n", operand);
}

bool mul_has_function(const mul *m) { return spec_of(m) != NULL; }

bool mul_verilog_function(const mul *m, str *out) {
  const mul_spec *s = spec_of(m);
  if (!s)
    return false;
  const mul_sig *g = &m->sig;
  str_printf(out, "module %s (input wire [%d:0] a, input wire [%d:0] b, output wire [%d:0] p);\n", m->ident,
             g->a_bits - 1, g->b_bits - 1, g->p_bits - 1);
  extend("x", 'a', g->a_bits, g->a_signed, g->p_bits, out);
  extend("y", 'b', g->b_bits, g->b_signed, g->p_bits, out);
  if (s->form->exact(s))
    str_printf(out, "  assign p = x * y + %d'd%llu;\n", g->p_bits,
               (unsigned long long)s->compensation & (((unsigned long long)1 << g->p_bits) - 1));
  else
    s->form->write(s, g->p_bits, out);
  str_add(out, "endmodule\n\n");
  return true;
}

// ---- gates against the closed form --------------------------------------------------------------------------------
enum { CHUNK = 1 << 14 };

uint32_t mul_corner(int bits, unsigned k) {
  uint32_t all = bits == 32 ? ~0u : (1u << bits) - 1;
  const uint32_t corner[MUL_CORNERS] = {0, 1, all, all - 1, all >> 1, (all >> 1) + 1, 2, all / 3};
  return corner[k % MUL_CORNERS];
}

// Pair number n: in order of the codes, or first all pairs of corners, then one that follows from n alone.
static void pair_of(const mul *m, bool all, uint64_t n, uint32_t *a, uint32_t *b) {
  const mul_sig *g = &m->sig;
  if (!all && n < MUL_CORNERS * MUL_CORNERS) {
    *a = mul_corner(g->a_bits, (unsigned)(n / MUL_CORNERS));
    *b = mul_corner(g->b_bits, (unsigned)(n % MUL_CORNERS));
    return;
  }
  if (!all) {
    rng r = rng_seed(n);
    n = rng_next(&r);
  }
  *a = (uint32_t)(n >> g->b_bits) & ((1u << g->a_bits) - 1);
  *b = (uint32_t)n & ((1u << g->b_bits) - 1);
}

// The first pair of [first, first + CHUNK) for which they differ, or UINT64_MAX.
static uint64_t check_chunk(const mul *m, sim *s, bool all, uint64_t first) {
  const mul_sig *g = &m->sig;
  uint32_t a[64 * SIM_WORDS_MAX], b[64 * SIM_WORDS_MAX];
  int32_t values[64 * SIM_WORDS_MAX];
  uint64_t block = 64 * (uint64_t)nl_sim_words(s);
  const mul_spec *spec = m->params;
  for (uint64_t at = first; at < first + CHUNK; at += block) {
    for (uint64_t i = 0; i < block; i++)
      pair_of(m, all, at + i, &a[i], &b[i]);
    nl_sim_load(s, a, b, block);
    nl_sim_run(s);
    nl_sim_values(s, g->p_signed, values);
    for (uint64_t i = 0; i < block; i++)
      if (values[i] != (int32_t)spec->form->apply(spec, mul_value(a[i], g->a_bits, g->a_signed),
                                                  mul_value(b[i], g->b_bits, g->b_signed)))
        return at + i;
  }
  return UINT64_MAX;
}

mul_proof mul_prove(const mul *m, bool all_pairs, const char *label) {
  int bits = m->sig.a_bits + m->sig.b_bits;
  assert(spec_of(m) && m->net && bits >= 14 && m->sig.a_bits <= 16 && m->sig.b_bits <= 16);
  bool all = all_pairs || bits <= MUL_KEPT_BITS;
  uint64_t total = all ? (uint64_t)1 << bits : MUL_PROOF_SAMPLES, wrong = UINT64_MAX, done = 0;
  progress p = progress_begin(label, total);
#pragma omp parallel
  {
    arena *mem = arena_new();
    sim *s = nl_sim_new(mem, m->net, NULL, false);
#pragma omp for schedule(dynamic)
    for (int64_t k = 0; k < (int64_t)(total / CHUNK); k++) {
      uint64_t known;
#pragma omp atomic read
      known = wrong;
      // After a difference only what lies before it matters.
      if (interrupted() || known < (uint64_t)k * CHUNK)
        continue;
      uint64_t found = check_chunk(m, s, all, (uint64_t)k * CHUNK);
#pragma omp critical(mul_prove)
      {
        done += CHUNK;
        if (found < wrong) {
#pragma omp atomic write
          wrong = found;
        }
        progress_step(&p, CHUNK);
      }
    }
    arena_free(mem);
  }
  progress_end(&p);
  mul_proof r = {.pairs = done, .all = all, .equal = wrong == UINT64_MAX && done == total};
  r.differs = wrong != UINT64_MAX;
  if (r.differs)
    pair_of(m, all, wrong, &r.a, &r.b);
  return r;
}
