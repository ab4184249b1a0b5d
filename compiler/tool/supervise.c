// SPDX-License-Identifier: Apache-2.0
//
// The supervisor: a small process between axgen and a tool. It is what the tool's descendants are handed to when their
// parents end (PR_SET_CHILD_SUBREAPER), so it can find and end all of them, also those that left the process group. A
// pipe whose other end only axgen holds tells it when axgen is gone; no signal could, after a SIGKILL.
#include "compiler/tool/internal.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

static int alive[2] = {-1, -1}; // never written: [0] hangs up when axgen, the only one that holds [1], ends
static pid_t owner; // who opened it
static pthread_mutex_t starting = PTHREAD_MUTEX_INITIALIZER; // no process inherits another's half-made pipe

void supervise_let_go(void) {
  if (alive[1] >= 0)
    close(alive[1]);
  alive[1] = -1;
}

static bool open_alive(void) {
  if (owner == getpid() && alive[1] >= 0)
    return true;
  supervise_let_go(); // that of the process which this one was forked from
  if (alive[0] >= 0)
    close(alive[0]);
  owner = getpid();
  return pipe2(alive, O_CLOEXEC) == 0;
}

void supervise_detach(const char *name) {
  setsid();
  prctl(PR_SET_NAME, name);
  supervise_let_go();
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int fd = 0; null >= 0 && fd < 3; fd++)
    dup2(null, fd);
}

// ---- ending everything ---------------------------------------------------------------------------------------------
static bool is_child(const char *pid) {
  char path[64], text[512];
  snprintf(path, sizeof path, "/proc/%.20s/stat", pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
  if (fd >= 0)
    close(fd);
  if (n <= 0)
    return false;
  text[n] = 0;
  const char *p = strrchr(text, ')'); // the name before it may hold anything; then: state, parent
  return p && strlen(p) > 4 && atoi(p + 4) == (int)getpid();
}

static void kill_children(void) {
  DIR *proc = opendir("/proc");
  for (struct dirent *e; proc && (e = readdir(proc));)
    if (isdigit((unsigned char)e->d_name[0]) && is_child(e->d_name))
      kill(atoi(e->d_name), SIGKILL);
  if (proc)
    closedir(proc);
}

// Takes what has ended. False: no child is left, so no descendant either.
static bool reap(pid_t tool, int *status, bool *ended) {
  for (;;) {
    int how;
    pid_t got = waitpid(-1, &how, WNOHANG);
    if (got == 0)
      return true;
    if (got < 0 && errno != EINTR)
      return false;
    if (got == tool) {
      *status = how;
      *ended = true;
    }
  }
}

// SIGTERM, so that they can clean up; SIGKILL once the grace is over, until nothing is left.
static void end_all(pid_t tool, int *status, bool *ended) {
  double kill_at = clock_seconds() + TOOL_GRACE_MS * 1e-3;
  kill(-tool, SIGTERM);
  kill(-tool, SIGCONT); // who is stopped takes no SIGTERM
  while (reap(tool, status, ended)) {
    if (clock_seconds() > kill_at) {
      kill(-tool, SIGKILL);
      kill_children();
    }
    poll(NULL, 0, 5);
  }
}

// ---- the two processes ---------------------------------------------------------------------------------------------
static void run_tool(const tool_launch *l, pid_t supervisor) {
  prctl(PR_SET_PDEATHSIG, SIGKILL); // should the supervisor itself be killed
  if (getppid() != supervisor)
    _exit(126);
  setpgid(0, 0);
  for (int sig = 1; sig < NSIG; sig++)
    signal(sig, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  if (dup2(l->log, 1) < 0 || dup2(l->log, 2) < 0 || (l->dir && chdir(l->dir) != 0))
    _exit(126);
  struct rlimit most = {l->memory, l->memory};
  if (l->memory && setrlimit(RLIMIT_AS, &most) != 0)
    _exit(126);
  execve(l->program, (char *const *)l->argv, l->env);
  _exit(127);
}

// The signal that waits, or 0.
static int take_signal(int signals) {
  struct signalfd_siginfo info;
  return read(signals, &info, sizeof info) == sizeof info ? (int)info.ssi_signo : 0;
}

static void watch(pid_t tool, int *status) {
  sigset_t all;
  sigfillset(&all);
  int signals = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
  bool ended = false;
  struct pollfd on[2] = {{signals, POLLIN, 0}, {alive[0], POLLIN, 0}};
  while (reap(tool, status, &ended) && !ended) {
    poll(on, 2, 1000);
    int sig = take_signal(signals);
    if (on[1].revents || sig == SIGTERM || sig == SIGINT || sig == SIGHUP)
      break;
    if (sig == SIGTSTP)
      kill(-tool, SIGSTOP);
    else if (sig == SIGCONT)
      kill(-tool, SIGCONT);
  }
  end_all(tool, status, &ended); // after a tool that ended well: what it left behind
}

static void supervisor(const tool_launch *l, int report) {
  supervise_detach("ax-supervisor");
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  pid_t self = getpid(), tool = fork();
  if (tool == 0)
    run_tool(l, self);
  int message[2] = {(int)tool, 0};
  close(l->log);
  bool said = tool > 0 && write(report, message, sizeof message) == sizeof message;
  if (tool > 0) {
    setpgid(tool, tool); // whichever of the two comes first
    watch(tool, &message[1]);
  }
  said = said && write(report, message, sizeof message) == sizeof message;
  _exit(said ? 0 : 1);
}

bool supervise(const tool_launch *launch, tool_process *out) {
  sigset_t all, before;
  int report[2];
  *out = (tool_process){.report = -1};
  pthread_mutex_lock(&starting);
  bool ok = open_alive() && pipe2(report, O_CLOEXEC) == 0;
  if (ok) {
    fflush(NULL);
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before); // the supervisor takes all of them from the start
    out->supervisor = fork();
    if (out->supervisor == 0) {
      signal(SIGPIPE, SIG_IGN);
      close(report[0]);
      supervisor(launch, report[1]);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    close(report[1]);
    out->report = report[0];
    ok = out->supervisor > 0;
    if (!ok)
      close(report[0]);
  }
  pthread_mutex_unlock(&starting);
  return ok;
}

int supervise_read(tool_process *p, int *status) {
  int message[2];
  ssize_t n = read(p->report, message, sizeof message);
  if (n < 0 && errno == EINTR)
    return 0;
  if (n != (ssize_t)sizeof message)
    return -1;
  if (p->tool) {
    *status = message[1];
    return 1;
  }
  p->tool = message[0];
  return 0;
}

void supervise_end(tool_process *p) {
  close(p->report);
  while (waitpid(p->supervisor, NULL, 0) < 0 && errno == EINTR)
    ;
}
