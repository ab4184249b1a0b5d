// SPDX-License-Identifier: Apache-2.0
//
// A hierarchy of mapped modules as one flat netlist. Each instance gets nets of its own, which are then joined with
// those around it at its ports.
#include "synth/internal.h"

#include <string.h>

enum { MAX_NETS = 1 << 28 };

typedef struct {
  arena *mem;
  const synth_elaboration *e;
  const synth_result *r;
  synth_netlist *out;
  mapped_cell *cells;
  uint32_t *group;
  size_t cell_cap, group_cap;
  synth_words *memories;
  size_t memory_cap;
  int32_t *joined; // by net: one that it is joined with, itself at the end
  size_t nets, net_cap;
  diag *d;
} flattener;

// A module's instance that is being placed.
typedef struct {
  const synth_module *module;
  const char *path; // names of the instances around it, "a.b."
  size_t part;
  bool open; // parts may begin inside
  int32_t first; // its net 2
} place;

static int32_t root_of(flattener *f, int32_t net) {
  while (f->joined[net] != net)
    net = f->joined[net] = f->joined[f->joined[net]];
  return net;
}

// Constants stay what they are.
static void join(flattener *f, int32_t a, int32_t b) {
  a = root_of(f, a), b = root_of(f, b);
  f->joined[a > b ? a : b] = a > b ? b : a;
}

static int32_t net_of(const place *p, int32_t net) { return net < 2 ? net : p->first + net - 2; }

static bool open_nets(flattener *f, place *p) {
  p->first = (int32_t)f->nets;
  if (f->nets + (size_t)p->module->nets > MAX_NETS)
    return diag_tool(f->d, "the design has more than %d nets", MAX_NETS);
  for (int32_t i = 2; i < p->module->nets; i++) {
    arena_grow(f->mem, f->joined, f->nets, f->net_cap);
    f->joined[f->nets] = (int32_t)f->nets;
    f->nets++;
  }
  return true;
}

static const int32_t *nets_of(flattener *f, const place *p, const int32_t *nets, size_t count) {
  int32_t *out = arena_new_array(f->mem, int32_t, count + 1);
  for (size_t i = 0; i < count; i++)
    out[i] = nets[i] < 0 ? -1 : net_of(p, nets[i]);
  return out;
}

static void place_gates(flattener *f, const place *p) {
  const synth_core *core = synth_core_of(f->r->structure, synth_base_name(f->mem, p->module->name));
  uint32_t kind = core && !p->open ? core->kind : SYNTH_CONTROL;
  for (size_t i = 0; i < p->module->gate_count; i++) {
    const mapped_cell *c = &p->module->placed[i];
    size_t n = f->out->count++;
    arena_grow(f->mem, f->cells, n, f->cell_cap);
    arena_grow(f->mem, f->group, n, f->group_cap);
    f->cells[n] = (mapped_cell){c->name, c->cell, nets_of(f, p, c->net, c->cell->pin_count)};
    f->group[n] = (uint32_t)p->part * SYNTH_KIND_COUNT + (c->cell->sequential ? SYNTH_REGISTERS : kind);
  }
}

// A file's name that stands in RTLIL with its quotes.
static const char *unquoted(arena *mem, const char *text) { return arena_strndup(mem, text + 1, strlen(text) - 2); }

static bool place_words(flattener *f, const place *p, const synth_instance *i, const synth_core *core) {
  synth_words w = {.role = core->role, .width = i->width, .depth = i->depth, .part = p->part};
  w.name = arena_printf(f->mem, "%s%s", p->path, i->name);
  w.lane = i->lane ? i->lane : i->width;
  w.file = i->text >= 0 ? unquoted(f->mem, p->module->texts[i->text]) : "";
  const struct {
    const char *name;
    synth_port *port;
    int64_t width; // 0: any
  } PINS[] = {{"re", &w.re, 1},
              {"raddr", &w.raddr, 0},
              {"rdata", &w.rdata, w.width},
              {"we", &w.we, w.width / w.lane},
              {"waddr", &w.waddr, 0},
              {"wdata", &w.wdata, w.width}};
  for (size_t k = 0; k < (core->role == SYNTH_RAM ? 6 : 3); k++) {
    for (size_t j = 0; j < i->pin_count; j++)
      if (strcmp(i->pins[j].name, PINS[k].name) == 0)
        *PINS[k].port = i->pins[j];
    synth_port *port = PINS[k].port;
    if (port->width < 1 || port->width > (PINS[k].width ? PINS[k].width : 40) || port->width < PINS[k].width)
      return diag_tool(f->d, "%s: memory %s without pin %s", p->module->name, i->name, PINS[k].name);
    port->nets = nets_of(f, p, port->nets, (size_t)port->width);
  }
  arena_grow(f->mem, f->memories, f->out->memory_count, f->memory_cap);
  f->memories[f->out->memory_count++] = w;
  return true;
}

