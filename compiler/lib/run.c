// SPDX-License-Identifier: Apache-2.0
#include "compiler/cli/cli.h"
#include "compiler/lib/lib.h"

#include <omp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

// Verbs share a cache folder, temporary folders and running tools.
static pthread_mutex_t running = PTHREAD_MUTEX_INITIALIZER;

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
  pthread_mutex_lock(&running);
  bool ok = cli_run(verb, argc, argv, out->to, err->to, d);
  pthread_mutex_unlock(&running);
  omp_set_num_threads(threads); // whatever --jobs said
  arena_free(mem);
  return ok;
}

char *axgen_run(const char *name, const char *const *arguments, const axgen_watch *watch, axgen_error **error) {
  progress_watcher w, *before = lib_watch(&w, watch);
  diag d = {0};
  capture out = {0}, err = {0};
  const cli_verb *verb = cli_find(name);
  bool ok = capture_begin(&out, &d) && capture_begin(&err, &d);
  if (!verb) {
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
