// SPDX-License-Identifier: Apache-2.0
//
// axgen_weight_port: where the words of weights of one layer enter, when they come from outside instead of a memory.
//
// Function    Hands on the words of s, which come as passes of WORDS words, over and over: an axgen_slice. run_rst resets the layer;
//             where that comes in the middle of a pass, the rest of the pass is dropped, so that the layer begins with the first
//             word of one again, and nobody outside needs to know. rst: the next word that comes is the first one of a pass.
// Latency     1 cycle; after run_rst what is left of a pass, and 1 cycle.
// Throughput  one word per cycle.
// Handshake   valid/ready; no path from m_ready to s_ready, none from s_valid and s_data to the output. m_valid falls with run_rst.
// Legal       WIDTH >= 1, WORDS >= 1. run_rst is 1 at least when rst is.
`default_nettype none

module axgen_weight_port #(
    parameter WIDTH = 8,
    parameter WORDS = 1
) (
    input  wire             clk,
    input  wire             rst,
    input  wire             run_rst,
    input  wire             s_valid,
    output wire             s_ready,
    input  wire [WIDTH-1:0] s_data,
    output wire             m_valid,
    input  wire             m_ready,
    output wire [WIDTH-1:0] m_data
);

    generate
        if (WIDTH < 1 || WORDS < 1) begin : g_illegal
            ILLEGAL_PARAMETER_axgen_weight_port illegal ();
        end
    endgenerate

    reg  skip;                                     // the layer was reset: words are dropped ...
    reg  begun;                                   // ... while the next one is not the first of a pass
    wire held, last;
    wire closed = skip || run_rst;
    wire pop    = held && (closed ? skip && begun : m_ready);

    assign m_valid = held && !closed;

    axgen_slice #(.WIDTH(WIDTH)) u_slice (
        .clk(clk), .rst(rst), .s_valid(s_valid), .s_ready(s_ready), .s_data(s_data), .m_valid(held), .m_ready(pop), .m_data(m_data)
    );
    axgen_count_last #(.N(WORDS)) u_word (.clk(clk), .rst(rst), .en(pop), .last(last));

    always @(posedge clk) begin
        if (rst)
            skip <= 1'b0;
        else if (run_rst)
            skip <= 1'b1;
        else if (!begun)
            skip <= 1'b0;
        if (rst)
            begun <= 1'b0;
        else if (pop)
            begun <= !last;
    end

endmodule

`default_nettype wire
