// SPDX-License-Identifier: Apache-2.0
//
// What the engine will do, for people.
#include "compiler/engine/engine_run.h"

#include <string.h>

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

size_t engine_slice_working(const engine *e, const plan_slice *s) {
  const plan_layout *l = &s->layout;
  size_t batch = (size_t)e->batch, filters = (size_t)s->filters, tiles = (filters + TILE) / TILE * TILE;
  size_t bytes = (size_t)net_shape_size(l->in) * 2 + 2 * PANEL * tiles; // mapped codes, outputs
  const plan_slice *rows = s->error ? s->error : s;
  switch (s->kind) {
  case PLAN_DOT8:
  case PLAN_DOT16:
    return bytes +
           (size_t)s->maps * engine_stage_bytes(l, s->element, (int)smaller((size_t)engine_dot_images(s), batch)) +
           PANEL * tiles * (s->wide ? 12 : 4) + ((size_t)512 << 10);
  case PLAN_DEPTHWISE:
    return bytes +
           (size_t)s->maps * engine_stage_bytes(l, s->element, (int)smaller((size_t)engine_dot_images(s), batch)) +
           (tiles * 32 > DEPTHWISE_SUMS_BYTES ? tiles * 32 : DEPTHWISE_SUMS_BYTES);
  case PLAN_ROWS:
  case PLAN_FIXED: {
    int images = (int)smaller((size_t)engine_rows_images(s), batch);
    size_t grid = plan_layout_grid(l) * (size_t)images, lanes = (size_t)rows->row->lanes;
    size_t listed = (size_t)rows->lists * (size_t)images * plan_layout_image(l); // pixels, each with its rows
    return bytes + (size_t)(s->maps ? s->maps : 1) * engine_stage_bytes(l, s->element ? s->element : 1, images) +
           grid * (lanes * 6 + (s->common ? TILE * 4 : 0)) + (size_t)(rows->classes * rows->channels) * lanes * 2 +
           listed * (4 + 2 * (size_t)rows->channels);
  }
  case PLAN_COLUMNS: {
    int images = (int)smaller((size_t)engine_lookup_images(s), batch);
    size_t index = s->depthwise ? depthwise_plane(l, images) * TILE + TILE * LOOKUP_PANEL * 4
                                : (size_t)(l->kh * plan_layout_run(l)) * LOOKUP_PANEL + tiles * LOOKUP_PANEL * 4;
    return bytes + engine_stage_bytes(l, 1, images) + index;
  }
  default:
    return bytes + (size_t)(l->kh * plan_layout_run(l)) * 4 + filters * 8;
  }
}

static void explain_rows(const plan_slice *s, char *what, size_t size) {
  int passes = 0, flushes = 0;
  for (int b = 0; b < s->lane_blocks; b++)
    for (int i = 0; i < s->pass_count[b]; i++, passes++)
      flushes += s->pass[b][i].flush;
  snprintf(what, size, "%d rows of %d, %d passes of %d, %d widenings", s->classes, s->row->lanes, passes, s->channels,
           flushes);
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
                 plural((size_t)s->terms), s->phases, plural((size_t)s->phases),
                 s->wide    ? ", 64-bit sums"
                 : s->error ? "; "
                            : "");
    if (s->error)
      explain_rows(s->error, what + n, sizeof what - (size_t)n);
    break;
  case PLAN_DEPTHWISE:
    snprintf(what, sizeof what, "%d term%s, %d channels at once%s", s->terms, plural((size_t)s->terms), TILE,
             s->wide ? ", 64-bit sums" : "");
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
  fprintf(out, "instruction set %s, batches of %d image%s\n", e->kernels->name, e->batch, plural((size_t)e->batch));
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
