// SPDX-License-Identifier: Apache-2.0
//
// axgen_pad: adds rows, columns and channels of one code around an image.
//
// Function    Takes images of H x W pixels of C channels, and gives images of (PT + H + PB) x (PL + W + PR) pixels of
//             C0 + C + C1 channels: what is added is CODE. All codes are clamped to LO..HI. Nothing of an image is given before
//             its first beat is there. Beats have LANES codes; with WHOLE they are pixels.
// Latency     1 cycle.
// Throughput  one beat per cycle on the output.
// Handshake   valid/ready; s_ready is combinational from m_ready.
// Legal       LANES, C, H, W >= 1; pads >= 0; LANES divides C, C0 and C1, or WHOLE is 1 and LANES = C; CODE_W 1..30; SIGNED 0 or 1; CODE: its low CODE_W
//             bits count; LO <= HI, both representable in CODE_W bits.
`default_nettype none

module axgen_pad #(
    parameter         LANES  = 1,
    parameter         CODE_W = 8,
    parameter         SIGNED = 1,
    parameter         C      = 2,
    parameter         H      = 3,
    parameter         W      = 3,
    parameter         C0     = 1,
    parameter         C1     = 1,
    parameter         PT     = 0,
    parameter         PB     = 0,
    parameter         PL     = 0,
    parameter         PR     = 0,
    parameter         WHOLE  = 0,
    parameter integer CODE   = 0,
    parameter integer LO     = -128,
    parameter integer HI     = 127
) (
    input  wire                    clk,
    input  wire                    rst,
    input  wire                    s_valid,
    output wire                    s_ready,
    input  wire [LANES*CODE_W-1:0] s_data,
    output wire                    m_valid,
    input  wire                    m_ready,
    output wire [((WHOLE != 0) ? C0 + C + C1 : LANES)*CODE_W-1:0] m_data
);

    localparam OUT    = (WHOLE != 0) ? C0 + C + C1 : LANES;
    localparam WORD_W = OUT * CODE_W;
    localparam [31:0] CODE_32 = CODE;

    generate
        if (LANES < 1 || CODE_W < 1 || C < 1 || H < 1 || W < 1 || C0 < 0 || C1 < 0 || PT < 0 || PB < 0 || PL < 0
                || PR < 0) begin : g_illegal
            ILLEGAL_PARAMETER_axgen_pad illegal ();
        end else if (WHOLE < 0 || WHOLE > 1 || (WHOLE == 1 && LANES != C)) begin : g_illegal_whole
            ILLEGAL_PARAMETER_axgen_pad_WHOLE illegal ();
        end else if (WHOLE == 0 && (C % LANES != 0 || C0 % LANES != 0 || C1 % LANES != 0)) begin : g_illegal_lanes
            ILLEGAL_PARAMETER_axgen_pad_LANES illegal ();
        end
    endgenerate

    // ---- where the next beat stands: in the image's own part of each dimension or before or behind it
    wire word_in, word_last, x_in, x_last, y_in, y_last;
    wire step;
    axgen_span #(.BEFORE((WHOLE != 0) ? 0 : C0 / LANES), .N((WHOLE != 0) ? 1 : C / LANES), .BEHIND((WHOLE != 0) ? 0 : C1 / LANES)) u_word (
        .clk(clk), .rst(rst), .en(step), .middle(word_in), .last(word_last)
    );
    axgen_span #(.BEFORE(PL), .N(W), .BEHIND(PR)) u_x (
        .clk(clk), .rst(rst), .en(step && word_last), .middle(x_in), .last(x_last)
    );
    axgen_span #(.BEFORE(PT), .N(H), .BEHIND(PB)) u_y (
        .clk(clk), .rst(rst), .en(step && word_last && x_last), .middle(y_in), .last(y_last)
    );

    reg               begun;                                    // a beat of this image has been taken
    reg               valid;
    reg  [WORD_W-1:0] data;
    wire              free   = !valid || m_ready;
    wire              own    = word_in && x_in && y_in;         // the beat is one of the image's own
    wire              end_of = step && word_last && x_last && y_last;
    wire [WORD_W-1:0] word, clamped;

    assign step    = free && (s_valid || (begun && !own));
    assign s_ready = free && own;
    assign m_valid = valid;
    assign m_data  = data;

    genvar l;
    generate
        for (l = 0; l < OUT; l = l + 1) begin : g_lane
            if (WHOLE != 0 && (l < C0 || l >= C0 + C)) begin : g_added
                assign word[l*CODE_W +: CODE_W] = CODE_32[CODE_W-1:0];
            end else begin : g_own
                assign word[l*CODE_W +: CODE_W] = own ? s_data[((WHOLE != 0) ? l - C0 : l)*CODE_W +: CODE_W] : CODE_32[CODE_W-1:0];
            end
        end
    endgenerate

    axgen_clamp #(.LANES(OUT), .CODE_W(CODE_W), .SIGNED(SIGNED), .LO(LO), .HI(HI)) u_clamp (
        .s_data(word), .m_data(clamped)
    );

    always @(posedge clk) begin
        if (rst) begin
            begun <= 1'b0;
            valid <= 1'b0;
        end else begin
            if (end_of)
                begun <= 1'b0;
            else if (step && own)
                begun <= 1'b1;
            if (free)
                valid <= step;
        end
        if (step)
            data <= clamped;
    end

endmodule

`default_nettype wire
