// SPDX-License-Identifier: Apache-2.0
//
// What an integrator gets beside the plain tile: a top with AXI ports, and what the C host needs to know of the
// network.
#include "compiler/target/common/rename.h"
#include "compiler/target/fgpu/emit_internal.h"

#include <string.h>

// ---- axgen_top_axi ------------------------------------------------------------------------------------------------
static const verilog_parameter PARAMETERS[] = {
    {"AXI_ADDR_W", "32", "bits of the memory bus's addresses: the tile's to 64"},
    {"AXI_DATA_W", "256", "bits of its data: 32, 64, 128 or 256"},
    {"AXI_WRITES", "8", "writes that wait for their response, at most: 2, 4, 8, 16 or 32"}};
static const verilog_port PORTS[] = {{"aclk", "", false, NULL},
                                     {"aresetn", "", false, "synchronous"},
                                     {"irq", "", true, NULL},
                                     // AXI4-Lite slave
                                     {"s_axi_awvalid", "", false, NULL},
                                     {"s_axi_awready", "", true, NULL},
                                     {"s_axi_awaddr", "[21:0]", false, NULL},
                                     {"s_axi_awprot", "[2:0]", false, NULL},
                                     {"s_axi_wvalid", "", false, NULL},
                                     {"s_axi_wready", "", true, NULL},
                                     {"s_axi_wdata", "[31:0]", false, NULL},
                                     {"s_axi_wstrb", "[3:0]", false, NULL},
                                     {"s_axi_bvalid", "", true, NULL},
                                     {"s_axi_bready", "", false, NULL},
                                     {"s_axi_bresp", "[1:0]", true, NULL},
                                     {"s_axi_arvalid", "", false, NULL},
                                     {"s_axi_arready", "", true, NULL},
                                     {"s_axi_araddr", "[21:0]", false, NULL},
                                     {"s_axi_arprot", "[2:0]", false, NULL},
                                     {"s_axi_rvalid", "", true, NULL},
                                     {"s_axi_rready", "", false, NULL},
                                     {"s_axi_rdata", "[31:0]", true, NULL},
                                     {"s_axi_rresp", "[1:0]", true, NULL},
                                     // AXI4 master
                                     {"m_axi_awvalid", "", true, NULL},
                                     {"m_axi_awready", "", false, NULL},
                                     {"m_axi_awaddr", "[AXI_ADDR_W-1:0]", true, NULL},
                                     {"m_axi_awlen", "[7:0]", true, NULL},
                                     {"m_axi_awsize", "[2:0]", true, NULL},
                                     {"m_axi_awburst", "[1:0]", true, NULL},
                                     {"m_axi_awcache", "[3:0]", true, NULL},
                                     {"m_axi_awprot", "[2:0]", true, NULL},
                                     {"m_axi_wvalid", "", true, NULL},
                                     {"m_axi_wready", "", false, NULL},
                                     {"m_axi_wdata", "[AXI_DATA_W-1:0]", true, NULL},
                                     {"m_axi_wstrb", "[AXI_DATA_W/8-1:0]", true, NULL},
                                     {"m_axi_wlast", "", true, NULL},
                                     {"m_axi_bvalid", "", false, NULL},
                                     {"m_axi_bready", "", true, NULL},
                                     {"m_axi_bresp", "[1:0]", false, NULL},
                                     {"m_axi_arvalid", "", true, NULL},
                                     {"m_axi_arready", "", false, NULL},
                                     {"m_axi_araddr", "[AXI_ADDR_W-1:0]", true, NULL},
                                     {"m_axi_arlen", "[7:0]", true, NULL},
                                     {"m_axi_arsize", "[2:0]", true, NULL},
                                     {"m_axi_arburst", "[1:0]", true, NULL},
                                     {"m_axi_arcache", "[3:0]", true, NULL},
                                     {"m_axi_arprot", "[2:0]", true, NULL},
                                     {"m_axi_rvalid", "", false, NULL},
                                     {"m_axi_rready", "", true, NULL},
                                     {"m_axi_rdata", "[AXI_DATA_W-1:0]", false, NULL},
                                     {"m_axi_rresp", "[1:0]", false, NULL},
                                     {"m_axi_rlast", "", false, NULL}};
