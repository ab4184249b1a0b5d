// SPDX-License-Identifier: Apache-2.0
//
// axgen_fgpu_axi: the tile's two ports as an AXI4-Lite slave and an AXI4 master.
//
// Function    Stands between a tile (axgen_fgpu, or a generated axgen_top) and a bus: axgen_fgpu_axi_host turns the slave's
//             registers into the host port, axgen_fgpu_axi_port the memory port into bursts. See there for the registers,
//             for the order of reads and writes, and for errors.
// Latency     see the parts.
// Throughput  see the parts.
// Handshake   AXI4-Lite slave s_axi_*, AXI4 master m_axi_* without IDs; irq stays high until it is cleared.
// Legal       see the parts.
`default_nettype none

module axgen_fgpu_axi #(
    parameter ADDR_W     = 24,                     // bits of the tile's addresses
    parameter CODE_WORDS = 4096,                   // the tile's
    parameter LAUNCHES   = 64,                     // the tile's
    parameter AXI_ADDR_W = 32,                     // bits of the master's addresses
    parameter DATA_W     = 256,                    // bits of the master's data
    parameter WRITES     = 8,                      // writes that wait for their response, at most
    parameter [3:0] CACHE = 4'b0011,               // awcache and arcache: normal memory, not cached
    parameter [2:0] PROT  = 3'b000                 // awprot and arprot: unprivileged, secure, data
) (
    input  wire                  clk,
    input  wire                  rst,
    output wire                  irq,
    // to the tile
    output wire                  host_write,
    output wire [19:0]           host_addr,
    output wire [31:0]           host_wdata,
    input  wire [31:0]           host_rdata,
    input  wire                  m_valid,
    output wire                  m_ready,
    input  wire                  m_write,
    input  wire [ADDR_W-1:0]     m_addr,
    input  wire [2:0]            m_id,
    input  wire [255:0]          m_wdata,
    input  wire [31:0]           m_wstrb,
    output wire                  r_valid,
    output wire [2:0]            r_id,
    output wire [255:0]          r_data,
    // AXI4-Lite slave
    input  wire                  s_axi_awvalid,
    output wire                  s_axi_awready,
    input  wire [21:0]           s_axi_awaddr,
    input  wire [2:0]            s_axi_awprot,
    input  wire                  s_axi_wvalid,
    output wire                  s_axi_wready,
    input  wire [31:0]           s_axi_wdata,
    input  wire [3:0]            s_axi_wstrb,
    output wire                  s_axi_bvalid,
    input  wire                  s_axi_bready,
    output wire [1:0]            s_axi_bresp,
    input  wire                  s_axi_arvalid,
    output wire                  s_axi_arready,
    input  wire [21:0]           s_axi_araddr,
    input  wire [2:0]            s_axi_arprot,
    output wire                  s_axi_rvalid,
    input  wire                  s_axi_rready,
    output wire [31:0]           s_axi_rdata,
    output wire [1:0]            s_axi_rresp,
    // AXI4 master
    output wire                  m_axi_awvalid,
    input  wire                  m_axi_awready,
    output wire [AXI_ADDR_W-1:0] m_axi_awaddr,
    output wire [7:0]            m_axi_awlen,
    output wire [2:0]            m_axi_awsize,
    output wire [1:0]            m_axi_awburst,
    output wire [3:0]            m_axi_awcache,
    output wire [2:0]            m_axi_awprot,
    output wire                  m_axi_wvalid,
    input  wire                  m_axi_wready,
    output wire [DATA_W-1:0]     m_axi_wdata,
    output wire [DATA_W/8-1:0]   m_axi_wstrb,
    output wire                  m_axi_wlast,
    input  wire                  m_axi_bvalid,
    output wire                  m_axi_bready,
    input  wire [1:0]            m_axi_bresp,
    output wire                  m_axi_arvalid,
    input  wire                  m_axi_arready,
    output wire [AXI_ADDR_W-1:0] m_axi_araddr,
    output wire [7:0]            m_axi_arlen,
    output wire [2:0]            m_axi_arsize,
    output wire [1:0]            m_axi_arburst,
    output wire [3:0]            m_axi_arcache,
    output wire [2:0]            m_axi_arprot,
    input  wire                  m_axi_rvalid,
    output wire                  m_axi_rready,
    input  wire [DATA_W-1:0]     m_axi_rdata,
    input  wire [1:0]            m_axi_rresp,
    input  wire                  m_axi_rlast
);

    wire [AXI_ADDR_W-1:0] base;
    wire                  port_busy;
    wire [1:0]            read_error, write_error;
    wire [ADDR_W-1:0]     read_error_addr, write_error_addr;
    assign m_axi_awcache = CACHE;
    assign m_axi_arcache = CACHE;
    assign m_axi_awprot  = PROT;
    assign m_axi_arprot  = PROT;

    axgen_fgpu_axi_host #(
        .ADDR_W(ADDR_W), .AXI_ADDR_W(AXI_ADDR_W), .CODE_WORDS(CODE_WORDS), .LAUNCHES(LAUNCHES)
    ) u_host (
        .clk(clk), .rst(rst), .irq(irq), .base(base), .port_busy(port_busy),
        .read_error(read_error), .read_error_addr(read_error_addr),
        .write_error(write_error), .write_error_addr(write_error_addr),
        .host_write(host_write), .host_addr(host_addr), .host_wdata(host_wdata), .host_rdata(host_rdata),
        .awvalid(s_axi_awvalid), .awready(s_axi_awready), .awaddr(s_axi_awaddr), .wvalid(s_axi_wvalid),
        .wready(s_axi_wready), .wdata(s_axi_wdata), .wstrb(s_axi_wstrb), .bvalid(s_axi_bvalid),
        .bready(s_axi_bready), .bresp(s_axi_bresp), .arvalid(s_axi_arvalid), .arready(s_axi_arready),
        .araddr(s_axi_araddr), .rvalid(s_axi_rvalid), .rready(s_axi_rready), .rdata(s_axi_rdata), .rresp(s_axi_rresp)
    );

    axgen_fgpu_axi_port #(
        .ADDR_W(ADDR_W), .AXI_ADDR_W(AXI_ADDR_W), .DATA_W(DATA_W), .WRITES(WRITES)
    ) u_port (
        .clk(clk), .rst(rst), .base(base), .busy(port_busy),
        .read_error(read_error), .read_error_addr(read_error_addr),
        .write_error(write_error), .write_error_addr(write_error_addr),
        .m_valid(m_valid), .m_ready(m_ready), .m_write(m_write), .m_addr(m_addr), .m_id(m_id), .m_wdata(m_wdata),
        .m_wstrb(m_wstrb), .r_valid(r_valid), .r_id(r_id), .r_data(r_data),
        .awvalid(m_axi_awvalid), .awready(m_axi_awready), .awaddr(m_axi_awaddr), .awlen(m_axi_awlen),
        .awsize(m_axi_awsize), .awburst(m_axi_awburst), .wvalid(m_axi_wvalid), .wready(m_axi_wready),
        .wdata(m_axi_wdata), .wstrb(m_axi_wstrb), .wlast(m_axi_wlast), .bvalid(m_axi_bvalid), .bready(m_axi_bready),
        .bresp(m_axi_bresp), .arvalid(m_axi_arvalid), .arready(m_axi_arready), .araddr(m_axi_araddr),
        .arlen(m_axi_arlen), .arsize(m_axi_arsize), .arburst(m_axi_arburst), .rvalid(m_axi_rvalid),
        .rready(m_axi_rready), .rdata(m_axi_rdata), .rresp(m_axi_rresp), .rlast(m_axi_rlast)
    );

    wire unused = &{1'b0, s_axi_awprot, s_axi_arprot};

endmodule

`default_nettype wire
