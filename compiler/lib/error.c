// SPDX-License-Identifier: Apache-2.0
#include "compiler/lib/lib.h"

#include <stdlib.h>
#include <string.h>

struct axgen_error {
  axgen_code code;
  char *text;
};

const char *axgen_version(void) { return AXGEN_VERSION; }

axgen_code axgen_error_code(const axgen_error *error) { return error ? error->code : AXGEN_OK; }
const char *axgen_error_text(const axgen_error *error) { return error && error->text ? error->text : ""; }

void axgen_error_free(axgen_error *error) {
  if (error)
    free(error->text);
  free(error);
}

void axgen_free(void *memory) { free(memory); }

static char *printed(const diag *d) {
  char *text = NULL;
  size_t size;
  FILE *out = open_memstream(&text, &size);
  if (out) {
    diag_print(d, out);
    fclose(out);
  }
  return text;
}

bool lib_end(bool ok, diag *d, const progress_watcher *w, axgen_error **error) {
  if (error)
    *error = NULL;
  if (error && (!ok || d->text.len) && (*error = calloc(1, sizeof **error))) {
    (*error)->text = printed(d);
    (*error)->code = ok                ? AXGEN_OK
                     : w && w->stopped ? AXGEN_STOPPED
                     : d->exit_code    ? (axgen_code)d->exit_code
                                       : AXGEN_INPUT;
  }
  diag_free(d);
  return ok;
}

bool lib_given(const void *argument, const char *what, diag *d) {
  return argument || diag_error(d, "%s: expected, found NULL", what);
}

void lib_own(int *owners) { __atomic_add_fetch(owners, 1, __ATOMIC_RELAXED); }

bool lib_disown(int *owners) { return __atomic_sub_fetch(owners, 1, __ATOMIC_ACQ_REL) == 0; }

progress_watcher *lib_watch(progress_watcher *w, const axgen_watch *watch) {
  threads_after_fork();
  *w = (progress_watcher){.go_on = watch ? watch->go_on : NULL, .user = watch ? watch->user : NULL};
  return progress_watch(w);
}

void lib_unwatch(progress_watcher *before) { progress_watch(before); }
