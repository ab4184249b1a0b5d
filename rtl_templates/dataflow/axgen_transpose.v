// SPDX-License-Identifier: Apache-2.0
//
// axgen_transpose: brings the results of blocks of pixels from group after group to pixel after pixel.
//
// Function    A block of up to HOLD pixels comes as NF groups: word 0 of each pixel of the block, then word 1 of each, ..; s_next
//             marks the last pixel of each group. It leaves as pixels: the NF words of the first, then those of the second, ..
//             The memory is a ring of pixels, in which each block claims as many as it has: 2*HOLD of them (HOLD when NF = 1,
//             where the order is right already and what is left is a buffer).
// Latency     2 cycles from a pixel's last word to its first one.
// Throughput  one word per cycle on each side. Blocks of any lengths that come at most as fast as they are taken away, on the
//             average of each block, never stall the input: at most HOLD pixels wait while a block is written.
// Handshake   valid/ready; s_ready depends on registers only.
// Legal       all numbers >= 1; blocks of at most HOLD pixels, of the same number in all their groups.
`default_nettype none

module axgen_transpose #(
    parameter WIDTH = 8,
    parameter NF    = 2,
    parameter HOLD  = 4
) (
    input  wire             clk,
    input  wire             rst,
    input  wire             s_valid,
    output wire             s_ready,
    input  wire [WIDTH-1:0] s_data,
    input  wire             s_next,
    output wire             m_valid,
    input  wire             m_ready,
    output wire [WIDTH-1:0] m_data
);

    localparam PIXELS  = (NF > 1) ? 2 * HOLD : HOLD;
    localparam DEPTH   = PIXELS * NF;
    localparam ADDR_W  = (DEPTH > 1) ? $clog2(DEPTH) : 1;
    localparam GROUP_W = (NF > 1) ? $clog2(NF) : 1;
    localparam COUNT_W = $clog2(PIXELS + 1);
    localparam [31:0] PIXELS_32 = PIXELS;
    localparam [31:0] NF_32     = NF;
    localparam [31:0] TOP       = DEPTH - NF;                   // the last pixel's first word

    generate
        if (WIDTH < 1 || NF < 1 || HOLD < 1) begin : g_illegal
            ILLEGAL_PARAMETER_axgen_transpose illegal ();
        end
    endgenerate

    // ---- pixels in the ring: claimed by their first word, complete with their last, free when that has been read ----------------
    wire claim, complete, done;
    reg  [COUNT_W-1:0] claimed, whole;
    always @(posedge clk)
        if (rst) begin
            claimed <= {COUNT_W{1'b0}};
            whole   <= {COUNT_W{1'b0}};
        end else begin
            if (claim != done)
                claimed <= claim ? claimed + 1'b1 : claimed - 1'b1;
            if (complete != done)
                whole <= complete ? whole + 1'b1 : whole - 1'b1;
        end

    // ---- writer: at = pixel * NF + group ------------------------
    reg  [ADDR_W-1:0] w_block, w_pixel;                         // the first words of the block's first pixel and of this one
    wire [GROUP_W-1:0] group;
    wire w_en         = s_valid && s_ready;
    wire w_group_end  = w_en && s_next;
    wire w_first      = (group == {GROUP_W{1'b0}});
    wire w_last;
    wire [ADDR_W-1:0] waddr;
    wire [ADDR_W-1:0] w_pixel_next = (w_pixel == TOP[ADDR_W-1:0]) ? {ADDR_W{1'b0}} : w_pixel + NF_32[ADDR_W-1:0];
    assign s_ready  = !w_first || claimed != PIXELS_32[COUNT_W-1:0];
    assign claim    = w_en && w_first;
    assign complete = w_en && w_last;

    axgen_count #(.N(NF)) u_group (.clk(clk), .rst(rst), .en(w_group_end), .value(group), .last(w_last));

    always @(posedge clk)
        if (rst) begin
            w_block <= {ADDR_W{1'b0}};
            w_pixel <= {ADDR_W{1'b0}};
        end else begin
            if (w_group_end && w_last)
                w_block <= w_pixel_next;
            if (w_en)
                w_pixel <= (s_next && !w_last) ? w_block : w_pixel_next;
        end

    // ---- reader: one word after the other ------------------------
    localparam [31:0] END = DEPTH - 1;
    reg               valid;
    reg  [ADDR_W-1:0] raddr;
    wire              free = !valid || m_ready;
    wire              en   = free && whole != {COUNT_W{1'b0}};
    wire              r_last;
    assign done    = en && r_last;
    assign m_valid = valid;

    axgen_count_last #(.N(NF)) u_word (.clk(clk), .rst(rst), .en(en), .last(r_last));

    always @(posedge clk)
        if (rst) begin
            valid <= 1'b0;
            raddr <= {ADDR_W{1'b0}};
        end else begin
            if (free)
                valid <= en;
            if (en)
                raddr <= (raddr == END[ADDR_W-1:0]) ? {ADDR_W{1'b0}} : raddr + 1'b1;
        end

    generate
        if (NF == 1) begin : g_one_group
            assign waddr = w_pixel;
        end else begin : g_groups
            assign waddr = w_pixel + {{(ADDR_W-GROUP_W){1'b0}}, group};
        end
    endgenerate

    axgen_ram #(.WIDTH(WIDTH), .DEPTH(DEPTH)) u_ram (
        .clk(clk), .we(w_en), .waddr(waddr), .wdata(s_data), .re(en), .raddr(raddr), .rdata(m_data)
    );

endmodule

`default_nettype wire
