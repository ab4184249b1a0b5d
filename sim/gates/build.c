// SPDX-License-Identifier: Apache-2.0
//
// From a flat netlist to what run.c runs: who drives and who reads each net, levels, tables.
#include "sim/gates/gates_internal.h"

#include <string.h>

enum { FREE = -1, SOURCE = -2 }; // in the place of the node that drives a net: nothing; a flip-flop or an input

typedef struct {
  gates *g;
  const synth_netlist *n;
  const gates_kind **kinds; // by index of the library's cell
  int32_t *driver; // by net
  int32_t clock; // net
  int32_t *missing; // by node: inputs whose level is not known yet
  diag *d;
} builder;

static bool drive(builder *b, int32_t net, int32_t who, const char *name) {
  if (net < 0)
    return true;
  if (net < NET_FIRST_INPUT || b->driver[net] != FREE)
    return diag_tool(b->d, "the mapped netlist is wrong: a net that %s drives has another driver", name);
  b->driver[net] = who;
  return true;
}

// ---- kinds of cells ------------------------------------------------------------------------------------------------
static const gates_kind *kind_of(builder *b, const liberty_cell *c) {
  const gates_kind **known = &b->kinds[c - b->n->lib->cells];
  if (*known)
    return *known;
  gates_kind *k = arena_new_object(b->g->mem, gates_kind);
  k->cell = c;
  for (unsigned state = 0; state < 1u << (c->inputs + (c->ff != NULL)); state++)
    if (c->ff)
      k->table[state] = truth_at(c->ff->next, state);
    else
      for (int o = 0; o < c->outputs; o++)
        k->table[state] |= (uint8_t)(truth_at(c->pins[c->output[o]].function, state) << o);
  return *known = k;
}

static bool check_kinds(builder *b) {
  for (size_t i = 0; i < b->n->count; i++) {
    const mapped_cell *c = &b->n->cells[i];
    if (c->cell->sequential ? !c->cell->ff : !c->cell->combinational)
      return diag_error(b->d,
                        "%s: cell %s cannot be simulated: neither a function of at most %d inputs nor a flip-flop",
                        b->n->lib->file, c->cell->name, LIBERTY_MAX_INPUTS);
    for (int v = 0; v < c->cell->inputs; v++)
      if (c->net[c->cell->input[v]] < 0)
        return diag_tool(b->d, "the mapped netlist is wrong: pin %s of %s is connected to nothing",
                         c->cell->pins[c->cell->input[v]].name, c->name);
    kind_of(b, c->cell);
  }
  return true;
}

// ---- nodes and flip-flops ------------------------------------------------------------------------------------------
static bool add_node(builder *b, const mapped_cell *c, int32_t *outputs) {
  gates *g = b->g;
  gates_node *node = &g->nodes[g->node_count];
  *node = (gates_node){kind_of(b, c->cell)->table, *outputs, (uint8_t)c->cell->outputs, 0, 0, false, 0};
  for (int v = 0; v < c->cell->inputs; v++)
    node->state |= (uint8_t)((c->net[c->cell->input[v]] == NET_ONE) << v);
  for (int o = 0; o < c->cell->outputs; o++) {
    int32_t net = c->net[c->cell->output[o]];
    g->out_nets[(*outputs)++] = net;
    if (!drive(b, net, g->node_count, c->name))
      return false;
  }
  g->node_count++;
  return true;
}

static bool add_ff(builder *b, size_t index) {
  gates *g = b->g;
  const mapped_cell *c = &b->n->cells[index];
  size_t i = g->ff_count++;
  ((size_t *)g->ff_cell)[i] = index;
  g->ff_kind[i] = kind_of(b, c->cell);
  g->ff_held_bit[i] = (uint8_t)(1u << c->cell->inputs);
  for (int v = 0; v < c->cell->inputs; v++)
    g->ff_state[i] |= (uint8_t)((c->net[c->cell->input[v]] == NET_ONE) << v);
  g->ff_net[i][0] = g->ff_net[i][1] = -1;
  truth held = truth_variable(c->cell->inputs);
  for (int o = 0; o < c->cell->outputs; o++) {
    const liberty_pin *pin = &c->cell->pins[c->cell->output[o]];
    bool straight = truth_equal(pin->function, held);
    if (!pin->has_function || (!straight && !truth_equal(pin->function, truth_not(held))))
      return diag_error(b->d, "%s: output %s of flip-flop %s is not what it holds", b->n->lib->file, pin->name,
                        c->cell->name);
    int32_t net = c->net[c->cell->output[o]];
    if (net >= 0 && g->ff_net[i][!straight] >= 0)
      return diag_error(b->d, "%s: flip-flop %s has several outputs of one sense", b->n->lib->file, c->cell->name);
    if (net >= 0)
      g->ff_net[i][!straight] = net;
    if (!drive(b, net, SOURCE, c->name))
      return false;
  }
  return true;
}

