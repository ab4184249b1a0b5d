// SPDX-License-Identifier: Apache-2.0
//
// Netlists as text, their check and their statistics. The text:
//
//     axgen-netlist 1 8 8 16      version, bits of a, of b, of the output
//     AND 2 10                    one gate a line: kind and input nets; outputs are numbered as they come
//     FA 18 19 20
//     OUT 18 21 ...               the output nets, least significant first
//
// Nets 0 and 1 are the constants, then a's bits, b's bits, and each gate's outputs. `#` starts a comment.
#include "genlib/genlib.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

bool nl_check(const netlist *n, diag *d) {
  if (n->a_bits < 1 || n->b_bits < 1 || n->out_bits < 1 || n->a_bits > 32 || n->b_bits > 32 || n->out_bits > 64)
    return diag_error(d, "netlist: %d x %d -> %d bits; 1..32 inputs bits each and 1..64 output bits are possible",
                      n->a_bits, n->b_bits, n->out_bits);
  int32_t next = NET_FIRST_INPUT + n->a_bits + n->b_bits;
  for (size_t i = 0; i < n->count; i++) {
    const gate *g = &n->gates[i];
    if ((unsigned)g->kind >= GATE_KINDS)
      return diag_error(d, "netlist: gate %zu has the unknown kind %d", i, (int)g->kind);
    for (int k = 0; k < gate_inputs[g->kind]; k++)
      if (g->in[k] < 0 || g->in[k] >= next)
        return diag_error(d, "netlist: gate %zu (%s) reads net %d, but only nets 0..%d come before it", i,
                          gate_name[g->kind], g->in[k], next - 1);
    if (g->out != next)
      return diag_error(d, "netlist: gate %zu (%s) drives net %d; %d is next", i, gate_name[g->kind], g->out, next);
    next += gate_outputs[g->kind];
  }
  if (n->nets != next)
    return diag_error(d, "netlist: says %d nets, has %d", n->nets, next);
  for (int i = 0; i < n->out_bits; i++)
    if (n->out[i] < 0 || n->out[i] >= next)
      return diag_error(d, "netlist: output bit %d is net %d, which does not exist", i, n->out[i]);
  return true;
}

nl_statistics nl_stats(const netlist *n) {
  nl_statistics s = {0};
  int *level = calloc((size_t)n->nets, sizeof *level);
  for (size_t i = 0; i < n->count; i++) {
    const gate *g = &n->gates[i];
    s.count[g->kind]++;
    s.gates++;
    int at = 0;
    for (int k = 0; k < gate_inputs[g->kind]; k++)
      at = level[g->in[k]] > at ? level[g->in[k]] : at;
    at += g->kind == GATE_FA ? 2 : g->kind != GATE_BUF;
    for (int k = 0; k < gate_outputs[g->kind]; k++)
      level[g->out + k] = at;
  }
  for (int i = 0; i < n->out_bits; i++)
    s.depth = level[n->out[i]] > s.depth ? level[n->out[i]] : s.depth;
  free(level);
  return s;
}

void nl_print(const netlist *n, str *out) {
  str_printf(out, "axgen-netlist 1 %d %d %d\n", n->a_bits, n->b_bits, n->out_bits);
  size_t mark = 0;
  for (size_t i = 0; i < n->count; i++) {
    for (; mark < n->mark_count && n->marks[mark].gate <= i; mark++)
      str_printf(out, "# %s\n", n->marks[mark].label);
    const gate *g = &n->gates[i];
    str_add(out, gate_name[g->kind]);
    for (int k = 0; k < gate_inputs[g->kind]; k++)
      str_printf(out, " %d", g->in[k]);
    str_add(out, "\n");
  }
  str_add(out, "OUT");
  for (int i = 0; i < n->out_bits; i++)
    str_printf(out, " %d", n->out[i]);
  str_add(out, "\n");
}

typedef struct {
  const char *p;
  src_pos pos;
  const char *line_start;
} reader;

static src_pos here(reader *r) {
  r->pos.column = (int)(r->p - r->line_start) + 1;
  return r->pos;
}

static void skip_blanks(reader *r) {
  while (*r->p == ' ' || *r->p == '\t' || *r->p == '\r')
    r->p++;
  if (*r->p == '#')
    r->p += strcspn(r->p, "\n");
}

