// SPDX-License-Identifier: Apache-2.0
//
// proof_stream: a stream keeps AXI4-Stream's rules: valid, once up, stays up with the same data until ready; asserted, or with
// ASSUMED = 1 assumed of what drives the core.
module proof_stream #(
    parameter WIDTH   = 1,
    parameter ASSUMED = 0
) (
    input wire             clk,
    input wire             rst,
    input wire             valid,
    input wire             ready,
    input wire [WIDTH-1:0] data
);
    reg             waits = 1'b0;
    reg [WIDTH-1:0] held;
    wire            kept = !waits || rst || (valid && data == held);

    always @(posedge clk) begin
        waits <= valid && !ready && !rst;
        held  <= data;
    end
    generate
        if (ASSUMED != 0) begin : g_assumed
            always @*
                assume(kept);
        end else begin : g_asserted
            always @*
                assert(kept);
        end
    endgenerate
endmodule
