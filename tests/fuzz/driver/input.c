// SPDX-License-Identifier: Apache-2.0
//
// What libFuzzer and our own driver (mutate.c) have in common: the folder where the inputs lie, the seeds, and one
// input with its limits. `NAME --seeds DIR` writes the seeds and ends.
#include "tests/fuzz/driver/driver.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

enum {
  CPU_SECONDS = 1, // a sanitizer makes it two to three times slower: the program itself has a third of that
  MEMORY_BASE = 256 << 20, // bytes held at once by any input
  OWN_FILES = 16,
};

static char tree[4096], work[4096], *seed_dir;
static const char *own_file[OWN_FILES];
static int own_files, seeds_made;

static void stop(const char *what) {
  fprintf(stderr, "fuzz: %s\n", what);
  abort(); // the driver saves the input
}

// ---- memory --------------------------------------------------------------------------------------------------------
// Of the sanitizers' runtime; gcc has no header for them.
int __sanitizer_install_malloc_and_free_hooks(void (*on_malloc)(const volatile void *, size_t),
                                              void (*on_free)(const volatile void *));
size_t __sanitizer_get_allocated_size(const volatile void *p);

static int64_t held, held_most;
static bool counting;

static void on_malloc(const volatile void *p, size_t size) {
  (void)p;
  held += (int64_t)size;
  if (counting && held > held_most) {
    counting = false;
    stop("more memory than an input may take");
  }
}

static void on_free(const volatile void *p) {
  if (p)
    held -= (int64_t)__sanitizer_get_allocated_size(p);
}

// ---- time ----------------------------------------------------------------------------------------------------------
static void on_time(int sig) {
  (void)sig;
  static const char text[] = "fuzz: more processor time than an input may take\n";
  if (write(2, text, sizeof text - 1) < 0)
    _exit(1);
  abort();
}

static void timer(int seconds) {
  struct itimerval t = {.it_value.tv_sec = seconds};
  setitimer(ITIMER_PROF, &t, NULL);
}

// ---- files ---------------------------------------------------------------------------------------------------------
static void put(const char *path, const void *data, size_t size) {
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  bool ok = fd >= 0 && (size == 0 || write(fd, data, size) == (ssize_t)size);
  if (!ok || close(fd) != 0) {
    perror(path);
    _exit(EXIT_TOOL);
  }
}

static bool is_own(const char *name) {
  for (int i = 0; i < own_files; i++)
    if (strcmp(own_file[i], name) == 0)
      return true;
  return name[0] == '.' && (!name[1] || !strcmp(name, ".."));
}

const char *fuzz_file(const char *name, const void *data, size_t size) {
  char top[64];
  const char *slash = strchr(name, '/');
  snprintf(top, sizeof top, "%.*s", slash ? (int)(slash - name) : (int)strlen(name), name);
  if (!is_own(top)) {
    assert(own_files < OWN_FILES);
    own_file[own_files++] = strdup(top);
  }
  char *path = strdup(name);
  for (char *end = strchr(path, '/'); end; *end = '/', end = strchr(end + 1, '/')) {
    *end = 0;
    mkdir(path, 0777);
  }
  free(path);
  put(name, data, size);
  return name;
}

const char *fuzz_tree(arena *mem, const char *path) { return path_join(mem, tree, path); }

static void check_files(void) {
  DIR *dir = opendir(".");
  for (struct dirent *e; dir && (e = readdir(dir));)
    if (!is_own(e->d_name)) {
      fprintf(stderr, "fuzz: a file appeared: %s\n", e->d_name);
      abort();
    }
  if (dir)
    closedir(dir);
}

static int remove_entry(const char *path, const struct stat *st, int flag, struct FTW *ftw) {
  (void)st, (void)flag, (void)ftw;
  return remove(path);
}

static void clean(void) { nftw(work, remove_entry, 8, FTW_DEPTH | FTW_PHYS); }

// ---- seeds ---------------------------------------------------------------------------------------------------------
void fuzz_seed(const void *data, size_t size) {
  char path[4200];
  snprintf(path, sizeof path, "%s/%03d", seed_dir, seeds_made++);
  put(path, data, size);
}

