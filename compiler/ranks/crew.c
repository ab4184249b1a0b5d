// SPDX-License-Identifier: Apache-2.0
//
// Each member has a thread that alone speaks with the others (talk); what it shares with the member's own thread is
// under one lock. A member has one request at a time; a pulse says that it is alive.
#include "compiler/ranks/crew.h"

#include <errno.h>
#include <omp.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

// Of messages. READY: the problem, from the member that serves it. EXCUSE: why a member cannot serve. WORK: a number
// and a request. ANSWER: the number, whether there is one, the answer. END: from the leader; with
// a byte where a member was lost.
enum { READY = 1, EXCUSE, PULSE, WORK, ANSWER, END };

// Seconds. A member that is silent so long has lost its request; when it is heard again it gets others. Without its
// leader a member ends.
static const double BEAT = 0.5, LOST = 5, LEADERLESS = 60, PATIENCE = 10;

typedef enum { WAITING, HERE, AWAY, DONE, FAILED } item_state;

// A request that was announced.
typedef struct item {
  struct item *next;
  uint64_t number;
  item_state state;
  char *hash; // of the request
  void *request; // NULL from DONE on
  size_t size;
  str answer;
} item;

typedef struct {
  char *problem; // NULL: not ready
  uint64_t busy; // the number of its request; 0: idle
  double heard;
  bool lost, was_lost, warned;
} member;

struct crew {
  const transport *t;
  transport_place place;
  pthread_t thread;
  pthread_mutex_t lock;
  pthread_cond_t changed;
  bool opened, failed, leaving, closed;
  double beat;
  // the leader's
  char *problem;
  crew_work work;
  void *context;
  member *members; // [size]
  item *first;
  uint64_t numbers;
  str warnings; // a line each
  // a member's
  transport_message inbox; // WORK; data NULL: none
  str outbox; // to the leader
  int outbox_tag; // 0: nothing
};

bool crew_leads(const crew *c) { return c->place.rank == 0; }
int crew_size(const crew *c) { return c->place.size; }
int crew_threads(const crew *c) { return c->place.threads; }
size_t crew_ahead(const crew *c) { return c ? 2 * (size_t)c->place.size : 0; }

static void *copy_of(const void *data, size_t size) {
  char *copy = malloc(size + 1); // a text gets its end
  assert(copy);
  if (size)
    memcpy(copy, data, size);
  copy[size] = '\0';
  return copy;
}

static char *hash_of(const void *data, size_t size) {
  arena *own = arena_new();
  char *hash = strdup(hash_hex(own, data, size));
  arena_free(own);
  assert(hash);
  return hash;
}

// ---- the leader's list ----

static void settle(item *i, item_state state) {
  i->state = state;
  if (state == DONE || state == FAILED) {
    free(i->request);
    i->request = NULL;
  }
}

static void item_free(item *i) {
  free(i->hash);
  free(i->request);
  str_free(&i->answer);
  free(i);
}

static void item_remove(crew *c, const item *i) {
  for (item **at = &c->first; *at; at = &(*at)->next)
    if (*at == i) {
      item *gone = *at;
      *at = gone->next;
      item_free(gone);
      return;
    }
}

static item *item_of(const crew *c, const char *hash) {
  for (item *i = c->first; i; i = i->next)
    if (strcmp(i->hash, hash) == 0)
      return i;
  return NULL;
}

static item *item_numbered(const crew *c, uint64_t number) {
  item *i = c->first;
  while (i && i->number != number)
    i = i->next;
  return i;
}

static item *first_waiting(const crew *c) {
  item *i = c->first;
  while (i && i->state != WAITING)
    i = i->next;
  return i;
}

// ---- the leader's talk ----

static void take_answer(crew *c, const transport_message *m) {
  uint64_t number;
  const char *data = m->data;
  if (m->size < sizeof number + 1)
    return;
  memcpy(&number, data, sizeof number);
  member *from = &c->members[m->from];
  if (from->busy == number)
    from->busy = 0;
  item *i = item_numbered(c, number);
  if (!i || i->state == DONE || i->state == HERE) // it was thought lost, and was not
    return;
  bool ok = data[sizeof number] != 0;
  if (ok)
    str_add_n(&i->answer, data + sizeof number + 1, m->size - sizeof number - 1);
  settle(i, ok ? DONE : FAILED);
}

