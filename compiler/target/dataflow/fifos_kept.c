// SPDX-License-Identifier: Apache-2.0
#include "compiler/target/dataflow/fifos_kept.h"
#include "compiler/tool/cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { KEPT = 64 }; // a new one takes the place of the one that was added first

static struct {
  char *names[KEPT], *texts[KEPT];
  size_t next;
  pthread_mutex_t lock;
} kept = {.lock = PTHREAD_MUTEX_INITIALIZER};

static const char *find_text(arena *mem, const char *name) {
  const char *text = NULL;
  pthread_mutex_lock(&kept.lock);
  for (size_t i = 0; i < KEPT && !text; i++)
    if (kept.names[i] && strcmp(kept.names[i], name) == 0)
      text = arena_strdup(mem, kept.texts[i]);
  pthread_mutex_unlock(&kept.lock);
  return text;
}

static void add_text(const char *name, const char *text) {
  char *own_name = strdup(name), *own_text = strdup(text);
  if (!own_name || !own_text)
    abort();
  pthread_mutex_lock(&kept.lock);
  free(kept.names[kept.next]);
  free(kept.texts[kept.next]);
  kept.names[kept.next] = own_name;
  kept.texts[kept.next] = own_text;
  kept.next = (kept.next + 1) % KEPT;
  pthread_mutex_unlock(&kept.lock);
}

static bool read_numbers(const char *text, int64_t *numbers, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (!whole_text(text, 10, 0, INT64_C(1) << 40, &numbers[i], &text) || *text != ' ')
      return false;
    text++;
  }
  return strcmp(text, "end") == 0;
}

bool fifos_kept_find(const char *name, int64_t *numbers, size_t count) {
  arena *mem = arena_new();
  const char *text = find_text(mem, name);
  bool known = text;
  if (!text)
    text = cache_fetch_text(mem, name);
  bool ok = text && read_numbers(text, numbers, count);
  if (ok && !known)
    add_text(name, text);
  arena_free(mem);
  return ok;
}

void fifos_kept_add(const char *name, const int64_t *numbers, size_t count) {
  str text = {0};
  for (size_t i = 0; i < count; i++)
    str_printf(&text, "%lld ", (long long)numbers[i]);
  str_add(&text, "end");
  add_text(name, text.data);
  cache_store_text(name, text.data);
  str_free(&text);
}
