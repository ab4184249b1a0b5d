// SPDX-License-Identifier: Apache-2.0
#include "compiler/tool/cache.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#define SUFFIX ".entry"
enum { KEY_DIGITS = 64, STALE_S = 3600 }; // after so long a temporary file is nobody's

static struct {
  char *dir; // NULL: nothing is kept
  bool asked; // for this folder, which then is made with all above it
  uint64_t most, bytes; // of all entries; bytes: when last counted, and what was added since
  bool counted;
  pthread_mutex_t lock; // of the above, and of names of temporary files
} cache = {.lock = PTHREAD_MUTEX_INITIALIZER};

void cache_close(void) {
  free(cache.dir);
  cache.dir = NULL;
}

static bool read_bound(uint64_t *most, diag *d) {
  const char *text = getenv("AXGEN_CACHE_MIB");
  int64_t mib = CACHE_MIB;
  if (text && *text && !whole_text(text, 10, 0, INT32_MAX, &mib, NULL)) {
    diag_error(d, "AXGEN_CACHE_MIB=%s: expected MiB, a whole number from 0 to %d (0: nothing is kept)", text,
               INT32_MAX);
    d->exit_code = EXIT_USAGE;
    return false;
  }
  *most = (uint64_t)mib << 20;
  return true;
}

bool cache_open(const char *dir, diag *d) {
  const char *env = getenv("AXGEN_CACHE"), *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
  arena *mem = arena_new();
  bool asked = dir || env;
  dir = dir ? dir : env;
  if (!asked && xdg && *xdg == '/')
    dir = path_join(mem, xdg, "axgen");
  else if (!asked && home && *home == '/')
    dir = path_join(mem, home, ".cache/axgen");
  bool ok = read_bound(&cache.most, d) && (!asked || !*dir || dir_make(dir, d));
  cache_close();
  if (ok && dir && *dir)
    cache.dir = strdup(dir);
  cache.asked = asked;
  cache.counted = false;
  arena_free(mem);
  return ok;
}

const char *cache_folder(void) { return cache.dir; }

static char *entry_path(arena *mem, const char *key) {
  return path_join(mem, cache.dir, arena_printf(mem, "%s" SUFFIX, key));
}

// ---- the bound -----------------------------------------------------------------------------------------------------
typedef struct {
  const char *name;
  uint64_t bytes;
  struct timespec used;
} entry;

// An entry's name, or that of one being written. The folder may hold the user's other files.
static bool is_ours(const char *name, bool *temporary) {
  size_t n = strspn(name, "0123456789abcdef");
  if (n != KEY_DIGITS || strncmp(name + n, SUFFIX, strlen(SUFFIX)) != 0)
    return false;
  const char *end = name + n + strlen(SUFFIX);
  *temporary = strncmp(end, ".tmp", 4) == 0 && isdigit((unsigned char)end[4]);
  return !*end || *temporary;
}

static int by_use(const void *a, const void *b) {
  const entry *x = a, *y = b;
  if (x->used.tv_sec != y->used.tv_sec)
    return x->used.tv_sec < y->used.tv_sec ? -1 : 1;
  if (x->used.tv_nsec != y->used.tv_nsec)
    return x->used.tv_nsec < y->used.tv_nsec ? -1 : 1;
  return strcmp(x->name, y->name);
}

// Counts the entries and removes the oldest until the rest is within the bound.
static void trim(void) {
  arena *mem = arena_new();
  char **names;
  size_t count, kept = 0;
  dir_list(mem, cache.dir, "", &names, &count);
  entry *entries = arena_new_array(mem, entry, count + 1);
  cache.bytes = 0;
  for (size_t i = 0; i < count; i++) {
    struct stat st;
    bool temporary;
    const char *path = path_join(mem, cache.dir, names[i]);
    if (!is_ours(names[i], &temporary) || lstat(path, &st) != 0 || S_ISDIR(st.st_mode))
      continue;
    if (temporary) {
      if (time(NULL) - st.st_mtime > STALE_S)
        unlink(path);
      continue;
    }
    entries[kept++] = (entry){path, (uint64_t)st.st_size, st.st_mtim};
    cache.bytes += (uint64_t)st.st_size;
  }
  if (kept)
    qsort(entries, kept, sizeof *entries, by_use);
  for (size_t i = 0; i < kept && cache.bytes > cache.most; i++) {
    unlink(entries[i].name);
    cache.bytes -= entries[i].bytes;
  }
  cache.counted = true;
  arena_free(mem);
}

