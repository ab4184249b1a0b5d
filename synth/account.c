// SPDX-License-Identifier: Apache-2.0
//
// Areas by layer and by kind, from the mapped modules: every module once, then summed over the instances.
#include "synth/internal.h"

#include <string.h>

const char *const synth_kind_name[SYNTH_KIND_COUNT] = {
#define X(id, name) name,
    SYNTH_KINDS(X)
#undef X
};

typedef struct {
  const synth_module *module;
  synth_kind kind;
  synth_layer sum; // no name
  enum { NEW, OPEN, DONE } state;
} node;

typedef struct {
  const synth_elaboration *e;
  const liberty *lib;
  const synth_structure *structure;
  node *nodes; // of e->modules
  int depth; // of the module that is being summed
  arena *mem;
  diag *d;
} accountant;

enum { DEEPEST = 100 };

static void add(synth_area *to, const synth_area *a) {
  for (int k = 0; k < SYNTH_KIND_COUNT; k++)
    to->area[k] += a->area[k];
  to->total += a->total;
  to->leakage += a->leakage;
  to->cells += a->cells;
  to->flip_flops += a->flip_flops;
  to->multipliers += a->multipliers;
  to->ram_bits += a->ram_bits;
  to->rom_bits += a->rom_bits;
}

// Memories of a shape, `count` more of them.
static void add_memories(arena *mem, synth_layer *to, synth_memory m) {
  size_t i = 0;
  while (i < to->memory_count &&
         !(to->memories[i].role == m.role && to->memories[i].width == m.width && to->memories[i].depth == m.depth))
    i++;
  if (i == to->memory_count) {
    arena_grow(mem, to->memories, to->memory_count, to->memory_cap);
    to->memories[to->memory_count++] = (synth_memory){m.role, m.width, m.depth, 0};
  }
  to->memories[i].count += m.count;
}

static node *find_node(const accountant *c, const char *name) {
  const synth_module *m = synth_find_module(c->e, name);
  return m ? &c->nodes[m - c->e->modules] : NULL;
}

static void add_cells(const accountant *c, const synth_count *cells, synth_kind kind, synth_area *to) {
  const liberty_cell *lc = liberty_find(c->lib, cells->cell);
  synth_area a = {.total = lc->area * cells->count, .leakage = lc->leakage * cells->count, .cells = cells->count};
  a.area[lc->sequential ? SYNTH_REGISTERS : kind] = a.total;
  a.flip_flops = lc->sequential ? cells->count : 0;
  add(to, &a);
}

const synth_core *synth_memory_of(arena *mem, const synth_structure *s, const char *module) {
  module = synth_base_name(mem, module);
  if (!str_ends_with(module, SYNTH_WORDS))
    return NULL;
  const synth_core *core = synth_core_of(s, arena_strndup(mem, module, strlen(module) - strlen(SYNTH_WORDS)));
  return core && (core->role == SYNTH_RAM || core->role == SYNTH_ROM) ? core : NULL;
}

static bool sum_module(accountant *c, node *n);

// What one instance is worth.
static bool add_instance(accountant *c, const synth_module *m, const synth_instance *instance, synth_layer *to) {
  const char *name = m->children[instance->child];
  const synth_core *core = synth_memory_of(c->mem, c->structure, name);
  synth_area a = {0};
  if (core) {
    int64_t bits = instance->width * instance->depth;
    *(core->role == SYNTH_RAM ? &a.ram_bits : &a.rom_bits) = bits;
    if (bits <= 0 || bits > (int64_t)1 << 40)
      return diag_tool(c->d, "%s: memory %s without WIDTH and DEPTH", m->name, instance->name);
    add(&to->area, &a);
    add_memories(c->mem, to, (synth_memory){core->role, instance->width, instance->depth, 1});
    return true;
  }
  node *n = find_node(c, name);
  if (!n)
    return diag_tool(c->d, "%s: %s is a %s, which the design does not have", m->name, instance->name, name);
  if (!sum_module(c, n))
    return false;
  add(&to->area, &n->sum.area);
  to->area.multipliers += n->kind == SYNTH_MULTIPLIERS;
  for (size_t i = 0; i < n->sum.memory_count; i++)
    add_memories(c->mem, to, n->sum.memories[i]);
  return true;
}

