// SPDX-License-Identifier: Apache-2.0
#include "compiler/base/base.h"

#include <signal.h>
#include <time.h>
#include <unistd.h>

bool progress_quiet = true;

// In two words, since threads that joined must not ask.
static _Thread_local progress_watcher *watching;
static _Thread_local bool asks;

progress_watcher *progress_watch(progress_watcher *w) {
  progress_watcher *before = watching;
  watching = w;
  asks = w != NULL;
  return before;
}

progress_watcher *progress_watching(void) { return watching; }

void progress_join(progress_watcher *w) {
  if (!asks)
    watching = w;
}

static bool watcher_stops(void) {
  enum { A_SECOND = 10 };
  progress_watcher *w = watching;
  double now;
  if (!asks || !w->go_on || __atomic_load_n(&w->stopped, __ATOMIC_RELAXED) ||
      (now = clock_seconds()) - w->asked < 1.0 / A_SECOND)
    return __atomic_load_n(&w->stopped, __ATOMIC_RELAXED) && !__atomic_load_n(&w->heeded, __ATOMIC_RELAXED);
  w->asked = now;
  bool stop = !w->go_on(w->user, w->label ? w->label : "", w->done, w->total);
  __atomic_store_n(&w->stopped, stop, __ATOMIC_RELAXED);
  return stop;
}

static volatile sig_atomic_t stop_asked; // the first signal
static volatile sig_atomic_t stop_heeded; // and whoever was to stop has stopped

static void on_interrupt(int sig) {
  if (stop_asked)
    _exit(128 + sig);
  stop_asked = sig;
}

bool interrupted(void) { return watching ? watcher_stops() : stop_asked != 0 && !stop_heeded; }

void interrupt_heed(void) {
  if (watching)
    __atomic_store_n(&watching->heeded, true, __ATOMIC_RELAXED);
  else
    stop_heeded = 1;
}

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

static bool visible(void) { return !progress_quiet && !watching && isatty(STDERR_FILENO); }

progress progress_begin(const char *label, uint64_t total) {
  if (asks)
    watching->label = label, watching->done = 0, watching->total = total;
  return (progress){.label = label, .total = total, .started = clock_seconds()};
}

void progress_step(progress *p, uint64_t n) { progress_show(p, p->done + n, p->total); }

void progress_show(progress *p, uint64_t done, uint64_t total) {
  p->done = done;
  p->total = total;
  if (asks)
    watching->label = p->label, watching->done = done, watching->total = total;
  double now = clock_seconds();
  if (!visible() || now - p->shown < 0.2)
    return;
  p->shown = now;
  double spent = now - p->started;
  fprintf(stderr, "\r\033[K%s", p->label);
  if (total)
    fprintf(stderr, " %3.0f %%  %llu/%llu", 100 * (double)done / (double)total, (unsigned long long)done,
            (unsigned long long)total);
  fprintf(stderr, "  %.0f s", spent);
  if (done)
    fprintf(stderr, ", about %.0f s to go", spent * (double)total / (double)done - spent);
}

void progress_end(progress *p) {
  if (visible() && p->shown > 0)
    fputs("\r\033[K", stderr);
}
