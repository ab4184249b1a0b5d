// SPDX-License-Identifier: Apache-2.0
//
// scope: the names of one Verilog name space: the modules of a design, or what is declared in one module. Every name
// that comes from outside (a layer's, a multiplier's) becomes an identifier here, and no two things get the same one.
#ifndef AXGEN_GENLIB_SCOPE_H
#define AXGEN_GENLIB_SCOPE_H

#include "genlib/genlib.h"

typedef struct scope scope;

// An empty name space. The keywords of Verilog-2005 and SystemVerilog-2017, and all names that begin with axgen_ or tb_
// (the cores and testbenches), are taken from the start.
scope *scope_new(arena *mem);

// Takes a name that is fixed by its writer: a port, an instance. The name must be free; it may begin with axgen_.
const char *scope_take(scope *s, const char *name);

// An identifier as near to the wish as possible: letters, digits and `_`, no digit first, at most SCOPE_LONGEST
// characters; when that is taken, with _2, _3 ... at its end. Names that differ in case alone count as equal, because
// names become files. Never fails; the same wishes in the same order give the same names.
enum { SCOPE_LONGEST = 96 };
const char *scope_name(scope *s, const char *format, ...) BASE_PRINTF(2, 3);

// Whether a word is a keyword, of those above.
bool scope_keyword(const char *word, size_t n);

// The multipliers of one design as modules: list[i] is muls[i], with an `ident` from the scope. What is equal in name
// and in circuit (mul_same_circuit) is one module and the same pointer; what shares a name only gets one of its own.
// NULL entries stay NULL.
const mul **scope_multipliers(arena *mem, scope *s, const mul *const *muls, size_t count);

// The same widths, signs and gates; where one has no gates, the same widths, signs and products.
bool mul_same_circuit(const mul *x, const mul *y);

#endif
