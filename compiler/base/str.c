// SPDX-License-Identifier: Apache-2.0
#include "compiler/base/base.h"

#include <stdlib.h>
#include <string.h>

static void reserve(str *s, size_t more) {
  size_t need = s->len + more + 1;
  if (need <= s->cap)
    return;
  size_t cap = s->cap ? s->cap : 256;
  while (cap < need)
    cap *= 2;
  char *data = realloc(s->data, cap);
  if (!data) {
    fputs("axgen: out of memory\n", stderr);
    exit(EXIT_TOOL);
  }
  s->data = data;
  s->cap = cap;
}

void str_add_n(str *s, const char *bytes, size_t n) {
  reserve(s, n);
  if (n)
    memcpy(s->data + s->len, bytes, n);
  s->len += n;
  s->data[s->len] = 0;
}

void str_add(str *s, const char *text) { str_add_n(s, text, strlen(text)); }

void str_vprintf(str *s, const char *fmt, va_list ap) {
  va_list again;
  va_copy(again, ap);
  int n = vsnprintf(NULL, 0, fmt, ap);
  assert(n >= 0);
  reserve(s, (size_t)n);
  vsnprintf(s->data + s->len, (size_t)n + 1, fmt, again);
  s->len += (size_t)n;
  va_end(again);
}

void str_printf(str *s, const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  str_vprintf(s, fmt, ap);
  va_end(ap);
}

void str_free(str *s) {
  free(s->data);
  *s = (str){0};
}

bool str_ends_with(const char *s, const char *suffix) {
  size_t n = strlen(s), m = strlen(suffix);
  return n >= m && strcmp(s + n - m, suffix) == 0;
}
