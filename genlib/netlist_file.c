// SPDX-License-Identifier: Apache-2.0
//
// A multiplier from a file of gates (netlist_text.c) whose comments say how its operands are read.
#include "genlib/genlib.h"

#include <ctype.h>
#include <string.h>

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

const mul *mul_read_netlist(arena *mem, const char *path, const char *name, diag *d) {
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

const mul *mul_shipped(arena *mem, const char *name, diag *d) {
  bool plain = *name;
  for (const char *p = name; *p; p++)
    plain &= isalnum((unsigned char)*p) || *p == '_';
  const char *path = plain ? data_path(mem, arena_printf(mem, "genlib/evolved/%s.net", name)) : NULL;
  if (!plain || !file_exists(path)) {
    diag_error(d, "multiplier `%s`: there is no such evolved multiplier; genlib/evolved/ holds them all", name);
    return NULL;
  }
  return mul_read_netlist(mem, path, name, d);
}
