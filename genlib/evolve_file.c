// SPDX-License-Identifier: Apache-2.0
//
// Evolved circuits as files: a netlist (netlist_text.c) whose comments say what it is and how it was made.
#include "genlib/evolve.h"

#include <ctype.h>
#include <string.h>

static const char *sign(bool is_signed) { return is_signed ? "signed" : "unsigned"; }

static void print_command(const evolve_result *r, const char *start, const evolve_options *o, const char *path,
                          str *out) {
  str_printf(out, "axgen mul evolve %s", start);
  if (o->mae >= 0)
    str_printf(out, " --mae %.10g", o->mae);
  if (o->wce >= 0)
    str_printf(out, " --wce %lld", (long long)o->wce);
  if (o->weights_option)
    str_printf(out, " %s", o->weights_option);
  if (o->objective == EVOLVE_ENERGY)
    str_add(out, " --objective energy");
  static const char *const names[] = {"islands", "offspring", "mutations"};
  const int values[] = {o->islands, o->offspring, o->mutations};
  for (int i = 0; i < 3; i++)
    if (values[i])
      str_printf(out, " --%s %d", names[i], values[i]);
  str_printf(out, " --generations %llu --seed %llu -o %s", (unsigned long long)r->generations,
             (unsigned long long)o->seed, path);
}

void evolve_print(const evolve_result *r, const char *start, const evolve_options *o, const char *path, mul_sig sig,
                  str *out) {
  const mul_errors *e = &r->errors;
  const char *file = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
  int length = (int)(str_ends_with(file, ".net") ? strlen(file) - 4 : strlen(file));
  str_printf(out, "# SPDX-License-Identifier: Apache-2.0\n# %.*s: a %s, b %s, product %s\n# made by: ", length, file,
             sign(sig.a_signed), sign(sig.b_signed), sign(sig.p_signed));
  print_command(r, start, o, path, out);
  str_printf(out, "\n# MAE %.4f, WCE %lld, EP %.4f %%, bias %.4f; estimates: area %.1f um2, energy %.1f fJ\n", e->mae,
             (long long)e->wce, 100 * e->ep, e->bias, r->area, r->energy);
  if (o->weights_option)
    str_printf(out, "# MAE under the operands' distribution %.4f\n", r->weighted_mae);
  nl_print(r->net, out);
}

// `# NAME: a signed, b unsigned, product signed`, anywhere in the comments.
static bool read_signs(const char *text, mul_sig *sig) {
  const char *a = strstr(text, ": a "), *b = a ? strstr(a, ", b ") : NULL, *p = b ? strstr(b, ", product ") : NULL;
  if (!p)
    return false;
  sig->a_signed = a[4] == 's';
  sig->b_signed = b[4] == 's';
  sig->p_signed = p[10] == 's';
  return true;
}

const mul *evolve_read(arena *mem, const char *path, const char *name, diag *d) {
  bytes text;
  if (!file_read(mem, path, 1 << 24, &text, d))
    return NULL;
  const netlist *n = nl_parse(mem, path, (const char *)text.data, d);
  if (!n)
    return NULL;
  mul_sig sig = {.a_bits = n->a_bits, .b_bits = n->b_bits};
  if (!read_signs((const char *)text.data, &sig)) {
    diag_error(d, "%s: a comment like `# NAME: a signed, b signed, product signed` was expected", path);
    return NULL;
  }
  if (n->a_bits < 2 || n->b_bits < 2 || n->a_bits > 16 || n->b_bits > 16 || n->out_bits > 32) {
    diag_error(d, "%s: %d x %d -> %d bits; operands of 2 to 16 bits each and a product of up to 32 are possible", path,
               n->a_bits, n->b_bits, n->out_bits);
    return NULL;
  }
  return mul_from_netlist(mem, name, sig, n);
}

const mul *evolve_shipped(arena *mem, const char *name, diag *d) {
  bool plain = *name;
  for (const char *p = name; *p; p++)
    plain &= isalnum((unsigned char)*p) || *p == '_';
  const char *path = plain ? data_path(mem, arena_printf(mem, "genlib/evolved/%s.net", name)) : NULL;
  if (!plain || !file_exists(path)) {
    diag_error(d, "multiplier `%s`: there is no such evolved multiplier; genlib/evolved/ holds them all", name);
    return NULL;
  }
  return evolve_read(mem, path, name, d);
}
