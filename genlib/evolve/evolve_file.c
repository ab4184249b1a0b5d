// SPDX-License-Identifier: Apache-2.0
//
// Evolved circuits as files: a netlist (netlist_text.c) whose comments say what it is and how it was made.
#include "compiler/base/escape.h"
#include "genlib/evolve/evolve.h"

#include <ctype.h>
#include <string.h>

static const char *sign(bool is_signed) { return is_signed ? "signed" : "unsigned"; }

static void print_command(const evolve_result *r, const char *start, const evolve_options *o, const char *path,
                          str *out) {
  str_add(out, "axgen mul evolve ");
  escape_comment(out, start);
  if (o->mae >= 0)
    str_printf(out, " --mae %.10g", o->mae);
  if (o->wce >= 0)
    str_printf(out, " --wce %lld", (long long)o->wce);
  if (o->operands) {
    str_add(out, " --operands ");
    escape_comment(out, o->operands);
  }
  if (o->objective == EVOLVE_ENERGY)
    str_add(out, " --objective energy");
  static const char *const names[] = {"islands", "offspring", "mutations"};
  const int values[] = {o->islands, o->offspring, o->mutations};
  for (int i = 0; i < 3; i++)
    if (values[i])
      str_printf(out, " --%s %d", names[i], values[i]);
  str_printf(out, " --generations %llu --seed %llu -o ", (unsigned long long)r->generations,
             (unsigned long long)o->seed);
  escape_comment(out, path);
}

void evolve_print(const evolve_result *r, const char *start, const evolve_options *o, const char *path, mul_sig sig,
                  str *out) {
  const mul_errors *e = &r->errors;
  const char *file = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
  size_t length = str_ends_with(file, ".net") ? strlen(file) - 4 : strlen(file);
  arena *mem = arena_new();
  str_add(out, "# SPDX-License-Identifier: Apache-2.0\n# ");
  escape_comment(out, arena_strndup(mem, file, length));
  arena_free(mem);
  str_printf(out, ": a %s, b %s, product %s\n# made by: ", sign(sig.a_signed), sign(sig.b_signed), sign(sig.p_signed));
  print_command(r, start, o, path, out);
  str_printf(out, "\n# MAE %.4f, WCE %lld, EP %.4f %%, bias %.4f; estimates: area %.1f um2, energy %.1f fJ\n", e->mae,
             (long long)e->wce, 100 * e->ep, e->bias, r->area, r->energy);
  if (o->operands)
    str_printf(out, "# MAE under the operands' distribution %.4f\n", r->weighted_mae);
  nl_print(r->net, out);
}
