// SPDX-License-Identifier: Apache-2.0
#include "compiler/base/base.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sha256.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#ifndef AXGEN_SHARE
#define AXGEN_SHARE "/usr/local/share/axgen"
#endif

static bool open_regular(const char *path, int *fd, struct stat *st, diag *d) {
  *fd = open(path, O_RDONLY | O_CLOEXEC);
  if (*fd < 0)
    return diag_error(d, "%s: %s", path, strerror(errno));
  if (fstat(*fd, st) == 0 && S_ISREG(st->st_mode))
    return true;
  close(*fd);
  return diag_error(d, "%s: expected a regular file", path);
}

bool file_read(arena *a, const char *path, size_t max, bytes *out, diag *d) {
  int fd;
  struct stat st = {0};
  if (!open_regular(path, &fd, &st, d))
    return false;
  if ((uint64_t)st.st_size > max) {
    close(fd);
    return diag_error(d, "%s: %lld bytes, expected at most %zu", path, (long long)st.st_size, max);
  }
  out->size = (size_t)st.st_size;
  out->data = arena_alloc(a, out->size + 1);
  for (size_t at = 0; at < out->size;) {
    ssize_t n = read(fd, out->data + at, out->size - at);
    if (n <= 0) {
      close(fd);
      return diag_error(d, "%s: read failed at byte %zu: %s", path, at, n ? strerror(errno) : "file became shorter");
    }
    at += (size_t)n;
  }
  close(fd);
  return true;
}

bool file_read_gz(arena *a, const char *path, size_t max, bytes *out, diag *d) {
  bytes raw = {0};
  if (!file_read(a, path, max, &raw, d))
    return false;
  if (raw.size < 18 || raw.data[0] != 0x1f || raw.data[1] != 0x8b) {
    *out = raw;
    return true;
  }
  // Unpack in doubling steps: the size in a gzip trailer is the file's claim, not a fact.
  z_stream z = {.next_in = raw.data, .avail_in = (uInt)raw.size};
  if (raw.size > UINT32_MAX || inflateInit2(&z, 16 + MAX_WBITS) != Z_OK)
    return diag_error(d, "%s: cannot start to unpack gzip data", path);
  size_t cap = 1 << 20, size = 0;
  uint8_t *data = malloc(cap);
  int rc = Z_OK;
  while (data && rc == Z_OK) {
    if (size == cap) {
      uint8_t *bigger = cap < max ? realloc(data, cap *= 2) : NULL;
      if (!bigger)
        break;
      data = bigger;
    }
    size_t room = cap - size < (1u << 30) ? cap - size : 1u << 30;
    z.next_out = data + size;
    z.avail_out = (uInt)room;
    rc = inflate(&z, Z_NO_FLUSH);
    size += room - z.avail_out;
    if (rc == Z_BUF_ERROR && z.avail_in > 0)
      rc = Z_OK;
  }
  size_t offset = z.total_in;
  inflateEnd(&z);
  bool ok = data && rc == Z_STREAM_END && size <= max;
  if (ok) {
    out->size = size;
    out->data = arena_alloc(a, size + 1);
    memcpy(out->data, data, size);
  }
  free(data);
  if (ok)
    return true;
  if (rc == Z_OK)
    return diag_error(d, "%s: unpacks to more than %zu bytes", path, max);
  return diag_error(d, "%s: gzip data truncated or corrupt at byte %zu", path, offset);
}

bool file_exists(const char *path) { return access(path, F_OK) == 0; }

bool dir_make(const char *path, diag *d) {
  char *copy = strdup(path);
  bool ok = copy != NULL;
  for (char *p = copy; ok && *p; p++)
    if (*p == '/' && p > copy) {
      *p = 0;
      ok = mkdir(copy, 0777) == 0 || errno == EEXIST;
      *p = '/';
    }
  ok = ok && (mkdir(path, 0777) == 0 || errno == EEXIST);
  struct stat st = {0};
  if (ok && (stat(path, &st) != 0 || !S_ISDIR(st.st_mode))) {
    errno = ENOTDIR;
    ok = false;
  }
  if (!ok)
    diag_error(d, "cannot make the folder %s: %s", path, strerror(errno));
  free(copy);
  return ok;
}

