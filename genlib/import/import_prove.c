// SPDX-License-Identifier: Apache-2.0
//
// The proof that the netlist and our Verilog of it are the circuit of the file. Up to 16 bits of operands together
// Icarus evaluates all pairs. Above, our own simulator does, from Yosys's plain readings of both, and Icarus some
// thousand.
#include "genlib/import/import_internal.h"
#include "synth/internal.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_FILE = 16 << 20, EVEN_PAIRS = 1024, RANDOM_PAIRS = 4096 };

// Codes (a << b_bits | b).
typedef struct {
  const uint32_t *code;
  size_t count;
} pair_list;

typedef struct {
  const char *top, *port[3]; // a, b, product
  bool system_verilog;
  const char *const *params; // NAME=VALUE
  size_t param_count;
  const char *const *files;
} design;

// ---- Icarus ------------------------------------------------------------------------------------------------------
static void bench(const import_job *j, const design *e, size_t count, str *out) {
  int bits = j->a.bits + j->b.bits;
  str params = {0};
  for (size_t i = 0; i < e->param_count; i++) {
    size_t n = strcspn(e->params[i], "=");
    str_printf(&params, "%s.\\%.*s (%s)", i ? ", " : "#(", (int)n, e->params[i], e->params[i] + n + 1);
  }
  str_add(&params, params.len ? ") " : "");
  // An escaped name ends at a blank. The steps are longer than any delay in the file.
  str_printf(out,
             "module axgen_import_tb;\n  reg [%d:0] pairs [0:%zu];\n  reg [%d:0] a;\n  reg [%d:0] b;\n"
             "  wire [%d:0] p;\n  integer i, file;\n  \\%s %sdut (.\\%s (a), .\\%s (b), .\\%s (p));\n  initial begin\n"
             "    $readmemh(\"pairs.txt\", pairs);\n    file = $fopen(\"products.txt\", \"w\");\n"
             "    for (i = 0; i < %zu; i = i + 1) begin\n"
             "      {a, b} = pairs[i];\n      #1000000 $fdisplay(file, \"%%h\", p);\n    end\n"
             "    $fclose(file);\n    $finish;\n  end\nendmodule\n",
             bits - 1, count - 1, j->a.bits - 1, j->b.bits - 1, j->p.bits - 1, e->top, params.data, e->port[0],
             e->port[1], e->port[2], count);
  str_free(&params);
}

static bool read_products(import_job *j, pair_list pairs, uint32_t *products) {
  bytes file;
  if (!file_read(j->mem, path_join(j->mem, j->dir, "products.txt"), MAX_FILE, &file, j->d))
    return diag_blame(j->d, "iverilog or vvp");
  const char *p = (const char *)file.data;
  for (size_t i = 0; i < pairs.count; i++) {
    size_t n = strcspn(p, "\n");
    if (!n) {
      import_refuse(j, "the simulation ended after %zu pair%s", i, plural(i));
      return diag_blame(j->d, "iverilog or vvp");
    }
    if (strspn(p, "0123456789abcdef") != n)
      return import_refuse(j, "its %s is undefined for a = %u, b = %u (codes): %.*s", import_result(j),
                           pairs.code[i] >> j->b.bits, pairs.code[i] & ((1u << j->b.bits) - 1), (int)n, p);
    int64_t product;
    const char *end;
    if (!whole_text(p, 16, 0, UINT32_MAX, &product, &end)) {
      import_refuse(j, "the simulation gave a product of more than 32 bits: %.*s", (int)(n < 80 ? n : 80), p);
      return diag_blame(j->d, "iverilog or vvp");
    }
    products[i] = (uint32_t)product;
    p += n + (p[n] != 0);
  }
  return true;
}

static bool simulate(import_job *j, const design *e, pair_list pairs, uint32_t *products) {
  str text = {0};
  import_job as = *j;
  as.system_verilog = e->system_verilog;
  for (size_t i = 0; i < pairs.count; i++)
    str_printf(&text, "%x\n", pairs.code[i]);
  if (!synth_write(j->mem, j->dir, "pairs.txt", &text, j->d))
    return false;
  bench(j, e, pairs.count, &text);
  return import_icarus(&as, &text, e->files) && read_products(j, pairs, products);
}

