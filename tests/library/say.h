// SPDX-License-Identifier: Apache-2.0
//
// How the programs of this folder say what held: `ok NAME`, or `FAIL NAME why`.
#ifndef TESTS_LIBRARY_SAY_H
#define TESTS_LIBRARY_SAY_H

#include <axgen.h>
#include <stdio.h>

static inline void say(const char *what, bool ok, axgen_error *e) {
  printf(ok ? "ok %s\n" : "FAIL %s %s\n", what, axgen_error_text(e));
  axgen_error_free(e);
}
// `e` may be what the condition leaves.
#define judge(what, condition, e)                                                                                      \
  do {                                                                                                                 \
    bool ok_ = (condition);                                                                                            \
    say(what, ok_, e);                                                                                                 \
  } while (0)

#endif
