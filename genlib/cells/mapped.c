// SPDX-License-Identifier: Apache-2.0
//
// Reading a mapped netlist from Yosys's JSON, checking it and putting it in order.
#include "compiler/base/json.h"
#include "genlib/cells/mapped_internal.h"

#include <cjson/cJSON.h>
#include <string.h>

enum { MAX_JSON = 512 << 20, MAX_BIT = 1 << 24, MAX_CELLS = 1 << 20 };

typedef struct {
  arena *mem;
  mapped *m;
  const char *path;
  int32_t *net_of; // by Yosys bit number: our net, or -1
  int32_t bits;
  struct pending {
    const char *name;
    const liberty_cell *cell;
    int32_t *bit; // by pin index: Yosys bit (>= 2), 0 and 1 the constants, -1 not connected
    int missing; // input nets without a value yet
    bool placed;
  } * cells;
  size_t count, cap;
  diag *d;
} reader;

static bool refuse(reader *r, const char *fmt, ...) BASE_PRINTF(2, 3);
static bool refuse(reader *r, const char *fmt, ...) {
  str text = {0};
  va_list ap;
  va_start(ap, fmt);
  str_vprintf(&text, fmt, ap);
  va_end(ap);
  diag_error(r->d, "%s: module %s: %s", r->path, r->m->module ? r->m->module : "?", text.data);
  str_free(&text);
  return false;
}

// A net of Yosys: a number from 2, or "0", "1", "x", "z".
static bool read_bit(reader *r, const cJSON *bit, const char *where, int32_t *out) {
  if (cJSON_IsString(bit) && (strcmp(bit->valuestring, "0") == 0 || strcmp(bit->valuestring, "1") == 0)) {
    *out = bit->valuestring[0] - '0';
    return true;
  }
  int64_t number;
  if (!json_whole(bit, 2, MAX_BIT - 1, &number))
    return refuse(r, "%s is connected to nothing", where);
  *out = (int32_t)number;
  if (*out >= r->bits)
    r->bits = *out + 1;
  return true;
}

static bool find_module(reader *r, const cJSON *root, const char *name, const cJSON **out) {
  const cJSON *modules = json_member(root, "modules");
  *out = name ? cJSON_GetObjectItemCaseSensitive(modules, name) : json_members(modules);
  if (!name && *out && (*out)->next)
    return refuse(r, "the file holds several modules");
  if (!*out)
    return refuse(r, "the file does not hold it");
  r->m->module = arena_strdup(r->mem, (*out)->string);
  return true;
}

static bool read_port(reader *r, const cJSON *module, const char *name, const char *direction, int width,
                      int32_t *bits) {
  const cJSON *port = cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(module, "ports"), name);
  const cJSON *way = cJSON_GetObjectItemCaseSensitive(port, "direction");
  const cJSON *list = cJSON_GetObjectItemCaseSensitive(port, "bits"), *bit;
  if (!port || !cJSON_IsString(way) || strcmp(way->valuestring, direction) != 0 || cJSON_GetArraySize(list) != width)
    return refuse(r, "an %s port `%s` of %d bits was expected", direction, name, width);
  int i = 0;
  for (bit = list->child; bit; bit = bit->next, i++)
    if (!read_bit(r, bit, arena_printf(r->mem, "%s[%d]", name, i), &bits[i]))
      return false;
  return true;
}

static bool read_cell(reader *r, const cJSON *item) {
  const cJSON *type = cJSON_GetObjectItemCaseSensitive(item, "type"), *conn;
  if (!cJSON_IsString(type) || !item->string)
    return refuse(r, "a cell without a type");
  const liberty_cell *cell = liberty_find(r->m->lib, type->valuestring);
  if (!cell)
    return refuse(r, "%s is a %s, which is no cell of %s", item->string, type->valuestring, r->m->lib->file);
  if (cell->sequential)
    return refuse(r, "%s (%s) holds state; only combinational circuits are taken", item->string, cell->name);
  if (!cell->combinational)
    return refuse(r, "%s (%s) has no function of at most %d inputs in %s", item->string, cell->name, LIBERTY_MAX_INPUTS,
                  r->m->lib->file);
  if (r->count == MAX_CELLS)
    return refuse(r, "more than %d cells", MAX_CELLS);
  arena_grow(r->mem, r->cells, r->count, r->cap);
  struct pending *p = &r->cells[r->count++];
  *p = (struct pending){arena_strdup(r->mem, item->string), cell, arena_new_array(r->mem, int32_t, cell->pin_count), 0,
                        false};
  for (size_t i = 0; i < cell->pin_count; i++)
    p->bit[i] = -1;
  for (conn = json_members(json_member(item, "connections")); conn; conn = conn->next) {
    int pin = liberty_pin_index(cell, conn->string);
    if (pin < 0 || cJSON_GetArraySize(conn) > 1)
      return refuse(r, "%s (%s) has no one-bit pin `%s`", item->string, cell->name, conn->string);
    if (conn->child && !read_bit(r, conn->child, arena_printf(r->mem, "%s.%s", p->name, conn->string), &p->bit[pin]))
      return false;
  }
  for (int v = 0; v < cell->inputs; v++)
    if (p->bit[cell->input[v]] < 0)
      return refuse(r, "input pin %s.%s is connected to nothing", p->name, cell->pins[cell->input[v]].name);
  return true;
}

