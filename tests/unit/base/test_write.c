// SPDX-License-Identifier: Apache-2.0
// Output files appear whole or not at all.
#include "compiler/base/base.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/axgen-test-write-XXXXXX";

static int make_folder(void **state) {
  (void)state;
  return mkdtemp(folder) ? chdir(folder) : -1;
}
static int remove_folder(void **state) {
  (void)state;
  int rc = chdir("/");
  dir_remove(folder);
  return rc;
}

static int entries(const char *dir) {
  arena *mem = arena_new();
  char **names;
  size_t n;
  assert_true(dir_list(mem, dir, "", &names, &n));
  arena_free(mem);
  return (int)n - 2;
}

static void holds(const char *path, const char *want) {
  arena *mem = arena_new();
  diag d = {0};
  bytes text;
  if (!file_read(mem, path, 1000, &text, &d))
    fail_msg("%s", d.text.data);
  assert_string_equal((char *)text.data, want);
  arena_free(mem);
}

// Three files, one below, all with the same text.
static bool write_set(const char *dir, const char *text, diag *d) {
  static const char *const names[] = {"a", "b", "sub/c"};
  arena *mem = arena_new();
  fileset fs = {0};
  for (size_t i = 0; i < 3; i++)
    fileset_add(mem, &fs, names[i], text, strlen(text));
  bool ok = fileset_write(&fs, dir, d);
  arena_free(mem);
  return ok;
}

static void set_holds(const char *dir, const char *text) {
  arena *mem = arena_new();
  holds(path_join(mem, dir, "a"), text);
  holds(path_join(mem, dir, "b"), text);
  holds(path_join(mem, dir, "sub/c"), text);
  arena_free(mem);
}

static void put(const char *path, const char *text) {
  diag d = {0};
  assert_true(file_write(path, text, strlen(text), &d));
}

static void refused(const char *dir, const char *message) {
  diag d = {0};
  assert_false(write_set(dir, "never", &d));
  if (!strstr(d.text.data, message))
    fail_msg("%s lacks: %s", d.text.data, message);
  diag_free(&d);
}

static void sets_replace_each_other(void **state) {
  (void)state;
  diag d = {0};
  assert_true(write_set("x/y/z", "one", &d));
  set_holds("x/y/z", "one");
  assert_int_equal(chmod("x/y/z", 0750), 0);
  assert_true(write_set("x/y/z/", "two", &d));
  set_holds("x/y/z", "two");
  struct stat st;
  assert_int_equal(stat("x/y/z", &st), 0);
  assert_int_equal(st.st_mode & 0777, 0750);
  assert_int_equal(entries("x/y/z"), 3);
  assert_int_equal(entries("x/y"), 1);
}

static void foreign_files_stay(void **state) {
  (void)state;
  diag d = {0};
  assert_true(write_set("foreign", "one", &d));
  put("foreign/mine", "mine");
  assert_true(dir_make("foreign/sub/deep", &d));
  put("foreign/sub/deep/mine", "mine");
  assert_true(write_set("foreign", "two", &d));
  set_holds("foreign", "two");
  holds("foreign/mine", "mine");
  holds("foreign/sub/deep/mine", "mine");
  assert_int_equal(entries("foreign"), 4);
}

static void a_place_that_is_taken(void **state) {
  (void)state;
  diag d = {0};
  assert_true(write_set("taken", "one", &d));
  unlink("taken/sub/c");
  assert_true(dir_make("taken/sub/c", &d));
  refused("taken", "taken/sub/c: cannot write: there is a folder of this name");
  holds("taken/a", "one");
  holds("taken/b", "one");
  dir_remove("taken/sub");
  put("taken/sub", "a file");
  refused("taken", "taken/sub: expected a folder, found a file");
  holds("taken/a", "one");
  assert_int_equal(entries("taken"), 3);
  refused("taken/a", "taken/a: expected a folder, found a file");
  refused("taken/a/new", "taken/a: expected a folder, found a file");
  holds("taken/a", "one");
  refused("/dev/null/x", "/dev/null: expected a folder, found a device");
}

