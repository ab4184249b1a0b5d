// SPDX-License-Identifier: Apache-2.0
//
// Staging: a group's input padded, mapped code by code and woven into units.
#include "compiler/infer/engine_parts.h"

#include <string.h>

size_t stage_bytes(const plan_layout *l, int element, int images) {
  return (size_t)l->units * (size_t)images * plan_image_stride(l) * (size_t)(l->lanes * element);
}

// Width of a padded row: what the layout's units read.
static int padded_width(const plan_layout *l) {
  return l->unrolled ? (l->out.w - 1) * l->sw + l->kw : l->phases * l->columns;
}

static void fill(uint8_t *p, size_t n, int32_t zero, int size) {
  if (size == 1)
    memset(p, zero, n);
  else
    for (size_t i = 0; i < n; i++)
      ((uint16_t *)(void *)p)[i] = (uint16_t)zero;
}

// A row, without calling memcpy for each: rows are short.
static inline void copy_row(uint8_t *dst, const uint8_t *src, size_t n) {
  if (n >= 16) {
    size_t i = 0;
    for (; i + 16 <= n; i += 16)
      memcpy(dst + i, src + i, 16);
    memcpy(dst + n - 16, src + n - 16, 16);
  } else if (n >= 8) {
    memcpy(dst, src, 8);
    memcpy(dst + n - 8, src + n - 8, 8);
  } else
    for (size_t i = 0; i < n; i++)
      dst[i] = src[i];
}

// One image's channels with their borders: [channel][rows][width].
static void pad(const stage_args *a, const uint8_t *image, uint8_t *out) {
  const plan_layout *l = a->layout;
  size_t size = (size_t)a->type, width = (size_t)padded_width(l), in_w = (size_t)l->in.w;
  int copied = padded_width(l) - l->pl < l->in.w ? padded_width(l) - l->pl : l->in.w;
  fill(out, (size_t)l->in.c * (size_t)l->rows * width, a->zero, a->type);
  if (copied <= 0)
    return;
  size_t n = (size_t)copied * size;
  int top = l->pt, bottom = l->pt + l->in.h < l->rows ? l->pt + l->in.h : l->rows;
  for (int c = 0; c < l->in.c; c++) {
    const uint8_t *src = image + (size_t)c * (size_t)l->in.h * in_w * size;
    uint8_t *dst = out + (((size_t)c * (size_t)l->rows + (size_t)top) * width + (size_t)l->pl) * size;
    for (int y = top; y < bottom; y++, src += in_w * size, dst += width * size)
      copy_row(dst, src, n);
  }
}

static void map_codes(const stage_args *a, const kernels *k, const uint8_t *src, size_t n, uint8_t *out) {
  if (a->type == CODES8 && a->element == 1)
    k->map8(out, src, n, a->map);
  else if (a->type == CODES8)
    k->map16((uint16_t *)(void *)out, src, n, a->map);
  else
    for (size_t i = 0; i < n; i++)
      ((uint16_t *)(void *)out)[i] = ((const uint16_t *)a->map)[((const uint16_t *)(const void *)src)[i]];
}

static void weave(const kernels *k, int lanes, int element, uint8_t *dst, const uint8_t *const *src, int step,
                  size_t n) {
  if (lanes == 1)
    for (size_t i = 0; i < n; i++)
      dst[i] = src[0][i * (size_t)step];
  else if (element == 1)
    k->weave8(dst, src, step, n);
  else if (lanes == 4)
    k->weave16((uint16_t *)(void *)dst, (const uint16_t *const *)(const void *)src, step, n);
  else
    k->weave16_2((uint16_t *)(void *)dst, (const uint16_t *const *)(const void *)src, step, n);
}

// A layer over whole images: each unit is a few neighbouring codes of one image.
static void weave_flat(const stage_args *a, int image, const uint8_t *mapped, uint8_t *out) {
  size_t unit = stage_unit_bytes(a), stride = (size_t)a->count * unit;
  out += (size_t)image * unit;
  for (int u = 0; u < a->layout->units; u++, out += stride, mapped += unit)
    switch (unit) {
    case 1:
      *out = *mapped;
      break;
    case 4:
      memcpy(out, mapped, 4);
      break;
    default:
      memcpy(out, mapped, 8);
    }
}

static void weave_image(const stage_args *a, const kernels *k, int image, const uint8_t *mapped, uint8_t *out) {
  const plan_layout *l = a->layout;
  size_t size = (size_t)a->element, unit = stage_unit_bytes(a), width = (size_t)padded_width(l);
  size_t plane = (size_t)l->rows * width * size;
  for (int u = 0; u < l->units; u++) {
    const uint8_t *src[4];
    for (int j = 0; j < l->lanes; j++) { // beyond the last channel any code will do
      int v = u * l->lanes + j < l->channels ? u * l->lanes + j : l->channels - 1;
      src[j] = l->unrolled ? mapped + (size_t)(v % l->in.c) * plane + (size_t)(v / l->in.c) * size
                           : mapped + (size_t)v * plane;
    }
    uint8_t *dst = out + ((size_t)u * (size_t)a->count + (size_t)image) * plan_image_stride(l) * unit;
    if (l->sw == 1 && !l->unrolled) {
      weave(k, l->lanes, a->element, dst, src, 1, (size_t)l->rows * width);
      continue;
    }
    for (int y = 0; y < l->rows; y++)
      for (int phase = 0; phase < l->phases; phase++, dst += (size_t)l->columns * unit) {
        const uint8_t *row[4];
        for (int j = 0; j < l->lanes; j++)
          row[j] = src[j] + ((size_t)y * width + (size_t)phase) * size;
        weave(k, l->lanes, a->element, dst, row, l->sw, (size_t)l->columns);
      }
  }
}

void stage(worker *w, const stage_args *a, uint8_t *out) {
  const plan_layout *l = a->layout;
  size_t in_size = (size_t)net_shape_size(l->in);
  size_t image_bytes = (size_t)a->groups * in_size * (size_t)a->type;
  size_t padded = (size_t)l->in.c * (size_t)l->rows * (size_t)padded_width(l);
  bool flat = l->in.h == 1 && l->in.w == 1 && l->rows == 1 && padded_width(l) == 1 && !l->pt && !l->pl;
  bool direct = !l->pt && !l->pl && l->rows == l->in.h && padded_width(l) == l->in.w;
  // Beyond the last channel, the flat weaving reads up to a unit.
  uint8_t *mapped = worker_buffer(w, BUFFER_MAPPED, padded * (size_t)a->element + 8);
  memset(mapped + padded * (size_t)a->element, 0, 8);
  uint8_t *with_border = direct ? NULL : worker_buffer(w, BUFFER_PADDED, padded * (size_t)a->type);
  for (int i = 0; i < a->count; i++) {
    const uint8_t *image = (const uint8_t *)a->tensor + (size_t)(a->first + i) * image_bytes +
                           (size_t)a->group * in_size * (size_t)a->type;
    if (!direct)
      pad(a, image, with_border);
    map_codes(a, w->e->kernels, direct ? image : with_border, padded, mapped);
    if (flat)
      weave_flat(a, i, mapped, out);
    else
      weave_image(a, w->e->kernels, i, mapped, out);
  }
}
