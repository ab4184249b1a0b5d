// SPDX-License-Identifier: Apache-2.0
//
// Temporary folders, and the keeper: a process that axgen tells which of them exist. It removes those that are left
// once axgen and all supervisors have ended, however they ended.
#include "compiler/base/escape.h"
#include "compiler/tool/internal.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct {
  int to; // what is held open for as long as the folders may be in use: by axgen and, inherited, by supervisors
  pid_t pid, owner; // the keeper, and who started it
} keeper = {-1, 0, 0};

// Messages: '+' or '-' and the folder's path.
static void keep(int from) {
  char text[PATH_MAX + 2];
  char **dirs = NULL;
  size_t count = 0;
  for (ssize_t n; (n = recv(from, text, sizeof text - 1, 0)) != 0;) {
    if (n < 0 && errno != EINTR)
      break;
    text[n < 0 ? 0 : n] = 0;
    if (text[0] == '+') {
      char **more = realloc(dirs, (count + 1) * sizeof *dirs), *dir = strdup(text + 1);
      dirs = more ? more : dirs;
      if (more && dir)
        dirs[count++] = dir;
    }
    for (size_t i = 0; text[0] == '-' && i < count; i++)
      if (strcmp(dirs[i], text + 1) == 0) {
        free(dirs[i]);
        dirs[i--] = dirs[--count];
      }
  }
  while (count)
    dir_remove(dirs[--count]);
  _exit(0);
}

static void dismiss_keeper(void) {
  if (keeper.owner != getpid())
    return;
  supervise_let_go();
  shutdown(keeper.to, SHUT_RDWR); // children of this process may have it open as well
  close(keeper.to);
  while (waitpid(keeper.pid, NULL, 0) < 0 && errno == EINTR)
    ;
}

static void start_keeper(void) {
  int ends[2];
  if (keeper.owner == getpid() || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
    return;
  if (keeper.owner) // that of the process which this one was forked from
    close(keeper.to);
  keeper.owner = getpid();
  fflush(NULL);
  keeper.pid = fork();
  if (keeper.pid == 0) {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    supervise_detach("ax-keeper");
    close(ends[1]);
    keep(ends[0]);
  }
  close(ends[0]);
  keeper.to = ends[1];
  if (keeper.pid > 0)
    atexit(dismiss_keeper);
}

static void tell_keeper(char what, const char *dir) {
  char text[PATH_MAX + 2];
  int n = snprintf(text, sizeof text, "%c%s", what, dir);
  if (keeper.pid > 0 && n < (int)sizeof text)
    send(keeper.to, text, (size_t)n, MSG_NOSIGNAL);
}

bool tool_temp_dir(arena *a, char **dir, diag *d) {
  const char *base = getenv("TMPDIR");
  base = base && *base ? base : "/tmp";
  char *full = realpath(base, NULL); // tools run elsewhere
  if (!full)
    return diag_error(d, "the folder for temporary files, %s (TMPDIR): %s", base, strerror(errno));
  // Icarus and Yosys give names in it to a shell, in double quotes; make splits at blanks.
  if (!word_is_plain(full)) {
    diag_error(d,
               "the folder for temporary files, %s (TMPDIR): expected only letters, digits and `_ . / -` in its name",
               full);
    free(full);
    return false;
  }
  start_keeper();
  *dir = path_join(a, full, "axgen-XXXXXX");
  free(full);
  if (!mkdtemp(*dir))
    return diag_error(d, "cannot make a temporary folder %s: %s", *dir, strerror(errno));
  tell_keeper('+', *dir);
  // One level deeper, so that what fileset_write makes beside the folder is removed with it.
  *dir = path_join(a, *dir, "files");
  if (mkdir(*dir, 0700) == 0)
    return true;
  diag_error(d, "cannot make a temporary folder %s: %s", *dir, strerror(errno));
  tool_temp_remove(*dir);
  return false;
}

static void outermost(const char *dir, char out[PATH_MAX]) {
  snprintf(out, PATH_MAX, "%.*s", (int)(strrchr(dir, '/') - dir), dir);
}

void tool_temp_keep(const char *dir) {
  char outer[PATH_MAX];
  outermost(dir, outer);
  tell_keeper('-', outer);
}

void tool_temp_remove(const char *dir) {
  char outer[PATH_MAX];
  outermost(dir, outer);
  dir_remove(outer);
  tell_keeper('-', outer);
}
