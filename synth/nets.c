// SPDX-License-Identifier: Apache-2.0
//
// The nets of a mapped module, from what Yosys wrote as JSON.
#include "compiler/base/json.h"
#include "synth/internal.h"

#include <string.h>

enum { MAX_NET = 1 << 26 };

typedef struct {
  arena *mem;
  const liberty *lib;
  synth_module *m;
  diag *d;
} reader;

static bool bad(reader *r, const char *what, const char *name) {
  return diag_tool(r->d, "%s: Yosys wrote %s of %s that cannot be read", r->m->name, what, name);
}

// "0", "1", "x" and "z" are constants; what is not known is 0, as for the mapping (setundef -zero).
static bool read_bits(reader *r, const cJSON *list, const char *name, synth_port *out) {
  int32_t *nets = arena_new_array(r->mem, int32_t, (size_t)cJSON_GetArraySize(list) + 1);
  out->name = arena_strdup(r->mem, name);
  for (const cJSON *bit = cJSON_IsArray(list) ? list->child : NULL; bit; bit = bit->next) {
    int64_t number = cJSON_IsString(bit) && strcmp(bit->valuestring, "1") == 0;
    if (!cJSON_IsString(bit) && !json_whole(bit, 2, MAX_NET, &number))
      return bad(r, "a net", name);
    nets[out->width++] = (int32_t)number;
    r->m->nets = number >= r->m->nets ? (int32_t)number + 1 : r->m->nets;
  }
  out->nets = nets;
  return true;
}

static bool read_gate(reader *r, const cJSON *cell, const liberty_cell *lc, mapped_cell *out) {
  int32_t *nets = arena_new_array(r->mem, int32_t, lc->pin_count);
  for (size_t i = 0; i < lc->pin_count; i++)
    nets[i] = -1;
  for (const cJSON *c = json_members(json_member(cell, "connections")); c; c = c->next) {
    int pin = liberty_pin_index(lc, c->string);
    synth_port bit = {0};
    if (pin < 0 || !read_bits(r, c, c->string, &bit) || bit.width > 1)
      return bad(r, "the pins", cell->string);
    if (bit.width)
      nets[pin] = bit.nets[0];
  }
  *out = (mapped_cell){arena_strdup(r->mem, cell->string), lc, nets};
  return true;
}

static bool read_pins(reader *r, const cJSON *connections, const synth_port **out, size_t *count) {
  size_t cap = 0;
  synth_port *pins = NULL;
  for (const cJSON *c = json_members(connections); c; c = c->next) {
    synth_port pin = {0};
    if (!read_bits(r, c, c->string, &pin))
      return false;
    arena_grow(r->mem, pins, *count, cap);
    pins[(*count)++] = pin;
  }
  *out = pins;
  return true;
}

// Which of the module's texts the parameter INIT_FILE is.
static int text_of(const synth_module *m, const cJSON *cell) {
  const cJSON *p = cJSON_GetObjectItemCaseSensitive(json_member(cell, "parameters"), "INIT_FILE");
  const char *text = cJSON_IsString(p) ? p->valuestring : "";
  int64_t number = -1;
  if (m->text_count && strncmp(text, SYNTH_TEXT, strlen(SYNTH_TEXT)) == 0)
    whole_text(text + strlen(SYNTH_TEXT), 10, 0, (int64_t)m->text_count - 1, &number, NULL);
  return (int)number;
}

static bool read_cells(reader *r, const cJSON *cells) {
  mapped_cell *gates = arena_new_array(r->mem, mapped_cell, (size_t)cJSON_GetArraySize(cells) + 1);
  synth_instance *instance = (synth_instance *)r->m->instances; // they stand in the same order
  for (const cJSON *cell = json_members(cells); cell; cell = cell->next) {
    const cJSON *type = cJSON_GetObjectItemCaseSensitive(cell, "type");
    const liberty_cell *lc = liberty_find(r->lib, cJSON_IsString(type) ? type->valuestring : "");
    if (lc) {
      if (!read_gate(r, cell, lc, &gates[r->m->gate_count++]))
        return false;
    } else if (cJSON_IsString(type) && strncmp(type->valuestring, SYNTH_CHILD, strlen(SYNTH_CHILD)) == 0) {
      instance->text = text_of(r->m, cell);
      if (!read_pins(r, json_member(cell, "connections"), &instance->pins, &instance->pin_count))
        return false;
      instance++;
    }
  }
  r->m->placed = gates;
  return true;
}

static bool read_ports(reader *r, const cJSON *ports) {
  synth_port *list = arena_new_array(r->mem, synth_port, (size_t)cJSON_GetArraySize(ports) + 1);
  for (const cJSON *p = json_members(ports); p; p = p->next) {
    const cJSON *way = cJSON_GetObjectItemCaseSensitive(p, "direction");
    synth_port *port = &list[r->m->port_count++];
    if (!cJSON_IsString(way) || !read_bits(r, cJSON_GetObjectItemCaseSensitive(p, "bits"), p->string, port))
      return bad(r, "a port", p->string ? p->string : "?");
    port->input = strcmp(way->valuestring, "input") == 0;
  }
  r->m->ports = list;
  return true;
}

bool synth_read_nets(arena *mem, const liberty *lib, const cJSON *json, synth_module *m, diag *d) {
  reader r = {mem, lib, m, d};
  m->nets = 2;
  m->gate_count = m->port_count = 0;
  return read_cells(&r, json_member(json, "cells")) && read_ports(&r, json_member(json, "ports"));
}
