// SPDX-License-Identifier: Apache-2.0
#include "compiler/target/common/graph.h"
#include "compiler/target/common/rename.h"

#include <string.h>

// ---- building -----------------------------------------------------------------------------------------------------
graph *graph_new(arena *mem, scope *names, const char *unit, unsigned kinds) {
  graph *g = arena_new_object(mem, graph);
  *g =
      (graph){.mem = mem, .names = names, .stream_names = scope_new(mem), .unit = unit, .kinds = kinds, .reset = "rst"};
  return g;
}

void graph_part_of(graph *g, synth_part part) {
  arena_grow(g->mem, g->parts, g->part_count, g->part_cap);
  g->parts[g->part_count++] = part;
}

void graph_part(graph *g, const char *name) { graph_part_of(g, (synth_part){.name = name}); }

static int add(graph *g, graph_instance i) {
  arena_grow(g->mem, g->instances, g->instance_count, g->instance_cap);
  i.parameters.mem = i.ports.mem = g->mem;
  g->instances[g->instance_count] = i;
  return (int)g->instance_count++;
}

int graph_add(graph *g, const char *module, const char *name) {
  assert(g->part_count);
  return add(g, (graph_instance){.module = module,
                                 .name = scope_name(g->names, "%s", name),
                                 .within = GRAPH_TOP,
                                 .part = g->part_count - 1,
                                 .count = 1});
}

int graph_add_within(graph *g, int around, const char *module, const char *name, int64_t count) {
  return add(g, (graph_instance){.module = module,
                                 .name = name,
                                 .within = around,
                                 .part = around == GRAPH_TOP ? g->part_count - 1 : g->instances[around].part,
                                 .apart = around == GRAPH_TOP,
                                 .count = count});
}

void graph_set(graph *g, int instance, const char *parameter, const char *format, ...) {
  str text = {0};
  va_list ap;
  va_start(ap, format);
  str_vprintf(&text, format, ap);
  va_end(ap);
  verilog_bind(&g->instances[instance].parameters, parameter, "%s", text.data);
  str_free(&text);
}

void graph_set_constant(graph *g, int instance, const char *parameter, const char *constant, int64_t value) {
  verilog_bindings *p = &g->instances[instance].parameters;
  verilog_bind(p, parameter, "%lld", (long long)value);
  p->list[p->count - 1].constant = constant;
}

void graph_add_memory(graph *g, graph_memory memory) {
  arena_grow(g->mem, g->memories, g->memory_count, g->memory_cap);
  g->memories[g->memory_count++] = memory;
}

static bool at(const graph_end *end, int instance, const char *port) {
  return end->instance == instance && end->port && strcmp(end->port, port) == 0;
}

static graph_stream *add_stream(graph *g, graph_stream s) {
  arena_grow(g->mem, g->streams, g->stream_count, g->stream_cap);
  s.to.instance = GRAPH_TOP;
  return g->streams[g->stream_count++] = arena_memdup(g->mem, &s, sizeof s);
}

void graph_keep_name(graph *g, const char *name) { scope_take(g->stream_names, name); }

graph_stream *graph_from(graph *g, int instance, const char *port, const char *name, int lanes, int bits,
                         bool is_signed) {
  const graph_stream *first = NULL;
  for (size_t i = 0; !first && i < g->stream_count; i++)
    if (at(&g->streams[i]->from, instance, port))
      first = g->streams[i];
  assert(!first || (first->lanes == lanes && first->bits == bits));
  return add_stream(g, (graph_stream){.name = scope_name(g->stream_names, "%s", name),
                                      .valid = scope_name(g->names, "%s_valid", name),
                                      .ready = scope_name(g->names, "%s_ready", name),
                                      .data = first ? first->data : scope_name(g->names, "%s_data", name),
                                      .same_data = first != NULL,
                                      .from = {instance, port},
                                      .lanes = lanes,
                                      .bits = bits,
                                      .is_signed = is_signed});
}

graph_stream *graph_from_outside(graph *g, const char *name, const char *valid, const char *ready, const char *data,
                                 int lanes, int bits, bool is_signed) {
  return add_stream(g, (graph_stream){.name = scope_name(g->stream_names, "%s", name),
                                      .valid = valid,
                                      .ready = ready,
                                      .data = data,
                                      .from = {GRAPH_TOP, NULL},
                                      .lanes = lanes,
                                      .bits = bits,
                                      .is_signed = is_signed});
}

