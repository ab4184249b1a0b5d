// SPDX-License-Identifier: Apache-2.0
//
// What the engine will do, for people.
#include "compiler/engine/engine_parts.h"

static void explain_slice(const plan_slice *s, FILE *out) {
  const plan_kind_row *kind = &plan_kinds[s->kind];
  str what = {0};
  kind->explain(s, &what);
  fprintf(out, "    %4d filter%s %-8s %-60s %9.1f KB  %s\n", s->filters, s->filters == 1 ? " " : "s", kind->name,
          what.data, (double)s->bytes / 1024, s->multipliers);
  str_free(&what);
}

void engine_explain(const engine *e, FILE *out) {
  const network *net = e->model->net;
  int batch = engine_batch(e);
  fprintf(out, "instruction set %s, batches of %d image%s\n", e->kernels->name, batch, plural((size_t)batch));
  for (int i = 0; i < (int)net->count; i++) {
    const plan_node *p = &e->plans[i];
    const net_node *n = &net->nodes[i];
    if (!p->slices)
      continue;
    fprintf(out, "  %s: %s, %d filter%s, %lld product%s each\n", n->name, net_op_name(n->op), n->shape.c,
            plural((size_t)n->shape.c), (long long)net_reduction(net, n), plural((size_t)net_reduction(net, n)));
    int shown = 0;
    for (int s = 0; s < p->slices; s++) {
      if (s >= 8) // grouped layers: one plan for each group
        continue;
      explain_slice(&p->slice[s], out);
      shown++;
    }
    if (shown < p->slices)
      fprintf(out, "    ... and %d more\n", p->slices - shown);
  }
  fprintf(out, "memory: %.1f MB of weights and tables, %.1f MB for each thread\n", (double)engine_packed(e) / 1048576,
          (double)engine_working(e) / 1048576);
}
