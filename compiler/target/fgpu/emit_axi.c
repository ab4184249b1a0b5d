// SPDX-License-Identifier: Apache-2.0
//
// What an integrator gets beside the plain tile: a top with AXI ports, and what the C host needs to know of the
// network.
#include "compiler/target/common/rename.h"
#include "compiler/target/fgpu/emit_internal.h"

#include <string.h>

// ---- axgen_top_axi ------------------------------------------------------------------------------------------------
typedef struct {
  const char *name;
  bool output;
  const char *range;
} signal_row;

static const signal_row LITE[] = { // AXI4-Lite slave
    {"awvalid", false, ""}, {"awready", true, ""},       {"awaddr", false, "[21:0]"}, {"awprot", false, "[2:0]"},
    {"wvalid", false, ""},  {"wready", true, ""},        {"wdata", false, "[31:0]"},  {"wstrb", false, "[3:0]"},
    {"bvalid", true, ""},   {"bready", false, ""},       {"bresp", true, "[1:0]"},    {"arvalid", false, ""},
    {"arready", true, ""},  {"araddr", false, "[21:0]"}, {"arprot", false, "[2:0]"},  {"rvalid", true, ""},
    {"rready", false, ""},  {"rdata", true, "[31:0]"},   {"rresp", true, "[1:0]"}};
static const signal_row FULL[] = { // AXI4 master
    {"awvalid", true, ""},
    {"awready", false, ""},
    {"awaddr", true, "[AXI_ADDR_W-1:0]"},
    {"awlen", true, "[7:0]"},
    {"awsize", true, "[2:0]"},
    {"awburst", true, "[1:0]"},
    {"awcache", true, "[3:0]"},
    {"awprot", true, "[2:0]"},
    {"wvalid", true, ""},
    {"wready", false, ""},
    {"wdata", true, "[AXI_DATA_W-1:0]"},
    {"wstrb", true, "[AXI_DATA_W/8-1:0]"},
    {"wlast", true, ""},
    {"bvalid", false, ""},
    {"bready", true, ""},
    {"bresp", false, "[1:0]"},
    {"arvalid", true, ""},
    {"arready", false, ""},
    {"araddr", true, "[AXI_ADDR_W-1:0]"},
    {"arlen", true, "[7:0]"},
    {"arsize", true, "[2:0]"},
    {"arburst", true, "[1:0]"},
    {"arcache", true, "[3:0]"},
    {"arprot", true, "[2:0]"},
    {"rvalid", false, ""},
    {"rready", true, ""},
    {"rdata", false, "[AXI_DATA_W-1:0]"},
    {"rresp", false, "[1:0]"},
    {"rlast", false, ""}};

static void ports(const signal_row *row, size_t count, const char *prefix, const char *end, str *out) {
  for (size_t i = 0; i < count; i++)
    str_printf(out, "    %s wire %-20s %s_%s%s\n", row[i].output ? "output" : "input ", row[i].range, prefix,
               row[i].name, i + 1 < count ? "," : end);
}

static void connect(const signal_row *row, size_t count, const char *prefix, const char *end, str *out) {
  for (size_t i = 0; i < count; i++)
    str_printf(out, "        .%s_%s(%s_%s)%s\n", prefix, row[i].name, prefix, row[i].name, i + 1 < count ? "," : end);
}

void fgpu_axi_top(const fgpu_tile *t, int code_words, int launches, str *out) {
  int addr = fgpu_address_bits(t);
  str_add(out, "module " TARGET_TOP "_axi #(\n"
               "    parameter AXI_ADDR_W = 32,  // bits of the memory bus's addresses: the tile's to 64\n"
               "    parameter AXI_DATA_W = 256, // bits of its data: 32, 64, 128 or 256\n"
               "    parameter AXI_WRITES = 8    // writes that wait for their response, at most: 2, 4, 8, 16 or 32\n"
               ") (\n"
               "    input  wire                      aclk,\n"
               "    input  wire                      aresetn, // synchronous\n"
               "    output wire                      irq,\n");
  ports(LITE, BASE_COUNT(LITE), "s_axi", ",", out);
  ports(FULL, BASE_COUNT(FULL), "m_axi", "", out);
  str_printf(out,
             ");\n\n    reg rst;\n    always @(posedge aclk)\n        rst <= !aresetn;\n\n"
             "    wire         host_write, m_valid, m_ready, m_write, r_valid;\n"
             "    wire [19:0]  host_addr;\n    wire [31:0]  host_wdata, host_rdata, m_wstrb;\n"
             "    wire [%d:0]  m_addr;\n    wire [2:0]   m_id, r_id;\n    wire [255:0] m_wdata, r_data;\n\n",
             addr - 1);
  static const char *const PORT[] = {"host_write", "host_addr", "host_wdata", "host_rdata", "m_valid",
                                     "m_ready",    "m_write",   "m_addr",     "m_id",       "m_wdata",
                                     "m_wstrb",    "r_valid",   "r_id",       "r_data"};
  str tile = {0};
  for (size_t i = 0; i < BASE_COUNT(PORT); i++)
    str_printf(&tile, "        .%s(%s)%s\n", PORT[i], PORT[i], i + 1 < BASE_COUNT(PORT) ? "," : "");
  str_printf(out, "    " TARGET_TOP " tile (\n        .clk(aclk),\n        .rst(rst),\n%s    );\n\n", tile.data);
  str_printf(out,
             "    axgen_fgpu_axi #(\n        .ADDR_W(%d), .CODE_WORDS(%d), .LAUNCHES(%d),\n"
             "        .AXI_ADDR_W(AXI_ADDR_W), .DATA_W(AXI_DATA_W), .WRITES(AXI_WRITES)\n    ) axi (\n"
             "        .clk(aclk),\n        .rst(rst),\n        .irq(irq),\n%.*s,\n",
             addr, code_words, launches, (int)tile.len - 1, tile.data);
  str_free(&tile);
  connect(LITE, BASE_COUNT(LITE), "s_axi", ",", out);
  connect(FULL, BASE_COUNT(FULL), "m_axi", "", out);
  str_add(out, "    );\n\nendmodule\n\n`default_nettype wire\n");
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
