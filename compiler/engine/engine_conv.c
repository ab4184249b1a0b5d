// SPDX-License-Identifier: Apache-2.0
//
// Convolutions and dense layers: slice by slice, some images at a time.
#include "compiler/engine/engine_run.h"

void engine_run_multiplying(worker *w, int node, int images) {
  const engine *e = w->e;
  const net_node *n = &e->model->net->nodes[node];
  const plan_node *plan = &e->plans[node];
  for (int i = 0; i < plan->slices; i++) {
    const plan_slice *s = &plan->slice[i];
    slice_run r = {.w = w,
                   .node = n,
                   .s = s,
                   .in = worker_tensor(w, n->inputs[0]),
                   .in_type = engine_type(e->model->net, n->inputs[0]),
                   .out = worker_tensor(w, node),
                   .out_type = engine_type(e->model->net, node)};
    const plan_kind_row *kind = &plan_kinds[s->kind];
    int most = kind->images(s);
    for (r.first = 0; r.first < images; r.first += most) {
      r.count = engine_fewer(images - r.first, most);
      kind->run(&r);
    }
  }
}