static void leader_hears(crew *c, const transport_message *m) {
  member *from = &c->members[m->from];
  from->heard = clock_seconds();
  from->lost = false;
  if (m->tag == READY || m->tag == EXCUSE) {
    free(from->problem);
    from->problem = m->tag == READY ? copy_of(m->data, m->size) : NULL;
    from->busy = 0;
  }
  if (m->tag == EXCUSE)
    str_printf(&c->warnings, "rank %d cannot help: %.*s\n", m->from, (int)(m->size < 2000 ? m->size : 2000),
               (const char *)m->data);
  if (m->tag == ANSWER)
    take_answer(c, m);
}

static void give_up_silent(crew *c, int rank) {
  member *m = &c->members[rank];
  if (m->lost || clock_seconds() - m->heard < LOST)
    return;
  m->lost = true;
  if (!m->was_lost)
    str_printf(&c->warnings, "rank %d fell silent: the others did its work\n", rank);
  m->was_lost = true;
  item *i = item_numbered(c, m->busy);
  if (i && i->state == AWAY)
    settle(i, WAITING);
  m->busy = 0;
}

static bool send_item(const crew *c, int rank, const item *i) {
  str text = {0};
  str_add_n(&text, (const char *)&i->number, sizeof i->number);
  str_add_n(&text, i->request, i->size);
  bool ok = c->t->send(rank, WORK, text.data, text.len);
  str_free(&text);
  return ok;
}

static void hand_out(crew *c, int rank) {
  member *m = &c->members[rank];
  if (!c->problem || !m->problem || m->busy || m->lost)
    return;
  if (strcmp(m->problem, c->problem) != 0) {
    if (!m->warned)
      str_printf(&c->warnings,
                 "rank %d has another network, other images or another axgen: it was given nothing to do\n", rank);
    m->warned = true;
    return;
  }
  item *i = first_waiting(c);
  if (!i)
    return;
  if (send_item(c, rank, i)) {
    settle(i, AWAY);
    m->busy = i->number;
  } else
    settle(i, FAILED); // too large: the leader's own
}

// ---- a member's talk ----

static void on_alarm(int sig) {
  (void)sig;
  _exit(EXIT_OK);
}

// The process ends here: a member has nothing to lose. Open MPI's end waits for all ranks, for ever where one was lost:
// then there is none, and where a loss was not noticed it has its time.
static _Noreturn void member_ends(const crew *c, bool whole, int code) {
  signal(SIGALRM, on_alarm);
  alarm((unsigned)PATIENCE);
  if (whole)
    c->t->close();
  _exit(code);
}

static void member_hears(crew *c, transport_message *m) {
  c->members[0].heard = clock_seconds();
  if (m->tag == END)
    member_ends(c, m->size == 0, EXIT_OK);
  if (m->tag == WORK && m->size >= sizeof(uint64_t)) {
    free(c->inbox.data);
    c->inbox = *m;
    m->data = NULL;
  }
}

static void member_says(crew *c) {
  if (c->outbox_tag)
    c->t->send(0, c->outbox_tag, c->outbox.data, c->outbox.len);
  c->outbox_tag = 0;
  c->outbox.len = 0;
  if (clock_seconds() - c->members[0].heard > LEADERLESS)
    member_ends(c, false, EXIT_TOOL);
}

// ---- both ----

// Under the lock. Whether anything was heard.
static bool talk_once(crew *c) {
  transport_message m;
  bool any = false;
  for (; c->t->receive(&m); any = true) {
    if (crew_leads(c))
      leader_hears(c, &m);
    else
      member_hears(c, &m);
    free(m.data);
  }
  bool beat = clock_seconds() - c->beat >= BEAT;
  if (beat)
    c->beat = clock_seconds();
  for (int r = 1; crew_leads(c) && r < c->place.size; r++) {
    give_up_silent(c, r);
    hand_out(c, r);
    if (beat && !c->members[r].lost)
      c->t->send(r, PULSE, NULL, 0);
  }
  if (!crew_leads(c)) {
    if (beat)
      c->t->send(0, PULSE, NULL, 0);
    member_says(c);
  }
  return any;
}

// The lock is free meanwhile. True: something has changed.
static bool wait_changed(crew *c, double seconds) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  double until = (double)t.tv_nsec * 1e-9 + seconds;
  t.tv_sec += (time_t)until;
  t.tv_nsec = (long)((until - (double)(time_t)until) * 1e9);
  return pthread_cond_timedwait(&c->changed, &c->lock, &t) == 0;
}

