// SPDX-License-Identifier: Apache-2.0
//
// Staging: a group's input mapped code by code, its channels side by side, with borders.
#include "compiler/infer/engine_parts.h"

#include <string.h>

size_t stage_bytes(const plan_layout *l, int element, int images) {
  size_t pixels = (size_t)images * plan_layout_image(l) + plan_layout_beyond(l);
  size_t bytes = pixels * (size_t)(l->in.c * element) + PANEL_SLACK;
  return bytes * (size_t)plan_layout_shifts(l);
}

// The planes of image i, code by code.
static void map_image(const worker *w, const stage_args *a, int i, uint8_t *out) {
  const kernels *k = w->e->kernels;
  size_t n = (size_t)net_shape_size(a->layout->in);
  size_t at = ((size_t)(a->first + i) * (size_t)a->groups + (size_t)a->group) * n * (size_t)a->type;
  const uint8_t *src = (const uint8_t *)a->tensor + at;
  if (a->type == CODES8 && a->element == 1)
    k->map8(out, src, n, a->map);
  else if (a->type == CODES8)
    k->map16((uint16_t *)(void *)out, src, n, a->map);
  else
    for (size_t j = 0; j < n; j++)
      ((uint16_t *)(void *)out)[j] = ((const uint16_t *)a->map)[((const uint16_t *)(const void *)src)[j]];
}

// `pixels` pixels of border; what comes after them.
static uint8_t *border(const stage_args *a, uint8_t *out, size_t pixels) {
  size_t n = pixels * (size_t)a->layout->in.c;
  if (a->element == 1)
    memset(out, ((const uint8_t *)a->map)[a->zero], n);
  else {
    uint16_t zero = ((const uint16_t *)a->map)[a->zero];
    for (size_t i = 0; i < n; i++)
      ((uint16_t *)(void *)out)[i] = zero;
  }
  return out + n * (size_t)a->element;
}

// `n` neighbouring pixels of an image's planes; what comes after them.
static uint8_t *interleave(const stage_args *a, const kernels *k, const uint8_t *planes, size_t n, uint8_t *out) {
  size_t plane = (size_t)a->layout->in.h * (size_t)a->layout->in.w, values = n * (size_t)a->layout->in.c;
  if (plane == 1 || a->layout->in.c == 1)
    memcpy(out, planes, values * (size_t)a->element);
  else if (a->element == 1)
    k->interleave8(out, planes, plane, a->layout->in.c, n);
  else
    k->interleave16((uint16_t *)(void *)out, (const uint16_t *)(const void *)planes, plane, a->layout->in.c, n);
  return out + values * (size_t)a->element;
}

// Row y of an image, its pixels seen through column kx of the kernel; what comes after it.
static uint8_t *shifted_row(const stage_args *a, const uint8_t *pixels, int y, int kx, uint8_t *out) {
  const plan_layout *l = a->layout;
  int first = kx - l->pl, before = first < 0 ? -first : 0, n = l->in.w - (first > 0 ? first : 0);
  before = before < l->out.w ? before : l->out.w;
  n = n < l->out.w - before ? n : l->out.w - before;
  n = n > 0 ? n : 0;
  size_t pixel = (size_t)l->in.c * (size_t)a->element;
  if (before)
    out = border(a, out, (size_t)before);
  memcpy(out, pixels + (size_t)(y * l->in.w + (first > 0 ? first : 0)) * pixel, (size_t)n * pixel);
  out += (size_t)n * pixel;
  return before + n < l->out.w ? border(a, out, (size_t)(l->out.w - before - n)) : out;
}

static void stage_shifted(worker *w, const stage_args *a, uint8_t *out) {
  const plan_layout *l = a->layout;
  size_t size = (size_t)net_shape_size(l->in) * (size_t)a->element, columns = (size_t)l->columns;
  size_t copy = stage_bytes(l, a->element, a->count) / (size_t)l->kw;
  uint8_t *mapped = worker_buffer(w, BUFFER_MAPPED, 2 * size + PANEL_SLACK), *pixels = mapped + size;
  for (int i = 0; i < a->count; i++) {
    map_image(w, a, i, mapped);
    interleave(a, w->e->kernels, mapped, (size_t)l->in.h * (size_t)l->in.w, pixels);
    for (int kx = 0; kx < l->kw; kx++) {
      uint8_t *to = out + (size_t)kx * copy + (size_t)i * plan_layout_image(l) * (size_t)(l->in.c * a->element);
      to = border(a, to, (size_t)l->pt * columns);
      for (int y = 0; y < l->in.h; y++)
        to = shifted_row(a, pixels, y, kx, to);
      to = border(a, to, (size_t)(l->rows - l->in.h - l->pt) * columns);
      if (i + 1 == a->count)
        border(a, to, plan_layout_beyond(l));
    }
  }
}

void stage(worker *w, const stage_args *a, uint8_t *out) {
  const plan_layout *l = a->layout;
  const kernels *k = w->e->kernels;
  if (l->shifted) {
    stage_shifted(w, a, out);
    return;
  }
  size_t size = (size_t)net_shape_size(l->in), width = (size_t)l->in.w, columns = (size_t)l->columns;
  uint8_t *mapped = worker_buffer(w, BUFFER_MAPPED, size * (size_t)a->element);
  for (int i = 0; i < a->count; i++) {
    map_image(w, a, i, mapped);
    if (columns == width) {
      out = border(a, out, (size_t)l->pt * columns);
      out = interleave(a, k, mapped, (size_t)l->in.h * width, out);
    } else {
      out = border(a, out, (size_t)l->pt * columns + (size_t)l->pl);
      for (int y = 0; y < l->in.h; y++) { // the border after a row is that before the next
        out = interleave(a, k, mapped + (size_t)y * width * (size_t)a->element, width, out);
        out = border(a, out, y + 1 < l->in.h ? columns - width : columns - width - (size_t)l->pl);
      }
    }
    out = border(a, out, (size_t)(l->rows - l->in.h - l->pt) * columns);
  }
  border(a, out, plan_layout_beyond(l));
}
