// SPDX-License-Identifier: Apache-2.0
//
// axgen_axi_memory: a memory behind an AXI4 port that checks the master. Simulation only.
//
// Function    LINES lines of 32 bytes from BASE on; elsewhere DECERR. As late and as early as AXI allows: what is read is
//             taken when the address is accepted, what is written appears with its response, so that a master which does
//             not wait for responses reads what was there before. With `seed` the readies come and go, responses and the
//             gaps between beats are random; `latency` is the least time to a response. The burst number `bad_read` or
//             `bad_write` (from 1; 0: none) is answered with `bad_response`.
//             Checks, each with a message of its own: requests and data stay until they are taken; size of the whole bus,
//             incrementing, aligned to the beat, not over 4 KB, 16 bursts under way at most; wlast on the last beat only;
//             data without an address.
// Latency     latency cycles from the handshake to a response.
// Throughput  a beat a cycle.
// Handshake   AXI4 slave without IDs, responses in order. `quiet`: every request has had all of its responses.
// Legal       DATA_W 32, 64, 128, 256.
`default_nettype none

module axgen_axi_memory #(
    parameter AXI_ADDR_W = 32,                     // bits of addresses
    parameter DATA_W     = 256,                    // bits of data
    parameter LINES      = 4096,                   // of 32 bytes
    parameter [63:0] BASE = 64'd0                  // address of the first
) (
    input  wire                  clk,
    input  wire                  rst,
    input  wire [31:0]           seed,
    input  wire [31:0]           latency,
    input  wire [31:0]           bad_read,
    input  wire [31:0]           bad_write,
    input  wire [1:0]            bad_response,
    output wire                  quiet,
    input  wire                  awvalid,
    output reg                   awready,
    input  wire [AXI_ADDR_W-1:0] awaddr,
    input  wire [7:0]            awlen,
    input  wire [2:0]            awsize,
    input  wire [1:0]            awburst,
    input  wire                  wvalid,
    output reg                   wready,
    input  wire [DATA_W-1:0]     wdata,
    input  wire [DATA_W/8-1:0]   wstrb,
    input  wire                  wlast,
    output reg                   bvalid,
    input  wire                  bready,
    output reg  [1:0]            bresp,
    input  wire                  arvalid,
    output reg                   arready,
    input  wire [AXI_ADDR_W-1:0] araddr,
    input  wire [7:0]            arlen,
    input  wire [2:0]            arsize,
    input  wire [1:0]            arburst,
    output reg                   rvalid,
    input  wire                  rready,
    output reg  [DATA_W-1:0]     rdata,
    output reg  [1:0]            rresp,
    output reg                   rlast
);

    localparam BYTES = DATA_W / 8;

    axgen_stable #(.WIDTH(AXI_ADDR_W + 13), .NAME("awaddr, awlen, awsize or awburst")) check_aw (
        .clk(clk), .rst(rst), .valid(awvalid), .ready(awready), .data({awaddr, awlen, awsize, awburst})
    );
    axgen_stable #(.WIDTH(DATA_W + BYTES + 1), .NAME("wdata, wstrb or wlast")) check_w (
        .clk(clk), .rst(rst), .valid(wvalid), .ready(wready), .data({wdata, wstrb, wlast})
    );
    axgen_stable #(.WIDTH(AXI_ADDR_W + 13), .NAME("araddr, arlen, arsize or arburst")) check_ar (
        .clk(clk), .rst(rst), .valid(arvalid), .ready(arready), .data({araddr, arlen, arsize, arburst})
    );

    reg [255:0] memory [0:LINES-1] /* verilator public_flat_rw */;

    // Bursts, in rings of 16; each with the cycle from which on it may be answered
    reg [63:0]  aw_at [0:15], ar_at [0:15];
    integer     aw_beats [0:15], ar_beats [0:15], ar_when [0:15], b_when [0:15];
    integer     aw_in, w_in, b_out, ar_in, r_out;  // bursts: addresses taken, data taken, answered
    // Beats of data that wait for their burst's response or their turn
    reg [DATA_W-1:0] w_data [0:1023], r_data [0:1023];
    reg [BYTES-1:0]  w_strb [0:1023];
    integer     w_head, w_tail, r_head, r_tail;    // beats
    integer     cycle, beat, r_beat, i, k, aw_now, reads, writes;
    reg [31:0]  random;
    reg [63:0]  at;
    assign quiet = !awvalid && !wvalid && !arvalid && aw_in == b_out && w_in == aw_in && ar_in == r_out;

    function [31:0] shuffle(input [31:0] x);
        reg [31:0] t;
        begin
            t = x;
            t = t ^ (t << 13);
            t = t ^ (t >> 17);
            shuffle = t ^ (t << 5);
        end
    endfunction

    function has(input [63:0] a);
        has = a >= BASE && (a - BASE) / 32 < LINES;
    endfunction

    task wrong(input [8*40-1:0] what);
        begin
            $display("error AXI: %0s", what);
            $finish;
        end
    endtask

    task check(input [AXI_ADDR_W-1:0] addr, input [7:0] len, input [2:0] size, input [1:0] burst, input integer open);
        begin
            if ((8'd1 << size) != BYTES)
                wrong("a beat is not of the bus's width");
            if (burst != 2'b01)
                wrong("a burst is not incrementing");
            if ((addr & (BYTES - 1)) != 0)
                wrong("a burst is not aligned");
            if ({20'd0, addr[11:0]} + ({24'd0, len} + 1) * BYTES > 4096)
                wrong("a burst crosses 4 KB");
            if (open >= 16)
                wrong("more than 16 bursts are under way");
        end
    endtask

    initial begin
        random = 32'h2545f491;
        cycle  = 0;
    end
    always @(posedge clk) begin
        cycle  = cycle + 1;
        random = shuffle(random ^ (cycle == 1 ? seed << 1 : 0));
        if (rst) begin
            aw_in  = 0; w_in = 0; b_out = 0; ar_in = 0; r_out = 0; w_head = 0; w_tail = 0; r_head = 0; r_tail = 0;
            beat   = 0; r_beat = 0; reads = 0; writes = 0;
            awready <= 1'b0; wready <= 1'b0; arready <= 1'b0; bvalid <= 1'b0; rvalid <= 1'b0; rlast <= 1'b0;
        end else begin
            // ---- responses that were taken, and the next ones
            if (bvalid && bready)
                bvalid <= 1'b0;
            if (b_out < w_in && b_out < aw_in && b_when[b_out % 16] <= cycle && (!bvalid || bready) &&
                (seed == 0 || random[12])) begin
                at = aw_at[b_out % 16];
                writes = writes + 1;
                bvalid <= 1'b1;
                bresp  <= (writes == bad_write) ? bad_response : has(at) ? 2'b00 : 2'b11;
                for (k = 0; k < aw_beats[b_out % 16]; k = k + 1) begin
                    for (i = 0; i < BYTES; i = i + 1)
                        if (w_strb[w_head % 1024][i] && has(at))
                            memory[(at - BASE) / 32][8 * ((at + i) % 32) +: 8] = w_data[w_head % 1024][8*i +: 8];
                    w_head = w_head + 1;
                    at     = at + BYTES;
                end
                b_out = b_out + 1;
            end
            if (rvalid && rready)
                rvalid <= 1'b0;
            if (r_out < ar_in && ar_when[r_out % 16] <= cycle && (!rvalid || rready) && (seed == 0 || random[13])) begin
                if (r_beat == 0)
                    reads = reads + 1;
                rvalid <= 1'b1;
                rdata  <= r_data[r_head % 1024];
                // an error on one beat of the burst: the last but one
                rresp  <= !has(ar_at[r_out % 16]) ? 2'b11 :
                          (reads == bad_read && r_beat == ar_beats[r_out % 16] - 2) ? bad_response : 2'b00;
                r_head = r_head + 1;
                r_beat = r_beat + 1;
                rlast  <= (r_beat == ar_beats[r_out % 16]);
                if (r_beat == ar_beats[r_out % 16]) begin
                    r_beat = 0;
                    r_out  = r_out + 1;
                end
            end
            // ---- what the master shows
            if (awvalid && awready) begin
                check(awaddr, awlen, awsize, awburst, aw_in - b_out);
                aw_at[aw_in % 16]    = {{(64-AXI_ADDR_W){1'b0}}, awaddr};
                aw_beats[aw_in % 16] = {24'd0, awlen} + 1;
                aw_in = aw_in + 1;
            end
            if (wvalid && wready) begin
                if (w_in >= aw_in && !awvalid)
                    wrong("data without an address");
                aw_now = (w_in < aw_in) ? aw_beats[w_in % 16] : {24'd0, awlen} + 1;
                w_data[w_tail % 1024] = wdata;
                w_strb[w_tail % 1024] = wstrb;
                w_tail = w_tail + 1;
                beat   = beat + 1;
                if (wlast != (beat == aw_now))
                    wrong("wlast is not on the last beat");
                if (beat == aw_now) begin
                    b_when[w_in % 16] = cycle + latency - 1 + ((seed != 0) ? {27'd0, random[20:16]} : 0);
                    beat = 0;
                    w_in = w_in + 1;
                end
            end
            if (arvalid && arready) begin
                check(araddr, arlen, arsize, arburst, ar_in - r_out);
                at = {{(64-AXI_ADDR_W){1'b0}}, araddr};
                ar_at[ar_in % 16]    = at;
                ar_beats[ar_in % 16] = {24'd0, arlen} + 1;
                ar_when[ar_in % 16]  = cycle + latency - 1 + ((seed != 0) ? {27'd0, random[25:21]} : 0);
                for (k = 0; k <= arlen; k = k + 1) begin
                    r_data[r_tail % 1024] = has(at) ? memory[(at - BASE) / 32][8 * (at % 32) +: DATA_W] : {DATA_W{1'b1}};
                    r_tail = r_tail + 1;
                    at     = at + BYTES;
                end
                ar_in = ar_in + 1;
            end
            awready <= (aw_in - b_out < 14) && (seed == 0 || random[0]);
            wready  <= (seed == 0 || random[3]);
            arready <= (ar_in - r_out < 14) && (seed == 0 || random[6]);
        end
    end

endmodule

`default_nettype wire
