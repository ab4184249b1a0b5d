// SPDX-License-Identifier: Apache-2.0
//
// A ROM as somebody might put in for axgen_rom. With the macro LATE a word comes a cycle later than its users are told.
`default_nettype none

module axgen_rom #(
    parameter WIDTH     = 8,
    parameter DEPTH     = 16,
    parameter INIT_FILE = "",
    parameter ADDR_W    = (DEPTH > 1) ? $clog2(DEPTH) : 1
) (
    input  wire              clk,
    input  wire              re,
    input  wire [ADDR_W-1:0] raddr,
    output wire [WIDTH-1:0]  rdata
);

    reg [WIDTH-1:0] mem [0:DEPTH-1];
    reg [WIDTH-1:0] word, before;

    initial $readmemh(INIT_FILE, mem);
    always @(posedge clk) begin
        before <= word;
        if (re)
            word <= mem[raddr];
    end

`ifdef LATE
    assign rdata = before;
`else
    assign rdata = word;
`endif

endmodule

`default_nettype wire