// ---- order -------------------------------------------------------------------------------------------------------
static bool drive(reader *r, int32_t bit, int32_t net, const char *who) {
  if (bit < 2)
    return refuse(r, "%s drives a constant", who);
  if (r->net_of[bit] >= 0)
    return refuse(r, "the net that %s drives has another driver", who);
  r->net_of[bit] = net;
  return true;
}

// Which cells read each bit, as one array of cell numbers with a start per bit.
static void readers_of(reader *r, int32_t **start, int32_t **list) {
  *start = arena_new_array(r->mem, int32_t, (size_t)r->bits + 2);
  for (int pass = 0; pass < 2; pass++) {
    for (size_t i = 0; i < r->count; i++)
      for (int v = 0; v < r->cells[i].cell->inputs; v++) {
        int32_t bit = r->cells[i].bit[r->cells[i].cell->input[v]];
        if (bit < 2)
          continue;
        if (pass == 0)
          (*start)[bit + 1]++, r->cells[i].missing++;
        else
          (*list)[(*start)[bit]++] = (int32_t)i;
      }
    if (pass == 0) {
      for (int32_t b = 0; b <= r->bits; b++)
        (*start)[b + 1] += (*start)[b];
      *list = arena_new_array(r->mem, int32_t, (size_t)(*start)[r->bits] + 1);
    }
  }
  for (int32_t b = r->bits; b > 0; b--) // the second pass moved each start to its end
    (*start)[b] = (*start)[b - 1];
  (*start)[0] = 0;
}

static bool place_outputs(reader *r, struct pending *p, int32_t *ready, size_t *ready_count) {
  for (int o = 0; o < p->cell->outputs; o++) {
    int32_t bit = p->bit[p->cell->output[o]];
    if (bit < 0)
      continue;
    if (!drive(r, bit, r->m->nets, p->name))
      return false;
    r->m->nets++;
    ready[(*ready_count)++] = bit;
  }
  p->placed = true;
  return true;
}

static bool sort_cells(reader *r, const int32_t *a, const int32_t *b) {
  mapped *m = r->m;
  size_t outputs = 0;
  for (size_t i = 0; i < r->count; i++)
    outputs += (size_t)r->cells[i].cell->outputs;
  int32_t *ready = arena_new_array(r->mem, int32_t, outputs + (size_t)(m->a_bits + m->b_bits)), *start, *list = NULL;
  size_t ready_count = 0, done = 0;
  r->net_of = arena_new_array(r->mem, int32_t, (size_t)r->bits + 2);
  for (int32_t i = 0; i < r->bits + 2; i++)
    r->net_of[i] = i < 2 ? i : -1;
  readers_of(r, &start, &list);
  m->nets = NET_FIRST_INPUT;
  for (int i = 0; i < m->a_bits + m->b_bits; i++) {
    int32_t bit = i < m->a_bits ? a[i] : b[i - m->a_bits];
    if (!drive(r, bit, m->nets++, "an input port"))
      return false;
    ready[ready_count++] = bit;
  }
  mapped_cell *cells = arena_new_array(r->mem, mapped_cell, r->count + 1);
  size_t order = 0;
  for (size_t i = 0; i < r->count; i++) // cells that wait for nothing: constants only
    if (r->cells[i].missing == 0) {
      if (!place_outputs(r, &r->cells[i], ready, &ready_count))
        return false;
      cells[order++] = (mapped_cell){r->cells[i].name, r->cells[i].cell, r->cells[i].bit};
    }
  for (; done < ready_count; done++)
    for (int32_t k = start[ready[done]]; k < start[ready[done] + 1]; k++) {
      struct pending *p = &r->cells[list[k]];
      if (--p->missing > 0)
        continue;
      if (!place_outputs(r, p, ready, &ready_count))
        return false;
      cells[order++] = (mapped_cell){p->name, p->cell, p->bit};
    }
  m->cells = cells;
  m->count = order;
  for (size_t i = 0; i < r->count; i++)
    if (!r->cells[i].placed)
      return refuse(r, "%s (%s) is in a combinational loop or reads a net that nothing drives", r->cells[i].name,
                    r->cells[i].cell->name);
  for (size_t i = 0; i < r->count; i++) // from Yosys's numbers to ours
    for (size_t pin = 0; pin < r->cells[i].cell->pin_count; pin++)
      r->cells[i].bit[pin] = r->cells[i].bit[pin] < 0 ? -1 : r->net_of[r->cells[i].bit[pin]];
  return true;
}

