// SPDX-License-Identifier: Apache-2.0
//
// A multiplier from a file of gates (netlist_text.c) whose comments say how its operands are read.
#include "genlib/genlib.h"

#include <ctype.h>
#include <string.h>

// "signed" or "unsigned" after `label`, at *p.
static bool read_sign(const char **p, const char *label, bool *is_signed) {
  if (strncmp(*p, label, strlen(label)) != 0)
    return false;
  *p += strlen(label);
  *is_signed = **p == 's';
  const char *word = *is_signed ? "signed" : "unsigned";
  if (strncmp(*p, word, strlen(word)) != 0)
    return false;
  *p += strlen(word);
  return true;
}

// `# NAME: a signed, b unsigned, product signed` to the end of a line: a name may hold anything but the end of a line.
static bool read_signs(const char *text, mul_sig *sig) {
  for (const char *at = text; (at = strstr(at, ": a ")); at++) {
    const char *p = at;
    if (read_sign(&p, ": a ", &sig->a_signed) && read_sign(&p, ", b ", &sig->b_signed) &&
        read_sign(&p, ", product ", &sig->p_signed) && (*p == '\n' || *p == '\r' || !*p))
      return true;
  }
  return false;
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
