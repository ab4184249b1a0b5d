// SPDX-License-Identifier: Apache-2.0
// Running tools: what ends them ends all that they started, and no temporary folder stays.
#include "compiler/tool/tool.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/axgen-test-tool-XXXXXX";

static int make_folder(void **state) {
  (void)state;
  return mkdtemp(folder) && chdir(folder) == 0 && mkdir("tmp", 0777) == 0 && mkdir("bin", 0777) == 0 &&
                 setenv("TMPDIR", "tmp", 1) == 0
             ? 0
             : -1;
}

static int remove_folder(void **state) {
  (void)state;
  return chdir("/") == 0 ? (dir_remove(folder), 0) : -1;
}

static bool wait_until(bool (*holds)(int), int what, double seconds) {
  for (double end = clock_seconds() + seconds; clock_seconds() < end; usleep(5000))
    if (holds(what))
      return true;
  return holds(what);
}

static bool is_gone(int pid) { return kill(pid, 0) != 0; }

static bool have_pids(int count) {
  char **names;
  size_t n;
  arena *mem = arena_new();
  bool ok = dir_list(mem, folder, ".pid", &names, &n) && (int)n >= count;
  arena_free(mem);
  return ok;
}

// All processes that wrote their number into a file *.pid; they must be gone within `seconds`.
static void assert_all_gone(int count, double seconds) {
  char **names;
  size_t n;
  arena *mem = arena_new();
  assert_true(dir_list(mem, folder, ".pid", &names, &n));
  assert_int_equal(n, count);
  for (size_t i = 0; i < n; i++) {
    bytes text;
    diag d = {0};
    assert_true(file_read(mem, names[i], 100, &text, &d));
    assert_true(wait_until(is_gone, atoi((char *)text.data), seconds));
    unlink(names[i]);
  }
  arena_free(mem);
}

static bool temp_empty(int unused) {
  (void)unused;
  char **names;
  size_t n;
  arena *mem = arena_new();
  char *tmp = path_join(mem, folder, "tmp");
  assert_true(dir_list(mem, tmp, "", &names, &n));
  arena_free(mem);
  return n == 2; // . and ..
}

// A shell with a child, one in a session of its own, and one that ignores SIGTERM; none ends by itself.
#define TREE(end)                                                                                                      \
  "setsid sh -c 'echo $$ >a.pid.new; mv a.pid.new a.pid; exec sleep 1000' & "                                          \
  "sh -c 'trap \"\" TERM; echo $$ >b.pid.new; mv b.pid.new b.pid; while :; do sleep 1000; done' & "                    \
  "touch \"$TMPDIR/left-behind\"; echo $$ >c.pid; " end

static bool run_shell(const char *text, double timeout_s, diag *d) {
  const char *argv[] = {"sh", "-c", text, NULL};
  return tool_run(&(tool_job){.argv = argv, .log = "log", .timeout_s = timeout_s}, d);
}

static void a_time_out_ends_the_whole_tree(void **state) {
  (void)state;
  diag d = {0};
  double start = clock_seconds();
  assert_false(run_shell(TREE("sleep 1000"), 0.5, &d));
  assert_true(clock_seconds() - start < 5);
  assert_int_equal(d.exit_code, EXIT_TOOL);
  assert_non_null(strstr(d.text.data, "sh did not finish in 0.5 s"));
  assert_all_gone(3, 0);
  assert_true(temp_empty(0));
  diag_free(&d);
}

static void how_a_tool_ended_is_told(void **state) {
  (void)state;
  static const struct {
    const char *script, *message;
  } CASES[] = {{"echo so; exit 7", "sh ended with status 7"},
               {"kill -SEGV $$", "sh was ended by signal 11"},
               {"echo so; kill -KILL $$", "ends:\nso\n"}};
  for (size_t i = 0; i < BASE_COUNT(CASES); i++) {
    diag d = {0};
    assert_false(run_shell(CASES[i].script, 20, &d));
    assert_int_equal(d.exit_code, EXIT_TOOL);
    assert_non_null(strstr(d.text.data, CASES[i].message));
    diag_free(&d);
  }
  diag d = {0};
  assert_true(run_shell("exit 0", 20, &d));
  assert_false(tool_run(&(tool_job){.argv = (const char *const[]){"axgen-none", NULL}}, &d));
  assert_non_null(strstr(d.text.data, "axgen-none is not installed"));
  diag_free(&d);
}

static void what_a_tool_leaves_running_ends_with_it(void **state) {
  (void)state;
  diag d = {0};
  assert_true(run_shell(TREE("until [ -e a.pid ] && [ -e b.pid ]; do sleep 0.01; done"), 20, &d));
  assert_all_gone(3, 0);
  assert_true(temp_empty(0));
}

static void a_tool_can_clean_up(void **state) {
  (void)state;
  diag d = {0};
  assert_false(run_shell("trap 'echo cleaned >cleaned; exit' TERM; sleep 1000 & wait", 0.3, &d));
  assert_true(file_exists("cleaned"));
  diag_free(&d);
}

