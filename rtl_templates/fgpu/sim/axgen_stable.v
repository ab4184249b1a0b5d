// SPDX-License-Identifier: Apache-2.0
//
// axgen_stable: checks one field of a valid/ready port. Simulation only.
//
// Function    While valid is high and ready low, valid and the field must stay as they are. If they do not, a line
//             `error ...` that names the field goes to the standard output and the simulation ends.
// Latency     the cycle after the one in which the port waited.
// Throughput  looks every cycle.
// Handshake   only watches.
// Legal       WIDTH >= 1.
`default_nettype none

module axgen_stable #(
    parameter WIDTH = 1,                           // bits of the field
    parameter NAME  = "a field"                    // what a message calls it
) (
    input wire             clk,
    input wire             rst,
    input wire             valid,
    input wire             ready,
    input wire [WIDTH-1:0] data
);

    reg             waited;
    reg [WIDTH-1:0] was;
    initial waited = 1'b0;
    always @(posedge clk) begin
        waited <= !rst && valid && !ready;
        was    <= data;
        if (waited && !rst && valid !== 1'b1) begin
            $display("error the request with %0s was withdrawn while ready was low", NAME);
            $finish;
        end else if (waited && !rst && data !== was) begin
            $display("error %0s changed while ready was low", NAME);
            $finish;
        end
    end

endmodule

`default_nettype wire
