// SPDX-License-Identifier: Apache-2.0
#ifndef AXGEN_TOOL_INTERNAL_H
#define AXGEN_TOOL_INTERNAL_H

#include "compiler/tool/tool.h"

#include <sys/types.h>

// A tool that is about to start: everything is ready before the fork.
typedef struct {
  const char *program; // full path
  const char *const *argv;
  char *const *env;
  const char *dir; // or NULL
  int log; // takes stdout and stderr
  size_t memory; // bytes of address space; 0: no limit
} tool_launch;

// A tool under its supervisor, a process of its own that outlives axgen for as long as it takes to end the tool and all
// that the tool started: on SIGTERM to the supervisor, or as soon as axgen is gone, however it went.
typedef struct tool_process {
  pid_t supervisor;
  pid_t tool; // leads its process group; 0: not known yet
  int report; // readable when there is something to tell
  struct tool_process *next; // another one that is waited for
} tool_process;

bool supervise(const tool_launch *launch, tool_process *out); // false: errno says why
// What the report holds: 1 the tool ended, with its wait status; 0 nothing yet; -1 the supervisor died.
int supervise_read(tool_process *p, int *status);
void supervise_end(tool_process *p); // after that; waits for the supervisor

// In a helper process that has just been forked: leaves axgen's session, streams and name.
void supervise_detach(const char *name);
void supervise_let_go(void); // supervisors end their tools as if this process had ended

enum { TOOL_GRACE_MS = 2000 }; // between SIGTERM and SIGKILL

#endif
