// SPDX-License-Identifier: Apache-2.0
//
// Output files: under a temporary name, NAME.tmpPID, until they are whole. A set of files is written as a new folder
// that changes places with the old one; where that cannot be, file by file, and put back if one of them fails.
#include "compiler/base/base.h"

#include <cjson/cJSON.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

// ---- names ---------------------------------------------------------------------------------------------------------
static char *temporary_name(arena *a, const char *path) { return arena_printf(a, "%s.tmp%ld", path, (long)getpid()); }

// Is `name` what a process that ended has left of writing `of`?
static bool is_stale(const char *name, const char *of) {
  size_t n = strlen(of);
  if (strncmp(name, of, n) != 0 || strncmp(name + n, ".tmp", 4) != 0 || !isdigit((unsigned char)name[n + 4]))
    return false;
  char *end;
  long pid = strtol(name + n + 4, &end, 10);
  return !*end && pid > 0 && pid < INT_MAX && kill((pid_t)pid, 0) != 0 && errno == ESRCH;
}

static char *parent_of(arena *a, const char *path) {
  const char *slash = strrchr(path, '/');
  return !slash ? arena_strdup(a, ".") : slash == path ? arena_strdup(a, "/") : arena_strndup(a, path, slash - path);
}

static const char *base_of(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

static void remove_stale(arena *a, const char *path) {
  char **names, *parent = parent_of(a, path);
  size_t count;
  dir_list(a, parent, "", &names, &count);
  for (size_t i = 0; i < count; i++)
    if (is_stale(names[i], base_of(path)))
      dir_remove(path_join(a, parent, names[i]));
}

// ---- folders -------------------------------------------------------------------------------------------------------
// Makes a folder with its parents. `made`: how many characters of `path` name what is not new, for unmake.
static bool make_folders(const char *path, size_t *old, diag *d) {
  char *copy = strdup(path);
  struct stat st = {0};
  bool ok = copy != NULL;
  *old = strlen(path);
  for (size_t i = 1; ok && i <= strlen(path); i++) {
    if (path[i] && path[i] != '/')
      continue;
    copy[i] = 0;
    if (mkdir(copy, 0777) == 0) {
      if (*old == strlen(path))
        *old = (size_t)(strrchr(copy, '/') ? strrchr(copy, '/') - copy : 0);
    } else if (errno != EEXIST && !(errno == EROFS && stat(copy, &st) == 0))
      ok = diag_error(d, "cannot make the folder %s: %s", copy, strerror(errno));
    else if (stat(copy, &st) != 0 || !S_ISDIR(st.st_mode))
      ok = diag_error(d, "%s: expected a folder, found %s", copy, file_kind(copy));
    copy[i] = path[i];
  }
  free(copy);
  return ok;
}

// Removes what make_folders made, if it is empty.
static void unmake_folders(const char *path, size_t old) {
  char *copy = strdup(path);
  for (size_t n = strlen(path); copy && n > old; n = (size_t)(strrchr(copy, '/') ? strrchr(copy, '/') - copy : 0)) {
    copy[n] = 0;
    if (rmdir(copy) != 0 && errno != ENOENT)
      break;
  }
  free(copy);
}

bool dir_make(const char *path, diag *d) {
  size_t old;
  if (make_folders(path, &old, d))
    return true;
  unmake_folders(path, old);
  return false;
}

// ---- one file ------------------------------------------------------------------------------------------------------
static bool write_all(int fd, const char *name, const void *data, size_t size, diag *d) {
  const char *p = data;
  for (size_t at = 0; at < size;) {
    ssize_t n = write(fd, p + at, size - at);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return diag_error(d, "%s: cannot write: %s", name, strerror(errno));
    at += (size_t)n;
  }
  return true;
}

// Writes `tmp` completely, or removes it and reports in the name of `path`, which it is for.
static bool write_whole(const char *tmp, const char *path, const void *data, size_t size, diag *d) {
  int fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
  if (fd < 0)
    return diag_error(d, "%s: cannot write: %s", path, strerror(errno));
  bool ok = write_all(fd, path, data, size, d);
  if (close(fd) != 0 && ok)
    ok = diag_error(d, "%s: cannot write: %s", path, strerror(errno));
  if (!ok)
    unlink(tmp);
  return ok;
}

// A terminal, a pipe, /dev/null, /dev/stdout: to be written to, never to be replaced.
static bool is_stream(const char *path) {
  struct stat st;
  return strncmp(path, "/dev/", 5) == 0 || strncmp(path, "/proc/", 6) == 0 ||
         (stat(path, &st) == 0 && (S_ISCHR(st.st_mode) || S_ISFIFO(st.st_mode)));
}

static bool write_stream(const char *path, const void *data, size_t size, diag *d) {
  int fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC); // a pipe that nobody reads is an error, not a wait
  if (fd < 0)
    return diag_error(d, "%s: cannot write: %s", path, errno == ENXIO ? "nobody reads this pipe" : strerror(errno));
  fcntl(fd, F_SETFL, 0);
  bool ok = write_all(fd, path, data, size, d);
  return close(fd) == 0 || !ok ? ok : diag_error(d, "%s: cannot write: %s", path, strerror(errno));
}