static bool add_memory(builder *b, size_t index, const char *rtl) {
  gates *g = b->g;
  const synth_words *w = &b->n->memories[index];
  gates_memory *m = &g->memories[index];
  *m = (gates_memory){.words = w, .stride = (size_t)div_ceil(w->width, 64), .node = g->node_count};
  m->content = arena_new_array(g->mem, uint64_t, m->stride * (size_t)w->depth);
  g->nodes[g->node_count] = (gates_node){.first = (int32_t)index};
  for (int32_t i = 0; i < w->rdata.width; i++)
    if (!drive(b, w->rdata.nets[i], g->node_count, w->name))
      return false;
  g->node_count++;
  return w->role == SYNTH_RAM || !*w->file || gates_read_rom(path_join(g->mem, rtl, w->file), m, b->d);
}

static bool place(builder *b, const char *rtl) {
  const synth_netlist *n = b->n;
  gates *g = b->g;
  size_t outputs = 0, ffs = 0;
  for (size_t i = 0; i < n->count; i++) {
    outputs += (size_t)n->cells[i].cell->outputs;
    ffs += n->cells[i].cell->sequential;
  }
  g->nodes = arena_new_array(g->mem, gates_node, n->count - ffs + n->memory_count + 1);
  g->out_nets = arena_new_array(g->mem, int32_t, outputs + 1);
  g->ff_cell = arena_new_array(g->mem, size_t, ffs + 1);
  g->ff_kind = arena_new_array(g->mem, const gates_kind *, ffs + 1);
  g->ff_state = arena_new_array(g->mem, uint8_t, ffs + 1);
  g->ff_held_bit = arena_new_array(g->mem, uint8_t, ffs + 1);
  g->ff_net = (int32_t(*)[2])arena_new_array(g->mem, int32_t, 2 * ffs + 2);
  g->changed = arena_new_array(g->mem, int32_t, ffs + 1);
  g->memories = arena_new_array(g->mem, gates_memory, n->memory_count + 1);
  int32_t next = 0;
  for (size_t i = 0; i < n->count; i++)
    if (!(n->cells[i].cell->sequential ? add_ff(b, i) : add_node(b, &n->cells[i], &next)))
      return false;
  for (size_t i = 0; i < n->memory_count; i++)
    if (!add_memory(b, i, rtl))
      return false;
  for (size_t i = 0; i < n->port_count; i++)
    for (int32_t k = 0; n->ports[i].input && k < n->ports[i].width; k++)
      if (!drive(b, n->ports[i].nets[k], SOURCE, n->ports[i].name))
        return false;
  return true;
}

// ---- readers -------------------------------------------------------------------------------------------------------
typedef struct {
  builder *b;
  bool counting;
} lister;

static void add_reader(const lister *l, int32_t net, int32_t node, uint8_t bit) {
  int32_t *start = l->b->g->reader_start;
  if (l->counting)
    start[net + 2]++;
  else
    l->b->g->readers[start[net + 1]++] = (gates_reader){node, bit};
}