// ---- energies ----------------------------------------------------------------------------------------------------
void mapped_weigh(mapped *m) {
  m->area = m->leakage = 0;
  double *load = arena_new_array(m->mem, double, (size_t)m->nets);
  double *switching = arena_new_array(m->mem, double, (size_t)m->nets);
  double *internal = arena_new_array(m->mem, double, (size_t)m->nets);
  for (size_t i = 0; i < m->count; i++) {
    const liberty_cell *cell = m->cells[i].cell;
    m->area += cell->area;
    m->leakage += cell->leakage;
    for (int v = 0; v < cell->inputs; v++) {
      const liberty_pin *pin = &cell->pins[cell->input[v]];
      int32_t net = m->cells[i].net[cell->input[v]];
      load[net] += pin->cap;
      internal[net] += liberty_mean_energy(m->lib, pin, true, 0);
    }
  }
  for (size_t i = 0; i < m->count; i++)
    for (int o = 0; o < m->cells[i].cell->outputs; o++) {
      int pin = m->cells[i].cell->output[o];
      int32_t net = m->cells[i].net[pin];
      if (net >= 0)
        internal[net] += liberty_mean_energy(m->lib, &m->cells[i].cell->pins[pin], false, load[net]) +
                         liberty_mean_energy(m->lib, &m->cells[i].cell->pins[pin], true, load[net]);
    }
  for (int32_t net = 0; net < m->nets; net++)
    switching[net] = load[net] * m->lib->voltage * m->lib->voltage / 2;
  m->load = load, m->switching = switching, m->internal = internal;
}

static bool read_module(reader *r, const cJSON *root, const char *module, mul_sig sig) {
  const cJSON *item, *mod;
  int32_t a[32] = {0}, b[32] = {0}, *p = arena_new_array(r->mem, int32_t, 64);
  mapped *m = r->m;
  m->a_bits = sig.a_bits, m->b_bits = sig.b_bits, m->p_bits = sig.p_bits;
  r->bits = 2;
  if (!find_module(r, root, module, &mod) || !read_port(r, mod, "a", "input", sig.a_bits, a) ||
      !read_port(r, mod, "b", "input", sig.b_bits, b) || !read_port(r, mod, "p", "output", sig.p_bits, p))
    return false;
  for (item = json_members(json_member(mod, "cells")); item; item = item->next)
    if (!read_cell(r, item))
      return false;
  if (!sort_cells(r, a, b))
    return false;
  for (int i = 0; i < sig.p_bits; i++) {
    if (r->net_of[p[i]] < 0)
      return refuse(r, "nothing drives p[%d]", i);
    p[i] = r->net_of[p[i]];
  }
  m->out = p;
  mapped_weigh(m);
  mapped_compile(m);
  return true;
}

bool mapped_read(arena *mem, const liberty *lib, const char *json_path, const char *module, mul_sig sig,
                 const mapped **out, diag *d) {
  assert(sig.a_bits <= 16 && sig.b_bits <= 16 && sig.p_bits <= 63);
  bytes file;
  arena *scratch = arena_new();
  bool ok = file_read(scratch, json_path, MAX_JSON, &file, d);
  if (ok) {
    cJSON *root = cJSON_ParseWithLength((const char *)file.data, file.size);
    reader r = {.mem = mem, .path = json_path, .d = d};
    r.m = arena_new_object(mem, mapped);
    r.m->mem = mem;
    r.m->lib = lib;
    ok = root ? read_module(&r, root, module, sig) : diag_error(d, "%s: this is not JSON", json_path);
    cJSON_Delete(root);
    *out = r.m;
  }
  arena_free(scratch);
  return ok;
}
