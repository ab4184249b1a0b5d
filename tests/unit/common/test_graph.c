// SPDX-License-Identifier: Apache-2.0
//
// Graphs with branches and with several kinds of processing elements: the top that they are printed as, which Verilator
// finds nothing wrong with; what the synthesis and the manifest are told.
#include "compiler/target/common/graph.h"
#include "compiler/tool/tool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#define CORE(id) CORES[CORE_##id].name

static graph *new_graph(arena *mem) {
  static const char *const FIXED[] = {"clk",     "rst",     "s_data",       "s_valid",       "s_ready",       "m_data",
                                      "m_valid", "m_ready", "all_complete", "stage_blocked", "stage_complete"};
  scope *names = scope_new(mem);
  for (size_t i = 0; i < BASE_COUNT(FIXED); i++)
    scope_take(names, FIXED[i]);
  return graph_new(mem, names, "layer", 1u << SYNTH_MULTIPLIERS | 1u << SYNTH_CONTROL);
}

static int add_buffer(graph *g, core_id core, const char *name, graph_stream *in, int depth) {
  int i = graph_add(g, CORES[core].name, name);
  graph_set(g, i, "WIDTH", "%d", graph_width(in));
  if (core == CORE_FIFO)
    graph_set(g, i, "DEPTH", "%d", depth);
  graph_to(in, i, "s");
  return i;
}

// A residual block: y = (3 a + b + 2) >> 2, where a comes by way of a FIFO of eight beats, b by way of a register
// slice.
static graph *residual(arena *mem) {
  graph *g = new_graph(mem);
  graph_part(g, "split");
  graph_stream *x = graph_from_outside(g, "s", "s_valid", "s_ready", "s_data", 2, 8, true);
  int fork = graph_add(g, CORE(FORK), "fork");
  g->instances[fork].note = "to both branches";
  graph_set(g, fork, "WIDTH", "%d", graph_width(x));
  graph_set(g, fork, "N", "2");
  graph_to(x, fork, "s");
  graph_stream *skip = graph_from(g, fork, "m", "skip", 2, 8, true),
               *main = graph_from(g, fork, "m", "main", 2, 8, true);
  int fifo = add_buffer(g, CORE_FIFO, "fifo", skip, 8), slice = add_buffer(g, CORE_SLICE, "slice", main, 0);
  graph_stream *a = graph_from(g, fifo, "m", "late", 2, 8, true), *b = graph_from(g, slice, "m", "early", 2, 8, true);
  graph_part(g, "sum");
  int add = graph_add(g, CORE(ADD), "add");
  graph_set(g, add, "LANES", "2");
  graph_set(g, add, "MA", "3");
  graph_set(g, add, "SHIFT", "2");
  graph_to(a, add, "a");
  graph_to(b, add, "b");
  graph_stream *y = graph_from(g, add, "m", "sum", 2, 8, true);
  graph_carries(g, main, "main", 1, (net_shape){4, 3, 3}, NULL);
  graph_carries(g, y, "sum", 2, (net_shape){4, 3, 3}, NULL);
  graph_part(g, NULL);
  return g;
}

static void printed(void **state) {
  (void)state;
  arena *mem = arena_new();
  str out = {0};
  graph_print(residual(mem), &out);
  assert_string_equal(out.data, "\n    // to both branches\n"
                                "    wire skip_valid, skip_ready;\n"
                                "    wire [15:0] skip_data;\n"
                                "    wire main_valid, main_ready;\n"
                                "    axgen_fork #(.WIDTH(16), .N(2)) fork_2 (\n"
                                "        .clk(clk), .rst(rst),\n"
                                "        .s_valid(s_valid), .s_ready(s_ready), .s_data(s_data),\n"
                                "        .m_valid({main_valid, skip_valid}), .m_ready({main_ready, skip_ready}), "
                                ".m_data(skip_data)\n"
                                "    );\n"
                                "    wire late_valid, late_ready;\n"
                                "    wire [15:0] late_data;\n"
                                "    axgen_fifo #(.WIDTH(16), .DEPTH(8)) fifo (\n"
                                "        .clk(clk), .rst(rst),\n"
                                "        .s_valid(skip_valid), .s_ready(skip_ready), .s_data(skip_data),\n"
                                "        .m_valid(late_valid), .m_ready(late_ready), .m_data(late_data)\n"
                                "    );\n"
                                "    wire early_valid, early_ready;\n"
                                "    wire [15:0] early_data;\n"
                                "    axgen_slice #(.WIDTH(16)) slice (\n"
                                "        .clk(clk), .rst(rst),\n"
                                "        .s_valid(main_valid), .s_ready(main_ready), .s_data(skip_data),\n"
                                "        .m_valid(early_valid), .m_ready(early_ready), .m_data(early_data)\n"
                                "    );\n"
                                "    wire sum_valid, sum_ready;\n"
                                "    wire [15:0] sum_data;\n"
                                "    axgen_add #(.LANES(2), .MA(3), .SHIFT(2)) add (\n"
                                "        .clk(clk), .rst(rst),\n"
                                "        .a_valid(late_valid), .a_ready(late_ready), .a_data(late_data),\n"
                                "        .b_valid(early_valid), .b_ready(early_ready), .b_data(early_data),\n"
                                "        .m_valid(sum_valid), .m_ready(sum_ready), .m_data(sum_data)\n"
                                "    );\n");
  str_free(&out);
  arena_free(mem);
}

