// SPDX-License-Identifier: Apache-2.0
//
// axgen_concat: joins streams along their channels.
//
// Function    Pixel by pixel: all channels of input 0, then all of input 1 and so on, LANES codes a beat, each clamped to
//             LO..HI. A pixel has BEATS[i] beats of input i.
// Latency     1 cycle.
// Throughput  one beat per cycle.
// Handshake   valid/ready; only the input whose turn it is is ready; s_ready is combinational from m_ready.
// Legal       LANES, N >= 1; CODE_W 1..30; SIGNED 0 or 1; BEATS: N fields of 16 bits, that of input 0 lowest, each >= 1;
//             LO <= HI, both representable in CODE_W bits.
`default_nettype none

module axgen_concat #(
    parameter            LANES  = 1,
    parameter            CODE_W = 8,
    parameter            SIGNED = 1,
    parameter            N      = 2,
    parameter [16*N-1:0] BEATS  = {16'd2, 16'd1},
    parameter integer    LO     = -128,
    parameter integer    HI     = 127
) (
    input  wire                      clk,
    input  wire                      rst,
    input  wire [N-1:0]              s_valid,
    output wire [N-1:0]              s_ready,
    input  wire [N*LANES*CODE_W-1:0] s_data,
    output wire                      m_valid,
    input  wire                      m_ready,
    output wire [LANES*CODE_W-1:0]   m_data
);

    localparam WORD_W = LANES * CODE_W;
    localparam [N:0] FIRST = 1;

    generate
        if (LANES < 1 || CODE_W < 1 || N < 1) begin : g_illegal
            ILLEGAL_PARAMETER_axgen_concat illegal ();
        end
    endgenerate

    reg  [N-1:0]      turn;                                     // one bit: whose turn it is
    reg  [15:0]       beat;                                     // of it
    reg               valid;
    reg  [WORD_W-1:0] data;
    wire              free = !valid || m_ready;
    wire              take = free && (|(turn & s_valid));
    wire [N:0]        round = {turn, turn[N-1]};                // the next one's turn
    reg  [15:0]       last_beat;
    reg  [WORD_W-1:0] word;
    wire [WORD_W-1:0] clamped;

    integer i;
    always @* begin
        last_beat = 16'd0;
        word      = {WORD_W{1'b0}};
        for (i = 0; i < N; i = i + 1)
            if (turn[i]) begin
                last_beat = last_beat | (BEATS[16*i +: 16] - 16'd1);
                word      = word | s_data[i*WORD_W +: WORD_W];
            end
    end

    axgen_clamp #(.LANES(LANES), .CODE_W(CODE_W), .SIGNED(SIGNED), .LO(LO), .HI(HI)) u_clamp (
        .s_data(word), .m_data(clamped)
    );

    assign s_ready = turn & {N{free}};
    assign m_valid = valid;
    assign m_data  = data;

    wire unused = &{1'b0, round[N]};
    always @(posedge clk) begin
        if (rst) begin
            turn  <= FIRST[N-1:0];
            beat  <= 16'd0;
            valid <= 1'b0;
        end else begin
            if (take) begin
                beat <= (beat == last_beat) ? 16'd0 : beat + 16'd1;
                if (beat == last_beat)
                    turn <= round[N-1:0];
            end
            if (free)
                valid <= take;
        end
        if (take)
            data <= clamped;
    end

endmodule

`default_nettype wire