// Writes `tmp` completely, or removes it and reports.
static bool write_whole(const char *tmp, const void *data, size_t size, diag *d) {
  int fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0)
    return diag_error(d, "%s: cannot write: %s", tmp, strerror(errno));
  const char *p = data;
  for (size_t at = 0; at < size;) {
    ssize_t n = write(fd, p + at, size - at);
    if (n < 0) {
      diag_error(d, "%s: write failed: %s", tmp, strerror(errno));
      close(fd);
      unlink(tmp);
      return false;
    }
    at += (size_t)n;
  }
  if (close(fd) == 0)
    return true;
  unlink(tmp);
  return diag_error(d, "%s: write failed: %s", tmp, strerror(errno));
}

static char *temporary_name(arena *a, const char *path) { return arena_printf(a, "%s.tmp%ld", path, (long)getpid()); }

bool file_write(const char *path, const void *data, size_t size, diag *d) {
  arena *a = arena_new();
  char *tmp = temporary_name(a, path);
  bool ok = write_whole(tmp, data, size, d);
  if (ok && rename(tmp, path) != 0) {
    ok = diag_error(d, "%s: cannot rename to its final name: %s", tmp, strerror(errno));
    unlink(tmp);
  }
  arena_free(a);
  return ok;
}

void fileset_add(arena *a, fileset *fs, const char *name, const void *data, size_t size) {
  arena_grow(a, fs->files, fs->count, fs->cap);
  fs->files[fs->count++] = (struct fileset_entry){arena_strdup(a, name), data, size};
}

void fileset_add_str(arena *a, fileset *fs, const char *name, str *text) {
  fileset_add(a, fs, name, arena_memdup(a, text->data ? text->data : "", text->len), text->len);
  str_free(text);
}

bool fileset_write(const fileset *fs, const char *dir, diag *d) {
  arena *a = arena_new();
  bool ok = dir_make(dir, d);
  size_t written = 0;
  for (; ok && written < fs->count; written++) {
    const struct fileset_entry *f = &fs->files[written];
    char *path = path_join(a, dir, f->name);
    char *parent = arena_strdup(a, path);
    *strrchr(parent, '/') = 0;
    ok = dir_make(parent, d) && write_whole(temporary_name(a, path), f->data, f->size, d);
  }
  for (size_t i = 0; i < written; i++) {
    char *path = path_join(a, dir, fs->files[i].name), *tmp = temporary_name(a, path);
    if (!ok)
      unlink(tmp);
    else if (rename(tmp, path) != 0)
      ok = diag_error(d, "%s: cannot rename to its final name: %s", tmp, strerror(errno));
  }
  arena_free(a);
  return ok;
}

char *path_join(arena *a, const char *dir, const char *name) {
  if (name[0] == '/')
    return arena_strdup(a, name);
  return arena_printf(a, "%s%s%s", dir, str_ends_with(dir, "/") ? "" : "/", name);
}

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

bool dir_list(arena *a, const char *path, const char *suffix, char ***names, size_t *count) {
  DIR *dir = opendir(path);
  size_t cap = 0;
  *names = NULL;
  *count = 0;
  for (struct dirent *e; dir && (e = readdir(dir));)
    if (str_ends_with(e->d_name, suffix)) {
      arena_grow(a, *names, *count, cap);
      (*names)[(*count)++] = arena_strdup(a, e->d_name);
    }
  if (*count)
    qsort(*names, *count, sizeof **names, by_name);
  return dir && closedir(dir) == 0;
}

char *path_beside(arena *a, const char *file, const char *path) {
  const char *slash = strrchr(file, '/');
  if (path[0] == '/' || !slash)
    return arena_strdup(a, path);
  return path_join(a, arena_strndup(a, file, (size_t)(slash - file)), path);
}

const char *data_dir(void) {
  static char dir[4096];
  if (dir[0])
    return dir;
  const char *env = getenv("AXGEN_DATA");
  if (env && *env) {
    snprintf(dir, sizeof dir, "%s", env);
    return dir;
  }
  // Beside the program, or two levels up from it (build/…/), is a source tree.
  ssize_t n = readlink("/proc/self/exe", dir, sizeof dir - 32);
  for (int up = 0; n > 0 && up < 4; up++) {
    dir[n] = 0;
    char *slash = strrchr(dir, '/');
    if (!slash)
      break;
    n = slash - dir;
    snprintf(slash, 32, "/rtl_templates");
    bool here = file_exists(dir);
    *slash = 0;
    if (here)
      return dir;
  }
  snprintf(dir, sizeof dir, "%s", AXGEN_SHARE);
  return dir;
}

char *data_path(arena *a, const char *relative) { return path_join(a, data_dir(), relative); }

char *hash_hex(arena *a, const void *data, size_t size) {
  char hex[SHA256_DIGEST_STRING_LENGTH];
  SHA256Data(data, size, hex);
  return arena_strdup(a, hex);
}
