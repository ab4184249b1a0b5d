// SPDX-License-Identifier: Apache-2.0
//
// axgen_top for the test of tb_dataflow: 20 bytes an image in, two beats of 10 bytes out. BUG 1: tlast too early. BUG 2: data
// change under stall. BUG 3: stops after one beat. BUG 4: a beat too many.
`default_nettype none
`ifndef BUG
`define BUG 0                                               // iverilog -DBUG=N
`endif

module axgen_top #(
    parameter BUG = `BUG
) (
    input  wire        clk,
    input  wire        rst,
    input  wire [7:0]  s_axis_tdata,
    input  wire        s_axis_tvalid,
    output wire        s_axis_tready,
    input  wire        s_axis_tlast,
    output wire [79:0] m_axis_tdata,
    output wire        m_axis_tvalid,
    input  wire        m_axis_tready,
    output wire        m_axis_tlast
);

    wire        valid;
    wire [79:0] data;
    reg  [7:0]  beats, noise;

    axgen_gearbox #(.CODE_W(8), .IN(1), .OUT(10), .PER_PIXEL(20)) u_gearbox (
        .clk(clk), .rst(rst), .s_valid(s_axis_tvalid), .s_ready(s_axis_tready), .s_data(s_axis_tdata),
        .m_valid(valid), .m_ready(m_axis_tready), .m_data(data)
    );
    axgen_last #(.BEATS(BUG == 1 ? 3 : 2)) u_last (
        .clk(clk), .rst(rst), .valid(m_axis_tvalid), .ready(m_axis_tready), .last(m_axis_tlast)
    );

    assign m_axis_tvalid = (BUG == 3 && beats != 8'd0) ? 1'b0 : (BUG == 4 && beats == 8'd6) ? 1'b1 : valid;
    assign m_axis_tdata  = (BUG == 2) ? {data[79:8], noise} : data;

    always @(posedge clk) begin
        noise <= rst ? 8'd0 : noise + 8'd1;
        if (rst)
            beats <= 8'd0;
        else if (m_axis_tvalid && m_axis_tready)
            beats <= beats + 8'd1;
    end

    wire complete;
    axgen_stream_trace #(.WIDTH(80), .FILE("trace.txt")) u_trace (
        .clk(clk), .rst(rst), .valid(m_axis_tvalid), .ready(m_axis_tready), .data(m_axis_tdata), .complete(complete)
    );

    wire unused = &{1'b0, s_axis_tlast, complete};

endmodule

`default_nettype wire
