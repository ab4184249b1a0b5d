// SPDX-License-Identifier: Apache-2.0
//
// axgen_weight_port hands on the words that come, each once and in order; what it drops is the rest of a pass, after the layer was reset,
// so that a layer begins with the first word of a pass.
module proof_axgen_weight_port #(
    parameter WORDS = 3
) (
    input wire       clk,
    input wire       rst,
    input wire       run,
    input wire       s_valid,
    input wire       m_ready,
    input wire [1:0] s_data
);
    wire       s_ready, m_valid, held, pop;
    wire       run_rst = rst || !run;
    wire [1:0] m_data;
    wire [7:0] count;
    wire [3:0] word;
    reg  [7:0] at;                                              // place in its pass of the word that leaves next, dropped or not
    reg        begins;                                          // the layer was reset, and has taken nothing since

    proof_start start (.clk(clk), .rst(rst));
    axgen_weight_port #(.WIDTH(2), .WORDS(WORDS)) dut (
        .clk(clk), .rst(rst), .run_rst(run_rst), .s_valid(s_valid), .s_ready(s_ready), .s_data(s_data), .m_valid(m_valid),
        .m_ready(m_ready), .m_data(m_data)
    );
    proof_stream #(.WIDTH(2)) sent (.clk(clk), .rst(run_rst), .valid(m_valid), .ready(m_ready), .data(m_data));
    proof_queue #(.WIDTH(2), .ROOM(2)) queue (
        .clk(clk), .rst(rst), .push(s_valid && s_ready), .s_data(s_data), .m_valid(\dut.held ), .m_ready(\dut.pop ), .m_data(m_data),
        .count(count), .word(word)
    );
    always @(posedge clk) begin
        if (rst)
            at <= 0;
        else if (\dut.held && \dut.pop )
            at <= at == WORDS - 1 ? 0 : at + 1;
        if (run_rst)
            begins <= 1'b1;
        else if (m_valid && m_ready)
            begins <= 1'b0;
    end

    (* hierconn *) wire       \dut.held ;
    (* hierconn *) wire       \dut.pop ;
    (* hierconn *) wire       \dut.skip ;
    (* hierconn *) wire       \dut.begun ;
    (* hierconn *) wire [1:0] \dut.u_slice.skid_data ;
    (* hierconn *) wire       \dut.u_slice.skid_valid ;
    (* hierconn *) wire [$clog2(WORDS)-1:0] \dut.u_word.unused_value ;
    always @*
        if (!rst) begin
            assert(at < WORDS && \dut.u_word.unused_value == at && \dut.begun == (at != 0));
            assert(count == \dut.held + \dut.u_slice.skid_valid && (\dut.held || !\dut.u_slice.skid_valid ));
            assert(!\dut.u_slice.skid_valid || word[2 +: 2] == \dut.u_slice.skid_data );
            assert(!begins || !m_valid || at == 0);             // the first word that a layer sees
            assert(!begins || at == 0 || \dut.skip );
            assert(!\dut.skip || begins);
            assert(!\dut.pop || (m_valid && m_ready) || (\dut.skip && at != 0)); // nothing else is dropped
            assert(!m_valid || !run_rst);
            assert(!(m_valid && m_ready) || \dut.pop );
        end
endmodule
