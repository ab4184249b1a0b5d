// SPDX-License-Identifier: Apache-2.0
#include "compiler/base/base.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <link.h>
#include <pthread.h>
#include <sha256.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

const char *file_kind(const char *path) {
  static const struct {
    mode_t type;
    const char *name;
  } KINDS[] = {{S_IFREG, "a file"},   {S_IFDIR, "a folder"},       {S_IFIFO, "a pipe"},
               {S_IFCHR, "a device"}, {S_IFBLK, "a block device"}, {S_IFSOCK, "a socket"}};
  struct stat st;
  for (size_t i = 0; stat(path, &st) == 0 && i < BASE_COUNT(KINDS); i++)
    if ((st.st_mode & S_IFMT) == KINDS[i].type)
      return KINDS[i].name;
  return lstat(path, &st) == 0 ? "a link that leads nowhere" : "nothing";
}

// Without waiting for a pipe's other end.
static bool open_regular(const char *path, int *fd, struct stat *st, diag *d) {
  *fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (*fd < 0)
    return diag_error(d, "%s: %s", path, strerror(errno));
  if (fstat(*fd, st) == 0 && S_ISREG(st->st_mode))
    return true;
  bool pipe = S_ISFIFO(st->st_mode);
  close(*fd);
  return diag_error(d, "%s: expected a regular file, found %s%s", path, file_kind(path),
                    pipe ? "; write it to a file first" : "");
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw) {
  (void)st, (void)kind, (void)ftw;
  return remove(path);
}

void dir_remove(const char *path) { nftw(path, remove_one, 32, FTW_DEPTH | FTW_PHYS); }

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

// The file that this code was loaded from, a program or a shared library; its length, or -1.
static ssize_t find_self(char path[PATH_MAX]) {
  Dl_info info;
  struct link_map *map;
  char *full = NULL;
  if (dladdr1((void *)(uintptr_t)data_dir, &info, (void **)&map, RTLD_DL_LINKMAP) && map->l_name[0])
    full = realpath(map->l_name, NULL);
  if (!full)
    return readlink("/proc/self/exe", path, PATH_MAX - 1);
  ssize_t n = snprintf(path, PATH_MAX, "%s", full);
  free(full);
  return n;
}

// The folder that holds rtl_templates/: `beneath` the folder of the program, or of the library, or those above,
// `levels` in all.
static bool find_data(const char *beneath, int levels, char *dir, size_t size) {
  char here[PATH_MAX], path[2 * PATH_MAX];
  ssize_t n = find_self(here);
  for (; n > 0 && levels > 0; levels--) {
    here[n] = 0;
    char *slash = strrchr(here, '/');
    if (!slash)
      break;
    *slash = 0;
    n = slash - here;
    snprintf(path, sizeof path, "%s%s/rtl_templates", here, beneath);
    if (file_exists(path)) {
      snprintf(dir, size, "%s%s", here, beneath);
      return true;
    }
  }
  return false;
}

static char data[2 * PATH_MAX];

static void look_for_data(void) {
  const char *env = getenv("AXGEN_DATA");
  if (env && *env) { // tools run in other folders
    char *full = realpath(env, NULL);
    snprintf(data, sizeof data, "%s", full ? full : env);
    free(full);
  } else if (!find_data("/share/axgen", 3, data, sizeof data) && !find_data("", 4, data, sizeof data)) // a source tree
    snprintf(data, sizeof data, "/usr/local/share/axgen");
}

const char *data_dir(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, look_for_data);
  return data;
}

char *data_path(arena *a, const char *relative) { return path_join(a, data_dir(), relative); }

char *hash_hex(arena *a, const void *data, size_t size) {
  char hex[SHA256_DIGEST_STRING_LENGTH];
  SHA256Data(data, size, hex);
  return arena_strdup(a, hex);
}
