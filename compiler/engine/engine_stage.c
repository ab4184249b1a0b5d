// SPDX-License-Identifier: Apache-2.0
//
// Staging: a group's input mapped code by code, with borders.
#include "compiler/engine/engine_parts.h"

#include <string.h>

size_t engine_stage_bytes(const plan_layout *l, int element, int images) {
  size_t pixels = (size_t)images * plan_layout_image(l) + plan_layout_beyond(l);
  size_t bytes = pixels * (size_t)(l->in.c * element) + PANEL_SLACK;
  return bytes * (size_t)plan_layout_shifts(l);
}

// The group's channels of image i, [row][column][channel].
static const uint8_t *group_image(worker *w, const stage_args *a, int i) {
  size_t code = (size_t)a->type, n = (size_t)net_shape_size(a->layout->in);
  const uint8_t *src = (const uint8_t *)a->tensor + (size_t)(a->first + i) * (size_t)a->groups * n * code;
  if (a->groups == 1)
    return src;
  size_t own = (size_t)a->layout->channels * code, all = own * (size_t)a->groups;
  uint8_t *out = engine_worker_buffer(w, BUFFER_GROUP, n * code);
  src += (size_t)a->group * own;
  if (own == 1)
    for (size_t p = 0; p < n; p++)
      out[p] = src[p * all];
  else
    for (size_t p = 0; p * own < n * code; p++)
      memcpy(out + p * own, src + p * all, own);
  return out;
}

// `n` neighbouring codes of an image, from number `first` on, mapped; what comes after them.
static uint8_t *mapped(const worker *w, const stage_args *a, const uint8_t *image, size_t first, size_t n,
                       uint8_t *out) {
  const kernels *k = w->e->kernels;
  const uint8_t *src = image + first * (size_t)a->type;
  if (!a->map)
    memcpy(out, src, n);
  else if (a->type == CODES8 && a->element == 1)
    k->map8(out, src, n, a->map);
  else if (a->type == CODES8)
    k->map16((uint16_t *)(void *)out, src, n, a->map);
  else
    for (size_t j = 0; j < n; j++)
      ((uint16_t *)(void *)out)[j] = ((const uint16_t *)a->map)[((const uint16_t *)(const void *)src)[j]];
  return out + n * (size_t)a->element;
}

// `pixels` pixels of border; what comes after them.
static uint8_t *border(const stage_args *a, uint8_t *out, size_t pixels) {
  size_t n = pixels * (size_t)a->layout->in.c;
  if (a->element == 1)
    memset(out, a->map ? ((const uint8_t *)a->map)[a->zero] : a->zero, n);
  else {
    uint16_t zero = ((const uint16_t *)a->map)[a->zero];
    for (size_t i = 0; i < n; i++)
      ((uint16_t *)(void *)out)[i] = zero;
  }
  return out + n * (size_t)a->element;
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
  size_t size = (size_t)net_shape_size(l->in), columns = (size_t)l->columns;
  size_t copy = engine_stage_bytes(l, a->element, a->count) / (size_t)l->kw;
  uint8_t *pixels = engine_worker_buffer(w, BUFFER_MAPPED, size * (size_t)a->element);
  for (int i = 0; i < a->count; i++) {
    mapped(w, a, group_image(w, a, i), 0, size, pixels);
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

void engine_stage(worker *w, const stage_args *a, uint8_t *out) {
  const plan_layout *l = a->layout;
  if (l->shifted) {
    stage_shifted(w, a, out);
    return;
  }
  size_t columns = (size_t)l->columns, width = (size_t)l->in.w, row = width * (size_t)l->in.c;
  for (int i = 0; i < a->count; i++) {
    const uint8_t *image = group_image(w, a, i);
    if (columns == width) {
      out = border(a, out, (size_t)l->pt * columns);
      out = mapped(w, a, image, 0, (size_t)l->in.h * row, out);
    } else {
      out = border(a, out, (size_t)l->pt * columns + (size_t)l->pl);
      for (int y = 0; y < l->in.h; y++) { // the border after a row is that before the next
        out = mapped(w, a, image, (size_t)y * row, row, out);
        out = border(a, out, y + 1 < l->in.h ? columns - width : columns - width - (size_t)l->pl);
      }
    }
    out = border(a, out, (size_t)(l->rows - l->in.h - l->pt) * columns);
  }
  border(a, out, plan_layout_beyond(l));
}