static bool equal(import_job *j, pair_list pairs, const uint32_t *want, const uint32_t *got, const char *what) {
  for (size_t i = 0; i < pairs.count; i++)
    if (want[i] != got[i])
      return diag_check(j->d, "%s: module %s: for a = %u, b = %u (codes) it gives 0x%x, %s 0x%x", j->path, j->module,
                        pairs.code[i] >> j->b.bits, pairs.code[i] & ((1u << j->b.bits) - 1), want[i], what, got[i]);
  return true;
}

// ---- which pairs -------------------------------------------------------------------------------------------------
static pair_list every(import_job *j, uint32_t step) {
  uint32_t *code = arena_new_array(j->mem, uint32_t, (size_t)1 << (j->a.bits + j->b.bits));
  size_t n = 0;
  for (uint32_t i = 0; i < 1u << (j->a.bits + j->b.bits); i += step)
    code[n++] = i;
  return (pair_list){code, n};
}

// 0, 1, -1, the least and the greatest, alternating bits, and each bit alone.
static int corners(int bits, uint32_t *out) {
  uint32_t mask = (1u << bits) - 1, sign = 1u << (bits - 1);
  const uint32_t first[] = {0, mask, sign - 1, sign + 1, mask - 1, 0x5555 & mask, 0xaaaa & mask};
  int n = (int)BASE_COUNT(first);
  memcpy(out, first, sizeof first);
  for (int k = 0; k < bits; k++)
    out[n++] = 1u << k;
  return n;
}

static pair_list some(import_job *j) {
  uint32_t a[32], b[32];
  int as = corners(j->a.bits, a), bs = corners(j->b.bits, b);
  uint32_t *code = arena_new_array(j->mem, uint32_t, (size_t)as * (size_t)bs + RANDOM_PAIRS);
  size_t n = 0;
  for (int i = 0; i < as; i++)
    for (int k = 0; k < bs; k++)
      code[n++] = a[i] << j->b.bits | b[k];
  rng r = rng_seed(16);
  for (int i = 0; i < RANDOM_PAIRS; i++)
    code[n++] = (uint32_t)(rng_next(&r) >> (64 - j->a.bits - j->b.bits));
  return (pair_list){code, n};
}

static void products_of(import_job *j, const mul *m, pair_list pairs, uint32_t *out) {
  uint32_t *a = arena_new_array(j->mem, uint32_t, pairs.count), *b = arena_new_array(j->mem, uint32_t, pairs.count);
  int64_t *p = arena_new_array(j->mem, int64_t, pairs.count);
  uint32_t mask = j->p.bits == 32 ? ~0u : (1u << j->p.bits) - 1;
  for (size_t i = 0; i < pairs.count; i++)
    a[i] = pairs.code[i] >> j->b.bits, b[i] = pairs.code[i] & ((1u << j->b.bits) - 1);
  mul_products(m, a, b, pairs.count, p);
  for (size_t i = 0; i < pairs.count; i++)
    out[i] = (uint32_t)p[i] & mask;
}

const uint32_t *import_pairs(import_job *j, size_t *count, uint64_t *random) {
  bool all = j->a.bits + j->b.bits <= IMPORT_ICARUS_BITS;
  pair_list pairs = all ? every(j, 1) : some(j);
  *count = pairs.count;
  *random = all ? 0 : RANDOM_PAIRS;
  return pairs.code;
}

bool import_prove_own(import_job *j, const mul *m) {
  static const char *const files[] = {"ours.v", NULL};
  design own = {.top = m->ident, .port = {"a", "b", "p"}, .files = files};
  pair_list pairs;
  uint64_t random;
  pairs.code = import_pairs(j, &pairs.count, &random);
  uint32_t *want = arena_new_array(j->mem, uint32_t, pairs.count),
           *got = arena_new_array(j->mem, uint32_t, pairs.count);
  str verilog = {0};
  mul_verilog(m, &verilog);
  import_cell(MUL_FULL_ADDER, false, &verilog);
  import_cell(MUL_HALF_ADDER, false, &verilog);
  products_of(j, m, pairs, want);
  return synth_write(j->mem, j->dir, "ours.v", &verilog, j->d) && simulate(j, &own, pairs, got) &&
         equal(j, pairs, want, got, "our Verilog");
}