static void print_top(const graph *g, str *out) {
  const verilog_port ports[] = {{"clk", "", false, NULL},          {"rst", "", false, NULL},
                                {"s_data", "[15:0]", false, NULL}, {"s_valid", "", false, NULL},
                                {"s_ready", "", true, NULL},       {"m_data", "[15:0]", true, NULL},
                                {"m_valid", "", true, NULL},       {"m_ready", "", false, NULL}};
  const graph_stream *y = graph_result(g);
  str_add(out, "`default_nettype none\n");
  verilog_module("axgen_top", NULL, 0, ports, BASE_COUNT(ports), out);
  graph_print(g, out);
  str_printf(out, "    assign m_valid = %s;\n    assign m_data = %s;\n    assign %s = m_ready;\n", y->valid, y->data,
             y->ready);
  graph_print_traces(g, out);
  verilog_end(out);
}

static void write_and_run(arena *mem, const fileset *files, const char *const *argv) {
  diag d = {0};
  char *dir;
  assert_true(tool_temp_dir(mem, &dir, &d));
  bool ok = fileset_write(files, dir, &d) &&
            tool_run(&(tool_job){.argv = argv, .dir = dir, .log = path_join(mem, dir, "log"), .timeout_s = 60}, &d);
  if (!ok)
    fputs(d.text.data, stderr);
  tool_temp_remove(dir);
  diag_free(&d);
  assert_true(ok);
}

// Beats 0, 1, 2 ... with gaps on both sides come out as they went in: 3 x + x, rounded, over 4.
static const char BENCH[] =
    "module tb;\n"
    "  reg clk = 0, rst = 1; always #5 clk = !clk;\n"
    "  reg [7:0] sent = 0, got = 0, turn = 0; wire s_ready, m_valid; wire [15:0] m_data;\n"
    "  wire s_valid = turn[1:0] != 1, m_ready = turn[2:0] != 2;\n"
    "  axgen_top dut (.clk(clk), .rst(rst), .s_data({~sent, sent}), .s_valid(s_valid && !rst),\n"
    "    .s_ready(s_ready), .m_data(m_data), .m_valid(m_valid), .m_ready(m_ready));\n"
    "  always @(posedge clk) begin\n"
    "    rst <= 0; if (!(s_valid && !s_ready)) turn <= turn + 1;\n"
    "    if (!rst && s_valid && s_ready) sent <= sent + 1;\n"
    "    if (m_valid && m_ready) begin\n"
    "      if (m_data !== {~got, got}) begin $display(\"%h\", m_data); $fatal; end\n"
    "      got <= got + 1; if (got == 100) $finish;\n"
    "    end\n"
    "  end\n"
    "  initial #100000 $fatal;\n"
    "endmodule\n";

static void runs(void **state) {
  (void)state;
  arena *mem = arena_new();
  diag d = {0};
  fileset own = {0}, files = {0};
  str top = {0};
  print_top(residual(mem), &top);
  fileset_add_str(mem, &own, "axgen_top.v", &top);
  assert_true(cores_add(mem, &own, &files, &d));
  cores_file_list(mem, NULL, "cores", &files);
  fileset_add(mem, &files, "axgen_top.v", own.files[0].data, own.files[0].size);
  fileset_add(mem, &files, "tb.v", BENCH, strlen(BENCH));
  write_and_run(mem, &files,
                (const char *const[]){"verilator", "--lint-only", "-Wall", "-f", "axgen.f", "axgen_top.v",
                                      "--top-module", "axgen_top", NULL});
  write_and_run(mem, &files,
                (const char *const[]){
                    "sh", "-c", "iverilog -g2005 -o tb.vvp -s tb -c axgen.f axgen_top.v tb.v && vvp -n tb.vvp", NULL});
  arena_free(mem);
}

