// SPDX-License-Identifier: Apache-2.0
//
// Yosys's JSON: the flat module of simple gates as a netlist.
#include "compiler/base/json.h"
#include "genlib/import/import_internal.h"

#include <string.h>

enum { MAX_BIT = 1 << 22, UNDEFINED = -2, MAX_DEPTH = 20000 };

// ", file:12", or "".
static const char *line_of(import_job *j, const cJSON *cell) {
  const char *place = import_place(j, cell);
  return *place ? arena_printf(j->mem, ", %s", place) : "";
}

// ---- netlist -----------------------------------------------------------------------------------------------------
static const struct kind {
  const char *type;
  const char *in[4], *out[2];
} kinds[] = {
    {"$_BUF_", {"A"}, {"Y"}},
    {"$_NOT_", {"A"}, {"Y"}},
    {"$_AND_", {"A", "B"}, {"Y"}},
    {"$_OR_", {"A", "B"}, {"Y"}},
    {"$_XOR_", {"A", "B"}, {"Y"}},
    {"$_NAND_", {"A", "B"}, {"Y"}},
    {"$_NOR_", {"A", "B"}, {"Y"}},
    {"$_XNOR_", {"A", "B"}, {"Y"}},
    {"$_ANDNOT_", {"A", "B"}, {"Y"}},
    {"$_ORNOT_", {"A", "B"}, {"Y"}},
    {"$_MUX_", {"S", "A", "B"}, {"Y"}},
    {"$_NMUX_", {"S", "A", "B"}, {"Y"}},
    {IMPORT_HA, {"a", "b"}, {"s", "co"}},
    {IMPORT_FA, {"a", "b", "ci"}, {"s", "co"}},
};

typedef struct {
  const cJSON *json;
  const struct kind *kind;
  int32_t in[3], out[2]; // Yosys bits; 0 and 1 the constants, UNDEFINED, -1 not connected
  enum { FRESH, OPEN, DONE } state;
} element;

typedef struct {
  import_job *j;
  netlist *n;
  element *elements;
  size_t count, cap;
  int32_t *net; // by Yosys bit: our net, or -1
  int32_t *driver; // by Yosys bit: the element, or -1
  int depth;
  import_care care;
  const cJSON *module;
} builder;

static bool read_bit(builder *b, const cJSON *bit, int32_t *out) {
  if (cJSON_IsString(bit) && (!strcmp(bit->valuestring, "0") || !strcmp(bit->valuestring, "1"))) {
    *out = bit->valuestring[0] - '0';
    return true;
  }
  if (!cJSON_IsNumber(bit)) { // x or z: 0 will do; where the product depends on it, the proof shows it
    *out = b->care ? UNDEFINED : 0;
    return true;
  }
  int64_t number;
  if (!json_whole(bit, 2, MAX_BIT - 1, &number))
    return import_refuse(b->j, "it has more than %d nets", MAX_BIT);
  *out = (int32_t)number;
  return true;
}

static bool refuse_kind(builder *b, const cJSON *cell) {
  const char *type = import_text_of(cell, "type"), *line = line_of(b->j, cell);
  static const char *const state[][2] = {
      {"DLATCH", "a latch"}, {"dlatch", "a latch"},   {"_SR_", "a latch"},       {"$sr", "a latch"},
      {"DFF", "a register"}, {"dff", "a register"},   {"_FF_", "a register"},    {"$ff", "a register"},
      {"$mem", "a memory"},  {"TBUF", "a tri-state"}, {"tribuf", "a tri-state"},
  };
  for (size_t i = 0; i < BASE_COUNT(state); i++)
    if (strstr(type, state[i][0]))
      return import_refuse(b->j, "it holds %s (%s%s); only combinational circuits are taken", state[i][1], type, line);
  return import_refuse(b->j, "it holds a %s%s, which is no gate", type, line);
}