static bool sum_module(accountant *c, node *n) {
  if (n->state == DONE)
    return true;
  if (n->state == OPEN || c->depth == DEEPEST)
    return diag_tool(c->d, "module %s contains itself, or more than %d levels", n->module->name, DEEPEST);
  n->state = OPEN;
  c->depth++;
  for (size_t i = 0; i < n->module->cell_kinds; i++)
    add_cells(c, &n->module->cells[i], n->kind, &n->sum.area);
  for (size_t i = 0; i < n->module->instance_count; i++)
    if (!add_instance(c, n->module, &n->module->instances[i], &n->sum))
      return false;
  c->depth--;
  n->state = DONE;
  return true;
}

// ---- parts --------------------------------------------------------------------------------------------------------
// The part with an instance of this name; the rest otherwise.
static size_t part_named(const synth_structure *s, const char *name, size_t n) {
  for (size_t i = 0; i + 1 < s->part_count; i++)
    for (const char *const *at = s->parts[i].instances; *at; at++)
      if (strlen(*at) == n && strncmp(*at, name, n) == 0)
        return i;
  return s->part_count - 1;
}

size_t synth_part_inside(const synth_structure *s, size_t in, const char *instance) {
  for (size_t n; *instance; instance += n + (instance[n] != 0)) {
    n = strcspn(instance, "/.");
    size_t found = part_named(s, instance, n);
    if (found + 1 == s->part_count)
      continue;
    in = found;
    if (!s->parts[in].open)
      break;
  }
  return in;
}

size_t synth_part_of(const synth_structure *s, const char *instance) {
  return synth_part_inside(s, s->part_count - 1, instance);
}

// The cells of a module that belongs to the part `in`; instances of modules may belong to others.
static bool sum_parts(accountant *c, const synth_module *m, size_t in, synth_result *r) {
  for (size_t i = 0; i < m->cell_kinds; i++)
    add_cells(c, &m->cells[i], SYNTH_CONTROL, &r->layers[in].area);
  for (size_t i = 0; i < m->instance_count; i++) {
    const node *inside = find_node(c, m->children[m->instances[i].child]);
    size_t part = inside ? synth_part_inside(c->structure, in, m->instances[i].name) : in;
    if (part != in && c->structure->parts[part].open ? !sum_parts(c, inside->module, part, r)
                                                     : !add_instance(c, m, &m->instances[i], &r->layers[part]))
      return false;
  }
  return true;
}

static void start_parts(accountant *c, synth_result *r) {
  r->layer_count = c->structure->part_count;
  r->layers = arena_new_array(c->mem, synth_layer, r->layer_count);
  for (size_t i = 0; i < r->layer_count; i++)
    r->layers[i].name = c->structure->parts[i].name;
}

bool synth_account(arena *mem, const synth_elaboration *e, const liberty *lib, synth_result *out, diag *d) {
  accountant c = {.e = e, .lib = lib, .structure = out->structure, .mem = mem, .d = d};
  c.nodes = arena_new_array(mem, node, e->count);
  for (size_t i = 0; i < e->count; i++) {
    const synth_core *core = synth_core_of(c.structure, synth_base_name(mem, e->modules[i].name));
    c.nodes[i] = (node){.module = &e->modules[i], .kind = core ? core->kind : SYNTH_CONTROL};
    out->multiplier_modules += c.nodes[i].kind == SYNTH_MULTIPLIERS;
    if (!synth_areas_known(lib, e->modules[i].cells, e->modules[i].cell_kinds, d))
      return false;
  }
  node *top = find_node(&c, c.structure->top);
  if (!top)
    return diag_tool(d, "Yosys wrote no module %s", c.structure->top);
  start_parts(&c, out);
  if (!sum_module(&c, top) || !sum_parts(&c, top->module, out->layer_count - 1, out))
    return false;
  for (size_t i = 0; i < out->layer_count; i++)
    add(&out->total, &out->layers[i].area);
  return true;
}