static const synth_port *port_named(const synth_module *m, const char *name) {
  for (size_t i = 0; i < m->port_count; i++)
    if (strcmp(m->ports[i].name, name) == 0)
      return &m->ports[i];
  return NULL;
}

static bool join_pins(flattener *f, const place *around, const synth_instance *i, const place *inside) {
  for (size_t k = 0; k < i->pin_count; k++) {
    const synth_port *port = port_named(inside->module, i->pins[k].name);
    if (!port || port->width != i->pins[k].width)
      return diag_tool(f->d, "%s: %s has no port %s of %d bits", around->module->name, i->name, i->pins[k].name,
                       i->pins[k].width);
    for (int32_t b = 0; b < port->width; b++)
      join(f, net_of(around, i->pins[k].nets[b]), net_of(inside, port->nets[b]));
  }
  return true;
}

// Recursion is as deep as the design, which synth_account bounds.
static bool place_module(flattener *f, place *p) {
  const synth_structure *s = f->r->structure;
  if (!open_nets(f, p))
    return false;
  place_gates(f, p);
  for (size_t k = 0; k < p->module->instance_count; k++) {
    const synth_instance *i = &p->module->instances[k];
    const char *name = p->module->children[i->child];
    const synth_core *words = synth_memory_of(f->mem, s, name);
    if (words) {
      if (!place_words(f, p, i, words))
        return false;
      continue;
    }
    place in = {.module = synth_find_module(f->e, name), .path = arena_printf(f->mem, "%s%s.", p->path, i->name)};
    in.part = p->open ? synth_part_inside(s, p->part, i->name) : p->part;
    in.open = p->open && in.part != p->part && s->parts[in.part].open;
    if (!place_module(f, &in) || !join_pins(f, p, i, &in))
      return false;
  }
  return true;
}

// Nets that are joined get one number, without gaps.
static void number(flattener *f) {
  int32_t *of = arena_new_array(f->mem, int32_t, f->nets), next = 0;
  for (size_t i = 0; i < f->nets; i++)
    of[i] = root_of(f, (int32_t)i) == (int32_t)i ? next++ : of[root_of(f, (int32_t)i)]; // roots come first
  f->out->nets = next;
#define RENUMBER(list, n)                                                                                              \
  for (int64_t k_ = 0; k_ < (int64_t)(n); k_++)                                                                        \
  ((int32_t *)(list))[k_] = (list)[k_] < 0 ? -1 : of[(list)[k_]]
  for (size_t i = 0; i < f->out->count; i++)
    RENUMBER(f->cells[i].net, f->cells[i].cell->pin_count);
  for (size_t i = 0; i < f->out->memory_count; i++) {
    synth_words *w = &f->memories[i];
    synth_port *const PORTS[] = {&w->re, &w->raddr, &w->rdata, &w->we, &w->waddr, &w->wdata};
    for (size_t k = 0; k < BASE_COUNT(PORTS); k++)
      RENUMBER(PORTS[k]->nets, PORTS[k]->width);
  }
  for (size_t i = 0; i < f->out->port_count; i++)
    RENUMBER(f->out->ports[i].nets, f->out->ports[i].width);
#undef RENUMBER
}

bool synth_flatten(arena *mem, const synth_elaboration *e, const synth_result *r, synth_netlist *out, diag *d) {
  flattener f = {.mem = mem, .e = e, .r = r, .out = out, .d = d};
  place top = {synth_find_module(e, r->structure->top), "", r->structure->part_count - 1, true, 0};
  *out = (synth_netlist){.structure = r->structure, .lib = r->lib};
  for (int32_t i = 0; i < 2; i++) { // the constants
    arena_grow(mem, f.joined, f.nets, f.net_cap);
    f.joined[f.nets++] = i;
  }
  if (!place_module(&f, &top))
    return false;
  synth_port *ports = arena_new_array(mem, synth_port, top.module->port_count + 1);
  for (size_t i = 0; i < top.module->port_count; i++) {
    ports[i] = top.module->ports[i];
    ports[i].nets = nets_of(&f, &top, ports[i].nets, (size_t)ports[i].width);
  }
  out->ports = ports;
  out->port_count = top.module->port_count;
  out->cells = f.cells;
  out->group = f.group;
  out->memories = f.memories;
  number(&f);
  return true;
}
