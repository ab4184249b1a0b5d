// SPDX-License-Identifier: Apache-2.0
// The cache: an entry comes back whole or not at all, whatever lies in its folder and whoever else writes to it.
#include "compiler/tool/cache.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/axgen-test-cache-XXXXXX";
static const char *const INPUTS[] = {"in", NULL}, *const OUTPUTS[] = {"out", "log", NULL};

static int make_folder(void **state) {
  (void)state;
  return mkdtemp(folder) && chdir(folder) == 0 && mkdir("job", 0777) == 0 ? 0 : -1;
}
static int remove_folder(void **state) {
  (void)state;
  return chdir("/") == 0 ? (dir_remove(folder), 0) : -1;
}

static int empty_cache(void **state) {
  (void)state;
  diag d = {0};
  dir_remove("kept");
  unsetenv("AXGEN_CACHE_MIB");
  return cache_open("kept", &d) ? 0 : -1;
}

static void put(const char *path, const void *data, size_t size) {
  diag d = {0};
  assert_true(file_write(path, data, size, &d));
}
static void put_text(const char *path, const char *text) { put(path, text, strlen(text)); }

static bool holds(const char *path, const void *data, size_t size) {
  arena *mem = arena_new();
  diag d = {0};
  bytes file;
  bool ok = file_read(mem, path, 1 << 26, &file, &d) && file.size == size && memcmp(file.data, data, size) == 0;
  diag_free(&d);
  arena_free(mem);
  return ok;
}

static cache_job job_of(const char *input, const char *how) {
  put_text("job/in", input);
  unlink("job/out");
  unlink("job/log");
  return (cache_job){.dir = "job", .inputs = INPUTS, .outputs = OUTPUTS, .how = how};
}

// What a tool makes of `input`: with line ends, zeros and no text at all.
static void make(const char *input) {
  char data[64] = "a\nb";
  size_t n = (size_t)snprintf(data + 5, sizeof data - 5, "%s\n", input) + 5;
  put("job/out", data, n);
  put("job/log", "", 0);
}
static bool made(const char *input) {
  char data[64] = "a\nb";
  size_t n = (size_t)snprintf(data + 5, sizeof data - 5, "%s\n", input) + 5;
  return holds("job/out", data, n) && holds("job/log", "", 0);
}

static bool fetch(const char *input, const char *how) {
  arena *mem = arena_new();
  cache_job job = job_of(input, how);
  bool ok = cache_fetch(mem, &job);
  arena_free(mem);
  return ok;
}

static void keep(const char *input, const char *how) {
  arena *mem = arena_new();
  cache_job job = job_of(input, how);
  assert_false(cache_fetch(mem, &job));
  make(input);
  cache_store(&job);
  arena_free(mem);
}

// The only entry's path.
static const char *entry(void) {
  static char path[512];
  arena *mem = arena_new();
  char **names;
  size_t count;
  assert_true(dir_list(mem, "kept", ".entry", &names, &count));
  assert_int_equal(count, 1);
  snprintf(path, sizeof path, "kept/%s", names[0]);
  arena_free(mem);
  return path;
}

// Files of any name.
static size_t entries(void) {
  arena *mem = arena_new();
  char **names;
  size_t count, n = 0;
  dir_list(mem, "kept", "", &names, &count);
  for (size_t i = 0; i < count; i++)
    n += names[i][0] != '.';
  arena_free(mem);
  return n;
}

static void test_found_by_content(void **state) {
  (void)state;
  assert_false(fetch("x", "tool 1"));
  keep("x", "tool 1");
  assert_true(fetch("x", "tool 1"));
  assert_true(made("x"));
  assert_false(fetch("y", "tool 1"));
  assert_false(fetch("x", "tool 2"));
  assert_int_equal(entries(), 1); // no temporary file either
}