void graph_to(graph_stream *s, int instance, const char *port) {
  assert(!s->to.port); // what has two receivers goes through a fork
  s->to = (graph_end){instance, port};
}

void graph_carries(graph *g, graph_stream *s, const char *name, int node, net_shape shape, const int *order) {
  s->node = node;
  s->shape = shape;
  s->order = order;
  s->name = name;
  s->trace = scope_name(g->names, "trace_%s", name);
}

void graph_watch(graph *g, graph_stream *out, const graph_stream *in, int64_t depth) {
  out->entry = in;
  out->depth = depth;
  out->watch = scope_name(g->names, "watch_%s", out->name);
}

// ---- asking -------------------------------------------------------------------------------------------------------
int graph_width(const graph_stream *s) { return s->lanes * s->bits; }

int64_t graph_beats(const graph_stream *s) { return net_shape_size(s->shape) / s->lanes; }

const char *graph_trace_file(arena *mem, const graph_stream *s) { return arena_printf(mem, "trace/%s.hex", s->name); }

const graph_instance *graph_find(const graph *g, int around, const char *name) {
  for (size_t i = 0; i < g->instance_count; i++)
    if (g->instances[i].within == around && strcmp(g->instances[i].name, name) == 0)
      return &g->instances[i];
  return NULL;
}

int graph_of_module(const graph *g, const char *module) {
  for (size_t i = 0; i < g->instance_count; i++)
    if (g->instances[i].within == GRAPH_TOP && strcmp(g->instances[i].module, module) == 0)
      return (int)i;
  return GRAPH_TOP;
}

const graph_stream *graph_result(const graph *g) {
  const graph_stream *found = NULL;
  for (size_t i = 0; i < g->stream_count; i++)
    if (g->streams[i]->from.port && !g->streams[i]->to.port) {
      assert(!found);
      found = g->streams[i];
    }
  assert(found);
  return found;
}

const graph_stream *graph_next_traced(const graph *g, size_t *at) {
  while (*at < g->stream_count && !g->streams[*at]->trace)
    ++*at;
  return *at < g->stream_count ? g->streams[(*at)++] : NULL;
}

const char *graph_watch_file(arena *mem, const graph_stream *s) { return arena_printf(mem, "trace/%s.fill", s->name); }

const graph_stream *graph_next_watched(const graph *g, size_t *at) {
  while (*at < g->stream_count && !g->streams[*at]->watch)
    ++*at;
  return *at < g->stream_count ? g->streams[(*at)++] : NULL;
}

size_t graph_traced_count(const graph *g) {
  size_t n = 0;
  for (size_t i = 0; graph_next_traced(g, &i);)
    n++;
  return n;
}

// ---- the top ------------------------------------------------------------------------------------------------------
static const graph_end *end_of(const graph_stream *s, bool sends) { return sends ? &s->from : &s->to; }

static void bind_clock(const graph *g, verilog_bindings *b) {
  verilog_bind(b, "clk", "clk");
  verilog_bind(b, "rst", "%s", g->reset);
}

// The streams at one port of an instance as a row: one net for each signal, or {last, ..., first} of several streams.
static void bind_port(const graph *g, const graph_end *port, bool sends, verilog_bindings *b) {
  const char *valid = NULL, *ready = NULL, *data = NULL;
  bool several = false;
  for (size_t i = 0; i < g->stream_count; i++) {
    const graph_stream *s = g->streams[i];
    if (!at(end_of(s, sends), port->instance, port->port))
      continue;
    several = valid != NULL;
    valid = several ? arena_printf(g->mem, "%s, %s", s->valid, valid) : s->valid;
    ready = several ? arena_printf(g->mem, "%s, %s", s->ready, ready) : s->ready;
    data = s->data;
  }
  verilog_bind_stream(b, port->port, several ? arena_printf(g->mem, "{%s}", valid) : valid,
                      several ? arena_printf(g->mem, "{%s}", ready) : ready, data);
}

// All ports of one side, in the order of their first streams.
static void bind_ports(const graph *g, int instance, bool sends, verilog_bindings *b) {
  for (size_t i = 0; i < g->stream_count; i++) {
    const graph_end *end = end_of(g->streams[i], sends);
    bool bound = end->instance != instance || !end->port;
    for (size_t k = 0; !bound && k < i; k++)
      bound = at(end_of(g->streams[k], sends), instance, end->port);
    if (!bound)
      bind_port(g, end, sends, b);
  }
}

