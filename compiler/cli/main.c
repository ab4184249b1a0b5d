// SPDX-License-Identifier: Apache-2.0
//
// The program: what concerns its process. The verbs are in verbs.c.
#include "compiler/cli/cli.h"
#include "compiler/ranks/transport.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// Waiting threads must sleep, not spin: on a busy machine spinning costs more than the work. libgomp reads this before
// main, so the program starts itself once more with it set.
static void wait_passively(char **argv) {
  if (getenv("OMP_WAIT_POLICY"))
    return;
  setenv("OMP_WAIT_POLICY", "passive", 1);
  execv("/proc/self/exe", argv); // on failure things only go slower
}

// Files that are opened must not become one of the three streams, should it be closed.
static void keep_streams(void) {
  for (int fd = 0; fd < 3; fd++)
    if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd) // use fails as it should
      return;
}

// Has all that was printed reached where it goes? A full disk tells so only here.
static int finish(int code) {
  bool lost = ferror(stdout) != 0;
  lost = fclose(stdout) != 0 || lost;
  if (lost && code == EXIT_OK) {
    fprintf(stderr, "axgen: error: cannot write the result to standard output: %s\n", strerror(errno));
    code = EXIT_INPUT;
  }
  return code;
}

static int run(const cli_verb *verb, int argc, char **argv) {
  diag d = {0};
  progress_quiet = false;
  interrupt_install();
  signal(SIGXFSZ, SIG_IGN); // a limit on file sizes is an error as any other
  bool ok = cli_run(verb, argc, argv, stdout, stderr, &d);
  diag_print(&d, stderr);
  int code = ok ? EXIT_OK : d.exit_code ? d.exit_code : EXIT_INPUT;
  if (interrupt_signal()) {
    fprintf(stderr, "axgen: stopped by a signal: %s\n", strsignal(interrupt_signal()));
    code = 128 + interrupt_signal();
  }
  diag_free(&d);
  return code;
}

int main(int argc, char **argv) {
  keep_streams();
  wait_passively(argv);
  if (argc < 2) {
    cli_help(stderr);
    return EXIT_USAGE;
  }
  const char *name = argv[1];
  if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
    name = "help";
  if (strcmp(name, "--version") == 0) {
    const char *why;
    const transport *mpi = transport_load(&why);
    printf("axgen " AXGEN_VERSION "\nMPI: %s%s\n", mpi ? "yes, " : "no, ", mpi ? mpi->name : why);
    return finish(EXIT_OK);
  }
  const cli_verb *verb = cli_find(name);
  if (!verb) {
    diag d = {0};
    diag_error(&d, "no verb %s\n", name);
    diag_print(&d, stderr);
    diag_free(&d);
    cli_help(stderr);
    return EXIT_USAGE;
  }
  for (int i = 2; i < argc; i++)
    if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
      cli_help_verb(verb, stdout);
      return finish(EXIT_OK);
    }
  return finish(run(verb, argc - 2, argv + 2));
}
