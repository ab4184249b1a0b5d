// SPDX-License-Identifier: Apache-2.0
#include "compiler/base/escape.h"
#include "compiler/lib/lib.h"

#include <string.h>

// With the multiplier that `m` is, or an error. The arena is the handle's from here on.
static axgen_mul *wrap(arena *mem, const mul *m, diag *d, axgen_error **error) {
  axgen_mul *out = NULL;
  if (m) {
    out = arena_new_object(mem, axgen_mul);
    *out = (axgen_mul){1, mem, m, NULL};
  } else
    arena_free(mem);
  lib_end(m != NULL, d, NULL, error);
  return out;
}

axgen_mul *axgen_mul_new(const char *name, axgen_error **error) {
  progress_watcher w, *before = lib_watch(&w, NULL);
  arena *mem = arena_new();
  diag d = {0};
  const mul *m = lib_given(name, "the multiplier's name", &d) ? mul_make(mem, arena_strdup(mem, name), &d) : NULL;
  lib_unwatch(before);
  return wrap(mem, m, &d, error);
}

static bool check_widths(const axgen_signature *s, diag *d) {
  return (s->a_bits >= 2 && s->b_bits >= 2 && s->a_bits <= 14 && s->b_bits <= 14 && s->a_bits + s->b_bits <= 16) ||
         diag_error(d, "a table of %d x %d bits: expected 2 to 14 bits each, 16 together", s->a_bits, s->b_bits);
}

// Names become modules and files.
static bool check_name(const char *name, diag *d) {
  const char *bad = text_fault(name);
  return (*name && !bad) || diag_error(d, "a multiplier's name: expected text without control characters, found %s",
                                       bad ? bad : "nothing");
}

axgen_mul *axgen_mul_from_table(const char *name, const axgen_signature *s, const int32_t *table, axgen_error **error) {
  arena *mem = arena_new();
  diag d = {0};
  const mul *m = NULL;
  bool given = lib_given(name, "the multiplier's name", &d) && lib_given(s, "its signature", &d) &&
               lib_given(table, "its table", &d);
  if (given && check_name(name, &d) && check_widths(s, &d))
    m = mul_from_table(
        mem, arena_strdup(mem, name),
        (mul_sig){.a_bits = s->a_bits, .b_bits = s->b_bits, .a_signed = s->a_signed, .b_signed = s->b_signed}, table);
  return wrap(mem, m, &d, error);
}

void axgen_mul_free(axgen_mul *m) {
  if (!m || !lib_disown(&m->owners))
    return;
  axgen_config_free(m->config);
  arena_free(m->mem);
}

const char *axgen_mul_name(const axgen_mul *m) { return m->m->name; }

axgen_signature axgen_mul_signature(const axgen_mul *m) {
  mul_sig s = m->m->sig;
  return (axgen_signature){s.a_bits, s.b_bits, s.p_bits, s.a_signed, s.b_signed, s.p_signed, m->m->exact};
}

const int32_t *axgen_mul_table(const axgen_mul *m) { return m->m->table; }

int64_t axgen_mul_product(const axgen_mul *m, int32_t a, int32_t b) { return mul_apply(m->m, a, b); }

axgen_errors axgen_mul_errors(const axgen_mul *m) {
  progress_watcher w, *before = lib_watch(&w, NULL);
  mul_errors e = mul_error_figures(m->m, NULL, 1);
  lib_unwatch(before);
  return (axgen_errors){.mae = e.mae,
                        .wce = (double)e.wce,
                        .mse = e.mse,
                        .variance = e.variance,
                        .bias = e.bias,
                        .error_probability = e.ep,
                        .mre = e.mre,
                        .exhaustive = e.exhaustive};
}

char *axgen_mul_verilog(const axgen_mul *m, axgen_error **error) {
  diag d = {0};
  str text = {0};
  mul_verilog(m->m, &text);
  lib_end(true, &d, NULL, error);
  return text.data; // str's memory is malloc's
}

bool axgen_mul_write(const axgen_mul *m, const char *path, const char *format, axgen_error **error) {
  diag d = {0};
  str text = {0};
  const char *dot = path ? strrchr(path, '.') : NULL;
  bool ok = lib_given(path, "the path", &d);
  if (ok && !format && !(format = dot ? dot + 1 : NULL))
    ok = diag_error(&d, "%s: expected a name that ends in .bin, .h, .npy, .hex or .c", path);
  ok = ok && mul_format(m->m, format, &text, &d) && file_write(path, text.data, text.len, &d);
  str_free(&text);
  return lib_end(ok, &d, NULL, error);
}
