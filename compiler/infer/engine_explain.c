// SPDX-License-Identifier: Apache-2.0
//
// What the engine will do, for people.
#include "compiler/infer/engine_run.h"

#include <string.h>

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

size_t slice_working(const engine *e, const plan_slice *s) {
  const plan_layout *l = &s->layout;
  size_t pixels = (size_t)l->out.h * (size_t)l->out.w, batch = (size_t)e->batch, filters = (size_t)s->filters;
  size_t bytes = 2 * 2 * (size_t)l->in.c * plan_image_stride(l) * 2 + filters * PANEL * 4;
  switch (s->kind) {
  case PLAN_DOT8:
  case PLAN_DOT16:
  case PLAN_FIXED: {
    size_t images = smaller((size_t)dot_images(s), batch), units = 0, rows = (size_t)(s->block * s->blocks);
    for (int i = 0; i < s->phases; i++)
      units = (size_t)s->phase[i].units > units ? (size_t)s->phase[i].units : units;
    return bytes + (size_t)s->maps * stage_bytes(l, s->element, (int)images) +
           (s->error ? slice_working(e, s->error) : 0) + units * PANEL * UNIT_BYTES +
           rows * PANEL * (s->wide ? 12 : 4) + ((size_t)512 << 10);
  }
  case PLAN_ROWS: {
    size_t images = smaller((size_t)rows_images(s), batch), lanes = (size_t)s->row->lanes;
    return bytes + stage_bytes(l, 2, (int)images) + images * pixels * lanes * 2 +
           images * pixels * lanes * (size_t)s->lane_blocks * 4 + (size_t)s->classes * lanes * 2 * 4 * ROW_UNITS_MAX;
  }
  case PLAN_COLUMNS:
    return bytes + stage_bytes(l, 1, (int)smaller((size_t)lookup_images(s), batch)) + (size_t)l->steps * LOOKUP_PANEL +
           filters * PANEL * 8;
  default:
    return bytes + (size_t)(l->in.c * l->kh * l->kw) * 4 + filters * PANEL * 8;
  }
}

static void explain_rows(const plan_slice *s, char *what, size_t size) {
  int passes = 0, flushes = 0;
  for (int b = 0; b < s->lane_blocks; b++)
    for (int i = 0; i < s->pass_count[b]; i++, passes++)
      flushes += s->pass[b][i].flush;
  snprintf(what, size, "%d rows of %d, %d passes, %d widenings", s->classes, s->row->lanes, passes, flushes);
}

static void explain_slice(const plan_slice *s, FILE *out) {
  fprintf(out, "    %4d filter%s %-8s ", s->filters, s->filters == 1 ? " " : "s", plan_name[s->kind]);
  char what[96] = "";
  int n;
  switch (s->kind) {
  case PLAN_DOT8:
  case PLAN_DOT16:
  case PLAN_FIXED:
    n = snprintf(what, sizeof what, "%d-bit, %d term%s in %d step%s%s", 8 * s->element, s->terms,
                 s->terms == 1 ? "" : "s", s->phases, s->phases == 1 ? "" : "s",
                 s->wide    ? ", 64-bit sums"
                 : s->error ? "; "
                            : "");
    if (s->error)
      explain_rows(s->error, what + n, sizeof what - (size_t)n);
    break;
  case PLAN_ROWS:
    explain_rows(s, what, sizeof what);
    break;
  case PLAN_COLUMNS:
    snprintf(what, sizeof what, "one look-up a product, %d pixels at once", LOOKUP_PANEL);
    break;
  default:
    snprintf(what, sizeof what, "one product at a time");
  }
  fprintf(out, "%-60s %9.1f KB  %s\n", what, (double)s->bytes / 1024, s->multipliers);
}

void engine_explain(const engine *e, FILE *out) {
  const network *net = e->model->net;
  fprintf(out, "instruction set %s, batches of %d images\n", e->kernels->name, e->batch);
  for (int i = 0; i < (int)net->count; i++) {
    const plan_node *p = &e->plans[i];
    const net_node *n = &net->nodes[i];
    if (!p->slices)
      continue;
    fprintf(out, "  %s: %s, %d filters, %lld products each\n", n->name, net_op_name(n->op), n->shape.c,
            (long long)net_reduction(net, n));
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
  fprintf(out, "memory: %.1f MB of weights and tables, %.1f MB for each thread\n", (double)e->packed / 1048576,
          (double)e->working / 1048576);
}
