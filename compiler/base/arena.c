// SPDX-License-Identifier: Apache-2.0
#include "compiler/base/base.h"

#include <stdlib.h>
#include <string.h>

enum { BLOCK = 1 << 16, SMALL_ALIGN = 16, LARGE_ALIGN = 64 };

typedef struct block {
  struct block *next;
  size_t used, size;
  void *own; // what `data` lies in
  unsigned char *data;
} block;

struct arena {
  block *head;
};

static void out_of_memory(void) {
  fputs("axgen: out of memory\n", stderr);
  exit(EXIT_TOOL);
}

static void *must(void *p) {
  if (!p)
    out_of_memory();
  return p;
}

arena *arena_new(void) { return must(calloc(1, sizeof(arena))); }

void arena_free(arena *a) {
  if (!a)
    return;
  for (block *b = a->head, *next; b; b = next) {
    next = b->next;
    free(b->own);
    free(b);
  }
  free(a);
}

size_t arena_bytes(const arena *a) {
  size_t bytes = 0;
  for (const block *b = a->head; b; b = b->next)
    bytes += b->size;
  return bytes;
}

void arena_adopt(arena *a, arena *from) {
  block **last = &a->head;
  while (*last)
    last = &(*last)->next;
  *last = from->head;
  free(from);
}

void *arena_alloc(arena *a, size_t size) {
  if (size > SIZE_MAX / 2)
    out_of_memory();
  size_t align = size >= LARGE_ALIGN ? LARGE_ALIGN : SMALL_ALIGN;
  size_t start = a->head ? (a->head->used + align - 1) & ~(align - 1) : 0;
  if (!a->head || start > a->head->size || size > a->head->size - start) {
    block *b = must(calloc(1, sizeof *b));
    b->size = size > BLOCK ? (size + LARGE_ALIGN - 1) & ~(size_t)(LARGE_ALIGN - 1) : BLOCK;
    // A large block's pages come from the system as zeros, and need not be touched for that.
    b->own = size > BLOCK ? must(calloc(1, b->size + LARGE_ALIGN)) : must(malloc(b->size + LARGE_ALIGN));
    b->data = (unsigned char *)b->own + (LARGE_ALIGN - (uintptr_t)b->own % LARGE_ALIGN) % LARGE_ALIGN;
    // It goes behind the current one, whose free room stays in use.
    if (size > BLOCK) {
      block **at = a->head ? &a->head->next : &a->head;
      b->next = *at;
      *at = b;
      b->used = b->size;
      return b->data;
    }
    b->next = a->head;
    a->head = b;
    start = 0;
  }
  a->head->used = start + size;
  return memset(a->head->data + start, 0, size);
}

void *arena_calloc(arena *a, size_t count, size_t size) {
  if (size && count > SIZE_MAX / size)
    out_of_memory();
  return arena_alloc(a, count * size);
}

void *arena_memdup(arena *a, const void *p, size_t n) {
  void *copy = arena_alloc(a, n);
  if (n)
    memcpy(copy, p, n);
  return copy;
}

char *arena_strndup(arena *a, const char *s, size_t n) {
  char *copy = arena_alloc(a, n + 1);
  memcpy(copy, s, n);
  return copy;
}

char *arena_strdup(arena *a, const char *s) { return arena_strndup(a, s, strlen(s)); }

char *arena_printf(arena *a, const char *fmt, ...) {
  va_list ap, again;
  va_start(ap, fmt);
  va_copy(again, ap);
  int n = vsnprintf(NULL, 0, fmt, ap);
  va_end(ap);
  assert(n >= 0);
  char *text = arena_alloc(a, (size_t)n + 1);
  vsnprintf(text, (size_t)n + 1, fmt, again);
  va_end(again);
  return text;
}

void *arena_grow_impl(arena *a, void *p, size_t n, size_t *cap, size_t size) {
  if (n < *cap)
    return p;
  size_t grown = *cap ? *cap * 2 : 8;
  void *bigger = arena_calloc(a, grown, size);
  if (n)
    memcpy(bigger, p, n * size);
  *cap = grown;
  return bigger;
}
