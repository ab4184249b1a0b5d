// SPDX-License-Identifier: Apache-2.0
//
// axgen_load writes the first DEPTH*LOAD_W beats of a load, each once, to its place, and hands on all others as they came.
module proof_axgen_load #(
    parameter WIDTH = 40,
    parameter DEPTH = 3
) (
    input wire        clk,
    input wire        rst,
    input wire        s_valid,
    input wire [32:0] s_data
);
    localparam LANES = (WIDTH + 31) / 32, MINE = LANES * DEPTH, ADDR_W = DEPTH > 1 ? $clog2(DEPTH) : 1;
    localparam LANE_W = LANES > 1 ? $clog2(LANES) : 1;
    wire              s_ready, m_valid;
    wire [32:0]       m_data;
    wire [LANES-1:0]  load_we;
    wire [ADDR_W-1:0] load_addr;
    wire [31:0]       load_data;
    reg  [7:0]        at, was_at;                               // the beat's number in the load; MINE: it is not for this memory
    reg               had = 1'b0;                               // a beat came in the cycle before
    reg  [32:0]       was;

    proof_start start (.clk(clk), .rst(rst));
    axgen_load #(.WIDTH(WIDTH), .DEPTH(DEPTH)) dut (
        .clk(clk), .rst(rst), .s_valid(s_valid), .s_ready(s_ready), .s_data(s_data), .m_valid(m_valid), .m_ready(1'b1), .m_data(m_data),
        .load_we(load_we), .load_addr(load_addr), .load_data(load_data)
    );
    always @(posedge clk) begin
        had    <= s_valid && !rst;
        was    <= s_data;
        was_at <= at;
        if (rst || (s_valid && s_data[32]))
            at <= 0;
        else if (s_valid && at != MINE)
            at <= at + 1;
    end

    (* hierconn *) wire              \dut.full ;
    (* hierconn *) wire [LANE_W-1:0] \dut.lane ;
    (* hierconn *) wire [ADDR_W-1:0] \dut.word ;
    always @* begin
        assert(s_ready);
        if (!rst) begin
            assert(at <= MINE && \dut.full == (at == MINE));
            assert(\dut.lane == (at == MINE ? 0 : at % LANES) && \dut.word == (at == MINE ? 0 : at / LANES));
            assert(was_at <= MINE || !had);
            assert(m_valid == (had && was_at == MINE));
            assert(load_we == (had && was_at != MINE ? 1 << was_at % LANES : 0));
            if (had)
                assert(m_data == was && load_data == was[31:0]);
            if (had && was_at != MINE)
                assert(load_addr == was_at / LANES);
        end
    end
endmodule