static void test_off(void **state) {
  (void)state;
  cache_close();
  keep("x", "tool");
  assert_false(fetch("x", "tool"));
  diag d = {0};
  setenv("AXGEN_CACHE", "", 1);
  assert_true(cache_open(NULL, &d));
  assert_null(cache_folder());
  setenv("AXGEN_CACHE", "kept/below", 1);
  assert_true(cache_open(NULL, &d));
  assert_string_equal(cache_folder(), "kept/below");
  unsetenv("AXGEN_CACHE");
  setenv("XDG_CACHE_HOME", "relative", 1); // which the specification says to ignore
  setenv("HOME", "/proc/nowhere", 1);
  assert_true(cache_open(NULL, &d));
  assert_string_equal(cache_folder(), "/proc/nowhere/.cache/axgen");
  keep("x", "tool"); // cannot be kept; that is no error
  arena *mem = arena_new();
  setenv("HOME", path_join(mem, folder, "home"), 1);
  assert_true(cache_open(NULL, &d));
  keep("x", "tool");
  assert_false(file_exists("home")); // nobody asked for a home
  assert_int_equal(mkdir("home", 0777), 0);
  keep("x", "tool");
  assert_true(fetch("x", "tool"));
  assert_true(file_exists("home/.cache/axgen"));
  arena_free(mem);
  put_text("file", "");
  assert_false(cache_open("file", &d));
  assert_non_null(strstr(d.text.data, "file: expected a folder, found a file"));
  diag_free(&d);
}

static void test_bound_is_a_number(void **state) {
  (void)state;
  static const char *const WRONG[] = {"abc", "-5", "1.5", "12x", " ", "99999999999"};
  for (size_t i = 0; i < BASE_COUNT(WRONG); i++) {
    diag d = {0};
    setenv("AXGEN_CACHE_MIB", WRONG[i], 1);
    assert_false(cache_open("kept", &d));
    assert_int_equal(d.exit_code, EXIT_USAGE);
    assert_non_null(strstr(d.text.data, "AXGEN_CACHE_MIB="));
    assert_non_null(strstr(d.text.data, "expected MiB, a whole number from 0"));
    diag_free(&d);
  }
  unsetenv("AXGEN_CACHE_MIB");
}

static void test_damaged(void **state) {
  (void)state;
  arena *mem = arena_new();
  diag d = {0};
  bytes whole;
  keep("x", "tool");
  const char *path = entry();
  assert_true(file_read(mem, path, 1 << 20, &whole, &d));
  for (size_t i = 0; i < whole.size; i++) { // every byte in turn; a gzip header has some without meaning
    whole.data[i] ^= 0x10;
    put(path, whole.data, whole.size);
    assert_true(!fetch("x", "tool") || made("x"));
    whole.data[i] ^= 0x10;
  }
  for (size_t n = 0; n < whole.size; n++) { // cut
    put(path, whole.data, n);
    assert_false(fetch("x", "tool"));
  }
  keep("x", "tool"); // and is replaced
  assert_true(fetch("x", "tool"));
  arena_free(mem);
}

// Text of an entry that lies: of another key, with sizes that are not there, other names, no end.
static void test_lies(void **state) {
  (void)state;
  arena *mem = arena_new();
  cache_job job = job_of("x", "tool");
  assert_false(cache_fetch(mem, &job));
  const char *path = arena_printf(mem, "kept/%s.entry", job.key), *head = "axgen cache entry ";
  static const char *const BODIES[] = {"",
                                       "out 1\nalog 0\n",
                                       "out 1\nxlog 0",
                                       "out 999999999999999999999\n",
                                       "out -1\n",
                                       "out 5\nlog 0\n",
                                       "out 1\nxlog 1\n",
                                       "log 0\nout 0\n",
                                       "../../out 1\nxlog 0\n",
                                       "out 1\nxlog 0\nmore 0\n"};
  for (size_t i = 0; i < BASE_COUNT(BODIES); i++) {
    put_text(path, arena_printf(mem, "%s%s\n%s", head, job.key, BODIES[i]));
    assert_int_equal(fetch("x", "tool"), i == 1); // that one tells the truth: one byte, and nothing
  }
  put_text(path, arena_printf(mem, "%s%064d\nout 0\nlog 0\n", head, 0));
  assert_false(fetch("x", "tool"));
  arena_free(mem);
}

