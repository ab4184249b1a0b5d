// SPDX-License-Identifier: Apache-2.0
#include "compiler/target/common/verilog.h"

#include <string.h>

// ---- what an instance gets ----------------------------------------------------------------------------------------
static verilog_binding *add(verilog_bindings *b) {
  arena_grow(b->mem, b->list, b->count, b->cap);
  return &b->list[b->count++];
}

void verilog_bind(verilog_bindings *b, const char *name, const char *format, ...) {
  str text = {0};
  va_list ap;
  va_start(ap, format);
  str_vprintf(&text, format, ap);
  va_end(ap);
  *add(b) = (verilog_binding){.name = name, .value = arena_strdup(b->mem, text.data ? text.data : "")};
  str_free(&text);
}

void verilog_bind_same(verilog_bindings *b, const char *const *names) {
  for (; *names; names++)
    *add(b) = (verilog_binding){.name = *names, .value = *names};
}

void verilog_row(verilog_bindings *b) {
  if (b->count && b->list[b->count - 1].name)
    *add(b) = (verilog_binding){0};
}

void verilog_bind_stream(verilog_bindings *b, const char *port, const char *valid, const char *ready,
                         const char *data) {
  verilog_row(b);
  verilog_bind(b, arena_printf(b->mem, "%s_valid", port), "%s", valid);
  verilog_bind(b, arena_printf(b->mem, "%s_ready", port), "%s", ready);
  verilog_bind(b, arena_printf(b->mem, "%s_data", port), "%s", data);
  verilog_row(b);
}

// ---- a module -----------------------------------------------------------------------------------------------------
static int wider(int width, const char *text) { return (int)strlen(text) > width ? (int)strlen(text) : width; }

// A comma, blanks, a comment.
static void end_of_line(bool last, int pad, const char *comment, str *out) {
  str_add(out, last ? "" : ",");
  if (comment)
    str_printf(out, "%*s // %s", pad, "", comment);
  str_add(out, "\n");
}

static void write_parameters(const verilog_parameter *p, size_t count, str *out) {
  int name = 0, value = 0;
  for (size_t i = 0; i < count; i++)
    name = wider(name, p[i].name), value = wider(value, p[i].value);
  str_add(out, " #(\n");
  for (size_t i = 0; i < count; i++) {
    str_printf(out, "    parameter %-*s = %s", name, p[i].name, p[i].value);
    bool last = i + 1 == count; // has no comma
    end_of_line(last, value - (int)strlen(p[i].value) + last, p[i].comment, out);
  }
  str_add(out, ")");
}

void verilog_module(const char *name, const verilog_parameter *parameters, size_t parameter_count,
                    const verilog_port *ports, size_t port_count, str *out) {
  int range = 0;
  for (size_t i = 0; i < port_count; i++)
    range = wider(range, ports[i].range);
  str_printf(out, "module %s", name);
  if (parameter_count)
    write_parameters(parameters, parameter_count, out);
  str_add(out, " (\n");
  for (size_t i = 0; i < port_count; i++) {
    const verilog_port *p = &ports[i];
    str_printf(out, "    %s wire %-*s%s%s", p->output ? "output" : "input ", range, p->range, range ? " " : "",
               p->name);
    end_of_line(i + 1 == port_count, 0, p->comment, out);
  }
  str_add(out, ");\n");
}

char *verilog_range(arena *mem, int64_t bits) { return arena_printf(mem, "[%lld:0]", (long long)bits - 1); }

void verilog_wires(const char *const *names, str *out) {
  for (const char *const *n = names; *n; n++)
    str_printf(out, "%s%s", n == names ? "    wire " : ", ", *n);
  str_add(out, ";\n");
}

void verilog_wire(const char *name, int64_t bits, str *out) {
  str_printf(out, "    wire [%lld:0] %s;\n", (long long)bits - 1, name);
}

void verilog_constant(const char *name, const char *value, str *out) {
  str_printf(out, "    localparam integer %-10s = %s;\n", name, value);
}

void verilog_end(str *out) { str_add(out, "endmodule\n\n`default_nettype wire\n"); }

// ---- an instance --------------------------------------------------------------------------------------------------
static const char *value_of(const verilog_binding *b) { return b->constant ? b->constant : b->value; }

// All on one line, `.name(value), ...`; rows are not looked at.
static void write_line(const verilog_bindings *b, str *out) {
  bool any = false;
  for (size_t i = 0; i < b->count; i++)
    if (b->list[i].name) {
      str_printf(out, "%s.%s(%s)", any ? ", " : "", b->list[i].name, value_of(&b->list[i]));
      any = true;
    }
}

// In rows: where one was asked for, and where a line would be longer than VERILOG_COLUMNS.
static void write_rows(const verilog_bindings *b, str *out) {
  const size_t indent = 8;
  size_t column = 0;
  bool row = true; // the next one begins a row
  for (size_t i = 0; i < b->count; i++) {
    const verilog_binding *x = &b->list[i];
    if (!x->name) {
      row = true;
      continue;
    }
    size_t length = strlen(x->name) + strlen(value_of(x)) + strlen(".(), ");
    row |= column + length > VERILOG_COLUMNS + 1; // without the blank at its end
    str_printf(out, "%s%*s.%s(%s)", !column ? "" : row ? ",\n" : ", ", row ? (int)indent : 0, "", x->name, value_of(x));
    column = (row ? indent : column) + length;
    row = false;
  }
  str_add(out, "\n");
}

void verilog_instance(const char *module, const char *name, const verilog_bindings *parameters,
                      const verilog_bindings *ports, str *out) {
  enum { FEW = 4 };
  str_printf(out, "    %s", module);
  if (parameters && parameters->count) {
    str line = {0};
    write_line(parameters, &line);
    bool fits =
        parameters->count <= FEW && line.len + strlen(module) + strlen(name) + strlen("     #()  (") <= VERILOG_COLUMNS;
    str_add(out, fits ? " #(" : " #(\n");
    if (fits)
      str_add(out, line.data);
    else
      write_rows(parameters, out);
    str_add(out, fits ? ")" : "    )");
    str_free(&line);
  }
  str_printf(out, " %s (\n", name);
  if (ports)
    write_rows(ports, out);
  str_add(out, "    );\n");
}
