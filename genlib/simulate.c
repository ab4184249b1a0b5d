// SPDX-License-Identifier: Apache-2.0
//
// Bit-parallel simulation: the netlist becomes a list of operations on slots of `words` words; a kernel runs it.
#include "genlib/simulate.h"

#include <stdlib.h>
#include <string.h>

struct sim {
  const netlist *net;
  const nl_sim_isa *isa;
  nl_sim_op *ops;
  int32_t *slot; // by net
  uint64_t *data;
  int32_t slots;
  bool every_net;
  bool enumerating; // the inputs are those of this block: the next one changes few of them
  uint64_t block;
};

// The gate after which a net's value is no longer needed; outputs, inputs and constants are kept for ever.
static int32_t *last_uses(const netlist *n) {
  int32_t *last = malloc((size_t)n->nets * sizeof *last);
  int inputs = NET_FIRST_INPUT + n->a_bits + n->b_bits;
  for (int32_t i = 0; i < n->nets; i++)
    last[i] = i < inputs ? INT32_MAX : -1;
  for (size_t i = 0; i < n->count; i++)
    for (int k = 0; k < gate_inputs[n->gates[i].kind]; k++)
      if (last[n->gates[i].in[k]] != INT32_MAX)
        last[n->gates[i].in[k]] = (int32_t)i;
  for (int i = 0; i < n->out_bits; i++)
    last[n->out[i]] = INT32_MAX;
  return last;
}

// Nets that are dead give their slots to later ones: the smaller the memory, the more of it stays in the first cache.
static int32_t assign_slots(const netlist *n, int32_t *slot, bool reuse) {
  int32_t used = NET_FIRST_INPUT + n->a_bits + n->b_bits, free_count = 0;
  for (int32_t i = 0; i < used; i++)
    slot[i] = i;
  int32_t *last = last_uses(n), *free_slots = malloc((size_t)n->nets * sizeof *free_slots);
  for (size_t i = 0; i < n->count; i++) {
    const gate *g = &n->gates[i];
    if (reuse)
      for (int k = 0; k < gate_inputs[g->kind]; k++)
        if (last[g->in[k]] == (int32_t)i) {
          free_slots[free_count++] = slot[g->in[k]];
          last[g->in[k]] = -2; // an input that the gate reads twice is freed once
        }
    for (int k = 0; k < gate_outputs[g->kind]; k++)
      slot[g->out + k] = free_count ? free_slots[--free_count] : used++;
    for (int k = 0; k < gate_outputs[g->kind]; k++)
      if (reuse && last[g->out + k] == -1) // an output nobody reads
        free_slots[free_count++] = slot[g->out + k];
  }
  free(last);
  free(free_slots);
  return used;
}

sim *nl_sim_new(arena *mem, const netlist *n, const nl_sim_isa *isa, bool every_net) {
  sim *s = arena_new_object(mem, sim);
  s->net = n;
  s->isa = isa ? isa : nl_sim_isa_choose();
  s->every_net = every_net;
  s->slot = arena_new_array(mem, int32_t, (size_t)n->nets);
  int32_t slots = s->slots = assign_slots(n, s->slot, !every_net);
  s->data = arena_new_array(mem, uint64_t, (size_t)slots * (size_t)s->isa->words);
  if ((size_t)slots * (size_t)s->isa->words * sizeof *s->data < 64)
    s->data = arena_alloc(mem, 64);
  memset(s->data + (size_t)NET_ONE * (size_t)s->isa->words, 0xff, (size_t)s->isa->words * sizeof *s->data);
  s->ops = arena_new_array(mem, nl_sim_op, n->count);
  for (size_t i = 0; i < n->count; i++) {
    const gate *g = &n->gates[i];
    s->ops[i].kind = (int32_t)g->kind;
    for (int k = 0; k < gate_inputs[g->kind]; k++)
      s->ops[i].in[k] = s->slot[g->in[k]];
    for (int k = 0; k < gate_outputs[g->kind]; k++)
      s->ops[i].out[k] = s->slot[g->out + k];
  }
  return s;
}

static uint64_t *words_of(const sim *s, int32_t net) { return s->data + (size_t)s->slot[net] * (size_t)s->isa->words; }