static void each_reader(const lister *l) {
  gates *g = l->b->g;
  const synth_netlist *n = l->b->n;
  int32_t node = 0, ff = g->node_count;
  for (size_t i = 0; i < n->count; i++) {
    const liberty_cell *c = n->cells[i].cell;
    int32_t who = c->sequential ? ff++ : node++;
    for (int v = 0; v < c->inputs; v++)
      add_reader(l, n->cells[i].net[c->input[v]], who, (uint8_t)(1u << v));
  }
  for (size_t i = 0; i < n->memory_count; i++) {
    const synth_words *w = &n->memories[i];
    add_reader(l, w->re.nets[0], g->memories[i].node, 0);
    for (int32_t k = 0; k < w->raddr.width; k++)
      add_reader(l, w->raddr.nets[k], g->memories[i].node, 0);
  }
}

static void list_readers(builder *b) {
  gates *g = b->g;
  lister l = {b, true};
  g->reader_start = arena_new_array(g->mem, int32_t, (size_t)b->n->nets + 3);
  each_reader(&l);
  for (int32_t net = 1; net <= b->n->nets; net++)
    g->reader_start[net + 1] += g->reader_start[net];
  g->readers = arena_new_array(g->mem, gates_reader, (size_t)g->reader_start[b->n->nets + 1] + 1);
  l.counting = false;
  each_reader(&l);
}

// ---- the clock -----------------------------------------------------------------------------------------------------
// Whether a net is the clock (1), its complement (-1) or neither (0), through buffers and inverters.
static int clock_sense(const builder *b, const int32_t *cell_of, int32_t net) {
  int sense = 1;
  for (size_t steps = 0; net >= 0 && steps < 1000; steps++) {
    if (net == b->clock)
      return sense;
    int32_t i = cell_of[net];
    const mapped_cell *c = i < 0 ? NULL : &b->n->cells[i];
    if (!c || c->cell->sequential || c->cell->inputs != 1 || c->cell->outputs != 1)
      break;
    truth f = c->cell->pins[c->cell->output[0]].function, v = truth_variable(0);
    if (!truth_equal(f, v) && !truth_equal(f, truth_not(v)))
      break;
    sense = truth_equal(f, v) ? sense : -sense;
    net = c->net[c->cell->input[0]];
  }
  return 0;
}

// Whether f is false whatever the inputs are that are not tied to a constant.
static bool never(const mapped_cell *c, truth f) {
  for (int v = 0; v < c->cell->inputs; v++) {
    int32_t net = c->net[c->cell->input[v]];
    if (net < NET_FIRST_INPUT)
      f = truth_cofactor(f, v, net == NET_ONE);
  }
  return truth_equal(f, truth_const(false));
}

static bool check_ff(const builder *b, const int32_t *cell_of, const mapped_cell *c) {
  int sense = 0;
  for (int v = 0; v < c->cell->inputs; v++) {
    truth f = c->cell->ff->clock, x = truth_variable(v);
    if (truth_equal(f, x) || truth_equal(f, truth_not(x)))
      sense = clock_sense(b, cell_of, c->net[c->cell->input[v]]) * (truth_equal(f, x) ? 1 : -1);
  }
  if (sense != 1)
    return diag_error(b->d, "flip-flop %s (%s) is not clocked by the rising edge of clk: this cannot be simulated",
                      c->name, c->cell->name);
  if (!never(c, c->cell->ff->clear) || !never(c, c->cell->ff->preset))
    return diag_error(b->d, "flip-flop %s (%s) is set or reset without the clock: this cannot be simulated", c->name,
                      c->cell->name);
  return true;
}

static bool check_clock(builder *b) {
  arena *scratch = arena_new();
  int32_t *cell_of = arena_new_array(scratch, int32_t, (size_t)b->n->nets);
  bool ok = true;
  for (int32_t i = 0; i < b->n->nets; i++)
    cell_of[i] = -1;
  for (size_t i = 0; i < b->n->count; i++)
    for (int o = 0; o < b->n->cells[i].cell->outputs; o++) {
      int32_t net = b->n->cells[i].net[b->n->cells[i].cell->output[o]];
      if (net >= 0)
        cell_of[net] = (int32_t)i;
    }
  for (size_t i = 0; ok && i < b->g->ff_count; i++)
    ok = check_ff(b, cell_of, &b->n->cells[b->g->ff_cell[i]]);
  arena_free(scratch);
  return ok;
}

