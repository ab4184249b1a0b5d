// SPDX-License-Identifier: Apache-2.0
#include "compiler/base/base.h"

#include <omp.h>
#include <pthread.h>

static bool forked;

static void in_child(void) { forked = true; }

__attribute__((constructor)) static void listen_for_forks(void) { pthread_atfork(NULL, NULL, in_child); }

void threads_use(int count) { omp_set_num_threads(forked ? 1 : count); }

void threads_after_fork(void) {
  if (forked)
    omp_set_num_threads(1);
}
