// SPDX-License-Identifier: Apache-2.0
//
// axgen_stream_trace: writes down what passes a stream. Simulation only.
//
// Function    At every handshake (valid && ready, not in reset) one line with the data in hexadecimal goes to FILE, which is
//             created at time 0. Place it beside any stream inside a top.
// Latency     none: it watches. Throughput one beat per cycle. Handshake: drives nothing.
// Legal       WIDTH >= 1; FILE not empty.
`default_nettype none

module axgen_stream_trace #(
    parameter WIDTH = 8,
    parameter FILE  = ""
) (
    input wire             clk,
    input wire             rst,
    input wire             valid,
    input wire             ready,
    input wire [WIDTH-1:0] data
);

    generate
        if (WIDTH < 1 || FILE == "") begin : g_illegal
            ILLEGAL_PARAMETER_axgen_stream_trace illegal ();
        end
    endgenerate

    integer file;
    initial file = $fopen(FILE, "w");

    always @(posedge clk)
        if (!rst && valid && ready)
            $fdisplay(file, "%h", data);

endmodule

`default_nettype wire