static bool read_element(builder *b, const cJSON *cell) {
  const char *type = import_text_of(cell, "type"), *line = line_of(b->j, cell);
  size_t k = 0;
  while (k < BASE_COUNT(kinds) && strcmp(kinds[k].type, type) != 0)
    k++;
  if (k == BASE_COUNT(kinds))
    return refuse_kind(b, cell);
  arena_grow(b->j->mem, b->elements, b->count, b->cap);
  element *e = &b->elements[b->count];
  *e = (element){.json = cell, .kind = &kinds[k], .in = {-1, -1, -1}, .out = {-1, -1}};
  const cJSON *pins = import_get(cell, "connections");
  for (int i = 0; kinds[k].in[i]; i++) {
    const cJSON *pin = import_get(pins, kinds[k].in[i]);
    if (!pin || !pin->child)
      return import_refuse(b->j, "input %s of a %s is not connected%s", kinds[k].in[i], type, line);
    if (!read_bit(b, pin->child, &e->in[i]))
      return false;
  }
  for (int i = 0; i < 2 && kinds[k].out[i]; i++) {
    const cJSON *pin = import_get(pins, kinds[k].out[i]);
    if (!pin || !pin->child)
      continue;
    if (!read_bit(b, pin->child, &e->out[i]))
      return false;
    if (e->out[i] < 2 || b->driver[e->out[i]] >= 0 || b->net[e->out[i]] >= 0)
      return import_refuse(b->j, "the net %s, which a %s drives, has another driver%s",
                           import_net_name(b->j, b->module, e->out[i]), type, line);
    b->driver[e->out[i]] = (int32_t)b->count;
  }
  b->count++;
  return true;
}

// The same as the functions of genlib, without their simplifications.
static int32_t plain_gate(netlist *n, gate_kind kind, int32_t x, int32_t y, int32_t z) {
  arena_grow(n->mem, n->gates, n->count, n->cap);
  gate *g = &n->gates[n->count++];
  *g = (gate){.kind = kind, .in = {x, y, z}, .out = n->nets};
  n->nets += gate_outputs[kind];
  return g->out;
}

static int32_t invert(builder *b, int32_t x) {
  return b->care == IMPORT_PLAIN ? plain_gate(b->n, GATE_NOT, x, 0, 0) : nl_not(b->n, x);
}
static int32_t gate2(builder *b, gate_kind kind, int32_t x, int32_t y) {
  return b->care == IMPORT_PLAIN ? plain_gate(b->n, kind, x, y, 0) : nl_gate2(b->n, kind, x, y);
}
static int32_t mux(builder *b, int32_t sel, int32_t zero, int32_t one) {
  return b->care == IMPORT_PLAIN ? plain_gate(b->n, GATE_MUX, sel, zero, one) : nl_mux(b->n, sel, zero, one);
}

static void make(builder *b, element *e, const int32_t in[3]) {
  const char *t = e->kind->type;
  int32_t out[2] = {0, 0};
  static const struct {
    const char *type;
    gate_kind kind;
  } two[] = {{"$_AND_", GATE_AND},   {"$_OR_", GATE_OR},   {"$_XOR_", GATE_XOR},
             {"$_NAND_", GATE_NAND}, {"$_NOR_", GATE_NOR}, {"$_XNOR_", GATE_XNOR}};
  size_t k = 0;
  while (k < BASE_COUNT(two) && strcmp(two[k].type, t) != 0)
    k++;
  if (k < BASE_COUNT(two))
    out[0] = gate2(b, two[k].kind, in[0], in[1]);
  else if (!strcmp(t, "$_BUF_"))
    out[0] = in[0];
  else if (!strcmp(t, "$_NOT_"))
    out[0] = invert(b, in[0]);
  else if (!strcmp(t, "$_ANDNOT_"))
    out[0] = gate2(b, GATE_AND, in[0], invert(b, in[1]));
  else if (!strcmp(t, "$_ORNOT_"))
    out[0] = gate2(b, GATE_OR, in[0], invert(b, in[1]));
  else if (!strcmp(t, "$_MUX_"))
    out[0] = mux(b, in[0], in[1], in[2]);
  else if (!strcmp(t, "$_NMUX_"))
    out[0] = invert(b, mux(b, in[0], in[1], in[2]));
  else if (!strcmp(t, IMPORT_HA))
    nl_ha(b->n, in[0], in[1], &out[0], &out[1]);
  else
    nl_fa(b->n, in[0], in[1], in[2], &out[0], &out[1]);
  for (int i = 0; i < 2; i++)
    if (e->out[i] >= 0)
      b->net[e->out[i]] = out[i];
}

