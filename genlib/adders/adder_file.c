// SPDX-License-Identifier: Apache-2.0
//
// Imported adders: a netlist adds up the low bits, and its carry goes into an exact adder of the rest. Many sums are
// evaluated at once, a bit of each side by side.
#include "genlib/adders/adder.h"

#include <ctype.h>
#include <string.h>

static uint64_t low(int bits) { return ((uint64_t)1 << bits) - 1; }

// What the gates see of a number of `width` bits: its low bits, or its sign before it.
static uint32_t operand(uint64_t x, int width, int bits) {
  if (width < bits && x >> (width - 1) & 1)
    x |= ~low(width);
  return (uint32_t)(x & low(bits));
}

// The whole sum, of the sum of the low bits with their carry.
static uint64_t join(uint64_t x, uint64_t y, uint64_t below, int width, int bits) {
  if (width <= bits)
    return below & low(width);
  return (((x >> bits) + (y >> bits) + (below >> bits)) << bits | (below & low(bits))) & low(width);
}

static void file_add(const adder *a, int width, uint64_t *restrict sum, const uint64_t *restrict more, size_t n) {
  enum { TOGETHER = 64 * SIM_WORDS_MAX };
  uint32_t v[TOGETHER];
  int bits = a->net->a_bits;
  for (size_t at = 0; at < n; at += TOGETHER) {
    size_t count = n - at < TOGETHER ? n - at : TOGETHER;
    for (size_t i = 0; i < count; i++)
      v[i] = operand(sum[at + i], width, bits) | operand(more[at + i], width, bits) << bits;
    nl_sim_map(a->run, v, count);
    for (size_t i = 0; i < count; i++)
      sum[at + i] = join(sum[at + i], more[at + i], v[i], width, bits);
  }
}

// Gate by gate.
static uint64_t file_one(const adder *a, int width, uint64_t x, uint64_t y) {
  int bits = a->net->a_bits;
  return join(x, y, (uint64_t)nl_eval(a->net, false, operand(x, width, bits), operand(y, width, bits)), width, bits);
}

// Areas of synth/liberty/axgen45.lib's cells over a full adder's; of gates three quarters, since mapping joins them
// (docs/adders.md has how far that is off).
static double file_size(const adder *a, int width) {
  static const double area[GATE_KINDS] = {
      [GATE_NOT] = 0.09, [GATE_AND] = 0.19,  [GATE_OR] = 0.19,  [GATE_XOR] = 0.28, [GATE_NAND] = 0.14,
      [GATE_NOR] = 0.14, [GATE_XNOR] = 0.28, [GATE_MUX] = 0.33, [GATE_HA] = 0.63,  [GATE_FA] = 1,
  };
  nl_statistics s = nl_stats(a->net);
  double size = width > a->net->a_bits ? width - a->net->a_bits : 0;
  for (int k = 0; k < GATE_KINDS; k++)
    size += area[k] * s.count[k];
  return size;
}

// A full adder of a chain counts two in nl_stats' depth.
static int file_chain(const adder *a, int width) {
  int above = width > a->net->a_bits ? width - a->net->a_bits : 0;
  return above + (nl_stats(a->net).depth + 1) / 2;
}

static const adder_family imported = {.name = "imported",
                                      .example = "FILE.net",
                                      .add = file_add,
                                      .one = file_one,
                                      .size = file_size,
                                      .chain = file_chain};

bool adder_is_file(const char *name) {
  return strchr(name, '/') || str_ends_with(name, ".net") || str_ends_with(name, ".v") || str_ends_with(name, ".sv");
}

const adder *adder_from_netlist(arena *mem, const char *path, const netlist *net, diag *d) {
  int bits = net->a_bits;
  if (net->b_bits != bits || net->out_bits != bits + 1 || bits < 2 || bits > 16) {
    diag_error(d,
               "%s: %d and %d bits give %d; an adder has two operands of 2 to 16 bits each, and a sum of one bit more, "
               "its carry",
               path, bits, net->b_bits, net->out_bits);
    return NULL;
  }
  if (net->count > ADDER_MOST_GATES) {
    diag_error(d, "%s: %zu gates; an adder has at most %d", path, net->count, ADDER_MOST_GATES);
    return NULL;
  }
  adder *a = arena_new_object(mem, adder);
  const char *slash = strrchr(path, '/');
  *a = (adder){.name = arena_strdup(mem, slash ? slash + 1 : path),
               .path = arena_strdup(mem, path),
               .family = &imported,
               .net = net,
               .run = nl_sim_new(mem, net, NULL, false)};
  return a;
}

const adder *adder_read(arena *mem, const char *path, diag *d) {
  bytes text;
  if (str_ends_with(path, ".v") || str_ends_with(path, ".sv"))
    diag_error(
        d,
        "%s: Verilog is imported first: `axgen adder import %s -o DIR` proves it and writes DIR/MODULE.net; then "
        "name that",
        path, path);
  else if (!str_ends_with(path, ".net"))
    diag_error(d, "%s: expected an imported adder, FILE.net", path);
  if (!str_ends_with(path, ".net"))
    return NULL;
  if (!file_read(mem, path, 1 << 24, &text, d))
    return NULL;
  const netlist *net = nl_parse(mem, path, (const char *)text.data, d);
  return net ? adder_from_netlist(mem, path, net, d) : NULL;
}

const char *adder_identifier(arena *mem, const adder *a) {
  enum { LONGEST = 64 };
  char *name = arena_printf(mem, "%.*s", LONGEST, a->name);
  size_t n = strlen(name);
  if (a->net && str_ends_with(name, ".net"))
    name[n - strlen(".net")] = 0;
  for (char *p = name; *p; p++)
    if (!isalnum((unsigned char)*p))
      *p = '_';
  return name;
}

static const char FORMULA[] = "a + b, approximately";

void adder_verilog(const adder *a, const char *module, str *out) {
  mul m = {.name = a->name, .ident = module, .net = a->net, .adds = true, .formula = FORMULA};
  m.sig = (mul_sig){.a_bits = a->net->a_bits, .b_bits = a->net->b_bits, .p_bits = a->net->out_bits};
  m.max = ((int64_t)1 << m.sig.p_bits) - 1;
  mul_verilog(&m, out);
}

static const netlist *build(arena *mem, const adder *a, int bits) {
  netlist *n = nl_new(mem, bits, bits, bits + 1);
  a->family->build(a, n, bits + 1);
  return nl_finish(n);
}

const mul *adder_circuit(arena *mem, const adder *a, int bits) {
  mul_sig sig = {.a_bits = bits, .b_bits = bits};
  const netlist *net = a->net ? a->net : build(mem, a, bits);
  assert(net->a_bits == bits);
  mul *m = arena_memdup(mem, mul_from_netlist(mem, a->name, sig, net), sizeof *m);
  m->ident = arena_printf(mem, ADDER_MODULE "%s", adder_identifier(mem, a));
  m->formula = FORMULA;
  m->adds = true;
  m->wce = -1; // of a product
  m->exact = false;
  return m;
}
