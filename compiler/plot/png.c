// SPDX-License-Identifier: Apache-2.0
//
// Pictures of few colours as PNG (ISO/IEC 15948), and base64, in which a page holds them.
#include "compiler/plot/page.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

void page_base64(const void *data, size_t size, str *out) {
  static const char DIGITS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const uint8_t *b = data;
  for (size_t i = 0; i < size; i += 3) {
    size_t left = size - i;
    uint32_t v = (uint32_t)b[i] << 16 | (left > 1 ? (uint32_t)b[i + 1] << 8 : 0) | (left > 2 ? b[i + 2] : 0);
    char text[4] = {DIGITS[v >> 18], DIGITS[v >> 12 & 63], left > 1 ? DIGITS[v >> 6 & 63] : '=',
                    left > 2 ? DIGITS[v & 63] : '='};
    str_add_n(out, text, 4);
  }
}

static void add_word(str *out, uint32_t v) {
  const char bytes[] = {(char)(v >> 24), (char)(v >> 16), (char)(v >> 8), (char)v};
  str_add_n(out, bytes, sizeof bytes);
}

static void add_chunk(str *out, const char *type, const void *data, size_t size) {
  add_word(out, (uint32_t)size);
  size_t start = out->len;
  str_add_n(out, type, 4);
  str_add_n(out, data, size);
  add_word(out, (uint32_t)crc32(crc32(0, NULL, 0), (const Bytef *)out->data + start, (uInt)(size + 4)));
}

void page_png(const uint8_t *pixels, size_t width, size_t height, const uint8_t (*palette)[3], size_t colours,
              str *out) {
  assert(width && height && width <= 4096 && height <= 4096 && colours && colours <= 256);
  str header = {0};
  add_word(&header, (uint32_t)width);
  add_word(&header, (uint32_t)height);
  str_add_n(&header, "\x08\x03\0\0\0", 5); // 8 bits, by palette
  size_t size = (width + 1) * height;
  uLongf packed_size = compressBound((uLong)size);
  uint8_t *lines = calloc(size, 1), *packed = malloc(packed_size);
  if (!lines || !packed)
    abort();
  for (size_t y = 0; y < height; y++) // no filter: byte 0 in front of each line
    memcpy(lines + y * (width + 1) + 1, pixels + y * width, width);
  int status = compress2(packed, &packed_size, lines, (uLong)size, 9);
  assert(status == Z_OK);
  (void)status;
  str_add_n(out, "\x89PNG\r\n\x1a\n", 8);
  add_chunk(out, "IHDR", header.data, header.len);
  add_chunk(out, "PLTE", palette, colours * 3);
  add_chunk(out, "IDAT", packed, packed_size);
  add_chunk(out, "IEND", "", 0);
  free(lines);
  free(packed);
  str_free(&header);
}
