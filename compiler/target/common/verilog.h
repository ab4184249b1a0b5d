// SPDX-License-Identifier: Apache-2.0
//
// verilog: a small writer of Verilog-2005: the head of a module, constants, wires, instances. Names and expressions are
// the caller's, who has them from a scope (genlib/scope.h) or wrote them; comments are for escape_comment.
#ifndef AXGEN_TARGET_VERILOG_H
#define AXGEN_TARGET_VERILOG_H

#include "compiler/base/base.h"

// A list of what an instance's parameters or ports get. Zeroed but for `mem`.
typedef struct {
  const char *name, *value; // of a parameter or port, and the expression that it gets; name NULL: a row ends here
  const char *constant; // what is written instead: a constant of that value in the module around; NULL: the value
} verilog_binding;
typedef struct {
  arena *mem;
  verilog_binding *list;
  size_t count, cap;
} verilog_bindings;
void verilog_bind(verilog_bindings *b, const char *name, const char *format, ...) BASE_PRINTF(3, 4);
// .name(name) for each; NULL at the end.
void verilog_bind_same(verilog_bindings *b, const char *const *names);
// The next ones stand on a row of their own.
void verilog_row(verilog_bindings *b);
// A stream's three nets at the ports PORT_valid, PORT_ready, PORT_data, as a row.
void verilog_bind_stream(verilog_bindings *b, const char *port, const char *valid, const char *ready, const char *data);

typedef struct {
  const char *name, *value, *comment; // comment: NULL: none
} verilog_parameter;
typedef struct {
  const char *name, *range; // range: "[7:0]"; "" for one bit
  bool output;
  const char *comment; // NULL: none
} verilog_port;
// From `module` to `);`: one parameter and one port a line, in columns. No parameters: parameters NULL, 0.
void verilog_module(const char *name, const verilog_parameter *parameters, size_t parameter_count,
                    const verilog_port *ports, size_t port_count, str *out);

// "[BITS-1:0]"; "" for one bit where `plain`.
char *verilog_range(arena *mem, int64_t bits);
// wire name, name ...; each of one bit (NULL at the end), and of `bits` bits as [bits-1:0].
void verilog_wires(const char *const *names, str *out);
void verilog_wire(const char *name, int64_t bits, str *out);
void verilog_constant(const char *name, const char *value, str *out); // localparam integer

// `module` as an instance. Parameters stand on its first line where they are few and short, else in rows of their own
// of at most VERILOG_COLUMNS; ports in the rows that they were bound in. Either may be NULL.
enum { VERILOG_COLUMNS = 120 };
void verilog_instance(const char *module, const char *name, const verilog_bindings *parameters,
                      const verilog_bindings *ports, str *out);
// The end of a module that is the last of its file.
void verilog_end(str *out);

#endif
