// SPDX-License-Identifier: Apache-2.0
//
// axgen_axil_master: single accesses to an AXI4-Lite slave, which it checks. Simulation only.
//
// Function    go: an access to addr; done (one cycle) when it has its response. With `seed` address and data come at random
//             times, in any order, and responses are taken late. A response must stay until it is taken and must not come
//             without a request.
// Latency     as the slave's and the random delays.
// Throughput  one access at a time.
// Handshake   go: a pulse, only while none is under way.
// Legal       any.
`default_nettype none

module axgen_axil_master (
    input  wire        clk,
    input  wire        rst,
    input  wire [31:0] seed,
    input  wire        go,
    input  wire        write,
    input  wire [21:0] addr,
    input  wire [31:0] data,
    input  wire [3:0]  strobes,
    output reg         done,
    output reg  [31:0] answer,
    output reg  [1:0]  response,
    output reg         awvalid,
    input  wire        awready,
    output reg  [21:0] awaddr,
    output reg         wvalid,
    input  wire        wready,
    output reg  [31:0] wdata,
    output reg  [3:0]  wstrb,
    input  wire        bvalid,
    output reg         bready,
    input  wire [1:0]  bresp,
    output reg         arvalid,
    input  wire        arready,
    output reg  [21:0] araddr,
    input  wire        rvalid,
    output reg         rready,
    input  wire [31:0] rdata,
    input  wire [1:0]  rresp
);

    axgen_stable #(.WIDTH(2), .NAME("bresp")) check_b (
        .clk(clk), .rst(rst), .valid(bvalid), .ready(bready), .data(bresp)
    );
    axgen_stable #(.WIDTH(34), .NAME("rdata or rresp")) check_r (
        .clk(clk), .rst(rst), .valid(rvalid), .ready(rready), .data({rdata, rresp})
    );

    reg         to_aw, to_w, to_ar;                // still to be shown
    reg         waits_b, waits_r;
    reg  [31:0] random;
    function [31:0] shuffle(input [31:0] x);
        reg [31:0] t;
        begin
            t = x;
            t = t ^ (t << 13);
            t = t ^ (t >> 17);
            shuffle = t ^ (t << 5);
        end
    endfunction
    initial random = 32'h1b873593;
    always @(posedge clk) begin
        random = shuffle(random);
        if (seed != 0 && rst)
            random = 32'h1b873593 ^ (seed << 1);
        done <= 1'b0;
        if (rst) begin
            awvalid <= 1'b0;
            wvalid  <= 1'b0;
            bready  <= 1'b0;
            arvalid <= 1'b0;
            rready  <= 1'b0;
            to_aw = 1'b0; to_w = 1'b0; to_ar = 1'b0; waits_b = 1'b0; waits_r = 1'b0;
        end else begin
            if (awvalid && awready)
                awvalid <= 1'b0;
            if (wvalid && wready)
                wvalid <= 1'b0;
            if (arvalid && arready)
                arvalid <= 1'b0;
            if (bvalid && (!waits_b || to_aw || to_w) || rvalid && (!waits_r || to_ar)) begin
                $display("error AXI4-Lite: a response without a request");
                $finish;
            end
            if (bvalid && bready) begin
                done     <= 1'b1;
                response <= bresp;
                waits_b  = 1'b0;
            end
            if (rvalid && rready) begin
                done     <= 1'b1;
                response <= rresp;
                answer   <= rdata;
                waits_r  = 1'b0;
            end
            if (go) begin
                to_aw   = write;
                to_w    = write;
                waits_b = write;
                to_ar   = !write;
                waits_r = !write;
            end
            if (to_aw && (seed == 0 || random[1:0] == 2'd0)) begin
                awvalid <= 1'b1;
                awaddr  <= addr;
                to_aw   = 1'b0;
            end
            if (to_w && (seed == 0 || random[3:2] == 2'd0)) begin
                wvalid <= 1'b1;
                wdata  <= data;
                wstrb  <= strobes;
                to_w   = 1'b0;
            end
            if (to_ar && (seed == 0 || random[5:4] == 2'd0)) begin
                arvalid <= 1'b1;
                araddr  <= addr;
                to_ar   = 1'b0;
            end
            bready <= (seed == 0 || random[6]) && !(bvalid && bready);
            rready <= (seed == 0 || random[7]) && !(rvalid && rready);
        end
    end

endmodule

`default_nettype wire