// ---- levels --------------------------------------------------------------------------------------------------------
static int32_t pass(builder *b, int32_t net, int32_t level, int32_t *ready, int32_t count) {
  const gates *g = b->g;
  for (int32_t r = g->reader_start[net]; r < g->reader_start[net + 1]; r++) {
    int32_t to = g->readers[r].node;
    if (to >= g->node_count)
      continue;
    g->nodes[to].level = level + 1 > g->nodes[to].level ? level + 1 : g->nodes[to].level;
    if (--b->missing[to] == 0)
      ready[count++] = to;
  }
  return count;
}

static bool set_levels(builder *b) {
  gates *g = b->g;
  int32_t *ready = arena_new_array(g->mem, int32_t, (size_t)g->node_count + 1), count = 0, done = 0;
  for (int32_t net = 0; net < b->n->nets; net++)
    for (int32_t r = g->reader_start[net]; r < g->reader_start[net + 1]; r++)
      if (g->readers[r].node < g->node_count && b->driver[net] >= 0)
        b->missing[g->readers[r].node]++;
  for (int32_t i = 0; i < g->node_count; i++)
    if (!b->missing[i])
      ready[count++] = i;
  for (; done < count; done++) {
    const gates_node *node = &g->nodes[ready[done]];
    const synth_port *words = node->table ? NULL : &b->n->memories[node->first].rdata;
    for (int32_t o = 0; o < (words ? words->width : node->outputs); o++) {
      int32_t net = words ? words->nets[o] : g->out_nets[node->first + o];
      if (net >= 0)
        count = pass(b, net, node->level, ready, count);
    }
  }
  for (int32_t i = 0; i < g->node_count; i++) {
    if (b->missing[i] > 0)
      return diag_tool(b->d, "the mapped netlist is wrong: it has a combinational loop");
    g->levels = g->nodes[i].level >= g->levels ? g->nodes[i].level + 1 : g->levels;
  }
  return true;
}

static void open_queue(gates *g) {
  g->queue = arena_new_array(g->mem, int32_t, (size_t)g->node_count + 1);
  g->queue_start = arena_new_array(g->mem, int32_t, (size_t)g->levels + 1);
  g->queued = arena_new_array(g->mem, int32_t, (size_t)g->levels + 1);
  for (int32_t i = 0; i < g->node_count; i++)
    g->queue_start[g->nodes[i].level + 1]++;
  for (int32_t l = 1; l <= g->levels; l++)
    g->queue_start[l] += g->queue_start[l - 1];
}

bool gates_new(arena *mem, const synth_netlist *n, const char *rtl, gates **out, diag *d) {
  gates *g = arena_new_object(mem, gates);
  builder b = {.g = g, .n = n, .clock = -1, .d = d};
  g->mem = mem;
  g->n = n;
  b.kinds = arena_new_array(mem, const gates_kind *, n->lib->cell_count);
  b.driver = arena_new_array(mem, int32_t, (size_t)n->nets);
  b.missing = arena_new_array(mem, int32_t, n->count + n->memory_count + 1);
  g->value = arena_new_array(mem, uint8_t, (size_t)n->nets);
  g->toggles = arena_new_array(mem, uint32_t, (size_t)n->nets);
  g->value[NET_ONE] = 1;
  for (int32_t i = 0; i < n->nets; i++)
    b.driver[i] = FREE;
  for (size_t i = 0; i < n->port_count; i++)
    if (strcmp(n->ports[i].name, "clk") == 0 && n->ports[i].input && n->ports[i].width == 1)
      b.clock = n->ports[i].nets[0];
  g->clock = b.clock;
  if (b.clock < 0)
    return diag_tool(d, "the mapped netlist is wrong: its top has no input clk");
  if (!check_kinds(&b) || !place(&b, rtl))
    return false;
  list_readers(&b);
  if (!check_clock(&b) || !set_levels(&b))
    return false;
  open_queue(g);
  gates_start(g);
  *out = g;
  return true;
}

gates_size gates_size_of(const gates *g) {
  gates_size s = {g->n->count, g->ff_count, g->n->memory_count, 0};
  for (size_t i = 0; i < g->n->port_count; i++)
    s.pins += strcmp(g->n->ports[i].name, "clk") == 0 ? 0 : g->n->ports[i].width;
  return s;
}