int nl_sim_words(const sim *s) { return s->isa->words; }
uint64_t *nl_sim_input(sim *s, int bit) {
  s->enumerating = false; // what the caller writes is not known
  return words_of(s, NET_FIRST_INPUT + bit);
}
void nl_sim_run(sim *s) { s->isa->run(s->ops, s->net->count, s->data); }
const uint64_t *nl_sim_output(const sim *s, int bit) { return words_of(s, s->net->out[bit]); }

const uint64_t *nl_sim_net(const sim *s, int32_t net) {
  assert(s->every_net);
  return words_of(s, net);
}

void nl_sim_enumerate(sim *s, uint64_t block) {
  // Bit k of the vector's number, for the 64 vectors of a word.
  static const uint64_t low[6] = {0xaaaaaaaaaaaaaaaa, 0xcccccccccccccccc, 0xf0f0f0f0f0f0f0f0,
                                  0xff00ff00ff00ff00, 0xffff0000ffff0000, 0xffffffff00000000};
  int words = s->isa->words, a_bits = s->net->a_bits, b_bits = s->net->b_bits;
  uint64_t first = block * (uint64_t)words, changed = s->enumerating ? first ^ s->block * (uint64_t)words : ~0ull;
  for (int k = 0; k < a_bits + b_bits; k++) {
    if (s->enumerating && (k < 6 || !(changed >> (k - 6) & 1))) // `words` is a power of two
      continue;
    uint64_t *in = words_of(s, NET_FIRST_INPUT + (k < b_bits ? a_bits + k : k - b_bits));
    for (int w = 0; w < words; w++)
      in[w] = k < 6 ? low[k] : 0 - ((first + (uint64_t)w) >> (k - 6) & 1);
  }
  s->enumerating = true;
  s->block = block;
}

// Row k, bit v becomes row v, bit k.
static void transpose32(uint32_t m[32]) {
  uint32_t mask = 0x0000ffff;
  for (int j = 16; j; j >>= 1, mask ^= mask << j)
    for (int k = 0; k < 32; k = (k + j + 1) & ~j) {
      uint32_t t = (m[k] >> j ^ m[k + j]) & mask;
      m[k] ^= t << j;
      m[k + j] ^= t;
    }
}

// As transpose32, `columns` of them side by side.
static void transpose32_many(uint32_t m[32][2 * SIM_WORDS_MAX], int columns) {
  uint32_t mask = 0x0000ffff;
  for (int j = 16; j; j >>= 1, mask ^= mask << j)
    for (int k = 0; k < 32; k = (k + j + 1) & ~j) {
      uint32_t *x = m[k], *y = m[k + j];
#pragma omp simd
      for (int c = 0; c < columns; c++) {
        uint32_t t = (x[c] >> j ^ y[c]) & mask;
        x[c] ^= t << j;
        y[c] ^= t;
      }
    }
}

void nl_sim_values(const sim *s, bool is_signed, int32_t *values) {
  int bits = s->net->out_bits, columns = 2 * s->isa->words; // the words' halves
  uint32_t m[32][2 * SIM_WORDS_MAX];
  assert(bits <= 32);
  for (int k = 0; k < 32; k++)
    if (k < bits || is_signed)
      memcpy(m[k], nl_sim_output(s, k < bits ? k : bits - 1), sizeof(uint32_t) * (size_t)columns);
    else
      memset(m[k], 0, sizeof m[k]);
  transpose32_many(m, columns);
  for (int c = 0; c < columns; c++)
    for (int v = 0; v < 32; v++)
      values[32 * c + v] = (int32_t)m[v][c];
}

// As transpose32, of a matrix [32][columns] of words.
static inline __attribute__((always_inline)) void transpose_rows(uint32_t *m, size_t columns) {
  uint32_t mask = 0x0000ffff;
  for (size_t j = 16; j; j >>= 1, mask ^= mask << j)
    for (size_t k = 0; k < 32; k = (k + j + 1) & ~j) {
      uint32_t *x = m + k * columns, *y = m + (k + j) * columns;
#pragma omp simd
      for (size_t c = 0; c < columns; c++) {
        uint32_t t = (x[c] >> j ^ y[c]) & mask;
        x[c] ^= t << j;
        y[c] ^= t;
      }
    }
}

