// SPDX-License-Identifier: Apache-2.0
//
// Weights that are streamed from outside: ports, what stands behind them, the files of what goes in, and how much that
// is.
#include "compiler/target/dataflow/feed.h"
#include "compiler/target/common/rename.h"

#include <string.h>

#define CORE(id) CORES[CORE_##id].name

bool dataflow_feeds(const dataflow_design *design) {
  for (size_t i = 0; i < design->count; i++)
    if (design->stages[i].stream)
      return true;
  return false;
}

int64_t feed_word_bits(const dataflow_stage *s) { return (int64_t)s->pe * s->simd * s->weight_bits; }

int feed_word_bytes(const dataflow_stage *s) { return (int)div_ceil(feed_word_bits(s), 8); }

int64_t feed_image_words(const dataflow_stage *s) { return (int64_t)s->nf * s->sf * s->stream_passes; }

int64_t feed_image_bytes(const dataflow_stage *s) { return feed_image_words(s) * feed_word_bytes(s); }

const char *feed_port(arena *mem, const dataflow_stage *s) { return arena_printf(mem, "s_weights_%s_axis", s->id); }

const char *feed_file(arena *mem, const dataflow_stage *s) { return arena_printf(mem, FEED_FOLDER "%s.bin", s->id); }

// ---- describing -----------------------------------------------------------------------------------------------------
void feed_describe_layer(const stage_inside *x) {
  graph *g = x->g;
  const dataflow_stage *s = x->s;
  const char *port = feed_port(g->mem, s);
  const char *data = arena_printf(g->mem, "%s_tdata[%lld:0]", port, (long long)feed_word_bits(s) - 1);
  graph_stream *words =
      graph_from_outside(g, port, arena_printf(g->mem, "%s_tvalid", port), arena_printf(g->mem, "%s_tready", port),
                         data, s->pe * s->simd, s->weight_bits, s->weight_signed);
  verilog_bind(&g->instances[x->layer].ports, "weights_rst", "rst");
  graph_to(words, x->layer, "weights");
}

// ---- writing --------------------------------------------------------------------------------------------------------
size_t feed_top_ports(arena *mem, const dataflow_stage *s, verilog_port *ports) {
  if (!s->stream)
    return 0;
  const char *port = feed_port(mem, s);
  ports[0] = (verilog_port){arena_printf(mem, "%s_tdata", port), verilog_range(mem, 8 * (int64_t)feed_word_bytes(s)),
                            false, NULL};
  ports[1] = (verilog_port){arena_printf(mem, "%s_tvalid", port), "", false, NULL};
  ports[2] = (verilog_port){arena_printf(mem, "%s_tready", port), "", true, NULL};
  return 3;
}

size_t feed_layer_ports(arena *mem, const dataflow_stage *s, verilog_port *ports) {
  if (!s->stream)
    return 0;
  ports[0] = (verilog_port){"weights_rst", "", false, "as rst, but not while words are loaded"};
  ports[1] = (verilog_port){"weights_valid", "", false, NULL};
  ports[2] = (verilog_port){"weights_ready", "", true, NULL};
  ports[3] = (verilog_port){"weights_data", verilog_range(mem, feed_word_bits(s)), false, NULL};
  return FEED_PORTS;
}

void feed_emit_unused(arena *mem, const dataflow_design *design, str *out) {
  for (size_t i = 0; i < design->count; i++) {
    const dataflow_stage *s = &design->stages[i];
    int64_t used = s->stream ? feed_word_bits(s) : 0, all = 8 * (s->stream ? (int64_t)feed_word_bytes(s) : 0);
    if (all > used)
      str_printf(out, ", %s_tdata[%lld:%lld]", feed_port(mem, s), (long long)all - 1, (long long)used);
  }
}

// ---- simulation -----------------------------------------------------------------------------------------------------
static void emit_feeder(arena *mem, const dataflow_stage *s, str *out) {
  const char *port = feed_port(mem, s);
  verilog_bindings parameters = {.mem = mem}, b = {.mem = mem};
  verilog_bind(&parameters, "BYTES", "%d", feed_word_bytes(s));
  verilog_bind(&parameters, "WORDS", "%lld", (long long)s->nf * s->sf);
  verilog_bind(&parameters, "FILE", "{FOLDER, \"/%s\"}", feed_file(mem, s));
  verilog_bind_same(&b, (const char *const[]){"clk", "rst", NULL});
  verilog_bind(&b, "stalls", "stalls ^ (stalls != 0 ? 32'd%d : 32'd0)", s->node);
  verilog_row(&b);
  verilog_bind(&b, "valid", "%s_tvalid", port);
  verilog_bind(&b, "ready", "%s_tready", port);
  verilog_bind(&b, "data", "%s_tdata", port);
  verilog_bind(&b, "wrong", "wrong_%s", s->id);
  verilog_instance("axgen_feed", arena_printf(mem, "u_feed_%s", s->id), &parameters, &b, out);
}

static bool is_fed(const char *port) { return strncmp(port, "s_weights_", strlen("s_weights_")) == 0; }