// The net that carries Yosys's bit, built with all that it depends on.
static bool build(builder *b, int32_t bit, int32_t *net) {
  if (bit == UNDEFINED)
    return import_refuse(b->j,
                         "its %s depends on an undefined constant (x or z), which is refused above 16 bits of "
                         "operands together",
                         import_result(b->j));
  if ((*net = b->net[bit]) >= 0)
    return true;
  if (b->driver[bit] < 0)
    return import_refuse(b->j, "the net %s, on which the %s depends, has no driver",
                         import_net_name(b->j, b->module, bit), import_result(b->j));
  assert(b->elements);
  element *e = &b->elements[b->driver[bit]];
  if (e->state == OPEN)
    return import_refuse(b->j, "a combinational loop goes through %s%s", import_net_name(b->j, b->module, bit),
                         line_of(b->j, e->json));
  e->state = OPEN;
  int32_t in[3] = {0, 0, 0};
  if (++b->depth > MAX_DEPTH)
    return import_refuse(b->j, "a path of more than %d gates", MAX_DEPTH);
  for (int i = 0; e->kind->in[i]; i++)
    if (!build(b, e->in[i], &in[i]))
      return false;
  b->depth--;
  make(b, e, in);
  e->state = DONE;
  *net = b->net[bit];
  return true;
}

static bool bind_input(builder *b, const cJSON *ports, const import_port *p, int first) {
  const cJSON *bits = import_get(import_get(ports, p->name), "bits");
  int i = 0;
  for (const cJSON *bit = bits ? bits->child : NULL; bit; bit = bit->next, i++) {
    int32_t number = 0;
    if (!read_bit(b, bit, &number))
      return false;
    if (number < 2 || b->net[number] >= 0)
      return import_refuse(b->j, "the input port `%s` is driven inside", p->name);
    b->net[number] = NET_FIRST_INPUT + first + i;
  }
  return i == p->bits || import_refuse(b->j, "the port `%s` has changed its width", p->name);
}

static bool build_all(builder *b, const cJSON *top) {
  const cJSON *ports = import_get(top, "ports"), *cells = import_get(top, "cells"),
              *out = import_get(import_get(ports, b->j->p.name), "bits");
  if (!import_get(ports, b->j->a.name) || !import_get(ports, b->j->b.name) || cJSON_GetArraySize(out) != b->j->p.bits)
    return import_refuse(b->j, "it has lost its ports");
  if (!bind_input(b, ports, &b->j->a, 0) || !bind_input(b, ports, &b->j->b, b->j->a.bits))
    return false;
  for (const cJSON *c = json_members(cells); c; c = c->next)
    if (!read_element(b, c))
      return false;
  int i = 0;
  for (const cJSON *bit = out->child; bit; bit = bit->next, i++) {
    int32_t number = 0;
    b->depth = 0;
    if (!read_bit(b, bit, &number) || !build(b, number, &b->n->out[i]))
      return false;
  }
  return true;
}

// The greatest bit that a port or pin in it names, for the arrays by bit.
static int32_t most_bit(const cJSON *o) {
  int32_t most = 1;
  for (const cJSON *c = o ? o->child : NULL; c; c = c->next) {
    int64_t bit = 0;
    if (!json_whole(c, 2, MAX_BIT - 1, &bit))
      bit = most_bit(c);
    most = bit > most ? (int32_t)bit : most;
  }
  return most;
}

const netlist *import_netlist(import_job *j, const char *json_path, import_care care) {
  cJSON *root = import_read_json(j, json_path);
  if (!root)
    return NULL;
  builder b = {.j = j, .n = nl_new(j->mem, j->a.bits, j->b.bits, j->p.bits), .care = care};
  const cJSON *top = import_get(import_get(root, "modules"), j->module);
  b.module = top;
  int32_t bits = most_bit(top) + 1; // cJSON bounds the nesting
  b.net = arena_new_array(j->mem, int32_t, (size_t)bits);
  b.driver = arena_new_array(j->mem, int32_t, (size_t)bits);
  for (int i = 0; i < bits; i++)
    b.net[i] = i < 2 ? i : -1, b.driver[i] = -1;
  bool ok = top ? build_all(&b, top) : import_refuse(j, "Yosys has lost it");
  cJSON_Delete(root);
  const netlist *n = !ok ? NULL : care == IMPORT_PLAIN ? b.n : nl_finish(b.n);
  return n && nl_check(n, j->d) ? n : NULL;
}
