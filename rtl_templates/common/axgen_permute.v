// SPDX-License-Identifier: Apache-2.0
//
// axgen_permute: puts the codes of each pixel of a stream in another order, and may change how many come a beat.
//
// Function    Code o of an outgoing pixel is code ORDER[16*o +: 16] of the incoming one. PER_PIXEL codes a pixel, IN codes a
//             beat in, OUT a beat out; IN and OUT divide PER_PIXEL.
//             A pixel is gathered (IN < PER_PIXEL: PER_PIXEL codes of registers), crosses over as a whole, which is wires,
//             and is dealt out (OUT < PER_PIXEL: as many registers again).
// Latency     From the last code of a pixel to its first beat: 0, plus 1 where it is gathered, plus 1 where it is dealt out.
// Throughput  one beat per cycle on the side that has more beats (any stall of the other side aside).
// Handshake   valid/ready. s_ready is combinational from m_ready.
// Legal       CODE_W, IN, OUT >= 1; PER_PIXEL a multiple of IN and of OUT, at most 65536; ORDER has each of 0 .. PER_PIXEL-1
//             once.
`default_nettype none

module axgen_permute #(
    parameter CODE_W    = 8,
    parameter IN        = 2,
    parameter OUT       = 2,
    parameter PER_PIXEL = 4,
    parameter [PER_PIXEL*16-1:0] ORDER = 64'h0003_0001_0000_0002
) (
    input  wire                  clk,
    input  wire                  rst,
    input  wire                  s_valid,
    output wire                  s_ready,
    input  wire [IN*CODE_W-1:0]  s_data,
    output wire                  m_valid,
    input  wire                  m_ready,
    output wire [OUT*CODE_W-1:0] m_data
);

    localparam [PER_PIXEL-1:0] ONE = 1;
    function permutes(input integer codes);
        integer             i;
        reg [PER_PIXEL-1:0] seen;
        begin
            seen = {PER_PIXEL{1'b0}};
            for (i = 0; i < codes; i = i + 1)
                seen = seen | (ONE << ORDER[i*16 +: 16]); // nothing, beyond the pixel
            permutes = &seen;
        end
    endfunction

    wire                        whole_valid, whole_ready;
    wire [PER_PIXEL*CODE_W-1:0] whole, crossed;

    axgen_gearbox #(.CODE_W(CODE_W), .IN(IN), .OUT(PER_PIXEL), .PER_PIXEL(PER_PIXEL)) gather (
        .clk(clk), .rst(rst),
        .s_valid(s_valid), .s_ready(s_ready), .s_data(s_data),
        .m_valid(whole_valid), .m_ready(whole_ready), .m_data(whole)
    );

    genvar o;
    generate
        if (!permutes(PER_PIXEL)) begin : g_illegal
            ILLEGAL_PARAMETER_axgen_permute_ORDER illegal ();
        end
        for (o = 0; o < PER_PIXEL; o = o + 1) begin : g_code
            localparam [15:0] FROM = ORDER[o*16 +: 16];
            assign crossed[o*CODE_W +: CODE_W] = whole[FROM*CODE_W +: CODE_W];
        end
    endgenerate

    axgen_gearbox #(.CODE_W(CODE_W), .IN(PER_PIXEL), .OUT(OUT), .PER_PIXEL(PER_PIXEL)) deal (
        .clk(clk), .rst(rst),
        .s_valid(whole_valid), .s_ready(whole_ready), .s_data(crossed),
        .m_valid(m_valid), .m_ready(m_ready), .m_data(m_data)
    );

endmodule

`default_nettype wire