// What stands in the place of an output file may be a file, or a link, which gets replaced.
static bool replaceable(const char *path, diag *d) {
  struct stat st;
  if (lstat(path, &st) != 0)
    return errno == ENOENT || diag_error(d, "%s: %s", path, strerror(errno));
  return S_ISREG(st.st_mode) || S_ISLNK(st.st_mode) ||
         diag_error(d, "%s: cannot write: there is %s of this name", path, file_kind(path));
}

bool file_write(const char *path, const void *data, size_t size, diag *d) {
  if (is_stream(path))
    return write_stream(path, data, size, d);
  if (!replaceable(path, d))
    return false;
  arena *a = arena_new();
  char *tmp = temporary_name(a, path);
  remove_stale(a, path);
  bool ok = write_whole(tmp, path, data, size, d);
  if (ok && rename(tmp, path) != 0) {
    ok = diag_error(d, "%s: cannot write: %s", path, strerror(errno));
    unlink(tmp);
  }
  arena_free(a);
  return ok;
}

// ---- sets of files -------------------------------------------------------------------------------------------------
void fileset_add(arena *a, fileset *fs, const char *name, const void *data, size_t size) {
  arena_grow(a, fs->files, fs->count, fs->cap);
  fs->files[fs->count++] = (struct fileset_entry){arena_strdup(a, name), data, size};
}

void fileset_add_str(arena *a, fileset *fs, const char *name, str *text) {
  fileset_add(a, fs, name, arena_memdup(a, text->data ? text->data : "", text->len), text->len);
  str_free(text);
}

typedef struct {
  arena *mem;
  const fileset *set;
  const char *dir; // as the user named it
  const char *real; // without symbolic links; it may not exist yet
  const cJSON *former; // names of an earlier set's files, from its manifest.json
  diag *d;
} job;

static bool has_file(const job *j, const char *name) {
  for (size_t i = 0; i < j->set->count; i++)
    if (strcmp(j->set->files[i].name, name) == 0)
      return true;
  return false;
}

static bool has_folder(const job *j, const char *name) {
  size_t n = strlen(name);
  for (size_t i = 0; i < j->set->count; i++)
    if (strncmp(j->set->files[i].name, name, n) == 0 && j->set->files[i].name[n] == '/')
      return true;
  return false;
}

static const char *former_name(const cJSON *file) {
  const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(file, "name"));
  return name && name[0] != '/' && !strstr(name, "..") ? name : "";
}

static bool was_file(const job *j, const char *name) {
  for (const cJSON *f = j->former ? j->former->child : NULL; f; f = f->next)
    if (strcmp(former_name(f), name) == 0)
      return true;
  return false;
}

// A set with a manifest.json takes the place of the one whose manifest is there.
static cJSON *read_manifest(const job *j) {
  bytes text;
  diag quiet = {0};
  bool ok = has_file(j, "manifest.json") &&
            file_read(j->mem, path_join(j->mem, j->real, "manifest.json"), 16 << 20, &text, &quiet);
  diag_free(&quiet);
  return ok ? cJSON_ParseWithLength((const char *)text.data, text.size) : NULL;
}

// Is there anything but the set's files in the folder `below` ("", or "program/")? Looks into the set's folders only.
static bool has_foreign(const job *j, const char *below) {
  char **names;
  size_t count;
  if (!dir_list(j->mem, path_join(j->mem, j->real, below), "", &names, &count))
    return true;
  for (size_t i = 0; i < count; i++) {
    const char *name = arena_printf(j->mem, "%s%s", below, names[i]);
    struct stat st;
    if (strcmp(names[i], ".") == 0 || strcmp(names[i], "..") == 0)
      continue;
    if (lstat(path_join(j->mem, j->real, name), &st) == 0 && S_ISDIR(st.st_mode)) {
      if (!has_folder(j, name) || has_foreign(j, arena_printf(j->mem, "%s/", name)))
        return true;
    } else if (!has_file(j, name) && !was_file(j, name))
      return true;
  }
  return false;
}

