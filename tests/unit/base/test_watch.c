// SPDX-License-Identifier: Apache-2.0
//
// A caller that watches: it is asked, may say no, and neither other threads nor those that come later notice.
#include "compiler/base/base.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

typedef struct {
  int calls, until;
  char label[32];
  uint64_t done, total;
} seen;

static bool go_on(void *user, const char *label, uint64_t done, uint64_t total) {
  seen *s = user;
  snprintf(s->label, sizeof s->label, "%s", label);
  s->done = done;
  s->total = total;
  return ++s->calls < s->until;
}

// Works until it is stopped, at most `most` steps.
static int work(int most) {
  progress p = progress_begin("working", (uint64_t)most);
  int steps = 0;
  while (steps < most && !interrupted()) {
    progress_step(&p, 1);
    steps++;
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
  }
  progress_end(&p);
  return steps;
}

static void stops(void **state) {
  (void)state;
  seen s = {.until = 3};
  progress_watcher w = {.go_on = go_on, .user = &s};
  assert_null(progress_watch(&w));
  int steps = work(100000);
  assert_int_equal(s.calls, 3);
  assert_true(steps > 0 && steps < 100000);
  assert_string_equal(s.label, "working");
  assert_int_equal(s.total, 100000);
  assert_int_equal(s.done, steps);
  assert_true(interrupted());
  assert_int_equal(s.calls, 3); // who said no is not asked again
  interrupt_heed();
  assert_false(interrupted());
  assert_ptr_equal(progress_watch(NULL), &w);
  assert_false(interrupted());
}

static void *elsewhere(void *watcher) {
  bool alone = !interrupted();
  progress_join(watcher);
  bool joined = interrupted();
  progress_join(NULL);
  return alone && joined && !interrupted() ? watcher : NULL;
}

static void threads(void **state) {
  (void)state;
  seen s = {.until = 1};
  progress_watcher w = {.go_on = go_on, .user = &s};
  progress_watch(&w);
  assert_true(interrupted());
  pthread_t t;
  void *right;
  pthread_create(&t, NULL, elsewhere, &w);
  pthread_join(t, &right);
  progress_watch(NULL);
  assert_non_null(right);
  assert_int_equal(s.calls, 1); // by its own thread alone
}

static void nobody_to_ask(void **state) {
  (void)state;
  progress_watcher w = {0};
  progress_watch(&w);
  assert_int_equal(work(3), 3);
  progress_watch(NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(stops), cmocka_unit_test(threads),
                                     cmocka_unit_test(nobody_to_ask)};
  return cmocka_run_group_tests_name("base/watch", tests, NULL, NULL);
}
