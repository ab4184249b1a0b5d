// SPDX-License-Identifier: Apache-2.0
//
// tb_fgpu_device: a generated tile with AXI ports, `axgen_top_axi`, with its memory, and a bus to its registers. Simulation
// only. Its user is a driver: tb_fgpu_axi in Verilog, or host_bus.cpp, behind which the C host runs.
//
// Function    Resets the tile, then takes accesses: `go` for a cycle with write, addr (bytes) and data, until `done`; `up`
//             says that reset is over. Memory, 32 bytes a line, is memory.memory, at BASE on the bus. `quiet`: no request is
//             without its response.
//
// Plusargs    +latency=N     cycles from a request to the memory's response              (default 8, at least 1)
//             +stalls=SEED   0: none; else random gaps and delays on all ten AXI channels
//             +bad_read=N, +bad_write=N   the N-th read or write burst is answered with an error (default 0: none)
//             +bad_response=R             2 SLVERR, 3 DECERR                                  (default 2)
`default_nettype none

module tb_fgpu_device #(
    parameter LINES      = 4096,                   // of global memory
    parameter DATA_W     = 256,                    // bits of its bus
    parameter AXI_ADDR_W = 40,                     // bits of the bus's addresses
    parameter [63:0] BASE = 64'h7612345000         // of the memory
) (
    input  wire        clk,
    input  wire        go,
    input  wire        write,
    input  wire [21:0] addr,
    input  wire [31:0] data,
    output wire        done,
    output wire [31:0] answer,
    output wire [1:0]  response,
    output wire        up,
    output wire        irq,
    output wire        quiet,
    output reg  [31:0] reads,                      // beats on the memory's bus
    output reg  [31:0] writes
);

    wire                  h_awvalid, h_awready, h_wvalid, h_wready, h_bvalid, h_bready, h_arvalid, h_arready,
                          h_rvalid, h_rready;
    wire [21:0]           h_awaddr, h_araddr;
    wire [31:0]           h_wdata, h_rdata;
    wire [1:0]            h_bresp, h_rresp;
    wire [3:0]            h_wstrb;
    wire                  r_awvalid, r_awready, r_wvalid, r_wready, r_wlast, r_bvalid, r_bready, r_arvalid, r_arready,
                          r_rvalid, r_rready, r_rlast;
    wire [AXI_ADDR_W-1:0] r_awaddr, r_araddr;
    wire [7:0]            r_awlen, r_arlen;
    wire [2:0]            r_awsize, r_arsize;
    wire [1:0]            r_awburst, r_bresp, r_arburst, r_rresp;
    wire [DATA_W-1:0]     r_wdata, r_rdata;
    wire [DATA_W/8-1:0]   r_wstrb;

    reg     rst;
    integer latency, seed, bad_read, bad_write, bad_response, cycle;
    initial begin
        latency      = 8;
        seed         = 0;
        bad_read     = 0;
        bad_write    = 0;
        bad_response = 2;
        if ($value$plusargs("latency=%d", latency)) begin end
        if ($value$plusargs("stalls=%d", seed)) begin end
        if ($value$plusargs("bad_read=%d", bad_read)) begin end
        if ($value$plusargs("bad_write=%d", bad_write)) begin end
        if ($value$plusargs("bad_response=%d", bad_response)) begin end
        rst    = 1'b1;
        cycle  = 0;
        reads  = 32'd0;
        writes = 32'd0;
    end
    assign up = (cycle >= 8);
    always @(posedge clk) begin
        if (!up)
            cycle = cycle + 1;
        rst <= (cycle < 4);
        if (r_rvalid && r_rready)
            reads <= reads + 32'd1;
        if (r_wvalid && r_wready)
            writes <= writes + 32'd1;
    end

    axgen_top_axi #(.AXI_DATA_W(DATA_W), .AXI_ADDR_W(AXI_ADDR_W)) dut (
        .aclk(clk), .aresetn(!rst), .irq(irq), .s_axi_awprot(3'd0), .s_axi_arprot(3'd0), .s_axi_wstrb(h_wstrb),
        .s_axi_awvalid(h_awvalid), .s_axi_awready(h_awready), .s_axi_awaddr(h_awaddr), .s_axi_wvalid(h_wvalid),
        .s_axi_wready(h_wready), .s_axi_wdata(h_wdata), .s_axi_bvalid(h_bvalid), .s_axi_bready(h_bready),
        .s_axi_bresp(h_bresp), .s_axi_arvalid(h_arvalid), .s_axi_arready(h_arready), .s_axi_araddr(h_araddr),
        .s_axi_rvalid(h_rvalid), .s_axi_rready(h_rready), .s_axi_rdata(h_rdata), .s_axi_rresp(h_rresp),
        .m_axi_awcache(), .m_axi_awprot(), .m_axi_arcache(), .m_axi_arprot(),
        .m_axi_awvalid(r_awvalid), .m_axi_awready(r_awready), .m_axi_awaddr(r_awaddr), .m_axi_awlen(r_awlen),
        .m_axi_awsize(r_awsize), .m_axi_awburst(r_awburst), .m_axi_wvalid(r_wvalid), .m_axi_wready(r_wready),
        .m_axi_wdata(r_wdata), .m_axi_wstrb(r_wstrb), .m_axi_wlast(r_wlast), .m_axi_bvalid(r_bvalid),
        .m_axi_bready(r_bready), .m_axi_bresp(r_bresp), .m_axi_arvalid(r_arvalid), .m_axi_arready(r_arready),
        .m_axi_araddr(r_araddr), .m_axi_arlen(r_arlen), .m_axi_arsize(r_arsize), .m_axi_arburst(r_arburst),
        .m_axi_rvalid(r_rvalid), .m_axi_rready(r_rready), .m_axi_rdata(r_rdata), .m_axi_rresp(r_rresp),
        .m_axi_rlast(r_rlast)
    );

    axgen_axi_memory #(.AXI_ADDR_W(AXI_ADDR_W), .DATA_W(DATA_W), .LINES(LINES), .BASE(BASE)) memory (
        .clk(clk), .rst(rst), .seed(seed), .latency(latency), .bad_read(bad_read), .bad_write(bad_write),
        .bad_response(bad_response[1:0]), .quiet(quiet),
        .awvalid(r_awvalid), .awready(r_awready), .awaddr(r_awaddr), .awlen(r_awlen), .awsize(r_awsize),
        .awburst(r_awburst), .wvalid(r_wvalid), .wready(r_wready), .wdata(r_wdata), .wstrb(r_wstrb), .wlast(r_wlast),
        .bvalid(r_bvalid), .bready(r_bready), .bresp(r_bresp), .arvalid(r_arvalid), .arready(r_arready),
        .araddr(r_araddr), .arlen(r_arlen), .arsize(r_arsize), .arburst(r_arburst), .rvalid(r_rvalid),
        .rready(r_rready), .rdata(r_rdata), .rresp(r_rresp), .rlast(r_rlast)
    );

    axgen_axil_master bus (
        .clk(clk), .rst(rst), .seed(seed), .go(go), .write(write), .addr(addr), .data(data), .strobes(4'hf),
        .wstrb(h_wstrb), .done(done), .answer(answer), .response(response),
        .awvalid(h_awvalid), .awready(h_awready), .awaddr(h_awaddr), .wvalid(h_wvalid), .wready(h_wready),
        .wdata(h_wdata), .bvalid(h_bvalid), .bready(h_bready), .bresp(h_bresp), .arvalid(h_arvalid),
        .arready(h_arready), .araddr(h_araddr), .rvalid(h_rvalid), .rready(h_rready), .rdata(h_rdata),
        .rresp(h_rresp)
    );

endmodule

`default_nettype wire
