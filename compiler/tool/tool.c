// SPDX-License-Identifier: Apache-2.0
#include "compiler/tool/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct {
  const char *program, *package;
  const char *since; // the Debian that has it first, where 12 lacks it
} PACKAGES[] = {
    {"dot", "graphviz", NULL},
    {"yosys", "yosys", NULL},
    {"verilator", "verilator", NULL},
    {"iverilog", "iverilog", NULL},
    {"vvp", "iverilog", NULL},
    {"sta", "opensta", NULL},
    {"make", "make", NULL},
    {"g++", "g++", NULL},
    {"nextpnr-ice40", "nextpnr-ice40", NULL},
    {"nextpnr-ecp5", "nextpnr-ecp5", "13"},
};

// `text`, a list like $PATH, with every entry absolute: tools, and what they start, run in other folders.
static char *absolute_list(arena *a, const char *text) {
  char here[PATH_MAX];
  if (!getcwd(here, sizeof here))
    return arena_strdup(a, text);
  str out = {0};
  for (const char *p = text;; p++) {
    size_t n = strcspn(p, ":");
    str_add(&out, n ? path_join(a, here, arena_strndup(a, p, n)) : here); // an empty entry is this folder
    p += n;
    if (!*p)
      break;
    str_add(&out, ":");
  }
  char *list = arena_strdup(a, out.data);
  str_free(&out);
  return list;
}

static char *search_path(arena *a) {
  const char *path = getenv("PATH");
  return absolute_list(a, path ? path : "/usr/bin:/bin");
}