static void test_strange_files(void **state) {
  (void)state;
  keep("x", "tool");
  char path[512];
  snprintf(path, sizeof path, "%s", entry());
  unlink(path);
  assert_int_equal(mkdir(path, 0777), 0); // a folder in its place
  keep("x", "tool");
  assert_false(fetch("x", "tool"));
  rmdir(path);
  assert_int_equal(mkfifo(path, 0666), 0); // a pipe that nobody writes to
  assert_false(fetch("x", "tool"));
  unlink(path);
  assert_int_equal(symlink("/dev/zero", path), 0);
  assert_false(fetch("x", "tool"));
  put_text("mine", "precious");
  unlink(path);
  assert_int_equal(symlink("../mine", path), 0);
  keep("x", "tool"); // the link is replaced, not followed
  assert_true(fetch("x", "tool"));
  assert_true(holds("mine", "precious", 8));
}

static void test_bound(void **state) {
  (void)state;
  enum { SIZE = 400 << 10 };
  setenv("AXGEN_CACHE_MIB", "1", 1);
  diag d = {0};
  assert_true(cache_open("kept", &d));
  put_text("kept/notes.txt", "the user's own");
  arena *mem = arena_new();
  uint8_t *noise = arena_alloc(mem, SIZE);
  rng r = rng_seed(1);
  for (size_t i = 0; i < SIZE; i++)
    noise[i] = (uint8_t)rng_next(&r);
  const char *const names[] = {"a", "b", "c"};
  for (size_t i = 0; i < 3; i++) {
    cache_job job = job_of(names[i], "tool");
    assert_false(cache_fetch(mem, &job));
    put("job/out", noise, SIZE);
    put_text("job/log", "");
    cache_store(&job);
    usleep(20000); // times of use differ
    if (i == 1)
      assert_true(fetch("a", "tool")); // used again: b is now the oldest
    usleep(20000);
  }
  assert_true(fetch("a", "tool"));
  assert_true(holds("job/out", noise, SIZE));
  assert_false(fetch("b", "tool"));
  assert_true(fetch("c", "tool"));
  assert_true(holds("kept/notes.txt", "the user's own", 14));
  setenv("AXGEN_CACHE_MIB", "0", 1); // nothing fits
  assert_true(cache_open("kept", &d));
  keep("d", "tool");
  assert_int_equal(entries(), 1);
  arena_free(mem);
}

// Processes that write the same entries and evict each other's: whoever finds one finds it whole.
static void test_side_by_side(void **state) {
  (void)state;
  enum { PROCESSES = 4, TURNS = 200 };
  for (int p = 0; p < PROCESSES; p++)
    if (fork() == 0) {
      char dir[16], name[16];
      snprintf(dir, sizeof dir, "own%d", p);
      if (mkdir(dir, 0777) != 0 || mkdir(path_join(arena_new(), dir, "job"), 0777) != 0 || chdir(dir) != 0)
        _exit(2);
      diag d = {0};
      if (!cache_open("../kept", &d))
        _exit(2);
      rng r = rng_seed((uint64_t)p + 1);
      for (int i = 0; i < TURNS; i++) {
        snprintf(name, sizeof name, "n%u", rng_below(&r, 8));
        arena *mem = arena_new();
        cache_job job = job_of(name, "tool");
        if (!cache_fetch(mem, &job)) {
          make(name);
          cache_store(&job);
        } else if (!made(name)) {
          _exit(1);
        } else if (rng_below(&r, 4) == 0) {
          unlink(path_join(mem, "../kept", arena_printf(mem, "%s.entry", job.key))); // as if it had been the oldest
        }
        arena_free(mem);
      }
      _exit(0);
    }
  for (int p = 0; p < PROCESSES; p++) {
    int status;
    assert_true(wait(&status) > 0);
    assert_int_equal(status, 0);
  }
  assert_true(entries() <= 8); // nothing half-made is left
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(test_found_by_content, empty_cache),
      cmocka_unit_test_setup(test_off, empty_cache),
      cmocka_unit_test_setup(test_damaged, empty_cache),
      cmocka_unit_test_setup(test_lies, empty_cache),
      cmocka_unit_test_setup(test_strange_files, empty_cache),
      cmocka_unit_test_setup(test_bound, empty_cache),
      cmocka_unit_test_setup(test_bound_is_a_number, empty_cache),
      cmocka_unit_test_setup(test_side_by_side, empty_cache),
  };
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
