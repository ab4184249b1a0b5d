// SPDX-License-Identifier: Apache-2.0
#include "compiler/tool/tool.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const struct {
  const char *program, *package;
} PACKAGES[] = {
    {"dot", "graphviz"}, {"yosys", "yosys"}, {"verilator", "verilator"}, {"iverilog", "iverilog"},
    {"vvp", "iverilog"}, {"sta", "opensta"}, {"make", "make"},           {"g++", "g++"},
};

const char *tool_find(arena *a, const char *program, diag *d) {
  if (strchr(program, '/') && access(program, X_OK) == 0)
    return program;
  const char *path = getenv("PATH");
  for (const char *p = path ? path : "/usr/bin:/bin"; !strchr(program, '/');) {
    size_t n = strcspn(p, ":");
    char *full = path_join(a, n ? arena_strndup(a, p, n) : ".", program);
    if (access(full, X_OK) == 0)
      return full;
    if (!p[n])
      break;
    p += n + 1;
  }
  for (size_t i = 0; i < BASE_COUNT(PACKAGES); i++)
    if (strcmp(program, PACKAGES[i].program) == 0) {
      diag_tool(d, "%s is not installed; it is in Debian's package %s (`make deps` installs it)", program,
                PACKAGES[i].package);
      return NULL;
    }
  diag_tool(d, "%s is not installed", program);
  return NULL;
}

static void show_command(diag *d, const tool_job *job) {
  str line = {0};
  for (const char *const *arg = job->argv; *arg && line.len < 2000; arg++)
    str_printf(&line, " %s", *arg);
  diag_note(d, "the command was:%s", line.data);
  str_free(&line);
}

static void show_log(diag *d, const char *log) {
  FILE *f = log ? fopen(log, "rb") : NULL;
  if (!f)
    return;
  char tail[1601];
  if (fseek(f, -1600, SEEK_END) != 0)
    rewind(f);
  size_t n = fread(tail, 1, sizeof tail - 1, f);
  fclose(f);
  tail[n] = 0;
  diag_note(d, "its output (%s) ends:\n%s", log, tail);
}

static bool wait_for(pid_t pid, const tool_job *job, int *status, diag *d) {
  double end = job->timeout_s > 0 ? clock_seconds() + job->timeout_s : 0;
  bool stopping = false, late = false;
  for (;;) {
    pid_t got = waitpid(pid, status, end > 0 || !stopping ? WNOHANG : 0);
    if (got == pid)
      break;
    if (got < 0 && errno != EINTR)
      return diag_tool(d, "waiting for %s failed: %s", job->argv[0], strerror(errno));
    if (!stopping && (interrupted() || (end > 0 && clock_seconds() > end))) {
      stopping = true;
      late = !interrupted();
      kill(-pid, SIGKILL);
    }
    nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
  }
  if (late)
    return diag_tool(d, "%s did not finish in %.0f s", job->argv[0], job->timeout_s);
  return stopping ? diag_tool(d, "%s was interrupted", job->argv[0]) : true;
}

bool tool_run(const tool_job *job, diag *d) {
  arena *a = arena_new();
  const char *program = tool_find(a, job->argv[0], d);
  if (!program) {
    arena_free(a);
    return false;
  }
  int log = open(job->log ? job->log : "/dev/null", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (log < 0) {
    arena_free(a);
    return diag_error(d, "%s: cannot write: %s", job->log, strerror(errno));
  }
  fflush(NULL);
  pid_t pid = fork();
  if (pid == 0) {
    setpgid(0, 0);
    int null = open("/dev/null", O_RDONLY);
    if (null < 0 || dup2(null, 0) < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0 || (job->dir && chdir(job->dir) != 0))
      _exit(126);
    execv(program, (char *const *)job->argv);
    _exit(127);
  }
  close(log);
  bool ok = pid > 0;
  int status = 0;
  if (!ok)
    diag_tool(d, "cannot start %s: %s", program, strerror(errno));
  else if ((ok = wait_for(pid, job, &status, d)) && !(WIFEXITED(status) && WEXITSTATUS(status) == 0)) {
    ok = WIFEXITED(status) ? diag_tool(d, "%s ended with status %d", job->argv[0], WEXITSTATUS(status))
                           : diag_tool(d, "%s was ended by signal %d", job->argv[0], WTERMSIG(status));
    show_command(d, job);
    show_log(d, job->log);
  }
  arena_free(a);
  return ok;
}

const char *tool_version(arena *a, const char *program, const char *flag) {
  diag quiet = {0};
  char *dir, *line = "unknown";
  if (tool_temp_dir(a, &dir, &quiet)) {
    char *log = path_join(a, dir, "version");
    const char *argv[] = {program, flag, NULL};
    bytes text;
    if (tool_run(&(tool_job){.argv = argv, .log = log, .timeout_s = 20}, &quiet) &&
        file_read(a, log, 1 << 20, &text, &quiet))
      line = arena_strndup(a, (char *)text.data, strcspn((char *)text.data, "\r\n"));
    tool_temp_remove(dir);
  }
  diag_free(&quiet);
  return line;
}

bool tool_temp_dir(arena *a, char **dir, diag *d) {
  const char *base = getenv("TMPDIR");
  *dir = path_join(a, base && *base ? base : "/tmp", "axgen-XXXXXX");
  if (mkdtemp(*dir))
    return true;
  return diag_error(d, "cannot make a temporary folder %s: %s", *dir, strerror(errno));
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw) {
  (void)st, (void)kind, (void)ftw;
  return remove(path);
}

void tool_temp_remove(const char *dir) { nftw(dir, remove_one, 32, FTW_DEPTH | FTW_PHYS); }
