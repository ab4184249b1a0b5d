// SPDX-License-Identifier: Apache-2.0
//
// source: somebody's Verilog before any tool sees it. We read the files ourselves: comments, macros, conditions and
// includes are gone afterwards, each line of the text knows where it is from, and of the modules only those that are
// wanted are handed on. So no tool opens a file that a source names, and nothing hides from the checks.
#ifndef AXGEN_IMPORT_SOURCE_H
#define AXGEN_IMPORT_SOURCE_H

#include "compiler/base/base.h"

enum { SOURCE_MAX = 16 << 20 }; // bytes of all files together, and of the text

typedef struct {
  const char *file;
  int line;
} source_place;

typedef struct {
  const char *name; // without the backslash of an escaped name
  size_t start, end; // in the text: `module` to behind `endmodule`
  int line; // of the text, from 0
  bool module; // else a primitive, program, class or the like
  int ports;
  int *uses; // modules that it instantiates
  size_t use_count, use_cap;
  // The first thing in it that is refused: a system task or function that is not pure, an import of C; NULL: nothing.
  const char *refused;
  int refused_line;
} source_module;

typedef struct {
  arena *mem;
  char *text;
  size_t size;
  const source_place *places; // of each line of the text
  size_t lines;
  source_module *modules; // in the order of the text
  size_t count, cap;
  source_module outside; // what lies in no module: `refused`
} source;

// Reads the files, in their order, like one. `include` finds files beside the including one and in the `folders`, and
// takes none that lies outside of these and of the files' own folders. Bounded in size, depth and expansions.
bool source_read(arena *mem, const char *const *files, size_t count, const char *const *folders, size_t folder_count,
                 source *out, diag *d);
// Index of the module of that name, or -1.
int source_find(const source *s, const char *name);
const source_place *source_place_of(const source *s, int line);
// The text in which all modules but `top` and what it needs are blank; the lines stay. NULL after an error: something
// in what is left is refused.
const char *source_select(const source *s, int top, diag *d);
// Whether a simulator can do no more with the text than compute: no `$` but of pure functions, no backtick but of our
// own. True of the raw text, however a simulator's lexer divides it.
bool source_is_pure(const char *text);
// Whether a system function is a function of its arguments alone; its name without the `$`.
bool source_is_pure_function(const char *name, size_t length);
// A tool's message with `NAME:LINE` in the user's files and lines.
const char *source_translate(const source *s, const char *message, const char *name);

// source_modules.c: finds the modules of the text.
bool source_modules(source *s, diag *d);
// source_check.c: that every lexer divides this part of the text as we do, and can do no more with it than compute.
bool source_check(const source *s, const char *text, diag *d);

#endif
