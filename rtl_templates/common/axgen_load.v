// SPDX-License-Identifier: Apache-2.0
//
// axgen_load: one link of the chain through which memories are loaded: fills an axgen_store, then hands on what follows.
//
// Function    A beat has 32 bits; bit 32 beside them marks a load's last beat. After reset, and after a load's last beat, the
//             first DEPTH*LOAD_W beats are this memory's: word 0 first, LOAD_W beats a word, its low bits first. They go to the
//             write port, all others to m. A load that ends early leaves the words as they are that it had none for.
// Latency     1 cycle to the write port, 1 cycle to m.
// Throughput  one beat per cycle.
// Handshake   valid/ready, but nothing ever waits: s_ready is 1, and m_ready must be. Behind m comes another axgen_load, or
//             nothing.
// Legal       WIDTH >= 1, DEPTH >= 1, of the axgen_store. LOAD_W and ADDR_W are derived: leave them alone.
`default_nettype none

module axgen_load #(
    parameter WIDTH  = 8,
    parameter DEPTH  = 16,
    parameter LOAD_W = (WIDTH + 31) / 32,
    parameter ADDR_W = (DEPTH > 1) ? $clog2(DEPTH) : 1
) (
    input  wire              clk,
    input  wire              rst,
    input  wire              s_valid,
    output wire              s_ready,
    input  wire [32:0]       s_data,
    output reg               m_valid,
    input  wire              m_ready,
    output reg  [32:0]       m_data,
    output reg  [LOAD_W-1:0] load_we,
    output reg  [ADDR_W-1:0] load_addr,
    output wire [31:0]       load_data
);

    localparam LANE_W = (LOAD_W > 1) ? $clog2(LOAD_W) : 1;

    generate
        if (WIDTH < 1 || DEPTH < 1 || LOAD_W != (WIDTH + 31) / 32 || ADDR_W != ((DEPTH > 1) ? $clog2(DEPTH) : 1))
        begin : g_illegal
            ILLEGAL_PARAMETER_axgen_load illegal ();
        end
    endgenerate

    reg               full;                        // all words have come: what follows is for others
    wire [LANE_W-1:0] lane;
    wire [ADDR_W-1:0] word;
    wire              lane_last, word_last;
    wire              take    = s_valid && !full;
    wire              restart = rst || (s_valid && s_data[32]);
    wire [LOAD_W-1:0]  lanes;
    wire              unused  = &{1'b0, m_ready};

    assign s_ready   = 1'b1;
    assign load_data = m_data[31:0];

    axgen_count #(.N(LOAD_W)) u_lane (.clk(clk), .rst(restart), .en(take), .value(lane), .last(lane_last));
    axgen_count #(.N(DEPTH)) u_word (.clk(clk), .rst(restart), .en(take && lane_last), .value(word), .last(word_last));

    genvar i;
    generate
        for (i = 0; i < LOAD_W; i = i + 1) begin : g_lane
            localparam [31:0] LANE = i;
            assign lanes[i] = (lane == LANE[LANE_W-1:0]);
        end
    endgenerate

    always @(posedge clk) begin
        if (restart)
            full <= 1'b0;
        else if (take && lane_last && word_last)
            full <= 1'b1;
        m_valid <= !rst && s_valid && full;
        load_we <= (!rst && take) ? lanes : {LOAD_W{1'b0}};
        if (s_valid) begin
            m_data    <= s_data;
            load_addr <= word;
        end
    end

endmodule

`default_nettype wire
