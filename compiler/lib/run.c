// SPDX-License-Identifier: Apache-2.0
#include "compiler/cli/cli.h"
#include "compiler/lib/lib.h"

#include <omp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

// Verbs share a cache folder, temporary folders and running tools: one runs at a time.
static pthread_mutex_t running = PTHREAD_MUTEX_INITIALIZER;
static _Thread_local bool runs; // this thread has it

// Whoever ran a verb is not in the child.
static void in_child(void) {
  pthread_mutex_init(&running, NULL);
  runs = false;
}

__attribute__((constructor)) static void listen_for_forks(void) { pthread_atfork(NULL, NULL, in_child); }

// Until others are through; asks the watcher meanwhile.
static bool take_turn(diag *d) {
  enum { A_MOMENT_NS = 50 * 1000 * 1000, SECOND_NS = 1000 * 1000 * 1000 };
  if (runs)
    return diag_error(d, "a verb is running in this thread: what watches it cannot run another");
  for (;;) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += A_MOMENT_NS;
    until.tv_sec += until.tv_nsec / SECOND_NS;
    until.tv_nsec %= SECOND_NS;
    if (pthread_mutex_timedlock(&running, &until) == 0)
      return runs = true;
    if (interrupted())
      return diag_tool(d, "interrupted");
  }
}

static void end_turn(void) {
  runs = false;
  pthread_mutex_unlock(&running);
}

typedef struct {
  char *text;
  size_t size;
  FILE *to;
} capture;

static bool capture_begin(capture *c, diag *d) {
  c->to = open_memstream(&c->text, &c->size);
  return c->to || diag_tool(d, "out of memory");
}

static void capture_end(capture *c) {
  if (c->to)
    fclose(c->to);
}

static char **arguments_of(arena *mem, const cli_verb *verb, const char *const *arguments, int *argc) {
  size_t count = 0;
  while (arguments && arguments[count])
    count++;
  char **argv = arena_new_array(mem, char *, count + 2);
  if (cli_takes(verb, "--json"))
    argv[(*argc)++] = "--json";
  for (size_t i = 0; i < count; i++)
    argv[(*argc)++] = arena_strdup(mem, arguments[i]);
  return argv;
}

static bool run(const cli_verb *verb, const char *const *arguments, capture *out, capture *err, diag *d) {
  arena *mem = arena_new();
  int argc = 0, threads = omp_get_max_threads();
  char **argv = arguments_of(mem, verb, arguments, &argc);
  bool ok = take_turn(d);
  if (ok) {
    ok = cli_run(verb, argc, argv, out->to, err->to, d);
    end_turn();
  }
  omp_set_num_threads(threads); // whatever --jobs said
  arena_free(mem);
  return ok;
}

char *axgen_run(const char *name, const char *const *arguments, const axgen_watch *watch, axgen_error **error) {
  progress_watcher w, *before = lib_watch(&w, watch);
  diag d = {0};
  capture out = {0}, err = {0};
  bool ok = lib_given(name, "the verb's name", &d) && capture_begin(&out, &d) && capture_begin(&err, &d);
  const cli_verb *verb = name ? cli_find(name) : NULL;
  if (ok && !verb) {
    ok = diag_error(&d, "no verb %s", name);
    d.exit_code = EXIT_USAGE;
  }
  ok = ok && run(verb, arguments, &out, &err, &d);
  capture_end(&out);
  capture_end(&err);
  if (err.size)
    str_add_n(&d.text, err.text, err.size);
  free(err.text);
  lib_unwatch(before);
  if (lib_end(ok, &d, &w, error))
    return out.text;
  free(out.text);
  return NULL;
}
