// SPDX-License-Identifier: Apache-2.0
//
// axgen_mvu_front: first half of a matrix-vector unit: activations and the weights that belong to them, registered.
//
// Function    Window word number nf*SF + sf (counted from reset, modulo NF*SF) meets word nf*SF + sf of the weight memory: PE*SIMD
//             weights, that of (pe, lane) at index pe*SIMD + lane. The PE x SIMD multipliers stand behind m_act and m_weight.
//             GROUPS > 1: PEs of several groups of a grouped convolution work side by side. A word has the same taps of all
//             their channels, CG a group, the groups' side by side in each tap; m_act has each group's SIMD activations
//             together: lane (tap*GROUPS + g)*CG + c of the word is m_act[g*SIMD + tap*CG + c].
//             Words up to one with s_next are those of a block of output pixels and count as one word: the weights stand
//             still, the memory is not read.
//             LOAD = 1: the weights are a RAM that is written through load_* (axgen_store) while nothing passes.
//             STREAM = 1: there is no memory; the words of weights come at w as they are needed, NF*SF for each block of pixels.
// Latency     1 cycle.
// Throughput  one word per cycle.
// Handshake   valid/ready; s_ready is combinational from m_ready (one clock enable) and w_valid, w_ready from m_ready and s_valid.
// Legal       all numbers >= 1, LOAD and STREAM 0 or 1, not both 1; CG divides SIMD. WEIGHT_FILE: $readmemh, NF*SF words of
//             PE*SIMD*WEIGHT_W bits, for LOAD = STREAM = 0. w counts for STREAM = 1, load_* for LOAD = 1. ADDR_W and LOAD_W are
//             derived.
`default_nettype none

module axgen_mvu_front #(
    parameter CODE_W      = 8,
    parameter WEIGHT_W    = 8,
    parameter PE          = 1,
    parameter SIMD        = 1,
    parameter NF          = 1,
    parameter SF          = 1,
    parameter GROUPS      = 1,
    parameter CG          = 1,
    parameter WEIGHT_FILE = "",
    parameter LOAD        = 0,
    parameter STREAM      = 0,
    parameter ADDR_W      = (NF*SF > 1) ? $clog2(NF*SF) : 1,
    parameter LOAD_W      = (PE*SIMD*WEIGHT_W + 31) / 32
) (
    input  wire                                clk,
    input  wire                                rst,
    input  wire                                s_valid,
    output wire                                s_ready,
    input  wire [GROUPS*SIMD*CODE_W-1:0]       s_data,
    input  wire                                s_first,
    input  wire                                s_last,
    input  wire                                s_next,
    output wire                                m_valid,
    input  wire                                m_ready,
    output wire [GROUPS*SIMD*CODE_W-1:0]       m_act,
    output wire [PE*SIMD*WEIGHT_W-1:0]         m_weight,
    output wire                                m_first,
    output wire                                m_last,
    output wire                                m_next,
    input  wire                                w_valid,
    output wire                                w_ready,
    input  wire [PE*SIMD*WEIGHT_W-1:0]         w_data,
    input  wire [LOAD_W-1:0]                   load_we,
    input  wire [ADDR_W-1:0]                   load_addr,
    input  wire [31:0]                         load_data
);

    localparam DEPTH  = NF * SF;
    localparam WORD_W = PE * SIMD * WEIGHT_W;

    generate
        if (CODE_W < 1 || WEIGHT_W < 1 || PE < 1 || SIMD < 1 || NF < 1 || SF < 1
                || GROUPS < 1 || CG < 1 || SIMD % CG != 0 || ADDR_W != ((DEPTH > 1) ? $clog2(DEPTH) : 1)
                || LOAD_W != (WORD_W + 31) / 32 || STREAM < 0 || STREAM > 1 || (STREAM == 1 && LOAD != 0)) begin : g_illegal
            ILLEGAL_PARAMETER_axgen_mvu_front illegal ();
        end
    endgenerate

    reg                           valid, first, last, next;
    reg                           fresh;                        // a word meets other weights than the one before it
    reg  [GROUPS*SIMD*CODE_W-1:0] act;
    wire [GROUPS*SIMD*CODE_W-1:0] together;
    wire                          free = !valid || m_ready;
    wire                          take = s_valid && s_ready;
    wire                          read = take && fresh;

    generate
        if (STREAM == 0) begin : g_memory
            wire [ADDR_W-1:0] raddr;
            wire              unused = &{1'b0, w_valid, w_data};
            axgen_count_value #(.N(DEPTH)) u_word (.clk(clk), .rst(rst), .en(read), .value(raddr));
            axgen_store #(.WIDTH(WORD_W), .DEPTH(DEPTH), .LOAD(LOAD), .INIT_FILE(WEIGHT_FILE)) u_weights (
                .clk(clk), .re(read), .raddr(raddr), .rdata(m_weight),
                .load_we(load_we), .load_addr(load_addr), .load_data(load_data)
            );
            assign s_ready = free;
            assign w_ready = 1'b0;
        end else begin : g_stream
            reg [WORD_W-1:0] weight;
            wire             unused = &{1'b0, load_we, load_addr, load_data};
            always @(posedge clk)
                if (read)
                    weight <= w_data;
            assign m_weight = weight;
            assign s_ready  = free && (!fresh || w_valid);
            assign w_ready  = free && fresh && s_valid;
        end
    endgenerate

    genvar g, tap;
    generate
        for (g = 0; g < GROUPS; g = g + 1) begin : g_group
            for (tap = 0; tap < SIMD / CG; tap = tap + 1) begin : g_tap
                assign together[(g*SIMD+tap*CG)*CODE_W +: CG*CODE_W] = s_data[(tap*GROUPS+g)*CG*CODE_W +: CG*CODE_W];
            end
        end
    endgenerate

    always @(posedge clk) begin
        if (rst)
            valid <= 1'b0;
        else if (free)
            valid <= take;
        if (rst)
            fresh <= 1'b1;
        else if (take)
            fresh <= s_next;
        if (take) begin
            act   <= together;
            first <= s_first;
            last  <= s_last;
            next  <= s_next;
        end
    end

    assign m_valid = valid;
    assign m_act   = act;
    assign m_first = first;
    assign m_last  = last;
    assign m_next  = next;

endmodule

`default_nettype wire
