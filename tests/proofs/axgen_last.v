// SPDX-License-Identifier: Apache-2.0
//
// axgen_last marks every BEATS-th handshake, counted from reset.
module proof_axgen_last #(
    parameter BEATS = 5
) (
    input wire clk,
    input wire rst,
    input wire valid,
    input wire ready
);
    wire      last;
    reg [7:0] beats;                                            // since the last one of an image

    proof_start start (.clk(clk), .rst(rst));
    axgen_last #(.BEATS(BEATS)) dut (.clk(clk), .rst(rst), .valid(valid), .ready(ready), .last(last));
    always @(posedge clk)
        if (rst)
            beats <= 0;
        else if (valid && ready)
            beats <= beats == BEATS - 1 ? 0 : beats + 1;

    (* hierconn *) wire [$clog2(BEATS)-1:0] \dut.u_count.unused_value ;
    always @*
        if (!rst) begin
            assert(beats < BEATS && beats == \dut.u_count.unused_value );
            assert(last == (beats == BEATS - 1));
        end
endmodule