void fuzz_seed_text(const char *text) { fuzz_seed(text, strlen(text)); }

static void seed_matches(arena *mem, const char *pattern) {
  glob_t found = {0};
  if (glob(pattern, 0, NULL, &found) != 0) {
    fprintf(stderr, "fuzz: nothing matches %s\n", pattern);
    exit(EXIT_INPUT);
  }
  for (size_t i = 0; i < found.gl_pathc; i++) {
    struct stat st;
    bytes file;
    diag d = {0};
    if (stat(found.gl_pathv[i], &st) == 0 && (size_t)st.st_size <= fuzz_target.most &&
        file_read(mem, found.gl_pathv[i], fuzz_target.most, &file, &d))
      fuzz_seed(file.data, file.size);
    diag_free(&d);
  }
  globfree(&found);
}

static void write_seeds(void) {
  arena *mem = arena_new();
  char *patterns = arena_strdup(mem, fuzz_target.seeds ? fuzz_target.seeds : ""), *save = NULL;
  for (char *p = strtok_r(patterns, " ", &save); p; p = strtok_r(NULL, " ", &save))
    seed_matches(mem, fuzz_tree(mem, p));
  if (fuzz_target.make_seeds)
    fuzz_target.make_seeds(mem);
  arena_free(mem);
}

// ---- the interface of libFuzzer ------------------------------------------------------------------------------------
// Relative paths on the command line would be looked for in the working folder.
static char *absolute(char *argument) {
  char *path = argument, *out;
  if (argument[0] == '-') {
    path = strchr(argument, '=');
    if (!path || !strchr(path, '/'))
      return argument;
    path++;
  }
  if (path[0] == '/' || asprintf(&out, "%.*s%s/%s", (int)(path - argument), argument, tree, path) < 0)
    return argument;
  return out;
}

// The arguments again, with the largest size worth trying.
static void arguments(int *argc, char ***argv) {
  char **out = calloc((size_t)*argc + 2, sizeof *out);
  for (int i = 0; i < *argc; i++)
    out[i] = i ? absolute((*argv)[i]) : (*argv)[i];
  if (asprintf(&out[*argc], "-max_len=%zu", fuzz_target.most) > 0)
    ++*argc;
  *argv = out;
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  const char *tmp = getenv("TMPDIR");
  if (!getcwd(tree, sizeof tree))
    exit(EXIT_TOOL);
  setenv("AXGEN_DATA", tree, 0);
  bool seeds = *argc == 3 && strcmp((*argv)[1], "--seeds") == 0;
  arguments(argc, argv);
  snprintf(work, sizeof work, "%s/axgen-fuzz-XXXXXX", tmp && *tmp ? tmp : "/tmp");
  if (!mkdtemp(work) || chdir(work) != 0) {
    perror(work);
    exit(EXIT_TOOL);
  }
  atexit(clean);
  if (seeds) {
    seed_dir = (*argv)[2];
    write_seeds();
    exit(0);
  }
  progress_quiet = true;
  signal(SIGPROF, on_time);
  if (fuzz_target.prepare) {
    arena *mem = arena_new();
    fuzz_target.prepare(mem);
    arena_free(mem);
  }
  __sanitizer_install_malloc_and_free_hooks(on_malloc, on_free);
  return 0;
}

// How many bytes more are held than before.
static int64_t once(const uint8_t *data, size_t size) {
  int64_t before = held;
  held_most = held + MEMORY_BASE + 64 * (int64_t)size;
  counting = true;
  timer(CPU_SECONDS);
  arena *mem = arena_new();
  diag d = {0};
  uint8_t *copy = malloc(size + 1);
  if (size)
    memcpy(copy, data, size);
  copy[size] = 0;
  fuzz_target.read(mem, copy, size, &d);
  free(copy);
  diag_free(&d);
  arena_free(mem);
  timer(0);
  counting = false;
  return held - before;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static int runs;
  if (size > fuzz_target.most)
    return 0;
  // What stays the first time may be kept on purpose; what stays every time is lost.
  if (once(data, size) != 0 && once(data, size) != 0 && once(data, size) != 0)
    stop("memory was not given back");
  if (++runs < 64 || runs % 64 == 0)
    check_files();
  return 0;
}
