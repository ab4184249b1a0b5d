// SPDX-License-Identifier: Apache-2.0
#include "compiler/base/base.h"

#include <omp.h>
#include <pthread.h>

static bool forked;

static void in_child(void) { forked = true; }

__attribute__((constructor)) static void listen_for_forks(void) { pthread_atfork(NULL, NULL, in_child); }

// OpenMP keeps what it knows of its threads on the stack: 100,000 of them overflow it.
enum { MOST_THREADS = 1024 };

void threads_use(int count) { omp_set_num_threads(forked ? 1 : count < MOST_THREADS ? count : MOST_THREADS); }

void threads_after_fork(void) {
  if (forked)
    omp_set_num_threads(1);
}
