// SPDX-License-Identifier: Apache-2.0
//
// crew: several processes at one problem. The first, the leader, has requests; everybody can answer them, and an answer
// depends on nothing but its request. So it does not matter who answers, nor whether one is lost on the way: its
// request is somebody else's then. The leader asks as if it were alone, and says before what it is about to ask for.
#ifndef AXGEN_CREW_H
#define AXGEN_CREW_H

#include "compiler/base/base.h"
#include "compiler/ranks/transport.h"

typedef struct crew crew;

// What answers a request, in the thread that asks or serves. False with a message, or interrupted.
typedef bool (*crew_work)(void *context, const void *request, size_t size, str *answer, diag *d);

// Where MPI started several of these processes: their crew, of which all must be members. NULL: this process is alone,
// or (a message) they cannot speak with each other.
crew *crew_join(diag *d);
// The same over any transport (tests).
crew *crew_join_by(const transport *t, diag *d);
bool crew_leads(const crew *c);
int crew_size(const crew *c);
int crew_threads(const crew *c); // this member's share of the cores that it may use

// ---- the leader ----

// `problem` is a text of what answers depend on beside the requests. Whoever serves another one gets nothing to do.
void crew_lead(crew *c, const char *problem, crew_work work, void *context);
// This may be asked for soon: the first that has time may begin. How many to announce ahead: crew_ahead.
void crew_expect(crew *c, const void *request, size_t size);
size_t crew_ahead(const crew *c); // 0 where c is NULL
// The answer, from whoever has it; meanwhile the leader does what else is expected. A request that another member
// could not answer is tried here, for its message.
bool crew_ask(crew *c, const void *request, size_t size, str *answer, diag *d);
// What nobody has begun yet of what was expected will not be asked for.
void crew_forget(crew *c);
// The end of all members and of `c`; NULL is fine. Warns of those that were lost or could not help, if there was no
// error.
void crew_leave(crew *c, diag *d);

// ---- the others ----
// They end with the leader, whatever they are doing, and a while after it was lost.

_Noreturn void crew_serve(crew *c, const char *problem, crew_work work, void *context);
_Noreturn void crew_excuse(crew *c, const char *why); // cannot serve

#endif