// `old`: for each file how much of its folder's path was there before, for unmake_folders.
static bool write_files(const job *j, const char *dir, bool temporary, size_t *old) {
  for (size_t i = 0; i < j->set->count; i++)
    old[i] = SIZE_MAX;
  for (size_t i = 0; i < j->set->count; i++) {
    const struct fileset_entry *f = &j->set->files[i];
    char *path = path_join(j->mem, dir, f->name);
    const char *shown = path_join(j->mem, j->dir, f->name), *tmp = temporary ? temporary_name(j->mem, path) : path;
    if (!make_folders(parent_of(j->mem, path), &old[i], j->d) || !write_whole(tmp, shown, f->data, f->size, j->d))
      return false;
  }
  return true;
}

// Two paths change places. Where the file system cannot do that at once, in three steps.
static bool exchange(arena *a, const char *x, const char *y) {
  if (renameat2(AT_FDCWD, x, AT_FDCWD, y, RENAME_EXCHANGE) == 0)
    return true;
  if (errno != EINVAL && errno != ENOSYS)
    return false;
  char *z = arena_printf(a, "%s-old", x);
  if (rename(y, z) != 0)
    return false;
  if (rename(x, y) == 0)
    return rename(z, x) == 0;
  int why = errno;
  if (rename(z, y) == 0)
    errno = why;
  return false;
}

