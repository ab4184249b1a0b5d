// SPDX-License-Identifier: Apache-2.0
//
// Netlists of one function, compared on all pairs of operands.
#include "genlib/genlib.h"

enum { CHUNK = 1 << 16 }; // vectors that a thread takes at once

static uint64_t value_at(const sim *s, int bits, int word, int bit) {
  uint64_t p = 0;
  for (int k = 0; k < bits; k++)
    p |= (nl_sim_output(s, k)[word] >> bit & 1) << k;
  return p;
}

// The first vector of the block just run whose outputs differ, or -1.
static int first_difference(const sim *x, const sim *y, int bits) {
  uint64_t differ[SIM_WORDS_MAX] = {0};
  int words = nl_sim_words(x);
  for (int k = 0; k < bits; k++) {
    const uint64_t *p = nl_sim_output(x, k), *q = nl_sim_output(y, k);
    for (int w = 0; w < words; w++)
      differ[w] |= p[w] ^ q[w];
  }
  for (int w = 0; w < words; w++)
    if (differ[w])
      return 64 * w + __builtin_ctzll(differ[w]);
  return -1;
}

typedef struct {
  uint64_t vector; // the first that differs; UINT64_MAX: none
  int which;
  int64_t x, y;
} difference;

// Blocks in order: of the netlists that differ in one, the first vector counts, then the first netlist.
static void compare_chunk(sim *const *s, int count, const netlist *n, uint64_t first, uint64_t vectors,
                          difference *out) {
  uint64_t block = 64 * (uint64_t)nl_sim_words(s[0]), total = (uint64_t)1 << (n->a_bits + n->b_bits);
  for (uint64_t at = first; at < first + vectors && out->vector == UINT64_MAX; at += block)
    for (int i = 0; i < count; i++) {
      nl_sim_enumerate(s[i], at / block);
      nl_sim_run(s[i]);
      int v = i ? first_difference(s[0], s[i], n->out_bits) : -1;
      // A block that is longer than all vectors begins again from the first.
      if (v >= 0 && (at + (uint64_t)v) % total < out->vector)
        *out = (difference){(at + (uint64_t)v) % total, i, (int64_t)value_at(s[0], n->out_bits, v / 64, v % 64),
                            (int64_t)value_at(s[i], n->out_bits, v / 64, v % 64)};
    }
}

nl_comparison nl_compare(const netlist *const *n, int count, const char *label) {
  int bits = n[0]->a_bits + n[0]->b_bits;
  assert(bits <= 32 && count >= 2 && count <= NL_COMPARE_MOST);
  for (int i = 1; i < count; i++)
    assert(n[i]->a_bits == n[0]->a_bits && n[i]->b_bits == n[0]->b_bits && n[i]->out_bits == n[0]->out_bits);
  uint64_t total = (uint64_t)1 << bits, chunk = total < CHUNK ? total : CHUNK, done = 0;
  int64_t chunks = (int64_t)(total / chunk);
  difference first = {.vector = UINT64_MAX};
  progress p = progress_begin(label, total);
#pragma omp parallel
  {
    arena *mem = arena_new();
    sim *s[NL_COMPARE_MOST];
    for (int i = 0; i < count; i++)
      s[i] = nl_sim_new(mem, n[i], NULL, false);
#pragma omp for schedule(dynamic)
    for (int64_t k = 0; k < chunks; k++) {
      uint64_t known;
#pragma omp atomic read
      known = first.vector;
      // After a difference only what lies before it matters.
      if (interrupted() || known < (uint64_t)k * chunk)
        continue;
      difference d = {.vector = UINT64_MAX};
      compare_chunk(s, count, n[0], (uint64_t)k * chunk, chunk, &d);
#pragma omp critical(nl_compare)
      {
        done += chunk;
        if (d.vector < first.vector) {
          first.which = d.which, first.x = d.x, first.y = d.y;
#pragma omp atomic write
          first.vector = d.vector;
        }
        progress_step(&p, chunk);
      }
    }
    arena_free(mem);
  }
  progress_end(&p);
  nl_comparison c = {.pairs = done, .equal = first.vector == UINT64_MAX && done == total};
  if (first.vector != UINT64_MAX) {
    c.which = first.which;
    c.a = (uint32_t)(first.vector >> n[0]->b_bits);
    c.b = (uint32_t)(first.vector & (((uint64_t)1 << n[0]->b_bits) - 1));
    c.x = first.x, c.y = first.y;
  }
  return c;
}
