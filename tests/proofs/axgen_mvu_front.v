// SPDX-License-Identifier: Apache-2.0
//
// axgen_mvu_front gives every window word once, in order, with its marks, and its weights stand still with it. STREAM: it takes a word of
// weights with each window word that turns to the next ones, none else, and that word is what they meet.
module proof_axgen_mvu_front #(
    parameter CODE_W = 2,
    parameter STREAM = 0
) (
    input wire              clk,
    input wire              rst,
    input wire              s_valid,
    input wire              m_ready,
    input wire              s_first,
    input wire              s_last,
    input wire              s_next,
    input wire              w_valid,
    input wire [1:0]        w_data,
    input wire [CODE_W-1:0] s_data
);
    wire              s_ready, w_ready, m_valid, m_first, m_last, m_next;
    wire [CODE_W-1:0] act;
    wire [1:0]        weight;
    wire [7:0]        count;
    wire [CODE_W+2:0] word, sent_word = {m_next, m_last, m_first, act};

    proof_start start (.clk(clk), .rst(rst));
    axgen_mvu_front #(.CODE_W(CODE_W), .WEIGHT_W(2), .PE(1), .SIMD(1), .NF(2), .SF(2), .WEIGHT_FILE("rom.hex"), .STREAM(STREAM)) dut (
        .clk(clk), .rst(rst), .s_valid(s_valid), .s_ready(s_ready), .s_data(s_data), .s_first(s_first), .s_last(s_last), .s_next(s_next),
        .w_valid(w_valid), .w_ready(w_ready), .w_data(w_data),
        .m_valid(m_valid), .m_ready(m_ready), .m_act(act), .m_weight(weight), .m_first(m_first), .m_last(m_last), .m_next(m_next)
    );
    proof_stream #(.WIDTH(CODE_W+5)) sent (
        .clk(clk), .rst(rst), .valid(m_valid), .ready(m_ready), .data({weight, sent_word})
    );
    proof_queue #(.WIDTH(CODE_W+3), .ROOM(1)) queue (
        .clk(clk), .rst(rst), .push(s_valid && s_ready), .s_data({s_next, s_last, s_first, s_data}),
        .m_valid(m_valid), .m_ready(m_ready), .m_data(sent_word), .count(count), .word(word)
    );
    reg       fresh;                                            // the next window word turns to the next weights
    reg [1:0] last_word;
    wire      push = s_valid && s_ready;
    always @(posedge clk) begin
        if (rst)
            fresh <= 1'b1;
        else if (push)
            fresh <= s_next;
        if (w_valid && w_ready)
            last_word <= w_data;
    end

    (* hierconn *) wire \dut.fresh ;
    always @*
        if (!rst) begin
            assert(count == m_valid && \dut.fresh == fresh);
            if (STREAM != 0) begin
                assert((w_valid && w_ready) == (push && fresh));
                assert(!m_valid || weight == last_word);
            end else
                assert(!w_ready);
        end
endmodule