static void declare_streams(const graph *g, int instance, str *out) {
  for (size_t i = 0; i < g->stream_count; i++) {
    const graph_stream *s = g->streams[i];
    if (s->from.instance != instance || !s->from.port)
      continue;
    verilog_wires((const char *const[]){s->valid, s->ready, NULL}, out);
    if (!s->same_data)
      verilog_wire(s->data, graph_width(s), out);
  }
}

static void print_instance(const graph *g, int instance, str *out) {
  const graph_instance *x = &g->instances[instance];
  if (x->note)
    str_printf(out, "\n    // %s\n", x->note);
  declare_streams(g, instance, out);
  verilog_bindings b = {.mem = g->mem};
  bind_clock(g, &b);
  for (size_t i = 0; i < x->ports.count; i++)
    verilog_bind(&b, x->ports.list[i].name, "%s", x->ports.list[i].value);
  bind_ports(g, instance, false, &b);
  bind_ports(g, instance, true, &b);
  verilog_instance(x->module, x->name, &x->parameters, &b, out);
}

void graph_print(const graph *g, str *out) {
  for (size_t i = 0; i < g->instance_count; i++)
    if (g->instances[i].within == GRAPH_TOP && !g->instances[i].apart)
      print_instance(g, (int)i, out);
}

static void print_watches(const graph *g, str *out) {
  const graph_stream *s;
  for (size_t i = 0; (s = graph_next_watched(g, &i));) {
    verilog_bindings parameters = {.mem = g->mem}, b = {.mem = g->mem};
    verilog_bind(&parameters, "FILE", "\"%s\"", graph_watch_file(g->mem, s));
    bind_clock(g, &b);
    verilog_bind(&b, "push", "%s && %s", s->entry->valid, s->entry->ready);
    verilog_bind(&b, "pop", "%s && %s", s->valid, s->ready);
    verilog_instance(GRAPH_WATCH, s->watch, &parameters, &b, out);
  }
}

void graph_print_traces(const graph *g, str *out) {
  const graph_stream *s;
  size_t count = graph_traced_count(g);
  str_printf(out,
             "\n`ifdef AXGEN_TRACE\n    // every stream, written to trace/LAYER.hex in simulation\n"
             "    wire [%zu:0] stage_complete, stage_blocked;\n"
             "    wire all_complete = &stage_complete;\n",
             count - 1);
  for (size_t i = 0, n = 0; (s = graph_next_traced(g, &i)); n++) {
    verilog_bindings parameters = {.mem = g->mem}, b = {.mem = g->mem};
    verilog_bind(&parameters, "WIDTH", "%d", graph_width(s));
    verilog_bind(&parameters, "BEATS", "%lld", (long long)graph_beats(s));
    verilog_bind(&parameters, "FILE", "\"%s\"", graph_trace_file(g->mem, s));
    bind_clock(g, &b);
    verilog_bind(&b, "valid", "%s", s->valid);
    verilog_bind(&b, "ready", "%s", s->ready);
    verilog_bind(&b, "data", "%s", s->data);
    verilog_bind(&b, "complete", "stage_complete[%zu]", n);
    str_printf(out, "    assign stage_blocked[%zu] = %s && !%s;\n", n, s->valid, s->ready);
    verilog_instance(GRAPH_TRACE, s->trace, &parameters, &b, out);
  }
  print_watches(g, out);
  str_add(out, "`endif\n");
}

// ---- the account --------------------------------------------------------------------------------------------------
// The names that a part was given, and those of the top's instances in it.
static const char *const *names_in(const graph *g, size_t part) {
  const char *const *given = g->parts[part].instances;
  size_t n = 0;
  while (given && given[n])
    n++;
  const char **names = arena_new_array(g->mem, const char *, n + g->instance_count + 1);
  for (size_t i = 0; i < n; i++)
    names[i] = given[i];
  for (size_t i = 0; i < g->instance_count; i++)
    if (g->instances[i].within == GRAPH_TOP && g->instances[i].part == part)
      names[n++] = g->instances[i].name;
  return names;
}

void graph_structure(const graph *g, const char *name, synth_structure *out) {
  synth_part *parts = arena_memdup(g->mem, g->parts, g->part_count * sizeof *parts);
  for (size_t p = 0; p < g->part_count; p++)
    parts[p].instances = names_in(g, p);
  *out = (synth_structure){.top = renamed_module(g->mem, name, TARGET_TOP),
                           .prefix = renamed_module(g->mem, name, ""),
                           .cores = CORES,
                           .core_count = CORE_IDS,
                           .kinds = g->kinds,
                           .unit = g->unit,
                           .parts = parts,
                           .part_count = g->part_count};
}

