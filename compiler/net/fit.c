// SPDX-License-Identifier: Apache-2.0
#include "compiler/net/fit.h"

bool net_fits(const network *net, const net_node *n, const mul *m) {
  net_quant in = net_input_quant(net, n);
  return m->sig.a_bits == in.bits && m->sig.a_signed == in.is_signed && m->sig.b_bits == n->weight_bits &&
         m->sig.b_signed == n->weight_signed;
}

static const char *sign(bool is_signed) { return is_signed ? "signed" : "unsigned"; }

bool net_check_fit(const network *net, const net_node *n, const mul *m, const char *key, src_pos pos, diag *d) {
  if (net_fits(net, n, m))
    return true;
  net_quant in = net_input_quant(net, n);
  return diag_at(
      d, pos,
      "`%s`%s%s%s multiplies %s %d-bit activations by %s %d-bit weights; layer `%s` has %s %d-bit activations "
      "and %s %d-bit weights",
      key ? key : m->name, key ? " (" : "", key ? m->name : "", key ? ")" : "", sign(m->sig.a_signed), m->sig.a_bits,
      sign(m->sig.b_signed), m->sig.b_bits, n->name, sign(in.is_signed), in.bits, sign(n->weight_signed),
      n->weight_bits);
}