static void links(void **state) {
  (void)state;
  diag d = {0};
  assert_true(dir_make("real", &d));
  assert_int_equal(symlink("real", "link"), 0);
  assert_true(write_set("link", "one", &d) && write_set("link", "two", &d));
  set_holds("real", "two");
  struct stat st;
  assert_true(lstat("link", &st) == 0 && S_ISLNK(st.st_mode));
  assert_int_equal(symlink("nowhere", "dangling"), 0);
  refused("dangling", "dangling: expected a folder, found a link that leads nowhere");
  refused("dangling/below", "dangling: expected a folder, found a link that leads nowhere");
  put("outside", "mine");
  assert_int_equal(symlink("outside", "file"), 0);
  put("file", "new");
  holds("outside", "mine");
  holds("file", "new");
}

static void the_working_folder_stays(void **state) {
  (void)state;
  diag d = {0};
  struct stat before, after;
  assert_true(write_set("here/below", "one", &d));
  assert_int_equal(stat("here/below", &before), 0);
  assert_int_equal(chdir("here/below"), 0);
  assert_true(write_set(".", "two", &d));
  set_holds(".", "two");
  assert_int_equal(stat(".", &after), 0);
  assert_int_equal(before.st_ino, after.st_ino);
  assert_int_equal(chdir("../.."), 0);
  set_holds("here/below", "two");
}

static void what_an_earlier_manifest_lists_goes(void **state) {
  (void)state;
  const char *const before = "{\"files\": [{\"name\": \"old\"}, {\"name\": \"../kept\"}, {\"name\": \"a\"}]}";
  const char *const after = "{\"files\": [{\"name\": \"a\"}]}";
  put("kept", "kept");
  for (int foreign = 0; foreign < 2; foreign++) {
    diag d = {0};
    arena *mem = arena_new();
    fileset fs = {0}, next = {0};
    fileset_add(mem, &fs, "a", "one", 3);
    fileset_add(mem, &fs, "old", "one", 3);
    fileset_add(mem, &fs, "manifest.json", before, strlen(before));
    assert_true(fileset_write(&fs, "listed", &d));
    if (foreign)
      put("listed/mine", "mine");
    fileset_add(mem, &next, "a", "two", 3);
    fileset_add(mem, &next, "manifest.json", after, strlen(after));
    assert_true(fileset_write(&next, "listed", &d));
    holds("listed/a", "two");
    assert_int_equal(entries("listed"), 2 + foreign);
    holds("kept", "kept");
    arena_free(mem);
  }
}

// Where a file cannot be written whole, folders that were not there before are gone again; others stay.
static void folders_of_failure_go(void **state) {
  (void)state;
  enum { LIMIT = 4096, LARGE = 100000 };
  arena *mem = arena_new();
  diag d = {0};
  fileset fs = {0};
  char *large = arena_alloc(mem, LARGE);
  memset(large, 'x', LARGE);
  assert_int_equal(mkdir("full", 0777), 0);
  assert_int_equal(mkdir("full/mine", 0777), 0);
  put("full/other", "other");
  fileset_add(mem, &fs, "mine/a", "a", 1);
  fileset_add(mem, &fs, "new/01/a", "a", 1);
  fileset_add(mem, &fs, "new/02/a", "a", 1);
  fileset_add(mem, &fs, "new/02/below/large", large, LARGE);
  fileset_add(mem, &fs, "never/a", "a", 1);
  struct rlimit was, limit;
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
  limit = (struct rlimit){LIMIT, was.rlim_max};
  void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
  bool ok = fileset_write(&fs, "full", &d);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
  signal(SIGXFSZ, handler);
  assert_false(ok);
  assert_non_null(strstr(d.text.data, "full/new/02/below/large"));
  assert_int_equal(entries("full"), 2);
  assert_int_equal(entries("full/mine"), 0);
  holds("full/other", "other");
  str_free(&d.text);
  arena_free(mem);
}

