// SPDX-License-Identifier: Apache-2.0
//
// Multipliers as C functions, in the form of EvoApproxLib: read into gates, which are compared with the function as it
// is evaluated here. No compiler sees the file and nothing of it runs.
#include "genlib/import/c_function.h"
#include "genlib/import/import_internal.h"
#include "compiler/tool/tool.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

typedef struct {
  import_job *j;
  const c_function *f;
  int param[2]; // of a and b
  bool is_signed[2]; // how their codes are extended to their types
  int bits[2];
} reading;

// Bits and signs of the operands: as the name says, else as the types.
static bool read_operands(reading *r, const import_options *o) {
  const c_function *f = r->f;
  // EvoApproxLib's evolved functions take (B, A).
  bool swapped = !strcasecmp(f->param[0], "b") && !strcasecmp(f->param[1], "a");
  if (o->a_port && strcmp(o->a_port, f->param[0]) != 0 && strcmp(o->a_port, f->param[1]) != 0)
    return import_refuse(r->j, "it has no parameter `%s`; its parameters are `%s` and `%s`", o->a_port, f->param[0],
                         f->param[1]);
  if (o->a_port)
    swapped = !strcmp(o->a_port, f->param[1]);
  r->param[0] = swapped, r->param[1] = !swapped;
  int named[2];
  import_reading says = import_read_name(f->name, named);
  for (int k = 0; k < 2; k++) {
    c_type type = f->param_type[r->param[k]];
    r->bits[k] = says ? named[k] : type.bits;
    r->is_signed[k] = type.is_signed && (!says || (k ? import_b_signed(says) : import_a_signed(says)));
    if (r->bits[k] > type.bits || r->bits[k] < 2 || r->bits[k] > 16)
      return import_refuse(r->j,
                           "the operand `%s` has %d bits in a parameter of %d; 2 to 16 are possible (a name such as "
                           "mul12s_x says how many)",
                           f->param[r->param[k]], r->bits[k], type.bits);
  }
  return true;
}

static import_port port(const char *name, int bits) { return (import_port){name, bits}; }

// The function's gates with all bits of its result. The operands' codes are extended to the parameters' types.
static const netlist *build(reading *r, int32_t *result) {
  netlist *n = nl_new(r->j->mem, r->bits[0], r->bits[1], 1);
  int32_t in[2][64];
  for (int k = 0; k < 2; k++)
    for (int i = 0; i < 64; i++) {
      int last = r->bits[k] - 1, at = i < last ? i : last;
      in[r->param[k]][i] = i > last && !r->is_signed[k] ? NET_ZERO : k ? nl_b(n, at) : nl_a(n, at);
    }
  const int32_t *const inputs[2] = {in[0], in[1]};
  if (c_build(r->f, n, inputs, result))
    return n;
  import_refuse(r->j, "it takes more than %d gates", C_NETS_MAX);
  return NULL;
}

static uint64_t extend(const reading *r, int k, uint32_t code) {
  return (uint64_t)(int64_t)mul_value(code, r->bits[k], r->is_signed[k]);
}

static uint64_t evaluate(const reading *r, uint32_t a, uint32_t b, uint64_t *scratch) {
  uint64_t argument[2];
  argument[r->param[0]] = extend(r, 0, a), argument[r->param[1]] = extend(r, 1, b);
  return c_eval(r->f, argument[0], argument[1], scratch);
}

// As few bits, from the operands' together on, as all others repeat the sign of or are 0 beside. Where not all pairs
// are looked at, more than the operands' bits may be needed by one that is not: then all, up to 32.
static int product_bits(const reading *r, const uint32_t *codes, size_t count, uint64_t *scratch) {
  int bits = r->bits[0] + r->bits[1], all = r->f->nodes[r->f->result].type.bits;
  uint64_t most = all == 64 ? UINT64_MAX : ((uint64_t)1 << all) - 1, ones = 0, changes = 0;
  for (size_t i = 0; i < count; i++) {
    uint64_t p = evaluate(r, codes[i] >> r->bits[1], codes[i] & ((1u << r->bits[1]) - 1), scratch) & most;
    ones |= p;
    changes |= p >> (all - 1) & 1 ? ~p & most : p;
  }
  int zero = bits_unsigned(ones), sign = bits_unsigned(changes) + (changes != 0), need = zero < sign ? zero : sign;
  bool every = bits <= IMPORT_ICARUS_BITS;
  int fits = need > bits && every ? need : need > bits ? all : bits;
  return fits > all ? all : fits > 32 ? 32 : fits;
}