enum { FEW_COLUMNS = 4 }; // a width that is worth code of its own: the engine asks for 128 sums at a time
static void transpose_any(uint32_t *m, size_t columns) {
  if (columns == FEW_COLUMNS)
    transpose_rows(m, FEW_COLUMNS);
  else
    transpose_rows(m, columns);
}

// 32 * columns vectors. Which of a slot's bits a vector has does not matter: vector i is bit i / columns of half word
// i % columns, so that transposing is all that there is to do.
static void map_block(const sim *s, uint64_t *data, uint32_t *v, size_t columns) {
  const netlist *n = s->net;
  size_t words = (size_t)s->isa->words, bytes = columns * sizeof *v;
  transpose_any(v, columns);
  for (int k = 0; k < n->a_bits + n->b_bits; k++)
    memcpy(data + (size_t)(NET_FIRST_INPUT + k) * words, v + (size_t)k * columns, bytes);
  s->isa->run(s->ops, n->count, data);
  for (int k = 0; k < n->out_bits; k++)
    memcpy(v + (size_t)k * columns, data + (size_t)s->slot[n->out[k]] * words, bytes);
  memset(v + (size_t)n->out_bits * columns, 0, (32 - (size_t)n->out_bits) * bytes);
  transpose_any(v, columns);
}

void nl_sim_map(const sim *s, uint32_t *v, size_t count) {
  assert(s->net->a_bits + s->net->b_bits <= 32 && s->net->out_bits <= 32);
  _Alignas(64) uint64_t usual[4096];
  size_t words = (size_t)s->isa->words, block = 64 * words, bytes = (size_t)s->slots * words * sizeof(uint64_t);
  uint64_t *data = bytes <= sizeof usual ? usual : aligned_alloc(64, (bytes + 63) / 64 * 64);
  assert(data);
  // Beyond the vectors given inputs may be anything, but not undefined.
  memset(data, 0, (size_t)(NET_FIRST_INPUT + s->net->a_bits + s->net->b_bits) * words * sizeof *data);
  memset(data + NET_ONE * words, 0xff, words * sizeof *data);
  size_t at = 0;
  for (; count - at >= 32; at += 32 * ((count - at < block ? count - at : block) / 32))
    map_block(s, data, v + at, (count - at < block ? count - at : block) / 32);
  if (at < count) {
    uint32_t rest[32] = {0};
    memcpy(rest, v + at, (count - at) * sizeof *v);
    map_block(s, data, rest, 1);
    memcpy(v + at, rest, (count - at) * sizeof *v);
  }
  if (data != usual)
    free(data);
}

void nl_sim_table(const netlist *n, bool is_signed, const nl_sim_isa *isa, int32_t *table) {
  assert(n->a_bits + n->b_bits <= 24);
  arena *mem = arena_new();
  sim *s = nl_sim_new(mem, n, isa, false);
  uint64_t total = 1ull << (n->a_bits + n->b_bits), block = 64 * (uint64_t)s->isa->words;
  int32_t values[64 * SIM_WORDS_MAX];
  for (uint64_t at = 0; at < total; at += block) {
    nl_sim_enumerate(s, at / block);
    nl_sim_run(s);
    nl_sim_values(s, is_signed, values);
    memcpy(table + at, values, (total - at < block ? total - at : block) * sizeof *table);
  }
  arena_free(mem);
}

void nl_sim_load(sim *s, const uint32_t *a, const uint32_t *b, size_t count) {
  int a_bits = s->net->a_bits, bits = a_bits + s->net->b_bits;
  assert(count > 0 && count <= 64 * (size_t)s->isa->words && bits <= 32 && a_bits < 32);
  uint32_t a_mask = (1u << a_bits) - 1, b_mask = (uint32_t)((1ull << s->net->b_bits) - 1);
  for (size_t w = 0; w < 2 * (size_t)s->isa->words; w++) { // half words
    uint32_t m[32];
    for (size_t k = 0; k < 32; k++) {
      size_t v = 32 * w + k < count ? 32 * w + k : count - 1;
      m[k] = (a[v] & a_mask) | (b[v] & b_mask) << a_bits;
    }
    transpose32(m);
    for (int k = 0; k < bits; k++) {
      uint64_t *word = &nl_sim_input(s, k)[w / 2];
      *word = w % 2 ? (*word & 0xffffffff) | (uint64_t)m[k] << 32 : m[k];
    }
  }
}

