// SPDX-License-Identifier: Apache-2.0
//
// axgen_fork: gives every beat of a stream to N receivers, each at its own time.
//
// Function    m_valid[i] is high until receiver i has taken the beat; the beat leaves the input when all have.
// Latency     0.
// Throughput  one beat per cycle. A receiver that stalls holds back the others by one beat: put an axgen_fifo behind it.
// Handshake   s_ready is combinational from m_ready; m_valid does not depend on m_ready.
// Legal       WIDTH >= 1, N >= 1.
`default_nettype none

module axgen_fork #(
    parameter WIDTH = 8,
    parameter N     = 2
) (
    input  wire             clk,
    input  wire             rst,
    input  wire             s_valid,
    output wire             s_ready,
    input  wire [WIDTH-1:0] s_data,
    output wire [N-1:0]     m_valid,
    input  wire [N-1:0]     m_ready,
    output wire [WIDTH-1:0] m_data
);

    generate
        if (WIDTH < 1 || N < 1) begin : g_illegal
            ILLEGAL_PARAMETER_axgen_fork illegal ();
        end
    endgenerate

    reg [N-1:0] done;                                           // who has this beat already

    assign m_valid = {N{s_valid}} & ~done;
    assign m_data  = s_data;
    assign s_ready = &(done | m_ready);

    always @(posedge clk)
        if (rst || (s_valid && s_ready))
            done <= {N{1'b0}};
        else
            done <= done | (m_valid & m_ready);

endmodule

`default_nettype wire