// The function, evaluated, on the pairs that import_prove compares: r->direct_pairs of them.
static bool compare(const reading *r, const mul *m, const uint32_t *codes, size_t count, uint64_t *scratch) {
  uint64_t mask = m->sig.p_bits == 32 ? UINT32_MAX : ((uint64_t)1 << m->sig.p_bits) - 1;
  uint32_t *a = arena_new_array(r->j->mem, uint32_t, count), *b = arena_new_array(r->j->mem, uint32_t, count);
  int64_t *p = arena_new_array(r->j->mem, int64_t, count);
  for (size_t i = 0; i < count; i++)
    a[i] = codes[i] >> r->bits[1], b[i] = codes[i] & ((1u << r->bits[1]) - 1);
  mul_products(m, a, b, count, p);
  for (size_t i = 0; i < count; i++) {
    uint64_t want = evaluate(r, a[i], b[i], scratch) & mask;
    if (want != ((uint64_t)p[i] & mask))
      return diag_check(r->j->d,
                        "%s: function %s: for a = %u, b = %u (codes) it gives 0x%llx, the imported netlist 0x%llx",
                        r->j->path, r->f->name, a[i], b[i], (unsigned long long)want, (unsigned long long)p[i] & mask);
  }
  return true;
}

static const mul *run(reading *r, const import_options *options, import_report *report) {
  import_job *j = r->j;
  int32_t result[64];
  import_options o = *options;
  import_reading types[4] = {IMPORT_UNSIGNED, IMPORT_US, IMPORT_SU, IMPORT_SIGNED};
  int ignored[2];
  if (!o.reading && !import_read_name(j->module, ignored)) {
    o.reading = types[2 * r->is_signed[0] + r->is_signed[1]];
    report->by_types = true;
  }
  const netlist *built = build(r, result);
  if (!built)
    return NULL;
  uint64_t *scratch = arena_new_array(j->mem, uint64_t, r->f->count);
  netlist *n = arena_memdup(j->mem, built, sizeof *built);
  size_t count;
  const uint32_t *codes = import_pairs(j, &count, &report->random_pairs);
  report->direct_pairs = count;
  j->p = port("the result", product_bits(r, codes, count, scratch));
  n->out_bits = j->p.bits;
  n->out = arena_memdup(j->mem, result, (size_t)n->out_bits * sizeof *result);
  const netlist *done = nl_finish(n);
  if (!import_choose_reading(j, &o, done, report))
    return NULL;
  mul_sig sig = {.a_bits = n->a_bits, .b_bits = n->b_bits, .a_signed = import_a_signed(report->reading)};
  sig.b_signed = import_b_signed(report->reading);
  sig.p_signed = sig.a_signed || sig.b_signed;
  const mul *m = mul_from_netlist(j->mem, o.name ? o.name : j->module, sig, done);
  return compare(r, m, codes, count, scratch) && import_prove_own(j, m) ? m : NULL;
}

bool import_c(arena *mem, const char *path, const import_options *options, const mul **out, import_report *report,
              diag *d) {
  static const import_options defaults = {0};
  const import_options *o = options ? options : &defaults;
  import_job j = {.mem = mem, .path = path, .d = d, .function = true};
  bytes file;
  char *dir;
  *report = (import_report){.path = path, .function = true};
  *out = NULL;
  const c_function *f = file_read(mem, path, 4 << 20, &file, d) ? c_parse(mem, path, (const char *)file.data, d) : NULL;
  if (!f)
    return false;
  reading r = {.j = &j, .f = f};
  j.module = f->name;
  if (o->module && strcmp(o->module, f->name) != 0)
    return diag_error(d, "%s: there is no function `%s`; there is `%s`", path, o->module, f->name);
  if (!read_operands(&r, o) || !tool_find(mem, "iverilog", d) || !tool_temp_dir(mem, &dir, d))
    return false;
  j.dir = dir;
  j.a = port(f->param[r.param[0]], r.bits[0]), j.b = port(f->param[r.param[1]], r.bits[1]);
  report->module = j.module;
  double left;
  import_start_time(&j, o, &left);
  const mul *m = run(&r, o, report);
  report->a_port = j.a.name, report->b_port = j.b.name, report->p_port = j.p.name;
  report->pairs = (uint64_t)1 << (r.bits[0] + r.bits[1]);
  report->simulated = r.bits[0] + r.bits[1] > IMPORT_ICARUS_BITS;
  bool ok = m && import_finish(&j, (const char *)file.data, m, o, out, report);
  tool_temp_remove(dir);
  return ok;
}
