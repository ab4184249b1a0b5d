// SPDX-License-Identifier: Apache-2.0
//
// axgen_stream_trace: writes down what passes a stream. Simulation only.
//
// Function    At every handshake (valid && ready, not in reset) one line with the data in hexadecimal goes to FILE, which is
//             created at time 0. Place it beside any stream inside a top. `complete`: as many beats have passed as
//             +images=N (default 1) images of BEATS beats have.
// Latency     none: it watches. Throughput one beat per cycle. Handshake: it never holds up a beat.
// Legal       WIDTH, BEATS >= 1; FILE not empty.
`default_nettype none

module axgen_stream_trace #(
    parameter WIDTH = 8,
    parameter BEATS = 1,
    parameter FILE  = ""
) (
    input  wire             clk,
    input  wire             rst,
    input  wire             valid,
    input  wire             ready,
    input  wire [WIDTH-1:0] data,
    output reg              complete
);

    generate
        if (WIDTH < 1 || BEATS < 1 || FILE == "") begin : g_illegal
            ILLEGAL_PARAMETER_axgen_stream_trace illegal ();
        end
    endgenerate

    integer file, images, image, beat;
    initial begin
        file     = $fopen(FILE, "w");
        images   = 1;
        image    = 0;
        beat     = 0;
        complete = 1'b0;
        if ($value$plusargs("images=%d", images)) begin end
    end

    always @(posedge clk)
        if (!rst && valid && ready) begin
            $fdisplay(file, "%h", data);
            beat <= (beat == BEATS - 1) ? 0 : beat + 1;
            if (beat == BEATS - 1) begin
                image    <= image + 1;
                complete <= (image + 1 >= images);
            end
        end

endmodule

`default_nettype wire
