// SPDX-License-Identifier: Apache-2.0
//
// axgen_slice: register slice (skid buffer): cuts every combinational path of a stream, that of `ready` too.
//
// Function    beats leave in the order they came. m_valid, m_data and s_ready come from registers. The second register takes
//             the beat that is on its way when m_ready falls.
// Latency     1 cycle.
// Throughput  one beat per cycle.
// Handshake   valid/ready. No path from m_ready to s_ready, none from s_valid and s_data to the output.
// Legal       WIDTH >= 1: bits of a beat.
`default_nettype none

module axgen_slice #(
    parameter WIDTH = 8
) (
    input  wire             clk,
    input  wire             rst,
    input  wire             s_valid,
    output wire             s_ready,
    input  wire [WIDTH-1:0] s_data,
    output wire             m_valid,
    input  wire             m_ready,
    output wire [WIDTH-1:0] m_data
);

    generate
        if (WIDTH < 1) begin : g_illegal
            ILLEGAL_PARAMETER_axgen_slice illegal ();
        end
    endgenerate

    reg             out_valid, skid_valid;
    reg [WIDTH-1:0] out_data, skid_data;
    wire            out_free = !out_valid || m_ready;

    assign m_valid = out_valid;
    assign m_data  = out_data;
    assign s_ready = !skid_valid;

    always @(posedge clk) begin
        if (rst) begin
            out_valid  <= 1'b0;
            skid_valid <= 1'b0;
        end else if (out_free) begin
            out_valid  <= s_valid || skid_valid;
            skid_valid <= 1'b0;
        end else begin
            skid_valid <= skid_valid || s_valid;
        end
        if (out_free)
            out_data <= skid_valid ? skid_data : s_data;
        if (s_ready)
            skid_data <= s_data;
    end

endmodule

`default_nettype wire
