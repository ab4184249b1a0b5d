// SPDX-License-Identifier: Apache-2.0
//
// tool: running other programs (Yosys, Verilator, Icarus, OpenSTA, the C++ compiler). Always argv, never a shell.
#ifndef AXGEN_TOOL_H
#define AXGEN_TOOL_H

#include "compiler/base/base.h"

typedef struct {
  const char *const *argv; // NULL-terminated; argv[0] is looked up in PATH
  const char *dir; // working folder, or NULL
  const char *log; // file that takes stdout and stderr (relative to the caller's folder), or NULL: thrown away
  double timeout_s; // 0: none
} tool_job;

// Full path of a program, or an error that names the Debian package which has it (exit code 3).
const char *tool_find(arena *a, const char *program, diag *d);

// Runs the job and waits. Not found, a non-zero exit, a signal or the time-out is an error (exit code 3) that shows the
// command and the last lines of the log. Ctrl-C ends the child's process group too.
bool tool_run(const tool_job *job, diag *d);

// First line that `program flag` prints ("Yosys 0.23 ..."), or "unknown".
const char *tool_version(arena *a, const char *program, const char *flag);

// A new empty folder under $TMPDIR (or /tmp), removed with all its contents by tool_temp_remove.
bool tool_temp_dir(arena *a, char **dir, diag *d);
void tool_temp_remove(const char *dir);

#endif
