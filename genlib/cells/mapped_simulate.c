// SPDX-License-Identifier: Apache-2.0
//
// Running a mapped netlist, 512 vectors a block, and counting toggles.
#include "genlib/cells/mapped_internal.h"

#include <string.h>

enum { WORDS = 8, BLOCK = 64 * WORDS };

typedef struct {
  uint64_t w[WORDS];
} block;

#define EACH(expression)                                                                                               \
  for (int k = 0; k < WORDS; k++)                                                                                      \
    d[k] = (expression);                                                                                               \
  break

static void run(const mapped *m, block *slots) {
  for (size_t i = 0; i < m->op_count; i++) {
    const mapped_op *op = &m->ops[i];
    uint64_t *d = slots[op->dst].w;
    const uint64_t *x = slots[op->x].w, *y = slots[op->y].w, *z = slots[op->z].w;
    switch (op->kind) {
    case OP_AND:
      EACH(x[k] & y[k]);
    case OP_OR:
      EACH(x[k] | y[k]);
    case OP_XOR:
      EACH(x[k] ^ y[k]);
    case OP_ANDN:
      EACH(~x[k] & y[k]);
    case OP_ORN:
      EACH(~x[k] | y[k]);
    case OP_NOT:
      EACH(~x[k]);
    case OP_MUX:
      EACH((x[k] & z[k]) | (~x[k] & y[k]));
    }
  }
}

static block *new_slots(arena *mem, const mapped *m) {
  block *s = arena_new_array(mem, block, (size_t)m->slots);
  memset(&s[NET_ONE], 0xff, sizeof s[NET_ONE]);
  return s;
}

// Turns n codes into one word a bit.
static void pack(const uint16_t *codes, size_t n, int bits, block *to) {
  memset(to, 0, sizeof *to * (size_t)bits);
  for (size_t v = 0; v < n; v++) {
    uint64_t code = codes[v];
    for (int bit = 0; bit < bits; bit++)
      to[bit].w[v >> 6] |= (code >> bit & 1) << (v & 63);
  }
}

static void apply(const mapped *m, block *slots, const uint16_t *a, const uint16_t *b, size_t n) {
  pack(a, n, m->a_bits, slots + NET_FIRST_INPUT);
  pack(b, n, m->b_bits, slots + NET_FIRST_INPUT + m->a_bits);
  run(m, slots);
}

static int64_t product(const mapped *m, const block *slots, bool is_signed, size_t v) {
  uint64_t p = 0;
  for (int bit = 0; bit < m->p_bits; bit++)
    p |= (slots[m->out[bit]].w[v >> 6] >> (v & 63) & 1) << bit;
  if (is_signed && p >> (m->p_bits - 1) & 1)
    p |= ~(uint64_t)0 << m->p_bits;
  return (int64_t)p;
}

void mapped_products(const mapped *m, bool is_signed, const uint16_t *a, const uint16_t *b, size_t n, int64_t *out) {
  arena *mem = arena_new();
  block *slots = new_slots(mem, m);
  for (size_t first = 0; first < n; first += BLOCK) {
    size_t count = n - first < BLOCK ? n - first : BLOCK;
    apply(m, slots, a + first, b + first, count);
    for (size_t v = 0; v < count; v++)
      out[first + v] = product(m, slots, is_signed, v);
  }
  arena_free(mem);
}

void mapped_table(const mapped *m, bool is_signed, int32_t *table) {
  assert(m->a_bits + m->b_bits <= 24);
  arena *mem = arena_new();
  block *slots = new_slots(mem, m);
  uint16_t a[BLOCK], b[BLOCK];
  size_t n = (size_t)1 << (m->a_bits + m->b_bits);
  for (size_t first = 0; first < n; first += BLOCK) {
    size_t count = n - first < BLOCK ? n - first : BLOCK;
    for (size_t v = 0; v < count; v++) {
      a[v] = (uint16_t)((first + v) >> m->b_bits);
      b[v] = (uint16_t)((first + v) & ((1u << m->b_bits) - 1));
    }
    apply(m, slots, a, b, count);
    for (size_t v = 0; v < count; v++)
      table[first + v] = (int32_t)product(m, slots, is_signed, v);
  }
  arena_free(mem);
}

// ---- streams -------------------------------------------------------------------------------------------------------
struct mapped_stream {
  const mapped *m;
  block *slots;
  uint64_t *toggles; // by net
  uint8_t *last; // by net: its value after the last pair
  bool begun; // there was a last pair
  uint16_t a[BLOCK], b[BLOCK];
  size_t waiting;
  uint64_t pairs, steps;
};

mapped_stream *mapped_stream_new(arena *mem, const mapped *m) {
  mapped_stream *s = arena_new_object(mem, mapped_stream);
  s->m = m;
  s->slots = new_slots(mem, m);
  s->toggles = arena_new_array(mem, uint64_t, (size_t)m->nets);
  s->last = arena_new_array(mem, uint8_t, (size_t)m->nets);
  return s;
}

// Changes among n consecutive values of a net and from `*last` to the first; `*last` becomes the last.
static uint64_t count_toggles(const block *x, size_t n, bool begun, uint8_t *last) {
  uint64_t before = begun ? *last : x->w[0] & 1, toggles = 0;
  for (size_t k = 0; k * 64 < n; k++) {
    uint64_t valid = n - k * 64 >= 64 ? ~(uint64_t)0 : ((uint64_t)1 << (n - k * 64)) - 1;
    toggles += (uint64_t)__builtin_popcountll((x->w[k] ^ (x->w[k] << 1 | before)) & valid);
    before = x->w[k] >> 63;
  }
  *last = x->w[(n - 1) >> 6] >> ((n - 1) & 63) & 1;
  return toggles;
}

static void flush(mapped_stream *s) {
  size_t n = s->waiting;
  if (n == 0)
    return;
  apply(s->m, s->slots, s->a, s->b, n);
  for (int32_t net = NET_FIRST_INPUT; net < s->m->nets; net++)
    s->toggles[net] += count_toggles(&s->slots[net], n, s->begun, &s->last[net]);
  s->pairs += n;
  s->steps += n - !s->begun;
  s->begun = true;
  s->waiting = 0;
}

void mapped_stream_restart(mapped_stream *s) {
  flush(s);
  s->begun = false;
}

void mapped_stream_feed(mapped_stream *s, const uint16_t *a, const uint16_t *b, size_t n) {
  for (size_t i = 0; i < n; i++) {
    s->a[s->waiting] = a[i];
    s->b[s->waiting] = b[i];
    if (++s->waiting == BLOCK)
      flush(s);
  }
}

mapped_energy mapped_stream_result(mapped_stream *s) {
  flush(s);
  mapped_energy e = {.pairs = s->pairs, .steps = s->steps};
  for (int32_t net = NET_FIRST_INPUT; net < s->m->nets; net++) {
    e.toggles += s->toggles[net];
    e.switching_fj += (double)s->toggles[net] * s->m->switching[net];
    e.internal_fj += (double)s->toggles[net] * s->m->internal[net];
  }
  return e;
}

double mapped_uniform_energy(const mapped *m) {
  arena *mem = arena_new();
  mapped_stream *s = mapped_stream_new(mem, m);
  rng r = rng_seed(1);
  for (int i = 0; i <= 65536; i++) {
    uint16_t a = (uint16_t)rng_below(&r, 1u << m->a_bits), b = (uint16_t)rng_below(&r, 1u << m->b_bits);
    mapped_stream_feed(s, &a, &b, 1);
  }
  mapped_energy e = mapped_stream_result(s);
  arena_free(mem);
  return mapped_energy_per_step(&e);
}
