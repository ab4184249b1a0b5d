// SPDX-License-Identifier: Apache-2.0
#include "compiler/base/base.h"

#include <signal.h>
#include <time.h>
#include <unistd.h>

bool progress_quiet;

static volatile sig_atomic_t stop_asked; // the first signal

static void on_interrupt(int sig) {
  if (stop_asked)
    _exit(128 + sig);
  stop_asked = sig;
}

bool interrupted(void) { return stop_asked != 0; }

int interrupt_signal(void) { return stop_asked; }

void interrupt_install(void) {
  static const int SIGNALS[] = {SIGINT, SIGTERM, SIGHUP};
  for (size_t i = 0; i < BASE_COUNT(SIGNALS); i++) {
    struct sigaction sa = {.sa_handler = on_interrupt}, before;
    if (sigaction(SIGNALS[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN) // nohup, background jobs
      sigaction(SIGNALS[i], &sa, NULL);
  }
}

double clock_seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static bool visible(void) { return !progress_quiet && isatty(STDERR_FILENO); }

progress progress_begin(const char *label, uint64_t total) {
  return (progress){.label = label, .total = total, .started = clock_seconds()};
}

void progress_step(progress *p, uint64_t n) {
  p->done += n;
  double now = clock_seconds();
  if (!visible() || now - p->shown < 0.2)
    return;
  p->shown = now;
  double share = p->total ? (double)p->done / (double)p->total : 0;
  double spent = now - p->started, left = share > 0 ? spent / share - spent : 0;
  fprintf(stderr, "\r\033[K%s %3.0f %%  %llu/%llu  %.0f s, about %.0f s to go", p->label, 100 * share,
          (unsigned long long)p->done, (unsigned long long)p->total, spent, left);
}

void progress_end(progress *p) {
  if (visible() && p->shown > 0)
    fputs("\r\033[K", stderr);
}
