// SPDX-License-Identifier: Apache-2.0
//
// axgen_fifo_watch: writes down how full a FIFO was at most. Simulation only.
//
// Function    Whenever more beats have been pushed and not popped than ever before, one line with their number goes to FILE,
//             which is created at time 0: its last line is the high-water mark. push, pop: a beat enters, leaves the FIFO in
//             this cycle.
// Latency     none: it watches. Throughput one beat per cycle. Handshake: none.
// Legal       FILE not empty.
`default_nettype none

module axgen_fifo_watch #(
    parameter FILE = ""
) (
    input wire clk,
    input wire rst,
    input wire push,
    input wire pop
);

    generate
        if (FILE == "") begin : g_illegal
            ILLEGAL_PARAMETER_axgen_fifo_watch illegal ();
        end
    endgenerate

    integer file, fill, most;
    initial begin
        file = $fopen(FILE, "w");
        fill = 0;
        most = 0;
    end

    always @(posedge clk)
        if (!rst) begin
            fill = fill + (push ? 1 : 0) - (pop ? 1 : 0);
            if (fill > most) begin
                most = fill;
                $fdisplay(file, "%0d", most);
            end
        end

endmodule

`default_nettype wire