// ---- Yosys's plain readings, in our simulator --------------------------------------------------------------------
// No optimisation by Yosys, and no adder taken as such, so that it shares little with the netlist's way. Above
// MUL_KEPT_BITS constants and equal gates are folded as they are read: it is 2^32 pairs times the gates.
static const netlist *plain_reading(import_job *j, const char *verilog) {
  str script = {0};
  str_printf(&script,
             "read_verilog %s\nhierarchy -check -top %s\nproc\nflatten\ntechmap\nsimplemap\nwrite_json plain.json\n",
             verilog, j->module);
  import_care care = j->a.bits + j->b.bits <= MUL_KEPT_BITS ? IMPORT_PLAIN : IMPORT_STRICT;
  return import_yosys(j, &script) ? import_netlist(j, path_join(j->mem, j->dir, "plain.json"), care) : NULL;
}

static bool prove_wide(import_job *j, const mul *m) {
  import_job own = *j;
  own.module = m->ident;
  own.a.name = "a", own.b.name = "b", own.p.name = "p";
  const netlist *original = plain_reading(j, "split.v"), *ours = original ? plain_reading(&own, "ours.v") : NULL;
  if (!ours)
    return false;
  nl_comparison c = nl_compare((const netlist *const[]){original, m->net, ours}, 3, "comparing all pairs");
  if (c.equal)
    return true;
  if (!c.which)
    return diag_error(j->d, "%s: stopped before all pairs were compared", j->path);
  return diag_check(j->d, "%s: module %s: for a = %u, b = %u (codes) it gives 0x%llx, %s 0x%llx", j->path, j->module,
                    c.a, c.b, (unsigned long long)c.x, c.which == 1 ? "the imported netlist" : "our Verilog",
                    (unsigned long long)c.y);
}

// ---- the whole ---------------------------------------------------------------------------------------------------
bool import_prove(import_job *j, const mul *m, import_report *r) {
  int bits = j->a.bits + j->b.bits;
  r->simulated = bits > IMPORT_ICARUS_BITS;
  r->pairs = (uint64_t)1 << bits;
  // An odd step, so that all values of b come. Published files keep all nets in one vector of 2,032 bits, which makes
  // Icarus take minutes for all pairs.
  pair_list few = r->simulated ? some(j) : every(j, (uint32_t)(r->pairs / EVEN_PAIRS) | 1);
  pair_list all = r->simulated ? few : every(j, 1);
  uint32_t *file = arena_new_array(j->mem, uint32_t, few.count), *other = arena_new_array(j->mem, uint32_t, all.count);
  uint32_t *ours = arena_new_array(j->mem, uint32_t, all.count);
  str verilog = {0};
  mul_verilog(m, &verilog);
  import_cell(MUL_FULL_ADDER, false, &verilog);
  import_cell(MUL_HALF_ADDER, false, &verilog);
  static const char *const as_written[] = {"in.v", "plain.v", NULL}, *const flattened[] = {"split.v", NULL};
  static const char *const our_verilog[] = {"ours.v", NULL};
  // The file itself only where it can do nothing but compute.
  r->impure = !source_is_pure(j->text);
  design flat = {.top = j->module, .port = {j->a.name, j->b.name, j->p.name}, .files = flattened};
  design own = {.top = m->ident, .port = {"a", "b", "p"}, .files = our_verilog};
  design original = flat;
  if (!r->impure) {
    original.files = as_written;
    original.system_verilog = j->system_verilog;
    original.params = j->params, original.param_count = j->param_count;
  }
  if (!synth_write(j->mem, j->dir, "ours.v", &verilog, j->d) || !simulate(j, &original, few, file))
    return false;
  products_of(j, m, few, ours);
  if (!equal(j, few, file, ours, "the imported netlist"))
    return false;
  products_of(j, m, all, ours);
  if (!simulate(j, &own, all, other) || !equal(j, all, ours, other, "our Verilog"))
    return false;
  if (!r->simulated && (!simulate(j, &flat, all, other) || !equal(j, all, other, ours, "the imported netlist")))
    return false;
  r->direct_pairs = few.count;
  r->random_pairs = r->simulated ? RANDOM_PAIRS : 0;
  return !r->simulated || prove_wide(j, m);
}
