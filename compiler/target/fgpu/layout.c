// SPDX-License-Identifier: Apache-2.0
//
// Where tensors lie. A tensor lives from the node that makes it to the last that reads it; it gets the lowest address
// that is free all that time.
#include "compiler/target/fgpu/plan.h"

static uint32_t lines(int64_t bytes) { return (uint32_t)(div_ceil(bytes, FGPU_LINE) * FGPU_LINE); }

// The border is what the widest reader that multiplies or sums needs; maxima stay inside the image instead.
static fgpu_tensor shape_of(const network *net, int node) {
  const net_node *n = &net->nodes[node];
  net_shape s = n->shape;
  fgpu_tensor t = {.cp = s.c == 1 ? 1 : (int)div_ceil(s.c, 4) * 4};
  if (net_is_raw(net, n)) {
    t.words = true;
    t.cp = 4 * s.c;
  }
  int pt = 0, pb = 0, pl = 0, pr = 0;
  for (size_t i = (size_t)node + 1; i < net->count; i++) {
    const net_node *r = &net->nodes[i];
    if (!net_accumulates(r) || r->inputs[0] != node)
      continue;
    pt = r->pt > pt ? r->pt : pt;
    pb = r->pb > pb ? r->pb : pb;
    pl = r->pl > pl ? r->pl : pl;
    pr = r->pr > pr ? r->pr : pr;
  }
  t.border = pt || pb || pl || pr;
  t.row = (s.w + pl + pr) * t.cp;
  t.origin = (uint32_t)(pt * t.row + pl * t.cp);
  t.bytes = lines((int64_t)(s.h + pt + pb) * t.row);
  return t;
}

typedef struct {
  uint32_t base, bytes;
  int from, to; // nodes
} block;

static uint32_t place(block *blocks, size_t *count, uint32_t bytes, int from, int to) {
  uint32_t at = 0;
  for (bool moved = true; moved;) {
    moved = false;
    for (size_t i = 0; i < *count; i++) {
      const block *b = &blocks[i];
      if (b->to >= from && b->from <= to && at < b->base + b->bytes && b->base < at + bytes) {
        at = b->base + b->bytes;
        moved = true;
      }
    }
  }
  blocks[(*count)++] = (block){at, bytes, from, to};
  return at;
}

void fgpu_layout(arena *mem, fgpu_program *p, uint32_t *scratch) {
  const network *net = p->model->net;
  p->tensors = arena_new_array(mem, fgpu_tensor, net->count);
  block *blocks = arena_new_array(mem, block, 2 * net->count);
  size_t count = 0;
  for (int i = 0; i < (int)net->count; i++) {
    int last = i;
    for (int r = i + 1; r < (int)net->count; r++)
      for (int k = 0; k < net->nodes[r].input_count; k++)
        last = net->nodes[r].inputs[k] == i ? r : last;
    fgpu_tensor t = shape_of(net, i);
    t.base = place(blocks, &count, t.bytes, i, last);
    t.origin += t.base;
    p->tensors[i] = t;
    p->unshared_bytes += t.bytes;
    if (scratch[i])
      scratch[i] = place(blocks, &count, lines(scratch[i]), i, i);
  }
  uint32_t end = 0;
  for (size_t i = 0; i < count; i++)
    end = blocks[i].base + blocks[i].bytes > end ? blocks[i].base + blocks[i].bytes : end;
  p->activation_bytes = p->memory_bytes = end;
}