// ---- the manifest -------------------------------------------------------------------------------------------------
// Its place: the names of the instances around it, from the top on.
static const char *place(const graph *g, int instance) {
  if (instance == GRAPH_TOP)
    return "";
  const graph_instance *i = &g->instances[instance];
  const char *around = place(g, i->within);
  return arena_printf(g->mem, "%s%s%s", around, *around ? "/" : "", i->name);
}

static void add_text(cJSON *o, const char *key, const char *text) {
  if (text)
    cJSON_AddStringToObject(o, key, text);
}

static cJSON *instance_json(const graph *g, int index, const char *name) {
  const graph_instance *i = &g->instances[index];
  cJSON *o = cJSON_CreateObject();
  cJSON_AddStringToObject(o, "instance", place(g, index));
  cJSON_AddStringToObject(o, "module", renamed_module(g->mem, name, i->module));
  add_text(o, g->unit, g->parts[i->part].name);
  if (i->count != 1)
    cJSON_AddNumberToObject(o, "count", (double)i->count);
  if (i->mul)
    cJSON_AddStringToObject(o, "multiplier", i->mul->name);
  if (i->parameters.count) {
    cJSON *p = cJSON_AddObjectToObject(o, "parameters");
    for (size_t k = 0; k < i->parameters.count; k++) {
      const char *text = i->parameters.list[k].value;
      int64_t value;
      if (whole_text(text, 10, INT32_MIN, INT32_MAX, &value, NULL))
        cJSON_AddNumberToObject(p, i->parameters.list[k].name, (double)value);
      else
        cJSON_AddStringToObject(p, i->parameters.list[k].name, text);
    }
  }
  return o;
}

static void end_json(const graph *g, cJSON *o, const char *key, const graph_end *end) {
  if (end->port)
    cJSON_AddStringToObject(o, key, arena_printf(g->mem, "%s.%s", place(g, end->instance), end->port));
}

static cJSON *stream_json(const graph *g, const graph_stream *s) {
  cJSON *o = cJSON_CreateObject();
  cJSON_AddStringToObject(o, "stream", s->name);
  cJSON_AddStringToObject(o, "valid", s->valid);
  cJSON_AddStringToObject(o, "ready", s->ready);
  cJSON_AddStringToObject(o, "data", s->data);
  end_json(g, o, "from", &s->from);
  end_json(g, o, "to", &s->to);
  cJSON_AddNumberToObject(o, "values_per_beat", s->lanes);
  cJSON_AddNumberToObject(o, "bits_per_value", s->bits);
  cJSON_AddBoolToObject(o, "signed", s->is_signed);
  if (s->trace)
    cJSON_AddNumberToObject(o, "beats_per_image", (double)graph_beats(s));
  return o;
}

static cJSON *memory_json(const graph *g, const graph_memory *m) {
  cJSON *o = cJSON_CreateObject();
  cJSON_AddStringToObject(o, "memory", m->name);
  cJSON_AddStringToObject(o, "instance", place(g, m->instance));
  cJSON_AddStringToObject(o, "kind", m->role == SYNTH_ROM ? "rom" : "ram");
  cJSON_AddNumberToObject(o, "width", (double)m->width);
  cJSON_AddNumberToObject(o, "depth", (double)m->depth);
  if (m->count != 1)
    cJSON_AddNumberToObject(o, "count", (double)m->count);
  add_text(o, "file", m->file);
  if (m->counted) {
    cJSON_AddNumberToObject(o, "reads_per_image", (double)m->reads);
    cJSON_AddNumberToObject(o, "writes_per_image", (double)m->writes);
  }
  return o;
}

void graph_json(const graph *g, const char *name, cJSON *manifest) {
  cJSON *list = cJSON_AddArrayToObject(manifest, "instances");
  for (size_t i = 0; i < g->instance_count; i++)
    cJSON_AddItemToArray(list, instance_json(g, (int)i, name));
  list = cJSON_AddArrayToObject(manifest, "streams");
  for (size_t i = 0; i < g->stream_count; i++)
    cJSON_AddItemToArray(list, stream_json(g, g->streams[i]));
  list = cJSON_AddArrayToObject(manifest, "memories");
  for (size_t i = 0; i < g->memory_count; i++)
    cJSON_AddItemToArray(list, memory_json(g, &g->memories[i]));
}