static void stale_files_go(void **state) {
  (void)state;
  pid_t dead = fork(), alive;
  if (dead == 0)
    _exit(0);
  waitpid(dead, NULL, 0);
  alive = fork();
  if (alive == 0)
    for (;;)
      pause();
  char of_dead[64], of_alive[64], of_dead_set[64];
  snprintf(of_dead, sizeof of_dead, "stale/f.tmp%d", (int)dead);
  snprintf(of_alive, sizeof of_alive, "stale/f.tmp%d", (int)alive);
  snprintf(of_dead_set, sizeof of_dead_set, "stale/set.tmp%d/sub", (int)dead);
  diag d = {0};
  assert_true(dir_make(of_dead_set, &d));
  put(of_dead, "x");
  put(of_alive, "x");
  put("stale/f.tmp", "x");
  put("stale/f.tmp12x", "x");
  put("stale/f", "new");
  assert_true(write_set("stale/set", "one", &d));
  assert_true(write_set("stale/set", "two", &d));
  assert_int_equal(entries("stale"), 5); // f, set, f.tmp, f.tmp12x, that of a living process
  assert_true(file_exists(of_alive));
  kill(alive, SIGKILL);
  waitpid(alive, NULL, 0);
}

// Many processes, killed at any time: at every moment one whole set is there.
static void kills_and_rivals(void **state) {
  (void)state;
  diag d = {0};
  assert_true(write_set("rivals/set", "start", &d));
  for (int round = 0; round < 60; round++) {
    pid_t pid[3];
    for (int i = 0; i < 3; i++)
      if ((pid[i] = fork()) == 0) {
        char text[32];
        snprintf(text, sizeof text, "%d", (int)getpid());
        for (;;)
          write_set("rivals/set", text, &d);
      }
    usleep(1000 + (useconds_t)round * 97 % 4000);
    for (int i = 0; i < 3; i++) {
      kill(pid[i], SIGKILL);
      waitpid(pid[i], NULL, 0);
    }
    arena *mem = arena_new();
    bytes text;
    assert_true(file_read(mem, "rivals/set/a", 100, &text, &d));
    set_holds("rivals/set", (char *)text.data);
    arena_free(mem);
  }
  assert_true(write_set("rivals/set", "end", &d));
  set_holds("rivals/set", "end");
  assert_int_equal(entries("rivals"), 1);
}

static void streams_and_pipes(void **state) {
  (void)state;
  diag d = {0};
  struct stat st;
  assert_true(file_write("/dev/null", "x", 1, &d));
  assert_true(stat("/dev/null", &st) == 0 && S_ISCHR(st.st_mode));
  assert_false(file_write("/dev/full", "x", 1, &d));
  assert_non_null(strstr(d.text.data, "/dev/full: cannot write: No space left"));
  assert_int_equal(mkfifo("pipe", 0600), 0);
  assert_false(file_write("pipe", "x", 1, &d));
  assert_non_null(strstr(d.text.data, "pipe: cannot write: nobody reads this pipe"));
  arena *mem = arena_new();
  bytes b;
  assert_false(file_read(mem, "pipe", 10, &b, &d)); // no wait for somebody who writes
  assert_non_null(strstr(d.text.data, "pipe: expected a regular file, found a pipe"));
  assert_false(file_read(mem, ".", 10, &b, &d));
  assert_non_null(strstr(d.text.data, ".: expected a regular file, found a folder"));
  arena_free(mem);
  diag_free(&d);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sets_replace_each_other),  cmocka_unit_test(foreign_files_stay),
      cmocka_unit_test(a_place_that_is_taken),    cmocka_unit_test(links),
      cmocka_unit_test(the_working_folder_stays), cmocka_unit_test(what_an_earlier_manifest_lists_goes),
      cmocka_unit_test(stale_files_go),           cmocka_unit_test(kills_and_rivals),
      cmocka_unit_test(folders_of_failure_go),    cmocka_unit_test(streams_and_pipes),
  };
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
