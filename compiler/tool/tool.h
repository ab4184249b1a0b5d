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
  void (*watch)(void *user); // or NULL: called about ten times a second while it runs
  void *user;
  size_t memory; // bytes of address space that it may have; 0: no limit
} tool_job;

// Full path of a program, or an error that names the Debian package which has it (exit code 3).
const char *tool_find(arena *a, const char *program, diag *d);

// Runs the job and waits. Not found, a non-zero exit, a signal, the time-out or more than TOOL_LOG_MAX bytes of
// messages is an error (exit code 3) that shows the command and the last lines of the log. Whatever ends the wait, the
// tool's end, the time-out, a signal to axgen or axgen's own end (also by SIGKILL), ends all processes that the tool
// started: with SIGTERM, two seconds later with SIGKILL. Ctrl-Z stops them, and their time. The tool's TMPDIR is a
// folder that goes when the tool has ended.
// Safe from several threads once the first temporary folder has been made.
enum { TOOL_LOG_MAX = 1 << 30 };
bool tool_run(const tool_job *job, diag *d);

// First line that a program prints which is asked for its version ("Yosys 0.23 ..."), or this.
#define TOOL_VERSION_UNKNOWN "unknown"
const char *tool_version(arena *a, const char *const *argv);

// A new empty folder under $TMPDIR (or /tmp), as an absolute path. It goes with all its contents by tool_temp_remove,
// or when axgen ends in any other way; unless tool_temp_keep says that the user wants it.
bool tool_temp_dir(arena *a, char **dir, diag *d);
void tool_temp_remove(const char *dir);
void tool_temp_keep(const char *dir);

#endif