// The words of a sequence overlap by one vector, so that every change is between two bits of one word.
static void load_sequence(sim *s, int w, const uint32_t *a, const uint32_t *b, size_t at, size_t count) {
  int a_bits = s->net->a_bits, bits = a_bits + s->net->b_bits;
  for (int half = 0; half < 2; half++) {
    uint32_t m[32];
    for (size_t k = 0; k < 32; k++) {
      size_t v = at + 32 * (size_t)half + k < count ? at + 32 * (size_t)half + k : count - 1;
      m[k] = a[v] | b[v] << a_bits;
    }
    transpose32(m);
    for (int k = 0; k < bits; k++) {
      uint64_t *word = &nl_sim_input(s, k)[w];
      *word = half ? (*word & 0xffffffff) | (uint64_t)m[k] << 32 : m[k];
    }
  }
}

void nl_sim_toggles(const netlist *n, const nl_sim_isa *isa, const uint32_t *a, const uint32_t *b, size_t count,
                    uint64_t *changes) {
  assert(n->a_bits + n->b_bits <= 32 && n->a_bits < 32);
  memset(changes, 0, (size_t)n->nets * sizeof *changes);
  arena *mem = arena_new();
  sim *s = nl_sim_new(mem, n, isa, true); // with every net, slots are numbered like nets
  for (size_t at = 0; at + 1 < count;) {
    for (int w = 0; w < s->isa->words; w++, at += 63)
      load_sequence(s, w, a, b, at, count);
    nl_sim_run(s);
    s->isa->toggles(s->data, (size_t)n->nets, changes);
  }
  arena_free(mem);
}

int64_t nl_eval(const netlist *n, bool is_signed, uint32_t a_code, uint32_t b_code) {
  uint8_t *v = calloc((size_t)n->nets, 1);
  v[NET_ONE] = 1;
  for (int i = 0; i < n->a_bits; i++)
    v[nl_a(n, i)] = a_code >> i & 1;
  for (int i = 0; i < n->b_bits; i++)
    v[nl_b(n, i)] = b_code >> i & 1;
  for (size_t i = 0; i < n->count; i++) {
    const gate *g = &n->gates[i];
    int x = v[g->in[0]], y = v[g->in[1]], z = v[g->in[2]];
    switch (g->kind) {
    case GATE_BUF:
      v[g->out] = (uint8_t)x;
      break;
    case GATE_NOT:
      v[g->out] = !x;
      break;
    case GATE_AND:
      v[g->out] = x && y;
      break;
    case GATE_OR:
      v[g->out] = x || y;
      break;
    case GATE_XOR:
      v[g->out] = x != y;
      break;
    case GATE_NAND:
      v[g->out] = !(x && y);
      break;
    case GATE_NOR:
      v[g->out] = !(x || y);
      break;
    case GATE_XNOR:
      v[g->out] = x == y;
      break;
    case GATE_MUX:
      v[g->out] = (uint8_t)(x ? z : y);
      break;
    case GATE_HA:
      v[g->out] = (x + y) & 1;
      v[g->out + 1] = (uint8_t)((x + y) >> 1);
      break;
    case GATE_FA:
      v[g->out] = (x + y + z) & 1;
      v[g->out + 1] = (uint8_t)((x + y + z) >> 1);
      break;
    case GATE_KINDS:
      break;
    }
  }
  uint64_t r = 0;
  for (int i = 0; i < n->out_bits; i++)
    r |= (uint64_t)v[n->out[i]] << i;
  if (is_signed && v[n->out[n->out_bits - 1]] && n->out_bits < 64)
    r |= ~0ull << n->out_bits;
  free(v);
  return (int64_t)r;
}
