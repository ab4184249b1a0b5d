// SPDX-License-Identifier: Apache-2.0
//
// The graph of `axgen net show --dot`: one box a layer, its shape on the arrows that leave it.
#include "compiler/base/escape.h"
#include "compiler/net/print.h"

static void put_quoted(const char *text, FILE *out) {
  str s = {0};
  escape_dot(&s, text);
  fputs(s.data ? s.data : "", out);
  str_free(&s);
}

static void put_node(const network *net, const net_node *n, FILE *out) {
  char window[NET_TEXT] = "", activation[NET_TEXT] = "", count[NET_TEXT] = "", integers[NET_TEXT] = "";
  net_put_window(n, window);
  net_put_activation(n, activation);
  fputs("  \"", out);
  put_quoted(n->name, out);
  fprintf(out, "\" [fillcolor=\"%s\", label=\"", net_operators[n->op].colour);
  put_quoted(n->name, out);
  // A window's text begins with a space where there are only pads.
  fprintf(out, "\\n%s%s%s", net_op_name(n->op), window[0] && window[0] != ' ' ? " " : "", window);
  if (activation[0])
    fprintf(out, ", %s", activation);
  if (net_multiplies(n)) {
    net_put_count(count, net_multiplications(net, n));
    fprintf(out, "\\n%s multiplications", count);
  }
  if (net->quantised) {
    net_put_integers(net, n, integers);
    fprintf(out, "\\n%s", integers);
  }
  fputs("\"];\n", out);
}

static void put_edge(const net_node *from, const net_node *to, FILE *out) {
  fputs("  \"", out);
  put_quoted(from->name, out);
  fputs("\" -> \"", out);
  put_quoted(to->name, out);
  fprintf(out, "\" [label=\"%dx%dx%d\"];\n", from->shape.c, from->shape.h, from->shape.w);
}

void net_dot(const network *net, FILE *out) {
  fputs("digraph \"", out);
  put_quoted(net->name, out);
  fputs("\" {\n  node [shape=box, style=\"filled,rounded\", fontname=\"Helvetica\", fontsize=11];\n"
        "  edge [fontname=\"Helvetica\", fontsize=9];\n",
        out);
  for (size_t i = 0; i < net->count; i++)
    put_node(net, &net->nodes[i], out);
  for (size_t i = 0; i < net->count; i++)
    for (int k = 0; k < net->nodes[i].input_count; k++)
      put_edge(&net->nodes[net->nodes[i].inputs[k]], &net->nodes[i], out);
  fputs("}\n", out);
}
