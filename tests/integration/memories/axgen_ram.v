// SPDX-License-Identifier: Apache-2.0
//
// A RAM as somebody might put in for axgen_ram: a word that is read while it is written comes with all its bits turned, which
// its users may not mind. With the macro LATE it comes a cycle later than they are told.
`default_nettype none

module axgen_ram #(
    parameter WIDTH  = 8,
    parameter LANE_W = WIDTH,
    parameter DEPTH  = 16,
    parameter ADDR_W = (DEPTH > 1) ? $clog2(DEPTH) : 1
) (
    input  wire                    clk,
    input  wire [WIDTH/LANE_W-1:0] we,
    input  wire [ADDR_W-1:0]       waddr,
    input  wire [WIDTH-1:0]        wdata,
    input  wire                    re,
    input  wire [ADDR_W-1:0]       raddr,
    output wire [WIDTH-1:0]        rdata
);

    reg [WIDTH-1:0] mem [0:DEPTH-1];
    reg [WIDTH-1:0] word, before;

    integer i;
    always @(posedge clk) begin
        for (i = 0; i < WIDTH / LANE_W; i = i + 1)
            if (we[i])
                mem[waddr][i*LANE_W +: LANE_W] <= wdata[i*LANE_W +: LANE_W];
        before <= word;
        if (re)
            word <= ((|we) && waddr == raddr) ? ~mem[raddr] : mem[raddr];
    end

`ifdef LATE
    assign rdata = before;
`else
    assign rdata = word;
`endif

endmodule

`default_nettype wire