// What of it is written down in simulation, and what the synthesis and the manifest are told.
static void told(void **state) {
  (void)state;
  arena *mem = arena_new();
  const graph *g = residual(mem);
  size_t at = 0;
  const graph_stream *first = graph_next_traced(g, &at), *second = graph_next_traced(g, &at);
  assert_string_equal(graph_trace_file(mem, first), "trace/main.hex");
  assert_string_equal(graph_trace_file(mem, second), "trace/sum.hex");
  assert_null(graph_next_traced(g, &at));
  assert_int_equal(graph_beats(second), 18);
  assert_string_equal(graph_result(g)->name, "sum");
  synth_structure s;
  graph_structure(g, "mine", &s);
  assert_string_equal(s.top, "mine");
  assert_int_equal(s.part_count, 3);
  assert_string_equal(s.parts[0].instances[2], "slice");
  assert_null(s.parts[0].instances[3]);
  assert_string_equal(s.parts[1].instances[0], "add");
  cJSON *o = cJSON_CreateObject();
  graph_json(g, "mine", o);
  const cJSON *streams = cJSON_GetObjectItem(o, "streams"), *x = cJSON_GetArrayItem(streams, 1);
  assert_int_equal(cJSON_GetArraySize(streams), 6);
  assert_string_equal(cJSON_GetObjectItem(x, "from")->valuestring, "fork_2.m");
  assert_string_equal(cJSON_GetObjectItem(x, "to")->valuestring, "fifo.s");
  x = cJSON_GetArrayItem(cJSON_GetObjectItem(o, "instances"), 0);
  assert_string_equal(cJSON_GetObjectItem(x, "module")->valuestring, "mine_axgen_fork");
  assert_int_equal(cJSON_GetObjectItem(cJSON_GetObjectItem(x, "parameters"), "WIDTH")->valueint, 16);
  cJSON_Delete(o);
  arena_free(mem);
}

// A layer whose PEs have two kinds of multipliers, and a memory.
static void kinds(void **state) {
  (void)state;
  arena *mem = arena_new();
  graph *g = new_graph(mem);
  const mul e = {.name = "exact8s", .ident = "mul_exact8s"}, r = {.name = "roup8s_p1_c7", .ident = "mul_roup8s_p1_c7"};
  graph_part(g, "conv");
  int layer = graph_add(g, "layer_conv", "u_conv");
  const mul *const muls[] = {&e, &r};
  for (int i = 0; i < 2; i++) {
    int run = graph_add_within(g, layer, muls[i]->ident, i ? "block1" : "block0", i ? 30 : 10);
    g->instances[run].mul = muls[i];
  }
  int front = graph_add_within(g, layer, CORE(MVU_FRONT), "front", 1);
  graph_set_constant(g, front, "PE", "PE", 8);
  graph_add_memory(g, (graph_memory){.instance = front,
                                     .name = "weights",
                                     .role = SYNTH_ROM,
                                     .width = 320,
                                     .depth = 12,
                                     .count = 1,
                                     .file = "rom/conv_weights.hex"});
  graph_part(g, NULL);
  cJSON *o = cJSON_CreateObject();
  graph_json(g, NULL, o);
  char *text = cJSON_PrintUnformatted(o);
  assert_string_equal(
      text,
      "{\"instances\":[{\"instance\":\"u_conv\",\"module\":\"layer_conv\",\"layer\":\"conv\"},"
      "{\"instance\":\"u_conv/block0\",\"module\":\"mul_exact8s\",\"layer\":\"conv\",\"count\":10,\"multiplier\":"
      "\"exact8s\"},"
      "{\"instance\":\"u_conv/block1\",\"module\":\"mul_roup8s_p1_c7\",\"layer\":\"conv\",\"count\":30,\"multiplier\":"
      "\"roup8s_p1_c7\"},"
      "{\"instance\":\"u_conv/front\",\"module\":\"axgen_mvu_front\",\"layer\":\"conv\",\"parameters\":{\"PE\":8}}],"
      "\"streams\":[],"
      "\"memories\":[{\"memory\":\"weights\",\"instance\":\"u_conv/front\",\"kind\":\"rom\",\"width\":320,\"depth\":12,"
      "\"file\":\"rom/conv_weights.hex\"}]}");
  free(text);
  str out = {0};
  verilog_instance(g->instances[front].module, "front", &g->instances[front].parameters, NULL, &out);
  assert_string_equal(out.data, "    axgen_mvu_front #(.PE(PE)) front (\n    );\n");
  str_free(&out);
  cJSON_Delete(o);
  arena_free(mem);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(printed), cmocka_unit_test(runs), cmocka_unit_test(told),
                                     cmocka_unit_test(kinds)};
  return cmocka_run_group_tests_name("common/graph", tests, NULL, NULL);
}