// Keeps processes that write sets into one folder apart, from the look at what is there to the last name. The folder
// above is locked, because the folder itself changes places. Not for long, should somebody hold the lock for another
// reason.
static int lock_beside(arena *a, const char *path) {
  int fd = open(parent_of(a, path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  for (int tries = 0; fd >= 0 && tries < 500 && flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK; tries++)
    usleep(10000);
  return fd;
}

// ---- ... as a whole folder
typedef enum { DONE, FAILED, IMPOSSIBLE } outcome;

// This process or its shell would be left in the old folder.
static bool is_here(const char *real) {
  char here[PATH_MAX];
  size_t n = strlen(real);
  return getcwd(here, sizeof here) && strncmp(here, real, n) == 0 && (here[n] == '/' || !here[n] || n == 1);
}

// A new folder in the place of `real`, which may exist.
static outcome put_folder(const job *j, const char *tmp) {
  struct stat st;
  if (renameat2(AT_FDCWD, tmp, AT_FDCWD, j->real, RENAME_NOREPLACE) == 0)
    return DONE;
  if (stat(j->real, &st) != 0)
    return rename(tmp, j->real) == 0 ? DONE : IMPOSSIBLE; // a file system without RENAME_NOREPLACE
  if (chmod(tmp, st.st_mode & 07777) != 0 || (chown(tmp, st.st_uid, st.st_gid) != 0 && errno != EPERM))
    return IMPOSSIBLE;
  return exchange(j->mem, tmp, j->real) ? DONE : IMPOSSIBLE;
}

static outcome write_folder(const job *j, bool exists) {
  if (exists && (is_here(j->real) || has_foreign(j, "")))
    return IMPOSSIBLE;
  char *tmp = temporary_name(j->mem, j->real);
  remove_stale(j->mem, j->real);
  dir_remove(tmp);
  if (mkdir(tmp, 0777) != 0)
    return exists ? IMPOSSIBLE : (diag_error(j->d, "cannot make the folder %s: %s", j->dir, strerror(errno)), FAILED);
  outcome how =
      write_files(j, tmp, false, arena_new_array(j->mem, size_t, j->set->count)) ? put_folder(j, tmp) : FAILED;
  dir_remove(tmp); // what was there before, or what did not become a whole set
  if (how == IMPOSSIBLE && !exists)
    return diag_error(j->d, "cannot make the folder %s: %s", j->dir, strerror(errno)), FAILED;
  return how;
}

// ---- ... file by file
// Puts what is under temporary names in place; what was there before gets these names. All, or none.
static bool put_files(const job *j, bool *was_there) {
  size_t i;
  for (i = 0; i < j->set->count; i++) {
    char *path = path_join(j->mem, j->real, j->set->files[i].name), *tmp = temporary_name(j->mem, path);
    was_there[i] = exchange(j->mem, tmp, path);
    if (!was_there[i] && (errno != ENOENT || rename(tmp, path) != 0)) {
      diag_error(j->d, "%s: cannot write: %s", path_join(j->mem, j->dir, j->set->files[i].name), strerror(errno));
      break;
    }
  }
  if (i == j->set->count)
    return true;
  while (i-- > 0) {
    char *path = path_join(j->mem, j->real, j->set->files[i].name), *tmp = temporary_name(j->mem, path);
    if (was_there[i] ? !exchange(j->mem, tmp, path) : unlink(path) != 0)
      diag_note(j->d, "%s could not be put back: %s", path, strerror(errno));
  }
  return false;
}

// A file of the set before, and the folders that nothing else is in.
static void drop_former(const job *j, const char *name) {
  unlink(path_join(j->mem, j->real, name));
  char *folder = arena_strdup(j->mem, name);
  for (char *slash; (slash = strrchr(folder, '/'));) {
    *slash = 0;
    if (rmdir(path_join(j->mem, j->real, folder)) != 0)
      return;
  }
}

static bool write_in_place(const job *j) {
  for (size_t i = 0; i < j->set->count; i++)
    remove_stale(j->mem, path_join(j->mem, j->real, j->set->files[i].name));
  size_t *old = arena_new_array(j->mem, size_t, j->set->count);
  bool ok = write_files(j, j->real, true, old) && put_files(j, arena_new_array(j->mem, bool, j->set->count));
  for (size_t i = j->set->count; i-- > 0;) {
    char *path = path_join(j->mem, j->real, j->set->files[i].name);
    unlink(temporary_name(j->mem, path));
    if (!ok)
      unmake_folders(parent_of(j->mem, path), old[i]);
  }
  for (const cJSON *f = ok && j->former ? j->former->child : NULL; f; f = f->next)
    if (*former_name(f) && !has_file(j, former_name(f)))
      drop_former(j, former_name(f));
  return ok;
}

// Nothing stands where a file or a folder of the set is to be.
static bool check_places(const job *j) {
  if (access(j->real, W_OK | X_OK) != 0)
    return diag_error(j->d, "%s: cannot write into this folder: %s", j->dir, strerror(errno));
  for (size_t i = 0; i < j->set->count; i++) {
    char *name = arena_strdup(j->mem, j->set->files[i].name);
    for (char *slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/')) {
      struct stat st;
      *slash = 0;
      if (stat(path_join(j->mem, j->dir, name), &st) == 0 && !S_ISDIR(st.st_mode))
        return diag_error(j->d, "%s: expected a folder, found %s", path_join(j->mem, j->dir, name),
                          file_kind(path_join(j->mem, j->dir, name)));
      *slash = '/';
    }
    if (!replaceable(path_join(j->mem, j->dir, name), j->d))
      return false;
  }
  return true;
}

static bool write_existing(job *j) {
  int lock = lock_beside(j->mem, j->real);
  if (!check_places(j)) {
    if (lock >= 0)
      close(lock);
    return false;
  }
  cJSON *manifest = read_manifest(j);
  j->former = cJSON_GetObjectItemCaseSensitive(manifest, "files");
  outcome how = j->set->count == 1 ? IMPOSSIBLE : write_folder(j, true);
  bool ok = how == IMPOSSIBLE ? write_in_place(j) : how == DONE;
  cJSON_Delete(manifest);
  if (lock >= 0)
    close(lock);
  return ok;
}

static bool write_new(job *j) {
  size_t old;
  char *path = arena_strdup(j->mem, j->dir);
  for (size_t n = strlen(path); n > 1 && path[n - 1] == '/'; n--)
    path[n - 1] = 0;
  const char *parent = parent_of(j->mem, path);
  bool ok = make_folders(parent, &old, j->d);
  char *real = ok ? realpath(parent, NULL) : NULL;
  if (real) {
    j->real = path_join(j->mem, real, base_of(path));
    int lock = lock_beside(j->mem, j->real);
    ok = write_folder(j, false) == DONE;
    if (lock >= 0)
      close(lock);
  }
  free(real);
  if (!ok)
    unmake_folders(parent, old);
  return ok;
}

bool fileset_write(const fileset *fs, const char *dir, diag *d) {
  job j = {.mem = arena_new(), .set = fs, .dir = dir, .d = d};
  struct stat st;
  char *real = realpath(dir, NULL);
  j.real = real;
  bool ok;
  if (real && stat(real, &st) == 0 && !S_ISDIR(st.st_mode))
    ok = diag_error(d, "%s: expected a folder, found %s", dir, file_kind(dir));
  else if (!real && errno == ENOENT && lstat(dir, &st) == 0)
    ok = diag_error(d, "%s: expected a folder, found %s", dir, file_kind(dir));
  else
    ok = real ? write_existing(&j) : write_new(&j);
  free(real);
  arena_free(j.mem);
  return ok;
}