static bool is_program(const char *path) {
  struct stat st;
  return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

const char *tool_find(arena *a, const char *program, diag *d) {
  if (strchr(program, '/') && is_program(program))
    return absolute_list(a, program);
  for (const char *p = search_path(a); !strchr(program, '/');) {
    size_t n = strcspn(p, ":");
    char *full = path_join(a, arena_strndup(a, p, n), program);
    if (is_program(full))
      return full;
    if (!p[n])
      break;
    p += n + 1;
  }
  for (size_t i = 0; i < BASE_COUNT(PACKAGES); i++)
    if (strcmp(program, PACKAGES[i].program) == 0) {
      if (PACKAGES[i].since)
        diag_tool(d, "%s is not installed; it is in the package %s of Debian %s and later", program,
                  PACKAGES[i].package, PACKAGES[i].since);
      else
        diag_tool(d, "%s is not installed; it is in Debian's package %s (`make deps` installs it)", program,
                  PACKAGES[i].package);
      return NULL;
    }
  diag_tool(d, strchr(program, '/') ? "%s: there is no such program" : "%s is not installed", program);
  return NULL;
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

// ---- Ctrl-Z --------------------------------------------------------------------------------------------------------
// Tools may run side by side, each waited for in a thread of its own; whichever thread sees Ctrl-Z first answers it.
static volatile sig_atomic_t suspend_asked;
static struct {
  pthread_mutex_t lock;
  tool_process *running;
  struct sigaction before; // the first of them ran
  double away; // seconds that axgen has stood still
} waits = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void on_suspend(int sig) {
  (void)sig;
  suspend_asked = 1;
}

// From here on SIGTSTP is noted (unless it is ignored).
static void suspend_notice(tool_process *p) {
  pthread_mutex_lock(&waits.lock);
  if (!waits.running) {
    sigaction(SIGTSTP, &(struct sigaction){.sa_handler = on_suspend}, &waits.before);
    if (waits.before.sa_handler == SIG_IGN)
      sigaction(SIGTSTP, &waits.before, NULL);
  }
  p->next = waits.running;
  waits.running = p;
  pthread_mutex_unlock(&waits.lock);
}

static void suspend_forget(const tool_process *p) {
  pthread_mutex_lock(&waits.lock);
  tool_process **at = &waits.running;
  while (*at != p)
    at = &(*at)->next;
  *at = p->next;
  if (!waits.running)
    sigaction(SIGTSTP, &waits.before, NULL);
  pthread_mutex_unlock(&waits.lock);
}

static void signal_all(int sig) {
  for (const tool_process *p = waits.running; p; p = p->next)
    kill(p->supervisor, sig);
}

// Tools are in sessions of their own, where Ctrl-Z does not reach them: stops them, then axgen. Returns the seconds
// that axgen has stood still until now.
static double suspend_heed(void) {
  pthread_mutex_lock(&waits.lock);
  if (suspend_asked) {
    double from = clock_seconds();
    struct sigaction noticed;
    suspend_asked = 0;
    signal_all(SIGTSTP);
    sigaction(SIGTSTP, &waits.before, &noticed);
    raise(SIGTSTP);
    sigaction(SIGTSTP, &noticed, NULL);
    signal_all(SIGCONT);
    waits.away += clock_seconds() - from;
  }
  double away = waits.away;
  pthread_mutex_unlock(&waits.lock);
  return away;
}

// ---- running -------------------------------------------------------------------------------------------------------
typedef enum { ENDED, INTERRUPTED, LATE, TALKATIVE, LOST } outcome;

static outcome why_stop(int log, double end) {
  struct stat st;
  if (interrupted())
    return INTERRUPTED;
  if (end > 0 && clock_seconds() > end)
    return LATE;
  return fstat(log, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > TOOL_LOG_MAX ? TALKATIVE : ENDED;
}

static outcome wait_for(tool_process *p, const tool_job *job, int log, int *status) {
  double end = job->timeout_s > 0 ? clock_seconds() + job->timeout_s : 0, give_up = 0;
  outcome why = ENDED;
  suspend_notice(p);
  double seen = suspend_heed();
  for (int got = 0; !got;) {
    struct pollfd on = {p->report, POLLIN, 0};
    if (poll(&on, 1, 100) > 0 && (got = supervise_read(p, status)) < 0)
      why = LOST;
    if (job->watch && !got)
      job->watch(job->user);
    double away = suspend_heed() - seen;
    seen += away;
    end += end > 0 ? away : 0;
    give_up += give_up > 0 ? away : 0;
    if (!got && !give_up && (why = why_stop(log, end)) != ENDED) {
      give_up = clock_seconds() + 2e-3 * TOOL_GRACE_MS;
      kill(p->supervisor, SIGTERM);
    }
    if (!got && give_up && clock_seconds() > give_up) // a process that not even SIGKILL ends at once
      got = kill(p->supervisor, SIGKILL) == 0 ? 1 : -1;
  }
  if (why == LOST && p->tool > 0)
    kill(-p->tool, SIGKILL);
  suspend_forget(p);
  supervise_end(p);
  return why;
}

static void show_command(diag *d, const tool_job *job) {
  str line = {0};
  for (const char *const *arg = job->argv; *arg && line.len < 2000; arg++)
    str_printf(&line, " %s", *arg);
  diag_note(d, "the command was:%s", line.data);
  str_free(&line);
}

static bool report(const tool_job *job, outcome why, int status, diag *d) {
  const char *name = job->argv[0];
  switch (why) {
  case INTERRUPTED:
    return diag_tool(d, "%s was interrupted", name);
  case LATE:
    diag_tool(d, "%s did not finish in %g s", name, job->timeout_s);
    break;
  case TALKATIVE:
    return diag_tool(d, "%s was ended after %d bytes of messages", name, TOOL_LOG_MAX);
  case LOST:
    return diag_tool(d, "the process that supervises %s was killed", name);
  case ENDED:
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
      return true;
    if (WIFEXITED(status))
      diag_tool(d, "%s ended with status %d", name, WEXITSTATUS(status));
    else
      diag_tool(d, "%s was ended by signal %d (%s)", name, WTERMSIG(status), strsignal(WTERMSIG(status)));
  }
  show_command(d, job);
  show_log(d, job->log);
  return false;
}

// This program's environment, but for PATH and TMPDIR.
static char **environment(arena *a, const char *temp) {
  size_t n = 0, kept = 0;
  while (environ[n])
    n++;
  char **env = arena_new_array(a, char *, n + 3);
  for (size_t i = 0; i < n; i++)
    if (strncmp(environ[i], "PATH=", 5) != 0 && strncmp(environ[i], "TMPDIR=", 7) != 0)
      env[kept++] = environ[i];
  env[kept++] = arena_printf(a, "PATH=%s", search_path(a));
  env[kept++] = arena_printf(a, "TMPDIR=%s", temp);
  return env;
}

static bool start_and_wait(arena *a, const tool_job *job, const char *program, const char *temp, diag *d) {
  tool_launch launch = {.program = program, .argv = job->argv, .env = environment(a, temp), .dir = job->dir};
  launch.memory = job->memory;
  launch.log = open(job->log ? job->log : "/dev/null", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (launch.log < 0)
    return diag_error(d, "%s: cannot write: %s", job->log, strerror(errno));
  tool_process p;
  int status = 0;
  bool ok = supervise(&launch, &p);
  if (!ok) {
    diag_tool(d, "cannot start %s: %s", program, strerror(errno));
  } else {
    outcome why = wait_for(&p, job, launch.log, &status);
    ok = report(job, why, status, d);
  }
  close(launch.log);
  return ok;
}

bool tool_run(const tool_job *job, diag *d) {
  arena *a = arena_new();
  char *temp;
  const char *program = tool_find(a, job->argv[0], d);
  bool ok = program && tool_temp_dir(a, &temp, d);
  if (ok) {
    ok = start_and_wait(a, job, program, temp, d);
    tool_temp_remove(temp);
  }
  arena_free(a);
  return ok;
}

const char *tool_version(arena *a, const char *const *argv) {
  diag quiet = {0};
  char *dir, *line = TOOL_VERSION_UNKNOWN;
  if (tool_temp_dir(a, &dir, &quiet)) {
    char *log = path_join(a, dir, "version");
    bytes text;
    if (tool_run(&(tool_job){.argv = argv, .log = log, .timeout_s = 20}, &quiet) &&
        file_read(a, log, 1 << 20, &text, &quiet))
      line = arena_strndup(a, (char *)text.data, strcspn((char *)text.data, "\r\n"));
    tool_temp_remove(dir);
  }
  diag_free(&quiet);
  return line;
}
