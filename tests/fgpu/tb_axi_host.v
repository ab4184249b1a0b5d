// SPDX-License-Identifier: Apache-2.0
//
// tb_axi_host: every register of axgen_fgpu_axi_host, by way of axgen_axil_master, with a stand-in for the tile. For Icarus.
// Prints `error ...` or `done ACCESSES`.
`default_nettype none
`timescale 1ns / 1ns

module tb_axi_host;
    parameter SEED       = 0;                      // random delays on the five channels; 0: none
    parameter AXI_ADDR_W = 40;
    localparam ADDR_W = 16, CODE_WORDS = 32, LAUNCHES = 2;
    localparam OKAY = 2'd0, SLVERR = 2'd2;

    reg clk, rst;
    initial begin
        clk = 1'b0;
        forever #5 clk = !clk;
    end

    reg         go, write, port_busy;
    reg  [21:0] addr;
    reg  [31:0] data;
    reg  [3:0]  strobes;
    reg  [1:0]  read_error, write_error;
    wire        done, irq, host_write;
    wire [31:0] answer, host_wdata;
    wire [1:0]  response;
    wire [19:0] host_addr;
    wire [AXI_ADDR_W-1:0] base;
    wire        awvalid, awready, wvalid, wready, bvalid, bready, arvalid, arready, rvalid, rready;
    wire [21:0] awaddr, araddr;
    wire [31:0] wdata, rdata;
    wire [3:0]  wstrb;
    wire [1:0]  bresp, rresp;
    axgen_axil_master bus (
        .clk(clk), .rst(rst), .seed(SEED), .go(go), .write(write), .addr(addr), .data(data), .strobes(strobes),
        .done(done), .answer(answer), .response(response),
        .awvalid(awvalid), .awready(awready), .awaddr(awaddr), .wvalid(wvalid), .wready(wready), .wdata(wdata),
        .wstrb(wstrb), .bvalid(bvalid), .bready(bready), .bresp(bresp), .arvalid(arvalid), .arready(arready),
        .araddr(araddr), .rvalid(rvalid), .rready(rready), .rdata(rdata), .rresp(rresp)
    );

    // ---- the tile: busy for `run` cycles after a start of some launches; remembers what was written
    reg  [31:0] host_rdata, cycles, code [0:CODE_WORDS-1], desc [0:16*LAUNCHES-1];
    integer     left, run, starts, writes;
    always @(posedge clk) begin
        if (rst) begin
            left = 0; starts = 0; writes = 0; cycles = 0;
        end else begin
            if (left != 0) begin
                left   = left - 1;
                cycles = cycles + 1;
            end
            if (host_write) begin
                writes = writes + 1;
                case (host_addr[19:18])
                    2'd1: code[host_addr[17:0]] = host_wdata;
                    2'd2: desc[host_addr[17:0]] = host_wdata;
                    default: begin
                        starts = starts + 1;
                        cycles = 0;
                        left   = (host_wdata[31:16] != 0) ? run : 0;
                    end
                endcase
            end
        end
        case (host_addr[1:0])
            2'd0: host_rdata <= #1 (left != 0);
            2'd1: host_rdata <= #1 cycles;
            default: host_rdata <= #1 32'd77;
        endcase
    end

    axgen_fgpu_axi_host #(
        .ADDR_W(ADDR_W), .AXI_ADDR_W(AXI_ADDR_W), .CODE_WORDS(CODE_WORDS), .LAUNCHES(LAUNCHES)
    ) dut (
        .clk(clk), .rst(rst), .irq(irq), .base(base), .port_busy(port_busy),
        .read_error(read_error), .read_error_addr(16'h1280), .write_error(write_error), .write_error_addr(16'h3400),
        .host_write(host_write), .host_addr(host_addr), .host_wdata(host_wdata), .host_rdata(host_rdata),
        .awvalid(awvalid), .awready(awready), .awaddr(awaddr), .wvalid(wvalid), .wready(wready), .wdata(wdata),
        .wstrb(wstrb), .bvalid(bvalid), .bready(bready), .bresp(bresp), .arvalid(arvalid), .arready(arready),
        .araddr(araddr), .rvalid(rvalid), .rready(rready), .rdata(rdata), .rresp(rresp)
    );

    integer accesses, i, were;
    task fail(input [8*48-1:0] what);
        begin
            $display("error %0s (access %0d)", what, accesses);
            $finish;
        end
    endtask
    task access(input is_write, input [21:0] at, input [31:0] value, input [3:0] strobe, input [1:0] want);
        begin
            @(posedge clk);
            go <= 1'b1; write <= is_write; addr <= at; data <= value; strobes <= strobe;
            @(posedge clk);
            go <= 1'b0;
            @(posedge clk);
            while (!done)
                @(posedge clk);
            accesses = accesses + 1;
            if (response !== want)
                fail(is_write ? "a write's response" : "a read's response");
        end
    endtask
    task put(input [21:0] at, input [31:0] value, input [1:0] want);
        access(1'b1, at, value, 4'hf, want);
    endtask
    task get(input [21:0] at, input [31:0] value, input [1:0] want);
        begin
            access(1'b0, at, 32'd0, 4'h0, want);
            if (answer !== value)
                fail("what a read gave");
        end
    endtask

    initial begin
        accesses = 0;
        rst = 1'b1; go = 1'b0; write = 1'b0; addr = 22'd0; data = 32'd0; strobes = 4'd0; port_busy = 1'b0;
        read_error = 2'd0; write_error = 2'd0; run = 300;
        repeat (4) @(posedge clk);
        rst <= 1'b0;
        // registers after reset
        get(22'h00, 0, OKAY); get(22'h0c, 0, OKAY); get(22'h10, 0, OKAY); get(22'h18, 0, OKAY); get(22'h1c, 0, OKAY);
        get(22'h08, 77, OKAY);
        // the base, its low bits and those beyond the address
        put(22'h18, 32'h89abcdef, OKAY); put(22'h1c, 32'h12345678, OKAY);
        get(22'h18, 32'h89abc000, OKAY); get(22'h1c, 32'h12345678, OKAY);
        if (base !== 64'h1234567889abc000 << (64 - AXI_ADDR_W) >> (64 - AXI_ADDR_W))
            fail("the base");
        // program and descriptors: every word, then beyond the end; partial and no strobes
        for (i = 0; i < CODE_WORDS; i = i + 1)
            put(22'h100000 + 4*i, 32'hc0de0000 + i, OKAY);
        for (i = 0; i < 16*LAUNCHES; i = i + 1)
            put(22'h200000 + 4*i, 32'hde5c0000 + i, OKAY);
        were = writes;
        put(22'h100000 + 4*CODE_WORDS, 1, SLVERR); put(22'h200000 + 64*LAUNCHES, 1, SLVERR); put(22'h300000, 1, SLVERR);
        put(22'h20, 1, SLVERR); put(22'h04, 1, SLVERR); put(22'h08, 1, SLVERR); put(22'h14, 1, SLVERR);
        access(1'b1, 22'h100000, 32'hffffffff, 4'h7, SLVERR); access(1'b1, 22'h100000, 32'hffffffff, 4'h0, OKAY);
        access(1'b1, 22'h000000, 32'h00010000, 4'h3, SLVERR);
        get(22'h100000, 0, SLVERR); get(22'h200004, 0, SLVERR); get(22'h20, 0, SLVERR); get(22'h3ffffc, 0, SLVERR);
        if (writes != were)
            fail("a refused write had an effect");
        for (i = 0; i < CODE_WORDS; i = i + 1)
            if (code[i] !== 32'hc0de0000 + i || desc[i] !== 32'hde5c0000 + i)
                fail("a word of the program");
        // a run: busy at once, nothing can be written, the interrupt at its end
        put(22'h00, 32'h00010000, OKAY);
        get(22'h00, 1, OKAY);
        put(22'h00, 32'h00010000, SLVERR); put(22'h100000, 1, SLVERR); put(22'h200000, 1, SLVERR); put(22'h18, 0, SLVERR);
        put(22'h1c, 0, SLVERR);
        if (starts != 1 || code[0] !== 32'hc0de0000 || irq)
            fail("a write had an effect while busy");
        wait (left == 1);
        port_busy = 1'b1;                          // the last write has no response yet
        repeat (40) @(posedge clk);
        get(22'h00, 1, OKAY);
        if (irq)
            fail("an interrupt before the last response");
        // errors: each bit, the first address, cleared by ones
        @(posedge clk) write_error <= 2'b01;
        @(posedge clk) write_error <= 2'b00;
        @(posedge clk) read_error <= 2'b10;
        @(posedge clk) read_error <= 2'b00;
        get(22'h00, 3, OKAY); get(22'h10, 6, OKAY); get(22'h14, 32'h3400, OKAY);
        port_busy = 1'b0;
        repeat (3) @(posedge clk);
        if (!irq)
            fail("no interrupt");
        get(22'h00, 2, OKAY); get(22'h0c, 1, OKAY); get(22'h04, 300, OKAY);
        put(22'h0c, 0, OKAY); get(22'h0c, 1, OKAY); put(22'h0c, 1, OKAY); get(22'h0c, 0, OKAY);
        put(22'h10, 4, OKAY); get(22'h10, 2, OKAY); put(22'h10, 2, OKAY); get(22'h10, 0, OKAY); get(22'h00, 0, OKAY);
        @(posedge clk) begin read_error <= 2'b01; write_error <= 2'b10; end
        @(posedge clk) begin read_error <= 2'b00; write_error <= 2'b00; end
        get(22'h10, 9, OKAY); get(22'h14, 32'h1280, OKAY);
        // a start of no launches ends at once; a start clears the interrupt
        put(22'h00, 32'd0, OKAY);
        repeat (4) @(posedge clk);
        if (!irq || starts != 2)
            fail("an empty run");
        put(22'h00, 32'h00010001, OKAY);
        get(22'h0c, 0, OKAY);
        $display("done %0d", accesses);
        $finish;
    end

    initial begin
        repeat (200000) @(posedge clk);
        fail("no end");
    end

endmodule

`default_nettype wire