void feed_emit_simulation(arena *mem, const dataflow_design *design, const graph *g, const verilog_port *ports,
                          size_t count, str *out) {
  static const verilog_parameter PARAMETERS[] = {{"FOLDER", "\".\"", "in which " FEED_FOLDER " lies"}};
  verilog_port *outer = arena_new_array(mem, verilog_port, count + 2);
  verilog_bindings b = {.mem = mem};
  str wrong = {0};
  size_t n = 0;
  for (size_t i = 0; i < count; i++) {
    verilog_bind(&b, ports[i].name, "%s", ports[i].name);
    if (!is_fed(ports[i].name))
      outer[n++] = (verilog_port){ports[i].name, ports[i].range, ports[i].output, NULL};
  }
  outer[n++] = (verilog_port){"stalls", "[31:0]", false, "0: none; else the seed of random gaps"};
  outer[n++] = (verilog_port){"feed_wrong", "", true, "a file is not as it must be"};
  str_add(out, "// The accelerator with what feeds its ports for streamed weights.\n");
  verilog_module(FEED_MODULE, PARAMETERS, BASE_COUNT(PARAMETERS), outer, n, out);
  for (size_t i = 0; i < count; i++)
    if (is_fed(ports[i].name))
      str_printf(out, "    wire %s%s%s;\n", ports[i].range, *ports[i].range ? " " : "", ports[i].name);
  for (size_t i = 0; i < design->count; i++) {
    const dataflow_stage *s = &design->stages[i];
    if (!s->stream)
      continue;
    verilog_wires((const char *const[]){arena_printf(mem, "wrong_%s", s->id), NULL}, out);
    emit_feeder(mem, s, out);
    str_printf(&wrong, "%swrong_%s", wrong.len ? " || " : "", s->id);
  }
  verilog_instance(TARGET_TOP, "dut", NULL, &b, out);
  str_printf(out,
             "    assign feed_wrong = %s;\n"
             "`ifdef AXGEN_TRACE\n"
             "    wire all_complete = dut.all_complete;\n"
             "    wire [%zu:0] stage_complete = dut.stage_complete, stage_blocked = dut.stage_blocked;\n"
             "`endif\n",
             wrong.data, graph_traced_count(g) - 1);
  str_free(&wrong);
  verilog_end(out);
}

// ---- the words ------------------------------------------------------------------------------------------------------
static int digit(char c) { return c <= '9' ? c - '0' : c - 'a' + 10; }

void feed_add_file(const stage_roms *r, str *text) {
  const dataflow_stage *s = r->s;
  size_t bytes = (size_t)feed_word_bytes(s), size = bytes * (size_t)s->nf * (size_t)s->sf, at = 0;
  uint8_t *data = arena_new_array(r->mem, uint8_t, size);
  for (const char *line = text->data, *end; (end = strchr(line, '\n')); line = end + 1, at += bytes)
    for (ptrdiff_t i = 0; i < end - line; i++)
      data[at + (size_t)i / 2] |= (uint8_t)(digit(end[-1 - i]) << 4 * (i % 2));
  assert(at == size);
  fileset_add(r->mem, r->out, feed_file(r->mem, s), data, size);
  str_free(text);
}

// ---- how much -------------------------------------------------------------------------------------------------------
void feed_print(const dataflow_design *design, double cycles, str *out) {
  arena *mem = arena_new();
  str_printf(out, "%-14s %-28s %10s %8s %12s %14s %12s %9s\n", "weights of", "come to", "bytes/beat", "words",
             "times/image", "bytes/image", "bytes/cycle", "GB/s");
  double all = 0;
  for (size_t i = 0; i < design->count; i++) {
    const dataflow_stage *s = &design->stages[i];
    if (!s->stream)
      continue;
    double bytes = (double)feed_image_bytes(s);
    all += bytes;
    str_printf(out, "%-14s %-28s %10d %8lld %12lld %14.0f %12.3f %9.3f\n", s->name, feed_port(mem, s),
               feed_word_bytes(s), (long long)s->nf * s->sf, (long long)s->stream_passes, bytes, bytes / cycles,
               bytes / cycles / design->cfg->clock_ns);
  }
  str_printf(out, "%-14s %-28s %10s %8s %12s %14.0f %12.3f %9.3f\n", "all", "", "", "", "", all, all / cycles,
             all / cycles / design->cfg->clock_ns);
  arena_free(mem);
}

cJSON *feed_json(arena *mem, const dataflow_design *design, double cycles) {
  cJSON *list = cJSON_CreateArray();
  for (size_t i = 0; i < design->count; i++) {
    const dataflow_stage *s = &design->stages[i];
    if (!s->stream)
      continue;
    cJSON *o = cJSON_CreateObject();
    cJSON_AddStringToObject(o, "layer", s->name);
    cJSON_AddStringToObject(o, "port", feed_port(mem, s));
    cJSON_AddStringToObject(o, "file", feed_file(mem, s));
    cJSON_AddNumberToObject(o, "tdata_bytes", feed_word_bytes(s));
    cJSON_AddNumberToObject(o, "values_per_beat", s->pe * s->simd);
    cJSON_AddNumberToObject(o, "bits_per_value", s->weight_bits);
    cJSON_AddBoolToObject(o, "signed", s->weight_signed);
    cJSON_AddNumberToObject(o, "beats", (double)s->nf * s->sf);
    cJSON_AddNumberToObject(o, "passes_per_image", (double)s->stream_passes);
    cJSON_AddNumberToObject(o, "beats_per_image", (double)feed_image_words(s));
    cJSON_AddNumberToObject(o, "bytes_per_image", (double)feed_image_bytes(s));
    cJSON_AddNumberToObject(o, "bytes_per_cycle", (double)feed_image_bytes(s) / cycles);
    cJSON_AddNumberToObject(o, "bytes_per_busy_cycle", (double)feed_image_bytes(s) / (double)s->cycles);
    cJSON_AddItemToArray(list, o);
  }
  return list;
}
