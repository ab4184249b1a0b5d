// SPDX-License-Identifier: Apache-2.0
//
// tb_axi_port: axgen_fgpu_axi_port between random requests and axgen_axi_memory. For Icarus.
//
// Every read must give what the requests before it left in memory; at the end nothing may be under way and both memories
// must be equal. Errors of the bus must be reported once, with their address. FAULT breaks a rule between port and memory
// on purpose, which a check must find. Prints `error ...` or `done READS WRITES CYCLES`.
`default_nettype none
`timescale 1ns / 1ns

module tb_axi_port;
    parameter DATA_W   = 256;
    parameter WRITES   = 4;
    parameter COUNT    = 2000;                     // requests: bursts of reads, or writes
    parameter SEED     = 1;
    parameter STALLS   = 1;                        // 0: the memory is always ready
    parameter LATENCY  = 5;
    parameter MIX      = 128;                      // writes of 256 requests
    parameter GROUPS   = 8;                        // 128 bytes each, chosen at random: few, so that requests meet
    parameter BAD_READ = 0, BAD_WRITE = 0, BAD_RESPONSE = 2;
    parameter FAULT    = 0;
    localparam ADDR_W = 14, AXI_ADDR_W = 40, LINES = 512;
    localparam [63:0] BASE = 64'h7612345000;

    reg clk, rst;
    initial begin
        clk = 1'b0;
        forever #5 clk = !clk;
    end

    reg               m_valid, m_write;
    wire              m_ready;
    reg  [ADDR_W-1:0] m_addr;
    reg  [2:0]        m_id;
    reg  [255:0]      m_wdata;
    reg  [31:0]       m_wstrb;
    wire              r_valid, busy, quiet;
    wire [2:0]        r_id;
    wire [255:0]      r_data;
    wire [1:0]        read_error, write_error;
    wire [ADDR_W-1:0] read_error_addr, write_error_addr;

    wire                  awvalid, awready, wvalid, wready, wlast, bvalid, bready, arvalid, arready, rvalid, rready, rlast;
    wire [AXI_ADDR_W-1:0] awaddr, araddr;
    wire [7:0]            awlen, arlen;
    wire [2:0]            awsize, arsize;
    wire [1:0]            awburst, arburst, bresp, rresp;
    wire [DATA_W-1:0]     wdata, rdata;
    wire [DATA_W/8-1:0]   wstrb;
    wire                  early;                   // fault 12: a response as soon as the address is taken
    reg                   taken;

    axgen_fgpu_axi_port #(.ADDR_W(ADDR_W), .AXI_ADDR_W(AXI_ADDR_W), .DATA_W(DATA_W), .WRITES(WRITES)) dut (
        .clk(clk), .rst(rst), .base(BASE[AXI_ADDR_W-1:0]), .busy(busy),
        .read_error(read_error), .read_error_addr(read_error_addr),
        .write_error(write_error), .write_error_addr(write_error_addr),
        .m_valid(m_valid), .m_ready(m_ready), .m_write(m_write), .m_addr(m_addr), .m_id(m_id), .m_wdata(m_wdata),
        .m_wstrb(m_wstrb), .r_valid(r_valid), .r_id(r_id), .r_data(r_data),
        .awvalid(awvalid), .awready(awready), .awaddr(awaddr), .awlen(awlen), .awsize(awsize), .awburst(awburst),
        .wvalid(wvalid), .wready(wready), .wdata(wdata), .wstrb(wstrb), .wlast(wlast),
        .bvalid(early), .bready(bready), .bresp(bresp),
        .arvalid(arvalid), .arready(arready), .araddr(araddr), .arlen(arlen), .arsize(arsize), .arburst(arburst),
        .rvalid(rvalid), .rready(rready), .rdata(rdata), .rresp(rresp), .rlast(rlast)
    );

    // ---- faults: while a request waits, 1 to 7 withdraw or change it; the others break a rule of bursts or of order
    reg aw_waits, w_waits, ar_waits;
    always @(posedge clk) begin
        aw_waits <= awvalid && !awready;
        w_waits  <= wvalid && !wready;
        ar_waits <= arvalid && !arready;
        taken    <= awvalid && awready;
    end
    wire page_end = (araddr[11:7] == 5'd31);
    assign early = (FAULT == 12) ? taken : bvalid;
    axgen_axi_memory #(.AXI_ADDR_W(AXI_ADDR_W), .DATA_W(DATA_W), .LINES(LINES), .BASE(BASE)) memory (
        .clk(clk), .rst(rst), .seed(STALLS ? SEED : 0), .latency(LATENCY), .bad_read(BAD_READ), .bad_write(BAD_WRITE),
        .bad_response(BAD_RESPONSE[1:0]), .quiet(quiet),
        .awvalid(awvalid && !(FAULT == 1 && aw_waits)), .awready(awready),
        .awaddr(awaddr ^ ((FAULT == 2 && aw_waits) ? 64 : 0)), .awlen(awlen + ((FAULT == 8) ? 8'd1 : 8'd0)),
        .awsize(awsize), .awburst(awburst),
        .wvalid(wvalid), .wready(wready), .wdata(wdata ^ {(FAULT == 3 && w_waits), {(DATA_W-1){1'b0}}}),
        .wstrb(wstrb ^ {(FAULT == 4 && w_waits), {(DATA_W/8-1){1'b0}}}), .wlast(wlast ^ (FAULT == 5)),
        .bvalid(bvalid), .bready(bready), .bresp(bresp),
        .arvalid(arvalid && !(FAULT == 6 && ar_waits)), .arready(arready),
        .araddr(araddr ^ ((FAULT == 7 && ar_waits) ? 128 : (FAULT == 9 && page_end) ? 64 : 0)), .arlen(arlen),
        .arsize(arsize ^ {2'd0, (FAULT == 10)}), .arburst(arburst ^ {1'b0, (FAULT == 11)}),
        .rvalid(rvalid), .rready(rready), .rdata(rdata), .rresp(rresp), .rlast(rlast)
    );

    // ---- requests, what they should give, and what came
    reg [255:0] want [0:LINES-1], expected [0:31];
    reg [7:0]   open;                              // ids with a burst that has not been answered
    reg [2:0]   got [0:7];
    integer     made, reads, writes, cycle, i, errors_r, errors_w, last, random;
    reg [ADDR_W-1:0] at_r, at_w;                   // of the requests that are answered with an error
    function [255:0] wide(input integer x);
        wide = {8{x}} * 256'h9e3779b97f4a7c15f39cc0605cedc8341082276bf3a27251f86c6a11d0c18e95;
    endfunction
    task fail(input [8*48-1:0] what);
        begin
            $display("error %0s", what);
            $finish;
        end
    endtask

    initial begin
        random = SEED;
        rst    = 1'b1;
        for (i = 0; i < LINES; i = i + 1) begin
            want[i] = wide(i);
            memory.memory[i] = wide(i);
        end
        m_valid = 1'b0; open = 8'd0; made = 0; reads = 0; writes = 0; cycle = 0; errors_r = 0; errors_w = 0; last = 0;
        at_r = 0; at_w = 0;
        repeat (4) @(posedge clk);
        rst <= 1'b0;
    end

    always @(posedge clk) if (!rst) begin
        cycle = cycle + 1;
        // answers, before this cycle's requests: one must come later than its request
        if (r_valid) begin
            if (!open[r_id])
                fail("an answer without a request");
            if (r_data !== expected[{r_id, got[r_id][1:0]}])
                fail("a read gave other data than the requests before it left");
            got[r_id] = got[r_id] + 3'd1;
            if (got[r_id] == 3'd4)
                open[r_id] = 1'b0;
            last = cycle;
        end
        if (read_error != 2'd0) begin
            errors_r = errors_r + 1;
            if (read_error_addr != at_r || read_error != ((BAD_RESPONSE == 3) ? 2'd2 : 2'd1))
                fail("a read error with another address or kind");
        end
        if (write_error != 2'd0) begin
            errors_w = errors_w + 1;
            if (write_error_addr != at_w || write_error != ((BAD_RESPONSE == 3) ? 2'd2 : 2'd1))
                fail("a write error with another address or kind");
        end
        // a request that was taken
        if (m_valid && m_ready) begin
            if (m_write) begin
                for (i = 0; i < 32; i = i + 1)
                    if (m_wstrb[i])
                        want[m_addr >> 5][8*i +: 8] = m_wdata[8*i +: 8];
                writes = writes + 1;
                if (writes == BAD_WRITE)
                    at_w = {m_addr[ADDR_W-1:7], 7'd0};
            end else begin
                expected[{m_id, m_addr[6:5]}] = want[m_addr >> 5];
                if (m_addr[6:5] == 2'd0) begin
                    got[m_id] = 3'd0;
                    reads = reads + 1;
                    if (reads == BAD_READ)
                        at_r = m_addr;
                end
            end
        end
        // the next one; a burst of reads goes on without a gap
        if (m_valid && m_ready && !m_write && m_addr[6:5] != 2'd3)
            m_addr <= m_addr + 32;
        else if (!m_valid || m_ready) begin
            m_valid <= 1'b0;
            if (made < COUNT && (STALLS == 0 || $random(random) % 4 != 0)) begin
                m_write <= ($random(random) & 255) < MIX;
                m_id    <= $random(random);
                m_addr  <= (($random(random) & 16'hffff) % GROUPS * 128 * (128 / GROUPS)) | 128 * (128 / GROUPS - 1);
                m_wdata <= wide($random(random));
                m_wstrb <= ($random(random) & 1) ? $random(random) : 32'hffffffff;
                #1;
                if (m_write) begin
                    m_addr[6:5] <= $random(random);
                    m_valid <= 1'b1;
                end else if (!open[m_id]) begin
                    open[m_id] = 1'b1;
                    m_valid <= 1'b1;
                end
                if (m_write || open[m_id])
                    made = made + 1;
            end
        end
        if (made >= COUNT && !m_valid && open == 8'd0 && !busy) begin
            if (!quiet)
                fail("not busy, but a response is missing");
            for (i = 0; i < LINES; i = i + 1)
                if (memory.memory[i] !== want[i])
                    fail("the memory differs at the end");
            if (errors_r != (BAD_READ != 0) || errors_w != (BAD_WRITE != 0))
                fail("errors were not reported once");
            $display("done %0d %0d %0d", reads, writes, cycle);
            $finish;
        end
        if (cycle > 400 * COUNT)
            fail("no end");
    end

endmodule

`default_nettype wire
