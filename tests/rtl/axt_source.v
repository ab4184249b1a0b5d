// SPDX-License-Identifier: Apache-2.0
//
// axt_source: stream source of the core tests. Gives the COUNT words of FILE ($readmemh) in order; STALLS = 0: always valid,
// else a seed for random gaps (half of the beats, now and then a long one).
`default_nettype none

module axt_source #(
    parameter WIDTH  = 8,
    parameter COUNT  = 1,
    parameter FILE   = "",
    parameter STALLS = 0
) (
    input  wire             clk,
    input  wire             rst,
    output reg              valid,
    input  wire             ready,
    output reg  [WIDTH-1:0] data
);

    reg [WIDTH-1:0] mem [0:COUNT-1];
    integer at, gap;
    reg [31:0] r;

    initial begin
        $readmemh(FILE, mem);
        at    = 0;
        gap   = 0;
        r     = 32'h9e3779b9 ^ STALLS;
        valid = 1'b0;
        data  = {WIDTH{1'b0}};
    end

    always @(posedge clk)
        if (!rst && (!valid || ready)) begin
            if (STALLS != 0 && gap == 0) begin
                r = r ^ (r << 13);
                r = r ^ (r >> 17);
                r = r ^ (r << 5);
                gap = (r[13:8] == 6'd0) ? {26'd0, r[21:16]} : {31'd0, r[24]};
            end else if (gap != 0) begin
                gap = gap - 1;
            end
            if (at < COUNT && gap == 0) begin
                valid <= 1'b1;
                data  <= mem[at];
                at    = at + 1;
            end else begin
                valid <= 1'b0;
                data  <= ~data;                                 // nobody may rely on it
            end
        end

endmodule

`default_nettype wire