// ---- an entry: gzip of its key, then of each output its name, size and bytes ---------------------------------------
// The key is the hash of a list of all that the outputs depend on.
static char *key_of(arena *mem, const cache_job *job) {
  str list = {0};
  diag quiet = {0};
  bool ok = true;
  str_printf(&list, "axgen cache 1\n%s\n", job->how);
  for (const char *const *name = job->outputs; *name; name++)
    str_printf(&list, "makes %s\n", *name);
  for (const char *const *name = job->inputs; ok && *name; name++) {
    arena *scratch = arena_new();
    bytes file;
    ok = file_read(scratch, path_join(scratch, job->dir, *name), (size_t)1 << 30, &file, &quiet);
    if (ok)
      str_printf(&list, "of %s %s\n", *name, hash_hex(scratch, file.data, file.size));
    arena_free(scratch);
  }
  char *key = ok ? hash_hex(mem, list.data, list.len) : NULL;
  str_free(&list);
  diag_free(&quiet);
  return key;
}

static void head_of(const char *key, str *out) { str_printf(out, "axgen cache entry %s\n", key); }

// What lies between *at and the end of the text begins with `head`, which is passed by.
static bool skip(const bytes *text, size_t *at, const char *head) {
  size_t n = strlen(head);
  bool same = text->size - *at >= n && memcmp(text->data + *at, head, n) == 0;
  *at += same ? n : 0;
  return same;
}

// Where each output begins and ends; false: this is no entry of the job.
static bool split(const cache_job *job, const bytes *text, size_t *starts, size_t *sizes) {
  str head = {0};
  size_t at = 0;
  head_of(job->key, &head);
  bool ok = skip(text, &at, head.data);
  str_free(&head);
  for (size_t i = 0; ok && job->outputs[i]; i++) {
    int64_t size;
    const char *end;
    ok = skip(text, &at, job->outputs[i]) && skip(text, &at, " ") &&
         whole_text((const char *)text->data + at, 10, 0, CACHE_ENTRY_MAX, &size, &end) && *end == '\n';
    if (!ok)
      break;
    at = (size_t)(end + 1 - (const char *)text->data);
    starts[i] = at;
    sizes[i] = (size_t)size;
    ok = text->size - at >= sizes[i];
    at += sizes[i];
  }
  return ok && at == text->size;
}

static bool put_back(arena *mem, const cache_job *job, const bytes *text) {
  size_t count = 0;
  diag quiet = {0};
  while (job->outputs[count])
    count++;
  size_t *starts = arena_new_array(mem, size_t, count + 1), *sizes = arena_new_array(mem, size_t, count + 1);
  bool ok = split(job, text, starts, sizes);
  for (size_t i = 0; ok && i < count; i++)
    ok = file_write(path_join(mem, job->dir, job->outputs[i]), text->data + starts[i], sizes[i], &quiet);
  diag_free(&quiet);
  return ok;
}

static bool read_entry(arena *mem, const char *key, bytes *text) {
  diag quiet = {0};
  bool ok = file_read_gz(mem, entry_path(mem, key), CACHE_ENTRY_MAX, text, &quiet);
  diag_free(&quiet);
  return ok;
}

static void used_now(const char *key) {
  arena *mem = arena_new();
  utimensat(AT_FDCWD, entry_path(mem, key), NULL, AT_SYMLINK_NOFOLLOW);
  arena_free(mem);
}

bool cache_fetch(arena *mem, cache_job *job) {
  job->key = cache.dir && job->how ? key_of(mem, job) : NULL;
  if (!job->key)
    return false;
  arena *scratch = arena_new();
  bytes text;
  bool ok = read_entry(scratch, job->key, &text) && put_back(scratch, job, &text);
  if (ok)
    used_now(job->key);
  arena_free(scratch);
  return ok;
}