// A process like axgen that runs the tree; `die` ends it in some way.
static void killed(int sig) {
  diag d = {0};
  pid_t pid = fork();
  if (pid == 0) {
    arena *mem = arena_new();
    char *dir;
    if (sig != SIGKILL) // under nohup it would be ignored, and stay so
      signal(sig, SIG_DFL);
    interrupt_install();
    if (!tool_temp_dir(mem, &dir, &d))
      _exit(1);
    run_shell(TREE("sleep 1000"), 0, &d);
    tool_temp_remove(dir);
    arena_free(mem);
    diag_free(&d);
    exit(interrupt_signal() ? 128 + interrupt_signal() : 0);
  }
  assert_true(wait_until(have_pids, 3, 10));
  kill(pid, sig);
  int status;
  assert_int_equal(waitpid(pid, &status, 0), pid);
  if (sig == SIGKILL)
    assert_int_equal(WTERMSIG(status), SIGKILL);
  else
    assert_int_equal(WEXITSTATUS(status), 128 + sig);
  assert_all_gone(3, sig == SIGKILL ? 5 : 0);
  assert_true(wait_until(temp_empty, 0, sig == SIGKILL ? 5 : 0));
}

static void a_killed_axgen_leaves_nothing(void **state) {
  (void)state;
  killed(SIGKILL);
}

static void a_terminated_axgen_leaves_nothing(void **state) {
  (void)state;
  killed(SIGTERM);
  killed(SIGHUP);
}

static void folders_of_a_killed_axgen_go(void **state) {
  (void)state;
  pid_t pid = fork();
  if (pid == 0) {
    diag d = {0};
    arena *mem = arena_new();
    char *dir[3];
    for (int i = 0; i < 3; i++)
      if (!tool_temp_dir(mem, &dir[i], &d) || !dir_make(path_join(mem, dir[i], "a/b"), &d))
        _exit(1);
    tool_temp_remove(dir[1]);
    kill(getpid(), SIGKILL);
  }
  assert_int_equal(waitpid(pid, NULL, 0), pid);
  assert_true(wait_until(temp_empty, 0, 5));
}

static void relative_path_entries(void **state) {
  (void)state;
  diag d = {0};
  const char script[] = "#!/bin/sh\nprobe2 \"$@\"\n", inner[] = "#!/bin/sh\necho \"$1 in $PWD\"\n";
  assert_true(file_write("bin/probe", script, sizeof script - 1, &d));
  assert_true(file_write("bin/probe2", inner, sizeof inner - 1, &d));
  assert_int_equal(chmod("bin/probe", 0755) | chmod("bin/probe2", 0755), 0);
  char *path = strdup(getenv("PATH"));
  arena *mem = arena_new();
  setenv("PATH", arena_printf(mem, "bin:%s", path), 1);
  const char *argv[] = {"probe", "hello", NULL};
  assert_true(tool_run(&(tool_job){.argv = argv, .dir = "tmp", .log = "log"}, &d));
  bytes log;
  assert_true(file_read(mem, "log", 1000, &log, &d));
  assert_string_equal((char *)log.data, arena_printf(mem, "hello in %s/tmp\n", folder));
  setenv("PATH", path, 1);
  free(path);
  arena_free(mem);
}

static void temp_dirs_are_absolute(void **state) {
  (void)state;
  diag d = {0};
  arena *mem = arena_new();
  char *dir;
  assert_true(tool_temp_dir(mem, &dir, &d));
  assert_int_equal(dir[0], '/');
  tool_temp_remove(dir);
  setenv("TMPDIR", "none", 1);
  assert_false(tool_temp_dir(mem, &dir, &d));
  assert_non_null(strstr(d.text.data, "none (TMPDIR)"));
  setenv("TMPDIR", "tmp", 1);
  diag_free(&d);
  arena_free(mem);
}

static void count(void *user) { ++*(int *)user; }

// Whoever waits for a tool can watch what it does, and is asked no more once it has ended.
static void a_tool_is_watched(void **state) {
  (void)state;
  const char *const argv[] = {"sleep", "0.7", NULL};
  int calls = 0;
  diag d = {0};
  assert_true(tool_run(&(tool_job){.argv = argv, .watch = count, .user = &calls}, &d));
  assert_in_range(calls, 1, 70);
  int after = calls;
  usleep(300000);
  assert_int_equal(calls, after);
  diag_free(&d);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_time_out_ends_the_whole_tree), cmocka_unit_test(what_a_tool_leaves_running_ends_with_it),
      cmocka_unit_test(how_a_tool_ended_is_told),       cmocka_unit_test(a_tool_can_clean_up),
      cmocka_unit_test(a_killed_axgen_leaves_nothing),  cmocka_unit_test(a_terminated_axgen_leaves_nothing),
      cmocka_unit_test(folders_of_a_killed_axgen_go),   cmocka_unit_test(relative_path_entries),
      cmocka_unit_test(temp_dirs_are_absolute),         cmocka_unit_test(a_tool_is_watched),
  };
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