enum { OWN_PORTS = 3 };
// What lies between the tile and its AXI ports.
static const char *const BETWEEN[] = {"host_write", "host_addr", "host_wdata", "host_rdata", "m_valid",
                                      "m_ready",    "m_write",   "m_addr",     "m_id",       "m_wdata",
                                      "m_wstrb",    "r_valid",   "r_id",       "r_data",     NULL};

static void add_axi(arena *mem, const fgpu_tile *t, str *out) {
  verilog_bindings parameters = {.mem = mem}, b = {.mem = mem};
  verilog_bind(&parameters, "ADDR_W", "%d", fgpu_address_bits(t));
  verilog_bind(&parameters, "CODE_WORDS", "%d", fgpu_code_depth(t));
  verilog_bind(&parameters, "LAUNCHES", "%d", fgpu_launch_depth(t));
  verilog_bind(&parameters, "AXI_ADDR_W", "AXI_ADDR_W");
  verilog_bind(&parameters, "DATA_W", "AXI_DATA_W");
  verilog_bind(&parameters, "WRITES", "AXI_WRITES");
  verilog_bind(&b, "clk", "aclk");
  verilog_bind_same(&b, (const char *const[]){"rst", "irq", NULL});
  verilog_row(&b);
  verilog_bind_same(&b, BETWEEN);
  verilog_row(&b);
  for (size_t i = OWN_PORTS; i < BASE_COUNT(PORTS); i++)
    verilog_bind(&b, PORTS[i].name, "%s", PORTS[i].name);
  verilog_instance(CORES[CORE_FGPU_AXI].name, "axi", &parameters, &b, out);
}

void fgpu_axi_top(arena *mem, const fgpu_tile *t, str *out) {
  verilog_module(TARGET_TOP "_axi", PARAMETERS, BASE_COUNT(PARAMETERS), PORTS, BASE_COUNT(PORTS), out);
  str_printf(out,
             "\n    reg rst;\n    always @(posedge aclk)\n        rst <= !aresetn;\n\n"
             "    wire         host_write, m_valid, m_ready, m_write, r_valid;\n"
             "    wire [19:0]  host_addr;\n    wire [31:0]  host_wdata, host_rdata, m_wstrb;\n"
             "    wire [%d:0]  m_addr;\n    wire [2:0]   m_id, r_id;\n    wire [255:0] m_wdata, r_data;\n\n",
             fgpu_address_bits(t) - 1);
  verilog_bindings b = {.mem = mem};
  verilog_bind(&b, "clk", "aclk");
  verilog_bind(&b, "rst", "rst");
  verilog_row(&b);
  verilog_bind_same(&b, BETWEEN);
  verilog_instance(TARGET_TOP, "tile", NULL, &b, out);
  str_add(out, "\n");
  add_axi(mem, t, out);
  str_add(out, "\n");
  verilog_end(out);
}

// ---- the C host ---------------------------------------------------------------------------------------------------
static void words(const char *name, const uint32_t *w, size_t count, str *out) {
  str_printf(out, "static const uint32_t %s[%zu] = {", name, count);
  for (size_t i = 0; i < count; i++)
    str_printf(out, "%s0x%08x,", i % 8 ? " " : "\n    ", w[i]);
  str_add(out, "\n};\n");
}

static void tensor_macros(const char *what, const fgpu_program *p, int node, str *out) {
  const fgpu_tensor *t = &p->tensors[node];
  net_shape s = p->model->net->nodes[node].shape;
  str_printf(out,
             "#define AXGEN_%s_CHANNELS %d\n#define AXGEN_%s_HEIGHT %d\n#define AXGEN_%s_WIDTH %d\n"
             "#define AXGEN_%s_FIRST_PIXEL %uu\n#define AXGEN_%s_ROW_BYTES %du\n#define AXGEN_%s_PIXEL_BYTES %du\n",
             what, s.c, what, s.h, what, s.w, what, t->origin, what, t->row, what, t->cp);
}