static uint8_t *packed(const str *text, size_t *size) {
  z_stream z = {.next_in = (uint8_t *)text->data, .avail_in = (uInt)text->len};
  if (deflateInit2(&z, 3, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    return NULL;
  size_t cap = deflateBound(&z, text->len);
  uint8_t *out = malloc(cap);
  z.next_out = out;
  z.avail_out = (uInt)cap;
  bool ok = out && deflate(&z, Z_FINISH) == Z_STREAM_END;
  *size = z.total_out;
  deflateEnd(&z);
  if (ok)
    return out;
  free(out);
  return NULL;
}

// ~/.cache/axgen is made in a home that is there: nobody asked for one.
static bool folder_is_there(arena *mem) {
  if (file_exists(cache.dir))
    return true;
  char *home = arena_strdup(mem, cache.dir);
  for (int i = 0; i < 2 && strrchr(home, '/'); i++)
    *strrchr(home, '/') = 0;
  diag quiet = {0};
  bool ok = (cache.asked || !*home || file_exists(home)) && dir_make(cache.dir, &quiet) && chmod(cache.dir, 0700) == 0;
  diag_free(&quiet);
  return ok;
}

static void write_entry(const char *path, const uint8_t *data, size_t size) {
  diag quiet = {0};
  arena *mem = arena_new();
  pthread_mutex_lock(&cache.lock);
  bool there = folder_is_there(mem);
  if (there && !cache.counted)
    trim();
  if (there && size <= cache.most && file_write(path, data, size, &quiet)) {
    cache.bytes += size;
    if (cache.bytes > cache.most)
      trim();
  }
  pthread_mutex_unlock(&cache.lock);
  arena_free(mem);
  diag_free(&quiet);
}

// An entry of so much text.
static void store_text(arena *mem, const char *key, const str *text) {
  size_t size;
  uint8_t *data = text->len <= CACHE_ENTRY_MAX ? packed(text, &size) : NULL;
  if (data)
    write_entry(entry_path(mem, key), data, size);
  free(data);
}

void cache_store(const cache_job *job) {
  if (!job->key || !cache.dir)
    return;
  arena *mem = arena_new();
  diag quiet = {0};
  str text = {0};
  head_of(job->key, &text);
  bool ok = true;
  for (const char *const *name = job->outputs; ok && *name; name++) {
    bytes file;
    ok = file_read(mem, path_join(mem, job->dir, *name), CACHE_ENTRY_MAX, &file, &quiet);
    if (!ok)
      break;
    str_printf(&text, "%s %zu\n", *name, file.size);
    str_add_n(&text, (const char *)file.data, file.size);
  }
  if (ok)
    store_text(mem, job->key, &text);
  str_free(&text);
  diag_free(&quiet);
  arena_free(mem);
}

static const char *const NO_FILES[] = {NULL};
static char *key_of_text(arena *mem, const char *how) {
  return key_of(mem, &(cache_job){.inputs = NO_FILES, .outputs = NO_FILES, .how = how});
}

const char *cache_fetch_text(arena *mem, const char *how) {
  if (!cache.dir)
    return NULL;
  const char *key = key_of_text(mem, how);
  bytes entry;
  str head = {0};
  size_t at = 0;
  head_of(key, &head);
  bool ok = read_entry(mem, key, &entry) && skip(&entry, &at, head.data);
  str_free(&head);
  if (!ok)
    return NULL;
  used_now(key);
  return arena_strndup(mem, (const char *)entry.data + at, entry.size - at);
}

void cache_store_text(const char *how, const char *text) {
  if (!cache.dir)
    return;
  arena *mem = arena_new();
  str entry = {0};
  const char *key = key_of_text(mem, how);
  head_of(key, &entry);
  str_add(&entry, text);
  store_text(mem, key, &entry);
  str_free(&entry);
  arena_free(mem);
}