// What was sent has left, without an end of MPI's.
static void linger(const crew *c) {
  transport_message m;
  for (double until = clock_seconds() + 2 * BEAT; clock_seconds() < until; usleep(1000))
    if (c->t->receive(&m))
      free(m.data);
}

static void *talk(void *context) {
  crew *c = context;
  bool ok = c->t->open(&c->place);
  pthread_mutex_lock(&c->lock);
  c->opened = true;
  c->failed = !ok;
  if (ok) {
    c->members = calloc((size_t)c->place.size, sizeof *c->members);
    assert(c->members);
    for (int r = 0; r < c->place.size; r++)
      c->members[r].heard = clock_seconds();
  }
  pthread_cond_broadcast(&c->changed);
  double pause = 0;
  while (ok && !c->leaving) {
    bool any = talk_once(c);
    if (any)
      pthread_cond_broadcast(&c->changed);
    pause = any ? 1e-4 : pause < 2e-3 ? pause + 1e-4 : pause;
    wait_changed(c, pause);
  }
  bool whole = true;
  for (int r = 1; ok && r < c->place.size; r++)
    whole &= !c->members[r].was_lost;
  pthread_mutex_unlock(&c->lock);
  for (int r = 1; ok && r < c->place.size; r++)
    c->t->send(r, END, "", whole ? 0 : 1);
  if (ok && whole)
    c->t->close();
  else if (ok)
    linger(c);
  pthread_mutex_lock(&c->lock);
  c->closed = true;
  pthread_cond_broadcast(&c->changed);
  pthread_mutex_unlock(&c->lock);
  return NULL;
}

// ---- coming and going ----