// The codes of all pixels, by way of images that hold them.
static void pixel_codes(arena *mem, const network *net, uint8_t *code) {
  int size = (int)net_shape_size(net->nodes[0].shape);
  uint8_t *pixels = arena_alloc(mem, (size_t)size);
  int32_t *codes = arena_new_array(mem, int32_t, (size_t)size);
  for (int first = 0; first < 256; first += size) {
    for (int i = 0; i < size; i++)
      pixels[i] = (uint8_t)(first + i);
    infer_input_codes(net, pixels, codes);
    for (int i = 0; i < size && first + i < 256; i++)
      code[first + i] = (uint8_t)codes[i];
  }
}

static void write_network(arena *mem, const fgpu_program *p, const origin *made_from, str *out) {
  const network *net = p->model->net;
  const net_node *in = &net->nodes[0], *last = &net->nodes[net->count - 1];
  int out_node = (int)net->count - 1;
  origin_comment(made_from, "//", "What axgen_host.c needs to know of this network.", out);
  str_printf(out,
             "#ifndef AXGEN_NETWORK_H\n#define AXGEN_NETWORK_H\n\n#include <stdint.h>\n\n"
             "#define AXGEN_LAUNCHES %zu\n\n"
             "/* The tile's memory: all addresses are bytes from its begin. */\n"
             "#define AXGEN_MEMORY_BYTES %uu\n#define AXGEN_CONSTANT_BASE %uu\n#define AXGEN_CONSTANT_BYTES %uu\n\n"
             "/* The image, with a border of AXGEN_IN_ZERO around it where the first layer needs one. */\n"
             "#define AXGEN_IN_BASE %uu\n#define AXGEN_IN_BYTES %uu\n#define AXGEN_IN_ZERO %d\n",
             p->launch_count, p->memory_bytes, p->constant_base, p->constant_bytes, p->tensors[0].base,
             p->tensors[0].bytes, in->quant.zero & 255);
  tensor_macros("IN", p, 0, out);
  str_printf(out,
             "\n/* The outputs: VALUE_BYTES each, little-endian. */\n#define AXGEN_OUT_VALUE_BYTES %d\n"
             "#define AXGEN_OUT_SIGNED %d\n",
             p->tensors[out_node].words ? 4 : 1, p->tensors[out_node].words || last->quant.is_signed);
  tensor_macros("OUT", p, out_node, out);
  str_add(out, "\n/* A pixel's code. */\nstatic const uint8_t axgen_code_of_pixel[256] = {");
  uint8_t code[256] = {0};
  pixel_codes(mem, net, code);
  for (int i = 0; i < 256; i++)
    str_printf(out, "%s0x%02x,", i % 16 ? " " : "\n    ", code[i]);
  str_add(out, "\n};\n\n");
  words("axgen_program", p->code.words, p->code.count, out);
  words("axgen_descriptors", &p->descriptors[0][0], p->launch_count * FGPU_DESCRIPTOR, out);
  str_add(out, "\n#endif\n");
}

bool fgpu_emit_host(arena *mem, const fgpu_program *p, const origin *made_from, fileset *out, diag *d) {
  static const char *const NAME[] = {"axgen_host.h", "axgen_host.c", "main.c"};
  for (size_t i = 0; i < BASE_COUNT(NAME); i++) {
    bytes text;
    if (!file_read(mem, data_path(mem, arena_printf(mem, "rtl_templates/fgpu/host/%s", NAME[i])), 1 << 20, &text, d))
      return false;
    fileset_add(mem, out, arena_printf(mem, "host/%s", NAME[i]), text.data, text.size);
  }
  str network_h = {0};
  write_network(mem, p, made_from, &network_h);
  fileset_add_str(mem, out, "host/axgen_network.h", &network_h);
  fileset_add(mem, out, "program/constants.bin", p->constants, p->constant_bytes);
  return true;
}