// Blank and comment lines, up to something to read or the end.
static void skip_lines(reader *r) {
  for (skip_blanks(r); *r->p == '\n'; skip_blanks(r)) {
    r->line_start = ++r->p;
    r->pos.line++;
  }
}

static bool read_number(reader *r, const char *what, int64_t lo, int64_t hi, int32_t *value, diag *d) {
  skip_blanks(r);
  int64_t v = 0;
  const char *q = r->p;
  while (isdigit((unsigned char)*q) && q - r->p < 10)
    v = v * 10 + (*q++ - '0');
  if (q == r->p || v < lo || v > hi || (*q && !isspace((unsigned char)*q) && *q != '#'))
    return diag_at(d, here(r), "%s: a number %lld..%lld was expected", what, (long long)lo, (long long)hi);
  r->p = q;
  *value = (int32_t)v;
  return true;
}

static bool end_of_line(reader *r, diag *d) {
  skip_blanks(r);
  return !*r->p || *r->p == '\n' || diag_at(d, here(r), "the end of the line was expected");
}

static bool read_header(reader *r, int32_t sizes[3], diag *d) {
  static const char magic[] = "axgen-netlist";
  skip_lines(r);
  if (strncmp(r->p, magic, sizeof magic - 1) != 0)
    return diag_at(d, here(r), "not a netlist: `axgen-netlist 1 A_BITS B_BITS OUT_BITS` was expected");
  r->p += sizeof magic - 1;
  int32_t version;
  return read_number(r, "version", 1, 1, &version, d) && read_number(r, "bits of a", 1, 32, &sizes[0], d) &&
         read_number(r, "bits of b", 1, 32, &sizes[1], d) &&
         read_number(r, "bits of the output", 1, 64, &sizes[2], d) && end_of_line(r, d);
}

static bool read_gate(reader *r, netlist *n, diag *d) {
  size_t len = strcspn(r->p, " \t\r\n#");
  int kind = 0;
  while (kind < GATE_KINDS && (strlen(gate_name[kind]) != len || strncmp(r->p, gate_name[kind], len) != 0))
    kind++;
  if (kind == GATE_KINDS)
    return diag_at(d, here(r), "a gate kind (BUF NOT AND OR XOR NAND NOR XNOR MUX HA FA) or OUT was expected");
  r->p += len;
  arena_grow(n->mem, n->gates, n->count, n->cap);
  gate *g = &n->gates[n->count];
  *g = (gate){.kind = (gate_kind)kind, .out = n->nets};
  for (int k = 0; k < gate_inputs[kind]; k++)
    if (!read_number(r, "input net", 0, n->nets - 1, &g->in[k], d))
      return false;
  n->count++;
  n->nets += gate_outputs[kind];
  return n->nets < 1 << 24 || diag_at(d, here(r), "more than %d nets", 1 << 24);
}

const netlist *nl_parse(arena *mem, const char *file, const char *text, diag *d) {
  reader r = {.p = text, .line_start = text, .pos = {.file = file, .line = 1, .column = 1, .text = text}};
  int32_t sizes[3];
  if (!read_header(&r, sizes, d))
    return NULL;
  netlist *n = arena_new_object(mem, netlist);
  *n = (netlist){.mem = mem, .a_bits = sizes[0], .b_bits = sizes[1], .out_bits = sizes[2]};
  n->nets = NET_FIRST_INPUT + n->a_bits + n->b_bits;
  n->out = arena_new_array(mem, int32_t, (size_t)n->out_bits);
  for (;;) {
    skip_lines(&r);
    if (!*r.p) {
      diag_at(d, here(&r), "the file ends before its OUT line");
      return NULL;
    }
    if (!strncmp(r.p, "OUT", 3) && strchr(" \t\r\n", r.p[3]))
      break;
    if (!read_gate(&r, n, d) || !end_of_line(&r, d))
      return NULL;
  }
  r.p += 3;
  for (int i = 0; i < n->out_bits; i++)
    if (!read_number(&r, "output net", 0, n->nets - 1, &n->out[i], d))
      return NULL;
  if (!end_of_line(&r, d))
    return NULL;
  skip_lines(&r);
  if (*r.p) {
    diag_at(d, here(&r), "nothing may follow the OUT line");
    return NULL;
  }
  return nl_check(n, d) ? n : NULL;
}
