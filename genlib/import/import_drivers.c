// SPDX-License-Identifier: Apache-2.0
//
// Who drives what, in the user's names and lines: nets with two drivers, before any optimisation can hide one.
#include "compiler/base/json.h"
#include "genlib/import/import_internal.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_BIT = 1 << 22 };

// The number of a net, or -1: a constant, or nothing that Yosys writes.
static int number_of(const cJSON *bit) {
  int64_t number;
  return json_whole(bit, 2, MAX_BIT - 1, &number) ? (int)number : -1;
}

static bool is_set(const cJSON *flag) { return cJSON_IsNumber(flag) && flag->valuedouble != 0; }

// Lower is better: hidden names last, then those inside of instances.
static int rank(const cJSON *net) {
  const cJSON *hidden = import_get(net, "hide_name");
  return (is_set(hidden) ? 2 : 0) + (import_get(import_get(net, "attributes"), "hdlname") != NULL);
}

const char *import_net_name(import_job *j, const cJSON *module, int number) {
  const cJSON *best = NULL;
  int place = 0;
  for (const cJSON *net = json_members(import_get(module, "netnames")); net; net = net->next) {
    int i = 0;
    for (const cJSON *bit = import_get(net, "bits") ? import_get(net, "bits")->child : NULL; bit; bit = bit->next, i++)
      if (number_of(bit) == number && (!best || rank(net) < rank(best)))
        best = net, place = i;
  }
  if (!best || rank(best) >= 2)
    return "a net without a name";
  const cJSON *offset = import_get(best, "offset"), *upto = import_get(best, "upto");
  int size = cJSON_GetArraySize(import_get(best, "bits"));
  if (size == 1)
    return arena_printf(j->mem, "`%s`", best->string);
  int64_t index = is_set(upto) ? size - 1 - place : place, first = 0;
  json_whole(offset, INT32_MIN, INT32_MAX, &first);
  return arena_printf(j->mem, "`%s[%lld]`", best->string, (long long)(first + index));
}

// "file:12" of a part of a source attribute such as in.v:5.5-5.25|in.v:1.78-1.83, or NULL.
static const char *place_of(import_job *j, const char *part) {
  int64_t line;
  const char *end;
  if (strncmp(part, "in.v:", 5) != 0 || !whole_text(part + 5, 10, 1, INT_MAX, &line, &end))
    return NULL;
  const source_place *at = source_place_of(j->source, (int)line - 1);
  return arena_printf(j->mem, "%s:%d", at->file, at->line);
}

const char *import_place(import_job *j, const cJSON *cell) {
  const char *src = import_text_of(import_get(cell, "attributes"), "src"), *inner = strrchr(src, '|');
  const char *outer = place_of(j, src);
  if (!inner || !outer || !place_of(j, inner + 1))
    return outer ? outer : "";
  // $flatten\h0.$and$in.v:1$2 lies in the instance h0.
  const char *start = strncmp(cell->string, "$flatten\\", 9) ? cell->string : cell->string + 9;
  return arena_printf(j->mem, "%s (instance `%.*s`, %s)", outer, (int)strcspn(start, "."), start,
                      place_of(j, inner + 1));
}

typedef struct {
  const cJSON *cell; // NULL: an input port, or nothing
  const char *port;
} driver;

// The cell that drives this bit, or NULL.
static const cJSON *driver_of(const cJSON *module, const cJSON *bit) {
  for (const cJSON *c = json_members(import_get(module, "cells")); c; c = c->next)
    for (const cJSON *p = json_members(import_get(c, "connections")); p; p = p->next)
      for (const cJSON *b = p->child; b && number_of(bit) >= 0; b = b->next)
        if (!strcmp(import_text_of(import_get(c, "port_directions"), p->string), "output") &&
            number_of(b) == number_of(bit))
          return c;
  return NULL;
}

static const char *describe(import_job *j, const cJSON *module, const driver *d) {
  if (!d->cell)
    return arena_printf(j->mem, "the input port `%s`", d->port);
  const char *place = import_place(j, d->cell);
  const cJSON *before = import_get(import_get(d->cell, "connections"), "A");
  if (!*place && before && before->child) { // the inverter that Yosys makes for a `nand` has the line of its gate only
    const cJSON *gate = driver_of(module, before->child);
    place = gate ? import_place(j, gate) : place;
  }
  return *place ? place : arena_printf(j->mem, "a %s", import_text_of(d->cell, "type"));
}

static bool add_bits(import_job *j, const cJSON *module, driver *drivers, const cJSON *bits, driver d) {
  for (const cJSON *bit = bits ? bits->child : NULL; bit; bit = bit->next) {
    int number = number_of(bit);
    if (number < 0)
      continue;
    driver *known = &drivers[number];
    if (known->port)
      return import_refuse(j, "the net %s has two drivers: %s, and %s", import_net_name(j, module, number),
                           describe(j, module, known), describe(j, module, &d));
    *known = d;
  }
  return true;
}

static bool look(import_job *j, const cJSON *module, driver *drivers) {
  for (const cJSON *p = json_members(import_get(module, "ports")); p; p = p->next)
    if (!strcmp(import_text_of(p, "direction"), "input") &&
        !add_bits(j, module, drivers, import_get(p, "bits"), (driver){NULL, p->string}))
      return false;
  for (const cJSON *c = json_members(import_get(module, "cells")); c; c = c->next)
    for (const cJSON *p = json_members(import_get(c, "connections")); p; p = p->next)
      if (!strcmp(import_text_of(import_get(c, "port_directions"), p->string), "output") &&
          !add_bits(j, module, drivers, p, (driver){c, p->string}))
        return false;
  return true;
}

bool import_check_drivers(import_job *j, const char *json_path) {
  cJSON *root = import_read_json(j, json_path);
  if (!root)
    return false;
  driver *drivers = calloc(MAX_BIT, sizeof *drivers);
  bool ok = drivers && look(j, import_get(import_get(root, "modules"), j->module), drivers);
  free(drivers);
  cJSON_Delete(root);
  return ok;
}