static void begin_thread(crew *c) {
  sigset_t all, before; // signals are the member's own thread's
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int failed = pthread_create(&c->thread, NULL, talk, c);
  assert(!failed);
  (void)failed;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void crew_free(crew *c) {
  while (c->first)
    item_remove(c, c->first);
  for (int r = 0; c->members && r < c->place.size; r++)
    free(c->members[r].problem);
  free(c->members);
  free(c->problem);
  free(c->inbox.data);
  str_free(&c->outbox);
  str_free(&c->warnings);
  pthread_cond_destroy(&c->changed);
  pthread_mutex_destroy(&c->lock);
  free(c);
}

crew *crew_join_by(const transport *t, diag *d) {
  crew *c = calloc(1, sizeof *c);
  assert(c);
  c->t = t;
  pthread_mutex_init(&c->lock, NULL);
  pthread_condattr_t monotonic;
  pthread_condattr_init(&monotonic);
  pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
  pthread_cond_init(&c->changed, &monotonic);
  pthread_condattr_destroy(&monotonic);
  begin_thread(c);
  pthread_mutex_lock(&c->lock);
  while (!c->opened)
    pthread_cond_wait(&c->changed, &c->lock);
  bool failed = c->failed;
  pthread_mutex_unlock(&c->lock);
  if (!failed)
    return c;
  pthread_join(c->thread, NULL);
  crew_free(c);
  diag_tool(d, "MPI does not start");
  return NULL;
}

crew *crew_join(diag *d) {
  const char *why;
  if (!transport_started())
    return NULL;
  const transport *t = transport_load(&why);
  if (!t) {
    diag_tool(d, "MPI started several of this program, which cannot use it: %s", why);
    return NULL;
  }
  return crew_join_by(t, d);
}

static void warn(const crew *c, diag *d) {
  for (const char *line = c->warnings.data; line && *line && !d->errors;) {
    size_t length = strcspn(line, "\n");
    diag_warn(d, "%.*s", (int)length, line);
    line += length + (line[length] == '\n');
  }
}

void crew_leave(crew *c, diag *d) {
  if (!c)
    return;
  pthread_mutex_lock(&c->lock);
  c->leaving = true;
  pthread_cond_broadcast(&c->changed);
  // MPI waits for all ranks that it believes to be alive; one that has stopped must not hold up the end.
  for (double until = clock_seconds() + PATIENCE; !c->closed && clock_seconds() < until;)
    wait_changed(c, 0.1);
  bool closed = c->closed;
  warn(c, d);
  pthread_mutex_unlock(&c->lock);
  if (!closed)
    return; // the thread has it still
  pthread_join(c->thread, NULL);
  crew_free(c);
}

// ---- the leader asks ----

void crew_lead(crew *c, const char *problem, crew_work work, void *context) {
  pthread_mutex_lock(&c->lock);
  free(c->problem);
  c->problem = strdup(problem);
  assert(c->problem);
  c->work = work;
  c->context = context;
  pthread_mutex_unlock(&c->lock);
}

void crew_expect(crew *c, const void *request, size_t size) {
  char *hash = hash_of(request, size);
  pthread_mutex_lock(&c->lock);
  if (item_of(c, hash))
    free(hash);
  else {
    item *i = calloc(1, sizeof *i), **last = &c->first;
    assert(i);
    *i = (item){.number = ++c->numbers, .hash = hash, .request = copy_of(request, size), .size = size};
    while (*last)
      last = &(*last)->next;
    *last = i;
    pthread_cond_broadcast(&c->changed);
  }
  pthread_mutex_unlock(&c->lock);
}

void crew_forget(crew *c) {
  pthread_mutex_lock(&c->lock);
  for (item *i; (i = first_waiting(c)) != NULL;)
    item_remove(c, i);
  pthread_mutex_unlock(&c->lock);
}

// Something else that is expected, in the time that an answer takes. Under the lock, which is free meanwhile.
static void help(crew *c, item *i) {
  diag ignored = {0}; // asked for, it is tried again
  str answer = {0};
  i->state = HERE;
  pthread_mutex_unlock(&c->lock);
  bool ok = c->work(c->context, i->request, i->size, &answer, &ignored);
  diag_free(&ignored);
  pthread_mutex_lock(&c->lock);
  i->answer = answer;
  settle(i, ok ? DONE : FAILED);
}

// Until it is no longer away. Under the lock.
static void await(crew *c, const char *hash) {
  for (item *i; !interrupted() && (i = item_of(c, hash)) && i->state == AWAY;) {
    item *other = first_waiting(c);
    if (other)
      help(c, other);
    else
      wait_changed(c, 0.05);
  }
}

bool crew_ask(crew *c, const void *request, size_t size, str *answer, diag *d) {
  char *hash = hash_of(request, size);
  pthread_mutex_lock(&c->lock);
  await(c, hash);
  item *i = item_of(c, hash);
  bool done = i && i->state == DONE;
  if (done)
    str_add_n(answer, i->answer.data ? i->answer.data : "", i->answer.len);
  if (i && i->state != AWAY)
    item_remove(c, i);
  pthread_mutex_unlock(&c->lock);
  free(hash);
  return done || (!interrupted() && c->work(c->context, request, size, answer, d));
}

// ---- the others serve ----

static void say(crew *c, int tag, const void *data, size_t size) {
  pthread_mutex_lock(&c->lock);
  while (c->outbox_tag)
    wait_changed(c, 0.05);
  c->outbox.len = 0;
  str_add_n(&c->outbox, data, size);
  c->outbox_tag = tag;
  pthread_cond_broadcast(&c->changed);
  pthread_mutex_unlock(&c->lock);
}

static transport_message next_work(crew *c) {
  pthread_mutex_lock(&c->lock);
  while (!c->inbox.data && !interrupted())
    wait_changed(c, 0.05);
  transport_message m = c->inbox;
  c->inbox = (transport_message){0};
  pthread_mutex_unlock(&c->lock);
  return m;
}

_Noreturn void crew_excuse(crew *c, const char *why) {
  say(c, EXCUSE, why, strlen(why));
  for (;;) // the thread ends the process
    pause();
}

_Noreturn void crew_serve(crew *c, const char *problem, crew_work work, void *context) {
  say(c, READY, problem, strlen(problem));
  while (!interrupted()) {
    transport_message m = next_work(c);
    if (!m.data)
      continue;
    str reply = {0}, answer = {0};
    diag ignored = {0};
    const char *data = m.data;
    char ok = (char)work(context, data + sizeof(uint64_t), m.size - sizeof(uint64_t), &answer, &ignored);
    str_add_n(&reply, data, sizeof(uint64_t));
    str_add_n(&reply, &ok, 1);
    str_add_n(&reply, answer.data ? answer.data : "", ok ? answer.len : 0);
    say(c, ANSWER, reply.data, reply.len);
    diag_free(&ignored);
    str_free(&answer);
    str_free(&reply);
    free(m.data);
  }
  crew_excuse(c, "it was told to stop");
}
